/* Where an HTTP/1.x message ends. Source: RFC 9112 s2.2, s6, s7.1. */
#include "capture/dissect_http.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HEAD_MAX (64 * 1024) /* start line and headers */

/* ---- lines ---- */

bool
http_line(const uint8_t *p, size_t n, size_t *ret_len, size_t *ret_next)
{
	const uint8_t *end = n > 0 ? memchr(p, '\n', n) : NULL;

	if (end == NULL)
		return false;
	*ret_next = (size_t)(end - p) + 1;
	*ret_len = (size_t)(end - p);
	if (*ret_len > 0 && p[*ret_len - 1] == '\r')
		--*ret_len;
	return true;
}

static bool
starts(const uint8_t *p, size_t n, const char *word)
{
	size_t len = strlen(word);

	return n >= len && memcmp(p, word, len) == 0;
}

/* RFC 9110 s9.3, RFC 5789, WebDAV (RFC 4918, 3253, 5323) and its old drafts,
 * UPnP's events, Exchange. */
static const char *const methods[] = {"GET ", "HEAD ", "POST ", "PUT ",
    "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT ", "PROPFIND ",
    "PROPPATCH ", "MKCOL ", "COPY ", "MOVE ", "LOCK ", "UNLOCK ", "SEARCH ",
    "VERSION-CONTROL ", "REPORT ", "CHECKOUT ", "CHECKIN ", "UNCHECKOUT ",
    "MKWORKSPACE ", "UPDATE ", "LABEL ", "MERGE ", "BASELINE-CONTROL ",
    "MKACTIVITY ", "NOTIFY ", "SUBSCRIBE ", "UNSUBSCRIBE ", "POLL ", "BCOPY ",
    "BMOVE ", "BDELETE ", "BPROPFIND ", "BPROPPATCH ", "CCM_POST ",
    "RPC_CONNECT ", "RPC_IN_DATA ", "RPC_OUT_DATA "};
/* ICY: the servers of radio stations. */
static const char *const versions[] = {"HTTP/", "ICY "};

/* Do these bytes begin with one of the words? */
static enum app_match
one_of(const uint8_t *p, size_t n, const char *const *words, size_t count)
{
	enum app_match found = APP_NO;

	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(words[i]);

		if (n == 0 || p[0] != (uint8_t)words[i][0])
			continue;
		if (starts(p, n, words[i]))
			return APP_YES;
		if (n < len && memcmp(p, words[i], n) == 0)
			found = APP_MAYBE;
	}
	return found;
}
#define ONE_OF(p, n, words) \
	one_of((p), (n), (words), sizeof(words) / sizeof *(words))

enum app_match
http_start_line(const uint8_t *p, size_t n, bool *ret_response)
{
	enum app_match found;
	const uint8_t *blank;
	size_t len, next, mandatory = starts(p, n, "M-") ? 2 : 0;

	/* Asked of every payload: most do not even begin with a letter. */
	*ret_response = false;
	if (n > 0 && (p[0] < 'A' || p[0] > 'Z'))
		return APP_NO;
	found = ONE_OF(p, n, versions);
	*ret_response = found == APP_YES;
	if (found != APP_NO)
		return found;
	/* the prefix of RFC 2774 s5 */
	found = ONE_OF(p + mandatory, n - mandatory, methods);
	if (found != APP_YES || !http_line(p, n, &len, &next))
		return found;
	/* the whole line is here: it must end in the version */
	blank = memrchr(p, ' ', len);
	return blank != NULL &&
		       starts(blank, len - (size_t)(blank - p), " HTTP/")
		   ? APP_YES
		   : APP_NO;
}

uint32_t
http_status(const uint8_t *p, size_t n)
{
	const uint8_t *at;
	uint32_t code = 0;
	size_t len, next;

	if (!http_line(p, n, &len, &next))
		return 0;
	at = memchr(p, ' ', len);
	for (n = 0; at != NULL && n < 3; n++)
		if (++at < p + len && isdigit(*at))
			code = code * 10 + (uint32_t)(*at - '0');
		else
			return 0;
	return code;
}

bool
http_split(const uint8_t *p, size_t n, struct http_header *h)
{
	const uint8_t *colon = memchr(p, ':', n);
	size_t at;

	if (colon == NULL || colon == p)
		return false;
	at = (size_t)(colon - p) + 1;
	while (at < n && (p[at] == ' ' || p[at] == '\t'))
		at++;
	while (n > at && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	*h = (struct http_header){p, p + at, (size_t)(colon - p), n - at};
	return true;
}

bool
http_is(const struct http_header *h, const char *name)
{
	return h->name_len == strlen(name) &&
	       strncasecmp((const char *)h->name, name, h->name_len) == 0;
}

/* ---- where a message ends ---- */

static void
note_header(struct http_framing *f, const struct http_header *h)
{
	if (http_is(h, "content-length")) {
		size_t v = 0;

		for (size_t i = 0; i < h->value_len && isdigit(h->value[i]);
		     i++)
			if (v < SIZE_MAX / 16)
				v = v * 10 + (size_t)(h->value[i] - '0');
		f->content_len = v;
		f->has_length = true;
	} else if (http_is(h, "transfer-encoding")) {
		f->chunked =
		    h->value_len >= 7 &&
		    strncasecmp((const char *)h->value + h->value_len - 7,
			"chunked", 7) == 0;
	}
}

bool
http_framing_read(const uint8_t *p, size_t n, struct http_framing *f)
{
	size_t len, next;

	*f = (struct http_framing){
	    .response = ONE_OF(p, n, versions) == APP_YES};
	if (!http_line(p, n, &len, &next))
		return false;
	f->status = f->response ? http_status(p, n) : 0;
	f->no_content =
	    f->status / 100 == 1 || f->status == 204 || f->status == 304;
	f->head = next;
	while (http_line(p + f->head, n - f->head, &len, &next)) {
		const uint8_t *at = p + f->head;
		struct http_header h;

		f->head += next;
		if (len == 0)
			return true;
		if (http_split(at, len, &h))
			note_header(f, &h);
	}
	return false;
}

bool
http_chunk_size(const uint8_t *p, size_t n, size_t *ret_size, size_t *ret_next)
{
	size_t len, v = 0, i;

	if (!http_line(p, n, &len, ret_next))
		return false;
	for (i = 0; i < len && isxdigit(p[i]) && v < SIZE_MAX / 32; i++)
		v = v * 16 + (size_t)(isdigit(p[i]) ? p[i] - '0'
						    : (p[i] | 32) - 'a' + 10);
	*ret_size = i > 0 ? v : SIZE_MAX;
	return true;
}

static size_t
chunks_len(const uint8_t *p, size_t n)
{
	size_t at = 0, size, next, len;

	do {
		if (!http_chunk_size(p + at, n - at, &size, &next))
			return MESSAGE_MORE;
		if (size > SIZE_MAX / 64)
			return n; /* no size: all that is here, to be shown */
		at += next;
		if (size == 0)
			break;
		if (size > n - at || n - at - size < 2)
			return MESSAGE_MORE;
		at += size + 2;
	} while (true);
	do { /* trailers, an empty line */
		if (!http_line(p + at, n - at, &len, &next))
			return MESSAGE_MORE;
		at += next;
	} while (len > 0);
	return at;
}

/*
 * Which requests wait for their response: bit i of the memo says whether the
 * i-th of them was a HEAD, whose response has no content; how many they are
 * stands above, and above that whether the last of them was a CONNECT, behind
 * which nobody asks on before it is answered.
 */
#define WAITING_SHIFT 16
#define WAITING_MAX 16
#define WAITING_CONNECT (1u << 24)

static uint32_t
waiting(uint32_t memo)
{
	return (memo & ~WAITING_CONNECT) >> WAITING_SHIFT;
}

static void
memo_push(uint32_t *memo, bool head, bool connect)
{
	uint32_t count = waiting(*memo);

	if (count < WAITING_MAX)
		*memo = (count + 1) << WAITING_SHIFT | (*memo & 0xffff) |
			(uint32_t)head << count |
			(connect ? WAITING_CONNECT : 0);
}

static void
memo_pop(uint32_t *memo, struct http_framing *f)
{
	uint32_t count = waiting(*memo), connect = *memo & WAITING_CONNECT;

	f->no_content |= (*memo & 1) != 0;
	if (count == 1 && connect != 0 && f->status / 100 == 2) {
		f->no_content = true; /* a tunnel begins, RFC 9112 s6.3 */
		*memo = MEMO_LEFT;
	} else if (count > 0) {
		*memo = (count - 1) << WAITING_SHIFT | (*memo & 0xffff) >> 1 |
			(count > 1 ? connect : 0);
	}
}

size_t
http_message_len(const uint8_t *p, size_t n, bool ended, uint32_t *memo)
{
	struct http_framing f;
	uint32_t after = *memo;
	size_t len;
	bool response;

	if (http_start_line(p, n, &response) == APP_NO)
		return MESSAGE_BAD;
	if (!http_framing_read(p, n < HEAD_MAX ? n : HEAD_MAX, &f))
		return n < HEAD_MAX ? MESSAGE_MORE : MESSAGE_BAD;
	if (!response)
		memo_push(
		    &after, starts(p, n, "HEAD "), starts(p, n, "CONNECT "));
	else if (f.status / 100 != 1)
		memo_pop(&after, &f);
	if (f.no_content) {
		len = f.head;
	} else if (f.chunked) {
		len = chunks_len(p + f.head, n - f.head);
		if (len == MESSAGE_MORE)
			return len;
		len += f.head;
	} else if (f.has_length || !response) {
		if (f.content_len > n - f.head)
			return MESSAGE_MORE;
		len = f.head + f.content_len;
	} else if (ended) {
		len = n;
	} else {
		return MESSAGE_MORE;
	}
	*memo = after;
	return len;
}
