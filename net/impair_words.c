#include "net/impair_words.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/number.h"

/* What is to be overtaken is held up so much longer. */
#define REORDER_NS (5 * CLOCK_MS)
#define DELAY_MAX_NS (60 * CLOCK_S)
#define BURST_MAX 1000

static int
set_burst(struct impair_rules *r, const char *value, struct err *err)
{
	char *end;
	double n = strtod(value, &end);

	if (end == value || *end != '\0' ||
	    !(n == 0 || (n >= 1 && n <= BURST_MAX)))
		return err_set(err, -EINVAL,
		    "burst takes how many are lost in a row, 1 to %d on "
		    "average (0: no bursts), not '%s'",
		    BURST_MAX, value);
	r->burst_milli = (uint32_t)(n * 1000);
	return 0;
}

static int
set_seed(struct impair_rules *r, const char *value, struct err *err)
{
	long n;
	int rc = number_whole("seed", value, 0, LONG_MAX, &n, err);

	if (rc == 0)
		r->seed = (uint64_t)n;
	return rc;
}

int
impair_rules_set(
    struct impair_rules *r, const char *key, const char *value, struct err *err)
{
	int rc = -ENOENT;

	if (strcmp(key, "loss") == 0)
		rc = number_percent(key, value, &r->loss_ppm, err);
	else if (strcmp(key, "dup") == 0)
		rc = number_percent(key, value, &r->duplicate_ppm, err);
	else if (strcmp(key, "reorder") == 0)
		rc = number_percent(key, value, &r->reorder_ppm, err);
	else if (strcmp(key, "delay") == 0)
		rc = number_span(key, value, DELAY_MAX_NS, &r->delay_ns, err);
	else if (strcmp(key, "jitter") == 0)
		rc = number_span(key, value, DELAY_MAX_NS, &r->jitter_ns, err);
	else if (strcmp(key, "burst") == 0)
		rc = set_burst(r, value, err);
	else if (strcmp(key, "seed") == 0)
		rc = set_seed(r, value, err);
	r->reorder_ns = r->reorder_ppm > 0 ? REORDER_NS : 0;
	return rc;
}

bool
impair_rules_any(const struct impair_rules *r)
{
	return r->loss_ppm > 0 || r->duplicate_ppm > 0 || r->reorder_ppm > 0 ||
	       r->corrupt_ppm > 0 || r->delay_ns > 0 || r->jitter_ns > 0;
}
