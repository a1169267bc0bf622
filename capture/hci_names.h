/*
 * capture/hci_names.h - what the numbers of HCI are called.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: Bluetooth Core 5.3 Vol 4 Part E s7, Vol 1 Part F s1.3; the names are
 *         Wireshark's.
 */
#ifndef SOCKDECK_CAPTURE_HCI_NAMES_H
#define SOCKDECK_CAPTURE_HCI_NAMES_H

#include <stdint.h>

/* All: NULL for unknown. */
const char *hci_command_name(uint32_t opcode);
const char *hci_event_name(uint32_t code);
const char *hci_le_event_name(uint32_t code); /* of a LE Meta event */
const char *hci_error_name(uint32_t code); /* a status, a reason */

#endif
