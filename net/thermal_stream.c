#include "net/thermal_stream.h"

#include <stdio.h>

static struct thermal_drop *
newest(struct thermal_stream *s)
{
	return s->drops == 0 ? NULL : &s->drop[(s->drops - 1) % THERMAL_DROPS];
}

bool
thermal_stream_is_down(const struct thermal_stream *s)
{
	const struct thermal_drop *d = thermal_stream_drop(s, 0);

	return d != NULL && d->took_ns == 0;
}

static void
take_frame(struct thermal_stream *s, const struct thermal_event *e)
{
	struct thermal_drop *d = newest(s);

	if (d != NULL && d->took_ns == 0)
		/* at least a little: 0 means that it is still down */
		d->took_ns = e->at_ns > d->at_ns ? e->at_ns - d->at_ns : 1;
	s->any = true;
	s->torn = e->torn;
	s->frame = e->frame;
	s->frame_ns = e->at_ns;
	s->wait_ns = e->at_ns - e->asked_ns;
	s->bytes = e->bytes;
	s->pieces = e->pieces;
	s->frame_bytes += e->bytes;
	s->pace[s->frames++ % THERMAL_PACE] = e->at_ns;
	s->sock_frames++;
	s->torn_sum = s->torn_before + e->torn_sum;
	s->missed_sum = s->missed_before + e->missed_sum;
}

static void
take_down(struct thermal_stream *s, const struct thermal_event *e)
{
	struct thermal_drop *d = newest(s);

	s->up = false;
	s->next_try_ns = e->at_ns + e->rest_ns;
	s->torn_before = s->torn_sum;
	s->missed_before = s->missed_sum;
	if (d == NULL || d->took_ns != 0) {
		d = &s->drop[s->drops++ % THERMAL_DROPS];
		*d = (struct thermal_drop){
		    .at_ns = e->at_ns,
		    .why = e->why,
		    .error = e->error,
		    .cut = e->cut,
		    .frames = s->frames - s->dropped_frames,
		};
		s->dropped_frames = s->frames;
	} else {
		d->tries++;
	}
	d->last_why = e->why;
	d->last_error = e->error;
}

void
thermal_stream_feed(struct thermal_stream *s, const struct thermal_event *e)
{
	s->gen++;
	if (e->sock != 0)
		s->sock = e->sock;
	switch (e->kind) {
	case THERMAL_UP:
		s->up = true;
		s->connects++;
		s->sock_frames = 0;
		break;
	case THERMAL_FRAME:
		take_frame(s, e);
		break;
	case THERMAL_DOWN:
		take_down(s, e);
		break;
	}
}

double
thermal_stream_rate(const struct thermal_stream *s)
{
	uint64_t n = s->frames < THERMAL_PACE ? s->frames : THERMAL_PACE;
	int64_t span;

	if (n < 2)
		return 0;
	span = s->frame_ns - s->pace[(s->frames - n) % THERMAL_PACE];
	return span > 0 ? (double)(n - 1) * (double)CLOCK_S / (double)span : 0;
}

const struct thermal_drop *
thermal_stream_drop(const struct thermal_stream *s, uint64_t n)
{
	if (n >= s->drops || n >= THERMAL_DROPS)
		return NULL;
	return &s->drop[(s->drops - 1 - n) % THERMAL_DROPS];
}

const char *
thermal_drop_text(char dst[THERMAL_DROP_TEXT], const struct thermal_drop *d)
{
	int n =
	    snprintf(dst, THERMAL_DROP_TEXT, "%s", thermal_why_text(d->why));

	if (d->error != 0)
		n += snprintf(dst + n, THERMAL_DROP_TEXT - (size_t)n, ": %s",
		    err_name(d->error));
	if (d->cut > 0)
		snprintf(dst + n, THERMAL_DROP_TEXT - (size_t)n,
		    ", %u bytes into a frame", d->cut);
	return dst;
}
