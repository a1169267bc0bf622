/*
 * tests/fuzz/thermal_check.h - what must hold for every stream and datagram.
 *
 * Used by the fuzz target and by the replay of its corpus. A broken promise
 * ends the program.
 */
#ifndef SOCKDECK_TESTS_FUZZ_THERMAL_CHECK_H
#define SOCKDECK_TESTS_FUZZ_THERMAL_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include "net/proto/thermal.h"

#define THERMAL_CHECK(what)                                              \
	do {                                                             \
		if (!(what)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #what);                            \
			abort();                                         \
		}                                                        \
	} while (0)

/* Frames of a stream cut into pieces of `step`; each equals the whole's. */
static inline size_t
thermal_check_cut(const uint8_t *data, size_t n, size_t step)
{
	struct thermal_reader reader;
	struct thermal_frame f, whole;
	size_t frames = 0, at = 0;

	thermal_reader_init(&reader);
	while (at < n) {
		size_t piece = n - at < step ? n - at : step, taken;
		bool ended;

		taken =
		    thermal_reader_feed(&reader, data + at, piece, &f, &ended);
		THERMAL_CHECK(taken > 0 && taken <= piece);
		at += taken;
		THERMAL_CHECK(ended == (at % THERMAL_FRAME_LEN == 0));
		if (!ended)
			continue;
		struct rd r = rd_init(data + frames * THERMAL_FRAME_LEN,
		    THERMAL_FRAME_LEN, THERMAL_FRAME_LEN);

		THERMAL_CHECK(thermal_get(&r, &whole));
		THERMAL_CHECK(memcmp(&f, &whole, sizeof f) == 0);
		frames++;
	}
	THERMAL_CHECK(frames == n / THERMAL_FRAME_LEN);
	THERMAL_CHECK(reader.len == n % THERMAL_FRAME_LEN);
	return frames;
}

/* Each pair of bytes gives a length; the datagram is that much of the rest. */
static inline void
thermal_check_datagrams(const uint8_t *data, size_t n)
{
	struct rd r = rd_init(data, n, n);
	struct thermal_join j;
	uint64_t parts = 0, fed = 0;

	thermal_join_init(&j);
	while (rd_left(&r) > 0) {
		size_t len = rd_le16(&r) % (THERMAL_DATAGRAM_LEN + 2);
		const uint8_t *bytes;

		if (len > rd_left(&r))
			len = rd_left(&r);
		bytes = rd_bytes(&r, len);
		if (bytes == NULL)
			break;
		parts += thermal_join_feed(&j, bytes, len) >= THERMAL_PART;
		fed++;
	}
	THERMAL_CHECK(parts + j.stale + j.bad == fed);
	THERMAL_CHECK(2 * j.whole + j.torn + thermal_join_torn(&j) == parts);
	THERMAL_CHECK((parts == 0) == (j.have == 0));
}

static inline void
thermal_check(const uint8_t *data, size_t n)
{
	static const size_t steps[] = {1, 7, 767, 768, 769, 1536, 4096};

	if (n == 0)
		return;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		thermal_check_cut(data, n, steps[i]);
	thermal_check_datagrams(data, n);
}

#endif
