/* The features of a controller. Source: Bluetooth Core 5.3 Vol 2 Part C s3.3. */
#include "capture/dissect_hci.h"

static const char ref[] = "Core Vol 2 C s3.3";

/* One line for each: the byte that it is in, its bits, key, name. */
#define FEATURES(X)                                                            \
	X(0, 0x01, BOOL, "3slot_packets", "3-slot packets")                    \
	X(0, 0x02, BOOL, "5slot_packets", "5-slot packets")                    \
	X(0, 0x04, BOOL, "encryption", "Encryption")                           \
	X(0, 0x08, BOOL, "slot_offset", "Slot Offset")                         \
	X(0, 0x10, BOOL, "timing_accuracy", "Timing Accuracy")                 \
	X(0, 0x20, BOOL, "role_switch", "Role Switch")                         \
	X(0, 0x40, BOOL, "hold_mode", "Hold Mode")                             \
	X(0, 0x80, BOOL, "sniff_mode", "Sniff Mode")                           \
	X(1, 0x01, BOOL, "park_state", "Park Mode")                            \
	X(1, 0x02, BOOL, "power_control_requests", "Power Control Requests")   \
	X(1, 0x04, BOOL, "channel_quality_driven_data_rate",                   \
	    "Channel Quality Driven Data Rate")                                \
	X(1, 0x08, BOOL, "sco_link", "SCO Link")                               \
	X(1, 0x10, BOOL, "hv2_packets", "HV2 packets")                         \
	X(1, 0x20, BOOL, "hv3_packets", "HV3 packets")                         \
	X(1, 0x40, BOOL, "u_law_log_synchronous_data",                         \
	    "u-law Log Synchronous Data")                                      \
	X(1, 0x80, BOOL, "a_law_log_synchronous_data",                         \
	    "A-law Log Synchronous Data")                                      \
	X(2, 0x01, BOOL, "cvsd_synchronous_data", "CVSD Synchronous Data")     \
	X(2, 0x02, BOOL, "paging_parameter_negotiation",                       \
	    "Paging Parameter Negotiation")                                    \
	X(2, 0x04, BOOL, "power_control", "Power Control")                     \
	X(2, 0x08, BOOL, "transparent_synchronous_data",                       \
	    "Transparent Synchronous Data")                                    \
	X(2, 0x70, DEC, "flow_control_lag", "Flow Control Lag")                \
	X(2, 0x80, BOOL, "broadcast_encryption", "Broadcast Encryption")       \
	X(3, 0x01, BOOL, "reserved.24", "Reserved")                            \
	X(3, 0x02, BOOL, "edr_acl_2mbps_mode", "EDR ACL 2 Mbps Mode")          \
	X(3, 0x04, BOOL, "edr_acl_3mbps_mode", "EDR ACL 3 Mbps Mode")          \
	X(3, 0x08, BOOL, "enhanced_inquiry_scan", "Enhanced Inquiry Scan")     \
	X(3, 0x10, BOOL, "interlaced_inquiry_scan", "Interlaced Inquiry Scan") \
	X(3, 0x20, BOOL, "interlaced_page_scan", "Interlaced Page Scan")       \
	X(3, 0x40, BOOL, "rssi_with_inquiry_results",                          \
	    "RSSI with Inquiry Results")                                       \
	X(3, 0x80, BOOL, "ev3_packets", "EV3 Packets")                         \
	X(4, 0x01, BOOL, "ev4_packets", "EV4 Packets")                         \
	X(4, 0x02, BOOL, "ev5_packets", "EV5 Packets")                         \
	X(4, 0x04, BOOL, "reserved.34", "Reserved")                            \
	X(4, 0x08, BOOL, "afh_capable_slave", "AFH Capable Slave")             \
	X(4, 0x10, BOOL, "afh_classification_slave",                           \
	    "AFH Classification Slave")                                        \
	X(4, 0x20, BOOL, "br_edr_not_supported", "BR/EDR Not Supported")       \
	X(4, 0x40, BOOL, "le_supported_controller", "LE Supported Controller") \
	X(4, 0x80, BOOL, "3slot_edr_acl_packets", "3-slot EDR ACL packets")    \
	X(5, 0x01, BOOL, "5slot_edr_acl_packets", "5-slot EDR ACL packets")    \
	X(5, 0x02, BOOL, "sniff_subrating", "Sniff Subrating")                 \
	X(5, 0x04, BOOL, "pause_encryption", "Pause Encryption")               \
	X(5, 0x08, BOOL, "afh_capable_master", "AFH Capable Master")           \
	X(5, 0x10, BOOL, "afh_classification_master",                          \
	    "AFH Classification Master")                                       \
	X(5, 0x20, BOOL, "edr_esco_2mbps_mode", "EDR eSCO 2 Mbps Mode")        \
	X(5, 0x40, BOOL, "edr_esco_3mbps_mode", "EDR eSCO 3 Mbps Mode")        \
	X(5, 0x80, BOOL, "3slot_edr_esco_packets", "3-slot EDR eSCO Packets")  \
	X(6, 0x01, BOOL, "extended_inquiry_response",                          \
	    "Extended Inquiry Response")                                       \
	X(6, 0x02, BOOL, "simultaneous_le_and_br_edr.controller",              \
	    "Simultaneous LE and BR/EDR to Same Device Capable Controller")    \
	X(6, 0x04, BOOL, "reserved.50", "Reserved")                            \
	X(6, 0x08, BOOL, "secure_simple_pairing", "Secure Simple Pairing")     \
	X(6, 0x10, BOOL, "encapsulated_pdu", "Encapsulated PDU")               \
	X(6, 0x20, BOOL, "erroneous_data_reporting",                           \
	    "Erroneous Data Reporting")                                        \
	X(6, 0x40, BOOL, "non_flushable_packet_boundary_flag",                 \
	    "Non-flushable Packet Boundary Flag")                              \
	X(6, 0x80, BOOL, "reserved.55", "Reserved")                            \
	X(7, 0x01, BOOL, "supervision_timeout_changed_event",                  \
	    "Link Supervision Timeout Changed Event")                          \
	X(7, 0x02, BOOL, "inquiry_tx_power_level", "Inquiry TX Power Level")   \
	X(7, 0x04, BOOL, "enhanced_power_control", "Enhanced Power Control")   \
	X(7, 0x78, BOOL, "reserved.59_62", "Reserved")                         \
	X(7, 0x80, BOOL, "extended_features", "Extended Features")

#define HOST_FEATURES(X)                                                       \
	X(0, 0x01, BOOL, "secure_simple_pairing_host",                         \
	    "Secure Simple Pairing Host")                                      \
	X(0, 0x02, BOOL, "le_supported.host", "LE Supported Host")             \
	X(0, 0x04, BOOL, "simultaneous_le_and_br_edr.host",                    \
	    "Simultaneous LE and BR/EDR to Same Device Capable Host")          \
	X(0, 0x08, BOOL, "secure_connections_host", "Secure Connections Host") \
	X(0, 0xf0, HEX8, "reserved.68_71", "Reserved")

#define X(byte, mask, kind, key, name) \
	{"bthci_evt.lmp_features." key, name, ref, NULL, mask, KIND_##kind},
static const struct field_def defs[] = {
    {"bthci_evt.lmp_features", "Features", ref, "What the controller can do.",
	.kind = KIND_NONE},
    {"bthci_evt.lmp_features.reserved", "Reserved", ref, .kind = KIND_BYTES},
    FEATURES(X) HOST_FEATURES(X)};
#undef X
const struct field_table hci_features_fields = FIELD_TABLE(defs);

#define X(byte, mask, kind, key, name) byte,
static const uint8_t bytes[] = {FEATURES(X)};
static const uint8_t host_bytes[] = {HOST_FEATURES(X)};
#undef X

enum { LEN = 8, FIRST = 2 };

void
layer_features(struct layer *l, uint32_t page)
{
	const struct field_def *d = &defs[FIRST];
	const uint8_t *in = bytes;
	size_t n = sizeof bytes, next = 0;
	size_t heading = layer_begin(l, &defs[0]);

	if (page == 1) {
		in = host_bytes;
		n = sizeof host_bytes;
		d += sizeof bytes;
	} else if (page != 0) {
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (in[i] == next) {
			layer_word(l, &d[i], 1);
			next++;
		}
		layer_add_bits(l, &d[i]);
	}
	if (next < LEN)
		layer_bytes(l, &defs[1], LEN - next, NULL);
	layer_end(l, heading);
}
