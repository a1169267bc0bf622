/*
 * tests/fuzz/dissect_check.h - what must hold for every packet, however broken.
 *
 * Used by the fuzz target, by the replay of its corpus and by the tests that
 * cut golden packets at every length. A broken promise ends the program.
 */
#ifndef SOCKDECK_TESTS_FUZZ_DISSECT_CHECK_H
#define SOCKDECK_TESTS_FUZZ_DISSECT_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/dissect.h"
#include "capture/hci.h"
#include "capture/summary.h"
#include "capture/summary_usual.h"

#define FIELD_VALUE_MAX 320 /* generated: of a few bytes */

#define CHECK(what)                                                      \
	do {                                                             \
		if (!(what)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #what);                            \
			abort();                                         \
		}                                                        \
	} while (0)

static inline void
check_summary(const struct packet *p, const struct summary *s)
{
	uint64_t sum = (uint64_t)s->link_len + s->net_len + s->transport_len +
		       s->options_len + s->payload_len + s->padding_len;

	CHECK(sum == p->wire_len);
	CHECK(s->payload_cap <= s->payload_len);
	CHECK((uint64_t)s->payload_off + s->payload_len <= p->wire_len);
	CHECK(s->payload_cap == 0 ||
	      (uint64_t)s->payload_off + s->payload_cap <= p->cap_len);
	CHECK(s->status != SUMMARY_TRUNCATED || p->wire_len > p->cap_len);
	CHECK(summary_proto_name(s)[0] != '\0');
}

/* Keys are constants, met again and again: each pointer is looked up once, and
 * then found where its hash says, or behind. */
static inline bool
is_key(const char *key)
{
	static const char *known[8192]; /* there are fewer by far */
	uint32_t at = (uint32_t)((uintptr_t)key * UINT32_C(2654435761)) >> 19;

	while (known[at] != NULL && known[at] != key)
		at = (at + 1) % 8192;
	if (known[at] == NULL && dissect_key_known(key))
		known[at] = key;
	return known[at] == key;
}

/* In one go or step by step: what is read is the same. */
static inline void
check_usual(const struct packet *p)
{
	struct summary usual = {0}, steps = {0};

	summary_read_steps(p, &steps);
	if (summary_read_usual(p, &usual))
		CHECK(memcmp(&usual, &steps, sizeof usual) == 0);
}

static inline void
check_field(const struct packet *p, const struct tree *t, const struct field *f)
{
	const uint8_t *bytes = tree_bytes(t, p, f);
	size_t size = p->cap_len;

	CHECK(f->source <= t->source_count);
	if (f->source > 0)
		size = t->sources[f->source - 1].len;
	CHECK((uint64_t)f->off + f->len <= size);
	/* they are there: ASan would say if not */
	CHECK(f->len == 0 || bytes[0] + bytes[f->len - 1] >= 0);
	CHECK(f->depth <= 8);
	CHECK(f->trouble <= RD_MALFORMED);
	CHECK(f->name != NULL);
	CHECK(f->key == NULL || is_key(f->key));
	CHECK(strlen(f->value) <= 4 * size + FIELD_VALUE_MAX);
	CHECK(f->remark != NULL);
	CHECK(f->trouble == RD_OK || f->remark[0] != '\0');
	CHECK(f->bit_mask == 0 || f->len == 1);
}

static inline bool
has_trouble(const struct tree *t, enum rd_state trouble)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->fields[i].trouble == trouble)
			return true;
	return false;
}

/* t: initialised, used again from packet to packet. */
static inline void
check_packet(const struct packet *p, struct tree *t)
{
	struct dissect_context ctx = {
	    .number = 1,
	    .seq_base = 1000,
	    .ack_base = 2000,
	    .window_shift = 7,
	    .local = p->wire_len % 2 != 0,
	};
	struct summary s;

	summary_read(p, &s);
	check_summary(p, &s);
	check_usual(p);
	dissect(p, &ctx, t);
	CHECK(t->count > 0);
	for (size_t i = 0; i < t->count; i++)
		check_field(p, t, &t->fields[i]);
	for (; hci_is_link(p->link_type) && ctx.hci.psm <= PSM_RFCOMM;
	     ctx.hci.psm++) {
		dissect(p, &ctx, t);
		for (size_t i = 0; i < t->count; i++)
			check_field(p, t, &t->fields[i]);
	}
	/* what the summary notices must be visible in the tree */
	CHECK(s.status == SUMMARY_OK || has_trouble(t, RD_TRUNCATED) ||
	      has_trouble(t, RD_MALFORMED));
}

/*
 * A fuzz input: the link type, how many bytes the capture lacks, the packet.
 * False: too short to be one.
 */
static inline bool
packet_from_input(const uint8_t *data, size_t n, struct packet *ret)
{
	static const uint16_t links[] = {LINK_ETHERNET, LINK_NULL, LINK_RAW,
	    LINK_LOOP, LINK_SLL, LINK_SLL2, 147, LINK_HCI_H4_PHDR};

	if (n < 2)
		return false;
	*ret = (struct packet){
	    .ts_ns = 1,
	    .link_type = links[data[0] % (sizeof links / sizeof *links)],
	    .cap_len = (uint32_t)(n - 2),
	    .wire_len = (uint32_t)(n - 2) + data[1],
	    .data = data + 2,
	};
	return true;
}

#endif
