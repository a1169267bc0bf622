/*
 * net/proto/rudp.h - reliable UDP: the protocol, and its datagrams as bytes.
 *
 * Messages over UDP that arrive exactly once and in order: selective repeat
 * with a window, for an echo and for telemetry in a lab. What follows is the
 * specification; net/rudp.h is the machine that keeps it.
 *
 * THERE IS NO CONGESTION CONTROL. A sender fills the receiver's window however
 * full the network is, which RFC 8085 s3.1 forbids on the open Internet. Nor
 * is there any cryptography: who can read the datagrams can forge them. It is
 * for a lab and for links of one's own.
 *
 * 1. Datagram. Numbers are in network byte order. A datagram is one packet;
 *    the checksum is UDP's (never sent without one). Nothing is fragmented:
 *    a message has at most 1400 bytes, so that a datagram fits into an MTU of
 *    1500 with IPv6 below it and every optional part in it.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-------+-------+---------------+-------------------------------+
 *    |version| type  | bitmap bytes  |            window             |
 *    +-------+-------+---------------+-------------------------------+
 *    |                   connection id of the receiver               |
 *    +---------------------------------------------------------------+
 *    |                        sequence number                        |
 *    +---------------------------------------------------------------+
 *    |                    acknowledgement number                     |
 *    +---------------------------------------------------------------+
 *    | HELLO, WELCOME, CONFIRM: connection id of the sender (32)     |
 *    | DATA: length of the message (16), bitmap, message             |
 *    | FIN, ACK, PROBE: bitmap                                       |
 *    +---------------------------------------------------------------+
 *
 *    version  1. Anything else is refused.
 *    bitmap   bit i, the most significant of its first byte being bit 0: the
 *             message ack + 1 + i has arrived. A zero says nothing (the bitmap
 *             may be cut short: at 32 bytes in DATA). The last byte is never
 *             zero. A receiver never gives up what it has once acknowledged.
 *    window   messages that the receiver takes, counted from ack. ack + window
 *             never goes back.
 *
 * 2. Sequence numbers count messages, modulo 2^32 (RFC 1982), each direction
 *    from a random first number. FIN takes one number, behind the last message.
 *    Every other packet carries the number that its sender will use next. ack
 *    is the lowest number that has not arrived.
 *
 * 3. Opening. Each end chooses the id by which it is called; ids are not 0.
 *      HELLO    id 0, seq c, own id C          client to server
 *      WELCOME  id C, seq s, ack c, own id S   the server keeps nothing yet
 *      CONFIRM  id S, seq c, ack s, own id C   now the server has a connection
 *      ACK      id C, ...                      now the client knows that
 *    S and s are a keyed hash of the client's address, C, c and the time: a
 *    cookie of 64 bits that only who receives at that address can send back.
 *    A cookie is good for one to two minutes and for one connection. WELCOME is no
 *    longer than HELLO: nothing is amplified. The client may send DATA right
 *    behind CONFIRM, and repeats CONFIRM with its timer until it hears from
 *    the connection. RESET with id C and ack c answers a HELLO that the server
 *    has no room for.
 *
 * 4. Receiving. What has another id is ignored. What acknowledges a number
 *    that was never sent, or one more than 1024 behind, is ignored whole, as
 *    RFC 5961 has it. A message inside the window is kept, also out of order;
 *    a duplicate is dropped. An ACK goes out at once for every second message,
 *    for a duplicate, for one out of order or that closes a gap, for PROBE and
 *    CONFIRM, else after 10 ms; any packet to the peer serves as well. When the
 *    reader makes a quarter of the window free, an ACK tells.
 *
 * 5. Repeating. Timer by RFC 6298, with Karn's rule; the minimum is 100 ms, not
 *    1 s, since an ACK is at most 10 ms late; the maximum 60 s. When it runs
 *    out, the two oldest unacknowledged messages are repeated and the timer is
 *    doubled. Fast retransmit: a message is lost when one that was sent (or
 *    repeated) after it has arrived, and either three transmissions or a
 *    quarter of SRTT lie between; that finds lost repetitions too (RFC 8985).
 *    Where nothing was sent after it that could tell, the oldest message is
 *    repeated once after 2 SRTT and 20 ms, if that is sooner than the timer.
 *    After 10 time-outs in a row without a new acknowledgement the sender gives
 *    up: RESET, and an error. (7 HELLOs without an answer: an error.)
 *
 * 6. Flow control. A sender has at most window messages in flight. There is no
 *    initial window and no pacing: the window itself bounds the burst, and 128
 *    messages, the default, fit into Linux's default UDP receive buffer, when
 *    asked for (SO_RCVBUF), and into the queue of any interface. With the
 *    window shut and nothing in flight, PROBE asks by the same timer.
 *
 * 7. Closing. FIN is repeated like a message; each direction closes on its own.
 *    States are those of TCP (RFC 9293 s3.3.2): whose FIN was sent before the
 *    other's had come stays in TIME-WAIT, here for 5 s after the last packet.
 *    That is short, so once a FIN was sent, doubling the timer ends at 1 s. If
 *    at last only the FIN is not acknowledged, and the peer's has come, that is
 *    a clean close too. RESET ends at once; its seq must be within the window
 *    (RFC 5961).
 *
 * Owns:   nothing; pure functions.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_PROTO_RUDP_H
#define SOCKDECK_NET_PROTO_RUDP_H

#include <stddef.h>
#include <stdint.h>

#include "net/base/bytes.h"

#define RUDP_VERSION 1
#define RUDP_MESSAGE_MAX 1400
#define RUDP_WINDOW_MAX 1024 /* of this implementation; a power of two */
#define RUDP_HEADER_LEN 16
#define RUDP_BITMAP_MAX (RUDP_WINDOW_MAX / 8)
#define RUDP_BITMAP_DATA_MAX 32 /* in DATA, because of the MTU */
/* The longest datagram: a DATA with the longest bitmap. */
#define RUDP_DATAGRAM_MAX \
	(RUDP_HEADER_LEN + 2 + RUDP_BITMAP_DATA_MAX + RUDP_MESSAGE_MAX)

/* name, number */
#define RUDP_TYPES(X) \
	X(HELLO, 1)   \
	X(WELCOME, 2) \
	X(CONFIRM, 3) \
	X(DATA, 4)    \
	X(FIN, 5)     \
	X(ACK, 6)     \
	X(PROBE, 7)   \
	X(RESET, 8)

enum rudp_type {
#define X(name, number) RUDP_##name = number,
	RUDP_TYPES(X)
#undef X
};

/* "HELLO" ...; NULL: no such type. */
const char *rudp_type_name(unsigned type);

struct rudp_packet {
	enum rudp_type type;
	uint16_t window;
	uint32_t id; /* of the receiver */
	uint32_t seq, ack;
	uint32_t own_id; /* HELLO, WELCOME, CONFIRM; else 0 */
	const uint8_t *bitmap; /* borrowed */
	uint8_t bitmap_len;
	const uint8_t *message; /* borrowed; DATA */
	uint16_t message_len;
};

/* Why a datagram is refused: name, sentence. */
#define RUDP_FAULTS(X)                                                   \
	X(FINE, "well formed")                                           \
	X(SHORT, "the datagram ends before its packet does")             \
	X(VERSION, "the version is not 1")                               \
	X(TYPE, "there is no such packet type")                          \
	X(ID, "a connection id is 0, or a HELLO has one")                \
	X(BITMAP, "the bitmap is too long, ends in a zero byte or does " \
		  "not belong to this type")                             \
	X(LENGTH, "the message is longer than 1400 bytes")               \
	X(TAIL, "bytes stand behind the end of the packet")

enum rudp_fault {
#define X(name, text) RUDP_FAULT_##name,
	RUDP_FAULTS(X)
#undef X
	    RUDP_FAULT_COUNT
};

const char *rudp_fault_text(enum rudp_fault fault);

/*
 * Decode the one packet that r holds. RUDP_FAULT_FINE, or the first fault; ret
 * is then filled as far as it could be read. A packet that the capture cut
 * (RD_TRUNCATED) is SHORT as well: look at r->state.
 */
enum rudp_fault rudp_decode(struct rd *r, struct rudp_packet *ret);

/*
 * Write one packet. Its parts must obey the specification (a caller's bug
 * otherwise). w->full is set when it does not fit.
 */
void rudp_encode(struct wr *w, const struct rudp_packet *p);

/* Is bit i of the bitmap set? False behind its end. */
static inline bool
rudp_bitmap_get(const struct rudp_packet *p, size_t i)
{
	return i / 8 < p->bitmap_len &&
	       (p->bitmap[i / 8] & 0x80u >> i % 8) != 0;
}

#endif
