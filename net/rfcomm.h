/*
 * net/rfcomm.h - what a client over RFCOMM does beside the textbook's calls.
 *
 * Thread: the actor's own.  Blocks: rfcomm_find() for seconds, rfcomm_again()
 * for 100 ms; a stop ends both.
 */
#ifndef SOCKDECK_NET_RFCOMM_H
#define SOCKDECK_NET_RFCOMM_H

#include "net/call.h"

#define RFCOMM_TRIES 20

/* Is it a Bluetooth device without a channel? Then its directory (SDP) is
 * asked for one, into a. 0, or -errno with a note. */
int rfcomm_find(struct actor *a, struct addr *addr);

/*
 * After connect() failed with -EBUSY or -ECONNRESET: the connection that a
 * close() ended a moment ago is still being taken down, which is over in 100 ms. True: s is
 * closed, and after that rest another socket may try. *tries counts from 0.
 */
bool rfcomm_again(struct actor *a, struct sock *s, int error, unsigned *tries);

#endif
