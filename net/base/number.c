#include "net/base/number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "net/base/clock.h"

#define RATE_MAX 100e9 /* bits per second */

struct unit {
	const char *name;
	double factor;
};

/* A number that is not negative, in one of the units; NAN: it is not. */
static double
scaled(const char *text, const struct unit *units)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || !(n >= 0))
		return NAN;
	for (; units->name != NULL; units++)
		if (strcasecmp(end, units->name) == 0)
			return n * units->factor;
	return NAN;
}

int
number_whole(const char *key, const char *text, long min, long max, long *ret,
    struct err *err)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < min || n > max)
		return err_set(err, -EINVAL,
		    "%s takes a number from %ld to %ld, not '%s'", key, min,
		    max, text);
	*ret = n;
	return 0;
}

int
number_percent(
    const char *key, const char *text, uint32_t *ret_ppm, struct err *err)
{
	static const struct unit units[] = {{"", 1}, {"%", 1}, {NULL, 0}};
	double n = scaled(text, units);

	if (!(n <= 100))
		return err_set(err, -EINVAL,
		    "%s takes a percentage from 0 to 100, not '%s'", key, text);
	*ret_ppm = (uint32_t)lround(n * NUMBER_PPM / 100);
	return 0;
}

int
number_span(const char *key, const char *text, int64_t max_ns, int64_t *ret_ns,
    struct err *err)
{
	static const struct unit units[] = {{"", 1e6}, {"ms", 1e6}, {"s", 1e9},
	    {"us", 1e3}, {"ns", 1}, {"min", 60e9}, {NULL, 0}};
	double n = scaled(text, units);

	if (!(n <= (double)max_ns))
		return err_set(err, -EINVAL,
		    "%s takes a time such as 20ms or 1.5s, up to %lld s, not "
		    "'%s'",
		    key, (long long)(max_ns / CLOCK_S), text);
	*ret_ns = llround(n);
	return 0;
}

int
number_rate(
    const char *key, const char *text, uint64_t *ret_bps, struct err *err)
{
	static const struct unit units[] = {{"", 1}, {"bit", 1}, {"k", 1e3},
	    {"kbit", 1e3}, {"m", 1e6}, {"mbit", 1e6}, {"g", 1e9}, {"gbit", 1e9},
	    {NULL, 0}};
	double n = scaled(text, units);

	if (!(n <= RATE_MAX))
		return err_set(err, -EINVAL,
		    "%s takes bits per second such as 10mbit or 512kbit (0: no "
		    "limit), not '%s'",
		    key, text);
	*ret_bps = (uint64_t)llround(n);
	return 0;
}
