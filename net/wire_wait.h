/*
 * net/wire_wait.h - how the wire's thread waits: for packets, for the time at
 * which one is due, for main.
 *
 * To be late is to be another wire, and who sleeps is woken late: by 20 us in a
 * virtual machine, whose idle core has been given back, and by a timer 30 us,
 * one time in a hundred 150 us. So the thread stays awake and looks again and
 * again
 *
 *   for WIRE_WAIT_EARLY_NS before a packet is due, and
 *   for WIRE_WAIT_LINGER_NS after one has come, as its answer may follow; in
 *   between it leaves the core to whoever wants it.
 *
 * Those whom a packet is for are woken late as well. Where this process may say
 * so (root), for as long no core of the machine is given back when it is idle.
 *
 * It lingers only while packets do follow each other so closely: at most
 * WIRE_WAIT_VAIN times for nothing, and then not before two come that close
 * by themselves. Where nothing comes and nothing is due, it sleeps and costs
 * nothing; where there is one core only, it never stays awake, since it would
 * keep those away for whom it waits.
 *
 * Owns:   a descriptor by which cores are kept; borrows the others.
 * Thread: the wire's.
 * Source: ppoll(2), sched_yield(2), prctl(2), sched_setattr(2); for
 *         /dev/cpu_dma_latency Linux, Documentation/power/pm_qos_interface.rst.
 */
#ifndef SOCKDECK_NET_WIRE_WAIT_H
#define SOCKDECK_NET_WIRE_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/base/clock.h"
#include "net/wire_port.h"

#define WIRE_WAIT_EARLY_NS (200 * CLOCK_US)
#define WIRE_WAIT_LINGER_NS (100 * CLOCK_US)
#define WIRE_WAIT_VAIN 8

struct wire_wait {
	struct pollfd fds[WIRE_PORTS_MAX + 1]; /* the last is of wake_fd */
	size_t count; /* of ports */
	bool spins; /* there are more cores than one */
	int cores_fd; /* -1: cores are given back when the kernel likes */
	bool keeps_cores;
	int64_t came_ns; /* when a packet was last found, monotonic */
	unsigned patience; /* how often it still lingers for nothing */
};

/* In the thread, which becomes as punctual as it may. At first all ports are
 * said to have something. */
void wire_wait_init(struct wire_wait *v, const struct wire_port *ports,
    size_t count, int wake_fd);
void wire_wait_done(struct wire_wait *v);
/*
 * Until something comes; until a packet is due, to the microsecond; or until
 * flush_ns, or a little later. Monotonic; 0: only look; WIRE_PATH_NEVER.
 */
void wire_wait(struct wire_wait *v, int64_t due_ns, int64_t flush_ns);
/* What the last wait found: something at this port; or at the wake. */
bool wire_wait_came(const struct wire_wait *v, size_t port);
bool wire_wait_woken(const struct wire_wait *v);

#endif
