/*
 * The struct codec behind a pipe, for a comparison in bulk: a line of
 * tab-separated words in, a line out.
 *
 *     pack FORMAT VALUE...     hex
 *     unpack FORMAT HEX        repr() of the tuple
 *     swap FORMAT HEX          the same, read in the other byte order
 *     iter FORMAT HEX          a tuple for each record
 *     again FORMAT HEX         what comes out is text, goes in, and is hex
 *     calcsize FORMAT
 *
 * The format is escaped as in text.h. A refusal is "!" and the sentence.
 * Not a part of the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "tests/fuzz/pystruct_check.h"

#define WORDS_MAX 4096
#define OUT_MAX (16 * 1024 * 1024)

/* One request, compiled. */
struct request {
	const char *verb;
	char **words; /* behind the format */
	size_t count;
	struct pystruct ps;
	uint8_t *bytes; /* of the hex, or of the result */
	size_t len;
	struct buf *out;
};

static size_t
split(char *line, char **words)
{
	size_t n = 0;

	while (n < WORDS_MAX && line != NULL)
		words[n++] = strsep(&line, "\t");
	return n;
}

static void
add_hex(struct buf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%02x", p[i]);
}

static void
read_hex(const char *hex, struct request *q)
{
	unsigned byte;

	q->len = strlen(hex) / 2;
	q->bytes = malloc(q->len + 1);
	for (size_t i = 0; q->bytes != NULL && i < q->len; i++)
		if (sscanf(hex + 2 * i, "%2x", &byte) == 1)
			q->bytes[i] = (uint8_t)byte;
}

static int
put_words(struct request *q, struct err *err)
{
	struct pystruct_item it = {0};
	int r = pystruct_check_count(&q->ps, q->count, err);

	q->len = (size_t)q->ps.size;
	q->bytes = calloc(1, q->len + 1);
	if (q->bytes == NULL)
		abort();
	while (r == 0 && pystruct_next(&q->ps, &it))
		if (!pystruct_is_padding(&it))
			r = pystruct_put_text(&it, q->ps.little,
			    q->words[it.index], q->bytes + it.off, err);
	return r;
}

static int
pack_again(struct request *q, struct err *err)
{
	struct pystruct_item it = {0};
	uint8_t *again = calloc(1, q->len + 1);
	int r = 0;

	while (again != NULL && r == 0 && pystruct_next(&q->ps, &it)) {
		struct buf text;

		if (pystruct_is_padding(&it))
			continue;
		buf_init(&text, OUT_MAX);
		pystruct_text(&it, q->ps.little, q->bytes + it.off, &text);
		r = pystruct_put_text(
		    &it, q->ps.little, buf_str(&text), again + it.off, err);
		buf_done(&text);
	}
	if (again != NULL && r == 0)
		add_hex(q->out, again, q->len);
	free(again);
	return r;
}

static int
unpack(struct request *q, struct err *err)
{
	int64_t records = 1;
	int r = 0;

	read_hex(q->count > 0 ? q->words[0] : "", q);
	if (strcmp(q->verb, "iter") == 0) {
		records = pystruct_records(&q->ps, q->len, err);
		r = records < 0 ? (int)records : 0;
	} else {
		r = pystruct_check_size(&q->ps, q->len, err);
	}
	if (r < 0)
		return r;
	if (strcmp(q->verb, "again") == 0)
		return pack_again(q, err);
	if (strcmp(q->verb, "unpack") == 0)
		check_whole(&q->ps, q->bytes);
	for (int64_t i = 0; i < records; i++)
		pystruct_tuple(&q->ps,
		    strcmp(q->verb, "swap") == 0 ? !q->ps.little : q->ps.little,
		    q->bytes + (uint64_t)i * q->ps.size, q->out);
	return 0;
}

static int
answer(struct request *q, const char *format, struct err *err)
{
	char *text = malloc(strlen(format) + 1);
	long n = -1;
	int r;

	if (text != NULL)
		n = text_unescape(format, (uint8_t *)text, strlen(format), err);
	if (n < 0)
		abort();
	text[n] = '\0';
	r = pystruct_compile(&q->ps, text, err);
	free(text);
	if (r < 0)
		return r;
	if (strcmp(q->verb, "calcsize") == 0) {
		buf_printf(q->out, "%llu", (unsigned long long)q->ps.size);
	} else if (strcmp(q->verb, "pack") == 0) {
		r = put_words(q, err);
		if (r == 0)
			add_hex(q->out, q->bytes, q->len);
	} else {
		r = unpack(q, err);
	}
	return r;
}

int
main(void)
{
	static char *words[WORDS_MAX];
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	struct buf out;

	buf_init(&out, OUT_MAX);
	while ((len = getline(&line, &room, stdin)) > 0) {
		struct request q = {.out = &out};
		struct err err = {""};

		line[len - 1] = '\0';
		q.count = split(line, words);
		if (q.count < 2)
			return 2;
		q.verb = words[0];
		q.words = words + 2;
		q.count -= 2;
		buf_clear(&out);
		if (answer(&q, words[1], &err) < 0)
			printf("!%s\n", err.text);
		else
			printf("%s\n", buf_str(&out));
		pystruct_done(&q.ps);
		free(q.bytes);
	}
	free(line);
	buf_done(&out);
	return 0;
}
