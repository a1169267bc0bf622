#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/base/clock.h"
#include "net/client_impl.h"

#define REPEAT_SIZE_MAX (1024 * 1024)

void
repeat_stop(struct client *c)
{
	free(c->repeat.message);
	c->repeat = (struct repeat){0};
}

void
repeat_start(struct actor *a, struct client *c, const struct order *o)
{
	repeat_stop(c);
	if (o->count == 0 || o->size == 0)
		return;
	if (o->size > REPEAT_SIZE_MAX) {
		call_note(a, &c->sock, -EINVAL,
		    "A repeated message has at most %d bytes; a longer one "
		    "can be sent from a file.",
		    REPEAT_SIZE_MAX);
		return;
	}
	c->repeat = (struct repeat){
	    .message = malloc(o->size),
	    .size = o->size,
	    .count = o->count,
	    .every_ns = o->every_ns,
	    .next_ns = clock_mono_ns(),
	};
	if (c->repeat.message == NULL)
		call_note(a, &c->sock, -ENOMEM, "No memory for a message.");
}

/* "message 17 abcdefgh...\n": each byte tells where in the message it is. */
static void
write_message(struct repeat *p)
{
	char head[32];
	int n = snprintf(head, sizeof head, "message %u ", p->done + 1);

	for (uint32_t i = 0; i < p->size; i++)
		p->message[i] = i < (uint32_t)n
				    ? (uint8_t)head[i]
				    : (uint8_t)('a' + (i - (uint32_t)n) % 26);
	p->message[p->size - 1] = '\n';
}

void
repeat_step(struct actor *a, struct client *c)
{
	struct repeat *p = &c->repeat;
	int64_t now = clock_mono_ns();

	write_message(p);
	if (client_send(a, c, p->message, p->size) < 0 ||
	    ++p->done == p->count) {
		repeat_stop(c);
		return;
	}
	/* Keep the beat, but do not make up for what a slow peer delayed. */
	p->next_ns += p->every_ns;
	if (p->next_ns < now)
		p->next_ns = now;
}

int64_t
repeat_timeout(const struct client *c)
{
	int64_t left;

	if (c->repeat.message == NULL)
		return -1;
	left = c->repeat.next_ns - clock_mono_ns();
	return left > 0 ? left : 0;
}
