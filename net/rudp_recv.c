/* The receiving half: putting in order, and what to acknowledge when. */
#include <errno.h>
#include <string.h>

#include "net/rudp_conn.h"

void
rudp_rx_init(struct rudp *c, uint32_t first)
{
	struct rudp_rx *rx = &c->rx;

	rx->read = rx->next = rx->top = first;
	rx->told_edge = first + c->config.window;
	rx->ack_ns = RUDP_NEVER;
}

uint16_t
rudp_rx_window(const struct rudp *c)
{
	return (uint16_t)(c->config.window - (c->rx.next - c->rx.read));
}

bool
rudp_rx_plausible(const struct rudp *c, const struct rudp_packet *p)
{
	const struct rudp_rx *rx = &c->rx;

	if (p->type != RUDP_DATA && p->type != RUDP_FIN)
		return true;
	/* Nothing follows a FIN, and it keeps its number. */
	if (rx->fin_known)
		return p->type == RUDP_FIN ? p->seq == rx->fin_seq
					   : rudp_before(p->seq, rx->fin_seq);
	return p->type == RUDP_DATA || !rudp_before(p->seq, rx->top);
}

/* Move next over what is here without a gap. */
static void
advance(struct rudp *c)
{
	struct rudp_rx *rx = &c->rx;

	while (rx->next != rx->top && rx->slots[rudp_index(c, rx->next)].here) {
		rx->next++;
		rx->out_of_order--;
	}
	if (rx->fin_known && rx->next == rx->fin_seq + 1 && !rx->fin_read_up) {
		rx->fin_read_up = true;
		c->fin_crossed = c->tx.fin_sent;
	}
}

static void
store(struct rudp *c, const struct rudp_packet *p)
{
	struct rudp_rx *rx = &c->rx;
	uint16_t i = rudp_index(c, p->seq);

	rx->slots[i] = (struct rx_slot){
	    .len = p->message_len, .here = true, .fin = p->type == RUDP_FIN};
	if (p->message_len > 0)
		memcpy(rx->data + (size_t)i * RUDP_MESSAGE_MAX, p->message,
		    p->message_len);
	if (!rudp_before(p->seq, rx->top))
		rx->top = p->seq + 1;
	if (p->type == RUDP_FIN) {
		rx->fin_known = true;
		rx->fin_seq = p->seq;
	} else {
		c->count.received++;
		c->count.bytes_received += p->message_len;
	}
	rx->out_of_order++;
}

void
rudp_rx_take(struct rudp *c, const struct rudp_packet *p, int64_t now_ns)
{
	struct rudp_rx *rx = &c->rx;
	bool gap = rx->out_of_order > 0;

	if (rudp_before(p->seq, rx->next) ||
	    (rudp_before(p->seq, rx->top) &&
		rx->slots[rudp_index(c, p->seq)].here)) {
		c->count.duplicates++;
		rx->ack_now = true;
		return;
	}
	if (p->seq - rx->read >= c->config.window) {
		c->count.bogus++;
		rx->ack_now = true;
		return;
	}
	c->count.reordered += rudp_before(p->seq, rx->top);
	store(c, p);
	advance(c);
	if (gap || rx->out_of_order > 0 || ++rx->unacked >= 2 || rx->fin_known)
		rx->ack_now = true;
	else if (rx->ack_ns == RUDP_NEVER)
		rx->ack_ns = now_ns + c->config.ack_delay_ns;
}

void
rudp_rx_acknowledge(
    struct rudp *c, struct rudp_packet *p, uint8_t *bitmap, size_t max)
{
	struct rudp_rx *rx = &c->rx;
	size_t bits = rx->out_of_order > 0 ? rx->top - rx->next - 1 : 0;
	size_t len = 0;

	if (bits > max * 8)
		bits = max * 8;
	memset(bitmap, 0, (bits + 7) / 8);
	for (size_t i = 0; i < bits; i++) {
		uint32_t seq = rx->next + 1 + (uint32_t)i;

		if (!rx->slots[rudp_index(c, seq)].here)
			continue;
		bitmap[i / 8] |= (uint8_t)(0x80 >> i % 8);
		len = i / 8 + 1;
	}
	p->ack = rx->next;
	p->window = rudp_rx_window(c);
	p->bitmap = bitmap;
	p->bitmap_len = (uint8_t)len;
	rx->told_edge = p->ack + p->window;
	rx->ack_now = false;
	rx->ack_ns = RUDP_NEVER;
	rx->unacked = 0;
}

ssize_t
rudp_recv(struct rudp *c, uint8_t *buf)
{
	struct rudp_rx *rx = &c->rx;
	uint16_t i = rudp_index(c, rx->read);
	struct rx_slot *s = &rx->slots[i];

	if (rx->read == rx->next) {
		if (c->error != 0)
			return c->error;
		return c->closed ? -ENODATA : -EAGAIN;
	}
	if (s->fin)
		return -ENODATA;
	memcpy(buf, rx->data + (size_t)i * RUDP_MESSAGE_MAX, s->len);
	s->here = false;
	rx->read++;
	c->count.delivered++;
	/* Tell of room that the peer does not know of. */
	if (rx->read + c->config.window - rx->told_edge >= c->config.window / 4)
		rx->ack_now = true;
	return s->len;
}
