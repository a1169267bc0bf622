/*
 * capture/why_impl.h - what the parts of the explanations share.
 *
 *   why_words*.c   the sentences, with places for numbers
 *   why_numbers.c  the numbers that may stand there
 *   why_text.c     both put together
 *   why.c          what there is to explain
 *
 * A sentence's places: {name} or {name:form} is a number by its name, the key
 * of a field of the tree or one of why_numbers.c; {Name} begins a sentence.
 * {?name} stands for nothing and asks whether something is so. Where one is not
 * known, or not so, the whole text is not for this packet.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.  Not for others.
 */
#ifndef SOCKDECK_CAPTURE_WHY_IMPL_H
#define SOCKDECK_CAPTURE_WHY_IMPL_H

#include "capture/why.h"

/* How a number is written. */
enum why_form {
	WHY_PLAIN, /* 1449 */
	WHY_BYTES, /* 13 bytes, 1 byte */
	WHY_FRAME, /* #12 */
	WHY_SPAN, /* 40.3 ms; of nanoseconds, or of a field's seconds */
	WHY_NTH, /* 3rd */
};

struct why_value {
	enum why_form form;
	uint64_t number; /* or nanoseconds */
	const char *text; /* instead of a number; NULL: a number */
};

/* A table of sentences; ended by NULL. */
struct why_words {
	enum why what;
	const char *text;
};
extern const struct why_words why_words_tcp[], why_words_other[],
    why_words_bluetooth[];
/* Which thing a packet of Bluetooth is. False: none. */
bool why_of_bluetooth(const struct tree *t, enum why *ret);
/* The sentences of a thing, the most telling first; NULL: no more. */
const char *why_words(enum why what, size_t i);

/* A computed number, or what a field says. False: not known here. */
bool why_number(const struct why_scene *s, struct why_item item,
    const char *name, struct why_value *ret);
/* Is there a number, or a condition, of this name at all? */
bool why_number_known(const char *name);

/* Is it a reset that answers a SYN? */
bool why_refuses(const struct why_scene *s);
/* Read the past of s->f. */
void why_read_past(struct why_scene *s);

#endif
