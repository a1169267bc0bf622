/*
 * bt/bt.h - Bluetooth, as far as it takes libbluetooth.
 *
 * The sockets themselves are plain calls (net/call.h); this is what goes with
 * them: adapters, the devices around, and SDP. All of it runs in the helper's
 * workers, outside of any lab, each request in a process of its own: what
 * libbluetooth makes of a stranger's bytes stays there. Where the program was
 * built without libbluetooth the answer says so.
 *
 *   work.c      which request is whose
 *   adapter.c   this machine's controllers (HCI ioctls)
 *   discover.c  an inquiry, and the names of those who answered
 *   sdp.c       finding and registering RFCOMM channels
 *
 * Owns:   nothing.  Thread: a worker's only one.  Blocks: yes.
 */
#ifndef SOCKDECK_BT_BT_H
#define SOCKDECK_BT_BT_H

#include <stddef.h>

/* An outside_work() (net/outside.h): request is a struct bluetooth_request, the
 * answers are struct bluetooth_answer. */
void bt_work(int fd, const void *request, size_t n);

#endif
