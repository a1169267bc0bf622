/* Messages of telemetry as bytes; tests/e2e/telemetry.test asks Python too. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fuzz/telemetry_check.h"
#include "tests/unit/corpus.h"

#define CORPUS "tests/fuzz/corpus/telemetry"

static size_t
encoded(uint8_t dst[TELEMETRY_MAX], const struct telemetry_message *m)
{
	struct wr w = wr_init(dst, TELEMETRY_MAX);

	telemetry_encode(&w, m);
	assert_false(w.full);
	return wr_len(&w);
}

static enum telemetry_fault
decoded(const uint8_t *data, size_t n, struct telemetry_message *m)
{
	struct rd r = rd_init(data, n, n);

	return telemetry_decode(&r, m);
}

static const struct telemetry_message reading = {
    .type = TELEMETRY_READING,
    .seq = 0x01020304,
    .time_ns = 0x1112131415161718,
    .sensor = 3,
    .period_ms = 500,
    .value = {.kind = 'h', .i = -2},
};

static void
encode__reading__is_what_the_specification_says(void **state)
{
	static const uint8_t want[] = {1, 1, 0, 23, 1, 2, 3, 4, 0x11, 0x12,
	    0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0, 3, 1, 0xf4, 'h', 0xff, 0xfe};
	uint8_t got[TELEMETRY_MAX];

	(void)state;
	assert_int_equal(encoded(got, &reading), sizeof want);
	assert_memory_equal(got, want, sizeof want);
}

static void
value__of_each_kind__comes_back(void **state)
{
	static const struct telemetry_value values[] = {
	    {.kind = 'b', .i = -128},
	    {.kind = 'h', .i = -32768},
	    {.kind = 'i', .i = INT32_MIN},
	    {.kind = 'q', .i = INT64_MIN},
	    {.kind = 'B', .u = 255},
	    {.kind = 'H', .u = 65535},
	    {.kind = 'I', .u = UINT32_MAX},
	    {.kind = 'Q', .u = UINT64_MAX},
	    {.kind = 'f', .d = 0.5},
	    {.kind = 'd', .d = -1.7e308},
	    {.kind = '?', .u = 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct telemetry_message m = reading, back;
		uint8_t data[TELEMETRY_MAX];
		size_t n;

		m.value = values[i];
		n = encoded(data, &m);
		assert_int_equal(decoded(data, n, &back), TELEMETRY_FAULT_FINE);
		assert_int_equal(back.value.kind, values[i].kind);
		assert_true(telemetry_number(&back.value) ==
			    telemetry_number(&values[i]));
		assert_non_null(telemetry_kind_name(values[i].kind));
		check_input(data, n);
	}
}

static void
text__of_the_longest__comes_back(void **state)
{
	struct telemetry_message m = reading, back;
	uint8_t data[TELEMETRY_MAX];
	size_t n;

	(void)state;
	m.value =
	    (struct telemetry_value){.kind = 's', .len = TELEMETRY_TEXT_MAX};
	memset(m.value.text, 0xff, TELEMETRY_TEXT_MAX);
	n = encoded(data, &m);
	assert_int_equal(decoded(data, n, &back), TELEMETRY_FAULT_FINE);
	assert_int_equal(back.value.len, TELEMETRY_TEXT_MAX);
	assert_memory_equal(back.value.text, m.value.text, TELEMETRY_TEXT_MAX);
	assert_true(telemetry_number(&back.value) == 0);
}

static void
answers__of_each_type__come_back_and_say_what_they_are(void **state)
{
	static const struct {
		struct telemetry_message m;
		size_t len;
		const char *line;
	} tries[] = {
	    {{.type = TELEMETRY_ACK,
		 .about = 17,
		 .sensor = 3,
		 .count = 4,
		 .mean = 21.5},
		34, "ACK of 17: sensor 3, 4 readings, mean 21.5"},
	    {{.type = TELEMETRY_PERIOD, .about = 17, .period_ms = 200}, 22,
		"PERIOD, answers 17: a reading every 200 ms"},
	    {{.type = TELEMETRY_ERROR,
		 .about = 17,
		 .reason = TELEMETRY_FAULT_VERSION},
		21, "ERROR about 17: the version is not 1"},
	    {{.type = TELEMETRY_ERROR, .about = 17, .reason = 200}, 21,
		"ERROR about 17: for no reason known here"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct telemetry_message back;
		char line[TELEMETRY_LINE_MAX];
		uint8_t data[TELEMETRY_MAX];
		size_t n = encoded(data, &tries[i].m);

		assert_int_equal(n, tries[i].len);
		assert_int_equal(decoded(data, n, &back), TELEMETRY_FAULT_FINE);
		assert_string_equal(telemetry_line(line, &back), tries[i].line);
	}
}

/* ---- refusals ---- */

static void
decode__every_shorter_message__is_refused(void **state)
{
	struct telemetry_message m;
	uint8_t data[TELEMETRY_MAX];
	size_t n = encoded(data, &reading);

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		data[3] = (uint8_t)n;
		assert_int_not_equal(
		    decoded(data, cut, &m), TELEMETRY_FAULT_FINE);
		/* with a length that agrees, the body is too short */
		data[3] = (uint8_t)cut;
		assert_int_equal(decoded(data, cut, &m), TELEMETRY_FAULT_SHORT);
	}
}

static void
decode__one_wrong_byte__is_refused_for_its_reason(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
		enum telemetry_fault fault;
	} tries[] = {
	    {0, 2, TELEMETRY_FAULT_VERSION},
	    {1, 0, TELEMETRY_FAULT_TYPE},
	    {1, 5, TELEMETRY_FAULT_TYPE},
	    {2, 1, TELEMETRY_FAULT_LENGTH},
	    {3, 22, TELEMETRY_FAULT_LENGTH},
	    {20, 'P', TELEMETRY_FAULT_KIND},
	    {20, 'b', TELEMETRY_FAULT_TAIL},
	    {20, 'i', TELEMETRY_FAULT_SHORT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct telemetry_message m;
		uint8_t data[TELEMETRY_MAX];
		size_t n = encoded(data, &reading);

		data[tries[i].at] = tries[i].byte;
		assert_int_equal(decoded(data, n, &m), tries[i].fault);
		assert_true(strlen(telemetry_fault_text(tries[i].fault)) > 9);
	}
}

static void
decode__value_that_is_none__is_refused(void **state)
{
	struct telemetry_message m = reading;
	uint8_t data[TELEMETRY_MAX];
	size_t n;

	(void)state;
	m.value = (struct telemetry_value){.kind = '?', .u = 2};
	n = encoded(data, &m);
	assert_int_equal(decoded(data, n, &m), TELEMETRY_FAULT_VALUE);
	m = reading;
	m.value = (struct telemetry_value){.kind = 'd', .d = 1};
	n = encoded(data, &m);
	memset(data + n - 8, 0xff, 8); /* a NaN */
	assert_int_equal(decoded(data, n, &m), TELEMETRY_FAULT_VALUE);
	m = (struct telemetry_message){
	    .type = TELEMETRY_PERIOD, .period_ms = 1};
	n = encoded(data, &m);
	data[n - 1] = 0;
	assert_int_equal(decoded(data, n, &m), TELEMETRY_FAULT_NO_PERIOD);
	m = reading;
	m.value = (struct telemetry_value){.kind = 's', .len = 1, .text = "x"};
	n = encoded(data, &m) - 1;
	data[3] = (uint8_t)n;
	assert_int_equal(decoded(data, n, &m), TELEMETRY_FAULT_VALUE);
}

static void
decode__cut_by_the_capture__says_so(void **state)
{
	struct telemetry_message m;
	uint8_t data[TELEMETRY_MAX];
	size_t n = encoded(data, &reading);
	struct rd r = rd_init(data, n - 1, n);

	(void)state;
	assert_int_equal(telemetry_decode(&r, &m), TELEMETRY_FAULT_SHORT);
	assert_int_equal(r.state, RD_TRUNCATED);
}

/* ---- streams ---- */

static void
frame__any_cut__gives_the_same_messages(void **state)
{
	uint8_t data[20 * TELEMETRY_MAX], out[sizeof data];
	enum telemetry_fault fault;
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		struct telemetry_message m = reading;

		m.seq = i;
		m.value = (struct telemetry_value){
		    .kind = 's', .len = (uint8_t)(i + 1)};
		n += encoded(data + n, &m);
	}
	for (size_t cut = 1; cut <= n; cut++) {
		assert_int_equal(check_frames(data, n, cut, out, &fault), n);
		assert_memory_equal(out, data, n);
		assert_int_equal(fault, TELEMETRY_FAULT_FINE);
	}
}

static void
frame__impossible_beginning__ends_at_its_first_byte(void **state)
{
	uint8_t out[8], data[] = "GET / HTTP/1.1";
	enum telemetry_fault fault;

	(void)state;
	assert_int_equal(check_frames(data, 1, 1, out, &fault), 0);
	assert_int_equal(fault, TELEMETRY_FAULT_VERSION);
	memcpy(data, "\1\1\0\17", 4);
	assert_int_equal(check_frames(data, 4, 1, out, &fault), 0);
	assert_int_equal(fault, TELEMETRY_FAULT_LENGTH);
	memcpy(data, "\1\1\0\101", 4);
	assert_int_equal(check_frames(data, 4, 4, out, &fault), 0);
	assert_int_equal(fault, TELEMETRY_FAULT_LENGTH);
}

static void
corpus__every_input__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay(CORPUS, check_input) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encode__reading__is_what_the_specification_says),
	    cmocka_unit_test(value__of_each_kind__comes_back),
	    cmocka_unit_test(text__of_the_longest__comes_back),
	    cmocka_unit_test(
		answers__of_each_type__come_back_and_say_what_they_are),
	    cmocka_unit_test(decode__every_shorter_message__is_refused),
	    cmocka_unit_test(decode__one_wrong_byte__is_refused_for_its_reason),
	    cmocka_unit_test(decode__value_that_is_none__is_refused),
	    cmocka_unit_test(decode__cut_by_the_capture__says_so),
	    cmocka_unit_test(frame__any_cut__gives_the_same_messages),
	    cmocka_unit_test(
		frame__impossible_beginning__ends_at_its_first_byte),
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	};

	return cmocka_run_group_tests_name("telemetry", tests, NULL, NULL);
}
