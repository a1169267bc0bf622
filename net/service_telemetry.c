/*
 * telemetry: takes readings, answers each (net/proto/telemetry.h).
 */
#include <inttypes.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/sequence.h"
#include "net/services.h"
#include "net/telemetry.h"

struct sensor {
	uint16_t id;
	char kind;
	uint32_t count;
	double mean;
};

struct peer {
	struct telemetry_framer framer;
	struct sequence sequence;
	uint64_t received, refused;
	uint32_t answers; /* the sequence number of the next one */
	struct sensor sensors[TELEMETRY_SENSORS];
	size_t sensor_count;
};

static void
report(struct session *n, const struct peer *p, struct telemetry_report *r)
{
	r->counts = (struct telemetry_counts){
	    .received = p->received,
	    .lost = p->sequence.lost,
	    .duplicated = p->sequence.duplicated,
	    .reordered = p->sequence.reordered,
	    .refused = p->refused,
	};
	session_report(n, r, sizeof *r);
}

static void
answer(struct session *n, struct peer *p, struct telemetry_message *m)
{
	uint8_t bytes[TELEMETRY_MAX];
	struct wr w = wr_init(bytes, sizeof bytes);

	m->seq = p->answers++;
	m->time_ns = clock_now_ns();
	telemetry_encode(&w, m);
	buf_add(&n->out, bytes, wr_len(&w));
}

/* Count it, say why, and tell the client unless it is an answer itself. */
static void
refuse(struct session *n, struct peer *p, const struct telemetry_message *m,
    enum telemetry_fault fault)
{
	struct telemetry_report r = {.fault = (uint8_t)fault};

	p->refused++;
	session_note(n, true,
	    "Message %" PRIu32 " is refused (%" PRIu64 " so far): %s.", m->seq,
	    p->refused, telemetry_fault_text(fault));
	report(n, p, &r);
	if (fault != TELEMETRY_FAULT_DIRECTION)
		answer(n, p,
		    &(struct telemetry_message){.type = TELEMETRY_ERROR,
			.about = m->seq,
			.reason = (uint8_t)fault});
}

/* ---- readings ---- */

/* The sensor of a reading; NULL: *ret_fault says why not. */
static struct sensor *
sensor_of(struct peer *p, const struct telemetry_message *m,
    enum telemetry_fault *ret_fault)
{
	struct sensor *s = p->sensors, *end = s + p->sensor_count;

	while (s < end && s->id != m->sensor)
		s++;
	if (s == p->sensors + TELEMETRY_SENSORS) {
		*ret_fault = TELEMETRY_FAULT_SENSORS;
		return NULL;
	}
	if (s == end) {
		*s = (struct sensor){.id = m->sensor, .kind = m->value.kind};
		p->sensor_count++;
	}
	if (s->kind == m->value.kind)
		return s;
	*ret_fault = TELEMETRY_FAULT_CHANGED;
	return NULL;
}

/* The running mean, in a form that does not overflow. */
static void
enter(struct sensor *s, double value)
{
	double n = (double)++s->count;

	s->mean = s->mean * ((n - 1) / n) + value / n;
}

/* The period that this client should have now; 0: whichever it likes. */
static uint16_t
period_wanted(const struct service_options *o)
{
	if (o->period_now == NULL)
		return o->period_ms;
	return (uint16_t)atomic_load_explicit(
	    o->period_now, memory_order_relaxed);
}

static void
answer_reading(struct session *n, struct peer *p,
    const struct telemetry_message *m, const struct sensor *s)
{
	uint16_t wanted = period_wanted(n->options);
	struct telemetry_message a = {
	    .type = TELEMETRY_ACK,
	    .about = m->seq,
	    .sensor = s->id,
	    .count = s->count,
	    .mean = s->mean,
	};

	if (wanted != 0 && m->period_ms != 0 && m->period_ms != wanted) {
		a.type = TELEMETRY_PERIOD;
		a.period_ms = wanted;
	}
	answer(n, p, &a);
}

static void
take_reading(
    struct session *n, struct peer *p, const struct telemetry_message *m)
{
	enum telemetry_fault fault = TELEMETRY_FAULT_SEQUENCE;
	enum sequence_verdict verdict = sequence_feed(&p->sequence, m->seq);
	struct sensor *s = NULL;

	if (verdict != SEQUENCE_FAR)
		s = sensor_of(p, m, &fault);
	if (s == NULL) {
		refuse(n, p, m, fault);
		return;
	}
	if (verdict != SEQUENCE_AGAIN) {
		p->received++;
		enter(s, telemetry_number(&m->value));
	}
	answer_reading(n, p, m, s);
	report(n, p,
	    &(struct telemetry_report){
		.again = verdict == SEQUENCE_AGAIN,
		.sensor = s->id,
		.period_ms = m->period_ms,
		.count = s->count,
		.mean = s->mean,
		.value = m->value,
	    });
}

static void
take_message(struct session *n, struct peer *p, struct rd *r)
{
	struct telemetry_message m;
	enum telemetry_fault fault = telemetry_decode(r, &m);

	if (fault == TELEMETRY_FAULT_FINE && m.type != TELEMETRY_READING)
		fault = TELEMETRY_FAULT_DIRECTION;
	if (fault == TELEMETRY_FAULT_FINE)
		take_reading(n, p, &m);
	else
		refuse(n, p, &m, fault);
}

/* ---- a stream, a datagram ---- */

static enum service_verdict
on_bytes(struct session *n, const uint8_t *data, size_t len)
{
	struct peer *p = n->state;
	struct rd in = rd_init(data, len, len), one;

	while (telemetry_frame(&p->framer, &in, &one))
		take_message(n, p, &one);
	if (p->framer.fault == TELEMETRY_FAULT_FINE)
		return SERVICE_GO_ON;
	refuse(n, p, &(struct telemetry_message){0}, p->framer.fault);
	session_note(n, true,
	    "No message begins here: %s. Where the next one would begin cannot "
	    "be known, so the connection is closed.",
	    telemetry_fault_text(p->framer.fault));
	return SERVICE_CLOSE;
}

static void
on_eof(struct session *n)
{
	const struct peer *p = n->state;

	if (p->framer.len > 0)
		session_note(n, true,
		    "The client has closed within a message, of which %zu "
		    "bytes had come.",
		    p->framer.len);
	else
		session_note(n, false,
		    "%" PRIu64 " readings of %zu sensors, %" PRIu64
		    " messages refused.",
		    p->received, p->sensor_count, p->refused);
}

static bool
on_datagram(struct session *n, const uint8_t *data, size_t len)
{
	struct rd r = rd_init(data, len, len);

	take_message(n, n->state, &r);
	return n->out.len > 0;
}

const struct service service_telemetry = {
    .name = "telemetry",
    .summary = "takes readings of sensors, answers with their means",
    .port = TELEMETRY_PORT,
    .stream = true,
    .state_size = sizeof(struct peer),
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_datagram = on_datagram,
};
