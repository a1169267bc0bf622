#include "tui/bluetooth.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/base/clock.h"

void
bluetooth_scan_init(struct bluetooth_scan *s)
{
	*s = (struct bluetooth_scan){.fd = -1};
}

void
bluetooth_scan_stop(struct bluetooth_scan *s)
{
	if (s->fd >= 0) {
		close(s->fd);
		s->gen++;
	}
	s->fd = -1;
}

static void
set_trouble(struct bluetooth_scan *s, enum bluetooth_step where, int error)
{
	bool of_device = s->asked.question == BLUETOOTH_FIND;

	bluetooth_why(
	    s->trouble, where, error, of_device ? &s->asked.device : NULL);
}

int
bluetooth_scan_start(struct bluetooth_scan *s, const struct outside *o,
    const struct bluetooth_request *q, struct err *err)
{
	uint64_t gen = s->gen + 1;
	int fd = o != NULL ? outside_ask(o, q, sizeof *q) : -ENOTSUP;

	if (fd < 0)
		return err_set(err, fd,
		    "the process that works with Bluetooth is gone (%s): "
		    "start sockdeck anew",
		    err_name(fd));
	bluetooth_scan_stop(s);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*s = (struct bluetooth_scan){
	    .fd = fd, .asked = *q, .since_ns = clock_mono_ns(), .gen = gen};
	return 0;
}

/* Is it more about what was answered before? Each service is one of its own. */
static bool
same_subject(const struct bluetooth_answer *a, const struct bluetooth_answer *b)
{
	return a->kind == b->kind && a->kind != BLUETOOTH_SERVICE &&
	       memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static void
keep(struct bluetooth_scan *s, const struct bluetooth_answer *k)
{
	int i = 0;

	while (i < s->count && !same_subject(&s->row[i], k))
		i++;
	if (i == BLUETOOTH_ROWS)
		return;
	s->row[i] = *k;
	s->count += i == s->count;
}

static void
take(struct bluetooth_scan *s, const struct bluetooth_answer *k)
{
	switch (k->kind) {
	case BLUETOOTH_ADAPTER:
	case BLUETOOTH_DEVICE:
	case BLUETOOTH_SERVICE:
		keep(s, k);
		break;
	case BLUETOOTH_FAILED:
		set_trouble(s, k->where, k->error);
		bluetooth_scan_stop(s);
		break;
	case BLUETOOTH_DONE:
		s->done = true;
		bluetooth_scan_stop(s);
		break;
	}
}

void
bluetooth_scan_read(struct bluetooth_scan *s)
{
	struct bluetooth_answer k;

	while (s->fd >= 0) {
		int n = outside_answer(s->fd, &k, sizeof k);

		if (n == -EAGAIN || n == -EINTR)
			return;
		s->gen++;
		if (n == sizeof k) {
			take(s, &k);
			continue;
		}
		/* The worker has died of something. */
		set_trouble(s, BLUETOOTH_NOWHERE, n < 0 ? -n : EPIPE);
		bluetooth_scan_stop(s);
	}
}

bool
bluetooth_scan_wait(struct bluetooth_scan *s, int signal_fd)
{
	while (s->fd >= 0) {
		struct pollfd fds[] = {{.fd = s->fd, .events = POLLIN},
		    {.fd = signal_fd, .events = POLLIN}};

		poll(fds, 2, -1);
		if (fds[1].revents != 0)
			return false;
		bluetooth_scan_read(s);
	}
	return true;
}

static const char *
state_of(const struct bluetooth_answer *k)
{
	if (!k->up)
		return "down";
	return k->discoverable  ? "up, discoverable"
	       : k->connectable ? "up"
				: "up, not connectable";
}

const char *
bluetooth_line(char dst[BLUETOOTH_LINE_MAX], const struct bluetooth_answer *k)
{
	char address[BDADDR_TEXT_MAX], rssi[16] = "";

	bdaddr_format(address, &k->address);
	if (k->has_rssi)
		snprintf(rssi, sizeof rssi, "%d dBm", k->rssi);
	if (k->kind == BLUETOOTH_ADAPTER)
		snprintf(dst, BLUETOOTH_LINE_MAX, "hci%-3d %s  %-19s  %s",
		    k->id, address, state_of(k), k->name);
	else if (k->kind == BLUETOOTH_DEVICE)
		snprintf(dst, BLUETOOTH_LINE_MAX, "%s  %8s  %-12s  %s", address,
		    rssi, bluetooth_class_name(k->device_class), k->name);
	else
		snprintf(dst, BLUETOOTH_LINE_MAX, "channel %2u  %s", k->channel,
		    k->name);
	return dst;
}
