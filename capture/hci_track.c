#include "capture/hci_track.h"

#include <stdlib.h>
#include <string.h>

#include "capture/hci.h"
#include "capture/summary_steps.h"

/* A frame of L2CAP of which more is to come. */
struct way {
	uint32_t left; /* bytes; 0: none is under way */
	bool rfcomm; /* and place says where it belongs */
	struct rfcomm_place place;
};

struct link {
	uint64_t from; /* the frame that reported it, or was its first */
	struct hci_ends ends;
	bool reported;
	struct way ways[2]; /* by direction */
};

struct channel {
	uint64_t from; /* the frame that asked for it, or was its first */
	uint32_t link; /* as hci_track.link_count counts */
	uint16_t cid[2]; /* what frames of a direction are addressed to; 0 */
	uint16_t psm;
	uint8_t asked_by; /* HCI_SENT, HCI_RECEIVED */
	bool guessed; /* by a frame, since nobody was seen to ask */
	struct rfcomm_session session;
};

/* Number n is in place n modulo the size; numbers begin with 1. */
struct hci_track {
	struct link links[HCI_LINKS];
	struct channel channels[HCI_CHANNELS];
	uint32_t link_count, channel_count;
};

struct hci_track *
hci_track_new(void)
{
	return calloc(1, sizeof(struct hci_track));
}

void
hci_track_free(struct hci_track *t)
{
	free(t);
}

/* ---- connections ---- */

static struct link *
link_at(struct hci_track *t, uint32_t n)
{
	return &t->links[n % HCI_LINKS];
}

/* The newest that had this handle at frame id; 0: none. */
static uint32_t
find_link(
    const struct hci_track *t, uint64_t id, uint16_t adapter, uint16_t handle)
{
	for (uint32_t n = t->link_count; n > 0 && n + HCI_LINKS > t->link_count;
	     n--) {
		const struct link *l = &t->links[n % HCI_LINKS];

		if (l->from <= id && l->ends.adapter == adapter &&
		    l->ends.handle == handle)
			return n;
	}
	return 0;
}

static uint32_t
add_link(struct hci_track *t, uint64_t id, uint16_t adapter, uint16_t handle)
{
	uint32_t n = ++t->link_count;

	*link_at(t, n) = (struct link){
	    .from = id, .ends = {.adapter = adapter, .handle = handle}};
	return n;
}

/* ---- channels ---- */

static const struct channel *
channel_at(const struct hci_track *t, uint32_t n)
{
	return &t->channels[n % HCI_CHANNELS];
}

/* The newest of the link whose frames in dir are addressed to cid; 0: none. */
static uint32_t
find_channel(const struct hci_track *t, uint64_t id, uint32_t link, uint8_t dir,
    uint16_t cid)
{
	for (uint32_t n = t->channel_count;
	     n > 0 && n + HCI_CHANNELS > t->channel_count; n--) {
		const struct channel *c = channel_at(t, n);

		if (c->from <= id && c->link == link && c->cid[dir] == cid)
			return n;
	}
	return 0;
}

static struct channel *
add_channel(struct hci_track *t, uint64_t id, uint32_t link)
{
	struct channel *c = &t->channels[++t->channel_count % HCI_CHANNELS];

	*c = (struct channel){.from = id, .link = link};
	return c;
}

/* A command of L2CAP's signalling channel, Core Vol 3 A s4. */
struct command {
	enum {
		CONNECT = 2,
		CONNECT_ANSWER,
		CONFIGURE,
		CONFIGURE_ANSWER,
		DISCONNECT,
		DISCONNECT_ANSWER,
	} code;
	uint16_t first, second; /* of its words */
};

static bool
open_command(struct rd r, struct command *ret)
{
	ret->code = rd_u8(&r);
	rd_skip(&r, 3);
	ret->first = rd_le16(&r);
	ret->second = rd_le16(&r);
	return r.state == RD_OK && ret->code >= CONNECT &&
	       ret->code <= DISCONNECT_ANSWER;
}

/* The channel that it is about; 0: none that is known. */
static uint32_t
commanded(const struct hci_track *t, uint64_t id, uint32_t link, uint8_t dir,
    const struct command *c)
{
	switch (c->code) {
	case CONNECT:
		return find_channel(t, id, link, !dir, c->second);
	case CONNECT_ANSWER:
		return find_channel(t, id, link, dir, c->second);
	case DISCONNECT_ANSWER:
		return find_channel(t, id, link, !dir, c->first);
	case CONFIGURE:
	case CONFIGURE_ANSWER:
	case DISCONNECT:
		break;
	}
	return find_channel(t, id, link, dir, c->first);
}

static bool
feed_command(struct hci_track *t, uint64_t id, uint32_t link, uint8_t dir,
    struct rd r, struct rfcomm_place *ret)
{
	struct command command;
	struct channel *c;
	uint32_t n;

	if (!open_command(r, &command))
		return false;
	if (command.code == CONNECT) {
		c = add_channel(t, id, link);
		c->psm = command.first;
		c->cid[!dir] = command.second;
		c->asked_by = dir;
	} else {
		n = commanded(t, id, link, dir, &command);
		if (n == 0)
			return false;
		c = &t->channels[n % HCI_CHANNELS];
	}
	if (command.code == CONNECT_ANSWER && c->asked_by != dir &&
	    command.first != 0)
		c->cid[!dir] = command.first;
	if (c->psm != PSM_RFCOMM)
		return false;
	rfcomm_track_channel(&c->session, &link_at(t, link)->ends, dir,
	    command.code == CONNECT, command.code >= DISCONNECT, ret);
	return true;
}

/* ---- events ---- */

static void
connected(struct hci_track *t, uint64_t id, uint16_t adapter, struct rd r)
{
	uint8_t status = rd_u8(&r), peer[6];
	uint16_t handle = rd_le16(&r) & 0xfff;
	struct link *l;

	rd_copy(&r, peer, sizeof peer);
	if (r.state != RD_OK || status != 0)
		return;
	l = link_at(t, add_link(t, id, adapter, handle));
	l->reported = l->ends.peer_known = true;
	memcpy(l->ends.peer, peer, sizeof peer);
}

/* It takes all channels with it; the newest shows it. */
static bool
disconnected(struct hci_track *t, uint64_t id, uint16_t adapter, struct rd r,
    struct rfcomm_place *ret)
{
	uint8_t status = rd_u8(&r);
	uint32_t link = find_link(t, id, adapter, rd_le16(&r) & 0xfff);

	if (r.state != RD_OK || status != 0 || link == 0)
		return false;
	for (uint32_t n = t->channel_count;
	     n > 0 && n + HCI_CHANNELS > t->channel_count; n--) {
		struct channel *c = &t->channels[n % HCI_CHANNELS];

		if (c->link == link && c->psm == PSM_RFCOMM &&
		    rfcomm_track_lost(
			&c->session, &link_at(t, link)->ends, ret))
			return true;
	}
	return false;
}

/* Core Vol 4 E s7.7.3, s7.7.5. */
static bool
feed_event(struct hci_track *t, uint64_t id, const struct hci_packet *h,
    struct rfcomm_place *ret)
{
	enum { CONNECTION_COMPLETE = 3, DISCONNECTION_COMPLETE = 5 };
	struct rd r = h->r;
	uint8_t code = rd_u8(&r);

	rd_u8(&r);
	if (code == CONNECTION_COMPLETE)
		connected(t, id, h->adapter, r);
	return code == DISCONNECTION_COMPLETE &&
	       disconnected(t, id, h->adapter, r, ret);
}

/* ---- frames ---- */

/*
 * A frame of RFCOMM fills its frame of L2CAP, of len bytes, to the byte. Where
 * it is all here, its check sequence is right, too.
 */
static bool
looks_like_rfcomm(struct rd r, size_t len)
{
	bool whole = rd_left(&r) == len;
	const uint8_t *p = r.p;
	struct rfcomm_frame f;

	return rfcomm_open(&r, &f) && len == f.header_len + (size_t)f.len + 1 &&
	       (!whole ||
		   rfcomm_fcs(p, f.type == RFCOMM_UIH ? 2 : 3) == p[len - 1]);
}

/* Of a channel that nobody was seen to ask for, one direction may be known. */
static struct channel *
guess_channel(struct hci_track *t, uint64_t id, uint32_t link, uint8_t dir)
{
	uint32_t n = find_channel(t, id, link, dir, 0);
	struct channel *c = &t->channels[n % HCI_CHANNELS];

	if (n != 0 && c->guessed)
		return c;
	c = add_channel(t, id, link);
	c->guessed = true;
	c->psm = PSM_RFCOMM;
	return c;
}

static bool
feed_data(struct hci_track *t, uint64_t id, uint32_t link, uint8_t dir,
    uint16_t cid, size_t len, struct rd r, struct rfcomm_place *ret)
{
	uint32_t n = find_channel(t, id, link, dir, cid);
	struct channel *c = &t->channels[n % HCI_CHANNELS];

	if (cid < L2CAP_DYNAMIC)
		return false;
	if (n == 0 && !looks_like_rfcomm(r, len))
		return false;
	if (n == 0) {
		c = guess_channel(t, id, link, dir);
		c->cid[dir] = cid;
	}
	return c->psm == PSM_RFCOMM &&
	       rfcomm_track_frame(
		   &c->session, &link_at(t, link)->ends, dir, r, ret);
}

/* A frame of L2CAP begins; what of it is not here is to come. */
static void
begin(struct hci_track *t, uint64_t id, uint32_t link, uint8_t dir, struct rd r)
{
	struct way *w = &link_at(t, link)->ways[dir];
	size_t here = rd_wire_left(&r);
	uint16_t len = rd_le16(&r), cid = rd_le16(&r);

	*w = (struct way){0};
	if (r.state != RD_OK)
		return;
	if (here < L2CAP_HEADER_LEN + (size_t)len)
		w->left = (uint32_t)(L2CAP_HEADER_LEN + len - here);
	here = rd_wire_left(&r);
	r = rd_sub(&r, len < here ? len : here);
	if (cid == L2CAP_SIGNALLING)
		w->rfcomm = feed_command(t, id, link, dir, r, &w->place);
	else
		w->rfcomm = feed_data(t, id, link, dir, cid, len, r, &w->place);
}

static bool
feed_acl(struct hci_track *t, struct frame *f, const struct hci_packet *h,
    struct rfcomm_place *ret)
{
	struct acl_packet a;
	uint32_t link;
	struct way *w;
	size_t here;

	if (!acl_open(h, &a))
		return false;
	link = find_link(t, f->id, h->adapter, a.handle);
	if (link == 0)
		link = add_link(t, f->id, h->adapter, a.handle);
	w = &link_at(t, link)->ways[h->dir];
	here = rd_wire_left(&a.r);
	if (a.boundary != ACL_CONTINUES) {
		begin(t, f->id, link, h->dir, a.r);
	} else if (w->left == 0) {
		return false;
	} else {
		w->left -= (uint32_t)(here < w->left ? here : w->left);
		w->place.opens = w->place.adopts = false;
	}
	if (!w->rfcomm)
		return false;
	*ret = w->place;
	if (f->sum.payload_len > 0)
		summary_read_rfcomm(&f->sum, &f->packet, w->left == 0);
	return true;
}

bool
hci_track_feed(struct hci_track *t, struct frame *f, struct rfcomm_place *ret)
{
	struct hci_packet h = hci_open(&f->packet);

	if (h.type == HCI_EVENT)
		return feed_event(t, f->id, &h, ret);
	return h.type == HCI_ACL && feed_acl(t, f, &h, ret);
}

void
hci_track_context(const struct hci_track *t, uint64_t id,
    const struct packet *p, struct hci_context *ret)
{
	struct hci_packet h = hci_open(p);
	struct acl_packet a;
	struct command command;
	const struct link *l;
	const struct channel *c;
	uint32_t link, n;
	uint16_t cid;

	if (!acl_open(&h, &a))
		return;
	link = find_link(t, id, h.adapter, a.handle);
	if (link == 0)
		return;
	l = &t->links[link % HCI_LINKS];
	if (l->reported) {
		ret->link_frame = l->from;
		memcpy(ret->peer, l->ends.peer, sizeof ret->peer);
	}
	rd_skip(&a.r, 2);
	cid = rd_le16(&a.r);
	if (a.r.state != RD_OK || a.boundary == ACL_CONTINUES)
		return;
	n = 0;
	if (cid >= L2CAP_DYNAMIC)
		n = find_channel(t, id, link, h.dir, cid);
	else if (cid == L2CAP_SIGNALLING && open_command(a.r, &command))
		n = commanded(t, id, link, h.dir, &command);
	c = channel_at(t, n);
	if (n == 0)
		return;
	ret->psm = c->psm;
	ret->channel_frame = c->guessed ? 0 : c->from;
}
