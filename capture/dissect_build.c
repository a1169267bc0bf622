/* The tree builder: reading, printing, marking; and checksums (RFC 1071). */
#include "capture/dissect_internal.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct field *
field_at(struct build *b, size_t i)
{
	return i < b->tree->count ? &b->tree->fields[i] : &b->spare;
}

static struct field *
field_new(struct layer *l, const struct field_def *def, size_t off, size_t len)
{
	struct tree *t = l->b->tree;
	struct field *f = &l->b->spare;

	if (t->count == t->cap) {
		size_t cap = t->cap != 0 ? 2 * t->cap : 64;
		struct field *more = realloc(t->fields, cap * sizeof *more);

		if (more != NULL) {
			t->fields = more;
			t->cap = cap;
		}
	}
	if (t->count < t->cap)
		f = &t->fields[t->count++];
	l->last = (size_t)(f == &l->b->spare ? t->count : t->count - 1);
	*f = (struct field){
	    .off = (uint32_t)off,
	    .len = (uint32_t)len,
	    .depth = l->depth,
	    .source = l->source,
	    .bare = def->kind == KIND_NONE,
	    .key = def->key,
	    .name = def->name,
	    .ref = def->ref,
	    .help = def->help,
	    .value = "",
	    .remark = "",
	};
	return f;
}

void
build_protocol(struct build *b, const char *name)
{
	size_t used = strlen(b->protocols);

	snprintf(b->protocols + used, sizeof b->protocols - used, "%s%s",
	    used > 0 ? ":" : "", name);
}

struct layer
layer_open(struct build *b, struct rd r, const struct field_def *def,
    const char *protocol, size_t need)
{
	struct layer l = {
	    .b = b,
	    .r = r,
	    .what = def->name,
	    .start = rd_off(&r),
	    .need = need,
	    .depth = b->depth,
	    .source = b->source,
	};

	if (protocol != NULL)
		build_protocol(b, protocol);
	field_new(&l, def, l.start, 0);
	l.root = l.last;
	l.depth++;
	return l;
}

void
layer_close(struct layer *l)
{
	field_at(l->b, l->root)->len = (uint32_t)(rd_off(&l->r) - l->start);
}

bool
layer_ok(const struct layer *l)
{
	return l->r.state == RD_OK;
}

/* The first n bytes that are not all there. */
static void
report(struct layer *l, const struct field_def *def, size_t left)
{
	struct field *f;
	const char *how;

	if (l->reported)
		return;
	l->reported = true;
	f = field_new(l, def, rd_off(&l->r), left);
	f->key = NULL;
	f->trouble = (uint8_t)l->r.state;
	if (l->r.state == RD_MALFORMED)
		how = "is too short: the packet ends";
	else if (l->b->part)
		how = "is quoted in part: it ends";
	else
		how = "cut by the capture";
	f->remark = tree_printf(l->b->tree, "[%s %s after %zu of %zu bytes]",
	    l->what, how, rd_off(&l->r) - l->start + left, l->need);
	field_at(l->b, l->root)->len =
	    (uint32_t)(rd_off(&l->r) - l->start + left);
}

static const uint8_t *
read_bytes(struct layer *l, const struct field_def *def, size_t n)
{
	size_t left = rd_left(&l->r), off = rd_off(&l->r);
	const uint8_t *p = rd_bytes(&l->r, n);

	if (p == NULL) {
		if (off - l->start + n > l->need)
			l->need = off - l->start + n;
		report(l, def, left);
	}
	return p;
}

static const char *
uint_text(struct tree *t, const struct field_def *def, uint32_t v)
{
	switch ((enum field_kind)def->kind) {
	case KIND_HEX8:
		return tree_printf(t, "0x%02" PRIx32, v);
	case KIND_HEX16:
		return tree_printf(t, "0x%04" PRIx32, v);
	case KIND_HEX24:
		return tree_printf(t, "0x%06" PRIx32, v);
	case KIND_HEX32:
		return tree_printf(t, "0x%08" PRIx32, v);
	case KIND_BOOL:
		return v != 0 ? "1" : "0";
	case KIND_DEC:
		return tree_printf(t, "%" PRIu32, v);
	case KIND_INT8:
		return tree_printf(t, "%d", (int8_t)v);
	case KIND_WORDS:
		return tree_printf(t, "%" PRIu32, v * 4);
	case KIND_NONE:
	case KIND_BYTES:
	case KIND_MAC:
	case KIND_BDADDR:
	case KIND_IP4:
	case KIND_IP6:
	case KIND_STRING:
	case KIND_TEXT:
		break;
	}
	return "";
}

/* Hex digits; more than fit end in three dots. */
static void
print_hex(struct tree *t, struct field *f, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * FIELD_BYTES_MAX + 4], *dst = text;

	if (n == 0) {
		f->value = "<none>"; /* so tshark says */
		return;
	}
	for (size_t i = 0; i < n && i < FIELD_BYTES_MAX; i++) {
		*dst++ = digits[p[i] >> 4];
		*dst++ = digits[p[i] & 15];
	}
	f->cut = n > FIELD_BYTES_MAX;
	if (f->cut) {
		memcpy(dst, "...", 3);
		dst += 3;
	}
	f->value = tree_text(t, text, (size_t)(dst - text));
}

static void
print_bytes(struct tree *t, struct field *f, const struct field_def *def,
    const uint8_t *p, size_t n)
{
	char text[INET6_ADDRSTRLEN];

	if (def->kind == KIND_MAC && n == 6)
		f->value = tree_printf(t, "%02x:%02x:%02x:%02x:%02x:%02x", p[0],
		    p[1], p[2], p[3], p[4], p[5]);
	else if (def->kind == KIND_BDADDR && n == 6)
		f->value = tree_printf(t, "%02x:%02x:%02x:%02x:%02x:%02x", p[5],
		    p[4], p[3], p[2], p[1], p[0]);
	else if (def->kind == KIND_IP4 && n == 4)
		f->value =
		    tree_printf(t, "%s", inet_ntop(AF_INET, p, text, 16));
	else if (def->kind == KIND_IP6 && n == 16)
		f->value = tree_printf(
		    t, "%s", inet_ntop(AF_INET6, p, text, sizeof text));
	else if (def->kind != KIND_NONE)
		print_hex(t, f, p, n);
}

uint32_t
layer_word(struct layer *l, const struct field_def *def, size_t n)
{
	const uint8_t *p;

	l->word = 0;
	l->word_off = rd_off(&l->r);
	l->word_len = n;
	l->word_little = false;
	p = read_bytes(l, def, n);
	for (size_t i = 0; p != NULL && i < n; i++)
		l->word = l->word << 8 | p[i];
	return l->word;
}

uint32_t
layer_word_le(struct layer *l, const struct field_def *def, size_t n)
{
	l->word = __builtin_bswap32(layer_word(l, def, n)) >> (32 - 8 * n);
	l->word_little = true;
	return l->word;
}

void
layer_add_word(struct layer *l, const struct field_def *def)
{
	if (layer_ok(l))
		field_new(l, def, l->word_off, l->word_len)->value =
		    uint_text(l->b->tree, def, l->word);
}

uint32_t
layer_uint(struct layer *l, const struct field_def *def, size_t n)
{
	layer_word(l, def, n);
	layer_add_word(l, def);
	return l->word;
}

uint32_t
layer_uint_le(struct layer *l, const struct field_def *def, size_t n)
{
	layer_word_le(l, def, n);
	layer_add_word(l, def);
	return l->word;
}

uint32_t
layer_add_bits(struct layer *l, const struct field_def *def)
{
	unsigned low = (unsigned)__builtin_ctz(def->mask);
	unsigned high = 31 - (unsigned)__builtin_clz(def->mask);
	uint32_t v = (l->word & def->mask) >> low;
	size_t first, bytes;
	struct field *f;

	if (!layer_ok(l))
		return 0;
	first = l->word_little ? low / 8 : l->word_len - 1 - high / 8;
	bytes = high / 8 - low / 8 + 1;
	f = field_new(l, def, l->word_off + first, bytes);
	if (bytes == 1)
		f->bit_mask = (uint8_t)(def->mask >> low / 8 * 8);
	f->value = uint_text(l->b->tree, def, v);
	return v;
}

void
layer_bytes(struct layer *l, const struct field_def *def, size_t n, void *dst)
{
	size_t off = rd_off(&l->r);
	const uint8_t *p = read_bytes(l, def, n);

	if (dst != NULL)
		memset(dst, 0, n);
	if (p == NULL)
		return;
	if (dst != NULL)
		memcpy(dst, p, n);
	print_bytes(l->b->tree, field_new(l, def, off, n), def, p, n);
}

/* Plain characters of UTF-8 as they are, others as C writes them. */
static const char *
string_text(struct tree *t, const uint8_t *p, size_t n)
{
	static const char names[] = "abtnvfr"; /* 7 to 13 */
	char *text = malloc(4 * n + 1), *dst = text;
	const char *kept;

	if (text == NULL)
		return "";
	for (size_t i = 0; i < n; i++) {
		if (p[i] >= 7 && p[i] <= 13)
			dst += sprintf(dst, "\\%c", names[p[i] - 7]);
		else if (p[i] < 0x20 || p[i] == 0x7f)
			dst += sprintf(dst, "\\%03o", p[i]);
		else
			*dst++ = (char)p[i];
	}
	kept = tree_text(t, text, (size_t)(dst - text));
	free(text);
	return kept;
}

void
layer_string(struct layer *l, const struct field_def *def, size_t off,
    size_t len, const uint8_t *p, size_t n)
{
	if (layer_ok(l))
		field_new(l, def, off, len)->value =
		    string_text(l->b->tree, p, n);
}

void
layer_text(struct layer *l, const struct field_def *def, size_t n)
{
	size_t off = rd_off(&l->r);
	const uint8_t *p = read_bytes(l, def, n);

	if (p != NULL)
		layer_string(l, def, off, n, p, n);
}

void
layer_put(struct layer *l, const struct field_def *def, size_t off, size_t len,
    const char *fmt, ...)
{
	struct field *f;
	va_list ap;

	if (!layer_ok(l))
		return;
	f = field_new(l, def, off, len);
	va_start(ap, fmt);
	f->value = tree_vprintf(l->b->tree, fmt, ap);
	va_end(ap);
}

size_t
layer_begin(struct layer *l, const struct field_def *def)
{
	field_new(l, def, rd_off(&l->r), 0);
	l->depth++;
	return l->last;
}

void
layer_end(struct layer *l, size_t heading)
{
	struct field *f = field_at(l->b, heading);

	l->depth--;
	if (layer_ok(l))
		f->len = (uint32_t)(rd_off(&l->r) - f->off);
}

struct rd
layer_enter(struct layer *l, size_t len)
{
	struct rd outside = l->r;
	size_t wire = rd_wire_left(&l->r);

	if (len > wire) {
		layer_wrong(
		    l, "%zu bytes: more than the %zu that are left", len, wire);
		len = wire;
	}
	l->r = rd_sub(&outside, len);
	return outside;
}

void
layer_leave(struct layer *l, struct rd outside)
{
	if (outside.state == RD_OK)
		l->r = outside;
}

void
layer_remark_at(struct layer *l, size_t heading, const char *fmt, ...)
{
	va_list ap;

	if (!layer_ok(l))
		return;
	va_start(ap, fmt);
	field_at(l->b, heading)->remark = tree_vprintf(l->b->tree, fmt, ap);
	va_end(ap);
}

void
layer_made(struct layer *l, const struct field_def *def, const char *fmt, ...)
{
	struct field *f;
	va_list ap;

	if (!layer_ok(l))
		return;
	f = field_new(l, def, l->start, 0);
	va_start(ap, fmt);
	f->value = tree_vprintf(l->b->tree, fmt, ap);
	va_end(ap);
}

void
layer_time(struct layer *l, const struct field_def *def, int64_t ns)
{
	uint64_t magnitude = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	layer_made(l, def, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
	    magnitude / 1000000000, magnitude % 1000000000);
}

bool
layer_asked(struct layer *l, const struct field_def *frame)
{
	const struct question *q = &l->b->question;

	if (q->frame == 0 || l->b->quoted)
		return false;
	layer_made(l, frame, "%" PRIu64, q->frame);
	return true;
}

void
layer_answers(struct layer *l, const struct field_def *frame,
    const struct field_def *time)
{
	if (!layer_asked(l, frame))
		return;
	layer_time(l, time, l->b->packet->ts_ns - l->b->question.ts_ns);
	layer_remark(l, "seconds");
}

void
layer_range(
    struct layer *l, const struct field_def *def, size_t off, size_t len)
{
	struct field *f = field_new(l, def, off, len);

	if (def->kind == KIND_BYTES)
		print_hex(l->b->tree, f, l->r.base + off, len);
}

void
layer_payload(struct layer *l, const struct field_def *def)
{
	size_t left = rd_left(&l->r), wire = rd_wire_left(&l->r);
	size_t off = rd_off(&l->r);
	const uint8_t *p = rd_bytes(&l->r, left);
	struct field *f;

	if (p == NULL || wire == 0 || (left == 0 && l->b->part))
		return;
	f = field_new(l, def, off, left);
	if (left > 0)
		print_bytes(l->b->tree, f, def, p, left);
	if (left == wire)
		return;
	if (l->b->part) {
		f->remark = tree_printf(
		    l->b->tree, "the first %zu bytes are quoted", left);
		return;
	}
	f->trouble = RD_TRUNCATED;
	f->remark = tree_printf(l->b->tree,
	    "[cut by the capture after %zu of %zu bytes]", left, wire);
}

bool
layer_option(
    struct layer *l, const struct field_def *def, size_t end, struct option *o)
{
	struct rd peek = l->r;
	size_t rest;

	o->off = rd_off(&peek);
	if (!layer_ok(l) || o->off >= end)
		return false;
	rest = end - o->off;
	o->kind = rd_u8(&peek);
	o->len = o->kind <= 1 || rest == 1 ? 1 : rd_u8(&peek);
	if (peek.state != RD_OK) {
		layer_bytes(l, def, rest < 2 ? rest : 2, NULL);
		return false;
	}
	if ((o->kind > 1 && o->len < 2) || o->len > rest ||
	    (o->ended && o->kind != 0)) {
		layer_bytes(l, def, rest, NULL);
		layer_wrong(l, "%s",
		    o->ended ? "behind the end of the options"
			     : "the option's length cannot be");
		return false;
	}
	o->ended = o->kind == 0;
	if (o->len > rd_left(&l->r) && !o->partly) {
		layer_bytes(l, def, o->len, NULL);
		return false;
	}
	return true;
}

void
layer_remark(struct layer *l, const char *fmt, ...)
{
	struct field *f = field_at(l->b, l->last);
	va_list ap;

	if (!layer_ok(l))
		return;
	va_start(ap, fmt);
	f->remark = tree_vprintf(l->b->tree, fmt, ap);
	va_end(ap);
}

void
layer_title(struct layer *l, const char *fmt, ...)
{
	struct field *f = field_at(l->b, l->root);
	va_list ap;

	if (!layer_ok(l))
		return;
	va_start(ap, fmt);
	f->remark = tree_vprintf(l->b->tree, fmt, ap);
	va_end(ap);
}

void
layer_wrong(struct layer *l, const char *fmt, ...)
{
	struct field *f = field_at(l->b, l->last);
	va_list ap;

	if (!layer_ok(l))
		return;
	f->trouble = RD_MALFORMED;
	va_start(ap, fmt);
	f->remark = tree_vprintf(l->b->tree, fmt, ap);
	va_end(ap);
}

const char *
name_of(const struct name *names, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].value == value)
			return names[i].text;
	return NULL;
}

void
layer_remark_name(struct layer *l, const char *name_or_null)
{
	if (name_or_null != NULL)
		layer_remark(l, "%s", name_or_null);
}

uint32_t
checksum_add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (n % 2 != 0)
		sum += (uint32_t)p[n - 1] << 8;
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

uint32_t
checksum_pseudo(const struct ip_info *ip, uint8_t proto, size_t len)
{
	uint32_t sum = checksum_add(0, ip->src, ip->addr_len);

	sum = checksum_add(sum, ip->dst, ip->addr_len);
	return sum + proto + (uint32_t)(len >> 16) + (uint32_t)(len & 0xffff);
}

static enum checksum_status
judge_checksum(struct layer *l, uint32_t pseudo, struct rd segment)
{
	size_t n = rd_left(&segment);
	const uint8_t *p = rd_bytes(&segment, n);
	uint16_t stored = (uint16_t)l->word, right;
	uint32_t sum;

	if (p == NULL || n == 0 || rd_wire_left(&segment) > 0)
		return CHECKSUM_UNVERIFIED;
	sum = checksum_add(fold(pseudo), p, n);
	if (fold(sum) == 0xffff) {
		layer_remark(l, "correct");
		return CHECKSUM_CORRECT;
	}
	right = (uint16_t)~fold(fold(sum) + (uint32_t)(uint16_t)~stored);
	if (pseudo == 0 || stored != fold(pseudo)) {
		layer_remark(l, "wrong, should be 0x%04x", right);
	} else if (l->b->ctx->local) {
		layer_remark(l,
		    "offloaded: the network card fills it in; on lo nobody "
		    "does");
		return CHECKSUM_UNVERIFIED;
	} else {
		layer_remark(l,
		    "wrong, should be 0x%04x (0x%04x is what a sender leaves "
		    "to its network card)",
		    right, stored);
	}
	return CHECKSUM_WRONG;
}

void
layer_checksum_status(
    struct layer *l, const struct field_def *def, enum checksum_status status)
{
	static const char *const words[] = {
	    [CHECKSUM_WRONG] = "wrong",
	    [CHECKSUM_CORRECT] = "correct",
	    [CHECKSUM_UNVERIFIED] = "cannot be told",
	    [CHECKSUM_ABSENT] = "there is none",
	    [CHECKSUM_ILLEGAL] = "there must be one",
	};

	l->depth++;
	layer_made(l, def, "%d", status);
	layer_remark_name(l, words[status]);
	l->depth--;
}

void
layer_checksum(struct layer *l, const struct field_def *status, uint32_t pseudo,
    struct rd segment)
{
	layer_checksum_status(l, status, judge_checksum(l, pseudo, segment));
}

void
layer_checksum_of(struct layer *l, const struct field_def *status,
    const struct ip_info *ip, uint8_t proto, struct rd segment)
{
	uint32_t pseudo = checksum_pseudo(ip, proto, rd_wire_left(&segment));

	if (ip->fragment || ip->rerouted)
		layer_checksum_status(l, status, CHECKSUM_UNVERIFIED);
	else
		layer_checksum(l, status, pseudo, segment);
}
