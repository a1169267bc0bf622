#include "tui/die.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/mapping.h"

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

#define CRASH_SIGNALS (sizeof(crash_signals) / sizeof(crash_signals[0]))

static struct {
	volatile sig_atomic_t armed;
	bool at_exit; /* registered */
	int fd;
	struct termios modes;
	char bytes[256];
	size_t len;
	struct sigaction before[CRASH_SIGNALS];
} die;

/* Async-signal-safe. */
static void
restore(void)
{
	const char *p = die.bytes;
	size_t n = die.len;

	if (!die.armed)
		return;
	die.armed = 0;
	while (n > 0) {
		ssize_t done = write(die.fd, p, n);

		if (done < 0 && errno != EINTR)
			break;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	tcsetattr(die.fd, TCSANOW, &die.modes);
}

static void
on_crash(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	/* A capture file that was cut while it is shown is no crash. */
	if (sig == SIGBUS && info->si_code > 0 && mapping_mend(info->si_addr))
		return;
	restore();
	for (size_t i = 0; i < CRASH_SIGNALS; i++)
		if (crash_signals[i] == sig)
			sigaction(sig, &die.before[i], NULL);
	/* A fault happens again on return; a sent signal must be sent again. */
	if (info->si_code <= 0)
		raise(sig);
	errno = saved;
}

void
die_arm(int fd, const struct termios *modes, const char *bytes)
{
	static char stack[64 * 1024];
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)}, now;
	struct sigaction act = {.sa_sigaction = on_crash};

	if (die.armed)
		die_disarm();
	die.fd = fd;
	die.modes = *modes;
	die.len = strlen(bytes);
	if (die.len > sizeof(die.bytes))
		die.len = sizeof(die.bytes);
	memcpy(die.bytes, bytes, die.len);

	/* A stack that overflowed is none to handle it on. */
	if (sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE) != 0)
		sigaltstack(&alt, NULL);
	act.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigfillset(&act.sa_mask);
	for (size_t i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &act, &die.before[i]);
	if (!die.at_exit)
		die.at_exit = atexit(restore) == 0;
	die.armed = 1;
}

void
die_disarm(void)
{
	if (!die.armed)
		return;
	die.armed = 0;
	for (size_t i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &die.before[i], NULL);
}
