/*
 * A telemetry client (net/proto/telemetry.h): sensors that walk at random,
 * of every data type, one reading at a time; and what the server answers.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/proto/telemetry.h"
#include "net/talk.h"

/* A sensor wanders between low and high, by at most step a reading. */
static const struct sensor {
	char kind;
	double low, high, step;
} sensors[TALK_SENSORS_MAX] = {
    {'d', 15, 30, 0.4}, /* temperature, degrees Celsius */
    {'B', 20, 95, 3}, /* humidity, percent */
    {'H', 980, 1040, 1.5}, /* pressure, hPa */
    {'b', -90, -30, 4}, /* received signal, dBm */
    {'f', 3.2, 4.2, 0.02}, /* battery, volts */
    {'i', -20000, 20000, 900}, /* position, steps */
    {'?', 0, 1, 0.3}, /* a door: open */
    {'q', -5e12, 5e12, 4e11}, /* clock drift, picoseconds */
    {'s', 0, 3, 0.5}, /* state, in a word */
};

static const char *const words[] = {"cold", "mild", "warm"};

struct walk {
	uint64_t random;
	double at[TALK_SENSORS_MAX];
	uint32_t turn; /* whose reading is next */
};

/* From -1 to 1. Source: Vigna, xorshift64*. */
static double
random_step(struct walk *w)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (double)(int64_t)(w->random * 0x2545f4914f6cdd1d) / 0x1p63;
}

static int
begin(struct talk *t, struct err *err)
{
	struct walk *w = t->state;

	if (t->size == 0 || t->size > TALK_SENSORS_MAX)
		return err_set(err, -EINVAL, "There are 1 to %d sensors",
		    TALK_SENSORS_MAX);
	/* Any number but 0, and seeds that differ by 1 begin far apart. */
	w->random = (t->seed + UINT64_C(1)) * 0x9e3779b97f4a7c15;
	for (size_t i = 0; i < TALK_SENSORS_MAX; i++)
		w->at[i] = (sensors[i].low + sensors[i].high) / 2;
	return 0;
}

static struct telemetry_value
value_of(const struct sensor *s, double at)
{
	struct telemetry_value v = {.kind = s->kind};
	const char *word;

	switch (s->kind) {
	case 'd':
	case 'f':
		v.d = at;
		break;
	case 's':
		word = words[(size_t)at % 3];
		v.len = (uint8_t)strlen(word);
		memcpy(v.text, word, v.len);
		break;
	case 'B':
	case 'H':
	case '?':
		v.u = (uint64_t)lround(at);
		break;
	default:
		v.i = llround(at);
		break;
	}
	return v;
}

static struct telemetry_value
walk_on(struct walk *w, size_t i)
{
	const struct sensor *s = &sensors[i];
	double at = w->at[i] + random_step(w) * s->step;

	w->at[i] = at < s->low ? s->low : at > s->high ? s->high : at;
	return value_of(s, w->at[i]);
}

static void
next(struct talk *t)
{
	struct walk *w = t->state;
	size_t i = w->turn++ % t->size;
	int64_t ms = t->every_ns / CLOCK_MS;
	uint8_t bytes[TELEMETRY_MAX];
	struct wr out = wr_init(bytes, sizeof bytes);
	struct telemetry_message m = {
	    .type = TELEMETRY_READING,
	    .seq = t->seq,
	    .time_ns = clock_now_ns(),
	    .sensor = (uint16_t)(i + 1),
	    .period_ms = ms <= UINT16_MAX ? (uint16_t)ms : UINT16_MAX,
	    .value = walk_on(w, i),
	};

	telemetry_encode(&out, &m);
	buf_add(&t->out, bytes, wr_len(&out));
}

/* ---- the answers ---- */

static void
complain(struct hearing *h, enum telemetry_fault fault)
{
	snprintf(h->note, sizeof h->note, "This is no answer of telemetry: %s.",
	    telemetry_fault_text(fault));
	h->note_bad = true;
}

static void
explain(struct hearing *h, struct rd *r)
{
	struct telemetry_message m;
	enum telemetry_fault fault = telemetry_decode(r, &m);
	char line[TELEMETRY_LINE_MAX];

	if (fault == TELEMETRY_FAULT_FINE && m.type == TELEMETRY_READING)
		fault = TELEMETRY_FAULT_DIRECTION;
	if (fault != TELEMETRY_FAULT_FINE) {
		complain(h, fault);
		return;
	}
	h->note_bad = m.type == TELEMETRY_ERROR;
	snprintf(h->note, sizeof h->note, "%.250s", telemetry_line(line, &m));
	if (m.type == TELEMETRY_PERIOD)
		h->every_ns = m.period_ms * CLOCK_MS;
}

static size_t
hear(struct hearing *h, const uint8_t *data, size_t n)
{
	struct telemetry_framer *f = h->state;
	struct rd in = rd_init(data, n, n), one;

	if (h->datagrams) {
		explain(h, &in);
		return n;
	}
	if (f->fault != TELEMETRY_FAULT_FINE)
		return n;
	if (telemetry_frame(f, &in, &one))
		explain(h, &one);
	else if (f->fault != TELEMETRY_FAULT_FINE)
		complain(h, f->fault);
	return f->fault != TELEMETRY_FAULT_FINE ? n : rd_off(&in);
}

const struct listener listen_telemetry = {
    .state_size = sizeof(struct telemetry_framer),
    .hear = hear,
};

const struct talker talk_telemetry = {
    .doing = "Telemetry",
    .state_size = sizeof(struct walk),
    .begin = begin,
    .next = next,
    .listener = &listen_telemetry,
};
