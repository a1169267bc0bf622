/* Records unpacked and answered; tests/e2e/cli_telemetry.test asks Python. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/server.h"
#include "net/services.h"
#include "net/talk.h"

static void
open_session(struct session *n, struct service_options *o, const char *format)
{
	const uint8_t ip[] = {127, 0, 0, 1};
	struct addr a = addr_from_ip(AF_INET, ip, 7);
	struct server_spec spec = server_spec_default();
	struct err err;

	if (server_spec_set(&spec, "format", format, &err) < 0)
		fail_msg("%s", err.text);
	*o = spec.options;
	assert_int_equal(session_open(n, &service_struct, o, &a, &a), 0);
}

static void
assert_answer(struct session *n, uint8_t count, const char *mean)
{
	uint8_t want[16] = {[7] = count};

	memcpy(want + 8, mean, 8);
	assert_int_equal(n->out.len, sizeof want);
	assert_memory_equal(n->out.data, want, sizeof want);
	buf_clear(&n->out);
}

static void
record__any_cut__is_answered_once(void **state)
{
	static const uint8_t record[] = {0xff, 0xfe, 0, 5, 'a', 'b', 1};
	struct service_options o;
	struct session n;

	(void)state;
	open_session(&n, &o, "!hH2s?");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof record; i++) {
			assert_int_equal(n.out.len, 0);
			session_bytes(&n, record + i, 1);
		}
		/* (-2 + 5 + True) / 3 = 4/3 */
		assert_answer(&n, 3, "\x3f\xf5\x55\x55\x55\x55\x55\x55");
	}
	session_bytes(&n, record, 3);
	session_eof(&n);
	assert_non_null(strstr(n.note, "3 of its 7 bytes"));
	session_close(&n);
}

static void
datagram__of_another_size__is_not_answered_and_said(void **state)
{
	static const uint8_t data[8] = {0, 1, 0, 2, 0, 3, 0, 4};
	struct service_options o;
	struct session n;

	(void)state;
	open_session(&n, &o, "!HH");
	assert_false(service_struct.on_datagram(&n, data, 6));
	assert_non_null(strstr(n.note, "multiple of 4 bytes"));
	assert_false(service_struct.on_datagram(&n, data, 0));
	assert_true(service_struct.on_datagram(&n, data, 8));
	assert_int_equal(n.out.len, 32); /* two records */
	session_close(&n);
}

static void
record__without_numbers__has_the_mean_nan(void **state)
{
	struct service_options o;
	struct session n;

	(void)state;
	open_session(&n, &o, "!2sx");
	session_bytes(&n, (const uint8_t *)"ab", 3);
	assert_answer(&n, 0, "\x7f\xf8\0\0\0\0\0\0");
	session_close(&n);
}

static void
format__unfit__is_refused(void **state)
{
	struct server_spec spec = server_spec_default();
	struct err err;

	(void)state;
	assert_true(server_spec_set(&spec, "format", "<H y", &err) < 0);
	assert_non_null(strstr(err.text, "position 4"));
	assert_true(server_spec_set(&spec, "format", "9999999x", &err) < 0);
	assert_non_null(strstr(err.text, "8192"));
	assert_true(server_spec_set(&spec, "format", "", &err) < 0);
	assert_true(server_spec_set(&spec, "period", "65536", &err) < 0);
}

static void
answer__in_pieces__is_put_into_words(void **state)
{
	static const uint8_t answer[16] = {
	    [7] = 3, 0x3f, 0xf5, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55};
	struct hearing h;

	(void)state;
	hearing_begin(&h, &listen_struct, false);
	assert_int_equal(h.listener->hear(&h, answer, 5), 5);
	assert_string_equal(h.note, "");
	assert_int_equal(h.listener->hear(&h, answer + 5, 11), 11);
	assert_non_null(strstr(h.note, "(3, 1.3333333333333333)"));
	hearing_done(&h);
	hearing_begin(&h, &listen_struct, true);
	assert_int_equal(h.listener->hear(&h, answer, 5), 5);
	assert_true(h.note_bad);
	hearing_done(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(record__any_cut__is_answered_once),
	    cmocka_unit_test(
		datagram__of_another_size__is_not_answered_and_said),
	    cmocka_unit_test(record__without_numbers__has_the_mean_nan),
	    cmocka_unit_test(format__unfit__is_refused),
	    cmocka_unit_test(answer__in_pieces__is_put_into_words),
	};

	return cmocka_run_group_tests_name("service_struct", tests, NULL, NULL);
}
