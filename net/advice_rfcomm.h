/*
 * net/advice_rfcomm.h - what a failed call means over Bluetooth. For
 * net/advice.c.
 *
 * Thread: any.  Blocks: never.
 * Source: measured on Linux 6.12 with two virtual controllers (tests/vm/).
 */
#ifndef SOCKDECK_NET_ADVICE_RFCOMM_H
#define SOCKDECK_NET_ADVICE_RFCOMM_H

#include "net/call.h"

/*
 * Text with {addr} in it for what was asked for; NULL: nothing special.
 *   *ret_end  it is how every connection ends, and no bad news
 */
const char *advice_rfcomm(enum call_kind kind, int error, bool *ret_end);

#endif
