/* The tree: its fields, the texts of their values, bytes put together. */
#include "capture/dissect_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BLOCK 4000

/* Texts do not move: fields point at them. */
struct text_block {
	struct text_block *next;
	size_t used, size;
	char text[];
};

void
tree_init(struct tree *t)
{
	*t = (struct tree){0};
}

static void
drop_sources(struct tree *t)
{
	while (t->source_count > 0)
		free(t->sources[--t->source_count].data);
}

void
tree_done(struct tree *t)
{
	struct text_block *b, *next;

	for (b = t->text; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	drop_sources(t);
	free(t->fields);
	tree_init(t);
}

void
tree_reset(struct tree *t)
{
	for (struct text_block *b = t->text; b != NULL; b = b->next)
		b->used = 0;
	t->text_now = t->text;
	t->count = 0;
	drop_sources(t);
}

/* A block with room for n bytes; NULL: no memory. */
static struct text_block *
room_for(struct tree *t, size_t n)
{
	struct text_block *b = t->text_now, *more;
	size_t size = n > TEXT_BLOCK ? n : TEXT_BLOCK;

	if (b != NULL && b->size - b->used >= n)
		return b;
	if (b != NULL && b->next != NULL && b->next->size >= n)
		return t->text_now = b->next;
	more = malloc(sizeof *more + size);
	if (more == NULL)
		return NULL;
	*more = (struct text_block){.size = size};
	if (b == NULL) {
		t->text = more;
	} else {
		more->next = b->next;
		b->next = more;
	}
	return t->text_now = more;
}

const char *
tree_text(struct tree *t, const char *s, size_t n)
{
	struct text_block *b = n > 0 ? room_for(t, n + 1) : NULL;
	char *dst;

	if (b == NULL)
		return "";
	dst = b->text + b->used;
	memcpy(dst, s, n);
	dst[n] = '\0';
	b->used += n + 1;
	return dst;
}

const char *
tree_vprintf(struct tree *t, const char *fmt, va_list ap)
{
	char text[FIELD_TEXT_MAX];
	int n = vsnprintf(text, sizeof text, fmt, ap);

	if (n <= 0)
		return "";
	return tree_text(
	    t, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

const char *
tree_printf(struct tree *t, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = tree_vprintf(t, fmt, ap);
	va_end(ap);
	return text;
}

uint8_t
tree_source(struct tree *t, const struct whole *w, const char *name)
{
	uint8_t *copy;

	if (t->source_count == TREE_SOURCES_MAX || w->len == 0)
		return 0;
	copy = malloc(w->len);
	if (copy == NULL)
		return 0;
	memcpy(copy, w->data, w->len);
	t->sources[t->source_count++] =
	    (struct tree_source){copy, w->len, name};
	return (uint8_t)t->source_count;
}

const uint8_t *
tree_bytes(const struct tree *t, const struct packet *p, const struct field *f)
{
	return (f->source == 0 ? p->data : t->sources[f->source - 1].data) +
	       f->off;
}

static const struct second_key {
	const char *key, *second;
} second_keys[] = {
    {"eth.dst", "eth.addr"},
    {"eth.src", "eth.addr"},
    {"eth.dst.lg", "eth.lg"},
    {"eth.src.lg", "eth.lg"},
    {"eth.dst.ig", "eth.ig"},
    {"eth.src.ig", "eth.ig"},
    {"frame.time_delta", "frame.time_delta_displayed"},
    {"ip.src", "ip.addr"},
    {"ip.dst", "ip.addr"},
    {"ipv6.version", "ip.version"},
    {"ipv6.src", "ipv6.addr"},
    {"ipv6.dst", "ipv6.addr"},
    {"tcp.srcport", "tcp.port"},
    {"tcp.dstport", "tcp.port"},
    {"udp.srcport", "udp.port"},
    {"udp.dstport", "udp.port"},
    {"http.content_length_header", "http.content_length"},
};
#define SECOND_KEYS (sizeof second_keys / sizeof *second_keys)

const char *
dissect_second_key(const char *key)
{
	for (size_t i = 0; i < SECOND_KEYS; i++)
		if (strcmp(second_keys[i].key, key) == 0)
			return second_keys[i].second;
	return NULL;
}

bool
dissect_is_second_key(const char *key)
{
	for (size_t i = 0; i < SECOND_KEYS; i++)
		if (strcmp(second_keys[i].second, key) == 0)
			return true;
	return false;
}

const struct field *
tree_find(const struct tree *t, const char *key, size_t from)
{
	bool second = dissect_is_second_key(key);

	for (size_t i = from; i < t->count; i++) {
		const struct field *f = &t->fields[i];
		const char *own = f->key;

		if (own != NULL && strcmp(own, key) == 0)
			return f;
		if (own == NULL || !second)
			continue;
		own = dissect_second_key(own);
		if (own != NULL && strcmp(own, key) == 0)
			return f;
	}
	return NULL;
}
