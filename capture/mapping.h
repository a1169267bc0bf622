/*
 * capture/mapping.h - a file mapped for reading, that others may change.
 *
 * Nobody can be kept from cutting a file that is mapped. What is gone reads as
 * zeroes: at once up to the end of the last page; behind that it is a SIGBUS,
 * and mapping_mend() puts zeroes in its place. The mapping's size ends there
 * from then on. So what was read is known to have been in the file only if it
 * ends at or below what mapping_ask() returns afterwards. A file that grows is
 * followed by mapping_ask() too.
 *
 * Owns:   the mapping and a descriptor of its own.  Shared by counting.
 * Bounds: MAPPINGS_MAX at a time; a file may grow by MAPPING_ROOM.
 * Thread: any, for all of it.  Blocks: on the disk, where bytes are touched.
 * Source: mmap(2), "SIGBUS".
 */
#ifndef SOCKDECK_CAPTURE_MAPPING_H
#define SOCKDECK_CAPTURE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/prefault.h"

#define MAPPINGS_MAX 16
#define MAPPING_ROOM ((size_t)1 << 30)

struct mapping;

/* fd stays the caller's. 0 or -errno. */
int mapping_new(int fd, struct mapping **ret);
struct mapping *mapping_ref(struct mapping *m);
void mapping_unref(struct mapping *m); /* the last one unmaps; takes NULL */

const uint8_t *mapping_bytes(const struct mapping *m);
/* Bytes that are there, as far as is known. */
size_t mapping_size(const struct mapping *m);
/* The same, after a look at the file. */
size_t mapping_ask(struct mapping *m);

/* Why the size has fallen since it was mapped: 0: it has not; -ENODATA: the
 * file was cut; else the -errno of reading on there. */
int mapping_loss(const struct mapping *m);

/*
 * These n bytes, which are mapped, will be touched soon: start to read from the
 * disk what is not in memory, and do not wait for it.
 */
void mapping_fetch(struct mapping *m, size_t from, size_t n);

/* For the one table with an entry for each packet of the file, if somebody fills
 * it: who hands on the packets says how far. As long as the mapping. */
struct prefault *mapping_prefault(struct mapping *m);

/* For a SIGBUS at this address: true if it can be touched now. Installed as
 * the handler where there is none; other handlers must call it first.
 * Async-signal-safe. */
bool mapping_mend(void *address);

#endif
