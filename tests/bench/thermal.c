/* Microseconds to decode, to measure and to draw a frame: tests/bench/thermal.py
 * prints them. Usage: thermal COLUMNS ROWS smooth|whole */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/thermal_sim.h"
#include "net/thermal_stats.h"
#include "tui/heatmap.h"

#define FRAMES 256
#define ROUNDS 20

int
main(int argc, char **argv)
{
	static uint8_t bytes[FRAMES][THERMAL_FRAME_LEN];
	struct heatmap h = {.low = 1900, .high = 6000};
	struct canvas *c;
	struct thermal_frame f;
	int64_t decode = 0, stats = 0, draw = 0;
	unsigned long sum = 0;

	if (argc != 4)
		return 2;
	setlocale(LC_CTYPE, "C.UTF-8");
	c = canvas_new(atoi(argv[1]), atoi(argv[2]), false);
	h.smooth = strcmp(argv[3], "smooth") == 0;
	c->inks = true;
	for (int i = 0; i < FRAMES; i++) {
		struct wr w = wr_init(bytes[i], sizeof bytes[i]);

		thermal_sim_frame(1, 30, (uint64_t)i, &f);
		thermal_put(&w, &f);
	}
	for (int i = 0; i < ROUNDS * FRAMES; i++) {
		struct area a = heatmap_fit(canvas_area(c), h.smooth);
		struct thermal_reader r;
		struct thermal_stats s;
		unsigned bins[THERMAL_BINS];
		int64_t t[4];
		bool whole;

		thermal_reader_init(&r);
		t[0] = clock_mono_ns();
		thermal_reader_feed(
		    &r, bytes[i % FRAMES], THERMAL_FRAME_LEN, &f, &whole);
		t[1] = clock_mono_ns();
		s = thermal_stats(&f);
		thermal_histogram(&f, h.low, h.high, bins);
		t[2] = clock_mono_ns();
		heatmap_draw(c, a, &h, &f);
		t[3] = clock_mono_ns();
		decode += t[1] - t[0];
		stats += t[2] - t[1];
		draw += t[3] - t[2];
		sum += (unsigned)s.max + bins[3] + c->cells[5].bg;
	}
	printf("%.1f %.1f %.1f %lu\n", (double)decode / (ROUNDS * FRAMES) / 1e3,
	    (double)stats / (ROUNDS * FRAMES) / 1e3,
	    (double)draw / (ROUNDS * FRAMES) / 1e3, sum);
	canvas_free(c);
	return 0;
}
