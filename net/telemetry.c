#include "net/telemetry.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct telemetry_report) <= CALL_DATA_MAX,
    "a report travels in a call record");

struct telemetry {
	uint32_t group; /* the server whose clients these are */
	uint32_t next_number;
	uint64_t reports, gen;
	size_t count;
	struct telemetry_peer *peers[TELEMETRY_PEERS];
};

struct telemetry *
telemetry_new(void)
{
	return calloc(1, sizeof(struct telemetry));
}

static void
peer_free(struct telemetry_peer *p)
{
	for (size_t i = 0; i < p->sensor_count; i++)
		free(p->sensors[i]);
	free(p);
}

static void
clear(struct telemetry *t)
{
	while (t->count > 0)
		peer_free(t->peers[--t->count]);
}

void
telemetry_free(struct telemetry *t)
{
	if (t == NULL)
		return;
	clear(t);
	free(t);
}

static void
forget_oldest(struct telemetry *t)
{
	size_t oldest = 0;

	for (size_t i = 1; i < t->count; i++)
		if (t->peers[i]->heard < t->peers[oldest]->heard)
			oldest = i;
	peer_free(t->peers[oldest]);
	t->count--;
	memmove(&t->peers[oldest], &t->peers[oldest + 1],
	    (t->count - oldest) * sizeof *t->peers);
}

/* Who it is about; NULL: no memory. */
static struct telemetry_peer *
peer_of(struct telemetry *t, const struct call *c)
{
	struct telemetry_peer *p;

	for (size_t i = 0; i < t->count; i++)
		if (t->peers[i]->sock == c->sock &&
		    addr_equal(&t->peers[i]->addr, &c->peer))
			return t->peers[i];
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return NULL;
	if (t->count == TELEMETRY_PEERS)
		forget_oldest(t);
	p->number = ++t->next_number;
	p->sock = c->sock;
	p->addr = c->peer;
	t->peers[t->count++] = p;
	return p;
}

static struct telemetry_sensor *
sensor_of(struct telemetry_peer *p, uint16_t id)
{
	struct telemetry_sensor *s;

	for (size_t i = 0; i < p->sensor_count; i++)
		if (p->sensors[i]->id == id)
			return p->sensors[i];
	s = p->sensor_count < TELEMETRY_SENSORS ? calloc(1, sizeof *s) : NULL;
	if (s == NULL)
		return NULL;
	s->id = id;
	p->sensors[p->sensor_count++] = s;
	return s;
}

static void
take_reading(struct telemetry_peer *p, const struct telemetry_report *r)
{
	struct telemetry_sensor *s = sensor_of(p, r->sensor);

	p->period_ms = r->period_ms;
	if (s == NULL || r->again)
		return;
	s->last = r->value;
	s->count = r->count;
	s->mean = r->mean;
	s->points[s->end++ % TELEMETRY_POINTS] = telemetry_number(&r->value);
}

static void
take_report(struct telemetry *t, const struct call *c)
{
	struct telemetry_report r;
	struct telemetry_peer *p;

	if (c->data_len != sizeof r)
		return;
	memcpy(&r, c->data, sizeof r);
	if (c->group != t->group)
		clear(t);
	t->group = c->group;
	p = peer_of(t, c);
	if (p == NULL)
		return;
	p->heard = ++t->reports;
	p->counts = r.counts;
	if (r.fault != TELEMETRY_FAULT_FINE)
		p->fault = r.fault;
	else
		take_reading(p, &r);
	t->gen++;
}

void
telemetry_feed(struct telemetry *t, const struct call *c)
{
	if (c->kind == CALL_REPORT) {
		take_report(t, c);
		return;
	}
	if (c->kind != CALL_CLOSE || c->phase != CALL_DONE)
		return;
	for (size_t i = 0; i < t->count; i++)
		if (t->peers[i]->sock == c->sock) {
			t->peers[i]->closed = true;
			t->gen++;
		}
}

const struct telemetry_peer *
telemetry_peer(const struct telemetry *t, size_t i)
{
	return i < t->count ? t->peers[i] : NULL;
}

uint64_t
telemetry_gen(const struct telemetry *t)
{
	return t->gen;
}
