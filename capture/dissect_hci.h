/*
 * capture/dissect_hci.h - the layers of Bluetooth below its applications (for
 * dissect_hci*.c, dissect_l2cap.c, dissect_rfcomm.c, dissect_sdp.c).
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_DISSECT_HCI_H
#define SOCKDECK_CAPTURE_DISSECT_HCI_H

#include "capture/dissect_internal.h"
#include "capture/hci.h"

/* The parameters of a command or an event, as a table has them. */
struct hci_form {
	uint32_t code; /* opcode, or event code */
	uint8_t params[10]; /* entries of defs, 0 behind the last */
};

struct hci_forms {
	const struct field_def *defs;
	const uint8_t *sizes; /* of each in bytes; 0: see special */
	/* The value in words; NULL: none. */
	const char *(*remark)(unsigned def, uint32_t value);
	/* A parameter of several fields. */
	void (*special)(struct layer *l, unsigned def);
	const struct hci_form *forms;
	size_t count;
};

/* The parameters of code in order; false: it is not in the table. */
bool hci_params(struct layer *l, const struct hci_forms *t, uint32_t code);
/* Characters up to a zero, in n bytes. */
void layer_name(struct layer *l, const struct field_def *def, size_t n);

/* The opcode and its two parts. */
struct opcode_defs {
	const struct field_def *opcode, *ogf, *ocf;
};
uint32_t layer_opcode(struct layer *l, const struct opcode_defs *d);

void dissect_hci_command(struct build *b, struct rd r);
void dissect_hci_event(struct build *b, struct rd r);
/* The features that a controller has; page 0: 64 of them, 1: of its host. */
void layer_features(struct layer *l, uint32_t page);
/* What a device says of itself: its class, and the data it answers with. */
void layer_class(struct layer *l);
void layer_inquiry_data(struct layer *l);
/* "Serial Port"; NULL: unknown. */
const char *bluetooth_uuid_name(uint32_t uuid);

/* "RFCOMM"; NULL: unknown. */
const char *l2cap_psm_name(uint32_t psm);
/* "Connection Request"; NULL: unknown. */
const char *l2cap_command_name(uint32_t code);
/* "Service Search Request"; NULL: unknown. */
const char *sdp_pdu_name(uint32_t pdu);
/* "Service Name"; NULL: unknown. */
const char *sdp_attribute_name(uint32_t attribute);
/* One frame of L2CAP, all of it. */
void dissect_l2cap(struct build *b, struct rd r);
void dissect_rfcomm(struct build *b, struct rd r);
void dissect_sdp(struct build *b, struct rd r);

#endif
