#include "tui/timefmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/base/clock.h"
#include "net/base/packet.h"
#include "tui/view.h"

#define WIDE 100 /* cells of a pane that has room for dates */

static const struct {
	const char *name, *heading;
	int cells, bare;
} formats[] = {
#define X(NAME, name, heading, cells, bare) {name, heading, cells, bare},
    TIME_FORMATS(X)
#undef X
};

const char *
timefmt_name(enum time_format f)
{
	return formats[f].name;
}

const char *
timefmt_heading(const struct view *v, char dst[TEXT_NUM_MAX])
{
	const struct deck *d = v->deck;

	if (d->reference == 0 || d->time != TIME_AS_RELATIVE)
		return formats[d->time].heading;
	snprintf(dst, TEXT_NUM_MAX, "Since #%" PRIu64, d->reference);
	return dst;
}

int
timefmt_cells(const struct view *v, int width)
{
	return width >= WIDE ? formats[v->deck->time].cells
			     : formats[v->deck->time].bare;
}

static const char *
clock_text(char dst[TEXT_NUM_MAX], int64_t ts_ns, bool utc, bool date)
{
	time_t s = (time_t)(ts_ns / CLOCK_S);
	int ms = (int)(ts_ns % CLOCK_S / CLOCK_MS);
	struct tm tm;
	size_t n = 0;

	if (ms < 0) { /* before 1970 */
		ms += 1000;
		s--;
	}
	if ((utc ? gmtime_r(&s, &tm) : localtime_r(&s, &tm)) == NULL)
		return "?";
	if (date)
		n = strftime(
		    dst, TEXT_NUM_MAX, utc ? "%Y-%m-%dT" : "%Y-%m-%d ", &tm);
	n += strftime(dst + n, TEXT_NUM_MAX - n, "%H:%M:%S", &tm);
	snprintf(dst + n, TEXT_NUM_MAX - n, ".%03d%s", ms, utc ? "Z" : "");
	return dst;
}

/* Who sets a reference measures: to three digits, whatever the size. */
static const char *
since_text(
    char dst[TEXT_NUM_MAX], const struct view *v, int64_t ts_ns, bool fine)
{
	int64_t since = ts_ns - v->start_ns, us = since % CLOCK_MS / CLOCK_US;
	char span[TEXT_NUM_MAX];
	size_t n;

	if (v->deck->reference == 0 || since == 0) {
		n = strlen(text_since(dst, since));
		if (fine)
			snprintf(dst + n, TEXT_NUM_MAX - n, "%03d",
			    (int)(us < 0 ? -us : us));
		return dst;
	}
	snprintf(dst, TEXT_NUM_MAX, "%s%.30s", since > 0 ? "+" : "",
	    text_span(span, since));
	return dst;
}

const char *
timefmt(char dst[TEXT_NUM_MAX], const struct view *v, int64_t ts_ns,
    int64_t before_ns, int cells)
{
	enum time_format f = v->deck->time;
	bool date = cells > formats[f].bare;

	if (ts_ns == PACKET_NO_TIME)
		return "-";
	switch (f) {
	case TIME_AS_DELTA:
		return before_ns != 0 && before_ns != PACKET_NO_TIME
			   ? text_span(dst, ts_ns - before_ns)
			   : "-";
	case TIME_AS_ABSOLUTE:
	case TIME_AS_DATE:
	case TIME_AS_UTC:
		return clock_text(dst, ts_ns, f == TIME_AS_UTC, date);
	case TIME_AS_RELATIVE:
	case TIME_FORMAT_COUNT:
		break;
	}
	return since_text(dst, v, ts_ns, cells > formats[f].bare);
}

const char *
timefmt_alone(char dst[TEXT_NUM_MAX], const struct view *v, int64_t ts_ns)
{
	if (v->deck->time == TIME_AS_DELTA)
		return since_text(dst, v, ts_ns, true);
	return timefmt(dst, v, ts_ns, 0, formats[v->deck->time].cells);
}
