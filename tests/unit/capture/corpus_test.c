/* What fuzzing found, and golden packets cut everywhere, hold the promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/app_check.h"
#include "tests/fuzz/hci_check.h"
#include "tests/fuzz/show_check.h"
#include "tests/fuzz/stream_check.h"
#include "tests/unit/capture/golden.h"
#include "tests/unit/corpus.h"

static struct tree t;

static void
replay_packet(const uint8_t *data, size_t n)
{
	struct packet p;

	if (packet_from_input(data, n, &p))
		check_packet(&p, &t);
}

static void
corpus__of_packets__keeps_the_promises(void **state)
{
	(void)state;
	tree_init(&t);
	assert_true(
	    corpus_replay("tests/fuzz/corpus/dissect", replay_packet) > 20);
	tree_done(&t);
}

static void
corpus__of_application_messages__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay("tests/fuzz/corpus/app", check_app) > 20);
}

static void
corpus__of_streams__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(
	    corpus_replay("tests/fuzz/corpus/stream", check_stream) >= 5);
}

static void
corpus__of_bluetooth_captures__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay("tests/fuzz/corpus/hci", check_hci) >= 9);
}

static void
corpus__of_display_filters__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay("tests/fuzz/corpus/show", check_show) > 10);
}

/* Some golden packets are, on purpose. */
static bool
is_malformed(const struct packet *whole)
{
	/* of Bluetooth, the way check_packet() looks at it last */
	const struct dissect_context nobody_knows = {
	    .hci.psm = hci_is_link(whole->link_type) ? PSM_RFCOMM : 0};
	struct tree other;
	bool found;

	tree_init(&other);
	dissect(whole, &nobody_knows, &other);
	found = has_trouble(&other, RD_MALFORMED);
	tree_done(&other);
	return found;
}

/* Every prefix, as if that had been all on the wire, and as a capture cuts it:
 * then nothing is malformed that is not in the whole packet. */
static void
check_prefixes(const char *name, const struct packet *whole)
{
	bool malformed = is_malformed(whole);
	uint8_t *data = malloc(whole->cap_len);

	assert_non_null(data);
	for (uint32_t n = 0; n <= whole->cap_len; n++) {
		struct packet p = *whole;
		struct summary s;

		/* nothing is behind them, so that ASan sees who reads there */
		p.data = memcpy(data + whole->cap_len - n, whole->data, n);
		p.cap_len = p.wire_len = n;
		check_packet(&p, &t);
		p.wire_len = whole->wire_len;
		check_packet(&p, &t);
		summary_read(&p, &s);
		assert_int_not_equal(s.status, SUMMARY_MALFORMED);
		if (!malformed && has_trouble(&t, RD_MALFORMED))
			fail_msg("%s: %u of %u bytes", name, n, p.wire_len);
		if (n < p.wire_len)
			assert_true(has_trouble(&t, RD_TRUNCATED));
	}
	free(data);
}

static void
check_capture(const char *name, const struct golden *g)
{
	tree_init(&t);
	for (size_t k = 0; k < g->count; k++)
		check_prefixes(name, &g->packets[k]);
	tree_done(&t);
}

static void
prefix__of_every_golden_packet__is_cut_and_never_malformed(void **state)
{
	(void)state;
	assert_true(golden_each(check_capture) > 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(corpus__of_packets__keeps_the_promises),
	    cmocka_unit_test(
		corpus__of_application_messages__keeps_the_promises),
	    cmocka_unit_test(corpus__of_streams__keeps_the_promises),
	    cmocka_unit_test(corpus__of_bluetooth_captures__keeps_the_promises),
	    cmocka_unit_test(corpus__of_display_filters__keeps_the_promises),
	    cmocka_unit_test(
		prefix__of_every_golden_packet__is_cut_and_never_malformed),
	};

	return cmocka_run_group_tests_name("corpus", tests, NULL, NULL);
}
