/*
 * The socket table: one row a socket, so that the two ends of a connection on
 * this machine are seen as the two sockets that they are.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/trace_link.h"
#include "tui/pane.h"

#define FLASH_NS (3 * CLOCK_S / 2)

struct pane_sockets {
	struct pane pane;
	/* Row ids are places in `order` plus 1. */
	uint64_t cookie; /* the selected socket; 0: none */
	uint32_t *order; /* rows of the table in display order */
	size_t count, cap;
	const struct socktab *table; /* that order was made from */
	uint64_t gen;
	int sort;
	bool reverse;
};

/* ---- columns ---- */

enum column {
	COL_STATE,
	COL_RECVQ,
	COL_SENDQ,
	COL_LOCAL,
	COL_PEER,
	COL_PROCESS,
	COL_COUNT
};

_Static_assert(COL_COUNT == PANE_SOCKETS_COLUMNS, "sort walks the columns");

static const char *const column_name[COL_COUNT] = {
    "State", "RecvQ", "SendQ", "Local", "Peer", "Process"};

struct widths {
	int at[COL_COUNT + 1];
};

static struct widths
columns(int width)
{
	int address = width >= 88 ? 24 : width >= 62 ? 20 : 16;
	const int w[COL_COUNT] = {14, 6, 6, address, address, 0};
	struct widths r = {{0}};

	for (int i = 0; i < COL_PROCESS; i++)
		r.at[i + 1] = r.at[i] + w[i];
	r.at[COL_COUNT] = width;
	return r;
}

static const char *
port_name(const struct sockrow *row, uint16_t port)
{
	static const struct {
		uint16_t port;
		const char *name;
	} known[] = {
	    {7, "echo"},
	    {9, "discard"},
	    {13, "daytime"},
	    {19, "chargen"},
	    {21, "ftp"},
	    {22, "ssh"},
	    {23, "telnet"},
	    {25, "smtp"},
	    {53, "domain"},
	    {67, "bootps"},
	    {68, "bootpc"},
	    {80, "http"},
	    {110, "pop3"},
	    {123, "ntp"},
	    {143, "imap2"},
	    {443, "https"},
	    {631, "ipp"},
	    {853, "domain-s"},
	    {993, "imaps"},
	    {3306, "mysql"},
	    {5353, "mdns"},
	    {5432, "postgresql"},
	    {6379, "redis"},
	    {8080, "http-alt"},
	};

	if (row->transport != TRANSPORT_TCP && row->transport != TRANSPORT_UDP)
		return NULL;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].port == port)
			return known[i].name;
	return NULL;
}

/* "127.0.0.1:http", "*:7000", "*"; a name only if all of it has room. */
static void
address_text(char *dst, size_t size, const struct sockrow *row,
    const struct addr *a, int cells)
{
	char host[ADDR_TEXT_MAX];
	const char *name = port_name(row, addr_port(a));
	struct addr plain = addr_unmap(a);

	if (a->len != 0 && a->sa.sa_family == AF_BLUETOOTH) {
		addr_format(host, a);
		if (a == &row->local && row->psm != 0)
			snprintf(dst, size, "%.100s psm %u", host, row->psm);
		else
			snprintf(dst, size, "%s", host);
		return;
	}
	if (a->len == 0 || (a == &row->peer && addr_port(a) == 0)) {
		snprintf(dst, size, "*");
		return;
	}
	if (name == NULL && !addr_is_wildcard(&plain)) {
		addr_format(host, &plain);
		snprintf(dst, size, "%s", host);
		return;
	}
	addr_format_host(host, &plain);
	if (addr_is_wildcard(&plain))
		snprintf(host, sizeof host, "*");
	if (name != NULL && (int)(strlen(host) + 1 + strlen(name)) <= cells)
		snprintf(dst, size, "%s:%s", host, name);
	else
		snprintf(dst, size, "%s:%u", host, addr_port(a));
}

static void
state_text(
    char *dst, size_t size, const struct view *v, const struct sockrow *row)
{
	int64_t left =
	    (int64_t)row->timer_ms - (v->now_ns - row->seen_ns) / CLOCK_MS;

	if (row->state == TCPS_TIME_WAIT)
		snprintf(dst, size, "TIME-WAIT %" PRId64 "s",
		    left > 0 ? (left + 999) / 1000 : 0);
	else if (row->transport == TRANSPORT_TCP)
		snprintf(dst, size, "%s", tcp_state_name(row->state));
	else
		snprintf(dst, size, "%s%s", transport_name(row->transport),
		    row->state == TCPS_LISTEN        ? " LISTEN"
		    : row->state == TCPS_ESTABLISHED ? " conn."
		    : row->state == TCPS_SYN_SENT    ? " connect"
		    : row->state == TCPS_CLOSING     ? " closing"
						     : "");
}

/* Has this end sent its FIN? Without a holder, it was for a close(). */
static bool
is_closed_here(const struct sockrow *row)
{
	switch ((enum tcp_state)row->state) {
	case TCPS_FIN_WAIT_1:
	case TCPS_FIN_WAIT_2:
	case TCPS_CLOSING:
	case TCPS_LAST_ACK:
	case TCPS_TIME_WAIT:
		return true;
	case TCPS_NONE:
	case TCPS_ESTABLISHED:
	case TCPS_SYN_SENT:
	case TCPS_SYN_RECEIVED:
	case TCPS_CLOSED:
	case TCPS_CLOSE_WAIT:
	case TCPS_LISTEN:
	case TCPS_COUNT:
		break;
	}
	return false;
}

/* Who holds it; a socket of ours is named by its role. */
static void
process_text(
    char *dst, size_t size, const struct view *v, const struct sockrow *row)
{
	const struct proc_holder *h =
	    v->outside != NULL ? outside_holder(v->outside, row->inode) : NULL;
	const struct jsock *s =
	    journal_find_sock(v->journal, &row->local, &row->peer);
	char side[LAB_HOST_MAX + 8] = "";

	if (s != NULL)
		snprintf(side, sizeof side, " %s",
		    s->side == SIDE_SERVER ? "server" : "client");
	else if (v->lab->count > 1 && view_sockets(v) == v->sockets)
		snprintf(
		    side, sizeof side, " on %s", v->lab->ports[row->host].host);

	if (row->inode == 0)
		snprintf(dst, size, "%s",
		    is_closed_here(row) ? "the kernel: its program closed it"
					: "not accepted yet");
	else if (h == NULL)
		snprintf(dst, size, "user %u%s", row->uid, side);
	else
		snprintf(dst, size, "%s %d%s", h->name, (int)h->pid, side);
}

/* ---- order ---- */

static int
compare_column(const struct sockrow *a, const struct sockrow *b, int column)
{
	char x[ADDR_TEXT_MAX], y[ADDR_TEXT_MAX];

	switch (column) {
	case COL_RECVQ:
		return (a->rqueue < b->rqueue) - (a->rqueue > b->rqueue);
	case COL_SENDQ:
		return (a->wqueue < b->wqueue) - (a->wqueue > b->wqueue);
	case COL_LOCAL:
		return strcmp(
		    addr_format(x, &a->local), addr_format(y, &b->local));
	case COL_PEER:
		return strcmp(
		    addr_format(x, &a->peer), addr_format(y, &b->peer));
	case COL_PROCESS:
		return (a->inode > b->inode) - (a->inode < b->inode);
	default: /* the table's own order: LISTEN first, then by port */
		return 0;
	}
}

struct sort_ctx {
	const struct socktab *table;
	int column, sign;
};

static int
compare(const void *a, const void *b, void *arg)
{
	const uint32_t *x = a, *y = b;
	const struct sort_ctx *ctx = arg;
	int cmp = compare_column(socktab_row(ctx->table, *x),
	    socktab_row(ctx->table, *y), ctx->column);

	if (cmp == 0)
		cmp = (*x > *y) - (*x < *y);
	return ctx->sign * cmp;
}

static const struct sockrow *
row_at(const struct pane_sockets *p, uint64_t id)
{
	/* After a refresh the order is stale until the next drawing. */
	if (id == 0 || id > p->count || p->gen != socktab_gen(p->table))
		return NULL;
	return socktab_row(p->table, p->order[id - 1]);
}

/* Bring the order up to date and find the selected socket again. */
static void
sort_rows(struct pane_sockets *p, const struct view *v)
{
	const struct socktab *t = view_sockets(v);
	struct sort_ctx ctx = {t, v->deck->sort, v->deck->reverse ? -1 : 1};

	if (p->table == t && p->gen == socktab_gen(t) &&
	    p->sort == v->deck->sort && p->reverse == v->deck->reverse)
		return;
	if (socktab_count(t) > p->cap) {
		uint32_t *order =
		    realloc(p->order, 2 * socktab_count(t) * sizeof *order);

		if (order == NULL)
			return;
		p->order = order;
		p->cap = 2 * socktab_count(t);
	}
	p->table = t;
	p->gen = socktab_gen(t);
	p->sort = v->deck->sort;
	p->reverse = v->deck->reverse;
	p->count = 0;
	for (size_t i = 0; i < socktab_count(t); i++)
		if (!trace_link_owns(&socktab_row(t, i)->local))
			p->order[p->count++] = (uint32_t)i;
	if (p->count > 0)
		qsort_r(p->order, p->count, sizeof *p->order, compare, &ctx);
	for (size_t i = 0; i < p->count && p->cookie != 0; i++)
		if (row_at(p, i + 1)->cookie == p->cookie)
			p->pane.list.selected = i + 1;
}

static uint64_t
row_next(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_sockets *p = (const struct pane_sockets *)pane;

	(void)v;
	return list_next_of(p->count, id);
}

static uint64_t
row_prev(const struct pane *pane, const struct view *v, uint64_t id)
{
	const struct pane_sockets *p = (const struct pane_sockets *)pane;

	(void)v;
	return list_prev_of(p->count, id);
}

/* ---- drawing ---- */

static void
draw_heading(const struct view *v, struct canvas *c, struct area a,
    const struct widths *w)
{
	for (int i = 0; i < COL_COUNT; i++) {
		const char *mark =
		    v->deck->sort == i ? v->deck->reverse ? "▲" : "▼" : "";
		char text[32];

		if (w->at[i] >= a.w)
			break;
		snprintf(text, sizeof text, "%s%s", column_name[i], mark);
		if (i == COL_RECVQ || i == COL_SENDQ)
			canvas_right(
			    c, a, w->at[i + 1] - 1, 0, ROLE_HEADING, text);
		else
			canvas_text(c, a, w->at[i], 0, ROLE_HEADING, text);
	}
}

/* Text of one column, not beyond the next one. */
static void
draw_cell(struct canvas *c, struct area a, const struct widths *w, int column,
    int y, enum role role, const char *text)
{
	int end = w->at[column + 1] - (column < COL_PROCESS);

	if (end < a.w)
		a.w = end;
	canvas_text(c, a, w->at[column], y, role, text);
}

static enum role
state_role(const struct sockrow *row)
{
	switch ((enum tcp_state)row->state) {
	case TCPS_LISTEN:
	case TCPS_ESTABLISHED:
		return ROLE_GOOD;
	case TCPS_SYN_SENT:
	case TCPS_SYN_RECEIVED:
	case TCPS_CLOSE_WAIT:
		return ROLE_WARN;
	case TCPS_NONE:
	case TCPS_FIN_WAIT_1:
	case TCPS_FIN_WAIT_2:
	case TCPS_TIME_WAIT:
	case TCPS_CLOSED:
	case TCPS_LAST_ACK:
	case TCPS_CLOSING:
	case TCPS_COUNT:
		return ROLE_STATE;
	}
	return ROLE_STATE;
}

static void
draw_row(const struct view *v, struct canvas *c, struct area a,
    const struct widths *w, int y, const struct sockrow *row)
{
	char text[ADDR_TEXT_MAX + 32];

	state_text(text, sizeof text, v, row);
	draw_cell(c, a, w, COL_STATE, y, state_role(row), text);
	snprintf(text, sizeof text, "%u", row->rqueue);
	canvas_right(c, a, w->at[COL_SENDQ] - 1, y, ROLE_NUMBER, text);
	snprintf(text, sizeof text, "%u", row->wqueue);
	canvas_right(c, a, w->at[COL_LOCAL] - 1, y, ROLE_NUMBER, text);
	address_text(text, sizeof text, row, &row->local,
	    w->at[COL_PEER] - w->at[COL_LOCAL] - 1);
	draw_cell(c, a, w, COL_LOCAL, y, ROLE_TEXT, text);
	address_text(text, sizeof text, row, &row->peer,
	    w->at[COL_PROCESS] - w->at[COL_PEER] - 1);
	draw_cell(c, a, w, COL_PEER, y, ROLE_TEXT, text);
	if (w->at[COL_PROCESS] >= a.w)
		return;
	process_text(text, sizeof text, v, row);
	draw_cell(c, a, w, COL_PROCESS, y, ROLE_DIM, text);
}

static const char *
timer_name(const struct sockrow *row)
{
	static const char *const names[] = {
	    [SOCKTIMER_NONE] = "none",
	    [SOCKTIMER_RETRANSMIT] = "retransmit",
	    [SOCKTIMER_KEEPALIVE] = "keep-alive",
	    [SOCKTIMER_TIME_WAIT] = "TIME-WAIT",
	    [SOCKTIMER_ZERO_WINDOW] = "zero-window probe",
	};

	return row->timer < sizeof names / sizeof *names ? names[row->timer]
							 : "unknown";
}

/* Two lines on the selected socket: who holds it, and TCP's own numbers. */
static void
draw_detail(const struct view *v, struct canvas *c, struct area a,
    const struct pane_sockets *p, const struct sockrow *row)
{
	const struct sockrow *twin = socktab_twin(p->table, row);
	char who[64], rtt[TEXT_NUM_MAX], addr[ADDR_TEXT_MAX];
	int x;

	process_text(who, sizeof who, v, row);
	x = canvas_printf(c, a, 1, 0, ROLE_NOTE, "held by %s", who);
	if (row->state == TCPS_LISTEN)
		canvas_printf(c, a, x + 2, 0, ROLE_NOTE,
		    "accept queue %u of %u+1", row->rqueue, row->wqueue);
	else if (row->timer != SOCKTIMER_NONE)
		canvas_printf(c, a, x + 2, 0, ROLE_NOTE, "timer %s, %u retries",
		    timer_name(row), row->retransmits);
	x = 1;
	if (row->has_info && row->state != TCPS_LISTEN)
		x = canvas_printf(c, a, x, 1, ROLE_DIM,
			"rtt %s  cwnd %u  mss %u  retrans %u",
			text_span(rtt, (int64_t)row->rtt_us * CLOCK_US),
			row->cwnd, row->snd_mss, row->total_retrans) +
		    2;
	if (twin != NULL)
		canvas_printf(c, a, x, 1, ROLE_DIM, "twin %s",
		    addr_format(addr, &twin->local));
}

static enum role
overlay(const struct pane_sockets *p, const struct view *v,
    const struct sockrow *row, const struct sockrow *selected)
{
	bool changed =
	    row->changed_ns != 0 && v->now_ns - row->changed_ns < FLASH_NS;
	bool appeared =
	    row->appeared_ns != 0 && v->now_ns - row->appeared_ns < FLASH_NS;

	if (selected != NULL && row == selected)
		return ROLE_SELECTED;
	if ((selected != NULL && row == socktab_twin(p->table, selected)) ||
	    weave_lit_row(&v->weave, &v->deck->selected, row))
		return ROLE_LIT;
	return changed || appeared ? ROLE_FLASH : ROLE_TEXT;
}

static void
sockets_draw(
    struct pane *pane, const struct view *v, struct canvas *c, struct area a)
{
	struct pane_sockets *p = (struct pane_sockets *)pane;
	const struct sockrow *selected;
	struct area body = a, detail = {0};
	struct widths w = columns(a.w);
	uint64_t id;

	sort_rows(p, v);
	draw_heading(v, c, area_top(&body, 1), &w);
	if (body.h >= 6)
		detail = area_bottom(&body, 2);
	pane_layout(pane, v, a, body);
	selected = p->cookie != 0 ? row_at(p, pane->list.selected) : NULL;
	if (p->count == 0)
		canvas_text(c, body, 1, 0, ROLE_NOTE, "no sockets here yet");
	id = pane->list.top;
	for (int y = 0; y < body.h && id != 0; y++) {
		const struct sockrow *row = row_at(p, id);
		enum role over = overlay(p, v, row, selected);

		draw_row(v, c, body, &w, y, row);
		if (over != ROLE_TEXT)
			canvas_over(c, body, 0, y, body.w, over);
		id = row_next(pane, v, id);
	}
	if (detail.h > 0 && row_at(p, pane->list.selected) != NULL)
		draw_detail(v, c, detail, p, row_at(p, pane->list.selected));
}

static void
sockets_title(
    const struct pane *pane, const struct view *v, char *dst, size_t size)
{
	const struct pane_sockets *p = (const struct pane_sockets *)pane;
	size_t omitted = socktab_omitted(view_sockets(v));
	int n = snprintf(dst, size, "Sockets  %s  %zu",
	    v->outer == NULL       ? "all"
	    : v->deck->all_sockets ? "whole machine (a: lab)"
				   : "lab (a: whole machine)",
	    p->count);

	if (omitted > 0 && n > 0 && (size_t)n < size)
		snprintf(dst + n, size - (size_t)n, " +%zu not shown", omitted);
}

static uint64_t
sockets_gen(const struct pane *pane, const struct view *v)
{
	(void)pane;
	return socktab_gen(view_sockets(v)) + journal_gen(v->journal) +
	       (v->outside != NULL ? outside_gen(v->outside) : 0) +
	       (uint64_t)(v->now_ns / (CLOCK_S / 2));
}

/* The user chose a row: it stays chosen when the table is sorted anew. */
static void
sockets_moved(struct pane *pane, const struct view *v)
{
	struct pane_sockets *p = (struct pane_sockets *)pane;
	const struct sockrow *row = row_at(p, pane->list.selected);

	(void)v;
	pane->list.follow = false;
	p->cookie = row != NULL ? row->cookie : 0;
}

static struct selection
sockets_selected(const struct pane *pane, const struct view *v)
{
	const struct pane_sockets *p = (const struct pane_sockets *)pane;
	const struct sockrow *row = row_at(p, pane->list.selected);
	struct addr local, peer;
	const struct flow *f;

	if (row == NULL || p->cookie == 0 || p->table != view_sockets(v))
		return (struct selection){.kind = SELECTED_NONE};
	local = addr_unmap(&row->local);
	peer = addr_unmap(&row->peer);
	f = flow_find(capture_flows(v->capture), row->transport, &local, &peer);
	return (struct selection){
	    .kind = SELECTED_SOCKET,
	    .id = row->cookie,
	    .flow = f != NULL ? f->id : 0,
	};
}

/* The state that the kernel has it in. */
static bool
sockets_topic(
    const struct pane *pane, const struct view *v, struct why_item *ret)
{
	const struct pane_sockets *p = (const struct pane_sockets *)pane;
	const struct sockrow *row = row_at(p, pane->list.selected);
	struct selection sel = sockets_selected(pane, v);
	const struct flow *f = flow_get(capture_flows(v->capture), sel.flow);
	struct addr local, server;

	if (row == NULL || sel.kind == SELECTED_NONE ||
	    row->transport != TRANSPORT_TCP)
		return false;
	*ret = (struct why_item){.what = why_of_state(row->state)};
	if (f != NULL) {
		local = addr_unmap(&row->local);
		server = flow_addr(f, DIR_SERVER);
		ret->end = addr_equal(&local, &server);
	}
	return true;
}

static void
sockets_row_text(const struct pane *pane, const struct view *v, uint64_t id,
    char dst[PANE_TEXT_MAX])
{
	const struct pane_sockets *p = (const struct pane_sockets *)pane;
	const struct sockrow *row = row_at(p, id);
	char state[32], local[ADDR_TEXT_MAX + 16], peer[ADDR_TEXT_MAX + 16];
	char who[64];

	dst[0] = '\0';
	if (row == NULL)
		return;
	state_text(state, sizeof state, v, row);
	address_text(local, sizeof local, row, &row->local, INT_MAX);
	address_text(peer, sizeof peer, row, &row->peer, INT_MAX);
	process_text(who, sizeof who, v, row);
	snprintf(dst, PANE_TEXT_MAX, "%s %u %u %s %s %s", state, row->rqueue,
	    row->wqueue, local, peer, who);
}

static void
sockets_free(struct pane *pane)
{
	free(((struct pane_sockets *)pane)->order);
	free(pane);
}

struct pane *
pane_sockets_new(void)
{
	static const struct pane_ops ops = {
	    .gen = sockets_gen,
	    .title = sockets_title,
	    .draw = sockets_draw,
	    .next = row_next,
	    .prev = row_prev,
	    .row_text = sockets_row_text,
	    .selected = sockets_selected,
	    .topic = sockets_topic,
	    .moved = sockets_moved,
	    .free = sockets_free,
	};
	struct pane_sockets *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->pane.ops = &ops;
	list_init(&p->pane.list);
	p->pane.list.follow = false;
	return &p->pane;
}
