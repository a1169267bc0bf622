/*
 * tui/deck.h - the state of the console itself: what is focused, selected,
 * typed and running. The models of the network know nothing of it.
 *
 * Owns:   values only.  Thread: main.  Blocks: never.
 * Changed only by commands (tui/commands.c) and by the app as it watches calls
 * go by; panes read it.
 */
#ifndef SOCKDECK_TUI_DECK_H
#define SOCKDECK_TUI_DECK_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/source.h"
#include "net/addr.h"
#include "net/call.h"
#include "net/client.h"
#include "net/rudp.h"
#include "net/server.h"
#include "tui/marks.h"
#include "tui/self.h"
#include "tui/timefmt.h"

enum pane_id {
	PANE_SERVER,
	PANE_CLIENT,
	PANE_SOCKETS,
	PANE_PACKETS,
	PANE_COUNT
};

/* What the pane of one side shows: the calls, or another view of them. */
enum face {
	FACE_CALLS,
	FACE_CODE, /* the Python program that does the same */
	FACE_CLIENTS, /* server: who is there */
	FACE_TELEMETRY, /* server: the readings as curves */
	FACE_STRUCT, /* client: the record being packed */
	FACE_COUNT
};

enum packet_view {
	VIEW_LIST,
	VIEW_LADDER,
	VIEW_STREAM,
	VIEW_RULERS,
	VIEW_STATES,
	VIEW_GRAPHS,
	VIEW_BYTES,
	VIEW_OVERHEAD,
	VIEW_CONVERSATIONS,
	VIEW_ENDPOINTS,
	VIEW_COMPARE,
	VIEW_WIRE, /* by F9 */
	VIEW_THERMAL, /* by :thermal */
	VIEW_BLUETOOTH, /* by :bluetooth and :discover */
	VIEW_INTERFACES, /* by :interface */
	VIEW_COUNT
};
const char *packet_view_name(enum packet_view v);
/* Is it opened by something else than the key v, and left with Esc? */
bool packet_view_is_opened(enum packet_view v);
/* Does it show the packets of one conversation, from capture/stream.h? */
bool packet_view_streams(enum packet_view v);

/* Is it a table over all conversations? */
bool packet_view_is_table(enum packet_view v);
/* Does it show what the display filter lets through, or that alone? */
bool packet_view_filters(enum packet_view v);

/* What is selected, for all panes: its partners are lit everywhere. */
enum selected_kind {
	SELECTED_NONE,
	SELECTED_CALL,
	SELECTED_FRAME,
	SELECTED_SOCKET,
	SELECTED_BYTE /* of the packed record: its offset + 1 */
};
struct selection {
	enum selected_kind kind;
	uint64_t id; /* call id, frame id, or socket cookie; with
		      * SELECTED_NONE: the frame that is followed, or 0 */
	uint32_t flow; /* the conversation it belongs to; 0: none */
};

/* The packet under the cursor: the selected one, or the newest, while a view
 * follows and nothing is selected. 0: none. */
uint64_t selection_frame(const struct selection *s);
bool selection_equal(const struct selection *a, const struct selection *b);

struct known;

enum entry_kind {
	ENTRY_NONE,
	ENTRY_SEND,
	ENTRY_COMMAND,
	ENTRY_FIND,
	ENTRY_FILTER,
	ENTRY_STRUCT,
	ENTRY_KINDS
};

/* What the colours of the packet list tell. */
#define LIST_COLOURS(X)                 \
	X(SENDER, "sender")             \
	X(CONVERSATION, "conversation") \
	X(VERDICT, "verdict")

enum list_colour {
#define X(NAME, name) LIST_BY_##NAME,
	LIST_COLOURS(X)
#undef X
	    LIST_COLOUR_COUNT
};
const char *list_colour_name(enum list_colour c);

#define LIST_COLUMNS_MAX 32

#define DECK_SPLIT_Y 54

#define ENTRY_MAX 512
#define ENTRY_HISTORY 32

/* A line being typed. */
struct entry {
	enum entry_kind kind;
	char text[ENTRY_MAX]; /* UTF-8 */
	size_t len, cursor; /* bytes */
	size_t left_out; /* bytes that were typed but had no room */
	char complaint[256]; /* what is wrong with it so far; "" */
	size_t complaint_at; /* and where; for a struct */
	/* of each kind its own, the newest last */
	char history[ENTRY_KINDS][ENTRY_HISTORY][ENTRY_MAX];
	int history_count[ENTRY_KINDS];
	int history_at; /* of the kind that is typed */
	const struct known *known; /* for completion; NULL: nothing is */
};

enum run_state { RUN_NONE, RUN_STARTING, RUN_UP, RUN_FAILED, RUN_STOPPED };

/* The server, as its calls tell. */
struct server_state {
	enum run_state state;
	uint32_t group;
	uint32_t listener; /* its listening socket's id */
	struct server_spec spec;
	struct addr local; /* where it really listens */
	struct addr refused; /* in use by someone unknown as yet; or len 0 */
	int clients; /* connections open now */
	bool restart; /* start `next` as soon as the old one has ended */
	struct server_spec next;
};

#define TRACED_MAX 16 /* TRACE_HUB_PROGRAMS */
#define PROGRAM_MAX 96

/* A program of the user's, traced (sockdeck exec --trace). */
struct traced_state {
	uint32_t group;
	char name[PROGRAM_MAX]; /* its command line; untrusted */
	bool running;
	bool seen[SIDE_COUNT]; /* it has made calls of that side */
	uint32_t server; /* the socket at which it serves; 0: none */
	enum transport transport;
	struct addr local; /* where it serves */
};

#define SESSIONS_MAX 16

/* A client session, as its calls tell. */
struct session_state {
	uint32_t group, sock;
	struct client_spec spec;
	struct rudp_stats rudp; /* of reliable UDP, as last reported */
	char program[PROGRAM_MAX]; /* it is that traced program's; "": ours */
	enum run_state state;
	bool peer_closed, write_closed;
	bool by_hand; /* the sockets of hand[SIDE_CLIENT]; no spec */
	struct addr local, peer;
};

/* By which column a table is sorted. */
struct table_order {
	int column;
	bool reverse;
};

/* The sockets of one side that the user drives by hand. */
struct hand_state {
	uint32_t group; /* 0: none yet */
	uint32_t last; /* the socket that "." means; 0: none */
};

struct deck {
	enum pane_id focus;
	enum pane_id upper; /* shown above the packets where two fit */
	bool zoomed;
	int split_x, split_y; /* percent of the screen for the left, the top */
	enum packet_view view, view_before; /* before: where Esc goes back */
	struct selection selected;
	struct table_order conversations, endpoints;
	struct addr endpoint; /* only its conversations are listed; or len 0 */
	uint8_t endpoint_proto; /* PROTO_TCP, PROTO_UDP */
	uint64_t wanted; /* frame that the view is to select; 0: none */
	bool from_table; /* Esc goes back to the conversations */
	bool lanes; /* the ladder shows all of that client and server */
	uint32_t flow; /* show only this conversation; 0: all, follow newest */
	uint64_t frame; /* the packet that the bytes view shows */
	enum face face[SIDE_COUNT]; /* what the server and client panes show */
	bool why; /* the foot explains what is under the cursor */
	bool hex, all_sockets, help, ask_quit, quit;
	uint32_t client; /* the server pane has only its calls; 0: all */
	unsigned paused; /* a bit for each side that stops before calls */
	uint64_t past; /* the views show the moment of this frame; 0: now */
	int64_t past_ns; /* which is this time */
	int sort; /* column of the sockets pane */
	bool reverse;
	char find[ENTRY_MAX];
	char filter[ENTRY_MAX]; /* capture filter in force */
	char show[ENTRY_MAX]; /* display filter of the list; "" for all */
	uint8_t columns[LIST_COLUMNS_MAX]; /* of the list: enum listcol */
	int column_count; /* 0: as many as the width has room for */
	enum list_colour colour;
	struct marks marks; /* frames, in all views */
	enum time_format time; /* of packets and calls */
	uint64_t reference; /* frame that times count from; 0: the start */
	int64_t reference_ns; /* its time */
	struct entry entry;
	char message[512]; /* the answer to the last command */
	bool message_bad;
	char overwrite[ENTRY_MAX]; /* command that asks whether it may; "" */
	struct server_state server;
	struct session_state sessions[SESSIONS_MAX];
	int session_count, session; /* current one; -1: none */
	struct traced_state traced[TRACED_MAX]; /* oldest first */
	int traced_count;
	struct hand_state hand[SIDE_COUNT];
	enum side hand_side; /* whose pane had the focus last */
	char self[SELF_MAX]; /* how the user calls sockdeck in a shell */
	char where[2 * SOURCE_NAME_MAX]; /* "lab lo", "host eth0", a file */
	bool from_file; /* the packets are a file's: no calls belong to them */
	bool in_lab;
	char capture_trouble[512]; /* why there are no packets; "" */
	uint64_t gen; /* bumped on every change */
};

void deck_init(struct deck *d);
/* Show this face of a side; or the calls, if it is shown already. */
void deck_turn(struct deck *d, enum side side, enum face face);
/* Bring a pane into sight where not all have room; the packets keep the focus
 * if they have it. */
void deck_show(struct deck *d, enum pane_id pane);
/* Say something in the message line; it goes away at the next key. */
void deck_say(struct deck *d, bool bad, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The traced program that serves now, the newest; NULL: none. */
const struct traced_state *deck_traced_server(const struct deck *d);
struct session_state *deck_session(struct deck *d); /* NULL: none */
const struct session_state *deck_session_const(const struct deck *d);
/* Is it a client of the console's own, neither traced nor by hand? */
bool deck_session_is_own(const struct session_state *s);
/* The own server, if the current session is with it; NULL: with another. */
const struct server_spec *deck_session_server(const struct deck *d);
/* The group of the sockets by hand, if that side's pane shows them now. */
uint32_t deck_by_hand(const struct deck *d, enum side side);

#endif
