/*
 * What each service says, told step by step as a server model would.
 */
#include "net/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "net/base/clock.h"

static const struct service_options no_options;

static struct session
open_session(const char *name)
{
	const uint8_t ip[] = {127, 0, 0, 1};
	struct addr local = addr_from_ip(AF_INET, ip, 7);
	struct addr peer = addr_from_ip(AF_INET, ip, 50000);
	struct session n;

	assert_non_null(service_find(name));
	assert_int_equal(
	    session_open(&n, service_find(name), &no_options, &local, &peer),
	    0);
	return n;
}

static enum service_verdict
say(struct session *n, const char *text)
{
	return session_bytes(n, (const uint8_t *)text, strlen(text));
}

/* What it has answered so far is exactly this; and then forgotten. */
static void
answers(struct session *n, const char *text)
{
	assert_string_equal(buf_str(&n->out), text);
	buf_clear(&n->out);
}

static bool
teaches(const struct session *n, const char *word)
{
	return strstr(n->note, word) != NULL;
}

static void
service__every_one__has_a_name_a_port_and_a_transport(void **state)
{
	const struct service *s;
	char names[SERVICE_NAMES_MAX];

	(void)state;
	service_names(names);
	for (size_t i = 0; (s = service_at(i)) != NULL; i++) {
		assert_ptr_equal(service_find(s->name), s);
		assert_non_null(strstr(names, s->name));
		assert_int_not_equal(s->port, 0);
		assert_true(service_fits(s, TRANSPORT_TCP) ||
			    service_fits(s, TRANSPORT_UDP));
	}
	assert_null(service_find("nonsense"));
}

static void
hello__open__names_the_client_and_closes(void **state)
{
	struct session n = open_session("hello");

	(void)state;
	assert_int_equal(session_start(&n), SERVICE_CLOSE);
	answers(&n, "Hello 127.0.0.1:50000\n");
	session_close(&n);
}

static void
greet__name__is_greeted_without_its_line_ending(void **state)
{
	struct session n = open_session("greet");

	(void)state;
	assert_int_equal(session_start(&n), SERVICE_GO_ON);
	assert_true(n.out.len > 0);
	buf_clear(&n.out);
	assert_int_equal(say(&n, "Ada\r\n"), SERVICE_CLOSE);
	answers(&n, "Hello Ada\n");
	session_close(&n);
}

static void
reply__data__comes_back_behind_ok(void **state)
{
	struct session n = open_session("reply");

	(void)state;
	assert_int_equal(session_start(&n), SERVICE_GO_ON);
	assert_true(n.out.len > 0);
	buf_clear(&n.out);
	assert_int_equal(say(&n, "abc"), SERVICE_GO_ON);
	answers(&n, "OK...abc");
	session_close(&n);
}

static void
line__any_cut__gives_the_same_answers(void **state)
{
	static const char text[] = "one\r\ntwo\n\nlast\n";
	static const char want[] =
	    "line: one\r\nline: two\nline: \nline: last\n";

	(void)state;
	for (size_t cut = 1; cut < sizeof text; cut++) {
		struct session n = open_session("line");

		for (size_t i = 0; i < sizeof text - 1; i += cut) {
			size_t left = sizeof text - 1 - i;

			assert_int_equal(
			    session_bytes(&n, (const uint8_t *)text + i,
				left < cut ? left : cut),
			    SERVICE_GO_ON);
		}
		answers(&n, want);
		session_close(&n);
	}
}

static void
line__several_in_one_recv__teach_the_lesson(void **state)
{
	struct session n = open_session("line");

	(void)state;
	say(&n, "a\nb\n");
	assert_true(teaches(&n, "2 lines"));
	n.note[0] = '\0';
	say(&n, "c");
	assert_false(teaches(&n, "pieces"));
	say(&n, "\n");
	assert_true(teaches(&n, "2 pieces"));
	session_close(&n);
}

static void
line__too_long__names_the_limit_and_closes(void **state)
{
	struct session n = open_session("line");
	enum service_verdict v = SERVICE_GO_ON;

	(void)state;
	for (int i = 0; i < 100 && v == SERVICE_GO_ON; i++)
		v = say(&n, "0123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123456789");
	assert_int_equal(v, SERVICE_CLOSE);
	assert_true(n.note_bad && teaches(&n, "8192"));
	session_close(&n);
}

static void
chat__word__ends_it_however_it_comes(void **state)
{
	static const struct {
		const char *first, *second;
		enum service_verdict verdict;
		const char *lesson; /* "": none */
	} cases[] = {
	    {"hello", "bye", SERVICE_CLOSE, ""},
	    {"hello\n", "end\r\n", SERVICE_CLOSE, ""},
	    {"hello", "bye now", SERVICE_GO_ON, ""},
	    {"hi", "hellobye", SERVICE_CLOSE, "with other bytes"},
	    {"hi", "hello\nbye\nmore\n", SERVICE_CLOSE, "with other bytes"},
	    {"hello b", "ye\n", SERVICE_CLOSE, "cut in two"},
	    {"e", "nd", SERVICE_CLOSE, "cut in two"},
	    {"hello", "byte", SERVICE_GO_ON, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct session n = open_session("chat");

		assert_int_equal(say(&n, cases[i].first), SERVICE_GO_ON);
		answers(&n, cases[i].first);
		assert_int_equal(say(&n, cases[i].second), cases[i].verdict);
		answers(&n, cases[i].second);
		if (cases[i].lesson[0] == '\0')
			assert_string_equal(n.note, "");
		else
			assert_true(teaches(&n, cases[i].lesson));
		session_close(&n);
	}
}

static void
sink__bytes__are_counted_and_not_answered(void **state)
{
	struct session n = open_session("sink");

	(void)state;
	say(&n, "12345");
	say(&n, "678");
	assert_int_equal(n.out.len, 0);
	assert_int_equal(session_eof(&n), SERVICE_CLOSE);
	assert_true(teaches(&n, "8 bytes"));
	assert_false(n.service->on_datagram(&n, (const uint8_t *)"x", 1));
	session_close(&n);
}

static void
chargen__lines__rotate_and_never_end(void **state)
{
	struct session n = open_session("chargen");

	(void)state;
	for (int step = 0; step < 3; step++) {
		assert_int_equal(
		    step == 0 ? session_start(&n) : session_room(&n),
		    SERVICE_MORE);
		for (size_t at = 0; at + 74 < n.out.len; at += 74) {
			assert_memory_equal(n.out.data + at + 72, "\r\n", 2);
			/* each begins with the second of the one before */
			assert_int_equal(
			    n.out.data[at + 1], n.out.data[at + 74]);
		}
		buf_clear(&n.out);
	}
	session_close(&n);
}

static void
daytime__open__tells_this_year(void **state)
{
	struct session n = open_session("daytime");
	time_t now = (time_t)(clock_now_ns() / CLOCK_S);
	char year[8];
	struct tm tm;

	(void)state;
	assert_int_equal(session_start(&n), SERVICE_CLOSE);
	localtime_r(&now, &tm);
	strftime(year, sizeof year, "%Y", &tm);
	assert_non_null(strstr(buf_str(&n.out), year));
	session_close(&n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		service__every_one__has_a_name_a_port_and_a_transport),
	    cmocka_unit_test(hello__open__names_the_client_and_closes),
	    cmocka_unit_test(greet__name__is_greeted_without_its_line_ending),
	    cmocka_unit_test(reply__data__comes_back_behind_ok),
	    cmocka_unit_test(line__any_cut__gives_the_same_answers),
	    cmocka_unit_test(line__several_in_one_recv__teach_the_lesson),
	    cmocka_unit_test(line__too_long__names_the_limit_and_closes),
	    cmocka_unit_test(chat__word__ends_it_however_it_comes),
	    cmocka_unit_test(sink__bytes__are_counted_and_not_answered),
	    cmocka_unit_test(chargen__lines__rotate_and_never_end),
	    cmocka_unit_test(daytime__open__tells_this_year),
	};

	return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
