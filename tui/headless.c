#include "tui/headless.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "bt/bt.h"
#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/callfmt.h"
#include "tui/cli.h"

/* An escaped byte takes up to four characters: \xNN. */
#define ESCAPED_MAX (4 * CALL_DATA_MAX + 1)

void
pump_drain(struct pump *p)
{
	size_t n;

	p->resting = false;
	do {
		n = engine_pop(p->engine, p->calls, PUMP_BATCH);
		for (size_t i = 0; i < n; i++)
			p->on_call(p->arg, &p->calls[i]);
		p->resting |= n > 0;
	} while (n == PUMP_BATCH);
}

static int
sooner(int timeout_ms, int limit_ms)
{
	return timeout_ms < 0 || timeout_ms > limit_ms ? limit_ms : timeout_ms;
}

void
pump_wait(struct pump *p, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	bool busy = engine_busy(p->engine);

	fds[0] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (p->resting)
		timeout_ms = sooner(timeout_ms, PUMP_REST_MS);
	else if (engine_arm(p->engine))
		timeout_ms = 0;
	else
		fds[0].fd = engine_fd(p->engine);
	if (busy)
		timeout_ms = sooner(timeout_ms, ENGINE_TICK_MS);
	if (poll(fds, n, timeout_ms) < 0)
		for (nfds_t i = 0; i < n; i++)
			fds[i].revents = 0;
	if (busy)
		engine_tick(p->engine);
}

struct outside *
headless_outside(enum transport t)
{
	struct outside *o = NULL;

	if (t == TRANSPORT_RFCOMM)
		outside_start(bt_work, &o, NULL);
	return o;
}

int
headless_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd : -errno;
}

void
headless_trace(FILE *f, const struct call *c, int64_t start_ns)
{
	char text[CALLFMT_MAX], safe[4 * CALLFMT_MAX];
	char data[ESCAPED_MAX];
	int64_t us = (c->begin_ns - start_ns) / CLOCK_US;

	if (c->phase != CALL_DONE || c->kind == CALL_REPORT)
		return;
	text_escape(data, sizeof data, c->data, c->data_len);
	fprintf(f, "%4lld.%06lld T%-3u ", (long long)(us / 1000000),
	    (long long)(us % 1000000), c->actor);
	if (c->kind == CALL_NOTE) {
		fprintf(f, "-- %s\n", data);
		return;
	}
	callfmt(text, c);
	text_escape(safe, sizeof safe, text, strlen(text));
	fputs(safe, f);
	if (callfmt_has_data(c))
		fprintf(f, "  \"%s\"%s", data,
		    c->result > c->data_len ? "..." : "");
	fputc('\n', f);
}

void
headless_complain(const struct call *note)
{
	char text[ESCAPED_MAX];

	text_escape(text, sizeof text, note->data, note->data_len);
	cli_fail("%s", text);
}
