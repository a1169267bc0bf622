#include "capture/dissect.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/dissect_app.h"
#include "capture/summary.h"

enum {
	FRAME,
	FRAME_NUMBER,
	FRAME_TIME,
	FRAME_EPOCH,
	FRAME_RELATIVE,
	FRAME_DELTA,
	FRAME_LEN,
	FRAME_CAP_LEN,
	FRAME_PROTOCOLS,
	FRAME_FATE,
	DATA,
	DATA_DATA,
	DATA_LEN,
};

static const struct field_def defs[] = {
    [FRAME] = {.name = "Frame",
	.help = "What the capture knows of the packet beside its bytes."},
    [FRAME_NUMBER] = {"frame.number", "Number",
	.help = "Counts the packets of this capture from 1.",
	.kind = KIND_TEXT},
    [FRAME_TIME] = {"frame.time", "Date",
	.help = "When the capture got it; the clock is that of the capturing "
		"machine.",
	.kind = KIND_TEXT},
    [FRAME_EPOCH] = {"frame.time_epoch", "Time", .kind = KIND_TEXT,
	.help = "Seconds since 1970, when the kernel handed the packet over."},
    [FRAME_RELATIVE] = {"frame.time_relative", "Time since the first packet",
	.help = "Since the first packet of the capture, in seconds.",
	.kind = KIND_TEXT},
    [FRAME_DELTA] = {"frame.time_delta", "Time since the packet before",
	.help = "Since the packet before, whichever conversation it was of.",
	.kind = KIND_TEXT},
    [FRAME_LEN] = {"frame.len", "Length on the wire",
	.help = "Bytes that were on the wire, from the link layer's header on.",
	.kind = KIND_TEXT},
    [FRAME_CAP_LEN] = {"frame.cap_len", "Length captured",
	.help = "Bytes that the capture kept; fewer than on the wire with a "
		"snapshot length.",
	.kind = KIND_TEXT},
    [FRAME_PROTOCOLS] = {"frame.protocols", "Protocols",
	.help = "The layers that were found in it, from the outermost in.",
	.kind = KIND_TEXT},
    [FRAME_FATE] = {"wire.fate", "On the wire", .kind = KIND_TEXT,
	.help = "What the lab's wire did with it, and how long it was under "
		"way. No field of Wireshark's."},
    [DATA] = {.name = "Data",
	.help = "Bytes that belong to the program, or are not decoded here."},
    [DATA_DATA] = {"data.data", "Bytes",
	.help = "What no dissector here knows; the program does.",
	.kind = KIND_BYTES},
    [DATA_LEN] = {"data.len", "Length captured",
	.help = "Bytes of it that the capture kept.", .kind = KIND_TEXT},
};
static const struct field_table frame_fields = FIELD_TABLE(defs);

static const struct field_table *const tables[] = {&frame_fields, &link_fields,
    &arp_fields, &ip4_fields, &ip6_fields, &icmp_fields, &icmp6_fields,
    &igmp_fields, &tcp_fields, &tcp_analysis_fields, &tcp_part_fields,
    &udp_fields, &whole_fields, &record_fields, &hci_fields,
    &hci_command_fields, &hci_event_fields, &hci_features_fields,
    &hci_device_fields, &l2cap_fields, &rfcomm_fields, &sdp_fields};
#define TABLE_COUNT (sizeof tables / sizeof *tables)

static const struct field_table *
table_at(size_t i)
{
	const struct app *a;

	if (i < TABLE_COUNT)
		return tables[i];
	a = app_at(i - TABLE_COUNT);
	return a != NULL ? a->fields : NULL;
}

bool
dissect_key(size_t i, struct dissect_key *ret)
{
	const struct field_table *t;

	/* each definition counts twice: for its own key, for its second */
	for (size_t k = 0; (t = table_at(k)) != NULL; k++) {
		const struct field_def *d = &t->defs[i / 2];

		if (i / 2 >= t->count) {
			i -= 2 * t->count;
			continue;
		}
		*ret = (struct dissect_key){d->key, d->name, d->ref, d->help};
		if (i % 2 != 0 && d->key != NULL)
			ret->key = dissect_second_key(d->key);
		return true;
	}
	return false;
}

/* own: of a definition. second: the key can be a second one. */
static bool
has_key(const char *own, const char *key, bool second)
{
	if (own == NULL || strcmp(own, key) == 0)
		return own != NULL;
	own = second ? dissect_second_key(own) : NULL;
	return own != NULL && strcmp(own, key) == 0;
}

bool
dissect_key_known(const char *key)
{
	bool second = dissect_is_second_key(key);
	const struct field_table *t;

	for (size_t k = 0; (t = table_at(k)) != NULL; k++)
		for (size_t i = 0; i < t->count; i++)
			if (has_key(t->defs[i].key, key, second))
				return true;
	return false;
}

#define KEY_MAX 64

static bool
same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * How many letters must change, come or go to make b of a; swapped neighbours
 * count once, and capitals are no others. Source: Damerau's distance, adjacent
 * transpositions.
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
			size_t d = last[j] + !same_letter(a[i], b[j]);

			if (d > row[j] + 1)
				d = row[j] + 1;
			if (d > last[j + 1] + 1)
				d = last[j + 1] + 1;
			if (i > 0 && j > 0 && same_letter(a[i], b[j - 1]) &&
			    same_letter(a[i - 1], b[j]) &&
			    d > before[j - 1] + 1)
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
	struct dissect_key k;

	for (size_t i = 0; dissect_key(i, &k); i++) {
		size_t d = k.key != NULL ? distance(key, k.key) : SIZE_MAX;

		if (d >= best)
			continue;
		best = d;
		near = k.key;
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

/* In this machine's time zone. */
static void
date(struct layer *l, int64_t ns)
{
	time_t t = (time_t)(ns / 1000000000);
	char day[64] = "", zone[32] = "";
	struct tm tm;

	if (ns < 0 || localtime_r(&t, &tm) == NULL)
		return;
	strftime(day, sizeof day, "%b %e, %Y %H:%M:%S", &tm);
	strftime(zone, sizeof zone, "%Z", &tm);
	layer_made(l, &defs[FRAME_TIME], "%s.%09d %s", day,
	    (int)(ns % 1000000000), zone);
}

static void
times(struct layer *l, int64_t ns)
{
	const struct dissect_context *ctx = l->b->ctx;

	date(l, ns);
	layer_time(l, &defs[FRAME_EPOCH], ns);
	layer_time(l, &defs[FRAME_RELATIVE], ctx->since_first_ns);
	layer_time(l, &defs[FRAME_DELTA], ctx->since_previous_ns);
}

/* Returns the index of the field that lists the protocols. */
static size_t
dissect_frame(struct build *b, struct rd r)
{
	const struct packet *p = b->packet;
	const struct dissect_context *ctx = b->ctx;
	struct layer l = layer_open(b, r, &defs[FRAME], NULL, 0);
	char fate[PACKET_FATE_MAX];

	layer_made(&l, &defs[FRAME_NUMBER], "%" PRIu64, ctx->number);
	if (p->ts_ns != PACKET_NO_TIME)
		times(&l, p->ts_ns);
	layer_made(&l, &defs[FRAME_LEN], "%" PRIu32, p->wire_len);
	layer_made(&l, &defs[FRAME_CAP_LEN], "%" PRIu32, p->cap_len);
	if (p->cap_len < p->wire_len)
		layer_remark(&l, "the capture kept only the beginning");
	if (p->fate != FATE_NONE)
		layer_made(&l, &defs[FRAME_FATE], "%s", packet_fate(p, fate));
	layer_made(&l, &defs[FRAME_PROTOCOLS], "%s", "");
	return l.last;
}

void
dissect(
    const struct packet *p, const struct dissect_context *ctx, struct tree *t)
{
	struct build b = {
	    .packet = p, .ctx = ctx, .tree = t, .question = ctx->question};
	struct rd r = rd_init(p->data, p->cap_len, p->wire_len);
	size_t protocols;

	tree_reset(t);
	protocols = dissect_frame(&b, r);
	dissect_link(&b, r);
	if (protocols < t->count)
		t->fields[protocols].value =
		    tree_text(t, b.protocols, strlen(b.protocols));
}
