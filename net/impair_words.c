#include "net/impair_words.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"

/* What is to be overtaken is held up so much longer. */
#define REORDER_NS (5 * CLOCK_MS)
#define DELAY_MAX_MS 60000

static int
number(const char *key, const char *value, double max, double *ret,
    struct err *err)
{
	char *end;
	double n = strtod(value, &end);

	if (end == value || *end != '\0' || !(n >= 0 && n <= max))
		return err_set(err, -EINVAL,
		    "%s takes a number from 0 to %g, not '%s'", key, max,
		    value);
	*ret = n;
	return 0;
}

static uint32_t
to_ppm(double percent)
{
	return (uint32_t)lround(percent * IMPAIR_ALL / 100);
}

int
impair_rules_set(
    struct impair_rules *r, const char *key, const char *value, struct err *err)
{
	const struct {
		const char *key;
		double max;
		uint32_t *ppm; /* percent */
		int64_t *ns; /* milliseconds */
	} table[] = {
	    {"loss", 100, &r->loss_ppm, NULL},
	    {"dup", 100, &r->duplicate_ppm, NULL},
	    {"reorder", 100, &r->reorder_ppm, NULL},
	    {"delay", DELAY_MAX_MS, NULL, &r->delay_ns},
	    {"jitter", DELAY_MAX_MS, NULL, &r->jitter_ns},
	};
	char *end;
	double n = 0;

	if (strcmp(key, "seed") == 0) {
		uint64_t seed = strtoull(value, &end, 10);

		if (end == value || *end != '\0')
			return err_set(err, -EINVAL,
			    "seed takes a whole number, not '%s'", value);
		r->seed = seed;
		return 0;
	}
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strcmp(key, table[i].key) != 0)
			continue;
		if (number(key, value, table[i].max, &n, err) < 0)
			return -EINVAL;
		if (table[i].ppm != NULL)
			*table[i].ppm = to_ppm(n);
		else
			*table[i].ns = (int64_t)(n * (double)CLOCK_MS);
		r->reorder_ns = r->reorder_ppm > 0 ? REORDER_NS : 0;
		return 0;
	}
	return -ENOENT;
}

bool
impair_rules_any(const struct impair_rules *r)
{
	return r->loss_ppm > 0 || r->duplicate_ppm > 0 || r->reorder_ppm > 0 ||
	       r->delay_ns > 0 || r->jitter_ns > 0;
}
