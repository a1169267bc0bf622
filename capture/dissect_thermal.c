/*
 * The thermal camera's frames: one in answer to each request on a stream, in
 * two datagrams over UDP. Source: net/proto/thermal.h.
 */
#include "capture/dissect_app.h"

#include <inttypes.h>
#include <stdio.h>

#include "net/proto/thermal.h"

enum {
	THERMAL,
	FRAME,
	BLOCK,
	MIN,
	MAX,
	MEAN,
	PIXELS,
	REQUEST,
};

static const char ref[] = "net/proto/thermal.h";

static const struct field_def defs[] = {
    [THERMAL] = {.name = "Thermal camera",
	.ref = ref,
	.help = "32 by 24 temperatures, one frame for each request."},
    [FRAME] = {"thermal.frame", "Frame", ref,
	"Counts up by one for each answer: a gap is a loss.", .kind = KIND_DEC},
    [BLOCK] = {"thermal.block", "Block", ref,
	"Which half of the frame: 0 the left one, 1 the right one.",
	.kind = KIND_DEC},
    [MIN] = {"thermal.min", "Coldest pixel", ref, "In degrees Celsius.",
	.kind = KIND_TEXT},
    [MAX] = {"thermal.max", "Hottest pixel", ref, "In degrees Celsius.",
	.kind = KIND_TEXT},
    [MEAN] = {"thermal.mean", "Mean", ref, "In degrees Celsius.",
	.kind = KIND_TEXT},
    [PIXELS] = {"thermal.pixels", "Pixels", ref,
	"Column after column, each from the bottom upward; hundredths of a "
	"degree in 16 bits, little-endian.",
	.kind = KIND_BYTES},
    [REQUEST] = {"thermal.request", "Request", ref,
	"Any text asks for a frame.", .kind = KIND_STRING},
};
static const struct field_table fields = FIELD_TABLE(defs);

/* ---- pixels ---- */

struct spot {
	int16_t centi;
	unsigned x, y; /* column from the left, row from the top */
};

struct heat {
	struct spot min, max;
	double mean; /* degrees */
};

static double
celsius(int centi)
{
	return centi / 100.0;
}

/* Of n bytes of blocks in order, the first of which is `block`. */
static struct heat
heat_of(struct rd r, unsigned block)
{
	struct heat h = {
	    .min = {.centi = INT16_MAX}, .max = {.centi = INT16_MIN}};
	unsigned n = (unsigned)(rd_left(&r) / 2);
	int64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		struct spot s = {(int16_t)rd_le16(&r),
		    block * THERMAL_BLOCK_W + i / THERMAL_H,
		    THERMAL_H - 1 - i % THERMAL_H};

		sum += s.centi;
		if (s.centi < h.min.centi)
			h.min = s;
		if (s.centi > h.max.centi)
			h.max = s;
	}
	if (n > 0)
		h.mean = celsius((int)(sum / n));
	return h;
}

/* What the rest of the layer is, and what it says. */
static void
pixels(struct layer *l, unsigned block, size_t len)
{
	size_t off = rd_off(&l->r);
	struct heat h;

	if (rd_left(&l->r) < len) { /* says what is missing */
		layer_bytes(l, &defs[PIXELS], len, NULL);
		return;
	}
	h = heat_of(rd_init(l->r.p, len, len), block);
	layer_bytes(l, &defs[PIXELS], len, NULL);
	layer_put(l, &defs[MIN], off, len, "%.2f", celsius(h.min.centi));
	layer_remark(l, "at column %u, row %u", h.min.x, h.min.y);
	layer_put(l, &defs[MAX], off, len, "%.2f", celsius(h.max.centi));
	layer_remark(l, "at column %u, row %u", h.max.x, h.max.y);
	layer_put(l, &defs[MEAN], off, len, "%.2f", h.mean);
	layer_title(
	    l, "%.1f to %.1f C", celsius(h.min.centi), celsius(h.max.centi));
}

static int
heat_text(struct rd r, unsigned block, char *dst, size_t size)
{
	struct heat h = heat_of(r, block);

	return snprintf(dst, size, "%.1f to %.1f C", celsius(h.min.centi),
	    celsius(h.max.centi));
}

/* ---- requests ---- */

static bool
is_text(struct rd r)
{
	while (rd_left(&r) > 0) {
		uint8_t c = rd_u8(&r);

		if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') ||
		    c >= 0x7f)
			return false;
	}
	return true;
}

static void
dissect_request(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[THERMAL], "thermal", 0);

	layer_text(&l, &defs[REQUEST], rd_wire_left(&l.r));
	layer_title(&l, "request");
	layer_close(&l);
}

static int
info_request(struct rd r, char *dst, size_t size)
{
	int n = (int)(rd_left(&r) < 40 ? rd_left(&r) : 40);

	return snprintf(
	    dst, size, "asks for a frame: %.*s", n, (const char *)r.p);
}

/* ---- datagrams ---- */

static bool
is_datagram(struct rd r)
{
	bool whole = rd_wire_left(&r) == THERMAL_DATAGRAM_LEN;

	rd_skip(&r, 4);
	return whole && rd_be16(&r) < THERMAL_BLOCKS && r.state == RD_OK;
}

static enum app_match
match_datagram(struct rd r)
{
	if (is_datagram(r))
		return APP_YES;
	return is_text(r) ? APP_MAYBE : APP_NO;
}

static void
dissect_datagram_frame(struct build *b, struct rd r)
{
	struct layer l;
	uint32_t frame, block;

	if (!is_datagram(r)) {
		dissect_request(b, r);
		return;
	}
	l = layer_open(b, r, &defs[THERMAL], "thermal", THERMAL_DATAGRAM_LEN);
	frame = layer_uint(&l, &defs[FRAME], 4);
	block = layer_uint(&l, &defs[BLOCK], 2);
	layer_remark(&l, "the %s half", block == 0 ? "left" : "right");
	layer_title(&l, "frame %" PRIu32 ", block %" PRIu32, frame, block);
	pixels(&l, block, THERMAL_BLOCK_LEN);
	layer_close(&l);
}

static int
info_datagram(struct rd r, char *dst, size_t size)
{
	uint32_t frame;
	uint16_t block;
	int n;

	if (!is_datagram(r))
		return info_request(r, dst, size);
	frame = rd_be32(&r);
	block = rd_be16(&r);
	n = snprintf(dst, size, "frame %" PRIu32 " block %u, ", frame, block);
	if (n < 0 || (size_t)n >= size)
		return n;
	return n + heat_text(r, block, dst + n, size - (size_t)n);
}

const struct app thermal_udp_app = {
    .name = "thermal",
    .label = "Thermal",
    .transports = APP_UDP,
    .ports = {THERMAL_PORT},
    .match = match_datagram,
    .dissect = dissect_datagram_frame,
    .info = info_datagram,
    .fields = &fields,
};

/* ---- streams ---- */

/* Nothing marks a frame, and what neighbouring pixels have in common, numbers
 * of other programs have, too: only the port tells. */
static enum app_match
match_stream(struct rd r)
{
	(void)r;
	return APP_MAYBE;
}

/* A request is as long as the bytes that came with it are text. */
static size_t
message_len(const uint8_t *p, size_t n, bool ended, uint32_t *memo)
{
	(void)ended;
	(void)memo;
	if (is_text(rd_init(p, n, n)))
		return n;
	return n < THERMAL_FRAME_LEN ? MESSAGE_MORE : THERMAL_FRAME_LEN;
}

static void
dissect_stream_frame(struct build *b, struct rd r)
{
	size_t wire = rd_wire_left(&r);
	struct layer l;

	if (is_text(r)) {
		dissect_request(b, r);
		return;
	}
	/* of a segment that the capture cut, it may be a frame's beginning */
	l = layer_open(b, r, &defs[THERMAL], "thermal", THERMAL_FRAME_LEN);
	pixels(&l, 0, wire < THERMAL_FRAME_LEN ? wire : THERMAL_FRAME_LEN);
	layer_close(&l);
}

static int
info_stream(struct rd r, char *dst, size_t size)
{
	size_t wire = rd_wire_left(&r);

	if (is_text(r))
		return info_request(r, dst, size);
	if (wire < THERMAL_FRAME_LEN)
		return snprintf(dst, size, "part of a frame");
	return heat_text(r, 0, dst, size);
}

const struct app thermal_tcp_app = {
    .name = "thermal",
    .label = "Thermal",
    .transports = APP_TCP,
    .ports = {THERMAL_PORT},
    .match = match_stream,
    .message_len = message_len,
    .dissect = dissect_stream_frame,
    .info = info_stream,
    .fields = &fields,
};
