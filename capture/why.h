/*
 * capture/why.h - what is seen in a packet, explained in two sentences.
 *
 * A verdict, a flag, a state, an option: the first sentence says what it is
 * here, with this packet's own numbers, the second what follows from it. What
 * can be explained is one X-list; each has a title, a place in a standard, and
 * sentences (capture/why_words.c), of which the first whose numbers are known
 * is said.
 *
 * Owns:   a scene owns its tree; the rest is values.
 * Bounds: the WHY_PAST_MAX packets of the conversation before this one, and as
 *         many after it; numbers from elsewhere are missing, and the sentences
 *         that need them.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_WHY_H
#define SOCKDECK_CAPTURE_WHY_H

#include "capture/capture.h"

#define WHY_PAST_MAX 4096
#define WHY_TEXT_MAX 512
#define WHY_ITEMS_MAX 64

/* X(NAME, title, where it is defined) */
#define WHY_FLAGS(X)                       \
	X(FIN, "FIN", "RFC 9293 s3.6")     \
	X(SYN, "SYN", "RFC 9293 s3.5")     \
	X(RST, "RST", "RFC 9293 s3.5.2")   \
	X(PSH, "PSH", "RFC 9293 s3.9.1.2") \
	X(ACK, "ACK", "RFC 9293 s3.4")     \
	X(URG, "URG", "RFC 9293 s3.8.5")   \
	X(ECE, "ECE", "RFC 3168 s6.1")     \
	X(CWR, "CWR", "RFC 3168 s6.1.2")

#define WHY_STATES(X)                                    \
	X(CLOSED, "CLOSED", "RFC 9293 s3.3.2")           \
	X(LISTEN, "LISTEN", "RFC 9293 s3.3.2")           \
	X(SYN_SENT, "SYN-SENT", "RFC 9293 s3.5")         \
	X(SYN_RECEIVED, "SYN-RECEIVED", "RFC 9293 s3.5") \
	X(ESTABLISHED, "ESTABLISHED", "RFC 9293 s3.3.2") \
	X(FIN_WAIT_1, "FIN-WAIT-1", "RFC 9293 s3.6")     \
	X(FIN_WAIT_2, "FIN-WAIT-2", "RFC 9293 s3.6")     \
	X(CLOSE_WAIT, "CLOSE-WAIT", "RFC 9293 s3.6")     \
	X(CLOSING, "CLOSING", "RFC 9293 s3.6")           \
	X(LAST_ACK, "LAST-ACK", "RFC 9293 s3.6")         \
	X(TIME_WAIT, "TIME-WAIT", "RFC 9293 s3.6.1")

#define WHY_PARTS(X)                                             \
	X(SYN, "handshake 1 of 3", "RFC 9293 s3.5")              \
	X(SYN_ACK, "handshake 2 of 3", "RFC 9293 s3.5")          \
	X(ACK, "handshake 3 of 3", "RFC 9293 s3.5")              \
	X(REFUSED, "refused", "RFC 9293 s3.5.2")                 \
	X(FIN, "teardown: the first FIN", "RFC 9293 s3.6")       \
	X(FIN_ACK, "teardown: its ACK", "RFC 9293 s3.6")         \
	X(LAST_FIN, "teardown: the second FIN", "RFC 9293 s3.6") \
	X(BOTH_FIN, "simultaneous close", "RFC 9293 s3.6")       \
	X(LAST_ACK, "teardown: the last ACK", "RFC 9293 s3.6")

/* X(NAME, title, where, key of its field) */
#define WHY_OPTIONS(X)                                                         \
	X(EOL, "end of options", "RFC 9293 s3.2", "tcp.options.eol")           \
	X(NOP, "no operation", "RFC 9293 s3.2", "tcp.options.nop")             \
	X(MSS, "maximum segment size", "RFC 9293 s3.7.1", "tcp.options.mss")   \
	X(WSCALE, "window scale", "RFC 7323 s2", "tcp.options.wscale")         \
	X(SACK_OK, "SACK permitted", "RFC 2018 s2", "tcp.options.sack_perm")   \
	X(SACK, "SACK", "RFC 2018 s3", "tcp.options.sack")                     \
	X(TIMES, "timestamps", "RFC 7323 s3", "tcp.options.timestamp")         \
	X(MD5, "MD5 signature", "RFC 2385 s2", "tcp.options.md5")              \
	X(TIMEOUT, "user timeout", "RFC 5482 s3", "tcp.options.user_to")       \
	X(AUTH, "authentication", "RFC 5925 s2.2", "tcp.options.ao")           \
	X(MPTCP, "multipath TCP", "RFC 8684 s3", NULL)                         \
	X(FASTOPEN, "fast open", "RFC 7413 s2", "tcp.options.tfo")             \
	X(EXPERIMENT, "experiment", "RFC 6994 s3", "tcp.options.experimental") \
	X(OTHER, "unknown option", "RFC 9293 s3.2", "tcp.options.unknown")     \
	X(IP_EOL, "end of IP options", "RFC 791 s3.1", "ip.options.eol")       \
	X(IP_NOP, "no operation (IP)", "RFC 791 s3.1", "ip.options.nop")       \
	X(IP_RECORD, "record route", "RFC 791 s3.1",                           \
	    "ip.options.record_route")                                         \
	X(IP_TIMES, "IP timestamps", "RFC 791 s3.1", "ip.options.timestamp")   \
	X(IP_ALERT, "router alert", "RFC 2113 s2.1", "ip.options.routeralert")

#define WHY_PURPOSES(X)                                          \
	X(HANDSHAKE, "cost: handshake", "RFC 9293 s3.5")         \
	X(DATA, "cost: data", "RFC 9293 s3.1")                   \
	X(ACK, "cost: pure ACK", "RFC 9293 s3.8.6.3")            \
	X(RETRANSMISSION, "cost: sent again", "RFC 9293 s3.8.1") \
	X(TEARDOWN, "cost: teardown", "RFC 9293 s3.6")           \
	X(OTHER, "cost: other", "RFC 9293 s3.1")

/* What a packet is as a whole, beside TCP. */
#define WHY_PACKETS(X)                                       \
	X(DATAGRAM, "UDP datagram", "RFC 768")               \
	X(NO_PORT, "port unreachable", "RFC 1122 s4.1.3.1")  \
	X(NO_HOST, "destination unreachable", "RFC 792")     \
	X(TOO_BIG, "fragmentation needed", "RFC 1191 s4")    \
	X(NO_TIME, "time exceeded", "RFC 792")               \
	X(ECHO, "echo request", "RFC 792")                   \
	X(ECHO_REPLY, "echo reply", "RFC 792")               \
	X(ICMP, "ICMP message", "RFC 792")                   \
	X(FIRST_FRAGMENT, "first fragment", "RFC 791 s3.2")  \
	X(FRAGMENT, "fragment", "RFC 791 s3.2")              \
	X(ARP, "address resolution", "RFC 826")              \
	X(REPEATED, "sent again later", "RFC 9293 s3.8.1")   \
	X(TRUNCATED, "cut by the capture", "tcpdump(8), -s") \
	X(MALFORMED, "malformed", "RFC 1122 s3.2.1")

/* What a packet of Bluetooth is. */
#define WHY_BLUETOOTH_PACKETS(X)                                         \
	X(COMMAND, "command", "Core Vol 4 E s5.4.1")                     \
	X(EVENT, "event", "Core Vol 4 E s5.4.4")                         \
	X(UNDER_WAY, "command under way", "Core Vol 4 E s7.7.15")        \
	X(BUFFERS, "buffers are free", "Core Vol 4 E s7.7.19")           \
	X(CONNECTED, "connected", "Core Vol 4 E s7.7.3")                 \
	X(LOST, "disconnected", "Core Vol 4 E s7.7.5")                   \
	X(FRAGMENT, "fragment of a frame", "Core Vol 3 A s7.2")          \
	X(CHANNEL, "frame of a channel", "Core Vol 3 A s3.1")            \
	X(ASKED, "handshake: a channel of L2CAP", "Core Vol 3 A s4.2")   \
	X(GIVEN, "handshake: the channel's answer", "Core Vol 3 A s4.3") \
	X(SET, "handshake: configuration", "Core Vol 3 A s4.4")          \
	X(LEFT, "teardown: the channel of L2CAP", "Core Vol 3 A s4.6")   \
	X(SDP, "service discovery", "Core Vol 3 B s4")                   \
	X(SABM, "SABM", "GSM 07.10 s5.3.1")                              \
	X(UA, "UA", "GSM 07.10 s5.3.2")                                  \
	X(DM, "DM: refused", "GSM 07.10 s5.3.3")                         \
	X(DISC, "DISC", "GSM 07.10 s5.3.4")                              \
	X(PN, "handshake: parameters (PN)", "RFCOMM s5.5.3")             \
	X(MSC, "handshake: signals (MSC)", "GSM 07.10 s5.4.6.3.7")       \
	X(MCC, "multiplexer command", "GSM 07.10 s5.4.6")                \
	X(CREDITS, "credits", "RFCOMM s6.5")                             \
	X(DATA, "RFCOMM data", "RFCOMM s5")

#define WHY_OPENINGS(X)                                      \
	X(UNSEEN, "opening not captured", "RFC 9293 s3.5")   \
	X(UNANSWERED, "SYN unanswered", "RFC 9293 s3.8.3")   \
	X(REFUSED, "connection refused", "RFC 9293 s3.5.2")  \
	X(HALF, "half-open", "RFC 9293 s3.5")                \
	X(THREE_WAY, "three-way handshake", "RFC 9293 s3.5") \
	X(SIMULTANEOUS, "simultaneous open", "RFC 9293 s3.5")

#define WHY_CLOSINGS(X)                                        \
	X(OPEN, "open", "RFC 9293 s3.6")                       \
	X(HALF_CLOSED, "half-closed", "RFC 9293 s3.6")         \
	X(UNFINISHED, "closing", "RFC 9293 s3.6")              \
	X(FOUR_WAY, "four-way teardown", "RFC 9293 s3.6")      \
	X(SIMULTANEOUS, "simultaneous close", "RFC 9293 s3.6") \
	X(RESET, "reset", "RFC 9293 s3.5.3")

enum why {
#define X(NAME, name, words) WHY_VERDICT_##NAME,
	TCP_VERDICTS(X)
#undef X
#define X(NAME, title, ref) WHY_FLAG_##NAME,
	    WHY_FLAGS(X)
#undef X
#define X(NAME, title, ref) WHY_STATE_##NAME,
		WHY_STATES(X)
#undef X
#define X(NAME, title, ref) WHY_PART_##NAME,
		    WHY_PARTS(X)
#undef X
#define X(NAME, title, ref, key) WHY_OPTION_##NAME,
			WHY_OPTIONS(X)
#undef X
#define X(NAME, title, ref) WHY_PURPOSE_##NAME,
			    WHY_PURPOSES(X)
#undef X
#define X(NAME, title, ref) WHY_PACKET_##NAME,
				WHY_PACKETS(X)
#undef X
#define X(NAME, title, ref) WHY_BLUETOOTH_##NAME,
				    WHY_BLUETOOTH_PACKETS(X)
#undef X
#define X(NAME, title, ref) WHY_OPENED_##NAME,
					WHY_OPENINGS(X)
#undef X
#define X(NAME, title, ref) WHY_CLOSED_##NAME,
					    WHY_CLOSINGS(X)
#undef X
#define X(NAME, lost, text) WHY_FATE_##NAME,
						PACKET_FATES(X)
#undef X
						    WHY_COUNT
};

/* The kinds, in the order of the enumeration. */
enum why_kind {
	WHY_VERDICT,
	WHY_FLAG,
	WHY_STATE,
	WHY_PART,
	WHY_OPTION,
	WHY_PURPOSE,
	WHY_PACKET,
	WHY_OPENED,
	WHY_CLOSED,
	WHY_FATE
};
enum why_kind why_kind(enum why what);
const char *why_title(enum why what);
const char *why_ref(enum why what);
/* What a field of the tree stands for, by its key. False: nothing of these. */
bool why_of_key(const char *key, enum why *ret);
/* The most telling of these verdicts, of these flags. False: there are none. */
bool why_of_verdicts(uint32_t verdicts, enum why *ret);
bool why_of_flags(uint8_t tcp_flags, enum why *ret);
/* enum tcp_state; a state that is none is CLOSED. */
enum why why_of_state(unsigned state);

enum why why_of_fate(unsigned fate); /* enum packet_fate */

struct why_item {
	enum why what;
	uint8_t end; /* of a state: DIR_CLIENT, DIR_SERVER */
};

/* What the conversation's packets before this one tell. 0: not known. */
struct why_past {
	uint64_t before; /* frame of the conversation before this one */
	int64_t before_ns;
	uint8_t before_flags, before_state[2];
	uint64_t sent[2]; /* relative: behind the highest byte of each end */
	uint64_t acked[2]; /* and how far it acknowledged the other's */
	bool has_sent[2], has_acked[2];
	uint32_t window[2]; /* its last, scaled */
	uint64_t first; /* frame that carried this segment's first byte */
	int64_t first_ns;
	uint64_t acker; /* the first that acknowledged all of it, before */
	uint32_t dup_acks; /* of the other end, for this number */
	uint64_t asker; /* the other end's last ACK, if it asks for this one */
	int64_t asker_ns;
	bool recovers; /* something before this one was sent again, too */
	/* and after it: the next that carries its first byte again */
	uint64_t repeated;
	int64_t repeated_ns;
};

/* A packet (or a conversation) and what surrounds it. */
struct why_scene {
	bool has_frame;
	struct frame f; /* its bytes are borrowed: until packets are fed */
	struct tree tree;
	const struct capture *capture;
	const struct flow *flow; /* NULL: of none; borrowed likewise */
	struct why_past past;
	struct why_item items[WHY_ITEMS_MAX]; /* the most telling first */
	size_t count;
};

void why_init(struct why_scene *s);
void why_done(struct why_scene *s);
/* Look at a packet. False: it is not there; the scene is empty then. */
bool why_look(struct why_scene *s, const struct capture *c, uint64_t frame);
/* Look at a conversation as a whole: how it was opened and closed, what was
 * found out about its segments, where its ends are. */
bool why_look_flow(struct why_scene *s, const struct capture *c, uint32_t flow);

/* The sentences; "" only for an empty scene. */
void why_explain(
    const struct why_scene *s, struct why_item item, char dst[WHY_TEXT_MAX]);

#endif
