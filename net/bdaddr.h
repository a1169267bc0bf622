/*
 * net/bdaddr.h - Bluetooth device addresses, and RFCOMM's socket addresses.
 *
 *   AA:BB:CC:DD:EE:FF/1   a device and an RFCOMM channel
 *   AA:BB:CC:DD:EE:FF     the channel is left open: a client asks the device
 *                         (SDP), a server takes the first free one
 *   any/1, any            a server on every adapter of this machine
 *
 * The kernel's own header is not part of libc, so its structure stands here;
 * bt/ checks that the two agree.
 *
 * Owns:   nothing; values.  Thread: any.  Blocks: never.
 * Source: Bluetooth Core, Vol 2 Part B s1.2 (addresses); RFCOMM s5.4 (server
 *         channels 1 to 30); linux/include/net/bluetooth/rfcomm.h.
 */
#ifndef SOCKDECK_NET_BDADDR_H
#define SOCKDECK_NET_BDADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/base/err.h"

#define BDADDR_TEXT_MAX 18
#define RFCOMM_CHANNEL_MAX 30
#define RFCOMM_PROTOCOL 3 /* BTPROTO_RFCOMM */
/*
 * Linux (6.12) takes memory for all bytes of a send() before it sends the first
 * of them (bt_skb_sendmmsg()): one of more than the send buffer has room for,
 * 23 KB with its overhead, blocks for ever. Who sends more does so in pieces.
 */
#define RFCOMM_SEND_MAX 4096

struct bdaddr {
	uint8_t byte[6]; /* the last one written comes first, as on the air */
};

struct sockaddr_rfcomm {
	sa_family_t family; /* AF_BLUETOOTH */
	struct bdaddr device; /* all zero: any adapter */
	uint8_t channel; /* 0: none chosen */
};

bool bdaddr_is_any(const struct bdaddr *d);
bool bdaddr_parse(const char *text, struct bdaddr *ret);
/* "AA:BB:CC:DD:EE:FF" */
const char *bdaddr_format(char dst[BDADDR_TEXT_MAX], const struct bdaddr *d);

/* What a user wrote. passive: of a server. 0, or -EINVAL with a sentence that
 * says what the text should look like. */
int rfcomm_parse(const char *text, bool passive, struct sockaddr_rfcomm *ret,
    struct err *err);

#endif
