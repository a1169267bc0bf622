/*
 * tests/fuzz/why_check.h - any bytes as segments between a few endpoints: each
 * is explained, in whole sentences, whatever it says.
 */
#ifndef SOCKDECK_TESTS_WHY_CHECK_H
#define SOCKDECK_TESTS_WHY_CHECK_H

#include "capture/flow_replay.h"
#include "capture/why.h"
#include "tests/fuzz/flow_check.h"

#define WHY_CHECK_PACKETS 64 /* each is explained at length */

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

/* What was found out about a frame is found out again. Of fragments it is not:
 * the first alone is among its conversation's frames. */
static inline void
why_check_again(const struct capture *c, const struct frame *f)
{
	struct frame again;

	if (f->flow == 0)
		return;
	must(flow_replay(capture_store(c), f->id, REPLAY_MAX, &again));
	must(again.verdicts == f->verdicts);
	must(memcmp(&again.found, &f->found, sizeof f->found) == 0);
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
	bool fragments = false;

	must(c != NULL);
	why_init(&s);
	for (int i = 0; i < WHY_CHECK_PACKETS && rd_left(&r) >= STEP; i++) {
		flow_check_packet(&r, bytes, &p);
		if (p.ts_ns < 0)
			p.ts_ns = 0;
		if (capture_feed_one(c, &p, &f)) {
			must(why_look(&s, c, f.id));
			why_check_scene(&s);
			fragments |= f.sum.fragment;
			if (!fragments)
				why_check_again(c, &f);
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
