/*
 * The command table, and the commands that concern sockets and data.
 */
#include "tui/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/impair_words.h"
#include "net/stale.h"
#include "net/talk.h"
#include "tui/app.h"
#include "tui/commands.h"
#include "tui/entry.h"

/* ---- the server ---- */

static int
cmd_serve(struct app *app, const struct words *w, struct err *err)
{
	struct server_spec spec = server_spec_default();
	int rc;

	spec.everywhere = app_wired(app);
	spec.congestion = app->congestion;
	rc = server_spec_parse(&spec, w->word, w->count, err);
	if (rc == 0 && spec.everywhere && addr_is_loopback(&spec.endpoint.addr))
		deck_say(&app->deck, false,
		    "127.0.0.1 and ::1 are the server's own lo: no other host "
		    "reaches it there. :serve %s %s :%u listens for all",
		    spec.service->name, transport_name(spec.endpoint.transport),
		    spec.endpoint.port);
	return rc < 0 ? rc : app_serve(app, &spec, err);
}

static int
cmd_stop(struct app *app, const struct words *w, struct err *err)
{
	(void)w;
	if (app->deck.server.state != RUN_UP &&
	    app->deck.server.state != RUN_STARTING)
		return err_set(err, -ENOTCONN, "no server runs");
	app_stop_server(app);
	return 0;
}

/* The one key: stop it if it runs, start it again as it was. */
static int
cmd_server(struct app *app, const struct words *w, struct err *err)
{
	struct server_state *s = &app->deck.server;

	if (s->state == RUN_UP || s->state == RUN_STARTING)
		return cmd_stop(app, w, err);
	if (s->spec.service == NULL)
		return cmd_serve(app, w, err);
	return app_serve(app, &s->spec, err);
}

/* The file that a Unix socket's server left behind. */
static int
cmd_unlink(struct app *app, const struct words *w, struct err *err)
{
	int rc;

	if (w->count != 1)
		return -EINVAL;
	rc = stale_remove(w->word[0], err);
	if (rc == 0)
		deck_say(&app->deck, false,
		    "%s is removed: nobody had it open. b starts the server",
		    w->word[0]);
	return rc;
}

static int
cmd_model(struct app *app, const struct words *w, struct err *err)
{
	struct server_spec spec = app->deck.server.spec;
	int rc;

	if (w->count != 1 || spec.service == NULL)
		return -EINVAL;
	rc = server_spec_set(&spec, "model", w->word[0], err);
	if (rc < 0)
		return rc;
	deck_say(&app->deck, false, "%s: %s", w->word[0],
	    server_model_summary(spec.model));
	return app_serve(app, &spec, err);
}

/* ---- the client ---- */

static int
cmd_close(struct app *app, const struct words *w, struct err *err)
{
	if (command_by_hand(app, w))
		return command_hand(app, HAND_CLOSE, w, err);
	return app_order(app, &(struct order){.kind = ORDER_CLOSE}, err);
}

static int
cmd_shutdown(struct app *app, const struct words *w, struct err *err)
{
	static const struct {
		const char *name;
		int how;
	} ways[] = {{"rd", SHUT_RD}, {"wr", SHUT_WR}, {"rdwr", SHUT_RDWR}};
	const char *name = w->count > 0 ? w->word[0] : "wr";

	if (command_by_hand(app, w))
		return command_hand(app, HAND_SHUTDOWN, w, err);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(name, ways[i].name) == 0)
			return app_order(app,
			    &(struct order){
				.kind = ORDER_SHUTDOWN, .how = ways[i].how},
			    err);
	return -EINVAL;
}

static int
cmd_interrupt(struct app *app, const struct words *w, struct err *err)
{
	const struct session_state *s = deck_session(&app->deck);
	uint32_t group = app->deck.focus == PANE_SERVER || s == NULL
			     ? app->deck.server.group
			     : s->group;

	(void)w;
	if (app_hand_interrupt(app))
		return 0;
	if (group == 0 || engine_alive(app->engine, group) == 0)
		return err_set(
		    err, -ESRCH, "nothing to interrupt here; q quits");
	engine_interrupt(app->engine, group);
	deck_say(
	    &app->deck, false, "interrupted: the blocking call returns EINTR");
	return 0;
}

/* ---- data ---- */

/* Takes data. */
static int
order_data(struct app *app, enum order_kind kind, uint8_t *data, size_t n,
    struct err *err)
{
	struct order o = {.kind = kind, .data = data, .data_len = n};
	int rc = app_order(app, &o, err);

	if (rc < 0)
		free(data);
	return rc;
}

static int
cmd_send(struct app *app, const struct words *w, struct err *err)
{
	size_t max = strlen(w->rest);
	uint8_t *data;
	long n;

	if (command_by_hand(app, w))
		return command_hand(app, HAND_SEND, w, err);
	data = malloc(max + 1);
	if (data == NULL)
		return err_set(err, -ENOMEM, "no memory for %zu bytes", max);
	n = text_unescape(w->rest, data, max, err);
	if (n <= 0) {
		free(data);
		return n < 0 ? (int)n : -EINVAL;
	}
	return order_data(app, ORDER_SEND, data, (size_t)n, err);
}

static int
cmd_send_file(struct app *app, const struct words *w, struct err *err)
{
	char *path;
	FILE *f;

	if (w->count == 0)
		return -EINVAL;
	f = fopen(w->rest, "re");
	if (f == NULL)
		return err_set(err, -errno, "%s: %s", w->rest, strerror(errno));
	fclose(f);
	path = strdup(w->rest);
	if (path == NULL)
		return -ENOMEM;
	return order_data(
	    app, ORDER_SEND_FILE, (uint8_t *)path, strlen(path) + 1, err);
}

/* A whole number from 1 to max; 0: it is none. */
static uint32_t
number(const char *text, uint32_t max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return *end == '\0' && text[0] != '-' && n <= max ? (uint32_t)n : 0;
}

#define REPEAT_SIZE_MAX 65536

/* N [SIZE] [every MS] into count, size and every_ns of o. */
int
command_parse_repeat(
    const struct words *w, struct order *o, uint32_t size_max, struct err *err)
{
	int i = 1;

	if (w->count == 0 || (o->count = number(w->word[0], INT_MAX)) == 0)
		return -EINVAL;
	if (i < w->count && strcmp(w->word[i], "every") != 0) {
		o->size = number(w->word[i++], size_max);
		if (o->size == 0)
			return err_set(err, -EINVAL,
			    "a message has 1 to %u bytes", size_max);
	}
	if (i < w->count) {
		if (strcmp(w->word[i], "every") != 0 || i + 2 != w->count)
			return -EINVAL;
		o->every_ns =
		    (int64_t)number(w->word[i + 1], 3600000) * CLOCK_MS;
		if (o->every_ns == 0)
			return err_set(err, -EINVAL,
			    "'every' takes milliseconds, as in 10 100 every "
			    "500");
	}
	return 0;
}

static int
cmd_repeat(struct app *app, const struct words *w, struct err *err)
{
	struct order o = {
	    .kind = ORDER_TALK, .talker = &talk_repeat, .size = 10};
	int rc = command_parse_repeat(w, &o, REPEAT_SIZE_MAX, err);

	return rc < 0 ? rc : app_order(app, &o, err);
}

/* Seconds, as Python's settimeout() takes them; 0 or nothing: no limit. */
static int
cmd_timeout(struct app *app, const struct words *w, struct err *err)
{
	struct order o = {.kind = ORDER_TIMEOUT};
	char *end = NULL;
	double s = w->count > 0 ? strtod(w->word[0], &end) : 0;

	if (w->count > 1)
		return -EINVAL;
	if (end != NULL && (*end != '\0' || !(s >= 0 && s <= 3600)))
		return err_set(err, -EINVAL,
		    "a timeout is 0 to 3600 seconds (0: none), not '%s'",
		    w->word[0]);
	o.every_ns = (int64_t)(s * (double)CLOCK_S);
	return app_order(app, &o, err);
}

static int
cmd_type(struct app *app, const struct words *w, struct err *err)
{
	const struct session_state *s = deck_session(&app->deck);

	(void)w;
	if (app->deck.focus == PANE_CLIENT &&
	    app->deck.face[SIDE_CLIENT] == FACE_STRUCT)
		return command_run(app, "struct", err);
	if (s == NULL || s->state != RUN_UP)
		return err_set(
		    err, -ENOTCONN, "the client is not connected yet: press c");
	app->deck.focus = app->deck.upper = PANE_CLIENT;
	if (app->deck.face[SIDE_CLIENT] == FACE_STRUCT)
		app->deck.face[SIDE_CLIENT] = FACE_CALLS;
	entry_open(&app->deck.entry, ENTRY_SEND, "");
	return 0;
}

/* ---- the table ---- */

const struct command command_table[] = {
    {"help", "[COMMAND]", "all keys and commands, or this one", GROUP_CONSOLE,
	cmd_help, {{"F1", NULL, "Help"}, {"?", NULL, NULL}}},
    {"server", "", "start the server, or stop it", GROUP_LAB, cmd_server,
	{{"F7", NULL, NULL}, {"b", NULL, "Server"}}},
    {"connect",
	"[TRANSPORT] [ADDRESS] [sendto] [from=HOST] [loss=N]... | . ADDRESS",
	"a client; no address: the server's own", GROUP_LAB, cmd_connect,
	{{"c", NULL, "Connect"}}},
    {"type", "", "type lines and send them", GROUP_DATA, cmd_type,
	{{"i", NULL, "Type"}}},
    {"serve", "[SERVICE [TRANSPORT [ADDRESS [MODEL]]]] [KEY=VALUE]...",
	"start this server instead (port 0: any free one)", GROUP_LAB,
	cmd_serve, {{0}}},
    {"stop", "", "stop the server and its connections", GROUP_LAB, cmd_stop,
	{{0}}},
    {"model", "iterative|threaded|event", "how it looks after several clients",
	GROUP_LAB, cmd_model, {{0}}},
    {"unlink", "PATH", "remove the socket file that a server left behind",
	GROUP_LAB, cmd_unlink, {{0}}},
    {"close", "[.]", "close the client's socket", GROUP_LAB, cmd_close,
	{{"k", NULL, NULL}}},
    {"shutdown", "[.] rd|wr|rdwr",
	"end one direction; wr: a FIN, but go on reading", GROUP_LAB,
	cmd_shutdown, {{"d", "wr", NULL}}},
    {"timeout", "[SECONDS]",
	"how long the client's recv() and send() may block", GROUP_LAB,
	cmd_timeout, {{0}}},
    {"clients", "", "who is at the server, in the place of its calls",
	GROUP_LAB, cmd_clients, {{"u", NULL, NULL}}},
    {"kick", "[ADDRESS|PORT]", "end this client's connection (or the chosen)",
	GROUP_LAB, cmd_kick, {{0}}},
    {"interrupt", "", "interrupt the blocking call (EINTR)", GROUP_LAB,
	cmd_interrupt, {{"C-c", NULL, NULL}}},
    {"pause", "[server|client|both]", "stop before every call, or go on",
	GROUP_LAB, cmd_pause, {{"F8", NULL, "Pause"}, {"p", NULL, NULL}}},
    {"step", "[back]", "while paused: run one call; back: look at the past",
	GROUP_LAB, cmd_step,
	{{"Space", NULL, NULL}, {"Backspace", "back", NULL}}},
    {"wire",
	"[KEY=VALUE|PRESET|client->server|server->client]... | hold [on|off] | "
	"rule RULE | unrule [N] | routers N | "
	"pass|drop|duplicate|delay|corrupt|"
	"reorder [#N]",
	"the wire between the hosts: bad, by hand, by rules", GROUP_LAB,
	cmd_wire, {{"F9", NULL, "Wire"}, {"M", NULL, NULL}}},
    {"send", "[.] TEXT", "send bytes; \\n \\r \\t \\0 \\\\ \\xNN are escapes",
	GROUP_DATA, cmd_send, {{0}}},
    {"send-file", "FILE", "send a file's bytes", GROUP_DATA, cmd_send_file,
	{{0}}},
    {"repeat", "N [SIZE] [every MS]", "send N messages of SIZE bytes",
	GROUP_DATA, cmd_repeat, {{0}}},
    {"compare", "[N [SIZE]] [every MS] [loss=N] [delay=MS]...",
	"the same messages over TCP, UDP and reliable UDP", GROUP_DATA,
	cmd_compare, {{0}}},
    {"socket", "[inet|inet6|unix] [stream|dgram|raw] [PROTOCOL] [nonblock]",
	"by hand: . is the last one, .7 descriptor 7", GROUP_HAND, cmd_socket,
	{{0}}},
    {"bind", ". ADDRESS", "give it an address", GROUP_HAND, cmd_bind, {{0}}},
    {"listen", ". [BACKLOG]", "take connections into a queue", GROUP_HAND,
	cmd_listen, {{0}}},
    {"accept", ".", "take one from the queue: a new socket", GROUP_HAND,
	cmd_accept, {{0}}},
    {"connect_ex", ". ADDRESS",
	"as connect . ADDRESS, and what Python's returns", GROUP_HAND,
	cmd_connect_ex, {{0}}},
    {"sendall", ". TEXT", "the loop of sends that it is; #500 is 500 bytes",
	GROUP_HAND, cmd_sendall, {{0}}},
    {"sendto", ". ADDRESS TEXT", "one datagram; #ping: an ICMP echo request",
	GROUP_HAND, cmd_sendto, {{0}}},
    {"recv", ". [N] [-peek] [-dontwait] [-waitall] [-oob]", "at most N bytes",
	GROUP_HAND, cmd_recv, {{0}}},
    {"recvfrom", ". [N] [-peek] [-dontwait]", "at most N bytes, and from whom",
	GROUP_HAND, cmd_recvfrom, {{0}}},
    {"setsockopt", ". OPTION VALUE", "set an option by its name", GROUP_HAND,
	cmd_setsockopt, {{0}}},
    {"getsockopt", ". OPTION", "ask for an option", GROUP_HAND, cmd_getsockopt,
	{{0}}},
    {"getaddrinfo", "NAME[:PORT]", "look a name up", GROUP_HAND,
	cmd_getaddrinfo, {{0}}},
    {"write", ". TEXT", "into the buffer of a file object: sends nothing",
	GROUP_HAND, cmd_write, {{0}}},
    {"flush", ".", "send what that buffer holds", GROUP_HAND, cmd_flush, {{0}}},
    {"join", "GROUP", "a multicast group, with this pane's datagram socket",
	GROUP_HAND, cmd_join, {{0}}},
    {"get", "[PATH]", "HTTP by hand: send a GET request", GROUP_DATA, cmd_get,
	{{0}}},
    {"telemetry", "[every MS] [count N] [sensors N] [seed N] | stop",
	"send readings of sensors that walk at random", GROUP_DATA,
	cmd_telemetry, {{0}}},
    {"struct", "[FORMAT VALUE...]", "pack values as Python's struct does",
	GROUP_DATA, cmd_struct, {{0}}},
    {"pack", "[FORMAT VALUE...]", "send them; none: the struct as it is",
	GROUP_DATA, cmd_pack, {{"P", NULL, NULL}}},
    {"poke", "OFFSET HEX", "change bytes of the struct", GROUP_DATA, cmd_poke,
	{{0}}},
    {"period", "[MS]", "what the server tells telemetry clients to keep",
	GROUP_LAB, cmd_period, {{0}}},
    {"thermal",
	"[[and] TRANSPORT ADDRESS] [rate=N] | stop | palette [NAME] | range "
	"[auto|LOW HIGH] | smooth | mirror | flip | unit",
	"a thermal camera's picture (no address: our own)", GROUP_LOOK,
	cmd_thermal, {{0}}},
    {"interface", "[INTERFACE]", "capture there (--host); none: choose one",
	GROUP_LOOK, cmd_interface, {{0}}},
    {"bluetooth", "", "this machine's Bluetooth adapters", GROUP_LOOK,
	cmd_bluetooth, {{0}}},
    {"discover", "[SECONDS] | stop", "look for Bluetooth devices around",
	GROUP_LOOK, cmd_discover, {{0}}},
    {"record", "[FILE [overwrite]]",
	"record the thermal stream; without a name: no more", GROUP_LOOK,
	cmd_record, {{0}}},
    {"hex", "", "data as text or as hex", GROUP_LOOK, cmd_hex,
	{{"x", NULL, NULL}}},
    {"code", "[server|client|both]",
	"the Python program that does the same, with its line", GROUP_LOOK,
	cmd_code, {{"C", NULL, NULL}}},
    {"export", "python server|client FILE [overwrite]",
	"save that program, complete and runnable", GROUP_LOOK, cmd_export,
	{{0}}},
    {"view",
	"[list|ladder|stream|rulers|states|graphs|bytes|overhead|conversations|"
	"endpoints|compare|wire|calls|telemetry|struct|next]",
	"the next view of the packets, or this one", GROUP_LOOK, cmd_view,
	{{"F5", NULL, "View"}, {"v", NULL, NULL}, {"V", "next", NULL}}},
    {"lanes", "[one|all]", "ladder: one conversation, or all of these two ends",
	GROUP_LOOK, cmd_lanes, {{"l", NULL, NULL}}},
    {"overhead",
	"[messages|conversation|everything|protocols] [captured|ethernet]",
	"what it cost, of which, with which link layer", GROUP_LOOK,
	cmd_overhead, {{0}}},
    {"fold", "", "ladder: unfold a run of data (Enter), fold it (x)",
	GROUP_LOOK, cmd_fold, {{0}}},
    {"open", "", "look into the selected row", GROUP_LOOK, cmd_open,
	{{"Enter", NULL, NULL}}},
    {"why", "[next|previous]",
	"explain what is under the cursor, then what is next", GROUP_LOOK,
	cmd_why, {{"e", NULL, NULL}, {"E", "previous", NULL}}},
    {"filter", "[EXPRESSION]", "capture only this (pcap syntax); none: all",
	GROUP_LOOK, cmd_filter, {{"F4", "?", "Filter"}, {"f", "?", NULL}}},
    {"show", "[FILTER]", "list only these, like port:80 flags:syn; none: all",
	GROUP_LOOK, cmd_show, {{"&", "?", NULL}}},
    {"columns", "[COLUMN]...", "of the packet list, in this order; none: usual",
	GROUP_LOOK, cmd_columns, {{0}}},
    {"colour", "sender|conversation|verdict", "what colours tell in the list",
	GROUP_LOOK, cmd_colour, {{0}}},
    {"find", "[TEXT|x HEX]", "search in this pane, for text or bytes",
	GROUP_LOOK, cmd_find, {{"F3", NULL, "Find"}, {"/", NULL, NULL}}},
    {"find-next", "", "the next place", GROUP_LOOK, cmd_find_next,
	{{"n", NULL, NULL}}},
    {"find-previous", "", "the place before", GROUP_LOOK, cmd_find_previous,
	{{"N", NULL, NULL}}},
    {"sockets", "[all|lab]", "the whole machine's sockets, or the lab's",
	GROUP_LOOK, cmd_sockets, {{"a", NULL, NULL}}},
    {"sort", "", "by the next column: the sockets, or pane 4's table",
	GROUP_LOOK, cmd_sort, {{"F6", NULL, "Sort"}, {"s", NULL, NULL}}},
    {"reverse", "", "turn the order round", GROUP_LOOK, cmd_reverse,
	{{"S", NULL, NULL}}},
    {"conversation", "[next|previous|all|N]",
	"only this conversation's packets, its session", GROUP_LOOK,
	cmd_conversation,
	{{"]", "next", NULL}, {"[", "previous", NULL}, {"0", "all", NULL}}},
    {"mark", "[shown|none]", "mark the packet (all shown), or no longer",
	GROUP_LOOK, cmd_mark, {{"m", NULL, NULL}}},
    {"jump", "[back]", "to the next marked packet", GROUP_LOOK, cmd_jump,
	{{"'", NULL, NULL}, {"\"", "back", NULL}}},
    {"time", "[relative|delta|absolute|date|utc]",
	"how times are shown: the next way, or this one", GROUP_LOOK, cmd_time,
	{{"t", NULL, NULL}}},
    {"reference", "", "count times from the selected packet, or the start",
	GROUP_LOOK, cmd_reference, {{"T", NULL, NULL}}},
    {"copy", "", "copy the selected row to the clipboard", GROUP_LOOK, cmd_copy,
	{{"y", NULL, NULL}}},
    {"save", "[all|marked|shown|conversation] FILE [overwrite]",
	"packets: pcap, or pcapng with notes; .txt: calls", GROUP_LOOK,
	cmd_save, {{"F2", NULL, "Save"}, {"w", NULL, NULL}}},
    {"save-stream", "client|server FILE [overwrite]",
	"the bytes that one end of the conversation sent", GROUP_LOOK,
	cmd_save_stream, {{0}}},
    {"focus", "server|client|sockets|packets|next|previous", "go to a pane",
	GROUP_MOVE, cmd_focus,
	{{"1", "server", NULL}, {"2", "client", NULL}, {"3", "sockets", NULL},
	    {"4", "packets", NULL}, {"Tab", "next", NULL},
	    {"S-Tab", "previous", NULL}}},
    {"move", "up|down|page-up|page-down|first|last|left|right",
	"move in the pane", GROUP_MOVE, cmd_move,
	{{"Up", "up", NULL}, {"Down", "down", NULL}, {"PgUp", "page-up", NULL},
	    {"PgDn", "page-down", NULL}, {"Home", "first", NULL},
	    {"End", "last", NULL}, {"Left", "left", NULL},
	    {"Right", "right", NULL}, {"g", "first", NULL},
	    {"G", "last", NULL}}},
    {"follow", "", "follow the newest row", GROUP_MOVE, cmd_follow,
	{{"F", NULL, NULL}}},
    {"zoom", "", "this pane alone, or all", GROUP_MOVE, cmd_zoom,
	{{"z", NULL, NULL}}},
    {"scale", "+|-", "rulers and graphs: closer, or more of it", GROUP_MOVE,
	cmd_scale, {{">", "+", NULL}, {"<", "-", NULL}}},
    {"resize", "+|-|=", "upper panes larger, smaller, as before", GROUP_MOVE,
	cmd_resize, {{"+", "+", NULL}, {"-", "-", NULL}, {"=", "=", NULL}}},
    {"back", "", "leave this view", GROUP_CONSOLE, cmd_back,
	{{"Esc", NULL, NULL}}},
    {"run", "FILE", "the commands of a lab file, a line each", GROUP_CONSOLE,
	cmd_run, {{0}}},
    {"command", "", "type a command", GROUP_CONSOLE, cmd_command,
	{{":", NULL, NULL}}},
    {"theme", "NAME", "change the colours", GROUP_CONSOLE, cmd_theme, {{0}}},
    {"redraw", "", "draw the screen anew", GROUP_CONSOLE, cmd_redraw,
	{{"C-l", NULL, NULL}}},
    {"congestion", "[reno|cubic|bbr]",
	"congestion control of the lab's new connections", GROUP_LAB,
	cmd_congestion, {{0}}},
    {"shell", "[HOST]", "a shell on a host of the lab; exit returns",
	GROUP_CONSOLE, cmd_shell, {{0}}},
    {"suspend", "", "back to the shell for a while (fg returns)", GROUP_CONSOLE,
	cmd_suspend, {{"C-z", NULL, NULL}}},
    {"quit", "", "leave a view, or sockdeck", GROUP_CONSOLE, cmd_quit,
	{{"F10", NULL, "Quit"}, {"q", NULL, NULL}}},
    {0},
};
