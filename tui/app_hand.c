/*
 * Sockets by hand: which one a word names, and what their calls tell.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app.h"

enum side
app_hand_side(struct app *app)
{
	struct deck *d = &app->deck;

	if (d->focus == PANE_SERVER)
		d->hand_side = SIDE_SERVER;
	else if (d->focus == PANE_CLIENT)
		d->hand_side = SIDE_CLIENT;
	return d->hand_side;
}

static bool
is_by_hand(const struct deck *d, const struct jsock *s)
{
	return s->group == d->hand[s->side].group;
}

/* The open socket with this descriptor. */
static const struct jsock *
find_fd(const struct app *app, int fd)
{
	const struct jsock *s;
	uint32_t it = 0;

	while ((s = journal_next_sock(app->journal, &it)) != NULL)
		if (s->fd == fd && !s->closed)
			return s;
	return NULL;
}

int
app_hand_find(struct app *app, const char *word, enum side *ret_side,
    uint32_t *ret_sock, struct err *err)
{
	const struct jsock *s;
	enum side side = app_hand_side(app);

	if (word == NULL || word[1] == '\0') {
		if (app->deck.hand[side].last == 0)
			return err_set(err, -EBADF,
			    "the %s pane has no socket by hand yet: :socket "
			    "makes one",
			    side == SIDE_SERVER ? "server" : "client");
		*ret_side = side;
		*ret_sock = app->deck.hand[side].last;
		return 0;
	}
	s = find_fd(app, atoi(word + 1));
	if (s == NULL)
		return err_set(err, -EBADF,
		    "no socket has the descriptor %s now: it was closed, or "
		    "never opened (EBADF)",
		    word + 1);
	if (!is_by_hand(&app->deck, s))
		return err_set(err, -EBUSY,
		    "descriptor %s belongs to the running %s: only sockets "
		    "made by hand take calls",
		    word + 1, s->side == SIDE_SERVER ? "server" : "client");
	*ret_side = (enum side)s->side;
	*ret_sock = s->id;
	return 0;
}

/* ---- the session "by hand" of the client pane ---- */

/* Show it; make it if there is none. */
static int
show_session(struct app *app, struct err *err)
{
	struct deck *d = &app->deck;
	uint32_t group = d->hand[SIDE_CLIENT].group;
	struct session_state *s = NULL;

	for (int i = 0; i < d->session_count; i++)
		if (d->sessions[i].by_hand) {
			s = &d->sessions[i];
			d->session = i;
		}
	if (s == NULL)
		s = app_new_session(app);
	if (s == NULL)
		return err_set(err, -EMFILE,
		    "%d sessions are open already: close one (k)",
		    SESSIONS_MAX);
	*s = (struct session_state){
	    .by_hand = true, .group = group, .state = RUN_UP};
	return 0;
}

/* The group of that side's sockets, and a place where they are seen. */
static int
prepare_side(struct app *app, enum side side, struct err *err)
{
	struct hand_state *h = &app->deck.hand[side];

	if (h->group == 0)
		h->group = engine_group(app->engine);
	app->deck.gen++;
	return side == SIDE_CLIENT ? show_session(app, err) : 0;
}

int
app_hand_socket(struct app *app, struct hand_call *c, struct err *err)
{
	enum side side = app_hand_side(app);
	struct hand_state *h = &app->deck.hand[side];
	int rc = prepare_side(app, side, err);

	if (rc < 0) {
		free(c);
		return rc;
	}
	app_visit(app, app_side_host(app, side, c->domain));
	rc = hand_socket(app->engine, h->group, side, c, &h->last, err);
	app_return(app);
	return rc;
}

int
app_hand_look_up(struct app *app, struct hand_call *c, struct err *err)
{
	enum side side = app_hand_side(app);
	int rc = prepare_side(app, side, err);

	if (rc < 0) {
		free(c);
		return rc;
	}
	app_visit(app, app_side_host(app, side, AF_INET));
	rc = hand_getaddrinfo(
	    app->engine, app->deck.hand[side].group, side, c, err);
	app_return(app);
	return rc;
}

/* The call that this socket is in. */
static const struct call *
call_under_way(const struct app *app, uint32_t sock)
{
	const struct call *c;

	for (uint32_t i = 0; (c = journal_running_at(app->journal, i)) != NULL;
	     i++)
		if (c->sock == sock)
			return c;
	return NULL;
}

int
app_hand_call(struct app *app, enum side side, uint32_t sock,
    struct hand_call *c, struct err *err)
{
	const struct call *before = call_under_way(app, sock);
	int rc =
	    hand_call(app->engine, app->deck.hand[side].group, sock, c, err);

	if (rc == 0 && before != NULL)
		deck_say(&app->deck, false,
		    "this socket is in %s(): yours follows when that returns "
		    "(C-c interrupts it)",
		    call_verb((enum call_kind)before->kind));
	return rc;
}

bool
app_hand_interrupt(struct app *app)
{
	enum side side = app_hand_side(app);
	const struct hand_state *h = &app->deck.hand[side];
	const struct session_state *s = deck_session(&app->deck);
	const struct call *c, *newest = NULL;

	if (h->group == 0 ||
	    (side == SIDE_CLIENT && (s == NULL || !s->by_hand)))
		return false;
	for (uint32_t i = 0; (c = journal_running_at(app->journal, i)) != NULL;
	     i++)
		if (c->group == h->group &&
		    (newest == NULL || newest->sock != h->last))
			newest = c;
	if (newest == NULL)
		return false;
	engine_interrupt_one(app->engine, h->group, newest->sock);
	deck_say(&app->deck, false, "interrupted: %s() returns EINTR",
	    call_verb((enum call_kind)newest->kind));
	return true;
}

/* ---- what their calls tell ---- */

/* "." was closed or never came to be: now it is the newest open one. */
static void
choose_last(struct app *app, enum side side)
{
	struct hand_state *h = &app->deck.hand[side];
	const struct jsock *s;
	uint32_t it = 0;

	h->last = 0;
	while (
	    h->last == 0 && (s = journal_next_sock(app->journal, &it)) != NULL)
		if (s->group == h->group && !s->closed)
			h->last = s->id;
}

void
app_hand_watch(struct app *app, const struct call *c)
{
	struct hand_state *h = &app->deck.hand[c->side];

	if (c->phase != CALL_DONE)
		return;
	if (c->kind == CALL_ACCEPT && c->error == 0)
		h->last = (uint32_t)c->arg[0];
	else if (c->sock == h->last &&
		 (c->kind == CALL_CLOSE ||
		     (c->kind == CALL_SOCKET && c->error != 0)))
		choose_last(app, (enum side)c->side);
	if (c->kind == CALL_CONNECT && c->error != 0)
		app_explain_connect(app, c);
	app->deck.gen++;
}
