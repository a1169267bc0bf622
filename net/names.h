/*
 * net/names.h - the names of hosts by their addresses, found out behind the
 * scenes.
 *
 * A name server may take many seconds or never answer. So the looking up runs
 * on a thread of its own, one address after the other, and whoever asks gets
 * what is known by then.
 *
 * Owns:   the names, its thread.
 * Bounds: NAMES_MAX hosts; more are not looked up. A name is cut to fit.
 * Thread: main.  Blocks: never, names_free() included: a look-up that is under
 *         way is left to end by itself.
 * Source: getnameinfo(3).
 */
#ifndef SOCKDECK_NET_NAMES_H
#define SOCKDECK_NET_NAMES_H

#include "net/addr.h"

#define NAMES_MAX 1024
#define NAMES_TEXT_MAX 64

struct names;

/* NULL: no memory for it. */
struct names *names_new(void);
void names_free(struct names *n);
/* Have this host looked up, unless it was asked for before. */
void names_ask(struct names *n, const struct addr *a);
/* The name into dst; "" if none is known (yet). It is untrusted text: whoever
 * owns an address chooses its name. */
const char *names_get(
    struct names *n, const struct addr *a, char dst[NAMES_TEXT_MAX]);
/* Changes whenever a name was found. */
uint64_t names_gen(struct names *n);

#endif
