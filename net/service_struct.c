/*
 * struct: unpacks records of an agreed format (Python's struct) and answers
 * each with other types: how many numbers it has, and their mean
 * (SERVICE_STRUCT_ANSWER).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/bytes.h"
#include "net/pystruct.h"
#include "net/services.h"

#define FORMAT_DEFAULT "!d"

struct records {
	struct pystruct format; /* no fields: not compiled yet */
	uint8_t *part; /* of a record whose end has not come yet */
	size_t len;
};

const char *
service_struct_format(const struct service_options *o)
{
	return o->format[0] != '\0' ? o->format : FORMAT_DEFAULT;
}

/* The format was checked when it was set: only memory can be missing. */
static bool
ready(struct session *n)
{
	struct records *r = n->state;
	const char *format = service_struct_format(n->options);
	struct err err;

	if (r->part != NULL)
		return true;
	if (pystruct_compile(&r->format, format, &err) == 0)
		r->part = malloc(r->format.size);
	if (r->part != NULL)
		return true;
	session_note(n, true, "No memory to unpack '%s'.", format);
	return false;
}

static double
number_of(enum pystruct_kind kind, const struct pystruct_value *v)
{
	return kind == PYSTRUCT_FLOAT    ? v->d
	       : kind == PYSTRUCT_SIGNED ? (double)v->i
	       : kind == PYSTRUCT_BOOL   ? v->u != 0
					 : (double)v->u;
}

static void
answer_record(struct session *n, const uint8_t *record)
{
	const struct pystruct *format =
	    &((const struct records *)n->state)->format;
	struct pystruct_item it = {0};
	uint8_t answer[16];
	struct wr w = wr_init(answer, sizeof answer);
	uint64_t count = 0, word;
	double mean = 0;

	while (pystruct_next(format, &it)) {
		enum pystruct_kind kind = it.field->code->kind;
		struct pystruct_value v;

		if (kind == PYSTRUCT_PADDING || kind == PYSTRUCT_BYTES)
			continue;
		pystruct_get(&it, format->little, record + it.off, &v);
		count++;
		mean += (number_of(kind, &v) - mean) / (double)count;
	}
	if (count == 0)
		mean = (double)NAN;
	memcpy(&word, &mean, sizeof word);
	wr_be64(&w, count);
	wr_be64(&w, word);
	buf_add(&n->out, answer, sizeof answer);
}

static enum service_verdict
on_bytes(struct session *n, const uint8_t *data, size_t len)
{
	struct records *r = n->state;
	size_t size, answered = 0;

	if (!ready(n))
		return SERVICE_CLOSE;
	size = r->format.size;
	while (len > 0) {
		size_t take = size - r->len < len ? size - r->len : len;

		memcpy(r->part + r->len, data, take);
		r->len += take;
		data += take;
		len -= take;
		if (r->len < size)
			break;
		answer_record(n, r->part);
		r->len = 0;
		answered++;
	}
	if (answered == 0)
		session_note(n, false,
		    "%zu of the %zu bytes of a record have come: the rest is "
		    "waited for.",
		    r->len, size);
	return SERVICE_GO_ON;
}

static void
on_eof(struct session *n)
{
	const struct records *r = n->state;

	if (r->len > 0)
		session_note(n, true,
		    "The client has closed within a record: %zu of its %zu "
		    "bytes had come.",
		    r->len, (size_t)r->format.size);
}

static bool
on_datagram(struct session *n, const uint8_t *data, size_t len)
{
	struct records *r = n->state;
	struct err err;
	int64_t count;

	if (!ready(n))
		return false;
	count = pystruct_records(&r->format, len, &err);
	if (count <= 0) {
		session_note(n, true, "This datagram is not answered: %s.",
		    count < 0 ? err.text : "it is empty");
		return false;
	}
	for (int64_t i = 0; i < count; i++)
		answer_record(n, data + (uint64_t)i * r->format.size);
	return true;
}

static void
on_close(struct session *n)
{
	struct records *r = n->state;

	pystruct_done(&r->format);
	free(r->part);
}

const struct service service_struct = {
    .name = "struct",
    .summary = "unpacks records, answers with count and mean",
    .port = 65442,
    .stream = true,
    .state_size = sizeof(struct records),
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_close = on_close,
    .on_datagram = on_datagram,
};
