#include <netdb.h>
#include <stdio.h>

#include "net/call_impl.h"
#include "net/resolve.h"

/* The nearest errno of a resolver's failure: callers return one kind of code.
 */
static int
errno_of_eai(int eai)
{
	switch (eai) {
	case EAI_SYSTEM:
		return errno != 0 ? errno : EINVAL;
	case EAI_NONAME:
	case EAI_NODATA:
		return ENOENT;
	case EAI_AGAIN:
		return EAGAIN;
	case EAI_MEMORY:
		return ENOMEM;
	default:
		return EINVAL;
	}
}

/* The answer to a look-up, into the record: as resolve_wait() returned it. */
static void
take_answer(struct call *c, int eai, int count)
{
	c->arg[0] = eai;
	c->error = eai != 0 ? errno_of_eai(eai) : 0;
	c->result = eai != 0 ? -1 : count;
}

int
call_getaddrinfo(struct actor *a, const struct endpoint *e, struct addr *ret,
    int max, struct err *err)
{
	struct resolve *look_up = NULL;
	struct call c;
	int r, count = 0;

	prepare(&c, CALL_GETADDRINFO, &SOCK_NONE);
	c.data_len = (uint16_t)snprintf(
	    (char *)c.data, sizeof c.data, "%.240s:%u", e->host, e->port);
	while (to_be_made(a, &c)) {
		int eai = EAI_SYSTEM;

		errno = EAGAIN;
		if (look_up == NULL)
			look_up = resolve_start(e);
		if (look_up != NULL)
			eai = resolve_wait(look_up, ret, max, &count);
		take_answer(&c, eai, count);
	}
	resolve_free(look_up);
	if (count > 0)
		c.peer = ret[0];
	r = actor_call_end(a, &c);
	if (r < 0)
		return err_set(err, r, "the name '%s' does not resolve: %s",
		    e->host,
		    c.arg[0] == 0            ? "the look-up was stopped"
		    : c.arg[0] == EAI_SYSTEM ? strerrordesc_np(c.error)
					     : gai_strerror(c.arg[0]));
	return r;
}
