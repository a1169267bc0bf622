/*
 * tui/statemap.h - the state diagram of TCP as data: the states, what leads
 * from one to the next, and where they stand on the screen.
 *
 * Two layouts: tall is 58x15 cells, wide is 78x7. CLOSED stands twice, where a
 * connection begins and where it ends, as in the RFC.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: RFC 9293 s3.3.2, figure 5, and its note 2 (FIN-WAIT-1 to TIME-WAIT).
 */
#ifndef SOCKDECK_TUI_STATEMAP_H
#define SOCKDECK_TUI_STATEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/socktab.h" /* enum tcp_state */
#include "tui/canvas.h"

/* What happens, and what is done then. */
struct statemap_edge {
	uint8_t from, to; /* enum tcp_state */
	const char *event, *action; /* the RFC's words */
	const char *call; /* the socket call that is this event; NULL: none */
};

#define STATEMAP_EDGES 21

extern const struct statemap_edge statemap_edges[STATEMAP_EDGES];

enum statemap_layout { STATEMAP_TALL, STATEMAP_WIDE, STATEMAP_LAYOUTS };

struct statemap_point {
	int8_t x, y;
};

struct statemap_node {
	uint8_t state;
	bool end; /* the CLOSED at the end */
	struct statemap_point at; /* of its name's first letter */
};

#define STATEMAP_NODES 12
#define STATEMAP_TURNS 4

/* A line from beside one state to beside the other, by way of its turns. */
struct statemap_route {
	struct statemap_point at[STATEMAP_TURNS];
	int8_t count;
	const char *label; /* NULL: no room */
	struct statemap_point label_at; /* may stand on its own line */
};

struct statemap {
	int w, h;
	struct statemap_node nodes[STATEMAP_NODES];
	struct statemap_route routes[STATEMAP_EDGES]; /* of statemap_edges */
};

const struct statemap *statemap_get(enum statemap_layout l);

/* The edge from one state to another; -1: there is none. */
int statemap_find(enum tcp_state from, enum tcp_state to);
/* Edges (bits) that lead from one state to another over at most three; 0. */
uint32_t statemap_path(enum tcp_state from, enum tcp_state to);

/* What is to be lit; of an end that is not shown nothing is. */
struct statemap_marks {
	bool shown;
	uint8_t state; /* where it is */
	bool ended; /* CLOSED is the one at the end */
	uint32_t walked; /* edges */
	uint32_t last; /* those of the last step */
	enum role role;
	char mark; /* beside the state that it is in */
};

/* Both ends on one map, or one of them. */
void statemap_draw(const struct statemap *m,
    const struct statemap_marks ends[2], struct canvas *c, struct area a);

#endif
