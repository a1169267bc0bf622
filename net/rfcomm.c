#include "net/rfcomm.h"

#include <errno.h>
#include <time.h>

#include "net/base/clock.h"
#include "net/call_bluetooth.h"
#include "net/engine.h"

/* Shorter than what an actor may take to stop. */
#define REST_NS (100 * CLOCK_MS - CLOCK_MS)

int
rfcomm_find(struct actor *a, struct addr *addr)
{
	int r;

	if (addr->len == 0 || addr->sa.sa_family != AF_BLUETOOTH ||
	    addr->rc.channel != 0)
		return 0;
	r = call_sdp_search(a, addr);
	return r < 0 ? r : 0;
}

bool
rfcomm_again(struct actor *a, struct sock *s, int error, unsigned *tries)
{
	struct timespec rest = {.tv_nsec = REST_NS};

	if ((error != -EBUSY && error != -ECONNRESET) ||
	    s->domain != AF_BLUETOOTH || *tries == RFCOMM_TRIES)
		return false;
	if ((*tries)++ == 0)
		call_note(a, s, 0,
		    "This device's last connection to that channel is still "
		    "being taken down (or another program has one): tried "
		    "again every 100 ms.");
	call_close(a, s);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, NULL);
	return !actor_stopping(a);
}
