/*
 * RFCOMM where there is no Bluetooth: what is asked of the helper, what comes
 * back, and what is said about it. The rest is tested in tests/vm/.
 */
#include "net/rfcomm.h"

#include <signal.h>

#include "net/advice.h"
#include "net/bluetooth.h"
#include "net/outside.h"
#include "tests/unit/net/rig.h"

/* A helper whose devices have this to say: those that end in :01 a service on
 * channel 5, in :02 none, in :03 do not answer; those in :04 take for ever. */
static void
answer(int fd, const void *request, size_t n)
{
	struct bluetooth_answer done = {.kind = BLUETOOTH_DONE};
	struct bluetooth_answer k = {
	    .kind = BLUETOOTH_SERVICE, .channel = 5, .name = "echo"};
	struct bluetooth_request q;

	assert_int_equal(n, sizeof q);
	memcpy(&q, request, sizeof q);
	switch (q.device.byte[0]) {
	case 1:
		send(fd, &k, sizeof k, 0);
		break;
	case 3:
		k = (struct bluetooth_answer){.kind = BLUETOOTH_FAILED,
		    .where = BLUETOOTH_SDP_CONNECT,
		    .error = EHOSTDOWN};
		send(fd, &k, sizeof k, 0);
		return;
	case 4:
		outside_end_with_asker(fd);
		pause();
		break;
	default:
		break;
	}
	send(fd, &done, sizeof done, 0);
}

struct talk_to {
	struct rig rig;
	struct outside *outside;
	uint32_t group;
};

static struct talk_to
connect_to(const char *address)
{
	struct talk_to s;
	struct client_spec spec = {
	    .endpoint = rig_endpoint(address, TRANSPORT_RFCOMM, false)};

	assert_int_equal(outside_start(answer, &s.outside, NULL), 0);
	s.rig = rig_new();
	engine_set_outside(s.rig.e, s.outside);
	assert_int_equal(client_start(s.rig.e, &spec, &s.group, NULL), 0);
	return s;
}

static void
end(struct talk_to *s)
{
	rig_free(&s->rig);
	outside_free(s->outside);
}

static void
channel__left_open__is_that_of_the_service(void **state)
{
	struct talk_to s = connect_to("00:00:00:00:00:01");
	const struct call *c =
	    rig_wait(&s.rig, s.group, CALL_SDP_SEARCH, CALL_DONE, 0);

	(void)state;
	assert_int_equal(c->result, 5);
	assert_memory_equal(c->data, "echo", 4);
	/* then a socket is asked for, be there Bluetooth or not */
	c = rig_wait(&s.rig, s.group, CALL_SOCKET, CALL_DONE, 0);
	assert_int_equal(c->arg[0], AF_BLUETOOTH);
	assert_int_equal(c->arg[2], RFCOMM_PROTOCOL);
	end(&s);
}

static void
channel__no_service__is_said(void **state)
{
	struct talk_to s = connect_to("00:00:00:00:00:02");
	const struct call *c =
	    rig_wait(&s.rig, s.group, CALL_SDP_SEARCH, CALL_DONE, 0);

	(void)state;
	assert_int_equal(c->error, ENOENT);
	RIG_UNTIL(&s.rig,
	    rig_note(&s.rig, s.group, "has no Serial Port service") != NULL);
	end(&s);
}

static void
channel__device_is_silent__is_said(void **state)
{
	struct talk_to s = connect_to("00:00:00:00:00:03");

	(void)state;
	RIG_UNTIL(&s.rig, rig_note(&s.rig, s.group,
			      "00:00:00:00:00:03: it does not answer") != NULL);
	assert_null(rig_find(&s.rig, s.group, CALL_SOCKET, CALL_DONE, 0));
	end(&s);
}

static void
channel__asked_for__a_stop_ends_it(void **state)
{
	struct talk_to s = connect_to("00:00:00:00:00:04");

	(void)state;
	rig_wait(&s.rig, s.group, CALL_SDP_SEARCH, CALL_RUNNING, 0);
	engine_stop(s.rig.e, s.group);
	RIG_UNTIL(&s.rig, engine_alive(s.rig.e, s.group) == 0);
	end(&s);
}

/* ---- what is said about errors ---- */

struct lesson {
	enum call_kind kind;
	int error;
	const char *text;
	bool bad;
};

static void
say(struct actor *a, void *arg)
{
	const struct lesson *l = arg;
	struct addr to = {
	    .len = sizeof to.rc, .rc = {.family = AF_BLUETOOTH, .channel = 3}};
	struct sock s = {.fd = -1, .domain = AF_BLUETOOTH, .type = SOCK_STREAM};

	to.rc.device.byte[0] = 0xaa;
	advice_note(a, &s, l->kind, -l->error, &to);
}

static void
advice__each_failure__says_what_to_do(void **state)
{
	static const struct lesson lessons[] = {
	    {CALL_SOCKET, EAFNOSUPPORT, "over TCP", true},
	    {CALL_SOCKET, EPERM, "forbidden here", true},
	    {CALL_BIND, EADDRINUSE, "Another server has the channel", true},
	    {CALL_CONNECT, EHOSTUNREACH, "bluetoothctl power on", true},
	    {CALL_CONNECT, EHOSTDOWN, "00:00:00:00:00:AA/3 does not answer",
		true},
	    {CALL_CONNECT, ECONNREFUSED, "nobody listens on that channel",
		true},
	    {CALL_CONNECT, EACCES, "Pairing was refused", true},
	    {CALL_CONNECT, EBUSY, "has a connection to that channel", true},
	    {CALL_CONNECT, ECONNRESET, "before it was one", true},
	    {CALL_RECV, ECONNRESET, "no FIN", false},
	    {CALL_RECV, ETIMEDOUT, "radio link is lost", true},
	    {CALL_SEND, ECONNABORTED, "own adapter has gone down", true},
	};
	struct rig r = rig_new();

	(void)state;
	for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++) {
		struct lesson l = lessons[i];
		struct actor_spec spec = {
		    .group = engine_group(r.e), .run = say, .arg = &l};
		const struct call *c;

		assert_int_equal(actor_start(r.e, &spec, NULL, NULL), 0);
		RIG_UNTIL(
		    &r, rig_note(&r, spec.group, lessons[i].text) != NULL);
		c = rig_note(&r, spec.group, lessons[i].text);
		assert_int_equal(c->result < 0, lessons[i].bad);
		assert_true(c->data_len < CALL_DATA_MAX - 1); /* not cut */
	}
	rig_free(&r);
}

static void
why__each_step__is_a_sentence(void **state)
{
	static const struct {
		enum bluetooth_step where;
		int error;
		const char *want;
	} lines[] = {
	    {BLUETOOTH_BUILD, ENOSYS, "libbluetooth-dev"},
	    {BLUETOOTH_KERNEL, EAFNOSUPPORT, "TCP can"},
	    {BLUETOOTH_KERNEL, EPERM, "containers"},
	    {BLUETOOTH_NO_ADAPTER, ENODEV, "rfkill unblock"},
	    {BLUETOOTH_SDP_LOCAL, ENOENT, "bluetoothd --compat"},
	    {BLUETOOTH_SDP_LOCAL, EACCES, "/run/sdp"},
	    {BLUETOOTH_SDP_CONNECT, ECONNREFUSED, "name the channel"},
	    {BLUETOOTH_SDP_QUERY, EIO, "error"},
	};
	char text[BLUETOOTH_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		bluetooth_why(text, lines[i].where, lines[i].error, NULL);
		if (strstr(text, lines[i].want) == NULL)
			fail_msg("%s", text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(channel__left_open__is_that_of_the_service),
	    cmocka_unit_test(channel__no_service__is_said),
	    cmocka_unit_test(channel__device_is_silent__is_said),
	    cmocka_unit_test(channel__asked_for__a_stop_ends_it),
	    cmocka_unit_test(advice__each_failure__says_what_to_do),
	    cmocka_unit_test(why__each_step__is_a_sentence),
	};

	return cmocka_run_group_tests_name("rfcomm", tests, NULL, NULL);
}
