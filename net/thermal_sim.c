#include "net/thermal_sim.h"

#include <math.h>

#define TAU 6.283185307179586
#define BODIES 3
#define NOISE_C 0.15 /* standard deviation; the sensor's data sheet: 0.1 K */

/* A warm thing: a hill of temperature that moves in a Lissajous figure. */
struct body {
	double x, y, size; /* pixels */
	double celsius; /* above the room */
};

/* Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014. */
static uint64_t
mix(uint64_t z)
{
	z += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* The seed's number for this purpose, from min up to max. */
static double
choice(uint64_t seed, unsigned what, double min, double max)
{
	double unit = (double)(mix(seed + mix(what)) >> 11) * 0x1p-53;

	return min + unit * (max - min);
}

/* From -1 to 1 and back, so often a second. */
static double
swing(uint64_t seed, unsigned what, double hz_min, double hz_max, double t)
{
	double hz = choice(seed, what, hz_min, hz_max);

	return sin(TAU * (hz * t + choice(seed, what + 1, 0, 1)));
}

static struct body
body_at(uint64_t seed, unsigned i, double t)
{
	unsigned what = 100 * (i + 1);
	struct body b = {
	    .x = 15.5 + 15 * swing(seed, what, 0.03, 0.12, t),
	    .y = 13 + 8 * swing(seed, what + 2, 0.02, 0.09, t),
	    .size = choice(seed, what + 4, 2.2, 4.5),
	    .celsius = choice(seed, what + 5, 8, 13),
	};

	/* The cup: small, hot, and hardly moved. */
	if (i == BODIES) {
		b.x = choice(seed, what + 6, 4, 27) + 0.3 * b.x / 15;
		b.y = choice(seed, what + 7, 14, 21);
		b.size = 1.2;
		b.celsius = 30;
	}
	return b;
}

/* A hill is the product of its profiles along both axes. */
static void
add_body(double c[THERMAL_H][THERMAL_W], const struct body *b)
{
	double along[THERMAL_W];

	for (int x = 0; x < THERMAL_W; x++)
		along[x] = b->celsius * exp(-(x - b->x) * (x - b->x) /
					    (2 * b->size * b->size));
	for (int y = 0; y < THERMAL_H; y++) {
		/* People are taller than wide. */
		double dy = (y - b->y) / 1.5;
		double across = exp(-dy * dy / (2 * b->size * b->size));

		for (int x = 0; x < THERMAL_W; x++)
			c[y][x] += along[x] * across;
	}
}

/* Four even numbers make nearly a Gaussian one. */
static double
noise(uint64_t bits)
{
	double sum = 0;

	for (int i = 0; i < 4; i++, bits >>= 16)
		sum += (double)(bits & 0xFFFF) / 65536;
	return (sum - 2) * 1.7320508;
}

void
thermal_sim_frame(
    uint64_t seed, unsigned rate, uint64_t n, struct thermal_frame *ret)
{
	double t = (double)n / rate;
	double room = choice(seed, 1, 19, 23) +
		      1.2 * swing(seed, 2, 1 / 400.0, 1 / 200.0, t);
	uint64_t grain = mix(mix(seed) + n);
	double c[THERMAL_H][THERMAL_W];

	/* Warm air rises. */
	for (int y = 0; y < THERMAL_H; y++)
		for (int x = 0; x < THERMAL_W; x++)
			c[y][x] = room + 0.04 * (THERMAL_H - y);
	for (unsigned i = 0; i <= BODIES; i++) {
		struct body b = body_at(seed, i, t);

		add_body(c, &b);
	}
	for (int y = 0; y < THERMAL_H; y++)
		for (int x = 0; x < THERMAL_W; x++) {
			grain = mix(grain);
			ret->centi[y][x] =
			    thermal_centi(c[y][x] + NOISE_C * noise(grain));
		}
}
