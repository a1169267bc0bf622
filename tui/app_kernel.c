/*
 * What the kernel says of both ends of the connections over the wire.
 */
#include "net/base/queue.h"
#include "tui/app.h"

#define SEEN_MAX 4096
/* Ends of the table that are asked about each time: 100 us. */
#define TABLE_ENDS_MAX 32

static void
push(void *arg, const struct tcp_seen *s)
{
	/* A full queue means that main is behind: it has enough to look at. */
	queue_push(arg, s);
}

static void
track(void *arg, const struct tcp_seen *s)
{
	tcp_track_feed(arg, s);
}

void
app_open_kernel_view(struct app *app)
{
	struct kernel_view *k = &app->kernel;
	struct err err;

	k->track = tcp_track_new();
	k->seen = queue_new(sizeof(struct tcp_seen), SEEN_MAX);
	if (k->track == NULL || k->seen == NULL ||
	    tcp_watch_new(&app->lab, push, k->seen, &k->of_wire, &err) < 0 ||
	    tcp_watch_new(&app->lab, track, k->track, &k->of_main, &err) < 0)
		app_close_kernel_view(app);
}

void
app_close_kernel_view(struct app *app)
{
	struct kernel_view *k = &app->kernel;

	tcp_watch_free(k->of_wire);
	tcp_watch_free(k->of_main);
	queue_free(k->seen);
	tcp_track_free(k->track);
	*k = (struct kernel_view){.track = NULL};
}

void
app_kernel_packet(struct kernel_view *k, const struct packet *p)
{
	if (k->of_wire != NULL)
		tcp_watch_packet(k->of_wire, p->data, p->cap_len);
}

void
app_drain_kernel_view(struct app *app)
{
	static struct tcp_seen seen[64];
	struct kernel_view *k = &app->kernel;
	size_t n;

	if (k->seen == NULL)
		return;
	do {
		n = queue_pop(k->seen, seen, 64);
		for (size_t i = 0; i < n; i++)
			tcp_track_feed(k->track, &seen[i]);
	} while (n == 64);
}

/* The calls that change a state by themselves. */
void
app_kernel_call(struct app *app, const struct call *c)
{
	struct kernel_view *k = &app->kernel;

	if (k->of_main == NULL ||
	    (c->kind != CALL_CONNECT && c->kind != CALL_SHUTDOWN &&
		c->kind != CALL_CLOSE))
		return;
	app_drain_kernel_view(app); /* in the order of time */
	tcp_watch_ends(k->of_main, &c->local, &c->peer);
}

/* What time alone has changed: a time-out, a SYN that waits. */
void
app_kernel_table(struct app *app)
{
	struct kernel_view *k = &app->kernel;
	int asked = 0;

	if (k->of_main == NULL)
		return;
	app_drain_kernel_view(app);
	for (size_t i = 0;
	     i < socktab_count(app->sockets) && asked < TABLE_ENDS_MAX; i++) {
		const struct sockrow *row = socktab_row(app->sockets, i);

		if (row->transport != TRANSPORT_TCP || row->peer.len == 0)
			continue;
		tcp_watch_end(k->of_main, &row->local, &row->peer);
		asked++;
	}
}
