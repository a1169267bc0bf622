/*
 * The numbers that explanations are made of: those of the conversation's past
 * are read once, backwards from the packet.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/why_impl.h"

#define ANSWER_NS INT64_C(5000000) /* what comes so soon is an answer */

/* ---- the past ---- */

static uint64_t
end_of(const struct frame *f)
{
	return f->rel_seq + f->sum.payload_len +
	       ((f->sum.tcp_flags & TCP_SYN) != 0) +
	       ((f->sum.tcp_flags & TCP_FIN) != 0);
}

static void
raise_to(uint64_t *highest, bool *known, uint64_t n)
{
	if (!*known || n > *highest)
		*highest = n;
	*known = true;
}

/* One packet earlier than all that were looked at. */
static void
look_back(struct why_scene *s, const struct frame *b)
{
	struct why_past *p = &s->past;
	const struct frame *f = &s->f;
	int dir = b->dir;
	bool carries = end_of(b) > b->rel_seq;
	/* A keep-alive lies before what it repeats. */
	bool probe = (b->verdicts & VERDICT_KEEP_ALIVE) != 0;

	if (p->window[dir] == 0 && !p->has_acked[dir])
		p->window[dir] = frame_window(b);
	if (carries && !probe)
		raise_to(&p->sent[dir], &p->has_sent[dir], end_of(b));
	/* the first that is looked at is the last that came */
	if (dir != f->dir && !p->has_acked[dir] && b->rel_ack == f->rel_seq) {
		p->asker = b->id;
		p->asker_ns = b->packet.ts_ns;
	}
	p->recovers |= dir == f->dir && b->rel_seq < f->rel_seq &&
		       b->purpose == PURPOSE_RETRANSMISSION;
	if ((b->sum.tcp_flags & TCP_ACK) != 0)
		raise_to(&p->acked[dir], &p->has_acked[dir], b->rel_ack);
	if (dir == f->dir && carries && !probe && b->rel_seq <= f->rel_seq &&
	    end_of(b) > f->rel_seq) {
		p->first = b->id;
		p->first_ns = packet_sent_ns(&b->packet);
	}
	if (dir != f->dir && (b->sum.tcp_flags & TCP_ACK) != 0 &&
	    b->rel_ack >= end_of(f))
		p->acker = b->id;
	if (dir != f->dir && (b->verdicts & VERDICT_DUPLICATE_ACK) != 0 &&
	    b->rel_ack == f->rel_seq)
		p->dup_acks++;
}

/* Back from the newest, as far as to this one; else nobody knows the first. */
static void
look_ahead(struct why_scene *s)
{
	const struct store *store = capture_store(s->capture);
	struct why_past *p = &s->past;
	uint64_t id = s->flow != NULL ? s->flow->last_frame : 0;
	struct frame b;

	if (s->f.sum.proto != PROTO_TCP || end_of(&s->f) == s->f.rel_seq)
		return;
	for (int n = 0; id > s->f.id && store_get(store, id, &b); n++) {
		if (n == WHY_PAST_MAX) {
			p->repeated = 0;
			return;
		}
		if (b.dir == s->f.dir && b.rel_seq <= s->f.rel_seq &&
		    end_of(&b) > s->f.rel_seq &&
		    (b.verdicts & VERDICT_KEEP_ALIVE) == 0) {
			p->repeated = id;
			p->repeated_ns = packet_sent_ns(&b.packet);
		}
		id = b.prev_in_flow;
	}
}

void
why_read_past(struct why_scene *s)
{
	const struct store *store = capture_store(s->capture);
	struct why_past *p = &s->past;
	uint64_t id = s->f.prev_in_flow;
	struct frame b;

	*p = (struct why_past){.before = id};
	for (int n = 0; n < WHY_PAST_MAX && store_get(store, id, &b); n++) {
		if (n == 0) {
			p->before_ns = b.packet.ts_ns;
			p->before_flags = b.sum.tcp_flags;
			memcpy(p->before_state, b.state, sizeof b.state);
		}
		look_back(s, &b);
		id = b.prev_in_flow;
	}
	if (!store_get(store, p->before, &b))
		p->before = 0;
	look_ahead(s);
}

bool
why_refuses(const struct why_scene *s)
{
	return (s->f.sum.tcp_flags & TCP_RST) != 0 &&
	       (s->past.before_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	       (s->f.verdicts &
		   (VERDICT_RST_IGNORED | VERDICT_RST_CHALLENGED)) == 0;
}

/* ---- numbers ---- */

/* Everything that a number may be made of. */
struct source {
	const struct why_scene *s;
	const struct frame *f;
	const struct why_past *p;
	const struct flow *flow; /* NULL: of none */
	uint8_t dir, end; /* who sent it; the end that a state is of */
};

static bool
give(struct why_value *ret, enum why_form form, bool known, uint64_t n)
{
	*ret = (struct why_value){form, n, NULL};
	return known;
}

static bool
give_text(struct why_value *ret, const char *text)
{
	*ret = (struct why_value){WHY_PLAIN, 0, text};
	return true;
}

/* An end by its role; where no conversation tells it, by what it does here. */
static bool
give_end(const struct source *x, struct why_value *ret, int end,
    const char *otherwise)
{
	static const char *const names[] = {"the client", "the server"};

	return give_text(ret, x->flow != NULL ? names[end] : otherwise);
}

#define NUMBER(name)                                     \
	static bool number_##name(const struct source *x \
	    __attribute__((unused)),                     \
	    struct why_value *ret __attribute__((unused)))

NUMBER(sender)
{
	return x->s->has_frame && give_end(x, ret, x->dir, "the sender");
}
NUMBER(peer)
{
	return x->s->has_frame && give_end(x, ret, !x->dir, "the receiver");
}
NUMBER(end)
{
	return give_end(x, ret, x->end, "this end");
}
NUMBER(other)
{
	return give_end(x, ret, !x->end, "the other end");
}

NUMBER(last)
{
	return give(ret, WHY_PLAIN, x->f->sum.payload_len > 0,
	    x->f->rel_seq + x->f->sum.payload_len - 1);
}
NUMBER(len)
{
	return give(ret, WHY_BYTES, x->s->has_frame, x->f->sum.payload_len);
}
NUMBER(headers)
{
	const struct summary *s = &x->f->sum;

	return give(ret, WHY_BYTES, s->net_len > 0,
	    (uint64_t)s->net_len + s->transport_len + s->options_len);
}
NUMBER(before)
{
	return give(ret, WHY_FRAME, x->p->before != 0, x->p->before);
}
NUMBER(idle)
{
	return give(ret, WHY_SPAN, x->p->before != 0,
	    (uint64_t)(x->f->packet.ts_ns - x->p->before_ns));
}
NUMBER(first)
{
	return give(ret, WHY_FRAME, x->p->first != 0, x->p->first);
}
NUMBER(after)
{
	return give(ret, WHY_SPAN, x->p->first != 0,
	    (uint64_t)(packet_sent_ns(&x->f->packet) - x->p->first_ns));
}
NUMBER(acker)
{
	return give(ret, WHY_FRAME, x->p->acker != 0, x->p->acker);
}
/* When an ACK makes its receiver send, it does so at once. */
NUMBER(asker)
{
	int64_t since_ns = packet_sent_ns(&x->f->packet) - x->p->asker_ns;

	return give(ret, WHY_FRAME,
	    x->p->asker != 0 && x->p->recovers && since_ns >= 0 &&
		since_ns < ANSWER_NS,
	    x->p->asker);
}
NUMBER(dup_acks)
{
	return give(ret, WHY_PLAIN, x->p->dup_acks > 1, x->p->dup_acks);
}
NUMBER(sent)
{
	return give(ret, WHY_PLAIN, x->p->has_sent[x->dir], x->p->sent[x->dir]);
}
NUMBER(gap)
{
	uint64_t sent = x->p->sent[x->dir];

	return give(ret, WHY_BYTES,
	    x->p->has_sent[x->dir] && x->f->rel_seq > sent,
	    x->f->rel_seq - sent);
}
NUMBER(peer_sent)
{
	return give(
	    ret, WHY_PLAIN, x->p->has_sent[!x->dir], x->p->sent[!x->dir]);
}
NUMBER(unseen)
{
	uint64_t sent = x->p->sent[!x->dir];

	return give(ret, WHY_BYTES,
	    x->p->has_sent[!x->dir] && x->f->rel_ack > sent,
	    x->f->rel_ack - sent);
}
NUMBER(expected)
{
	return give(
	    ret, WHY_PLAIN, x->p->has_acked[!x->dir], x->p->acked[!x->dir]);
}
NUMBER(window_before)
{
	return give(
	    ret, WHY_PLAIN, x->p->has_acked[x->dir], x->p->window[x->dir]);
}
NUMBER(peer_window)
{
	return give(
	    ret, WHY_BYTES, x->p->has_acked[!x->dir], x->p->window[!x->dir]);
}
/* Bytes of data, the SYN's number not counted. */
NUMBER(data_sent)
{
	return give(ret, WHY_BYTES, x->f->rel_seq > 0,
	    x->f->rel_seq + x->f->sum.payload_len - 1);
}
/* How far an end was, this packet included. */
static uint64_t
end_sent(const struct source *x, int end)
{
	uint64_t n = x->p->sent[end];

	if (x->f->dir == end && end_of(x->f) > n)
		n = end_of(x->f);
	return n;
}
static uint64_t
end_acked(const struct source *x, int end)
{
	uint64_t n = x->p->acked[!end];

	if (x->f->dir != end && (x->f->sum.tcp_flags & TCP_ACK) != 0 &&
	    x->f->rel_ack > n)
		n = x->f->rel_ack;
	return n;
}
NUMBER(end_next)
{
	return give(ret, WHY_PLAIN, x->s->has_frame && end_sent(x, x->end) > 0,
	    end_sent(x, x->end));
}
NUMBER(end_acked)
{
	return give(ret, WHY_PLAIN, x->s->has_frame && end_acked(x, x->end) > 0,
	    end_acked(x, x->end));
}
NUMBER(end_port)
{
	struct addr a;

	if (x->flow == NULL)
		return false;
	a = flow_addr(x->flow, x->end);
	return give(ret, WHY_PLAIN, true, addr_port(&a));
}

static bool
field_number(const struct source *x, const char *key, uint64_t *ret)
{
	const struct field *f = tree_find(&x->s->tree, key, 0);

	if (f != NULL)
		*ret = strtoull(f->value, NULL, 0);
	return f != NULL;
}
NUMBER(datagram_len)
{
	uint64_t n = 0;
	bool known = field_number(x, "udp.length", &n);

	return give(ret, WHY_BYTES, known && n >= 8, n - 8);
}
NUMBER(fragment_at)
{
	uint64_t n = 0;
	bool known = field_number(x, "ip.frag_offset", &n) ||
		     field_number(x, "ipv6.fraghdr.offset", &n);

	return give(ret, WHY_PLAIN, known, n * 8); /* as sent: in units of 8 */
}

NUMBER(repeated)
{
	return give(ret, WHY_FRAME, x->p->repeated != 0, x->p->repeated);
}

NUMBER(repaired)
{
	return give(ret, WHY_SPAN, x->p->repeated != 0,
	    (uint64_t)(x->p->repeated_ns - packet_sent_ns(&x->f->packet)));
}

NUMBER(on_wire)
{
	const struct packet *p = &x->f->packet;

	return give(ret, WHY_SPAN,
	    p->fate != FATE_NONE && p->ts_ns > p->entered_ns,
	    (uint64_t)(p->ts_ns - p->entered_ns));
}

/* ---- of the conversation ---- */

static bool
give_frame(const struct source *x, struct why_value *ret, uint64_t id)
{
	return give(ret, WHY_FRAME, x->flow != NULL && id != 0, id);
}
NUMBER(syn_frame)
{
	return give_frame(x, ret, x->flow != NULL ? x->flow->syn_frame : 0);
}
NUMBER(syn_ack_frame)
{
	return give_frame(x, ret, x->flow != NULL ? x->flow->syn_ack_frame : 0);
}
NUMBER(ack_frame)
{
	return give_frame(x, ret, x->flow != NULL ? x->flow->ack_frame : 0);
}
NUMBER(since_syn)
{
	const struct record *r =
	    x->flow == NULL ? NULL
			    : store_record(capture_store(x->s->capture),
				  x->flow->syn_frame);

	return give(ret, WHY_SPAN, r != NULL && x->s->has_frame,
	    r != NULL ? (uint64_t)(x->f->packet.ts_ns - r->ts_ns) : 0);
}
NUMBER(rtt)
{
	return give(ret, WHY_SPAN,
	    x->flow != NULL && x->flow->initial_rtt_ns > 0,
	    x->flow != NULL ? (uint64_t)x->flow->initial_rtt_ns : 0);
}
NUMBER(took)
{
	return give(ret, WHY_SPAN, x->flow != NULL,
	    x->flow != NULL ? (uint64_t)(x->flow->last_ns - x->flow->first_ns)
			    : 0);
}
NUMBER(client_bytes)
{
	return give(ret, WHY_BYTES, x->flow != NULL,
	    x->flow != NULL ? x->flow->end[DIR_CLIENT].payload : 0);
}
NUMBER(server_bytes)
{
	return give(ret, WHY_BYTES, x->flow != NULL,
	    x->flow != NULL ? x->flow->end[DIR_SERVER].payload : 0);
}
NUMBER(server_port)
{
	struct addr a;

	if (x->flow == NULL)
		return false;
	a = flow_addr(x->flow, DIR_SERVER);
	return give(ret, WHY_PLAIN, true, addr_port(&a));
}
NUMBER(closer)
{
	if (x->flow == NULL)
		return false;
	/* Who answers a FIN closed second. */
	return give_text(ret,
	    x->flow->end[DIR_CLIENT].fin_answers ? "the server" : "the client");
}
NUMBER(half_closer)
{
	if (x->flow == NULL)
		return false;
	return give_text(ret,
	    x->flow->end[DIR_CLIENT].fin_seen ? "the client" : "the server");
}
NUMBER(resetter)
{
	if (x->flow == NULL)
		return false;
	return give_text(ret,
	    x->flow->end[DIR_CLIENT].rst_seen ? "the client" : "the server");
}

/* ---- conditions ---- */

static uint64_t
dup_ack(const struct source *x)
{
	uint64_t n = 0;

	field_number(x, "tcp.analysis.duplicate_ack_num", &n);
	return n;
}
/* Has the other end sent nothing that is not acknowledged? */
NUMBER(is_idle)
{
	return x->p->before != 0 && x->p->has_sent[!x->dir] &&
	       x->p->sent[!x->dir] <= x->f->rel_ack;
}
NUMBER(is_late)
{
	return x->p->has_sent[x->dir] && x->p->sent[x->dir] > x->f->rel_seq;
}
NUMBER(is_ignored)
{
	return (x->f->verdicts &
		   (VERDICT_RST_IGNORED | VERDICT_RST_CHALLENGED)) != 0;
}
NUMBER(is_fragment)
{
	return x->f->sum.fragment;
}
NUMBER(is_third)
{
	return dup_ack(x) == 3;
}
NUMBER(is_later)
{
	return dup_ack(x) > 3;
}
NUMBER(is_datagram)
{
	return x->f->sum.proto == PROTO_UDP;
}
NUMBER(has_syn)
{
	return (x->f->sum.tcp_flags & TCP_SYN) != 0;
}
NUMBER(has_ack)
{
	return (x->f->sum.tcp_flags & TCP_ACK) != 0;
}
NUMBER(has_fin)
{
	return (x->f->sum.tcp_flags & TCP_FIN) != 0;
}
NUMBER(has_data)
{
	return x->f->sum.payload_len > 0;
}
NUMBER(has_rst)
{
	return (x->f->sum.tcp_flags & TCP_RST) != 0;
}
NUMBER(refuses)
{
	return why_refuses(x->s);
}
NUMBER(is_own)
{
	struct addr a;

	if (x->flow == NULL)
		return false;
	a = flow_addr(x->flow, DIR_SERVER);
	return addr_is_loopback(&a);
}

static const struct {
	const char *name;
	bool (*get)(const struct source *x, struct why_value *ret);
} numbers[] = {
#define N(name)                      \
	{                            \
#name, number_##name \
	}
    N(sender), N(peer), N(end), N(other), N(last), N(len), N(headers),
    N(before), N(idle), N(first), N(after), N(acker), N(asker), N(dup_acks),
    N(sent), N(gap), N(peer_sent), N(unseen), N(expected), N(window_before),
    N(peer_window), N(data_sent), N(end_next), N(end_acked), N(end_port),
    N(syn_frame), N(syn_ack_frame), N(ack_frame), N(since_syn), N(rtt), N(took),
    N(client_bytes), N(server_bytes), N(server_port), N(closer), N(half_closer),
    N(resetter), N(repeated), N(repaired), N(on_wire), N(is_idle), N(is_late),
    N(is_ignored), N(is_fragment), N(datagram_len), N(fragment_at), N(is_third),
    N(is_later), N(is_datagram), N(has_syn), N(has_ack), N(has_fin),
    N(has_data), N(has_rst), N(refuses), N(is_own)
#undef N
};

#define NUMBERS (sizeof numbers / sizeof *numbers)

bool
why_number_known(const char *name)
{
	for (size_t i = 0; i < NUMBERS; i++)
		if (strcmp(numbers[i].name, name) == 0)
			return true;
	return dissect_key_known(name);
}

bool
why_number(const struct why_scene *s, struct why_item item, const char *name,
    struct why_value *ret)
{
	struct source x = {s, &s->f, &s->past, s->flow, s->f.dir, item.end};
	const struct field *f;

	for (size_t i = 0; i < NUMBERS; i++)
		if (strcmp(numbers[i].name, name) == 0)
			return numbers[i].get(&x, ret);
	f = tree_find(&s->tree, name, 0);
	return f != NULL && f->value[0] != '\0' && give_text(ret, f->value);
}
