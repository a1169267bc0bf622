#include "net/structline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

/* A word of the line: what is meant, and where it stands, quotes included. */
struct word {
	const char *p;
	size_t n;
	size_t at;
};

/* The next word from *at on. 1; 0: there is none; -EINVAL: no end quote. */
static int
next_word(const char *line, size_t *at, struct word *ret, struct err *err)
{
	size_t i = *at + strspn(line + *at, BLANKS);
	char quote = line[i];
	const char *end;

	*ret = (struct word){line + i, strcspn(line + i, BLANKS), i};
	*at = i + ret->n;
	if (quote != '\'' && quote != '"')
		return ret->n > 0;
	end = strchr(line + i + 1, quote);
	if (end == NULL)
		return err_set(err, -EINVAL, "the quote %c has no end", quote);
	ret->p++;
	ret->n = (size_t)(end - ret->p);
	*at = i + ret->n + 2;
	return 1;
}

static int
compile(struct structline *s, const char *line, const struct word *w,
    size_t *ret_at, struct err *err)
{
	int r;

	*ret_at = w->at;
	if (w->n >= sizeof s->format)
		return err_set(err, -E2BIG,
		    "the format has %zu characters; %zu fit", w->n,
		    sizeof s->format - 1);
	memcpy(s->format, w->p, w->n);
	s->format[w->n] = '\0';
	r = pystruct_compile(&s->ps, s->format, err);
	if (r < 0) {
		*ret_at = (size_t)(w->p - line) + s->ps.bad_at;
		return r;
	}
	if (s->ps.size > sizeof s->bytes)
		return err_set(err, -E2BIG,
		    "%" PRIu64 " bytes are more than the %zu of a record here",
		    s->ps.size, sizeof s->bytes);
	return 0;
}

/* One value from a word, which needs a NUL for that. */
static int
put(struct structline *s, const struct pystruct_item *it, const struct word *w,
    struct err *err)
{
	char *text = strndup(w->p, w->n);
	int r;

	if (text == NULL)
		return err_set(err, -ENOMEM, "no memory for a value");
	r = pystruct_put_text(it, s->ps.little, text, s->bytes + it->off, err);
	free(text);
	return r;
}

/* As many values as there are, then what is missing or too much. */
static int
put_values(struct structline *s, const char *line, size_t at, size_t *ret_at,
    struct err *err)
{
	struct pystruct_item it = {0};
	struct word w;
	uint64_t given = 0;
	int more, r;

	while (pystruct_next(&s->ps, &it)) {
		if (pystruct_is_padding(&it))
			continue;
		more = next_word(line, &at, &w, err);
		*ret_at = w.at;
		if (more == 0)
			return pystruct_check_count(&s->ps, given, err);
		r = more < 0 ? more : put(s, &it, &w, err);
		if (r < 0)
			return r;
		given++;
	}
	more = next_word(line, &at, &w, err);
	*ret_at = w.at;
	return more <= 0 ? more : pystruct_check_count(&s->ps, given + 1, err);
}

int
structline_parse(
    struct structline *s, const char *line, size_t *ret_at, struct err *err)
{
	struct structline made = {0};
	struct word w;
	size_t at = 0;
	int r = next_word(line, &at, &w, err);

	*ret_at = w.at;
	if (r == 0)
		return err_set(err, -EINVAL, "a format comes first, as !Hh4s");
	if (r > 0)
		r = compile(&made, line, &w, ret_at, err);
	if (r == 0)
		r = put_values(&made, line, at, ret_at, err);
	if (r < 0) {
		pystruct_done(&made.ps);
		return r;
	}
	pystruct_done(&s->ps);
	*s = made;
	return 0;
}

void
structline_done(struct structline *s)
{
	pystruct_done(&s->ps);
	*s = (struct structline){0};
}

int
structline_copy(struct structline *dst, const struct structline *src)
{
	struct structline made = *src;

	if (pystruct_compile(&made.ps, src->format, NULL) < 0)
		return -ENOMEM;
	pystruct_done(&dst->ps);
	*dst = made;
	return 0;
}

/* A word in such quotes that it is read as one. */
static void
print_word(const char *text, struct buf *out)
{
	bool plain = text[0] != '\0' && strpbrk(text, BLANKS "'\"") == NULL;
	char quote = strchr(text, '\'') == NULL ? '\'' : '"';

	if (plain || strchr(text, quote) == NULL) {
		const char *q = plain ? "" : quote == '"' ? "\"" : "'";

		buf_printf(out, "%s%s%s", q, text, q);
		return;
	}
	buf_printf(out, "'");
	for (; *text != '\0'; text++)
		if (*text == '\'')
			buf_printf(out, "\\x27");
		else
			buf_add(out, text, 1);
	buf_printf(out, "'");
}

void
structline_print(const struct structline *s, struct buf *out)
{
	struct pystruct_item it = {0};
	struct buf text;

	print_word(s->format, out);
	buf_init(&text, 4 * STRUCTLINE_BYTES + 1);
	while (pystruct_next(&s->ps, &it)) {
		if (pystruct_is_padding(&it))
			continue;
		buf_clear(&text);
		pystruct_text(&it, s->ps.little, s->bytes + it.off, &text);
		buf_printf(out, " ");
		print_word(buf_str(&text), out);
	}
	buf_done(&text);
}
