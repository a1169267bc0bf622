/*
 * net/http.h - the heads of HTTP/1.x messages: start lines and fields.
 *
 * Strict where leniency is dangerous (a blank before the colon, folded lines,
 * two lengths that differ), lenient where people type by hand (LF for CRLF).
 *
 * Owns:   nothing: what is parsed points into the caller's bytes.
 * Bounds: HTTP_HEAD_MAX bytes and HTTP_FIELDS_MAX fields a head.
 * Thread: any.  Blocks: never.
 * Source: RFC 9112 s2-s6 (messages), RFC 9110 s5, s15 (fields, status codes).
 */
#ifndef SOCKDECK_NET_HTTP_H
#define SOCKDECK_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 8192
#define HTTP_FIELDS_MAX 100

struct http_text {
	const char *at;
	size_t len;
};

struct http_field {
	struct http_text name, value; /* value without blanks around it */
};

struct http_request {
	struct http_text method, target;
	int minor; /* HTTP/1.minor */
	bool keep_alive; /* by version and Connection field */
	uint64_t content_length; /* of a body that follows; 0: none */
};

struct http_response {
	int status, minor;
	struct http_text reason;
};

/* Bytes of the head with its empty line; 0: it has not ended yet. */
size_t http_head_len(const void *data, size_t len);

/*
 * Parse a whole head of len bytes. Returns 0 or the status to refuse it with:
 * 400, 431 (too many fields), 501 (a transfer coding), 505.
 */
int http_parse_request(const char *head, size_t len, struct http_request *ret);
/* False: not the head of an HTTP/1.x response. */
bool http_parse_response(
    const char *head, size_t len, struct http_response *ret);

/*
 * The fields of a head: *pos starts at 0. 1: a field; 0: the end; -1: a line
 * that is none.
 */
int http_next_field(
    const char *head, size_t len, size_t *pos, struct http_field *ret);
/* Is it this name (in lower case)? */
bool http_field_is(const struct http_field *f, const char *name);

const char *http_reason(int status); /* "Not Found" */
/* Decode %XX of a path; -1: malformed, a NUL or a control, or no room. */
int http_decode_path(struct http_text path, char *dst, size_t size);
bool http_text_is(struct http_text t, const char *text);

#endif
