#include "capture/display_filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "tests/unit/capture/golden.h"

/* Frames 1-13 a TCP connection, then UDP, a refused connection, neighbours. */
static int
setup(void **state)
{
	static const char *const names[] = {
	    "tcp4_echo", "udp4_echo", "tcp4_refused", "neighbours"};
	static struct golden g;
	struct capture *c = capture_new(1 << 20);
	struct frame f;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (golden_load(names[i], &g) == 0)
			return -1;
		for (size_t k = 0; k < g.count; k++)
			capture_feed_one(c, &g.packets[k], &f);
	}
	*state = c;
	return 0;
}

static int
teardown(void **state)
{
	capture_free(*state);
	return 0;
}

/* The ids that match, "1 2 3". */
static const char *
matching(const struct capture *c, const char *text)
{
	static char ids[512];
	const struct store *s = capture_store(c);
	struct display_filter *d;
	struct err err;
	size_t n = 0;

	ids[0] = '\0';
	if (display_filter_new(text, &d, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	for (uint64_t id = 0;
	     (id = display_filter_next(d, s, id + 1, store_next(s))) != 0;) {
		assert_true(display_filter_match(d, s, id));
		n += (size_t)snprintf(ids + n, sizeof ids - n, "%s%u",
		    n > 0 ? " " : "", (unsigned)id);
	}
	display_filter_free(d);
	return ids;
}

static void
match__each_form__finds_its_frames(void **state)
{
	static const struct {
		const char *text, *ids;
	} forms[] = {
	    {"flags:syn", "1 2 18 20 34"},
	    {"flags:syn,ack", "2"},
	    {"flags:syn not flags:ack", "1 18 20 34"},
	    {"FLAGS:RST", "19 21 35"},
	    {"conv:1 and len>100", "8 9"},
	    {"len>=166", "8 9"},
	    {"len<43 and arp", "22 23"},
	    {"len<0", ""},
	    {"id:4-6", "4 5 6"},
	    {"id<3", "1 2"},
	    {"state:established id<5", "2 3 4"},
	    {"state:time-wait", "12 13"},
	    {"purpose:handshake conv:1", "1 2 3"},
	    {"dir:server purpose:teardown", "12 19 21 35"},
	    {"udp", "14 15 16 17"},
	    {"proto:udp and dir:client", "14 16"},
	    {"port:51626 flags:fin", "11 12"},
	    {"port:65000-65535 flags:fin", "11 12"},
	    {"port>65535", ""},
	    {"host:10.0.0.2 icmp", "24 25"},
	    {"host:10.0.0.0/30 and arp", "22 23"},
	    {"host:10.0.0.5 and arp", ""},
	    {"host:127.0.0.0/8 id:1-2", "1 2"},
	    {"not (tcp or udp) id<24", "22 23"},
	    {"!tcp !udp id<24", "22 23"},
	    {"flags:rst || flags:fin && dir:client", "11 19 21 35"},
	    {"(flags:rst or flags:fin) dir:client", "11"},
	    {"malformed", ""},
	    {"verdict:retransmission", ""},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const char *ids = matching(*state, forms[i].text);

		if (strcmp(ids, forms[i].ids) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", forms[i].text, ids,
			    forms[i].ids);
	}
}

static void
match__wire__finds_what_it_lost(void **state)
{
	static const uint8_t fates[] = {FATE_PASSED, FATE_LOST, FATE_COPY,
	    FATE_RULE, FATE_NONE, FATE_CORRUPTED};
	struct capture *c = capture_new(1 << 20);
	struct golden g;
	struct frame f;

	(void)state;
	assert_true(golden_load("tcp4_echo", &g) > 6);
	for (size_t i = 0; i < sizeof fates; i++) {
		g.packets[i].fate = fates[i];
		g.packets[i].entered_ns = g.packets[i].ts_ns;
		assert_true(capture_feed_one(c, &g.packets[i], &f));
	}
	assert_string_equal(matching(c, "wire:lost"), "2 4 6");
	assert_string_equal(matching(c, "wire:copy or wire:corrupted"), "3 6");
	assert_string_equal(matching(c, "not wire:lost"), "1 3 5");
	capture_free(c);
}

static void
match__empty__is_everything(void **state)
{
	struct display_filter *d;

	assert_int_equal(display_filter_new("  ", &d, NULL), 0);
	assert_true(display_filter_match(d, capture_store(*state), 1));
	assert_false(display_filter_match(d, capture_store(*state), 0));
	assert_false(display_filter_match(d, capture_store(*state), 10000));
	display_filter_free(d);
	display_filter_free(NULL);
}

static void
match__text__looks_into_the_payload(void **state)
{
	const struct store *s = capture_store(*state);
	struct frame f;
	char text[64];

	assert_true(store_get(s, 4, &f));
	snprintf(text, sizeof text, "text:\"%.5s\"",
	    (const char *)f.packet.data + f.sum.payload_off);
	assert_string_equal(matching(*state, text), "4 6 14 15");
	assert_string_equal(matching(*state, "text:nowhere"), "");
	/* what stands in a header is not payload */
	assert_string_equal(matching(*state, "text:\\x7f\\0\\0\\x01"), "");
}

static void
new__wrong__says_where_and_what_is_known(void **state)
{
	static const struct {
		const char *text, *where, *word;
	} wrong[] = {
	    {"prt:80", "character 1:", "port:"},
	    {"tcp foo", "character 5:", "\"foo\""},
	    {"port:", "character 6:", "range"},
	    {"port:x", "character 6:", "range"},
	    {"port:80-", "character 6:", "range"},
	    {"host:10.0.0", "character 6:", "IP address"},
	    {"host:10.0.0.1/33", "character 6:", "IP address"},
	    {"state:open", "character 7:", "established"},
	    {"flags:syn,foo", "character 11:", "fin"},
	    {"proto:tcp,udp", "character 7:", "icmp"},
	    {"state>3", "character 6:", "state:"},
	    {"(tcp or udp", "character 1:", "not closed"},
	    {"tcp)", "character 4:", "no ( is open"},
	    {"tcp or", "character 7:", "missing"},
	    {"not", "character 4:", "missing"},
	    {"text:", "character 6:", "payload"},
	    {"text:\"a", "character 6:", "quotation"},
	    {"text:\\q", "character 6:", "after"},
	    {"len>99999999999999999999", "character 5:", "bytes"},
	    {"+", "character 1:", "port:80"},
	};
	struct display_filter *d;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(
		    display_filter_new(wrong[i].text, &d, &err), -EINVAL);
		if (strstr(err.text, wrong[i].where) == NULL ||
		    strstr(err.text, wrong[i].word) == NULL)
			fail_msg("%s: %s", wrong[i].text, err.text);
	}
}

static void
new__too_much__is_refused(void **state)
{
	static char text[4096];
	struct display_filter *d;

	(void)state;
	memset(text, '(', 1000);
	assert_int_equal(display_filter_new(text, &d, NULL), -EINVAL);
	memset(text, 0, sizeof text);
	for (int i = 0; i < 100; i++)
		strcat(text, "tcp ");
	assert_int_equal(display_filter_new(text, &d, NULL), -EINVAL);
}

static void
complete__words__by_their_beginning(void **state)
{
	char word[DISPLAY_WORD_MAX];

	(void)state;
	assert_true(display_filter_complete("", 0, word));
	assert_string_equal(word, "port:");
	assert_true(display_filter_complete("tcp and p", 1, word));
	assert_string_equal(word, "proto:");
	assert_true(display_filter_complete("!(st", 0, word));
	assert_string_equal(word, "state:");
	assert_false(display_filter_complete("st", 1, word));
	assert_true(display_filter_complete("state:fin", 1, word));
	assert_string_equal(word, "state:fin-wait-2");
	assert_false(display_filter_complete("state:fin", 2, word));
	assert_true(display_filter_complete("ud", 0, word));
	assert_string_equal(word, "udp");
	assert_false(display_filter_complete("port:8", 0, word));
	assert_false(display_filter_complete("zzz", 0, word));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(match__each_form__finds_its_frames),
	    cmocka_unit_test(match__empty__is_everything),
	    cmocka_unit_test(match__text__looks_into_the_payload),
	    cmocka_unit_test(match__wire__finds_what_it_lost),
	    cmocka_unit_test(new__wrong__says_where_and_what_is_known),
	    cmocka_unit_test(new__too_much__is_refused),
	    cmocka_unit_test(complete__words__by_their_beginning),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
