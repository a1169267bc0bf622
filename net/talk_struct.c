/* The answers of the struct service, !Qd each, as Python would print them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/base/bytes.h"
#include "net/pyliteral.h"
#include "net/talk.h"

#define ANSWER_LEN 16

struct answer {
	uint8_t part[ANSWER_LEN];
	size_t len;
};

static size_t
hear(struct hearing *h, const uint8_t *data, size_t n)
{
	struct answer *a = h->state;
	size_t take = ANSWER_LEN - a->len < n ? ANSWER_LEN - a->len : n;
	struct rd r = rd_init(a->part, ANSWER_LEN, ANSWER_LEN);
	char text[PYLITERAL_FLOAT_MAX];
	uint64_t count, word;
	double mean;

	if (h->datagrams && n < ANSWER_LEN) {
		snprintf(h->note, sizeof h->note,
		    "This is no answer of the struct service: %zu bytes, not "
		    "%d.",
		    n, ANSWER_LEN);
		h->note_bad = true;
		return n;
	}
	memcpy(a->part + a->len, data, take);
	a->len += take;
	if (a->len < ANSWER_LEN)
		return take;
	a->len = 0;
	count = rd_be64(&r);
	word = rd_be64(&r);
	memcpy(&mean, &word, sizeof mean);
	snprintf(h->note, sizeof h->note,
	    "(%" PRIu64 ", %s) by '!Qd': how many numbers, their mean.", count,
	    pyliteral_float(text, mean));
	h->note_bad = false;
	return take;
}

const struct listener listen_struct = {
    .state_size = sizeof(struct answer),
    .hear = hear,
};
