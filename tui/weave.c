#include "tui/weave.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Frames looked back at for the acknowledgement before. */
#define ACKED_STEPS_MAX 4096
/* Conversations, newest first, for a datagram to a group. */
#define FLOWS_LOOKED_AT 64

static enum transport
transport_of(const struct jsock *s)
{
	if (s->domain == AF_BLUETOOTH)
		return TRANSPORT_RFCOMM;
	return s->type == SOCK_STREAM ? TRANSPORT_TCP : TRANSPORT_UDP;
}

/* The conversation of a socket, seen from its end. */
static const struct flow *
flow_between(const struct weave *w, const struct jsock *s,
    const struct addr *local, const struct addr *peer)
{
	struct addr a = addr_unmap(local), b = addr_unmap(peer);
	const struct flow *f;

	if (a.len == 0 || b.len == 0)
		return NULL;
	f = flow_find(capture_flows(w->capture), transport_of(s), &a, &b);
	/*
	 * Another connection may have used the same ports before, or since. An
	 * accepted socket may be younger than its connection's last packet.
	 */
	if (f == NULL || (s->closed && f->first_ns > s->closed_ns) ||
	    (s->listener == 0 && f->closed_ns != 0 &&
		f->closed_ns < s->opened_ns))
		return NULL;
	return f;
}

/*
 * The conversation of a datagram that came to a group or was broadcast: from
 * the peer to this port at an address that is not the socket's own. Only if
 * there is one such conversation is it known to be that one.
 */
static const struct flow *
flow_to_port(
    const struct weave *w, const struct jsock *s, const struct addr *peer)
{
	const struct flow_table *ft = capture_flows(w->capture);
	struct addr from = addr_unmap(peer);
	const struct flow *found = NULL;
	uint32_t id = flow_next(ft);

	if (s->type != SOCK_DGRAM || peer->len == 0)
		return NULL;
	for (int steps = 0; steps < FLOWS_LOOKED_AT && id-- > flow_first(ft);
	     steps++) {
		const struct flow *f = flow_get(ft, id);

		if (f == NULL || f->proto != PROTO_UDP)
			continue;
		for (int end = 0; end < 2; end++) {
			struct addr one = flow_addr(f, end);
			struct addr other = flow_addr(f, !end);

			if (!addr_equal(&one, &from) ||
			    addr_port(&other) != addr_port(&s->local) ||
			    (s->closed && f->first_ns > s->closed_ns))
				continue;
			if (found != NULL)
				return NULL;
			found = f;
			break; /* both ends may have one address */
		}
	}
	return found;
}

uint32_t
weave_sock_flow(const struct weave *w, uint32_t sock)
{
	const struct jsock *s = journal_sock(w->journal, sock);
	const struct flow *f =
	    s != NULL ? flow_between(w, s, &s->local, &s->peer) : NULL;

	return f != NULL ? f->id : 0;
}

uint32_t
weave_call_sock(const struct call *c)
{
	return c->kind == CALL_ACCEPT && c->phase == CALL_DONE && c->error == 0
		   ? (uint32_t)c->arg[0]
		   : c->sock;
}

/* Which end of it has that address. A capture does not tell an adapter's, but
 * with RFCOMM who accepted is the server. */
static int
end_of(const struct jsock *s, const struct flow *f, const struct addr *own)
{
	struct addr client = flow_addr(f, DIR_CLIENT);

	if (f->proto == PROTO_RFCOMM)
		return s->listener != 0 ? DIR_SERVER : DIR_CLIENT;
	return addr_equal(own, &client) ? DIR_CLIENT : DIR_SERVER;
}

struct woven
weave_call(const struct weave *w, const struct call *c)
{
	const struct jsock *s = journal_sock(w->journal, weave_call_sock(c));
	bool sends = call_sends(c);
	bool receives = call_receives(c);
	const struct addr *local, *peer;
	const struct flow *f;
	struct addr own, client;
	struct woven woven;

	if (s == NULL)
		return (struct woven){0};
	/* A datagram socket has a conversation with each of its peers. */
	local =
	    (sends || receives) && c->local.len != 0 ? &c->local : &s->local;
	peer = (sends || receives) && c->peer.len != 0 ? &c->peer : &s->peer;
	f = flow_between(w, s, local, peer);
	own = addr_unmap(local);
	if (f == NULL && receives && (f = flow_to_port(w, s, peer)) != NULL) {
		struct addr from = addr_unmap(peer);

		client = flow_addr(f, DIR_CLIENT);
		own = flow_addr(
		    f, addr_equal(&from, &client) ? DIR_SERVER : DIR_CLIENT);
	}
	if (f == NULL)
		return (struct woven){0};
	woven = (struct woven){.flow = f->id, .end = end_of(s, f, &own)};
	woven.dir = receives ? !woven.end : woven.end;
	if (sends || receives) {
		woven.from = c->stream_off;
		woven.to = c->stream_off + call_moved(c);
	}
	return woven;
}

/* A connect() on a connected socket sends nothing: the handshake was another
 * call's. */
static bool
opens(const struct call *c)
{
	return (c->kind == CALL_CONNECT && c->error != EISCONN &&
		   c->error != EINVAL) ||
	       c->kind == CALL_ACCEPT;
}

static bool
closes(const struct call *c)
{
	return (c->kind == CALL_CLOSE && c->arg[0] != CALL_END_COPY) ||
	       c->kind == CALL_SHUTDOWN;
}

static bool
overlap(uint64_t a, uint64_t b, uint64_t from, uint64_t to)
{
	return a < to && from < b;
}

/*
 * The stream offset up to which an end had acknowledged before this frame of
 * it: the number in the last one that it sent.
 */
static bool
acked_before(const struct store *store, const struct frame *f, uint64_t *ret)
{
	uint64_t id = f->prev_in_flow;

	for (int steps = 0; steps < ACKED_STEPS_MAX; steps++) {
		const struct record *r = store_record(store, id);

		if (r == NULL)
			return false;
		if (r->dir == f->dir && (r->tcp_flags & TCP_ACK) != 0) {
			*ret = record_ack(r);
			*ret -= *ret > 0;
			return true;
		}
		id = record_before(r, id);
	}
	return false;
}

static bool
frame_has(
    const struct store *store, const struct frame *f, const struct woven *x)
{
	uint64_t from;

	if (x->from == x->to)
		return false;
	if (f->dir == x->dir)
		return overlap(x->from, x->to, f->data_from, f->data_to);
	/* A pure ACK belongs to the bytes that it is first to acknowledge. */
	return f->purpose == PURPOSE_ACK && f->rel_ack > 0 &&
	       acked_before(store, f, &from) &&
	       overlap(x->from, x->to, from, f->rel_ack - 1);
}

bool
weave_joins(const struct weave *w, const struct call *c, const struct frame *f)
{
	struct woven x = weave_call(w, c);

	if (x.flow == 0 || x.flow != f->flow)
		return false;
	if (opens(c))
		return f->purpose == PURPOSE_HANDSHAKE;
	if (closes(c))
		return f->purpose == PURPOSE_TEARDOWN;
	return frame_has(capture_store(w->capture), f, &x);
}

bool
weave_bytes(const struct weave *w, const struct call *c, const struct frame *f,
    uint32_t *ret_from, uint32_t *ret_to)
{
	struct woven x = weave_call(w, c);
	uint64_t from = f->data_from, to = f->data_to;

	if (!weave_joins(w, c, f))
		return false;
	*ret_to = f->sum.payload_off;
	*ret_from = *ret_to - f->sum.transport_len - f->sum.options_len;
	if (f->dir != x.dir || !overlap(x.from, x.to, from, to))
		return true;
	*ret_from = f->sum.payload_off;
	if (x.from > from)
		*ret_from += (uint32_t)(x.from - from);
	*ret_to =
	    f->sum.payload_off + (uint32_t)((x.to < to ? x.to : to) - from);
	return true;
}

/* A datagram socket is often bound to all addresses. */
static bool
is_end(const struct addr *local, const struct addr *end)
{
	return addr_equal(local, end) ||
	       (addr_is_wildcard(local) && addr_port(local) == addr_port(end));
}

/* Is it this conversation's socket? */
static bool
joins_row(const struct weave *w, uint32_t flow, const struct sockrow *row)
{
	const struct flow *f = flow_get(capture_flows(w->capture), flow);
	struct addr local = addr_unmap(&row->local);
	struct addr peer = addr_unmap(&row->peer);

	if (f == NULL ||
	    (row->transport == TRANSPORT_UDP) != (f->proto == PROTO_UDP))
		return false;
	/* A listener has the port, but is no end of the connection. */
	if (row->transport == TRANSPORT_TCP && peer.len == 0)
		return false;
	for (int end = 0; end < 2; end++) {
		struct addr one = flow_addr(f, end), other = flow_addr(f, !end);

		if (is_end(&local, &one) &&
		    (peer.len == 0 || addr_equal(&peer, &other)))
			return true;
	}
	return false;
}

bool
weave_cost(const struct weave *w, const struct call *c, struct range_cost *ret)
{
	struct woven x = weave_call(w, c);

	return x.flow != 0 && x.from != x.to &&
	       ledger_range(capture_ledger(w->capture), x.flow, x.dir, x.from,
		   x.to, ret);
}

/* The first frames of the flow's trailing run of teardown packets. */
static void
find_teardown(const struct weave *w, const struct flow *f, struct exchange *x)
{
	const struct store *store = capture_store(w->capture);
	uint64_t id = f->last_frame;
	const struct record *r;
	int n = 0;

	/* The teardown is at the end, but data may stand within it. */
	for (int steps = 0; steps < 64 && n < WEAVE_FRAMES_MAX; steps++) {
		r = store_record(store, id);
		if (r == NULL)
			break;
		if (r->purpose == PURPOSE_TEARDOWN)
			x->frames[n++] = id;
		id = record_before(r, id);
	}
	x->count = n;
	for (int i = 0; i < n / 2; i++) {
		id = x->frames[i];
		x->frames[i] = x->frames[n - 1 - i];
		x->frames[n - 1 - i] = id;
	}
}

static void
find_handshake(const struct weave *w, const struct flow *f, struct exchange *x)
{
	const uint64_t ids[] = {f->syn_frame, f->syn_ack_frame, f->ack_frame};
	const struct store *store = capture_store(w->capture);

	for (int i = 0; i < 3; i++)
		if (store_record(store, ids[i]) != NULL)
			x->frames[x->count++] = ids[i];
}

bool
weave_exchange(
    const struct weave *w, const struct call *c, struct exchange *ret)
{
	struct woven x = weave_call(w, c);
	const struct flow *f = flow_get(capture_flows(w->capture), x.flow);
	enum purpose purpose = opens(c) ? PURPOSE_HANDSHAKE : PURPOSE_TEARDOWN;
	const struct record *first, *last;

	*ret = (struct exchange){0};
	if (f == NULL || !(opens(c) || closes(c)))
		return false;
	for (int dir = 0; dir < 2; dir++) {
		struct cost one = ledger_flow(
		    capture_ledger(w->capture), f->id, dir, purpose);

		cost_add(&ret->cost, &one);
	}
	if (opens(c))
		find_handshake(w, f, ret);
	else
		find_teardown(w, f, ret);
	if (ret->count == 0)
		return false;
	first = store_record(capture_store(w->capture), ret->frames[0]);
	last = store_record(
	    capture_store(w->capture), ret->frames[ret->count - 1]);
	ret->took_ns = last->ts_ns - first->ts_ns;
	return true;
}

/* The newest frame of dir that carries this byte, by going back. */
static uint64_t
frame_at(const struct weave *w, const struct woven *x, uint64_t off)
{
	const struct store *store = capture_store(w->capture);
	const struct flow *f = flow_get(capture_flows(w->capture), x->flow);
	uint64_t id = f != NULL ? f->last_frame : 0;
	const struct record *r;
	struct frame fr;

	while ((r = store_record(store, id)) != NULL) {
		uint64_t seq = (uint64_t)r->seq_hi << 32 | r->seq_lo;

		/* The first byte of a TCP stream has number 1. */
		if (r->dir == x->dir && seq <= off + 1 &&
		    r->purpose != PURPOSE_ACK && store_get(store, id, &fr) &&
		    fr.data_from <= off && off < fr.data_to)
			return id;
		id = record_before(r, id);
	}
	return 0;
}

/* The same from what was read of the stream already. */
static uint64_t
frame_in_stream(const struct stream *s, const struct woven *x, uint64_t off)
{
	size_t i = stream_stretch_at(s, x->dir, off);
	struct stretch t;

	if (i >= stream_stretches(s, x->dir))
		return 0;
	t = stream_stretch(s, x->dir, i);
	return t.from <= off ? t.frame : 0;
}

bool
weave_call_frames(const struct weave *w, const struct stream *s,
    const struct call *c, uint64_t *ret_first, uint64_t *ret_last)
{
	struct woven x = weave_call(w, c);
	struct exchange e;
	uint64_t first, last;

	if (x.flow == 0)
		return false;
	if (weave_exchange(w, c, &e)) {
		*ret_first = e.frames[0];
		*ret_last = e.frames[e.count - 1];
		return true;
	}
	if (x.from == x.to)
		return false;
	if (s != NULL && stream_flow(s) == x.flow) {
		first = frame_in_stream(s, &x, x.from);
		last = frame_in_stream(s, &x, x.to - 1);
	} else {
		first = frame_at(w, &x, x.from);
		last = frame_at(w, &x, x.to - 1);
	}
	if (first == 0 || last == 0)
		return false;
	*ret_first = first < last ? first : last;
	*ret_last = first < last ? last : first;
	return true;
}

bool
weave_lit_call(
    const struct weave *w, const struct selection *sel, const struct call *c)
{
	struct frame f;
	const struct call *other;
	struct woven a, b;

	switch (sel->kind) {
	case SELECTED_FRAME:
		return store_get(capture_store(w->capture), sel->id, &f) &&
		       weave_joins(w, c, &f);
	case SELECTED_CALL:
		other = journal_call(w->journal, (uint32_t)sel->id);
		if (other == NULL || other == c)
			return false;
		a = weave_call(w, other);
		b = weave_call(w, c);
		if (a.flow == 0 || a.flow != b.flow)
			return false;
		if (opens(other) || opens(c))
			return opens(other) && opens(c);
		if (closes(other) || closes(c))
			return closes(other) && closes(c);
		return a.dir == b.dir && overlap(a.from, a.to, b.from, b.to);
	case SELECTED_BYTE:
	case SELECTED_SOCKET:
		return sel->flow != 0 &&
		       weave_sock_flow(w, weave_call_sock(c)) == sel->flow;
	case SELECTED_NONE:
		return false;
	}
	return false;
}

bool
weave_lit_frame(
    const struct weave *w, const struct selection *sel, const struct frame *f)
{
	const struct call *c;

	switch (sel->kind) {
	case SELECTED_CALL:
		c = journal_call(w->journal, (uint32_t)sel->id);
		return c != NULL && weave_joins(w, c, f);
	case SELECTED_SOCKET:
		return sel->flow != 0 && f->flow == sel->flow;
	case SELECTED_FRAME:
	case SELECTED_BYTE:
	case SELECTED_NONE:
		return false;
	}
	return false;
}

/* Where the stream of dir is at a frame: its own bytes, or those it has. */
static uint64_t
offset_at(const struct frame *f, int dir, bool behind)
{
	if (f->dir == dir)
		return behind ? f->data_to : f->data_from;
	return f->rel_ack > 0 ? f->rel_ack - 1 : 0;
}

bool
weave_lit_run(const struct weave *w, const struct selection *sel,
    const struct frame *first, const struct frame *last)
{
	const struct call *c;
	struct woven x;

	if (sel->kind == SELECTED_SOCKET)
		return sel->flow != 0 && first->flow == sel->flow;
	if (sel->kind != SELECTED_CALL)
		return false;
	c = journal_call(w->journal, (uint32_t)sel->id);
	if (c == NULL)
		return false;
	x = weave_call(w, c);
	return x.flow == first->flow && x.from < x.to &&
	       overlap(x.from, x.to, offset_at(first, x.dir, false),
		   offset_at(last, x.dir, true));
}

bool
weave_lit_end(const struct weave *w, const struct selection *sel,
    const struct addr *a, uint8_t proto)
{
	const struct flow *f = flow_get(capture_flows(w->capture), sel->flow);

	for (int end = 0; f != NULL && f->proto == proto && end < 2; end++) {
		struct addr one = flow_addr(f, end);

		if (addr_equal(&one, a))
			return true;
	}
	return false;
}

bool
weave_lit_row(const struct weave *w, const struct selection *sel,
    const struct sockrow *row)
{
	return sel->flow != 0 && joins_row(w, sel->flow, row);
}
