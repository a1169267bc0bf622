/*
 * net/lab.h - a network of our own: hosts, each a network namespace.
 *
 * lab_enter() moves the calling process into new namespaces (an ordinary user:
 * into a new user namespace first, mapped to their own uid), so that capturing,
 * low ports and settings need no root and nothing outside is touched. It must
 * be called before any thread exists.
 *
 *   server   10.0.0.1  fd00::1    the process itself is here
 *   client   10.0.0.2  fd00::2
 *   client2  10.0.0.3  fd00::3    and so on
 *
 * Each host has lo, with MTU 1500 and TSO off (segments look like segments),
 * and eth0, whose cable ends in a descriptor of this process: what a host sends
 * is read there, what is written there arrives. net/wire.h carries it across.
 * eth0 is a TUN device; where that is closed to the user, a veth pair whose far
 * end is an AF_PACKET socket. Where neither may be had, and with one host, the
 * lab is one host with lo.
 *
 * The namespaces live as long as a process in them or a descriptor of this
 * process; and whoever else is in them when this process has ended, in whatever
 * way, is ended too: nothing remains after exit or kill.
 *
 * Owns:   the descriptors in struct lab.
 * Thread: main, before others exist; lab_host_enter(): any.
 * Blocks: no (a few system calls, 1 ms and another for each host).
 * Source: user_namespaces(7), network_namespaces(7), tun(4), veth(4).
 */
#ifndef SOCKDECK_NET_LAB_H
#define SOCKDECK_NET_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/base/err.h"
#include "net/wire_port.h"

#define LAB_MTU 1500
#define LAB_HOSTS_MAX 16 /* that a lab may have */
#define LAB_HOST_MAX WIRE_HOST_MAX /* of a host's name, its NUL included */

enum lab_medium { LAB_LO, LAB_TUN, LAB_VETH };
const char *lab_medium_name(enum lab_medium m); /* "lo", "TUN", "veth" */

struct lab {
	size_t count; /* of hosts; 0: we are in no lab */
	enum lab_medium medium; /* LAB_LO: one host, no wire */
	char why[ERR_MAX]; /* why it is not TUN, or one host; "" */
	struct wire_port ports[LAB_HOSTS_MAX]; /* also with LAB_LO; fd -1 */
	int netns[LAB_HOSTS_MAX]; /* of each host */
	int card; /* what other processes read: see lab_list() */
};

/*
 * Make a lab of so many hosts and enter the first, the server. 0; or -errno
 * with a sentence that names the step that was refused and what to do about
 * it. The namespaces are made by a child and entered only when they are
 * complete, all at once, so that after a refusal the process is where it was.
 */
int lab_enter(size_t hosts, struct lab *ret, struct err *err);
/* Closes the descriptors; the process stays where it is. */
void lab_done(struct lab *lab);

/* Move the calling thread to that host. 0 or -errno. */
int lab_host_enter(const struct lab *lab, size_t host);
/* The number of the host with this name, from 0; -1: there is none. */
int lab_host_find(const struct lab *lab, const char *name);

/* The steps of lab_enter() and lab_join() that can be refused. */
enum lab_step {
	LAB_ALONE, /* the process has no other thread */
	LAB_FORK,
	LAB_UNSHARE,
	LAB_SETGROUPS,
	LAB_UID_MAP,
	LAB_GID_MAP,
	LAB_LO_UP,
	LAB_FIND, /* the process to join */
	LAB_JOIN,
	LAB_HOST, /* another host; the rest of the lab remains */
	LAB_OPEN_TUN,
	LAB_MAKE_TUN,
	LAB_MAKE_VETH,
	LAB_OPEN_PACKET,
	LAB_ETH_UP,
	LAB_STEPS
};

/* The sentence for a refused step; returns code (0 or -errno). */
int lab_explain(enum lab_step step, int code, struct err *err);

/* A running console's lab: another process's namespaces. */
struct lab_info {
	pid_t pid;
	int64_t started_ns; /* since boot, for the order; newest last */
	size_t count; /* of hosts */
	enum lab_medium medium;
	struct lab_info_host {
		char name[LAB_HOST_MAX];
		struct in_addr ip4;
		struct in6_addr ip6;
		int fd; /* of that process: the host's network namespace */
	} hosts[LAB_HOSTS_MAX];
};

/* Labs of this user (root: of everyone) that run now, oldest first; returns
 * how many (<= max; of more, the oldest). Consoles that stay outside are none.
 */
size_t lab_list(struct lab_info *ret, size_t max);

/*
 * Move the calling process into the lab of that process (user namespace, if
 * it has another, then network namespace): to its first host. 0 or -errno with
 * a sentence.
 */
int lab_join(pid_t pid, struct err *err);

/*
 * The lab of that process. 0 or -errno with a sentence; -ENOENT: it is no
 * console in a lab of this user.
 */
int lab_read(pid_t pid, struct lab_info *ret, struct err *err);

/*
 * The network namespace of a host of that lab, for setns(2) after lab_join();
 * to be opened before. A descriptor; or -errno with a sentence, -ENOENT with
 * the names of those that there are.
 */
int lab_open_host(
    const struct lab_info *lab, const char *host, struct err *err);

/*
 * What /etc/hosts is in that lab: its hosts, then the lines of the machine's own
 * that have none of their names. A plain name has the IPv4 address only, so that
 * nobody tries IPv6 first where a server listens on 0.0.0.0; the other one has
 * ip6- before it, as Debian's ip6-localhost. The caller's to free(); NULL: no
 * memory.
 */
char *lab_names(const struct lab_info *lab);

/*
 * The calling process, and what it starts, see that text as /etc/hosts, by a
 * mount namespace of their own. It must be alone, and have the rights of
 * lab_join() or lab_enter(). 0 or -errno: all is as it was. Like that, it may be
 * called between fork(2) and execve(2) (signal-safety(7)).
 */
int lab_names_show(const char *names);

/* Are we on a host of a lab, by the mount of lab_names_show()? From there an
 * ordinary user sees no lab, and joins none. */
bool lab_here(void);

/* What to say where it was refused. */
#define LAB_NAMELESS                                                        \
	"sockdeck: the lab's hosts have addresses here, but no names: the " \
	"kernel refuses a mount over /etc/hosts\n"

#endif
