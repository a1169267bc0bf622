#include "tui/wiretap.h"

static void
feed(void *arg, const struct packet *p)
{
	struct wiretap *t = arg;
	struct source *listener = atomic_load(&t->listener);

	if (t->source != NULL)
		source_feed(t->source, p);
	if (listener != NULL)
		source_feed(listener, p);
	if (t->ear.packet != NULL)
		t->ear.packet(t->ear.arg, p);
}

static void
flush(void *arg)
{
	struct wiretap *t = arg;
	struct source *listener = atomic_load(&t->listener);

	if (t->source != NULL)
		source_feed_flush(t->source);
	if (listener != NULL)
		source_feed_flush(listener);
}

int
wiretap_open(struct wiretap *t, const struct lab *lab,
    const struct wiretap_ear *ear, struct source **ret_source, struct err *err)
{
	struct wire_sink sink = {t, feed, flush};
	int rc = 0;

	*t = (struct wiretap){.wire = NULL};
	if (ear != NULL)
		t->ear = *ear;
	if (ret_source != NULL)
		rc = source_open_fed("wire", WIRE_LINK_TYPE, &t->source, err);
	if (rc == 0)
		rc = wire_new(lab->ports, lab->count, &sink, &t->wire, err);
	if (rc < 0) {
		source_close(t->source);
		return rc;
	}
	if (ret_source != NULL)
		*ret_source = t->source;
	return 0;
}

void
wiretap_close(struct wiretap *t)
{
	wire_free(t->wire);
	t->wire = NULL;
}

void
wiretap_listen(struct wiretap *t, struct source *s)
{
	atomic_store(&t->listener, s);
	/* The sink is called within a turn: another one has not seen the old. */
	wire_sync(t->wire);
}
