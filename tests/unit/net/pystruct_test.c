/* tests/struct compares with Python in bulk; here is what it cannot see. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fuzz/pystruct_check.h"
#include "tests/unit/corpus.h"

#define CORPUS "tests/fuzz/corpus/pystruct"

static struct pystruct
compiled(const char *format)
{
	struct pystruct ps;
	struct err err;

	if (pystruct_compile(&ps, format, &err) < 0)
		fail_msg("%s: %s", format, err.text);
	return ps;
}

static void
assert_says(const struct err *err, const char *words)
{
	if (strstr(err->text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, err->text);
}

static void
compile__bad_formats__name_the_place(void **state)
{
	static const struct {
		const char *format;
		size_t at;
		const char *says;
	} bad[] = {
	    {"<iy", 2, "position 3 of the format: bad char"},
	    {"3 i", 1, "no blank may stand"},
	    {" <i", 1, "as the first character"},
	    {"i=", 1, "as the first character"},
	    {"<2n", 2, "'n' has no standard size; use q"},
	    {"!P", 1, "'P' has no standard size; use Q"},
	    {"i12", 1, "position 2 of the format: repeat count given without"},
	    {"i\xc3\xa9", 1, "\\xc3 is none of the letters"},
	    {"9223372036854775808x", 0, "total struct size too long"},
	    {"b9223372036854775807x", 1, "total struct size too long"},
	    {"4611686018427387904h", 0, "total struct size too long"},
	    {"9223372036854775801xl", 20, "total struct size too long"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct pystruct ps;
		struct err err = {""};

		assert_int_equal(
		    pystruct_compile(&ps, bad[i].format, &err), -EINVAL);
		assert_says(&err, bad[i].says);
		assert_int_equal(ps.bad_at, bad[i].at);
		assert_null(ps.fields);
	}
}

static void
items__native_format__padding_where_alignment_puts_it(void **state)
{
	static const struct {
		uint64_t off, len;
		char letter;
	} want[] = {{0, 1, 'b'}, {1, 3, '\0'}, {4, 4, 'i'}, {8, 4, 'i'},
	    {12, 2, 'x'}, {14, 2, '\0'}};
	struct pystruct ps = compiled("b 2i 2x 0i");
	struct pystruct_item it = {0};
	size_t n = 0;

	(void)state;
	assert_int_equal(ps.size, 16);
	assert_int_equal(ps.values, 3);
	for (; pystruct_next(&ps, &it); n++) {
		assert_true(n < sizeof want / sizeof *want);
		assert_int_equal(it.off, want[n].off);
		assert_int_equal(it.len, want[n].len);
		assert_int_equal(it.field->code->letter, want[n].letter);
	}
	assert_int_equal(n, sizeof want / sizeof *want);
	assert_true(pystruct_nth(&ps, 2, &it));
	assert_int_equal(it.off, 8);
	assert_int_equal(it.within, 1);
	assert_int_equal(it.field->at, 2);
	assert_int_equal(it.field->end, 4);
	assert_true(pystruct_at(&ps, 3, &it) && pystruct_is_padding(&it));
	pystruct_done(&ps);
}

static void
get__other_order__the_same_bytes_swapped(void **state)
{
	static const uint8_t bytes[] = {0x12, 0x34};
	struct pystruct ps = compiled("!H");
	struct pystruct_item it = {0};
	struct pystruct_value v;

	(void)state;
	assert_true(pystruct_next(&ps, &it));
	assert_false(ps.little);
	pystruct_get(&it, ps.little, bytes, &v);
	assert_int_equal(v.u, 0x1234);
	pystruct_get(&it, !ps.little, bytes, &v);
	assert_int_equal(v.u, 0x3412);
	pystruct_done(&ps);
}

static void
put__does_not_fit__bytes_stay(void **state)
{
	static const struct {
		const char *format, *text;
		int r;
		const char *says;
	} bad[] = {
	    {"<H", "65536", -ERANGE,
		"'H' (unsigned short, 2 bytes) format requires 0 <= "
		"number <= 65535"},
	    {"<b", "-129", -ERANGE, "-128 <= number <= 127"},
	    {"<Q", "-1", -ERANGE, "0 <= number <= 18446744073709551615"},
	    {"<q", "9223372036854775808", -ERANGE,
		"-9223372036854775808 <= number <= "
		"9223372036854775807"},
	    {"<q", "99999999999999999999999", -ERANGE, "out of range"},
	    {"P", "-9223372036854775809", -ERANGE, "out of range"},
	    {"<h", "1.5", -EINVAL, "required argument is not an integer"},
	    {"<h", "one", -EINVAL, "column 1: no number begins here"},
	    {"<h", "017", -EINVAL, "0o17 is octal"},
	    {"<d", "1__0", -EINVAL, "column 2"},
	    {"<f", "1e39", -ERANGE, "too large to pack with f format"},
	    {"<e", "-65520", -ERANGE, "too large to pack with e format"},
	    {"<c", "ab", -ERANGE, "char format requires one byte"},
	    {"<c", "", -ERANGE, "here are 0"},
	    {"<4s", "a\\q", -EINVAL, "value 1: column 2: unknown escape"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct pystruct ps = compiled(bad[i].format);
		uint8_t bytes[8] = "unhurt", before[8] = "unhurt";
		struct pystruct_item it = {0};
		struct err err = {""};

		assert_true(pystruct_next(&ps, &it));
		assert_int_equal(
		    pystruct_put_text(&it, ps.little, bad[i].text, bytes, &err),
		    bad[i].r);
		assert_says(&err, "value 1");
		assert_says(&err, bad[i].says);
		assert_memory_equal(bytes, before, sizeof bytes);
		pystruct_done(&ps);
	}
}

static void
pack__values_of_c__as_bytes(void **state)
{
	static const uint8_t want[] = {
	    1, 0, 0x3f, 0x80, 0, 0, 'h', 'i', 0, 2, 'y', 'o', 0xff};
	const struct pystruct_value v[] = {
	    {.u = 1},
	    {.d = 1},
	    {.p = (const uint8_t *)"hi", .n = 2},
	    {.p = (const uint8_t *)"you", .n = 3},
	    {.i = -1},
	};
	struct pystruct ps = compiled(">Bxf3s3pb");
	struct pystruct_value got[5];
	uint8_t bytes[13];

	(void)state;
	memset(bytes, 0xaa, sizeof bytes);
	assert_int_equal(
	    pystruct_pack(&ps, v, 5, bytes, sizeof bytes, NULL), 0);
	assert_memory_equal(bytes, want, sizeof want);
	assert_int_equal(
	    pystruct_unpack(&ps, bytes, sizeof bytes, got, NULL), 0);
	assert_true(got[1].d == 1);
	assert_int_equal(got[2].n, 3);
	assert_int_equal(got[3].n, 2);
	assert_memory_equal(got[3].p, "yo", 2);
	assert_int_equal(got[4].i, -1);
	pystruct_done(&ps);
}

static void
pack__one_of_an_array_too_large__is_named(void **state)
{
	const struct pystruct_value v[] = {{.u = 1}, {.u = 2}, {.u = 300}};
	struct pystruct ps = compiled("x3B");
	uint8_t bytes[4];
	struct err err;

	(void)state;
	assert_int_equal(
	    pystruct_pack(&ps, v, 3, bytes, sizeof bytes, &err), -ERANGE);
	assert_says(&err, "value 3: 300 is out of range");
	assert_int_equal(pystruct_pack(&ps, v, 3, bytes, 3, &err), -ENOBUFS);
	assert_says(&err, "at least 4 bytes");
	pystruct_done(&ps);
}

/* Wherever it stands, beside whatever is moved together with it. */
static void
pack__a_number_too_large__is_named_anywhere(void **state)
{
	static const char letters[] = "bBhHiIqQ";
	struct pystruct ps = compiled("<bBhHiIqQ");
	uint8_t bytes[30];
	struct err err;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct pystruct_value v[8];
		unsigned bits = 8u << (i / 2);
		char says[40];

		memset(v, 0, sizeof v);
		v[i].u = UINT64_C(1) << (letters[i] < 'a' ? bits : bits - 1);
		snprintf(says, sizeof says, "value %zu: ", i + 1);
		assert_int_equal(
		    pystruct_pack(&ps, v, 8, bytes, sizeof bytes, &err),
		    -ERANGE);
		assert_says(&err, says);
		v[i].u--;
		assert_int_equal(
		    pystruct_pack(&ps, v, 8, bytes, sizeof bytes, &err), 0);
		if (letters[i] < 'a')
			continue;
		v[i].i = -(int64_t)v[i].u - 2;
		assert_int_equal(
		    pystruct_pack(&ps, v, 8, bytes, sizeof bytes, &err),
		    -ERANGE);
		v[i].i++;
		assert_int_equal(
		    pystruct_pack(&ps, v, 8, bytes, sizeof bytes, &err), 0);
	}
	pystruct_done(&ps);
}

static void
pack__bool_of_c_other_than_1__is_1(void **state)
{
	const struct pystruct_value v[] = {
	    {.u = 2}, {.i = -1}, {.u = 256}, {.u = 7}, {.u = 8}};
	struct pystruct ps = compiled(">?b?2Q");
	struct pystruct_value got[5];
	uint8_t bytes[19];

	(void)state;
	assert_int_equal(
	    pystruct_pack(&ps, v, 5, bytes, sizeof bytes, NULL), 0);
	assert_memory_equal(bytes, "\x01\xff\x01\0", 4);
	assert_int_equal(
	    pystruct_unpack(&ps, bytes, sizeof bytes, got, NULL), 0);
	assert_int_equal(got[0].u, 1);
	assert_int_equal(got[1].i, -1);
	assert_int_equal(got[4].u, 8);
	pystruct_done(&ps);
}

static void
counts_and_sizes__wrong__say_what_is_missing(void **state)
{
	struct pystruct ps = compiled("<H2xI"), empty = compiled("");
	struct pystruct_value v[2];
	uint8_t bytes[16] = {0};
	struct err err;

	(void)state;
	assert_int_equal(pystruct_pack(&ps, v, 1, bytes, 8, &err), -EINVAL);
	assert_says(&err, "pack expected 2 items for packing (got 1)");
	assert_says(&err, "value 2 is missing, for the 'I' at position 5");
	assert_int_equal(pystruct_check_count(&ps, 3, &err), -EINVAL);
	assert_says(&err, "no letter for value 3");
	assert_int_equal(pystruct_unpack(&ps, bytes, 7, v, &err), -EMSGSIZE);
	assert_says(&err, "unpack requires a buffer of 8 bytes");
	assert_int_equal(pystruct_records(&ps, 16, &err), 2);
	assert_int_equal(pystruct_records(&ps, 0, &err), 0);
	assert_int_equal(pystruct_records(&ps, 15, &err), -EMSGSIZE);
	assert_says(&err, "a multiple of 8 bytes: of 15, 7 are left over");
	assert_int_equal(pystruct_records(&empty, 0, &err), -EINVAL);
	assert_says(&err, "struct of length 0");
	assert_int_equal(pystruct_unpack(&empty, NULL, 0, NULL, &err), 0);
	pystruct_done(&ps);
	pystruct_done(&empty);
}

static void
corpus__every_input__keeps_the_promises(void **state)
{
	(void)state;
	assert_true(corpus_replay(CORPUS, check_input) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compile__bad_formats__name_the_place),
	    cmocka_unit_test(
		items__native_format__padding_where_alignment_puts_it),
	    cmocka_unit_test(get__other_order__the_same_bytes_swapped),
	    cmocka_unit_test(put__does_not_fit__bytes_stay),
	    cmocka_unit_test(pack__values_of_c__as_bytes),
	    cmocka_unit_test(pack__one_of_an_array_too_large__is_named),
	    cmocka_unit_test(pack__a_number_too_large__is_named_anywhere),
	    cmocka_unit_test(pack__bool_of_c_other_than_1__is_1),
	    cmocka_unit_test(counts_and_sizes__wrong__say_what_is_missing),
	    cmocka_unit_test(corpus__every_input__keeps_the_promises),
	};

	return cmocka_run_group_tests_name("pystruct", tests, NULL, NULL);
}
