#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/ethfeature.h"
#include "net/lab_impl.h"
#include "net/rtnl.h"

#define ETH "eth0"
/* A TUN device of 500, as it is born, loses packets that nobody counts. */
#define TXQUEUELEN 10000
#define CARRIER_TRIES 5000 /* of 0.1 ms */

void
lab_host_name(size_t host, struct wire_port *ret)
{
	*ret = (struct wire_port){.fd = -1};
	if (host > 1)
		snprintf(ret->host, sizeof ret->host, "client%u",
		    (unsigned)(uint8_t)host);
	else
		strcpy(ret->host, host == 0 ? "server" : "client");
	ret->ip4.s_addr = htonl(0x0a000001 + (uint32_t)host);
	ret->ip6 = (struct in6_addr){.s6_addr = {0xfd}};
	ret->ip6.s6_addr[15] = (uint8_t)(1 + host);
}

/* A hardware address follows from the IP address: 02:00:0a:00:00:01. */
static struct ether_addr
mac_of(const struct wire_port *p)
{
	struct ether_addr mac = {{0x02, 0x00}};

	memcpy(&mac.ether_addr_octet[2], &p->ip4, sizeof p->ip4);
	return mac;
}

/* ---- settings ---- */

/* A setting that the kernel has not, or refuses, is no reason to have no lab. */
static void
set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		(void)errno;
	close(fd);
}

#define IPV6 "/proc/sys/net/ipv6/conf/default/"
#define TCP "/proc/sys/net/ipv4/tcp_"

void
lab_host_settle(void)
{
	static const char *const settings[][2] = {
	    /* No packet on the wire that nobody sent. */
	    {IPV6 "accept_dad", "0"},
	    {IPV6 "dad_transmits", "0"},
	    {IPV6 "accept_ra", "0"},
	    {IPV6 "autoconf", "0"},
	    {IPV6 "router_solicitations", "0"},
	    {IPV6 "addr_gen_mode", "1"},
	    /* TCP as the lessons have it: RACK and TLP would recover before
	     * three duplicate ACKs are seen, and a metric that is kept would
	     * make the second run differ from the first. */
	    {TCP "congestion_control", "reno"},
	    {TCP "recovery", "0"},
	    {TCP "early_retrans", "0"},
	    {TCP "no_metrics_save", "1"},
	};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		set(settings[i][0], settings[i][1]);
}

/* ---- interfaces ---- */

static void
offload_off(int fd, struct ifreq *req, uint32_t command)
{
	struct ethtool_value off = {.cmd = command, .data = 0};

	req->ifr_data = (char *)&off;
	ioctl(fd, SIOCETHTOOL, req);
}

void
lab_host_route_many(const char *interface, struct in_addr from)
{
	static const struct {
		in_addr_t ip;
		uint8_t prefix_len;
	} many[] = {{INADDR_UNSPEC_GROUP, 4}, {INADDR_BROADCAST, 32}};
	struct rtnl_net source = {AF_INET, &from, 32};
	int fd = rtnl_open();

	for (size_t i = 0; fd >= 0 && i < sizeof many / sizeof *many; i++) {
		struct in_addr ip = {htonl(many[i].ip)};
		struct rtnl_net dst = {AF_INET, &ip, many[i].prefix_len};

		rtnl_route_add(fd, if_nametoindex(interface), &dst, &source);
	}
	if (fd >= 0)
		close(fd);
}

/*
 * The MTU and TSO off make segments, one alone does not; so for datagrams. A
 * kernel that refuses those still makes a lab, only one with larger packets;
 * so for ping.
 */
int
lab_host_lo(gid_t gid)
{
	struct ifreq req = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;
	char range[64];

	if (fd < 0)
		return -errno;
	req.ifr_mtu = LAB_MTU;
	ioctl(fd, SIOCSIFMTU, &req);
	offload_off(fd, &req, ETHTOOL_STSO);
	ethfeature_set("lo", "tx-udp-segmentation", false);
	req.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_MULTICAST;
	if (ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		rc = -errno;
	close(fd);
	snprintf(range, sizeof range, "%u %u", gid, gid);
	set("/proc/sys/net/ipv4/ping_group_range", range);
	return rc;
}

int
lab_host_tun(enum lab_step *step)
{
	struct ifreq req = {.ifr_name = ETH};
	int fd, rc;

	*step = LAB_OPEN_TUN;
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	*step = LAB_MAKE_TUN;
	req.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &req) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* What comes out of that interface, and no copy of what we put in. */
static int
open_packet_socket(unsigned index)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_ll at = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = (int)index,
	};
	int on = 1, rc;

	if (fd < 0)
		return -errno;
	if (setsockopt(
		fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) == 0 &&
	    bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int
lab_host_veth(size_t host, int netns, enum lab_step *step)
{
	struct wire_port p;
	struct ether_addr mac;
	int fd = rtnl_open(), rc = fd;
	unsigned index = 0;

	lab_host_name(host, &p);
	mac = mac_of(&p);
	*step = LAB_MAKE_VETH;
	if (fd >= 0)
		rc = rtnl_veth_add(fd, p.host, ETH, &mac, netns);
	if (rc == 0) {
		index = if_nametoindex(p.host);
		rc = rtnl_link_up(fd, index, LAB_MTU, TXQUEUELEN);
	}
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		return rc;
	*step = LAB_OPEN_PACKET;
	return open_packet_socket(index);
}

/*
 * The kernel finds out in its own time that both ends are up, and throws away
 * without a word what is sent before. A packet socket asks in its own network
 * namespace, wherever we are.
 */
void
lab_host_await_carrier(int port, size_t host)
{
	const struct timespec pause = {.tv_nsec = 100 * 1000};
	struct ifreq req = {0};
	struct wire_port p;

	lab_host_name(host, &p);
	snprintf(req.ifr_name, sizeof req.ifr_name, "%s", p.host);
	for (int i = 0; i < CARRIER_TRIES; i++) {
		if (ioctl(port, SIOCGIFFLAGS, &req) < 0 ||
		    (req.ifr_flags & IFF_RUNNING) != 0)
			return;
		nanosleep(&pause, NULL);
	}
}

/* ---- eth0 ---- */

/* Real segments with real checksums, or the far end cannot use them. */
static void
offloads_off(void)
{
	static const uint32_t all[] = {
	    ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
	struct ifreq req = {.ifr_name = ETH};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; fd >= 0 && i < sizeof all / sizeof *all; i++)
		offload_off(fd, &req, all[i]);
	if (fd >= 0)
		close(fd);
}

/* So that nobody has to ask, and no ARP stands between the packets. */
static void
know_neighbours(int fd, unsigned index, size_t host, size_t hosts)
{
	for (size_t i = 0; i < hosts; i++) {
		struct wire_port p;
		struct ether_addr mac;

		lab_host_name(i, &p);
		mac = mac_of(&p);
		if (i == host)
			continue;
		rtnl_neighbour_add(
		    fd, index, &(struct rtnl_net){AF_INET, &p.ip4, 32}, &mac);
		rtnl_neighbour_add(
		    fd, index, &(struct rtnl_net){AF_INET6, &p.ip6, 128}, &mac);
	}
}

int
lab_host_eth(size_t host, size_t hosts, enum lab_medium medium)
{
	unsigned index = if_nametoindex(ETH);
	struct wire_port p;
	int fd = rtnl_open(), rc = fd;

	lab_host_name(host, &p);
	if (fd < 0)
		return rc;
	if (medium == LAB_VETH)
		offloads_off();
	rc = rtnl_link_up(fd, index, LAB_MTU, TXQUEUELEN);
	if (rc == 0)
		rc = rtnl_address_add(
		    fd, index, &(struct rtnl_net){AF_INET, &p.ip4, 24});
	/* A kernel without IPv6 makes a lab without it. */
	if (rc == 0)
		rtnl_address_add(
		    fd, index, &(struct rtnl_net){AF_INET6, &p.ip6, 64});
	if (rc == 0 && medium == LAB_VETH)
		know_neighbours(fd, index, host, hosts);
	close(fd);
	if (rc == 0)
		lab_host_route_many(ETH, p.ip4);
	return rc;
}
