#include "tui/packetfmt.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "capture/hci.h"
#include "capture/hci_info.h"
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
	if (hci_is_link(f->packet.link_type))
		return hci_info(f, dst, PACKETFMT_INFO_MAX);
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

const char *
packetfmt_hci_end(char dst[ADDR_TEXT_MAX], const struct capture *c,
    const struct frame *f, bool source)
{
	const struct flow *flow = flow_get(capture_flows(c), f->flow);
	bool sent = hci_open(&f->packet).dir == HCI_SENT;
	struct addr a;

	if (flow == NULL)
		return sent == source ? "host" : "controller";
	a = flow_addr(flow, source ? f->dir : !f->dir);
	return flow_addr_format(dst, &a);
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

/* Parts of a label: those that matter least are left out first. */
#define LABEL_PARTS 8
struct label {
	int count;
	struct label_part {
		int worth; /* 0: it stays in any case; else the least goes */
		char text[48];
	} part[LABEL_PARTS];
};

static void __attribute__((format(printf, 3, 4)))
add_part(struct label *l, int worth, const char *fmt, ...)
{
	struct label_part *p = &l->part[l->count++];
	va_list ap;

	p->worth = worth;
	va_start(ap, fmt);
	vsnprintf(p->text, sizeof p->text, fmt, ap);
	va_end(ap);
}

static void
join_parts(struct label *l, int cells, char *dst, size_t size)
{
	int sum = 0, least;
	size_t n = 0;

	for (int i = 0; i < l->count; i++)
		sum += text_cells(l->part[i].text);
	while (sum > cells) {
		least = 0;
		for (int i = 1; i < l->count; i++)
			if (l->part[i].worth > 0 &&
			    (least == 0 ||
				l->part[i].worth <= l->part[least].worth))
				least = i;
		if (least == 0)
			break;
		sum -= text_cells(l->part[least].text);
		memmove(&l->part[least], &l->part[least + 1],
		    (size_t)(--l->count - least) * sizeof l->part[0]);
	}
	dst[0] = '\0';
	for (int i = 0; i < l->count && n < size; i++)
		n += (size_t)snprintf(dst + n, size - n, "%s", l->part[i].text);
}

void
packetfmt_arrow(const struct frame *f, int cells, char *dst, size_t size)
{
	enum {
		MSS = 4,
		VERDICT = 5,
		LEN = 6,
		NUMBERS = 7,
		WINDOW = 2,
		ACK = 1
	};
	const struct summary *s = &f->sum;
	bool ack = (s->tcp_flags & TCP_ACK) != 0, data = s->payload_len > 0;
	bool ends = (s->tcp_flags & (TCP_SYN | TCP_FIN)) != 0;
	char flags[SUMMARY_FLAGS_MAX];
	struct label l = {0};

	if (hci_is_link(f->packet.link_type)) {
		hci_info(f, dst, size);
		return;
	}
	if (s->proto != PROTO_TCP) {
		snprintf(dst, size, "%s %u B", summary_proto_name(s),
		    s->payload_len);
		return;
	}
	add_part(&l, 0, "%.40s", summary_flags(flags, s->tcp_flags));
	if (data)
		add_part(&l, NUMBERS, " %" PRIu64 ":%" PRIu64, f->rel_seq,
		    f->rel_seq + s->payload_len);
	else if (ends)
		add_part(&l, NUMBERS, " seq %" PRIu64, f->rel_seq);
	/* Where data goes, everybody knows what is acknowledged: nothing new. */
	if (ack && !data)
		add_part(&l, ends ? LEN : NUMBERS, " ack %" PRIu64, f->rel_ack);
	if (data)
		add_part(&l, LEN, "  %u B", s->payload_len);
	if (f->verdicts != 0)
		add_part(&l, VERDICT, "  %s", packetfmt_verdict(f->verdicts));
	if (s->has_mss)
		add_part(&l, MSS, " mss %u", s->mss);
	if ((s->tcp_flags & TCP_RST) == 0)
		add_part(&l, WINDOW, "  win %u", frame_window(f));
	if (ack && data)
		add_part(&l, ACK, "  ack %" PRIu64, f->rel_ack);
	join_parts(&l, cells, dst, size);
}

bool
packetfmt_has(const struct view *v, uint64_t frame, const struct needle *needle)
{
	char line[PANE_TEXT_MAX];
	struct frame f;

	if (!store_get(capture_store(v->capture), frame, &f))
		return false;
	if (needle_find(needle, f.packet.data, f.packet.cap_len, 0,
		f.packet.cap_len, false) < f.packet.cap_len)
		return true;
	if (needle->bytes)
		return false;
	packetfmt_line(v, &f, line);
	return needle_in_text(needle, line);
}

const char *
packetfmt_verdict(uint32_t verdicts)
{
	enum why what;

	return why_of_verdicts(verdicts, &what) ? why_title(what) : "";
}

int
packetfmt_wrap(
    struct canvas *c, struct area a, enum role role, const char *text)
{
	size_t left = strlen(text), len, next;
	int y;

	for (y = 0; left > 0 && y < a.h; y++) {
		if (y + 1 == a.h) {
			canvas_words(c, a, 0, y, role, text);
			return a.h;
		}
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
	const struct store *store = capture_store(v->capture);
	struct area inner = {a.x + 1, a.y, a.w - 2, a.h};

	if (listing_is_filtered(v->listing) &&
	    store_first(store) != store_next(store))
		canvas_text(c, inner, 0, 0, ROLE_NOTE,
		    listing_is_first_pass(v->listing)
			? "None of those looked at so far is like this."
			: "No packet is like this (:show lists all again).");
	else if (v->deck->capture_trouble[0] != '\0')
		packetfmt_wrap(c, inner, ROLE_WARN, v->deck->capture_trouble);
	else if (v->deck->from_file)
		packetfmt_wrap(c, inner, ROLE_NOTE, "No packets yet.");
	else
		packetfmt_wrap(c, inner, ROLE_NOTE,
		    "No packets yet: connect the client (c), send a line (i).");
}
