/*
 * tests/fuzz/rudp_check.h - two ends of reliable UDP under any datagrams.
 *
 * The input is a script of one byte for what happens and some for the details:
 * datagrams of any bytes, datagrams with the right ids and numbers near the
 * right ones (a forger who listens), lost time, calls in any order. The
 * invariants of net/rudp_conn.h must hold after each. Used by the fuzz target
 * and by the replay of its corpus.
 */
#ifndef SOCKDECK_TESTS_FUZZ_RUDP_CHECK_H
#define SOCKDECK_TESTS_FUZZ_RUDP_CHECK_H

#include "tests/unit/net/rudp_rig.h"

/* Up to n bytes of the script, in memory of exactly their number. */
static inline uint8_t *
rudp_check_bytes(struct rd *script, size_t n, size_t *ret_len)
{
	const uint8_t *p;
	uint8_t *copy;

	if (n > rd_left(script))
		n = rd_left(script);
	p = rd_bytes(script, n);
	copy = malloc(n + 1);
	RIG_CHECK(copy != NULL);
	if (n > 0)
		memcpy(copy, p, n);
	*ret_len = n;
	return copy;
}

static inline void
rudp_check_raw(struct rig *g, int to, struct rd *script)
{
	size_t n;
	uint8_t *data = rudp_check_bytes(script, rd_u8(script), &n);

	rig_arrive(g, to, data, n);
	free(data);
}

/* A packet that is nearly right: what it says is near what is expected. */
static inline void
rudp_check_near(struct rig *g, int to, struct rd *script)
{
	struct rudp *c = g->end[to];
	uint8_t buf[RUDP_DATAGRAM_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	struct rudp_packet p;
	uint8_t *bitmap, *message;
	size_t n;

	if (c == NULL)
		return;
	p = (struct rudp_packet){
	    .type = (enum rudp_type)(1 + rd_u8(script) % 8),
	    .id = c->local_id,
	    .own_id = c->peer_id + rd_u8(script) % 2,
	    .window = rd_be16(script),
	};
	p.seq = (c->open ? c->rx.next : 0) + rd_u8(script) - 64u;
	p.ack = c->tx.una + rd_u8(script) - 64u;
	bitmap = rudp_check_bytes(script, rd_u8(script) % 20, &n);
	while (n > 0 && bitmap[n - 1] == 0)
		n--;
	if (p.type >= RUDP_DATA && p.type < RUDP_RESET) {
		p.bitmap = bitmap;
		p.bitmap_len = (uint8_t)n;
	}
	message = rudp_check_bytes(script, rd_u8(script) % 16, &n);
	if (p.type == RUDP_DATA) {
		p.message = message;
		p.message_len = (uint16_t)n;
	}
	rudp_encode(&w, &p);
	rudp_input(c, buf, wr_len(&w), g->now);
	free(bitmap);
	free(message);
}

static inline void
rudp_check_call(struct rig *g, int of, struct rd *script)
{
	struct rudp *c = g->end[of];
	uint8_t buf[RUDP_MESSAGE_MAX] = {0};
	uint8_t what = rd_u8(script);

	if (c == NULL)
		return;
	if (what < 120)
		rudp_send(c, buf, what);
	else if (what < 220)
		while (rudp_recv(c, buf) >= 0 && what-- > 120)
			;
	else if (what < 250)
		rudp_close(c);
	else
		rudp_abort(c);
}

static inline void
rudp_check(const uint8_t *data, size_t n)
{
	const struct impair_rules rules = {.loss_ppm = 100000,
	    .duplicate_ppm = 100000,
	    .jitter_ns = 30 * CLOCK_MS};
	struct rudp_config config = rudp_config_default;
	struct rd script = rd_init(data, n, n);
	struct rig g;

	config.window = 16;
	config.keepalive_ns = 5 * CLOCK_S;
	rig_init(&g, &config, &rules);
	while (rd_left(&script) > 0) {
		uint8_t what = rd_u8(&script);
		int end = what & 1;

		switch (what >> 1 & 3) {
		case 0:
			rudp_check_raw(&g, end, &script);
			break;
		case 1:
			rudp_check_near(&g, end, &script);
			break;
		case 2:
			rudp_check_call(&g, end, &script);
			break;
		default:
			/* a while, in a bounded number of turns */
			for (int i = what >> 3; i >= 0; i--)
				if (!rig_step(&g, g.now + 100 * CLOCK_S))
					break;
		}
		for (int i = 0; i < ENDS; i++)
			if (g.end[i] != NULL)
				rig_check(g.end[i]);
	}
	rig_done(&g);
}

#endif
