#include "net/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/advice.h"
#include "net/base/clock.h"
#include "net/client_impl.h"
#include "net/proto/rudp.h"
#include "net/rfcomm.h"

#define FILE_PIECE (64 * 1024)
#define ADDRESSES_MAX 8

/* ---- connecting ---- */

/* connect() has returned r. */
static int
connected(struct actor *a, struct client *c, const struct addr *addr, int r)
{
	if (r < 0) {
		advice_note(a, &c->sock, CALL_CONNECT, r, addr);
		return r;
	}
	c->open = true;
	client_read_start(a, c);
	return 0;
}

/*
 * A Unix datagram socket without a name cannot be answered. An address of no
 * more than its family asks the kernel for a free abstract one (unix(7)).
 */
static int
take_a_name(struct actor *a, struct client *c)
{
	struct addr any = {
	    .len = sizeof(sa_family_t), .sa = {.sa_family = AF_UNIX}};

	return call_bind(a, &c->sock, &any);
}

static int
open_socket(struct actor *a, struct client *c, const struct addr *addr)
{
	enum transport t = c->spec.endpoint.transport;
	int type = transport_socktype(t);
	int r = call_socket(
	    a, addr->sa.sa_family, type, transport_protocol(t), &c->sock);

	if (r < 0) {
		advice_note(a, NULL, CALL_SOCKET, r, addr);
		return r;
	}
	if (t == TRANSPORT_TCP && c->spec.congestion.len > 0)
		call_set_value(a, &c->sock, sockopt_find("TCP_CONGESTION"),
		    &c->spec.congestion);
	if (type == SOCK_DGRAM)
		actor_conn_opened(a, c->sock.id, c->sock.fd);
	if (type == SOCK_DGRAM && addr->sa.sa_family == AF_UNIX)
		take_a_name(a, c);
	if (type == SOCK_DGRAM && addr->sa.sa_family == AF_INET)
		call_setsockopt(a, &c->sock, IPPROTO_IP, IP_RECVERR, 1);
	if (type == SOCK_DGRAM && addr->sa.sa_family == AF_INET6)
		call_setsockopt(a, &c->sock, IPPROTO_IPV6, IPV6_RECVERR, 1);
	return 0;
}

static int
try_address(struct actor *a, struct client *c, const struct addr *addr)
{
	enum transport t = c->spec.endpoint.transport;
	unsigned tries = 0;
	int r;

	if (t == TRANSPORT_RUDP)
		return client_rudp_open(a, c);
	do {
		r = open_socket(a, c, addr);
		if (r < 0)
			return r;
		if (transport_socktype(t) == SOCK_DGRAM && !c->spec.connected) {
			c->sock.peer = *addr;
			c->open = true;
			return 0;
		}
		r = call_connect(a, &c->sock, addr);
	} while (rfcomm_again(a, &c->sock, r, &tries));
	r = connected(a, c, addr, r);
	/* An interrupted connect() of the internet's goes on, so its socket
	 * stays. */
	if (r < 0 && (r != -EINTR || t == TRANSPORT_RFCOMM))
		call_close(a, &c->sock);
	return r;
}

/* Try each address of a name until one answers; c->sock tells the outcome. */
static void
open_session(struct actor *a, struct client *c)
{
	struct addr found[ADDRESSES_MAX] = {c->spec.endpoint.addr};
	struct err err;
	int count = 1;

	if (found[0].len == 0) {
		count = call_getaddrinfo(
		    a, &c->spec.endpoint, found, ADDRESSES_MAX, &err);
		if (count < 0 && count != -ECANCELED)
			call_note(a, NULL, count, "%s.", err.text);
	} else if (rfcomm_find(a, &found[0]) < 0) {
		return;
	}
	for (int i = 0; i < count; i++) {
		c->spec.endpoint.addr = found[i];
		if (try_address(a, c, &found[i]) == 0 || c->sock.fd >= 0 ||
		    actor_stopping(a))
			break;
	}
}

/* ---- orders ---- */

int
client_send(struct actor *a, struct client *c, const uint8_t *data, size_t n)
{
	bool stream = c->sock.type == SOCK_STREAM;
	bool to = !stream && !c->spec.connected;
	int r;

	if (c->rudp != NULL)
		return client_rudp_send(a, c, data, n);
	if (stream)
		r = call_send_all(a, &c->sock, data, n);
	else if (to)
		r = (int)call_sendto(a, &c->sock, data, n, 0, &c->sock.peer);
	else
		r = (int)call_send(a, &c->sock, data, n, 0);
	if (r < 0)
		advice_note(a, &c->sock, to ? CALL_SENDTO : CALL_SEND, r,
		    &c->sock.peer);
	else
		client_read_start(a, c);
	return r < 0 ? r : 0;
}

/* Part of a stream, in messages of reliable UDP as long as they may be. */
static int
send_stream(struct actor *a, struct client *c, const uint8_t *data, size_t n)
{
	int r = 0;

	if (c->rudp == NULL)
		return client_send(a, c, data, n);
	while (r == 0 && n > 0) {
		size_t piece = n < RUDP_MESSAGE_MAX ? n : RUDP_MESSAGE_MAX;

		r = client_send(a, c, data, piece);
		data += piece;
		n -= piece;
	}
	return r;
}

/* O_NONBLOCK: a FIFO would wait for its writer, where no signal ends it. */
static int
open_file(struct actor *a, const struct client *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0) {
		call_note(a, &c->sock, -errno, "%.160s cannot be opened: %s.",
		    path, strerrordesc_np(errno));
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	call_note(a, &c->sock, -EINVAL,
	    "%.160s is no regular file: only those can be sent.", path);
	close(fd);
	return -1;
}

static void
send_file(struct actor *a, struct client *c, const char *path)
{
	int fd = open_file(a, c, path);
	uint8_t *piece;
	ssize_t n;

	if (fd < 0)
		return;
	piece = malloc(FILE_PIECE);
	if (piece == NULL) {
		call_note(a, &c->sock, -ENOMEM, "No memory to read a file.");
		close(fd);
		return;
	}
	while ((n = read(fd, piece, FILE_PIECE)) > 0)
		if (send_stream(a, c, piece, (size_t)n) < 0)
			break;
	if (n < 0)
		call_note(a, &c->sock, -errno, "%.160s cannot be read: %s.",
		    path, strerrordesc_np(errno));
	free(piece);
	close(fd);
}

static void
shut_down(struct actor *a, struct client *c, int how)
{
	int r;

	if (c->rudp != NULL) {
		client_rudp_shutdown(c);
		return;
	}
	r = call_shutdown(a, &c->sock, how);
	if (r < 0)
		advice_note(a, &c->sock, CALL_SHUTDOWN, r, NULL);
	else if (c->sock.domain == AF_BLUETOOTH)
		call_note(a, &c->sock, 0,
		    "RFCOMM has no half-close: whichever direction was meant, "
		    "DISC has ended both, and what was on its way is lost.");
}

/*
 * SO_RCVTIMEO and SO_SNDTIMEO, what Python's settimeout() is to a program. A
 * recv() under way would not learn of it, so it is interrupted first.
 */
static void
set_timeout(struct actor *a, struct client *c, int64_t ns)
{
	bool reading = atomic_load(&c->reading);

	client_read_stop(a, c);
	call_set_timeout(a, &c->sock, "SO_RCVTIMEO", ns);
	call_set_timeout(a, &c->sock, "SO_SNDTIMEO", ns);
	if (reading)
		client_read_start(a, c);
}

/* Carry out one order. False: it was the last one. */
static bool
carry_out(struct actor *a, struct client *c, const struct order *o)
{
	if (o->kind == ORDER_CLOSE)
		return false;
	/* After an interrupt: wait for the handshake that still goes on. */
	if (!c->open) {
		const struct addr *to = &c->spec.endpoint.addr;
		int r = c->rudp != NULL ? client_rudp_establish(a, c)
					: connected(a, c, to,
					      call_connect(a, &c->sock, to));

		if (r < 0)
			return r == -EINTR;
	}
	switch (o->kind) {
	case ORDER_SEND:
		if (o->listener != NULL)
			atomic_store(&c->listener, o->listener);
		if (o->stream)
			send_stream(a, c, o->data, o->data_len);
		else
			client_send(a, c, o->data, o->data_len);
		break;
	case ORDER_SEND_FILE:
		send_file(a, c, (const char *)o->data);
		break;
	case ORDER_TALK:
		talking_start(a, c, o);
		break;
	case ORDER_PERIOD:
		talking_set_period(c, o->every_ns);
		break;
	case ORDER_SHUTDOWN:
		shut_down(a, c, o->how);
		break;
	case ORDER_TIMEOUT:
		set_timeout(a, c, o->every_ns);
		break;
	case ORDER_CLOSE:
	case ORDER_HAND:
		break;
	}
	return true;
}

static void
take_orders(struct actor *a, struct client *c)
{
	bool more = true;

	while (more) {
		struct order o;
		int64_t limit = talking_timeout(c);
		int r = c->rudp != NULL
			    ? client_rudp_wait_order(a, c, &o, limit)
			    : actor_wait_order(a, &o, limit);

		if (r == -ECANCELED)
			break;
		if (r == 0) {
			more = carry_out(a, c, &o);
			free(o.data);
		} else if (r == -ETIMEDOUT) {
			talking_step(a, c);
		} else if (c->talking.talk.talker != NULL) {
			talking_interrupt(a, c);
		}
	}
}

static void
run_writer(struct actor *a, void *arg)
{
	struct client *c = arg;

	/* An interrupted connect() leaves a socket to take orders for, too. */
	open_session(a, c);
	if (c->sock.fd >= 0)
		take_orders(a, c);
	talking_stop(c);
	/*
	 * A close() under a blocked recv() sends no FIN: the kernel holds the
	 * socket until that call returns. So the reader goes first.
	 */
	client_read_stop(a, c);
	client_rudp_close(a, c);
	hearing_done(&c->hearing);
	call_close(a, &c->sock);
	free(c);
}

int
client_start(struct engine *e, const struct client_spec *spec,
    uint32_t *ret_group, struct err *err)
{
	struct actor_spec thread = {
	    .group = engine_group(e),
	    .side = SIDE_CLIENT,
	    .takes_orders = true,
	    .run = run_writer,
	};
	struct client *c;
	int r;

	c = malloc(sizeof *c);
	if (c == NULL)
		return err_set(err, -ENOMEM, "no memory for a client");
	*c = (struct client){.spec = *spec, .sock = SOCK_NONE};
	thread.arg = c;
	r = actor_start(e, &thread, NULL, err);
	if (r < 0) {
		free(c);
		return r;
	}
	*ret_group = thread.group;
	return 0;
}
