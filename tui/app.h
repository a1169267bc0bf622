/*
 * tui/app.h - the console: it owns every model, and its loop feeds them.
 *
 * For tui/app*.c and tui/commands*.c only; panes see a struct view.
 *
 * Thread: main.  Blocks: only in its one poll().
 */
#ifndef SOCKDECK_TUI_APP_H
#define SOCKDECK_TUI_APP_H

#include <stdatomic.h>
#include <stdio.h>

#include "bt/bt.h"
#include "capture/capture.h"
#include "capture/listing.h"
#include "capture/source.h"
#include "net/client.h"
#include "net/congestion.h"
#include "net/engine.h"
#include "net/hand.h"
#include "net/journal.h"
#include "net/lab.h"
#include "net/names.h"
#include "net/outside.h"
#include "net/roster.h"
#include "net/server.h"
#include "net/socktab.h"
#include "net/tcp_track.h"
#include "net/telemetry.h"
#include "net/trace_hub.h"
#include "net/wire.h"
#include "tui/bluetooth.h"
#include "tui/cli.h"
#include "tui/compare.h"
#include "tui/deck.h"
#include "tui/known.h"
#include "tui/pane.h"
#include "tui/saving.h"
#include "tui/screen.h"
#include "tui/shell.h"
#include "tui/term.h"
#include "tui/whyfoot.h"
#include "tui/wiretap.h"

#define APP_SOURCES_MAX (LAB_HOSTS_MAX + 1)
#define APP_STORE_BUDGET (64 * 1024 * 1024)

/* A lab file under way: tui/commands_run.c. */
struct lab_file {
	FILE *stream; /* NULL: none is */
	char path[ENTRY_MAX];
	int line; /* that was run last */
};

struct app {
	const struct cli_options *opts;
	struct deck deck;
	struct theme theme;
	struct term *term;
	struct canvas *canvas;
	struct pane *faces[SIDE_COUNT][FACE_COUNT]; /* NULL: has no such */
	struct pane *sockets_pane;
	struct pane *packet_views[VIEW_COUNT];
	struct pane *help;

	struct engine *engine;
	struct trace_hub *traced; /* programs of the user's; or NULL */
	struct journal *journal;
	struct roster *roster;
	struct names *names;
	struct telemetry *telemetry;
	struct structline record, sent; /* see struct view */
	struct record_formats agreed;
	struct pystruct request, answer; /* of it */
	atomic_uint period_ms; /* that telemetry clients are told; 0: none */
	struct capture *capture;
	struct listing *listing;
	struct stream *stream; /* of the conversation that is shown */
	struct source *sources[APP_SOURCES_MAX];
	char interface[SOURCE_INTERFACE_NAME_MAX]; /* of the host, captured */
	size_t source_count; /* 0: no capture */
	struct socktab *sockets; /* where the lab runs */
	struct socktab *outer; /* the machine, from inside a lab; or NULL */
	struct outside *outside;
	struct saving *saving; /* NULL: nothing is being saved */
	struct compare *compare; /* the last one, under way or done; or NULL */
	struct thermal thermal;
	struct lab lab; /* count 0: in none */
	struct sockopt_value congestion; /* of what starts; len 0: usual */
	struct wiretap tap;
	struct wire *wire; /* tap's, that joins its hosts; NULL: none */
	struct wire_look wire_seen; /* of it, when main looked last */
	uint64_t wire_gen; /* changes when that does */
	struct stepped { /* what was let through by hand */
		char packet[WIRE_FACTS_TEXT + 48];
		int64_t at_ns; /* 0: nothing, or all is said about it */
	} stepped;
	struct kernel_view { /* of the connections over it; or NULL */
		struct tcp_watch *of_wire; /* the wire's thread has it */
		struct tcp_watch *of_main;
		struct queue *seen; /* from the wire's thread */
		struct tcp_track *track;
	} kernel;
	struct whyfoot why;
	unsigned clients; /* started, for their places */
	struct pane_search search; /* in the focused pane */
	struct known known; /* when Tab was pressed */
	struct bluetooth bluetooth;
	int signal_fd;

	int64_t start_ns; /* times are shown relative to it */
	int64_t drawn_mono_ns; /* of the last drawing, monotonic */
	int64_t drained_mono_ns;
	bool full; /* the last batch of packets was */
	bool loading; /* more of a file comes at once */
	bool ended; /* nothing comes any more */
	bool working; /* for the views (app_views_work()), and not done yet */
	int64_t table_mono_ns; /* of the last refresh of the socket table */
	int64_t table_cost_ns; /* how long that took */
	int64_t holders_mono_ns; /* of the last request to the helper */
	int64_t flash_until_ns; /* monotonic: rows are lit until then */
	uint64_t drawn_gen[PANE_COUNT];
	uint64_t table_seen; /* journal and packet generation at refresh */
	uint64_t socket_gen; /* of the table, at the last look */
	bool holders_stale; /* the table has changed since that request */
	bool reading; /* a view has got more to draw since the last drawing */
	bool repaint; /* draw everything anew */
	bool urgent; /* somebody waits for what is to be drawn next */
	size_t given; /* commands of the command line that were run */
	struct lab_file file; /* that is gone through */
	bool wants_shell; /* on shell_host, after this turn */
	int shell_host;
	struct shell shell; /* it has the terminal; pid 0: we have */
	bool suspend; /* the shell is asked for, after this turn */
	bool comparing; /* and not done yet */
	bool pasting; /* between the paste marks of the terminal */
	int died_of; /* signal that ended the console; 0: none */
};

struct view app_view(const struct app *app);
/* The pane that has the focus, or lies at (x, y). */
struct pane *app_pane(struct app *app, enum pane_id id);

/* The panes (tui/app_views.c). False: no memory. */
bool app_views_make(struct app *app);
/* Go on with what the views need: packets to list, the conversation that is
 * shown, a table's order; for a few milliseconds. */
void app_views_work(struct app *app);
/* Select the packet that a view is to have selected when it has it. */
void app_views_select(struct app *app, const struct view *v);

/* The commands of the command line and of a lab file (tui/commands_run.c): run
 * them, as far as they need not wait. */
void app_step_commands(struct app *app);
void app_close_file(struct app *app);

/* Saving packets (tui/commands_save.c): go on with it for a few milliseconds;
 * give it up (false: nothing is being saved). */
void app_save(struct app *app);
bool app_stop_saving(struct app *app);

/*
 * Where the console is (tui/app_lab.c): enter the lab that the options ask for,
 * or say why not.
 */
void app_enter_lab(struct app *app);
/* Where that is, for the top line; with how the wire is. */
void app_name_place(struct app *app);
/* Are there hosts that a wire joins? */
bool app_wired(const struct app *app);
/* Where the next client goes: they take turns. */
size_t app_client_host(struct app *app, enum transport t);
/* Where that side's sockets by hand are. */
size_t app_side_host(const struct app *app, enum side side, int domain);
/*
 * Main goes to a host, does something, and returns: what is opened there stays
 * there, and so do threads that are started there. Nothing without a wire.
 */
void app_visit(struct app *app, size_t host);
void app_return(struct app *app);
/* The address of the server's host, as a client needs it: on the same host
 * that of lo. */
struct addr app_server_address(
    const struct app *app, int family, uint16_t port);
int app_open_sockets(struct app *app, struct err *err);
/* The packet sources that the options ask for; explains itself. */
void app_open_sources(struct app *app);
void app_close_sources(struct app *app);
/* Capture on this interface of the host from now on; -ENOTSUP in a lab. On
 * failure the one before goes on. */
int app_set_interface(struct app *app, const char *name, struct err *err);
int app_set_filter(struct app *app, const char *filter, struct err *err);
/* False: there is none. */
bool app_source_status(const struct app *app, struct source_status *ret);
bool app_arm_sources(struct app *app);

/*
 * What the models are fed with (tui/app_feed.c). Drains are true if there was
 * something; a table is dumped when it is due (monotonic), since a large one
 * costs.
 */
bool app_drain_calls(struct app *app);
bool app_drain_packets(struct app *app);
/* Add a sentence to a side's calls, of main itself; error < 0: it is bad news.
 */
void app_note(struct app *app, enum side side, uint32_t group, int error,
    const char *text);
void app_step_compare(struct app *app);
struct socktab *app_shown_table(const struct app *app);
int64_t app_table_due(const struct app *app);
void app_refresh_tables(struct app *app, int64_t mono_ns);
void app_refresh_holders(struct app *app, int64_t mono_ns);
void app_read_table(struct app *app, struct socktab *t);
/* Compare the transports anew, in place of an earlier comparison. */
int app_compare(
    struct app *app, const struct compare_spec *spec, struct err *err);

/* What runs (tui/app_run.c). */
int app_serve(struct app *app, const struct server_spec *spec, struct err *err);
void app_stop_server(struct app *app);
/* The running server, as a client reaches it. 0; -ENOTCONN: none is up;
 * -EAGAIN, -ENODEV: as app_bluetooth_reach(). */
int app_own_server(
    const struct app *app, struct endpoint *ret, struct err *err);
int app_connect(
    struct app *app, const struct client_spec *spec, struct err *err);
int app_order(struct app *app, const struct order *o, struct err *err);
/*
 * Sockets by hand (tui/app_hand.c): whose pane they are made in; the socket
 * that a word names ("." or ".7"; NULL: "."); and their calls. Each frees c.
 */
enum side app_hand_side(struct app *app);
int app_hand_find(struct app *app, const char *word, enum side *ret_side,
    uint32_t *ret_sock, struct err *err);
int app_hand_socket(struct app *app, struct hand_call *c, struct err *err);
int app_hand_look_up(struct app *app, struct hand_call *c, struct err *err);
int app_hand_call(struct app *app, enum side side, uint32_t sock,
    struct hand_call *c, struct err *err);
/* Interrupt the call that one of them is in. False: none is. */
bool app_hand_interrupt(struct app *app);
void app_hand_watch(struct app *app, const struct call *c);
/* Room for one more session, which becomes the current one; NULL: none. */
struct session_state *app_new_session(struct app *app);
/* What the message line can add about a connect() that failed. */
void app_explain_connect(struct app *app, const struct call *c);
/* A call went by: what does it mean for server and sessions? */
void app_watch(struct app *app, const struct call *c);
/* Enter a call into the journal and see what it means. */
void app_feed_call(struct app *app, const struct call *c);
/* Room for one more session, which becomes the current one. NULL: none. */
struct session_state *app_new_session(struct app *app);
struct session_state *app_session_of(struct app *app, uint32_t group);
/* From now on this is what is said to that port, and what it answers; NULL:
 * nobody knows. */
void app_agree(
    struct app *app, uint16_t port, const char *request, const char *answer);
/* Actors may have ended: what does that mean? */
void app_settle(struct app *app);

/* The wire (tui/app_wire.c): a source of packets, which it adds. */
int app_open_wire(struct app *app, struct err *err);
void app_close_wire(struct app *app); /* before the sources */
/* Fetch what is seen of it into app->wire_seen. */
void app_look_at_wire(struct app *app);
bool app_wire_is_shown(const struct app *app);
/* It is shown and something is under way: another picture is due. */
bool app_wire_moves(const struct app *app);
/* How it is, in words; "" for nothing special. */
void app_wire_text(const struct app *app, char *dst, size_t size);
/* Say in the journal what the user has done to it. */
void app_wire_changed(struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Decide about a packet that is held. */
int app_wire_act(struct app *app, uint64_t id, const struct wire_order *order,
    struct err *err);
/* While time is stopped: let one packet through. False: there is none. */
bool app_wire_step(struct app *app);
/* Was this call waiting for what was let through? */
void app_wire_watch(struct app *app, const struct call *c);

/*
 * What the kernel says of both ends (tui/app_kernel.c), asked after each packet
 * by the wire's thread, and after each call and with each table by main. It is
 * done without where memory is short.
 */
void app_open_kernel_view(struct app *app);
void app_close_kernel_view(struct app *app); /* after the wire's end */
void app_kernel_packet(struct kernel_view *k, const struct packet *p);
void app_kernel_call(struct app *app, const struct call *c);
void app_kernel_table(struct app *app);
void app_drain_kernel_view(struct app *app);

/* Traced programs (tui/app_trace.c). True: something has come. */
void app_trace_open(struct app *app);
bool app_trace_read(struct app *app);

/* Thermal streams (tui/app_thermal.c). */
void app_thermal_init(struct app *app);
void app_thermal_done(struct app *app); /* after the engine's end */
int app_thermal_add(
    struct app *app, const struct endpoint *to, struct err *err);
void app_thermal_stop(struct app *app);
bool app_thermal_read(struct app *app); /* true: something has come */
void app_thermal_settle(struct app *app);

/* Bluetooth (tui/app_bluetooth.c): ask for the adapters; and of a server on
 * every adapter the address that a client here connects to. 0, -EAGAIN: they
 * are not known yet; -ENODEV. */
void app_bluetooth_look(struct app *app);
int app_bluetooth_reach(const struct app *app, struct addr *a, struct err *err);

/* Keys and mouse (tui/app_input.c). */
void app_input(struct app *app);
/* Run command text and say its error. */
void app_command(struct app *app, const char *text);

#endif
