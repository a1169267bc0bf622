#include "capture/source.h"

#include "capture/source_impl.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * The link types whose number in files is not the number on this system; all
 * others are the same. Source: https://www.tcpdump.org/linktypes.html and the
 * DLT_ values of <pcap/dlt.h>.
 */
static const struct {
	int dlt;
	uint16_t link_type;
} renumbered[] = {
    {DLT_ATM_RFC1483, 100},
    {DLT_RAW, 101},
    {DLT_SLIP_BSDOS, 102},
    {DLT_PPP_BSDOS, 103},
    {DLT_ATM_CLIP, 106},
    {DLT_PFSYNC, 246},
};

uint16_t
source_link_type(int dlt)
{
	for (size_t i = 0; i < sizeof renumbered / sizeof *renumbered; i++)
		if (renumbered[i].dlt == dlt)
			return renumbered[i].link_type;
	return (uint16_t)dlt;
}

int
source_dlt(uint16_t link_type)
{
	for (size_t i = 0; i < sizeof renumbered / sizeof *renumbered; i++)
		if (renumbered[i].link_type == link_type)
			return renumbered[i].dlt;
	return link_type;
}

int
source_init(struct source *s, const struct source_ops *ops, const char *name,
    size_t queue_len, struct err *err)
{
	s->ops = ops;
	pthread_mutex_init(&s->lock, NULL);
	snprintf(s->status.name, sizeof s->status.name, "%s", name);
	s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	s->queue = queue_new(sizeof s->batch, queue_len);
	s->pool = batch_pool_new();
	if (s->wake_fd >= 0 && s->queue != NULL && s->pool != NULL)
		return 0;
	ops->free(s);
	return err_set(err, -EMFILE,
	    "no packets from %s: too many open files, or no memory", name);
}

void
source_done(struct source *s)
{
	struct batch *left;

	while ((left = s->queue != NULL ? source_pop(s) : NULL) != NULL)
		batch_free(left);
	batch_free(s->batch);
	batch_pool_free(s->pool);
	mapping_unref(s->home);
	if (s->pcap != NULL)
		pcap_close(s->pcap);
	filter_discard(s->program);
	queue_free(s->queue);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void *
capture_thread(void *arg)
{
	struct source *s = arg;

	s->ops->run(s);
	source_flush(s);
	batch_pool_free(s->pool);
	s->pool = NULL;
	pthread_mutex_lock(&s->lock);
	s->status.ended = true;
	pthread_mutex_unlock(&s->lock);
	queue_wake(s->queue);
	return NULL;
}

int
source_start(struct source *s, struct err *err)
{
	sigset_t all, before;
	int rc;

	/* Signals are for the threads that expect them. */
	sigfillset(&all);
	sigdelset(&all, SIGBUS); /* mapping_mend(); a fault kills if blocked */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&s->thread, NULL, capture_thread, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		return 0;
	err_set(err, -rc, "no packets from %s: no thread: %s", s->status.name,
	    strerror(rc));
	s->ops->free(s);
	return -rc;
}

void
source_wake(struct source *s)
{
	/* It fails only when the counter is full: readable anyway. */
	eventfd_write(s->wake_fd, 1);
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_mutex_unlock(&s->lock);
	queue_close(s->queue);
	source_wake(s);
	if (s->ops->run != NULL)
		pthread_join(s->thread, NULL);
	s->ops->free(s);
}

int
source_fd(const struct source *s)
{
	return queue_fd(s->queue);
}

bool
source_arm(struct source *s)
{
	return queue_arm(s->queue);
}

struct batch *
source_pop(struct source *s)
{
	struct batch *b;

	return queue_pop(s->queue, &b, 1) == 1 ? b : NULL;
}

void
source_status(struct source *s, struct source_status *ret)
{
	pthread_mutex_lock(&s->lock);
	*ret = s->status;
	pthread_mutex_unlock(&s->lock);
}

int
source_set_filter(struct source *s, const char *filter, struct err *err)
{
	if (s->ops->set_filter != NULL)
		return s->ops->set_filter(s, filter, err);
	return err_set(
	    err, -EOPNOTSUPP, "a file's filter is given when it is opened");
}

bool
source_stopping(struct source *s)
{
	bool stopping;

	pthread_mutex_lock(&s->lock);
	stopping = s->stopping;
	pthread_mutex_unlock(&s->lock);
	return stopping;
}

void
source_describe(struct source *s, uint16_t link_type)
{
	s->link_type = link_type;
	pthread_mutex_lock(&s->lock);
	s->status.link_type = s->link_type;
	pthread_mutex_unlock(&s->lock);
}

void
source_fail(struct source *s, const struct err *why)
{
	pthread_mutex_lock(&s->lock);
	if (s->status.error.text[0] == '\0')
		s->status.error = *why;
	pthread_mutex_unlock(&s->lock);
}

struct packet *
source_new_slot(struct source *s)
{
	if (!source_flush(s))
		return NULL;
	s->batch = batch_new(s->pool, s->home);
	return s->batch != NULL ? batch_slot(s->batch) : &s->spare;
}

bool
source_take_elsewhere(struct source *s)
{
	struct packet p;

	if (s->batch != NULL) {
		p = s->batch->packets[s->batch->count];
		return source_flush(s) && source_add(s, &p);
	}
	pthread_mutex_lock(&s->lock);
	s->status.queue_drops++;
	pthread_mutex_unlock(&s->lock);
	return true;
}

bool
source_add(struct source *s, const struct packet *p)
{
	struct packet *slot = source_slot(s);

	if (slot == NULL)
		return false;
	*slot = *p;
	return source_take(s);
}

bool
source_flush(struct source *s)
{
	struct batch *b = s->batch;
	uint64_t received;
	bool taken, whole;
	uint32_t n;

	if (b == NULL)
		return true;
	whole = batch_seal(b);
	n = b->count; /* the batch is main's once it is pushed */
	s->batch = NULL;
	if (n == 0) {
		batch_free(b);
		return whole;
	}
	/* Counted first: who has a packet finds it in the status. */
	pthread_mutex_lock(&s->lock);
	s->status.received += n;
	received = s->status.received;
	pthread_mutex_unlock(&s->lock);
	taken =
	    s->waits ? queue_push_wait(s->queue, &b) : queue_push(s->queue, &b);
	if (taken) {
		if (s->home != NULL)
			prefault_reach(mapping_prefault(s->home),
			    received + BATCH_PACKETS);
		return whole;
	}
	batch_free(b);
	pthread_mutex_lock(&s->lock);
	s->status.received -= n;
	s->status.queue_drops += n;
	pthread_mutex_unlock(&s->lock);
	return !s->waits;
}
