/*
 * tests/fuzz/pystruct_check.h - what must hold for every format and all bytes.
 *
 * Used by the fuzz target, by the replay of its corpus, and by the comparison
 * with Python. A broken promise ends the program.
 */
#ifndef SOCKDECK_TESTS_FUZZ_PYSTRUCT_CHECK_H
#define SOCKDECK_TESTS_FUZZ_PYSTRUCT_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/pystruct.h"

#define CHECK(what)                                                      \
	do {                                                             \
		if (!(what)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #what);                            \
			abort();                                         \
		}                                                        \
	} while (0)

#define CHECK_FORMAT_MAX 200
#define CHECK_ITEMS_MAX 5000 /* of a format with more, the first ones */
#define CHECK_SIZE_MAX 100000

/* The items cover the bytes without gap or overlap, and are found again. */
static inline void
check_items(const struct pystruct *ps)
{
	struct pystruct_item it = {0}, found;
	uint64_t off = 0, index = 0, seen = 0;

	while (seen++ < CHECK_ITEMS_MAX && pystruct_next(ps, &it)) {
		CHECK(it.off == off && it.len <= ps->size - off);
		CHECK(it.field->at < it.field->end || it.len > 0);
		off += it.len;
		if (!pystruct_is_padding(&it)) {
			CHECK(it.index == index);
			CHECK(pystruct_nth(ps, index++, &found));
			CHECK(memcmp(&found, &it, sizeof it) == 0);
		}
		if (it.len > 0) {
			CHECK(pystruct_at(ps, off - 1, &found));
			CHECK(memcmp(&found, &it, sizeof it) == 0);
		}
	}
	CHECK(
	    seen > CHECK_ITEMS_MAX || (off == ps->size && index == ps->values));
	CHECK(!pystruct_nth(ps, ps->values, &found));
	CHECK(!pystruct_at(ps, ps->size, &found));
}

/* An item's bytes as text, and from it again: the text does not change. */
static inline void
check_text(const struct pystruct_item *it, bool little, const uint8_t *bytes)
{
	uint8_t *again = malloc(it->len + 1);
	struct buf a, b;
	struct err err;

	CHECK(again != NULL);
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	pystruct_text(it, little, bytes, &a);
	CHECK(pystruct_put_text(it, little, buf_str(&a), again, &err) == 0);
	pystruct_text(it, little, again, &b);
	CHECK(strcmp(buf_str(&a), buf_str(&b)) == 0);
	buf_clear(&a);
	pystruct_repr(it, little, bytes, &a);
	CHECK(a.len > 0 && !a.full);
	buf_done(&a);
	buf_done(&b);
	free(again);
}

/* ps->size bytes: as whole and value by value is the same, both ways. */
static inline void
check_whole(const struct pystruct *ps, const uint8_t *bytes)
{
	struct pystruct_value *v = calloc(ps->values + 1, sizeof *v);
	uint8_t *whole = malloc(ps->size + 1), *single = malloc(ps->size + 1);
	struct pystruct_item it = {0};
	struct err err;

	CHECK(v != NULL && whole != NULL && single != NULL);
	CHECK(pystruct_unpack(ps, bytes, ps->size, v, &err) == 0);
	CHECK(pystruct_pack(ps, v, ps->values, whole, ps->size, &err) == 0);
	while (pystruct_next(ps, &it)) {
		const struct pystruct_value *a = &v[it.index];
		struct pystruct_value b;

		if (pystruct_is_padding(&it)) {
			memset(single + it.off, 0, it.len);
			continue;
		}
		pystruct_get(&it, ps->little, bytes + it.off, &b);
		CHECK(a->u == b.u);
		CHECK(it.field->code->kind != PYSTRUCT_BYTES || a->n == b.n);
		CHECK(pystruct_put(
			  &it, ps->little, &b, single + it.off, &err) == 0);
	}
	CHECK(memcmp(whole, single, ps->size) == 0);
	CHECK(pystruct_unpack(ps, bytes, ps->size + 1, v, &err) < 0);
	free(v);
	free(whole);
	free(single);
}

/* Each value of ps->size bytes, in both byte orders. */
static inline void
check_values(const struct pystruct *ps, const uint8_t *bytes)
{
	struct pystruct_item it = {0};

	while (pystruct_next(ps, &it)) {
		if (pystruct_is_padding(&it))
			continue;
		check_text(&it, ps->little, bytes + it.off);
		check_text(&it, !ps->little, bytes + it.off);
	}
}

/* What a person typed as a value of any kind is taken or refused in words. */
static inline void
check_typed(const struct pystruct *ps, const char *text)
{
	struct pystruct_item it = {0};

	for (int n = 0; n < 50 && pystruct_next(ps, &it); n++) {
		uint8_t *bytes;
		struct err err = {""};
		int r;

		if (pystruct_is_padding(&it) || it.len > CHECK_SIZE_MAX)
			continue;
		bytes = malloc(it.len + 1);
		CHECK(bytes != NULL);
		r = pystruct_put_text(&it, ps->little, text, bytes, &err);
		CHECK((r < 0) == (err.text[0] != '\0'));
		if (r == 0)
			check_text(&it, ps->little, bytes);
		free(bytes);
	}
}

/* A format, a NUL, and bytes that are also typed. */
static inline void
check_input(const uint8_t *data, size_t n)
{
	char format[CHECK_FORMAT_MAX + 1], *text;
	struct err err = {""};
	struct pystruct ps;
	uint8_t *bytes;
	size_t len = 0;

	while (len < n && len < CHECK_FORMAT_MAX && data[len] != '\0')
		len++;
	memcpy(format, data, len);
	format[len] = '\0';
	data += len < n ? len + 1 : n;
	n -= len < n ? len + 1 : n;
	if (pystruct_compile(&ps, format, &err) < 0) {
		CHECK(err.text[0] != '\0' && ps.bad_at < len && ps.count == 0);
		return;
	}
	CHECK(ps.size <= INT64_MAX);
	check_items(&ps);
	text = strndup((const char *)data, n);
	CHECK(text != NULL);
	check_typed(&ps, text);
	free(text);
	if (ps.size <= CHECK_SIZE_MAX) {
		/* exactly so many, so that the sanitizer sees one more */
		bytes = malloc(ps.size > 0 ? ps.size : 1);
		CHECK(bytes != NULL);
		for (size_t i = 0; i < ps.size; i++)
			bytes[i] = n > 0 ? data[i % n] : 0;
		check_whole(&ps, bytes);
		check_values(&ps, bytes);
		free(bytes);
	}
	pystruct_done(&ps);
}

#endif
