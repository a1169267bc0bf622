#include "net/sockdiag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>

#define ALL_STATES ((1U << TCPS_COUNT) - 1)
/* A pseudo-state of Linux 6.8 (TCP_BOUND_INACTIVE); others ignore the bit. */
#define BOUND_STATE (1U << 13)

static const struct kind {
	const char *name;
	unsigned flag;
	uint8_t family, protocol;
	enum transport transport;
} kinds[SOCKDIAG_KINDS] = {
    [SOCKDIAG_TCP] = {"TCP", SOCKTAB_TCP, AF_UNSPEC, IPPROTO_TCP,
	TRANSPORT_TCP},
    [SOCKDIAG_UDP4] = {"UDP over IPv4", SOCKTAB_UDP, AF_INET, IPPROTO_UDP,
	TRANSPORT_UDP},
    [SOCKDIAG_UDP6] = {"UDP over IPv6", SOCKTAB_UDP, AF_INET6, IPPROTO_UDP,
	TRANSPORT_UDP},
    [SOCKDIAG_UNIX] = {"Unix", SOCKTAB_UNIX, AF_UNIX, 0, TRANSPORT_UNIX},
};

unsigned
sockdiag_flag(enum sockdiag_kind kind)
{
	return kinds[kind].flag;
}

const char *
sockdiag_name(enum sockdiag_kind kind)
{
	return kinds[kind].name;
}

/*
 * The older request: it alone takes AF_UNSPEC, and so walks the TCP hash table
 * (262,144 buckets on a small machine, 1 ms) once and not for each family.
 */
static void
put_tcp(struct nlmsghdr *nlh, unsigned what)
{
	struct inet_diag_req *req =
	    mnl_nlmsg_put_extra_header(nlh, sizeof *req);

	nlh->nlmsg_type = TCPDIAG_GETSOCK;
	req->idiag_family = AF_UNSPEC;
	req->idiag_states = ALL_STATES;
	if (what & SOCKTAB_BOUND)
		req->idiag_states |= BOUND_STATE;
	if (what & SOCKTAB_INFO)
		req->idiag_ext = 1 << (INET_DIAG_INFO - 1);
}

static void
put_inet(struct nlmsghdr *nlh, const struct kind *k)
{
	struct inet_diag_req_v2 *req =
	    mnl_nlmsg_put_extra_header(nlh, sizeof *req);

	req->sdiag_family = k->family;
	req->sdiag_protocol = k->protocol;
	req->idiag_states = ALL_STATES;
}

static void
put_unix(struct nlmsghdr *nlh)
{
	struct unix_diag_req *req =
	    mnl_nlmsg_put_extra_header(nlh, sizeof *req);

	req->sdiag_family = AF_UNIX;
	req->udiag_states = ALL_STATES;
	req->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN |
			  UDIAG_SHOW_UID;
}

size_t
sockdiag_request(
    void *buf, enum sockdiag_kind kind, unsigned what, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = seq;
	if (kind == SOCKDIAG_TCP)
		put_tcp(nlh, what);
	else if (kind == SOCKDIAG_UNIX)
		put_unix(nlh);
	else
		put_inet(nlh, &kinds[kind]);
	return nlh->nlmsg_len;
}

static uint64_t
cookie(const uint32_t half[2])
{
	return half[0] | (uint64_t)half[1] << 32;
}

/* The kernel's tcp_info is longer than the C library's (280 bytes to 104); the
 * fields below were in it from the first. */
static void
take_info(struct sockrow *row, const void *data, size_t n)
{
	struct tcp_info info = {0};

	if (n < sizeof info || row->state == TCPS_LISTEN)
		return;
	memcpy(&info, data, sizeof info);
	row->has_info = true;
	row->rtt_us = info.tcpi_rtt;
	row->cwnd = info.tcpi_snd_cwnd;
	row->snd_mss = info.tcpi_snd_mss;
	row->rto_us = info.tcpi_rto;
	row->total_retrans = info.tcpi_total_retrans;
}

static int
on_inet_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == INET_DIAG_INFO)
		take_info(data, mnl_attr_get_payload(attr),
		    mnl_attr_get_payload_len(attr));
	return MNL_CB_OK;
}

static uint8_t
inet_state(enum transport transport, uint8_t kernel)
{
	if (transport == TRANSPORT_UDP)
		return kernel == TCPS_ESTABLISHED ? TCPS_ESTABLISHED
						  : TCPS_NONE;
	/* BOUND_INACTIVE, the kernel's own, is bound and no more. */
	return kernel < TCPS_COUNT ? kernel : TCPS_CLOSED;
}

static struct addr
inet_addr_of(const struct inet_diag_msg *m, const void *ip, uint16_t port_be)
{
	struct addr a = addr_from_ip(m->idiag_family, ip, ntohs(port_be));

	if (m->idiag_family == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&a.in6.sin6_addr))
		a.in6.sin6_scope_id = m->id.idiag_if;
	return a;
}

static int
inet_row(
    const struct nlmsghdr *nlh, enum transport transport, struct sockrow *row)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof *m ||
	    (m->idiag_family != AF_INET && m->idiag_family != AF_INET6))
		return -EPROTO;
	*row = (struct sockrow){
	    .cookie = cookie(m->id.idiag_cookie),
	    .transport = transport,
	    .family = m->idiag_family,
	    .state = inet_state(transport, m->idiag_state),
	    .retransmits = m->idiag_retrans,
	    .rqueue = m->idiag_rqueue,
	    .wqueue = m->idiag_wqueue,
	    .uid = m->idiag_uid,
	    .inode = m->idiag_inode,
	};
	if (m->idiag_timer <= SOCKTIMER_ZERO_WINDOW &&
	    m->idiag_timer != SOCKTIMER_NONE) {
		row->timer = m->idiag_timer;
		row->timer_ms = m->idiag_expires;
	}
	row->local = inet_addr_of(m, m->id.idiag_src, m->id.idiag_sport);
	if (m->id.idiag_dport != 0)
		row->peer = inet_addr_of(m, m->id.idiag_dst, m->id.idiag_dport);
	mnl_attr_parse(nlh, sizeof *m, on_inet_attr, row);
	return 0;
}

static void
take_name(struct sockrow *row, const void *name, size_t n)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	if (n > sizeof un.sun_path)
		n = sizeof un.sun_path;
	memcpy(un.sun_path, name, n);
	row->local = addr_from_sockaddr((const struct sockaddr *)&un,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
}

static int
on_unix_attr(const struct nlattr *attr, void *data)
{
	struct sockrow *row = data;
	const void *p = mnl_attr_get_payload(attr);
	size_t n = mnl_attr_get_payload_len(attr);
	struct unix_diag_rqlen q;

	switch (mnl_attr_get_type(attr)) {
	case UNIX_DIAG_NAME:
		take_name(row, p, n);
		break;
	case UNIX_DIAG_PEER:
		if (n >= sizeof row->peer_inode)
			memcpy(&row->peer_inode, p, sizeof row->peer_inode);
		break;
	case UNIX_DIAG_UID:
		if (n >= sizeof row->uid)
			memcpy(&row->uid, p, sizeof row->uid);
		break;
	case UNIX_DIAG_RQLEN:
		if (n < sizeof q)
			break;
		memcpy(&q, p, sizeof q);
		row->rqueue = q.udiag_rqueue;
		row->wqueue = q.udiag_wqueue;
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int
unix_row(const struct nlmsghdr *nlh, struct sockrow *row)
{
	const struct unix_diag_msg *m = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof *m ||
	    m->udiag_family != AF_UNIX)
		return -EPROTO;
	*row = (struct sockrow){
	    .cookie = cookie(m->udiag_cookie),
	    .transport = m->udiag_type == SOCK_DGRAM ? TRANSPORT_UNIXGRAM
						     : TRANSPORT_UNIX,
	    .family = AF_UNIX,
	    .inode = m->udiag_ino,
	};
	/* Unix sockets are never in the states between; CLOSE is just new. */
	if (m->udiag_state == TCPS_LISTEN || m->udiag_state == TCPS_ESTABLISHED)
		row->state = m->udiag_state;
	mnl_attr_parse(nlh, sizeof *m, on_unix_attr, row);
	return 0;
}

int
sockdiag_row(
    const struct nlmsghdr *nlh, enum sockdiag_kind kind, struct sockrow *ret)
{
	if (kind == SOCKDIAG_UNIX)
		return unix_row(nlh, ret);
	return inet_row(nlh, kinds[kind].transport, ret);
}
