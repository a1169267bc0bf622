/*
 * net/thermal_file.h - recordings of a thermal camera: raw frames with times.
 *
 *   24 bytes  "sockdeck-thermal", version (1), bytes of a record (1544); the
 *             numbers have 32 bits, little-endian
 *   then records, as many as there are:
 *   8 bytes   when it arrived, nanoseconds since the Unix epoch, little-endian
 *   1536      the frame as on a stream (net/proto/thermal.h)
 *
 * Records stand in order of time. One that breaks off at the end of the file is
 * what a killed recorder leaves, and is ignored.
 *
 * Owns:   its descriptor.  Bounds: reads a record at a time.
 * Thread: one at a time.  Blocks: on the disk.
 */
#ifndef SOCKDECK_NET_THERMAL_FILE_H
#define SOCKDECK_NET_THERMAL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/err.h"
#include "net/proto/thermal.h"

struct thermal_recorder;

/* -EEXIST unless overwrite; -errno, with a sentence. */
int thermal_recorder_open(const char *path, bool overwrite,
    struct thermal_recorder **ret, struct err *err);
/* 0 or -errno (the disk is full): close it then. */
int thermal_recorder_add(
    struct thermal_recorder *r, int64_t time_ns, const struct thermal_frame *f);
uint64_t thermal_recorder_frames(const struct thermal_recorder *r);
/* 0, or -errno with a sentence if what was added is not on the disk. */
int thermal_recorder_close(struct thermal_recorder *r, struct err *err);

struct thermal_player;

/* -EINVAL: no recording, or an empty one; with a sentence. */
int thermal_player_open(
    const char *path, struct thermal_player **ret, struct err *err);
void thermal_player_close(struct thermal_player *p); /* NULL: nothing */
uint64_t thermal_player_frames(const struct thermal_player *p);
/* Frame i and its time. False: there is none, or it cannot be read. */
bool thermal_player_get(const struct thermal_player *p, uint64_t i,
    int64_t *ret_ns, struct thermal_frame *ret);
/* The frame that is to be seen so long after the first one was; after the last
 * it begins anew. False: it cannot be read. */
bool thermal_player_at(const struct thermal_player *p, int64_t since_ns,
    struct thermal_frame *ret);

#endif
