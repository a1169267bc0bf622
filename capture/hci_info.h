/*
 * capture/hci_info.h - one line about a Bluetooth packet: "Command Status:
 * Inquiry", "SABM channel 3", "PN answer, channel 3, MTU 1016".
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_HCI_INFO_H
#define SOCKDECK_CAPTURE_HCI_INFO_H

#include <stddef.h>

#include "capture/store.h"

/* Returns the length; 0: nothing is known of it. Nothing in it was received. */
size_t hci_info(const struct frame *f, char *dst, size_t size);

#endif
