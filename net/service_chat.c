/*
 * chat: echo that ends at the message "bye" or "end".
 *
 * The textbook compares what one recv() returned with the word. A stream has no
 * messages, so the word may come glued to other bytes, or cut in two: it is
 * found all the same, and the lesson is shown.
 */
#include <string.h>

#include "net/services.h"

#define WORD_LEN 3
static const char words[][WORD_LEN + 1] = {"bye", "end"};

struct chat {
	uint8_t tail[WORD_LEN - 1]; /* the last bytes that came before */
	size_t tail_len;
};

static bool
is_word(const uint8_t *at)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (memcmp(at, words[i], WORD_LEN) == 0)
			return true;
	return false;
}

/* A line of its own among others. */
static bool
has_word_line(const uint8_t *data, size_t len)
{
	while (len > 0) {
		const uint8_t *end = memchr(data, '\n', len);
		size_t line = end != NULL ? (size_t)(end - data) + 1 : len;

		if (service_without_ending(data, line) == WORD_LEN &&
		    is_word(data))
			return true;
		data += line;
		len -= line;
	}
	return false;
}

/* The end of what came, with the bytes before it: is the word cut in two? */
static bool
ends_cut_word(const struct chat *c, const uint8_t *data, size_t len)
{
	uint8_t both[2 * WORD_LEN];

	if (len == 0 || len >= WORD_LEN || c->tail_len + len < WORD_LEN)
		return false;
	memcpy(both, c->tail, c->tail_len);
	memcpy(both + c->tail_len, data, len);
	return is_word(both + c->tail_len + len - WORD_LEN);
}

static void
keep_tail(struct chat *c, const uint8_t *data, size_t len)
{
	uint8_t all[2 * WORD_LEN];
	size_t from = len > sizeof c->tail ? len - sizeof c->tail : 0, n;

	memcpy(all, c->tail, c->tail_len);
	n = c->tail_len;
	memcpy(all + n, data + from, len - from);
	n += len - from;
	c->tail_len = n > sizeof c->tail ? sizeof c->tail : n;
	memcpy(c->tail, all + n - c->tail_len, c->tail_len);
}

static enum service_verdict
on_bytes(struct session *n, const uint8_t *data, size_t len)
{
	struct chat *c = n->state;
	size_t text = service_without_ending(data, len);
	bool cut = ends_cut_word(c, data, text);
	bool whole = text == WORD_LEN && is_word(data);
	bool glued =
	    !whole && ((text > WORD_LEN && is_word(data + text - WORD_LEN)) ||
			  has_word_line(data, len));

	buf_add(&n->out, data, len);
	keep_tail(c, data, len);
	if (glued)
		session_note(n, false,
		    "The word came with other bytes in one recv(): `if data == "
		    "b\"bye\"` would miss it. TCP has no messages; end each "
		    "with \\n, or send its length before it.");
	else if (cut)
		session_note(n, false,
		    "The word came cut in two recv() calls: `if data == "
		    "b\"bye\"` would miss it. TCP has no messages; collect "
		    "bytes until one is whole.");
	return whole || glued || cut ? SERVICE_CLOSE : SERVICE_GO_ON;
}

const struct service service_chat = {
    .name = "chat",
    .summary = "echo that ends at the message \"bye\" or \"end\"",
    .port = 65437,
    .stream = true,
    .state_size = sizeof(struct chat),
    .on_bytes = on_bytes,
};
