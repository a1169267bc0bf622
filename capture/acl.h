/*
 * capture/acl.h - frames of L2CAP put together from their ACL packets.
 *
 * The packets before are searched for the other fragments; nothing is kept
 * from packet to packet.
 *
 * Owns:   the bytes of the frame found last.
 * Bounds: ACL_BACK packets searched, ACL_FRAGMENTS fragments, 64 KB.
 * Thread: main.  Blocks: never.  Source: Bluetooth Core 5.3 Vol 3 Part A s7.2.
 */
#ifndef SOCKDECK_CAPTURE_ACL_H
#define SOCKDECK_CAPTURE_ACL_H

#include "capture/dissect.h"
#include "capture/store.h"

#define ACL_BACK 4096
#define ACL_FRAGMENTS 4096

struct acl_frames;

struct acl_frames *acl_frames_new(void);
void acl_frames_free(struct acl_frames *a);
/*
 * The frame of L2CAP that packet `id` is the last fragment of, borrowed until
 * the next call; len 0: of none. Returns the packet that it begins with, also
 * where this one is not the last; 0: unknown.
 */
uint64_t acl_find(struct acl_frames *a, const struct store *s, uint64_t id,
    struct whole *ret);

#endif
