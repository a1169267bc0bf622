#include "tui/compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "capture/source.h"
#include "net/base/clock.h"
#include "net/server.h"
#include "net/wire_words.h"
#include "tui/bluetooth.h"

/* Only the newest packets are looked at, so few are kept. */
#define STORE_BUDGET (4 * 1024 * 1024)
#define ECHO_TIMEOUT_NS (200 * CLOCK_MS)
/* No packet for so long: the last ones have been seen (the kernel hands over
 * what it captured every 10 ms). */
#define QUIET_NS (60 * CLOCK_MS)

/* PHASE_AIR: all but RFCOMM are done: is there Bluetooth? */
enum phase { PHASE_SERVER, PHASE_TRIPS, PHASE_QUIET, PHASE_STOP, PHASE_AIR };

struct compare {
	struct compare_spec spec;
	struct engine *engine;
	struct source *source;
	struct bluetooth_scan adapters;
	struct bdaddr camera; /* RFCOMM: the server's adapter */
	struct source *air; /* of RFCOMM; NULL: not captured */
	struct err air_trouble;
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
	int count; /* of sides */
	struct compare_side sides[COMPARE_SIDES];
	/* over the wire */
	const struct lab *lab;
	struct wiretap *tap; /* NULL: on lo */
	bool aside; /* on lo, though there is a wire */
	struct wire_settings before[2]; /* how it was */
	char congestion[COMPARE_CONGESTION_MAX]; /* the system's, before */
};

struct compare_spec
compare_spec_default(void)
{
	return (struct compare_spec){.count = 100, .size = 10};
}

int
compare_wire(struct compare_spec *spec, const char *key, const char *value,
    struct err *err)
{
	struct compare_spec usual = compare_spec_default();
	int r = wire_settings_set(&spec->wire, key, value, err);

	if (r < 0 || spec->wired)
		return r;
	spec->wired = true;
	if (spec->wire.impair.seed == 0)
		spec->wire.impair.seed = 1;
	if (spec->count == usual.count)
		spec->count = COMPARE_WIRED_COUNT;
	if (spec->size == usual.size)
		spec->size = COMPARE_WIRED_SIZE;
	return 0;
}

static void
add_side(struct compare *c, enum transport t, const char *congestion)
{
	struct compare_side *s = &c->sides[c->count++];

	s->transport = t;
	snprintf(s->congestion, sizeof s->congestion, "%s", congestion);
	tally_init(&s->tally, t);
}

/* ---- congestion control: of the network namespace that the thread is in ---- */

#define CONGESTION "/proc/sys/net/ipv4/tcp_congestion_control"
#define CONGESTIONS "/proc/sys/net/ipv4/tcp_available_congestion_control"

static void
read_line(const char *path, char *dst, size_t size)
{
	FILE *f = fopen(path, "re");

	dst[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(dst, (int)size, f) != NULL)
		dst[strcspn(dst, "\n")] = '\0';
	fclose(f);
}

/* One that the kernel does not let us have leaves the one before. */
static void
set_congestion(const char *name)
{
	FILE *f = name[0] != '\0' ? fopen(CONGESTION, "we") : NULL;

	if (f == NULL)
		return;
	fputs(name, f);
	fclose(f);
}

/* reno first, since it is in every book. */
static void
add_tcp(struct compare *c)
{
	static const char *const usual[] = {"reno", "cubic", "bbr"};
	char all[256], name[COMPARE_CONGESTION_MAX + 2], list[260];

	read_line(CONGESTION, c->congestion, sizeof c->congestion);
	read_line(CONGESTIONS, all, sizeof all);
	snprintf(list, sizeof list, " %s ", all);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		snprintf(name, sizeof name, " %s ", usual[i]);
		if (strstr(list, name) != NULL)
			add_side(c, TRANSPORT_TCP, usual[i]);
	}
	if (c->count == 0)
		add_side(c, TRANSPORT_TCP, "");
}

/* ---- its life ---- */

static int
begin_on_wire(struct compare *c, struct err *err)
{
	struct wire_settings ways[2] = {c->spec.wire, c->spec.wire};
	int r = source_open_fed("wire", WIRE_LINK_TYPE, &c->source, err);

	if (r < 0)
		return r;
	add_tcp(c);
	wire_get(c->tap->wire, c->before);
	wire_set(c->tap->wire, ways);
	wiretap_listen(c->tap, c->source);
	return 0;
}

static void
end_on_wire(struct compare *c)
{
	if (c->tap == NULL || c->source == NULL)
		return;
	wiretap_listen(c->tap, NULL);
	wire_set(c->tap->wire, c->before);
	set_congestion(c->congestion);
}

int
compare_new(const struct compare_spec *spec, const struct lab *lab,
    struct wiretap *tap, struct compare **ret, struct err *err)
{
	struct compare *c = calloc(1, sizeof *c);
	int r = -ENOMEM;

	if (c == NULL)
		return err_set(err, -ENOMEM, "no memory for a comparison");
	c->spec = *spec;
	bluetooth_scan_init(&c->adapters);
	c->lab = lab;
	c->tap = spec->wired ? tap : NULL;
	c->aside = !spec->wired && tap->wire != NULL;
	if (c->aside)
		wire_get(tap->wire, c->before);
	c->capture = capture_new(STORE_BUDGET);
	c->engine = engine_new(err);
	if (c->engine != NULL)
		engine_set_outside(c->engine, spec->outside);
	if (spec->outside != NULL && !spec->wired)
		bluetooth_scan_start(&c->adapters, spec->outside,
		    &(struct bluetooth_request){.question = BLUETOOTH_ADAPTERS},
		    NULL);
	if (c->engine != NULL && c->capture != NULL)
		r = spec->wired
			? begin_on_wire(c, err)
			: source_open_live("lo", "tcp or udp", &c->source, err);
	if (r < 0) {
		compare_free(c);
		return r;
	}
	if (!spec->wired)
		add_side(c, TRANSPORT_TCP, "");
	add_side(c, TRANSPORT_UDP, "");
	add_side(c, TRANSPORT_RUDP, "");
	*ret = c;
	return 0;
}

void
compare_free(struct compare *c)
{
	if (c == NULL)
		return;
	engine_free(c->engine);
	end_on_wire(c);
	bluetooth_scan_stop(&c->adapters);
	source_close(c->source);
	source_close(c->air);
	capture_free(c->capture);
	savefile_abandon(c->file);
	round_trips_free(c->trips);
	free(c);
}

int
compare_sides(const struct compare *c)
{
	return c->count;
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

const struct wire_settings *
compare_wire_aside(const struct compare *c)
{
	return c->aside ? &c->before[WIRE_TO_SERVER] : NULL;
}

const char *
compare_air_trouble(const struct compare *c)
{
	return c->air_trouble.text;
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

/* Nothing more is to come. */
static void
finish(struct compare *c)
{
	c->at = c->count - 1;
	c->state = COMPARE_DONE;
	if (c->file != NULL && savefile_commit(c->file, &c->trouble) < 0)
		c->state = COMPARE_FAILED;
	c->file = NULL;
	c->gen++;
}

static bool
on_air(const struct compare *c)
{
	return c->sides[c->at].transport == TRANSPORT_RFCOMM;
}

static void
fail(struct compare *c, const char *what, const char *why)
{
	/* The others are worth having without it. */
	if (on_air(c)) {
		err_set(&c->air_trouble, -EIO, "%s: %s", what, why);
		engine_stop(c->engine, 0);
		c->count--;
		finish(c);
		return;
	}
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

	if (on_air(c) ? f->sum.proto != PROTO_RFCOMM
		      : port == 0 || (f->sum.src_port != port &&
					 f->sum.dst_port != port))
		return;
	tally_feed(&c->sides[c->at].tally, f);
	save(c, &f->packet);
	c->heard_ns = clock_mono_ns();
	c->gen++;
}

static void
drain_packets(struct compare *c)
{
	struct source *source = on_air(c) ? c->air : c->source;
	struct feeding g;
	struct batch *b;
	struct frame f;

	while (source != NULL && (b = source_pop(source)) != NULL) {
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
	bool stream = transport_socktype(t) == SOCK_STREAM;
	bool up = call->kind == (stream ? CALL_LISTEN : CALL_BIND);

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
	const struct compare_side *side = &c->sides[c->at];
	enum transport t = side->transport;
	const char *words[] = {"echo", transport_name(t),
	    t == TRANSPORT_RFCOMM ? "any" : "127.0.0.1:0"};
	struct server_spec spec = server_spec_default();
	char any[] = "0.0.0.0:0";
	struct err err;

	c->address.len = 0;
	if (c->tap != NULL) {
		words[2] = any;
		set_congestion(side->congestion);
		/* every transport meets the same wire from its start */
		wire_forget(c->tap->wire);
	}
	if (server_spec_parse(&spec, words, 3, &err) < 0 ||
	    server_start(c->engine, &spec, &c->server, &err) < 0)
		fail(c, "the server", err.text);
}

/* Where the server is for its clients. */
static struct addr
server_address(const struct compare *c)
{
	struct addr a = c->address;

	if (on_air(c))
		a.rc.device = c->camera;
	if (c->tap == NULL)
		return a;
	return addr_from_ip(
	    AF_INET, &c->lab->ports[0].ip4, addr_port(&c->address));
}

/* A thread begins in the network namespace of who starts it. */
static int
start_client(struct compare *c, struct err *err)
{
	int r = c->tap != NULL ? lab_host_enter(c->lab, 1) : 0;

	if (r < 0)
		return err_set(err, r, "the client's host is not there");
	if (c->tap != NULL)
		set_congestion(c->sides[c->at].congestion);
	r = round_trips_start(c->engine, c->trips, &c->client, err);
	if (c->tap != NULL)
		lab_host_enter(c->lab, 0);
	return r;
}

static void
start_trips(struct compare *c)
{
	int64_t delay_ns = c->spec.wired ? c->spec.wire.impair.delay_ns : 0;
	const struct round_trips_spec spec = {
	    .transport = c->sides[c->at].transport,
	    .to = server_address(c),
	    .count = c->spec.count,
	    .size = c->spec.size,
	    .every_ns = c->spec.every_ns,
	    .timeout_ns = ECHO_TIMEOUT_NS + 4 * delay_ns,
	    .window = c->spec.wired ? COMPARE_WINDOW : 1,
	};
	struct err err = {"no memory"};

	round_trips_free(c->trips);
	c->trips = round_trips_new(&spec);
	if (c->trips == NULL || start_client(c, &err) < 0)
		fail(c, "the client", err.text);
	c->phase = PHASE_TRIPS;
}

/* ---- RFCOMM: between two adapters of this machine ---- */

/* The adapter that is up with the lowest number (the highest). */
static const struct bluetooth_answer *
adapter(const struct compare *c, bool highest)
{
	const struct bluetooth_answer *best = NULL;

	for (int i = 0; i < c->adapters.count; i++) {
		const struct bluetooth_answer *k = &c->adapters.row[i];

		if (k->up && (best == NULL || (k->id > best->id) == highest))
			best = k;
	}
	return best;
}

/* The last side, if there is Bluetooth here. False: there is none. */
static bool
begin_air(struct compare *c)
{
	const struct bluetooth_answer *server, *client;
	char interface[32];

	server = adapter(c, false);
	client = adapter(c, true);
	if (c->adapters.count == 0)
		return false;
	if (server == client) {
		err_set(&c->air_trouble, -ENODEV,
		    "it takes two adapters that are up, one for each end");
		return false;
	}
	c->camera = server->address;
	snprintf(interface, sizeof interface, "bluetooth%d", client->id);
	source_open_live(interface, NULL, &c->air, &c->air_trouble);
	add_side(c, TRANSPORT_RFCOMM, "");
	return true;
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

static uint64_t
goodput(const struct round_trips *x)
{
	double bits = (double)x->answered * x->spec.size * 8;
	double seconds = (double)(x->end_ns - x->begin_ns) / (double)CLOCK_S;

	return seconds > 0 ? (uint64_t)(bits / seconds) : 0;
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
	s->goodput_bps = goodput(x);
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
	if (on_air(c))
		finish(c);
	else if (c->at + 1 == c->count)
		c->phase = PHASE_AIR;
	else
		c->at++;
}

/* Once the adapters are known: RFCOMM as well, or that was all. */
static void
look_for_air(struct compare *c)
{
	bluetooth_scan_read(&c->adapters);
	if (c->adapters.fd >= 0)
		return;
	c->phase = PHASE_SERVER;
	if (begin_air(c))
		c->at++;
	else
		finish(c);
}

/* Over a slow wire the last packets take their time. */
static int64_t
quiet(const struct compare *c)
{
	return QUIET_NS +
	       (c->spec.wired ? 2 * c->spec.wire.impair.delay_ns : 0);
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
	if (st.ended && !on_air(c))
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
		if (clock_mono_ns() - c->heard_ns < quiet(c))
			break;
		engine_stop(c->engine, c->server);
		c->phase = PHASE_STOP;
		break;
	case PHASE_STOP:
		if (engine_alive(c->engine, c->server) == 0)
			finish_side(c);
		break;
	case PHASE_AIR:
		look_for_air(c);
		break;
	}
	return c->state;
}
