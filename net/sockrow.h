/*
 * net/sockrow.h - one socket of the kernel's table, and which ones are wanted.
 *
 * Owns:   nothing; values.  Thread: any.  Blocks: never.
 * Source: sock_diag(7); linux/inet_diag.h, linux/unix_diag.h; net/btproc.h.
 */
#ifndef SOCKDECK_NET_SOCKROW_H
#define SOCKDECK_NET_SOCKROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"

/* RFC 9293 s3.3.2 names, in the kernel's numbering (tcp_states.h). */
enum tcp_state {
	TCPS_NONE,
	TCPS_ESTABLISHED,
	TCPS_SYN_SENT,
	TCPS_SYN_RECEIVED,
	TCPS_FIN_WAIT_1,
	TCPS_FIN_WAIT_2,
	TCPS_TIME_WAIT,
	TCPS_CLOSED,
	TCPS_CLOSE_WAIT,
	TCPS_LAST_ACK,
	TCPS_LISTEN,
	TCPS_CLOSING,
	TCPS_COUNT
};
const char *tcp_state_name(enum tcp_state s); /* "SYN-SENT", "TIME-WAIT" */

enum sockrow_timer { /* idiag_timer */
	SOCKTIMER_NONE,
	SOCKTIMER_RETRANSMIT,
	SOCKTIMER_KEEPALIVE,
	SOCKTIMER_TIME_WAIT,
	SOCKTIMER_ZERO_WINDOW,
};

struct sockrow {
	uint64_t cookie; /* the kernel's SO_COOKIE: the row's identity */
	enum transport transport;
	int family;
	uint8_t
	    state; /* enum tcp_state; UDP: NONE or ESTABLISHED (connected) */
	uint8_t timer; /* enum sockrow_timer */
	uint8_t retransmits;
	uint32_t timer_ms; /* remaining at seen_ns */
	uint32_t rqueue, wqueue; /* LISTEN: accept queue, backlog */
	uint32_t uid, inode; /* inode 0: nobody holds it (TIME-WAIT) */
	uint32_t peer_inode; /* unix: the other end */
	uint16_t psm; /* l2cap: what the channel carries; 3 is RFCOMM */
	struct addr local, peer;
	/* tcp_info, where the kernel gave it (has_info) */
	bool has_info;
	uint32_t rtt_us, cwnd, snd_mss, rto_us, total_retrans;
	/* kept by the table */
	uint8_t old_state; /* before the last change */
	uint8_t host; /* 0, or the number that socktab_add() gave */
	int64_t seen_ns; /* when this was read, CLOCK_REALTIME */
	int64_t appeared_ns; /* 0: was there at the first dump */
	int64_t changed_ns; /* last change of state; 0: never */
};

enum { /* struct sockfilter.what */
	SOCKTAB_TCP = 1,
	SOCKTAB_UDP = 2,
	SOCKTAB_UNIX = 4,
	SOCKTAB_INFO = 8, /* ask for tcp_info too (slower on large tables) */
	SOCKTAB_BOUND = 16, /* TCP bound, neither connected nor listening */
	SOCKTAB_RFCOMM = 32, /* Bluetooth: net/btproc.h */
	SOCKTAB_L2CAP = 64,
	SOCKTAB_ALL = SOCKTAB_TCP | SOCKTAB_UDP | SOCKTAB_UNIX |
		      SOCKTAB_RFCOMM | SOCKTAB_L2CAP,
};

#define SOCKFILTER_PORTS_MAX 16

/* The sockets wanted. The kernel is asked for no others: what is left out here
 * costs next to nothing there. */
struct sockfilter {
	unsigned what; /* SOCKTAB_TCP | ... */
	unsigned states; /* bit per enum tcp_state; 0: any */
	uint16_t ports[SOCKFILTER_PORTS_MAX]; /* local or peer, host order */
	size_t port_count; /* 0: any */
};

#endif
