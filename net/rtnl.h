/*
 * net/rtnl.h - the few rtnetlink requests that a lab's network is made of.
 *
 * A socket belongs to the network namespace in which it was opened. Each
 * function is one request with its acknowledgement: 0 or -errno.
 *
 * Owns:   nothing; the caller closes the descriptor.
 * Thread: any.  Blocks: no (the kernel answers at once).
 * Source: rtnetlink(7), veth(4).
 */
#ifndef SOCKDECK_NET_RTNL_H
#define SOCKDECK_NET_RTNL_H

#include <net/ethernet.h>
#include <stdint.h>

struct rtnl_net {
	int family; /* AF_INET, AF_INET6 */
	const void *ip; /* 4 or 16 bytes, network order */
	uint8_t prefix_len;
};

int rtnl_open(void); /* a descriptor or -errno */
/* Up, with this MTU and room for so many packets; without ARP. */
int rtnl_link_up(int fd, unsigned index, uint32_t mtu, uint32_t txqueuelen);
/* IPv6: without duplicate address detection. */
int rtnl_address_add(int fd, unsigned index, const struct rtnl_net *net);
/* Packets to dst leave by that interface, from that address (its ip only). */
int rtnl_route_add(int fd, unsigned index, const struct rtnl_net *dst,
    const struct rtnl_net *from);
int rtnl_neighbour_add(int fd, unsigned index, const struct rtnl_net *ip,
    const struct ether_addr *mac);
/* A veth pair: `near` here, `far` with that hardware address in the network
 * namespace far_netns. */
int rtnl_veth_add(int fd, const char *near, const char *far,
    const struct ether_addr *far_mac, int far_netns);

#endif
