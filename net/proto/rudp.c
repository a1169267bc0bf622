#include "net/proto/rudp.h"

#include <assert.h>

const char *
rudp_type_name(unsigned type)
{
	static const char *const names[] = {
#define X(name, number) [number] = #name,
	    RUDP_TYPES(X)
#undef X
	};

	return type < sizeof names / sizeof *names ? names[type] : NULL;
}

const char *
rudp_fault_text(enum rudp_fault fault)
{
	static const char *const texts[RUDP_FAULT_COUNT] = {
#define X(name, text) [RUDP_FAULT_##name] = text,
	    RUDP_FAULTS(X)
#undef X
	};

	return texts[fault];
}

static bool
opens(enum rudp_type type)
{
	return type == RUDP_HELLO || type == RUDP_WELCOME ||
	       type == RUDP_CONFIRM;
}

/* The longest bitmap of a packet of this type. */
static size_t
bitmap_max(enum rudp_type type)
{
	if (opens(type) || type == RUDP_RESET)
		return 0;
	return type == RUDP_DATA ? RUDP_BITMAP_DATA_MAX : RUDP_BITMAP_MAX;
}

static enum rudp_fault
decode_header(struct rd *r, struct rudp_packet *p)
{
	uint8_t first = rd_u8(r);

	if (r->state != RD_OK)
		return RUDP_FAULT_SHORT;
	if (first >> 4 != RUDP_VERSION)
		return RUDP_FAULT_VERSION;
	if (rudp_type_name(first & 0x0f) == NULL)
		return RUDP_FAULT_TYPE;
	p->type = (enum rudp_type)(first & 0x0f);
	p->bitmap_len = rd_u8(r);
	p->window = rd_be16(r);
	p->id = rd_be32(r);
	p->seq = rd_be32(r);
	p->ack = rd_be32(r);
	if (r->state != RD_OK)
		return RUDP_FAULT_SHORT;
	if ((p->id == 0) != (p->type == RUDP_HELLO))
		return RUDP_FAULT_ID;
	if (p->bitmap_len > bitmap_max(p->type))
		return RUDP_FAULT_BITMAP;
	return RUDP_FAULT_FINE;
}

static enum rudp_fault
decode_body(struct rd *r, struct rudp_packet *p)
{
	if (opens(p->type)) {
		p->own_id = rd_be32(r);
		if (r->state == RD_OK && p->own_id == 0)
			return RUDP_FAULT_ID;
	}
	if (p->type == RUDP_DATA) {
		p->message_len = rd_be16(r);
		if (p->message_len > RUDP_MESSAGE_MAX)
			return RUDP_FAULT_LENGTH;
	}
	p->bitmap = rd_bytes(r, p->bitmap_len);
	if (r->state == RD_OK && p->bitmap_len > 0 &&
	    p->bitmap[p->bitmap_len - 1] == 0)
		return RUDP_FAULT_BITMAP;
	p->message = rd_bytes(r, p->message_len);
	if (r->state != RD_OK)
		return RUDP_FAULT_SHORT;
	return rd_wire_left(r) > 0 ? RUDP_FAULT_TAIL : RUDP_FAULT_FINE;
}

enum rudp_fault
rudp_decode(struct rd *r, struct rudp_packet *ret)
{
	enum rudp_fault fault;

	*ret = (struct rudp_packet){0};
	fault = decode_header(r, ret);
	if (fault == RUDP_FAULT_FINE)
		fault = decode_body(r, ret);
	if (fault != RUDP_FAULT_FINE && ret->bitmap == NULL)
		ret->bitmap_len = 0;
	if (fault != RUDP_FAULT_FINE && ret->message == NULL)
		ret->message_len = 0;
	return fault;
}

void
rudp_encode(struct wr *w, const struct rudp_packet *p)
{
	assert(p->bitmap_len <= bitmap_max(p->type));
	assert(p->message_len <= RUDP_MESSAGE_MAX);
	wr_u8(w, (uint8_t)(RUDP_VERSION << 4 | p->type));
	wr_u8(w, p->bitmap_len);
	wr_be16(w, p->window);
	wr_be32(w, p->id);
	wr_be32(w, p->seq);
	wr_be32(w, p->ack);
	if (opens(p->type))
		wr_be32(w, p->own_id);
	if (p->type == RUDP_DATA)
		wr_be16(w, p->message_len);
	wr_bytes(w, p->bitmap, p->bitmap_len);
	wr_bytes(w, p->message, p->message_len);
}
