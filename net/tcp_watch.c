#include "net/tcp_watch.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/wire_facts.h"

#define BURST 64
#define EVERY_NS (60 * CLOCK_US)

struct tcp_watch {
	const struct lab *lab;
	struct tcp_probe *probes[LAB_HOSTS_MAX];
	void (*seen)(void *arg, const struct tcp_seen *s);
	void *arg;
	int64_t spent_until_ns; /* monotonic: the asks of now are paid then */
};

int
tcp_watch_new(const struct lab *lab,
    void (*seen)(void *arg, const struct tcp_seen *s), void *arg,
    struct tcp_watch **ret, struct err *err)
{
	struct tcp_watch *w = calloc(1, sizeof *w);
	int rc = 0;

	if (w == NULL)
		return err_set(err, -ENOMEM, "no memory to watch sockets");
	w->lab = lab;
	w->seen = seen;
	w->arg = arg;
	for (size_t i = 0; rc == 0 && i < lab->count; i++) {
		rc = lab_host_enter(lab, i);
		if (rc == 0)
			rc = tcp_probe_new(&w->probes[i], err);
	}
	lab_host_enter(lab, 0);
	if (rc == 0)
		*ret = w;
	else
		tcp_watch_free(w);
	return rc;
}

void
tcp_watch_free(struct tcp_watch *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < LAB_HOSTS_MAX; i++)
		tcp_probe_free(w->probes[i]);
	free(w);
}

/* The host that has this address; -1: none. */
static int
host_of(const struct lab *lab, const struct addr *a)
{
	struct addr plain = addr_unmap(a);

	for (size_t i = 0; i < lab->count; i++) {
		const struct wire_port *p = &lab->ports[i];

		if (plain.sa.sa_family == AF_INET6
			? memcmp(
			      &plain.in6.sin6_addr, &p->ip6, sizeof p->ip6) == 0
			: plain.in.sin_addr.s_addr == p->ip4.s_addr)
			return (int)i;
	}
	return -1;
}

void
tcp_watch_end(
    struct tcp_watch *w, const struct addr *local, const struct addr *peer)
{
	struct tcp_seen seen = {.local = *local, .peer = *peer};
	int host = host_of(w->lab, local);

	if (host >= 0 &&
	    tcp_probe_get(w->probes[host], local, peer, &seen.sample) == 0)
		w->seen(w->arg, &seen);
}

void
tcp_watch_ends(struct tcp_watch *w, const struct addr *a, const struct addr *b)
{
	if (a->len == 0 || b->len == 0 || a->sa.sa_family == AF_UNIX)
		return;
	tcp_watch_end(w, a, b);
	tcp_watch_end(w, b, a);
}

/* False: too much was asked lately. */
static bool
may_ask(struct tcp_watch *w)
{
	int64_t now = clock_mono_ns();

	if (w->spent_until_ns < now)
		w->spent_until_ns = now;
	if (w->spent_until_ns > now + BURST * EVERY_NS)
		return false;
	w->spent_until_ns += EVERY_NS;
	return true;
}

void
tcp_watch_packet(struct tcp_watch *w, const uint8_t *ip, size_t n)
{
	struct wire_facts f;
	struct addr src, dst;
	int family;

	if (!wire_facts_read(ip, n, &f) || f.proto != IPPROTO_TCP || !f.whole)
		return;
	if (!may_ask(w) && (f.flags & (WIRE_SYN | WIRE_FIN | WIRE_RST)) == 0)
		return;
	family = f.ip_version == 6 ? AF_INET6 : AF_INET;
	src = addr_from_ip(family, f.src, f.src_port);
	dst = addr_from_ip(family, f.dst, f.dst_port);
	tcp_watch_ends(w, &src, &dst);
}
