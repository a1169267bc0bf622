/*
 * net/call_impl.h - how a traced call is written. For net/call*.c only.
 *
 *   call.c         sockets, bytes out and in, notes
 *   call_option.c  options, and the errors that ICMP left
 *   call_epoll.c   epoll sets
 *   call_name.c    names
 *   call_bluetooth.c  channels, by SDP
 *
 * Every traced call is written in the same way:
 *
 *	prepare(&c, CALL_X, s);		the kind of call, and on what
 *	c.arg[0] = ...			what else is known before it is made
 *	while (to_be_made(a, &c))
 *		take(&c, x(s->fd, ...));	the system call itself
 *	if (c.error == 0) ...		what it returned beside its result
 *	return actor_call_end(a, &c);
 *
 * A call that was refused (a stop, an interrupt) has its reason in c.error as
 * one that failed, so nothing needs to tell the two apart.
 */
#ifndef SOCKDECK_NET_CALL_IMPL_H
#define SOCKDECK_NET_CALL_IMPL_H

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "net/call.h"
#include "net/engine.h"

/*
 * Everything but data[], which is most of the record and is defined only up
 * to data_len: clearing it would cost more than both clock readings.
 */
static inline void
prepare(struct call *c, enum call_kind kind, const struct sock *s)
{
	memset(c, 0, offsetof(struct call, data));
	c->kind = (uint8_t)kind;
	c->sock = s->id;
	c->fd = s->fd;
	c->local = s->local;
	c->peer = s->peer;
}

/*
 * Is it to be made, or made again? Again after an EINTR that nobody asked for:
 * the signal that stopped an earlier call may arrive late. (On Linux a second
 * connect() waits for the first one's handshake.)
 */
static inline bool
to_be_made(struct actor *a, struct call *c)
{
	if (c->id == 0)
		return actor_call_begin(a, c);
	return c->error == EINTR && actor_call_again(a);
}

/* The system call's result into the record; errno is still its own. */
static inline void
take(struct call *c, int64_t result)
{
	c->error = result < 0 ? errno : 0;
	c->result = result < 0 ? -1 : result;
}

static inline void
copy_data(struct call *c, const void *data, size_t n)
{
	c->data_len = (uint16_t)(n < CALL_DATA_MAX ? n : CALL_DATA_MAX);
	if (c->data_len > 0) /* an empty datagram may have no bytes at all */
		memcpy(c->data, data, c->data_len);
}

#endif
