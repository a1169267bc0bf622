/*
 * net/proto/thermal.h - frames of a 32x24 thermal camera, as bytes.
 *
 * A frame is 768 temperatures in centi-degrees Celsius, held here as the camera
 * sees them: row 0 is the top, column 0 the left.
 *
 * On a stream (RFCOMM, TCP) the client sends any bytes, a short line, and each
 * such request is answered with one frame of 1536 bytes:
 *
 *   block 0: columns 0 to 15, block 1: columns 16 to 31; 768 bytes each
 *   within a block column after column, each from the bottom (y = 0, row 23)
 *   upward, 24 values of 16 bits, signed, little-endian, within +-32767
 *
 * Nothing marks a frame's beginning: the boundary is known only by counting
 * from the first byte of a connection. So a stream that has lost count is
 * closed and opened again, and never searched for a boundary.
 *
 * As datagrams (UDP) each block travels by itself, after a header of 6 bytes in
 * network byte order; the request is any datagram:
 *
 *   0      4       6                                               774
 *   | frame | block | as above                                       |
 *
 * The frame number counts up by one for each answer of a server to one client
 * (serial arithmetic, RFC 1982: it may wrap). A frame of which one block is
 * missing is torn: it is shown with the old half.
 *
 * Owns:   nothing but what is in the structs.  Thread: any.  Blocks: never.
 * Source: the known camera server (an MLX90640 read over I2C on a Pi), whose
 *         int16 are the Pi's, little-endian; the datagram form is our own.
 */
#ifndef SOCKDECK_NET_PROTO_THERMAL_H
#define SOCKDECK_NET_PROTO_THERMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/bytes.h"

#define THERMAL_W 32
#define THERMAL_H 24
#define THERMAL_PIXELS (THERMAL_W * THERMAL_H)
#define THERMAL_BLOCKS 2
#define THERMAL_BLOCK_W (THERMAL_W / THERMAL_BLOCKS) /* columns */
#define THERMAL_BLOCK_LEN (THERMAL_BLOCK_W * THERMAL_H * 2) /* bytes */
#define THERMAL_FRAME_LEN (THERMAL_BLOCKS * THERMAL_BLOCK_LEN)
#define THERMAL_HEADER_LEN 6
#define THERMAL_DATAGRAM_LEN (THERMAL_HEADER_LEN + THERMAL_BLOCK_LEN)
#define THERMAL_PORT 65443 /* where a camera is looked for */
#define THERMAL_CENTI_MAX 32767 /* 327.67 C, and as much below zero */

struct thermal_frame {
	int16_t centi[THERMAL_H][THERMAL_W]; /* [row from the top][column] */
};

/* Degrees as what is sent: rounded, clamped; not a number is 0. */
int16_t thermal_centi(double celsius);

/* Append one block, or all of them. -32768 is sent as -32767. */
void thermal_put_block(
    struct wr *w, const struct thermal_frame *f, unsigned block);
void thermal_put(struct wr *w, const struct thermal_frame *f);
/* Read one block into its columns of ret; nothing is written if it is short. */
bool thermal_get_block(struct rd *r, unsigned block, struct thermal_frame *ret);
/* Read a whole frame. False: too short, ret untouched. */
bool thermal_get(struct rd *r, struct thermal_frame *ret);

/* ---- the stream, however its bytes are cut ---- */

struct thermal_reader {
	uint8_t data[THERMAL_FRAME_LEN];
	size_t len; /* of the frame that is under way */
	unsigned pieces; /* that brought it */
};

void thermal_reader_init(struct thermal_reader *r);
/*
 * Take bytes up to the end of the frame under way. Returns how many were
 * taken; *ret_whole: the frame has ended, and is in *ret. To be called until
 * all bytes are taken.
 */
size_t thermal_reader_feed(struct thermal_reader *r, const uint8_t *data,
    size_t n, struct thermal_frame *ret, bool *ret_whole);

/* ---- datagrams ---- */

/* Append block `block` of the frame with that number as one datagram. */
void thermal_put_datagram(struct wr *w, uint32_t number, unsigned block,
    const struct thermal_frame *f);

enum thermal_part {
	THERMAL_BAD, /* no such datagram: wrong length or block number */
	THERMAL_STALE, /* of an older frame, or here already */
	THERMAL_PART, /* the other block is still to come */
	THERMAL_WHOLE, /* frame is complete */
};

/* The newest frame, put together from the datagrams that arrive. */
struct thermal_join {
	struct thermal_frame frame; /* a block not yet here shows the old one */
	uint32_t number; /* of the newest frame */
	unsigned have; /* its blocks that are here, a bit each; 0: none ever */
	uint64_t whole; /* frames that were completed */
	uint64_t torn; /* frames of which a block never came (in time) */
	uint64_t missed; /* frame numbers of which nothing came */
	uint64_t stale, bad; /* datagrams that were of no use */
};

void thermal_join_init(struct thermal_join *j);
/* One datagram, without its UDP header. A newer frame's first block ends the
 * older frame: torn, if that was not whole. */
enum thermal_part thermal_join_feed(
    struct thermal_join *j, const uint8_t *data, size_t n);
/* Is the newest frame incomplete? */
bool thermal_join_torn(const struct thermal_join *j);

#endif
