/*
 * net/btproc.h - the kernel's Bluetooth sockets, which sock_diag does not know.
 *
 * /proc/net/rfcomm and l2cap say which sockets there are, but neither address
 * nor state. Those are found in debugfs, by root; of this process's own
 * sockets by getsockname(). Elsewhere they stay unknown: no address, and state
 * TCPS_NONE.
 *
 * The kernel's states become their relatives: BT_CONNECTED is ESTABLISHED,
 * BT_CONNECT and BT_CONFIG are SYN-SENT, BT_CONNECT2 SYN-RECEIVED, BT_DISCONN
 * CLOSING.
 *
 * Owns:   nothing.  Bounds: BTPROC_MAX sockets of a kind.
 * Thread: any.  Blocks: never.
 * Source: linux/net/bluetooth: bt_seq_show(), rfcomm_sock_debugfs_show(),
 *         l2cap_debugfs_show().
 */
#ifndef SOCKDECK_NET_BTPROC_H
#define SOCKDECK_NET_BTPROC_H

#include "net/sockwalk.h"

#define BTPROC_MAX 4096
#define BTPROC_DEBUG "/sys/kernel/debug/bluetooth"

/* Hand over each socket that the filter wants.
 *   proc   "/proc/net", or that of a process in the first network namespace
 *   debug  BTPROC_DEBUG
 * 0, or what row() returned. A kernel without Bluetooth has none. */
int btproc_walk(const char *proc, const char *debug,
    const struct sockfilter *filter, sockwalk_row *row, void *arg);

#endif
