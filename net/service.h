/*
 * net/service.h - what is said on a connection, without any I/O of sockets.
 *
 * A service is a small session machine: it is told what happened (a
 * connection opened, bytes came, the peer finished, its answer is sent) and
 * appends what is to be answered to the session's buffer. How clients are
 * looked after is the server model's business (net/server.h); any service
 * runs under any model, over any transport that fits.
 *
 * Owns:   a session's state, between session_open() and session_close().
 * Bounds: an answer grows to SERVICE_OUT_MAX; state per session is the
 *         service's own constant.
 * Thread: one at a time per session.  Blocks: never (a file that http serves
 *         is read from the disk, a piece at a time).
 */
#ifndef SOCKDECK_NET_SERVICE_H
#define SOCKDECK_NET_SERVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"
#include "net/base/buf.h"

#define SERVICE_OUT_MAX (256 * 1024)
#define SERVICE_NOTE_MAX 256 /* CALL_DATA_MAX: it becomes a CALL_NOTE */
#define SERVICE_ROOT_MAX 512
#define SERVICE_FORMAT_MAX 128
#define SERVICE_RECORD_MAX 8192 /* bytes of such a format */
#define SERVICE_REPORTS_MAX (64 * 1024)

enum service_verdict {
	SERVICE_GO_ON, /* send what is in out, wait for more */
	SERVICE_MORE, /* send what is in out, then ask on_room() for more */
	SERVICE_CLOSE, /* send what is in out, then close */
};

/* What a user may choose about a service. */
struct service_options {
	char root[SERVICE_ROOT_MAX]; /* http: the directory; "": a page */
	char format[SERVICE_FORMAT_MAX]; /* struct: what is agreed; "": !d */
	uint16_t period_ms; /* telemetry: what clients are told; 0: nothing */
	/* The same while the server runs, main's to change; NULL: as above. */
	const atomic_uint *period_now;
	/* thermal: the simulated room, its frames a second; 0: the usual ones;
	 * or a recording (net/thermal_file.h) to play, "": none */
	uint64_t seed;
	unsigned rate;
	char play[SERVICE_ROOT_MAX];
	int64_t (*clock)(void); /* nanoseconds; NULL: clock_mono_ns() */
};

/* One client of a service. */
struct session {
	const struct service *service;
	const struct service_options *options; /* borrowed */
	void *state; /* service->state_size bytes, zero at first */
	struct addr local, peer;
	struct buf out; /* the answer */
	size_t
	    out_cut; /* over datagrams it goes in pieces of this; 0: as one */
	/* A lesson for the user, in its place among the calls; "" for none. */
	char note[SERVICE_NOTE_MAX];
	bool note_bad; /* it is about something that went wrong */
	struct buf reports; /* see session_report() */
};

struct service {
	const char *name; /* "echo" */
	const char *summary; /* "sends back whatever it receives" */
	uint16_t port; /* default, host order */
	size_t state_size;
	/* Streams. Each may be NULL: nothing to do, SERVICE_GO_ON. */
	enum service_verdict (*on_open)(struct session *n);
	enum service_verdict (*on_bytes)(
	    struct session *n, const uint8_t *data, size_t len);
	void (*on_eof)(struct session *n); /* last words; it closes then */
	/* After SERVICE_MORE, once out is sent and empty. */
	enum service_verdict (*on_room)(struct session *n);
	void (*on_close)(struct session *n); /* state goes: release it */
	/* Datagrams; NULL: not over those. False: no answer. */
	bool (*on_datagram)(struct session *n, const uint8_t *data, size_t len);
	bool stream; /* serves streams */
	bool nodelay; /* answers in several sends: wants TCP_NODELAY */
};

/* By name; NULL: unknown. */
const struct service *service_find(const char *name);
/* All of them, in the order of a menu; NULL past the last. */
const struct service *service_at(size_t i);
#define SERVICE_NAMES_MAX 256
/* "echo, greet, ...": for a sentence about an unknown name. */
const char *service_names(char dst[SERVICE_NAMES_MAX]);
/* Does it go over this transport? */
bool service_fits(const struct service *s, enum transport t);

/* 0 or -ENOMEM. service and options are borrowed until session_close(). */
int session_open(struct session *n, const struct service *service,
    const struct service_options *options, const struct addr *local,
    const struct addr *peer);
void session_close(struct session *n);
/* A lesson or a refusal in place of an earlier one; at most one a step. */
void session_note(struct session *n, bool bad, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * For the service's model in the main thread, as one CALL_REPORT: at most
 * CALL_DATA_MAX bytes, whose meaning the two of them know. A report may be lost
 * (a full queue loses records), so it tells sums and not only what is new.
 */
void session_report(struct session *n, const void *data, size_t len);
/* Take the next report off, from *at on: its bytes, NULL after the last. */
const uint8_t *session_next_report(
    const struct session *n, size_t *at, size_t *ret_len);

/* Tell it what happened; a step that the service does not know goes on. */
enum service_verdict session_start(struct session *n);
enum service_verdict session_bytes(
    struct session *n, const uint8_t *data, size_t len);
enum service_verdict session_eof(struct session *n);
enum service_verdict session_room(struct session *n);

#endif
