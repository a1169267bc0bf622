/* ICMP for IPv4. Source: RFC 792, RFC 1191 (MTU), RFC 1812 (codes). */
#include "capture/dissect_internal.h"

enum {
	ICMP,
	TYPE,
	CODE,
	CHECKSUM,
	CHECKSUM_STATUS,
	IDENT,
	IDENT_LE,
	SEQ,
	SEQ_LE,
	UNUSED,
	MTU,
	GATEWAY,
	POINTER,
	ORIGINATE,
	RECEIVE,
	TRANSMIT,
	MASK,
	REST,
	ANSWERS,
	ANSWER_TIME,
};

static const char ref[] = "RFC 792";

static const struct field_def defs[] = {
    [ICMP] = {.name = "ICMP message",
	.ref = ref,
	.help = "How hosts and routers tell each other of trouble."},
    [TYPE] = {"icmp.type", "Type", ref, "What the message is about.",
	.kind = KIND_DEC},
    [CODE] = {"icmp.code", "Code", ref, "The type's closer reason.",
	.kind = KIND_DEC},
    [CHECKSUM] = {"icmp.checksum", "Checksum", ref,
	"Finds damage to the message.", .kind = KIND_HEX16},
    [CHECKSUM_STATUS] = {"icmp.checksum.status", "Checksum status", ref,
	"1: correct, 0: wrong, 2: not all of it is here.", .kind = KIND_TEXT},
    [IDENT] = {"icmp.ident", "Identifier", ref,
	"Tells one ping program's packets from another's.", .kind = KIND_DEC},
    [IDENT_LE] = {"icmp.ident_le", "Identifier, bytes swapped", ref,
	"Some systems write it in their own byte order.", .kind = KIND_DEC},
    [SEQ] = {"icmp.seq", "Sequence number", ref,
	"Pairs a reply with its request.", .kind = KIND_DEC},
    [SEQ_LE] = {"icmp.seq_le", "Sequence number, bytes swapped", ref,
	"Some systems write it in their own byte order.", .kind = KIND_DEC},
    [UNUSED] = {"icmp.unused", "Unused", ref, "Nothing with this type; zero.",
	.kind = KIND_BYTES},
    [MTU] = {"icmp.mtu", "MTU of the next link", "RFC 1191 s4",
	"The largest packet that fits: the sender is to make smaller ones.",
	.kind = KIND_DEC},
    [GATEWAY] = {"icmp.redir_gw", "Better router", ref,
	"The router that leads there more directly.", .kind = KIND_IP4},
    [POINTER] = {"icmp.pointer", "Position of the trouble", ref,
	"Offset in the packet quoted below.", .kind = KIND_DEC},
    [ORIGINATE] = {"icmp.originate_timestamp", "Sent", ref,
	"Milliseconds since midnight, UTC.", .kind = KIND_DEC},
    [RECEIVE] = {"icmp.receive_timestamp", "Received", ref,
	"When the other host got the request, in ms since midnight UTC.",
	.kind = KIND_DEC},
    [TRANSMIT] = {"icmp.transmit_timestamp", "Sent back", ref,
	"When the other host sent its answer, in ms since midnight UTC.",
	.kind = KIND_DEC},
    [MASK] = {"icmp.address_mask", "Address mask", "RFC 950 app. I",
	"Which bits of an address are the network's.", .kind = KIND_IP4},
    [REST] = {.name = "Depends on the type", .ref = ref, .kind = KIND_BYTES},
    [ANSWERS] = {"icmp.resp_to", "Answers packet", ref,
	"The request with this identifier and number.", .kind = KIND_TEXT},
    [ANSWER_TIME] = {"icmp.resptime", "Response time", ref,
	"Milliseconds since the request.", .kind = KIND_TEXT},
};
const struct field_table icmp_fields = FIELD_TABLE(defs);

enum {
	ECHO_REPLY = 0,
	UNREACHABLE = 3,
	QUENCH = 4,
	REDIRECT = 5,
	ECHO = 8,
	EXCEEDED = 11,
	PARAMETER = 12,
	TIMESTAMP = 13,
	TIMESTAMP_REPLY = 14,
	INFORMATION = 15,
	INFORMATION_REPLY = 16,
	MASK_REQUEST = 17,
	MASK_REPLY = 18,
	FRAGMENTATION_NEEDED = 4, /* code of UNREACHABLE */
};

static const struct name types[] = {
    {ECHO_REPLY, "echo reply"},
    {UNREACHABLE, "destination unreachable"},
    {QUENCH, "source quench"},
    {REDIRECT, "redirect"},
    {ECHO, "echo request"},
    {9, "router advertisement"},
    {10, "router solicitation"},
    {EXCEEDED, "time exceeded"},
    {PARAMETER, "parameter problem"},
    {TIMESTAMP, "timestamp request"},
    {TIMESTAMP_REPLY, "timestamp reply"},
    {INFORMATION, "information request"},
    {INFORMATION_REPLY, "information reply"},
    {MASK_REQUEST, "address mask request"},
    {MASK_REPLY, "address mask reply"},
};

static const struct name codes_unreachable[] = {
    {0, "network unreachable"},
    {1, "host unreachable"},
    {2, "protocol unreachable"},
    {3, "port unreachable: nobody listens there"},
    {FRAGMENTATION_NEEDED, "too large, and may not be fragmented"},
    {5, "source route failed"},
    {9, "network forbidden"},
    {10, "host forbidden"},
    {13, "forbidden by a filter"},
};

static const struct name codes_redirect[] = {
    {0, "for the network"},
    {1, "for the host"},
};

static const struct name codes_exceeded[] = {
    {0, "the time to live ran out on the way"},
    {1, "fragments did not all arrive in time"},
};

static const char *
type_name(uint32_t type)
{
	return NAME_OF(types, type);
}

static const char *
code_name(uint32_t type, uint32_t code)
{
	switch (type) {
	case UNREACHABLE:
		return NAME_OF(codes_unreachable, code);
	case REDIRECT:
		return NAME_OF(codes_redirect, code);
	case EXCEEDED:
		return NAME_OF(codes_exceeded, code);
	default:
		return NULL;
	}
}

static void
both_orders(struct layer *l, int def, int def_le)
{
	uint32_t v = layer_uint(l, &defs[def], 2);

	l->word = (v & 0xff) << 8 | v >> 8;
	layer_add_word(l, &defs[def_le]);
}

/* The four bytes that the errors fill each in its way. */
static void
error_bytes(struct layer *l, uint32_t type, uint32_t code)
{
	if (type == REDIRECT) {
		layer_bytes(l, &defs[GATEWAY], 4, NULL);
	} else if (type == PARAMETER) {
		layer_uint(l, &defs[POINTER], 1);
		layer_bytes(l, &defs[UNUSED], 3, NULL);
	} else if (type == UNREACHABLE && code == FRAGMENTATION_NEEDED) {
		layer_bytes(l, &defs[UNUSED], 2, NULL);
		layer_uint(l, &defs[MTU], 2);
	} else {
		layer_bytes(l, &defs[type == QUENCH ? REST : UNUSED], 4, NULL);
	}
}

struct layer
icmp_open(struct build *b, struct rd r, const struct icmp_form *form,
    uint32_t pseudo, bool whole, struct icmp_start *ret)
{
	struct layer l = layer_open(b, r, form->message, form->protocol, 8);
	const char *name, *reason;

	ret->type = layer_uint(&l, form->type, 1);
	name = form->type_name(ret->type);
	layer_remark_name(&l, name);
	ret->code = layer_uint(&l, form->code, 1);
	reason = form->code_name(ret->type, ret->code);
	layer_remark_name(&l, reason);
	if (reason != NULL)
		layer_title(&l, "%s", reason);
	else if (name != NULL)
		layer_title(&l, "%s", name);
	layer_uint(&l, form->checksum, 2);
	if (whole)
		layer_checksum(&l, form->status, pseudo, r);
	else
		layer_checksum_status(&l, form->status, CHECKSUM_UNVERIFIED);
	return l;
}

void
icmp_answers(struct layer *l, const struct field_def *frame,
    const struct field_def *time)
{
	int64_t ns = l->b->packet->ts_ns - l->b->question.ts_ns;

	if (!layer_asked(l, frame))
		return;
	layer_made(l, time, "%.15g", (double)ns / 1e6);
	layer_remark(l, "ms");
}

static bool
has_number(uint32_t type)
{
	return type == ECHO || type == ECHO_REPLY ||
	       (type >= TIMESTAMP && type <= MASK_REPLY);
}

static void
timestamps(struct layer *l)
{
	l->need = 20;
	layer_uint(l, &defs[ORIGINATE], 4);
	layer_uint(l, &defs[RECEIVE], 4);
	layer_uint(l, &defs[TRANSMIT], 4);
}

void
dissect_icmp(struct build *b, struct rd r, const struct ip_info *ip)
{
	static const struct icmp_form form = {"icmp", defs + ICMP, defs + TYPE,
	    defs + CODE, defs + CHECKSUM, defs + CHECKSUM_STATUS, type_name,
	    code_name};
	struct icmp_start m;
	struct layer l = icmp_open(b, r, &form, 0, !ip->fragment, &m);

	if (has_number(m.type)) {
		both_orders(&l, IDENT, IDENT_LE);
		both_orders(&l, SEQ, SEQ_LE);
		icmp_answers(&l, &defs[ANSWERS], &defs[ANSWER_TIME]);
	}
	switch (m.type) {
	case ECHO:
	case ECHO_REPLY:
	case INFORMATION:
	case INFORMATION_REPLY:
		break;
	case TIMESTAMP:
	case TIMESTAMP_REPLY:
		timestamps(&l);
		break;
	case MASK_REQUEST:
	case MASK_REPLY:
		l.need = 12;
		layer_bytes(&l, &defs[MASK], 4, NULL);
		break;
	case UNREACHABLE:
	case QUENCH:
	case REDIRECT:
	case EXCEEDED:
	case PARAMETER:
		error_bytes(&l, m.type, m.code);
		if (!layer_ok(&l))
			return;
		layer_close(&l);
		dissect_quoted(b, l.r, 4);
		return;
	default:
		layer_bytes(&l, &defs[REST], 4, NULL);
	}
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	dissect_data(b, l.r);
}
