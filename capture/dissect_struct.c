#include "capture/dissect_struct.h"

#include <inttypes.h>
#include <stdio.h>

#define ITEMS_MAX 1024 /* fields of one packet; the rest as bytes */

enum { RECORD, VALUE, PADDING, REST };

static const char ref[] = "Python struct";

static const struct field_def defs[] = {
    [RECORD] = {.name = "Record",
	.ref = ref,
	.help = "The bytes do not say what they are: both ends have agreed on "
		"this format."},
    [VALUE] = {"struct.value", "Value", ref, .kind = KIND_TEXT},
    [PADDING] = {"struct.padding", "Padding", ref,
	"Between two values, so that the next one stands where the processor "
	"wants it.",
	.kind = KIND_BYTES},
    [REST] = {.name = "Further values", .ref = ref, .kind = KIND_BYTES},
};
const struct field_table record_fields = FIELD_TABLE(defs);

/* What is said to the port, or by it; NULL: another port. */
static const struct pystruct *
format_of(const struct record_formats *f, uint16_t src_port, uint16_t dst_port)
{
	if (f == NULL || f->port == 0)
		return NULL;
	return dst_port == f->port   ? f->request
	       : src_port == f->port ? f->answer
				     : NULL;
}

static bool
are_records(const struct pystruct *format, const struct rd *r)
{
	return format != NULL && format->size > 0 && rd_left(r) > 0 &&
	       rd_left(r) == rd_wire_left(r) && rd_left(r) % format->size == 0;
}

static void
add_item(struct layer *l, const struct pystruct_item *it, bool little)
{
	size_t off = rd_off(&l->r);
	const uint8_t *p;
	struct buf text;

	if (pystruct_is_padding(it)) {
		layer_bytes(l, &defs[PADDING], (size_t)it->len, NULL);
		return;
	}
	p = rd_bytes(&l->r, (size_t)it->len);
	if (p == NULL)
		return;
	buf_init(&text, 4096);
	pystruct_repr(it, little, p, &text);
	layer_put(l, &defs[VALUE], off, (size_t)it->len, "%s",
	    text.full ? "(too long to show)" : buf_str(&text));
	layer_remark(
	    l, "%c, %s", it->field->code->letter, it->field->code->name);
	buf_done(&text);
}

/* Returns how many fields that were. */
static size_t
add_record(struct build *b, struct rd r, const struct pystruct *format)
{
	struct layer l =
	    layer_open(b, r, &defs[RECORD], "struct", (size_t)format->size);
	struct pystruct_item it = {0};
	size_t items = 0;

	layer_title(&l, "of %" PRIu64 " values, %s", format->values,
	    format->little ? "little-endian" : "big-endian");
	while (items < ITEMS_MAX && pystruct_next(format, &it)) {
		add_item(&l, &it, format->little);
		items++;
	}
	if (rd_left(&l.r) > 0)
		layer_payload(&l, &defs[REST]);
	layer_close(&l);
	return items;
}

bool
dissect_records(
    struct build *b, struct rd r, uint16_t src_port, uint16_t dst_port)
{
	const struct pystruct *format =
	    format_of(b->ctx->records, src_port, dst_port);
	size_t items = 0;

	if (b->part || !are_records(format, &r))
		return false;
	while (rd_left(&r) > 0 && items < ITEMS_MAX)
		items +=
		    add_record(b, rd_sub(&r, (size_t)format->size), format);
	if (rd_left(&r) > 0)
		dissect_data(b, r);
	return true;
}

size_t
dissect_record_info(const struct record_formats *formats, uint16_t src_port,
    uint16_t dst_port, struct rd r, char *dst, size_t size)
{
	const struct pystruct *format = format_of(formats, src_port, dst_port);
	size_t records, n;
	struct buf text;

	dst[0] = '\0';
	if (!are_records(format, &r))
		return 0;
	records = rd_left(&r) / (size_t)format->size;
	buf_init(&text, 64 * 1024);
	pystruct_tuple(format, format->little, r.p, &text);
	if (records > 1)
		buf_printf(&text, " and %zu more", records - 1);
	n = (size_t)snprintf(dst, size, "struct %s", buf_str(&text));
	buf_done(&text);
	return n < size ? n : size - 1;
}
