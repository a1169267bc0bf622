#include "capture/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096u

struct mapping {
	uint8_t *base;
	size_t len; /* mapped: more than the file has */
	int fd;
	atomic_size_t size;
	atomic_bool cut; /* zeroes stand in for bytes: size falls only */
	atomic_uint refs;
	struct prefault prefault;
};

/* A signal handler has nothing but globals: what it may mend. */
static _Atomic(struct mapping *) mappings[MAPPINGS_MAX];

static size_t
file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size : 0;
}

size_t
mapping_ask(struct mapping *m)
{
	size_t now = file_size(m->fd), before = atomic_load(&m->size);

	if (now > m->len)
		now = m->len;
	do {
		if (now == before || (now > before && atomic_load(&m->cut)))
			return before;
		if (now < before)
			atomic_store(&m->cut, true);
	} while (!atomic_compare_exchange_weak(&m->size, &before, now));
	return now;
}

/* What follows is not there. */
static void
end_at(struct mapping *m, size_t end)
{
	size_t before = atomic_load(&m->size);

	atomic_store(&m->cut, true);
	while (end < before &&
	       !atomic_compare_exchange_weak(&m->size, &before, end))
		continue;
}

static bool
mend(struct mapping *m, uint8_t *at)
{
	uint8_t *page, *end = m->base + m->len;

	if (at < m->base || at >= end)
		return false;
	page = m->base + (size_t)(at - m->base) / PAGE * PAGE;
	end_at(m, (size_t)(page - m->base));
	mapping_ask(m); /* or before: within a page zeroes need no signal */
	return mmap(page, (size_t)(end - page), PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		   0) == page;
}

bool
mapping_mend(void *address)
{
	int saved = errno;
	bool mended = false;

	for (size_t i = 0; i < MAPPINGS_MAX && !mended; i++) {
		struct mapping *m = atomic_load(&mappings[i]);

		mended = m != NULL && mend(m, address);
	}
	errno = saved;
	return mended;
}

static void
on_bus_error(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code > 0 && mapping_mend(info->si_addr))
		return;
	signal(sig, SIG_DFL);
	if (info->si_code <= 0)
		raise(sig);
}

static void
handle_bus_errors(void)
{
	struct sigaction act = {.sa_sigaction = on_bus_error}, now;

	if (sigaction(SIGBUS, NULL, &now) < 0 ||
	    (now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler != SIG_DFL)
		return;
	act.sa_flags = SA_SIGINFO;
	sigemptyset(&act.sa_mask);
	sigaction(SIGBUS, &act, NULL);
}

static bool
enter(struct mapping *m)
{
	for (size_t i = 0; i < MAPPINGS_MAX; i++) {
		struct mapping *none = NULL;

		if (atomic_compare_exchange_strong(&mappings[i], &none, m))
			return true;
	}
	return false;
}

static int
map(struct mapping *m)
{
	size_t size = file_size(m->fd), room = MAPPING_ROOM;
	void *base;

	do {
		m->len = (size + room) / PAGE * PAGE + PAGE;
		base = mmap(NULL, m->len, PROT_READ, MAP_SHARED, m->fd, 0);
		room /= 8; /* where address space is rationed */
	} while (base == MAP_FAILED && errno == ENOMEM && room > 0);
	if (base == MAP_FAILED)
		return -errno;
	m->base = base;
	atomic_store(&m->size, size);
	return 0;
}

int
mapping_new(int fd, struct mapping **ret)
{
	struct mapping *m = calloc(1, sizeof *m);
	int rc;

	if (m == NULL)
		return -ENOMEM;
	atomic_store(&m->refs, 1);
	prefault_init(&m->prefault);
	m->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	rc = m->fd < 0 ? -errno : map(m);
	if (rc == 0 && !enter(m))
		rc = -EMFILE;
	if (rc < 0) {
		mapping_unref(m);
		return rc;
	}
	handle_bus_errors();
	*ret = m;
	return 0;
}

struct mapping *
mapping_ref(struct mapping *m)
{
	atomic_fetch_add(&m->refs, 1);
	return m;
}

void
mapping_unref(struct mapping *m)
{
	if (m == NULL || atomic_fetch_sub(&m->refs, 1) > 1)
		return;
	for (size_t i = 0; i < MAPPINGS_MAX; i++) {
		struct mapping *me = m;

		atomic_compare_exchange_strong(&mappings[i], &me, NULL);
	}
	if (m->base != NULL)
		munmap(m->base, m->len);
	if (m->fd >= 0)
		close(m->fd);
	prefault_done(&m->prefault);
	free(m);
}

int
mapping_loss(const struct mapping *m)
{
	uint8_t byte;

	if (!atomic_load(&m->cut))
		return 0;
	return pread(m->fd, &byte, 1, (off_t)mapping_size(m)) < 0 ? -errno
								  : -ENODATA;
}

void
mapping_fetch(struct mapping *m, size_t from, size_t n)
{
	size_t start = from / PAGE * PAGE;

	madvise(m->base + start, from + n - start, MADV_WILLNEED);
}

struct prefault *
mapping_prefault(struct mapping *m)
{
	return &m->prefault;
}

const uint8_t *
mapping_bytes(const struct mapping *m)
{
	return m->base;
}

size_t
mapping_size(const struct mapping *m)
{
	return atomic_load_explicit(&m->size, memory_order_relaxed);
}
