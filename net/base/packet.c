#include "net/base/packet.h"

#include <stdio.h>

#include "net/base/clock.h"
#include "net/base/text.h"

static const char *const texts[] = {
#define X(NAME, lost, text) [FATE_##NAME] = text,
    PACKET_FATES(X)
#undef X
};

const char *
fate_text(unsigned fate)
{
	return fate < FATE_COUNT ? texts[fate] : "?";
}

/* To the microsecond: a wire that was told to take 1 ms is judged by it. */
static const char *
time_on_wire(const struct packet *p, char dst[TEXT_NUM_MAX])
{
	int64_t ns = p->ts_ns - p->entered_ns;

	if (ns < CLOCK_MS || ns >= CLOCK_S)
		return text_span(dst, ns);
	snprintf(dst, TEXT_NUM_MAX, "%.3f ms", (double)ns / CLOCK_MS);
	return dst;
}

const char *
packet_fate(const struct packet *p, char dst[PACKET_FATE_MAX])
{
	char took[TEXT_NUM_MAX];

	dst[0] = '\0';
	if (p->fate == FATE_NONE)
		return dst;
	if (fate_is_lost(p->fate) && p->fate != FATE_CORRUPTED)
		snprintf(dst, PACKET_FATE_MAX, "%s", fate_text(p->fate));
	else
		snprintf(dst, PACKET_FATE_MAX, "%s, after %s on the wire",
		    fate_text(p->fate), time_on_wire(p, took));
	return dst;
}
