#include "net/base/packet.h"

#include <stdio.h>

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
		    fate_text(p->fate),
		    text_span(took, p->ts_ns - p->entered_ns));
	return dst;
}
