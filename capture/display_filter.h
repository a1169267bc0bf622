/*
 * capture/display_filter.h - which packets are shown, in short forms.
 *
 *   port:80  port:8000-8099   of either end      conv:3         conversation
 *   host:10.0.0.2  host:10.0.0.0/8               text:hello  text:"a b\r\n"
 *   state:established         of either end, after the packet
 *   flags:syn  flags:syn,ack  all of them set    dir:client     who sent it
 *   proto:udp, or just udp    purpose:handshake  verdict:retransmission
 *   wire:lost  wire:copy      what the lab's wire did with it
 *   len>100  len<=60  id:7-9  bytes on the wire, number in the list
 *   malformed  truncated      and, or, not, parentheses; beside is and
 *
 * Compiled once. Most tests need a packet's record only; ports and addresses
 * are looked up once for a conversation, and only text: looks at all bytes.
 *
 * Owns:   the compiled form, and what it remembers of conversations.
 * Bounds: DISPLAY_FILTER_MAX tests and operators; parentheses 32 deep.
 * Thread: main.  Blocks: on the disk, where the bytes of a mapped file are
 *         looked at.
 */
#ifndef SOCKDECK_CAPTURE_DISPLAY_FILTER_H
#define SOCKDECK_CAPTURE_DISPLAY_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/store.h"
#include "net/base/err.h"

#define DISPLAY_FILTER_MAX 64
#define DISPLAY_WORD_MAX 64

struct display_filter;

/*
 * -EINVAL: the sentence says where, counted from 1, and what is known there.
 * An empty text matches everything. -ENOMEM.
 */
int display_filter_new(
    const char *text, struct display_filter **ret, struct err *err);
void display_filter_free(struct display_filter *d); /* takes NULL */

/* Conversations are remembered by their number: one capture for each filter.
 * False for a frame that is not there. */
bool display_filter_match(
    struct display_filter *d, const struct store *s, uint64_t id);
/* The first match in ids [from, to); 0: none. */
uint64_t display_filter_next(struct display_filter *d, const struct store *s,
    uint64_t from, uint64_t to);

/*
 * What the last word of text may become, the n-th of all; "" begins with keys.
 * False: there are not so many.
 */
bool display_filter_complete(
    const char *text, unsigned n, char dst[DISPLAY_WORD_MAX]);

#endif
