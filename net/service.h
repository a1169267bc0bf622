/*
 * net/service.h - what is said on a connection, without any I/O.
 *
 * A service is a small session machine: it is told what happened (a
 * connection opened, bytes came, the peer finished) and appends what is to be
 * answered to a buffer. How clients are looked after is the server model's
 * business (net/server.h); any service runs under any model.
 *
 * Owns:   a session's state, between service_open() and service_close().
 * Bounds: an answer grows to SERVICE_OUT_MAX; state per session is the
 *         service's own constant.
 * Thread: one at a time per session.  Blocks: never.
 */
#ifndef SOCKDECK_NET_SERVICE_H
#define SOCKDECK_NET_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"
#include "net/base/buf.h"

#define SERVICE_OUT_MAX (256 * 1024)

enum service_verdict {
	SERVICE_GO_ON, /* wait for more */
	SERVICE_CLOSE, /* send what is in out, then close */
};

struct service {
	const char *name; /* "echo" */
	const char *summary; /* "sends back whatever it receives" */
	uint16_t port; /* default, host order */
	bool stream, datagram;
	size_t state_size; /* bytes of state per session, zeroed at open */
	/* Each may be NULL: nothing to do. Answers are appended to out. */
	enum service_verdict (*on_open)(
	    void *state, const struct addr *peer, struct buf *out);
	enum service_verdict (*on_bytes)(
	    void *state, const uint8_t *data, size_t n, struct buf *out);
	enum service_verdict (*on_eof)(void *state, struct buf *out);
	void (*on_datagram)(void *state, const struct addr *from,
	    const uint8_t *data, size_t n, struct buf *out);
};

/* By name; NULL: unknown. */
const struct service *service_find(const char *name);
/* All of them, in the order of a menu; NULL past the last. */
const struct service *service_at(size_t i);

#endif
