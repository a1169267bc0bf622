/*
 * tests/unit/capture/gather.h - what a source delivered, for its tests.
 *
 * Owns:   copies of the packets.  Blocks: until a deadline that fails the test.
 */
#ifndef SOCKDECK_TESTS_GATHER_H
#define SOCKDECK_TESTS_GATHER_H

#include <poll.h>
#include <stdlib.h>

#include "capture/source.h"
#include "net/base/clock.h"

#define GATHER_DEADLINE_NS (10 * CLOCK_S)

struct gather {
	struct batch *batches[256];
	size_t batch_count;
	const struct packet *packets[20000];
	size_t count;
	int64_t deadline_ns;
};

static inline struct gather *
gather_new(void)
{
	struct gather *g = calloc(1, sizeof *g);

	if (g != NULL)
		g->deadline_ns = clock_mono_ns() + GATHER_DEADLINE_NS;
	return g;
}

/* Take what waits; true if that was anything. */
static inline bool
gather_take(struct gather *g, struct source *s)
{
	struct batch *b = source_pop(s);

	if (b == NULL)
		return false;
	assert_true(g->batch_count < sizeof g->batches / sizeof *g->batches);
	g->batches[g->batch_count++] = b;
	for (uint32_t i = 0; i < b->count; i++)
		g->packets[g->count++] = &b->packets[i];
	return true;
}

/* Sleep as the console does, until the source has something to say. */
static inline void
gather_wait(struct gather *g, struct source *s)
{
	struct pollfd fd = {.fd = source_fd(s), .events = POLLIN};

	assert_true(clock_mono_ns() < g->deadline_ns);
	if (!source_arm(s))
		poll(&fd, 1, 100);
}

/* Until there are that many packets. */
static inline void
gather_count(struct gather *g, struct source *s, size_t count)
{
	while (g->count < count)
		if (!gather_take(g, s))
			gather_wait(g, s);
}

/* Until the source has ended and everything of it is here. */
static inline void
gather_all(struct gather *g, struct source *s, struct source_status *ret)
{
	for (source_status(s, ret); !ret->ended; source_status(s, ret))
		if (!gather_take(g, s))
			gather_wait(g, s);
	while (gather_take(g, s))
		continue;
}

static inline void
gather_free(struct gather *g)
{
	for (size_t i = 0; i < g->batch_count; i++)
		batch_free(g->batches[i]);
	free(g);
}

#endif
