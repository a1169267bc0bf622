/*
 * net/peers.h - the sessions of a datagram server, one for each peer address.
 *
 * A datagram socket has no connections, so who is a known client is the
 * server's own idea: whoever has sent something. The peer heard least lately
 * makes room for a new one.
 *
 * Owns:   the sessions.  Bounds: PEERS_MAX of them.
 * Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_PEERS_H
#define SOCKDECK_NET_PEERS_H

#include "net/service.h"

#define PEERS_MAX 256

struct peers {
	const struct service *service;
	const struct service_options *options; /* borrowed */
	struct addr local;
	struct {
		struct session session;
		uint64_t heard; /* when, in datagrams; 0: a free place */
	} at[PEERS_MAX];
	size_t last; /* the one heard last: most often the next, too */
	uint64_t heard; /* datagrams in all */
};

void peers_init(struct peers *p, const struct service *service,
    const struct service_options *options, const struct addr *local);
void peers_done(struct peers *p);
/* The session of who sent a datagram; NULL: no memory. Borrowed until the next
 * call. */
struct session *peers_session(struct peers *p, const struct addr *from);

#endif
