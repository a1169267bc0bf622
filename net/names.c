#include "net/names.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/map.h"

struct host {
	struct addr addr;
	char name[NAMES_TEXT_MAX];
};

/* All guarded by lock, but for addresses below `count`, which stay. */
struct names {
	pthread_mutex_t lock;
	unsigned holders; /* the caller and the thread; the last one frees */
	bool working, leaving;
	struct host hosts[NAMES_MAX];
	size_t count, done; /* hosts[done, count) are still to be looked up */
	struct map *by_host;
	uint64_t gen;
};

struct names *
names_new(void)
{
	struct names *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	n->by_host = map_new(sizeof(struct addr));
	if (n->by_host == NULL) {
		free(n);
		return NULL;
	}
	pthread_mutex_init(&n->lock, NULL);
	n->holders = 1;
	return n;
}

/* Leaves the lock. */
static void
drop_locked(struct names *n)
{
	bool last = --n->holders == 0;

	pthread_mutex_unlock(&n->lock);
	if (!last)
		return;
	map_free(n->by_host);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	pthread_mutex_lock(&n->lock);
	n->leaving = true;
	drop_locked(n);
}

static void *
work(void *arg)
{
	struct names *n = arg;

	pthread_mutex_lock(&n->lock);
	while (n->done < n->count && !n->leaving) {
		struct host h = n->hosts[n->done];
		bool found;

		pthread_mutex_unlock(&n->lock);
		found = getnameinfo(&h.addr.sa, h.addr.len, h.name,
			    sizeof h.name, NULL, 0, NI_NAMEREQD) == 0;
		pthread_mutex_lock(&n->lock);
		if (found) {
			memcpy(n->hosts[n->done].name, h.name, sizeof h.name);
			n->gen++;
		}
		n->done++;
	}
	n->working = false;
	drop_locked(n);
	return NULL;
}

/* locked */
static void
start(struct names *n)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;

	if (n->working)
		return;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	n->working = pthread_create(&thread, &attr, work, n) == 0;
	n->holders += n->working;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}

/* The host alone, without a port; its padding zero, as a map wants it. */
static void
set_host(struct addr *ret, const struct addr *a)
{
	struct addr host = addr_unmap(a);

	memset(ret, 0, sizeof *ret);
	ret->len = host.len;
	memcpy(&ret->ss, &host.ss, sizeof ret->ss);
	addr_set_port(ret, 0);
}

void
names_ask(struct names *n, const struct addr *a)
{
	struct addr host;
	uint32_t at;

	set_host(&host, a);
	if (host.len == 0 ||
	    (host.sa.sa_family != AF_INET && host.sa.sa_family != AF_INET6))
		return;
	pthread_mutex_lock(&n->lock);
	if (n->count < NAMES_MAX && !map_get(n->by_host, &host, &at) &&
	    map_put(n->by_host, &host, (uint32_t)n->count) == 0) {
		n->hosts[n->count++].addr = host;
		start(n);
	}
	pthread_mutex_unlock(&n->lock);
}

const char *
names_get(struct names *n, const struct addr *a, char dst[NAMES_TEXT_MAX])
{
	struct addr host;
	uint32_t at;

	dst[0] = '\0';
	set_host(&host, a);
	pthread_mutex_lock(&n->lock);
	if (map_get(n->by_host, &host, &at))
		memcpy(dst, n->hosts[at].name, NAMES_TEXT_MAX);
	pthread_mutex_unlock(&n->lock);
	return dst;
}

uint64_t
names_gen(struct names *n)
{
	uint64_t gen;

	pthread_mutex_lock(&n->lock);
	gen = n->gen;
	pthread_mutex_unlock(&n->lock);
	return gen;
}
