/*
 * tui/wiretap.h - the wire of a lab, and who is told what crosses it.
 *
 * The wire feeds one source for as long as it is there; a second one may listen
 * for a while (a comparison counts its own packets).
 *
 * Owns:   the wire; not the sources.
 * Thread: main; the wire's thread feeds the sources.
 * Blocks: as net/wire.h says.
 */
#ifndef SOCKDECK_TUI_WIRETAP_H
#define SOCKDECK_TUI_WIRETAP_H

#include <stdatomic.h>

#include "capture/source.h"
#include "net/lab.h"
#include "net/wire.h"

/* Who hears of each packet in the wire's thread, and must not block. */
struct wiretap_ear {
	void (*packet)(void *arg, const struct packet *p);
	void *arg;
};

struct wiretap {
	struct wire *wire; /* NULL: there is none */
	struct source *source; /* NULL: none, only the listener */
	struct wiretap_ear ear; /* packet NULL: none */
	_Atomic(struct source *) listener;
};

/* Begin to carry, and to feed *ret_source (NULL: none is wanted), the caller's
 * to close after wiretap_close(); ear: or NULL. t stays where it is. */
int wiretap_open(struct wiretap *t, const struct lab *lab,
    const struct wiretap_ear *ear, struct source **ret_source, struct err *err);
void wiretap_close(struct wiretap *t);
/* Feed this one, too; NULL: none any more, and the one before is not used once
 * this returns. */
void wiretap_listen(struct wiretap *t, struct source *s);

#endif
