/*
 * tests/fuzz/show_check.h - what must hold for every text that is typed as a
 * display filter.
 *
 * Used by the fuzz target and by the replay of its corpus.
 */
#ifndef SOCKDECK_TESTS_FUZZ_SHOW_CHECK_H
#define SOCKDECK_TESTS_FUZZ_SHOW_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "capture/display_filter.h"
#include "tests/fuzz/dissect_check.h"

#define SHOW_TEXT_LEN 1000
#define SHOW_WORDS 200 /* more than any word may become */

/* A datagram, half of it, and something that is no packet at all. */
static inline struct capture *
show_capture(void)
{
	static const uint8_t datagram[46] = {[12] = 0x08,
	    [14] = 0x45,
	    [17] = 32,
	    [22] = 64,
	    [23] = 17,
	    [26] = 127,
	    [29] = 1,
	    [30] = 127,
	    [33] = 1,
	    [35] = 80,
	    [37] = 90,
	    [39] = 12,
	    [42] = 'a',
	    'b',
	    'c',
	    'd'};
	static const uint32_t captured[] = {46, 23, 3};
	struct capture *c = capture_new(1 << 16);
	struct frame f;

	CHECK(c != NULL);
	for (size_t i = 0; i < 3; i++) {
		struct packet p = {.ts_ns = 1,
		    .cap_len = captured[i],
		    .wire_len = 46,
		    .link_type = LINK_ETHERNET,
		    .data = datagram};

		CHECK(capture_feed_one(c, &p, &f));
	}
	return c;
}

static inline void
check_completion(const char *text)
{
	char word[DISPLAY_WORD_MAX];
	unsigned n = 0;

	while (display_filter_complete(text, n, word)) {
		CHECK(word[0] != '\0' && strlen(word) < sizeof word);
		CHECK(++n < SHOW_WORDS);
	}
}

static inline void
check_show(const uint8_t *data, size_t len)
{
	char text[SHOW_TEXT_LEN + 1];
	struct display_filter *d = NULL;
	struct capture *c;
	struct err err = {.text = ""};

	len = len < SHOW_TEXT_LEN ? len : SHOW_TEXT_LEN;
	memcpy(text, data, len);
	text[len] = '\0';
	check_completion(text);
	if (display_filter_new(text, &d, &err) < 0) {
		CHECK(d == NULL && err.text[0] != '\0');
		return;
	}
	c = show_capture();
	for (uint64_t id = 0; id < 5; id++) {
		bool match = display_filter_match(d, capture_store(c), id);

		CHECK(!match || (id > 0 && id < 4));
		/* asked again, it says the same */
		CHECK(match == display_filter_match(d, capture_store(c), id));
	}
	capture_free(c);
	display_filter_free(d);
}

#endif
