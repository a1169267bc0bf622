/*
 * net/wire_rules.h - what is to happen to certain packets, in a user's words.
 *
 *   drop 3rd data segment client->server once
 *   drop every SYN-ACK
 *   delay flags:fin 2s
 *   duplicate every 5th ack server->client
 *   corrupt next data port:7000
 *
 * An ACTION (pass, drop, duplicate, delay, corrupt, reorder), then in any order
 *   which   every (as without); 3rd, every 3rd; next and first: 1st, once
 *   what    packet, tcp, udp, icmp, syn, syn-ack, ack (nothing but that), data,
 *           fin, rst, retransmission, flags:syn,ack; segment and datagram
 *   where   client->server, server->client; port:N of either end
 *   a time for delay (1s), and once: the rule has then done its work
 *
 * A count begins when the rule is given and counts what is sent for the first
 * time, so the 3rd data segment sent again is still the 3rd. The first rule
 * that fits decides.
 *
 * Owns:   nothing; values.  Bounds: WIRE_RULES_MAX.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_WIRE_RULES_H
#define SOCKDECK_NET_WIRE_RULES_H

#include "net/base/err.h"
#include "net/wire_facts.h"
#include "net/wire_path.h"

#define WIRE_RULES_MAX 32
#define WIRE_RULE_TEXT 96
#define WIRE_RULE_DELAY_MAX_NS INT64_C(60000000000)

#define WIRE_CLASSES(X)                     \
	X(PACKET, "packet")                 \
	X(TCP, "tcp")                       \
	X(UDP, "udp")                       \
	X(ICMP, "icmp")                     \
	X(SYN, "syn")                       \
	X(SYN_ACK, "syn-ack")               \
	X(ACK, "ack")                       \
	X(DATA, "data")                     \
	X(FIN, "fin")                       \
	X(RST, "rst")                       \
	X(RETRANSMISSION, "retransmission") \
	X(FLAGS, "flags")

enum wire_class {
#define X(NAME, text) WIRE_CLASS_##NAME,
	WIRE_CLASSES(X)
#undef X
	    WIRE_CLASS_COUNT
};

struct wire_rule {
	struct wire_order order;
	enum wire_class what;
	enum wire_direction direction;
	uint8_t flags; /* of WIRE_CLASS_FLAGS: all of these */
	uint16_t port; /* 0: any */
	uint32_t ordinal; /* 0: every one */
	bool repeats; /* every ordinal-th */
	bool once;
	/* what it has done */
	uint32_t counted;
	uint64_t hits;
	uint64_t chosen; /* the number of what was counted as ordinal-th */
};

struct wire_rules {
	struct wire_rule rule[WIRE_RULES_MAX];
	size_t count;
};

/* 0, or -EINVAL with what was not understood and what there is. */
int wire_rule_parse(const char *words, struct wire_rule *ret, struct err *err);
/* The same rule in words. */
const char *wire_rule_text(const struct wire_rule *r, char dst[WIRE_RULE_TEXT]);
/* Has it done all it can do? */
bool wire_rule_is_done(const struct wire_rule *r);

/* -ENOSPC with a sentence. */
int wire_rules_add(
    struct wire_rules *v, const struct wire_rule *r, struct err *err);
/* -ENOENT: there is no such, counted from 0. */
int wire_rules_remove(struct wire_rules *v, size_t i);
/* What is to happen to this packet; WIRE_NONE: no rule fits. */
struct wire_order wire_rules_match(struct wire_rules *v,
    const struct wire_facts *f, const struct impair_key *key,
    enum wire_direction dir);

#endif
