#include "net/base/wake.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int
wake_init(struct wake *w)
{
	w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	atomic_init(&w->armed, false);
	atomic_init(&w->shouted, false);
	return w->fd < 0 ? -errno : 0;
}

void
wake_done(struct wake *w)
{
	close(w->fd);
}

int
wake_fd(const struct wake *w)
{
	return w->fd;
}

bool
wake_arm(struct wake *w)
{
	uint64_t drained;

	if (read(w->fd, &drained, sizeof drained) < 0)
		drained = 0; /* EAGAIN: nobody woke us since */
	atomic_store(&w->armed, true);
	/* Kept as well, since the read above may have emptied it unseen. */
	return atomic_exchange(&w->shouted, false);
}

static void
write_fd(const struct wake *w)
{
	uint64_t one = 1;

	/* EAGAIN means that the counter is full: the sleeper wakes anyway. */
	if (write(w->fd, &one, sizeof one) < 0)
		return;
}

void
wake_poke(struct wake *w)
{
	if (atomic_load(&w->armed) && atomic_exchange(&w->armed, false))
		write_fd(w);
}

void
wake_shout(struct wake *w)
{
	atomic_store(&w->shouted, true);
	write_fd(w);
}
