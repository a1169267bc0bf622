/*
 * net/callpack.h - a call's record without its empty space, between threads.
 *
 * Most of a struct call is room for long addresses and data; what is used is a
 * third of it or less, and every byte is written by one processor and read by
 * another.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_CALLPACK_H
#define SOCKDECK_NET_CALLPACK_H

#include <stddef.h>

#include "net/call.h"

/* How many bytes callpack_write() writes. */
size_t callpack_len(const struct call *c);
void callpack_write(void *packed, const struct call *c);
/* Of this very program only: packed is not checked. */
void callpack_read(const void *packed, struct call *ret);

#endif
