#include "net/rudp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "net/base/clock.h"
#include "net/rudp_conn.h"

const struct rudp_config rudp_config_default = {
    .window = 128,
    .rto_initial_ns = CLOCK_S,
    .rto_min_ns = 100 * CLOCK_MS,
    .rto_max_ns = 60 * CLOCK_S,
    .ack_delay_ns = 10 * CLOCK_MS,
    .linger_ns = 5 * CLOCK_S,
    .retries = 10,
    .hello_retries = 6,
};

const char *
rudp_state_name(enum rudp_state state)
{
	static const char *const names[RUDP_STATE_COUNT] = {
#define X(name, text) [RUDP_##name] = text,
	    RUDP_STATES(X)
#undef X
	};

	return names[state];
}

/* ---- birth and end ---- */

static struct rudp *
new_connection(const struct rudp_config *config, uint32_t id, uint32_t seq)
{
	struct rudp *c = calloc(1, sizeof *c);
	uint32_t n = config->window;

	assert(n >= 8 && n <= RUDP_WINDOW_MAX && (n & (n - 1)) == 0);
	assert(id != 0);
	if (c == NULL)
		return NULL;
	c->config = *config;
	c->local_id = id;
	c->local_first = seq;
	c->linger_ns = RUDP_NEVER;
	c->tx.slots = calloc(n, sizeof *c->tx.slots);
	c->tx.data = malloc((size_t)n * RUDP_MESSAGE_MAX);
	c->rx.slots = calloc(n, sizeof *c->rx.slots);
	c->rx.data = malloc((size_t)n * RUDP_MESSAGE_MAX);
	if (c->tx.slots == NULL || c->tx.data == NULL || c->rx.slots == NULL ||
	    c->rx.data == NULL) {
		rudp_free(c);
		return NULL;
	}
	rudp_tx_init(c, seq);
	rudp_rx_init(c, 0);
	return c;
}

/* Now that the peer's id and first number are known. */
static void
open_connection(struct rudp *c, uint32_t peer_id, uint32_t peer_seq,
    uint16_t peer_window, int64_t now_ns)
{
	c->peer_id = peer_id;
	c->peer_first = peer_seq;
	rudp_rx_init(c, peer_seq);
	rudp_tx_window(c, c->local_first, peer_window);
	c->open = true;
	c->heard_ns = now_ns;
}

struct rudp *
rudp_connect(const struct rudp_config *config, uint32_t id, uint32_t seq)
{
	struct rudp *c = new_connection(config, id, seq);

	if (c != NULL)
		c->opening_due = true;
	return c;
}

struct rudp *
rudp_accept(const struct rudp_config *config,
    const struct rudp_opening *opening, int64_t now_ns)
{
	struct rudp *c =
	    new_connection(config, opening->local_id, opening->local_seq);

	if (c == NULL)
		return NULL;
	open_connection(c, opening->peer_id, opening->peer_seq,
	    opening->peer_window, now_ns);
	c->confirmed = true;
	c->rx.ack_now = true;
	return c;
}

void
rudp_free(struct rudp *c)
{
	if (c == NULL)
		return;
	free(c->tx.slots);
	free(c->tx.data);
	free(c->rx.slots);
	free(c->rx.data);
	free(c);
}

void
rudp_end(struct rudp *c, int error, bool reset)
{
	c->closed = true;
	c->error = error;
	c->reset_due = reset && c->open;
	c->opening_due = c->probe_due = c->rx.ack_now = false;
	c->tx.timer_ns = c->rx.ack_ns = c->linger_ns = RUDP_NEVER;
}

void
rudp_close(struct rudp *c)
{
	c->closing = true;
	rudp_tx_queue_fin(c);
}

void
rudp_abort(struct rudp *c)
{
	if (!c->closed)
		rudp_end(c, -ECONNABORTED, true);
}

/* ---- input ---- */

static void
heard(struct rudp *c, int64_t now_ns)
{
	c->heard_ns = now_ns;
	if (!c->confirmed || (c->tx.flight.count == 0 && c->tx.lost.count == 0))
		c->tx.tries = 0;
	if (c->probing) /* the doublings were PROBE's, no sign of loss */
		c->tx.doublings = 0;
	c->confirmed = true;
	c->opening_due = false;
	c->probing = false;
}

static void
take_welcome(struct rudp *c, const struct rudp_packet *p, int64_t now_ns)
{
	if (c->open && p->own_id == c->peer_id)
		return; /* a duplicate */
	if (c->open || p->ack != c->local_first || !c->hello_sent) {
		c->count.bogus++;
		return;
	}
	open_connection(c, p->own_id, p->seq, p->window, now_ns);
	c->opening_due = true;
	c->tx.tries = c->tx.doublings = 0;
	if (!c->hello_repeated)
		rudp_tx_sample(c, now_ns - c->hello_ns);
	else /* RFC 6298 s5.7 */
		c->tx.rto_ns = 3 * CLOCK_S;
	rudp_tx_start_timer(c, now_ns);
}

static void
take_confirm(struct rudp *c, const struct rudp_packet *p, int64_t now_ns)
{
	if (!c->open || p->own_id != c->peer_id || p->seq != c->peer_first ||
	    p->ack != c->local_first) {
		c->count.bogus++;
		return;
	}
	heard(c, now_ns);
	c->rx.ack_now = true;
}

static void
take_reset(struct rudp *c, const struct rudp_packet *p)
{
	if (!c->open && p->ack == c->local_first && c->hello_sent)
		rudp_end(c, -ECONNREFUSED, false);
	else if (!c->open || p->seq - c->rx.next > c->config.window)
		c->count.bogus++;
	else if (c->linger_ns == RUDP_NEVER) /* RFC 1337: not in TIME-WAIT */
		rudp_end(c, -ECONNRESET, false);
}

/* Both directions are finished: over, or TIME-WAIT. */
static void
finish(struct rudp *c, int64_t now_ns)
{
	if (!c->tx.fin_acked || !c->rx.fin_read_up)
		return;
	if (!c->fin_crossed)
		rudp_end(c, 0, false);
	else /* again from the start: the peer has not heard all yet */
		c->linger_ns = now_ns + c->config.linger_ns;
}

/* DATA, FIN, ACK, PROBE */
static void
take_established(struct rudp *c, const struct rudp_packet *p, int64_t now_ns)
{
	if (!c->open || !rudp_tx_plausible(c, p) || !rudp_rx_plausible(c, p)) {
		c->count.bogus++;
		return;
	}
	heard(c, now_ns);
	rudp_tx_window(c, p->ack, p->window);
	rudp_tx_acked(c, p, now_ns);
	if (p->type == RUDP_DATA || p->type == RUDP_FIN)
		rudp_rx_take(c, p, now_ns);
	if (p->type == RUDP_PROBE)
		c->rx.ack_now = true;
	finish(c, now_ns);
}

/* Is there anything that the timer waits for? */
static bool
wants_timer(const struct rudp *c)
{
	if (c->closed)
		return false;
	return !c->open || !c->confirmed || c->probing ||
	       c->tx.una != c->tx.next || rudp_tx_shut(c);
}

static void
settle_timer(struct rudp *c, int64_t now_ns)
{
	if (!wants_timer(c))
		c->tx.timer_ns = RUDP_NEVER;
	else if (c->tx.timer_ns == RUDP_NEVER)
		rudp_tx_start_timer(c, now_ns);
}

void
rudp_input(struct rudp *c, const void *data, size_t n, int64_t now_ns)
{
	struct rd r = rd_init(data, n, n);
	struct rudp_packet p;
	enum rudp_fault fault = rudp_decode(&r, &p);

	c->count.datagrams_in++;
	if (fault != RUDP_FAULT_FINE) {
		c->count.malformed++;
		c->count.last_fault = fault;
		return;
	}
	if (p.id != c->local_id) {
		c->count.foreign++;
		return;
	}
	if (c->closed)
		return;
	switch (p.type) {
	case RUDP_WELCOME:
		take_welcome(c, &p, now_ns);
		break;
	case RUDP_CONFIRM:
		take_confirm(c, &p, now_ns);
		break;
	case RUDP_RESET:
		take_reset(c, &p);
		break;
	case RUDP_DATA:
	case RUDP_FIN:
	case RUDP_ACK:
	case RUDP_PROBE:
		take_established(c, &p, now_ns);
		break;
	case RUDP_HELLO: /* has id 0 */
		break;
	}
	settle_timer(c, now_ns);
}

/* ---- output ---- */

static void
hello_timed_out(struct rudp *c, int64_t now_ns)
{
	c->count.timeouts++;
	if (++c->tx.tries > c->config.hello_retries) {
		rudp_end(c, -ETIMEDOUT, false);
		return;
	}
	c->tx.doublings++;
	c->hello_repeated = true;
	c->opening_due = true;
	rudp_tx_start_timer(c, now_ns);
}

/* When a silent peer is asked whether it is there; RUDP_NEVER: not now. */
static int64_t
keepalive_ns(const struct rudp *c)
{
	if (c->config.keepalive_ns == 0 || c->closed || !c->open ||
	    c->probing || c->tx.una != c->tx.next || c->linger_ns != RUDP_NEVER)
		return RUDP_NEVER;
	return c->heard_ns + c->config.keepalive_ns;
}

static void
run_timers(struct rudp *c, int64_t now_ns)
{
	if (c->rx.ack_ns <= now_ns)
		c->rx.ack_now = true;
	if (keepalive_ns(c) <= now_ns)
		c->probing = c->probe_due = true;
	if (c->tx.timer_ns <= now_ns) {
		if (c->open)
			rudp_tx_timed_out(c, now_ns);
		else
			hello_timed_out(c, now_ns);
	}
	if (c->linger_ns <= now_ns)
		rudp_end(c, 0, false);
}

static bool
opening_packet(struct rudp *c, struct rudp_packet *p, int64_t now_ns)
{
	if (!c->opening_due)
		return false;
	c->opening_due = false;
	p->type = c->open ? RUDP_CONFIRM : RUDP_HELLO;
	p->own_id = c->local_id;
	p->seq = c->local_first;
	p->ack = c->peer_first;
	p->window = (uint16_t)c->config.window;
	if (!c->open) {
		c->hello_sent = true;
		c->hello_ns = now_ns;
	}
	return true;
}

/* What goes out next, the most urgent first; false: nothing. */
static bool
choose(struct rudp *c, struct rudp_packet *p, uint8_t *bitmap, int64_t now_ns)
{
	size_t bitmap_max = RUDP_BITMAP_MAX;

	if (c->reset_due) {
		c->reset_due = false;
		p->type = RUDP_RESET;
		p->ack = c->rx.next;
		return true;
	}
	if (c->closed)
		return false;
	if (opening_packet(c, p, now_ns))
		return true;
	if (!c->open)
		return false;
	if (rudp_tx_ready(c)) {
		bitmap_max = RUDP_BITMAP_DATA_MAX;
		rudp_tx_next(c, p, now_ns);
	} else if (c->probe_due) {
		c->probe_due = false;
		c->count.probes++;
		p->type = RUDP_PROBE;
	} else if (c->rx.ack_now) {
		c->count.acks++;
		p->type = RUDP_ACK;
	} else {
		return false;
	}
	rudp_rx_acknowledge(c, p, bitmap, bitmap_max);
	return true;
}

size_t
rudp_output(struct rudp *c, int64_t now_ns, uint8_t *buf, size_t size)
{
	struct rudp_packet p = {.id = c->peer_id, .seq = c->tx.next};
	uint8_t bitmap[RUDP_BITMAP_MAX];
	struct wr w = wr_init(buf, size);

	assert(size >= RUDP_DATAGRAM_MAX);
	run_timers(c, now_ns);
	if (!choose(c, &p, bitmap, now_ns)) {
		settle_timer(c, now_ns);
		return 0;
	}
	settle_timer(c, now_ns);
	rudp_encode(&w, &p);
	c->count.datagrams_out++;
	return wr_len(&w);
}

/* Something for rudp_output() to do now, timers aside. */
static bool
has_output(const struct rudp *c)
{
	if (c->closed)
		return c->reset_due;
	/* A window that is shut needs its timer, once something was queued. */
	if (wants_timer(c) && c->tx.timer_ns == RUDP_NEVER)
		return true;
	return c->opening_due ||
	       (c->open && (rudp_tx_ready(c) || c->probe_due || c->rx.ack_now));
}

int64_t
rudp_deadline(const struct rudp *c)
{
	const int64_t times[] = {
	    c->tx.timer_ns, c->rx.ack_ns, c->linger_ns, keepalive_ns(c)};
	int64_t first = RUDP_NEVER;

	if (has_output(c))
		return RUDP_AT_ONCE;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (times[i] < first)
			first = times[i];
	return first;
}

/* ---- what to show ---- */

enum rudp_state
rudp_state(const struct rudp *c)
{
	bool theirs = c->rx.fin_read_up;

	if (c->closed)
		return RUDP_CLOSED;
	if (!c->open)
		return RUDP_HELLO_SENT;
	if (!c->closing)
		return theirs ? RUDP_CLOSE_WAIT : RUDP_ESTABLISHED;
	if (!theirs)
		return c->tx.fin_acked ? RUDP_FIN_WAIT_2 : RUDP_FIN_WAIT_1;
	if (!c->fin_crossed)
		return RUDP_LAST_ACK;
	return c->tx.fin_acked ? RUDP_TIME_WAIT : RUDP_CLOSING;
}

struct rudp_stats
rudp_stats(const struct rudp *c)
{
	const struct rudp_tx *tx = &c->tx;
	struct rudp_stats s = c->count;

	s.state = rudp_state(c);
	s.error = c->error;
	s.local_id = c->local_id;
	s.peer_id = c->peer_id;
	s.window = rudp_before(tx->una, tx->edge) ? tx->edge - tx->una : 0;
	s.local_window = rudp_rx_window(c);
	s.in_flight = tx->flight.count;
	s.queued = tx->end - tx->una;
	s.out_of_order = c->rx.out_of_order;
	s.unread = c->rx.next - c->rx.read;
	s.unread -= c->rx.fin_read_up;
	s.srtt_ns = tx->srtt_ns;
	s.rttvar_ns = tx->rttvar_ns;
	s.min_rtt_ns = tx->min_rtt_ns;
	s.rto_ns = rudp_tx_timeout(c);
	return s;
}
