#include "tui/packetfmt.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/base/text.h"

enum role
packetfmt_role(const struct frame *f)
{
	if (frame_is_lost(f) || f->sum.status != SUMMARY_OK ||
	    (f->sum.tcp_flags & TCP_RST) != 0)
		return ROLE_BAD;
	if (f->purpose == PURPOSE_RETRANSMISSION)
		return ROLE_WARN;
	return f->dir == DIR_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
}

void
packetfmt_mark(const struct view *v, struct canvas *c, struct area a, int x,
    int y, uint64_t frame)
{
	if (marks_has(&v->deck->marks, frame))
		canvas_text(c, a, x, y, ROLE_WARN, PACKETFMT_MARK);
	else if (frame == v->deck->reference && frame != 0)
		canvas_text(c, a, x, y, ROLE_WARN, "◇");
}

size_t
packetfmt_info(const struct frame *f, const struct record_formats *records,
    char dst[PACKETFMT_INFO_MAX])
{
	const struct summary *s = &f->sum;
	bool tcp = s->proto == PROTO_TCP;
	struct rd payload;
	size_t n;

	dst[0] = '\0';
	if (s->payload_cap == 0 || (!tcp && s->proto != PROTO_UDP))
		return 0;
	payload = rd_init(
	    f->packet.data + s->payload_off, s->payload_cap, s->payload_len);
	n = dissect_info(
	    tcp, s->src_port, s->dst_port, payload, dst, PACKETFMT_INFO_MAX);
	if (n > 0)
		return n;
	return dissect_record_info(records, s->src_port, s->dst_port, payload,
	    dst, PACKETFMT_INFO_MAX);
}

void
packetfmt_line(
    const struct view *v, const struct frame *f, char dst[PANE_TEXT_MAX])
{
	char src[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], time[TEXT_NUM_MAX];
	char flags[SUMMARY_FLAGS_MAX];
	struct addr from = summary_src(&f->sum), dest = summary_dst(&f->sum);
	char info[PACKETFMT_INFO_MAX], fate[PACKET_FATE_MAX];
	size_t n, said;

	n = (size_t)snprintf(dst, PANE_TEXT_MAX,
	    "%" PRIu64 " %s %s > %s %s %s seq %" PRIu64 " ack %" PRIu64
	    " len %u %s ",
	    f->id, timefmt_alone(time, v, f->packet.ts_ns),
	    addr_format(src, &from), addr_format(to, &dest),
	    summary_proto_name(&f->sum), summary_flags(flags, f->sum.tcp_flags),
	    f->rel_seq, f->rel_ack, f->sum.payload_len,
	    purpose_name(f->purpose));
	said = packetfmt_info(f, v->agreed, info);
	text_escape(dst + n, PANE_TEXT_MAX - n, info, said);
	n += strlen(dst + n);
	if (said == 0 && f->sum.payload_cap > 0)
		text_escape(dst + n, PANE_TEXT_MAX - n,
		    f->packet.data + f->sum.payload_off, f->sum.payload_cap);
	n += strlen(dst + n);
	if (packet_fate(&f->packet, fate)[0] != '\0' && n < PANE_TEXT_MAX)
		snprintf(dst + n, PANE_TEXT_MAX - n, "  [%s]", fate);
}

/* Append a part of a label if there are still cells for it. */
static void __attribute__((format(printf, 4, 5)))
add_part(char *dst, size_t size, int cells, const char *fmt, ...)
{
	size_t n = strlen(dst), max = cells > 0 ? (size_t)cells : 0;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(dst + n, size - n, fmt, ap);
	va_end(ap);
	if (n > 0 && (len < 0 || n + (size_t)len > max))
		dst[n] = '\0';
}

/* The first part always, the others in the order of their use. */
void
packetfmt_arrow(const struct frame *f, int cells, char *dst, size_t size)
{
	char flags[SUMMARY_FLAGS_MAX];
	const struct summary *s = &f->sum;

	dst[0] = '\0';
	if (s->proto != PROTO_TCP) {
		snprintf(dst, size, "%s %u B", summary_proto_name(s),
		    s->payload_len);
		return;
	}
	add_part(dst, size, cells, "%s", summary_flags(flags, s->tcp_flags));
	if (s->payload_len > 0) {
		add_part(dst, size, cells, " %" PRIu64 ":%" PRIu64, f->rel_seq,
		    f->rel_seq + s->payload_len);
		add_part(dst, size, cells, "  %u B", s->payload_len);
		return;
	}
	if ((s->tcp_flags & (TCP_SYN | TCP_FIN)) != 0)
		add_part(dst, size, cells, " seq %" PRIu64, f->rel_seq);
	if ((s->tcp_flags & TCP_ACK) != 0)
		add_part(dst, size, cells, " ack %" PRIu64, f->rel_ack);
	if (s->has_mss)
		add_part(dst, size, cells, " mss %u", s->mss);
}

int
packetfmt_wrap(
    struct canvas *c, struct area a, enum role role, const char *text)
{
	size_t left = strlen(text), len, next;
	int y;

	for (y = 0; left > 0 && y < a.h; y++) {
		len = text_wrap(text, left, a.w > 10 ? a.w : 10, &next);
		canvas_printf(c, a, 0, y, role, "%.*s", (int)len, text);
		text += next;
		left -= next;
	}
	return y;
}

void
packetfmt_empty(const struct view *v, struct canvas *c, struct area a)
{
	struct area inner = {a.x + 1, a.y, a.w - 2, a.h};

	if (v->deck->capture_trouble[0] != '\0')
		packetfmt_wrap(c, inner, ROLE_WARN, v->deck->capture_trouble);
	else if (v->deck->from_file)
		packetfmt_wrap(c, inner, ROLE_NOTE, "No packets yet.");
	else
		packetfmt_wrap(c, inner, ROLE_NOTE,
		    "No packets yet: connect the client (c), send a line (i).");
}
