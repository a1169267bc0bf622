#include "net/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int
talk_begin(struct talk *t, const struct talker *talker, struct err *err)
{
	t->talker = talker;
	buf_init(&t->out, TALK_SIZE_MAX);
	t->state = calloc(1, talker->state_size != 0 ? talker->state_size : 1);
	if (t->state == NULL)
		return err_set(err, -ENOMEM, "No memory for messages");
	return talker->begin != NULL ? talker->begin(t, err) : 0;
}

void
talk_next(struct talk *t)
{
	buf_clear(&t->out);
	t->seq++;
	t->talker->next(t);
}

void
talk_done(struct talk *t)
{
	free(t->state);
	t->state = NULL;
	buf_done(&t->out);
	t->talker = NULL;
}

void
hearing_begin(
    struct hearing *h, const struct listener *listener, bool datagrams)
{
	*h = (struct hearing){.listener = listener, .datagrams = datagrams};
	if (listener != NULL)
		h->state = calloc(
		    1, listener->state_size != 0 ? listener->state_size : 1);
}

void
hearing_done(struct hearing *h)
{
	free(h->state);
	h->state = NULL;
	h->listener = NULL;
}

/* ---- the same text again and again ---- */

static int
repeat_begin(struct talk *t, struct err *err)
{
	if (t->size > 0 && t->size <= TALK_SIZE_MAX)
		return 0;
	return err_set(err, -EINVAL,
	    "A repeated message has 1 to %d bytes; a longer one can be sent "
	    "from a file",
	    TALK_SIZE_MAX);
}

/*
 * "message 17 abcdefgh...\n": each byte tells where in the message it is. A
 * short one keeps its number and cuts the word: "mess 17\n".
 */
static void
repeat_next(struct talk *t)
{
	uint32_t *made = t->state;
	char head[32], number[16];
	uint8_t rest[26];
	int digits = snprintf(number, sizeof number, " %u ", ++*made) - 2;
	int word = t->size < 24 ? (int)t->size - digits - 2 : 7;
	size_t n;

	word = word < 0 ? 0 : word > 7 ? 7 : word;
	n = (size_t)snprintf(
	    head, sizeof head, "%.*s%s", word, "message", number + (word == 0));
	for (size_t i = 0; i < sizeof rest; i++)
		rest[i] = (uint8_t)('a' + i);
	buf_add(&t->out, head, n < t->size ? n : t->size);
	while (t->out.len < t->size) {
		size_t left = t->size - t->out.len;

		buf_add(&t->out, rest, left < sizeof rest ? left : sizeof rest);
	}
	t->out.data[t->size - 1] = '\n';
}

const struct talker talk_repeat = {
    .doing = "Repeating",
    .state_size = sizeof(uint32_t),
    .begin = repeat_begin,
    .next = repeat_next,
};
