/*
 * net/pycode_impl.h - the pieces that programs are made of. For
 * net/pycode*.c only.
 *
 *   pycode.c          a program's lines, and which one makes a call
 *   pycode_write.c    putting one together
 *   pycode_service.c  the services
 *   pycode_hand.c     calls by hand
 *
 * A piece is lines of "TAGS|CODE\n". TAGS names the calls that the line makes,
 * with commas between: a verb, and behind a colon in which case (listener,
 * conn, add, mod, first, later). @NAME@ in CODE is filled in.
 */
#ifndef SOCKDECK_NET_PYCODE_IMPL_H
#define SOCKDECK_NET_PYCODE_IMPL_H

#include "net/pycode.h"

struct pycode {
	struct buf text; /* of all lines, each with a NUL behind it */
	size_t count;
	struct {
		size_t at; /* in text */
		const char *tags; /* borrowed from a piece, ends at '|' */
		uint32_t call; /* it is this one call's; 0: see tags */
	} line[PYCODE_LINES];
};

struct pycode *pycode_new(void); /* NULL: no memory */
/* Complete, or NULL with the reason. */
struct pycode *pycode_finish(struct pycode *p, struct err *err);
/* Bytes as a Python literal: b"..."; cut to fit. */
void pycode_bytes(char *dst, size_t size, const char *bytes, size_t n);

struct pycode_service {
	const char *name;
	const char *functions; /* that the rest uses; "" */
	const char *serve; /* def serve(conn, addr), blocking */
	/* The event model's: bodies of a connection's methods; more: what it
	 * sends whenever there is room, or "". */
	const char *opened, *received, *more;
	const char *answer; /* to the datagram data from addr; NULL: none */
};

/* By the service's name; NULL: there is no program for it. */
const struct pycode_service *pycode_service_find(const char *name);
/* http with a directory: how a page is found. */
extern const char pycode_http_root[], pycode_http_page[];

#endif
