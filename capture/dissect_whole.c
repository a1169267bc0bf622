/*
 * What several packets carried together: which they were, and the bytes.
 *
 * Source: RFC 791 s3.2, RFC 8200 s4.5 (fragments), RFC 9293 s3.9.1.2 (streams),
 * Bluetooth Core Vol 3 Part A s7.2 (ACL).
 */
#include <inttypes.h>

#include "capture/dissect_internal.h"

enum {
	IP4,
	IP4_PART,
	IP4_COUNT,
	IP4_LENGTH,
	IP4_DATA,
	IP6,
	IP6_PART,
	IP6_COUNT,
	IP6_LENGTH,
	IP6_DATA,
	TCP,
	TCP_PART,
	TCP_COUNT,
	TCP_LENGTH,
	TCP_DATA,
	ACL,
	ACL_PART,
	ACL_COUNT,
	ACL_LENGTH,
	ACL_DATA,
};

static const char ref4[] = "RFC 791 s3.2";
static const char ref6[] = "RFC 8200 s4.5";
static const char ref_tcp[] = "RFC 9293 s3.9.1.2";
static const char ref_acl[] = "Core Vol 3 A s7.2";

static const struct field_def defs[] = {
    [IP4] = {.name = "Datagram, put together",
	.ref = ref4,
	.help = "The receiver waits for all fragments before it hands the "
		"datagram on."},
    [IP4_PART] = {"ip.fragment", "Fragment in packet", ref4,
	"Another part of this datagram.", .kind = KIND_TEXT},
    [IP4_COUNT] = {"ip.fragment.count", "Fragments", ref4,
	"How many packets the datagram was cut into.", .kind = KIND_TEXT},
    [IP4_LENGTH] = {"ip.reassembled.length", "Length", ref4,
	"Bytes of the datagram when it is whole.", .kind = KIND_TEXT},
    [IP4_DATA] = {"ip.reassembled.data", "Bytes", ref4,
	"The datagram put together from its fragments.", .kind = KIND_BYTES},
    [IP6] = {"ipv6.fragments", "Datagram, put together", ref6,
	"The receiver waits for all fragments before it hands the datagram on.",
	.kind = KIND_NONE},
    [IP6_PART] = {"ipv6.fragment", "Fragment in packet", ref6,
	"Another part of this datagram.", .kind = KIND_TEXT},
    [IP6_COUNT] = {"ipv6.fragment.count", "Fragments", ref6,
	"How many packets the datagram was cut into.", .kind = KIND_TEXT},
    [IP6_LENGTH] = {"ipv6.reassembled.length", "Length", ref6,
	"Bytes of the datagram when it is whole.", .kind = KIND_TEXT},
    [IP6_DATA] = {"ipv6.reassembled.data", "Bytes", ref6,
	"The datagram put together from its fragments.", .kind = KIND_BYTES},
    [TCP] = {"tcp.segments", "Message, put together", ref_tcp,
	"The program reads from the stream until its message is complete.",
	.kind = KIND_NONE},
    [TCP_PART] = {"tcp.segment", "Part in packet", ref_tcp,
	"Another segment with bytes of this message.", .kind = KIND_TEXT},
    [TCP_COUNT] = {"tcp.segment.count", "Parts", ref_tcp,
	"How many segments the message came in.", .kind = KIND_TEXT},
    [TCP_LENGTH] = {"tcp.reassembled.length", "Length", ref_tcp,
	"Bytes of the message when it is whole.", .kind = KIND_TEXT},
    [TCP_DATA] = {"tcp.reassembled.data", "Bytes", ref_tcp,
	"The message put together from its segments.", .kind = KIND_BYTES},
    [ACL] = {.name = "Frame, put together",
	.ref = ref_acl,
	.help = "L2CAP's frames are longer than the packets that a controller "
		"takes."},
    [ACL_PART] = {.name = "Fragment in packet",
	.ref = ref_acl,
	.kind = KIND_TEXT},
    [ACL_COUNT] = {.name = "Fragments", .ref = ref_acl, .kind = KIND_TEXT},
    [ACL_LENGTH] = {.name = "Length", .ref = ref_acl, .kind = KIND_TEXT},
    [ACL_DATA] = {.name = "Bytes", .ref = ref_acl, .kind = KIND_BYTES},
};
const struct field_table whole_fields = FIELD_TABLE(defs);

const struct whole_keys whole_ip4 = {defs + IP4, defs + IP4_PART,
    defs + IP4_COUNT, defs + IP4_LENGTH, defs + IP4_DATA};
const struct whole_keys whole_ip6 = {defs + IP6, defs + IP6_PART,
    defs + IP6_COUNT, defs + IP6_LENGTH, defs + IP6_DATA};
const struct whole_keys whole_tcp = {defs + TCP, defs + TCP_PART,
    defs + TCP_COUNT, defs + TCP_LENGTH, defs + TCP_DATA};
const struct whole_keys whole_acl = {defs + ACL, defs + ACL_PART,
    defs + ACL_COUNT, defs + ACL_LENGTH, defs + ACL_DATA};

bool
dissect_whole(struct build *b, const struct whole *w,
    const struct whole_keys *keys, struct rd *ret)
{
	uint8_t source = tree_source(b->tree, w, keys->heading->name);
	const struct tree_source *bytes;
	struct layer l;

	if (source == 0)
		return false;
	b->source = source;
	bytes = &b->tree->sources[source - 1];
	*ret = rd_init(bytes->data, bytes->len, bytes->len);
	l = layer_open(b, *ret, keys->heading, NULL, bytes->len);
	layer_title(&l, "%zu bytes from %zu packets", w->len, w->frame_count);
	for (size_t i = 0; i < w->frame_count; i++)
		layer_made(&l, keys->part, "%" PRIu64, w->frames[i]);
	layer_made(&l, keys->count, "%zu", w->frame_count);
	layer_made(&l, keys->length, "%zu", w->len);
	layer_payload(&l, keys->data);
	layer_close(&l);
	return true;
}
