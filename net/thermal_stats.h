/*
 * net/thermal_stats.h - what a frame's temperatures have in common.
 *
 * Owns:   values only.  Thread: any.  Blocks: never; about 5 us a frame.
 */
#ifndef SOCKDECK_NET_THERMAL_STATS_H
#define SOCKDECK_NET_THERMAL_STATS_H

#include "net/proto/thermal.h"

#define THERMAL_BINS 32

/* Centi-degrees. Quartiles lie between two pixels as numpy.percentile() has
 * it; of several coldest or hottest the first in reading order is named. */
struct thermal_stats {
	int16_t min, max;
	double mean, q1, median, q3;
	int min_x, min_y, max_x, max_y;
};

struct thermal_stats thermal_stats(const struct thermal_frame *f);
/* How many pixels lie in each 32nd of [low, high]; what lies outside counts in
 * the first or last. high > low. */
void thermal_histogram(const struct thermal_frame *f, int low, int high,
    unsigned bins[THERMAL_BINS]);

#endif
