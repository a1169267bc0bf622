#include "net/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 512

/* A request under way; its attributes follow the header of its family. */
struct request {
	union {
		struct nlmsghdr header;
		char room[REQUEST_MAX];
	};
};

static void *
begin(struct request *r, uint16_t type, uint16_t flags, size_t extra)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(r->room);

	m->nlmsg_type = type;
	m->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	return mnl_nlmsg_put_extra_header(m, extra);
}

static int
finish(int fd, struct request *r)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[REQUEST_MAX]; /* the request again */
	} answer;
	ssize_t n;

	if (send(fd, r->room, r->header.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, &answer, sizeof answer, 0);
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof answer.header + sizeof answer.error.error ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.error.error;
}

int
rtnl_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

int
rtnl_link_up(int fd, unsigned index, uint32_t mtu, uint32_t txqueuelen)
{
	struct request r;
	struct ifinfomsg *i = begin(&r, RTM_NEWLINK, 0, sizeof *i);

	i->ifi_family = AF_UNSPEC;
	i->ifi_index = (int)index;
	i->ifi_flags = i->ifi_change = IFF_UP | IFF_NOARP;
	mnl_attr_put_u32(&r.header, IFLA_MTU, mtu);
	mnl_attr_put_u32(&r.header, IFLA_TXQLEN, txqueuelen);
	return finish(fd, &r);
}

static void
put_ip(struct request *r, uint16_t attribute, const struct rtnl_net *net)
{
	mnl_attr_put(&r->header, attribute,
	    net->family == AF_INET ? sizeof(struct in_addr)
				   : sizeof(struct in6_addr),
	    net->ip);
}

int
rtnl_address_add(int fd, unsigned index, const struct rtnl_net *net)
{
	struct request r;
	struct ifaddrmsg *a =
	    begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *a);

	a->ifa_family = (uint8_t)net->family;
	a->ifa_prefixlen = net->prefix_len;
	a->ifa_index = index;
	put_ip(&r, IFA_LOCAL, net);
	put_ip(&r, IFA_ADDRESS, net);
	if (net->family == AF_INET6)
		mnl_attr_put_u32(&r.header, IFA_FLAGS, IFA_F_NODAD);
	return finish(fd, &r);
}

int
rtnl_route_add(int fd, unsigned index, const struct rtnl_net *dst,
    const struct rtnl_net *from)
{
	struct request r;
	struct rtmsg *t = begin(&r, RTM_NEWROUTE, NLM_F_CREATE, sizeof *t);

	t->rtm_family = (uint8_t)dst->family;
	t->rtm_dst_len = dst->prefix_len;
	t->rtm_table = RT_TABLE_MAIN;
	t->rtm_protocol = RTPROT_BOOT;
	t->rtm_scope = RT_SCOPE_LINK;
	t->rtm_type = RTN_UNICAST;
	put_ip(&r, RTA_DST, dst);
	put_ip(&r, RTA_PREFSRC, from);
	mnl_attr_put_u32(&r.header, RTA_OIF, index);
	return finish(fd, &r);
}

int
rtnl_neighbour_add(int fd, unsigned index, const struct rtnl_net *ip,
    const struct ether_addr *mac)
{
	struct request r;
	struct ndmsg *n =
	    begin(&r, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof *n);

	n->ndm_family = (uint8_t)ip->family;
	n->ndm_ifindex = (int)index;
	n->ndm_state = NUD_PERMANENT;
	put_ip(&r, NDA_DST, ip);
	mnl_attr_put(&r.header, NDA_LLADDR, sizeof *mac, mac);
	return finish(fd, &r);
}

int
rtnl_veth_add(int fd, const char *near, const char *far,
    const struct ether_addr *far_mac, int far_netns)
{
	struct request r;
	struct ifinfomsg *i =
	    begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *i);
	struct nlattr *info, *data, *peer;

	i->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(&r.header, IFLA_IFNAME, near);
	info = mnl_attr_nest_start(&r.header, IFLA_LINKINFO);
	mnl_attr_put_strz(&r.header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(&r.header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(&r.header, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(&r.header, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&r.header, IFLA_IFNAME, far);
	mnl_attr_put(&r.header, IFLA_ADDRESS, sizeof *far_mac, far_mac);
	mnl_attr_put_u32(&r.header, IFLA_NET_NS_FD, (uint32_t)far_netns);
	mnl_attr_nest_end(&r.header, peer);
	mnl_attr_nest_end(&r.header, data);
	mnl_attr_nest_end(&r.header, info);
	return finish(fd, &r);
}
