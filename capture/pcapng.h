/*
 * capture/pcapng.h - the blocks of a pcapng file, written; reader.c reads them.
 *
 * Little endian, times in nanoseconds. Each function adds a whole block.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: draft-ietf-opsawg-pcapng s3 (blocks, options), s4 (their contents).
 */
#ifndef SOCKDECK_CAPTURE_PCAPNG_H
#define SOCKDECK_CAPTURE_PCAPNG_H

#include <stdint.h>

#include "net/base/buf.h"
#include "net/base/packet.h"

enum pcapng_block {
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
};

/* Those of one kind of block begin with its letters. */
enum pcapng_option {
	OPT_END = 0,
	OPT_COMMENT = 1,
	SHB_USERAPPL = 4,
	IF_TSRESOL = 9,
	IF_TSOFFSET = 14,
};

#define PCAPNG_BYTE_ORDER 0x1a2b3c4d

/* What begins a file; application: who writes it. */
void pcapng_section(struct buf *b, const char *application);
/* One of the interfaces, which are numbered from 0. snaplen 0: none. */
void pcapng_interface(struct buf *b, uint16_t link_type, uint32_t snaplen);
/* A packet of that interface; each line of comments is a comment. NULL: none. */
void pcapng_packet(struct buf *b, uint32_t interface, const struct packet *p,
    const char *comments);

#endif
