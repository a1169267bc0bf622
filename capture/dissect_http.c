/*
 * HTTP/1.x: request and status lines, headers, where a message ends.
 *
 * Source: RFC 9112 (messages), RFC 9110 (methods, headers, status codes).
 */
#include "capture/dissect_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	HTTP,
	REQUEST,
	METHOD,
	URI,
	URI_PATH,
	URI_QUERY,
	URI_PARAMETER,
	REQUEST_VERSION,
	FULL_URI,
	RESPONSE,
	ANSWERED,
	ANSWERED_SINCE,
	RESPONSE_VERSION,
	CODE,
	CODE_DESC,
	PHRASE,
	REQUEST_LINE,
	RESPONSE_LINE,
	HEADER,
	CHUNK_SIZE,
	CHUNK_DATA,
	CHUNK_BOUNDARY,
	TRAILER,
	FILE_DATA,
	CONTENT,
	HOST,
	FIRST_NAMED = HOST,
	USER_AGENT,
	ACCEPT,
	ACCEPT_LANGUAGE,
	ACCEPT_ENCODING,
	COOKIE,
	REFERER,
	AUTHORIZATION,
	CONNECTION,
	UPGRADE,
	SERVER,
	DATE,
	LAST_MODIFIED,
	LOCATION,
	SET_COOKIE,
	CACHE_CONTROL,
	CONTENT_TYPE,
	CONTENT_ENCODING,
	CONTENT_LENGTH,
	TRANSFER_ENCODING,
};

static const char ref[] = "RFC 9112 s2.1";
static const char uri_ref[] = "RFC 9110 s4.1";
static const char chunk_ref[] = "RFC 9112 s7.1";

static const struct field_def defs[] = {
    [HTTP] = {.name = "HTTP message",
	.ref = ref,
	.help = "Lines of text: what is wanted or how it went, headers, an "
		"empty line, the content."},
    [REQUEST] = {"http.request", "Request", "RFC 9112 s3", .kind = KIND_TEXT},
    [METHOD] = {"http.request.method", "Method", "RFC 9110 s9",
	"What is to be done with the resource.", .kind = KIND_STRING},
    [URI] = {"http.request.uri", "Target", "RFC 9112 s3.2",
	"Which resource, within the host.", .kind = KIND_STRING},
    [URI_PATH] = {"http.request.uri.path", "Path", uri_ref,
	.kind = KIND_STRING},
    [URI_QUERY] = {"http.request.uri.query", "Query", uri_ref,
	"Behind the question mark: parameters of a form, mostly.",
	.kind = KIND_STRING},
    [URI_PARAMETER] = {"http.request.uri.query.parameter", "Parameter", uri_ref,
	.kind = KIND_STRING},
    [REQUEST_VERSION] = {"http.request.version", "Version", "RFC 9112 s2.3",
	"From 1.1 on a connection serves several requests.",
	.kind = KIND_STRING},
    [FULL_URI] = {"http.request.full_uri", "Whole address", uri_ref,
	"Put together from the Host header and the target.", .kind = KIND_TEXT},
    [RESPONSE] = {"http.response", "Response", "RFC 9112 s4",
	.kind = KIND_TEXT},
    [ANSWERED] = {"http.request_in", "Answers packet", "RFC 9112 s9.2",
	"Responses come in the order of the requests.", .kind = KIND_TEXT},
    [ANSWERED_SINCE] = {"http.time", "Response time", "RFC 9112 s9.2",
	"Seconds from the request's last packet to the response's.",
	.kind = KIND_TEXT},
    [RESPONSE_VERSION] = {"http.response.version", "Version", "RFC 9112 s2.3",
	.kind = KIND_STRING},
    [CODE] = {"http.response.code", "Status", "RFC 9110 s15",
	"2xx went well, 3xx look elsewhere, 4xx your fault, 5xx mine.",
	.kind = KIND_STRING},
    [CODE_DESC] = {"http.response.code.desc", "Meaning", "RFC 9110 s15",
	.kind = KIND_TEXT},
    [PHRASE] = {"http.response.phrase", "Phrase", "RFC 9112 s4",
	"For people; programs look at the number.", .kind = KIND_STRING},
    [REQUEST_LINE] = {"http.request.line", "Header", "RFC 9112 s5",
	.kind = KIND_STRING},
    [RESPONSE_LINE] = {"http.response.line", "Header", "RFC 9112 s5",
	.kind = KIND_STRING},
    [HEADER] = {.name = "Value", .ref = "RFC 9110 s6.3", .kind = KIND_STRING},
    [CHUNK_SIZE] = {"http.chunk_size", "Chunk size", chunk_ref,
	"The sender did not know the length when it began.", .kind = KIND_TEXT},
    [CHUNK_DATA] = {"http.chunk_data", "Chunk", chunk_ref, .kind = KIND_BYTES},
    [CHUNK_BOUNDARY] = {"http.chunk_boundary", "End of the chunk", chunk_ref,
	.kind = KIND_BYTES},
    [TRAILER] = {.name = "Trailer", .ref = chunk_ref, .kind = KIND_STRING},
    [FILE_DATA] = {"http.file_data", "Content", "RFC 9110 s6.4",
	.kind = KIND_STRING},
    [CONTENT] = {.name = "Content", .ref = "RFC 9110 s6.4", .kind = KIND_BYTES},
    [HOST] = {"http.host", "Host", "RFC 9110 s7.2",
	"One address may serve many hosts: this says which.",
	.kind = KIND_STRING},
    [USER_AGENT] = {"http.user_agent", "User-Agent", "RFC 9110 s10.1.5",
	"The program that asks.", .kind = KIND_STRING},
    [ACCEPT] = {"http.accept", "Accept", "RFC 9110 s12.5.1",
	.kind = KIND_STRING},
    [ACCEPT_LANGUAGE] = {"http.accept_language", "Accept-Language",
	"RFC 9110 s12.5.4", .kind = KIND_STRING},
    [ACCEPT_ENCODING] = {"http.accept_encoding", "Accept-Encoding",
	"RFC 9110 s12.5.3", .kind = KIND_STRING},
    [COOKIE] = {"http.cookie", "Cookie", "RFC 6265 s4.2",
	"What the server gave earlier, to be known again.",
	.kind = KIND_STRING},
    [REFERER] = {"http.referer", "Referer", "RFC 9110 s10.1.3",
	.kind = KIND_STRING},
    [AUTHORIZATION] = {"http.authorization", "Authorization",
	"RFC 9110 s11.6.2", "Without TLS everybody on the way can read it.",
	.kind = KIND_STRING},
    [CONNECTION] = {"http.connection", "Connection", "RFC 9112 s9.6",
	"Whether the connection stays for another request.",
	.kind = KIND_STRING},
    [UPGRADE] = {"http.upgrade", "Upgrade", "RFC 9110 s7.8",
	.kind = KIND_STRING},
    [SERVER] = {"http.server", "Server", "RFC 9110 s10.2.4",
	.kind = KIND_STRING},
    [DATE] = {"http.date", "Date", "RFC 9110 s6.6.1", .kind = KIND_STRING},
    [LAST_MODIFIED] = {"http.last_modified", "Last-Modified", "RFC 9110 s8.8.2",
	.kind = KIND_STRING},
    [LOCATION] = {"http.location", "Location", "RFC 9110 s10.2.2",
	"Where to look instead.", .kind = KIND_STRING},
    [SET_COOKIE] = {"http.set_cookie", "Set-Cookie", "RFC 6265 s4.1",
	"To be sent along with later requests.", .kind = KIND_STRING},
    [CACHE_CONTROL] = {"http.cache_control", "Cache-Control", "RFC 9111 s5.2",
	.kind = KIND_STRING},
    [CONTENT_TYPE] = {"http.content_type", "Content-Type", "RFC 9110 s8.3",
	.kind = KIND_STRING},
    [CONTENT_ENCODING] = {"http.content_encoding", "Content-Encoding",
	"RFC 9110 s8.4", .kind = KIND_STRING},
    [CONTENT_LENGTH] = {"http.content_length_header", "Content-Length",
	"RFC 9110 s8.6",
	"So many bytes follow the empty line: this frames the message.",
	.kind = KIND_STRING},
    [TRANSFER_ENCODING] = {"http.transfer_encoding", "Transfer-Encoding",
	"RFC 9112 s6.1", "chunked: each piece says its own length.",
	.kind = KIND_STRING},
};
static const struct field_table fields = FIELD_TABLE(defs);

/* ---- the tree ---- */

/* The word up to the next blank, which is skipped. */
static size_t
word_len(const struct rd *r, size_t n)
{
	const uint8_t *blank = n > 0 ? memchr(r->p, ' ', n) : NULL;

	return blank != NULL ? (size_t)(blank - r->p) : n;
}

static void
uri_parts(struct layer *l, struct rd r, size_t n)
{
	struct rd after = l->r;
	const uint8_t *mark = n > 0 ? memchr(r.p, '?', n) : NULL, *end;

	if (mark == NULL)
		return;
	end = r.p + n;
	l->r = r;
	l->depth++;
	layer_text(l, &defs[URI_PATH], (size_t)(mark - r.p));
	rd_skip(&l->r, 1);
	r = l->r;
	layer_text(l, &defs[URI_QUERY], (size_t)(end - r.p));
	l->r = r;
	l->depth++;
	while (l->r.p < end) {
		size_t rest = (size_t)(end - l->r.p);
		const uint8_t *amp = memchr(l->r.p, '&', rest);

		if (amp != NULL)
			rest = (size_t)(amp - l->r.p);
		layer_text(l, &defs[URI_PARAMETER], rest);
		if (amp != NULL)
			rd_skip(&l->r, 1);
	}
	l->depth -= 2;
	l->r = after;
}

static void
request_line(struct layer *l, size_t n)
{
	size_t start = rd_off(&l->r), len = word_len(&l->r, n);
	struct rd uri;

	layer_text(l, &defs[METHOD], len);
	rd_skip(&l->r, len < n);
	n -= rd_off(&l->r) - start;
	len = word_len(&l->r, n);
	uri = l->r;
	layer_text(l, &defs[URI], len);
	uri_parts(l, uri, len);
	rd_skip(&l->r, len < n);
	if (len < n)
		layer_text(l, &defs[REQUEST_VERSION], n - len - 1);
}

/* In the words of RFC 2616, where it had them; x99 are tshark's own. */
static const struct name meanings[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {199, "Informational - Others"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {299, "Success - Others"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {399, "Redirection - Others"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Time-out"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Requested Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {499, "Client Error - Others"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Time-out"},
    {505, "HTTP Version not supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {510, "Not Extended"},
    {511, "Network Authentication Required"},
    {599, "Server Error - Others"},
};

static void
status_line(struct layer *l, size_t n)
{
	size_t start = rd_off(&l->r), len = word_len(&l->r, n);
	uint32_t code = http_status(l->r.p, rd_left(&l->r));
	const char *meaning = NAME_OF(meanings, code);

	layer_text(l, &defs[RESPONSE_VERSION], len);
	rd_skip(&l->r, len < n);
	n -= rd_off(&l->r) - start;
	len = word_len(&l->r, n);
	layer_text(l, &defs[CODE], len);
	if (meaning != NULL)
		layer_made(l, &defs[CODE_DESC], "%s", meaning);
	else if (code > 0)
		layer_made(l, &defs[CODE_DESC], "Unknown (%u)", code);
	rd_skip(&l->r, len < n);
	if (len < n)
		layer_text(l, &defs[PHRASE], n - len - 1);
}

/* A header that has a name of its own shows its value below the line. */
static const struct field_def *
named(const struct http_header *h)
{
	for (size_t i = FIRST_NAMED; i < fields.count; i++)
		if (http_is(h, defs[i].name))
			return &defs[i];
	return NULL;
}

static void
header_line(struct layer *l, size_t len, size_t next, bool response)
{
	struct rd r = l->r, after;
	struct http_header h;
	const struct field_def *def;

	layer_text(l, &defs[response ? RESPONSE_LINE : REQUEST_LINE], next);
	if (!layer_ok(l) || !http_split(r.p, len, &h))
		return;
	def = named(&h);
	if (def == NULL)
		return;
	after = l->r;
	l->r = r;
	rd_skip(&l->r, (size_t)(h.value - r.p));
	l->depth++;
	layer_text(l, def, h.value_len);
	l->depth--;
	l->r = after;
}

/* Start line and headers; what is there of them. */
static void
head(struct layer *l, bool response)
{
	size_t len, next;
	bool first = true;

	while (http_line(l->r.p, rd_left(&l->r), &len, &next)) {
		struct rd r = l->r;

		if (!first && len > 0) {
			header_line(l, len, next, response);
			continue;
		}
		if (first && response)
			status_line(l, len);
		else if (first)
			request_line(l, len);
		l->r = r;
		rd_skip(&l->r, next);
		if (!first)
			return;
		first = false;
	}
	/* the end of the head is not here */
	l->need = rd_off(&l->r) - l->start + rd_wire_left(&l->r) + 1;
	layer_text(l, &defs[response ? RESPONSE_LINE : REQUEST_LINE],
	    rd_left(&l->r) < rd_wire_left(&l->r) ? rd_left(&l->r) + 1
						 : rd_wire_left(&l->r) + 1);
}

static const char *
content_protocol(const struct tree *t, size_t from)
{
	static const char *const known[][2] = {{"text/", "data-text-lines"},
	    {"application/x-www-form-urlencoded", "urlencoded-form"},
	    {"application/json", "json"}, {"application/xml", "xml"},
	    {"image/png", "png"}, {"image/gif", "image-gif"},
	    {"image/jpeg", "image-jfif"}, {"application/octet-stream", "data"}};
	const struct field *f = tree_find(t, "http.content_type", from);

	if (f == NULL)
		return "data";
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strncasecmp(f->value, known[i][0], strlen(known[i][0])) ==
		    0)
			return known[i][1];
	return "media";
}

/* The chunks, their content appended to dst. Returns its length. */
static size_t
chunks(struct layer *l, uint8_t *dst)
{
	size_t size, next, used = 0;
	bool bad = false;

	while (http_chunk_size(l->r.p, rd_left(&l->r), &size, &next)) {
		size_t off = rd_off(&l->r);
		const uint8_t *p;

		bad = size > SIZE_MAX / 64;
		rd_skip(&l->r, next);
		layer_put(
		    l, &defs[CHUNK_SIZE], off, next, "%zu", bad ? 0 : size);
		if (bad)
			layer_wrong(l, "no size: where this ends is not known");
		if (bad || size == 0)
			break;
		l->depth++;
		p = l->r.p;
		layer_bytes(l, &defs[CHUNK_DATA], size, NULL);
		if (layer_ok(l)) {
			memcpy(dst + used, p, size);
			used += size;
		}
		layer_bytes(l, &defs[CHUNK_BOUNDARY], 2, NULL);
		l->depth--;
	}
	while (!bad && http_line(l->r.p, rd_left(&l->r), &size, &next))
		layer_text(l, &defs[TRAILER], next);
	return used;
}

/* Bytes of the message's own, or those that its chunks carried. */
static void
data(struct build *b, struct rd r, const struct whole *joined)
{
	uint8_t outside = b->source, source = 0;

	if (joined->data != NULL) {
		source = tree_source(b->tree, joined, "Content of the chunks");
		if (source == 0)
			return;
		b->source = source;
		r = rd_init(b->tree->sources[source - 1].data, joined->len,
		    joined->len);
	}
	dissect_data(b, r);
	b->source = outside;
}

/* Also closes the layer: what is data stands behind it. */
static void
content(struct build *b, struct layer *l, const struct http_framing *f)
{
	const char *protocol = content_protocol(b->tree, l->root);
	bool is_data = strcmp(protocol, "data") == 0;
	size_t off = rd_off(&l->r), n = rd_left(&l->r);
	struct rd all = l->r;
	uint8_t *buf =
	    f->chunked && rd_wire_left(&all) > 0 ? malloc(n + 1) : NULL;
	struct whole joined = {.data = buf};

	if (buf != NULL) {
		joined.len = n = chunks(l, buf);
		layer_string(
		    l, &defs[FILE_DATA], off, rd_off(&l->r) - off, buf, n);
	} else if (n == rd_wire_left(&l->r) && n > 0) {
		layer_text(l, &defs[FILE_DATA], n);
	}
	if ((buf != NULL || !is_data) && rd_wire_left(&all) > 0)
		layer_payload(l, &defs[CONTENT]);
	if (!is_data && rd_wire_left(&all) > 0 && (buf == NULL || n > 0))
		build_protocol(b, protocol);
	layer_close(l);
	if (is_data)
		data(b, all, &joined);
	free(buf);
}

static void
full_uri(struct layer *l)
{
	size_t root = l->root;
	const struct field *host = tree_find(l->b->tree, "http.host", root);
	const struct field *uri =
	    tree_find(l->b->tree, "http.request.uri", root);
	const struct field *method =
	    tree_find(l->b->tree, "http.request.method", root);

	if (host == NULL || uri == NULL || method == NULL)
		return;
	if (strncasecmp(uri->value, "http://", 7) == 0 ||
	    strncasecmp(uri->value, "https://", 8) == 0 ||
	    strcmp(method->value, "CONNECT") == 0)
		layer_made(l, &defs[FULL_URI], "%s", uri->value);
	else if (uri->value[0] == '/')
		layer_made(
		    l, &defs[FULL_URI], "http://%s%s", host->value, uri->value);
}

static void
dissect_http(struct build *b, struct rd r)
{
	struct layer l =
	    layer_open(b, r, &defs[HTTP], b->follows ? NULL : "http", 0);
	size_t len = 0, next;
	struct http_framing f;
	bool response;

	http_start_line(r.p, rd_left(&r), &response);
	http_framing_read(r.p, rd_left(&r), &f);
	if (http_line(r.p, rd_left(&r), &len, &next))
		layer_title(&l, "%.*s", len < 200 ? (int)len : 200, r.p);
	layer_made(&l, &defs[response ? RESPONSE : REQUEST], "1");
	head(&l, response);
	if (!layer_ok(&l))
		return;
	if (!response)
		full_uri(&l);
	layer_answers(&l, &defs[ANSWERED], &defs[ANSWERED_SINCE]);
	content(b, &l, &f);
}

/* One that only says that the answer is still to come is none. */
static enum app_role
role(struct rd message, uint32_t *ret_number)
{
	bool response;

	*ret_number = 0;
	if (http_start_line(message.p, rd_left(&message), &response) == APP_NO)
		return APP_TELLS;
	if (!response)
		return APP_ASKS;
	return http_status(message.p, rd_left(&message)) / 100 == 1
		   ? APP_TELLS
		   : APP_ANSWERS;
}

static enum app_match
match(struct rd r)
{
	bool response;

	return http_start_line(r.p, rd_left(&r), &response);
}

static int
info(struct rd r, char *dst, size_t size)
{
	size_t len = rd_left(&r), next;

	if (!http_line(r.p, len, &len, &next) && len > 120)
		len = 120;
	return snprintf(dst, size, "HTTP %.*s", (int)len, r.p);
}

const struct app http_app = {
    .name = "http",
    .label = "HTTP",
    .transports = APP_TCP,
    .ports = {80, 8080, 8000, 8888, 3128},
    .match = match,
    .message_len = http_message_len,
    .role = role,
    .dissect = dissect_http,
    .info = info,
    .fields = &fields,
};
