/*
 * net/call_bluetooth.h - SDP, the directory of RFCOMM channels, as traced calls.
 *
 * No system calls but libbluetooth's sdp_service_search_attr_req() and
 * sdp_record_register(), each with the connection that it takes; carried out
 * by the helper outside of the lab (net/bluetooth.h).
 *
 * Thread: the actor's own.  Blocks: for seconds; a stop or an interrupt ends it.
 */
#ifndef SOCKDECK_NET_CALL_BLUETOOTH_H
#define SOCKDECK_NET_CALL_BLUETOOTH_H

#include "net/call.h"

/*
 * The channel of the first Serial Port service at the device of to, into it.
 * The channel, or -errno: -ENOENT, it has no such service. What went wrong is
 * said by a note.
 */
int call_sdp_search(struct actor *a, struct addr *to);
/*
 * Say in this machine's directory that a Serial Port service of this name
 * listens at s->local. A descriptor that keeps the record until it is closed,
 * or -errno; that too is said by a note.
 */
int call_sdp_register(struct actor *a, const struct sock *s, const char *name);

#endif
