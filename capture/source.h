/*
 * capture/source.h - where packets come from: an interface or a file.
 *
 * A source runs in its own thread and hands over full batches. From an
 * interface nothing waits: a batch that does not fit into the queue is dropped
 * and counted. A file waits for room.
 *
 * Owns:   the libpcap handle and the thread.
 * Thread: main (the capture thread is inside).
 * Blocks: source_close() waits for the thread (at most some 100 ms).
 * Source: pcap(3PCAP), packet(7).
 */
#ifndef SOCKDECK_CAPTURE_SOURCE_H
#define SOCKDECK_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/batch.h"
#include "net/addr.h"
#include "net/base/err.h"

#define SOURCE_SNAPLEN 65600 /* a whole lo packet with its fake header */
#define SOURCE_NAME_MAX 256

struct source;

struct source_status {
	char name[SOURCE_NAME_MAX]; /* interface or file */
	bool live;
	bool ended; /* end of file, interface gone, or error */
	struct err error; /* why it ended; "" at a plain end of file */
	uint16_t link_type; /* LINKTYPE_; 1 for Ethernet */
	uint64_t received; /* packets handed over */
	uint64_t kernel_drops; /* lost in the kernel's buffer */
	uint64_t queue_drops; /* lost because main was behind */
};

/*
 * Open a network interface in the caller's network namespace and start.
 * filter: pcap syntax, or NULL. -EPERM: no CAP_NET_RAW; the sentence names the
 * two ways to get packets (the setcap line for this program, and --lab).
 */
int source_open_live(const char *interface, const char *filter,
    struct source **ret, struct err *err);

/* The same where little is to come: with a kernel buffer of 2 MB, not 32. */
int source_open_small(
    const char *interface, struct source **ret, struct err *err);

/*
 * Open a pcap or pcapng file, or "-" for standard input, and start. What can
 * keep its reader waiting (a pipe) is opened by the thread: errors of the
 * contents then come in source_status(), which has no link type before.
 */
int source_open_file(
    const char *path, const char *filter, struct source **ret, struct err *err);

/*
 * A source of packets that a thread of the caller's has: it feeds them, and
 * flushes when there are no more for now. That thread has ended before
 * source_close(). Otherwise it is a live source.
 */
int source_open_fed(
    const char *name, uint16_t link_type, struct source **ret, struct err *err);
/* That thread. Copies the packet. Never waits. */
void source_feed(struct source *s, const struct packet *p);
void source_feed_flush(struct source *s);

void source_close(struct source *s);

#define SOURCE_INTERFACE_NAME_MAX 16

struct source_interface {
	char name[SOURCE_INTERFACE_NAME_MAX];
	bool up, carrier, loopback;
	struct addr ip4, ip6; /* the first of each; len 0: none */
};

/* The interfaces of the caller's network namespace, in the kernel's order, for
 * a choice: beside them "any" stands for all. Returns how many were written. */
size_t source_interfaces(struct source_interface *ret, size_t max);
/* "Ethernet", "Linux cooked v2", "unknown link type" ...: of a LINKTYPE_. */
const char *source_link_name(uint16_t link_type);

/* Readable once a batch waits after source_arm() (see net/base/queue.h). */
int source_fd(const struct source *s);
bool source_arm(struct source *s);
/* The next batch, the caller's to batch_free(); NULL: none waits. */
struct batch *source_pop(struct source *s);
void source_status(struct source *s, struct source_status *ret);

/*
 * Change the capture filter ("" for none) of a live source; takes effect
 * within 10 ms. -EINVAL with libpcap's sentence: the old one stays.
 */
int source_set_filter(struct source *s, const char *filter, struct err *err);

#endif
