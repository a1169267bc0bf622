#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct resolve {
	atomic_int holders; /* the caller and the thread; the last one frees */
	int done_fd; /* readable once what follows is valid */
	struct endpoint endpoint;
	int eai, error; /* EAI_ code; errno if it is EAI_SYSTEM */
	int count;
	struct addr found[RESOLVE_MAX];
};

void
resolve_free(struct resolve *r)
{
	if (r == NULL || atomic_fetch_sub(&r->holders, 1) > 1)
		return;
	close(r->done_fd);
	free(r);
}

static void *
look_up(void *arg)
{
	struct resolve *r = arg;
	struct addrinfo *list = NULL, *ai;
	struct addrinfo hints = {
	    .ai_socktype = transport_socktype(r->endpoint.transport),
	    .ai_flags = AI_NUMERICSERV,
	};
	char port[8];
	uint64_t one = 1;

	snprintf(port, sizeof port, "%u", r->endpoint.port);
	r->eai = getaddrinfo(r->endpoint.host, port, &hints, &list);
	r->error = errno;
	for (ai = list; ai != NULL && r->count < RESOLVE_MAX; ai = ai->ai_next)
		r->found[r->count++] =
		    addr_from_sockaddr(ai->ai_addr, ai->ai_addrlen);
	if (list != NULL)
		freeaddrinfo(list);
	/* It cannot fail: the counter is 0 and this is its only writer. */
	while (write(r->done_fd, &one, sizeof one) < 0 && errno == EINTR)
		continue;
	resolve_free(r);
	return NULL;
}

struct resolve *
resolve_start(const struct endpoint *e)
{
	struct resolve *r = calloc(1, sizeof *r);
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t mask;
	int failed;

	if (r == NULL)
		return NULL;
	atomic_init(&r->holders, 2);
	r->endpoint = *e;
	r->done_fd = eventfd(0, EFD_CLOEXEC);
	sigfillset(&mask);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setsigmask_np(&attr, &mask);
	failed =
	    r->done_fd < 0 || pthread_create(&thread, &attr, look_up, r) != 0;
	pthread_attr_destroy(&attr);
	if (!failed)
		return r;
	if (r->done_fd >= 0)
		close(r->done_fd);
	free(r);
	return NULL;
}

int
resolve_wait(struct resolve *r, struct addr *ret, int max, int *ret_count)
{
	uint64_t done;

	if (read(r->done_fd, &done, sizeof done) < 0)
		return EAI_SYSTEM;
	*ret_count = r->count < max ? r->count : max;
	for (int i = 0; i < *ret_count; i++)
		ret[i] = r->found[i];
	errno = r->error;
	return r->eai;
}
