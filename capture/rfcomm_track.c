#include "capture/rfcomm_track.h"

#include "capture/hci.h"

static bool
is_shut(uint8_t state)
{
	return state != RFCOMM_OPENING && state != RFCOMM_OPEN &&
	       state != RFCOMM_CLOSING;
}

/*
 * This adapter has no address of its own in a capture: zero stands for it. A
 * device whose address was not seen is known by its handle.
 */
static void
make_key(const struct hci_ends *e, uint8_t dir, uint8_t server_dir,
    uint8_t channel, struct rfcomm_place *ret)
{
	struct summary s = {.proto = PROTO_RFCOMM, .ip_version = 0};
	uint8_t *peer = dir == HCI_SENT ? s.dst : s.src;

	if (e->peer_known)
		for (int i = 0; i < 6; i++)
			peer[i] = e->peer[5 - i];
	else {
		peer[4] = (uint8_t)(e->handle >> 8);
		peer[5] = (uint8_t)e->handle;
	}
	peer[6] = 1; /* an address is there */
	s.src[8] = s.dst[8] = (uint8_t)(e->adapter >> 8);
	s.src[9] = s.dst[9] = (uint8_t)e->adapter;
	if (server_dir == dir)
		s.src_port = channel;
	else
		s.dst_port = channel;
	flow_key_of_ends(&s, &ret->key, &ret->swapped);
	ret->from_client = server_dir != dir;
}

/* The session is a conversation on a channel that no service can have. */
static void
session_place(const struct rfcomm_session *s, const struct hci_ends *e,
    uint8_t dir, struct rfcomm_place *ret)
{
	uint8_t channel = FLOW_RFCOMM_SESSION, server = !s->initiator;

	if (s->adopted) {
		channel = s->dlci >> 1;
		server = (s->dlci & 1) != 0 ? s->initiator : !s->initiator;
	}
	make_key(e, dir, server, channel, ret);
	ret->state = s->dlc[s->dlci];
}

bool
rfcomm_track_lost(struct rfcomm_session *s, const struct hci_ends *e,
    struct rfcomm_place *ret)
{
	if (is_shut(s->dlc[s->dlci]))
		return false;
	*ret = (struct rfcomm_place){.purpose = PURPOSE_TEARDOWN};
	for (int i = 0; i < 64; i++)
		if (!is_shut(s->dlc[i]))
			s->dlc[i] = RFCOMM_LOST;
	session_place(s, e, HCI_RECEIVED, ret);
	return true;
}

void
rfcomm_track_channel(struct rfcomm_session *s, const struct hci_ends *e,
    uint8_t dir, bool opens, bool closes, struct rfcomm_place *ret)
{
	*ret = (struct rfcomm_place){.opens = opens,
	    .purpose = closes ? PURPOSE_TEARDOWN : PURPOSE_HANDSHAKE};
	if (opens)
		*s = (struct rfcomm_session){
		    .initiator = dir, .dlc[0] = RFCOMM_OPENING};
	if (closes && !is_shut(s->dlc[s->dlci]))
		s->dlc[s->dlci] = RFCOMM_CLOSED;
	session_place(s, e, dir, ret);
}

/* The channel that a command of the multiplexer is about; 0: none. */
static uint8_t
commanded_dlci(struct rd r, bool *ret_negotiates)
{
	uint8_t type = rd_u8(&r) & 0xfc, dlci;

	*ret_negotiates = type >> 2 == MCC_PN;
	rd_u8(&r);
	dlci = rd_u8(&r);
	if (r.state != RD_OK)
		return 0;
	switch (type >> 2) {
	case MCC_PN:
		return dlci & 0x3f;
	case MCC_MSC:
	case MCC_RPN:
	case MCC_RLS:
		return dlci >> 2;
	default:
		return 0;
	}
}

static uint8_t
purpose_of(uint8_t *state, const struct rfcomm_frame *f)
{
	bool data = f->type == RFCOMM_UIH && f->dlci != 0;

	switch (f->type) {
	case RFCOMM_SABM:
		*state = RFCOMM_OPENING;
		return PURPOSE_HANDSHAKE;
	case RFCOMM_UA:
		if (*state == RFCOMM_CLOSING) {
			*state = RFCOMM_CLOSED;
			return PURPOSE_TEARDOWN;
		}
		*state = RFCOMM_OPEN;
		return PURPOSE_HANDSHAKE;
	case RFCOMM_DISC:
		*state = RFCOMM_CLOSING;
		return PURPOSE_TEARDOWN;
	case RFCOMM_DM:
		*state =
		    *state == RFCOMM_OPENING ? RFCOMM_REFUSED : RFCOMM_CLOSED;
		return PURPOSE_TEARDOWN;
	default:
		break;
	}
	if (data)
		return f->len > 0 ? PURPOSE_DATA : PURPOSE_ACK;
	return *state == RFCOMM_CLOSING ? PURPOSE_TEARDOWN : PURPOSE_HANDSHAKE;
}

bool
rfcomm_track_frame(struct rfcomm_session *s, const struct hci_ends *e,
    uint8_t dir, struct rd r, struct rfcomm_place *ret)
{
	struct rfcomm_frame f;
	uint8_t dlci, server, *state;
	bool negotiates = false;

	*ret = (struct rfcomm_place){0};
	if (!rfcomm_open(&r, &f))
		return false;
	s->initiator = rfcomm_by_initiator(&f) ? dir : !dir;
	dlci = f.dlci;
	if (dlci == 0 && f.type == RFCOMM_UIH)
		dlci = commanded_dlci(r, &negotiates);
	state = &s->dlc[dlci];
	if (dlci == 0) {
		ret->purpose = purpose_of(state, &f);
		session_place(s, e, dir, ret);
		return true;
	}
	server = (dlci & 1) != 0 ? s->initiator : !s->initiator;
	ret->opens = is_shut(*state) && (negotiates || f.type == RFCOMM_SABM);
	if (f.type == RFCOMM_SABM && *state == RFCOMM_OPEN)
		ret->opens = true;
	if (ret->opens && !s->adopted && server != s->initiator) {
		session_place(s, e, dir, ret);
		ret->session = ret->key;
		ret->adopts = s->adopted = true;
	} else if (!ret->opens && is_shut(*state)) { /* it was open */
		*state = RFCOMM_OPEN;
		s->adopted = true;
	}
	s->dlci = dlci;
	ret->purpose = purpose_of(state, &f);
	if (ret->opens && is_shut(*state))
		*state = RFCOMM_OPENING;
	make_key(e, dir, server, dlci >> 1, ret);
	ret->state = *state;
	return true;
}
