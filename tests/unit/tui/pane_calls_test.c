/*
 * The calls of a side as text, as a student hands them in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"

static int
setup(void **state)
{
	struct scene *s = scene_setup(state, NULL);

	s->deck.sessions[0] = (struct session_state){.state = RUN_UP};
	s->deck.session_count = 1;
	s->deck.session = 0;
	scene_open(s);
	return 0;
}

/* A call of the client with these bytes. */
static void
call_with(struct scene *s, enum call_kind kind, const char *bytes)
{
	struct call c = {
	    .sock = 1,
	    .kind = (uint8_t)kind,
	    .asked = strlen(bytes),
	    .result = (int64_t)strlen(bytes),
	    .data_len = (uint16_t)strlen(bytes),
	};

	memcpy(c.data, bytes, strlen(bytes));
	scene_call(s, c);
}

/* The client's calls, into s->text. */
static void
write_calls(struct scene *s)
{
	FILE *out = fmemopen(s->text, sizeof s->text, "w");

	assert_non_null(out);
	assert_int_equal(pane_calls_write(SIDE_CLIENT, scene_view(s), out), 0);
	fclose(out);
}

static void
assert_once(const struct scene *s, const char *text)
{
	const char *at = strstr(s->text, text);

	if (at == NULL || strstr(at + 1, text) != NULL)
		fail_msg("'%s' is not once in:\n%s", text, s->text);
}

static void
write__calls__are_there_once_with_time_and_cost(void **state)
{
	struct scene *s = *state;

	call_with(s, CALL_SEND, "hello");
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 6, "");
	write_calls(s);
	assert_once(s, "00.000005 0  connect(127.0.0.1:7000) = 0");
	assert_once(s, "SYN→ ←SYN,ACK ACK→");
	assert_once(s, "3 pkt  120 B");
	assert_once(s, "00.000008 0  send(5) = 5");
	assert_once(s, "→ hello ");
	assert_once(s, "2 pkt (1 ACK): IP 40+TCP 40+opt 0 = 80 B, 6% payload");
}

static void
write__explanation_of_several_lines__is_there_once(void **state)
{
	struct scene *s = *state;

	call_with(s, CALL_NOTE,
	    "A first sentence, which has to be so long that it cannot stand in "
	    "a single line. A second one, for which the same holds, and it is "
	    "the last.");
	write_calls(s);
	assert_once(s, "A first sentence");
	assert_once(s, "A second one");
	assert_once(s, "the last.");
}

static void
write__long_data__is_there_to_its_end(void **state)
{
	struct scene *s = *state;
	char line[CALL_DATA_MAX - 3];

	memset(line, 'x', sizeof line);
	strcpy(line + sizeof line - 4, "end");
	call_with(s, CALL_SEND, line);
	write_calls(s);
	assert_once(s, "xxxend ");
	assert_once(s, "252 B");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(write__calls__are_there_once_with_time_and_cost),
	    TEST(write__explanation_of_several_lines__is_there_once),
	    TEST(write__long_data__is_there_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
