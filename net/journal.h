/*
 * net/journal.h - the calls that actors made, and the sockets they used.
 *
 * The model behind the server pane, the client pane and the ladder's margins.
 * Fed with the records that come out of engine_pop(); a call is running
 * when it begins and takes its place in the record when it ends, at the time of
 * its effect: a send() had it when it began, a recv() when it returned. So cause
 * stands above effect, whoever was quicker to report. Of most calls only the
 * end is fed; a full ring loses even ends, and a call without one goes with the
 * next record of its actor. A program that goes on to receive after the end of
 * the stream makes thousands of calls that tell nothing new: the first one is
 * kept and counts them.
 *
 * Owns:   call and socket records, by copy.
 * Bounds: JOURNAL_CALLS ended calls, JOURNAL_RUNNING running ones,
 *         JOURNAL_SOCKS sockets and JOURNAL_PEERS peers; the oldest leave first, and holders of an id cope with NULL.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_NET_JOURNAL_H
#define SOCKDECK_NET_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/call.h"

#define JOURNAL_CALLS 16384
#define JOURNAL_RUNNING 16384 /* ENGINE_ACTORS: an actor makes one at a time */
#define JOURNAL_SOCKS 16384
#define JOURNAL_PEERS 4096 /* pairs of a datagram socket and a peer */

/* What became of a socket, as its calls tell. */
struct jsock {
	uint32_t id, group, listener; /* listener: accepted from this sock */
	uint8_t side; /* enum side */
	int fd;
	int domain, type;
	bool listening, connected, closed, peer_closed;
	bool connecting; /* a connect() is under way */
	struct addr local, peer; /* datagrams: of the last one */
	int64_t opened_ns, closed_ns;
	uint64_t sent, received; /* payload bytes */
	int error; /* of the last failed call, 0 if none */
	uint32_t eof_call; /* its last call, if that was a recv() of 0 bytes */
};

struct journal;

struct journal *journal_new(void);
void journal_free(struct journal *j);
void journal_feed(struct journal *j, const struct call *c);

/*
 * The calls that ended, in the order of their effects, as entries in
 * [journal_first, journal_next). NULL: left already, or not there yet. One that
 * is reported late takes its place among the last JOURNAL_MOVES: those before
 * them stay where they are.
 */
#define JOURNAL_MOVES 64
uint32_t journal_first(const struct journal *j);
uint32_t journal_next(const struct journal *j);
const struct call *journal_at(const struct journal *j, uint32_t entry);
/* Calls that are inside the kernel or at the gate now, oldest first. */
uint32_t journal_running(const struct journal *j);
const struct call *journal_running_at(const struct journal *j, uint32_t i);
/* By its id, running or ended. */
const struct call *journal_call(const struct journal *j, uint32_t id);
const struct jsock *journal_sock(const struct journal *j, uint32_t sock);
/* Walk the sockets, newest first: *it starts at 0; NULL at the end. */
const struct jsock *journal_next_sock(const struct journal *j, uint32_t *it);
/* The newest socket that has this local and peer address. NULL: none. */
const struct jsock *journal_find_sock(
    const struct journal *j, const struct addr *local, const struct addr *peer);
/* Changes whenever something was fed. */
uint64_t journal_gen(const struct journal *j);

#endif
