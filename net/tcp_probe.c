#include "net/tcp_probe.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"

#define ANSWER_MAX 4096
/* What the kernel says where there is no threshold yet (TCP_INFINITE_SSTHRESH). */
#define SSTHRESH_NONE 0x7fffffff

struct tcp_probe {
	struct mnl_socket *nl;
	uint32_t seq;
	union {
		struct nlmsghdr first;
		char bytes[ANSWER_MAX];
	} answer;
};

bool
tcp_sample_same(const struct tcp_sample *a, const struct tcp_sample *b)
{
	return a->state == b->state && a->has_info == b->has_info &&
	       a->mss == b->mss && a->cwnd == b->cwnd &&
	       a->ssthresh == b->ssthresh && a->in_flight == b->in_flight &&
	       a->lost == b->lost && a->retransmits == b->retransmits &&
	       a->srtt_us == b->srtt_us && a->rttvar_us == b->rttvar_us &&
	       a->rto_us == b->rto_us && a->send_window == b->send_window &&
	       strcmp(a->congestion, b->congestion) == 0;
}

int
tcp_probe_new(struct tcp_probe **ret, struct err *err)
{
	struct tcp_probe *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return err_set(err, -ENOMEM, "no memory to watch sockets");
	p->nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (p->nl == NULL || mnl_socket_bind(p->nl, 0, 0) < 0) {
		rc = -errno;
		tcp_probe_free(p);
		return err_set(err, rc,
		    "the kernel gives no NETLINK_SOCK_DIAG socket (%s)",
		    err_name(rc));
	}
	*ret = p;
	return 0;
}

void
tcp_probe_free(struct tcp_probe *p)
{
	if (p == NULL)
		return;
	if (p->nl != NULL)
		mnl_socket_close(p->nl);
	free(p);
}

static void
put_addr(const struct addr *a, uint32_t ip[4], uint16_t *port_be)
{
	*port_be = htons(addr_port(a));
	if (a->sa.sa_family == AF_INET6)
		memcpy(ip, &a->in6.sin6_addr, sizeof a->in6.sin6_addr);
	else
		memcpy(ip, &a->in.sin_addr, sizeof a->in.sin_addr);
}

static ssize_t
ask(struct tcp_probe *p, const struct addr *local, const struct addr *peer)
{
	alignas(struct nlmsghdr) char room[128];
	struct nlmsghdr *m = mnl_nlmsg_put_header(room);
	struct inet_diag_req_v2 *q;

	m->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	m->nlmsg_flags = NLM_F_REQUEST;
	m->nlmsg_seq = ++p->seq;
	q = mnl_nlmsg_put_extra_header(m, sizeof *q);
	q->sdiag_family = (uint8_t)local->sa.sa_family;
	q->sdiag_protocol = IPPROTO_TCP;
	q->idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1);
	q->idiag_states = UINT32_MAX;
	put_addr(local, q->id.idiag_src, &q->id.idiag_sport);
	put_addr(peer, q->id.idiag_dst, &q->id.idiag_dport);
	q->id.idiag_cookie[0] = q->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (mnl_socket_sendto(p->nl, m, m->nlmsg_len) < 0)
		return -errno;
	return mnl_socket_recvfrom(p->nl, &p->answer, sizeof p->answer);
}

/* Of an older kernel's shorter answer the rest is 0. */
static void
take_info(struct tcp_sample *s, const void *data, size_t n)
{
	struct tcp_info info = {0};

	memcpy(&info, data, n < sizeof info ? n : sizeof info);
	s->has_info = true;
	s->mss = info.tcpi_snd_mss;
	s->cwnd = info.tcpi_snd_cwnd;
	s->ssthresh =
	    info.tcpi_snd_ssthresh < SSTHRESH_NONE ? info.tcpi_snd_ssthresh : 0;
	s->in_flight = info.tcpi_unacked;
	s->lost = info.tcpi_lost;
	s->retransmits = info.tcpi_total_retrans;
	s->srtt_us = info.tcpi_rtt;
	s->rttvar_us = info.tcpi_rttvar;
	s->rto_us = info.tcpi_rto;
	s->send_window = info.tcpi_snd_wnd;
}

static int
on_attr(const struct nlattr *attr, void *arg)
{
	struct tcp_sample *s = arg;
	size_t n = mnl_attr_get_payload_len(attr);

	if (mnl_attr_get_type(attr) == INET_DIAG_INFO)
		take_info(s, mnl_attr_get_payload(attr), n);
	else if (mnl_attr_get_type(attr) == INET_DIAG_CONG &&
		 n < sizeof s->congestion)
		memcpy(s->congestion, mnl_attr_get_payload(attr), n);
	return MNL_CB_OK;
}

/* A request with the addresses of a connection finds the listener, if there is
 * no such connection yet or any more. */
static bool
is_listener(const struct inet_diag_msg *m)
{
	return m->idiag_state == TCPS_LISTEN || m->id.idiag_dport == 0;
}

int
tcp_probe_get(struct tcp_probe *p, const struct addr *local,
    const struct addr *peer, struct tcp_sample *ret)
{
	const struct nlmsghdr *m = &p->answer.first;
	const struct inet_diag_msg *d = mnl_nlmsg_get_payload(m);
	struct addr here = addr_unmap(local), there = addr_unmap(peer);
	ssize_t n = ask(p, &here, &there);

	if (n < 0)
		return n == -1 ? -errno : (int)n;
	*ret =
	    (struct tcp_sample){.at_ns = clock_now_ns(), .state = TCPS_CLOSED};
	if (!mnl_nlmsg_ok(m, (int)n) || m->nlmsg_seq != p->seq)
		return -EPROTO;
	if (m->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);

		return e->error == -ENOENT ? 0 : e->error;
	}
	if (mnl_nlmsg_get_payload_len(m) < sizeof *d)
		return -EPROTO;
	if (is_listener(d) || d->idiag_state >= TCPS_COUNT)
		return 0;
	ret->state = d->idiag_state;
	/* The kernel's reading of a small socket's info would be of no use. */
	if (ret->state != TCPS_TIME_WAIT && ret->state != TCPS_SYN_RECEIVED)
		mnl_attr_parse(m, sizeof *d, on_attr, ret);
	return 0;
}
