/* The sending half: the window, what is lost, the timer. */
#include <errno.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/rudp_conn.h"

/* RFC 6298 s2: the granularity of the clock. */
#define GRANULARITY_NS CLOCK_MS
#define DOUBLINGS_MAX 16
/* What doubling comes to, once a FIN was sent. */
#define CLOSING_MAX_NS CLOCK_S

/* ---- lists of slots ---- */

static void
append(struct rudp_tx *tx, struct tx_list *list, uint16_t i)
{
	struct tx_slot *s = &tx->slots[i];

	s->prev = list->tail;
	s->next = RUDP_NIL;
	if (list->tail != RUDP_NIL)
		tx->slots[list->tail].next = i;
	else
		list->head = i;
	list->tail = i;
	list->count++;
}

static void
take_out(struct rudp_tx *tx, uint16_t i)
{
	struct tx_slot *s = &tx->slots[i];
	struct tx_list *list = s->place == TX_LOST ? &tx->lost : &tx->flight;

	if (s->prev != RUDP_NIL)
		tx->slots[s->prev].next = s->next;
	else
		list->head = s->next;
	if (s->next != RUDP_NIL)
		tx->slots[s->next].prev = s->prev;
	else
		list->tail = s->prev;
	list->count--;
}

static void
mark_lost(struct rudp_tx *tx, uint16_t i, bool timed_out)
{
	take_out(tx, i);
	tx->slots[i].place = TX_LOST;
	tx->slots[i].timed_out = timed_out;
	append(tx, &tx->lost, i);
}

void
rudp_tx_init(struct rudp *c, uint32_t first)
{
	struct rudp_tx *tx = &c->tx;

	tx->una = tx->next = tx->end = tx->edge = first;
	tx->flight = tx->lost = (struct tx_list){RUDP_NIL, RUDP_NIL, 0};
	tx->rto_ns = c->config.rto_initial_ns;
	tx->timer_ns = RUDP_NEVER;
}

/* ---- queueing ---- */

static struct tx_slot *
queue_slot(struct rudp *c)
{
	struct tx_slot *s;

	if (c->tx.end - c->tx.una >= c->config.window)
		return NULL;
	s = &c->tx.slots[rudp_index(c, c->tx.end++)];
	*s = (struct tx_slot){.place = TX_NEW};
	return s;
}

int
rudp_send(struct rudp *c, const void *message, size_t n)
{
	struct tx_slot *s;

	if (c->error != 0)
		return c->error;
	if (c->closing || c->closed)
		return -EPIPE;
	if (n > RUDP_MESSAGE_MAX)
		return -EMSGSIZE;
	s = queue_slot(c);
	if (s == NULL)
		return -EAGAIN;
	s->len = (uint16_t)n;
	if (n > 0)
		memcpy(
		    c->tx.data + (size_t)(s - c->tx.slots) * RUDP_MESSAGE_MAX,
		    message, n);
	return 0;
}

void
rudp_tx_queue_fin(struct rudp *c)
{
	struct tx_slot *s;

	if (!c->closing || c->tx.fin_queued)
		return;
	s = queue_slot(c);
	if (s == NULL)
		return;
	s->fin = true;
	c->tx.fin_queued = true;
}

/* ---- sending ---- */

static bool
may_send_new(const struct rudp *c)
{
	return c->tx.next != c->tx.end && rudp_before(c->tx.next, c->tx.edge);
}

bool
rudp_tx_ready(const struct rudp *c)
{
	return c->tx.lost.count > 0 || may_send_new(c);
}

bool
rudp_tx_shut(const struct rudp *c)
{
	return c->tx.next != c->tx.end && c->tx.una == c->tx.next &&
	       !rudp_before(c->tx.next, c->tx.edge);
}

void
rudp_tx_next(struct rudp *c, struct rudp_packet *p, int64_t now_ns)
{
	struct rudp_tx *tx = &c->tx;
	bool again = tx->lost.count > 0;
	uint16_t i = again ? tx->lost.head : rudp_index(c, tx->next);
	struct tx_slot *s = &tx->slots[i];

	if (again) {
		take_out(tx, i);
		s->repeated = true;
		c->count.retransmits++;
		c->count.fast_retransmits += !s->timed_out;
		p->seq = tx->una + ((i - rudp_index(c, tx->una)) &
				       (c->config.window - 1));
	} else {
		p->seq = tx->next++;
		c->count.sent += !s->fin;
		c->count.bytes_sent += s->len;
		tx->fin_sent |= s->fin;
	}
	s->sent_ns = now_ns;
	s->number = ++tx->transmissions;
	s->place = TX_FLIGHT;
	append(tx, &tx->flight, i);
	p->type = s->fin ? RUDP_FIN : RUDP_DATA;
	p->message = tx->data + (size_t)i * RUDP_MESSAGE_MAX;
	p->message_len = s->len;
	if (tx->timer_ns == RUDP_NEVER)
		rudp_tx_start_timer(c, now_ns);
}

/* ---- the timer, RFC 6298 ---- */

void
rudp_tx_sample(struct rudp *c, int64_t rtt_ns)
{
	struct rudp_tx *tx = &c->tx;
	int64_t spread, off;

	/* 0 stands for "not measured" */
	rtt_ns = rtt_ns > 0 ? rtt_ns : 1;
	if (tx->srtt_ns == 0) {
		tx->srtt_ns = rtt_ns;
		tx->rttvar_ns = rtt_ns / 2;
		tx->min_rtt_ns = rtt_ns;
	} else {
		off = tx->srtt_ns - rtt_ns;
		off = off < 0 ? -off : off;
		tx->rttvar_ns += (off - tx->rttvar_ns) / 4;
		tx->srtt_ns += (rtt_ns - tx->srtt_ns) / 8;
		if (rtt_ns < tx->min_rtt_ns)
			tx->min_rtt_ns = rtt_ns;
	}
	spread = 4 * tx->rttvar_ns;
	tx->rto_ns =
	    tx->srtt_ns + (spread > GRANULARITY_NS ? spread : GRANULARITY_NS);
	if (tx->rto_ns < c->config.rto_min_ns)
		tx->rto_ns = c->config.rto_min_ns;
	tx->doublings = 0;
}

int64_t
rudp_tx_timeout(const struct rudp *c)
{
	int64_t most = c->config.rto_max_ns, rto = c->tx.rto_ns;

	/* The peer may be in TIME-WAIT and must be reached before that ends. */
	if (c->tx.fin_sent)
		most = rto > CLOSING_MAX_NS ? rto : CLOSING_MAX_NS;
	return rto > most >> c->tx.doublings ? most : rto << c->tx.doublings;
}

/*
 * The first time that the timer runs out, before anything is doubled: a lost
 * repetition that had the window for itself has nobody behind it whose arrival
 * could tell. Long enough for a delayed ACK (RFC 8985 s7.2).
 */
static int64_t
probe_timeout(const struct rudp *c)
{
	return 2 * c->tx.srtt_ns + 2 * c->config.ack_delay_ns;
}

static bool
may_probe(const struct rudp *c)
{
	return !c->tx.probed && c->tx.tries == 0 && c->tx.srtt_ns > 0 &&
	       c->tx.una != c->tx.next;
}

void
rudp_tx_start_timer(struct rudp *c, int64_t now_ns)
{
	int64_t timeout = rudp_tx_timeout(c);

	if (may_probe(c) && probe_timeout(c) < timeout)
		timeout = probe_timeout(c);
	c->tx.timer_ns = now_ns + timeout;
}

/* Repeat the oldest messages in flight, whatever became of them. */
static void
repeat_oldest(struct rudp *c, int count)
{
	struct rudp_tx *tx = &c->tx;

	for (uint32_t seq = tx->una; seq != tx->next && count > 0; seq++) {
		uint16_t i = rudp_index(c, seq);

		if (tx->slots[i].place == TX_FLIGHT) {
			mark_lost(tx, i, true);
			count--;
		}
	}
}

/* All that the peer has not acknowledged is our FIN, and it has finished: it
 * may be gone with all that it should have. */
static bool
only_fin_is_left(const struct rudp *c)
{
	return c->rx.fin_read_up && c->tx.fin_sent &&
	       c->tx.una + 1 == c->tx.end;
}

void
rudp_tx_timed_out(struct rudp *c, int64_t now_ns)
{
	struct rudp_tx *tx = &c->tx;

	if (may_probe(c)) {
		tx->probed = true;
		c->count.tail_probes++;
		repeat_oldest(c, 1);
		c->opening_due |= !c->confirmed;
		rudp_tx_start_timer(c, now_ns);
		return;
	}
	c->count.timeouts++;
	if (++tx->tries > c->config.retries) {
		if (only_fin_is_left(c))
			rudp_end(c, 0, false);
		else
			rudp_end(c, -ETIMEDOUT, true);
		return;
	}
	if (tx->doublings < DOUBLINGS_MAX)
		tx->doublings++;
	repeat_oldest(c, RUDP_TIMEOUT_BATCH);
	c->opening_due |= !c->confirmed;
	c->probe_due |= c->probing || rudp_tx_shut(c);
	rudp_tx_start_timer(c, now_ns);
}

/* ---- acknowledgements ---- */

bool
rudp_tx_plausible(const struct rudp *c, const struct rudp_packet *p)
{
	uint32_t top = p->ack;
	int bit = 7;

	if ((int32_t)(c->tx.una - p->ack) > RUDP_WINDOW_MAX)
		return false;
	if (p->bitmap_len > 0) {
		while ((p->bitmap[p->bitmap_len - 1] & 0x80 >> bit) == 0)
			bit--;
		top += (p->bitmap_len - 1u) * 8 + (unsigned)bit + 2;
	}
	return !rudp_before(c->tx.next, top);
}

void
rudp_tx_window(struct rudp *c, uint32_t ack, uint16_t window)
{
	/* An older packet may come late; the edge never goes back. */
	if (rudp_before(c->tx.edge, ack + window)) {
		/* the doublings were PROBE's, no sign of loss */
		if (rudp_tx_shut(c))
			c->tx.doublings = 0;
		c->tx.edge = ack + window;
	}
}

/* What one packet acknowledged for the first time. */
struct news {
	uint32_t acked;
	int64_t sample_sent_ns; /* newest one sent once; INT64_MIN: none */
};

static void
acknowledge(struct rudp *c, uint32_t seq, int64_t now_ns, struct news *news)
{
	struct rudp_tx *tx = &c->tx;
	uint16_t i = rudp_index(c, seq);
	struct tx_slot *s = &tx->slots[i];

	if (s->place != TX_FLIGHT && s->place != TX_LOST)
		return;
	take_out(tx, i);
	s->place = TX_ACKED;
	news->acked++;
	if (!s->repeated && s->sent_ns > news->sample_sent_ns)
		news->sample_sent_ns = s->sent_ns;
	/*
	 * An ACK that comes sooner than any round trip answers an earlier
	 * transmission (RFC 8985 s6.2, step 2). Taken for an answer to the
	 * last one, it would make all older ones lost, and their repetitions
	 * again, without end: repeated messages measure no round trip.
	 */
	if (s->repeated &&
	    (tx->min_rtt_ns == 0 || now_ns - s->sent_ns < tx->min_rtt_ns))
		return;
	if (s->number > tx->arrived_number) {
		tx->arrived_number = s->number;
		tx->arrived_sent_ns = s->sent_ns;
	}
}

/* Fast retransmit: what was sent clearly before something that arrived. */
static void
find_lost(struct rudp_tx *tx)
{
	while (tx->flight.head != RUDP_NIL) {
		const struct tx_slot *s = &tx->slots[tx->flight.head];

		if (s->number >= tx->arrived_number)
			return;
		if (tx->arrived_number - s->number < RUDP_REORDER &&
		    tx->arrived_sent_ns - s->sent_ns <= tx->srtt_ns / 4)
			return;
		mark_lost(tx, tx->flight.head, false);
	}
}

/*
 * The peer says that una has not arrived, but a bitmap said that it had: that
 * was forged, since nobody takes back what he acknowledged. Send it again.
 */
static void
heal(struct rudp *c)
{
	uint16_t i = rudp_index(c, c->tx.una);
	struct tx_slot *s = &c->tx.slots[i];

	if (c->tx.una == c->tx.next || s->place != TX_ACKED)
		return;
	c->count.bogus++;
	s->place = TX_LOST;
	s->timed_out = true;
	append(&c->tx, &c->tx.lost, i);
}

void
rudp_tx_acked(struct rudp *c, const struct rudp_packet *p, int64_t now_ns)
{
	struct news news = {.sample_sent_ns = INT64_MIN};
	struct rudp_tx *tx = &c->tx;

	for (; rudp_before(tx->una, p->ack); tx->una++)
		acknowledge(c, tx->una, now_ns, &news);
	heal(c);
	for (size_t i = 0; i < p->bitmap_len * 8u; i++) {
		uint32_t seq = p->ack + 1 + (uint32_t)i;

		if (rudp_bitmap_get(p, i) && rudp_before(tx->una, seq))
			acknowledge(c, seq, now_ns, &news);
	}
	tx->fin_acked = tx->fin_sent && tx->una == tx->end;
	if (news.acked == 0)
		return;
	if (news.sample_sent_ns != INT64_MIN)
		rudp_tx_sample(c, now_ns - news.sample_sent_ns);
	tx->tries = 0;
	tx->probed = false;
	find_lost(tx);
	rudp_tx_start_timer(c, now_ns);
	rudp_tx_queue_fin(c);
}
