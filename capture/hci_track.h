/*
 * capture/hci_track.h - what a Bluetooth packet means by those before it: whose
 * connection it is, which channel, the beginning of the frame that it goes on
 * with.
 *
 * Connections and channels are remembered with the frame they began with, so
 * that older frames can still be asked about.
 *
 * Owns:   what it remembers, by copy.
 * Bounds: HCI_LINKS, HCI_CHANNELS; the oldest are forgotten.
 * Thread: main.  Blocks: never.
 * Source: Bluetooth Core 5.3 Vol 4 Part E s7.7.3, Vol 3 Part A s4, s7.2.
 */
#ifndef SOCKDECK_CAPTURE_HCI_TRACK_H
#define SOCKDECK_CAPTURE_HCI_TRACK_H

#include "capture/dissect.h"
#include "capture/rfcomm_track.h"
#include "capture/store.h"

#define HCI_LINKS 128
#define HCI_CHANNELS 256

struct hci_track;

struct hci_track *hci_track_new(void);
void hci_track_free(struct hci_track *t);
/*
 * One frame of a Bluetooth capture, in order. True: it belongs to a
 * conversation of RFCOMM; then *ret says to which, and f->sum says what of it
 * is header, now that it is known to be RFCOMM.
 */
bool hci_track_feed(
    struct hci_track *t, struct frame *f, struct rfcomm_place *ret);
/* p: frame `id`, where a frame of L2CAP begins. */
void hci_track_context(const struct hci_track *t, uint64_t id,
    const struct packet *p, struct hci_context *ret);

#endif
