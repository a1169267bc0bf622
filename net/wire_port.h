/*
 * net/wire_port.h - where a host's cable ends: what the lab makes for each
 * host, and hands to wire_new().
 *
 * Two kinds, of which a wire has only one:
 *   TUN         IFF_TUN | IFF_NO_PI: one read or write is one IP packet
 *   link layer  AF_PACKET (SOCK_RAW) on the far end of a veth pair: Ethernet
 *               frames; the wire forwards ARP and neighbour discovery as a
 *               switch does
 *
 * The descriptor is non-blocking. The lab has made it and closes it, after
 * wire_free(). The first port is the server's: what it sends goes from server
 * to client, all else from client to server.
 *
 * Source: tun(4), veth(4), packet(7).
 */
#ifndef SOCKDECK_NET_WIRE_PORT_H
#define SOCKDECK_NET_WIRE_PORT_H

#include <netinet/in.h>
#include <stdbool.h>

#define WIRE_PORTS_MAX 16
#define WIRE_HOST_MAX 16

struct wire_port {
	int fd;
	bool link_layer;
	char host[WIRE_HOST_MAX]; /* "server", "client", "client2" ... */
	struct in_addr ip4;
	struct in6_addr ip6;
};

#endif
