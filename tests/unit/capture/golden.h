/*
 * tests/unit/capture/golden.h - the packets of tests/golden for unit tests.
 *
 * A reader of its own, so that these tests need no libpcap: classic pcap in
 * little-endian order, as tcpdump wrote the files.
 */
#ifndef SOCKDECK_TESTS_GOLDEN_H
#define SOCKDECK_TESTS_GOLDEN_H

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "net/base/bytes.h"
#include "net/base/packet.h"

#define GOLDEN_PACKETS 600

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

/* Every capture there is. Returns how many; 0: one could not be loaded. */
static inline size_t
golden_each(void (*look)(const char *name, const struct golden *g))
{
	static struct golden g;
	const size_t folder = sizeof "tests/golden/" - 1;
	glob_t files = {0};
	size_t done = 0;

	glob("tests/golden/*.pcap", 0, NULL, &files);
	glob("tests/golden/*/*.pcap", GLOB_APPEND, NULL, &files);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char *name = files.gl_pathv[i] + folder;

		name[strlen(name) - sizeof ".pcap" + 1] = '\0';
		if (golden_load(name, &g) == 0)
			break;
		look(name, &g);
		done++;
	}
	if (done < files.gl_pathc)
		done = 0;
	globfree(&files);
	return done;
}

#endif
