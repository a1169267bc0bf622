/*
 * The state that an end must be in once the packet was delivered, as the
 * figures of RFC 9293 s3.5 and s3.6 draw it: an end that is sent a SYN stands
 * in SYN-RECEIVED, one that is sent a FIN in CLOSE-WAIT, before it has
 * answered.
 *
 * It is derived from what was seen so far and not stepped from state to state,
 * so that packets missing or captured in another order cannot lead it astray:
 * the figure's paths differ only in which SYNs and FINs were sent and
 * acknowledged, and in whether an end closed in answer to the peer's FIN.
 */
#include "capture/flow_tcp.h"

static enum tcp_state
opening(const struct end_facts *self, const struct end_facts *peer)
{
	if (peer->syn)
		return TCPS_SYN_RECEIVED;
	return self->syn ? TCPS_SYN_SENT : TCPS_CLOSED;
}

/* The peer's FIN came first, and ours was the answer to it. */
static enum tcp_state
closing_second(const struct end_facts *self)
{
	return self->fin_acked ? TCPS_CLOSED : TCPS_LAST_ACK;
}

static enum tcp_state
closing_first(const struct end_facts *self, const struct end_facts *peer)
{
	if (peer->fin)
		return self->fin_acked ? TCPS_TIME_WAIT : TCPS_CLOSING;
	return self->fin_acked ? TCPS_FIN_WAIT_2 : TCPS_FIN_WAIT_1;
}

enum tcp_state
flow_state(const struct end_facts *self, const struct end_facts *peer)
{
	if (!self->fin && !peer->fin && !(self->syn_acked && peer->syn))
		return opening(self, peer);
	if (!self->fin)
		return peer->fin ? TCPS_CLOSE_WAIT : TCPS_ESTABLISHED;
	if (self->fin_answers)
		return closing_second(self);
	return closing_first(self, peer);
}
