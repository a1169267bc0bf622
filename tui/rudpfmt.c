#include "tui/rudpfmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/base/text.h"

const char *
rudpfmt_state(char dst[RUDPFMT_MAX], const struct rudp_stats *s, int cells)
{
	char srtt[TEXT_NUM_MAX], rto[TEXT_NUM_MAX], part[6][64];
	size_t n = 0;

	snprintf(part[0], sizeof part[0], "%s", rudp_state_name(s->state));
	snprintf(part[1], sizeof part[1], "win %" PRIu32 "  flight %" PRIu32,
	    s->window, s->in_flight);
	snprintf(part[2], sizeof part[2], "RTO %s", text_span(rto, s->rto_ns));
	snprintf(part[3], sizeof part[3],
	    "resent %" PRIu64 " (%" PRIu64 " fast)", s->retransmits,
	    s->fast_retransmits);
	snprintf(
	    part[4], sizeof part[4], "srtt %s", text_span(srtt, s->srtt_ns));
	snprintf(part[5], sizeof part[5], "duplicates %" PRIu64, s->duplicates);
	dst[0] = '\0';
	for (int i = 0; i < 6; i++) {
		int add = snprintf(dst + n, RUDPFMT_MAX - n, "%s%s",
		    i > 0 ? "  " : "", part[i]);

		if (add < 0 || (int)n + add > cells) {
			dst[n] = '\0';
			break;
		}
		n += (size_t)add;
	}
	return dst;
}

int
rudpfmt_datagram(
    const uint8_t *data, size_t n, size_t len, const char **ret_type)
{
	struct rd r = rd_init(data, n, len);
	struct rudp_packet p;
	enum rudp_fault fault = rudp_decode(&r, &p);

	/* The record has only the first bytes of a long one. */
	if (fault != RUDP_FAULT_FINE && r.state != RD_TRUNCATED)
		return -1;
	*ret_type = rudp_type_name(p.type);
	if (*ret_type == NULL)
		return -1;
	return p.type == RUDP_DATA ? RUDP_HEADER_LEN + 2 + p.bitmap_len
				   : (int)n;
}
