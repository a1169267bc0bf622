/*
 * net/sockdiag.h - requests and answers of NETLINK_SOCK_DIAG.
 *
 * The wire format only: which dump requests make up a table, and one answer
 * as a row. net/sockwalk.c does the talking.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: sock_diag(7); linux/inet_diag.h, linux/unix_diag.h.
 */
#ifndef SOCKDECK_NET_SOCKDIAG_H
#define SOCKDECK_NET_SOCKDIAG_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#include "net/sockrow.h"

#define SOCKDIAG_REQUEST_MAX 512

/* One dump request; a table is read by those that its caller wants. */
enum sockdiag_kind {
	SOCKDIAG_TCP, /* both families in one pass over the hash table */
	SOCKDIAG_UDP4,
	SOCKDIAG_UDP6,
	SOCKDIAG_UNIX,
	SOCKDIAG_KINDS
};

const char *sockdiag_name(enum sockdiag_kind kind); /* in a sentence */

/* Write the request into buf (aligned as a netlink header); its length, or 0 if
 * the filter leaves no socket of this kind. */
size_t sockdiag_request(void *buf, enum sockdiag_kind kind,
    const struct sockfilter *filter, uint32_t seq);

/*
 * One answer as a row, all fields that the kernel fills; the rest is zero. Its
 * memory is padded to 4 bytes, as netlink pads its messages.
 * 0, or -EPROTO for a message that is too short or of another family.
 */
int sockdiag_row(
    const struct nlmsghdr *nlh, enum sockdiag_kind kind, struct sockrow *ret);

#endif
