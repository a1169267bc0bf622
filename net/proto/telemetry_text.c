/* Messages and values of telemetry in words. */
#include <inttypes.h>
#include <stdio.h>

#include "net/base/text.h"
#include "net/proto/telemetry.h"

const char *
telemetry_value_text(
    char dst[TELEMETRY_VALUE_MAX], const struct telemetry_value *v)
{
	switch (v->kind) {
	case 'b':
	case 'h':
	case 'i':
	case 'q':
		snprintf(dst, TELEMETRY_VALUE_MAX, "%" PRId64, v->i);
		break;
	case 'f':
	case 'd':
		snprintf(dst, TELEMETRY_VALUE_MAX, "%.6g", v->d);
		break;
	case '?':
		snprintf(
		    dst, TELEMETRY_VALUE_MAX, "%s", v->u ? "True" : "False");
		break;
	case 's':
		text_escape(dst, TELEMETRY_VALUE_MAX, v->text, v->len);
		break;
	default:
		snprintf(dst, TELEMETRY_VALUE_MAX, "%" PRIu64, v->u);
		break;
	}
	return dst;
}

const char *
telemetry_line(char dst[TELEMETRY_LINE_MAX], const struct telemetry_message *m)
{
	char value[TELEMETRY_VALUE_MAX];

	switch (m->type) {
	case TELEMETRY_READING:
		snprintf(dst, TELEMETRY_LINE_MAX,
		    "READING %" PRIu32 ": sensor %u = %s (%s)", m->seq,
		    m->sensor, telemetry_value_text(value, &m->value),
		    telemetry_kind_name(m->value.kind));
		break;
	case TELEMETRY_ACK:
		snprintf(dst, TELEMETRY_LINE_MAX,
		    "ACK of %" PRIu32 ": sensor %u, %" PRIu32
		    " readings, mean %.6g",
		    m->about, m->sensor, m->count, m->mean);
		break;
	case TELEMETRY_PERIOD:
		snprintf(dst, TELEMETRY_LINE_MAX,
		    "PERIOD, answers %" PRIu32 ": a reading every %u ms",
		    m->about, m->period_ms);
		break;
	case TELEMETRY_ERROR:
		snprintf(dst, TELEMETRY_LINE_MAX, "ERROR about %" PRIu32 ": %s",
		    m->about, telemetry_fault_text(m->reason));
		break;
	}
	return dst;
}
