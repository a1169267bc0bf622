/*
 * tui/pane.h - what every pane can do.
 *
 * A pane is a struct whose first member is a struct pane: a list of rows, of
 * which it draws those in sight. It keeps only what concerns its own display
 * (scroll position, selected row). It reads models through the view and never
 * changes them: keys become commands elsewhere.
 *
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_PANE_H
#define SOCKDECK_TUI_PANE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "capture/why.h"
#include "tui/canvas.h"
#include "tui/list.h"
#include "tui/needle.h"
#include "tui/view.h"

#define PANE_CONVERSATIONS_COLUMNS 9 /* that they can be sorted by */
#define PANE_ENDPOINTS_COLUMNS 6
#define PANE_TEXT_MAX 2048

struct pane;

struct pane_ops {
	/* A number that changes whenever draw() would draw something else. */
	uint64_t (*gen)(const struct pane *p, const struct view *v);
	/* What it shows and the state of that, for the border. */
	void (*title)(
	    const struct pane *p, const struct view *v, char *dst, size_t size);
	/* Draws into its area; calls pane_layout() for the rows' part of it. */
	void (*draw)(struct pane *p, const struct view *v, struct canvas *c,
	    struct area a);
	/* The row after (before) id, as in tui/list.h. */
	uint64_t (*next)(
	    const struct pane *p, const struct view *v, uint64_t id);
	uint64_t (*prev)(
	    const struct pane *p, const struct view *v, uint64_t id);
	/* A row as one line of text, for searching and copying. */
	void (*row_text)(const struct pane *p, const struct view *v,
	    uint64_t id, char dst[PANE_TEXT_MAX]);
	/* What the selected row is, for the other panes. */
	struct selection (*selected)(
	    const struct pane *p, const struct view *v);
	/* NULL, or: the user chose another row. */
	void (*moved)(struct pane *p, const struct view *v);
	/* NULL, or: the row after (before) id that contains it; 0. */
	uint64_t (*find)(struct pane *p, const struct view *v, uint64_t id,
	    const struct needle *needle, bool backwards);
	/* NULL: its text does, or: does the row contain it? */
	bool (*row_has)(const struct pane *p, const struct view *v, uint64_t id,
	    const struct needle *needle);
	/* NULL, or: get a piece of what draw() shows ready, in a millisecond
	 * or so; true: there is more of it. */
	bool (*work)(struct pane *p, const struct view *v);
	/* NULL, or: it has something else to move than rows; true: done. */
	bool (*steer)(struct pane *p, const struct view *v, enum list_move m);
	/* NULL, or: `x` takes the cursor to its other half. */
	void (*turn)(struct pane *p, const struct view *v);
	/* NULL, or: a click (a drag) within its area. */
	void (*click)(struct pane *p, const struct view *v, int x, int y);
	/* NULL, or: the command text of a key that is this pane's own; NULL:
	 * it is not. */
	const char *(*key)(const struct pane *p, uint32_t code);
	/* NULL, or: the thing under the cursor that can be explained, of the
	 * selected packet. False: there is none. */
	bool (*topic)(
	    const struct pane *p, const struct view *v, struct why_item *ret);
	/* NULL, or: Left (-1) and Right (1). */
	void (*sideways)(struct pane *p, const struct view *v, int step);
	/* NULL, or: select the row of this frame, if it has one. */
	void (*show_frame)(
	    struct pane *p, const struct view *v, uint64_t frame);
	/* NULL, or: a larger (1) or smaller (-1) scale. */
	void (*scale)(struct pane *p, int step);
	void (*free)(struct pane *p);
};

struct pane {
	const struct pane_ops *ops;
	struct list list;
	int rows_y; /* line of the first row within the pane's area */
};

/* For draw(): lay the list out into this part of the area. */
void pane_layout(
    struct pane *p, const struct view *v, struct area whole, struct area rows);
/* Is this the row that the user selected (not the one it follows)? */
bool pane_is_selected(const struct pane *p, uint64_t id);
/* Row y shows it: mark it if so, unless it is lit as another's partner. */
void pane_draw_selected(
    const struct pane *p, struct canvas *c, struct area a, int y, uint64_t id);

void pane_move(struct pane *p, const struct view *v, enum list_move m);
/* Select this row, as if the user had moved there. */
void pane_select(struct pane *p, uint64_t id);
/* A click on line y of the pane's area; on the row that is there. */
void pane_click(struct pane *p, const struct view *v, int y);
/* A search for the next (previous) row that contains something, in pieces. */
struct pane_search {
	bool on; /* it has not come to its end */
	bool backwards;
	struct needle needle;
	uint64_t at; /* the row that was looked at last */
};
/* Look at no more than so many rows. True: it is found, and selected; s->on:
 * there is more to look at. */
bool pane_search(
    struct pane *p, const struct view *v, struct pane_search *s, int rows);
/* The selected row as text; "" if there is none. */
void pane_text(
    const struct pane *p, const struct view *v, char dst[PANE_TEXT_MAX]);
void pane_free(struct pane *p);
/* "send> " and what has been typed so far. */
void pane_draw_prompt(const struct view *v, struct canvas *c, struct area a);

struct pane *pane_calls_new(enum side side);
/* All calls of the side as such a pane shows them, a row a line, in a pane that
 * is wide enough for its data. 0, -ENOMEM; what the disk says is in out. */
int pane_calls_write(enum side side, const struct view *v, FILE *out);
struct pane *pane_code_new(enum side side); /* the Python program */
struct pane *pane_clients_new(void);
struct pane *pane_telemetry_new(void);
struct pane *pane_struct_new(void);
struct pane *pane_sockets_new(void);
#define PANE_SOCKETS_COLUMNS 6 /* that it can be sorted by */
struct pane *pane_list_new(void); /* packets */
struct pane *pane_ladder_new(void);
/* Unfold the selected run, or (else) fold it. False: there is none. */
bool pane_ladder_fold(struct pane *p, bool unfold_only);
struct pane *pane_stream_new(void); /* the bytes of one conversation */
/* The direction that it shows: DIR_CLIENT, DIR_SERVER; -1: both. */
int pane_stream_dir(const struct pane *p);
struct pane *pane_rulers_new(void); /* writes, segments, reads */
struct pane *pane_graphs_new(void); /* in braille */
struct pane *pane_states_new(void); /* the RFC's diagram, lit */
struct pane *pane_bytes_new(void); /* tree and hex of one packet */
struct pane *pane_overhead_new(void);
/* "messages", "conversation", "everything", "protocols": of what; "captured",
 * "ethernet": with which link layer. False: none of these. */
bool pane_overhead_set(struct pane *p, const char *word);
struct pane *pane_conversations_new(void);
struct pane *pane_endpoints_new(void);
/* The selected endpoint, and its conversation if it has only one, else 0.
 * False: nothing is selected. */
bool pane_endpoints_get(const struct pane *p, struct addr *ret,
    uint8_t *ret_proto, uint32_t *ret_flow);
struct pane *pane_thermal_new(void);
struct pane *pane_interfaces_new(void); /* to capture on */
/* Ask for them; the name of the selected one, NULL: none is. */
void pane_interfaces_look(struct pane *p);
const char *pane_interfaces_get(const struct pane *p);
struct pane *pane_bluetooth_new(void);
/* The selected device; false: none. */
bool pane_bluetooth_get(
    const struct pane *p, const struct view *v, struct bdaddr *ret);
struct pane *pane_wire_new(void);
/* The packet that is held and selected, else the first that came of those that
 * are held and would go first in their direction. 0: none is. */
uint64_t pane_wire_chosen(const struct pane *p, const struct wire_look *look);
struct pane *pane_compare_new(void); /* TCP, UDP, reliable UDP */

#endif
