/*
 * tests/bench/show.c - display filters over all packets of a file.
 *
 *   show FILE FILTER...
 *
 * Prints for each: milliseconds on the clock, of the processor, matches.
 */
#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "capture/capture.h"
#include "capture/display_filter.h"
#include "capture/source.h"

static double
now_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void
load(struct capture *c, const char *path)
{
	struct source_status st;
	struct source *s;
	struct batch *b;
	struct err why;

	if (source_open_file(path, NULL, &s, &why) < 0)
		errx(1, "%s", why.text);
	do {
		source_status(s, &st);
		while ((b = source_pop(s)) != NULL) {
			capture_feed(c, b);
			batch_free(b);
		}
		if (!st.ended && !source_arm(s))
			poll(&(struct pollfd){source_fd(s), POLLIN, 0}, 1, -1);
	} while (!st.ended);
	source_close(s);
}

static void
measure(const struct store *s, const char *text)
{
	struct display_filter *d;
	uint64_t matches = 0, id = 0;
	double wall, cpu;
	struct err why;

	if (display_filter_new(text, &d, &why) < 0)
		errx(1, "%s", why.text);
	wall = now_ms(CLOCK_MONOTONIC);
	cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	while ((id = display_filter_next(d, s, id + 1, UINT64_MAX)) != 0)
		matches++;
	printf("%.1f %.1f %" PRIu64 "\n", now_ms(CLOCK_MONOTONIC) - wall,
	    now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu, matches);
	display_filter_free(d);
}

int
main(int argc, char **argv)
{
	struct capture *c = capture_new(1 << 20);

	if (argc < 3 || c == NULL)
		errx(2, "usage: show FILE FILTER...");
	load(c, argv[1]);
	for (int i = 2; i < argc; i++)
		measure(capture_store(c), argv[i]);
	capture_free(c);
	return 0;
}
