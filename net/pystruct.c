#include "net/pystruct.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/pystruct_op.h"
#include "net/pystruct_pairs.h"

#define LETTERS "xcbB?hHiIlLqQnNefdspP"

/* The alignment inside of a struct, which is what C compilers agree on. */
#define ALIGN(type)              \
	offsetof(                \
	    struct {             \
		    char c;      \
		    type member; \
	    },                   \
	    member)
#define NATIVE(type) sizeof(type), ALIGN(type)

static const struct pystruct_code code_table[] = {
    {'x', PYSTRUCT_PADDING, 1, 1, 1, "padding"},
    {'c', PYSTRUCT_BYTES, 1, 1, 1, "char"},
    {'b', PYSTRUCT_SIGNED, 1, 1, 1, "signed char"},
    {'B', PYSTRUCT_UNSIGNED, 1, 1, 1, "unsigned char"},
    {'?', PYSTRUCT_BOOL, 1, NATIVE(_Bool), "bool"},
    {'h', PYSTRUCT_SIGNED, 2, NATIVE(short), "short"},
    {'H', PYSTRUCT_UNSIGNED, 2, NATIVE(short), "unsigned short"},
    {'i', PYSTRUCT_SIGNED, 4, NATIVE(int), "int"},
    {'I', PYSTRUCT_UNSIGNED, 4, NATIVE(int), "unsigned int"},
    {'l', PYSTRUCT_SIGNED, 4, NATIVE(long), "long"},
    {'L', PYSTRUCT_UNSIGNED, 4, NATIVE(long), "unsigned long"},
    {'q', PYSTRUCT_SIGNED, 8, NATIVE(long long), "long long"},
    {'Q', PYSTRUCT_UNSIGNED, 8, NATIVE(long long), "unsigned long long"},
    {'n', PYSTRUCT_SIGNED, 0, NATIVE(size_t), "ssize_t"},
    {'N', PYSTRUCT_UNSIGNED, 0, NATIVE(size_t), "size_t"},
    {'e', PYSTRUCT_FLOAT, 2, NATIVE(short), "half float"},
    {'f', PYSTRUCT_FLOAT, 4, NATIVE(float), "float"},
    {'d', PYSTRUCT_FLOAT, 8, NATIVE(double), "double"},
    {'s', PYSTRUCT_BYTES, 1, 1, 1, "char[]"},
    {'p', PYSTRUCT_BYTES, 1, 1, 1, "Pascal string"},
    {'P', PYSTRUCT_UNSIGNED, 0, NATIVE(void *), "void *"},
};

static const struct pystruct_code alignment = {
    '\0', PYSTRUCT_PADDING, 1, 1, 1, "alignment"};

/* A format while it is compiled. */
struct parse {
	struct pystruct *ps;
	const char *format;
	size_t at; /* of the next character */
	size_t room; /* fields allocated */
	struct err *err;
};

/* A count or a letter of the format. */
struct token {
	size_t at; /* where it begins */
	uint64_t number;
	const struct pystruct_code *code;
};

/* As CPython has them, in whatever locale. */
static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
refuse(struct parse *p, size_t at, const char *what)
{
	p->ps->bad_at = at;
	return err_set(
	    p->err, -EINVAL, "position %zu of the format: %s", at + 1, what);
}

static int
too_long(struct parse *p, size_t at)
{
	return refuse(p, at,
	    "total struct size too long: counts may not add up to more than "
	    "2^63 - 1 bytes");
}

static const struct pystruct_code *
find_code(char letter)
{
	for (size_t i = 0; i < sizeof code_table / sizeof *code_table; i++)
		if (code_table[i].letter == letter)
			return &code_table[i];
	return NULL;
}

/* The letter at p->at is none: say what could be meant. */
static int
bad_letter(struct parse *p, bool counted)
{
	char c = p->format[p->at];
	char what[200], shown[8];

	if (counted && is_blank(c))
		return refuse(p, p->at,
		    "bad char in struct format: no blank may stand between a "
		    "count and its letter; write 3i");
	if (strchr("@=<>!", c) != NULL)
		return refuse(p, p->at,
		    "bad char in struct format: the byte order (@ = < > !) "
		    "stands once, as the first character");
	if (find_code(c) != NULL)
		snprintf(what, sizeof what,
		    "bad char in struct format: '%c' has no standard size; "
		    "use %s, or leave out the byte order for native sizes",
		    c, c == 'n' ? "q" : "Q");
	else {
		snprintf(shown, sizeof shown,
		    c > ' ' && c <= '~' ? "'%c'" : "\\x%02x", (unsigned char)c);
		snprintf(what, sizeof what,
		    "bad char in struct format: %s is none of the letters "
		    "%s",
		    shown, LETTERS);
	}
	return refuse(p, p->at, what);
}

/* The count before a letter: 1 where none is written. */
static int
read_count(struct parse *p, struct token *t)
{
	t->number = 1;
	if (!is_digit(p->format[p->at]))
		return 0;
	t->number = 0;
	for (char c; is_digit(c = p->format[p->at]); p->at++) {
		uint64_t digit = (uint64_t)(c - '0');

		if (t->number > (INT64_MAX - digit) / 10)
			return too_long(p, t->at);
		t->number = t->number * 10 + digit;
	}
	if (p->format[p->at] == '\0')
		return refuse(p, t->at,
		    "repeat count given without format specifier: a letter "
		    "must follow the number");
	return 0;
}

static int
read_token(struct parse *p, struct token *t)
{
	int r;

	t->at = p->at;
	r = read_count(p, t);
	if (r < 0)
		return r;
	t->code = find_code(p->format[p->at]);
	if (t->code == NULL || (!p->ps->native && t->code->size == 0))
		return bad_letter(p, p->at > t->at);
	p->at++;
	return 0;
}

static struct pystruct_field *
add_field(struct parse *p, const struct token *t)
{
	struct pystruct *ps = p->ps;
	struct pystruct_field *f;

	if (ps->count == p->room) {
		size_t room = p->room > 0 ? 2 * p->room : 8;

		f = reallocarray(ps->fields, room, sizeof *f);
		if (f == NULL) {
			err_set(p->err, -ENOMEM, "no memory for the format");
			return NULL;
		}
		ps->fields = f;
		p->room = room;
	}
	f = &ps->fields[ps->count++];
	*f = (struct pystruct_field){
	    .code = t->code,
	    .off = ps->size,
	    .count = 1,
	    .first = ps->values,
	    .at = t->at,
	    .end = p->at,
	};
	return f;
}

static int
add_padding(struct parse *p, const struct token *t, uint64_t n)
{
	struct pystruct_field *f;

	if (n > INT64_MAX - p->ps->size)
		return too_long(p, t->at);
	if (n == 0)
		return 0;
	f = add_field(p, t);
	if (f == NULL)
		return -ENOMEM;
	f->size = n;
	f->op = OP_PADDING;
	p->ps->size += n;
	return 0;
}

/* Alignment counts for a count of 0 too: that is how an end is aligned. */
static int
align(struct parse *p, const struct token *t)
{
	struct token pad = {.at = t->at, .code = &alignment};
	uint64_t to = t->code->native_align;

	if (!p->ps->native)
		return 0;
	return add_padding(p, &pad, (to - p->ps->size % to) % to);
}

static int
add_token(struct parse *p, const struct token *t)
{
	struct pystruct *ps = p->ps;
	uint64_t size = ps->native ? t->code->native_size : t->code->size;
	bool text = t->code->letter == 's' || t->code->letter == 'p';
	struct pystruct_field *f;
	int r;

	if (t->code->kind == PYSTRUCT_PADDING)
		return add_padding(p, t, t->number);
	r = align(p, t);
	if (r < 0)
		return r;
	if (t->number > (INT64_MAX - ps->size) / size)
		return too_long(p, t->at);
	f = add_field(p, t);
	if (f == NULL)
		return -ENOMEM;
	f->size = text ? t->number : size;
	f->count = text ? 1 : t->number;
	f->op = (uint8_t)op_of(t->code, (size_t)size, ps->native);
	ps->size += f->size * f->count;
	ps->values += f->count;
	return 0;
}

static void
read_order(struct parse *p)
{
	const bool host_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	p->ps->little = host_little;
	char c = p->format[0];

	p->ps->native = c == '\0' || strchr("=<>!", c) == NULL;
	p->ps->little = host_little;
	if (c == '<')
		p->ps->little = true;
	else if (c == '>' || c == '!')
		p->ps->little = false;
	p->at = !p->ps->native || c == '@';
}

int
pystruct_compile(struct pystruct *ps, const char *format, struct err *err)
{
	struct parse p = {.ps = ps, .format = format, .err = err};
	struct token t;
	size_t bad_at;
	int r = 0;

	*ps = (struct pystruct){0};
	read_order(&p);
	while (r == 0 && format[p.at] != '\0') {
		if (is_blank(format[p.at])) {
			p.at++;
			continue;
		}
		r = read_token(&p, &t);
		if (r == 0)
			r = add_token(&p, &t);
	}
	if (r == 0 && pystruct_pairs_find(ps) < 0)
		r = err_set(err, -ENOMEM, "no memory for the format");
	if (r < 0) {
		bad_at = ps->bad_at;
		pystruct_done(ps);
		ps->bad_at = bad_at;
	}
	return r;
}

void
pystruct_done(struct pystruct *ps)
{
	pystruct_pairs_done(ps);
	free(ps->fields);
	*ps = (struct pystruct){0};
}

static void
item_of(
    const struct pystruct_field *f, uint64_t within, struct pystruct_item *ret)
{
	*ret = (struct pystruct_item){
	    .field = f,
	    .off = f->off + within * f->size,
	    .len = f->size,
	    .within = within,
	    .index = f->first + within,
	};
}

bool
pystruct_next(const struct pystruct *ps, struct pystruct_item *it)
{
	size_t i = 0;

	if (it->field != NULL) {
		if (it->within + 1 < it->field->count) {
			item_of(it->field, it->within + 1, it);
			return true;
		}
		i = (size_t)(it->field - ps->fields) + 1;
	}
	while (i < ps->count && ps->fields[i].count == 0)
		i++;
	if (i >= ps->count)
		return false;
	item_of(&ps->fields[i], 0, it);
	return true;
}

/*
 * Of the fields that begin at the same value, or byte, those without any come
 * first: the last one is meant.
 */
bool
pystruct_nth(const struct pystruct *ps, uint64_t n, struct pystruct_item *ret)
{
	size_t low = 0, high = ps->count;

	if (n >= ps->values)
		return false;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (ps->fields[middle].first <= n)
			low = middle;
		else
			high = middle;
	}
	item_of(&ps->fields[low], n - ps->fields[low].first, ret);
	return true;
}

bool
pystruct_at(const struct pystruct *ps, uint64_t off, struct pystruct_item *ret)
{
	const struct pystruct_field *f;
	size_t low = 0, high = ps->count;

	if (off >= ps->size)
		return false;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (ps->fields[middle].off <= off)
			low = middle;
		else
			high = middle;
	}
	f = &ps->fields[low];
	item_of(f, (off - f->off) / f->size, ret);
	return true;
}
