/*
 * tests/bench/traffic.c - a capture of made-up traffic, the same each time.
 *
 *   traffic FILE PACKETS [SNAPLEN]
 *
 * 30% TCP in bulk with a lost segment now and then, 50% small UDP, and 20%
 * connections of ten packets. Checksums are 0, as they are where they are
 * offloaded. Ten million packets take seconds.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BULKS 12
#define DATAGRAMS 20
#define SHORTS 8
#define STREAMS (BULKS + DATAGRAMS + SHORTS)
#define HOSTS 500
#define SEGMENT 1448
#define NOISE 65536

enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };

struct end {
	uint32_t host;
	uint16_t port;
};

struct connection {
	struct end end[2];
	uint32_t sent[2]; /* sequence numbers that come next */
	unsigned step; /* of its life */
	uint32_t again; /* a segment to be sent once more; 0: none */
	unsigned answer; /* bytes, of a short one */
};

static struct {
	uint64_t dice;
	unsigned opened;
	uint8_t noise[NOISE];
	struct connection bulk[BULKS], brief[SHORTS];
	FILE *out;
	uint32_t snaplen;
	uint64_t us;
} t = {.dice = 5};

/* xorshift64*: good enough, and the same everywhere. */
static uint32_t
roll(uint32_t below)
{
	t.dice ^= t.dice >> 12;
	t.dice ^= t.dice << 25;
	t.dice ^= t.dice >> 27;
	return (uint32_t)((t.dice * 2685821657736338717u) >> 32) % below;
}

static uint32_t
host(uint32_t i)
{
	return 10u << 24 | i / 250 << 16 | (i % 250 + 1);
}

static uint8_t *
put(uint8_t *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

static uint8_t *
put16(uint8_t *at, uint16_t v)
{
	v = htons(v);
	return put(at, &v, sizeof v);
}

static uint8_t *
put32(uint8_t *at, uint32_t v)
{
	v = htonl(v);
	return put(at, &v, sizeof v);
}

static uint8_t *
put_ip(uint8_t *at, uint32_t src, uint32_t dst, uint8_t proto, unsigned n)
{
	static const uint8_t ethernet[14] = {
	    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};

	at = put(at, ethernet, sizeof ethernet);
	at = put16(at, 0x4500);
	at = put16(at, (uint16_t)(20 + n));
	at = put32(at, 0x4000); /* no fragment */
	at = put16(at, (uint16_t)(64 << 8 | proto));
	at = put16(at, 0);
	at = put32(at, src);
	return put32(at, dst);
}

static void
write_packet(const uint8_t *packet, const uint8_t *end)
{
	uint32_t len = (uint32_t)(end - packet);
	uint32_t kept = len < t.snaplen ? len : t.snaplen;
	uint32_t head[4];

	t.us += 1 + roll(8);
	head[0] = (uint32_t)(t.us / 1000000);
	head[1] = (uint32_t)(t.us % 1000000);
	head[2] = kept;
	head[3] = len;
	fwrite(head, sizeof head, 1, t.out);
	fwrite(packet, kept, 1, t.out);
}

static void
segment(struct connection *c, int from, uint32_t seq, uint8_t flags, unsigned n)
{
	static const uint8_t stamps[12] = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 1};
	static const uint8_t syn[20] = {
	    2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
	bool opens = (flags & SYN) != 0;
	unsigned options = opens ? sizeof syn : sizeof stamps;
	uint8_t packet[2048], *at;

	at = put_ip(
	    packet, c->end[from].host, c->end[!from].host, 6, 20 + options + n);
	at = put16(at, c->end[from].port);
	at = put16(at, c->end[!from].port);
	at = put32(at, seq);
	at = put32(at, (flags & ACK) != 0 ? c->sent[!from] : 0);
	*at++ = (uint8_t)((20 + options) << 2);
	*at++ = flags;
	at = put16(at, 502);
	at = put32(at, 0);
	at = put(at, opens ? syn : stamps, options);
	at = put(at, t.noise + seq % 50000, n);
	write_packet(packet, at);
}

/* A new one, and the sequence number that it takes up. */
static void
say(struct connection *c, int from, uint8_t flags, unsigned n)
{
	segment(c, from, c->sent[from], flags, n);
	c->sent[from] += n + ((flags & (SYN | FIN)) != 0);
}

static void
bulk(unsigned i)
{
	struct connection *c = &t.bulk[i];

	if (c->step == 0)
		*c = (struct connection){
		    .end = {{host(i), (uint16_t)(50000 + i)},
			{host(i + BULKS + 8), 5001}},
		    .sent = {999, 77},
		};
	if (c->step < 3) {
		say(c, c->step & 1,
		    c->step == 0   ? SYN
		    : c->step == 1 ? SYN | ACK
				   : ACK,
		    0);
		c->step++;
	} else if (c->again != 0) {
		segment(c, 0, c->again, ACK, SEGMENT);
		c->again = 0;
	} else if (c->step++ % 3 == 2) {
		say(c, 1, ACK, 0);
	} else {
		if (roll(200) == 0)
			c->again = c->sent[0];
		say(c, 0, ACK, SEGMENT);
	}
}

static void
datagram(unsigned i)
{
	unsigned n = 16 + roll(64);
	uint8_t packet[256], *at;

	at = put_ip(packet, host(i), host(i + 50), 17, 8 + n);
	at = put16(at, (uint16_t)(20000 + i));
	at = put16(at, 9000);
	at = put32(at, (8 + n) << 16);
	at = put(at, t.noise + n, n);
	write_packet(packet, at);
}

static void
brief(unsigned i)
{
	static const struct {
		int from;
		uint8_t flags;
		unsigned n;
	} life[] = {{0, SYN, 0}, {1, SYN | ACK, 0}, {0, ACK, 0},
	    {0, PSH | ACK, 120}, {1, ACK, 0}, {1, PSH | ACK, 1}, {0, ACK, 0},
	    {0, FIN | ACK, 0}, {1, FIN | ACK, 0}, {0, ACK, 0}};
	struct connection *c = &t.brief[i];

	if (c->step == 0) {
		t.opened++;
		*c = (struct connection){
		    .end = {{host(roll(400)),
				(uint16_t)(10000 + t.opened % 50000)},
			{host(400 + t.opened % 7), 80}},
		    .sent = {roll(UINT32_MAX), roll(UINT32_MAX)},
		    .answer = 100 + roll(800),
		};
	}
	say(c, life[c->step].from, life[c->step].flags,
	    life[c->step].n != 1 ? life[c->step].n : c->answer);
	c->step = (c->step + 1) % (sizeof life / sizeof *life);
}

int
main(int argc, char **argv)
{
	static char buffer[1 << 20];
	const uint32_t head[] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 262144, 1};
	long packets;

	if (argc < 3 || (packets = atol(argv[2])) <= 0)
		errx(2, "usage: traffic FILE PACKETS [SNAPLEN]");
	t.snaplen = argc > 3 ? (uint32_t)atol(argv[3]) : 262144;
	t.us = 1700000000000000;
	t.out = fopen(argv[1], "w");
	if (t.out == NULL)
		err(1, "%s", argv[1]);
	setvbuf(t.out, buffer, _IOFBF, sizeof buffer);
	for (int i = 0; i < NOISE; i++)
		t.noise[i] = (uint8_t)roll(256);
	fwrite(head, sizeof head, 1, t.out);
	while (packets-- > 0) {
		unsigned i = roll(STREAMS);

		if (i < BULKS)
			bulk(i);
		else if (i < BULKS + DATAGRAMS)
			datagram(i - BULKS);
		else
			brief(i - BULKS - DATAGRAMS);
	}
	if (fclose(t.out) != 0)
		err(1, "%s", argv[1]);
	return 0;
}
