#include "net/thermal_stats.h"

/* The low, then the high byte of each, as numbers without sign: a sort in two
 * passes that keep the order of equals. */
static void
sort(uint16_t v[THERMAL_PIXELS])
{
	uint16_t other[THERMAL_PIXELS], *from = v, *to = other, *swap;

	for (unsigned shift = 0; shift < 16; shift += 8) {
		unsigned at[257] = {0};

		for (int i = 0; i < THERMAL_PIXELS; i++)
			at[(from[i] >> shift & 0xFF) + 1]++;
		for (int i = 0; i < 256; i++)
			at[i + 1] += at[i];
		for (int i = 0; i < THERMAL_PIXELS; i++)
			to[at[from[i] >> shift & 0xFF]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
}

/* The value that this share of all lies below. */
static double
quantile(const uint16_t sorted[THERMAL_PIXELS], double share)
{
	double at = share * (THERMAL_PIXELS - 1);
	int i = (int)at;

	return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) - 32768;
}

struct thermal_stats
thermal_stats(const struct thermal_frame *f)
{
	struct thermal_stats s = {.min = INT16_MAX, .max = INT16_MIN};
	uint16_t values[THERMAL_PIXELS];
	int n = 0;
	long sum = 0;

	for (int y = 0; y < THERMAL_H; y++) {
		for (int x = 0; x < THERMAL_W; x++) {
			int16_t c = f->centi[y][x];

			sum += c;
			values[n++] = (uint16_t)(c + 32768);
			if (c < s.min) {
				s.min = c;
				s.min_x = x;
				s.min_y = y;
			}
			if (c > s.max) {
				s.max = c;
				s.max_x = x;
				s.max_y = y;
			}
		}
	}
	sort(values);
	s.mean = (double)sum / THERMAL_PIXELS;
	s.q1 = quantile(values, 0.25);
	s.median = quantile(values, 0.5);
	s.q3 = quantile(values, 0.75);
	return s;
}

void
thermal_histogram(const struct thermal_frame *f, int low, int high,
    unsigned bins[THERMAL_BINS])
{
	for (int i = 0; i < THERMAL_BINS; i++)
		bins[i] = 0;
	for (int y = 0; y < THERMAL_H; y++) {
		for (int x = 0; x < THERMAL_W; x++) {
			int bin = (f->centi[y][x] - low) * THERMAL_BINS /
				  (high - low);

			if (f->centi[y][x] < low)
				bin = 0;
			bins[bin < THERMAL_BINS ? bin : THERMAL_BINS - 1]++;
		}
	}
}
