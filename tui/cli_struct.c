/* pack, unpack, calcsize: Python's struct on the command line. */
#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "net/pystruct.h"
#include "tui/cli.h"

/* A format may ask for exabytes of padding. */
#define PACK_MAX (256 * 1024 * 1024)

enum { OPT_ITER = 256 };

static const struct option no_options[] = {
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const struct option unpack_options[] = {
    {"iter", no_argument, NULL, OPT_ITER},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* The refusal, and a mark under the character of the format it speaks of. */
static int
fail_at(const char *format, size_t at, const struct err *err)
{
	char before[1024], whole[1024];

	cli_fail("%s", err->text);
	if (text_escape(whole, sizeof whole, format, strlen(format)) <
	    strlen(format))
		return CLI_FAILED; /* longer than a line */
	text_escape(before, sizeof before, format, at);
	fprintf(stderr, "  %s\n  %*s^\n", whole, text_cells(before), "");
	return CLI_FAILED;
}

static int
compile(struct pystruct *ps, const char *format)
{
	struct err err;

	if (pystruct_compile(ps, format, &err) == 0)
		return CLI_DONE;
	return fail_at(format, ps->bad_at, &err);
}

static int
put_values(const struct pystruct *ps, const char *format, char **values,
    uint8_t *bytes)
{
	struct pystruct_item it = {0};
	struct err err;

	while (pystruct_next(ps, &it)) {
		if (pystruct_is_padding(&it))
			continue;
		if (pystruct_put_text(&it, ps->little, values[it.index],
			bytes + it.off, &err) < 0)
			return fail_at(format, it.field->end - 1, &err);
	}
	return CLI_DONE;
}

static int
pack(const struct pystruct *ps, const char *format, char **values, size_t n)
{
	uint8_t *bytes;
	struct err err;
	int status;

	if (pystruct_check_count(ps, n, &err) < 0)
		return cli_fail("%s", err.text);
	bytes = ps->size <= PACK_MAX ? calloc(1, (size_t)ps->size + 1) : NULL;
	if (bytes == NULL)
		return cli_fail("%" PRIu64 " bytes are too many to print: "
				"take a smaller count",
		    ps->size);
	status = put_values(ps, format, values, bytes);
	for (size_t i = 0; status == CLI_DONE && i < ps->size; i++)
		printf("%02x", bytes[i]);
	if (status == CLI_DONE)
		putchar('\n');
	free(bytes);
	return status;
}

int
cli_pack(int argc, char **argv)
{
	struct pystruct ps;
	int c, status;

	opterr = 0;
	/* "+": what follows the format may begin with a minus */
	while ((c = getopt_long(argc, argv, "+:h", no_options, NULL)) != -1)
		return c == 'h' ? cli_help("pack")
				: cli_bad_option("pack", c, argv);
	if (optind == argc)
		return cli_usage("pack", "pack needs a format, as '<Hb4s'");
	status = compile(&ps, argv[optind]);
	if (status == CLI_DONE)
		status = pack(&ps, argv[optind], argv + optind + 1,
		    (size_t)(argc - optind - 1));
	pystruct_done(&ps);
	return status;
}

/*
 * Hex digits in pairs, blanks between, to bytes; it is as long as the text at
 * most. False: *ret_bad is the character that is neither.
 */
static bool
add_hex(const char *text, uint8_t *bytes, size_t *len, size_t *ret_bad)
{
	for (size_t i = 0; text[i] != '\0'; i++) {
		char pair[3] = {text[i], text[i + 1], '\0'};

		if (text[i] == ' ')
			continue;
		if (!isxdigit((unsigned char)pair[0]) ||
		    !isxdigit((unsigned char)pair[1])) {
			*ret_bad = i;
			return false;
		}
		bytes[(*len)++] = (uint8_t)strtoul(pair, NULL, 16);
		i++;
	}
	return true;
}

/* All words together; memory of the caller's. NULL: it was said why. */
static uint8_t *
read_hex(char **words, size_t *ret_len)
{
	size_t room = 1, len = 0, bad;
	uint8_t *bytes;

	for (char **w = words; *w != NULL; w++)
		room += strlen(*w) / 2;
	bytes = malloc(room);
	if (bytes == NULL) {
		cli_fail("no memory for the bytes");
		return NULL;
	}
	for (char **w = words; *w != NULL; w++) {
		char shown[64];

		if (add_hex(*w, bytes, &len, &bad))
			continue;
		text_escape(shown, sizeof shown, *w + bad, strlen(*w + bad));
		cli_fail("no pair of hex digits at column %zu of the bytes: "
			 "'%s'; write them as 0a1b or 0a 1b",
		    bad + 1, shown);
		free(bytes);
		return NULL;
	}
	*ret_len = len;
	return bytes;
}

/* One tuple a line. */
static int
unpack(const struct pystruct *ps, const uint8_t *bytes, size_t n, bool iter)
{
	struct err err;
	struct buf line;
	int64_t records = 1;
	bool whole = true;

	if (iter)
		records = pystruct_records(ps, n, &err);
	else if (pystruct_check_size(ps, n, &err) < 0)
		records = -1;
	if (records < 0)
		return cli_fail("%s", err.text);
	buf_init(&line, PACK_MAX);
	for (int64_t i = 0; whole && i < records; i++) {
		buf_clear(&line);
		pystruct_tuple(
		    ps, ps->little, bytes + (uint64_t)i * ps->size, &line);
		whole = !line.full;
		if (whole)
			puts(buf_str(&line));
	}
	buf_done(&line);
	return whole ? CLI_DONE
		     : cli_fail("the tuple is too long to print: unpack a "
				"part of it");
}

int
cli_unpack(int argc, char **argv)
{
	struct pystruct ps;
	bool iter = false;
	uint8_t *bytes;
	size_t n;
	int c, status;

	opterr = 0;
	while (
	    (c = getopt_long(argc, argv, "+:h", unpack_options, NULL)) != -1) {
		if (c == 'h')
			return cli_help("unpack");
		if (c != OPT_ITER)
			return cli_bad_option("unpack", c, argv);
		iter = true;
	}
	if (argc - optind < 2)
		return cli_usage("unpack",
		    "unpack needs a format and bytes in hex, as '<H' ff00");
	status = compile(&ps, argv[optind]);
	if (status != CLI_DONE)
		return status;
	cli_buffer_output();
	bytes = read_hex(argv + optind + 1, &n);
	status = bytes == NULL ? CLI_FAILED : unpack(&ps, bytes, n, iter);
	free(bytes);
	pystruct_done(&ps);
	return status;
}

int
cli_calcsize(int argc, char **argv)
{
	struct pystruct ps;
	int c, status;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", no_options, NULL)) != -1)
		return c == 'h' ? cli_help("calcsize")
				: cli_bad_option("calcsize", c, argv);
	if (argc - optind != 1)
		return cli_usage("calcsize",
		    "calcsize needs one format; quote it if it has blanks");
	status = compile(&ps, argv[optind]);
	if (status == CLI_DONE)
		printf("%" PRIu64 "\n", ps.size);
	pystruct_done(&ps);
	return status;
}
