#include "tui/compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "capture/source.h"
#include "net/base/clock.h"
#include "net/server.h"

/* Only the newest packets are looked at, so few are kept. */
#define STORE_BUDGET (4 * 1024 * 1024)
#define ECHO_TIMEOUT_NS (200 * CLOCK_MS)
/* No packet for so long: the last ones have been seen (the kernel hands over
 * what it captured every 10 ms). */
#define QUIET_NS (60 * CLOCK_MS)

enum phase { PHASE_SERVER, PHASE_TRIPS, PHASE_QUIET, PHASE_STOP };

struct compare {
	struct compare_spec spec;
	struct engine *engine;
	struct source *source;
	struct capture *capture;
	struct savefile *file; /* NULL: not asked for, or not opened yet */
	enum compare_state state;
	struct err trouble;
	uint64_t gen;
	/* the transport under way */
	int at;
	enum phase phase;
	uint32_t server, client; /* groups */
	struct addr address; /* of the server; len 0: not known yet */
	struct round_trips *trips;
	int64_t heard_ns; /* of the last packet, monotonic */
	struct compare_side sides[COMPARE_SIDES];
};

struct compare_spec
compare_spec_default(void)
{
	return (struct compare_spec){.count = 100, .size = 10};
}

int
compare_new(
    const struct compare_spec *spec, struct compare **ret, struct err *err)
{
	static const enum transport order[COMPARE_SIDES] = {
	    TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_RUDP};
	struct compare *c = calloc(1, sizeof *c);
	int r = -ENOMEM;

	if (c == NULL)
		return err_set(err, -ENOMEM, "no memory for a comparison");
	c->spec = *spec;
	for (int i = 0; i < COMPARE_SIDES; i++) {
		c->sides[i].transport = order[i];
		tally_init(&c->sides[i].tally, order[i]);
	}
	c->capture = capture_new(STORE_BUDGET);
	c->engine = engine_new(err);
	if (c->engine != NULL && c->capture != NULL)
		r = source_open_live("lo", "tcp or udp", &c->source, err);
	if (r < 0) {
		compare_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void
compare_free(struct compare *c)
{
	if (c == NULL)
		return;
	engine_free(c->engine);
	source_close(c->source);
	capture_free(c->capture);
	savefile_abandon(c->file);
	round_trips_free(c->trips);
	free(c);
}

const struct compare_spec *
compare_spec(const struct compare *c)
{
	return &c->spec;
}

const struct compare_side *
compare_side(const struct compare *c, int i)
{
	return &c->sides[i];
}

uint64_t
compare_gen(const struct compare *c)
{
	return c->gen;
}

const char *
compare_trouble(const struct compare *c)
{
	return c->trouble.text;
}

static void
fail(struct compare *c, const char *what, const char *why)
{
	err_set(&c->trouble, -EIO, "%s over %s: %s", what,
	    transport_name(c->sides[c->at].transport), why);
	c->state = COMPARE_FAILED;
	c->gen++;
}

/* ---- packets ---- */

static void
save(struct compare *c, const struct packet *p)
{
	struct err err;

	if (c->spec.save == NULL || c->state == COMPARE_FAILED)
		return;
	if ((c->file == NULL && savefile_open(c->spec.save, c->spec.overwrite,
				    &c->file, &err) < 0) ||
	    savefile_add(c->file, p, NULL, &err) < 0) {
		c->trouble = err;
		c->state = COMPARE_FAILED;
	}
}

static void
take_packet(struct compare *c, const struct frame *f)
{
	uint16_t port = addr_port(&c->address);

	if (port == 0 || (f->sum.src_port != port && f->sum.dst_port != port))
		return;
	tally_feed(&c->sides[c->at].tally, f);
	save(c, &f->packet);
	c->heard_ns = clock_mono_ns();
	c->gen++;
}

static void
drain_packets(struct compare *c)
{
	struct feeding g;
	struct batch *b;
	struct frame f;

	while ((b = source_pop(c->source)) != NULL) {
		capture_begin(c->capture, b, &g);
		while (capture_next(&g, &f))
			take_packet(c, &f);
		batch_free(b);
	}
}

/* ---- calls ---- */

/* Where the server listens; a refusal ends the comparison. */
static void
take_call(struct compare *c, const struct call *call)
{
	enum transport t = c->sides[c->at].transport;
	bool up = call->kind == (t == TRANSPORT_TCP ? CALL_LISTEN : CALL_BIND);

	if (call->group != c->server || call->phase != CALL_DONE)
		return;
	if (call->kind == CALL_NOTE && call->result < 0 &&
	    c->phase == PHASE_SERVER) {
		char why[CALL_DATA_MAX + 1];

		snprintf(why, sizeof why, "%.*s", call->data_len,
		    (const char *)call->data);
		fail(c, "the server", why);
	} else if (up && call->error == 0)
		c->address = call->local;
}

static void
drain_calls(struct compare *c)
{
	struct call calls[16];
	size_t n;

	do {
		n = engine_pop(c->engine, calls, 16);
		for (size_t i = 0; i < n; i++)
			take_call(c, &calls[i]);
	} while (n == 16);
	engine_tick(c->engine);
}

/* ---- one transport ---- */

static void
start_server(struct compare *c)
{
	enum transport t = c->sides[c->at].transport;
	const char *words[] = {"echo", transport_name(t), "127.0.0.1:0"};
	struct server_spec spec = server_spec_default();
	struct err err;

	c->address.len = 0;
	if (server_spec_parse(&spec, words, 3, &err) < 0 ||
	    server_start(c->engine, &spec, &c->server, &err) < 0)
		fail(c, "the server", err.text);
}

static void
start_trips(struct compare *c)
{
	const struct round_trips_spec spec = {
	    .transport = c->sides[c->at].transport,
	    .to = c->address,
	    .count = c->spec.count,
	    .size = c->spec.size,
	    .every_ns = c->spec.every_ns,
	    .timeout_ns = ECHO_TIMEOUT_NS,
	};
	struct err err = {"no memory"};

	round_trips_free(c->trips);
	c->trips = round_trips_new(&spec);
	if (c->trips == NULL ||
	    round_trips_start(c->engine, c->trips, &c->client, &err) < 0)
		fail(c, "the client", err.text);
	c->phase = PHASE_TRIPS;
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The nearest-rank percentile of sorted times. */
static int64_t
percentile(const int64_t *sorted, uint32_t n, unsigned percent)
{
	uint64_t rank = ((uint64_t)n * percent + 99) / 100;

	return n > 0 ? sorted[rank > 0 ? rank - 1 : 0] : 0;
}

static void
take_results(struct compare *c)
{
	struct compare_side *s = &c->sides[c->at];
	struct round_trips *x = c->trips;

	if (x->error < 0) {
		fail(c, "the messages", strerrordesc_np(-x->error));
		return;
	}
	qsort(x->rtt_ns, x->answered, sizeof *x->rtt_ns, by_time);
	s->sent = x->sent;
	s->answered = x->answered;
	s->lost = x->lost;
	s->took_ns = x->end_ns - x->begin_ns;
	s->rtt_p50_ns = percentile(x->rtt_ns, x->answered, 50);
	s->rtt_p90_ns = percentile(x->rtt_ns, x->answered, 90);
	s->rtt_p99_ns = percentile(x->rtt_ns, x->answered, 99);
	s->rtt_max_ns = percentile(x->rtt_ns, x->answered, 100);
	c->heard_ns = clock_mono_ns();
	c->phase = PHASE_QUIET;
}

/* All of it is counted: the next transport, or the end. */
static void
finish_side(struct compare *c)
{
	c->sides[c->at].done = true;
	c->gen++;
	c->phase = PHASE_SERVER;
	c->server = 0;
	if (++c->at < COMPARE_SIDES)
		return;
	c->at = COMPARE_SIDES - 1;
	c->state = COMPARE_DONE;
	if (c->file != NULL && savefile_commit(c->file, &c->trouble) < 0)
		c->state = COMPARE_FAILED;
	c->file = NULL;
}

enum compare_state
compare_step(struct compare *c)
{
	struct source_status st;

	if (c->state != COMPARE_RUNNING)
		return c->state;
	drain_packets(c);
	drain_calls(c);
	source_status(c->source, &st);
	if (st.ended)
		fail(c, "the capture", st.error.text);
	if (c->state != COMPARE_RUNNING)
		return c->state;
	switch (c->phase) {
	case PHASE_SERVER:
		if (c->server == 0)
			start_server(c);
		else if (c->address.len != 0)
			start_trips(c);
		break;
	case PHASE_TRIPS:
		if (engine_alive(c->engine, c->client) == 0)
			take_results(c);
		break;
	case PHASE_QUIET:
		if (clock_mono_ns() - c->heard_ns < QUIET_NS)
			break;
		engine_stop(c->engine, c->server);
		c->phase = PHASE_STOP;
		break;
	case PHASE_STOP:
		if (engine_alive(c->engine, c->server) == 0)
			finish_side(c);
		break;
	}
	return c->state;
}
