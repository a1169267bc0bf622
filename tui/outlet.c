#include "tui/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/base/clock.h"

#define PIECE (32 * 1024) /* most frames are less */

int
outlet_init(struct outlet *o)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	*o = (struct outlet){.curses = fd >= 0 ? fdopen(fd, "w") : NULL};
	if (o->curses == NULL && fd >= 0)
		close(fd);
	/* The same terminal, whatever its name is here. */
	o->tty = open(
	    "/proc/self/fd/1", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (o->tty < 0)
		o->tty = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	o->file = memfd_create("sockdeck-frame", MFD_CLOEXEC);
	return o->curses == NULL || o->tty < 0 || o->file < 0 ? -errno : 0;
}

void
outlet_done(struct outlet *o)
{
	if (o->curses != NULL)
		fclose(o->curses);
	if (o->file >= 0)
		close(o->file);
	if (o->tty >= 0)
		close(o->tty);
}

void
outlet_begin(struct outlet *o)
{
	dup3(o->file, fileno(o->curses), O_CLOEXEC);
}

void
outlet_end(struct outlet *o)
{
	dup3(STDOUT_FILENO, fileno(o->curses), O_CLOEXEC);
	outlet_flush(o);
}

void
outlet_put(struct outlet *o, const char *bytes)
{
	/* The file takes all, unless there is no memory: then nothing helps. */
	if (write(o->file, bytes, strlen(bytes)) > 0)
		outlet_flush(o);
}

static bool
is_waiting(const struct outlet *o)
{
	return o->taken < lseek(o->file, 0, SEEK_CUR);
}

int
outlet_fd(const struct outlet *o)
{
	return is_waiting(o) ? o->tty : -1;
}

/* False: the terminal takes no more now. */
static bool
flush_piece(struct outlet *o)
{
	size_t left = (size_t)(lseek(o->file, 0, SEEK_CUR) - o->taken);
	uint8_t piece[PIECE];
	ssize_t n;

	n = pread(o->file, piece, left < PIECE ? left : PIECE, o->taken);
	if (n > 0)
		n = write(o->tty, piece, (size_t)n);
	if (n > 0)
		o->taken += n;
	else if (errno != EINTR && errno != EAGAIN)
		o->taken += (off_t)left; /* it is gone: SIGHUP tells */
	return n > 0 || errno != EAGAIN;
}

void
outlet_flush(struct outlet *o)
{
	while (is_waiting(o))
		if (!flush_piece(o))
			return;
	o->taken = lseek(o->file, 0, SEEK_SET);
}

void
outlet_drain(struct outlet *o, int timeout_ms)
{
	int64_t deadline = clock_mono_ns() + timeout_ms * CLOCK_MS, left;
	struct pollfd p = {.events = POLLOUT};

	while ((p.fd = outlet_fd(o)) >= 0 &&
	       (left = deadline - clock_mono_ns()) > 0) {
		poll(&p, 1, (int)(left / CLOCK_MS) + 1);
		outlet_flush(o);
	}
}
