/*
 * The state that an end must be in once the packet was delivered (or lost, where
 * the wire says so: then only its sender's changes), as the
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
	if (peer->syn_arrived)
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
	if (peer->fin_arrived)
		return self->fin_acked ? TCPS_TIME_WAIT : TCPS_CLOSING;
	return self->fin_acked ? TCPS_FIN_WAIT_2 : TCPS_FIN_WAIT_1;
}

enum tcp_state
flow_state(const struct end_facts *self, const struct end_facts *peer)
{
	if (!self->fin && !peer->fin_arrived &&
	    !(self->syn_acked && peer->syn_arrived))
		return opening(self, peer);
	if (!self->fin)
		return peer->fin_arrived ? TCPS_CLOSE_WAIT : TCPS_ESTABLISHED;
	if (self->fin_answers)
		return closing_second(self);
	return closing_first(self, peer);
}

/* ------------------------------------------------- how it opened and closed */

static const char *const opening_texts[] = {
#define X(NAME, text) [FLOW_OPENED_##NAME] = text,
    FLOW_OPENINGS(X)
#undef X
};

static const char *const closing_texts[] = {
#define X(NAME, text) [FLOW_CLOSED_##NAME] = text,
    FLOW_CLOSINGS(X)
#undef X
};

const char *
flow_opening_text(enum flow_opening o)
{
	return opening_texts[o];
}

const char *
flow_closing_text(enum flow_closing c)
{
	return closing_texts[c];
}

enum flow_opening
flow_opening(const struct flow *f)
{
	const struct flow_end *client = &f->end[DIR_CLIENT];
	const struct flow_end *server = &f->end[DIR_SERVER];

	if (client->syn_alone && server->syn_alone)
		return FLOW_OPENED_SIMULTANEOUS;
	if (!client->syn_seen && !server->syn_seen)
		return FLOW_OPENED_UNSEEN;
	if (f->ack_frame != 0)
		return FLOW_OPENED_THREE_WAY;
	if (server->syn_seen)
		return FLOW_OPENED_HALF;
	return server->rst_seen ? FLOW_OPENED_REFUSED : FLOW_OPENED_UNANSWERED;
}

enum flow_closing
flow_closing(const struct flow *f)
{
	const struct flow_end *client = &f->end[DIR_CLIENT];
	const struct flow_end *server = &f->end[DIR_SERVER];

	if (client->rst_seen || server->rst_seen)
		return FLOW_CLOSED_RESET;
	if (!client->fin_seen && !server->fin_seen)
		return FLOW_CLOSED_OPEN;
	if (!client->fin_seen || !server->fin_seen)
		return FLOW_CLOSED_HALF_CLOSED;
	if (!client->fin_acked || !server->fin_acked)
		return FLOW_CLOSED_UNFINISHED;
	return client->fin_answers || server->fin_answers
		   ? FLOW_CLOSED_FOUR_WAY
		   : FLOW_CLOSED_SIMULTANEOUS;
}

const char *
flow_proto_name(uint8_t proto)
{
	return proto == PROTO_TCP   ? "TCP"
	       : proto == PROTO_UDP ? "UDP"
				    : "RFCOMM";
}
