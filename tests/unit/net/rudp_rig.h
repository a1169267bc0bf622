/*
 * tests/unit/net/rudp_rig.h - two ends of reliable UDP on a simulated clock.
 *
 * Both directions pass an impairment each; the time jumps from one deadline to
 * the next, so that minutes pass in milliseconds.
 */
#ifndef SOCKDECK_TESTS_RUDP_RIG_H
#define SOCKDECK_TESTS_RUDP_RIG_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/rudp.h"
#include "net/rudp_conn.h"
#include "net/rudp_door.h"
#include "net/wire_path.h"

enum { CLIENT, SERVER, ENDS };

struct rig {
	int64_t now;
	struct rudp *end[ENDS];
	struct wire_path *way[ENDS]; /* from that end */
	struct impair_seen *seen[ENDS];
	struct rudp_door *door;
	struct rudp_config config;
	bool dead[ENDS]; /* neither sends nor receives any more */
	uint64_t carried[ENDS];
	/* called for every datagram that leaves an end; may be NULL */
	void (*tap)(struct rig *g, int from, const uint8_t *data, size_t n);
	void *tap_arg;
};

static inline void
rig_init(struct rig *g, const struct rudp_config *config,
    const struct impair_rules *rules)
{
	static const uint8_t key[SIPHASH_KEY_LEN] = "0123456789abcde";

	*g = (struct rig){.config = *config, .now = 1000 * CLOCK_S};
	for (int i = 0; i < ENDS; i++) {
		g->way[i] =
		    wire_path_new(&(struct wire_settings){.impair = *rules});
		g->seen[i] = calloc(1, sizeof *g->seen[i]);
	}
	g->door = malloc(sizeof *g->door);
	rudp_door_init(g->door, key, config->window);
	g->end[CLIENT] = rudp_connect(config, 0xc0ffee, 0xfffffff0);
}

static inline void
rig_done(struct rig *g)
{
	for (int i = 0; i < ENDS; i++) {
		rudp_free(g->end[i]);
		wire_path_free(g->way[i]);
		free(g->seen[i]);
	}
	free(g->door);
}

/* What the impairment calls the number of a datagram: its type and seq. */
static inline struct impair_key
rig_key(struct rig *g, int from, const uint8_t *data, size_t n)
{
	struct rd r = rd_init(data, n, n);
	struct impair_key key = {.direction = (uint8_t)from};
	struct rudp_packet p;

	rudp_decode(&r, &p);
	key.seq = (uint64_t)p.type << 32 | (p.type == RUDP_ACK ? p.ack : p.seq);
	key.nth = impair_nth(g->seen[from], key.seq);
	return key;
}

static inline void
rig_post(struct rig *g, int from, const uint8_t *data, size_t n)
{
	static const struct wire_order chance = {.action = WIRE_NONE};
	struct wire_item *it = wire_item_new(data, n);

	it->key = rig_key(g, from, data, n);
	g->carried[from]++;
	wire_path_push(g->way[from], it, &chance, g->now);
}

/* What has arrived at an end, to its connection or to the door. */
static inline void
rig_arrive(struct rig *g, int to, const uint8_t *data, size_t n)
{
	struct rudp_door_answer a;

	if (g->end[to] != NULL) {
		rudp_input(g->end[to], data, n, g->now);
		return;
	}
	a = rudp_door_input(g->door, "client", 6, data, n, g->now);
	if (a.verdict == RUDP_DOOR_REPLY)
		rig_post(g, to, a.reply, a.reply_len);
	if (a.verdict == RUDP_DOOR_OPEN)
		g->end[to] = rudp_accept(&g->config, &a.opening, g->now);
}

/* Deliver what is due, send what wants to be sent. */
static inline void
rig_turn(struct rig *g)
{
	uint8_t buf[RUDP_DATAGRAM_MAX];
	struct wire_item *it;
	int64_t n;

	for (int i = 0; i < ENDS; i++)
		while ((it = wire_path_pop(g->way[i], g->now)) != NULL) {
			if (!g->dead[1 - i] && !fate_is_lost(it->fate))
				rig_arrive(g, 1 - i, it->data, it->len);
			free(it);
		}
	for (int i = 0; i < ENDS; i++) {
		/* Never but when rudp_deadline() asks for it: that promise is
		 * tested as well. */
		if (g->end[i] == NULL || g->dead[i] ||
		    rudp_deadline(g->end[i]) > g->now)
			continue;
		while ((n = (int64_t)rudp_output(
			    g->end[i], g->now, buf, sizeof buf)) > 0) {
			if (g->tap != NULL)
				g->tap(g, i, buf, (size_t)n);
			rig_post(g, i, buf, (size_t)n);
		}
	}
}

/* When something happens next; RUDP_NEVER: nothing will. */
static inline int64_t
rig_next(const struct rig *g)
{
	int64_t first = RUDP_NEVER;

	for (int i = 0; i < ENDS; i++) {
		int64_t t = wire_path_deadline(g->way[i]);

		if (t < first)
			first = t;
		if (g->end[i] == NULL || g->dead[i])
			continue;
		t = rudp_deadline(g->end[i]);
		if (t < first)
			first = t;
	}
	return first;
}

/* One turn, then on to the next event, at most to until_ns. False: nothing
 * will ever happen, or until_ns is reached. */
static inline bool
rig_step(struct rig *g, int64_t until_ns)
{
	int64_t next;

	rig_turn(g);
	next = rig_next(g);
	if (next > until_ns || next == RUDP_NEVER) {
		if (until_ns != RUDP_NEVER)
			g->now = until_ns;
		return false;
	}
	if (next > g->now)
		g->now = next;
	return true;
}

static inline void
rig_run(struct rig *g, int64_t for_ns)
{
	int64_t until = g->now + for_ns;

	while (rig_step(g, until))
		;
	rig_turn(g);
}

/* Until both ends know of the connection. */
static inline void
rig_establish(struct rig *g)
{
	int64_t until = g->now + 600 * CLOCK_S;

	while (g->end[SERVER] == NULL || !g->end[CLIENT]->confirmed)
		if (!rig_step(g, until))
			return;
}

/* The invariants of rudp_conn.h; a broken one ends the program. */
#define RIG_CHECK(what)                                                  \
	do {                                                             \
		if (!(what)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #what);                            \
			abort();                                         \
		}                                                        \
	} while (0)

static inline void
rig_check_list(const struct rudp *c, const struct tx_list *list, int place)
{
	uint16_t i = list->head, prev = RUDP_NIL;
	uint64_t number = 0;
	uint32_t n = 0;

	for (; i != RUDP_NIL; prev = i, i = c->tx.slots[i].next, n++) {
		RIG_CHECK(i < c->config.window && n < c->config.window);
		RIG_CHECK(c->tx.slots[i].place == place);
		RIG_CHECK(c->tx.slots[i].prev == prev);
		RIG_CHECK(place != TX_FLIGHT || c->tx.slots[i].number > number);
		number = c->tx.slots[i].number;
	}
	RIG_CHECK(list->tail == prev && list->count == n);
}

static inline void
rig_check(const struct rudp *c)
{
	const struct rudp_tx *tx = &c->tx;
	const struct rudp_rx *rx = &c->rx;
	uint32_t window = c->config.window, above = 0, places = 0;

	RIG_CHECK(tx->end - tx->una <= window);
	RIG_CHECK(tx->next - tx->una <= tx->end - tx->una);
	rig_check_list(c, &tx->flight, TX_FLIGHT);
	rig_check_list(c, &tx->lost, TX_LOST);
	for (uint32_t s = tx->una; s != tx->next; s++)
		places += tx->slots[rudp_index(c, s)].place == TX_FLIGHT ||
			  tx->slots[rudp_index(c, s)].place == TX_LOST;
	RIG_CHECK(places == tx->flight.count + tx->lost.count);
	if (tx->una != tx->next)
		RIG_CHECK(tx->slots[rudp_index(c, tx->una)].place != TX_ACKED);
	RIG_CHECK(rx->next - rx->read <= rx->top - rx->read);
	RIG_CHECK(rx->top - rx->read <= window);
	for (uint32_t s = rx->read; s != rx->top; s++) {
		bool here = rx->slots[rudp_index(c, s)].here;

		RIG_CHECK(here || !rudp_before(s, rx->next));
		above += here && !rudp_before(s, rx->next);
	}
	RIG_CHECK(above == rx->out_of_order);
	if (rx->next != rx->top)
		RIG_CHECK(!rx->slots[rudp_index(c, rx->next)].here);
	RIG_CHECK(c->closed || rudp_stats(c).rto_ns > 0);
	/* whatever waits for an answer has a timer */
	RIG_CHECK(
	    c->closed || tx->una == tx->next || tx->timer_ns != RUDP_NEVER);
}

#endif
