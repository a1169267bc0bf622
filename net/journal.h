/*
 * net/journal.h - the calls that actors made, and the sockets they used.
 *
 * The model behind the server pane, the client pane and the ladder's margins.
 * Fed with the records that come out of the engine's queue; a call is entered
 * when it begins and completed when it ends. A record may be missing (a full
 * queue loses records): an end without a beginning is entered as complete.
 *
 * Owns:   call and socket records, by copy.
 * Bounds: JOURNAL_CALLS calls and JOURNAL_SOCKS sockets; the oldest leave
 *         first, and holders of an id cope with NULL.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_NET_JOURNAL_H
#define SOCKDECK_NET_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/call.h"

#define JOURNAL_CALLS 16384
#define JOURNAL_SOCKS 4096

/* What became of a socket, as its calls tell. */
struct jsock {
	uint32_t id, group, listener; /* listener: accepted from this sock */
	uint8_t side; /* enum side */
	int fd;
	int domain, type;
	bool listening, connected, closed, peer_closed;
	bool connecting; /* a connect() is under way */
	struct addr local, peer;
	int64_t opened_ns, closed_ns;
	uint64_t sent, received; /* payload bytes */
	int error; /* of the last failed call, 0 if none */
};

struct journal;

struct journal *journal_new(void);
void journal_free(struct journal *j);
void journal_feed(struct journal *j, const struct call *c);

/* Calls have ids in [journal_first, journal_next); some may be missing. */
uint32_t journal_first(const struct journal *j);
uint32_t journal_next(const struct journal *j);
const struct call *journal_call(const struct journal *j, uint32_t id);
const struct jsock *journal_sock(const struct journal *j, uint32_t sock);
/* Walk the sockets, newest first: *it starts at 0; NULL at the end. */
const struct jsock *journal_next_sock(const struct journal *j, uint32_t *it);
/* The newest socket that has this local and peer address. NULL: none. */
const struct jsock *journal_find_sock(
    const struct journal *j, const struct addr *local, const struct addr *peer);
/* Changes whenever something was fed. */
uint64_t journal_gen(const struct journal *j);
/* Calls that are running or gated now: a clock has to tick for them. */
uint32_t journal_running(const struct journal *j);

#endif
