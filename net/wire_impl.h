/*
 * net/wire_impl.h - what the files of the wire share. For net/wire.c, which has
 * the thread and what main asks of it, and net/wire_carry.c, which carries.
 *
 * Everything below lock is guarded by it; a turn of the thread holds it.
 */
#ifndef SOCKDECK_NET_WIRE_IMPL_H
#define SOCKDECK_NET_WIRE_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/base/wake.h"
#include "net/wire.h"
#include "net/wire_icmp.h"

#define WIRE_FRAME_MAX 65600
#define WIRE_HEAD_MAX 14 /* Ethernet */

struct wire {
	struct wire_port ports[WIRE_PORTS_MAX];
	size_t count;
	size_t head; /* bytes before an IP packet: 0 or WIRE_HEAD_MAX */
	struct wire_sink sink;
	pthread_t thread;
	struct wake mine; /* wakes the wire's thread */
	struct wake news; /* wakes main */
	atomic_uint waiting; /* that want the lock: the thread lets them in */
	atomic_bool stopping;
	/* of the thread alone: */
	bool recorded; /* something that was not flushed */
	int64_t flushed_ns; /* monotonic */

	pthread_mutex_t lock;
	struct wire_settings settings[2];
	struct wire_path *path[2];
	struct wire_rules rules;
	struct wire_flows flows;
	unsigned routers;
	struct wire_router router[WIRE_ROUTERS_MAX];
	bool holds, frozen;
	bool plain; /* nothing is to be looked at but the address */
	uint64_t last_id;
	struct wire_way_count way[2];
	struct wire_port_count port[WIRE_PORTS_MAX];
	uint64_t switched;
	uint8_t buf[WIRE_FRAME_MAX + WIRE_TURN * 1536]; /* what a turn read */
};

/* The address of a router, in the network of the hosts. */
struct wire_router wire_router_of(const struct wire_port *first, unsigned i);
/* Settings, rules or routers have changed. */
void wire_changed(struct wire *w);
/* Read and pass on at most WIRE_TURN packets of a host. True: there may be
 * more. */
bool wire_carry(struct wire *w, size_t from);
/* Deliver what is due, at most WIRE_TURN packets each way. */
void wire_deliver(struct wire *w);
/* When the next is due, monotonic; WIRE_PATH_NEVER. */
int64_t wire_due(const struct wire *w);

#endif
