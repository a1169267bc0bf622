#include "tui/packetfmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/base/text.h"

enum role
packetfmt_role(const struct frame *f)
{
	if (f->sum.status != SUMMARY_OK || (f->sum.tcp_flags & TCP_RST) != 0)
		return ROLE_BAD;
	if (f->purpose == PURPOSE_RETRANSMISSION)
		return ROLE_WARN;
	return f->dir == DIR_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
}

void
packetfmt_line(
    const struct view *v, const struct frame *f, char dst[PANE_TEXT_MAX])
{
	char src[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], time[TEXT_NUM_MAX];
	char flags[SUMMARY_FLAGS_MAX];
	struct addr from = summary_src(&f->sum), dest = summary_dst(&f->sum);
	size_t n;

	n = (size_t)snprintf(dst, PANE_TEXT_MAX,
	    "%" PRIu64 " %s %s > %s %s %s seq %" PRIu64 " ack %" PRIu64
	    " len %u %s ",
	    f->id, text_since(time, f->packet.ts_ns - v->start_ns),
	    addr_format(src, &from), addr_format(to, &dest),
	    summary_proto_name(&f->sum), summary_flags(flags, f->sum.tcp_flags),
	    f->rel_seq, f->rel_ack, f->sum.payload_len,
	    purpose_name(f->purpose));
	if (f->sum.payload_cap > 0)
		text_escape(dst + n, PANE_TEXT_MAX - n,
		    f->packet.data + f->sum.payload_off, f->sum.payload_cap);
}

int
packetfmt_wrap(
    struct canvas *c, struct area a, enum role role, const char *text)
{
	int width = a.w > 10 ? a.w : 10, y = 0;

	for (; *text != '\0' && y < a.h; y++) {
		int n = (int)strlen(text);

		if (n > width) {
			for (n = width; n > 0 && text[n] != ' '; n--)
				continue;
			if (n == 0)
				n = width;
		}
		canvas_printf(c, a, 0, y, role, "%.*s", n, text);
		text += n;
		text += *text == ' ';
	}
	return y;
}

void
packetfmt_empty(const struct view *v, struct canvas *c, struct area a)
{
	struct area inner = {a.x + 1, a.y, a.w - 2, a.h};

	if (v->deck->capture_trouble[0] != '\0')
		packetfmt_wrap(c, inner, ROLE_WARN, v->deck->capture_trouble);
	else
		packetfmt_wrap(c, inner, ROLE_NOTE,
		    "No packets yet: connect the client (c), send a line (i).");
}
