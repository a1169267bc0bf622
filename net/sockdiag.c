#include "net/sockdiag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>

#define BIT(state) (1U << (state))
#define TCP_STATES (BIT(TCPS_COUNT) - BIT(TCPS_ESTABLISHED))
/* A pseudo-state of Linux 6.8 (TCP_BOUND_INACTIVE); others ignore the bit. */
#define BOUND_STATE 13

static const struct kind {
	const char *name;
	unsigned flag;
	uint8_t family, protocol;
	enum transport transport;
	uint32_t states; /* told apart in a row; the others are NONE there */
} kinds[SOCKDIAG_KINDS] = {
    [SOCKDIAG_TCP] = {"TCP", SOCKTAB_TCP, AF_UNSPEC, IPPROTO_TCP, TRANSPORT_TCP,
	TCP_STATES},
    [SOCKDIAG_UDP4] = {"UDP over IPv4", SOCKTAB_UDP, AF_INET, IPPROTO_UDP,
	TRANSPORT_UDP, BIT(TCPS_ESTABLISHED)},
    [SOCKDIAG_UDP6] = {"UDP over IPv6", SOCKTAB_UDP, AF_INET6, IPPROTO_UDP,
	TRANSPORT_UDP, BIT(TCPS_ESTABLISHED)},
    [SOCKDIAG_UNIX] = {"Unix", SOCKTAB_UNIX, AF_UNIX, 0, TRANSPORT_UNIX,
	BIT(TCPS_ESTABLISHED) | BIT(TCPS_LISTEN)},
};

const char *
sockdiag_name(enum sockdiag_kind kind)
{
	return kinds[kind].name;
}

/* The kernel's states that become those wanted in a row; 0: there are none. */
static uint32_t
kernel_states(const struct kind *k, const struct sockfilter *f)
{
	uint32_t wanted = f->states != 0 ? f->states : ~0U;
	uint32_t states = wanted & k->states;

	if (f->what & SOCKTAB_BOUND && states & BIT(TCPS_CLOSED))
		states |= BIT(BOUND_STATE);
	if (wanted & BIT(TCPS_NONE))
		states |= TCP_STATES & ~k->states;
	return states;
}

/*
 * A program that the kernel runs on each socket: one of its ports is one of
 * these. A test that holds goes on to the jump behind it, to the end, which
 * means yes; one that fails goes on behind that jump, to the next test or, from
 * the last one, past the end, which means no.
 */
static void
put_ports(struct nlmsghdr *nlh, const struct sockfilter *f)
{
	struct inet_diag_bc_op ops[6 * SOCKFILTER_PORTS_MAX];
	size_t tests = 2 * f->port_count, length = 3 * tests - 1, n = 0;

	for (size_t i = 0; i < tests; i++) {
		ops[n++] = (struct inet_diag_bc_op){
		    .code = i % 2 == 0 ? INET_DIAG_BC_S_EQ : INET_DIAG_BC_D_EQ,
		    .yes = 2 * sizeof *ops,
		    .no = 3 * sizeof *ops,
		};
		ops[n++] = (struct inet_diag_bc_op){.no = f->ports[i / 2]};
		ops[n] = (struct inet_diag_bc_op){
		    .code = INET_DIAG_BC_JMP,
		    .yes = sizeof *ops,
		    .no = (uint16_t)((length - n) * sizeof *ops),
		};
		n++;
	}
	mnl_attr_put(nlh, INET_DIAG_REQ_BYTECODE, length * sizeof *ops, ops);
}

/*
 * The older request: it alone takes AF_UNSPEC, and so walks the TCP hash table
 * (262,144 buckets on a small machine, 1 ms) once and not for each family.
 */
static void
put_tcp(struct nlmsghdr *nlh, uint32_t states, unsigned what)
{
	struct inet_diag_req *req =
	    mnl_nlmsg_put_extra_header(nlh, sizeof *req);

	nlh->nlmsg_type = TCPDIAG_GETSOCK;
	req->idiag_family = AF_UNSPEC;
	req->idiag_states = states;
	if (what & SOCKTAB_INFO)
		req->idiag_ext = 1 << (INET_DIAG_INFO - 1);
}

static void
put_inet(struct nlmsghdr *nlh, uint32_t states, const struct kind *k)
{
	struct inet_diag_req_v2 *req =
	    mnl_nlmsg_put_extra_header(nlh, sizeof *req);

	req->sdiag_family = k->family;
	req->sdiag_protocol = k->protocol;
	req->idiag_states = states;
}

static void
put_unix(struct nlmsghdr *nlh, uint32_t states)
{
	struct unix_diag_req *req =
	    mnl_nlmsg_put_extra_header(nlh, sizeof *req);

	req->sdiag_family = AF_UNIX;
	req->udiag_states = states;
	req->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN |
			  UDIAG_SHOW_UID;
}

size_t
sockdiag_request(void *buf, enum sockdiag_kind kind,
    const struct sockfilter *filter, uint32_t seq)
{
	const struct kind *k = &kinds[kind];
	uint32_t states = kernel_states(k, filter);
	struct nlmsghdr *nlh;

	if (!(filter->what & k->flag) || states == 0 ||
	    (kind == SOCKDIAG_UNIX && filter->port_count > 0))
		return 0;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = seq;
	if (kind == SOCKDIAG_TCP)
		put_tcp(nlh, states, filter->what);
	else if (kind == SOCKDIAG_UNIX)
		put_unix(nlh, states);
	else
		put_inet(nlh, states, k);
	if (filter->port_count > 0)
		put_ports(nlh, filter);
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

static void
take_addr(struct addr *ret, const struct inet_diag_msg *m, const void *ip,
    uint16_t port_be)
{
	addr_set_ip(ret, m->idiag_family, ip, ntohs(port_be));
	if (m->idiag_family == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&ret->in6.sin6_addr))
		ret->in6.sin6_scope_id = m->id.idiag_if;
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
	take_addr(&row->local, m, m->id.idiag_src, m->id.idiag_sport);
	if (m->id.idiag_dport != 0)
		take_addr(&row->peer, m, m->id.idiag_dst, m->id.idiag_dport);
	/* Of all attributes only tcp_info is read, and few messages have it. */
	if (mnl_nlmsg_get_payload_len(nlh) >
	    sizeof *m + sizeof(struct tcp_info))
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
