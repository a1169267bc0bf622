/*
 * tests/fuzz/why_check.h - any bytes as segments between a few endpoints: each
 * is explained, in whole sentences, whatever it says.
 */
#ifndef SOCKDECK_TESTS_WHY_CHECK_H
#define SOCKDECK_TESTS_WHY_CHECK_H

#include "capture/why.h"
#include "tests/fuzz/flow_check.h"

static inline void
why_check_scene(const struct why_scene *s)
{
	char text[WHY_TEXT_MAX];

	for (size_t i = 0; i < s->count; i++) {
		why_explain(s, s->items[i], text);
		must(text[0] != '\0' && text[strlen(text) - 1] == '.');
		must(strpbrk(text, "{}") == NULL);
		must(why_title(s->items[i].what) != NULL);
		must(why_ref(s->items[i].what) != NULL);
	}
}

static inline void
why_check(const uint8_t *data, size_t n)
{
	struct capture *c = capture_new(1 << 20);
	struct rd r = rd_init(data, n, n);
	struct packet p = {0};
	struct why_scene s;
	struct frame f;
	uint8_t bytes[128];

	must(c != NULL);
	why_init(&s);
	while (rd_left(&r) >= STEP) {
		flow_check_packet(&r, bytes, &p);
		if (p.ts_ns < 0)
			p.ts_ns = 0;
		if (capture_feed_one(c, &p, &f)) {
			must(why_look(&s, c, f.id));
			why_check_scene(&s);
		}
	}
	for (uint32_t id = 0; id <= flow_next(capture_flows(c)); id++) {
		why_look_flow(&s, c, id);
		why_check_scene(&s);
	}
	why_done(&s);
	capture_free(c);
}

#endif
