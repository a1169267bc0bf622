/*
 * tests/fuzz/telemetry_check.h - what must hold for any bytes, taken as
 * messages of telemetry. A broken promise ends the program.
 */
#ifndef SOCKDECK_TESTS_FUZZ_TELEMETRY_CHECK_H
#define SOCKDECK_TESTS_FUZZ_TELEMETRY_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/proto/telemetry.h"

#define CHECK(what)                                                      \
	do {                                                             \
		if (!(what)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #what);                            \
			abort();                                         \
		}                                                        \
	} while (0)

/* A datagram: refused, or the only bytes that the message could be. */
static inline void
check_message(const uint8_t *data, size_t n)
{
	struct rd r = rd_init(data, n, n);
	uint8_t again[TELEMETRY_MAX];
	struct wr w = wr_init(again, sizeof again);
	char line[TELEMETRY_LINE_MAX];
	struct telemetry_message m;

	if (telemetry_decode(&r, &m) != TELEMETRY_FAULT_FINE)
		return;
	CHECK(telemetry_line(line, &m)[0] != '\0');
	telemetry_encode(&w, &m);
	CHECK(!w.full && wr_len(&w) == n);
	/* A NaN that is not quiet cannot come here: those are refused. */
	CHECK(memcmp(again, data, n) == 0);
}

/* All messages of a stream, one behind the other, into out. */
static inline size_t
check_frames(const uint8_t *data, size_t n, size_t cut, uint8_t *out,
    enum telemetry_fault *ret_fault)
{
	struct telemetry_framer f = {0};
	size_t len = 0;

	for (size_t at = 0; at < n; at += cut) {
		size_t piece = n - at < cut ? n - at : cut;
		struct rd in = rd_init(data + at, piece, piece), one;

		while (telemetry_frame(&f, &in, &one)) {
			size_t one_len = rd_left(&one);

			CHECK(one_len >= TELEMETRY_HEADER_LEN);
			CHECK(len + one_len <= n);
			rd_copy(&one, out + len, one_len);
			len += one_len;
		}
		CHECK(f.fault != TELEMETRY_FAULT_FINE || rd_left(&in) == 0);
	}
	*ret_fault = f.fault;
	return len;
}

/* A stream: the same messages, however it is cut. */
static inline void
check_stream(const uint8_t *data, size_t n)
{
	uint8_t *whole = malloc(n + 1), *cut = malloc(n + 1);
	enum telemetry_fault fault, fault_cut;
	size_t len;

	CHECK(whole != NULL && cut != NULL);
	len = check_frames(data, n, n, whole, &fault);
	CHECK(memcmp(whole, data, len) == 0);
	for (size_t size = 1; size < 2 * TELEMETRY_MAX; size = size * 2 + 1) {
		CHECK(check_frames(data, n, size, cut, &fault_cut) == len);
		CHECK(fault == fault_cut && memcmp(whole, cut, len) == 0);
	}
	free(whole);
	free(cut);
}

static inline void
check_input(const uint8_t *data, size_t n)
{
	check_message(data, n);
	if (n > 0)
		check_stream(data, n);
}

#endif
