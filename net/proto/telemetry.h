/*
 * net/proto/telemetry.h - telemetry: the protocol, and its messages as bytes.
 *
 * A client sends readings of its sensors, a server answers each. What follows
 * is the specification; net/service_telemetry.c is a server that keeps it,
 * net/talk_telemetry.c a client.
 *
 * 1. Message. Numbers are in network byte order, a double and a float are
 *    those of IEEE 754. Header and body have no padding; in the language of
 *    Python's struct a message is '!BBHIq' and then its body.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+-------------------------------+
 *    |   version 1   |     type      |            length             |
 *    +---------------+---------------+-------------------------------+
 *    |                        sequence number                        |
 *    +---------------------------------------------------------------+
 *    |         time: nanoseconds since 1970, UTC, signed             |
 *    |                                                               |
 *    +---------------------------------------------------------------+
 *    |  body ...
 *
 *    length    of the whole message in bytes, at most 64
 *    sequence  counts the messages of one sender on one connection (over UDP:
 *              from one address and port), from any number, modulo 2^32
 *    time      of the sender's clock when it made the message
 *
 * 2. Types and bodies.
 *
 *    1 READING  sensor (16), period (16), kind (8), value       '!HHc' + value
 *               period: the sender's, in milliseconds; 0: it has none.
 *               kind: the letter that the value has in Python's struct:
 *                 b h i q  signed, B H I Q unsigned integer of 8 to 64 bits
 *                 f d      float, double; neither infinite nor NaN
 *                 ?        bool, one byte, 0 or 1
 *                 s        text: 1 to 32 bytes, up to the end of the message
 *               A sensor keeps its kind.
 *    2 ACK      reading (32), sensor (16), count (32), mean     '!IHId'
 *               reading: the sequence number of the one that is answered.
 *               count, mean: of the sensor's readings so far, each counted
 *               once; a bool is 0 or 1, a text counts and its mean is 0.
 *    3 PERIOD   reading (32), period (16)                       '!IH'
 *               A command: send a reading every period (1 to 65535)
 *               milliseconds from now on. It answers the reading, as ACK does.
 *    4 ERROR    message (32), reason (8)                        '!IB'
 *               The message with that sequence number (0 if even that could
 *               not be read) is refused; reason: see TELEMETRY_FAULTS.
 *
 * 3. Conversation. A client sends READING, a server answers each with one ACK,
 *    PERIOD or ERROR; it answers nothing else, so that two servers never
 *    answer each other. Nothing is repeated: over UDP both directions lose,
 *    duplicate and reorder. A command is given again in place of ACK until a
 *    reading names the period that was asked for. A duplicate is answered like
 *    the first one, and does not enter the mean.
 *
 * 4. Transport. UDP: one message is one datagram. TCP: messages follow each
 *    other, and length tells where the next one begins. If version or length
 *    is impossible that is not known any more: ERROR, and close. All other
 *    refused messages leave the connection as it is.
 *
 * Owns:   nothing; pure functions.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_PROTO_TELEMETRY_H
#define SOCKDECK_NET_PROTO_TELEMETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/bytes.h"

#define TELEMETRY_VERSION 1
#define TELEMETRY_HEADER_LEN 16
#define TELEMETRY_MAX 64 /* bytes of a message */
#define TELEMETRY_TEXT_MAX 32
#define TELEMETRY_PORT 65441 /* where a server is looked for */

/* name, number */
#define TELEMETRY_TYPES(X) \
	X(READING, 1)      \
	X(ACK, 2)          \
	X(PERIOD, 3)       \
	X(ERROR, 4)

enum telemetry_type {
#define X(name, number) TELEMETRY_##name = number,
	TELEMETRY_TYPES(X)
#undef X
};

/* "READING" ...; NULL: no such type. */
const char *telemetry_type_name(unsigned type);

/* Why a message is refused: name, number in ERROR, sentence. */
#define TELEMETRY_FAULTS(X)                                                    \
	X(FINE, 0, "well formed")                                              \
	X(SHORT, 1, "the message ends before its body does")                   \
	X(VERSION, 2, "the version is not 1")                                  \
	X(TYPE, 3, "there is no such message type")                            \
	X(LENGTH, 4,                                                           \
	    "the length is not that of the message, or not 16 to 64 bytes")    \
	X(TAIL, 5, "bytes stand behind the end of the body")                   \
	X(KIND, 6, "there is no such data type")                               \
	X(VALUE, 7,                                                            \
	    "the value is none of its type (infinity, NaN, a bool of 2, an "   \
	    "empty text)")                                                     \
	X(NO_PERIOD, 8, "the command names a period of 0")                     \
	X(DIRECTION, 9, "a server takes only readings, a client only answers") \
	X(SEQUENCE, 10, "the sequence number is far from those before")        \
	X(SENSORS, 11, "this server keeps no more sensors of one client")      \
	X(CHANGED, 12, "the sensor has had another data type before")

enum telemetry_fault {
#define X(name, number, text) TELEMETRY_FAULT_##name = number,
	TELEMETRY_FAULTS(X)
#undef X
	    TELEMETRY_FAULT_COUNT
};

/* The sentence; also for a number from the wire that has none. */
const char *telemetry_fault_text(unsigned fault);

/* The value of a reading. */
struct telemetry_value {
	char kind; /* a letter; see above */
	uint8_t len; /* of text */
	union {
		int64_t i; /* b h i q */
		uint64_t u; /* B H I Q, and ? as 0 or 1 */
		double d; /* f d */
		char text[TELEMETRY_TEXT_MAX]; /* s; no NUL */
	};
};

struct telemetry_message {
	enum telemetry_type type;
	uint32_t seq;
	int64_t time_ns;
	uint32_t about; /* ACK, PERIOD, ERROR: a sequence number of the peer */
	uint16_t sensor; /* READING, ACK */
	uint16_t period_ms; /* READING, PERIOD */
	struct telemetry_value value; /* READING */
	uint32_t count; /* ACK */
	double mean; /* ACK */
	uint8_t reason; /* ERROR */
};

/*
 * Decode the one message that r holds. TELEMETRY_FAULT_FINE, or the first
 * fault; ret is then filled as far as it could be read. What the capture cut
 * (RD_TRUNCATED) is SHORT as well: look at r->state.
 */
enum telemetry_fault telemetry_decode(
    struct rd *r, struct telemetry_message *ret);

/*
 * Write one message. It must obey the specification (a caller's bug
 * otherwise). w->full is set when it does not fit.
 */
void telemetry_encode(struct wr *w, const struct telemetry_message *m);

/* ---- values ---- */

/* "unsigned short"; NULL: no such kind. */
const char *telemetry_kind_name(char kind);
/* Bytes of a value; 0: as many as are left (a text), or no such kind. */
size_t telemetry_kind_size(char kind);
/* As a number for a mean or a curve; 0 for a text. */
double telemetry_number(const struct telemetry_value *v);

#define TELEMETRY_VALUE_MAX 144 /* a text with every byte escaped */
/* "-5", "21.5", "True", "\x00ok" */
const char *telemetry_value_text(
    char dst[TELEMETRY_VALUE_MAX], const struct telemetry_value *v);

#define TELEMETRY_LINE_MAX 256
/* One line for people: "ACK of 17: sensor 3, 17 readings, mean 21.52". */
const char *telemetry_line(
    char dst[TELEMETRY_LINE_MAX], const struct telemetry_message *m);

/* ---- messages in a stream ---- */

/*
 * The length of the message that p[0, n) begins with, from its first 4 bytes.
 * FINE with *ret_len (0: too few bytes to tell), or VERSION or LENGTH: this is
 * no beginning of a message.
 */
enum telemetry_fault telemetry_length(
    const uint8_t *p, size_t n, size_t *ret_len);

/* Puts messages together, however the stream was cut. Zero at first. */
struct telemetry_framer {
	uint8_t part[TELEMETRY_MAX];
	size_t len;
	enum telemetry_fault fault; /* not FINE: no boundaries any more */
};

/*
 * Take bytes from in until a message is whole: true, and *ret holds it until
 * the next call. False: in is used up, or f->fault says what is wrong.
 */
bool telemetry_frame(struct telemetry_framer *f, struct rd *in, struct rd *ret);

#endif
