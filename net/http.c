#include "net/http.h"

#include <string.h>
#include <strings.h>

bool
http_text_is(struct http_text t, const char *text)
{
	return t.len == strlen(text) && memcmp(t.at, text, t.len) == 0;
}

bool
http_field_is(const struct http_field *f, const char *name)
{
	return f->name.len == strlen(name) &&
	       strncasecmp(f->name.at, name, f->name.len) == 0;
}

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} table[] = {
	    {200, "OK"},
	    {301, "Moved Permanently"},
	    {400, "Bad Request"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].status == status)
			return table[i].reason;
	return "Unknown";
}

/* ---- lines ---- */

/* The line at pos without its ending, and where the next one begins. */
static struct http_text
line_at(const char *head, size_t len, size_t pos, size_t *ret_next)
{
	const char *end = memchr(head + pos, '\n', len - pos);
	size_t to = end != NULL ? (size_t)(end - head) : len;

	*ret_next = end != NULL ? to + 1 : len;
	if (to > pos && head[to - 1] == '\r')
		to--;
	return (struct http_text){head + pos, to - pos};
}

size_t
http_head_len(const void *data, size_t len)
{
	const char *head = data;
	size_t pos = 0, next;

	while (pos < len && memchr(head + pos, '\n', len - pos) != NULL) {
		struct http_text line = line_at(head, len, pos, &next);

		if (line.len == 0 && pos > 0)
			return next;
		pos = next;
	}
	return 0;
}

/* A token, RFC 9110 s5.6.2: what names of methods and fields are made of. */
static bool
is_token(struct http_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] <= ' ' || t.at[i] >= 0x7f ||
		    strchr("()<>@,;:\\\"/[]?={}", t.at[i]) != NULL)
			return false;
	return t.len > 0;
}

static struct http_text
trim(struct http_text t)
{
	while (t.len > 0 && (t.at[0] == ' ' || t.at[0] == '\t')) {
		t.at++;
		t.len--;
	}
	while (t.len > 0 && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
		t.len--;
	return t;
}

/* The text before the first blank; *rest is what stands behind it. */
static struct http_text
word(struct http_text *rest)
{
	const char *blank =
	    rest->len > 0 ? memchr(rest->at, ' ', rest->len) : NULL;
	size_t n = blank != NULL ? (size_t)(blank - rest->at) : rest->len;
	struct http_text w = {rest->at, n};

	n += blank != NULL;
	rest->at += n;
	rest->len -= n;
	return w;
}

int
http_next_field(
    const char *head, size_t len, size_t *pos, struct http_field *ret)
{
	struct http_text line;
	const char *colon;
	size_t next;

	if (*pos == 0)
		line_at(head, len, 0, pos); /* the start line */
	if (*pos >= len)
		return 0;
	line = line_at(head, len, *pos, &next);
	if (line.len == 0)
		return 0;
	*pos = next;
	colon = memchr(line.at, ':', line.len);
	if (colon == NULL)
		return -1;
	ret->name = (struct http_text){line.at, (size_t)(colon - line.at)};
	ret->value =
	    trim((struct http_text){colon + 1, line.len - ret->name.len - 1});
	return is_token(ret->name) ? 1 : -1;
}

/* ---- requests ---- */

/* "HTTP/1.1": 0, or the status to refuse it with. */
static int
parse_version(struct http_text v, int *ret_minor)
{
	if (v.len != 8 || memcmp(v.at, "HTTP/", 5) != 0 || v.at[6] != '.' ||
	    v.at[5] < '0' || v.at[5] > '9' || v.at[7] < '0' || v.at[7] > '9')
		return 400;
	if (v.at[5] != '1')
		return 505;
	*ret_minor = v.at[7] - '0';
	return 0;
}

static int
parse_length(struct http_text v, bool known, uint64_t *length)
{
	uint64_t n = 0;

	if (v.len == 0 || v.len > 18)
		return 400;
	for (size_t i = 0; i < v.len; i++) {
		if (v.at[i] < '0' || v.at[i] > '9')
			return 400;
		n = n * 10 + (uint64_t)(v.at[i] - '0');
	}
	if (known && n != *length)
		return 400; /* RFC 9112 s6.3: two that differ */
	*length = n;
	return 0;
}

static void
apply_connection(struct http_text v, struct http_request *r)
{
	if (v.len == 5 && strncasecmp(v.at, "close", 5) == 0)
		r->keep_alive = false;
	else if (v.len == 10 && strncasecmp(v.at, "keep-alive", 10) == 0)
		r->keep_alive = true;
}

static int
parse_fields(const char *head, size_t len, struct http_request *r)
{
	bool has_length = false;
	unsigned hosts = 0, count = 0;
	struct http_field f;
	size_t pos = 0;
	int more, status = 0;

	while ((more = http_next_field(head, len, &pos, &f)) > 0) {
		if (++count > HTTP_FIELDS_MAX)
			return 431;
		if (http_field_is(&f, "host"))
			hosts++;
		else if (http_field_is(&f, "connection"))
			apply_connection(f.value, r);
		else if (http_field_is(&f, "transfer-encoding"))
			status = 501;
		else if (http_field_is(&f, "content-length")) {
			if (parse_length(
				f.value, has_length, &r->content_length) != 0)
				return 400;
			has_length = true;
		}
	}
	/* RFC 9112 s3.2: exactly one Host in HTTP/1.1 */
	if (more < 0 || hosts > 1 || (r->minor >= 1 && hosts == 0))
		return 400;
	return status;
}

int
http_parse_request(const char *head, size_t len, struct http_request *ret)
{
	struct http_request r = {.minor = 0};
	struct http_text rest;
	size_t next;
	int status;

	rest = line_at(head, len, 0, &next);
	r.method = word(&rest);
	r.target = word(&rest);
	if (!is_token(r.method) || r.target.len == 0)
		return 400;
	status = parse_version(rest, &r.minor);
	if (status != 0)
		return status;
	r.keep_alive = r.minor >= 1;
	status = parse_fields(head, len, &r);
	if (status == 0)
		*ret = r;
	return status;
}

bool
http_parse_response(const char *head, size_t len, struct http_response *ret)
{
	struct http_response r = {.status = 0};
	struct http_text rest, code;
	size_t next;

	rest = line_at(head, len, 0, &next);
	if (parse_version(word(&rest), &r.minor) != 0)
		return false;
	code = word(&rest);
	if (code.len != 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (code.at[i] < '0' || code.at[i] > '9')
			return false;
		r.status = r.status * 10 + (code.at[i] - '0');
	}
	r.reason = rest;
	*ret = r;
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
http_decode_path(struct http_text path, char *dst, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < path.len; i++) {
		char c = path.at[i];

		if (c == '%') {
			int hi =
			    i + 2 < path.len ? hex_digit(path.at[i + 1]) : -1;
			int lo = hi >= 0 ? hex_digit(path.at[i + 2]) : -1;

			if (lo < 0)
				return -1;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		if ((c >= 0 && c < ' ') || c == 0x7f || n + 1 >= size)
			return -1;
		dst[n++] = c;
	}
	dst[n] = '\0';
	return (int)n;
}
