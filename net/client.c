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

#define FILE_PIECE (64 * 1024)
#define REPEAT_SIZE_MAX (1024 * 1024)
#define ADDRESSES_MAX 8

/* ORDER_REPEAT under way: one message each time that no order waits. */
struct repeat {
	uint8_t *message; /* NULL: none under way */
	uint32_t size, count, done;
	int64_t every_ns, next_ns; /* next_ns: monotonic */
};

/* The writer's state. The reader has its own copies of spec and sock. */
struct client {
	struct client_spec spec;
	struct sock sock;
	bool connected;
	uint32_t reader; /* actor id; 0: none */
	struct repeat repeat;
};

struct reader {
	struct client_spec spec;
	struct sock sock; /* borrowed: the writer closes it, when this ended */
};

/* ---- the reader ---- */

static void
run_reader(struct actor *a, void *arg)
{
	struct reader *rd = arg;
	uint8_t data[CLIENT_RECV_SIZE];
	ssize_t n;

	do {
		n = call_recv(a, &rd->sock, data, sizeof data, 0);
		if (n > 0 && rd->spec.on_data != NULL)
			rd->spec.on_data(rd->spec.on_data_arg, data, (size_t)n);
		if (n < 0)
			advice_note(a, &rd->sock, CALL_RECV, (int)n, NULL);
	} while (n > 0 || n == -EINTR);
	if (n == 0)
		call_note(a, &rd->sock, 0,
		    "The peer will send nothing more. This side stays open "
		    "until it is closed, and may still send.");
	free(rd);
}

static int
start_reader(struct actor *a, struct client *c)
{
	struct reader *rd = malloc(sizeof *rd);
	struct actor_spec thread = {
	    .group = actor_group(a),
	    .side = SIDE_CLIENT,
	    .run = run_reader,
	    .arg = rd,
	};
	struct err err = {"no memory for the reading thread"};
	int r = -EAGAIN;

	if (rd != NULL) {
		*rd = (struct reader){c->spec, c->sock};
		r = actor_start(actor_engine(a), &thread, &c->reader, &err);
	}
	if (r < 0) {
		call_note(
		    a, &c->sock, r, "Nothing can be received: %s.", err.text);
		free(rd);
	}
	return r;
}

/* ---- connecting ---- */

static int
connect_socket(struct actor *a, struct client *c, const struct addr *addr)
{
	int r = call_connect(a, &c->sock, addr);

	if (r < 0) {
		advice_note(a, &c->sock, CALL_CONNECT, r, addr);
		return r;
	}
	c->connected = true;
	return start_reader(a, c);
}

static int
try_address(struct actor *a, struct client *c, const struct addr *addr)
{
	int r = call_socket(a, addr->sa.sa_family, SOCK_STREAM, 0, &c->sock);

	if (r < 0) {
		advice_note(a, NULL, CALL_SOCKET, r, NULL);
		return r;
	}
	r = connect_socket(a, c, addr);
	/* An interrupted connect() goes on, so its socket stays. */
	if (r < 0 && r != -EINTR)
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
	}
	for (int i = 0; i < count; i++) {
		c->spec.endpoint.addr = found[i];
		if (try_address(a, c, &found[i]) == 0 || c->sock.fd >= 0 ||
		    actor_stopping(a))
			break;
	}
}

/* ---- orders ---- */

static int
send_data(struct actor *a, struct client *c, const uint8_t *data, size_t n)
{
	int r = call_send_all(a, &c->sock, data, n);

	if (r < 0)
		advice_note(a, &c->sock, CALL_SEND, r, NULL);
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
		if (send_data(a, c, piece, (size_t)n) < 0)
			break;
	if (n < 0)
		call_note(a, &c->sock, -errno, "%.160s cannot be read: %s.",
		    path, strerrordesc_np(errno));
	free(piece);
	close(fd);
}

static void
stop_repeat(struct client *c)
{
	free(c->repeat.message);
	c->repeat = (struct repeat){0};
}

static void
start_repeat(struct actor *a, struct client *c, const struct order *o)
{
	stop_repeat(c);
	if (o->count == 0 || o->size == 0)
		return;
	if (o->size > REPEAT_SIZE_MAX) {
		call_note(a, &c->sock, -EINVAL,
		    "A repeated message has at most %d bytes; a longer one "
		    "can be sent from a file.",
		    REPEAT_SIZE_MAX);
		return;
	}
	c->repeat = (struct repeat){
	    .message = malloc(o->size),
	    .size = o->size,
	    .count = o->count,
	    .every_ns = o->every_ns,
	    .next_ns = clock_mono_ns(),
	};
	if (c->repeat.message == NULL)
		call_note(a, &c->sock, -ENOMEM, "No memory for a message.");
}

/* "message 17 abcdefgh...\n": each byte tells where in the message it is. */
static void
write_message(struct repeat *p)
{
	char head[32];
	int n = snprintf(head, sizeof head, "message %u ", p->done + 1);

	for (uint32_t i = 0; i < p->size; i++)
		p->message[i] = i < (uint32_t)n
				    ? (uint8_t)head[i]
				    : (uint8_t)('a' + (i - (uint32_t)n) % 26);
	p->message[p->size - 1] = '\n';
}

static void
send_repeated(struct actor *a, struct client *c)
{
	struct repeat *p = &c->repeat;
	int64_t now = clock_mono_ns();

	write_message(p);
	if (send_data(a, c, p->message, p->size) < 0 || ++p->done == p->count) {
		stop_repeat(c);
		return;
	}
	/* Keep the beat, but do not make up for what a slow peer delayed. */
	p->next_ns += p->every_ns;
	if (p->next_ns < now)
		p->next_ns = now;
}

/* How long to wait for an order: until a repeated message is due. */
static int64_t
order_timeout(const struct client *c)
{
	int64_t left;

	if (c->repeat.message == NULL)
		return -1;
	left = c->repeat.next_ns - clock_mono_ns();
	return left > 0 ? left : 0;
}

static void
shut_down(struct actor *a, struct client *c, int how)
{
	int r = call_shutdown(a, &c->sock, how);

	if (r < 0)
		advice_note(a, &c->sock, CALL_SHUTDOWN, r, NULL);
}

/* Carry out one order. False: it was the last one. */
static bool
carry_out(struct actor *a, struct client *c, const struct order *o)
{
	if (o->kind == ORDER_CLOSE)
		return false;
	/* After an interrupt: wait for the handshake that still goes on. */
	if (!c->connected) {
		int r = connect_socket(a, c, &c->spec.endpoint.addr);

		if (r < 0)
			return r == -EINTR;
	}
	switch (o->kind) {
	case ORDER_SEND:
		send_data(a, c, o->data, o->data_len);
		break;
	case ORDER_SEND_FILE:
		send_file(a, c, (const char *)o->data);
		break;
	case ORDER_REPEAT:
		start_repeat(a, c, o);
		break;
	case ORDER_SHUTDOWN:
		shut_down(a, c, o->how);
		break;
	case ORDER_CLOSE:
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
		int r = actor_wait_order(a, &o, order_timeout(c));

		if (r == -ECANCELED)
			break;
		if (r == 0) {
			more = carry_out(a, c, &o);
			free(o.data);
		} else if (r == -ETIMEDOUT) {
			send_repeated(a, c);
		} else if (c->repeat.message != NULL) {
			call_note(a, &c->sock, -EINTR,
			    "Repeating was interrupted after %u of %u.",
			    c->repeat.done, c->repeat.count);
			stop_repeat(c);
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
	stop_repeat(c);
	/*
	 * A close() under a blocked recv() sends no FIN: the kernel holds the
	 * socket until that call returns. So the reader goes first.
	 */
	if (c->reader != 0)
		actor_stop_and_wait(actor_engine(a), c->reader);
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

	if (transport_socktype(spec->endpoint.transport) != SOCK_STREAM)
		return err_set(err, -EPROTONOSUPPORT,
		    "a client cannot speak %s yet: use tcp or unix",
		    transport_name(spec->endpoint.transport));
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
