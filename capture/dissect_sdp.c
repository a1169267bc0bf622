/*
 * SDP: which services a Bluetooth device has, and on which channels.
 *
 * Source: Bluetooth Core 5.3 Vol 3 Part B s3 (data elements), s4 (requests),
 * s5.1 (attributes).
 */
#include <stdio.h>
#include <string.h>

#include "capture/dissect_hci.h"

enum {
	SDP,
	PDU,
	TRANSACTION,
	LEN,
	ERROR,
	PATTERN,
	MAX_RECORDS,
	MAX_BYTES,
	TOTAL,
	CURRENT,
	RECORD,
	IDS,
	BYTES,
	CONTINUATION,
	CONTINUATION_DATA,
	PART,
	ELEMENT,
	ELEMENT_TYPE,
	ELEMENT_SIZE,
	ELEMENT_VAR_SIZE,
	ATTRIBUTE,
	ATTRIBUTE_ID,
	ATTRIBUTE_ONE,
	RANGE,
	RANGE_FROM,
	RANGE_TO,
	UUID16,
	UUID32,
	UUID128,
	HANDLE,
	CHANNEL,
	PSM,
	VERSION,
	GATT_START,
	GATT_END,
	SERVICE_NAME,
	DESCRIPTION,
	PROVIDER,
	DOCUMENTATION,
	EXECUTABLE,
	ICON,
	NUMBER,
	TEXT,
	OTHER,
	BEHIND,
};

static const char ref[] = "Core Vol 3 B s4.2";
static const char element_ref[] = "Core Vol 3 B s3.2";
static const char uuid_ref[] = "Core Vol 3 B s2.5.1";
static const char search[] = "Core Vol 3 B s4.5";
static const char attribute_ref[] = "Core Vol 3 B s4.6";
static const char both[] = "Core Vol 3 B s4.7";
static const char protocols[] = "Core Vol 3 B s5.1.5";
static const char profiles[] = "Core Vol 3 B s5.1.11";
static const char universal[] = "Core Vol 3 B s5.1";

static const struct field_def defs[] = {
    [SDP] = {.name = "Service discovery",
	.ref = ref,
	.help = "Which services a device has, and on which channels."},
    [PDU] = {"btsdp.pdu", "Message", ref, .kind = KIND_HEX8},
    [TRANSACTION] = {"btsdp.tid", "Transaction", ref,
	"The answer has the same.", .kind = KIND_HEX16},
    [LEN] = {"btsdp.len", "Length", ref, .kind = KIND_DEC},
    [ERROR] = {"btsdp.error_code", "Error", "Core Vol 3 B s4.4.1",
	.kind = KIND_HEX16},
    [PATTERN] = {"btsdp.service_search_pattern", "Wanted services", search,
	"Records that have all of these UUIDs.", .kind = KIND_NONE},
    [MAX_RECORDS] = {"btsdp.maximum_service_record_count", "Records at most",
	search, .kind = KIND_DEC},
    [MAX_BYTES] = {"btsdp.maximum_attribute_byte_count", "Bytes at most",
	attribute_ref, .kind = KIND_DEC},
    [TOTAL] = {"btsdp.total_service_record_count", "Records", search,
	.kind = KIND_DEC},
    [CURRENT] = {"btsdp.current_service_record_count", "Records here", search,
	.kind = KIND_DEC},
    [RECORD] = {.name = "Record", .ref = search, .kind = KIND_HEX32},
    [IDS] = {"btsdp.attribute_id_list", "Wanted attributes", attribute_ref,
	.kind = KIND_NONE},
    [BYTES] = {"btsdp.attribute_list_byte_count", "Bytes of attributes", both,
	.kind = KIND_DEC},
    [CONTINUATION] = {"btsdp.continuation_state", "Continuation", search,
	"The answer goes on where the next request has the same bytes.",
	.kind = KIND_NONE},
    [CONTINUATION_DATA] = {.name = "State", .ref = search, .kind = KIND_BYTES},
    [PART] = {.name = "Part of an answer",
	.ref = search,
	.help = "The rest comes with the next one.",
	.kind = KIND_BYTES},
    [ELEMENT] = {"btsdp.data_element", "Element", element_ref,
	.kind = KIND_NONE},
    [ELEMENT_TYPE] = {"btsdp.data_element.type", "Type", element_ref, NULL,
	0xf8, KIND_DEC},
    [ELEMENT_SIZE] = {"btsdp.data_element.size", "Size", "Core Vol 3 B s3.3",
	NULL, 0x07, KIND_DEC},
    [ELEMENT_VAR_SIZE] = {"btsdp.data_element.var_size", "Length",
	"Core Vol 3 B s3.3", .kind = KIND_DEC},
    [ATTRIBUTE] = {"btsdp.service_attribute", "Attribute", universal,
	.kind = KIND_NONE},
    [ATTRIBUTE_ID] = {"btsdp.service.attribute", "Which attribute", universal,
	.kind = KIND_HEX16},
    [ATTRIBUTE_ONE] = {.name = "Which attribute",
	.ref = universal,
	.kind = KIND_HEX16},
    [RANGE] = {"btsdp.attribute_range", "Range", attribute_ref,
	.kind = KIND_HEX32},
    [RANGE_FROM] = {"btsdp.attribute_range.from", "From", attribute_ref, NULL,
	0xffff0000, KIND_HEX16},
    [RANGE_TO] = {"btsdp.attribute_range.to", "To", attribute_ref, NULL,
	0x0000ffff, KIND_HEX16},
    [UUID16] = {"btsdp.data_element.value.uuid_16", "UUID", uuid_ref,
	"What it is, from the assigned numbers.", .kind = KIND_HEX16},
    [UUID32] = {"btsdp.data_element.value.uuid_32", "UUID", uuid_ref,
	.kind = KIND_HEX32},
    [UUID128] = {.name = "UUID", .ref = uuid_ref, .kind = KIND_BYTES},
    [HANDLE] = {"btsdp.service_record_handle", "Record", "Core Vol 3 B s5.1.1",
	.kind = KIND_HEX32},
    [CHANNEL] = {"btsdp.protocol.channel", "RFCOMM channel", protocols,
	"Where the service listens: a client needs not know it.",
	.kind = KIND_DEC},
    [PSM] = {"btsdp.protocol.psm", "L2CAP PSM", protocols, .kind = KIND_DEC},
    [VERSION] = {"btsdp.protocol.version", "Version", profiles,
	.kind = KIND_HEX16},
    [GATT_START] = {"btsdp.protocol.gatt_handle_start", "First handle",
	protocols, .kind = KIND_HEX16},
    [GATT_END] = {"btsdp.protocol.gatt_handle_end", "Last handle", protocols,
	.kind = KIND_HEX16},
    [SERVICE_NAME] = {"btsdp.service_name", "Service name",
	"Core Vol 3 B s5.1.16", .kind = KIND_STRING},
    [DESCRIPTION] = {"btsdp.service_description", "Description",
	"Core Vol 3 B s5.1.17", .kind = KIND_STRING},
    [PROVIDER] = {"btsdp.provider_name", "Provider", "Core Vol 3 B s5.1.18",
	.kind = KIND_STRING},
    [DOCUMENTATION] = {"btsdp.documentation_url", "Documentation",
	"Core Vol 3 B s5.1.12", .kind = KIND_STRING},
    [EXECUTABLE] = {"btsdp.service_client_executable_url", "Client",
	"Core Vol 3 B s5.1.13", .kind = KIND_STRING},
    [ICON] = {"btsdp.icon_url", "Icon", "Core Vol 3 B s5.1.14",
	.kind = KIND_STRING},
    [NUMBER] = {.name = "Value", .ref = element_ref, .kind = KIND_HEX32},
    [TEXT] = {.name = "Text", .ref = element_ref, .kind = KIND_STRING},
    [OTHER] = {.name = "Value", .ref = element_ref, .kind = KIND_BYTES},
    [BEHIND] = {.name = "Behind the message", .ref = ref, .kind = KIND_BYTES},
};
const struct field_table sdp_fields = FIELD_TABLE(defs);

enum pdu { /* Core Vol 3 B s4.2 */
	PDU_ERROR = 1,
	PDU_SEARCH,
	PDU_SEARCH_ANSWER,
	PDU_ATTRIBUTES,
	PDU_ATTRIBUTES_ANSWER,
	PDU_BOTH,
	PDU_BOTH_ANSWER,
};

static const struct name pdus[] = {
    {PDU_ERROR, "Error Response"},
    {PDU_SEARCH, "Service Search Request"},
    {PDU_SEARCH_ANSWER, "Service Search Response"},
    {PDU_ATTRIBUTES, "Service Attribute Request"},
    {PDU_ATTRIBUTES_ANSWER, "Service Attribute Response"},
    {PDU_BOTH, "Service Search Attribute Request"},
    {PDU_BOTH_ANSWER, "Service Search Attribute Response"},
};

const char *
sdp_pdu_name(uint32_t pdu)
{
	return NAME_OF(pdus, pdu);
}

enum type { /* of an element, Core Vol 3 B s3.2 */
	TYPE_NIL,
	TYPE_UNSIGNED,
	TYPE_SIGNED,
	TYPE_UUID,
	TYPE_TEXT,
	TYPE_BOOL,
	TYPE_SEQUENCE,
	TYPE_ALTERNATIVE,
	TYPE_URL,
};

static const struct name types[] = {
    {TYPE_NIL, "nothing"},
    {TYPE_UNSIGNED, "unsigned"},
    {TYPE_SIGNED, "signed"},
    {TYPE_UUID, "UUID"},
    {TYPE_TEXT, "text"},
    {TYPE_BOOL, "yes or no"},
    {TYPE_SEQUENCE, "sequence"},
    {TYPE_ALTERNATIVE, "one of"},
    {TYPE_URL, "URL"},
};

/* Where an element stands: it decides what a value means. */
enum place { /* that an attribute's number cannot be */
	PLACE_PATTERN = 0x10000,
	PLACE_IDS,
	PLACE_RECORDS,
	PLACE_RECORD,
	PLACE_ID, /* the number of an attribute */
};

struct walk {
	struct layer *l;
	uint32_t
	    place; /* enum place, or the attribute that this is a value of */
	uint32_t uuid; /* that came last in the sequence */
	unsigned after; /* how many values came since */
	uint32_t id; /* of the attribute read last */
	char found[64]; /* what is worth to be said of an attribute */
};

#define DEPTH_MAX 7

static void element(struct walk *w);

/* Elements up to the end; within a record, numbers and values by turns. */
static void
elements(struct walk *w)
{
	struct layer *l = w->l;
	uint32_t place = w->place, uuid = w->uuid;
	size_t heading;

	w->uuid = w->after = 0;
	if (place == PLACE_RECORDS)
		w->place = PLACE_RECORD;
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		if (place != PLACE_RECORD) {
			element(w);
			continue;
		}
		heading = layer_begin(l, &defs[ATTRIBUTE]);
		w->place = PLACE_ID;
		w->found[0] = '\0';
		element(w);
		if (layer_ok(l) && rd_wire_left(&l->r) > 0) {
			const char *name = sdp_attribute_name(w->id);

			w->place = w->id;
			element(w);
			layer_remark_at(l, heading, "%s%s%s",
			    name != NULL ? name : "",
			    name != NULL && w->found[0] != '\0' ? ": " : "",
			    w->found);
		}
		layer_end(l, heading);
	}
	w->place = place;
	w->uuid = uuid;
}

static void
found(struct walk *w, const char *text, uint32_t number)
{
	size_t used = strlen(w->found), room = sizeof w->found - used;

	if (text != NULL)
		snprintf(
		    w->found + used, room, "%s%s", used > 0 ? ", " : "", text);
	else
		snprintf(w->found + used, room, " %u", number);
}

/* Which of the fields a number is; its size in bytes is 1, 2 or 4. */
static int
number_def(const struct walk *w, size_t n)
{
	enum { RFCOMM_UUID = 3, ATT_UUID = 7, L2CAP_UUID = 0x100 };

	if (w->place == PLACE_ID && n == 2)
		return ATTRIBUTE_ID;
	if (w->place == PLACE_IDS)
		return n == 4 ? RANGE : ATTRIBUTE_ONE;
	if (w->place == 0 && n == 4)
		return HANDLE;
	if (w->place == 9 && n == 2)
		return VERSION;
	if (w->place != 4 && w->place != 13)
		return NUMBER;
	if (w->uuid == RFCOMM_UUID && n == 1)
		return CHANNEL;
	if (w->uuid == L2CAP_UUID && n == 2)
		return PSM;
	if (w->uuid == ATT_UUID && n == 2)
		return w->after == 0 ? GATT_START : GATT_END;
	return n == 2 ? VERSION : NUMBER;
}

static void
number(struct walk *w, size_t n)
{
	struct layer *l = w->l;
	int def = number_def(w, n);
	uint32_t v = layer_uint(l, &defs[def], n);

	w->after++;
	if (def == RANGE) {
		layer_add_bits(l, &defs[RANGE_FROM]);
		layer_add_bits(l, &defs[RANGE_TO]);
	} else if (def == ATTRIBUTE_ID) {
		w->id = v;
		layer_remark_name(l, sdp_attribute_name(v));
	} else if (def == CHANNEL || def == PSM) {
		found(w, NULL, v);
	}
}

static void
uuid_value(struct walk *w, size_t n)
{
	const char *name;

	if (n > 4) {
		layer_bytes(w->l, &defs[UUID128], n, NULL);
		return;
	}
	w->uuid = layer_uint(w->l, &defs[n == 2 ? UUID16 : UUID32], n);
	w->after = 0;
	name = bluetooth_uuid_name(w->uuid);
	layer_remark_name(w->l, name);
	if (name != NULL)
		found(w, name, 0);
}

static void
text_value(struct walk *w, size_t n)
{
	static const struct {
		uint32_t attribute;
		int def;
	} texts[] = {{0x000a, DOCUMENTATION}, {0x000b, EXECUTABLE},
	    {0x000c, ICON}, {0x0100, SERVICE_NAME}, {0x0101, DESCRIPTION},
	    {0x0102, PROVIDER}};
	int def = TEXT;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].attribute == w->place)
			def = texts[i].def;
	layer_text(w->l, &defs[def], n);
}

static void
value(struct walk *w, uint32_t type)
{
	struct layer *l = w->l;
	size_t n = rd_wire_left(&l->r);

	if (n == 0)
		return;
	if ((type == TYPE_SEQUENCE || type == TYPE_ALTERNATIVE) &&
	    l->depth <= DEPTH_MAX)
		elements(w);
	else if (type == TYPE_UUID && (n == 2 || n == 4 || n == 16))
		uuid_value(w, n);
	else if (type == TYPE_UNSIGNED && n <= 4)
		number(w, n);
	else if (type == TYPE_TEXT || type == TYPE_URL)
		text_value(w, n);
	else
		layer_payload(l, &defs[OTHER]);
}

/* How many bytes the value has, which the header says in one way or another. */
static size_t
element_len(struct layer *l, uint32_t type, uint32_t size)
{
	if (size < 5)
		return type == TYPE_NIL ? 0 : (size_t)1 << size;
	return layer_uint(l, &defs[ELEMENT_VAR_SIZE], (size_t)1 << (size - 5));
}

static void
element(struct walk *w)
{
	struct layer *l = w->l;
	size_t heading = layer_begin(l, &defs[ELEMENT]), len;
	uint32_t type, size;
	struct rd outside;

	layer_word(l, &defs[ELEMENT_TYPE], 1);
	type = layer_add_bits(l, &defs[ELEMENT_TYPE]);
	layer_remark_name(l, NAME_OF(types, type));
	size = layer_add_bits(l, &defs[ELEMENT_SIZE]);
	len = element_len(l, type, size);
	outside = layer_enter(l, len);
	value(w, type);
	layer_leave(l, outside);
	layer_end(l, heading);
}

static void
list(struct layer *l, int def, enum place place)
{
	struct walk w = {.l = l, .place = place};
	size_t heading = layer_begin(l, &defs[def]);

	element(&w);
	if (w.found[0] != '\0' && place == PLACE_PATTERN)
		layer_remark_at(l, heading, "%s", w.found);
	layer_end(l, heading);
}

/* Is the element that begins here all here? */
static bool
is_whole(struct rd r)
{
	uint32_t size = rd_u8(&r) & 7;
	size_t n = size >= 5 ? (size_t)1 << (size - 5) : 0, len = 0;

	for (size_t i = 0; i < n; i++)
		len = len << 8 | rd_u8(&r);
	return r.state == RD_OK && len <= rd_wire_left(&r);
}

static void
records(struct layer *l, enum place place)
{
	uint32_t len = layer_uint(l, &defs[BYTES], 2);
	struct rd outside = layer_enter(l, len);
	struct walk w = {.l = l, .place = place};

	if (!layer_ok(l) || rd_wire_left(&l->r) == 0)
		return;
	if (is_whole(l->r))
		element(&w);
	if (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_payload(l, &defs[PART]);
	layer_leave(l, outside);
}

static void
continuation(struct layer *l)
{
	size_t heading = layer_begin(l, &defs[CONTINUATION]);
	uint32_t len = layer_word(l, &defs[CONTINUATION], 1);

	if (len > 0)
		layer_bytes(l, &defs[CONTINUATION_DATA], len, NULL);
	layer_remark_at(l, heading, "%s", len > 0 ? "more is to come" : "none");
	layer_end(l, heading);
}

static void
search_answer(struct layer *l)
{
	uint32_t n;

	layer_uint(l, &defs[TOTAL], 2);
	n = layer_uint(l, &defs[CURRENT], 2);
	for (uint32_t i = 0; i < n && layer_ok(l); i++)
		layer_uint(l, &defs[RECORD], 4);
}

static void
message(struct layer *l, uint32_t pdu)
{
	static const struct name errors[] = {{1, "unsupported version"},
	    {2, "no such record"}, {3, "invalid syntax"}, {4, "invalid length"},
	    {5, "invalid continuation"}, {6, "insufficient resources"}};

	switch (pdu) {
	case PDU_ERROR:
		layer_remark_name(
		    l, NAME_OF(errors, layer_uint(l, &defs[ERROR], 2)));
		return;
	case PDU_SEARCH:
		list(l, PATTERN, PLACE_PATTERN);
		layer_uint(l, &defs[MAX_RECORDS], 2);
		break;
	case PDU_SEARCH_ANSWER:
		search_answer(l);
		break;
	case PDU_ATTRIBUTES:
		layer_uint(l, &defs[RECORD], 4);
		layer_uint(l, &defs[MAX_BYTES], 2);
		list(l, IDS, PLACE_IDS);
		break;
	case PDU_BOTH:
		list(l, PATTERN, PLACE_PATTERN);
		layer_uint(l, &defs[MAX_BYTES], 2);
		list(l, IDS, PLACE_IDS);
		break;
	case PDU_ATTRIBUTES_ANSWER:
		records(l, PLACE_RECORD);
		break;
	case PDU_BOTH_ANSWER:
		records(l, PLACE_RECORDS);
		break;
	default:
		return;
	}
	continuation(l);
}

void
dissect_sdp(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[SDP], "btsdp", 5);
	uint32_t pdu = layer_uint(&l, &defs[PDU], 1), len;
	const char *name = sdp_pdu_name(pdu);
	struct rd outside;

	layer_remark_name(&l, name);
	if (name != NULL)
		layer_title(&l, "%s", name);
	layer_uint(&l, &defs[TRANSACTION], 2);
	len = layer_uint(&l, &defs[LEN], 2);
	if (!layer_ok(&l))
		return;
	l.need = 5 + len;
	outside = layer_enter(&l, len);
	message(&l, pdu);
	if (layer_ok(&l) && rd_wire_left(&l.r) > 0)
		layer_payload(&l, &defs[BEHIND]);
	layer_leave(&l, outside);
	if (layer_ok(&l) && rd_wire_left(&l.r) > 0)
		layer_payload(&l, &defs[BEHIND]);
	layer_close(&l);
}
