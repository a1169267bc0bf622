/*
 * RFCOMM: serial lines over L2CAP, and what their two ends agree upon.
 *
 * Source: RFCOMM with TS 07.10 1.2 s5, GSM 07.10 (TS 101 369) s5.2, s5.4.6.
 */
#include "capture/dissect_hci.h"
#include "capture/rfcomm.h"

enum {
	RFCOMM,
	ADDRESS,
	DLCI,
	CHANNEL,
	DIRECTION,
	CR,
	EA,
	CONTROL,
	PF,
	TYPE,
	LEN,
	CREDITS,
	FCS,
	MCC,
	MCC_TYPES,
	MCC_CMD,
	MCC_CR,
	MCC_EA,
	MCC_LEN,
	PN_PADDING,
	PN_DLCI,
	PN_CHANNEL,
	PN_DIRECTION,
	PN_PARAMETERS,
	PN_LAYER,
	PN_FRAMES,
	PN_PRIORITY,
	PN_T1,
	PN_MTU,
	PN_RETRIES,
	PN_CREDITS,
	MSC_DLCI,
	MSC_CHANNEL,
	MSC_DIRECTION,
	MSC_ONE,
	MSC_SIGNALS,
	MSC_FC,
	MSC_RTC,
	MSC_RTR,
	MSC_IC,
	MSC_DV,
	RPN_RATE,
	RPN_FORMAT,
	RLS_STATUS,
	OTHER,
	SERIAL,
	SERIAL_DATA,
	BEHIND,
};

static const char ref[] = "GSM 07.10 s5.2.1";
static const char address_ref[] = "GSM 07.10 s5.2.1.2";
static const char control_ref[] = "GSM 07.10 s5.2.1.3";
static const char mcc_ref[] = "GSM 07.10 s5.4.6";
static const char pn_ref[] = "RFCOMM s5.5.3";
static const char msc_ref[] = "GSM 07.10 s5.4.6.3.7";
static const char dlci_help[] =
    "The channel, and which end of the session has its server.";

static const struct field_def defs[] = {
    [RFCOMM] = {.name = "RFCOMM",
	.ref = ref,
	.help = "Serial lines, many over one channel of L2CAP."},
    [ADDRESS] = {"btrfcomm.address", "Address", address_ref, .kind = KIND_NONE},
    [DLCI] = {"btrfcomm.dlci", "DLCI", "RFCOMM s5.4", dlci_help, 0xfc,
	KIND_HEX8},
    [CHANNEL] = {"btrfcomm.channel", "Server channel", "RFCOMM s5.4",
	"What a port is to TCP. 0 is the multiplexer itself.", 0xf8, KIND_DEC},
    [DIRECTION] = {"btrfcomm.direction", "Direction", "RFCOMM s5.4", NULL, 0x04,
	KIND_HEX8},
    [CR] = {"btrfcomm.cr", "Command/response", address_ref,
	"It tells who opened the session: that end's commands have 1.", 0x02,
	KIND_HEX8},
    [EA] = {"btrfcomm.ea", "Ends here", address_ref, NULL, 0x01, KIND_HEX8},
    [CONTROL] = {"btrfcomm.control", "Control", control_ref, .kind = KIND_NONE},
    [PF] = {"btrfcomm.pf", "Poll/final", "RFCOMM s6.5.2",
	"An answer is wanted, or given; in UIH: credits follow.", 0x10,
	KIND_HEX8},
    [TYPE] = {"btrfcomm.frame_type", "Frame type", control_ref, NULL, 0xef,
	KIND_HEX8},
    [LEN] = {"btrfcomm.len", "Length", "GSM 07.10 s5.2.1.5",
	"Of what it carries; credits are not counted.", .kind = KIND_DEC},
    [CREDITS] = {"btrfcomm.credits", "Credits", "RFCOMM s6.5",
	"As many more frames the sender of this will take.", .kind = KIND_DEC},
    [FCS] = {"btrfcomm.fcs", "Check sequence", "GSM 07.10 s5.2.1.6",
	"Of the header; in UIH of its first two bytes only.",
	.kind = KIND_HEX8},
    [MCC] = {"btrfcomm.mcc", "Multiplexer command", mcc_ref, .kind = KIND_NONE},
    [MCC_TYPES] = {"btrfcomm.mcc.types", "Type", mcc_ref, .kind = KIND_NONE},
    [MCC_CMD] = {"btrfcomm.mcc.cmd", "Command", mcc_ref, NULL, 0xfc, KIND_HEX8},
    [MCC_CR] = {"btrfcomm.mcc.cr", "Command/response", mcc_ref,
	"1: a command; 0: its answer.", 0x02, KIND_HEX8},
    [MCC_EA] = {"btrfcomm.mcc.ea", "Ends here", mcc_ref, NULL, 0x01, KIND_HEX8},
    [MCC_LEN] = {"btrfcomm.mcc.len", "Length", mcc_ref, .kind = KIND_DEC},
    [PN_PADDING] = {"btrfcomm.mcc.padding", "Padding", pn_ref, NULL, 0xc0,
	KIND_HEX8},
    [PN_DLCI] = {"btrfcomm.mcc.dlci", "DLCI", pn_ref, dlci_help, 0x3f,
	KIND_HEX8},
    [PN_CHANNEL] = {"btrfcomm.mcc.channel", "Server channel", pn_ref, NULL,
	0x3e, KIND_DEC},
    [PN_DIRECTION] = {"btrfcomm.mcc.direction", "Direction", pn_ref, NULL, 0x01,
	KIND_HEX8},
    [PN_PARAMETERS] = {"btrfcomm.mcc.pn_parameters", "Parameters", pn_ref,
	.kind = KIND_NONE},
    [PN_LAYER] = {"btrfcomm.pn.cl", "Flow control", pn_ref,
	"15 asks for credits, 14 grants them.", 0xf0, KIND_HEX8},
    [PN_FRAMES] = {"btrfcomm.pn.i", "Frames", pn_ref, NULL, 0x0f, KIND_HEX8},
    [PN_PRIORITY] = {"btrfcomm.priority", "Priority", pn_ref, NULL, 0x3f,
	KIND_DEC},
    [PN_T1] = {"btrfcomm.acknowledgement_timer_t1", "Acknowledgement timer",
	pn_ref, .kind = KIND_DEC},
    [PN_MTU] = {"btrfcomm.max_frame_size", "Longest frame", pn_ref,
	"What RFCOMM has for TCP's MSS.", .kind = KIND_DEC},
    [PN_RETRIES] = {"btrfcomm.max_retrans", "Retransmissions", pn_ref,
	"None: the layers below are reliable.", .kind = KIND_DEC},
    [PN_CREDITS] = {"btrfcomm.error_recovery_mode", "Initial credits", pn_ref,
	"Frames that may be sent at once. GSM 07.10 has another use for it.",
	0x07, KIND_DEC},
    [MSC_DLCI] = {"btrfcomm.mcc.dlci", "DLCI", msc_ref, dlci_help, 0xfc,
	KIND_HEX8},
    [MSC_CHANNEL] = {"btrfcomm.mcc.channel", "Server channel", msc_ref, NULL,
	0xf8, KIND_DEC},
    [MSC_DIRECTION] = {"btrfcomm.mcc.direction", "Direction", msc_ref, NULL,
	0x04, KIND_HEX8},
    [MSC_ONE] = {"btrfcomm.mcc.padding", "Always one", msc_ref, NULL, 0x02,
	KIND_HEX8},
    [MSC_SIGNALS] = {"btrfcomm.mcc.msc_parameters", "Signals", msc_ref,
	"What the wires of a serial line would say.", .kind = KIND_NONE},
    [MSC_FC] = {"btrfcomm.msc.fc", "Flow control", msc_ref,
	"1: send nothing now.", 0x02, KIND_HEX8},
    [MSC_RTC] = {"btrfcomm.msc.rtc", "Ready to communicate", msc_ref,
	"DSR or DTR.", 0x04, KIND_HEX8},
    [MSC_RTR] = {"btrfcomm.msc.rtr", "Ready to receive", msc_ref, "CTS or RTS.",
	0x08, KIND_HEX8},
    [MSC_IC] = {"btrfcomm.msc.ic", "Incoming call", msc_ref, "RI.", 0x40,
	KIND_HEX8},
    [MSC_DV] = {"btrfcomm.msc.dv", "Data valid", msc_ref, "DCD.", 0x80,
	KIND_HEX8},
    [RPN_RATE] = {.name = "Bit rate",
	.ref = "GSM 07.10 s5.4.6.3.9",
	.kind = KIND_DEC},
    [RPN_FORMAT] = {.name = "Format",
	.ref = "GSM 07.10 s5.4.6.3.9",
	.kind = KIND_BYTES},
    [RLS_STATUS] = {.name = "Line status",
	.ref = "GSM 07.10 s5.4.6.3.10",
	.kind = KIND_HEX8},
    [OTHER] = {.name = "Data", .ref = mcc_ref, .kind = KIND_BYTES},
    [SERIAL] = {.name = "Serial line",
	.ref = "Serial Port Profile 1.2",
	.help = "What the programs say to each other."},
    [BEHIND] = {.name = "Behind the frame", .ref = ref, .kind = KIND_BYTES},
    [SERIAL_DATA] = {"btspp.data", "Bytes", "Serial Port Profile 1.2",
	.kind = KIND_BYTES},
};
const struct field_table rfcomm_fields = FIELD_TABLE(defs);

static void
address(struct layer *l)
{
	size_t heading = layer_begin(l, &defs[ADDRESS]);

	layer_word(l, &defs[ADDRESS], 1);
	for (int i = DLCI; i <= EA; i++)
		layer_add_bits(l, &defs[i]);
	layer_end(l, heading);
}

static void
control(struct layer *l)
{
	size_t heading = layer_begin(l, &defs[CONTROL]);
	uint32_t type;

	layer_word(l, &defs[CONTROL], 1);
	layer_add_bits(l, &defs[PF]);
	type = layer_add_bits(l, &defs[TYPE]);
	layer_remark_name(l, rfcomm_type_name((uint8_t)type));
	layer_end(l, heading);
}

/* One byte, or two if its lowest bit is 0. Returns the length. */
static uint32_t
length(struct layer *l, int def)
{
	struct rd peek = l->r;
	size_t n = (rd_u8(&peek) & 1) != 0 ? 1 : 2;

	layer_word_le(l, &defs[def], n);
	l->word >>= 1;
	if (n == 2)
		l->word = (l->word & 0x7f) | (l->word >> 7 & 0xff) << 7;
	layer_add_word(l, &defs[def]);
	return l->word;
}

static uint32_t
mcc_dlci(struct layer *l)
{
	uint32_t dlci;

	layer_word(l, &defs[MSC_DLCI], 1);
	dlci = layer_add_bits(l, &defs[MSC_DLCI]);
	layer_add_bits(l, &defs[MSC_CHANNEL]);
	layer_add_bits(l, &defs[MSC_DIRECTION]);
	layer_add_bits(l, &defs[MSC_ONE]);
	layer_add_bits(l, &defs[MCC_EA]);
	return dlci;
}

static void
negotiation(struct layer *l)
{
	size_t heading;

	layer_word(l, &defs[PN_DLCI], 1);
	layer_add_bits(l, &defs[PN_PADDING]);
	layer_add_bits(l, &defs[PN_DLCI]);
	layer_add_bits(l, &defs[PN_CHANNEL]);
	layer_add_bits(l, &defs[PN_DIRECTION]);
	heading = layer_begin(l, &defs[PN_PARAMETERS]);
	layer_word(l, &defs[PN_PARAMETERS], 1);
	layer_add_bits(l, &defs[PN_LAYER]);
	layer_add_bits(l, &defs[PN_FRAMES]);
	layer_end(l, heading);
	layer_word(l, &defs[PN_PRIORITY], 1);
	layer_add_bits(l, &defs[PN_PRIORITY]);
	layer_uint(l, &defs[PN_T1], 1);
	layer_uint_le(l, &defs[PN_MTU], 2);
	layer_uint(l, &defs[PN_RETRIES], 1);
	layer_word(l, &defs[PN_CREDITS], 1);
	layer_add_bits(l, &defs[PN_CREDITS]);
}

static void
modem_status(struct layer *l)
{
	size_t heading;

	mcc_dlci(l);
	heading = layer_begin(l, &defs[MSC_SIGNALS]);
	layer_word(l, &defs[MSC_SIGNALS], 1);
	for (int i = MSC_FC; i <= MSC_DV; i++)
		layer_add_bits(l, &defs[i]);
	layer_end(l, heading);
}

static void
port(struct layer *l)
{
	static const struct name rates[] = {{0, "2400"}, {1, "4800"},
	    {2, "7200"}, {3, "9600"}, {4, "19200"}, {5, "38400"}, {6, "57600"},
	    {7, "115200"}, {8, "230400"}};

	mcc_dlci(l);
	if (rd_wire_left(&l->r) == 0) /* it asks for the other's settings */
		return;
	layer_remark_name(l, NAME_OF(rates, layer_uint(l, &defs[RPN_RATE], 1)));
	layer_payload(l, &defs[RPN_FORMAT]);
}

static void
multiplexer(struct layer *l)
{
	size_t heading = layer_begin(l, &defs[MCC]), types;
	struct rd outside;
	const char *name;
	uint32_t type, command, len;

	types = layer_begin(l, &defs[MCC_TYPES]);
	layer_word(l, &defs[MCC_TYPES], 1);
	type = layer_add_bits(l, &defs[MCC_CMD]);
	name = rfcomm_mcc_name((uint8_t)type);
	layer_remark_name(l, name);
	command = layer_add_bits(l, &defs[MCC_CR]);
	layer_add_bits(l, &defs[MCC_EA]);
	layer_end(l, types);
	if (name != NULL) {
		layer_remark_at(
		    l, heading, "%s%s", name, command != 0 ? "" : ", answer");
		layer_title(
		    l, "UIH, %s%s", name, command != 0 ? "" : " answer");
	}
	len = length(l, MCC_LEN);
	outside = layer_enter(l, len);
	if (type == MCC_PN)
		negotiation(l);
	else if (type == MCC_MSC)
		modem_status(l);
	else if (type == MCC_RPN)
		port(l);
	else if (type == MCC_RLS) {
		mcc_dlci(l);
		layer_uint(l, &defs[RLS_STATUS], 1);
	}
	if (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_payload(l, &defs[OTHER]);
	layer_leave(l, outside);
	layer_end(l, heading);
}

/* It stands behind what the frame carries, and covers its header. */
static void
check_sequence(struct layer *l, const uint8_t *header, bool uih)
{
	uint8_t right = rfcomm_fcs(header, uih ? 2 : 3);
	uint32_t fcs = layer_uint(l, &defs[FCS], 1);

	if (fcs == right)
		layer_remark(l, "correct");
	else
		layer_wrong(l, "wrong, should be 0x%02x", right);
}

static void
dissect_serial(struct build *b, struct rd r)
{
	struct layer l;

	if (rd_wire_left(&r) == 0)
		return;
	l = layer_open(b, r, &defs[SERIAL], "btspp", 0);
	layer_payload(&l, &defs[SERIAL_DATA]);
	layer_title(&l, "%zu bytes", rd_wire_left(&r));
	layer_close(&l);
}

void
dissect_rfcomm(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[RFCOMM], "btrfcomm", 4);
	struct rd peek = r, outside, data;
	const uint8_t *header = rd_bytes(&peek, 3);
	struct rfcomm_frame f;
	uint32_t len;
	bool command;

	peek = r;
	rfcomm_open(&peek, &f);
	command = f.dlci == 0 && f.type == RFCOMM_UIH;
	address(&l);
	control(&l);
	len = length(&l, LEN);
	if (f.has_credits)
		layer_uint(&l, &defs[CREDITS], 1);
	if (!layer_ok(&l) || header == NULL)
		return;
	if (rfcomm_type_name(f.type) != NULL)
		layer_title(&l, "%s, channel %u", rfcomm_type_name(f.type),
		    f.dlci >> 1);
	l.need = f.header_len + (size_t)len + 1;
	outside = layer_enter(&l, len);
	data = l.r;
	if (command)
		multiplexer(&l);
	l.r = outside;
	check_sequence(&l, header, f.type == RFCOMM_UIH);
	if (layer_ok(&l) && rd_wire_left(&l.r) > 0)
		layer_payload(&l, &defs[BEHIND]);
	layer_close(&l);
	if (!command)
		dissect_serial(b, data);
}
