/*
 * capture/unpack.h - gzip, unpacked as it comes.
 *
 * Owns:   the decompressor's state.  Thread: one at a time.  Blocks: never.
 * Source: RFC 1952; members may follow one another.
 */
#ifndef SOCKDECK_CAPTURE_UNPACK_H
#define SOCKDECK_CAPTURE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unpack;

/* Do these first bytes say gzip? */
bool unpack_knows(const uint8_t *head, size_t n);

struct unpack *unpack_new(void); /* NULL: no memory */
void unpack_free(struct unpack *u); /* takes NULL */

/*
 * Unpack from in to out, as far as either reaches. Returns the bytes written,
 * or -EBADMSG; *ret_used of in were read. All of it may be used while more is
 * to be written: only 0, then, says that more input is needed.
 */
long unpack_some(struct unpack *u, const uint8_t *in, size_t n,
    size_t *ret_used, uint8_t *out, size_t room);
/* May the input end here? */
bool unpack_whole(const struct unpack *u);

#endif
