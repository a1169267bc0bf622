/*
 * What the wire's thread does with packets: reading, deciding where they go,
 * and writing.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/impair_words.h"
#include "net/wire_impl.h"

#define FIRST_ROUTER 254 /* the host number of the one next to the clients */
enum { ETHERTYPE_AT = 12, ETHERTYPE_IP4 = 0x0800, ETHERTYPE_IP6 = 0x86dd };
enum { ND_FIRST = 133, ND_LAST = 137 }; /* RFC 4861 */

/* A packet as it came from a host. */
struct arrival {
	size_t from;
	enum wire_direction dir;
	uint8_t *frame;
	size_t len;
	int64_t now_ns; /* since the Unix epoch */
};

struct wire_router
wire_router_of(const struct wire_port *first, unsigned i)
{
	struct wire_router r;

	memcpy(r.ip4, &first->ip4, sizeof r.ip4);
	memcpy(r.ip6, &first->ip6, sizeof r.ip6);
	r.ip4[3] = r.ip6[15] = (uint8_t)(FIRST_ROUTER - i);
	return r;
}

void
wire_changed(struct wire *w)
{
	w->plain = w->rules.count == 0 && w->routers == 0;
	for (int i = 0; i < 2; i++)
		w->plain = w->plain && w->settings[i].mtu == 0;
	wake_poke(&w->news);
}

/* ---- where it goes ---- */

static bool
is_for_many(const uint8_t *ip, bool v6)
{
	return v6 ? ip[0] == 0xff : ip[0] >= 224;
}

/* The port of the host with this packet's destination; WIRE_ALL; -1: nobody. */
static int
destination(const struct wire *w, const uint8_t *ip, size_t n)
{
	bool v6 = ip[0] >> 4 == 6;
	const uint8_t *dst = ip + (v6 ? 24 : 16);

	if (n < (v6 ? 40u : 20u))
		return -1;
	for (size_t i = 0; i < w->count; i++)
		if (memcmp(dst,
			v6 ? (const void *)&w->ports[i].ip6
			   : (const void *)&w->ports[i].ip4,
			v6 ? 16 : 4) == 0)
			return (int)i;
	return is_for_many(dst, v6) ? WIRE_ALL : -1;
}

/* ---- out ---- */

static bool
write_frame(struct wire *w, size_t to, const uint8_t *frame, size_t n)
{
	if (write(w->ports[to].fd, frame, n) == (ssize_t)n) {
		w->port[to].written++;
		return true;
	}
	w->port[to].refused++;
	return false;
}

/* To its host, or to all but the one it came from. */
static bool
write_to(struct wire *w, size_t from, int to, const uint8_t *frame, size_t n)
{
	bool taken = false;

	if (to != WIRE_ALL)
		return write_frame(w, (size_t)to, frame, n);
	for (size_t i = 0; i < w->count; i++)
		if (i != from)
			taken |= write_frame(w, i, frame, n);
	return taken;
}

static void
record(
    struct wire *w, const struct arrival *a, int64_t entered_ns, unsigned fate)
{
	struct wire_way_count *way = &w->way[a->dir];
	uint32_t n = (uint32_t)(a->len - w->head);
	struct packet p = {
	    .ts_ns = a->now_ns,
	    .entered_ns = entered_ns,
	    .fate = (uint8_t)fate,
	    .link_type = WIRE_LINK_TYPE,
	    .iface = (uint16_t)a->from,
	    .cap_len = n,
	    .wire_len = n,
	    .data = a->frame + w->head,
	};

	way->fates[fate]++;
	if (!fate_is_lost(fate) || fate == FATE_CORRUPTED) {
		way->left++;
		way->left_bytes += n;
	}
	w->recorded = true;
	w->sink.packet(w->sink.arg, &p);
}

static void
deliver(struct wire *w, struct wire_item *it)
{
	struct arrival a = {
	    .from = it->from,
	    .dir = (enum wire_direction)it->key.direction,
	    .frame = it->data,
	    .len = it->len,
	    .now_ns = clock_now_ns(),
	};
	unsigned fate = it->fate;

	if ((!fate_is_lost(fate) || fate == FATE_CORRUPTED) &&
	    !write_to(w, it->from, it->to == WIRE_ALL ? WIRE_ALL : it->to,
		it->data, it->len))
		fate = FATE_REFUSED;
	record(w, &a, it->entered_ns, fate);
}

void
wire_deliver(struct wire *w)
{
	int64_t now = clock_mono_ns();

	for (int i = 0; i < 2; i++) {
		struct wire_item *it;

		for (int n = 0; n < WIRE_TURN &&
				(it = wire_path_pop(w->path[i], now)) != NULL;
		     n++) {
			deliver(w, it);
			free(it);
		}
	}
}

int64_t
wire_due(const struct wire *w)
{
	int64_t a = wire_path_deadline(w->path[0]);
	int64_t b = wire_path_deadline(w->path[1]);

	return a < b ? a : b;
}

/* ---- in ---- */

/* Into one direction, with a number of its own. to: port or WIRE_ALL. */
static void
push(struct wire *w, const struct arrival *a, const struct wire_facts *f,
    int to, bool obeys_rules)
{
	struct wire_item *it = wire_item_new(a->frame, a->len);
	struct wire_order order = {.action = WIRE_NONE};
	int64_t now = clock_mono_ns();

	if (it == NULL) {
		record(w, a, a->now_ns, FATE_QUEUE);
		return;
	}
	it->id = ++w->last_id;
	it->key = wire_flows_key(&w->flows, f, a->dir);
	it->entered_ns = a->now_ns;
	it->from = (uint16_t)a->from;
	it->to = (uint16_t)to;
	it->head = (uint16_t)w->head;
	it->foldable =
	    f->proto == IPPROTO_TCP && f->whole && !wire_facts_is_ack(f);
	it->corrupt_at = (uint32_t)w->head + wire_facts_corrupt_at(f);
	if (obeys_rules)
		order = wire_rules_match(&w->rules, f, &it->key, a->dir);
	if (!wire_path_push(w->path[a->dir], it, &order, now)) {
		record(w, a, a->now_ns, it->fate);
		free(it);
	}
	wake_poke(&w->news);
}

/* A router's answer goes the other way, as a packet like any other. */
static void
answer(struct wire *w, const struct arrival *a, const struct wire_facts *f,
    enum wire_icmp what, const struct wire_router *from)
{
	uint8_t frame[WIRE_HEAD_MAX + WIRE_ICMP_MAX];
	struct arrival back = {
	    .from = a->from,
	    .dir = a->dir == WIRE_TO_SERVER ? WIRE_TO_CLIENT : WIRE_TO_SERVER,
	    .frame = frame,
	    .now_ns = a->now_ns,
	};
	size_t n = wire_icmp_make(what, w->settings[a->dir].mtu, from, f,
	    a->frame + w->head, a->len - w->head, frame + w->head);
	struct wire_facts facts;

	if (n == 0)
		return;
	if (w->head > 0) { /* back to whom it came from */
		memcpy(frame, a->frame + 6, 6);
		memcpy(frame + 6, a->frame, 6);
		memcpy(frame + ETHERTYPE_AT, a->frame + ETHERTYPE_AT, 2);
	}
	back.len = w->head + n;
	w->way[back.dir].entered++;
	w->way[back.dir].entered_bytes += n;
	wire_facts_read(frame + w->head, n, &facts);
	push(w, &back, &facts, (int)a->from, false);
}

/* False: it goes no further. */
static bool
pass_routers(
    struct wire *w, const struct arrival *a, const struct wire_facts *f)
{
	uint32_t mtu = w->settings[a->dir].mtu;
	bool up = a->dir == WIRE_TO_SERVER;

	if (f->ttl <= w->routers) {
		unsigned i = f->ttl > 0 ? f->ttl - 1u : 0;

		record(w, a, a->now_ns, FATE_EXPIRED);
		answer(w, a, f, WIRE_ICMP_EXPIRED,
		    &w->router[up ? i : w->routers - 1 - i]);
		return false;
	}
	if (mtu > 0 && a->len - w->head > mtu) {
		record(w, a, a->now_ns, FATE_TOO_BIG);
		answer(w, a, f, WIRE_ICMP_TOO_BIG, &w->router[0]);
		return false;
	}
	return true;
}

static void
carry_packet(struct wire *w, struct arrival *a)
{
	uint8_t *ip = a->frame + w->head;
	size_t n = a->len - w->head;
	int to = destination(w, ip, n);
	struct wire_facts f;

	w->way[a->dir].entered++;
	w->way[a->dir].entered_bytes += n;
	if (to < 0) {
		record(w, a, a->now_ns, FATE_NO_HOST);
		return;
	}
	if (w->plain && wire_path_is_clear(w->path[a->dir])) {
		record(w, a, a->now_ns,
		    write_to(w, a->from, to, a->frame, a->len) ? FATE_PASSED
							       : FATE_REFUSED);
		return;
	}
	if (!wire_facts_read(ip, n, &f)) {
		record(w, a, a->now_ns, FATE_NO_HOST);
		return;
	}
	if (!w->plain && !pass_routers(w, a, &f))
		return;
	if (w->routers > 0)
		wire_hop(ip, &f, (uint8_t)w->routers);
	push(w, a, &f, to, true);
}

/* A switch passes on what is no IP, and what hosts need to find each other. */
static bool
is_switched(const struct wire *w, const struct arrival *a)
{
	unsigned type;
	struct wire_facts f;

	if (w->head == 0)
		return false;
	if (a->len < w->head)
		return true;
	type = (unsigned)(a->frame[ETHERTYPE_AT] << 8 |
			  a->frame[ETHERTYPE_AT + 1]);
	if (type == ETHERTYPE_IP4)
		return false;
	return type != ETHERTYPE_IP6 ||
	       (wire_facts_read(a->frame + w->head, a->len - w->head, &f) &&
		   f.proto == IPPROTO_ICMPV6 && f.icmp_type >= ND_FIRST &&
		   f.icmp_type <= ND_LAST);
}

static void
carry(struct wire *w, struct arrival *a)
{
	a->now_ns = clock_now_ns();
	if (is_switched(w, a)) {
		w->switched++;
		write_to(w, a->from, WIRE_ALL, a->frame, a->len);
	} else if (a->len > w->head) {
		carry_packet(w, a);
	}
}

/*
 * First all is read that is there, then it is written: a receiver that has
 * slept is woken once for all of it. To wake one costs as much as to carry
 * several packets; who is given them one by one has slept again before the next.
 */
bool
wire_carry(struct wire *w, size_t from)
{
	struct arrival in[WIRE_TURN];
	enum wire_direction dir = from == 0 ? WIRE_TO_CLIENT : WIRE_TO_SERVER;
	size_t count = 0, used = 0;
	ssize_t n = 0;

	while (count < WIRE_TURN && sizeof w->buf - used >= WIRE_FRAME_MAX) {
		uint8_t *at = w->buf + used;

		n = read(w->ports[from].fd, at, WIRE_FRAME_MAX);
		if (n <= 0)
			break;
		in[count++] = (struct arrival){
		    .from = from, .dir = dir, .frame = at, .len = (size_t)n};
		used += (size_t)n;
	}
	w->port[from].read += count;
	for (size_t i = 0; i < count; i++)
		carry(w, &in[i]);
	return n > 0;
}
