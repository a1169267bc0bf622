/*
 * tests/unit/capture/frames.h - frames written down as a table, for tests of
 * what comes after the summary.
 *
 * The client is 10.0.0.1:40000, the server 10.0.0.2:7000; seq and ack are raw.
 */
#ifndef SOCKDECK_TESTS_FRAMES_H
#define SOCKDECK_TESTS_FRAMES_H

#include <string.h>

#include "capture/store.h"

enum {
	C = DIR_CLIENT,
	S = DIR_SERVER,
	SYN = TCP_SYN,
	ACK = TCP_ACK,
	FIN = TCP_FIN,
	RST = TCP_RST,
	CLIENT_PORT = 40000,
	SERVER_PORT = 7000,
};

/* Where in the script's 32-bit space both streams begin: across its end. */
#define C_ISN UINT32_C(0xffffff00)
#define S_ISN UINT32_C(0x7fffff00)

/* One segment; numbers relative as Wireshark shows them. */
struct step {
	int dir;
	int flags;
	int64_t seq, ack;
	uint32_t len;
	uint16_t window; /* 0: 1000 */
};

static inline void
frame_ports(struct frame *f, int dir, uint16_t client, uint16_t server)
{
	struct summary *s = &f->sum;
	static const uint8_t ip[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};

	memcpy(s->src, ip[dir], 4);
	memcpy(s->dst, ip[!dir], 4);
	s->src_port = dir == C ? client : server;
	s->dst_port = dir == C ? server : client;
}

/* A frame as store_add() hands it out; Ethernet, IPv4, timestamps. */
static inline struct frame
frame_tcp(uint64_t id, const struct step *t)
{
	struct frame f = {
	    .id = id,
	    .packet = {.ts_ns = (int64_t)id * 1000},
	    .sum = {.proto = PROTO_TCP,
		.ip_version = 4,
		.tcp_flags = (uint8_t)t->flags,
		.link_len = 14,
		.net_len = 20,
		.transport_len = 20,
		.options_len = 12,
		.has_timestamps = true,
		.payload_off = 66,
		.payload_len = t->len,
		.window = t->window ? t->window : 1000},
	};

	frame_ports(&f, t->dir, CLIENT_PORT, SERVER_PORT);
	f.sum.seq = (uint32_t)t->seq + (t->dir == C ? C_ISN : S_ISN);
	if (t->flags & TCP_ACK)
		f.sum.ack = (uint32_t)t->ack + (t->dir == C ? S_ISN : C_ISN);
	f.packet.cap_len = f.packet.wire_len = 66 + t->len;
	return f;
}

static inline struct frame
frame_udp(uint64_t id, int dir, uint32_t len)
{
	struct frame f = frame_tcp(id, &(struct step){.dir = dir, .len = len});

	f.sum.proto = PROTO_UDP;
	f.sum.seq = f.sum.ack = 0;
	f.sum.window = 0;
	f.sum.transport_len = 8;
	f.sum.options_len = 0;
	f.sum.payload_off = 42;
	f.packet.cap_len = f.packet.wire_len = 42 + len;
	return f;
}

/* The same small sequence on every machine (splitmix64). */
struct dice {
	uint64_t state;
};

static inline uint32_t
dice_below(struct dice *d, uint32_t n)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) % n);
}

#endif
