/* Telemetry. Source: net/proto/telemetry.h, whose sections are the references. */
#include "capture/dissect_app.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "net/base/clock.h"
#include "net/proto/telemetry.h"

enum {
	MESSAGE,
	VERSION,
	TYPE,
	LENGTH,
	SEQUENCE,
	TIME,
	SENSOR,
	PERIOD,
	KIND,
	VALUE,
	ABOUT,
	COUNT,
	MEAN,
	REASON,
	BODY,
	TAIL,
};

static const char header[] = "telemetry s1";
static const char body[] = "telemetry s2";

static const struct field_def defs[] = {
    [MESSAGE] = {.name = "Telemetry message",
	.ref = header,
	.help = "A client sends readings of sensors, the server answers each."},
    [VERSION] = {"telemetry.version", "Version", header, .kind = KIND_DEC},
    [TYPE] = {"telemetry.type", "Type", body, .kind = KIND_DEC},
    [LENGTH] = {"telemetry.length", "Length", header,
	"Of the whole message in bytes: where the next one begins.",
	.kind = KIND_DEC},
    [SEQUENCE] = {"telemetry.seq", "Sequence number", header,
	"Counts what this sender has sent; gaps are losses.", .kind = KIND_DEC},
    [TIME] = {"telemetry.time", "Time", header,
	"By the clock of who sends this.", .kind = KIND_TEXT},
    [SENSOR] = {"telemetry.sensor", "Sensor", body, .kind = KIND_DEC},
    [PERIOD] = {"telemetry.period", "Period", body,
	"Milliseconds between two readings: the client's own, or the one that "
	"the server commands.",
	.kind = KIND_DEC},
    [KIND] = {"telemetry.kind", "Data type", body,
	"The letter that the value has in Python's struct.",
	.kind = KIND_STRING},
    [VALUE] = {"telemetry.value", "Value", body, .kind = KIND_TEXT},
    [ABOUT] = {"telemetry.about", "Answers", body,
	"The sequence number of the message that this is about.",
	.kind = KIND_DEC},
    [COUNT] = {"telemetry.count", "Count", body,
	"Readings of the sensor so far, each once.", .kind = KIND_DEC},
    [MEAN] = {"telemetry.mean", "Mean", body, "Of those readings.",
	.kind = KIND_TEXT},
    [REASON] = {"telemetry.reason", "Reason", body,
	"Why that message was refused.", .kind = KIND_DEC},
    [BODY] = {.name = "Body", .ref = body, .kind = KIND_BYTES},
    [TAIL] = {.name = "Behind the message", .ref = body, .kind = KIND_BYTES},
};
static const struct field_table fields = FIELD_TABLE(defs);

/* The message, and the one thing that is wrong with it. */
struct reading {
	struct layer l;
	struct telemetry_message m;
	enum telemetry_fault fault;
};

/* If that is the fault, it is the newest field's. */
static void
mark(struct reading *d, enum telemetry_fault fault)
{
	if (d->fault == fault)
		layer_wrong(&d->l, "refused: %s", telemetry_fault_text(fault));
}

static uint32_t
number(struct reading *d, int def, size_t n)
{
	return layer_uint(&d->l, &defs[def], n);
}

/* A field of n bytes with a value in words. */
static void
words(struct reading *d, int def, size_t n, const char *text)
{
	size_t off = rd_off(&d->l.r);

	if (rd_left(&d->l.r) < n) { /* says what is missing */
		layer_bytes(&d->l, &defs[def], n, NULL);
		return;
	}
	rd_skip(&d->l.r, n);
	layer_put(&d->l, &defs[def], off, n, "%s", text);
}

static void
time_stamp(struct reading *d)
{
	int64_t s = d->m.time_ns / CLOCK_S, ns = d->m.time_ns % CLOCK_S;
	char text[80], day[64] = "";
	time_t t;
	struct tm tm;

	if (ns < 0) { /* before 1970 */
		s--;
		ns += CLOCK_S;
	}
	t = (time_t)s;
	if (gmtime_r(&t, &tm) != NULL)
		strftime(day, sizeof day, "%b %e, %Y %H:%M:%S", &tm);
	snprintf(text, sizeof text, "%s.%09d UTC", day, (int)ns);
	words(d, TIME, 8, text);
}

static void
dissect_reading(struct reading *d)
{
	char text[TELEMETRY_VALUE_MAX];
	size_t size;

	number(d, SENSOR, 2);
	number(d, PERIOD, 2);
	layer_remark(&d->l, d->m.period_ms != 0 ? "ms" : "none is kept");
	layer_text(&d->l, &defs[KIND], 1);
	layer_remark_name(&d->l, telemetry_kind_name(d->m.value.kind));
	mark(d, TELEMETRY_FAULT_KIND);
	if (d->fault == TELEMETRY_FAULT_KIND)
		return;
	size = telemetry_kind_size(d->m.value.kind);
	if (size == 0)
		size = rd_wire_left(&d->l.r);
	words(d, VALUE, size, telemetry_value_text(text, &d->m.value));
	mark(d, TELEMETRY_FAULT_VALUE);
}

static void
dissect_ack(struct reading *d)
{
	char text[40];

	number(d, ABOUT, 4);
	number(d, SENSOR, 2);
	number(d, COUNT, 4);
	snprintf(text, sizeof text, "%.10g", d->m.mean);
	words(d, MEAN, 8, text);
	mark(d, TELEMETRY_FAULT_VALUE);
}

static void
dissect_body(struct reading *d)
{
	switch (d->m.type) {
	case TELEMETRY_READING:
		dissect_reading(d);
		break;
	case TELEMETRY_ACK:
		dissect_ack(d);
		break;
	case TELEMETRY_PERIOD:
		number(d, ABOUT, 4);
		number(d, PERIOD, 2);
		layer_remark(&d->l, "ms, from now on");
		mark(d, TELEMETRY_FAULT_NO_PERIOD);
		break;
	case TELEMETRY_ERROR:
		number(d, ABOUT, 4);
		number(d, REASON, 1);
		layer_remark(&d->l, "%s", telemetry_fault_text(d->m.reason));
		break;
	}
}

static void
dissect_telemetry(struct build *b, struct rd r)
{
	struct reading d = {.fault = TELEMETRY_FAULT_FINE};
	struct rd copy = r;
	uint32_t type;

	d.fault = telemetry_decode(&copy, &d.m);
	d.l =
	    layer_open(b, r, &defs[MESSAGE], "telemetry", TELEMETRY_HEADER_LEN);
	number(&d, VERSION, 1);
	mark(&d, TELEMETRY_FAULT_VERSION);
	type = number(&d, TYPE, 1);
	layer_remark_name(&d.l, telemetry_type_name(type));
	mark(&d, TELEMETRY_FAULT_TYPE);
	number(&d, LENGTH, 2);
	mark(&d, TELEMETRY_FAULT_LENGTH);
	number(&d, SEQUENCE, 4);
	time_stamp(&d);
	/* Only a type that was read with all that stands before it is set. */
	if (layer_ok(&d.l) && d.m.type != 0)
		dissect_body(&d);
	if (layer_ok(&d.l)) {
		bool whole = d.m.type != 0 && rd_wire_left(&d.l.r) > 0;

		layer_payload(&d.l, &defs[whole ? TAIL : BODY]);
		mark(&d, TELEMETRY_FAULT_TAIL);
	}
	if (d.m.type != 0)
		layer_title(&d.l, "%s %" PRIu32, telemetry_type_name(d.m.type),
		    d.m.seq);
	layer_close(&d.l);
}

/* ---- datagrams ---- */

static enum app_match
match_datagram(struct rd r)
{
	struct telemetry_message m;
	struct rd copy = r;

	/* On telemetry's port what is wrong is worth to be shown, if it is no
	 * other protocol altogether: reliable UDP begins with 0x11 to 0x18. */
	if (rd_u8(&copy) > 0x0f)
		return APP_NO;
	return telemetry_decode(&r, &m) == TELEMETRY_FAULT_FINE ? APP_YES
								: APP_MAYBE;
}

static int
info_datagram(struct rd r, char *dst, size_t size)
{
	char line[TELEMETRY_LINE_MAX];
	struct telemetry_message m;
	enum telemetry_fault fault = telemetry_decode(&r, &m);

	if (fault == TELEMETRY_FAULT_FINE)
		return snprintf(dst, size, "%s", telemetry_line(line, &m));
	return snprintf(dst, size, "telemetry: %s",
	    r.state == RD_TRUNCATED ? "cut by the capture"
				    : telemetry_fault_text(fault));
}

const struct app telemetry_udp_app = {
    .name = "telemetry",
    .label = "Telemetry",
    .transports = APP_UDP,
    .ports = {TELEMETRY_PORT},
    .match = match_datagram,
    .dissect = dissect_telemetry,
    .info = info_datagram,
    .fields = &fields,
};

/* ---- streams ---- */

/* The first message; all of r if its end is not known or not there. */
static struct rd
first_message(struct rd r)
{
	size_t len;

	telemetry_length(r.p, rd_left(&r), &len);
	return len > 0 && len < rd_wire_left(&r) ? rd_sub(&r, len) : r;
}

static enum app_match
match_stream(struct rd r)
{
	size_t len;

	if (telemetry_length(r.p, rd_left(&r), &len) != TELEMETRY_FAULT_FINE)
		return APP_NO;
	return match_datagram(first_message(r));
}

static size_t
message_len(const uint8_t *p, size_t n, bool ended, uint32_t *memo)
{
	size_t len;

	(void)ended;
	(void)memo;
	if (telemetry_length(p, n, &len) != TELEMETRY_FAULT_FINE)
		return MESSAGE_BAD;
	return len > 0 ? len : MESSAGE_MORE;
}

static int
info_stream(struct rd r, char *dst, size_t size)
{
	return info_datagram(first_message(r), dst, size);
}

const struct app telemetry_tcp_app = {
    .name = "telemetry",
    .label = "Telemetry",
    .transports = APP_TCP,
    .ports = {TELEMETRY_PORT},
    .match = match_stream,
    .message_len = message_len,
    .dissect = dissect_telemetry,
    .info = info_stream,
    .fields = &fields,
};
