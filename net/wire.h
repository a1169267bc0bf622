/*
 * net/wire.h - the wire between the hosts of a lab, which is this program.
 *
 * A thread reads what each host sends and writes it to the host whose address
 * it has; what is for many goes to all others. On its way are two directions,
 * one from the clients to the server (and to each other), one from the server
 * (net/wire_path.h); rules (net/wire_rules.h); and as many routers as one likes,
 * that take a hop off each packet and say so when it was the last.
 *
 * Every packet that has crossed, or was lost, goes to the sink, in the order in
 * which that happened, with both times and its fate. Frames that are no IP (ARP)
 * and neighbour discovery pass at once, as through a switch, and are counted.
 *
 * Owns:   its thread and the packets under way; borrows the ports' descriptors.
 * Bounds: WIRE_PORTS_MAX hosts; those of net/wire_path.h for each direction.
 * Thread: main; wire_look() and all that changes something wait for the wire's
 *         thread to end its turn, which has at most WIRE_TURN packets (0.2 ms).
 * Blocks: wire_free() joins the thread.
 * Source: RFC 791 (TTL), RFC 792, RFC 1191, RFC 4443; prctl(2), ppoll(2).
 */
#ifndef SOCKDECK_NET_WIRE_H
#define SOCKDECK_NET_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/err.h"
#include "net/base/packet.h"
#include "net/wire_path.h"
#include "net/wire_port.h"
#include "net/wire_rules.h"

#define WIRE_TURN 64
#define WIRE_ROUTERS_MAX 16
#define WIRE_LINK_TYPE 101 /* LINKTYPE_RAW: IP packets */

/* Where the records go: called by the wire's thread, must not block. */
struct wire_sink {
	void *arg;
	/* A packet that has left the wire or was lost; its bytes are borrowed
	 * until the call returns. iface is the port it came from. */
	void (*packet)(void *arg, const struct packet *p);
	/* There are no more for now. */
	void (*flush)(void *arg);
};

struct wire;

/*
 * Begin to carry. The ports' descriptors stay open until wire_free(); the
 * first is the server's. 0; -EINVAL: fewer than two ports, or of two kinds;
 * -ENOMEM, -EAGAIN: no thread.
 */
int wire_new(const struct wire_port *ports, size_t count,
    const struct wire_sink *sink, struct wire **ret, struct err *err);
/* What is under way is lost. Takes NULL. */
void wire_free(struct wire *w);

/* Readable, after wire_arm(), when something new is held or under way. */
int wire_fd(const struct wire *w);
bool wire_arm(struct wire *w);

/* Wait for the end of the turn: what the sink was told before is done. */
void wire_sync(struct wire *w);

/* ---- how it is ---- */

void wire_get(struct wire *w, struct wire_settings ret[2]);
/* [WIRE_TO_SERVER], [WIRE_TO_CLIENT]; for packets that come from now on. */
void wire_set(struct wire *w, const struct wire_settings ways[2]);
/* Routers on the way, at most WIRE_ROUTERS_MAX; the one next to the clients
 * has the host number 254, the next one 253 ... in the network of the hosts. */
void wire_set_routers(struct wire *w, unsigned routers);
int wire_add_rule(struct wire *w, const struct wire_rule *r, struct err *err);
/* By place, from 0; -1: all. -ENOENT. */
int wire_remove_rule(struct wire *w, int i);
/* Forget which packets were seen: what comes next is counted as the first. */
void wire_forget(struct wire *w);

/* ---- by hand ---- */

/* Hold what comes; or let all go that is held. */
void wire_hold(struct wire *w, bool hold);
/* -ENOENT: no such packet is held. */
int wire_act(struct wire *w, uint64_t id, const struct wire_order *order);
/* Stop the time on the wire. */
void wire_freeze(struct wire *w, bool frozen);
/* Let the one packet out that would come out first. Its id; 0: there is none,
 * or the one before is not out yet. */
uint64_t wire_step(struct wire *w);

/* ---- what is seen of it ---- */

/* A packet that is held or under way. */
struct wire_shown {
	uint64_t id;
	uint8_t direction; /* enum wire_direction */
	bool held, yields; /* yields: the next one is to overtake it */
	uint8_t fate; /* already sealed, unless it is held */
	uint16_t from, to; /* ports; to: WIRE_ALL */
	uint32_t folded; /* copies that a timer has sent while it was held */
	uint32_t nth; /* 0: sent for the first time */
	int64_t entered_ns; /* since the Unix epoch */
	uint32_t done; /* of the way, in thousandths */
	uint32_t len;
	char text[WIRE_FACTS_TEXT];
};
#define WIRE_ALL UINT16_MAX

#define WIRE_SHOWN_MAX 48 /* the held ones first, as they will go */

/* entered + copies = left + those lost or folded + held + flying; a corrupted
 * one has left. */
struct wire_way_count {
	uint64_t entered, entered_bytes, left, left_bytes;
	uint64_t copies; /* made on the way */
	uint64_t fates[FATE_COUNT];
	uint32_t held, flying, queued; /* now; queued: of those flying */
};

/* Of a host's cable: as its interface counts TX and RX. */
struct wire_port_count {
	uint64_t read, written, refused;
};

struct wire_look {
	bool holds, frozen;
	unsigned routers;
	size_t port_count;
	struct wire_settings settings[2];
	struct wire_rules rules;
	struct wire_way_count way[2];
	struct wire_port_count port[WIRE_PORTS_MAX];
	uint64_t switched; /* frames that are no IP, neighbour discovery */
	size_t shown_count;
	struct wire_shown shown[WIRE_SHOWN_MAX];
};

void wire_look(struct wire *w, struct wire_look *ret);
/* Who is at a port: borrowed as long as the wire. */
const struct wire_port *wire_port_at(const struct wire *w, size_t i);

#endif
