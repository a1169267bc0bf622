#include "capture/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/pcapng.h"
#include "net/base/inline.h"

#define NS UINT64_C(1000000000)

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 signed_wide;

enum format { FORMAT_NONE, FORMAT_PCAP, FORMAT_PCAPNG };

/* An interface of a pcapng section, or the only one of a pcap file. */
struct interface {
	uint16_t link_type;
	uint8_t resolution; /* if_tsresol */
	uint32_t snaplen; /* 0: none */
	int64_t offset_s; /* if_tsoffset */
};

struct reader {
	const uint8_t *bytes;
	size_t size, at;
	size_t needs;
	enum format format;
	bool swapped; /* written on a machine of the other byte order */
	/* pcap */
	uint32_t tick_ns;
	size_t record_header;
	bool may_swap_lengths;
	/* pcapng: those of this section begin at section_first */
	struct interface *interfaces;
	size_t interface_count, interface_cap, section_first;
	char trouble[128];
};

enum {
	PCAP_HEADER = 24,
	PCAP_RECORD = 16,
	PCAP_RECORD_MODIFIED = 24,
	BLOCK_HEADER = 8,
	BLOCK_MIN = 12,
	SECTION_MIN = 28,
};

/* Bytes. Less leaves gaps behind short records, more fetches what nobody reads
 * behind long ones. */
#define AHEAD 1024u
#define LINE 64u /* of the processor's cache */

struct reader *
reader_new(void)
{
	return calloc(1, sizeof(struct reader));
}

void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	free(r->interfaces);
	free(r);
}

void
reader_window(struct reader *r, const uint8_t *bytes, size_t n)
{
	r->bytes = bytes;
	r->size = n;
	r->at = 0;
}

size_t
reader_used(const struct reader *r)
{
	return r->at;
}

size_t
reader_needs(const struct reader *r)
{
	return r->needs;
}

bool
reader_begun(const struct reader *r)
{
	return r->format != FORMAT_NONE;
}

uint16_t
reader_link_type(const struct reader *r)
{
	return r->interface_count > 0 ? r->interfaces[0].link_type
				      : READER_NO_LINK;
}

const char *
reader_trouble(const struct reader *r)
{
	return r->trouble;
}

/* ---- bytes in the file's order; the caller has seen that they are there ---- */

static inline uint16_t
get16(const struct reader *r, const uint8_t *p)
{
	uint16_t v = (uint16_t)(p[0] | p[1] << 8);

	return r->swapped ? __builtin_bswap16(v) : v;
}

static inline uint32_t
get32(const struct reader *r, const uint8_t *p)
{
	uint32_t v = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		     (uint32_t)p[3] << 24;

	return r->swapped ? __builtin_bswap32(v) : v;
}

static enum reader_result
more(struct reader *r, size_t needs)
{
	r->needs = needs;
	return READER_MORE;
}

/* n bytes from where it stands; NULL: the window ends before. */
static const uint8_t *
window_take(struct reader *r, size_t n)
{
	return r->size - r->at >= n ? r->bytes + r->at : NULL;
}

/*
 * Over a record. Records lie too far apart for the processor to guess the next,
 * and the length of one says where that is: unless what is ahead is fetched,
 * the whole chain waits for memory, length by length. Of a record that is
 * longer than AHEAD only the beginning will be looked at.
 */
static inline void
advance(struct reader *r, size_t len)
{
	size_t first = len > AHEAD ? len : AHEAD, last = len + AHEAD;

	if (last > r->size - r->at)
		last = r->size - r->at;
	for (size_t i = first; i < last; i += LINE)
		__builtin_prefetch(r->bytes + r->at + i);
	r->at += len;
}

#define BAD(r, ...) \
	(snprintf((r)->trouble, sizeof(r)->trouble, __VA_ARGS__), READER_BAD)

/* DLT_RAW as some systems wrote it, instead of its number for files. */
static uint16_t
link_type_of(uint32_t number)
{
	enum { RAW_HERE = 12, RAW_OPENBSD = 14, RAW_IN_FILES = 101 };

	number &= 0xffff;
	return number == RAW_HERE || number == RAW_OPENBSD ? RAW_IN_FILES
							   : (uint16_t)number;
}

static bool
add_interface(struct reader *r, const struct interface *i)
{
	if (r->interface_count == r->interface_cap) {
		size_t cap = r->interface_cap > 0 ? r->interface_cap * 2 : 4;
		struct interface *all =
		    realloc(r->interfaces, cap * sizeof *all);

		if (all == NULL)
			return false;
		r->interfaces = all;
		r->interface_cap = cap;
	}
	r->interfaces[r->interface_count++] = *i;
	return true;
}

/* ------------------------------------------------------------------- pcap */

static enum reader_result
begin_pcap(struct reader *r, bool swapped, uint32_t tick_ns, size_t record)
{
	const uint8_t *h = window_take(r, PCAP_HEADER);
	struct interface only = {0};
	uint32_t minor;

	if (h == NULL)
		return more(r, PCAP_HEADER);
	r->swapped = swapped;
	minor = get16(r, h + 6);
	if (get16(r, h + 4) != 2)
		return BAD(r, "pcap version %u.%u is not known",
		    get16(r, h + 4), minor);
	/* The upper bits tell of checksums at the end of frames. */
	only.snaplen = get32(r, h + 16);
	only.link_type = link_type_of(get32(r, h + 20));
	if (!add_interface(r, &only))
		return BAD(r, "no memory");
	r->tick_ns = tick_ns;
	r->record_header = record;
	r->may_swap_lengths = minor < 4;
	r->format = FORMAT_PCAP;
	r->at += PCAP_HEADER;
	return READER_PACKET;
}

/*
 * The length of bytes captured says where the next record is: one that no
 * writer would write means that this is not where a record begins.
 */
static COLD enum reader_result
bad_length(struct reader *r, uint32_t len)
{
	return BAD(r,
	    "it says that %u bytes were captured, more than any packet has: "
	    "the file is damaged there",
	    len);
}

static enum reader_result
next_pcap(struct reader *r, struct packet *ret)
{
	const uint8_t *h = window_take(r, r->record_header);
	uint32_t cap, wire;

	if (h == NULL)
		return more(r, r->record_header);
	cap = get32(r, h + 8);
	wire = get32(r, h + 12);
	if (r->may_swap_lengths && cap > wire) {
		uint32_t keep = cap;

		cap = wire;
		wire = keep;
	}
	if (cap > READER_BLOCK_MAX ||
	    (cap > READER_CAP_MAX && cap > r->interfaces[0].snaplen))
		return bad_length(r, cap);
	if (r->size - r->at - r->record_header < cap)
		return more(r, r->record_header + cap);
	ret->ts_ns = (int64_t)(get32(r, h) * NS +
			       (uint64_t)get32(r, h + 4) * r->tick_ns);
	ret->cap_len = cap < READER_CAP_MAX ? cap : READER_CAP_MAX;
	ret->wire_len = wire > cap ? wire : cap;
	ret->link_type = r->interfaces[0].link_type;
	ret->iface = 0;
	ret->data = h + r->record_header;
	advance(r, r->record_header + cap);
	return READER_PACKET;
}

/* ----------------------------------------------------------------- pcapng */

/* Units of the interface's clock since 1970 as ns; the first or the last time
 * that a packet can have, where that is beyond it. */
static int64_t
clock_ns(const struct interface *i, uint64_t ticks)
{
	unsigned n = i->resolution & 0x7f;
	wide ns = ticks;
	signed_wide sum;

	if (i->resolution & 0x80) {
		ns = n < 64 ? (ns * NS) >> n : 0;
	} else {
		for (; n < 9; n++)
			ns *= 10;
		for (; n > 9 && ns > 0; n--)
			ns /= 10;
	}
	sum = (signed_wide)ns + (signed_wide)i->offset_s * (signed_wide)NS;
	if (sum > PACKET_TIME_MAX)
		return PACKET_TIME_MAX;
	return sum < -PACKET_TIME_MAX ? -PACKET_TIME_MAX : (int64_t)sum;
}

static void
read_options(struct reader *r, struct interface *i, const uint8_t *p, size_t n)
{
	while (n >= 4) {
		unsigned code = get16(r, p), len = get16(r, p + 2);
		size_t whole = 4 + (len + 3u) / 4 * 4;

		if (code == OPT_END || whole > n)
			return;
		if (code == IF_TSRESOL && len >= 1)
			i->resolution = p[4];
		if (code == IF_TSOFFSET && len >= 8)
			i->offset_s = (int64_t)((uint64_t)get32(r,
						    p + (r->swapped ? 8 : 4)) |
						(uint64_t)get32(
						    r, p + (r->swapped ? 4 : 8))
						    << 32);
		p += whole;
		n -= whole;
	}
}

static enum reader_result
read_interface(struct reader *r, const uint8_t *body, size_t n)
{
	struct interface i = {.resolution = 6};

	if (n < 8)
		return BAD(r, "an interface description is too short");
	if (r->interface_count == READER_INTERFACES_MAX)
		return BAD(r, "it has too many interfaces");
	i.link_type = link_type_of(get16(r, body));
	i.snaplen = get32(r, body + 4);
	read_options(r, &i, body + 8, n - 8);
	return add_interface(r, &i) ? READER_PACKET : BAD(r, "no memory");
}

/* A packet's bytes within its block. */
static enum reader_result
fill_packet(struct reader *r, struct packet *ret, uint32_t iface,
    const uint8_t *data, size_t room, uint32_t cap, uint32_t wire)
{
	size_t i = r->section_first + iface;

	if (i >= r->interface_count)
		return BAD(
		    r, "it names interface %u, which is not described", iface);
	if (cap > room)
		return bad_length(r, cap);
	ret->cap_len = cap < READER_CAP_MAX ? cap : READER_CAP_MAX;
	ret->wire_len = wire > cap ? wire : cap;
	ret->link_type = r->interfaces[i].link_type;
	ret->iface = (uint16_t)i;
	ret->data = data;
	return READER_PACKET;
}

static enum reader_result
read_packet(struct reader *r, uint32_t iface, const uint8_t *body, size_t n,
    struct packet *ret)
{
	enum { FIXED = 20 };
	uint64_t ticks;
	enum reader_result rc;

	if (n < FIXED)
		return BAD(r, "its block is too short");
	rc = fill_packet(r, ret, iface, body + FIXED, n - FIXED,
	    get32(r, body + 12), get32(r, body + 16));
	if (rc != READER_PACKET)
		return rc;
	ticks = (uint64_t)get32(r, body + 4) << 32 | get32(r, body + 8);
	ret->ts_ns = clock_ns(&r->interfaces[ret->iface], ticks);
	return READER_PACKET;
}

/* It has no time and belongs to the section's first interface. */
static enum reader_result
read_simple(struct reader *r, const uint8_t *body, size_t n, struct packet *ret)
{
	uint32_t wire, cap;

	if (n < 4)
		return BAD(r, "its block is too short");
	wire = cap = get32(r, body);
	if (r->section_first < r->interface_count) {
		uint32_t snaplen = r->interfaces[r->section_first].snaplen;

		if (snaplen > 0 && cap > snaplen)
			cap = snaplen;
	}
	ret->ts_ns = PACKET_NO_TIME;
	return fill_packet(r, ret, 0, body + 4, n - 4, cap, wire);
}

/* The byte order stands inside of the block that it rules. */
static enum reader_result
begin_section(struct reader *r)
{
	const uint8_t *h = window_take(r, SECTION_MIN);

	if (h == NULL)
		return more(r, SECTION_MIN);
	r->swapped = false;
	if (get32(r, h + 8) != PCAPNG_BYTE_ORDER) {
		r->swapped = true;
		if (get32(r, h + 8) != PCAPNG_BYTE_ORDER)
			return BAD(r, "a section has no byte order");
	}
	if (get16(r, h + 12) != 1)
		return BAD(
		    r, "pcapng version %u is not known", get16(r, h + 12));
	r->format = FORMAT_PCAPNG;
	r->section_first = r->interface_count;
	return READER_PACKET;
}

/* A whole block: *ret_packet says whether it was a packet. */
static enum reader_result
read_block(struct reader *r, const uint8_t *body, size_t n, uint32_t type,
    struct packet *ret, bool *ret_packet)
{
	*ret_packet = false;
	switch (type) {
	case BLOCK_INTERFACE:
		return read_interface(r, body, n);
	case BLOCK_ENHANCED:
		*ret_packet = true;
		return read_packet(
		    r, n >= 4 ? get32(r, body) : 0, body, n, ret);
	case BLOCK_PACKET:
		*ret_packet = true;
		return read_packet(
		    r, n >= 4 ? get16(r, body) : 0, body, n, ret);
	case BLOCK_SIMPLE:
		*ret_packet = true;
		return read_simple(r, body, n, ret);
	default:
		return READER_PACKET;
	}
}

/* Goes over one block; see read_block(). */
static enum reader_result
step(struct reader *r, struct packet *ret, bool *ret_packet)
{
	const uint8_t *h = window_take(r, BLOCK_HEADER);
	enum reader_result rc;
	uint32_t type, len;

	if (h == NULL)
		return more(r, BLOCK_HEADER);
	type = get32(r, h);
	if (type == BLOCK_SECTION) {
		rc = begin_section(r);
		if (rc != READER_PACKET)
			return rc;
	}
	len = get32(r, h + 4);
	if (len < BLOCK_MIN || len % 4 != 0 || len > READER_BLOCK_MAX)
		return BAD(r, "a block says that it is %u bytes long", len);
	if (r->size - r->at < len)
		return more(r, len);
	if (get32(r, h + len - 4) != len)
		return BAD(r, "a block has two lengths: %u and %u", len,
		    get32(r, h + len - 4));
	rc = read_block(
	    r, h + BLOCK_HEADER, len - BLOCK_MIN, type, ret, ret_packet);
	if (rc == READER_PACKET)
		advance(r, len);
	return rc;
}

static APART enum reader_result
next_pcapng(struct reader *r, struct packet *ret)
{
	enum reader_result rc;
	bool packet;

	do
		rc = step(r, ret, &packet);
	while (rc == READER_PACKET && !packet);
	return rc;
}

/* ------------------------------------------------------------------- both */

static COLD enum reader_result
begin(struct reader *r)
{
	static const struct {
		uint32_t magic, tick_ns;
		size_t record;
	} kinds[] = {
	    {0xa1b2c3d4, 1000, PCAP_RECORD},
	    {0xa1b23c4d, 1, PCAP_RECORD},
	    {0xa1b2cd34, 1000, PCAP_RECORD_MODIFIED},
	};
	const uint8_t *h = window_take(r, 4);
	uint32_t magic;

	if (h == NULL)
		return more(r, 4);
	r->swapped = false;
	magic = get32(r, h);
	if (magic == BLOCK_SECTION) {
		h = window_take(r, SECTION_MIN);
		return h == NULL ? more(r, SECTION_MIN) : begin_section(r);
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (magic == kinds[i].magic ||
		    __builtin_bswap32(magic) == kinds[i].magic)
			return begin_pcap(r, magic != kinds[i].magic,
			    kinds[i].tick_ns, kinds[i].record);
	return BAD(r, "neither pcap nor pcapng");
}

enum reader_result
reader_next(struct reader *r, struct packet *ret)
{
	if (r->format == FORMAT_NONE) {
		enum reader_result rc = begin(r);

		if (rc != READER_PACKET)
			return rc;
	}
	ret->fate = FATE_NONE;
	ret->entered_ns = 0;
	return r->format == FORMAT_PCAP ? next_pcap(r, ret)
					: next_pcapng(r, ret);
}

enum reader_result
reader_begin(struct reader *r)
{
	enum reader_result rc = READER_PACKET;
	struct packet none;
	bool packet;

	if (r->format == FORMAT_NONE)
		rc = begin(r);
	while (rc == READER_PACKET && r->interface_count == 0)
		rc = step(r, &none, &packet); /* a packet now is BAD */
	return rc;
}
