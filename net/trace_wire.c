#include "net/trace_wire.h"

#include <errno.h>
#include <string.h>

#define HEAD 3 /* kind, length of the body */
/* No program moves that much; and sums of two do not overflow. */
#define COUNT_MAX (UINT64_C(1) << 60)
#define ERRNO_MAX 4095

/* ---- encoding ---- */

static void
put_addr(struct wr *w, const struct addr *a)
{
	wr_u8(w, (uint8_t)a->len);
	wr_bytes(w, &a->ss, a->len);
}

static void
put_call(struct wr *w, const struct call *c)
{
	wr_le32(w, c->id);
	wr_le32(w, c->actor);
	wr_le32(w, c->sock);
	wr_le32(w, (uint32_t)c->fd);
	wr_u8(w, c->kind);
	wr_u8(w, c->phase);
	wr_u8(w, c->side);
	wr_u8(w, c->peek);
	wr_le32(w, (uint32_t)c->error);
	wr_le64(w, (uint64_t)c->begin_ns);
	wr_le64(w, (uint64_t)c->end_ns);
	wr_le64(w, (uint64_t)c->result);
	for (int i = 0; i < 3; i++)
		wr_le32(w, (uint32_t)c->arg[i]);
	wr_le64(w, c->asked);
	wr_le64(w, c->stream_off);
	put_addr(w, &c->local);
	put_addr(w, &c->peer);
	wr_le16(w, c->data_len);
	wr_bytes(w, c->data, c->data_len);
}

static void
put_body(struct wr *w, const struct trace_record *r)
{
	switch (r->kind) {
	case TRACE_HELLO:
		wr_le32(w, r->version);
		wr_le32(w, (uint32_t)r->pid);
		wr_bytes(w, r->name, TRACE_NAME_MAX);
		break;
	case TRACE_CALL:
		put_call(w, &r->call);
		break;
	case TRACE_LOST:
		wr_le64(w, r->lost);
		break;
	case TRACE_END:
		wr_le32(w, (uint32_t)r->status);
		break;
	}
}

void
trace_wire_put(struct wr *w, const struct trace_record *r)
{
	struct wr head = *w, before = *w;
	size_t len;

	wr_u8(w, (uint8_t)r->kind);
	wr_le16(w, 0);
	put_body(w, r);
	if (w->full) {
		*w = before;
		w->full = true;
		return;
	}
	len = wr_len(w) - wr_len(&before) - HEAD;
	wr_u8(&head, (uint8_t)r->kind);
	wr_le16(&head, (uint16_t)len);
}

/* ---- decoding ---- */

static bool
get_addr(struct rd *r, struct addr *ret)
{
	struct sockaddr_storage ss = {0};
	uint8_t len = rd_u8(r);

	*ret = (struct addr){0};
	if (len > sizeof ss)
		return false;
	rd_copy(r, &ss, len);
	if (len == 0)
		return true;
	if (len < sizeof ss.ss_family ||
	    (ss.ss_family == AF_INET && len != sizeof(struct sockaddr_in)) ||
	    (ss.ss_family == AF_INET6 && len != sizeof(struct sockaddr_in6)) ||
	    (ss.ss_family == AF_UNIX && len > sizeof(struct sockaddr_un)))
		return false;
	*ret = addr_from_sockaddr((const struct sockaddr *)&ss, len);
	return true;
}

/* Is it what a traced call can be? */
static bool
sound(const struct call *c)
{
	bool done = c->phase == CALL_DONE;

	return c->id != 0 && c->actor != 0 && c->fd >= -1 &&
	       c->kind < CALL_GETADDRINFO &&
	       (done || c->phase == CALL_RUNNING) && c->side < SIDE_COUNT &&
	       c->peek <= 1 && c->error >= 0 && c->error <= ERRNO_MAX &&
	       c->begin_ns >= 0 && (done ? c->end_ns >= c->begin_ns : true) &&
	       c->result >= -1 && (c->error == 0 || c->result == -1) &&
	       c->result < (int64_t)COUNT_MAX && c->stream_off < COUNT_MAX &&
	       c->asked <= COUNT_MAX;
}

static bool
get_call(struct rd *r, struct call *c)
{
	bool addresses;

	memset(c, 0, offsetof(struct call, data));
	c->id = rd_le32(r);
	c->actor = rd_le32(r);
	c->sock = rd_le32(r);
	c->fd = (int)rd_le32(r);
	c->kind = rd_u8(r);
	c->phase = rd_u8(r);
	c->side = rd_u8(r);
	c->peek = rd_u8(r);
	c->error = (int)rd_le32(r);
	c->begin_ns = (int64_t)rd_le64(r);
	c->end_ns = (int64_t)rd_le64(r);
	c->result = (int64_t)rd_le64(r);
	for (int i = 0; i < 3; i++)
		c->arg[i] = (int)rd_le32(r);
	c->asked = rd_le64(r);
	c->stream_off = rd_le64(r);
	addresses = get_addr(r, &c->local) && get_addr(r, &c->peer);
	c->data_len = rd_le16(r);
	if (!addresses || c->data_len > CALL_DATA_MAX)
		return false;
	rd_copy(r, c->data, c->data_len);
	return r->state == RD_OK && sound(c);
}

static bool
get_body(struct rd *r, struct trace_record *ret)
{
	switch (ret->kind) {
	case TRACE_HELLO:
		ret->version = rd_le32(r);
		ret->pid = (int32_t)rd_le32(r);
		rd_copy(r, ret->name, TRACE_NAME_MAX);
		ret->name[TRACE_NAME_MAX - 1] = '\0';
		return true;
	case TRACE_CALL:
		return get_call(r, &ret->call);
	case TRACE_LOST:
		ret->lost = rd_le64(r);
		return true;
	case TRACE_END:
		ret->status = (int32_t)rd_le32(r);
		return true;
	}
	return false;
}

int
trace_wire_get(struct rd *message, struct trace_record *ret)
{
	struct rd body;

	if (message->state == RD_OK && rd_left(message) == 0)
		return 0;
	ret->kind = (enum trace_record_kind)rd_u8(message);
	body = rd_sub(message, rd_le16(message));
	if (message->state != RD_OK || !get_body(&body, ret) ||
	    body.state != RD_OK || rd_left(&body) != 0)
		return -EPROTO;
	return 1;
}
