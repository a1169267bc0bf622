#include <stdalign.h>
#include <sys/time.h>
#include <time.h>

#include <linux/errqueue.h>

#include "net/base/clock.h"
#include "net/call_impl.h"

int
call_setsockopt(struct actor *a, struct sock *s, int level, int name, int value)
{
	struct call c;

	prepare(&c, CALL_SETSOCKOPT, s);
	c.arg[0] = level;
	c.arg[1] = name;
	c.arg[2] = value;
	while (to_be_made(a, &c))
		take(&c, setsockopt(s->fd, level, name, &value, sizeof value));
	return actor_call_end(a, &c);
}

int
call_set_value(struct actor *a, struct sock *s, const struct sockopt *o,
    const struct sockopt_value *v)
{
	char text[SOCKOPT_TEXT_MAX];
	struct call c;

	prepare(&c, CALL_SETSOCKOPT, s);
	c.arg[0] = o->level;
	c.arg[1] = o->option;
	c.arg[2] = v->number;
	sockopt_format(text, o, v);
	copy_data(&c, text, strlen(text));
	while (to_be_made(a, &c))
		take(&c,
		    setsockopt(s->fd, o->level, o->option, v->bytes, v->len));
	return actor_call_end(a, &c);
}

int
call_set_timeout(struct actor *a, struct sock *s, const char *name, int64_t ns)
{
	const struct timeval tv = {
	    .tv_sec = ns / CLOCK_S, .tv_usec = ns % CLOCK_S / CLOCK_US};
	struct sockopt_value v = {.len = sizeof tv};

	memcpy(v.bytes, &tv, sizeof tv);
	return call_set_value(a, s, sockopt_find(name), &v);
}

int
call_getsockopt(struct actor *a, struct sock *s, const struct sockopt *o,
    struct sockopt_value *ret)
{
	char text[SOCKOPT_TEXT_MAX];
	struct call c;

	prepare(&c, CALL_GETSOCKOPT, s);
	c.arg[0] = o->level;
	c.arg[1] = o->option;
	*ret = sockopt_room(o);
	while (to_be_made(a, &c))
		take(&c, getsockopt(s->fd, o->level, o->option, ret->bytes,
			     &ret->len));
	if (c.error == 0) {
		c.arg[2] = ret->number;
		sockopt_format(text, o, ret);
		copy_data(&c, text, strlen(text));
	}
	return actor_call_end(a, &c);
}

/* The control message that tells of an ICMP error, into ret. */
static bool
read_error(struct msghdr *m, struct sock_error *ret)
{
	for (struct cmsghdr *cm = CMSG_FIRSTHDR(m); cm != NULL;
	     cm = CMSG_NXTHDR(m, cm)) {
		struct sock_extended_err ee;
		struct sockaddr_storage ss = {0};
		size_t n = cm->cmsg_len - CMSG_LEN(0);

		if ((cm->cmsg_level != IPPROTO_IP ||
			cm->cmsg_type != IP_RECVERR) &&
		    (cm->cmsg_level != IPPROTO_IPV6 ||
			cm->cmsg_type != IPV6_RECVERR))
			continue;
		if (n < sizeof ee)
			return false;
		memcpy(&ee, CMSG_DATA(cm), sizeof ee);
		n -= sizeof ee;
		memcpy(&ss, CMSG_DATA(cm) + sizeof ee,
		    n < sizeof ss ? n : sizeof ss);
		*ret = (struct sock_error){
		    .error = (int)ee.ee_errno,
		    .icmp = ee.ee_origin == SO_EE_ORIGIN_ICMP ||
			    ee.ee_origin == SO_EE_ORIGIN_ICMP6,
		    .type = ee.ee_type,
		    .code = ee.ee_code,
		    .offender = addr_from_sockaddr((struct sockaddr *)&ss,
			ss.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						 : sizeof(struct sockaddr_in)),
		};
		return true;
	}
	return false;
}

int
call_recv_error(struct actor *a, struct sock *s, struct sock_error *ret)
{
	struct sockaddr_storage to = {0};
	uint8_t data[CALL_DATA_MAX];
	alignas(struct cmsghdr) uint8_t control[512];
	struct iovec iov = {data, sizeof data};
	struct msghdr m;
	struct call c;

	prepare(&c, CALL_RECVMSG, s);
	c.asked = sizeof data;
	c.arg[0] = MSG_ERRQUEUE;
	c.peek = 1; /* it moves no offset: the data is our own */
	while (to_be_made(a, &c)) {
		m = (struct msghdr){
		    .msg_name = &to,
		    .msg_namelen = sizeof to,
		    .msg_iov = &iov,
		    .msg_iovlen = 1,
		    .msg_control = control,
		    .msg_controllen = sizeof control,
		};
		take(&c, recvmsg(s->fd, &m, MSG_ERRQUEUE));
	}
	if (c.error == 0 && !read_error(&m, ret))
		c.error = EPROTO;
	if (c.error == 0) {
		c.arg[1] = ret->type;
		c.arg[2] = ret->code;
		c.peer =
		    addr_from_sockaddr((struct sockaddr *)&to, m.msg_namelen);
		copy_data(&c, data, (size_t)c.result);
	}
	return actor_call_end(a, &c);
}
