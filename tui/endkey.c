#include "tui/endkey.h"

#include <string.h>

struct endkey
endkey_of(const struct flow *f, int end)
{
	struct addr a = flow_addr(f, end);
	struct endkey k = {.port = addr_port(&a), .proto = f->proto};

	if (f->proto == PROTO_RFCOMM) {
		memcpy(k.ip, a.rc.device.byte, sizeof a.rc.device.byte);
	} else if (a.sa.sa_family == AF_INET6) {
		k.version = 6;
		memcpy(k.ip, &a.in6.sin6_addr, 16);
	} else {
		k.version = 4;
		memcpy(k.ip, &a.in.sin_addr, 4);
	}
	return k;
}

struct addr
endkey_addr(const struct endkey *k)
{
	struct addr a = {.len = sizeof a.rc};

	if (k->version == 0) {
		a.rc.family = AF_BLUETOOTH;
		a.rc.channel = (uint8_t)k->port;
		memcpy(a.rc.device.byte, k->ip, sizeof a.rc.device.byte);
		return a;
	}
	return addr_from_ip(
	    k->version == 6 ? AF_INET6 : AF_INET, k->ip, k->port);
}

uint64_t
endkey_rank(const struct addr *a)
{
	bool six = a->sa.sa_family == AF_INET6;
	const uint8_t *ip = six ? (const uint8_t *)&a->in6.sin6_addr
				: (const uint8_t *)&a->in.sin_addr;
	uint64_t rank = 0;

	if (a->sa.sa_family == AF_BLUETOOTH) {
		for (int i = 5; i >= 0; i--)
			rank = rank << 8 | a->rc.device.byte[i];
		return rank << 8 | a->rc.channel;
	}
	for (int i = 0; i < (six ? 6 : 4); i++)
		rank = rank << 8 | ip[i];
	rank = rank << 16 | addr_port(a);
	return six ? rank >> 1 | UINT64_C(1) << 63 : rank;
}
