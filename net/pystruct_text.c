/* Values of a struct as text: what a person types, and what Python prints. */
#include "net/pystruct.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"
#include "net/pyliteral.h"
#include "net/pystruct_op.h"

#define SHOWN_MAX 48 /* of a text that is refused */

static int
read_number(const struct pystruct_item *it, const char *text,
    struct pyliteral_number *ret, struct err *err)
{
	char shown[SHOWN_MAX];
	struct err why;
	int r = pyliteral_number(text, ret, &why);

	if (r == 0)
		return 0;
	text_escape(shown, sizeof shown, text, strlen(text));
	return err_set(err, r,
	    "value %" PRIu64 ": required argument is not %s, '%s' is no "
	    "number: %s",
	    it->index + 1,
	    it->field->code->kind == PYSTRUCT_FLOAT ? "a float" : "an integer",
	    shown, why.text);
}

static int
out_of_range(const struct pystruct_item *it, const char *text, struct err *err)
{
	char shown[SHOWN_MAX];

	text_escape(shown, sizeof shown, text, strlen(text));
	return pystruct_out_of_range(it, shown, err);
}

/* To value.i or value.u; what is too large for 64 bits is refused here. */
static int
integer_value(const struct pystruct_item *it, const char *text,
    const struct pyliteral_number *n, struct pystruct_value *ret,
    struct err *err)
{
	const struct pystruct_code *c = it->field->code;
	bool is_signed = c->kind == PYSTRUCT_SIGNED;
	const uint64_t lowest = UINT64_C(1) << 63; /* its magnitude */
	bool fits = !n->huge;

	if (n->is_float)
		return err_set(err, -EINVAL,
		    "value %" PRIu64 ": required argument is not an integer: "
		    "'%c' (%s) holds whole numbers; f and d hold others",
		    it->index + 1, c->letter, c->name);
	/* A pointer may be negative, as CPython takes it. */
	if (n->negative)
		fits &=
		    (is_signed || c->letter == 'P') && n->magnitude <= lowest;
	else if (is_signed)
		fits &= n->magnitude < lowest;
	if (!fits)
		return out_of_range(it, text, err);
	ret->u = n->negative ? -n->magnitude : n->magnitude;
	return 0;
}

static int
number_value(const struct pystruct_item *it, const char *text,
    struct pystruct_value *ret, struct err *err)
{
	enum pystruct_kind kind = it->field->code->kind;
	struct pyliteral_number n;
	int r = read_number(it, text, &n, err);

	if (r < 0)
		return r;
	if (kind == PYSTRUCT_BOOL) {
		ret->u = n.is_float ? n.d != 0 : n.magnitude != 0;
		return 0;
	}
	if (kind != PYSTRUCT_FLOAT)
		return integer_value(it, text, &n, ret, err);
	if (!n.is_float && isinf(n.d))
		return err_set(err, -ERANGE,
		    "value %" PRIu64 ": required argument is not a float: this "
		    "integer is larger than any; write inf if that is meant",
		    it->index + 1);
	ret->d = n.d;
	return 0;
}

static int
put_bytes(const struct pystruct_item *it, bool little, const char *text,
    uint8_t *bytes, struct err *err)
{
	size_t max = strlen(text);
	struct pystruct_value value;
	uint8_t *memory = malloc(max + 1);
	struct err why;
	long n;
	int r;

	if (memory == NULL)
		return err_set(err, -ENOMEM, "no memory for value %" PRIu64,
		    it->index + 1);
	n = text_unescape(text, memory, max, &why);
	if (n < 0) {
		r = err_set(err, (int)n, "value %" PRIu64 ": %s", it->index + 1,
		    why.text);
	} else {
		value.p = memory;
		value.n = (size_t)n;
		r = pystruct_put(it, little, &value, bytes, err);
	}
	free(memory);
	return r;
}

int
pystruct_put_text(const struct pystruct_item *it, bool little, const char *text,
    uint8_t *bytes, struct err *err)
{
	struct pystruct_value value;
	int r;

	if (it->field->code->kind == PYSTRUCT_BYTES)
		return put_bytes(it, little, text, bytes, err);
	r = number_value(it, text, &value, err);
	return r < 0 ? r : pystruct_put(it, little, &value, bytes, err);
}

static void
print_number(const struct pystruct_item *it, const struct pystruct_value *v,
    struct buf *out)
{
	char text[PYLITERAL_FLOAT_MAX];

	switch ((enum pystruct_kind)it->field->code->kind) {
	case PYSTRUCT_SIGNED:
		buf_printf(out, "%" PRId64, v->i);
		break;
	case PYSTRUCT_UNSIGNED:
		buf_printf(out, "%" PRIu64, v->u);
		break;
	case PYSTRUCT_BOOL:
		buf_printf(out, "%s", v->u != 0 ? "True" : "False");
		break;
	case PYSTRUCT_FLOAT:
		buf_printf(out, "%s", pyliteral_float(text, v->d));
		break;
	case PYSTRUCT_BYTES:
	case PYSTRUCT_PADDING:
		break;
	}
}

void
pystruct_text(const struct pystruct_item *it, bool little, const uint8_t *bytes,
    struct buf *out)
{
	struct pystruct_value v;
	char part[256];

	pystruct_get(it, little, bytes, &v);
	if (it->field->code->kind != PYSTRUCT_BYTES) {
		print_number(it, &v, out);
		return;
	}
	for (size_t used = 0; used < v.n;) {
		used += text_escape(part, sizeof part, v.p + used, v.n - used);
		buf_printf(out, "%s", part);
	}
}

void
pystruct_repr(const struct pystruct_item *it, bool little, const uint8_t *bytes,
    struct buf *out)
{
	struct pystruct_value v;

	pystruct_get(it, little, bytes, &v);
	if (it->field->code->kind == PYSTRUCT_BYTES)
		pyliteral_bytes(out, v.p, v.n);
	else
		print_number(it, &v, out);
}

void
pystruct_tuple(const struct pystruct *ps, bool little, const uint8_t *bytes,
    struct buf *out)
{
	struct pystruct_item it = {0};
	const char *before = "(";

	while (pystruct_next(ps, &it)) {
		if (pystruct_is_padding(&it))
			continue;
		buf_printf(out, "%s", before);
		pystruct_repr(&it, little, bytes + it.off, out);
		before = ", ";
	}
	buf_printf(out, "%s",
	    ps->values == 0   ? "()"
	    : ps->values == 1 ? ",)"
			      : ")");
}
