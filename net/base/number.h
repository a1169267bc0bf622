/*
 * net/base/number.h - numbers as users write them, with their units.
 *
 * Each returns 0, or -EINVAL with a sentence that names the setting, what it
 * takes and what was written; *ret is then as it was.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_NUMBER_H
#define SOCKDECK_NET_BASE_NUMBER_H

#include <stdint.h>

#include "net/base/err.h"

#define NUMBER_PPM 1000000 /* parts per million: all */

/* "7", from min to max. */
int number_whole(const char *key, const char *text, long min, long max,
    long *ret, struct err *err);
/* "5", "0.5%": percent, as parts per million. */
int number_percent(
    const char *key, const char *text, uint32_t *ret_ppm, struct err *err);
/* "20", "20ms", "1.5s", "300us", "2min": from 0 to max_ns, which is whole
 * seconds; milliseconds without a unit. */
int number_span(const char *key, const char *text, int64_t max_ns,
    int64_t *ret_ns, struct err *err);
/* "10mbit", "512kbit", "1gbit", "9600": bits per second, powers of 1000. */
int number_rate(
    const char *key, const char *text, uint64_t *ret_bps, struct err *err);

#endif
