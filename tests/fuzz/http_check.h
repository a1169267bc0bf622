/*
 * tests/fuzz/http_check.h - any bytes to the http service: they are answered
 * the same however they were cut, and within the limits; and any bytes as the
 * head of a response.
 *
 * The first byte of the input says where it is cut. Used by the fuzz target and
 * by the replay of its corpus.
 */
#ifndef SOCKDECK_TESTS_FUZZ_HTTP_CHECK_H
#define SOCKDECK_TESTS_FUZZ_HTTP_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "net/http.h"
#include "net/services.h"

/* What a session has answered; the date in it may differ, its length not. */
struct http_answer {
	size_t len, answers;
	enum service_verdict verdict;
};

static inline void
http_check_take(struct session *n, struct http_answer *a)
{
	const char *text = buf_str(&n->out);

	a->len += n->out.len;
	while ((text = strstr(text, "HTTP/1.1 ")) != NULL) {
		a->answers++;
		text++;
	}
	if (n->out.full)
		abort();
	buf_clear(&n->out);
}

/* In pieces of `cut` bytes, from memory of exactly their number. */
static inline struct http_answer
http_check_ask(const uint8_t *data, size_t n, size_t cut)
{
	static const struct service_options options;
	const struct addr none = {0};
	struct http_answer a = {.verdict = SERVICE_GO_ON};
	struct session s;

	if (session_open(&s, &service_http, &options, &none, &none) < 0)
		abort();
	session_start(&s);
	for (size_t at = 0; at < n && a.verdict == SERVICE_GO_ON; at += cut) {
		size_t len = n - at < cut ? n - at : cut;
		uint8_t *piece = malloc(len);

		memcpy(piece, data + at, len);
		a.verdict = session_bytes(&s, piece, len);
		free(piece);
		http_check_take(&s, &a);
		while (a.verdict == SERVICE_MORE) {
			a.verdict = session_room(&s);
			http_check_take(&s, &a);
		}
	}
	session_close(&s);
	return a;
}

static inline void
http_check_response(const uint8_t *data, size_t n)
{
	char *head = malloc(n + 1);
	struct http_response r;
	struct http_field f;
	size_t pos = 0, before = 0;

	memcpy(head, data, n);
	if (http_head_len(head, n) > n)
		abort();
	http_parse_response(head, n, &r);
	while (http_next_field(head, n, &pos, &f) > 0) {
		if (pos <= before || f.name.len == 0)
			abort();
		before = pos;
	}
	free(head);
}

static inline void
http_check(const uint8_t *data, size_t n)
{
	struct http_answer whole, cut;

	if (n < 2)
		return;
	whole = http_check_ask(data + 1, n - 1, n);
	cut = http_check_ask(data + 1, n - 1, data[0] % 64 + 1U);
	if (whole.len != cut.len || whole.answers != cut.answers ||
	    whole.verdict != cut.verdict)
		abort();
	http_check_response(data + 1, n - 1);
}

#endif
