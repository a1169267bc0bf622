#include "net/call_bluetooth.h"

#include <stdio.h>
#include <unistd.h>

#include "net/bluetooth.h"
#include "net/call_impl.h"
#include "net/outside.h"

/* Ask, unless it is asked already. -ENOTSUP: this engine has no helper. */
static int
ask(struct actor *a, const struct bluetooth_request *q, int fd)
{
	const struct outside *o = engine_outside(actor_engine(a));

	if (fd >= 0)
		return fd;
	return o != NULL ? outside_ask(o, q, sizeof *q) : -ENOTSUP;
}

/* The first service among the answers, or DONE without one, or FAILED. */
static void
await(int fd, struct bluetooth_answer *ret)
{
	int n = fd < 0 ? fd : outside_answer(fd, ret, sizeof *ret);

	if (n != sizeof *ret)
		*ret = (struct bluetooth_answer){
		    .kind = BLUETOOTH_FAILED, .error = n < 0 ? -n : EIO};
}

static void
note_failure(
    struct actor *a, const struct bluetooth_answer *k, const struct addr *peer)
{
	char text[BLUETOOTH_WHY_MAX];

	if (k->error != ECANCELED && k->error != EINTR)
		call_note(a, NULL, -k->error, "SDP: %s.",
		    bluetooth_why(text, k->where, k->error,
			peer != NULL ? &peer->rc.device : NULL));
}

int
call_sdp_search(struct actor *a, struct addr *to)
{
	struct bluetooth_request q = {
	    .question = BLUETOOTH_FIND, .device = to->rc.device};
	struct bluetooth_answer k = {.kind = BLUETOOTH_DONE};
	char device[BDADDR_TEXT_MAX];
	struct call c;
	int fd = -1, r;

	prepare(&c, CALL_SDP_SEARCH, &SOCK_NONE);
	c.peer = *to;
	c.arg[0] = BLUETOOTH_SERIAL_PORT;
	while (to_be_made(a, &c)) {
		fd = ask(a, &q, fd);
		await(fd, &k);
		c.error = k.kind == BLUETOOTH_FAILED ? k.error
			  : k.kind == BLUETOOTH_DONE ? ENOENT
						     : 0;
		c.result = c.error == 0 ? k.channel : -1;
	}
	if (fd >= 0)
		close(fd);
	if (c.error == 0) {
		to->rc.channel = k.channel;
		copy_data(&c, k.name, strlen(k.name));
	}
	r = actor_call_end(a, &c);
	if (c.error == ENOENT && k.kind == BLUETOOTH_DONE)
		call_note(a, NULL, r,
		    "%s has no Serial Port service to be found: its server "
		    "does not run, or has no record; name the channel, as in "
		    "%s/1.",
		    bdaddr_format(device, &to->rc.device), device);
	else if (r < 0)
		note_failure(a, &k, to);
	return r;
}

int
call_sdp_register(struct actor *a, const struct sock *s, const char *name)
{
	struct bluetooth_request q = {.question = BLUETOOTH_REGISTER,
	    .adapter = s->local.rc.device,
	    .channel = s->local.rc.channel};
	struct bluetooth_answer k = {.kind = BLUETOOTH_DONE};
	struct call c;
	int fd = -1, r;

	snprintf(q.name, sizeof q.name, "%s", name);
	prepare(&c, CALL_SDP_REGISTER, s);
	c.arg[0] = BLUETOOTH_SERIAL_PORT;
	c.arg[1] = q.channel;
	copy_data(&c, q.name, strlen(q.name));
	while (to_be_made(a, &c)) {
		fd = ask(a, &q, fd);
		await(fd, &k);
		c.error = k.kind == BLUETOOTH_FAILED ? k.error : 0;
		c.result = c.error == 0 ? 0 : -1;
	}
	r = actor_call_end(a, &c);
	if (r >= 0)
		return fd;
	if (fd >= 0)
		close(fd);
	note_failure(a, &k, NULL);
	return r;
}
