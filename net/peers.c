#include "net/peers.h"

void
peers_init(struct peers *p, const struct service *service,
    const struct service_options *options, const struct addr *local)
{
	*p = (struct peers){
	    .service = service, .options = options, .local = *local};
}

void
peers_done(struct peers *p)
{
	for (size_t i = 0; i < PEERS_MAX; i++)
		if (p->at[i].heard != 0)
			session_close(&p->at[i].session);
}

/* The place of this peer, else the one that may be taken for it. */
static size_t
place_of(const struct peers *p, const struct addr *from)
{
	size_t oldest = 0;

	if (p->at[p->last].heard != 0 &&
	    addr_equal(&p->at[p->last].session.peer, from))
		return p->last;
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (p->at[i].heard != 0 &&
		    addr_equal(&p->at[i].session.peer, from))
			return i;
		if (p->at[i].heard < p->at[oldest].heard)
			oldest = i;
	}
	return oldest;
}

struct session *
peers_session(struct peers *p, const struct addr *from)
{
	size_t i = place_of(p, from);
	struct session *n = &p->at[i].session;
	bool known = p->at[i].heard != 0 && addr_equal(&n->peer, from);

	if (!known) {
		if (p->at[i].heard != 0)
			session_close(n);
		p->at[i].heard = 0;
		if (session_open(n, p->service, p->options, &p->local, from) <
		    0)
			return NULL;
	}
	p->at[i].heard = ++p->heard;
	p->last = i;
	return n;
}
