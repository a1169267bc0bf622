/*
 * capture/reassembly.h - what several packets carry together: datagrams of IP
 * fragments, messages of TCP streams.
 *
 * On demand: nothing is done until somebody looks at a packet. Then the packets
 * that belong to it are fetched from the store. Of a stream it is remembered
 * how far it was read, so that looking at one packet after the other reads
 * every packet once; looking at an earlier one begins again.
 *
 * A message belongs to the packet that completes it, as for the program that
 * reads from the socket: bytes that came too early count when the gap is filled,
 * and bytes that came before do not count again.
 *
 * Owns:   copies of the bytes under way.
 * Bounds: the constants below; what exceeds them is shown packet by packet.
 * Thread: main.  Blocks: never.
 * Source: RFC 9293 s3.9.1.2, RFC 791 s3.2, RFC 8200 s4.5.
 */
#ifndef SOCKDECK_CAPTURE_REASSEMBLY_H
#define SOCKDECK_CAPTURE_REASSEMBLY_H

#include "capture/dissect.h"
#include "capture/store.h"

#define REASSEMBLY_STREAMS 8192 /* conversations remembered */
#define REASSEMBLY_HELD (1024 * 1024) /* bytes of one message under way */
#define REASSEMBLY_EARLY 64 /* segments behind a gap, each direction */
#define REASSEMBLY_BACK 16384 /* packets of a conversation read at once */
#define REASSEMBLY_FRAGMENTS_BACK 2048 /* packets searched for fragments */

struct reassembly;

struct reassembly *reassembly_new(void);
void reassembly_free(struct reassembly *ra);

/*
 * Fill in what ctx says of the datagram and of the stream of frame `id`; its
 * bytes are borrowed until the next call.
 */
void reassembly_context(struct reassembly *ra, const struct store *s,
    uint64_t id, struct dissect_context *ctx);

/*
 * The bytes that frame `id` adds to its stream, those that waited for it
 * included. Returns false if it adds none.
 */
bool reassembly_new_bytes(struct reassembly *ra, const struct store *s,
    uint64_t id, struct whole *ret);

#endif
