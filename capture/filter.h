/*
 * capture/filter.h - capture filters in pcap syntax (pcap-filter(7)).
 *
 * Thread: one at a time (main).  Blocks: a host name in a filter may ask a
 * resolver; filter_check() refuses nothing that libpcap accepts.
 */
#ifndef SOCKDECK_CAPTURE_FILTER_H
#define SOCKDECK_CAPTURE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/base/err.h"
#include "net/base/packet.h"

/* 0 if libpcap would accept this text on that link type (LINKTYPE_), or
 * -EINVAL with its reason. For checking while the user types. */
int filter_check(const char *text, uint16_t link_type, struct err *err);

/*
 * A filter for packets in hand, of any link types: for each it is compiled when
 * the first packet of it comes, and where libpcap refuses that, none matches.
 */
struct filter;
/* NULL: no memory. */
struct filter *filter_new(const char *text);
void filter_free(struct filter *f); /* takes NULL */
bool filter_match(struct filter *f, const struct packet *p);

#endif
