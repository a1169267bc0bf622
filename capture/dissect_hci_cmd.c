/* HCI commands. Source: Bluetooth Core 5.3 Vol 4 Part E s5.4.1, s7. */
#include "capture/dissect_hci.h"
#include "capture/hci_names.h"

enum {
	COMMAND,
	OPCODE,
	OGF,
	OCF,
	PARAM_LENGTH,
	PARAMS,
	LAP,
	INQUIRY_LENGTH,
	RESPONSES,
	BD_ADDR,
	PACKET_TYPE,
	DH5,
	DM5,
	NO_3DH5,
	NO_2DH5,
	DH3,
	DM3,
	NO_3DH3,
	NO_2DH3,
	TYPE_RESERVED_5,
	DH1,
	DM1,
	NO_3DH1,
	NO_2DH1,
	TYPE_RESERVED_0,
	REPETITION,
	SCAN_MODE,
	CLOCK_OFFSET,
	CLOCK_VALID,
	ROLE_SWITCH,
	HANDLE,
	REASON,
	REJECT_REASON,
	ROLE,
	PAGE,
	LINK_KEY,
	IO_CAPABILITY,
	OOB,
	AUTH,
	ENCRYPT,
	NAME,
	SCAN,
	CLASS,
	PAIRING_MODE,
	INQUIRY_MODE,
	PIN_LENGTH,
	PASSKEY,
	DEFS,
};

static const char ref[] = "Core Vol 4 E s5.4.1";
static const char link_ref[] = "Core Vol 4 E s7.1";
static const char create_ref[] = "Core Vol 4 E s7.1.5";
static const char base_ref[] = "Core Vol 4 E s7.3";

static const struct field_def defs[DEFS] = {
    [COMMAND] = {.name = "HCI command",
	.ref = ref,
	.help = "What the host asks of its controller."},
    [OPCODE] = {"bthci_cmd.opcode", "Opcode", ref, "Which command it is.",
	.kind = KIND_HEX16},
    [OGF] = {"bthci_cmd.opcode.ogf", "Group (OGF)", ref, NULL, 0xfc00,
	KIND_HEX16},
    [OCF] = {"bthci_cmd.opcode.ocf", "Command (OCF)", ref, NULL, 0x03ff,
	KIND_HEX16},
    [PARAM_LENGTH] = {"bthci_cmd.param_length", "Length of the parameters", ref,
	.kind = KIND_DEC},
    [PARAMS] = {.name = "Parameters",
	.ref = "Core Vol 4 E s7",
	.kind = KIND_BYTES},
    [LAP] = {"bthci_cmd.lap", "Inquiry access code (LAP)",
	"Core Vol 4 E s7.1.1",
	"0x9e8b33 asks every device, 0x9e8b00 those that are so for a while.",
	.kind = KIND_HEX24},
    [INQUIRY_LENGTH] = {"bthci_cmd.inq_length", "Inquiry length",
	"Core Vol 4 E s7.1.1", "In units of 1.28 s.", .kind = KIND_DEC},
    [RESPONSES] = {"bthci_cmd.num_responses", "Responses at most",
	"Core Vol 4 E s7.1.1", "0: as many as there are.", .kind = KIND_DEC},
    [BD_ADDR] = {"bthci_cmd.bd_addr", "Device address", link_ref,
	"The 48 bits by which a device is known.", .kind = KIND_BDADDR},
    [PACKET_TYPE] = {"bthci_cmd.packet_type", "Packet types", create_ref,
	"Which packets the controllers may use: DM corrects errors, DH has "
	"more room; 1, 3 and 5 are time slots of 625 us.",
	.kind = KIND_HEX16},
#define TYPE_BIT(ID, key, text, mask)                                       \
	[ID] = {"bthci_cmd.packet_type." key, text, create_ref, NULL, mask, \
	    KIND_BOOL}
    TYPE_BIT(DH5, "dh5", "DH5", 0x8000),
    TYPE_BIT(DM5, "dm5", "DM5", 0x4000),
    TYPE_BIT(NO_3DH5, "3dh5", "not 3-DH5", 0x2000),
    TYPE_BIT(NO_2DH5, "2dh5", "not 2-DH5", 0x1000),
    TYPE_BIT(DH3, "dh3", "DH3", 0x0800),
    TYPE_BIT(DM3, "dm3", "DM3", 0x0400),
    TYPE_BIT(NO_3DH3, "3dh3", "not 3-DH3", 0x0200),
    TYPE_BIT(NO_2DH3, "2dh3", "not 2-DH3", 0x0100),
    [TYPE_RESERVED_5] = {"bthci_cmd.packet_type.reserved.5_7", "Reserved",
	create_ref, NULL, 0x00e0, KIND_HEX16},
    TYPE_BIT(DH1, "dh1", "DH1", 0x0010),
    TYPE_BIT(DM1, "dm1", "DM1", 0x0008),
    TYPE_BIT(NO_3DH1, "3dh1", "not 3-DH1", 0x0004),
    TYPE_BIT(NO_2DH1, "2dh1", "not 2-DH1", 0x0002),
    TYPE_BIT(TYPE_RESERVED_0, "reserved.0", "Reserved", 0x0001),
#undef TYPE_BIT
    [REPETITION] = {"bthci_cmd.page_scan_repetition_mode",
	"Page scan repetition mode", create_ref,
	"How often the other listens to calls.", .kind = KIND_HEX8},
    [SCAN_MODE] = {"bthci_cmd.page_scan_mode", "Page scan mode", create_ref,
	.kind = KIND_HEX8},
    [CLOCK_OFFSET] = {"bthci_cmd.clock_offset", "Clock offset", create_ref,
	"Of the two clocks, as an earlier inquiry found it.", 0x7fff,
	KIND_HEX16},
    [CLOCK_VALID] = {"bthci_cmd.clock_offset_valid", "Clock offset is known",
	create_ref, NULL, 0x8000, KIND_DEC},
    [ROLE_SWITCH] = {"bthci_cmd.allow_role_switch", "Role switch", create_ref,
	.kind = KIND_HEX8},
    [HANDLE] = {"bthci_cmd.connection_handle", "Connection handle", link_ref,
	"By which host and controller know the connection.",
	.kind = KIND_HEX16},
    [REASON] = {"bthci_cmd.reason", "Reason", "Core Vol 4 E s7.1.6",
	.kind = KIND_HEX8},
    [REJECT_REASON] = {"bthci_cmd.reason", "Reason", "Core Vol 4 E s7.1.9",
	.kind = KIND_HEX8},
    [ROLE] = {"bthci_cmd.role", "Role", "Core Vol 4 E s7.1.8",
	.kind = KIND_HEX8},
    [PAGE] = {"bthci_cmd.page_number", "Page", "Core Vol 4 E s7.1.22",
	.kind = KIND_DEC},
    [LINK_KEY] = {"bthci_cmd.link_key", "Link key", "Core Vol 4 E s7.1.10",
	"The secret that two paired devices share.", .kind = KIND_BYTES},
    [IO_CAPABILITY] = {"bthci_cmd.io_capability", "IO capability",
	"Core Vol 4 E s7.1.29", "How a person can confirm the pairing.",
	.kind = KIND_DEC},
    [OOB] = {"bthci_cmd.oob_data_present", "Out of band data",
	"Core Vol 4 E s7.1.29", .kind = KIND_DEC},
    [AUTH] = {"bthci_cmd.auth_requirements", "Authentication requirements",
	"Core Vol 4 E s7.1.29", .kind = KIND_DEC},
    [ENCRYPT] = {"bthci_cmd.encryption_enable", "Encryption",
	"Core Vol 4 E s7.1.16", .kind = KIND_HEX8},
    [NAME] = {"bthci_cmd.device_name", "Name", "Core Vol 4 E s7.3.11",
	.kind = KIND_STRING},
    [SCAN] = {"bthci_cmd.scan_enable", "Scan", "Core Vol 4 E s7.3.18",
	"Whether others can find this device, and connect to it.",
	.kind = KIND_HEX8},
    [CLASS] = {.name = "Class", .ref = base_ref},
    [PAIRING_MODE] = {"bthci_cmd.simple_pairing_mode", "Simple pairing",
	"Core Vol 4 E s7.3.59", .kind = KIND_DEC},
    [INQUIRY_MODE] = {"bthci_cmd.inq_mode", "Inquiry mode",
	"Core Vol 4 E s7.3.50", .kind = KIND_DEC},
    [PIN_LENGTH] = {"bthci_cmd.pin_code_length", "PIN length",
	"Core Vol 4 E s7.1.12", .kind = KIND_DEC},
    [PASSKEY] = {"bthci_cmd.passkey", "Passkey", "Core Vol 4 E s7.1.33",
	.kind = KIND_DEC},
};
const struct field_table hci_command_fields = FIELD_TABLE(defs);

static const uint8_t sizes[DEFS] = {
    [LAP] = 3,
    [INQUIRY_LENGTH] = 1,
    [RESPONSES] = 1,
    [BD_ADDR] = 6,
    [REPETITION] = 1,
    [SCAN_MODE] = 1,
    [ROLE_SWITCH] = 1,
    [HANDLE] = 2,
    [REASON] = 1,
    [REJECT_REASON] = 1,
    [ROLE] = 1,
    [PAGE] = 1,
    [LINK_KEY] = 16,
    [IO_CAPABILITY] = 1,
    [OOB] = 1,
    [AUTH] = 1,
    [ENCRYPT] = 1,
    [NAME] = 248,
    [SCAN] = 1,
    [PAIRING_MODE] = 1,
    [INQUIRY_MODE] = 1,
    [PIN_LENGTH] = 1,
    [PASSKEY] = 4,
};

/* Core Vol 4 Part E, the section of each. */
static const struct hci_form forms[] = {
    {0x0401, {LAP, INQUIRY_LENGTH, RESPONSES}},
    {0x0405, {BD_ADDR, PACKET_TYPE, REPETITION, SCAN_MODE, CLOCK_OFFSET,
		 ROLE_SWITCH}},
    {0x0406, {HANDLE, REASON}},
    {0x0408, {BD_ADDR}},
    {0x0409, {BD_ADDR, ROLE}},
    {0x040a, {BD_ADDR, REJECT_REASON}},
    {0x040b, {BD_ADDR, LINK_KEY}},
    {0x040c, {BD_ADDR}},
    {0x040d, {BD_ADDR, PIN_LENGTH}},
    {0x040e, {BD_ADDR}},
    {0x040f, {HANDLE, PACKET_TYPE}},
    {0x0411, {HANDLE}},
    {0x0413, {HANDLE, ENCRYPT}},
    {0x0419, {BD_ADDR, REPETITION, SCAN_MODE, CLOCK_OFFSET}},
    {0x041a, {BD_ADDR}},
    {0x041b, {HANDLE}},
    {0x041c, {HANDLE, PAGE}},
    {0x041d, {HANDLE}},
    {0x041f, {HANDLE}},
    {0x042b, {BD_ADDR, IO_CAPABILITY, OOB, AUTH}},
    {0x042c, {BD_ADDR}},
    {0x042d, {BD_ADDR}},
    {0x042e, {BD_ADDR, PASSKEY}},
    {0x042f, {BD_ADDR}},
    {0x0434, {BD_ADDR, REJECT_REASON}},
    {0x0809, {HANDLE}},
    {0x0c13, {NAME}},
    {0x0c1a, {SCAN}},
    {0x0c24, {CLASS}},
    {0x0c45, {INQUIRY_MODE}},
    {0x0c56, {PAIRING_MODE}},
    {0x1403, {HANDLE}},
    {0x1405, {HANDLE}},
    {0x1408, {HANDLE}},
};

static const char *
remark(unsigned def, uint32_t v)
{
	static const struct name io[] = {{0, "display only"},
	    {1, "display, yes/no"}, {2, "keyboard only"}, {3, "none"}};
	static const struct name scans[] = {{0, "hidden, no calls"},
	    {1, "to be found, no calls"}, {2, "hidden, takes calls"},
	    {3, "to be found, takes calls"}};
	static const struct name roles[] = {
	    {0, "become the central"}, {1, "remain the peripheral"}};
	static const struct name repetitions[] = {
	    {0, "R0, all the time"}, {1, "R1, 1.28 s"}, {2, "R2, 2.56 s"}};

	switch (def) {
	case REASON:
	case REJECT_REASON:
		return hci_error_name(v);
	case IO_CAPABILITY:
		return NAME_OF(io, v);
	case SCAN:
		return NAME_OF(scans, v);
	case ROLE:
		return NAME_OF(roles, v);
	case REPETITION:
		return NAME_OF(repetitions, v);
	case ENCRYPT:
		return v != 0 ? "on" : "off";
	default:
		return NULL;
	}
}

static void
special(struct layer *l, unsigned def)
{
	if (def == CLASS) {
		layer_class(l);
	} else if (def == CLOCK_OFFSET) {
		layer_word_le(l, &defs[CLOCK_OFFSET], 2);
		layer_add_bits(l, &defs[CLOCK_OFFSET]);
		layer_add_bits(l, &defs[CLOCK_VALID]);
	} else {
		layer_uint_le(l, &defs[PACKET_TYPE], 2);
		for (int i = DH5; i <= TYPE_RESERVED_0; i++)
			layer_add_bits(l, &defs[i]);
	}
}

static const struct hci_forms table = {
    defs, sizes, remark, special, forms, sizeof forms / sizeof *forms};

void
dissect_hci_command(struct build *b, struct rd r)
{
	static const struct opcode_defs opcode_defs = {
	    &defs[OPCODE], &defs[OGF], &defs[OCF]};
	struct layer l = layer_open(b, r, &defs[COMMAND], "bthci_cmd", 3);
	uint32_t opcode = layer_opcode(&l, &opcode_defs), len;
	const char *name = hci_command_name(opcode);
	struct rd outside;

	len = layer_uint(&l, &defs[PARAM_LENGTH], 1);
	if (name != NULL)
		layer_title(&l, "%s", name);
	if (!layer_ok(&l))
		return;
	l.need = 3 + len;
	outside = layer_enter(&l, len);
	hci_params(&l, &table, opcode);
	if (layer_ok(&l) && rd_wire_left(&l.r) > 0)
		layer_payload(&l, &defs[PARAMS]);
	layer_leave(&l, outside);
	layer_close(&l);
}
