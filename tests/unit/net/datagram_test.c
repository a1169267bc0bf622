#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/datagram.h"

#define COUNT DATAGRAM_BATCH
#define ROOM 1500

/* A UDP socket of 127.0.0.1. */
static int
open_socket(struct addr *ret)
{
	struct addr any = addr_from_ip(AF_INET, "\x7f\0\0\1", 0);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &any.sa, any.len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	*ret = addr_from_sockaddr((struct sockaddr *)&ss, len);
	return fd;
}

/* Its bytes tell which one it is. */
static void
fill(struct datagram *d, uint8_t *room, size_t len, size_t i,
    const struct addr *to)
{
	memset(room, (int)i, len);
	*d = (struct datagram){.peer = *to, .len = len, .data = room};
}

static void
receive_all(int fd, struct datagram *v, uint8_t (*room)[ROOM], size_t n)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t got = 0;

	while (got < n) {
		int r;

		assert_int_equal(poll(&p, 1, 20000), 1);
		for (size_t i = got; i < n; i++)
			v[i] = (struct datagram){.len = ROOM, .data = room[i]};
		r = datagram_recv(fd, v + got, n - got);
		assert_true(r > 0);
		got += (size_t)r;
	}
}

/* Lengths as a bulk transfer has them: full ones, and a shorter last. */
static void
round_trip(bool cut)
{
	static uint8_t out[COUNT][ROOM], in[COUNT][ROOM];
	struct datagram sent[COUNT], came[COUNT];
	struct addr here, there;
	int from = open_socket(&here), to = open_socket(&there);
	size_t done = 0;

	for (size_t i = 0; i < COUNT; i++)
		fill(&sent[i], out[i], i % 8 == 7 ? 90 : 1400, i, &there);
	while (done < COUNT) {
		int r = datagram_send(from, sent + done, COUNT - done, &cut);

		assert_true(r > 0);
		done += (size_t)r;
	}
	receive_all(to, came, in, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(came[i].len, sent[i].len);
		assert_memory_equal(came[i].data, sent[i].data, sent[i].len);
		assert_true(addr_equal(&came[i].peer, &here));
	}
	close(from);
	close(to);
}

static void
batch__one_by_one__arrives_as_sent(void **state)
{
	(void)state;
	round_trip(false);
}

static void
batch__cut_by_the_kernel__arrives_as_sent(void **state)
{
	(void)state;
	round_trip(true);
}

static void
batch__two_peers__each_gets_its_own(void **state)
{
	static uint8_t out[2][ROOM], in[2][ROOM];
	struct addr here, there[2];
	int from = open_socket(&here);
	int to[2] = {open_socket(&there[0]), open_socket(&there[1])};
	struct datagram sent[2], came[1];
	bool cut = true;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		fill(&sent[i], out[i], 100, i, &there[i]);
	assert_int_equal(datagram_run(sent, 2), 1);
	assert_int_equal(datagram_send(from, sent, 2, &cut), 2);
	for (size_t i = 0; i < 2; i++) {
		receive_all(to[i], came, &in[i], 1);
		assert_int_equal(came[0].len, 100);
		assert_int_equal(came[0].data[0], i);
		close(to[i]);
	}
	close(from);
}

static void
recv__nothing_there__is_eagain(void **state)
{
	uint8_t room[ROOM];
	struct datagram d = {.len = sizeof room, .data = room};
	struct addr here;
	int fd = open_socket(&here);

	(void)state;
	assert_int_equal(datagram_recv(fd, &d, 1), -1);
	assert_int_equal(errno, EAGAIN);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(batch__one_by_one__arrives_as_sent),
	    cmocka_unit_test(batch__cut_by_the_kernel__arrives_as_sent),
	    cmocka_unit_test(batch__two_peers__each_gets_its_own),
	    cmocka_unit_test(recv__nothing_there__is_eagain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
