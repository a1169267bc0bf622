#include "capture/cost.h"

#include "capture/cost_lanes.h"

void
lanes_carry(struct cost *sum, const struct cost_lanes *l)
{
	sum->link += (uint64_t)l->headers[0] + l->rest[3];
	sum->net += l->headers[1];
	sum->transport += l->headers[2];
	sum->options += l->headers[3];
	sum->payload += l->rest[0];
	sum->packets += l->rest[1];
	sum->ether += l->rest[2];
}

struct cost
cost_of_packet(const struct summary *s)
{
	struct cost_lanes lanes = lanes_of_packet(s);
	struct cost sum = {0};

	lanes_carry(&sum, &lanes);
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
