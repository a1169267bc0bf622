/*
 * `sockdeck packets`: one line for a packet. This is what the time goes into
 * when a large file is listed, so the line is put together without printf().
 */
#include <stdio.h>
#include <string.h>

#include "capture/hci.h"
#include "net/base/clock.h"
#include "net/base/text.h"
#include "tui/packetfmt.h"
#include "tui/packets_print.h"

#define INFO_CELLS (4 * PACKETFMT_INFO_MAX) /* escaped */
#define LINE_MAX_BYTES \
	(2 * ADDR_TEXT_MAX + SUMMARY_FLAGS_MAX + INFO_CELLS + 512)

/* A line that grows at p; it has room for all that is ever put in. */
struct line {
	char *p;
	char text[LINE_MAX_BYTES];
};

/* Inline: the length of a literal is then known. */
static inline void
put(struct line *l, const char *s)
{
	size_t n = strlen(s);

	memcpy(l->p, s, n);
	l->p += n;
}

static void
put_char(struct line *l, char c)
{
	*l->p++ = c;
}

static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

static int
digits_of(uint64_t v)
{
	int n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* With fill in front, up to width. Where the digits end is known first: in
 * another place, they would have to be read again as soon as they are written.
 * Two at a time, since each division waits for the one before. */
static void
put_padded(struct line *l, uint64_t v, int width, char fill)
{
	int n = digits_of(v);
	char *end;

	for (; width > n; width--)
		put_char(l, fill);
	l->p += n;
	for (end = l->p; v >= 100; v /= 100) {
		end -= 2;
		memcpy(end, &pairs[v % 100 * 2], 2);
	}
	if (v >= 10)
		memcpy(end - 2, &pairs[v * 2], 2);
	else
		end[-1] = (char)('0' + v);
}

static void
put_number(struct line *l, uint64_t v)
{
	if (v < 10)
		put_char(l, (char)('0' + v));
	else
		put_padded(l, v, 0, '0');
}

static void
put_named(struct line *l, const char *name, uint64_t v)
{
	put(l, name);
	put_number(l, v);
}

/* The digits of a byte, and the dot behind it: copied whole, they need not be
 * made anew for each packet. */
static struct octet {
	char text[4];
	uint32_t len; /* without the dot */
} octets[256];

static void
make_octets(void)
{
	for (unsigned i = 0; i < 256; i++) {
		struct line l;

		l.p = l.text;
		put_number(&l, i);
		octets[i].len = (uint32_t)(l.p - l.text);
		put_char(&l, '.');
		memcpy(octets[i].text, l.text, octets[i].len + 1);
	}
}

static void
put_ip4(struct line *l, const uint8_t ip[4])
{
	if (octets[0].len == 0)
		make_octets();
	for (int i = 0; i < 4; i++) {
		memcpy(l->p, octets[ip[i]].text, sizeof octets[0].text);
		l->p += octets[ip[i]].len + 1;
	}
	l->p--; /* the last dot */
}

static void
put_addr(struct line *l, const struct summary *s, bool source)
{
	bool ports = s->proto == PROTO_TCP || s->proto == PROTO_UDP;
	uint16_t port = source ? s->src_port : s->dst_port;
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (s->ip_version == 4) {
		put_ip4(l, source ? s->src : s->dst);
		if (ports)
			put_named(l, ":", port);
		return;
	}
	a = source ? summary_src(s) : summary_dst(s);
	if (a.len == 0)
		put_char(l, '-');
	else if (ports)
		put(l, addr_format(text, &a));
	else
		put(l, addr_format_host(text, &a));
}

static void
put_tcp(struct line *l, const struct frame *f)
{
	char flags[SUMMARY_FLAGS_MAX];

	put_char(l, ' ');
	put(l, summary_flags(flags, f->sum.tcp_flags));
	put_named(l, " seq=", f->rel_seq);
	if ((f->sum.tcp_flags & TCP_ACK) != 0)
		put_named(l, " ack=", f->rel_ack);
	put_named(l, " win=", frame_window(f));
	put_named(l, " len=", f->sum.payload_len);
	if (f->purpose == PURPOSE_RETRANSMISSION)
		put(l, " [retransmission]");
}

static void
put_details(struct line *l, const struct frame *f)
{
	const struct summary *s = &f->sum;

	switch (s->proto) {
	case PROTO_TCP:
		put_tcp(l, f);
		break;
	case PROTO_UDP:
		put_named(l, " len=", s->payload_len);
		break;
	case PROTO_ICMP:
	case PROTO_ICMP6:
		put_named(l, " type=", s->icmp_type);
		put_named(l, " code=", s->icmp_code);
		put_named(l, " len=", s->payload_len);
		break;
	default:
		put_named(l, " ", f->packet.wire_len);
		put(l, " bytes");
		break;
	}
}

static void
put_info(struct line *l, const struct frame *f)
{
	char info[PACKETFMT_INFO_MAX];
	size_t n = packetfmt_info(f, NULL, info);

	if (n == 0)
		return;
	put(l, "  ");
	text_escape(l->p, INFO_CELLS, info, n);
	l->p += strlen(l->p);
}

void
packets_print_line(const struct capture *c, const struct frame *f)
{
	bool timed = f->packet.ts_ns != PACKET_NO_TIME;
	int64_t ns = timed ? f->packet.ts_ns - capture_first_ns(c) : 0;
	uint64_t us = (uint64_t)(ns < 0 ? -ns : ns) / (uint64_t)CLOCK_US;
	char end[ADDR_TEXT_MAX];
	struct line l;

	l.p = l.text;
	put_padded(&l, f->id, 6, ' ');
	put(&l, ns < 0 ? " -" : " ");
	put_number(&l, us / 1000000);
	put_char(&l, '.');
	put_padded(&l, us % 1000000, 6, '0');
	put_char(&l, ' ');
	if (hci_is_link(f->packet.link_type)) {
		put(&l, packetfmt_hci_end(end, c, f, true));
		put(&l, " > ");
		put(&l, packetfmt_hci_end(end, c, f, false));
	} else {
		put_addr(&l, &f->sum, true);
		put(&l, " > ");
		put_addr(&l, &f->sum, false);
	}
	put_char(&l, ' ');
	put(&l, summary_proto_name(&f->sum));
	put_details(&l, f);
	put_info(&l, f);
	if (f->sum.status == SUMMARY_TRUNCATED)
		put(&l, " [truncated]");
	else if (f->sum.status == SUMMARY_MALFORMED)
		put(&l, " [malformed]");
	put_char(&l, '\n');
	fwrite_unlocked(l.text, 1, (size_t)(l.p - l.text), stdout);
}
