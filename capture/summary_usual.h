/*
 * capture/summary_usual.h - summary_read(): the packet that nearly all are is
 * read without steps, all others by summary.c.
 *
 * Ethernet, IPv4 without options, TCP or UDP; not fragmented, all headers
 * captured, all lengths in agreement. That can be checked in one go, and each
 * field then stands at a known place.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_SUMMARY_USUAL_H
#define SOCKDECK_CAPTURE_SUMMARY_USUAL_H

#include "capture/summary.h"

/* False: it is another packet, and *ret is to be read anew. */
bool summary_read_usual(const struct packet *p, struct summary *ret);
/* Any packet, as if there were no usual ones. */
void summary_read_steps(const struct packet *p, struct summary *ret);

#endif
