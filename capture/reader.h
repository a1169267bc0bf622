/*
 * capture/reader.h - pcap and pcapng files, read out of memory.
 *
 * The reader walks over a window of the file's bytes, which may be all of it
 * (mapped) or what a pipe has sent so far: it then says how much more it needs
 * and goes on from where it stopped. Packets borrow the window's memory.
 *
 *   pcap    both byte orders, micro- and nanoseconds, the longer records of
 *           the "modified" format, lengths swapped by writers before 2.4
 *   pcapng  sections of either byte order, any number of interfaces with link
 *           type, resolution and offset of their own; enhanced, simple and
 *           obsolete packet blocks; all other blocks are passed over
 *
 * Owns:   the interfaces it has read of; never the bytes.
 * Bounds: READER_BLOCK_MAX a block, READER_INTERFACES_MAX.
 * Thread: one at a time.  Blocks: never.
 * Source: pcap-savefile(5), draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#ifndef SOCKDECK_CAPTURE_READER_H
#define SOCKDECK_CAPTURE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/packet.h"

/* Longer packets are cut; the longest that libpcap takes from a network. */
#define READER_CAP_MAX 262144
#define READER_BLOCK_MAX (64 * 1024 * 1024)
#define READER_INTERFACES_MAX 65536
#define READER_NO_LINK UINT16_MAX

struct reader;

enum reader_result {
	READER_PACKET,
	READER_MORE, /* the window ends before the next packet does */
	READER_BAD, /* no capture file, or damaged: reader_trouble() */
};

/* NULL: no memory. */
struct reader *reader_new(void);
void reader_free(struct reader *r);

/* The bytes that follow those used so far. */
void reader_window(struct reader *r, const uint8_t *bytes, size_t n);
size_t reader_used(const struct reader *r); /* of the window */
/* After READER_MORE: bytes behind those used, at least, to go on. */
size_t reader_needs(const struct reader *r);

/* *ret borrows the window's bytes. */
enum reader_result reader_next(struct reader *r, struct packet *ret);

/* Was the header of a capture file there? */
bool reader_begun(const struct reader *r);
/* Read on until an interface is known, and no packet: READER_PACKET, or what
 * is in the way. */
enum reader_result reader_begin(struct reader *r);
/* Of the first interface; READER_NO_LINK while none is known. */
uint16_t reader_link_type(const struct reader *r);
/* What is wrong, for the end of a sentence. */
const char *reader_trouble(const struct reader *r);

#endif
