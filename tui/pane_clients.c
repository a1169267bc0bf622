/*
 * The clients of the server, a row each: who, since when, how much, and what
 * was said last. It takes the server pane's place (:clients).
 *
 * A row's id is the client's in the roster.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "tui/pane.h"

/* ---- what is known of a client ---- */

/* Its socket, if that is on this machine. */
static const struct sockrow *
far_end(const struct view *v, const struct roster_row *k)
{
	if (k->type == SOCK_STREAM)
		return socktab_find(
		    v->sockets, TRANSPORT_TCP, &k->peer, &k->local);
	if (!addr_is_loopback(&k->peer))
		return NULL;
	return socktab_listener(v->sockets, TRANSPORT_UDP, addr_port(&k->peer));
}

/* Its process if it is local, its host's name if that was found out. */
static void
name_text(
    char dst[NAMES_TEXT_MAX], const struct view *v, const struct roster_row *k)
{
	const struct sockrow *row = far_end(v, k);
	const struct proc_holder *h =
	    row != NULL && v->outside != NULL
		? outside_holder(v->outside, row->inode)
		: NULL;

	if (k->name[0] != '\0')
		snprintf(dst, NAMES_TEXT_MAX, "%s", k->name);
	else if (h != NULL)
		snprintf(dst, NAMES_TEXT_MAX, "%s %d", h->name, (int)h->pid);
	else
		names_get(v->names, &k->peer, dst);
}

static const char *
state_text(const struct view *v, const struct roster_row *k)
{
	const struct sockrow *row;

	if (k->left_ns != 0)
		return "closed";
	if (k->type == SOCK_DGRAM)
		return "no connection";
	row = socktab_find(v->sockets, TRANSPORT_TCP, &k->local, &k->peer);
	return row != NULL   ? tcp_state_name(row->state)
	       : k->finished ? "it has finished"
			     : "connected";
}

static void
peer_text(char dst[ADDR_TEXT_MAX], const struct roster_row *k)
{
	if (addr_format(dst, &k->peer)[0] == '\0' ||
	    k->peer.sa.sa_family == AF_UNIX)
		snprintf(dst, ADDR_TEXT_MAX, "unix #%" PRIu32, k->id);
}

static void
said_text(
    char *dst, size_t size, const struct view *v, const struct roster_row *k)
{
	size_t n;

	if (k->messages_in + k->messages_out == 0) {
		snprintf(dst, size, "nothing yet");
		return;
	}
	n = (size_t)snprintf(dst, size, "%s", k->said_by_server ? "→ " : "← ");
	if (v->deck->hex)
		text_hex(dst + n, size - n, k->said, k->said_len);
	else
		text_escape(dst + n, size - n, k->said, k->said_len);
	n = strlen(dst);
	if (k->said_total > k->said_len)
		snprintf(dst + n, size - n, "…");
}

/* ---- rows ---- */

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)pane;
	return roster_next(v->roster, (uint32_t)id);
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	(void)pane;
	return roster_prev(v->roster, (uint32_t)id);
}

/* ---- drawing ---- */

enum column {
	COL_ADDRESS,
	COL_NAME,
	COL_STATE,
	COL_SINCE,
	COL_IN,
	COL_OUT,
	COL_SAID,
	COL_COUNT
};

static const char *const column_name[COL_COUNT] = {
    "Client", "Name", "State", "Since", "In", "Out", "Last message"};

struct widths {
	int at[COL_COUNT + 1];
};

/* What has no room has width 0, and stands in the detail below. */
static struct widths
columns(int width)
{
	const int w[COL_COUNT] = {
	    [COL_ADDRESS] = 22,
	    [COL_NAME] = 15,
	    [COL_STATE] = width >= 88 ? 12 : 0,
	    [COL_SINCE] = width >= 74 ? 9 : 0,
	    [COL_IN] = 8,
	    [COL_OUT] = width >= 74 ? 8 : 0,
	};
	struct widths r = {{0}};

	for (int i = 0; i < COL_SAID; i++)
		r.at[i + 1] = r.at[i] + w[i];
	r.at[COL_COUNT] = width > r.at[COL_SAID] ? width : r.at[COL_SAID];
	return r;
}

/* Text of one column, not beyond the next one. */
static void
cell(struct canvas *c, struct area a, const struct widths *w, int column, int y,
    enum role role, const char *text)
{
	int end = w->at[column + 1] - (column < COL_SAID);

	if (w->at[column] == w->at[column + 1])
		return;
	if (end < a.w)
		a.w = end;
	if (column == COL_SINCE || column == COL_IN || column == COL_OUT)
		canvas_right(c, a, a.w, y, role, text);
	else
		canvas_text(c, a, w->at[column], y, role, text);
}

static void
draw_row(const struct view *v, struct canvas *c, struct area a,
    const struct widths *w, int y, const struct roster_row *k)
{
	bool here = k->left_ns == 0;
	enum role role = here ? ROLE_TEXT : ROLE_DIM;
	char text[4 * ROSTER_SAID_MAX + ADDR_TEXT_MAX];

	peer_text(text, k);
	cell(c, a, w, COL_ADDRESS, y, here ? ROLE_GOOD : ROLE_DIM, text);
	name_text(text, v, k);
	cell(c, a, w, COL_NAME, y, role, text);
	cell(c, a, w, COL_STATE, y, here ? ROLE_STATE : ROLE_DIM,
	    state_text(v, k));
	cell(c, a, w, COL_SINCE, y, ROLE_DIM,
	    text_since(text, k->since_ns - v->start_ns));
	cell(c, a, w, COL_IN, y, here ? ROLE_NUMBER : ROLE_DIM,
	    text_size(text, k->received));
	cell(c, a, w, COL_OUT, y, here ? ROLE_NUMBER : ROLE_DIM,
	    text_size(text, k->sent));
	said_text(text, sizeof text, v, k);
	cell(c, a, w, COL_SAID, y,
	    !here               ? ROLE_DIM
	    : k->said_by_server ? ROLE_SERVER
				: ROLE_CLIENT,
	    text);
}

/* Two lines on the selected client. */
static void
draw_detail(const struct view *v, struct canvas *c, struct area a,
    const struct roster_row *k)
{
	char in[TEXT_NUM_MAX], out[TEXT_NUM_MAX], span[TEXT_NUM_MAX];
	char said[4 * ROSTER_SAID_MAX + 16];
	int64_t until = k->left_ns != 0 ? k->left_ns : v->now_ns;

	text_span(span, (until - k->since_ns) / CLOCK_S * CLOCK_S);
	canvas_printf(c, a, 1, 0, ROLE_NOTE,
	    "%s, %s  in %" PRIu32 " msg %s  out %" PRIu32 " msg %s",
	    state_text(v, k), span, k->messages_in, text_size(in, k->received),
	    k->messages_out, text_size(out, k->sent));
	said_text(said, sizeof said, v, k);
	canvas_text(
	    c, a, 1, 1, k->said_by_server ? ROLE_SERVER : ROLE_CLIENT, said);
}

/* The client whose connection is selected in another pane. */
static bool
is_lit(const struct view *v, const struct roster_row *k)
{
	struct addr peer = addr_unmap(&k->peer);

	return v->deck->focus != PANE_SERVER &&
	       weave_lit_end(&v->weave, &v->deck->selected, &peer,
		   k->type == SOCK_STREAM ? PROTO_TCP : PROTO_UDP);
}

static void
clients_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct area body = a, head = area_top(&body, 1), detail = {0};
	struct widths w = columns(a.w);
	const struct roster_row *k;
	uint64_t id;

	for (int i = 0; i < COL_COUNT; i++)
		cell(c, head, &w, i, 0, ROLE_HEADING, column_name[i]);
	if (body.h >= 5)
		detail = area_bottom(&body, 2);
	pane_layout(pane, v, a, body);
	id = pane->list.top;
	if (id == 0)
		canvas_text(c, body, 1, 0, ROLE_NOTE,
		    "nobody has come yet: c connects the console's own client");
	for (int y = 0; y < body.h && id != 0; y++) {
		k = roster_get(v->roster, (uint32_t)id);
		draw_row(v, c, body, &w, y, k);
		if (k != NULL && is_lit(v, k))
			canvas_over(c, body, 0, y, body.w, ROLE_LIT);
		pane_draw_selected(pane, c, body, y, id);
		id = row_next(pane, v, id);
	}
	k = roster_get(v->roster, (uint32_t)pane->list.selected);
	if (detail.h > 0 && k != NULL)
		draw_detail(v, c, detail, k);
}

static void
clients_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct server_state *s = &v->deck->server;
	char addr[ADDR_TEXT_MAX];
	int n;

	(void)pane;
	if (s->state == RUN_NONE) {
		snprintf(dst, size, "Clients");
		return;
	}
	n = snprintf(dst, size, "Clients  %zu of %u at most",
	    roster_here(v->roster, s->group), s->spec.clients_max);
	if (n > 0 && (size_t)n < size && s->spec.idle_s > 0)
		n += snprintf(dst + n, size - (size_t)n, ", idle %u s at most",
		    s->spec.idle_s);
	if (n > 0 && (size_t)n < size)
		snprintf(dst + n, size - (size_t)n, "  %s %s",
		    s->spec.service->name, addr_format(addr, &s->local));
}

static uint64_t
clients_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return roster_gen(v->roster) + socktab_gen(v->sockets) +
	       names_gen(v->names) +
	       (v->outside != NULL ? outside_gen(v->outside) : 0) +
	       (uint64_t)(v->now_ns / CLOCK_S);
}

/* Its conversation, so that its packets and its socket are lit. */
static struct selection
clients_selected(const struct pane *pane, const struct view *v)
{
	const struct roster_row *k =
	    roster_get(v->roster, (uint32_t)pane->list.selected);

	if (k == NULL || pane->list.follow || k->type != SOCK_STREAM)
		return (struct selection){.kind = SELECTED_NONE};
	return (struct selection){
	    .kind = SELECTED_SOCKET,
	    .flow = weave_sock_flow(&v->weave, k->sock),
	};
}

static void
clients_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct roster_row *k = roster_get(v->roster, (uint32_t)id);
	char peer[ADDR_TEXT_MAX], name[NAMES_TEXT_MAX];
	char said[4 * ROSTER_SAID_MAX + 16];

	(void)pane;
	dst[0] = '\0';
	if (k == NULL)
		return;
	peer_text(peer, k);
	name_text(name, v, k);
	said_text(said, sizeof said, v, k);
	snprintf(dst, PANE_TEXT_MAX,
	    "%s %s %s in %" PRIu64 " out %" PRIu64 " %s", peer, name,
	    state_text(v, k), k->received, k->sent, said);
}

static void
clients_free(struct pane *pane)
{
	free(pane);
}

struct pane *
pane_clients_new(void)
{
	static const struct pane_ops ops = {
	    .gen = clients_gen,
	    .title = clients_title,
	    .draw = clients_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = clients_row_text,
	    .selected = clients_selected,
	    .free = clients_free,
	};
	struct pane *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->ops = &ops;
	list_init(&p->list);
	return p;
}
