/*
 * net/server_impl.h - what the server models share. For net/server*.c only.
 */
#ifndef SOCKDECK_NET_SERVER_IMPL_H
#define SOCKDECK_NET_SERVER_IMPL_H

#include <stdatomic.h>

#include "net/server.h"

/* What all threads of one server see: read-only, but for the counters. */
struct server {
	struct server_spec spec;
	atomic_uint holders; /* threads; the last one frees it */
	atomic_uint clients; /* connections being looked after */
	int record; /* keeps a Bluetooth server's SDP record; or -1 */
};

void server_drop(struct server *sv);
/* A thread for one client, or the sentence why not (*told: said already). */
int server_thread(struct actor *a, struct server *sv,
    void (*run)(struct actor *a, void *arg), void *arg, struct err *err);

/* Take a client in, or turn it away because the limit is reached (a note says
 * so and its socket is closed). server_release() when it is gone. */
bool server_admit(struct actor *a, struct server *sv, struct sock *client);
void server_release(struct server *sv);

/*
 * accept() until it fails for good.
 *   serve  looks after one client and closes it
 */
void server_accept_loop(struct actor *a, struct server *sv, struct sock *s,
    void (*serve)(struct actor *a, struct server *sv, struct sock *client));
/*
 * What becomes of a listener whose accept() failed with -errno: it rests where
 * the system has run out of something that others may give back. Explained,
 * a shortage once (*told).
 */
enum server_listener { SERVER_ENDS, SERVER_GOES_ON, SERVER_RESTS };
enum server_listener server_accept_failed(
    struct actor *a, struct sock *s, int error, bool *told);

/* The note about a client that has reached idle_s. */
void server_say_idle(
    struct actor *a, const struct server *sv, const struct sock *s);

/* The note and the reports that a session left, into the record. */
void server_say(struct actor *a, const struct sock *s, struct session *n);
/* Is the answer within SERVICE_OUT_MAX? Else -EMSGSIZE and a note. */
int server_answer_fits(
    struct actor *a, const struct sock *s, const struct session *n);

/* The models, each from an open socket until the server is stopped. */
void server_iterative(struct actor *a, struct server *sv, struct sock *s);
void server_threaded(struct actor *a, struct server *sv, struct sock *s);
void server_event(struct actor *a, struct server *sv, struct sock *s);
void server_datagrams(struct actor *a, struct server *sv, struct sock *s);
void server_rudp(struct actor *a, struct server *sv, struct sock *s);

#endif
