#include "capture/dissect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/dissect_internal.h"
#include "capture/summary.h"

enum {
	FRAME,
	FRAME_NUMBER,
	FRAME_EPOCH,
	FRAME_RELATIVE,
	FRAME_DELTA,
	FRAME_LEN,
	FRAME_CAP_LEN,
	FRAME_PROTOCOLS,
	DATA,
	DATA_DATA,
	DATA_LEN,
};

static const struct field_def defs[] = {
    [FRAME] = {.name = "Frame",
	.help = "What the capture knows of the packet beside its bytes."},
    [FRAME_NUMBER] = {"frame.number", "Number", .kind = KIND_TEXT},
    [FRAME_EPOCH] = {"frame.time_epoch", "Time", .kind = KIND_TEXT,
	.help = "Seconds since 1970, when the kernel handed the packet over."},
    [FRAME_RELATIVE] = {"frame.time_relative", "Time since the first packet",
	.kind = KIND_TEXT},
    [FRAME_DELTA] = {"frame.time_delta", "Time since the packet before",
	.kind = KIND_TEXT},
    [FRAME_LEN] = {"frame.len", "Length on the wire", .kind = KIND_TEXT},
    [FRAME_CAP_LEN] = {"frame.cap_len", "Length captured", .kind = KIND_TEXT},
    [FRAME_PROTOCOLS] = {"frame.protocols", "Protocols", .kind = KIND_TEXT},
    [DATA] = {.name = "Data",
	.help = "Bytes that belong to the program, or are not decoded here."},
    [DATA_DATA] = {"data.data", "Bytes", .kind = KIND_BYTES},
    [DATA_LEN] = {"data.len", "Length captured", .kind = KIND_TEXT},
};
static const struct field_table frame_fields = FIELD_TABLE(defs);

static const struct field_table *const tables[] = {&frame_fields, &link_fields,
    &arp_fields, &ip4_fields, &ip6_fields, &tcp_fields, &udp_fields,
    &icmp_fields, &icmp6_fields};

void
tree_init(struct tree *t)
{
	*t = (struct tree){0};
}

void
tree_done(struct tree *t)
{
	free(t->fields);
	tree_init(t);
}

const struct field *
tree_find(const struct tree *t, const char *key, size_t from)
{
	for (size_t i = from; i < t->count; i++)
		if (t->fields[i].key != NULL &&
		    strcmp(t->fields[i].key, key) == 0)
			return &t->fields[i];
	return NULL;
}

bool
dissect_key_known(const char *key)
{
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (size_t i = 0; i < tables[t]->count; i++)
			if (tables[t]->defs[i].key != NULL &&
			    strcmp(tables[t]->defs[i].key, key) == 0)
				return true;
	return false;
}

#define KEY_MAX 64

/*
 * How many letters must change, come or go to make b of a; swapped neighbours
 * count once. Source: Damerau's distance, adjacent transpositions.
 */
static size_t
distance(const char *a, const char *b)
{
	size_t before[KEY_MAX], last[KEY_MAX], row[KEY_MAX];
	size_t n = strnlen(b, KEY_MAX - 1);

	for (size_t j = 0; j <= n; j++)
		last[j] = before[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t d = last[j] + (a[i] != b[j]);

			if (d > row[j] + 1)
				d = row[j] + 1;
			if (d > last[j + 1] + 1)
				d = last[j + 1] + 1;
			if (i > 0 && j > 0 && a[i] == b[j - 1] &&
			    a[i - 1] == b[j] && d > before[j - 1] + 1)
				d = before[j - 1] + 1;
			row[j + 1] = d;
		}
		memcpy(before, last, sizeof before);
		memcpy(last, row, sizeof last);
	}
	return last[n];
}

const char *
dissect_key_near(const char *key)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			const char *known = tables[t]->defs[i].key;
			size_t d =
			    known != NULL ? distance(key, known) : SIZE_MAX;

			if (d >= best)
				continue;
			best = d;
			near = known;
		}
	}
	return near;
}

void
dissect_data(struct build *b, struct rd r)
{
	struct layer l;
	size_t left;

	left = rd_left(&r);
	if (rd_wire_left(&r) == 0 || (left == 0 && b->part))
		return;
	l = layer_open(b, r, &defs[DATA], left > 0 ? "data" : NULL, 0);
	layer_made(&l, &defs[DATA_LEN], "%zu", left);
	layer_payload(&l, &defs[DATA_DATA]);
	layer_close(&l);
}

static void
add_time(struct layer *l, const struct field_def *def, int64_t ns)
{
	uint64_t magnitude = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	layer_made(l, def, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
	    magnitude / 1000000000, magnitude % 1000000000);
}

/* a - b for times of a file, which may say anything */
static int64_t
elapsed(int64_t a, int64_t b)
{
	int64_t d;

	return __builtin_sub_overflow(a, b, &d) ? 0 : d;
}

/* Returns the index of the field that lists the protocols. */
static size_t
dissect_frame(struct build *b, struct rd r)
{
	const struct packet *p = b->packet;
	const struct dissect_context *ctx = b->ctx;
	struct layer l = layer_open(b, r, &defs[FRAME], NULL, 0);
	int64_t first = ctx->first_ns != 0 ? ctx->first_ns : p->ts_ns;
	int64_t before = ctx->previous_ns != 0 ? ctx->previous_ns : p->ts_ns;

	layer_made(&l, &defs[FRAME_NUMBER], "%" PRIu64, ctx->number);
	add_time(&l, &defs[FRAME_EPOCH], p->ts_ns);
	add_time(&l, &defs[FRAME_RELATIVE], elapsed(p->ts_ns, first));
	add_time(&l, &defs[FRAME_DELTA], elapsed(p->ts_ns, before));
	layer_made(&l, &defs[FRAME_LEN], "%" PRIu32, p->wire_len);
	layer_made(&l, &defs[FRAME_CAP_LEN], "%" PRIu32, p->cap_len);
	if (p->cap_len < p->wire_len)
		layer_remark(&l, "the capture kept only the beginning");
	layer_made(&l, &defs[FRAME_PROTOCOLS], "%s", "");
	return l.last;
}

void
dissect(
    const struct packet *p, const struct dissect_context *ctx, struct tree *t)
{
	struct build b = {.packet = p, .ctx = ctx, .tree = t};
	struct rd r = rd_init(p->data, p->cap_len, p->wire_len);
	size_t protocols;

	t->count = 0;
	protocols = dissect_frame(&b, r);
	dissect_link(&b, r);
	if (protocols < t->count)
		memcpy(t->fields[protocols].value, b.protocols,
		    sizeof b.protocols);
}
