/*
 * net/base/clock.h - the two clocks.
 *
 * Calls and packets share CLOCK_REALTIME in nanoseconds since the Unix epoch,
 * because that is what the kernel stamps packets with. Deadlines use the
 * monotonic clock.  Thread: any.
 */
#ifndef SOCKDECK_NET_BASE_CLOCK_H
#define SOCKDECK_NET_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_US INT64_C(1000)
#define CLOCK_MS INT64_C(1000000)
#define CLOCK_S INT64_C(1000000000)

int64_t clock_now_ns(void); /* CLOCK_REALTIME */
int64_t clock_mono_ns(void); /* CLOCK_MONOTONIC */

#endif
