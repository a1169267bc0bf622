/*
 * A source that a thread of the caller's feeds: the wire of the lab, which has
 * each packet in its hands and need not capture it.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "capture/filter.h"
#include "capture/source_impl.h"

/* A burst of 90,000 packets of full size; of few packets each, half a second. */
#define QUEUE_BATCHES 256

struct fed {
	struct source s;
	struct filter *filter; /* the feeding thread's; NULL: none */
	_Atomic(struct filter *) next; /* to take its place; NULL: none */
};

static struct fed *
fed_of(struct source *s)
{
	return (struct fed *)s;
}

static void
fed_free(struct source *s)
{
	filter_free(fed_of(s)->filter);
	filter_free(atomic_load(&fed_of(s)->next));
	source_done(s);
}

static int
fed_set_filter(struct source *s, const char *text, struct err *err)
{
	struct filter *f;
	int rc = filter_check(text, s->link_type, err);

	if (rc < 0)
		return rc;
	f = filter_new(text);
	if (f == NULL)
		return err_set(err, -ENOMEM, "no memory for a filter");
	filter_free(atomic_exchange(&fed_of(s)->next, f));
	return 0;
}

int
source_open_fed(
    const char *name, uint16_t link_type, struct source **ret, struct err *err)
{
	static const struct source_ops ops = {
	    .free = fed_free, .set_filter = fed_set_filter};
	struct fed *f = calloc(1, sizeof *f);
	int rc;

	if (f == NULL)
		return err_set(err, -ENOMEM, "no memory for packets");
	rc = source_init(&f->s, &ops, name, QUEUE_BATCHES, err);
	if (rc < 0)
		return rc;
	f->s.status.live = true;
	source_describe(&f->s, link_type);
	*ret = &f->s;
	return 0;
}

void
source_feed(struct source *s, const struct packet *p)
{
	struct fed *f = fed_of(s);

	if (atomic_load_explicit(&f->next, memory_order_relaxed) != NULL) {
		filter_free(f->filter);
		f->filter = atomic_exchange(&f->next, NULL);
	}
	if (f->filter == NULL || filter_match(f->filter, p))
		source_add(s, p);
}

void
source_feed_flush(struct source *s)
{
	source_flush(s);
}
