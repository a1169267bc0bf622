#include "net/wire_wait.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS (100 * CLOCK_US)
#define NICE (-10)

/*
 * The kernel may wake a sleeper 50 us late unless it is asked not to; a task of
 * short slices gets its turn sooner among others (since Linux 6.12); and who
 * may goes before others.
 */
static void
be_punctual(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = {.size = sizeof attr, .nice = NICE, .runtime = SLICE_NS};

	prctl(PR_SET_TIMERSLACK, 1UL);
	prctl(PR_SET_NAME, "wire");
	if (sched_getscheduler(0) != SCHED_OTHER)
		return; /* somebody has decided already */
	if (syscall(SYS_sched_setattr, 0, &attr, 0) == 0)
		return;
	attr.nice = 0;
	syscall(SYS_sched_setattr, 0, &attr, 0);
}

/* That this process may use. */
static bool
has_cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) < 0 ||
	       CPU_COUNT(&set) > 1;
}

void
wire_wait_init(struct wire_wait *v, const struct wire_port *ports, size_t count,
    int wake_fd)
{
	be_punctual();
	*v = (struct wire_wait){
	    .count = count,
	    .spins = has_cores(),
	    .cores_fd = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC),
	};
	for (size_t i = 0; i < count; i++)
		v->fds[i] = (struct pollfd){ports[i].fd, POLLIN, POLLIN};
	v->fds[count] = (struct pollfd){wake_fd, POLLIN, 0};
}

void
wire_wait_done(struct wire_wait *v)
{
	if (v->cores_fd >= 0)
		close(v->cores_fd);
}

/* How many us a core may take to wake, as far as we are asked. */
static void
keep_cores(struct wire_wait *v, bool keep)
{
	int32_t us = keep ? 0 : INT32_MAX;

	if (v->cores_fd < 0 || v->keeps_cores == keep)
		return;
	if (write(v->cores_fd, &us, sizeof us) == sizeof us)
		v->keeps_cores = keep;
}

/* Sleep for at most so long; 0: only look. True: something has come. */
static bool
look(struct wire_wait *v, int64_t ns)
{
	struct timespec ts = {ns / CLOCK_S, ns % CLOCK_S};

	return ppoll(v->fds, v->count + 1, &ts, NULL) > 0;
}

/* Has a packet come? Then whether it was worth while to linger. */
static void
learn(struct wire_wait *v, int64_t now)
{
	bool packet = false;

	for (size_t i = 0; i < v->count; i++)
		packet |= wire_wait_came(v, i);
	if (!packet)
		return;
	if (now - v->came_ns < WIRE_WAIT_LINGER_NS)
		v->patience = WIRE_WAIT_VAIN;
	else if (v->patience > 0)
		v->patience--;
	v->came_ns = now;
}

void
wire_wait(struct wire_wait *v, int64_t due_ns, int64_t flush_ns)
{
	int64_t early = v->spins ? WIRE_WAIT_EARLY_NS : 0;
	int64_t linger =
	    v->spins && v->patience > 0 ? v->came_ns + WIRE_WAIT_LINGER_NS : 0;
	int64_t nap = 0, now = 0;
	bool soon;

	while (!look(v, nap)) {
		now = clock_mono_ns();
		if (now >= due_ns || now >= flush_ns)
			return;
		nap = 0;
		soon = now >= due_ns - early;
		keep_cores(v, soon || now < linger);
		if (soon)
			continue;
		if (now < linger)
			sched_yield();
		else
			nap = (due_ns - early < flush_ns ? due_ns - early
							 : flush_ns) -
			      now;
	}
	learn(v, clock_mono_ns());
}

bool
wire_wait_came(const struct wire_wait *v, size_t port)
{
	return v->fds[port].revents != 0;
}

bool
wire_wait_woken(const struct wire_wait *v)
{
	return v->fds[v->count].revents != 0;
}
