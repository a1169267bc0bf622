/*
 * line: answers whole lines, CRLF or LF, however the bytes were cut.
 */
#include <string.h>

#include "net/services.h"

#define LINE_MAX_LEN 8192

struct line {
	uint8_t part[LINE_MAX_LEN]; /* of a line whose end has not come yet */
	size_t len;
	unsigned pieces; /* recv() calls that brought it */
};

/* A whole line: answer it with its own ending. */
static void
answer(struct session *n, struct line *l, const uint8_t *data, size_t len)
{
	buf_printf(&n->out, "line: ");
	buf_add(&n->out, l->part, l->len);
	buf_add(&n->out, data, len);
	if (l->pieces > 0)
		session_note(n, false,
		    "This line came in %u pieces: one recv() is not one line. "
		    "The bytes are kept until its end has come.",
		    l->pieces + 1);
	l->len = 0;
	l->pieces = 0;
}

static enum service_verdict
refuse(struct session *n)
{
	buf_printf(&n->out, "line too long\n");
	session_note(n, true,
	    "A line is longer than %d bytes, the limit of this service: the "
	    "connection is closed.",
	    LINE_MAX_LEN);
	return SERVICE_CLOSE;
}

static enum service_verdict
on_bytes(struct session *n, const uint8_t *data, size_t len)
{
	struct line *l = n->state;
	unsigned lines = 0;

	while (len > 0) {
		const uint8_t *end = memchr(data, '\n', len);
		size_t piece = end != NULL ? (size_t)(end - data) + 1 : len;

		if (l->len + piece > LINE_MAX_LEN)
			return refuse(n);
		if (end != NULL) {
			answer(n, l, data, piece);
			lines++;
		} else {
			memcpy(l->part + l->len, data, piece);
			l->len += piece;
			l->pieces++;
		}
		data += piece;
		len -= piece;
	}
	if (lines > 1 && n->note[0] == '\0')
		session_note(n, false,
		    "One recv() brought %u lines: TCP keeps no boundaries "
		    "between what was sent.",
		    lines);
	return SERVICE_GO_ON;
}

static void
on_eof(struct session *n)
{
	const struct line *l = n->state;

	if (l->len > 0)
		session_note(n, false,
		    "The peer has closed within a line: %zu bytes had no end "
		    "and are not answered.",
		    l->len);
}

const struct service service_line = {
    .name = "line",
    .summary = "answers whole lines, however they were cut",
    .port = 65436,
    .stream = true,
    .state_size = sizeof(struct line),
    .on_bytes = on_bytes,
    .on_eof = on_eof,
};
