/* HCI events. Source: Bluetooth Core 5.3 Vol 4 Part E s5.4.4, s7.7. */
#include "capture/dissect_hci.h"
#include "capture/hci_names.h"

enum {
	EVENT,
	CODE,
	PARAM_LENGTH,
	PARAMS,
	SUBEVENT,
	STATUS,
	COMMANDS,
	OPCODE,
	OGF,
	OCF,
	RETURNS,
	HANDLES,
	HANDLE,
	COMPLETED,
	RESPONSES,
	BD_ADDR,
	REPETITION,
	RESERVED,
	CLASS,
	CLOCK_OFFSET,
	RSSI,
	INQUIRY_DATA,
	REMOTE_NAME,
	LINK_TYPE,
	REQUEST_TYPE,
	ENCRYPTION_MODE,
	ENCRYPTION,
	REASON,
	ROLE,
	MODE,
	INTERVAL,
	FEATURES,
	PAGE,
	PAGE_MAX,
	EXTENDED_FEATURES,
	LMP_VERSION,
	HCI_VERSION,
	COMPANY,
	SUBVERSION,
	LINK_KEY,
	KEY_TYPE,
	IO_CAPABILITY,
	OOB,
	AUTH,
	NUMBER,
	PASSKEY,
	SLOTS,
	TIMEOUT,
	KEY_SIZE,
	NAME,
	SCAN,
	ACL_LENGTH,
	SCO_LENGTH,
	ACL_PACKETS,
	SCO_PACKETS,
	PAIRING_MODE,
	HARDWARE,
	HANDLE_OFFSET,
	DEFS,
};

static const char ref[] = "Core Vol 4 E s5.4.4";
static const char events[] = "Core Vol 4 E s7.7";
static const char inquiry_ref[] = "Core Vol 4 E s7.7.38";
static const char done[] = "Core Vol 4 E s7.7.14";
static const char credits_ref[] = "Core Vol 4 E s7.7.19";
static const char pairing[] = "Core Vol 4 E s7.7.41";
static const char buffers[] = "Core Vol 4 E s7.4.5";

static const struct field_def defs[DEFS] = {
    [EVENT] = {.name = "HCI event",
	.ref = ref,
	.help = "What the controller reports to its host."},
    [CODE] = {"bthci_evt.code", "Event", ref, .kind = KIND_HEX8},
    [PARAM_LENGTH] = {"bthci_evt.param_length", "Length of the parameters", ref,
	.kind = KIND_DEC},
    [PARAMS] = {.name = "Parameters", .ref = events, .kind = KIND_BYTES},
    [SUBEVENT] = {"bthci_evt.le_meta_subevent", "Event of Low Energy",
	"Core Vol 4 E s7.7.65", .kind = KIND_HEX8},
    [STATUS] = {"bthci_evt.status", "Status", "Core Vol 1 F s1.3",
	"0: it has worked, or is under way; else what went wrong.",
	.kind = KIND_HEX8},
    [COMMANDS] = {"bthci_evt.num_command_packets", "Commands allowed", done,
	"How many more the controller takes now.", .kind = KIND_DEC},
    [OPCODE] = {"bthci_evt.opcode", "Of the command", done,
	"Which command this answers.", .kind = KIND_HEX16},
    [OGF] = {"bthci_evt.opcode.ogf", "Group (OGF)", done, NULL, 0xfc00,
	KIND_HEX16},
    [OCF] = {"bthci_evt.opcode.ocf", "Command (OCF)", done, NULL, 0x03ff,
	KIND_HEX16},
    [RETURNS] = {.name = "Return parameters", .ref = done, .kind = KIND_BYTES},
    [HANDLES] = {"bthci_evt.num_handles", "Connections", credits_ref,
	.kind = KIND_DEC},
    [HANDLE] = {"bthci_evt.connection_handle", "Connection handle", events,
	"By which host and controller know the connection.",
	.kind = KIND_HEX16},
    [COMPLETED] = {"bthci_evt.num_compl_packets", "Packets completed",
	credits_ref,
	"As many buffers of the controller are free again: the host may send "
	"that many more.",
	.kind = KIND_DEC},
    [RESPONSES] = {"bthci_evt.num_responses", "Devices", inquiry_ref,
	.kind = KIND_DEC},
    [BD_ADDR] = {"bthci_evt.bd_addr", "Device address", events,
	"The 48 bits by which a device is known.", .kind = KIND_BDADDR},
    [REPETITION] = {"bthci_evt.page_scan_repetition_mode",
	"Page scan repetition mode", inquiry_ref,
	"How often the device listens to calls.", .kind = KIND_HEX8},
    [RESERVED] = {"bthci_evt.reserved", "Reserved", inquiry_ref,
	.kind = KIND_HEX8},
    [CLASS] = {.name = "Class", .ref = inquiry_ref},
    [CLOCK_OFFSET] = {"bthci_evt.clock_offset", "Clock offset", inquiry_ref,
	"Of the two clocks: it makes a call quicker.", 0x7fff, KIND_HEX16},
    [RSSI] = {"bthci_evt.rssi", "Signal strength", inquiry_ref,
	"In dBm: -40 is near, -90 hardly to be heard.", .kind = KIND_INT8},
    [INQUIRY_DATA] = {.name = "Inquiry data", .ref = inquiry_ref},
    [REMOTE_NAME] = {"bthci_evt.remote_name", "Name", "Core Vol 4 E s7.7.7",
	.kind = KIND_STRING},
    [LINK_TYPE] = {"bthci_evt.link_type", "Link type", "Core Vol 4 E s7.7.3",
	.kind = KIND_HEX8},
    [REQUEST_TYPE] = {"bthci_evt.link_type", "Link type", "Core Vol 4 E s7.7.4",
	.kind = KIND_HEX8},
    [ENCRYPTION_MODE] = {"bthci_evt.encryption_mode", "Encryption mode",
	"Core Vol 4 E s7.7.3", .kind = KIND_HEX8},
    [ENCRYPTION] = {"bthci_evt.encryption_enable", "Encryption",
	"Core Vol 4 E s7.7.8", .kind = KIND_HEX8},
    [REASON] = {"bthci_evt.reason", "Reason", "Core Vol 1 F s1.3",
	"Why the connection is gone.", .kind = KIND_HEX8},
    [ROLE] = {"bthci_evt.role", "Role", "Core Vol 4 E s7.7.18",
	.kind = KIND_HEX8},
    [MODE] = {"bthci_evt.current_mode", "Mode", "Core Vol 4 E s7.7.20",
	.kind = KIND_HEX8},
    [INTERVAL] = {"bthci_evt.interval", "Interval", "Core Vol 4 E s7.7.20",
	"In time slots of 625 us.", .kind = KIND_DEC},
    [FEATURES] = {.name = "Features", .ref = "Core Vol 2 C s3.3"},
    [PAGE] = {"bthci_evt.page_number", "Page", "Core Vol 4 E s7.7.34",
	.kind = KIND_DEC},
    [PAGE_MAX] = {"bthci_evt.max_page_number", "Last page",
	"Core Vol 4 E s7.7.34", .kind = KIND_DEC},
    [EXTENDED_FEATURES] = {.name = "Features", .ref = "Core Vol 2 C s3.3"},
    [LMP_VERSION] = {"bthci_evt.lmp_vers_nr", "LMP version",
	"Core Vol 4 E s7.7.12", .kind = KIND_HEX8},
    [HCI_VERSION] = {"bthci_evt.hci_vers_nr", "HCI version",
	"Core Vol 4 E s7.4.1", .kind = KIND_HEX8},
    [COMPANY] = {"bthci_evt.comp_id", "Manufacturer", "Core Vol 4 E s7.7.12",
	.kind = KIND_HEX16},
    [SUBVERSION] = {"bthci_evt.lmp_sub_vers_nr", "LMP subversion",
	"Core Vol 4 E s7.7.12", .kind = KIND_DEC},
    [LINK_KEY] = {"bthci_evt.link_key", "Link key", "Core Vol 4 E s7.7.24",
	"The secret that two paired devices share.", .kind = KIND_BYTES},
    [KEY_TYPE] = {"bthci_evt.key_type", "Key type", "Core Vol 4 E s7.7.24",
	.kind = KIND_HEX8},
    [IO_CAPABILITY] = {"bthci_evt.io_capability", "IO capability", pairing,
	"How a person can confirm the pairing.", .kind = KIND_HEX8},
    [OOB] = {"bthci_evt.oob_data_present", "Out of band data", pairing,
	.kind = KIND_DEC},
    [AUTH] = {"bthci_evt.auth_requirements", "Authentication requirements",
	pairing, .kind = KIND_DEC},
    [NUMBER] = {"bthci_evt.numeric_value", "Number to compare",
	"Core Vol 4 E s7.7.42", .kind = KIND_DEC},
    [PASSKEY] = {"bthci_evt.passkey", "Passkey", "Core Vol 4 E s7.7.48",
	.kind = KIND_DEC},
    [SLOTS] = {"bthci_evt.max_slots", "Slots at most", "Core Vol 4 E s7.7.27",
	"For one packet: 1, 3 or 5.", .kind = KIND_DEC},
    [TIMEOUT] = {"bthci_evt.link_supervision_timeout", "Supervision timeout",
	"Core Vol 4 E s7.7.46", "In time slots of 625 us.", .kind = KIND_DEC},
    [KEY_SIZE] = {"bthci_evt.enc_key_size", "Encryption key size",
	"Core Vol 4 E s7.5.7", "In bytes.", .kind = KIND_INT8},
    [NAME] = {"bthci_evt.device_name", "Name", "Core Vol 4 E s7.3.12",
	.kind = KIND_STRING},
    [SCAN] = {"bthci_evt.scan_enable", "Scan", "Core Vol 4 E s7.3.17",
	.kind = KIND_HEX8},
    [ACL_LENGTH] = {"bthci_evt.max_data_length_acl", "ACL data at most",
	buffers, "Bytes in one packet: longer frames are cut.",
	.kind = KIND_DEC},
    [SCO_LENGTH] = {"bthci_evt.max_data_length_sco", "SCO data at most",
	buffers, .kind = KIND_DEC},
    [ACL_PACKETS] = {"bthci_evt.max_data_num_acl", "ACL buffers", buffers,
	"As many packets may be under way.", .kind = KIND_DEC},
    [SCO_PACKETS] = {"bthci_evt.max_data_num_sco", "SCO buffers", buffers,
	.kind = KIND_DEC},
    [PAIRING_MODE] = {"bthci_evt.simple_pairing_mode", "Simple pairing",
	"Core Vol 4 E s7.3.58", .kind = KIND_DEC},
    [HARDWARE] = {"bthci_evt.hardware_code", "Hardware code",
	"Core Vol 4 E s7.7.16", .kind = KIND_HEX8},
    [HANDLE_OFFSET] = {.name = "Clock offset", .ref = "Core Vol 4 E s7.7.28"},
};
const struct field_table hci_event_fields = FIELD_TABLE(defs);

static const uint8_t sizes[DEFS] = {
    [STATUS] = 1,
    [HANDLE] = 2,
    [BD_ADDR] = 6,
    [REPETITION] = 1,
    [RESERVED] = 1,
    [RSSI] = 1,
    [REMOTE_NAME] = 248,
    [LINK_TYPE] = 1,
    [REQUEST_TYPE] = 1,
    [ENCRYPTION_MODE] = 1,
    [ENCRYPTION] = 1,
    [REASON] = 1,
    [ROLE] = 1,
    [MODE] = 1,
    [INTERVAL] = 2,
    [PAGE] = 1,
    [PAGE_MAX] = 1,
    [LMP_VERSION] = 1,
    [HCI_VERSION] = 1,
    [COMPANY] = 2,
    [SUBVERSION] = 2,
    [LINK_KEY] = 16,
    [KEY_TYPE] = 1,
    [IO_CAPABILITY] = 1,
    [OOB] = 1,
    [AUTH] = 1,
    [NUMBER] = 4,
    [PASSKEY] = 4,
    [SLOTS] = 1,
    [TIMEOUT] = 2,
    [KEY_SIZE] = 1,
    [NAME] = 248,
    [SCAN] = 1,
    [ACL_LENGTH] = 2,
    [SCO_LENGTH] = 1,
    [ACL_PACKETS] = 2,
    [SCO_PACKETS] = 2,
    [PAIRING_MODE] = 1,
    [HARDWARE] = 1,
};

static const struct hci_form forms[] = {
    {0x01, {STATUS}},
    {0x03, {STATUS, HANDLE, BD_ADDR, LINK_TYPE, ENCRYPTION_MODE}},
    {0x04, {BD_ADDR, CLASS, REQUEST_TYPE}},
    {0x05, {STATUS, HANDLE, REASON}},
    {0x06, {STATUS, HANDLE}},
    {0x07, {STATUS, BD_ADDR, REMOTE_NAME}},
    {0x08, {STATUS, HANDLE, ENCRYPTION}},
    {0x0b, {STATUS, HANDLE, FEATURES}},
    {0x0c, {STATUS, HANDLE, LMP_VERSION, COMPANY, SUBVERSION}},
    {0x10, {HARDWARE}},
    {0x12, {STATUS, BD_ADDR, ROLE}},
    {0x14, {STATUS, HANDLE, MODE, INTERVAL}},
    {0x16, {BD_ADDR}},
    {0x17, {BD_ADDR}},
    {0x18, {BD_ADDR, LINK_KEY, KEY_TYPE}},
    {0x1b, {HANDLE, SLOTS}},
    {0x1c, {STATUS, HANDLE, HANDLE_OFFSET}},
    {0x23, {STATUS, HANDLE, PAGE, PAGE_MAX, EXTENDED_FEATURES}},
    {0x2f, {RESPONSES, BD_ADDR, REPETITION, RESERVED, CLASS, CLOCK_OFFSET, RSSI,
	       INQUIRY_DATA}},
    {0x30, {STATUS, HANDLE}},
    {0x31, {BD_ADDR}},
    {0x32, {BD_ADDR, IO_CAPABILITY, OOB, AUTH}},
    {0x33, {BD_ADDR, NUMBER}},
    {0x34, {BD_ADDR}},
    {0x35, {BD_ADDR}},
    {0x36, {STATUS, BD_ADDR}},
    {0x38, {HANDLE, TIMEOUT}},
    {0x3b, {BD_ADDR, PASSKEY}},
};

/* What Command Complete returns, by opcode. */
static const struct hci_form return_forms[] = {
    {0x0408, {STATUS, BD_ADDR}},
    {0x040b, {STATUS, BD_ADDR}},
    {0x040c, {STATUS, BD_ADDR}},
    {0x040d, {STATUS, BD_ADDR}},
    {0x040e, {STATUS, BD_ADDR}},
    {0x041a, {STATUS, BD_ADDR}},
    {0x042b, {STATUS, BD_ADDR}},
    {0x042c, {STATUS, BD_ADDR}},
    {0x042d, {STATUS, BD_ADDR}},
    {0x042e, {STATUS, BD_ADDR}},
    {0x042f, {STATUS, BD_ADDR}},
    {0x0434, {STATUS, BD_ADDR}},
    {0x0c14, {STATUS, NAME}},
    {0x0c19, {STATUS, SCAN}},
    {0x0c23, {STATUS, CLASS}},
    {0x0c55, {STATUS, PAIRING_MODE}},
    {0x1001, {STATUS, HCI_VERSION, COMPANY, LMP_VERSION, COMPANY, SUBVERSION}},
    {0x1003, {STATUS, FEATURES}},
    {0x1004, {STATUS, PAGE, PAGE_MAX, EXTENDED_FEATURES}},
    {0x1005, {STATUS, ACL_LENGTH, SCO_LENGTH, ACL_PACKETS, SCO_PACKETS}},
    {0x1009, {STATUS, BD_ADDR}},
    {0x1405, {STATUS, HANDLE, RSSI}},
    {0x1408, {STATUS, HANDLE, KEY_SIZE}},
};

static const char *
remark(unsigned def, uint32_t v)
{
	static const struct name links[] = {
	    {0, "SCO: voice"}, {1, "ACL: data"}, {2, "eSCO: voice"}};
	static const struct name keys[] = {{0, "combination"}, {3, "debug"},
	    {4, "unauthenticated, P-192"}, {5, "authenticated, P-192"},
	    {6, "changed"}, {7, "unauthenticated, P-256"},
	    {8, "authenticated, P-256"}};
	static const struct name io[] = {{0, "display only"},
	    {1, "display, yes/no"}, {2, "keyboard only"}, {3, "none"}};
	static const struct name modes[] = {{0, "active"}, {2, "sniff"}};
	static const struct name ciphers[] = {
	    {0, "off"}, {1, "on, E0"}, {2, "on, AES-CCM"}};
	static const struct name roles[] = {{0, "central"}, {1, "peripheral"}};
	static const struct name repetitions[] = {
	    {0, "R0, all the time"}, {1, "R1, 1.28 s"}, {2, "R2, 2.56 s"}};

	switch (def) {
	case STATUS:
	case REASON:
		return hci_error_name(v);
	case LINK_TYPE:
	case REQUEST_TYPE:
		return NAME_OF(links, v);
	case KEY_TYPE:
		return NAME_OF(keys, v);
	case IO_CAPABILITY:
		return NAME_OF(io, v);
	case MODE:
		return NAME_OF(modes, v);
	case ENCRYPTION:
		return NAME_OF(ciphers, v);
	case ROLE:
		return NAME_OF(roles, v);
	case REPETITION:
		return NAME_OF(repetitions, v);
	case RSSI:
		return "dBm";
	default:
		return NULL;
	}
}

/* The page of extended features was read just before, as its last but one. */
static uint32_t
page_before(const struct layer *l)
{
	return l->r.p[-2];
}

static void
special(struct layer *l, unsigned def)
{
	switch (def) {
	case CLASS:
		layer_class(l);
		break;
	case CLOCK_OFFSET:
	case HANDLE_OFFSET:
		layer_word_le(l, &defs[CLOCK_OFFSET], 2);
		layer_add_bits(l, &defs[CLOCK_OFFSET]);
		break;
	case FEATURES:
		layer_features(l, 0);
		break;
	case EXTENDED_FEATURES:
		layer_features(l, page_before(l));
		break;
	case RESPONSES:
		layer_uint(l, &defs[RESPONSES], 1);
		break;
	case INQUIRY_DATA:
		layer_inquiry_data(l);
		break;
	default:
		break;
	}
}

static const struct hci_forms table = {
    defs, sizes, remark, special, forms, sizeof forms / sizeof *forms};
static const struct hci_forms returns = {defs, sizes, remark, special,
    return_forms, sizeof return_forms / sizeof *return_forms};

static const struct opcode_defs opcode_defs = {
    &defs[OPCODE], &defs[OGF], &defs[OCF]};

/* Each device has the same fields, before the optional inquiry data. */
static void
results(struct layer *l, bool with_rssi)
{
	static const struct hci_form forms_each[] = {
	    {0, {BD_ADDR, REPETITION, RESERVED, RESERVED, CLASS, CLOCK_OFFSET}},
	    {1, {BD_ADDR, REPETITION, RESERVED, CLASS, CLOCK_OFFSET, RSSI}},
	};
	static const struct hci_forms each = {
	    defs, sizes, remark, special, forms_each, 2};
	uint32_t n = layer_uint(l, &defs[RESPONSES], 1);

	for (uint32_t i = 0; i < n && layer_ok(l); i++)
		hci_params(l, &each, with_rssi);
}

static void
completed(struct layer *l)
{
	uint32_t n = layer_uint(l, &defs[HANDLES], 1);

	for (uint32_t i = 0; i < n && layer_ok(l); i++) {
		layer_uint_le(l, &defs[HANDLE], 2);
		layer_uint_le(l, &defs[COMPLETED], 2);
	}
}

/* Its name: "Command Complete: Read BD ADDR". */
static void
title_answer(struct layer *l, const char *event, uint32_t opcode)
{
	const char *command = hci_command_name(opcode);

	if (command != NULL)
		layer_title(l, "%s: %s", event, command);
}

static void
status(struct layer *l)
{
	layer_remark_name(l, hci_error_name(layer_uint(l, &defs[STATUS], 1)));
}

static void
command_complete(struct layer *l)
{
	uint32_t opcode;

	layer_uint(l, &defs[COMMANDS], 1);
	opcode = layer_opcode(l, &opcode_defs);
	title_answer(l, "Command Complete", opcode);
	if (hci_params(l, &returns, opcode) || rd_wire_left(&l->r) == 0)
		return;
	status(l);
	if (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_payload(l, &defs[RETURNS]);
}

static void
command_status(struct layer *l)
{
	status(l);
	layer_uint(l, &defs[COMMANDS], 1);
	title_answer(l, "Command Status", layer_opcode(l, &opcode_defs));
}

static void
event(struct layer *l, uint32_t code)
{
	const char *name;
	uint32_t subevent;

	switch (code) {
	case 0x02:
	case 0x22:
		results(l, code == 0x22);
		break;
	case 0x0e:
		command_complete(l);
		break;
	case 0x0f:
		command_status(l);
		break;
	case 0x13:
		completed(l);
		break;
	case 0x3e:
		subevent = layer_uint(l, &defs[SUBEVENT], 1);
		name = hci_le_event_name(subevent);
		layer_remark_name(l, name);
		if (name != NULL)
			layer_title(l, "LE %s", name);
		break;
	default:
		hci_params(l, &table, code);
		break;
	}
}

void
dissect_hci_event(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[EVENT], "bthci_evt", 2);
	uint32_t code = layer_uint(&l, &defs[CODE], 1), len;
	struct rd outside;

	layer_remark_name(&l, hci_event_name(code));
	if (hci_event_name(code) != NULL)
		layer_title(&l, "%s", hci_event_name(code));
	len = layer_uint(&l, &defs[PARAM_LENGTH], 1);
	if (!layer_ok(&l))
		return;
	l.need = 2 + len;
	outside = layer_enter(&l, len);
	event(&l, code);
	if (layer_ok(&l) && rd_wire_left(&l.r) > 0)
		layer_payload(&l, &defs[PARAMS]);
	layer_leave(&l, outside);
	layer_close(&l);
}
