/* The wire between real kernels: what crosses, what is lost, who says so. */
#include "tests/unit/net/wire_rig.h"

#include <linux/errqueue.h>
#include <netinet/ip.h>

#define BULK (150 * 1000)

/* How many packets of this fate the wire has told of. */
static size_t
seen(struct wire_rig *g, unsigned fate)
{
	size_t n = 0;

	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->count && i < WIRE_SEEN_MAX; i++)
		n += g->seen[i].fate == fate;
	pthread_mutex_unlock(&g->lock);
	return n;
}

/* ---- a wire that does nothing ---- */

struct counters {
	unsigned long rx, tx, rx_drop, tx_drop;
};

/* Of eth0 of this thread's host. */
static struct counters
interface_counters(void)
{
	FILE *f = fopen("/proc/thread-self/net/dev", "re");
	struct counters c = {0};
	char line[512];

	WIRE_CHECK(f != NULL);
	while (fgets(line, sizeof line, f) != NULL) {
		const char *eth = strstr(line, "eth0:");

		if (eth != NULL)
			sscanf(eth + 5,
			    "%*u %lu %*u %lu %*u %*u %*u %*u %*u %lu %*u %lu",
			    &c.rx, &c.rx_drop, &c.tx, &c.tx_drop);
	}
	fclose(f);
	return c;
}

static void
count_client(struct wire_rig *g, void *arg)
{
	(void)g;
	*(struct counters *)arg = interface_counters();
}

/* The wire has read what the interfaces have sent, and the other way round. */
static bool
counters_agree(struct wire_rig *g, void *arg)
{
	struct counters server = interface_counters(), client;
	struct wire_client c = {
	    .rig = g, .host = 1, .body = count_client, .arg = &client};
	struct wire_look *look = arg;

	wire_client_start(&c);
	pthread_join(c.thread, NULL);
	WIRE_CHECK(server.tx_drop + client.tx_drop == 0);
	wire_look(g->wire, look);
	return look->port[0].read == server.tx &&
	       look->port[0].written == server.rx &&
	       look->port[1].read == client.tx &&
	       look->port[1].written == client.rx;
}

static void
plain(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(2, medium);
	struct wire_transfer t = {.n = 4 * 1000 * 1000};
	struct wire_look look;

	wire_transfer(g, &t);
	WIRE_CHECK(wire_rig_until(g, counters_agree, &look));
	WIRE_CHECK(look.port[0].refused + look.port[1].refused == 0);
	WIRE_CHECK(look.way[0].entered == look.way[0].left);
	WIRE_CHECK(t.info.tcpi_total_retrans == 0);
	for (size_t i = 0; i < g->count && i < WIRE_SEEN_MAX; i++) {
		WIRE_CHECK(g->seen[i].len <= LAB_MTU);
		WIRE_CHECK(g->seen[i].left_ns >= g->seen[i].entered_ns);
	}
	wire_free(g->wire);
	WIRE_CHECK(g->count == look.way[0].left + look.way[1].left);
	lab_done(&g->lab);
}

static void
plain__bulk__is_the_same_and_all_counters_agree(void **state)
{
	(void)state;
	wire_in_child(plain, LAB_TUN);
}

static void
plain__bulk_over_veth__is_the_same_and_all_counters_agree(void **state)
{
	(void)state;
	wire_in_child(plain, LAB_VETH);
}

/* ---- presets ---- */

static const char *words_of_child;

static void
preset(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(2, medium);
	struct wire_transfer t = {.n = BULK};
	struct wire_look look;

	wire_rig_words(g, words_of_child);
	wire_transfer(g, &t);
	wire_look(g->wire, &look);
	wire_free(g->wire);
	for (int i = 0; i < 2; i++) {
		uint64_t told = 0;

		for (int f = 0; f < FATE_COUNT; f++)
			told += look.way[i].fates[f];
		WIRE_CHECK(told + look.way[i].held + look.way[i].flying ==
			   look.way[i].entered + look.way[i].copies);
	}
}

/* All at once: most of the time each of them waits for a slow line. */
static void
under_each_preset(enum lab_medium medium)
{
	const struct wire_preset *p;
	int worst = GOOD;
	pid_t pid[32];
	size_t n = 0;

	for (; n < 32 && (p = wire_preset_at(n)) != NULL; n++) {
		pid[n] = fork();
		assert_true(pid[n] >= 0);
		if (pid[n] != 0)
			continue;
		alarm(CHILD_SECONDS);
		words_of_child = p->name;
		preset(medium);
		_exit(GOOD);
	}
	for (size_t i = 0; i < n; i++) {
		int found = child_wait(pid[i]);

		if (found == GOOD)
			continue;
		print_message("# %s\n", wire_preset_at(i)->name);
		worst = found;
	}
	child_judge(worst);
}

static void
presets__bulk_under_each__is_the_same(void **state)
{
	(void)state;
	under_each_preset(WIRE_ANY);
}

static void
presets__bulk_under_each_as_a_user_over_veth__is_the_same(void **state)
{
	(void)state;
	under_each_preset(LAB_VETH);
}

/* ---- a rule ---- */

static void
third_is_dropped(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(2, medium);
	struct wire_transfer t = {.n = 20 * 1448};
	size_t data = 0, again = 0;
	uint32_t dropped = 0;

	wire_rig_rule(g, "drop 3rd data segment client->server once");
	wire_transfer(g, &t);
	wire_free(g->wire);
	for (size_t i = 0; i < g->count; i++) {
		const struct wire_seen *s = &g->seen[i];

		if (s->from != 1 || s->facts.payload_len == 0)
			continue;
		data++;
		WIRE_CHECK((s->fate == FATE_RULE) == (data == 3));
		if (data == 3)
			dropped = s->facts.seq;
		else
			again += data > 3 && s->facts.seq == dropped;
	}
	WIRE_CHECK(again == 1);
	WIRE_CHECK(seen(g, FATE_RULE) == 1);
	WIRE_CHECK(t.info.tcpi_total_retrans == 1);
}

static void
rule__third_segment_dropped__is_sent_again_once(void **state)
{
	(void)state;
	wire_in_child(third_is_dropped, WIRE_ANY);
}

/* The same ones are lost in two runs, whatever their timing. */
static void
lossy_run(size_t n, const char *words, char *dst, size_t size)
{
	int fds[2];
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		struct wire_transfer t = {.n = n};
		struct wire_rig *g;
		char line[16];

		alarm(CHILD_SECONDS);
		g = wire_rig_new(2, WIRE_ANY);
		wire_rig_words(g, words);
		wire_transfer(g, &t);
		wire_free(g->wire);
		for (size_t i = 0; i < g->count && i < WIRE_SEEN_MAX; i++) {
			const struct wire_seen *s = &g->seen[i];

			if (s->fate != FATE_LOST || s->from != 1 ||
			    s->facts.payload_len == 0)
				continue;
			snprintf(line, sizeof line, "%u ",
			    s->facts.seq - (g->seen[0].facts.seq + 1));
			WIRE_CHECK(write(fds[1], line, strlen(line)) > 0);
		}
		_exit(GOOD);
	}
	close(fds[1]);
	memset(dst, 0, size);
	for (size_t at = 0; (got = read(fds[0], dst + at, size - 1 - at)) > 0;)
		at += (size_t)got;
	close(fds[0]);
	child_judge(child_wait(pid));
}

static void
seed__two_runs__lose_the_same_segments_at_first(void **state)
{
	char a[4096], b[4096];

	(void)state;
	/* The first ten segments fill the first window: what is sent after a
	 * loss is cut where acknowledgements let it be. */
	lossy_run(10 * 1448, "loss=30% seed=1 delay=5ms", a, sizeof a);
	lossy_run(10 * 1448, "loss=30% seed=1 delay=9ms", b, sizeof b);
	assert_true(strlen(a) > 2);
	assert_string_equal(a, b);
}

/* ---- what routers say ---- */

static void
small_mtu(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(2, medium);
	struct wire_transfer t = {.n = 50 * 1000};

	wire_rig_words(g, "mtu=1000");
	wire_transfer(g, &t);
	wire_free(g->wire);
	WIRE_CHECK(t.mtu == 1000);
	WIRE_CHECK(seen(g, FATE_TOO_BIG) >= 1);
	for (size_t i = 0; i < g->count; i++)
		WIRE_CHECK(
		    g->seen[i].len <= 1000 || g->seen[i].fate == FATE_TOO_BIG);
}

static void
mtu__smaller_on_the_way__is_learned_by_the_sender(void **state)
{
	(void)state;
	wire_in_child(small_mtu, WIRE_ANY);
}

static void
mtu__smaller_over_veth__is_learned_by_the_sender(void **state)
{
	(void)state;
	wire_in_child(small_mtu, LAB_VETH);
}

/* As traceroute asks: who is ttl hops away? 0: the server itself. */
static in_addr_t
who_is_there(struct wire_rig *g, int ttl)
{
	struct sockaddr_in to = wire_rig_address(g, 0), offender;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	char control[512], byte = 0;
	struct iovec part = {&byte, 1};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	struct pollfd p = {.fd = fd};
	struct cmsghdr *c;

	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
	setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
	sendto(fd, &byte, 1, 0, (struct sockaddr *)&to, sizeof to);
	WIRE_CHECK(poll(&p, 1, 20000) == 1); /* an error is always asked for */
	m.msg_control = control;
	m.msg_controllen = sizeof control;
	WIRE_CHECK(recvmsg(fd, &m, MSG_ERRQUEUE) >= 0);
	close(fd);
	for (c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c)) {
		struct sock_extended_err e;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR)
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof e);
		memcpy(&offender, CMSG_DATA(c) + sizeof e, sizeof offender);
		WIRE_CHECK(
		    e.ee_type ==
		    (ntohl(offender.sin_addr.s_addr) == 0x0a000001 ? 3 : 11));
		return ntohl(offender.sin_addr.s_addr);
	}
	return 0;
}

static void
trace_route(struct wire_rig *g, void *arg)
{
	(void)arg;
	WIRE_CHECK(who_is_there(g, 1) == 0x0a0000fe);
	WIRE_CHECK(who_is_there(g, 2) == 0x0a0000fd);
	WIRE_CHECK(who_is_there(g, 3) == 0x0a0000fc);
	WIRE_CHECK(who_is_there(g, 4) == 0x0a000001);
}

static void
three_routers(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(2, medium);
	struct wire_client c = {.rig = g, .host = 1, .body = trace_route};

	wire_set_routers(g->wire, 3);
	wire_client_start(&c);
	pthread_join(c.thread, NULL);
	wire_free(g->wire);
	WIRE_CHECK(seen(g, FATE_EXPIRED) == 3);
}

static void
routers__ttl_by_ttl__each_says_who_it_is(void **state)
{
	(void)state;
	wire_in_child(three_routers, WIRE_ANY);
}

/* ---- by hand ---- */

/* The one packet that is held, or 0. */
static uint64_t
held(struct wire_rig *g, const char *text)
{
	struct wire_look look;

	wire_look(g->wire, &look);
	return look.shown_count == 1 && look.shown[0].held &&
		       strncmp(look.shown[0].text, text, strlen(text)) == 0
		   ? look.shown[0].id
		   : 0;
}

static bool
is_held(struct wire_rig *g, void *text)
{
	return held(g, text) != 0;
}

static void
pass_held(struct wire_rig *g, const char *text, enum wire_action action)
{
	struct wire_order o = {.action = action};
	char copy[32];

	snprintf(copy, sizeof copy, "%s", text);
	WIRE_CHECK(wire_rig_until(g, is_held, copy));
	WIRE_CHECK(wire_act(g->wire, held(g, copy), &o) == 0);
}

static void
connect_once(struct wire_rig *g, void *arg)
{
	struct sockaddr_in to = wire_rig_address(g, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	WIRE_CHECK(connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
	*(int *)arg = fd;
}

static void
handshake_by_hand(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(2, medium);
	int fd = -1, listener = wire_rig_listen(g);
	struct wire_client c = {
	    .rig = g, .host = 1, .body = connect_once, .arg = &fd};

	wire_hold(g->wire, true);
	wire_client_start(&c);
	pass_held(g, "SYN seq 0", WIRE_DROP);
	pass_held(g, "SYN seq 0", WIRE_PASS); /* by its timer */
	pass_held(g, "SYN,ACK seq 0", WIRE_PASS);
	pass_held(g, "ACK of 1", WIRE_PASS);
	pthread_join(c.thread, NULL);
	WIRE_CHECK(fd >= 0 && accept(listener, NULL, NULL) >= 0);
	wire_hold(g->wire, false);
	wire_free(g->wire);
	WIRE_CHECK(seen(g, FATE_HAND) == 1);
	/* copies that timers sent meanwhile are not in the way */
	WIRE_CHECK(g->seen[0].fate == FATE_HAND);
	WIRE_CHECK(g->seen[1].fate == FATE_PASSED);
}

static void
hold__handshake_by_hand__is_as_the_hand_says(void **state)
{
	(void)state;
	wire_in_child(handshake_by_hand, WIRE_ANY);
}

static bool
step_once(struct wire_rig *g, void *arg)
{
	(void)arg;
	return wire_step(g->wire) != 0;
}

static void
steps(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(2, medium);
	int fd = -1, listener = wire_rig_listen(g);
	struct wire_client c = {
	    .rig = g, .host = 1, .body = connect_once, .arg = &fd};

	wire_freeze(g->wire, true);
	wire_client_start(&c);
	for (int i = 0; i < 2; i++) /* SYN, SYN,ACK: the client is in */
		WIRE_CHECK(wire_rig_until(g, step_once, NULL));
	pthread_join(c.thread, NULL);
	WIRE_CHECK(fd >= 0);
	wire_freeze(g->wire, false); /* and the last ACK */
	WIRE_CHECK(accept(listener, NULL, NULL) >= 0);
	wire_free(g->wire);
}

static void
freeze__each_step__lets_one_packet_through(void **state)
{
	(void)state;
	wire_in_child(steps, WIRE_ANY);
}

/* ---- more than two ---- */

static void
say(struct wire_rig *g, void *arg)
{
	struct sockaddr_in to = wire_rig_address(g, *(size_t *)arg);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	WIRE_CHECK(
	    sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof to) == 5);
	close(fd);
}

static void
hear(struct wire_rig *g, void *arg)
{
	struct sockaddr_in at = wire_rig_address(g, 2);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	WIRE_CHECK(bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
	*(int *)arg = fd;
}

static bool
nobody_is_there(struct wire_rig *g, void *arg)
{
	(void)arg;
	return seen(g, FATE_NO_HOST) == 1;
}

static void
three_hosts(enum lab_medium medium)
{
	struct wire_rig *g = wire_rig_new(3, medium);
	int fd = -1;
	size_t to = 2, nobody = 7;
	struct wire_client ear = {
	    .rig = g, .host = 2, .body = hear, .arg = &fd};
	struct wire_client mouth = {
	    .rig = g, .host = 1, .body = say, .arg = &to};
	struct wire_look look;
	char buf[8];

	wire_client_start(&ear);
	pthread_join(ear.thread, NULL);
	wire_client_start(&mouth);
	pthread_join(mouth.thread, NULL);
	WIRE_CHECK(recv(fd, buf, sizeof buf, 0) == 5);
	wire_look(g->wire, &look);
	WIRE_CHECK(look.port[0].written == 0); /* not the server's */
	WIRE_CHECK(look.port[2].written == 1);
	g->lab.ports[nobody].ip4.s_addr = htonl(0x0a000063);
	mouth.arg = &nobody;
	if (g->lab.medium == LAB_TUN) {
		wire_client_start(&mouth);
		pthread_join(mouth.thread, NULL);
		WIRE_CHECK(wire_rig_until(g, nobody_is_there, NULL));
	}
	wire_free(g->wire);
}

static void
hosts__three__each_gets_what_is_its_own(void **state)
{
	(void)state;
	wire_in_child(three_hosts, WIRE_ANY);
}

static void
hosts__three_over_veth__each_gets_what_is_its_own(void **state)
{
	(void)state;
	wire_in_child(three_hosts, LAB_VETH);
}

/* ---- without a lab: the cables are socket pairs ---- */

#define DATAGRAMS 3000

static void
make_datagram(uint8_t p[32], bool up, uint32_t number)
{
	static const uint8_t head[28] = {0x45, 0, 0, 32, 0, 0, 0x40, 0, 64, 17,
	    0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 0x9c, 0x40, 0x1b, 0x58, 0, 12};

	memcpy(p, head, sizeof head);
	p[15] = up ? 2 : 1;
	p[19] = up ? 1 : 2;
	memcpy(p + 28, &number, sizeof number);
}

/* Each thing that main may do, while packets cross. */
static void
meddle(struct wire *w, uint32_t i)
{
	struct wire_settings ways[2] = {
	    {.impair = {.loss_ppm = i % 3 == 0 ? 100000 : 0,
		 .delay_ns = i % 2 == 0 ? 100000 : 0,
		 .duplicate_ppm = 10000}}};
	struct wire_order pass = {.action = WIRE_PASS};
	struct wire_look look;
	struct wire_rule r;
	struct err err;

	wire_rule_parse("corrupt every 9th udp", &r, &err);
	wire_look(w, &look);
	if (look.shown_count > 0)
		wire_act(w, look.shown[0].id, &pass);
	switch (i % 8) {
	case 0:
		wire_set(w, ways);
		break;
	case 1:
		wire_hold(w, true);
		break;
	case 3:
		wire_hold(w, false);
		break;
	case 4:
		wire_freeze(w, true);
		wire_step(w);
		wire_freeze(w, false);
		break;
	case 5:
		wire_add_rule(w, &r, &err);
		wire_remove_rule(w, -1);
		break;
	case 6:
		wire_set_routers(w, i % 3);
		wire_forget(w);
		break;
	default:
		break;
	}
}

static uint64_t
told(const struct wire_way_count *way)
{
	uint64_t n = way->held + way->flying;

	for (int f = 0; f < FATE_COUNT; f++)
		n += f != FATE_COPY ? way->fates[f] : 0;
	return n;
}

static void
threads__main_meddles_while_packets_cross__each_has_one_fate(void **state)
{
	struct wire_port ports[2] = {
	    {.host = "server", .ip4.s_addr = htonl(0x0a000001)},
	    {.host = "client", .ip4.s_addr = htonl(0x0a000002)}};
	struct wire_rig *g = calloc(1, sizeof *g);
	struct wire_sink sink = {g, wire_rig_packet, wire_rig_flush};
	int pair[2][2], type = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;
	uint8_t packet[32], got[64];
	struct wire_look look;
	struct err err;
	uint64_t sent[2] = {0};

	(void)state;
	pthread_mutex_init(&g->lock, NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(socketpair(AF_UNIX, type, 0, pair[i]), 0);
		ports[i].fd = pair[i][0];
	}
	assert_int_equal(wire_new(ports, 2, &sink, &g->wire, &err), 0);
	for (uint32_t i = 0; i < DATAGRAMS; i++) {
		for (int end = 0; end < 2; end++) {
			make_datagram(packet, end == 1, i);
			sent[end == 0 ? WIRE_TO_CLIENT : WIRE_TO_SERVER] +=
			    write(pair[end][1], packet, sizeof packet) > 0;
			while (read(pair[end][1], got, sizeof got) > 0)
				continue;
		}
		if (i % 10 == 0)
			meddle(g->wire, i / 10);
	}
	wire_hold(g->wire, false);
	/* all that was sent has entered, and each has a fate */
	for (int64_t end = clock_mono_ns() + WIRE_DEADLINE_NS;;) {
		for (int i = 0; i < 2; i++)
			while (read(pair[i][1], got, sizeof got) > 0)
				continue;
		wire_look(g->wire, &look);
		if (look.way[0].flying + look.way[1].flying == 0 &&
		    look.port[1].read == sent[WIRE_TO_SERVER] &&
		    look.port[0].read == sent[WIRE_TO_CLIENT])
			break;
		assert_true(clock_mono_ns() < end);
		poll(NULL, 0, 1);
	}
	wire_free(g->wire);
	/* A copy that the host had no room for is told as refused, too. */
	for (int i = 0; i < 2; i++) {
		const struct wire_way_count *way = &look.way[i];

		assert_true(told(way) >= way->entered);
		assert_true(
		    told(way) - way->fates[FATE_REFUSED] <= way->entered);
	}
	assert_true(look.way[0].fates[FATE_PASSED] > 0);
	for (int i = 0; i < 4; i++)
		close(pair[i / 2][i % 2]);
	free(g);
}

static void
new__one_host_or_two_kinds__is_refused(void **state)
{
	struct wire_port ports[2] = {{.fd = -1, .host = "server"},
	    {.fd = -1, .host = "client", .link_layer = true}};
	struct wire_sink sink = {NULL, wire_rig_packet, wire_rig_flush};
	struct wire *w;
	struct err err;

	(void)state;
	assert_int_equal(wire_new(ports, 1, &sink, &w, &err), -EINVAL);
	assert_non_null(strstr(err.text, "2 to 16 hosts"));
	assert_int_equal(wire_new(ports, 2, &sink, &w, &err), -EINVAL);
	assert_non_null(strstr(err.text, "client has another kind"));
	wire_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain__bulk__is_the_same_and_all_counters_agree),
	    cmocka_unit_test(
		plain__bulk_over_veth__is_the_same_and_all_counters_agree),
	    cmocka_unit_test(presets__bulk_under_each__is_the_same),
	    cmocka_unit_test(
		presets__bulk_under_each_as_a_user_over_veth__is_the_same),
	    cmocka_unit_test(rule__third_segment_dropped__is_sent_again_once),
	    cmocka_unit_test(seed__two_runs__lose_the_same_segments_at_first),
	    cmocka_unit_test(mtu__smaller_on_the_way__is_learned_by_the_sender),
	    cmocka_unit_test(mtu__smaller_over_veth__is_learned_by_the_sender),
	    cmocka_unit_test(routers__ttl_by_ttl__each_says_who_it_is),
	    cmocka_unit_test(hold__handshake_by_hand__is_as_the_hand_says),
	    cmocka_unit_test(freeze__each_step__lets_one_packet_through),
	    cmocka_unit_test(hosts__three__each_gets_what_is_its_own),
	    cmocka_unit_test(hosts__three_over_veth__each_gets_what_is_its_own),
	    cmocka_unit_test(
		threads__main_meddles_while_packets_cross__each_has_one_fate),
	    cmocka_unit_test(new__one_host_or_two_kinds__is_refused),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
