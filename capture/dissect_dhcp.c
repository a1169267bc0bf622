/* DHCP. Source: RFC 2131 s2, RFC 2132 (options), RFC 3046 (relay agents). */
#include "capture/dissect_app.h"

#include <stdio.h>

enum {
	DHCP,
	OP,
	HW_TYPE,
	HW_LEN,
	HOPS,
	ID,
	SECS,
	FLAGS,
	BROADCAST,
	RESERVED,
	IP_CLIENT,
	IP_YOUR,
	IP_SERVER,
	IP_RELAY,
	MAC,
	HW_ADDR,
	HW_PADDING,
	SERVER,
	FILE_NAME,
	COOKIE,
	OPTION,
	LENGTH,
	VALUE,
	PAD,
	END,
	PADDING,
	MASK,
	ROUTER,
	DNS_SERVER,
	HOST_NAME,
	DOMAIN,
	BROADCAST_ADDR,
	NTP_SERVER,
	REQUESTED,
	LEASE,
	TYPE,
	SERVER_ID,
	WANTED,
	MESSAGE,
	MAX_SIZE,
	RENEWAL,
	REBINDING,
	VENDOR_CLASS,
	CLIENT_HW_TYPE,
	CLIENT_MAC,
};

static const char ref[] = "RFC 2131 s2";
static const char opt_ref[] = "RFC 2132";

static const struct field_def defs[] = {
    [DHCP] = {.name = "DHCP message",
	.ref = ref,
	.help = "Gives a host its address, before it has one: discover, "
		"offer, request, acknowledge."},
    [OP] = {"dhcp.type", "Operation", ref,
	"1 from the client, 2 from the server.", .kind = KIND_DEC},
    [HW_TYPE] = {"dhcp.hw.type", "Hardware type", ref, .kind = KIND_HEX8},
    [HW_LEN] = {"dhcp.hw.len", "Hardware address length", ref,
	.kind = KIND_DEC},
    [HOPS] = {"dhcp.hops", "Hops", ref, "Relays that passed it on.",
	.kind = KIND_DEC},
    [ID] = {"dhcp.id", "Transaction", ref, "Pairs answers with questions.",
	.kind = KIND_HEX32},
    [SECS] = {"dhcp.secs", "Seconds", ref,
	"How long the client has been trying.", .kind = KIND_DEC},
    [FLAGS] = {"dhcp.flags", "Flags", ref, .kind = KIND_HEX16},
    [BROADCAST] = {"dhcp.flags.bc", "Answer by broadcast", ref,
	"The client cannot take a packet to an address that it does not have "
	"yet.",
	0x8000, KIND_BOOL},
    [RESERVED] = {"dhcp.flags.reserved", "Reserved", ref, NULL, 0x7fff,
	KIND_HEX16},
    [IP_CLIENT] = {"dhcp.ip.client", "Client's address", ref,
	"That it has already, when it renews.", .kind = KIND_IP4},
    [IP_YOUR] = {"dhcp.ip.your", "Your address", ref, "What is offered.",
	.kind = KIND_IP4},
    [IP_SERVER] = {"dhcp.ip.server", "Next server", ref,
	"Where a diskless client loads its system.", .kind = KIND_IP4},
    [IP_RELAY] = {"dhcp.ip.relay", "Relay", ref, .kind = KIND_IP4},
    [MAC] = {"dhcp.hw.mac_addr", "Client's MAC address", ref, .kind = KIND_MAC},
    [HW_ADDR] = {"dhcp.hw.addr", "Client's hardware address", ref,
	.kind = KIND_BYTES},
    [HW_PADDING] = {"dhcp.hw.addr_padding", "Padding", ref, .kind = KIND_BYTES},
    [SERVER] = {"dhcp.server", "Server's name", ref, .kind = KIND_TEXT},
    [FILE_NAME] = {"dhcp.file", "Boot file", ref, .kind = KIND_TEXT},
    [COOKIE] = {"dhcp.cookie", "Magic cookie", "RFC 2131 s3",
	"Says that options follow, and not what BOOTP had here.",
	.kind = KIND_IP4},
    [OPTION] = {"dhcp.option.type", "Option", opt_ref, .kind = KIND_DEC},
    [LENGTH] = {"dhcp.option.length", "Length", opt_ref, .kind = KIND_DEC},
    [VALUE] = {"dhcp.option.value", "Value", opt_ref, .kind = KIND_BYTES},
    [PAD] = {.name = "One byte of padding", .ref = "RFC 2132 s3.1"},
    [END] = {"dhcp.option.end", "End of options", "RFC 2132 s3.2",
	.kind = KIND_DEC},
    [PADDING] = {"dhcp.option.padding", "Padding", "RFC 2132 s3.1",
	"Some clients take no message below 300 bytes.", .kind = KIND_BYTES},
    [MASK] = {"dhcp.option.subnet_mask", "Subnet mask", "RFC 2132 s3.3",
	"Which addresses are on the same link.", .kind = KIND_IP4},
    [ROUTER] = {"dhcp.option.router", "Router", "RFC 2132 s3.5",
	"Where packets to everybody else go.", .kind = KIND_IP4},
    [DNS_SERVER] = {"dhcp.option.domain_name_server", "DNS server",
	"RFC 2132 s3.8", .kind = KIND_IP4},
    [HOST_NAME] = {"dhcp.option.hostname", "Host's name", "RFC 2132 s3.14",
	.kind = KIND_STRING},
    [DOMAIN] = {"dhcp.option.domain_name", "Domain", "RFC 2132 s3.17",
	.kind = KIND_STRING},
    [BROADCAST_ADDR] = {"dhcp.option.broadcast_address", "Broadcast address",
	"RFC 2132 s5.3", .kind = KIND_IP4},
    [NTP_SERVER] = {"dhcp.option.ntp_server", "NTP server", "RFC 2132 s8.3",
	.kind = KIND_IP4},
    [REQUESTED] = {"dhcp.option.requested_ip_address", "Requested address",
	"RFC 2132 s9.1", "What the client would like to have.",
	.kind = KIND_IP4},
    [LEASE] = {"dhcp.option.ip_address_lease_time", "Lease", "RFC 2132 s9.2",
	"For how many seconds the address is lent.", .kind = KIND_DEC},
    [TYPE] = {"dhcp.option.dhcp", "Message type", "RFC 2132 s9.6",
	"Which step of the exchange this is.", .kind = KIND_DEC},
    [SERVER_ID] = {"dhcp.option.dhcp_server_id", "Server", "RFC 2132 s9.7",
	"Whose offer is meant, where several servers answer.",
	.kind = KIND_IP4},
    [WANTED] = {"dhcp.option.request_list_item", "Would like to know",
	"RFC 2132 s9.8", .kind = KIND_DEC},
    [MESSAGE] = {"dhcp.option.message", "Message", "RFC 2132 s9.9",
	.kind = KIND_STRING},
    [MAX_SIZE] = {"dhcp.option.dhcp_max_message_size", "Longest message",
	"RFC 2132 s9.10", .kind = KIND_DEC},
    [RENEWAL] = {"dhcp.option.renewal_time_value", "Renew after",
	"RFC 2132 s9.11", "Seconds until the client asks its server again.",
	.kind = KIND_DEC},
    [REBINDING] = {"dhcp.option.rebinding_time_value", "Rebind after",
	"RFC 2132 s9.12", "Seconds until the client asks any server.",
	.kind = KIND_DEC},
    [VENDOR_CLASS] = {"dhcp.option.vendor_class_id", "Vendor class",
	"RFC 2132 s9.13", .kind = KIND_STRING},
    [CLIENT_HW_TYPE] = {"dhcp.hw.type", "Hardware type", "RFC 2132 s9.14",
	.kind = KIND_HEX8},
    [CLIENT_MAC] = {"dhcp.hw.mac_addr", "Client's identifier", "RFC 2132 s9.14",
	"By this the server knows the client again.", .kind = KIND_MAC},
};
static const struct field_table fields = FIELD_TABLE(defs);

static const struct name message_types[] = {
    {1, "discover: who can give me an address?"},
    {2, "offer: you may have this one"},
    {3, "request: I take it"},
    {4, "decline: somebody has it already"},
    {5, "acknowledged: it is yours"},
    {6, "refused"},
    {7, "release: I no longer need it"},
    {8, "inform: I have one, tell me the rest"},
};

static const struct name short_types[] = {{1, "discover"}, {2, "offer"},
    {3, "request"}, {4, "decline"}, {5, "ACK"}, {6, "NAK"}, {7, "release"},
    {8, "inform"}};

enum value_form { FORM_BYTES, FORM_ADDRS, FORM_UINT, FORM_TEXT, FORM_LIST };

static const struct option_form {
	uint8_t code, def, form, len; /* len: of a number */
	const char *name;
} options[] = {
    {1, MASK, FORM_ADDRS, 4, "subnet mask"},
    {3, ROUTER, FORM_ADDRS, 4, "router"},
    {6, DNS_SERVER, FORM_ADDRS, 4, "DNS servers"},
    {12, HOST_NAME, FORM_TEXT, 0, "host's name"},
    {15, DOMAIN, FORM_TEXT, 0, "domain"},
    {28, BROADCAST_ADDR, FORM_ADDRS, 4, "broadcast address"},
    {42, NTP_SERVER, FORM_ADDRS, 4, "NTP servers"},
    {43, VALUE, FORM_BYTES, 0, "vendor's own"},
    {50, REQUESTED, FORM_ADDRS, 4, "requested address"},
    {51, LEASE, FORM_UINT, 4, "lease time"},
    {53, TYPE, FORM_UINT, 1, "message type"},
    {54, SERVER_ID, FORM_ADDRS, 4, "server"},
    {55, WANTED, FORM_LIST, 1, "what the client would like to know"},
    {56, MESSAGE, FORM_TEXT, 0, "message"},
    {57, MAX_SIZE, FORM_UINT, 2, "longest message"},
    {58, RENEWAL, FORM_UINT, 4, "renewal time"},
    {59, REBINDING, FORM_UINT, 4, "rebinding time"},
    {60, VENDOR_CLASS, FORM_TEXT, 0, "vendor class"},
    {61, CLIENT_MAC, FORM_BYTES, 0, "client identifier"},
    {82, VALUE, FORM_BYTES, 0, "relay agent's information"},
};

static const struct option_form *
form_of(uint32_t code)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].code == code)
			return &options[i];
	return NULL;
}

static const char *
option_name(uint32_t code)
{
	const struct option_form *f = form_of(code);

	return f != NULL ? f->name : NULL;
}

/* The value again, as what it means. */
static void
decode(struct layer *l, const struct option_form *f)
{
	size_t left = rd_wire_left(&l->r);

	switch ((enum value_form)f->form) {
	case FORM_ADDRS:
	case FORM_LIST:
		while (layer_ok(l) && rd_wire_left(&l->r) >= f->len) {
			if (f->form == FORM_ADDRS) {
				layer_bytes(l, &defs[f->def], 4, NULL);
				continue;
			}
			layer_uint(l, &defs[f->def], 1);
			layer_remark_name(l, option_name(l->word));
		}
		break;
	case FORM_UINT:
		if (left == f->len)
			layer_uint(l, &defs[f->def], f->len);
		break;
	case FORM_TEXT:
		layer_text(l, &defs[f->def], left);
		break;
	case FORM_BYTES:
		if (f->code == 61 && left == 7) {
			layer_uint(l, &defs[CLIENT_HW_TYPE], 1);
			layer_bytes(l, &defs[CLIENT_MAC], 6, NULL);
		}
		break;
	}
}

static void
option(struct layer *l, uint32_t code)
{
	const struct option_form *f = form_of(code);
	uint32_t len;
	struct rd outside, value;

	layer_add_word(l, &defs[OPTION]);
	layer_remark_name(l, option_name(code));
	l->depth++;
	len = layer_uint(l, &defs[LENGTH], 1);
	outside = layer_enter(l, len);
	value = l->r;
	if (len > 0)
		layer_bytes(l, &defs[VALUE], rd_wire_left(&l->r), NULL);
	if (layer_ok(l) && f != NULL) {
		l->r = value;
		decode(l, f);
	}
	if (code == 53 && layer_ok(l)) {
		layer_remark_name(l, NAME_OF(message_types, l->word));
		if (NAME_OF(message_types, l->word) != NULL)
			layer_title(l, "%s", NAME_OF(message_types, l->word));
	}
	layer_leave(l, outside);
	l->depth--;
}

static void
options_list(struct layer *l)
{
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		uint32_t code = layer_word(l, &defs[OPTION], 1);

		if (!layer_ok(l))
			return;
		if (code == 0) {
			layer_put(l, &defs[PAD], l->word_off, 1, "0");
		} else if (code == 255) {
			layer_put(l, &defs[OPTION], l->word_off, 1, "0");
			layer_add_word(l, &defs[END]);
			layer_payload(l, &defs[PADDING]);
			return;
		} else {
			option(l, code);
		}
	}
}

/* A name in a field of n bytes, up to its first zero. */
static void
name_field(struct layer *l, const struct field_def *def, size_t n)
{
	size_t off = rd_off(&l->r), len = 0;
	const uint8_t *p = l->r.p;

	if (rd_left(&l->r) < n) {
		layer_bytes(l, def, n, NULL); /* which fails */
		return;
	}
	while (len < n && p[len] != 0)
		len++;
	layer_string(l, def, off, n, p, len);
	rd_skip(&l->r, n);
}

static void
dissect_dhcp(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[DHCP], "dhcp", 240);
	uint32_t len;

	layer_uint(&l, &defs[OP], 1);
	layer_remark(&l, "%s", l.word == 1 ? "request" : "reply");
	layer_uint(&l, &defs[HW_TYPE], 1);
	len = layer_uint(&l, &defs[HW_LEN], 1);
	layer_uint(&l, &defs[HOPS], 1);
	layer_uint(&l, &defs[ID], 4);
	layer_uint(&l, &defs[SECS], 2);
	layer_uint(&l, &defs[FLAGS], 2);
	l.depth++;
	layer_add_bits(&l, &defs[BROADCAST]);
	layer_add_bits(&l, &defs[RESERVED]);
	l.depth--;
	for (size_t i = IP_CLIENT; i <= IP_RELAY; i++)
		layer_bytes(&l, &defs[i], 4, NULL);
	if (len > 16)
		len = 16;
	layer_bytes(&l, &defs[len == 6 ? MAC : HW_ADDR], len, NULL);
	if (len < 16)
		layer_bytes(&l, &defs[HW_PADDING], 16 - len, NULL);
	name_field(&l, &defs[SERVER], 64);
	name_field(&l, &defs[FILE_NAME], 128);
	layer_bytes(&l, &defs[COOKIE], 4, NULL);
	options_list(&l);
	if (layer_ok(&l))
		layer_close(&l);
}

static enum app_match
match(struct rd r)
{
	uint8_t op = rd_u8(&r);

	return op == 1 || op == 2 ? APP_MAYBE : APP_NO;
}

static int
info(struct rd r, char *dst, size_t size)
{
	const char *type = NULL;
	uint32_t id;

	rd_skip(&r, 4);
	id = rd_be32(&r);
	rd_skip(&r, 232);
	while (type == NULL && rd_left(&r) > 0) {
		uint8_t code = rd_u8(&r), len;

		if (code == 0)
			continue;
		len = rd_u8(&r);
		if (code == 53 && len == 1)
			type = NAME_OF(short_types, rd_u8(&r));
		else
			rd_skip(&r, len);
	}
	return snprintf(dst, size, "DHCP %s, transaction 0x%08x",
	    type != NULL ? type : "message", id);
}

const struct app dhcp_app = {
    .name = "dhcp",
    .label = "DHCP",
    .transports = APP_UDP,
    .ports = {67, 68},
    .match = match,
    .dissect = dissect_dhcp,
    .info = info,
    .fields = &fields,
};
