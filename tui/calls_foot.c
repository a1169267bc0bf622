#include "tui/calls_foot.h"

#include <string.h>

#include "tui/calls_title.h"
#include "tui/pane.h"
#include "tui/rudpfmt.h"

/* No lab is in the way of a device that comes by air. */
static void
draw_air_hints(const struct view *v, struct canvas *c, struct area a)
{
	canvas_printf(c, a, 1, 0, ROLE_NOTE,
	    "Other devices: channel %u, by SDP Serial Port \"%s\"",
	    addr_port(&v->deck->server.local),
	    v->deck->server.spec.service->name);
	canvas_text(
	    c, a, 1, 1, ROLE_DIM, ":bluetooth has this machine's addresses");
}

static void
draw_hints(const struct view *v, struct canvas *c, struct area a)
{
	const char *command = v->lab->count > 1
				  ? "exec client -- python3 client.py"
				  : "exec -- python3 client.py";
	const struct addr at = view_reachable(v, &v->deck->server.local);
	static const char whose[] = "Your program: ";
	char addr[ADDR_TEXT_MAX];
	int cells = text_cells(v->deck->self) + (int)strlen(command) + 1;
	bool room = (int)strlen(whose) + cells < a.w;

	if (v->deck->server.spec.endpoint.transport == TRANSPORT_RFCOMM) {
		draw_air_hints(v, c, a);
		return;
	}
	/* The command is what has to be readable to its end. */
	canvas_printf(c, a, 1, 0, ROLE_NOTE, "%s%s %s", room ? whose : "",
	    v->deck->self, command);
	canvas_printf(c, a, 1, 1, ROLE_DIM,
	    "It reaches %s there. Classmates: --host", addr_format(addr, &at));
}

static void
draw_server_empty(const struct view *v, struct canvas *c, struct area a)
{
	enum run_state s = v->deck->server.state;

	if (s == RUN_NONE || s == RUN_STOPPED || s == RUN_FAILED)
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    "b starts the server, :serve echo tcp ADDRESS another one");
}

static void
draw_client_foot(const struct view *v, struct canvas *c, struct area a)
{
	const struct entry *e = &v->deck->entry;
	const struct session_state *s = deck_session_const(v->deck);

	if (e->kind == ENTRY_SEND) {
		pane_draw_prompt(v, c, a);
	} else if (s != NULL && s->program[0] != '\0') {
		canvas_text(c, a, 1, 0, ROLE_DIM,
		    "a traced program; c connects a client of the console's");
	} else if (s != NULL && s->by_hand) {
		canvas_text(c, a, 1, 0, ROLE_DIM,
		    ":connect . ADDRESS   :send . TEXT   :recv . 100   :help");
	} else if (s == NULL || s->state != RUN_UP) {
		canvas_text(c, a, 1, 0, ROLE_NOTE,
		    "c connects to the server, :connect tcp ADDRESS elsewhere");
	} else if (s->write_closed) {
		canvas_printf(c, a, 1, 0, ROLE_DIM, "k close   %s",
		    s->peer_closed ? "both directions have ended"
				   : "half-closed: it only reads");
	} else {
		canvas_text(c, a, 1, 0, ROLE_DIM,
		    "i type a line   d half-close   k close   :help");
	}
}

static bool
is_telemetry(const struct view *v)
{
	const struct service *s = v->deck->server.spec.service;

	return s != NULL && strcmp(s->name, "telemetry") == 0;
}

/* How a connection of reliable UDP stands, above the foot. */
static void
draw_rudp(const struct view *v, struct canvas *c, struct area *a)
{
	const struct session_state *s = deck_session_const(v->deck);
	char text[RUDPFMT_MAX];

	if (s == NULL || s->spec.endpoint.transport != TRANSPORT_RUDP ||
	    s->rudp.local_id == 0 || a->h < 4)
		return;
	canvas_text(c, area_bottom(a, 1), 1, 0, ROLE_NOTE,
	    rudpfmt_state(text, &s->rudp, a->w - 2));
}

struct area
calls_foot(
    enum side side, const struct view *v, struct canvas *c, struct area a)
{
	if (side == SIDE_CLIENT) {
		draw_client_foot(v, c, area_bottom(&a, 1));
		draw_rudp(v, c, &a);
	} else if (v->deck->hand[SIDE_SERVER].last != 0) {
		char text[2 * ADDR_TEXT_MAX + 64];

		title_hand(v, SIDE_SERVER, text, sizeof text);
		canvas_printf(c, area_bottom(&a, 1), 1, 0, ROLE_NOTE,
		    "By hand: %s", text);
	} else if (v->deck->server.state != RUN_UP) {
		draw_server_empty(v, c, area_bottom(&a, 1));
	} else if (a.h >= 6 && is_telemetry(v)) {
		canvas_text(c, area_bottom(&a, 1), 1, 0, ROLE_DIM,
		    "V the readings as curves   :period MS another period");
	} else if (a.h >= 9 && v->deck->in_lab) {
		draw_hints(v, c, area_bottom(&a, 2));
	}
	return a;
}
