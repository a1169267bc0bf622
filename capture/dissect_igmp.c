/* IGMP. Source: RFC 1112 app. I, RFC 2236 s2, RFC 3376 s4. */
#include "capture/dissect_internal.h"

enum {
	IGMP,
	VERSION,
	TYPE,
	MAX_RESP,
	MAX_EXP,
	MAX_MANT,
	CHECKSUM,
	CHECKSUM_STATUS,
	GROUP,
	RESERVED,
	SUPPRESS,
	ROBUSTNESS,
	INTERVAL,
	SOURCES,
	SOURCE,
	RECORDS,
	RECORD,
	RECORD_TYPE,
	AUX_LEN,
	AUX_DATA,
};

static const char ref[] = "RFC 2236 s2";
static const char ref3[] = "RFC 3376 s4";

static const struct field_def defs[] = {
    [IGMP] = {.name = "IGMP message",
	.ref = ref,
	.help = "How hosts tell the routers on their link which multicast "
		"groups they want."},
    [VERSION] = {"igmp.version", "Version", ref,
	"Not sent: it follows from type and length.", .kind = KIND_TEXT},
    [TYPE] = {"igmp.type", "Type", ref,
	"A router asks (query), a host answers (report) or leaves.",
	.kind = KIND_HEX8},
    [MAX_RESP] = {"igmp.max_resp", "Longest wait", ref,
	"Answers are spread over so many tenths of a second.",
	.kind = KIND_DEC},
    [MAX_EXP] = {"igmp.max_resp.exp", "Exponent", "RFC 3376 s4.1.1",
	"From 128 on the wait is (mantissa + 16) shifted by exponent + 3.",
	0x70, KIND_HEX8},
    [MAX_MANT] = {"igmp.max_resp.mant", "Mantissa", "RFC 3376 s4.1.1", NULL,
	0x0f, KIND_HEX8},
    [CHECKSUM] = {"igmp.checksum", "Checksum", ref,
	"Finds damage to the message.", .kind = KIND_HEX16},
    [CHECKSUM_STATUS] = {"igmp.checksum.status", "Checksum status", ref,
	"1: correct, 0: wrong, 2: not all of it is here.", .kind = KIND_TEXT},
    [GROUP] = {"igmp.maddr", "Group", ref,
	"The multicast address in question; 0.0.0.0 asks for all groups.",
	.kind = KIND_IP4},
    [RESERVED] = {"igmp.reserved", "Reserved", ref3, .kind = KIND_BYTES},
    [SUPPRESS] = {"igmp.s", "Suppress router processing", "RFC 3376 s4.1.5",
	"Other routers shall not restart their timers for this query.", 0x08,
	KIND_BOOL},
    [ROBUSTNESS] = {"igmp.qrv", "Robustness", "RFC 3376 s4.1.6",
	"How many lost messages in a row shall do no harm.", 0x07, KIND_DEC},
    [INTERVAL] = {"igmp.qqic", "Query interval", "RFC 3376 s4.1.7",
	"Seconds between the router's queries.", .kind = KIND_DEC},
    [SOURCES] = {"igmp.num_src", "Sources", ref3,
	"How many senders are listed.", .kind = KIND_DEC},
    [SOURCE] = {"igmp.saddr", "Source", ref3,
	"A sender to the group that is wanted or unwanted.", .kind = KIND_IP4},
    [RECORDS] = {"igmp.num_grp_recs", "Group records", "RFC 3376 s4.2",
	.kind = KIND_DEC},
    [RECORD] = {.name = "Group record", .ref = "RFC 3376 s4.2.4"},
    [RECORD_TYPE] = {"igmp.record_type", "Record type", "RFC 3376 s4.2.12",
	"What changed: the filter of the group, or its list of senders.",
	.kind = KIND_DEC},
    [AUX_LEN] = {"igmp.aux_data_len", "Extra data", "RFC 3376 s4.2.6",
	"In words of 4 bytes; always 0 so far.", .kind = KIND_DEC},
    [AUX_DATA] = {"igmp.aux_data", "Extra data", "RFC 3376 s4.2.10",
	.kind = KIND_BYTES},
};
const struct field_table igmp_fields = FIELD_TABLE(defs);

enum {
	QUERY = 0x11,
	REPORT1 = 0x12,
	REPORT2 = 0x16,
	LEAVE = 0x17,
	REPORT3 = 0x22,
};

static const struct name types[] = {
    {QUERY, "query: who wants which group?"},
    {REPORT1, "report: I want it (version 1)"},
    {REPORT2, "report: I want it"},
    {LEAVE, "leave: I no longer want it"},
    {REPORT3, "report of several groups"},
};

static const struct name record_types[] = {
    {1, "only these sources"},
    {2, "all but these sources"},
    {3, "from now on only these sources"},
    {4, "from now on all but these sources"},
    {5, "these sources too"},
    {6, "no longer these sources"},
};

/* What the code field is tells the versions apart: RFC 3376 s7.1. */
static uint32_t
version_of(uint8_t type, uint8_t code, size_t len)
{
	if (type == REPORT1)
		return 1;
	if (type == REPORT3)
		return 3;
	if (type != QUERY)
		return 2;
	return len >= 12 ? 3 : code == 0 ? 1 : 2;
}

static void
sources(struct layer *l, uint32_t n)
{
	for (uint32_t i = 0; layer_ok(l) && i < n; i++)
		layer_bytes(l, &defs[SOURCE], 4, NULL);
}

static void
query3(struct layer *l)
{
	layer_word(l, &defs[SUPPRESS], 1);
	layer_add_bits(l, &defs[SUPPRESS]);
	layer_add_bits(l, &defs[ROBUSTNESS]);
	layer_uint(l, &defs[INTERVAL], 1);
	sources(l, layer_uint(l, &defs[SOURCES], 2));
}

static void
group_record(struct layer *l)
{
	size_t heading = layer_begin(l, &defs[RECORD]);
	uint32_t type = layer_uint(l, &defs[RECORD_TYPE], 1), aux, count;

	layer_remark_name(l, NAME_OF(record_types, type));
	aux = layer_uint(l, &defs[AUX_LEN], 1);
	count = layer_uint(l, &defs[SOURCES], 2);
	layer_bytes(l, &defs[GROUP], 4, NULL);
	sources(l, count);
	if (aux > 0)
		layer_bytes(l, &defs[AUX_DATA], (size_t)aux * 4, NULL);
	layer_end(l, heading);
}

static void
report3(struct layer *l)
{
	uint32_t count;

	layer_bytes(l, &defs[RESERVED], 2, NULL);
	count = layer_uint(l, &defs[RECORDS], 2);
	for (uint32_t i = 0; layer_ok(l) && i < count; i++)
		group_record(l);
}

static void
code(struct layer *l, uint32_t type, uint32_t version)
{
	uint32_t v;

	if (type == REPORT3 || version == 1) {
		layer_bytes(l, &defs[RESERVED], 1, NULL);
		return;
	}
	v = layer_word(l, &defs[MAX_RESP], 1);
	if (version == 3 && v >= 128) /* RFC 3376 s4.1.1 */
		l->word = ((v & 15) + 16) << ((v >> 4 & 7) + 3);
	layer_add_word(l, &defs[MAX_RESP]);
	l->word = v;
	if (version == 3 && v >= 128) {
		layer_add_bits(l, &defs[MAX_EXP]);
		layer_add_bits(l, &defs[MAX_MANT]);
	}
}

void
dissect_igmp(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[IGMP], "igmp", 8);
	struct rd peek = r;
	uint8_t first = rd_u8(&peek), second = rd_u8(&peek);
	uint32_t version = version_of(first, second, rd_wire_left(&r)), type;

	build_protocol(b, "igmp"); /* tshark has one for each version */
	layer_made(&l, &defs[VERSION], "%u", (unsigned)version);
	type = layer_uint(&l, &defs[TYPE], 1);
	layer_remark_name(&l, NAME_OF(types, type));
	if (NAME_OF(types, type) != NULL)
		layer_title(&l, "%s", NAME_OF(types, type));
	code(&l, type, version);
	layer_uint(&l, &defs[CHECKSUM], 2);
	layer_checksum(&l, &defs[CHECKSUM_STATUS], 0, r);
	if (type == REPORT3) {
		report3(&l);
	} else {
		layer_bytes(&l, &defs[GROUP], 4, NULL);
		if (version == 3)
			query3(&l);
	}
	if (!layer_ok(&l))
		return;
	layer_close(&l);
	dissect_data(b, l.r);
}
