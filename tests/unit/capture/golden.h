/*
 * tests/unit/capture/golden.h - the packets of tests/golden for unit tests.
 *
 * A reader of its own, so that these tests need no libpcap: classic pcap in
 * little-endian order, as tcpdump wrote the files.
 */
#ifndef SOCKDECK_TESTS_GOLDEN_H
#define SOCKDECK_TESTS_GOLDEN_H

#include <stdio.h>
#include <string.h>

#include "net/base/bytes.h"
#include "net/base/packet.h"

#define GOLDEN_PACKETS 600

static const char *const golden_files[] = {"fragments", "rudp", "icmp",
    "ip_options", "neighbours", "tcp4_echo", "tcp4_refused", "tcp6_echo",
    "tcp_options", "udp4_echo", "udp6_echo", "vlan", "datagram_fragments",
    "dhcp", "dns", "dns_bad", "dns_tcp", "http", "http_close", "http_reordered",
    "http_curl", "tls12_openssl", "tls13_openssl", "igmp", "ntp", "quic", "tls",
    "tls12", "rfcomm", "rfcomm_pairing", "thermal"};

struct golden {
	size_t count;
	struct packet packets[GOLDEN_PACKETS];
	uint8_t bytes[64 * 1024];
};

/* The packets of a file in memory, one after the other. */
struct golden_reader {
	struct rd r;
	uint32_t link;
	bool nanoseconds;
};

static inline bool
golden_open(struct golden_reader *g, const uint8_t *bytes, size_t len)
{
	g->r = rd_init(bytes, len, len);
	g->nanoseconds = rd_le32(&g->r) == 0xa1b23c4d;
	rd_skip(&g->r, 16);
	g->link = rd_le32(&g->r);
	return g->r.state == RD_OK;
}

/* False: there are no more, or g->r says what is wrong. */
static inline bool
golden_next(struct golden_reader *g, struct packet *p)
{
	if (rd_left(&g->r) == 0)
		return false;
	*p = (struct packet){.link_type = (uint16_t)g->link};
	p->ts_ns = (int64_t)rd_le32(&g->r) * 1000000000;
	p->ts_ns += (int64_t)rd_le32(&g->r) * (g->nanoseconds ? 1 : 1000);
	p->cap_len = rd_le32(&g->r);
	p->wire_len = rd_le32(&g->r);
	p->data = rd_bytes(&g->r, p->cap_len);
	return g->r.state == RD_OK;
}

/* Returns the number of packets; 0: no such file, or not as expected. */
static inline size_t
golden_load(const char *name, struct golden *g)
{
	struct golden_reader r;
	char path[128];
	FILE *f;
	size_t len;

	memset(g, 0, sizeof *g);
	snprintf(path, sizeof path, "tests/golden/%s.pcap", name);
	f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	len = fread(g->bytes, 1, sizeof g->bytes, f);
	fclose(f);
	if (!golden_open(&r, g->bytes, len))
		return 0;
	while (
	    g->count < GOLDEN_PACKETS && golden_next(&r, &g->packets[g->count]))
		g->count++;
	return r.r.state == RD_OK ? g->count : 0;
}

#endif
