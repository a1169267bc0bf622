/*
 * net/pycode_impl.h - the pieces that programs are made of. For
 * net/pycode*.c only.
 *
 *   pycode.c          a program's lines, and which one makes a call
 *   pycode_write.c    putting one together
 *   pycode_frame.c    what surrounds a service: server models, clients
 *   pycode_service.c  the services
 *   pycode_struct.c   those of packed records, and their clients
 *   pycode_thermal.c  the thermal camera
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
	const char *imports; /* besides the model's; NULL: none */
	const char *keeps; /* @KEEPS@ in functions: what is kept of a client */
	/* What @TAKE@ in functions stands for over the one and the other. */
	const char *on_stream, *on_datagrams;
	bool silent; /* answer may be b"": then nothing is sent */
};

/* What a client says and understands, in place of lines as they are. */
struct pycode_talk {
	const char *imports, *constants, *functions;
	const char *each; /* the head of the loop that sends */
	const char *message; /* what is sent in it */
	const char *pause; /* behind that; "" */
	const char *begin; /* before anything is received from a stream */
	const char *stream, *datagram; /* data was received */
};

/* By the service's name; NULL: there is no program for it. */
const struct pycode_service *pycode_service_find(const char *name);
extern const struct pycode_service pycode_struct, pycode_telemetry,
    pycode_thermal;
extern const struct pycode_talk pycode_lines_talk;
extern const struct pycode_talk pycode_struct_talk, pycode_telemetry_talk;
/* http with a directory: how a page is found. */
extern const char pycode_http_root[], pycode_http_page[];

/* The frames (pycode_frame.c). */
extern const char pycode_blocking_server[];
extern const char pycode_one_at_a_time[];
extern const char pycode_a_thread_each[];
extern const char pycode_event_server[];
extern const char pycode_more_method[];
extern const char pycode_send_more[];
extern const char pycode_datagram_server[];
extern const char pycode_join_group[], pycode_join_group6[];
extern const char pycode_selector[];
extern const char pycode_answer_here[];
extern const char pycode_answer_thread[];
extern const char pycode_if_named[];
extern const char pycode_if_any[];
extern const char pycode_count_it[];
extern const char pycode_first_of_each[];
extern const char pycode_stream_client[];
extern const char pycode_datagram_client[];
extern const char pycode_start_later[];

#endif
