/*
 * net/advice.h - what a failed socket call means and what to do about it.
 *
 * callfmt_meaning() has the few words that stand beside a result; this has the
 * sentence that teaches, recorded as a CALL_NOTE after the call.
 *
 * Thread: the actor's own.  Blocks: never.
 * Source: the ERRORS sections of the man pages; RFC 9293 (RST, FIN).
 */
#ifndef SOCKDECK_NET_ADVICE_H
#define SOCKDECK_NET_ADVICE_H

#include "net/call.h"

/*
 * The reason that follows from what the socket has been through: "it has that
 * address already". NULL: none does. Text with {local} and {peer} in it.
 */
const char *advice_past(const struct sock *s, enum call_kind kind, int error);

/*
 * Record the advice for a call of s that failed.
 *   error  -errno, as the call returned it; -ECANCELED (a stop) needs none
 *   addr   what bind() or connect() was asked for, or socket() is for;
 *          else NULL
 */
void advice_note(struct actor *a, const struct sock *s, enum call_kind kind,
    int error, const struct addr *addr);

/*
 * After a datagram socket's call failed: read its error queue and say which
 * ICMP message was behind that. Returns how many there were.
 */
int advice_icmp(struct actor *a, struct sock *s);

#endif
