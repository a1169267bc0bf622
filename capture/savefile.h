/*
 * capture/savefile.h - packets written to a pcap file.
 *
 * Nanosecond time stamps; opens in Wireshark. Writes to a temporary name and
 * renames at the end: a full disk leaves no half file behind. Never overwrites
 * unless told to.
 *
 * Owns:   the open file.  Thread: main.  Blocks: on the disk.
 */
#ifndef SOCKDECK_CAPTURE_SAVEFILE_H
#define SOCKDECK_CAPTURE_SAVEFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/err.h"
#include "net/base/packet.h"

struct savefile;

/* -EEXIST: the file is there and overwrite is false. */
int savefile_open(const char *path, uint16_t link_type, bool overwrite,
    struct savefile **ret, struct err *err);
/* -EMEDIUMTYPE if the packet has another link type. */
int savefile_add(struct savefile *f, const struct packet *p, struct err *err);
/* Finish and rename. Frees f in any case; on failure the partial file is
 * removed and the sentence says so. */
int savefile_commit(struct savefile *f, struct err *err);
/* Give up: removes the partial file. Takes NULL. */
void savefile_abandon(struct savefile *f);

#endif
