#include "capture/source.h"

#include "capture/summary.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* The entry of that name, a new one if there is none; NULL: no room. */
static struct source_interface *
entry_for(
    struct source_interface *list, size_t *count, size_t max, const char *name)
{
	struct source_interface *e;

	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	if (*count == max)
		return NULL;
	e = &list[(*count)++];
	*e = (struct source_interface){0};
	snprintf(e->name, sizeof e->name, "%s", name);
	return e;
}

size_t
source_interfaces(struct source_interface *ret, size_t max)
{
	struct ifaddrs *all;
	size_t count = 0;

	if (getifaddrs(&all) < 0)
		return 0;
	/* Every interface comes once by itself, then with each address. */
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		struct source_interface *e =
		    entry_for(ret, &count, max, i->ifa_name);

		if (e == NULL)
			continue;
		e->up = (i->ifa_flags & IFF_UP) != 0;
		e->carrier = (i->ifa_flags & IFF_RUNNING) != 0;
		e->loopback = (i->ifa_flags & IFF_LOOPBACK) != 0;
		if (i->ifa_addr == NULL)
			continue;
		if (i->ifa_addr->sa_family == AF_INET && e->ip4.len == 0)
			e->ip4 = addr_from_sockaddr(
			    i->ifa_addr, sizeof(struct sockaddr_in));
		if (i->ifa_addr->sa_family == AF_INET6 && e->ip6.len == 0)
			e->ip6 = addr_from_sockaddr(
			    i->ifa_addr, sizeof(struct sockaddr_in6));
	}
	freeifaddrs(all);
	return count;
}

/* Source: https://www.tcpdump.org/linktypes.html, the usual ones. */
const char *
source_link_name(uint16_t link_type)
{
	static const struct {
		uint16_t link_type;
		const char *name;
	} names[] = {
	    {LINK_NULL, "BSD loopback"},
	    {LINK_ETHERNET, "Ethernet"},
	    {6, "Token Ring"},
	    {8, "SLIP"},
	    {9, "PPP"},
	    {10, "FDDI"},
	    {50, "PPP over HDLC"},
	    {51, "PPPoE"},
	    {LINK_RAW, "raw IP"},
	    {104, "Cisco HDLC"},
	    {105, "802.11 wireless"},
	    {107, "Frame Relay"},
	    {LINK_LOOP, "OpenBSD loopback"},
	    {LINK_SLL, "Linux cooked"},
	    {127, "802.11 with radiotap"},
	    {187, "Bluetooth HCI"},
	    {189, "Linux USB"},
	    {195, "802.15.4"},
	    {201, "Bluetooth HCI with direction"},
	    {220, "Linux USB, mapped"},
	    {227, "SocketCAN"},
	    {228, "raw IPv4"},
	    {229, "raw IPv6"},
	    {239, "netfilter log"},
	    {249, "USBPcap"},
	    {251, "Bluetooth LE"},
	    {253, "netlink"},
	    {254, "Bluetooth monitor"},
	    {LINK_SLL2, "Linux cooked v2"},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].link_type == link_type)
			return names[i].name;
	return "unknown link type";
}
