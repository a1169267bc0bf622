/*
 * net/trace_wire.h - traced calls on their way from a tracer to the console.
 *
 * One message (of a SOCK_SEQPACKET socket) holds some records, each a kind, a
 * length and a body, all little endian. What is received is untrusted: a record
 * of a wrong length, an enum out of range, a time that runs backwards or a
 * count that could overflow makes the whole message invalid.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_TRACE_WIRE_H
#define SOCKDECK_NET_TRACE_WIRE_H

#include "net/base/bytes.h"
#include "net/call.h"

#define TRACE_WIRE_VERSION 1
#define TRACE_WIRE_MESSAGE 32768 /* bytes of a message at most */
#define TRACE_NAME_MAX 96

enum trace_record_kind {
	TRACE_HELLO = 1, /* the first one: version, pid, name */
	TRACE_CALL, /* call; its ids are the tracer's */
	TRACE_LOST, /* lost: so many were not sent */
	TRACE_END, /* status, as of waitpid(2) */
};

struct trace_record {
	enum trace_record_kind kind;
	uint32_t version;
	int32_t pid;
	char name[TRACE_NAME_MAX]; /* the command line, cut; untrusted */
	uint64_t lost;
	int32_t status;
	struct call call;
};

/* Append a record. Nothing is written, and w.full set, if it does not fit. */
void trace_wire_put(struct wr *w, const struct trace_record *r);
/* The next record of a message. 1; 0: no more; -EPROTO: invalid. */
int trace_wire_get(struct rd *message, struct trace_record *ret);

#endif
