#include "capture/tcp_analysis.h"

#include <string.h>

#include "capture/summary.h" /* TCP_SYN ... */
#include "capture/tcp_inflight.h"

#define MS INT64_C(1000000)
/* Wireshark's measures: how soon after the last duplicate ACK a repeat is an
 * answer to it, and how late a segment may come, where no RTT is known. */
#define FAST_NS (20 * MS)
#define REORDER_NS (3 * MS)
#define SCALE_MAX 14 /* RFC 7323 s2.3: larger shift counts mean 14 */

/* As a count of duplicate ACKs: see judge_acked_unseen(). */
#define UNSEEN_SAID UINT32_MAX

/* A segment in its conversation, and what is found out about it. */
struct look {
	const struct tcp_segment *g;
	struct tcp_talk *talk;
	struct tcp_track *self, *peer;
	struct tcp_pool *pool;
	struct tcp_findings *found;
	uint32_t seq, end; /* end: behind its last byte, SYN or FIN */
	uint32_t len;
	bool ack, syn, fin, rst;
	bool control; /* SYN, FIN or RST */
};

static const struct {
	const char *name, *words;
} texts[] = {
#define X(NAME, name, words) {name, words},
    TCP_VERDICTS(X)
#undef X
};

const char *
tcp_verdict_name(unsigned bit)
{
	return texts[bit].name;
}

const char *
tcp_verdict_words(unsigned bit)
{
	return texts[bit].words;
}

uint32_t
tcp_verdict_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < VERDICT_BITS; i++)
		if (strlen(texts[i].name) == len &&
		    memcmp(texts[i].name, name, len) == 0)
			return UINT32_C(1) << i;
	return 0;
}

static void
say(struct look *l, uint32_t verdict)
{
	l->found->verdicts |= verdict;
	l->found->analysed = true;
}

static bool
said(const struct look *l, uint32_t verdict)
{
	return l->found->verdicts & verdict;
}

/* ------------------------------------------- numbers ahead of what was seen */

/* Data for a closed window, one byte, to see whether it is still closed. */
static bool
is_zero_window_probe(const struct look *l)
{
	return l->len == 1 && l->self->has_next && l->seq == l->self->next &&
	       l->peer->has_window && l->peer->window == 0;
}

/* RFC 9293 s3.8.4: one byte before the next one, so that it is answered. */
static bool
is_keep_alive(const struct look *l)
{
	return l->len <= 1 && l->self->has_next &&
	       l->seq == l->self->next - 1 && !l->control;
}

/* The last byte that fits into the window which the peer advertised. */
static bool
fills_window(const struct look *l)
{
	const struct tcp_track *p = l->peer;

	return l->len > 0 && !l->control && p->has_window &&
	       p->scale != TCP_SCALE_UNKNOWN &&
	       l->seq + l->len == p->ack + tcp_window(p);
}

static void
judge_numbers(struct look *l)
{
	if (l->g->window == 0 && !l->control)
		say(l, VERDICT_ZERO_WINDOW);
	if (l->self->has_next && tcp_after(l->seq, l->self->next) && !l->rst) {
		say(l, VERDICT_LOST_SEGMENT);
		l->self->gap = true;
	}
	if (is_keep_alive(l))
		say(l, VERDICT_KEEP_ALIVE);
	if (fills_window(l))
		say(l, VERDICT_WINDOW_FULL);
}

/* ------------------------------------------------- ACKs that repeat the last */

/* Nothing sent, nothing newly acknowledged. */
static bool
repeats_ack(const struct look *l)
{
	const struct tcp_track *s = l->self;

	return l->len == 0 && !l->control && s->has_next && l->seq == s->next &&
	       l->ack && s->has_ack && l->g->ack == s->ack;
}

static void
count_duplicate(struct look *l)
{
	struct tcp_track *s = l->self;

	say(l, VERDICT_DUPLICATE_ACK);
	s->dup_acks = s->dup_acks == UNSEEN_SAID ? 1 : s->dup_acks + 1;
	l->found->dup_ack_num = s->dup_acks;
	l->found->dup_ack_frame = tcp_whole_frame(l->g->frame, s->ack_frame);
}

static void
judge_repeated_ack(struct look *l)
{
	uint16_t window = l->g->window;
	bool same = l->self->has_window && window == l->self->window;

	if (!repeats_ack(l))
		return;
	if (!same && window != 0)
		say(l, VERDICT_WINDOW_UPDATE);
	else if (same && window != 0 && l->peer->was_keep_alive)
		say(l, VERDICT_KEEP_ALIVE_ACK);
	else if (same && window == 0 && l->peer->was_probe)
		say(l, VERDICT_ZERO_WINDOW_PROBE_ACK);
	else if (same && window != 0)
		count_duplicate(l);
}

static void
note_new_ack(struct look *l)
{
	struct tcp_track *s = l->self;

	if (l->ack == s->has_ack && (!l->ack || l->g->ack == s->ack))
		return;
	s->ack_frame = (uint32_t)l->g->frame;
	s->dup_acks = 0;
}

/*
 * It acknowledges bytes that were not seen. Said once for each stretch: the
 * peer's mark moves up to what it has sent; where that is no help, the peer's
 * count of duplicates remembers that it was said.
 */
static void
judge_acked_unseen(struct look *l)
{
	struct tcp_track *p = l->peer;

	if (!l->ack || !p->has_whole || !tcp_after(l->g->ack, p->whole))
		return;
	l->found->analysed = true;
	if (tcp_after(p->next, p->whole)) {
		p->whole = p->next;
		say(l, VERDICT_ACK_LOST_SEGMENT);
		return;
	}
	if (p->dup_acks == 0)
		say(l, VERDICT_ACK_LOST_SEGMENT);
	p->dup_acks = UNSEEN_SAID;
}

/* ------------------------------------------------------------ data sent again */

static bool
answers_duplicates(const struct look *l)
{
	const struct tcp_track *p = l->peer;
	int64_t since = l->g->came_ns - p->ack_ns;

	return p->dup_acks >= 2 && p->has_ack && p->ack == l->seq &&
	       since >= 0 && since < FAST_NS;
}

/* Soon after what it should have preceded, and not a repeat of that. */
static bool
is_out_of_order(const struct look *l)
{
	int64_t since = l->g->sent_ns - l->self->next_ns;
	int64_t rtt = l->talk->initial_rtt_ns;

	return since >= 0 && since < (rtt != 0 ? rtt : REORDER_NS) &&
	       l->self->next != l->end;
}

static void
judge_retransmission(struct look *l)
{
	const struct tcp_track *s = l->self;
	const struct unacked *oldest = tcp_oldest(l->pool, s);

	say(l, VERDICT_RETRANSMISSION);
	l->found->rto_frame = tcp_whole_frame(
	    l->g->frame, oldest ? oldest->frame : s->next_frame);
	l->found->rto_ns =
	    l->g->sent_ns - (oldest ? oldest->sent_ns : s->next_ns);
}

static void
judge_old_bytes(struct look *l)
{
	const struct tcp_track *s = l->self;
	bool old = s->has_next && tcp_after(s->next, l->seq);

	if ((l->len == 0 && !l->syn && !l->fin) || said(l, VERDICT_KEEP_ALIVE))
		return;
	/* A byte that probed a closed window, and more behind it. */
	if (l->len > 1 && s->has_next && s->next - 1 == l->seq)
		old = false;
	if (l->len > 0 && l->peer->has_ack &&
	    !tcp_after(l->seq + l->len, l->peer->ack))
		say(l,
		    VERDICT_SPURIOUS_RETRANSMISSION | VERDICT_RETRANSMISSION);
	else if (old && answers_duplicates(l))
		say(l, VERDICT_FAST_RETRANSMISSION | VERDICT_RETRANSMISSION);
	else if (old && is_out_of_order(l))
		say(l, VERDICT_OUT_OF_ORDER);
	else if (old)
		judge_retransmission(l);
}

/* ------------------------------------------------------------ notes of our own */

/*
 * Which resets does the receiver believe? RFC 5961 s3.2: one with the number
 * that it expects next. Which that is may be seen from either end. One that
 * sent a SYN and has no answer believes what acknowledges the SYN.
 */
static void
judge_reset(struct look *l)
{
	const struct tcp_track *s = l->self, *p = l->peer;
	uint32_t from = p->ack, window = tcp_window(p);

	if (!p->has_ack) {
		if (p->scale_waits && !s->scale_waits &&
		    !(l->ack && l->g->ack == p->next))
			l->found->verdicts |= VERDICT_RST_IGNORED;
		return;
	}
	if (!s->has_next || l->seq == from || l->seq == s->next ||
	    l->seq == s->whole)
		return;
	if (tcp_after(l->seq, from) && !tcp_after(l->seq, from + window))
		l->found->verdicts |= VERDICT_RST_CHALLENGED;
	else
		l->found->verdicts |= VERDICT_RST_IGNORED;
}

bool
tcp_sack_is_duplicate(const struct tcp_sack *blocks, size_t n, uint32_t ack)
{
	const struct tcp_sack *a = &blocks[0], *b = &blocks[1];

	if (n == 0)
		return false;
	if (tcp_after(ack, a->left))
		return true;
	return n > 1 && !tcp_after(b->left, a->left) &&
	       !tcp_after(a->right, b->right);
}

static void
read_sack(struct look *l)
{
	const struct tcp_segment *g = l->g;
	bool duplicate = tcp_sack_is_duplicate(g->sack, g->sack_count, g->ack);

	l->self->sacked = 0;
	if (duplicate)
		l->found->verdicts |= VERDICT_D_SACK;
	for (unsigned i = duplicate; i < g->sack_count; i++)
		l->self->sacked += g->sack[i].right - g->sack[i].left;
}

/* ----------------------------------------------------------------- accounting */

static void
note_sent(struct look *l)
{
	struct tcp_track *s = l->self;
	bool probe = said(l, VERDICT_ZERO_WINDOW_PROBE);

	if (l->len > 0 || l->syn || l->fin)
		tcp_sent(
		    l->pool, s, l->seq, l->end, l->g->frame, l->g->sent_ns);
	if (probe)
		return;
	if (!s->has_next || tcp_after(l->end, s->next)) {
		s->has_next = true;
		s->next = l->end;
		s->next_frame = (uint32_t)l->g->frame;
		s->next_ns = l->g->sent_ns;
	}
	if (!s->has_whole || l->seq == s->whole) {
		s->has_whole = true;
		s->whole = s->next;
	}
}

static void
note_last(struct look *l)
{
	struct tcp_track *s = l->self;

	s->has_window = true;
	s->window = l->g->window;
	s->has_ack = l->ack;
	s->ack = l->ack ? l->g->ack : 0;
	s->ack_ns = l->g->came_ns;
	s->was_keep_alive = said(l, VERDICT_KEEP_ALIVE);
	s->was_probe = said(l, VERDICT_ZERO_WINDOW_PROBE);
}

/* What follows from a SYN, or from the ACK behind it, for the next segments. */
static void
note_handshake(struct look *l)
{
	struct tcp_track *s = l->self, *p = l->peer;

	if (l->syn) {
		if (l->g->has_wscale)
			s->scale =
			    (int8_t)(l->g->wscale > SCALE_MAX ? SCALE_MAX
							      : l->g->wscale);
		if (s->scale == TCP_SCALE_UNKNOWN && !l->g->options_cut)
			s->scale = p->scale = TCP_SCALE_NONE;
		else if (l->ack && p->scale == TCP_SCALE_NONE)
			s->scale = TCP_SCALE_NONE;
		s->scale_waits = true;
		if (!l->ack)
			l->talk->syn_ns = l->g->sent_ns;
	} else if (l->ack) {
		s->scale_waits = false;
		if (l->talk->syn_ns != 0 && l->talk->initial_rtt_ns == 0)
			l->talk->initial_rtt_ns =
			    l->g->sent_ns - l->talk->syn_ns;
	}
}

void
tcp_talk_init(struct tcp_talk *t)
{
	memset(t, 0, sizeof *t);
	t->dir[0].scale = t->dir[1].scale = TCP_SCALE_UNKNOWN;
}

void
tcp_talk_done(struct tcp_talk *t, struct tcp_pool *p)
{
	tcp_forget(p, &t->dir[0]);
	tcp_forget(p, &t->dir[1]);
}

void
tcp_talk_reopen(struct tcp_talk *t, int dir)
{
	t->dir[dir].next = t->dir[dir].whole;
}

void
tcp_analyse(struct tcp_talk *t, struct tcp_pool *p, int dir,
    const struct tcp_segment *g, struct tcp_findings *ret)
{
	uint8_t flags = g->flags;
	struct look l = {
	    .g = g,
	    .talk = t,
	    .self = &t->dir[dir],
	    .peer = &t->dir[!dir],
	    .pool = p,
	    .found = ret,
	    .seq = g->seq,
	    .end = g->seq + g->len + ((flags & (TCP_SYN | TCP_FIN)) != 0),
	    .len = g->len,
	    .ack = flags & TCP_ACK,
	    .syn = flags & TCP_SYN,
	    .fin = flags & TCP_FIN,
	    .rst = flags & TCP_RST,
	    .control = flags & (TCP_SYN | TCP_FIN | TCP_RST),
	};

	ret->judged = true;
	if (l.ack)
		l.peer->gap = false;
	l.self->sacked = 0;
	if (is_zero_window_probe(&l)) {
		say(&l, VERDICT_ZERO_WINDOW_PROBE);
	} else {
		judge_numbers(&l);
		judge_repeated_ack(&l);
	}
	note_new_ack(&l);
	if (l.rst)
		judge_reset(&l);
	judge_acked_unseen(&l);
	judge_old_bytes(&l);
	note_sent(&l);
	note_last(&l);
	if (l.ack)
		tcp_acked(p, l.peer, g->ack, g->frame, g->came_ns, ret);
	if (l.len > 0)
		tcp_count_in_flight(l.self, l.peer, l.len, flags, ret);
	if (g->sack_count > 0)
		read_sack(&l);
	if (l.control || t->initial_rtt_ns == 0 || l.self->scale_waits)
		note_handshake(&l);
}
