/*
 * net/base/siphash.h - SipHash-2-4: a keyed hash for short input.
 *
 * For cookies and other numbers that who does not have the key must not guess.
 *
 * Thread: any.  Blocks: never.
 * Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF" (2012).
 */
#ifndef SOCKDECK_NET_BASE_SIPHASH_H
#define SOCKDECK_NET_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_LEN 16

uint64_t siphash(
    const uint8_t key[SIPHASH_KEY_LEN], const void *data, size_t n);

#endif
