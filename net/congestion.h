/*
 * net/congestion.h - which congestion control TCP uses.
 *
 * A network namespace has a usual one, for connections that do not choose
 * (TCP_CONGESTION, tcp(7)). In a lab it can be changed, but only to those that
 * the kernel does not restrict to its first network; a socket of ours can have
 * any, since inside of the lab we have the right.
 *
 * Owns:   nothing.  Thread: any; about the host where it is.  Blocks: no.
 * Source: tcp(7), tcp_congestion_control; linux Documentation/networking/
 *         ip-sysctl.rst, tcp_allowed_congestion_control.
 */
#ifndef SOCKDECK_NET_CONGESTION_H
#define SOCKDECK_NET_CONGESTION_H

#include "net/base/err.h"
#include "net/sockopt.h"

#define CONGESTION_NAMES_MAX 128

struct congestion_names {
	char usual[CONGESTION_NAMES_MAX]; /* "reno"; "": not known */
	char all[CONGESTION_NAMES_MAX]; /* "reno bbr cubic" */
};
void congestion_names(struct congestion_names *ret);

/* The value for TCP_CONGESTION. -EINVAL with the names of those there are. */
int congestion_parse(
    const char *name, struct sockopt_value *ret, struct err *err);
/* Make it the usual one. 0; -EPERM: it is restricted, or we have no right. */
int congestion_set_usual(const char *name);

#endif
