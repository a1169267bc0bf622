/*
 * TCP and its options.
 *
 * Source: RFC 9293 s3.1, RFC 7323 (scale, timestamps), RFC 2018 (SACK), RFC
 * 2883 (D-SACK), RFC 3168 (ECE, CWR), RFC 2385 (MD5), RFC 5482 (UTO), RFC 7413
 * (fast open), RFC 5925 (AO), RFC 6994 (experiments), RFC 8684 (MPTCP).
 */
#include "capture/dissect_app.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture/numbers.h"
#include "capture/summary.h"

enum {
	TCP,
	SRC_PORT,
	DST_PORT,
	STREAM,
	SINCE_FIRST,
	SINCE_BEFORE,
	LEN,
	SEQ,
	SEQ_RAW,
	NEXT_SEQ,
	ACK,
	ACK_RAW,
	HDR_LEN,
	FLAGS,
	FLAG_RES,
	FLAG_AE,
	FLAG_CWR,
	FLAG_ECE,
	FLAG_URG,
	FLAG_ACK,
	FLAG_PSH,
	FLAG_RST,
	FLAG_SYN,
	FLAG_FIN,
	FLAG_LETTERS,
	WINDOW_VALUE,
	WINDOW,
	SCALE_FACTOR,
	CHECKSUM,
	CHECKSUM_STATUS,
	URGENT,
	OPTIONS,
	PAYLOAD,
	KIND,
	OPT_LEN,
	OPT_DATA,
	OPT_EOL,
	OPT_NOP,
	OPT_MSS,
	MSS_VALUE,
	OPT_SCALE,
	SCALE_SHIFT,
	SCALE_MULTIPLIER,
	OPT_SACK_OK,
	OPT_SACK,
	SACK_COUNT,
	SACK_LEFT,
	SACK_RIGHT,
	DSACK_LEFT,
	DSACK_RIGHT,
	OPT_TIMES,
	TIMES_VALUE,
	TIMES_ECHO,
	OPT_MD5,
	MD5_DIGEST,
	OPT_TIMEOUT,
	TIMEOUT_UNIT,
	TIMEOUT_VALUE,
	OPT_AUTH,
	AUTH_KEY,
	AUTH_NEXT_KEY,
	OPT_MPTCP,
	OPT_FASTOPEN,
	FASTOPEN_REQUEST,
	FASTOPEN_COOKIE,
	FASTOPEN_SYN,
	FASTOPEN_ACK,
	OPT_EXPERIMENT,
	EXPERIMENT_ID,
	OPT_OTHER,
	OTHER_DATA,
	OPT_BAD,
};

static const char ref[] = "RFC 9293 s3.1";
static const char opt_ref[] = "RFC 9293 s3.2";
static const char sack_ref[] = "RFC 2018 s3";
static const char scale_ref[] = "RFC 7323 s2";
static const char times_ref[] = "RFC 7323 s3";

static const struct field_def defs[] = {
    [TCP] = {.name = "TCP header",
	.ref = ref,
	.help = "Makes a stream of bytes out of packets: in order, complete, "
		"at a pace the other end can take."},
    [SRC_PORT] = {"tcp.srcport", "Source port", ref,
	"The socket on the sending host.", .kind = KIND_DEC},
    [DST_PORT] = {"tcp.dstport", "Destination port", ref,
	"The socket on the receiving host.", .kind = KIND_DEC},
    [STREAM] = {"tcp.stream", "Stream index",
	.help = "Counts the connections of this capture from 0.",
	.kind = KIND_TEXT},
    [SINCE_FIRST] = {"tcp.time_relative", "Since the conversation began",
	.help = "Since the first packet of this connection, in seconds.",
	.kind = KIND_TEXT},
    [SINCE_BEFORE] = {"tcp.time_delta", "Since its packet before",
	.help = "Since the packet of this connection before, in seconds.",
	.kind = KIND_TEXT},
    [LEN] = {"tcp.len", "Data length", ref,
	"Bytes of the stream in this segment: the IP packet less its headers.",
	.kind = KIND_TEXT},
    [SEQ] = {"tcp.seq", "Sequence number", "RFC 9293 s3.4",
	"Where in the stream this segment's first byte belongs.",
	.kind = KIND_DEC},
    [SEQ_RAW] = {"tcp.seq_raw", "Sequence number, raw", "RFC 9293 s3.4",
	"As sent: the count starts at a random number for each connection.",
	.kind = KIND_DEC},
    [NEXT_SEQ] = {"tcp.nxtseq", "Next sequence number", "RFC 9293 s3.4",
	"What the next segment should begin with; SYN and FIN count as one.",
	.kind = KIND_TEXT},
    [ACK] = {"tcp.ack", "Acknowledgment number", "RFC 9293 s3.4",
	"The next byte that the sender expects: all before it has arrived.",
	.kind = KIND_DEC},
    [ACK_RAW] = {"tcp.ack_raw", "Acknowledgment number, raw", "RFC 9293 s3.4",
	"As sent: relative numbers are counted from the other's first.",
	.kind = KIND_DEC},
    [HDR_LEN] = {"tcp.hdr_len", "Header length", ref,
	"Counted in words of 4 bytes; more than 20 means options.", 0xf000,
	KIND_WORDS},
    [FLAGS] = {"tcp.flags", "Flags", ref,
	"What kind of segment it is: open, acknowledge, close ...", 0x0fff,
	KIND_HEX16},
    [FLAG_RES] = {"tcp.flags.res", "Reserved", ref, "Must be 0.", 0x0e00,
	KIND_BOOL},
    [FLAG_AE] = {"tcp.flags.ae", "AE", "RFC 9768 s3.1",
	"Accurate congestion notification.", 0x0100, KIND_BOOL},
    [FLAG_CWR] = {"tcp.flags.cwr", "CWR", "RFC 3168 s6.1",
	"Congestion window reduced: the sender has slowed down.", 0x80,
	KIND_BOOL},
    [FLAG_ECE] = {"tcp.flags.ece", "ECE", "RFC 3168 s6.1",
	"Congestion seen: a router marked a packet.", 0x40, KIND_BOOL},
    [FLAG_URG] = {"tcp.flags.urg", "URG", ref, "The urgent pointer counts.",
	0x20, KIND_BOOL},
    [FLAG_ACK] = {"tcp.flags.ack", "ACK", ref,
	"The acknowledgment number counts; set in all but the first segment.",
	0x10, KIND_BOOL},
    [FLAG_PSH] = {"tcp.flags.push", "PSH", ref,
	"The sender has no more at the moment: hand the data to the program.",
	0x08, KIND_BOOL},
    [FLAG_RST] = {"tcp.flags.reset", "RST", ref,
	"Ends the connection at once, or refuses it.", 0x04, KIND_BOOL},
    [FLAG_SYN] = {"tcp.flags.syn", "SYN", ref,
	"Opens the connection and tells the first sequence number.", 0x02,
	KIND_BOOL},
    [FLAG_FIN] = {"tcp.flags.fin", "FIN", ref,
	"The sender will send no more data.", 0x01, KIND_BOOL},
    [FLAG_LETTERS] = {"tcp.flags.str", "Letters", ref,
	"The same flags as letters, one place for each.", .kind = KIND_TEXT},
    [WINDOW_VALUE] = {"tcp.window_size_value", "Window, as sent", ref,
	"How many more bytes the sender of this can take, before scaling.",
	.kind = KIND_DEC},
    [WINDOW] = {"tcp.window_size", "Window", scale_ref,
	"How many more bytes the sender of this can take: flow control.",
	.kind = KIND_TEXT},
    [SCALE_FACTOR] = {"tcp.window_size_scalefactor", "Window scale", scale_ref,
	"From the handshake; -1 if that was not seen.", .kind = KIND_TEXT},
    [CHECKSUM] = {"tcp.checksum", "Checksum", ref,
	"Finds damage to header and data, and packets gone astray.",
	.kind = KIND_HEX16},
    [CHECKSUM_STATUS] = {"tcp.checksum.status", "Checksum status", ref,
	"1: correct, 0: wrong, 2: not all of it is here.", .kind = KIND_TEXT},
    [URGENT] = {"tcp.urgent_pointer", "Urgent pointer", "RFC 9293 s3.8.5",
	"Where urgent data ends; without URG it means nothing.",
	.kind = KIND_DEC},
    [OPTIONS] = {"tcp.options", "Options", opt_ref,
	"What both ends may add to the header; most of it in the SYNs.",
	.kind = KIND_BYTES},
    [PAYLOAD] = {"tcp.payload", "Data", ref,
	"The bytes of the stream that this segment carries.",
	.kind = KIND_BYTES},
    [KIND] = {"tcp.option_kind", "Kind", opt_ref, "Which option it is.",
	.kind = KIND_DEC},
    [OPT_LEN] = {"tcp.option_len", "Length", opt_ref,
	"Bytes of the option, kind and length included.", .kind = KIND_DEC},
    [OPT_DATA] = {.name = "Value", .ref = opt_ref, .kind = KIND_BYTES},
    [OPT_EOL] = {"tcp.options.eol", "End of options", opt_ref,
	"The options end here; the rest fills up to a word.",
	.kind = KIND_BYTES},
    [OPT_NOP] = {"tcp.options.nop", "No operation", opt_ref,
	"Fills up to a word boundary.", .kind = KIND_BYTES},
    [OPT_MSS] = {"tcp.options.mss", "Maximum segment size", "RFC 9293 s3.7.1",
	"The most data that the sender of this takes in one segment.",
	.kind = KIND_BYTES},
    [MSS_VALUE] = {"tcp.options.mss_val", "MSS", "RFC 9293 s3.7.1",
	"Bytes of data in one segment: the MTU less 40, with IPv6 less 60.",
	.kind = KIND_DEC},
    [OPT_SCALE] = {"tcp.options.wscale", "Window scale", scale_ref,
	"Shifts the window, so that it can be larger than 65535.",
	.kind = KIND_BYTES},
    [SCALE_SHIFT] = {"tcp.options.wscale.shift", "Shift", scale_ref,
	"By how many bits windows are shifted to the left.", .kind = KIND_DEC},
    [SCALE_MULTIPLIER] = {"tcp.options.wscale.multiplier", "Multiplier",
	scale_ref, "What each window is to be multiplied by: 2 to the shift.",
	.kind = KIND_TEXT},
    [OPT_SACK_OK] = {"tcp.options.sack_perm", "SACK permitted", sack_ref,
	"Selective acknowledgments may be sent.", .kind = KIND_BYTES},
    [OPT_SACK] = {"tcp.options.sack", "SACK", sack_ref,
	"Blocks that have arrived behind a gap.", .kind = KIND_BYTES},
    [SACK_COUNT] = {"tcp.options.sack.count", "Blocks", sack_ref,
	"How many blocks are reported; four fit, three beside timestamps.",
	.kind = KIND_TEXT},
    [SACK_LEFT] = {"tcp.options.sack_le", "From", sack_ref,
	"The first byte of a block that has arrived.", .kind = KIND_DEC},
    [SACK_RIGHT] = {"tcp.options.sack_re", "To before", sack_ref,
	"The byte behind the block: not arrived.", .kind = KIND_DEC},
    [DSACK_LEFT] = {"tcp.options.sack.dsack_le", "Twice from", "RFC 2883 s4",
	"The first byte that arrived once more.", .kind = KIND_TEXT},
    [DSACK_RIGHT] = {"tcp.options.sack.dsack_re", "Twice to before",
	"RFC 2883 s4", "The byte behind what arrived once more.",
	.kind = KIND_TEXT},
    [OPT_TIMES] = {"tcp.options.timestamp", "Timestamps", times_ref,
	"Measure the round trip, and tell old segments from new.",
	.kind = KIND_BYTES},
    [TIMES_VALUE] = {"tcp.options.timestamp.tsval", "Sender's clock", times_ref,
	"A clock of the sender's; its unit is the sender's own.",
	.kind = KIND_DEC},
    [TIMES_ECHO] = {"tcp.options.timestamp.tsecr", "Echo of the other's clock",
	times_ref,
	"What the other's clock said last: now less then is the round trip.",
	.kind = KIND_DEC},
    [OPT_MD5] = {"tcp.options.md5", "MD5 signature", "RFC 2385 s3",
	"Proves that the segment comes from who knows the password.",
	.kind = KIND_BYTES},
    [MD5_DIGEST] = {"tcp.options.md5.digest", "Digest", "RFC 2385 s3",
	"Over header, data and the password: without it nobody can make it.",
	.kind = KIND_BYTES},
    [OPT_TIMEOUT] = {"tcp.options.user_to", "User timeout", "RFC 5482 s3",
	"How long the sender keeps trying before it gives up.",
	.kind = KIND_BYTES},
    [TIMEOUT_UNIT] = {"tcp.options.user_to_granularity", "In minutes",
	"RFC 5482 s3", "1: the timeout counts minutes, 0: seconds.", 0x8000,
	KIND_BOOL},
    [TIMEOUT_VALUE] = {"tcp.options.user_to_val", "Timeout", "RFC 5482 s3",
	"How long data may stay without an ACK before the end gives up.",
	0x7fff, KIND_DEC},
    [OPT_AUTH] = {"tcp.options.ao", "Authentication", "RFC 5925 s2.2",
	"Proves that the segment comes from who has the key.",
	.kind = KIND_BYTES},
    [AUTH_KEY] = {"tcp.options.ao.keyid", "Key", "RFC 5925 s2.2",
	"With which key the code was made.", .kind = KIND_DEC},
    [AUTH_NEXT_KEY] = {"tcp.options.ao.rnextkeyid", "Next key", "RFC 5925 s2.2",
	"Which key the sender wants to get from now on.", .kind = KIND_DEC},
    [OPT_MPTCP] = {.name = "Multipath TCP",
	.ref = "RFC 8684 s3",
	.help = "One connection over several paths."},
    [OPT_FASTOPEN] = {"tcp.options.tfo", "Fast open", "RFC 7413 s2",
	"Lets the SYN carry data, for a client the server knows.",
	.kind = KIND_BYTES},
    [FASTOPEN_REQUEST] = {"tcp.options.tfo.request", "Asks for a cookie",
	"RFC 7413 s2", "No cookie yet: the server may send one in its SYN,ACK.",
	.kind = KIND_TEXT},
    [FASTOPEN_COOKIE] = {"tcp.options.tfo.cookie", "Cookie", "RFC 7413 s2",
	"Shows that the client was here before, from this address.",
	.kind = KIND_BYTES},
    [FASTOPEN_SYN] = {"tcp.analysis.tfo_syn", "Opens with a cookie",
	"RFC 7413 s4.1.2", "The server may take data that come with this SYN.",
	.kind = KIND_NONE},
    [FASTOPEN_ACK] = {"tcp.analysis.tfo_ack", "Takes the SYN's data",
	"RFC 7413 s4.1.2", "They arrived a round trip earlier than otherwise.",
	.kind = KIND_NONE},
    [OPT_EXPERIMENT] = {"tcp.options.experimental", "Experiment", "RFC 6994 s3",
	"An option under trial.", .kind = KIND_BYTES},
    [EXPERIMENT_ID] = {"tcp.options.experimental.exid", "Experiment's number",
	"RFC 6994 s3", "Whose trial it is.", .kind = KIND_HEX16},
    [OPT_OTHER] = {"tcp.options.unknown", "Unknown option", opt_ref,
	"Passed over by its length: nobody has to know all options.",
	.kind = KIND_BYTES},
    [OTHER_DATA] = {"tcp.options.unknown.payload", "Value", opt_ref,
	"What the option carries.", .kind = KIND_BYTES},
    [OPT_BAD] = {.name = "Options", .ref = opt_ref, .kind = KIND_BYTES},
};
const struct field_table tcp_fields = FIELD_TABLE(defs);

/* What the fields before the flags need to know of what comes later. */
struct ahead {
	bool known;
	uint8_t flags;
	uint32_t len; /* of the data, on the wire */
};

static struct ahead
look_ahead(struct rd r)
{
	struct ahead a = {0};
	size_t wire = rd_wire_left(&r), header;
	uint16_t word;

	rd_skip(&r, 12);
	word = rd_be16(&r);
	header = (size_t)(word >> 12) * 4;
	a.known = r.state == RD_OK && header >= 20;
	a.flags = (uint8_t)word;
	if (wire > header)
		a.len = (uint32_t)(wire - header);
	return a;
}

static const char *
flag_names(char dst[SUMMARY_FLAGS_MAX + 8], uint8_t flags)
{
	static const char names[8][4] = {
	    "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	int n = 0;

	dst[0] = '\0';
	for (int i = 0; i < 8; i++)
		if ((flags & 1 << i) != 0)
			n +=
			    snprintf(dst + n, SUMMARY_FLAGS_MAX + 8 - (size_t)n,
				"%s%s", n > 0 ? ", " : "", names[i]);
	return dst;
}

/* A number of the stream: relative, and as sent. */
static void
stream_number(struct layer *l, const struct field_def *def, uint32_t base)
{
	uint32_t raw = layer_word(l, def, 4);

	l->word = raw - base;
	layer_add_word(l, def);
	if (base != 0)
		layer_remark(l, "relative");
	l->word = raw;
}

static void
numbers(struct layer *l, const struct ahead *a)
{
	const struct dissect_context *ctx = l->b->ctx;
	uint32_t next;

	/* without a whole header it is in no conversation */
	if (!l->b->quoted && a->known) {
		layer_made(l, &defs[STREAM], "%" PRIu32, ctx->stream);
		dissect_completeness(l);
		layer_time(l, &defs[SINCE_FIRST], ctx->flow_since_first_ns);
		layer_time(l, &defs[SINCE_BEFORE], ctx->flow_since_previous_ns);
	}
	if (a->known)
		layer_made(l, &defs[LEN], "%" PRIu32, a->len);
	stream_number(l, &defs[SEQ], ctx->seq_base);
	next = l->word - ctx->seq_base + a->len;
	layer_add_word(l, &defs[SEQ_RAW]);
	if (a->known) {
		next += (a->flags & TCP_SYN) != 0;
		next += (a->flags & TCP_FIN) != 0;
		layer_made(l, &defs[NEXT_SEQ], "%" PRIu32, next);
	}
	if (a->known && (a->flags & TCP_ACK) == 0) {
		layer_uint(l, &defs[ACK], 4);
		layer_remark(l, "means nothing: the ACK flag is not set");
	} else {
		stream_number(l, &defs[ACK], ctx->ack_base);
	}
	layer_add_word(l, &defs[ACK_RAW]);
}

/* "·······A··S·", a place for each of the twelve bits. */
static void
flag_letters(struct layer *l)
{
	static const char letters[] = "RRRACEUAPRSF";
	char text[2 * sizeof letters], *p = text;

	for (size_t i = 0; i < 12; i++) {
		if ((l->word & 0x800u >> i) != 0) {
			*p++ = letters[i];
		} else {
			memcpy(p, "\u00b7", 2);
			p += 2;
		}
	}
	*p = '\0';
	layer_made(l, &defs[FLAG_LETTERS], "%s", text);
}

/* Header length and flags share a word. Returns the length; 0: impossible. */
static size_t
flags(struct layer *l)
{
	char names[SUMMARY_FLAGS_MAX + 8];
	size_t header;

	layer_word(l, &defs[FLAGS], 2);
	header = layer_add_bits(l, &defs[HDR_LEN]) * 4;
	if (header < 20)
		layer_wrong(l, "less than the 20 bytes that it must have");
	else
		l->need = header;
	layer_add_bits(l, &defs[FLAGS]);
	layer_remark(l, "%s", flag_names(names, (uint8_t)l->word));
	l->depth++;
	for (size_t i = FLAG_RES; i <= FLAG_FIN; i++)
		layer_add_bits(l, &defs[i]);
	flag_letters(l);
	l->depth--;
	return header >= 20 ? header : 0;
}

static void
window(struct layer *l, uint8_t tcp_flags)
{
	uint32_t value = layer_uint(l, &defs[WINDOW_VALUE], 2);
	int shift = l->b->ctx->window_shift;

	if ((tcp_flags & TCP_SYN) != 0 || shift < 0 || shift > 14) {
		layer_made(l, &defs[WINDOW], "%" PRIu32, value);
		if ((tcp_flags & TCP_SYN) != 0)
			layer_remark(l, "a SYN's window is never scaled");
		else
			layer_made(l, &defs[SCALE_FACTOR], "%d", shift);
		return;
	}
	layer_made(l, &defs[WINDOW], "%" PRIu32, value << shift);
	layer_remark(l, "%" PRIu32 " x %d", value, 1 << shift);
	layer_made(l, &defs[SCALE_FACTOR], "%d", 1 << shift);
}

static bool
first_came_twice(struct rd r, size_t count, uint32_t ack)
{
	struct tcp_sack blocks[2];
	size_t n = 0;

	for (; n < 2 && n < count; n++) {
		blocks[n].left = rd_be32(&r);
		blocks[n].right = rd_be32(&r);
		if (r.state != RD_OK)
			break;
	}
	return tcp_sack_is_duplicate(blocks, n, ack);
}

static void
sack_blocks(struct layer *l, size_t len, uint32_t ack)
{
	bool first_twice = first_came_twice(l->r, len / 8, ack);
	uint32_t base = l->b->ctx->ack_base;

	layer_made(l, &defs[SACK_COUNT], "%zu", len / 8);
	for (size_t i = 0; i < len / 8; i++) {
		uint32_t left = layer_word(l, &defs[SACK_LEFT], 4), right;
		bool twice = i == 0 && first_twice;

		l->word -= base;
		layer_add_word(l, &defs[SACK_LEFT]);
		if (twice)
			layer_remark(l, "D-SACK: these bytes arrived twice");
		right = layer_word(l, &defs[SACK_RIGHT], 4);
		l->word -= base;
		layer_add_word(l, &defs[SACK_RIGHT]);
		if (!twice)
			continue;
		layer_made(l, &defs[DSACK_LEFT], "%" PRIu32, left - base);
		layer_made(l, &defs[DSACK_RIGHT], "%" PRIu32, right - base);
	}
}

static void
fast_open(struct layer *l, size_t len)
{
	if (len == 0)
		layer_made(l, &defs[FASTOPEN_REQUEST], "1");
	else
		layer_bytes(l, &defs[FASTOPEN_COOKIE], len, NULL);
}

static void
experiment(struct layer *l, size_t len)
{
	if (len >= 2 && layer_uint(l, &defs[EXPERIMENT_ID], 2) == 0xf989)
		fast_open(l, len - 2); /* RFC 7413 app. A */
}

/* The value of an option that has the length it should have. */
static void
option_value(struct layer *l, uint8_t kind, size_t len, uint32_t ack)
{
	uint32_t v;

	if (kind == 2 && len == 2) {
		layer_uint(l, &defs[MSS_VALUE], 2);
	} else if (kind == 3 && len == 1) {
		v = layer_uint(l, &defs[SCALE_SHIFT], 1);
		if (v > 14) /* RFC 7323 s2.3 */
			layer_wrong(l, "more than 14");
		layer_made(
		    l, &defs[SCALE_MULTIPLIER], "%d", 1 << (v <= 14 ? v : 14));
	} else if (kind == 5) {
		sack_blocks(l, len, ack);
	} else if (kind == 8 && len == 8) {
		layer_uint(l, &defs[TIMES_VALUE], 4);
		layer_uint(l, &defs[TIMES_ECHO], 4);
	} else if (kind == 19 && len == 16) {
		layer_bytes(l, &defs[MD5_DIGEST], 16, NULL);
	} else if (kind == 28 && len == 2) {
		layer_word(l, &defs[TIMEOUT_UNIT], 2);
		v = layer_add_bits(l, &defs[TIMEOUT_UNIT]);
		layer_add_bits(l, &defs[TIMEOUT_VALUE]);
		layer_remark(l, "%s", v != 0 ? "minutes" : "seconds");
	} else if (kind == 29 && len >= 2) {
		layer_uint(l, &defs[AUTH_KEY], 1);
		layer_uint(l, &defs[AUTH_NEXT_KEY], 1);
	} else if (kind == 34) {
		fast_open(l, len);
	} else if (kind == 253 || kind == 254) {
		experiment(l, len);
	}
}

static size_t
option_def(uint8_t kind)
{
	static const uint8_t known[][2] = {{0, OPT_EOL}, {1, OPT_NOP},
	    {2, OPT_MSS}, {3, OPT_SCALE}, {4, OPT_SACK_OK}, {5, OPT_SACK},
	    {8, OPT_TIMES}, {19, OPT_MD5}, {28, OPT_TIMEOUT}, {29, OPT_AUTH},
	    {30, OPT_MPTCP}, {34, OPT_FASTOPEN}, {253, OPT_EXPERIMENT},
	    {254, OPT_EXPERIMENT}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i][0] == kind)
			return known[i][1];
	return OPT_OTHER;
}

static void
options(struct layer *l, size_t end, uint32_t ack)
{
	struct option o = {.partly = true};
	size_t off = rd_off(&l->r), here = rd_left(&l->r);

	if (here > 0)
		layer_range(l, &defs[OPTIONS], off,
		    end - off <= here ? end - off : here);
	l->depth++;
	while (layer_option(l, &defs[OPT_BAD], end, &o)) {
		size_t def = option_def(o.kind), rest;

		here = rd_left(&l->r);
		layer_range(l, &defs[def], o.off, o.len < here ? o.len : here);
		if (def == OPT_MPTCP)
			build_protocol(l->b, "mptcp");
		l->depth++;
		layer_uint(l, &defs[KIND], 1);
		if (o.kind > 1) {
			layer_uint(l, &defs[OPT_LEN], 1);
			option_value(l, o.kind, o.len - 2, ack);
		}
		rest = o.off + o.len - rd_off(&l->r);
		if (rest > 0)
			layer_bytes(l,
			    &defs[def == OPT_OTHER ? OTHER_DATA : OPT_DATA],
			    rest, NULL);
		l->depth--;
	}
	l->depth--;
}

static void
fast_open_outcome(struct layer *l, uint8_t flags, uint32_t ack)
{
	uint8_t handshake = flags & (TCP_SYN | TCP_ACK);

	if (handshake == TCP_SYN &&
	    tree_find(l->b->tree, "tcp.options.tfo.cookie", l->root) != NULL)
		layer_made(l, &defs[FASTOPEN_SYN], "%s", "");
	if (handshake == (TCP_SYN | TCP_ACK) && ack - l->b->ctx->ack_base > 1)
		layer_made(l, &defs[FASTOPEN_ACK], "%s", "");
}

void
dissect_tcp(struct build *b, struct rd r, const struct ip_info *ip)
{
	struct layer l = layer_open(b, r, &defs[TCP], "tcp", 20);
	struct ahead a = look_ahead(r);
	char names[SUMMARY_FLAGS_MAX + 8];
	uint32_t src, dst, ack;
	size_t header;
	struct rd data;

	src = layer_uint(&l, &defs[SRC_PORT], 2);
	dst = layer_uint(&l, &defs[DST_PORT], 2);
	layer_title(&l, "%" PRIu32 " to %" PRIu32 "%s%s", src, dst,
	    a.known ? ", " : "", a.known ? flag_names(names, a.flags) : "");
	numbers(&l, &a);
	ack = l.word;
	header = flags(&l);
	window(&l, a.flags);
	layer_uint(&l, &defs[CHECKSUM], 2);
	layer_checksum_of(&l, &defs[CHECKSUM_STATUS], ip, IP_TCP, r);
	layer_uint(&l, &defs[URGENT], 2);
	if (header > 20)
		options(&l, l.start + header, ack);
	if (!layer_ok(&l))
		return;
	if (!b->quoted) {
		fast_open_outcome(&l, a.flags, ack);
		dissect_analysis(&l);
	}
	layer_close(&l);
	if (header == 0) /* where the data begin is unknown */
		return;
	data = l.r;
	layer_payload(&l, &defs[PAYLOAD]);
	if (ip->fragment)
		dissect_data(b, data); /* the beginning of a segment */
	else
		dissect_stream(b, data, (uint16_t)src, (uint16_t)dst);
}
