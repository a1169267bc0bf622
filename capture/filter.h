/*
 * capture/filter.h - capture filters in pcap syntax (pcap-filter(7)).
 *
 * Thread: one at a time (main).  Blocks: a host name in a filter may ask a
 * resolver; filter_check() refuses nothing that libpcap accepts.
 */
#ifndef SOCKDECK_CAPTURE_FILTER_H
#define SOCKDECK_CAPTURE_FILTER_H

#include <stdint.h>

#include "net/base/err.h"

/* 0 if libpcap would accept this text on that link type (LINKTYPE_), or
 * -EINVAL with its reason. For checking while the user types. */
int filter_check(const char *text, uint16_t link_type, struct err *err);

#endif
