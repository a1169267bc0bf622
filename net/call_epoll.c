#include <sys/epoll.h>

#include "net/call_impl.h"

int
call_epoll_create(struct actor *a, struct sock *ret)
{
	struct sock s = {.fd = -1, .id = actor_sock_id(a)};
	struct call c;

	prepare(&c, CALL_EPOLL_CREATE, &s);
	while (to_be_made(a, &c))
		take(&c, epoll_create1(EPOLL_CLOEXEC));
	if (c.error == 0) {
		s.fd = (int)c.result;
		*ret = s;
	}
	return actor_call_end(a, &c);
}

static int
epoll_change(struct actor *a, const struct sock *epoll, const struct sock *s,
    int op, uint32_t events, void *ptr)
{
	struct epoll_event ev = {.events = events, .data = {.ptr = ptr}};
	struct call c;

	prepare(&c, CALL_EPOLL_CTL, epoll);
	c.arg[0] = op;
	c.arg[1] = s->fd;
	c.arg[2] = (int)events;
	while (to_be_made(a, &c))
		take(&c, epoll_ctl(epoll->fd, op, s->fd, &ev));
	return actor_call_end(a, &c);
}

int
call_epoll_add(struct actor *a, const struct sock *epoll, const struct sock *s,
    uint32_t events, void *ptr)
{
	return epoll_change(a, epoll, s, EPOLL_CTL_ADD, events, ptr);
}

int
call_epoll_mod(struct actor *a, const struct sock *epoll, const struct sock *s,
    uint32_t events, void *ptr)
{
	return epoll_change(a, epoll, s, EPOLL_CTL_MOD, events, ptr);
}

int
call_epoll_wait(struct actor *a, const struct sock *epoll,
    struct epoll_event *ret, int max, int timeout_ms)
{
	struct call c;

	prepare(&c, CALL_EPOLL_WAIT, epoll);
	c.arg[0] = timeout_ms;
	while (to_be_made(a, &c))
		take(&c, epoll_wait(epoll->fd, ret, max, timeout_ms));
	return actor_call_end(a, &c);
}
