#include "capture/cost.h"

#include "capture/cost_lanes.h"

void
lanes_carry(struct cost *sum, struct cost_lanes l)
{
	sum->packets += l.lower[0];
	sum->link += l.lower[1];
	sum->ether += l.lower[2];
	sum->net += l.lower[3];
	sum->transport += l.upper[0];
	sum->options += l.upper[1];
	sum->payload += l.upper[2];
}

struct cost
cost_of_packet(const struct summary *s)
{
	struct cost sum = {0};

	lanes_carry(&sum, lanes_of_packet(s));
	return sum;
}

void
cost_add(struct cost *sum, const struct cost *c)
{
	sum->packets += c->packets;
	sum->link += c->link;
	sum->ether += c->ether;
	sum->net += c->net;
	sum->transport += c->transport;
	sum->options += c->options;
	sum->payload += c->payload;
}

uint64_t
cost_headers(const struct cost *c)
{
	return c->net + c->transport + c->options;
}

uint64_t
cost_bytes(const struct cost *c)
{
	return cost_headers(c) + c->payload;
}

uint64_t
cost_on_ethernet(const struct cost *c)
{
	return cost_bytes(c) + c->ether;
}

unsigned
cost_share(const struct cost *c)
{
	uint64_t bytes = cost_bytes(c);

	if (bytes == 0)
		return 0;
	return (unsigned)((c->payload * 1000 + bytes / 2) / bytes);
}
