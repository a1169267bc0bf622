#include "net/callpack.h"

#include <string.h>

/* What precedes the addresses; then local, peer and data as far as used. */
#define FIXED offsetof(struct call, local)

size_t
callpack_len(const struct call *c)
{
	return FIXED + sizeof c->local.len + c->local.len + sizeof c->peer.len +
	       c->peer.len + sizeof c->data_len + c->data_len;
}

static uint8_t *
put(uint8_t *p, const void *bytes, size_t n)
{
	memcpy(p, bytes, n);
	return p + n;
}

static uint8_t *
put_addr(uint8_t *p, const struct addr *a)
{
	return put(put(p, &a->len, sizeof a->len), &a->ss, a->len);
}

void
callpack_write(void *packed, const struct call *c)
{
	uint8_t *p = put(packed, c, FIXED);

	p = put_addr(p, &c->local);
	p = put_addr(p, &c->peer);
	p = put(p, &c->data_len, sizeof c->data_len);
	put(p, c->data, c->data_len);
}

static const uint8_t *
get_addr(const uint8_t *p, struct addr *ret)
{
	memset(ret, 0, sizeof *ret);
	memcpy(&ret->len, p, sizeof ret->len);
	memcpy(&ret->ss, p + sizeof ret->len, ret->len);
	return p + sizeof ret->len + ret->len;
}

void
callpack_read(const void *packed, struct call *ret)
{
	const uint8_t *p = packed;

	memcpy(ret, p, FIXED);
	p = get_addr(p + FIXED, &ret->local);
	p = get_addr(p, &ret->peer);
	memcpy(&ret->data_len, p, sizeof ret->data_len);
	memcpy(ret->data, p + sizeof ret->data_len, ret->data_len);
}
