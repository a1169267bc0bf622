/*
 * tests/fuzz/hci_check.h - any packets of a Bluetooth adapter, one after the
 * other, through the whole model.
 *
 * Input: the link type, then packets: how many bytes the capture lacks, the
 * length (16 bits, big-endian), the bytes.
 */
#ifndef SOCKDECK_TESTS_FUZZ_HCI_CHECK_H
#define SOCKDECK_TESTS_FUZZ_HCI_CHECK_H

#include "capture/capture.h"
#include "capture/hci.h"
#include "capture/hci_info.h"
#include "tests/fuzz/dissect_check.h"

/* Summary, line and tree of one packet, with all that is known of it. */
static inline void
check_hci_frame(const struct capture *c, uint64_t id, struct tree *t)
{
	struct dissect_context ctx;
	struct frame f;
	char line[40];

	if (!store_get(capture_store(c), id, &f))
		return;
	check_summary(&f.packet, &f.sum);
	CHECK(hci_info(&f, line, sizeof line) < sizeof line);
	ctx = capture_context(c, &f);
	CHECK(ctx.hci.first_fragment <= id);
	dissect(&f.packet, &ctx, t);
	for (size_t i = 0; i < t->count; i++)
		check_field(&f.packet, t, &t->fields[i]);
	CHECK(f.sum.status == SUMMARY_OK || has_trouble(t, RD_TRUNCATED) ||
	      has_trouble(t, RD_MALFORMED));
}

/* The costs of all conversations are those of all their frames. */
static inline void
check_hci_costs(const struct capture *c, uint64_t bytes)
{
	struct cost sum = {0};

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		struct cost one =
		    ledger_total(capture_ledger(c), (enum purpose)p);

		cost_add(&sum, &one);
	}
	CHECK(sum.link + cost_bytes(&sum) == bytes);
}

static inline void
check_hci(const uint8_t *data, size_t n)
{
	static const uint16_t links[] = {
	    LINK_HCI_H4_PHDR, LINK_HCI_H4, LINK_HCI_MONITOR};
	struct capture *c = capture_new(1024 * 1024);
	struct rd r = rd_init(data, n, n);
	uint16_t link = links[rd_u8(&r) % 3];
	uint64_t count = 0, bytes = 0;
	struct tree t;

	CHECK(c != NULL);
	tree_init(&t);
	while (rd_left(&r) >= 3 && count < 256) {
		uint8_t lacking = rd_u8(&r);
		size_t len = rd_be16(&r);
		struct packet p = {
		    .ts_ns = (int64_t)++count, .link_type = link};
		struct frame f;

		if (len > rd_left(&r))
			len = rd_left(&r);
		p.cap_len = (uint32_t)len;
		p.wire_len = p.cap_len + lacking;
		p.data = rd_bytes(&r, len);
		CHECK(capture_feed_one(c, &p, &f));
		check_summary(&f.packet, &f.sum);
		if (f.flow != 0)
			bytes += p.wire_len;
		check_hci_frame(c, count, &t);
	}
	for (uint64_t id = count; id > 0; id--)
		check_hci_frame(c, id, &t);
	check_hci_costs(c, bytes);
	tree_done(&t);
	capture_free(c);
}

#endif
