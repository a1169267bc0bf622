/*
 * A frame's segment as the analysis wants it, and what its verdicts mean for
 * the conversation.
 */
#include "capture/flow_tcp.h"
#include "capture/numbers.h"
#include "net/base/bytes.h"

/* SACK blocks stand in the options; nothing else of these matters here. */
void
flow_read_sack(const struct frame *fr, struct tcp_segment *ret)
{
	const struct summary *s = &fr->sum;
	struct rd r =
	    rd_init(fr->packet.data, fr->packet.cap_len, fr->packet.wire_len);

	rd_skip(&r, s->payload_off - s->options_len);
	r = rd_sub(&r, s->options_len);
	while (rd_left(&r) > 0) {
		uint8_t kind = rd_u8(&r), len;
		struct rd value;

		if (kind == OPTION_END)
			return;
		if (kind == OPTION_NOP)
			continue;
		len = rd_u8(&r);
		if (len < 2)
			return;
		value = rd_sub(&r, len - 2u);
		while (kind == OPTION_SACK && rd_left(&value) >= 8 &&
		       ret->sack_count < TCP_SACK_MAX) {
			struct tcp_sack *b = &ret->sack[ret->sack_count++];

			b->left = rd_be32(&value);
			b->right = rd_be32(&value);
		}
	}
}

static void
judge(
    struct flow *f, struct tcp_conn *c, struct tcp_pool *pool, struct frame *fr)
{
	const struct summary *s = &fr->sum;
	struct tcp_segment t = {
	    .frame = fr->id,
	    .sent_ns = packet_sent_ns(&fr->packet),
	    .came_ns = fr->packet.ts_ns,
	    .seq = s->seq,
	    .ack = s->ack,
	    .len = s->payload_len,
	    .window = s->window,
	    .flags = s->tcp_flags,
	    .has_wscale = s->has_wscale,
	    .wscale = s->wscale,
	    .options_cut = s->payload_off > fr->packet.cap_len,
	};

	if (s->has_sack)
		flow_read_sack(fr, &t);
	fr->found = (struct tcp_findings){
	    .verdicts = fr->verdicts, .analysed = fr->verdicts != 0};
	tcp_analyse(&c->talk, pool, fr->dir, &t, &fr->found);
	fr->verdicts = fr->found.verdicts;
	f->verdicts |= fr->verdicts;
	f->initial_rtt_ns = c->talk.initial_rtt_ns;
	for (int i = 0; i < 2; i++)
		f->end[i].window_shift = c->talk.dir[i].scale;
}

/* tcp.completeness: a SYN counts only as the first packet of all. */
static void
note_completeness(struct flow *f, struct frame *fr)
{
	uint8_t flags = fr->sum.tcp_flags;
	uint8_t handshake = flags & (TCP_SYN | TCP_ACK);
	uint8_t data = fr->sum.payload_len > 0 ? TCP_SEEN_DATA : 0;
	bool first = f->last_frame == 0;

	/* Where ports are used again, it counts before it is shown. */
	if (first && handshake == TCP_SYN &&
	    (fr->verdicts & VERDICT_REUSED_PORTS))
		f->completeness = TCP_SEEN_SYN;
	fr->found.completeness = f->completeness;
	if (first) {
		if (handshake == TCP_SYN)
			f->completeness |= TCP_SEEN_SYN | data;
		return;
	}
	if (handshake == (TCP_SYN | TCP_ACK))
		f->completeness |= TCP_SEEN_SYN_ACK;
	if (handshake == TCP_ACK)
		f->completeness |= data != 0 ? data : TCP_SEEN_ACK;
	if ((flags & (TCP_FIN | TCP_ACK)) == (TCP_FIN | TCP_ACK))
		f->completeness |= TCP_SEEN_FIN;
	if (flags & TCP_RST)
		f->completeness |= TCP_SEEN_RST;
}

void
flow_judge(
    struct flow *f, struct tcp_conn *c, struct tcp_pool *pool, struct frame *fr)
{
	judge(f, c, pool, fr);
	note_completeness(f, fr);
}
