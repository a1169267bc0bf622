#include "tui/httpfmt.h"

#include <stdio.h>
#include <string.h>

#include "net/base/text.h"
#include "net/http.h"

/* The part of a record that is a head: whole lines. */
struct head {
	const char *at;
	size_t len;
	bool cut; /* it goes on beyond what the record keeps */
	struct http_response status;
};

static bool
find_head(const struct call *c, struct head *ret)
{
	const char *at = (const char *)c->data, *last;
	size_t len = http_head_len(at, c->data_len);

	if (!call_receives(c) || c->phase != CALL_DONE || c->error != 0 ||
	    c->data_len < 8 || memcmp(at, "HTTP/1.", 7) != 0)
		return false;
	ret->cut = len == 0;
	if (ret->cut) {
		last = memrchr(at, '\n', c->data_len);
		if (last == NULL)
			return false;
		len = (size_t)(last + 1 - at);
	}
	ret->at = at;
	ret->len = len;
	return http_parse_response(at, len, &ret->status);
}

/* The i-th field, as http_next_field() returns it. */
static int
field_at(const struct head *h, int i, struct http_field *ret)
{
	size_t pos = 0;
	int more;

	do
		more = http_next_field(h->at, h->len, &pos, ret);
	while (more > 0 && i-- > 0);
	return more;
}

int
httpfmt_rows(const struct call *c)
{
	struct http_field f;
	struct head h;
	int n = 0;

	if (!find_head(c, &h))
		return 0;
	while (n < HTTPFMT_ROWS_MAX - 2 && field_at(&h, n, &f) > 0)
		n++;
	return 1 + n + h.cut;
}

static const char *
status_meaning(int status)
{
	static const char *const meanings[] = {
	    "",
	    "go on: this is not the answer yet",
	    "done as asked",
	    "look elsewhere",
	    "the request is at fault",
	    "the server is at fault",
	};

	return status / 100 < 6 ? meanings[status / 100] : "";
}

static const char *
field_meaning(const struct http_field *f)
{
	static const struct {
		const char *name, *value, *meaning;
	} table[] = {
	    {"content-length", NULL, "bytes of body behind the empty line"},
	    {"content-type", NULL, "how the body is to be read"},
	    {"connection", "close", "the server closes after this answer"},
	    {"connection", "keep-alive", "the next request may use it, too"},
	    {"transfer-encoding", "chunked",
		"each piece of the body has its length before it"},
	    {"content-encoding", NULL, "the body is packed"},
	    {"location", NULL, "where it is instead"},
	    {"allow", NULL, "the methods that it knows"},
	    {"date", NULL, "when the answer was made"},
	    {"server", NULL, "the program that answers"},
	    {"last-modified", NULL, "when the page was changed"},
	    {"set-cookie", NULL, "to be sent back with later requests"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (http_field_is(f, table[i].name) &&
		    (table[i].value == NULL ||
			http_text_is(f->value, table[i].value)))
			return table[i].meaning;
	return "";
}

void
httpfmt_row(const struct call *c, int i, struct httpfmt_row *ret)
{
	struct http_field f;
	struct head h;

	*ret = (struct httpfmt_row){.meaning = ""};
	if (!find_head(c, &h))
		return;
	if (i == 0) {
		snprintf(
		    ret->name, sizeof ret->name, "HTTP/1.%d", h.status.minor);
		snprintf(ret->value, 5, "%d ", h.status.status);
		text_escape(ret->value + 4, sizeof ret->value - 4,
		    h.status.reason.at, h.status.reason.len);
		ret->meaning = status_meaning(h.status.status);
	} else if (field_at(&h, i - 1, &f) > 0) {
		text_escape(ret->name, sizeof ret->name, f.name.at, f.name.len);
		text_escape(
		    ret->value, sizeof ret->value, f.value.at, f.value.len);
		ret->meaning = field_meaning(&f);
	} else {
		snprintf(ret->name, sizeof ret->name, "...");
		ret->meaning = "the record keeps no more of the head";
	}
}

#define NAME_AT 4
#define VALUE_AT 20

void
httpfmt_draw(
    struct canvas *c, struct area a, int y, const struct call *call, int i)
{
	struct httpfmt_row r;
	int x;

	httpfmt_row(call, i, &r);
	x = canvas_text(c, a, NAME_AT, y, ROLE_FIELD, r.name) + 2;
	if (x < VALUE_AT)
		x = VALUE_AT;
	x = canvas_text(c, a, x, y, ROLE_VALUE, r.value) + 2;
	canvas_text(c, a, x, y, ROLE_DIM, r.meaning);
}
