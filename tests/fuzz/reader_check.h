/*
 * tests/fuzz/reader_check.h - what must hold for every file, however broken.
 *
 * Used by the fuzz target and by the replay of its corpus. A broken promise
 * ends the program.
 */
#ifndef SOCKDECK_TESTS_FUZZ_READER_CHECK_H
#define SOCKDECK_TESTS_FUZZ_READER_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/reader.h"
#include "capture/unpack.h"

#define UNPACKED_MAX (64 * 1024)

#define CHECK(what)                                                      \
	do {                                                             \
		if (!(what)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #what);                            \
			abort();                                         \
		}                                                        \
	} while (0)

/* How a walk ended, and a sum over what it saw. */
struct walk {
	enum reader_result end;
	size_t packets, used;
	uint64_t sum;
};

static inline void
walk_packet(
    struct walk *w, const struct packet *p, const uint8_t *window, size_t n)
{
	CHECK(p->cap_len <= p->wire_len);
	CHECK(p->cap_len <= READER_CAP_MAX);
	CHECK(p->ts_ns >= PACKET_NO_TIME && p->ts_ns <= PACKET_TIME_MAX);
	CHECK(p->data >= window && p->data <= window + n);
	CHECK(p->cap_len <= (size_t)(window + n - p->data));
	w->packets++;
	w->sum = w->sum * 31 + (uint64_t)p->ts_ns + p->cap_len + p->wire_len +
		 p->link_type + p->iface;
	for (uint32_t i = 0; i < p->cap_len; i++)
		w->sum = w->sum * 31 + p->data[i];
}

/* Through a window that ends after so many bytes more each time it must. */
static inline struct walk
walk_file(const uint8_t *data, size_t n, size_t step)
{
	struct reader *r = reader_new();
	struct walk w = {.end = READER_MORE};
	size_t window = step < n ? step : n;
	struct packet p;

	CHECK(r != NULL);
	while (true) {
		reader_window(r, data + w.used, window - w.used);
		while ((w.end = reader_next(r, &p)) == READER_PACKET)
			walk_packet(&w, &p, data + w.used, window - w.used);
		CHECK(reader_used(r) <= window - w.used);
		w.used += reader_used(r);
		if (w.end == READER_BAD || window == n)
			break;
		CHECK(reader_needs(r) > window - w.used);
		window = n - window < step ? n : window + step;
	}
	CHECK(w.end != READER_BAD || reader_trouble(r)[0] != '\0');
	reader_free(r);
	return w;
}

/* A file says the same whether it is there at once or comes in pieces. */
static inline struct walk
check_file(const uint8_t *data, size_t n)
{
	struct walk whole = walk_file(data, n, n), pieces;

	for (size_t step = 1; step <= 64; step += 21) {
		pieces = walk_file(data, n, step);
		CHECK(pieces.end == whole.end);
		CHECK(pieces.packets == whole.packets);
		CHECK(pieces.used == whole.used);
		CHECK(pieces.sum == whole.sum);
	}
	return whole;
}

/* What gzip says, in pieces of so many bytes in and out; -EBADMSG, or how many
 * bytes are at out. */
static inline long
unpack_all(const uint8_t *data, size_t n, size_t step, uint8_t *out)
{
	struct unpack *u = unpack_new();
	size_t at = 0, len = 0, used = 1;
	long got = 1;

	CHECK(u != NULL);
	while (got >= 0 && (got > 0 || used > 0) && len < UNPACKED_MAX) {
		size_t in = n - at < step ? n - at : step;
		size_t room = UNPACKED_MAX - len;

		got = unpack_some(u, data + at, in, &used, out + len,
		    room < step ? room : step);
		CHECK(used <= in);
		at += used;
		len += got > 0 ? (size_t)got : 0;
	}
	unpack_free(u);
	return got < 0 ? got : (long)len;
}

/* A packed file says the same in pieces, too, and is one like any other. */
static inline void
check_packed(const uint8_t *data, size_t n)
{
	static uint8_t whole[UNPACKED_MAX], pieces[UNPACKED_MAX];
	long len = unpack_all(data, n, UNPACKED_MAX, whole);

	CHECK(unpack_all(data, n, 13, pieces) == len);
	if (len <= 0)
		return;
	CHECK(memcmp(whole, pieces, (size_t)len) == 0);
	check_file(whole, (size_t)len);
}

/* As a source reads it. */
static inline void
check_any_file(const uint8_t *data, size_t n)
{
	if (unpack_knows(data, n))
		check_packed(data, n);
	else
		check_file(data, n);
}

#endif
