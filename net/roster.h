/*
 * net/roster.h - the clients of a server, as its calls tell: who, since when,
 * how much, and what was said last.
 *
 * A connection is a client from accept() to close(); whoever sends a datagram
 * is one from then on. Fed with the records that come out of engine_pop();
 * records may be missing (a full ring loses them): a client whose accept() was
 * lost is entered with its first message.
 *
 * Owns:   rows, by copy.
 * Bounds: ROSTER_MAX clients; who has left makes room first.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_NET_ROSTER_H
#define SOCKDECK_NET_ROSTER_H

#include "net/call.h"

#define ROSTER_MAX 16384
#define ROSTER_SAID_MAX 64

struct roster_row {
	uint32_t id; /* counts up from 1, in order of arrival */
	uint32_t group,
	    sock; /* its server; its socket, of datagrams that of all */
	int type; /* SOCK_STREAM, SOCK_DGRAM */
	struct addr local, peer;
	int64_t since_ns, left_ns; /* CLOCK_REALTIME; left 0: still here */
	uint64_t received, sent; /* bytes, seen from the server */
	uint32_t messages_in, messages_out; /* recv() and send() calls */
	bool finished; /* it will send no more: recv() returned 0 */
	int error; /* of its last failed call; 0: none */
	/* The first bytes of the last message: the client's or, as long as it
	 * has said nothing, the server's. */
	bool said_by_server;
	uint16_t said_len;
	uint64_t said_total;
	uint8_t said[ROSTER_SAID_MAX];
	char name[32]; /* a Unix socket's peer: its credentials; else "" */
};

struct roster;

struct roster *roster_new(void);
void roster_free(struct roster *r);
/* Calls of other sides, and calls under way, are passed over. */
void roster_feed(struct roster *r, const struct call *c);

/* NULL: not there (any more). */
const struct roster_row *roster_get(const struct roster *r, uint32_t id);
/* The row after (before) id, 0 at the end; from 0: the first (last). */
uint32_t roster_next(const struct roster *r, uint32_t id);
uint32_t roster_prev(const struct roster *r, uint32_t id);
/* Whose call is it? 0: nobody's. */
uint32_t roster_of_call(const struct roster *r, const struct call *c);
/* Is it on this client's connection; of datagrams, an exchange with it? */
bool roster_is_of(const struct roster *r, uint32_t id, const struct call *c);
/* A connection's client; NULL: none. */
const struct roster_row *roster_of_sock(const struct roster *r, uint32_t sock);
/* How many of this server are here now. */
size_t roster_here(const struct roster *r, uint32_t group);
/* Changes whenever a row does. */
uint64_t roster_gen(const struct roster *r);

#endif
