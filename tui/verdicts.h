/*
 * tui/verdicts.h - which packets of a conversation have a verdict, in order,
 * and how verdicts are marked where there is room for a letter only.
 *
 * Owns:   16 bytes a packet that has one.
 * Bounds: VERDICTS_MAX packets, the first ones.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_VERDICTS_H
#define SOCKDECK_TUI_VERDICTS_H

#include <stdbool.h>

#include "capture/stream.h"
#include "tui/theme.h"

#define VERDICTS_MAX (256 * 1024)

/* X(letter, role, words, verdicts), the most serious first. */
#define VERDICT_KINDS(X)                                                     \
	X('R', BAD, "again",                                                 \
	    VERDICT_RETRANSMISSION | VERDICT_FAST_RETRANSMISSION |           \
		VERDICT_SPURIOUS_RETRANSMISSION)                             \
	X('Z', BAD, "zero window", VERDICT_ZERO_WINDOW)                      \
	X('L', WARN, "gap", VERDICT_LOST_SEGMENT | VERDICT_ACK_LOST_SEGMENT) \
	X('O', WARN, "out of order", VERDICT_OUT_OF_ORDER)                   \
	X('D', WARN, "dup ACK", VERDICT_DUPLICATE_ACK)                       \
	X('S', WARN, "D-SACK", VERDICT_D_SACK)                               \
	X('F', NOTE, "window full", VERDICT_WINDOW_FULL)                     \
	X('P', NOTE, "probe",                                                \
	    VERDICT_ZERO_WINDOW_PROBE | VERDICT_ZERO_WINDOW_PROBE_ACK)       \
	X('K', NOTE, "keep-alive", VERDICT_KEEP_ALIVE | VERDICT_KEEP_ALIVE_ACK)

struct verdict_kind {
	char letter;
	enum role role;
	const char *words;
	uint32_t verdicts;
};
/* How many there are; the kind of these verdicts, -1: none is marked. */
int verdict_kinds(void);
const struct verdict_kind *verdict_kind(int kind);
int verdict_kind_of(uint32_t verdicts);

struct verdict_at {
	uint64_t frame;
	uint32_t verdicts;
	uint8_t dir; /* who sent it */
};

struct verdicts {
	struct verdict_at *at; /* by frame */
	size_t count, cap;
	size_t looked; /* packets of the stream */
	uint32_t flow;
};

void verdicts_done(struct verdicts *d);
/* Read on in what was read of the stream; true: there is more. */
bool verdicts_follow(struct verdicts *d, const struct stream *s,
    const struct store *store, size_t budget);
/* "1 again, 15 dup ACK": of what dir sent in frames [from, to); or "". */
void verdicts_say(const struct verdicts *d, int dir, uint64_t from, uint64_t to,
    char *dst, size_t size);

#endif
