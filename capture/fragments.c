#include "capture/fragments.h"

#include <stdlib.h>
#include <string.h>

#include "capture/numbers.h"
#include "capture/reassembly.h"
#include "net/base/bytes.h"

#define DATAGRAM_MAX 65535

struct part {
	uint64_t frame;
	uint32_t id;
	uint8_t version, proto;
	bool more;
	size_t offset, len; /* in the datagram; all of it captured */
	const uint8_t *data;
};

struct fragments {
	uint8_t data[DATAGRAM_MAX];
	bool have[DATAGRAM_MAX / 8 + 1]; /* units of 8 bytes */
	uint64_t found[FRAGMENTS_MAX]; /* newest first */
	uint64_t frames[FRAGMENTS_MAX]; /* in the order of the offsets */
	size_t offsets[FRAGMENTS_MAX];
};

struct fragments *
fragments_new(void)
{
	return calloc(1, sizeof(struct fragments));
}

void
fragments_free(struct fragments *fr)
{
	free(fr);
}

static bool
part4(struct rd r, struct part *p)
{
	size_t header = (size_t)(rd_u8(&r) & 15) * 4, total;
	uint16_t word;

	rd_skip(&r, 1);
	total = rd_be16(&r);
	p->id = rd_be16(&r);
	word = rd_be16(&r);
	rd_skip(&r, 1);
	p->proto = rd_u8(&r);
	if (r.state != RD_OK || (word & 0x3fff) == 0 || header < 20 ||
	    total < header)
		return false;
	p->more = (word & 0x2000) != 0;
	p->offset = (size_t)(word & 0x1fff) * 8;
	p->len = total - header;
	rd_skip(&r, header - 10);
	p->data = rd_bytes(&r, p->len);
	return p->data != NULL;
}

/* The fragment header may stand behind others. */
static bool
part6(struct rd r, struct part *p)
{
	size_t payload;
	uint8_t next;
	uint16_t word;
	struct rd body;

	rd_skip(&r, 4);
	payload = rd_be16(&r);
	next = rd_u8(&r);
	rd_skip(&r, 33);
	body = rd_sub(&r, payload);
	for (int i = 0; next != IP_FRAGMENT; i++) {
		size_t len;

		if (i == IP6_EXTENSIONS_MAX ||
		    (next != IP_HOPOPTS && next != IP_DSTOPTS &&
			next != IP_ROUTING))
			return false;
		next = rd_u8(&body);
		len = rd_u8(&body);
		rd_skip(&body, len * 8 + 6);
	}
	p->proto = rd_u8(&body);
	rd_skip(&body, 1);
	word = rd_be16(&body);
	p->id = rd_be32(&body);
	if (body.state != RD_OK || (word & 0xfff9) == 0)
		return false;
	p->more = (word & 1) != 0;
	p->offset = word & 0xfff8;
	p->len = rd_left(&body);
	if (body.uncaptured > 0)
		return false;
	p->data = rd_bytes(&body, p->len);
	return p->data != NULL;
}

static bool
part_of(const struct frame *f, struct part *p)
{
	struct rd r =
	    rd_init(f->packet.data, f->packet.cap_len, f->packet.wire_len);

	*p = (struct part){.frame = f->id, .version = f->sum.ip_version};
	rd_skip(&r, f->sum.link_len);
	if (p->version == 4)
		return part4(r, p);
	return p->version == 6 && part6(r, p);
}

/* Its fragments up to now, newest first; returns how many. */
static size_t
search(struct fragments *fr, const struct store *s, const struct frame *last,
    const struct part *want)
{
	uint64_t id = last->id, stop = store_first(s);
	size_t n = 0;

	if (id > REASSEMBLY_FRAGMENTS_BACK &&
	    stop < id - REASSEMBLY_FRAGMENTS_BACK)
		stop = id - REASSEMBLY_FRAGMENTS_BACK;
	for (; id >= stop && id > 0 && n < FRAGMENTS_MAX; id--) {
		struct frame f;
		struct part p;

		if (!store_get(s, id, &f) ||
		    f.sum.ip_version != want->version ||
		    memcmp(f.sum.src, last->sum.src, 16) != 0 ||
		    memcmp(f.sum.dst, last->sum.dst, 16) != 0 ||
		    !part_of(&f, &p) || p.id != want->id ||
		    (p.version == 4 && p.proto != want->proto))
			continue;
		fr->found[n++] = id;
	}
	return n;
}

/* The datagram while its parts come in. */
struct growing {
	size_t units, total; /* units that are here; total 0: unknown */
	size_t frame_count;
};

static void
list_in_order(struct fragments *fr, struct growing *g, const struct part *p)
{
	size_t i = g->frame_count++;

	for (; i > 0 && fr->offsets[i - 1] > p->offset; i--) {
		fr->offsets[i] = fr->offsets[i - 1];
		fr->frames[i] = fr->frames[i - 1];
	}
	fr->offsets[i] = p->offset;
	fr->frames[i] = p->frame;
}

/* True: now it is complete. */
static bool
add(struct fragments *fr, struct growing *g, const struct part *p)
{
	size_t first = p->offset / 8, n = (p->len + 7) / 8;

	if (p->offset + p->len > DATAGRAM_MAX || (p->more && p->len % 8 != 0))
		return false;
	if (!p->more)
		g->total = p->offset + p->len;
	memcpy(fr->data + p->offset, p->data, p->len);
	for (size_t i = first; i < first + n; i++) {
		g->units += !fr->have[i];
		fr->have[i] = true;
	}
	list_in_order(fr, g, p);
	return g->total > 0 && g->units == (g->total + 7) / 8;
}

bool
fragments_find(
    struct fragments *fr, const struct store *s, uint64_t id, struct whole *ret)
{
	struct growing g = {0};
	struct frame f;
	struct part p;
	bool complete = false;
	size_t n;

	*ret = (struct whole){0};
	if (!store_get(s, id, &f) || !part_of(&f, &p))
		return false;
	n = search(fr, s, &f, &p);
	memset(fr->have, 0, sizeof fr->have);
	while (n > 0) {
		if (complete) { /* the next one with the same number */
			memset(fr->have, 0, sizeof fr->have);
			g = (struct growing){0};
		}
		complete = store_get(s, fr->found[--n], &f) &&
			   part_of(&f, &p) && add(fr, &g, &p);
	}
	if (!complete)
		return false;
	*ret = (struct whole){fr->data, g.total, fr->frames, g.frame_count};
	return true;
}
