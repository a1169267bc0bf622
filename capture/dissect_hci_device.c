/*
 * What a Bluetooth device says of itself: its class, and the data with which it
 * answers an inquiry.
 *
 * Source: Bluetooth Assigned Numbers s2.8 (class), Core 5.3 Vol 3 Part C s8
 * (inquiry data), Core Specification Supplement 10 Part A s1.
 */
#include "capture/dissect_hci.h"

enum {
	CLASS,
	CLASS_MINOR,
	CLASS_FORMAT,
	CLASS_MAJOR,
	CLASS_FIRST_SERVICE,
	CLASS_LAST_SERVICE = CLASS_FIRST_SERVICE + 10,
	DATA,
	ENTRY,
	LENGTH,
	TYPE,
	NAME,
	POWER,
	UUID16,
	UUID32,
	UUID128,
	DID_SOURCE,
	DID_VENDOR,
	DID_PRODUCT,
	DID_VERSION,
	COMPANY,
	OTHER,
	UNUSED,
};

static const char class_ref[] = "Assigned Numbers s2.8";
static const char data_ref[] = "Core Vol 3 C s8";
static const char entry_ref[] = "CSS A s1";

#define SERVICE(key, name, mask)                                            \
	{                                                                   \
		"btcommon.cod.major_service_classes." key, name, class_ref, \
		    NULL, mask, KIND_BOOL                                   \
	}

static const struct field_def defs[] = {
    [CLASS] = {"btcommon.cod.class_of_device", "Class of device", class_ref,
	"What kind of device it is, and what it is good for.",
	.kind = KIND_HEX24},
    [CLASS_MINOR] = {"btcommon.cod.minor_device_class", "Minor class",
	class_ref, NULL, 0x0000fc, KIND_HEX8},
    [CLASS_FORMAT] = {"btcommon.cod.format_type", "Format", class_ref, NULL,
	0x000003, KIND_HEX8},
    [CLASS_MAJOR] = {"btcommon.cod.major_device_class", "Major class",
	class_ref, NULL, 0x001f00, KIND_HEX16},
    [CLASS_FIRST_SERVICE] = SERVICE("information", "Information", 0x800000),
    SERVICE("telephony", "Telephony", 0x400000),
    SERVICE("audio", "Audio", 0x200000),
    SERVICE("object_transfer", "Object transfer", 0x100000),
    SERVICE("capturing", "Capturing", 0x080000),
    SERVICE("rendering", "Rendering", 0x040000),
    SERVICE("networking", "Networking", 0x020000),
    SERVICE("positioning", "Positioning", 0x010000),
    {"btcommon.cod.major_service_classes.reserved", "Reserved", class_ref, NULL,
	0x008000, KIND_HEX16},
    {"btcommon.cod.major_service_classes.le_audio", "LE audio", class_ref, NULL,
	0x004000, KIND_HEX16},
    SERVICE("limited_discoverable_mode", "To be found for a while", 0x002000),
    [DATA] = {"btcommon.eir_ad.extended_inquiry_response_data", "Inquiry data",
	data_ref, "What a device tells without being connected.",
	.kind = KIND_NONE},
    [ENTRY] = {"btcommon.eir_ad.entry", "Entry", data_ref, .kind = KIND_NONE},
    [LENGTH] = {"btcommon.eir_ad.entry.length", "Length", data_ref,
	.kind = KIND_DEC},
    [TYPE] = {"btcommon.eir_ad.entry.type", "Type", entry_ref,
	.kind = KIND_HEX8},
    [NAME] = {"btcommon.eir_ad.entry.device_name", "Name", "CSS A s1.2",
	.kind = KIND_STRING},
    [POWER] = {"btcommon.eir_ad.entry.power_level", "Transmit power",
	"CSS A s1.5", "In dBm.", .kind = KIND_INT8},
    [UUID16] = {"btcommon.eir_ad.entry.uuid_16", "Service", "CSS A s1.1",
	.kind = KIND_HEX16},
    [UUID32] = {"btcommon.eir_ad.entry.uuid_32", "Service", "CSS A s1.1",
	.kind = KIND_HEX32},
    [UUID128] = {.name = "Service", .ref = "CSS A s1.1", .kind = KIND_BYTES},
    [DID_SOURCE] = {"btcommon.eir_ad.entry.did.vendor_id_source",
	"Who gave the vendor's number", "Device ID 1.3 s6", .kind = KIND_HEX16},
    [DID_VENDOR] = {"btcommon.eir_ad.entry.did.vendor_id", "Vendor",
	"Device ID 1.3 s6", .kind = KIND_HEX16},
    [DID_PRODUCT] = {"btcommon.eir_ad.entry.did.product_id", "Product",
	"Device ID 1.3 s6", .kind = KIND_HEX16},
    [DID_VERSION] = {"btcommon.eir_ad.entry.did.version", "Version",
	"Device ID 1.3 s6", .kind = KIND_HEX16},
    [COMPANY] = {"btcommon.eir_ad.entry.company_id", "Company", "CSS A s1.4",
	.kind = KIND_HEX16},
    [OTHER] = {.name = "Data", .ref = entry_ref, .kind = KIND_BYTES},
    [UNUSED] = {"btcommon.eir_ad.unused", "Unused", data_ref,
	.kind = KIND_NONE},
};
const struct field_table hci_device_fields = FIELD_TABLE(defs);

static const struct name majors[] = {
    {0, "miscellaneous"},
    {1, "computer"},
    {2, "phone"},
    {3, "network access point"},
    {4, "audio, video"},
    {5, "peripheral"},
    {6, "imaging"},
    {7, "wearable"},
    {8, "toy"},
    {9, "health"},
    {31, "uncategorized"},
};

enum entry_type {
	UUIDS16_SOME = 2,
	UUIDS16 = 3,
	UUIDS32_SOME = 4,
	UUIDS32 = 5,
	UUIDS128_SOME = 6,
	UUIDS128 = 7,
	NAME_SHORT = 8,
	NAME_WHOLE = 9,
	POWER_LEVEL = 10,
	DEVICE_ID = 16,
	MANUFACTURER = 255,
};

static const struct name types[] = {
    {1, "flags"},
    {UUIDS16_SOME, "some of the services"},
    {UUIDS16, "services"},
    {UUIDS32_SOME, "some of the services"},
    {UUIDS32, "services"},
    {UUIDS128_SOME, "some of the services"},
    {UUIDS128, "services"},
    {NAME_SHORT, "beginning of the name"},
    {NAME_WHOLE, "name"},
    {POWER_LEVEL, "transmit power"},
    {DEVICE_ID, "device id"},
    {MANUFACTURER, "of the manufacturer"},
};

void
layer_class(struct layer *l)
{
	uint32_t major;

	build_protocol(l->b, "btcommon");
	layer_uint_le(l, &defs[CLASS], 3);
	major = (l->word & defs[CLASS_MAJOR].mask) >> 8;
	layer_remark_name(l, NAME_OF(majors, major));
	layer_add_bits(l, &defs[CLASS_MINOR]);
	layer_add_bits(l, &defs[CLASS_FORMAT]);
	for (int i = CLASS_FIRST_SERVICE; i <= CLASS_LAST_SERVICE; i++)
		layer_add_bits(l, &defs[i]);
	layer_add_bits(l, &defs[CLASS_MAJOR]);
}

static void
uuids(struct layer *l, const struct field_def *def, size_t size)
{
	while (layer_ok(l) && rd_wire_left(&l->r) >= size) {
		if (size > 4)
			layer_bytes(l, def, size, NULL);
		else
			layer_remark_name(l,
			    bluetooth_uuid_name(layer_uint_le(l, def, size)));
	}
}

static void
read_entry(struct layer *l, uint32_t type)
{
	size_t len = rd_wire_left(&l->r);

	switch (type) {
	case UUIDS16_SOME:
	case UUIDS16:
		uuids(l, &defs[UUID16], 2);
		break;
	case UUIDS32_SOME:
	case UUIDS32:
		uuids(l, &defs[UUID32], 4);
		break;
	case UUIDS128_SOME:
	case UUIDS128:
		uuids(l, &defs[UUID128], 16);
		break;
	case NAME_SHORT:
	case NAME_WHOLE:
		layer_text(l, &defs[NAME], len);
		break;
	case POWER_LEVEL:
		layer_uint(l, &defs[POWER], 1);
		layer_remark(l, "dBm");
		break;
	case DEVICE_ID:
		for (int i = DID_SOURCE; i <= DID_VERSION; i++)
			layer_uint_le(l, &defs[i], 2);
		break;
	case MANUFACTURER:
		layer_uint_le(l, &defs[COMPANY], 2);
		break;
	default:
		break;
	}
	if (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_payload(l, &defs[OTHER]);
}

void
layer_inquiry_data(struct layer *l)
{
	size_t heading = layer_begin(l, &defs[DATA]), entry;
	struct rd peek, outside;
	uint32_t len, type;

	build_protocol(l->b, "btcommon");
	while (layer_ok(l) && rd_left(&l->r) > 0) {
		peek = l->r;
		if (rd_u8(&peek) == 0)
			break;
		entry = layer_begin(l, &defs[ENTRY]);
		len = layer_uint(l, &defs[LENGTH], 1);
		outside = layer_enter(l, len);
		type = layer_uint(l, &defs[TYPE], 1);
		layer_remark_name(l, NAME_OF(types, type));
		read_entry(l, type);
		layer_leave(l, outside);
		layer_end(l, entry);
	}
	if (layer_ok(l) && rd_wire_left(&l->r) > 0)
		layer_payload(l, &defs[UNUSED]);
	layer_end(l, heading);
}
