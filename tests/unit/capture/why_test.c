/*
 * The explanations: each thing that can be explained has its sentences, and the
 * numbers in them are those of the golden captures.
 */
#include "capture/why.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/why_impl.h"
#include "tests/fuzz/why_check.h"
#include "tests/unit/capture/golden.h"
#include "tests/unit/corpus.h"

#define BUDGET (16 * 1024 * 1024)
#define LONGEST 266 /* what seven lines of 38 cells hold, at 40x10 */

/* "One. Two." */
static int
sentences(const char *text)
{
	int n = 0;

	for (const char *p = text; *p != '\0'; p++)
		n += *p == '.' && (p[1] == '\0' || p[1] == ' ');
	return text[strlen(text) - 1] == '.' ? n : -1;
}

/* ---- the X-list ---- */

static void
check_places(const char *text)
{
	for (const char *p = strchr(text, '{'); p != NULL;
	     p = strchr(p + 1, '{')) {
		char name[64];

		p += 1 + (p[1] == '?');
		snprintf(name, sizeof name, "%.*s", (int)strcspn(p, ":}"), p);
		if (name[0] >= 'A' && name[0] <= 'Z')
			name[0] = (char)(name[0] + 32);
		if (!why_number_known(name))
			fail_msg("nothing is called '%s': %s", name, text);
	}
}

static void
things__each_of_them__has_a_title_a_place_and_two_sentences(void **state)
{
	(void)state;
	for (int what = 0; what < WHY_COUNT; what++) {
		const char *text;
		size_t i = 0;

		assert_non_null(why_title((enum why)what));
		assert_non_null(why_ref((enum why)what));
		while ((text = why_words((enum why)what, i)) != NULL) {
			i++;
			check_places(text);
			if (sentences(text) != 2)
				fail_msg("%s: not two sentences: %s",
				    why_title((enum why)what), text);
		}
		assert_true(i > 0);
	}
}

/* Of a packet of which nothing else is known. */
static void
things__without_any_number__are_explained_all_the_same(void **state)
{
	struct why_scene s;
	char text[WHY_TEXT_MAX];

	(void)state;
	why_init(&s);
	s.has_frame = true;
	for (int what = 0; what < WHY_COUNT; what++) {
		why_explain(&s, (struct why_item){(enum why)what, 0}, text);
		if (text[0] == '\0')
			fail_msg(
			    "nothing is said of %s", why_title((enum why)what));
		assert_true(strlen(text) <= LONGEST);
	}
	s.has_frame = false; /* of a conversation */
	for (int what = 0; what < WHY_COUNT; what++) {
		enum why_kind kind = why_kind((enum why)what);

		why_explain(&s, (struct why_item){(enum why)what, 0}, text);
		if (kind == WHY_VERDICT || kind == WHY_STATE ||
		    kind == WHY_OPENED || kind == WHY_CLOSED)
			assert_string_not_equal(text, "");
	}
	why_done(&s);
}

static void
keys__of_flags_verdicts_and_options__lead_to_their_thing(void **state)
{
	enum why what;
	char key[64];

	(void)state;
	for (unsigned bit = 0; bit < VERDICT_BITS; bit++) {
		snprintf(
		    key, sizeof key, "tcp.analysis.%s", tcp_verdict_name(bit));
		assert_true(why_of_key(key, &what));
		assert_int_equal(what, bit);
	}
	assert_true(why_of_key("tcp.flags.syn", &what));
	assert_int_equal(what, WHY_FLAG_SYN);
	assert_true(why_of_key("tcp.options.wscale", &what));
	assert_int_equal(what, WHY_OPTION_WSCALE);
	assert_false(why_of_key("ip.ttl", &what));
}

/* ---- captures ---- */

struct shot {
	struct capture *capture;
	struct why_scene scene;
	uint8_t *bytes;
};

static bool
load(struct shot *sh, const char *path)
{
	struct golden_reader g;
	struct packet p;
	struct frame f;
	FILE *file = fopen(path, "rb");
	size_t len = 0;

	sh->capture = capture_new(BUDGET);
	why_init(&sh->scene);
	sh->bytes = malloc(BUDGET);
	assert_non_null(sh->bytes);
	if (file == NULL)
		return false;
	len = fread(sh->bytes, 1, BUDGET, file);
	fclose(file);
	if (!golden_open(&g, sh->bytes, len))
		return false;
	while (golden_next(&g, &p))
		capture_feed_one(sh->capture, &p, &f);
	return true;
}

static void
unload(struct shot *sh)
{
	why_done(&sh->scene);
	capture_free(sh->capture);
	free(sh->bytes);
}

static void
check_all_of(struct shot *sh, const char *path)
{
	const struct store *store = capture_store(sh->capture);
	char text[WHY_TEXT_MAX];

	for (uint64_t id = store_first(store); id < store_next(store); id++) {
		assert_true(why_look(&sh->scene, sh->capture, id));
		for (size_t i = 0; i < sh->scene.count; i++) {
			why_explain(&sh->scene, sh->scene.items[i], text);
			if (sentences(text) == 2 && strlen(text) <= LONGEST &&
			    strpbrk(text, "{}") == NULL)
				continue;
			fail_msg("%s #%d %s (%zu): %s", path, (int)id,
			    why_title(sh->scene.items[i].what), strlen(text),
			    text);
		}
	}
}

static void
captures__each_packet__is_explained_in_two_sentences(void **state)
{
	const char *const dirs[] = {
	    "tests/golden/*.pcap", "tests/golden/tcp/*.pcap"};

	(void)state;
	for (size_t d = 0; d < 2; d++) {
		glob_t g;

		assert_int_equal(glob(dirs[d], 0, NULL, &g), 0);
		for (size_t i = 0; i < g.gl_pathc; i++) {
			struct shot sh;

			if (load(&sh, g.gl_pathv[i]))
				check_all_of(&sh, g.gl_pathv[i]);
			unload(&sh);
		}
		globfree(&g);
	}
}

/* What is said of a thing in a packet of tests/golden; "": it is not there. */
static const char *
said(const char *name, uint64_t frame, enum why what, int end)
{
	static char text[WHY_TEXT_MAX];
	struct shot sh;
	char path[128];

	snprintf(path, sizeof path, "tests/golden/%s.pcap", name);
	assert_true(load(&sh, path));
	assert_true(why_look(&sh.scene, sh.capture, frame));
	text[0] = '\0';
	for (size_t i = 0; i < sh.scene.count; i++)
		if (sh.scene.items[i].what == what &&
		    sh.scene.items[i].end == end)
			why_explain(&sh.scene, sh.scene.items[i], text);
	unload(&sh);
	return text;
}

#include "tests/unit/capture/why_said.h"

static void
numbers__of_the_golden_captures__are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const char *text = said(expected[i].capture, expected[i].frame,
		    expected[i].what, expected[i].end);

		if (strcmp(text, expected[i].text) != 0)
			fail_msg("%s #%u:\nsaid:     %s\nexpected: %s",
			    expected[i].capture, expected[i].frame, text,
			    expected[i].text);
	}
}

static void
fate__on_the_wire__is_said_with_its_time(void **state)
{
	struct golden g;
	struct capture *c = capture_new(BUDGET);
	struct why_scene s;
	struct frame f;
	char text[WHY_TEXT_MAX];

	(void)state;
	why_init(&s);
	assert_true(golden_load("tcp4_echo", &g) > 2);
	g.packets[0].fate = FATE_PASSED;
	g.packets[0].entered_ns = g.packets[0].ts_ns - 20000000;
	g.packets[1].fate = FATE_LOST;
	g.packets[1].entered_ns = g.packets[1].ts_ns;
	for (size_t i = 0; i < 2; i++)
		assert_true(capture_feed_one(c, &g.packets[i], &f));
	assert_true(why_look(&s, c, 1));
	assert_int_equal(s.items[s.count - 1].what, WHY_FATE_PASSED);
	why_explain(&s, s.items[s.count - 1], text);
	assert_non_null(strstr(text, "delivered it 20.0 ms after"));
	assert_true(why_look(&s, c, 2));
	assert_int_equal(s.items[0].what, WHY_FATE_LOST);
	why_explain(&s, s.items[0], text);
	assert_non_null(strstr(text, "or by its timer"));
	/* It is repaired. */
	g.packets[1].fate = FATE_PASSED;
	g.packets[1].entered_ns += 1000000000;
	g.packets[1].ts_ns += 1500000000; /* the delay does not count */
	assert_true(capture_feed_one(c, &g.packets[1], &f));
	assert_true(why_look(&s, c, 2));
	why_explain(&s, s.items[0], text);
	assert_non_null(
	    strstr(text, "The server sent it again in #3, 1.0 s later"));
	why_done(&s);
	capture_free(c);
}

static void
fate__datagram_is_lost__nobody_sends_it_again(void **state)
{
	struct golden g;
	struct capture *c = capture_new(BUDGET);
	struct why_scene s;
	struct frame f;
	char text[WHY_TEXT_MAX];

	(void)state;
	why_init(&s);
	assert_true(golden_load("udp4_echo", &g) > 2);
	g.packets[0].fate = FATE_HAND;
	for (size_t i = 0; i < 3; i++)
		assert_true(capture_feed_one(c, &g.packets[i], &f));
	assert_true(why_look(&s, c, 1));
	why_explain(&s, s.items[0], text);
	assert_string_equal(text,
	    "It was dropped by hand, while the wire was held. UDP does not "
	    "send it again, and tells nobody: the program has to notice, or "
	    "does without.");
	why_done(&s);
	capture_free(c);
}

/* A closed port was never in SYN-RECEIVED; its RST tells that of the SYN. */
static void
states__refused_syn__says_nothing_of_an_opening_server(void **state)
{
	struct golden g;
	struct capture *c = capture_new(BUDGET);
	struct why_scene s;
	struct frame f;

	(void)state;
	why_init(&s);
	assert_true(golden_load("tcp4_refused", &g) >= 2);
	assert_true(capture_feed_one(c, &g.packets[0], &f));
	assert_int_equal(f.state[DIR_SERVER], TCPS_SYN_RECEIVED);
	assert_true(capture_feed_one(c, &g.packets[1], &f));
	assert_true(why_look(&s, c, 1));
	assert_int_equal(s.f.state[DIR_SERVER], TCPS_CLOSED);
	assert_int_equal(s.f.state[DIR_CLIENT], TCPS_SYN_SENT);
	why_done(&s);
	capture_free(c);
}

/* What fuzzing found, of connections and of this. */
static void
corpus__every_input__is_explained(void **state)
{
	(void)state;
	assert_true(corpus_replay("tests/fuzz/corpus/flow", why_check) > 20);
	assert_true(corpus_replay("tests/fuzz/corpus/why", why_check) > 4);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		things__each_of_them__has_a_title_a_place_and_two_sentences),
	    cmocka_unit_test(
		things__without_any_number__are_explained_all_the_same),
	    cmocka_unit_test(
		keys__of_flags_verdicts_and_options__lead_to_their_thing),
	    cmocka_unit_test(
		captures__each_packet__is_explained_in_two_sentences),
	    cmocka_unit_test(fate__on_the_wire__is_said_with_its_time),
	    cmocka_unit_test(fate__datagram_is_lost__nobody_sends_it_again),
	    cmocka_unit_test(
		states__refused_syn__says_nothing_of_an_opening_server),
	    cmocka_unit_test(corpus__every_input__is_explained),
	    cmocka_unit_test(numbers__of_the_golden_captures__are_right),
	};

	(void)argc;
	(void)argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
