/*
 * capture/mapping.h - a file mapped for reading, that others may change.
 *
 * Nobody can be kept from cutting a file that is mapped: touching what is gone
 * is a SIGBUS. mapping_mend() puts zeroes in its place, and the mapping's size
 * ends there from then on. A file that grows is followed by mapping_ask().
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
#include <sys/types.h>

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

/*
 * Copy n bytes from there on, as read(2): how many there were, or -errno.
 * To go through a file once, this costs half of touching its pages: they need
 * not be entered into the page table, and the copy is near.
 */
ssize_t mapping_read(struct mapping *m, void *dst, size_t n, size_t from);

/* For a SIGBUS at this address: true if it can be touched now. Installed as
 * the handler where there is none; other handlers must call it first.
 * Async-signal-safe. */
bool mapping_mend(void *address);

#endif
