/*
 * capture/fragments.h - datagrams put together from their IP fragments.
 *
 * The packets before are searched for the other fragments; nothing is kept
 * from packet to packet.
 *
 * Owns:   the bytes of the datagram found last.
 * Bounds: REASSEMBLY_FRAGMENTS_BACK packets, FRAGMENTS_MAX fragments.
 * Thread: main.  Blocks: never.
 * Source: RFC 791 s3.2, RFC 8200 s4.5, RFC 5722 (overlaps).
 */
#ifndef SOCKDECK_CAPTURE_FRAGMENTS_H
#define SOCKDECK_CAPTURE_FRAGMENTS_H

#include "capture/dissect.h"
#include "capture/store.h"

#define FRAGMENTS_MAX 256

struct fragments;

struct fragments *fragments_new(void);
void fragments_free(struct fragments *fr);
/* Is frame `id` the fragment that completes a datagram? Then *ret is it,
 * borrowed until the next call; else ret->len is 0. */
bool fragments_find(struct fragments *fr, const struct store *s, uint64_t id,
    struct whole *ret);

#endif
