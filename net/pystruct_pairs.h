/*
 * net/pystruct_pairs.h - inside of the struct codec: two numbers at a time.
 *
 * A format that mixes letters costs a branch for each field. Where two integers
 * or doubles stand within 16 bytes, one shuffle moves both between the bytes
 * and the values, whatever their sizes and their order: prepared when the
 * format is compiled, on processors that have it (x86 with SSSE3). Strings stand
 * apart since they need no branch either; everything else is left to the fields
 * of ps->rest, and no result depends on which is where.
 *
 * Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_PYSTRUCT_PAIRS_H
#define SOCKDECK_NET_PYSTRUCT_PAIRS_H

#include "net/pystruct.h"

/* Sorts ps->fields into pairs, strings and the rest. Returns 0 or -ENOMEM. */
int pystruct_pairs_find(struct pystruct *ps);
void pystruct_pairs_done(struct pystruct *ps);

void pystruct_pairs_unpack(const struct pystruct *ps, const uint8_t *bytes,
    struct pystruct_value *values);

/*
 * Bytes behind a pair are undefined until the rest is packed too. False: a
 * number does not fit, or a bool is neither 0 nor 1; pack field by field.
 */
bool pystruct_pairs_pack(const struct pystruct *ps,
    const struct pystruct_value *values, uint8_t *bytes);

#endif
