/*
 * net/thermal_sim.h - a thermal camera that is not there.
 *
 * A room whose walls drift slowly, a few warm bodies that walk through it, a
 * hot cup, and the sensor's noise. Frame n of a seed and a rate is always the
 * same, whoever asks and whenever: nothing is kept between frames, and time is
 * the number of the frame.
 *
 * It stands in net/ and not in bt/: the service that sends it goes over every
 * transport, and only Bluetooth's own things need bt/.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never; about 20 us a frame.
 */
#ifndef SOCKDECK_NET_THERMAL_SIM_H
#define SOCKDECK_NET_THERMAL_SIM_H

#include <stdint.h>

#include "net/proto/thermal.h"

/* Frames a second that a sensor makes: an MLX90640 can do 32 whole ones. */
#define THERMAL_RATE_MAX 64
#define THERMAL_RATE 16

/* Frame number n of the room `seed`, seen `rate` (not 0) times a second. */
void thermal_sim_frame(
    uint64_t seed, unsigned rate, uint64_t n, struct thermal_frame *ret);

#endif
