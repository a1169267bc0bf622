/*
 * capture/stream.h - one conversation's packets in order, and the bytes that
 * its two ends sent, by stream offset.
 *
 * The store knows of a frame only the one before it; this goes back along that
 * chain once and keeps what it has found, so that every packet and every byte
 * of the conversation can be reached directly. It grows by what has come since,
 * in slices: no call looks at more than `budget` packets.
 *
 * A stretch is a run of bytes that one segment was the first to carry; the
 * stretches of a direction lie in the order of their offsets and never overlap,
 * and what is between two of them was not captured (yet). A segment that brings
 * bytes which were there already is an echo. Datagrams are stretches too, end to
 * end.
 *
 * Owns:   places, by copy; bytes stay in the store, and are looked up there.
 * Bounds: the newest STREAM_FRAMES_MAX packets when it begins, and as many
 *         again as they come: then it begins anew. About 60 MB at most. A gap that is
 *         filled more than STREAM_LATE_MAX stretches later stays a gap.
 * Thread: main.  Blocks: never.  Source: RFC 9293 s3.4, s3.10.7.4.
 */
#ifndef SOCKDECK_CAPTURE_STREAM_H
#define SOCKDECK_CAPTURE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/flow.h"
#include "capture/store.h"

#define STREAM_FRAMES_MAX (1024 * 1024)
#define STREAM_LATE_MAX 8192
#define STREAM_CHANGES_MAX 4096

/* Bytes [from, to) of a direction. */
struct stretch {
	uint64_t from, to;
	uint64_t frame; /* that carries them */
};

/* A packet with which the state of an end changed. */
struct state_change {
	uint64_t frame;
	uint8_t state[2]; /* enum tcp_state of client, server, after it */
};

struct stream;

struct stream *stream_new(void);
void stream_free(struct stream *s);

/*
 * Turn to this conversation (NULL: none) and read on. Returns whether there is
 * more to read. What it has read stays valid when the store moves on: a place
 * whose packet has left reads as nothing.
 */
bool stream_follow(struct stream *s, const struct store *store,
    const struct flow *f, size_t budget);
uint32_t stream_flow(const struct stream *s); /* 0: none */
uint64_t stream_gen(const struct stream *s); /* another one: it has grown */
/* Percent of what there is to read; 100: all. */
int stream_progress(const struct stream *s);
/* Did it not reach back to the conversation's first packet? */
bool stream_is_cut(const struct stream *s);

/* The conversation's packets in order, [0, count); 0: no such packet. */
size_t stream_frames(const struct stream *s);
uint64_t stream_frame(const struct stream *s, size_t i);
/* The place of the first frame that is not before id. */
size_t stream_place(const struct stream *s, uint64_t id);
/* Those of them that carry bytes, repeats too, in order. */
size_t stream_carriers(const struct stream *s);
uint64_t stream_carrier(const struct stream *s, size_t i);
/* The changes of state, in order; the newest STREAM_CHANGES_MAX are kept. */
size_t stream_changes(const struct stream *s);
const struct state_change *stream_change(const struct stream *s, size_t i);

/* A direction's stretches by offset; i < stream_stretches(). */
size_t stream_stretches(const struct stream *s, int dir);
struct stretch stream_stretch(const struct stream *s, int dir, size_t i);
/* The first stretch that ends behind off; their number if there is none. */
size_t stream_stretch_at(const struct stream *s, int dir, uint64_t off);
/* Segments that carried bytes again, in order of the capture. */
size_t stream_echoes(const struct stream *s, int dir);
struct stretch stream_echo(const struct stream *s, int dir, size_t i);
/* Bytes known: offsets [begin, end); and how many of them are in no stretch. */
uint64_t stream_begin(const struct stream *s, int dir);
uint64_t stream_end(const struct stream *s, int dir);
uint64_t stream_missing(const struct stream *s, int dir);

/*
 * The bytes from off on, as many as follow each other without a gap, at most n.
 * 0: there are none (not captured, cut, or gone from the store).
 */
size_t stream_read(const struct stream *s, const struct store *store, int dir,
    uint64_t off, void *dst, size_t n);

#endif
