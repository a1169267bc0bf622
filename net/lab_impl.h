/*
 * net/lab_impl.h - what the files of the lab share. For net/lab*.c.
 *
 *   lab.c          entering and joining, the descriptors
 *   lab_make.c     the child that makes the namespaces, and hands them over
 *   lab_keep.c     what that child then does: the end of the lab
 *   lab_host.c     one host's network: its settings, lo, eth0
 *   lab_list.c     the card of a lab, and finding labs
 *   lab_names.c    the hosts' names, for programs
 *   lab_explain.c  a refusal as a sentence
 */
#ifndef SOCKDECK_NET_LAB_IMPL_H
#define SOCKDECK_NET_LAB_IMPL_H

#include "net/lab.h"

/* How far it came; code 0: all the way. */
struct lab_report {
	enum lab_step step;
	int code;
};

/* ---- lab_make.c ---- */

/* What the child sends, beside the descriptors: each host's namespace, then,
 * unless the medium is lo, each host's port. */
struct lab_made {
	struct lab_report report; /* code < 0: no lab at all */
	size_t count;
	enum lab_medium medium;
	/* Why not TUN, why not veth, why not so many hosts; code 0: it is. */
	struct lab_report without[2];
};

/* The child: make the namespaces and send them. A byte in answer: the parent has
 * entered them, and lab_keep() follows; without it, nothing remains. */
_Noreturn void lab_maker(int fd, size_t hosts);
/* The parent: -errno, -ECHILD if the child said nothing. */
int lab_receive(int fd, struct lab_made *ret, int netns[LAB_HOSTS_MAX],
    int ports[LAB_HOSTS_MAX]);

/* ---- lab_keep.c ---- */

/* Wait until the process of that PID descriptor has ended, then end whoever is
 * in these network namespaces still, and return. */
void lab_keep(int console, const int *netns, size_t count);

/* ---- lab_host.c: each for the network namespace of this moment ---- */

/* Who a host is, by its number. */
void lab_host_name(size_t host, struct wire_port *ret);
/* Settings, before there is an interface that would follow others. */
void lab_host_settle(void);
/* lo as a wire: up, and with segments as Ethernet has them. */
int lab_host_lo(gid_t gid);
/* Where multicast and broadcast go. */
void lab_host_route_many(const char *interface, struct in_addr from);
/* A descriptor or -errno; *step: what was refused. */
int lab_host_tun(enum lab_step *step);
/* From the switchboard's namespace: eth0 of a host, and the socket at its far
 * end. A descriptor or -errno. */
int lab_host_veth(size_t host, int netns, enum lab_step *step);
/* Until what is written to the socket of veth arrives: half a second at most. */
void lab_host_await_carrier(int port, size_t host);
/* eth0: its address, up. Of veth, the others' hardware addresses too. */
int lab_host_eth(size_t host, size_t hosts, enum lab_medium medium);

/* ---- lab_list.c ---- */

/* The card: a file in memory that says who the hosts are. -1: none. */
int lab_card_write(const struct lab *lab);
/* False: it is no card. */
bool lab_card_parse(const char *text, struct lab_info *ret);
/* Of the process with this directory in /proc; false: it has none. */
bool lab_card_read(int proc_dir, struct lab_info *ret);

#endif
