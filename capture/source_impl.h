/*
 * capture/source_impl.h - what the kinds of sources share. Not for others.
 *
 * A kind embeds struct source first and gives two functions. run() is the
 * thread: it adds packets, flushes when it would wait, and returns when the
 * packets have ended or source_stopping() says so. NULL: a thread of the user's
 * does the same.
 *
 * Owns:   what its members own.
 * Thread: says each function; lock guards what stands below it.
 */
#ifndef SOCKDECK_CAPTURE_SOURCE_IMPL_H
#define SOCKDECK_CAPTURE_SOURCE_IMPL_H

#include <pthread.h>

#include "capture/batch.h"
#include "capture/reader.h"
#include "capture/source.h"
#include "net/base/queue.h"

struct bpf_program;
struct pcap;
struct source;

/* Longer packets are cut. */
#define SOURCE_CAP_MAX READER_CAP_MAX

struct source_ops {
	void (*run)(struct source *s); /* in the capture thread */
	void (*free)(struct source *s); /* the thread has ended or never was */
	/* NULL, or: another filter for what comes; main */
	int (*set_filter)(struct source *s, const char *text, struct err *err);
};

struct source {
	const struct source_ops *ops;
	struct pcap *pcap;
	struct queue *queue;
	struct batch_pool *pool;
	struct batch *batch; /* being filled by the thread; or NULL */
	struct packet
	    spare; /* the slot, where there is no memory for a batch */
	struct mapping *home; /* of all packets; NULL: they are copied */
	int wake_fd; /* readable: look at stopping and program */
	bool waits; /* for room in the queue; else drops */
	pthread_t thread;
	uint16_t link_type;

	pthread_mutex_t lock;
	bool stopping;
	struct bpf_program *program; /* to be installed; or NULL */
	struct source_status status;
};

/* Main thread. After a failure of either, ops->free() has run. */
int source_init(struct source *s, const struct source_ops *ops,
    const char *name, size_t queue_len, struct err *err);
int source_start(struct source *s, struct err *err);
/* Release the shared members and s itself; ends every ops->free(). */
void source_done(struct source *s);

/* Capture thread. False: stop: nobody takes packets any more, or the home has
 * become shorter (main gets none that was in what it has lost). Where there is
 * a home the packet lies in it. */
bool source_add(struct source *s, const struct packet *p);
bool source_flush(struct source *s);
/* The rare cases of the two that follow, not for others. */
struct packet *source_new_slot(struct source *s);
bool source_take_elsewhere(struct source *s);
/* The same for who writes a packet where it is to be: first the place, NULL for
 * stop, then, if there is one to be added, source_take(). */
static inline struct packet *
source_slot(struct source *s)
{
	struct packet *slot = s->batch != NULL ? batch_slot(s->batch) : NULL;

	return slot != NULL ? slot : source_new_slot(s);
}
static inline bool
source_take(struct source *s)
{
	return (s->batch != NULL && batch_take(s->batch)) ||
	       source_take_elsewhere(s);
}
/* Once the link type is known: that of the first interface. */
void source_describe(struct source *s, uint16_t link_type);
/* Why the packets end; the first reason stays. */
void source_fail(struct source *s, const struct err *why);

/* Any thread. */
bool source_stopping(struct source *s);
void source_wake(struct source *s); /* makes wake_fd readable */

/* libpcap, loaded at the first call; ask before anything is opened with it.
 * -ENOENT: it is not installed. Any thread. */
int source_libpcap(struct err *err);

/* pcap's DLT_ numbers of this system and the LINKTYPE_ numbers of files. */
uint16_t source_link_type(int dlt);
int source_dlt(uint16_t link_type);

/*
 * A filter's program for this handle, to be released with filter_discard().
 * -EINVAL with libpcap's sentence, -ENOMEM.
 */
int filter_compile(struct pcap *p, const char *text, struct bpf_program **ret,
    struct err *err);
void filter_discard(struct bpf_program *program); /* takes NULL */

#endif
