#include "capture/source.h"

#include "net/base/bytes.h"
#include "net/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture/gather.h"

#define UDP_OFFSET (14 + 20) /* lo's link header, IPv4 */
#define DATA_OFFSET (UDP_OFFSET + 8)

static const char *refused; /* why there is no network of our own */

static void
write_proc(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		refused = name;
	if (fd >= 0)
		close(fd);
}

static bool
set_lo(bool up)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done;

	ifr.ifr_flags = up ? IFF_UP | IFF_RUNNING : 0;
	done = ioctl(fd, SIOCSIFFLAGS, &ifr) == 0;
	close(fd);
	return done;
}

/* The whole test moves into a network of its own, before threads exist. */
static void
enter_network(void)
{
	char map[64];
	uid_t uid = geteuid();

	if (unshare(CLONE_NEWNET | (uid == 0 ? 0 : CLONE_NEWUSER)) < 0) {
		refused = strerror(errno);
		return;
	}
	if (uid != 0) {
		snprintf(map, sizeof map, "%u %u 1", uid, uid);
		write_proc("/proc/self/uid_map", map);
	}
	if (refused == NULL && !set_lo(true))
		refused = "lo does not come up";
}

static struct sockaddr_in
local(uint16_t port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* A UDP socket bound to this port; what arrives is left in its buffer. */
static int
open_udp(uint16_t port)
{
	struct sockaddr_in addr = local(port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	return fd;
}

static void
send_udp(int fd, uint16_t port, const void *data, size_t n)
{
	struct sockaddr_in to = local(port);

	assert_int_equal(
	    sendto(fd, data, n, 0, (struct sockaddr *)&to, sizeof to), n);
}

static struct source *
open_lo(const char *filter)
{
	struct source *s = NULL;
	struct err err = {0};

	if (refused != NULL) {
		print_message("no network of our own: %s\n", refused);
		skip();
	}
	if (source_open_live("lo", filter, &s, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

static uint16_t
dst_port(const struct packet *p)
{
	struct rd r = rd_init(p->data, p->cap_len, p->wire_len);

	rd_skip(&r, UDP_OFFSET + 2);
	return rd_be16(&r);
}

static uint32_t
number_in(const struct packet *p)
{
	struct rd r = rd_init(p->data, p->cap_len, p->wire_len);

	rd_skip(&r, DATA_OFFSET);
	return rd_be32(&r);
}

static void
lo__two_datagrams__each_is_seen_once_in_its_direction(void **state)
{
	struct source *s = open_lo(NULL);
	struct gather *g = gather_new();
	int a = open_udp(7000), b = open_udp(7001);
	struct source_status st;
	int64_t before = clock_now_ns(), after;

	(void)state;
	send_udp(a, 7001, "there", 5);
	send_udp(b, 7000, "and back", 8);
	send_udp(a, 7001, "end", 3);
	after = clock_now_ns();
	gather_count(g, s, 3);
	assert_int_equal(g->count, 3);
	assert_int_equal(g->packets[0]->cap_len, DATA_OFFSET + 5);
	assert_int_equal(g->packets[0]->wire_len, DATA_OFFSET + 5);
	assert_int_equal(g->packets[0]->link_type, 1);
	assert_int_equal(dst_port(g->packets[0]), 7001);
	assert_memory_equal(g->packets[0]->data + DATA_OFFSET, "there", 5);
	assert_int_equal(dst_port(g->packets[1]), 7000);
	assert_memory_equal(g->packets[1]->data + DATA_OFFSET, "and back", 8);
	assert_memory_equal(g->packets[2]->data + DATA_OFFSET, "end", 3);
	for (size_t i = 0; i < 3; i++) {
		assert_in_range(g->packets[i]->ts_ns, before, after);
		before = g->packets[i]->ts_ns;
	}
	source_status(s, &st);
	assert_true(st.live);
	assert_false(st.ended);
	assert_string_equal(st.name, "lo");
	assert_int_equal(st.received, 3);
	source_close(s);
	gather_free(g);
	close(a);
	close(b);
}

static void
lo__whole_64k_packet__is_not_cut(void **state)
{
	struct source *s = open_lo(NULL);
	struct gather *g = gather_new();
	static uint8_t data[65507];
	int a = open_udp(7000);

	(void)state;
	data[65506] = 42;
	send_udp(a, 7000, data, sizeof data);
	gather_count(g, s, 1);
	assert_int_equal(g->packets[0]->cap_len, g->packets[0]->wire_len);
	assert_memory_equal(
	    g->packets[0]->data + DATA_OFFSET, data, sizeof data);
	source_close(s);
	gather_free(g);
	close(a);
}

static void
filter__at_open__lets_only_its_packets_through(void **state)
{
	struct source *s = open_lo("udp dst port 7001");
	struct gather *g = gather_new();
	int a = open_udp(7000), b = open_udp(7001);

	(void)state;
	for (int i = 0; i < 10; i++)
		send_udp(a, 7000, "no", 2);
	send_udp(a, 7001, "yes", 3);
	gather_count(g, s, 1);
	assert_int_equal(dst_port(g->packets[0]), 7001);
	source_close(s);
	gather_free(g);
	close(a);
	close(b);
}

/*
 * Send pairs of packets, to the other port and to the wanted one, until the
 * wanted one of a pair comes without the other.
 */
static void
await_only(struct gather *g, struct source *s, int fd, uint16_t wanted)
{
	uint16_t other = wanted == 7000 ? 7001 : 7000;
	size_t seen = g->count;

	for (uint32_t i = 1;; i++) {
		uint32_t last_other = 0;

		send_udp(fd, other, &(uint32_t){htonl(i)}, 4);
		send_udp(fd, wanted, &(uint32_t){htonl(i)}, 4);
		gather_wait(g, s);
		while (gather_take(g, s))
			continue;
		for (; seen < g->count; seen++)
			if (dst_port(g->packets[seen]) == other)
				last_other = number_in(g->packets[seen]);
			else if (number_in(g->packets[seen]) != last_other)
				return;
	}
}

static void
set_filter__while_running__takes_effect(void **state)
{
	struct source *s = open_lo("udp");
	struct gather *g = gather_new();
	int a = open_udp(7000), b = open_udp(7001);
	struct err err = {0};

	(void)state;
	assert_int_equal(source_set_filter(s, "udp dst port 7001", &err), 0);
	await_only(g, s, a, 7001);
	assert_int_equal(source_set_filter(s, "udp prt 7000", &err), -EINVAL);
	assert_non_null(strstr(err.text, "syntax error"));
	await_only(g, s, a, 7001);
	assert_int_equal(source_set_filter(s, "udp dst port 7000", &err), 0);
	await_only(g, s, a, 7000);
	assert_int_equal(source_set_filter(s, "", &err), 0);
	gather_free(g);
	source_close(s);
	close(a);
	close(b);
}

/* More than the queue and the kernel's buffer hold, and nobody takes it. */
static void
status__main_is_behind__every_packet_is_accounted_for(void **state)
{
	enum { SENT = 2500 };
	struct source *s = open_lo("udp");
	struct gather *g = gather_new();
	static uint8_t data[60000];
	struct source_status st;
	int a = open_udp(7000);

	(void)state;
	for (int i = 0; i < SENT; i++)
		send_udp(a, 7000, data, sizeof data);
	do {
		gather_wait(g, s);
		source_status(s, &st);
	} while (st.received + st.queue_drops + st.kernel_drops < SENT);
	assert_int_equal(st.received + st.queue_drops + st.kernel_drops, SENT);
	assert_true(st.queue_drops + st.kernel_drops > 0);
	source_close(s);
	gather_free(g);
	close(a);
}

static void
open__no_such_interface__lists_those_there_are(void **state)
{
	struct source *s;
	struct err err = {0};

	(void)state;
	source_close(open_lo(NULL)); /* skips where capturing is refused */
	assert_int_equal(source_open_live("eth7", NULL, &s, &err), -ENODEV);
	assert_non_null(strstr(err.text, "eth7"));
	assert_non_null(strstr(err.text, " lo"));
}

static void
open__bad_filter__says_why(void **state)
{
	struct source *s;
	struct err err = {0};

	(void)state;
	source_close(open_lo(NULL));
	assert_int_equal(source_open_live("lo", "udp prt", &s, &err), -EINVAL);
	assert_non_null(strstr(err.text, "syntax error"));
}

static void
lo__goes_down_and_up__the_capture_goes_on(void **state)
{
	struct source *s = open_lo("udp"), *down;
	struct gather *g = gather_new();
	int a = open_udp(7000);
	struct err err = {0};

	(void)state;
	assert_true(set_lo(false));
	assert_int_equal(source_open_live("lo", NULL, &down, &err), -ENETDOWN);
	assert_non_null(strstr(err.text, "ip link set lo up"));
	assert_true(set_lo(true));
	send_udp(a, 7000, "again", 5);
	gather_count(g, s, 1);
	source_close(s);
	gather_free(g);
	close(a);
}

/* In a child that gives its capabilities up; exits 0 if all is as it should. */
static int
open_without_rights(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {0};
	char exe[256] = "";
	struct source *s;
	struct err err = {0};

	if (readlink("/proc/self/exe", exe, sizeof exe - 1) < 0 ||
	    syscall(SYS_capset, &head, none) < 0)
		return 2;
	if (source_open_live("lo", NULL, &s, &err) != -EPERM)
		return 3;
	return strstr(err.text, "sudo setcap cap_net_raw+ep ") != NULL &&
		       strstr(err.text, exe) != NULL &&
		       strstr(err.text, "--lab") != NULL
		   ? 0
		   : 4;
}

static void
open__without_cap_net_raw__names_the_two_ways(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(open_without_rights());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
interfaces__here__have_loopback(void **state)
{
	struct source_interface all[64], one;
	size_t n = source_interfaces(all, 64);
	bool found = false;

	(void)state;
	for (size_t i = 0; i < n; i++)
		found = found ||
			(strcmp(all[i].name, "lo") == 0 && all[i].loopback);
	assert_true(found);
	assert_int_equal(source_interfaces(&one, 1), 1);
	assert_int_equal(source_interfaces(&one, 0), 0);
}

static void
link_name__each_known__is_not_unknown(void **state)
{
	static const uint16_t known[] = {
	    LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_SLL, LINK_SLL2, 127, 189};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		assert_null(strstr(source_link_name(known[i]), "unknown"));
	assert_string_equal(source_link_name(1), "Ethernet");
	assert_string_equal(source_link_name(60000), "unknown link type");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		lo__two_datagrams__each_is_seen_once_in_its_direction),
	    cmocka_unit_test(lo__whole_64k_packet__is_not_cut),
	    cmocka_unit_test(filter__at_open__lets_only_its_packets_through),
	    cmocka_unit_test(set_filter__while_running__takes_effect),
	    cmocka_unit_test(
		status__main_is_behind__every_packet_is_accounted_for),
	    cmocka_unit_test(open__no_such_interface__lists_those_there_are),
	    cmocka_unit_test(open__bad_filter__says_why),
	    cmocka_unit_test(lo__goes_down_and_up__the_capture_goes_on),
	    cmocka_unit_test(open__without_cap_net_raw__names_the_two_ways),
	    cmocka_unit_test(interfaces__here__have_loopback),
	    cmocka_unit_test(link_name__each_known__is_not_unknown),
	};

	enter_network();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
