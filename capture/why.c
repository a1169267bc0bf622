#include "capture/why.h"

#include <string.h>

#include "capture/hci.h"
#include "capture/why_impl.h"

/* ---- the things ---- */

static const char verdict_ref[] = "RFC 9293 s3.8.1";

static const struct {
	uint32_t bit;
	const char *ref;
} verdict_refs[] = {
    {VERDICT_FAST_RETRANSMISSION, "RFC 5681 s3.2"},
    {VERDICT_SPURIOUS_RETRANSMISSION, "RFC 3522 s1"},
    {VERDICT_OUT_OF_ORDER, "RFC 9293 s3.10.7.4"},
    {VERDICT_LOST_SEGMENT, "RFC 9293 s3.4"},
    {VERDICT_ACK_LOST_SEGMENT, "RFC 9293 s3.4"},
    {VERDICT_DUPLICATE_ACK, "RFC 5681 s3.2"},
    {VERDICT_KEEP_ALIVE, "RFC 9293 s3.8.4"},
    {VERDICT_KEEP_ALIVE_ACK, "RFC 9293 s3.8.4"},
    {VERDICT_ZERO_WINDOW, "RFC 9293 s3.8.6"},
    {VERDICT_ZERO_WINDOW_PROBE, "RFC 9293 s3.8.6.1"},
    {VERDICT_ZERO_WINDOW_PROBE_ACK, "RFC 9293 s3.8.6.1"},
    {VERDICT_WINDOW_UPDATE, "RFC 9293 s3.8.6"},
    {VERDICT_WINDOW_FULL, "RFC 9293 s3.8.6"},
    {VERDICT_REUSED_PORTS, "RFC 9293 s3.6.1"},
    {VERDICT_D_SACK, "RFC 2883 s4"},
    {VERDICT_RST_CHALLENGED, "RFC 5961 s3.2"},
    {VERDICT_RST_IGNORED, "RFC 5961 s3.2"},
};

static const struct {
	enum why_kind kind;
	const char *title, *ref;
	const char *key; /* of a field; NULL: of none, or a verdict's */
} things[WHY_COUNT] = {
#define X(NAME, name, words) \
	[WHY_VERDICT_##NAME] = {WHY_VERDICT, words, NULL, NULL},
    TCP_VERDICTS(X)
#undef X
#define X(NAME, title, ref) [WHY_FLAG_##NAME] = {WHY_FLAG, title, ref, NULL},
	WHY_FLAGS(X)
#undef X
#define X(NAME, title, ref) [WHY_STATE_##NAME] = {WHY_STATE, title, ref, NULL},
	    WHY_STATES(X)
#undef X
#define X(NAME, title, ref) [WHY_PART_##NAME] = {WHY_PART, title, ref, NULL},
		WHY_PARTS(X)
#undef X
#define X(NAME, title, ref, key) \
	[WHY_OPTION_##NAME] = {WHY_OPTION, title, ref, key},
		    WHY_OPTIONS(X)
#undef X
#define X(NAME, title, ref) \
	[WHY_PURPOSE_##NAME] = {WHY_PURPOSE, title, ref, NULL},
			WHY_PURPOSES(X)
#undef X
#define X(NAME, title, ref) \
	[WHY_PACKET_##NAME] = {WHY_PACKET, title, ref, NULL},
			    WHY_PACKETS(X)
#undef X
#define X(NAME, title, ref) \
	[WHY_BLUETOOTH_##NAME] = {WHY_PACKET, title, ref, NULL},
				WHY_BLUETOOTH_PACKETS(X)
#undef X
#define X(NAME, title, ref) \
	[WHY_OPENED_##NAME] = {WHY_OPENED, title, ref, NULL},
				    WHY_OPENINGS(X)
#undef X
#define X(NAME, title, ref) \
	[WHY_CLOSED_##NAME] = {WHY_CLOSED, title, ref, NULL},
					WHY_CLOSINGS(X)
#undef X
#define X(NAME, lost, text) \
	[WHY_FATE_##NAME] = {WHY_FATE, "wire: " text, "the lab's wire", NULL},
					    PACKET_FATES(X)
#undef X
};

enum why_kind
why_kind(enum why what)
{
	return things[what].kind;
}

const char *
why_title(enum why what)
{
	return things[what].title;
}

const char *
why_ref(enum why what)
{
	if (things[what].kind != WHY_VERDICT)
		return things[what].ref;
	for (size_t i = 0; i < sizeof verdict_refs / sizeof *verdict_refs; i++)
		if (verdict_refs[i].bit == UINT32_C(1) << what)
			return verdict_refs[i].ref;
	return verdict_ref;
}

static const struct {
	const char *key;
	enum why what;
} keys[] = {
    {"tcp.flags.fin", WHY_FLAG_FIN},
    {"tcp.flags.syn", WHY_FLAG_SYN},
    {"tcp.flags.reset", WHY_FLAG_RST},
    {"tcp.flags.push", WHY_FLAG_PSH},
    {"tcp.flags.ack", WHY_FLAG_ACK},
    {"tcp.flags.urg", WHY_FLAG_URG},
    {"tcp.flags.ece", WHY_FLAG_ECE},
    {"tcp.flags.cwr", WHY_FLAG_CWR},
    {"tcp.options.mss_val", WHY_OPTION_MSS},
    {"tcp.options.wscale.shift", WHY_OPTION_WSCALE},
    {"tcp.options.wscale.multiplier", WHY_OPTION_WSCALE},
    {"tcp.options.sack_le", WHY_OPTION_SACK},
    {"tcp.options.sack_re", WHY_OPTION_SACK},
    {"tcp.options.sack.count", WHY_OPTION_SACK},
    {"tcp.options.sack.dsack_le", WHY_VERDICT_D_SACK},
    {"tcp.options.sack.dsack_re", WHY_VERDICT_D_SACK},
    {"tcp.options.timestamp.tsval", WHY_OPTION_TIMES},
    {"tcp.options.timestamp.tsecr", WHY_OPTION_TIMES},
    {"tcp.analysis.duplicate_ack_num", WHY_VERDICT_DUPLICATE_ACK},
    {"tcp.analysis.duplicate_ack_frame", WHY_VERDICT_DUPLICATE_ACK},
    {"tcp.analysis.rto", WHY_VERDICT_RETRANSMISSION},
    {"tcp.analysis.rto_frame", WHY_VERDICT_RETRANSMISSION},
    {"tcp.analysis.acks_frame", WHY_FLAG_ACK},
    {"tcp.analysis.ack_rtt", WHY_FLAG_ACK},
};

bool
why_of_key(const char *key, enum why *ret)
{
	static const char prefix[] = "tcp.analysis.";
	uint32_t verdict = 0;

	if (strncmp(key, prefix, sizeof prefix - 1) == 0)
		verdict = tcp_verdict_find(
		    key + sizeof prefix - 1, strlen(key) - sizeof prefix + 1);
	if (verdict != 0) {
		*ret = (enum why)__builtin_ctz(verdict);
		return true;
	}
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strcmp(keys[i].key, key) != 0)
			continue;
		*ret = keys[i].what;
		return true;
	}
	for (size_t i = 0; i < WHY_COUNT; i++) {
		if (things[i].key == NULL || strcmp(things[i].key, key) != 0)
			continue;
		*ret = (enum why)i;
		return true;
	}
	return false;
}

enum why
why_of_state(unsigned state)
{
	static const enum why states[TCPS_COUNT] = {
#define X(NAME, title, ref) [TCPS_##NAME] = WHY_STATE_##NAME,
	    WHY_STATES(X)
#undef X
	};

	return state == TCPS_NONE || state >= TCPS_COUNT ? WHY_STATE_CLOSED
							 : states[state];
}

/* In the order of what they tell. */
static const struct {
	uint8_t flag;
	enum why what;
} telling[] = {{TCP_RST, WHY_FLAG_RST}, {TCP_SYN, WHY_FLAG_SYN},
    {TCP_FIN, WHY_FLAG_FIN}, {TCP_URG, WHY_FLAG_URG}, {TCP_ECE, WHY_FLAG_ECE},
    {TCP_CWR, WHY_FLAG_CWR}, {TCP_PSH, WHY_FLAG_PSH}, {TCP_ACK, WHY_FLAG_ACK}};

bool
why_of_flags(uint8_t tcp_flags, enum why *ret)
{
	for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
		if ((tcp_flags & telling[i].flag) == 0)
			continue;
		*ret = telling[i].what;
		return true;
	}
	return false;
}

/* Fast and spurious retransmissions are retransmissions, too. */
static uint32_t
special_only(uint32_t verdicts)
{
	if ((verdicts & (VERDICT_FAST_RETRANSMISSION |
			    VERDICT_SPURIOUS_RETRANSMISSION)) != 0)
		verdicts &= ~(uint32_t)VERDICT_RETRANSMISSION;
	return verdicts;
}

bool
why_of_verdicts(uint32_t verdicts, enum why *ret)
{
	verdicts = special_only(verdicts);
	if (verdicts != 0)
		*ret = (enum why)__builtin_ctz(verdicts);
	return verdicts != 0;
}

enum why
why_of_fate(unsigned fate)
{
	return fate < FATE_COUNT ? (enum why)(WHY_FATE_NONE + fate)
				 : WHY_FATE_NONE;
}

/* ---- what there is to explain ---- */

void
why_init(struct why_scene *s)
{
	*s = (struct why_scene){.has_frame = false};
	tree_init(&s->tree);
}

void
why_done(struct why_scene *s)
{
	tree_done(&s->tree);
}

static void
add(struct why_scene *s, enum why what, int end)
{
	if (s->count < WHY_ITEMS_MAX)
		s->items[s->count++] = (struct why_item){what, (uint8_t)end};
}

static void
add_verdicts(struct why_scene *s, uint32_t verdicts)
{
	verdicts = special_only(verdicts);
	for (unsigned bit = 0; bit < VERDICT_BITS; bit++)
		if ((verdicts >> bit & 1) != 0)
			add(s, (enum why)bit, 0);
}

static bool
changed(const struct why_scene *s, int end, unsigned from, unsigned to)
{
	return s->past.before != 0 && s->past.before_state[end] == from &&
	       s->f.state[end] == to;
}

/* Which part of the handshake or of the teardown it is. */
static void
add_part(struct why_scene *s)
{
	uint8_t flags = s->f.sum.tcp_flags;
	int self = s->f.dir, peer = !s->f.dir;

	if ((flags & TCP_RST) != 0) {
		if (why_refuses(s))
			add(s, WHY_PART_REFUSED, 0);
	} else if ((flags & TCP_SYN) != 0) {
		add(s, (flags & TCP_ACK) != 0 ? WHY_PART_SYN_ACK : WHY_PART_SYN,
		    0);
	} else if ((flags & TCP_FIN) != 0) {
		if (s->f.state[self] == TCPS_FIN_WAIT_1)
			add(s, WHY_PART_FIN, 0);
		else if (s->f.state[self] == TCPS_LAST_ACK)
			add(s, WHY_PART_LAST_FIN, 0);
		else if (s->f.state[self] == TCPS_CLOSING)
			add(s, WHY_PART_BOTH_FIN, 0);
	} else if (s->flow != NULL && s->f.id == s->flow->ack_frame) {
		add(s, WHY_PART_ACK, 0);
	} else if (changed(s, peer, TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2)) {
		add(s, WHY_PART_FIN_ACK, 0);
	} else if (changed(s, peer, TCPS_LAST_ACK, TCPS_CLOSED) ||
		   changed(s, peer, TCPS_CLOSING, TCPS_TIME_WAIT)) {
		add(s, WHY_PART_LAST_ACK, 0);
	}
}

static void
add_flags(struct why_scene *s)
{
	for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
		if ((s->f.sum.tcp_flags & telling[i].flag) != 0)
			add(s, telling[i].what, 0);
}

/* Those that this packet changed stand first. */
static void
add_states(struct why_scene *s)
{
	for (int turn = 0; turn < 2; turn++)
		for (int end = 0; end < 2; end++) {
			bool news =
			    s->past.before == 0 ||
			    s->past.before_state[end] != s->f.state[end];

			if (news == (turn == 0))
				add(s, why_of_state(s->f.state[end]), end);
		}
}

/* One of a kind, and none of the packet that an error quotes. */
static void
add_options(struct why_scene *s)
{
	for (size_t i = 0; i < s->tree.count; i++) {
		const struct field *f = &s->tree.fields[i];
		enum why what;
		bool there = false;

		/* the first is soon told, and of most fields */
		if (f->key == NULL || strstr(f->key, ".options.") == NULL ||
		    !why_of_key(f->key, &what) ||
		    things[what].kind != WHY_OPTION)
			continue;
		for (size_t k = 0; k < s->count; k++)
			there |= s->items[k].what == what;
		if (!there)
			add(s, what, 0);
	}
}

static enum why
icmp_message(const struct summary *s)
{
	bool six = s->proto == PROTO_ICMP6;

	if (s->icmp_type == (six ? 1 : 3)) {
		if (s->icmp_code == (six ? 4 : 3))
			return WHY_PACKET_NO_PORT;
		return !six && s->icmp_code == 4 ? WHY_PACKET_TOO_BIG
						 : WHY_PACKET_NO_HOST;
	}
	if (six && s->icmp_type == 2)
		return WHY_PACKET_TOO_BIG;
	if (s->icmp_type == (six ? 3 : 11))
		return WHY_PACKET_NO_TIME;
	if (s->icmp_type == (six ? 128 : 8))
		return WHY_PACKET_ECHO;
	return s->icmp_type == (six ? 129 : 0) ? WHY_PACKET_ECHO_REPLY
					       : WHY_PACKET_ICMP;
}

static void
add_packet(struct why_scene *s)
{
	const struct summary *sum = &s->f.sum;
	enum why bluetooth;

	if (sum->status == SUMMARY_TRUNCATED)
		add(s, WHY_PACKET_TRUNCATED, 0);
	if (sum->status == SUMMARY_MALFORMED)
		add(s, WHY_PACKET_MALFORMED, 0);
	if (sum->fragment)
		add(s,
		    sum->proto == PROTO_IPFRAG ? WHY_PACKET_FRAGMENT
					       : WHY_PACKET_FIRST_FRAGMENT,
		    0);
	if (sum->proto == PROTO_UDP)
		add(s, WHY_PACKET_DATAGRAM, 0);
	else if (sum->proto == PROTO_ICMP || sum->proto == PROTO_ICMP6)
		add(s, icmp_message(sum), 0);
	else if (sum->proto == PROTO_ARP)
		add(s, WHY_PACKET_ARP, 0);
	else if (hci_is_link(s->f.packet.link_type) &&
		 why_of_bluetooth(&s->tree, &bluetooth))
		add(s, bluetooth, 0);
}

bool
why_look(struct why_scene *s, const struct capture *c, uint64_t frame)
{
	struct dissect_context ctx;

	s->count = 0;
	s->capture = c;
	s->flow = NULL;
	s->tree.count = 0;
	s->past = (struct why_past){0};
	s->has_frame = store_get(capture_store(c), frame, &s->f);
	if (!s->has_frame)
		return false;
	ctx = capture_context_near(c, &s->f, WHY_PAST_MAX);
	dissect(&s->f.packet, &ctx, &s->tree);
	s->flow = flow_get(capture_flows(c), s->f.flow);
	why_read_past(s);
	if (s->f.packet.fate > FATE_PASSED)
		add(s, why_of_fate(s->f.packet.fate), 0);
	add_verdicts(s, s->f.verdicts);
	/* Where a wire saw it nobody has to guess. */
	if (s->past.repeated != 0 && s->f.packet.fate == FATE_NONE)
		add(s, WHY_PACKET_REPEATED, 0);
	if (s->f.sum.proto == PROTO_TCP && s->f.flow != 0)
		add_part(s);
	add_packet(s);
	if (s->f.sum.proto == PROTO_TCP) {
		add_flags(s);
		if (s->f.flow != 0)
			add_states(s);
	}
	add_options(s);
	if (s->f.flow != 0 && s->f.sum.proto == PROTO_TCP)
		add(s, (enum why)(WHY_PURPOSE_HANDSHAKE + s->f.purpose), 0);
	if (s->f.packet.fate == FATE_PASSED)
		add(s, WHY_FATE_PASSED, 0);
	return true;
}

bool
why_look_flow(struct why_scene *s, const struct capture *c, uint32_t flow)
{
	s->count = 0;
	s->capture = c;
	s->tree.count = 0;
	s->has_frame = false;
	s->f = (struct frame){.id = 0};
	s->past = (struct why_past){0};
	s->flow = flow_get(capture_flows(c), flow);
	if (s->flow == NULL || s->flow->proto != PROTO_TCP)
		return s->flow != NULL;
	if (flow_opening(s->flow) != FLOW_OPENED_REFUSED &&
	    flow_opening(s->flow) != FLOW_OPENED_UNANSWERED &&
	    flow_opening(s->flow) != FLOW_OPENED_HALF)
		add(s, (enum why)(WHY_CLOSED_OPEN + (int)flow_closing(s->flow)),
		    0);
	add(s, (enum why)(WHY_OPENED_UNSEEN + (int)flow_opening(s->flow)), 0);
	add_verdicts(s, s->flow->verdicts);
	for (int end = 0; end < 2; end++)
		add(s, why_of_state(s->flow->end[end].state), end);
	return true;
}
