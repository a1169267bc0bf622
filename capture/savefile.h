/*
 * capture/savefile.h - packets written to a file: pcapng if its name ends in
 * ".pcapng" or ".ntar", else pcap.
 *
 * Nanosecond time stamps; opens in Wireshark. pcapng holds packets of several
 * interfaces and link types, and comments; pcap can do neither. Raw IP of any
 * number of interfaces is one there, so that tcpdump reads it. Writes to a
 * temporary name and renames at the end: a full disk leaves no half file
 * behind. Never overwrites unless told to.
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
int savefile_open(
    const char *path, bool overwrite, struct savefile **ret, struct err *err);
/*
 * comments: each line is one, as Wireshark shows them; NULL: none. -EMEDIUMTYPE
 * if the packet has another link type than the first one of a pcap file.
 */
int savefile_add(struct savefile *f, const struct packet *p,
    const char *comments, struct err *err);
/* Can it hold comments? */
bool savefile_comments(const struct savefile *f);
/* Finish and rename. Frees f in any case; on failure the partial file is
 * removed and the sentence says so. */
int savefile_commit(struct savefile *f, struct err *err);
/* Give up: removes the partial file. Takes NULL. */
void savefile_abandon(struct savefile *f);

#endif
