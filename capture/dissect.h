/*
 * capture/dissect.h - one packet as a tree of fields.
 *
 * Made only for the packet that someone looks at, and for `--fields`. Each
 * field knows where its bytes are, what Wireshark calls it, its value as
 * tshark -T fields prints it, a remark for a reader, and where it is defined.
 * Dissection never prints and never stops at the first trouble: what could be
 * read is there, and the field where the packet ended is marked.
 *
 * Owns:   the tree's fields.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_DISSECT_H
#define SOCKDECK_CAPTURE_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/tcp_analysis.h"
#include "net/base/bytes.h"
#include "net/base/packet.h"

struct app;

struct field {
	uint32_t off, len; /* in its source; len 0: generated, no bytes */
	/* 0: a protocol; 1: its fields; 2: bits, options; 3: an option's
	 * fields. One more within the packet that an ICMP error quotes. */
	uint8_t depth;
	uint8_t trouble; /* enum rd_state: the packet ended here, and how */
	uint8_t bit_mask; /* of a one-byte flags field; 0: the whole bytes */
	/* 0: the packet; else tree.sources[source - 1], put together from
	 * several packets */
	uint8_t source;
	bool bare; /* no value: that it is there says it; tshark prints 1 */
	bool cut; /* the value is the beginning of bytes: see tree_bytes() */
	/* "ip.ttl"; NULL where Wireshark has no name or nothing could be read */
	const char *key;
	const char *name; /* "Time to live" */
	const char *ref; /* "RFC 791 s3.1"; NULL: none */
	const char *help; /* what it is for, one sentence; NULL: none */
	/* as tshark -T fields prints it; longer bytes end in "..."; may be "" */
	const char *value;
	const char *remark; /* "PSH, ACK", "relative 1"; may be "" */
};

#define TREE_SOURCES_MAX 3

/* Bytes that no single packet holds: a datagram, a message of a stream. */
struct tree_source {
	uint8_t *data;
	size_t len;
	const char *name; /* "datagram of 3 fragments" */
};

struct tree {
	struct field *fields;
	size_t count, cap;
	struct tree_source sources[TREE_SOURCES_MAX];
	size_t source_count;
	struct text_block *text, *text_now; /* the fields' values */
};

/* Several packets' bytes, in order: what capture/reassembly.h found. */
struct whole {
	const uint8_t *data; /* borrowed */
	size_t len;
	const uint64_t *frames; /* that the bytes came with, this one last */
	size_t frame_count;
};

/* A packet that asked something. */
struct question {
	uint64_t frame; /* 0: none is known */
	int64_t ts_ns;
};

struct app_questions;
struct pystruct;

/* What is sent to the port that listens, and what it answers: net/pystruct.h */
struct record_formats {
	uint16_t port; /* 0: none is known */
	const struct pystruct *request, *answer; /* borrowed; NULL: unknown */
};

/* What came before says of a Bluetooth packet: see capture/hci_track.h. */
struct hci_context {
	uint64_t link_frame; /* that reported the connection; 0: not seen */
	uint8_t peer[6]; /* the other device, last byte first; if link_frame */
	uint64_t channel_frame; /* that asked for the L2CAP channel; 0 */
	uint16_t psm; /* that the channel is for; 0: unknown */
	uint64_t first_fragment; /* of a frame that goes on here; 0 */
};

/* What a packet alone does not say; all zero if nobody knows. */
struct dissect_context {
	uint64_t number; /* frame.number */
	/* since the capture's first packet, since the one before; 0: unknown */
	int64_t since_first_ns, since_previous_ns;
	uint32_t seq_base, ack_base; /* subtract for relative numbers */
	int window_shift; /* scale of this direction; -1: unknown */
	uint32_t stream; /* tcp.stream, udp.stream */
	/* since the conversation's first packet, since the one before */
	int64_t flow_since_first_ns, flow_since_previous_ns;
	/* of a TCP segment, by capture/flow.h */
	struct tcp_findings found;
	uint32_t verdicts; /* enum tcp_verdict, or-ed */
	int64_t initial_rtt_ns; /* 0: unknown */
	struct question question; /* that this datagram answers */
	bool local; /* captured on this machine: offload is likely */
	/* The datagram, or frame of L2CAP, that this packet, a fragment,
	 * completes; len 0: none */
	struct whole datagram;
	struct hci_context hci;
	/*
	 * The stream, if stream_known: the message that was under way, what
	 * this segment adds to it, and what waited behind a gap that it fills.
	 */
	bool stream_known, stream_ended;
	bool stream_early; /* it waits for bytes before it */
	struct whole stream_bytes;
	size_t stream_before, stream_own; /* own 0: sent again, or too early */
	const struct app *app; /* that the stream speaks; NULL: unknown */
	uint32_t app_memo; /* see capture/dissect_app.h */
	/* what waits for an answer on the stream; NULL: nothing */
	const struct app_questions *questions;
	/* For what no known protocol speaks; NULL: it stays bytes */
	const struct record_formats *records;
};

void tree_init(struct tree *t);
void tree_done(struct tree *t);
/* Replaces the tree's content. */
void dissect(
    const struct packet *p, const struct dissect_context *ctx, struct tree *t);

/* The bytes of a field of the tree made of p. */
const uint8_t *tree_bytes(
    const struct tree *t, const struct packet *p, const struct field *f);
/* A second key of what has the first: "ip.addr" of "ip.src". NULL: none. */
const char *dissect_second_key(const char *key);
bool dissect_is_second_key(const char *key); /* of any */
/* The first field with that key, its first or its second, at or after from;
 * NULL: none. */
const struct field *tree_find(
    const struct tree *t, const char *key, size_t from);
/*
 * One line about what the packet says, above its transport: "query A
 * example.org". 0: nothing is known of it. Cheap: no tree is made.
 *   tcp    whether it was a segment
 *   r      the payload
 */
size_t dissect_info(bool tcp, uint16_t src_port, uint16_t dst_port, struct rd r,
    char *dst, size_t size);

/* The same for records: "struct (7, -5)". */
size_t dissect_record_info(const struct record_formats *formats,
    uint16_t src_port, uint16_t dst_port, struct rd r, char *dst, size_t size);

struct dissect_key {
	const char *key, *name, *ref, *help;
};
/* The i-th field that some dissector can produce; its key may be NULL, or come
 * more than once. False: there are no more. */
bool dissect_key(size_t i, struct dissect_key *ret);
/* Is this a key that some dissector can produce? */
bool dissect_key_known(const char *key);
/* The known key that resembles this one most, for a typing error. */
const char *dissect_key_near(const char *key);

#endif
