/*
 * The small services of the old internet:
 *   sink     discards what comes and counts it (RFC 863, discard)
 *   chargen  sends characters without end (RFC 864)
 *   daytime  tells the time and closes (RFC 867)
 */
#include <time.h>

#include "net/base/clock.h"
#include "net/services.h"

struct sink {
	uint64_t bytes, reads;
};

static enum service_verdict
sink_bytes(struct session *n, const uint8_t *data, size_t len)
{
	struct sink *s = n->state;

	(void)data;
	s->bytes += len;
	s->reads++;
	return SERVICE_GO_ON;
}

static void
sink_eof(struct session *n)
{
	const struct sink *s = n->state;

	session_note(n, false, "Discarded %llu bytes of %llu recv() calls.",
	    (unsigned long long)s->bytes, (unsigned long long)s->reads);
}

static bool
sink_datagram(struct session *n, const uint8_t *data, size_t len)
{
	sink_bytes(n, data, len);
	return false;
}

const struct service service_sink = {
    .name = "sink",
    .summary = "discards what comes and counts it",
    .port = 65438,
    .stream = true,
    .state_size = sizeof(struct sink),
    .on_bytes = sink_bytes,
    .on_eof = sink_eof,
    .on_datagram = sink_datagram,
};

/* RFC 864 s3: 72 of the 95 printing characters a line, each line begins one
 * further on. */
#define CHARGEN_LINE 72
#define CHARGEN_FIRST ' '
#define CHARGEN_COUNT 95
#define CHARGEN_LINES 56 /* a step: 4 KB */

struct chargen {
	unsigned first; /* of the next line, from CHARGEN_FIRST */
};

static void
chargen_line(struct session *n)
{
	struct chargen *c = n->state;
	char line[CHARGEN_LINE + 2];

	for (unsigned i = 0; i < CHARGEN_LINE; i++)
		line[i] =
		    (char)(CHARGEN_FIRST + (c->first + i) % CHARGEN_COUNT);
	line[CHARGEN_LINE] = '\r';
	line[CHARGEN_LINE + 1] = '\n';
	buf_add(&n->out, line, sizeof line);
	c->first = (c->first + 1) % CHARGEN_COUNT;
}

static enum service_verdict
chargen_room(struct session *n)
{
	for (int i = 0; i < CHARGEN_LINES; i++)
		chargen_line(n);
	return SERVICE_MORE;
}

/* One line answers a datagram, so that small questions get small answers. */
static bool
chargen_datagram(struct session *n, const uint8_t *data, size_t len)
{
	(void)data;
	(void)len;
	chargen_line(n);
	return true;
}

const struct service service_chargen = {
    .name = "chargen",
    .summary = "sends characters without end",
    .port = 65439,
    .stream = true,
    .state_size = sizeof(struct chargen),
    .on_open = chargen_room,
    .on_room = chargen_room,
    .on_datagram = chargen_datagram,
};

static void
tell_time(struct session *n)
{
	time_t now = (time_t)(clock_now_ns() / CLOCK_S);
	char text[64];
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(text, sizeof text, "%A, %B %d, %Y %H:%M:%S-%Z\r\n", &tm);
	buf_printf(&n->out, "%s", text);
}

static enum service_verdict
daytime_open(struct session *n)
{
	tell_time(n);
	return SERVICE_CLOSE;
}

static bool
daytime_datagram(struct session *n, const uint8_t *data, size_t len)
{
	(void)data;
	(void)len;
	tell_time(n);
	return true;
}

const struct service service_daytime = {
    .name = "daytime",
    .summary = "tells the time and closes",
    .port = 65440,
    .stream = true,
    .on_open = daytime_open,
    .on_datagram = daytime_datagram,
};
