/*
 * net/pycode.h - the Python program of a server or a client.
 *
 * What an actor does, as the program that a course would write for it: the
 * pair of service and server model over its transport, or a client. Each line
 * knows which calls it makes, so that a running call can be pointed out in it.
 * The programs are complete and need nothing but Python's standard library.
 *
 * Owns:   its text.  Bounds: PYCODE_LINES lines.
 * Thread: any.  Blocks: never.  Source: Python's socket, selectors, threading.
 */
#ifndef SOCKDECK_NET_PYCODE_H
#define SOCKDECK_NET_PYCODE_H

#include "net/client.h"
#include "net/journal.h"
#include "net/server.h"

#define PYCODE_LINES 256

struct pycode;

/*
 * The program of this server (client), with its address and its numbers.
 *   local  where it really listens; NULL: where it was asked to
 * NULL, with a sentence, for what Python's standard library cannot do, or
 * without memory.
 */
struct pycode *pycode_server(
    const struct server_spec *spec, const struct addr *local, struct err *err);
/* peer: what the server speaks, and its options; NULL: not known, then lines
 * are sent and bytes shown, as for most services. */
struct pycode *pycode_client(const struct client_spec *spec,
    const struct server_spec *peer, struct err *err);
/* The script that makes the calls of this group of sockets by hand, as far as
 * the journal and PYCODE_LINES go. */
struct pycode *pycode_by_hand(
    const struct journal *j, uint32_t group, struct err *err);
void pycode_free(struct pycode *p);

size_t pycode_count(const struct pycode *p);
const char *pycode_line(const struct pycode *p, size_t i);

/*
 * The line that makes this call; -1: none does.
 *   listener_fd  the server's own descriptor, for calls that it and its
 *                connections both make; -1: not known
 */
int pycode_find(const struct pycode *p, const struct call *c, int listener_fd);

#endif
