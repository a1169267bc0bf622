/*
 * capture/display_impl.h - what the parts of the display filter share.
 *
 *   display_words.c   the words it knows, and completion by them
 *   display_parse.c   text to a tree of tests
 *   display_filter.c  the tree against frames
 *
 * Owns:   says each.  Thread: main.  Blocks: never.  Not for others.
 */
#ifndef SOCKDECK_CAPTURE_DISPLAY_IMPL_H
#define SOCKDECK_CAPTURE_DISPLAY_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/display_filter.h"

#define DISPLAY_TEXT_MAX 128

enum show_kind {
	/* operators */
	SHOW_ALL,
	SHOW_AND,
	SHOW_OR,
	SHOW_NOT,
	/* of the record */
	SHOW_CONV,
	SHOW_ID,
	SHOW_LEN,
	SHOW_STATE,
	SHOW_FLAGS,
	SHOW_DIR,
	SHOW_PROTO,
	SHOW_PURPOSE,
	SHOW_VERDICT,
	SHOW_STATUS,
	SHOW_WIRE,
	/* the same for all packets of a conversation */
	SHOW_PORT,
	SHOW_HOST,
	/* of the bytes */
	SHOW_TEXT,
};

struct display_node {
	enum show_kind kind;
	uint8_t a, b; /* operands of an operator: nodes */
	bool is_ip6;
	uint8_t prefix; /* bits of ip that count */
	uint8_t ip[16];
	uint64_t from, to; /* a range of numbers, both included */
	char text[DISPLAY_TEXT_MAX];
	size_t text_len;
	/* SHOW_PORT, SHOW_HOST: by conversation, whether it matches */
	uint8_t *known;
	size_t known_count;
};

struct display_filter {
	struct display_node nodes[DISPLAY_FILTER_MAX];
	unsigned count;
	uint8_t root;
};

/* Words that a key takes, and what they stand for; ended by a NULL name. */
struct display_word {
	const char *name;
	unsigned value;
};

struct display_key {
	const char *name;
	enum show_kind kind;
	const struct display_word *words; /* NULL: it takes something else */
	const char *takes; /* for the sentence; of those without words */
};

#define DISPLAY_KEYS 13
/* wire:lost, whatever lost it */
#define DISPLAY_LOST FATE_COUNT
extern const struct display_key display_keys[DISPLAY_KEYS];
/* Words that stand for themselves. */
extern const struct display_word display_protos[], display_statuses[];

const struct display_word *display_word_find(
    const struct display_word *words, const char *name, size_t n);

/* Fills d; 0 or -EINVAL, as display_filter_new(). */
int display_parse(const char *text, struct display_filter *d, struct err *err);

#endif
