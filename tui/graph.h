/*
 * tui/graph.h - what the graphs of a conversation are drawn of: one sample a
 * packet.
 *
 * Offsets are those of the stream: the first byte is 0. Round-trip times are
 * measured as RFC 6298 s3 has it: from a segment to the ACK that covers it, and
 * never from one that was sent twice. At a wire they are the sender's: from when
 * it sent the segment to when the ACK comes out.
 *
 * Owns:   samples.
 * Bounds: GRAPH_SAMPLES, the newest; GRAPH_FLYING segments timed at once.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_GRAPH_H
#define SOCKDECK_TUI_GRAPH_H

#include "capture/store.h"

#define GRAPH_SAMPLES (128 * 1024)
#define GRAPH_FLYING 1024

struct sample {
	int64_t ts_ns;
	uint64_t frame;
	uint64_t from; /* stream bytes [from, from + len) of direction dir */
	uint64_t ack; /* bytes of the other direction acknowledged */
	int64_t rtt_ns; /* of what it acknowledges; 0: not measured */
	uint32_t len;
	uint32_t window; /* scaled */
	uint32_t verdicts;
	uint8_t dir;
	bool has_ack;
	bool again; /* its bytes were carried before */
};

struct graph_flying {
	uint64_t end;
	int64_t sent_ns;
};

struct graph {
	struct sample *samples; /* by time, all but clock trouble */
	size_t count, cap;
	uint64_t lost; /* samples that had to go: the oldest */
	uint64_t sent[2]; /* bytes, highest */
	/* Segments whose ACK is awaited, by their sender, oldest first. */
	struct graph_flying flying[2][GRAPH_FLYING];
	uint32_t first[2], flying_count[2];
};

void graph_init(struct graph *g);
void graph_done(struct graph *g);
void graph_clear(struct graph *g);
/* The conversation's next packet. False: no memory. */
bool graph_feed(struct graph *g, const struct frame *f);

/* Where the two ends are after a sample, kept up while walking over them. */
struct graph_state {
	uint64_t sent[2]; /* highest byte */
	uint64_t acked[2]; /* of it acknowledged by the other end */
	uint32_t window[2]; /* that this end announced */
	bool known[2]; /* acked */
};
void graph_walk(struct graph_state *st, const struct sample *s);
/* Bytes of dir under way; 0 before the first ACK. */
uint64_t graph_flight(const struct graph_state *st, int dir);

#endif
