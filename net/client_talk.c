#include <errno.h>
#include <stdio.h>

#include "net/base/clock.h"
#include "net/client_impl.h"

void
talking_stop(struct client *c)
{
	uint32_t said = c->talking.talk.seq;

	talk_done(&c->talking.talk);
	c->talking = (struct talking){.talk.seq = said};
}

void
talking_start(struct actor *a, struct client *c, const struct order *o)
{
	struct talk *t = &c->talking.talk;
	struct err err;
	int r;

	talking_stop(c);
	if (o->count == 0)
		return;
	t->size = o->size;
	t->seed = o->seed;
	t->every_ns = o->every_ns;
	r = talk_begin(t, o->talker, &err);
	if (r < 0) {
		call_note(a, &c->sock, r, "%s.", err.text);
		talking_stop(c);
		return;
	}
	c->talking.count = o->count;
	c->talking.next_ns = clock_mono_ns();
	atomic_store(&c->listener, o->talker->listener);
}

void
talking_step(struct actor *a, struct client *c)
{
	struct talking *p = &c->talking;
	int64_t now = clock_mono_ns();

	talk_next(&p->talk);
	if (client_send(a, c, p->talk.out.data, p->talk.out.len) < 0 ||
	    (++p->done == p->count && p->count != TALK_FOREVER)) {
		talking_stop(c);
		return;
	}
	/* Keep the beat, but do not make up for what a slow peer delayed. */
	p->next_ns += p->talk.every_ns;
	if (p->next_ns < now)
		p->next_ns = now;
}

int64_t
talking_timeout(const struct client *c)
{
	int64_t left;

	if (c->talking.talk.talker == NULL)
		return -1;
	left = c->talking.next_ns - clock_mono_ns();
	return left > 0 ? left : 0;
}

void
talking_set_period(struct client *c, int64_t every_ns)
{
	if (c->talking.talk.talker == NULL ||
	    c->talking.talk.every_ns == every_ns)
		return;
	/* The next one is due a new period after the last one. */
	c->talking.next_ns += every_ns - c->talking.talk.every_ns;
	c->talking.talk.every_ns = every_ns;
}

void
talking_interrupt(struct actor *a, struct client *c)
{
	const struct talking *p = &c->talking;
	char of[16] = "";

	if (p->count != TALK_FOREVER)
		snprintf(of, sizeof of, " of %u", p->count);
	call_note(a, &c->sock, -EINTR, "%s was interrupted after %u%s.",
	    p->talk.talker->doing, p->done, of);
	talking_stop(c);
}
