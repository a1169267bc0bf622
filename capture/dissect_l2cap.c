/*
 * L2CAP: channels over a connection, and how they are made.
 *
 * Source: Bluetooth Core 5.3 Vol 3 Part A s3.1 (frames), s4 (signalling), s5
 * (configuration options).
 */
#include <inttypes.h>

#include "capture/dissect_hci.h"

enum {
	L2CAP,
	LENGTH,
	CID,
	CHANNEL_FRAME,
	CHANNEL_PSM,
	PAYLOAD,
	COMMAND,
	CODE,
	IDENT,
	COMMAND_LENGTH,
	PSM,
	SCID,
	DCID,
	RESULT,
	STATUS,
	REJECT_REASON,
	FLAGS_RESERVED,
	FLAGS_CONTINUES,
	CONFIG_RESULT,
	OPTION,
	OPTION_TYPE,
	OPTION_LENGTH,
	MTU,
	FLUSH_TIMEOUT,
	MODE,
	WINDOW,
	TRANSMISSIONS,
	RETRANSMIT_TIMEOUT,
	MONITOR_TIMEOUT,
	MPS,
	FCS,
	OPTION_DATA,
	INFO_TYPE,
	INFO_RESULT,
	INFO_MTU,
	FEATURES,
	FEATURES_LAST = FEATURES + 10,
	CHANNELS,
	CHANNELS_LAST = CHANNELS + 5,
	OTHER,
	BEHIND,
};

static const char frame_ref[] = "Core Vol 3 A s3.1";
static const char command_ref[] = "Core Vol 3 A s4";
static const char connect_ref[] = "Core Vol 3 A s4.2";
static const char answer_ref[] = "Core Vol 3 A s4.3";
static const char config_ref[] = "Core Vol 3 A s4.4";
static const char option_ref[] = "Core Vol 3 A s5";
static const char modes_ref[] = "Core Vol 3 A s5.4";
static const char info_ref[] = "Core Vol 3 A s4.10";
static const char features_ref[] = "Core Vol 3 A s4.12";
static const char channels_ref[] = "Core Vol 3 A s4.13";

#define FEATURE(key, name, mask)                                              \
	{                                                                     \
		"btl2cap.info_" key, name, features_ref, NULL, mask, KIND_DEC \
	}
#define FIXED(key, name, mask)                                            \
	{                                                                 \
		"btl2cap.info_fixedchans_" key, name, channels_ref, NULL, \
		    mask, KIND_DEC                                        \
	}

static const struct field_def defs[] = {
    [L2CAP] = {.name = "L2CAP",
	.ref = frame_ref,
	.help = "Many channels over one connection."},
    [LENGTH] = {"btl2cap.length", "Length", frame_ref, .kind = KIND_DEC},
    [CID] = {"btl2cap.cid", "Channel (CID)", "Core Vol 3 A s2.1",
	"The receiver's number for the channel.", .kind = KIND_HEX16},
    [CHANNEL_FRAME] = {"btl2cap.connect_in", "Asked for in packet", connect_ref,
	.kind = KIND_TEXT},
    [CHANNEL_PSM] = {"btl2cap.psm", "Channel of", connect_ref,
	.kind = KIND_TEXT},
    [PAYLOAD] = {"btl2cap.payload", "Payload", frame_ref, .kind = KIND_BYTES},
    [COMMAND] = {"btl2cap.command", "Command", command_ref, .kind = KIND_NONE},
    [CODE] = {"btl2cap.cmd_code", "Code", command_ref, .kind = KIND_HEX8},
    [IDENT] = {"btl2cap.cmd_ident", "Identifier", command_ref,
	"The answer has the same.", .kind = KIND_HEX8},
    [COMMAND_LENGTH] = {"btl2cap.cmd_length", "Length", command_ref,
	.kind = KIND_DEC},
    [PSM] = {"btl2cap.psm", "Protocol (PSM)", connect_ref,
	"What is to be spoken: a port, in TCP's words.", .kind = KIND_HEX16},
    [SCID] = {"btl2cap.scid", "Source channel", connect_ref,
	.kind = KIND_HEX16},
    [DCID] = {"btl2cap.dcid", "Destination channel", answer_ref,
	.kind = KIND_HEX16},
    [RESULT] = {"btl2cap.result", "Result", answer_ref, .kind = KIND_HEX16},
    [STATUS] = {"btl2cap.status", "Status", answer_ref, .kind = KIND_HEX16},
    [REJECT_REASON] = {"btl2cap.rej_reason", "Reason", "Core Vol 3 A s4.1",
	.kind = KIND_HEX16},
    [FLAGS_RESERVED] = {"btl2cap.flags.reserved", "Reserved", config_ref, NULL,
	0xfffe, KIND_HEX16},
    [FLAGS_CONTINUES] = {"btl2cap.flags.continuation", "To be continued",
	config_ref, NULL, 0x0001, KIND_BOOL},
    [CONFIG_RESULT] = {"btl2cap.conf_result", "Result", "Core Vol 3 A s4.5",
	.kind = KIND_HEX16},
    [OPTION] = {"btl2cap.conf_param_option", "Option", option_ref,
	.kind = KIND_NONE},
    [OPTION_TYPE] = {"btl2cap.option_type", "Type", option_ref,
	.kind = KIND_HEX8},
    [OPTION_LENGTH] = {"btl2cap.option_length", "Length", option_ref,
	.kind = KIND_DEC},
    [MTU] = {"btl2cap.option_mtu", "MTU", "Core Vol 3 A s5.1",
	"The longest payload that the sender of this takes.", .kind = KIND_DEC},
    [FLUSH_TIMEOUT] = {"btl2cap.option_flushto", "Flush timeout",
	"Core Vol 3 A s5.2", "In ms.", .kind = KIND_DEC},
    [MODE] = {"btl2cap.retransmissionmode", "Mode", modes_ref,
	.kind = KIND_HEX8},
    [WINDOW] = {"btl2cap.txwindow", "Window", modes_ref, .kind = KIND_DEC},
    [TRANSMISSIONS] = {"btl2cap.maxtransmit", "Transmissions at most",
	modes_ref, .kind = KIND_DEC},
    [RETRANSMIT_TIMEOUT] = {"btl2cap.retransmittimeout",
	"Retransmission timeout", modes_ref, "In ms.", .kind = KIND_DEC},
    [MONITOR_TIMEOUT] = {"btl2cap.monitortimeout", "Monitor timeout", modes_ref,
	"In ms.", .kind = KIND_DEC},
    [MPS] = {"btl2cap.mps", "Segment at most", modes_ref, .kind = KIND_DEC},
    [FCS] = {"btl2cap.option_fcs", "Check sequence", "Core Vol 3 A s5.5",
	.kind = KIND_HEX16},
    [OPTION_DATA] = {.name = "Data", .ref = option_ref, .kind = KIND_BYTES},
    [INFO_TYPE] = {"btl2cap.info_type", "Information", info_ref,
	.kind = KIND_HEX16},
    [INFO_RESULT] = {"btl2cap.info_result", "Result", "Core Vol 3 A s4.11",
	.kind = KIND_HEX16},
    [INFO_MTU] = {"btl2cap.info_mtu", "MTU without connection",
	"Core Vol 3 A s4.11", .kind = KIND_DEC},
    [FEATURES] = {"btl2cap.info_extfeatures", "Features", features_ref,
	.kind = KIND_NONE},
    FEATURE("flowcontrol", "Flow control mode", 0x001),
    FEATURE("retransmission", "Retransmission mode", 0x002),
    FEATURE("bidirqos", "Quality of service both ways", 0x004),
    FEATURE("enh_retransmission", "Enhanced retransmission mode", 0x008),
    FEATURE("streaming", "Streaming mode", 0x010),
    FEATURE("fcs", "Check sequence is an option", 0x020),
    FEATURE("flow_spec", "Extended flow specification", 0x040),
    FEATURE("fixedchan", "Fixed channels", 0x080),
    FEATURE("window", "Extended window", 0x100),
    [FEATURES_LAST] = FEATURE("unicast", "Data without connection", 0x200),
    [CHANNELS] = {"btl2cap.info_fixedchans", "Fixed channels", channels_ref,
	.kind = KIND_NONE},
    FIXED("null", "None", 0x00000001),
    FIXED("signal", "Signalling", 0x00000002),
    FIXED("connless", "Data without connection", 0x00000004),
    FIXED("amp_man", "AMP manager", 0x00000008),
    [CHANNELS_LAST] = FIXED("amp_test", "AMP test manager", 0x80000000),
    [OTHER] = {.name = "Data", .ref = command_ref, .kind = KIND_BYTES},
    [BEHIND] = {.name = "Behind the frame",
	.ref = frame_ref,
	.kind = KIND_BYTES},
};
const struct field_table l2cap_fields = FIELD_TABLE(defs);

enum code {
	REJECT = 1,
	CONNECT,
	CONNECT_ANSWER,
	CONFIGURE,
	CONFIGURE_ANSWER,
	DISCONNECT,
	DISCONNECT_ANSWER,
	ECHO,
	ECHO_ANSWER,
	INFORMATION,
	INFORMATION_ANSWER,
};

static const struct name codes[] = {
    {REJECT, "Command Reject"},
    {CONNECT, "Connection Request"},
    {CONNECT_ANSWER, "Connection Response"},
    {CONFIGURE, "Configure Request"},
    {CONFIGURE_ANSWER, "Configure Response"},
    {DISCONNECT, "Disconnection Request"},
    {DISCONNECT_ANSWER, "Disconnection Response"},
    {ECHO, "Echo Request"},
    {ECHO_ANSWER, "Echo Response"},
    {INFORMATION, "Information Request"},
    {INFORMATION_ANSWER, "Information Response"},
    {12, "Create Channel Request"},
    {13, "Create Channel Response"},
    {18, "Connection Parameter Update Request"},
    {19, "Connection Parameter Update Response"},
    {20, "LE Credit Based Connection Request"},
    {21, "LE Credit Based Connection Response"},
    {22, "LE Flow Control Credit"},
};

static const struct name psms[] = {
    {PSM_SDP, "SDP"},
    {PSM_RFCOMM, "RFCOMM"},
    {0x05, "TCS-BIN"},
    {0x0f, "BNEP"},
    {0x11, "HID control"},
    {0x13, "HID interrupt"},
    {0x17, "AVCTP control"},
    {0x19, "AVDTP"},
    {0x1b, "AVCTP browsing"},
    {0x1f, "ATT"},
    {0x23, "IPSP"},
    {0x25, "OTS"},
};

const char *
l2cap_psm_name(uint32_t psm)
{
	return NAME_OF(psms, psm);
}

const char *
l2cap_command_name(uint32_t code)
{
	return NAME_OF(codes, code);
}

static uint32_t
named(
    struct layer *l, int def, size_t n, const struct name *names, size_t count)
{
	uint32_t v = layer_uint_le(l, &defs[def], n);

	layer_remark_name(l, name_of(names, count, v));
	return v;
}
#define NAMED(l, def, n, names) \
	named(l, def, n, names, sizeof(names) / sizeof *(names))

static void
retransmission_option(struct layer *l)
{
	static const struct name modes[] = {{0, "basic"}, {1, "retransmission"},
	    {2, "flow control"}, {3, "enhanced retransmission"},
	    {4, "streaming"}};

	NAMED(l, MODE, 1, modes);
	layer_uint(l, &defs[WINDOW], 1);
	layer_uint(l, &defs[TRANSMISSIONS], 1);
	layer_uint_le(l, &defs[RETRANSMIT_TIMEOUT], 2);
	layer_uint_le(l, &defs[MONITOR_TIMEOUT], 2);
	layer_uint_le(l, &defs[MPS], 2);
}

static void
options(struct layer *l)
{
	enum {
		HINT = 0x80,
		OPTION_MTU = 1,
		OPTION_FLUSH,
		OPTION_QOS,
		OPTION_MODE,
		OPTION_FCS
	};
	static const struct name types[] = {{OPTION_MTU, "MTU"},
	    {OPTION_FLUSH, "flush timeout"}, {OPTION_QOS, "quality of service"},
	    {OPTION_MODE, "retransmission and flow control"},
	    {OPTION_FCS, "check sequence"}, {6, "extended flow specification"},
	    {7, "extended window"}};

	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		size_t heading = layer_begin(l, &defs[OPTION]);
		uint32_t type = NAMED(l, OPTION_TYPE, 1, types);
		uint32_t len = layer_uint(l, &defs[OPTION_LENGTH], 1);
		struct rd outside = layer_enter(l, len);

		type &= ~(uint32_t)HINT;
		if (type == OPTION_MTU)
			layer_uint_le(l, &defs[MTU], 2);
		else if (type == OPTION_FLUSH)
			layer_uint_le(l, &defs[FLUSH_TIMEOUT], 2);
		else if (type == OPTION_MODE)
			retransmission_option(l);
		else if (type == OPTION_FCS)
			layer_uint(l, &defs[FCS], 1);
		if (layer_ok(l) && rd_wire_left(&l->r) > 0)
			layer_payload(l, &defs[OPTION_DATA]);
		layer_leave(l, outside);
		layer_end(l, heading);
	}
}

static void
bits(struct layer *l, int first, int last)
{
	size_t heading = layer_begin(l, &defs[first]);

	layer_word_le(l, &defs[first + 1], 4);
	for (int i = first + 1; i <= last; i++)
		layer_add_bits(l, &defs[i]);
	layer_end(l, heading);
}

static void
information(struct layer *l, bool answer)
{
	enum { INFO_MTU_TYPE = 1, INFO_FEATURES, INFO_CHANNELS };
	static const struct name types[] = {
	    {INFO_MTU_TYPE, "MTU without connection"},
	    {INFO_FEATURES, "extended features"},
	    {INFO_CHANNELS, "fixed channels"}};
	static const struct name results[] = {
	    {0, "success"}, {1, "not supported"}};
	uint32_t type = NAMED(l, INFO_TYPE, 2, types);

	if (!answer || NAMED(l, INFO_RESULT, 2, results) != 0 || !layer_ok(l))
		return;
	if (type == INFO_MTU_TYPE)
		layer_uint_le(l, &defs[INFO_MTU], 2);
	else if (type == INFO_FEATURES)
		bits(l, FEATURES, FEATURES_LAST);
	else if (type == INFO_CHANNELS)
		bits(l, CHANNELS, CHANNELS_LAST);
	if (type == INFO_CHANNELS && layer_ok(l) && rd_wire_left(&l->r) >= 4)
		layer_bytes(l, &defs[OTHER], 4, NULL); /* of 64 bits */
}

static void
connection(struct layer *l, bool answer)
{
	static const struct name results[] = {{0, "success"}, {1, "pending"},
	    {2, "refused: no such PSM"}, {3, "refused: security"},
	    {4, "refused: no resources"}, {6, "refused: invalid channel"},
	    {7, "refused: channel in use"}};
	static const struct name statuses[] = {{0, "no further information"},
	    {1, "authentication pending"}, {2, "authorization pending"}};

	if (!answer) {
		NAMED(l, PSM, 2, psms);
		layer_uint_le(l, &defs[SCID], 2);
		return;
	}
	layer_uint_le(l, &defs[DCID], 2);
	layer_uint_le(l, &defs[SCID], 2);
	NAMED(l, RESULT, 2, results);
	NAMED(l, STATUS, 2, statuses);
}

static void
configuration(struct layer *l, bool answer)
{
	static const struct name results[] = {{0, "success"},
	    {1, "unacceptable parameters"}, {2, "rejected"},
	    {3, "unknown options"}, {4, "pending"},
	    {5, "flow specification "
		"rejected"}};

	layer_uint_le(l, &defs[answer ? SCID : DCID], 2);
	layer_word_le(l, &defs[FLAGS_RESERVED], 2);
	layer_add_bits(l, &defs[FLAGS_RESERVED]);
	layer_add_bits(l, &defs[FLAGS_CONTINUES]);
	if (answer)
		NAMED(l, CONFIG_RESULT, 2, results);
	options(l);
}

/* The channel that a command is about, as it was asked for. */
static void
channel(struct layer *l)
{
	const struct hci_context *c = &l->b->ctx->hci;

	if (c->channel_frame != 0)
		layer_made(
		    l, &defs[CHANNEL_FRAME], "%" PRIu64, c->channel_frame);
	if (c->psm == 0)
		return;
	layer_made(l, &defs[CHANNEL_PSM], "0x%04x", c->psm);
	layer_remark_name(l, l2cap_psm_name(c->psm));
}

static void
parameters(struct layer *l, uint32_t code)
{
	static const struct name reasons[] = {
	    {0, "not understood"}, {1, "too long"}, {2, "invalid channel"}};

	switch (code) {
	case REJECT:
		NAMED(l, REJECT_REASON, 2, reasons);
		break;
	case CONNECT:
	case CONNECT_ANSWER:
		connection(l, code == CONNECT_ANSWER);
		break;
	case CONFIGURE:
	case CONFIGURE_ANSWER:
		configuration(l, code == CONFIGURE_ANSWER);
		break;
	case DISCONNECT:
	case DISCONNECT_ANSWER:
		layer_uint_le(l, &defs[DCID], 2);
		layer_uint_le(l, &defs[SCID], 2);
		channel(l);
		break;
	case INFORMATION:
	case INFORMATION_ANSWER:
		information(l, code == INFORMATION_ANSWER);
		break;
	default:
		break;
	}
	if (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_payload(l, &defs[OTHER]);
}

static void
signalling(struct layer *l)
{
	while (layer_ok(l) && rd_wire_left(&l->r) > 0) {
		size_t heading = layer_begin(l, &defs[COMMAND]);
		uint32_t code = NAMED(l, CODE, 1, codes), len;
		const char *name = l2cap_command_name(code);
		struct rd outside;

		if (name != NULL)
			layer_remark_at(l, heading, "%s", name);
		layer_uint(l, &defs[IDENT], 1);
		len = layer_uint_le(l, &defs[COMMAND_LENGTH], 2);
		outside = layer_enter(l, len);
		parameters(l, code);
		layer_leave(l, outside);
		layer_end(l, heading);
		if (name != NULL)
			layer_title(l, "%s", name);
	}
}

void
dissect_l2cap(struct build *b, struct rd r)
{
	uint16_t psm = b->ctx->hci.psm;
	struct layer l =
	    layer_open(b, r, &defs[L2CAP], "btl2cap", L2CAP_HEADER_LEN);
	uint32_t len = layer_uint_le(&l, &defs[LENGTH], 2);
	uint32_t cid = layer_uint_le(&l, &defs[CID], 2);
	void (*above)(struct build * b, struct rd r) = NULL;
	struct rd outside, data;

	if (!layer_ok(&l))
		return;
	l.need = L2CAP_HEADER_LEN + len;
	outside = layer_enter(&l, len);
	if (cid == L2CAP_SIGNALLING) {
		layer_remark(&l, "signalling");
		signalling(&l);
	} else {
		channel(&l);
		above = psm == PSM_RFCOMM ? dissect_rfcomm
			: psm == PSM_SDP  ? dissect_sdp
					  : NULL;
		if (l2cap_psm_name(psm) != NULL)
			layer_title(&l, "channel 0x%04x of %s", cid,
			    l2cap_psm_name(psm));
		if (above == NULL)
			layer_payload(&l, &defs[PAYLOAD]);
	}
	data = l.r;
	layer_close(&l);
	if (above != NULL)
		above(b, data);
	layer_leave(&l, outside);
	if (layer_ok(&l) && rd_wire_left(&l.r) > 0)
		layer_payload(&l, &defs[BEHIND]);
}
