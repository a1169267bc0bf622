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

#define GOLDEN_PACKETS 32

static const char *const golden_files[] = {"fragments", "icmp", "ip_options",
    "neighbours", "tcp4_echo", "tcp4_refused", "tcp6_echo", "tcp_options",
    "udp4_echo", "udp6_echo", "vlan"};

struct golden {
	size_t count;
	struct packet packets[GOLDEN_PACKETS];
	uint8_t bytes[20 * 1024];
};

/* Returns the number of packets; 0: no such file, or not as expected. */
static inline size_t
golden_load(const char *name, struct golden *g)
{
	char path[128];
	FILE *f;
	struct rd r;
	uint32_t link, magic;

	memset(g, 0, sizeof *g);
	snprintf(path, sizeof path, "tests/golden/%s.pcap", name);
	f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	link = (uint32_t)fread(g->bytes, 1, sizeof g->bytes, f);
	fclose(f);
	r = rd_init(g->bytes, link, link);
	magic = rd_le32(&r);
	rd_skip(&r, 16);
	link = rd_le32(&r);
	while (rd_left(&r) > 0 && g->count < GOLDEN_PACKETS) {
		struct packet *p = &g->packets[g->count];

		p->ts_ns = (int64_t)rd_le32(&r) * 1000000000;
		p->ts_ns +=
		    (int64_t)rd_le32(&r) * (magic == 0xa1b23c4d ? 1 : 1000);
		p->cap_len = rd_le32(&r);
		p->wire_len = rd_le32(&r);
		p->link_type = (uint16_t)link;
		p->data = rd_bytes(&r, p->cap_len);
		g->count += r.state == RD_OK;
	}
	return r.state == RD_OK ? g->count : 0;
}

#endif
