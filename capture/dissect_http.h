/*
 * capture/dissect_http.h - the lines of HTTP/1.x messages, and where they end.
 *
 * Owns:   nothing; borrows the bytes.  Thread: any.  Blocks: never.
 * Source: RFC 9112.
 */
#ifndef SOCKDECK_CAPTURE_DISSECT_HTTP_H
#define SOCKDECK_CAPTURE_DISSECT_HTTP_H

#include "capture/dissect_app.h"

/* p[0, n) up to its line end; *ret_next: the line behind. False: no end. */
bool http_line(const uint8_t *p, size_t n, size_t *ret_len, size_t *ret_next);
/* The start line of a message; APP_MAYBE: a beginning of one. */
enum app_match http_start_line(const uint8_t *p, size_t n, bool *ret_response);

/* The status code of a response that begins so; 0: it has none. */
uint32_t http_status(const uint8_t *p, size_t n);

struct http_header {
	const uint8_t *name, *value;
	size_t name_len, value_len;
};

/* A header line without its end. False: there is no colon. */
bool http_split(const uint8_t *p, size_t n, struct http_header *h);
bool http_is(const struct http_header *h, const char *name);

struct http_framing {
	bool response, chunked, has_length, no_content;
	uint32_t status; /* of a response; 0: unknown */
	size_t head; /* bytes up to and with the empty line */
	size_t content_len;
};

/* What the start line and the headers say; false: they are not all here. */
bool http_framing_read(const uint8_t *p, size_t n, struct http_framing *f);
/* A chunk's size line; false: not all here. SIZE_MAX: it is none. */
bool http_chunk_size(
    const uint8_t *p, size_t n, size_t *ret_size, size_t *ret_next);
/* See struct app. The memo is which of the requests that wait were HEAD. */
size_t http_message_len(const uint8_t *p, size_t n, bool ended, uint32_t *memo);

#endif
