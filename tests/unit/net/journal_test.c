#include "net/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

static struct addr
ip(uint16_t port)
{
	struct in_addr loopback = {htonl(INADDR_LOOPBACK)};

	return addr_from_ip(AF_INET, &loopback, port);
}

static void
feed(struct journal *j, struct call c)
{
	if (c.phase == CALL_DONE)
		c.end_ns = c.begin_ns + 1;
	journal_feed(j, &c);
}

#define DONE .phase = CALL_DONE
#define RUNNING .phase = CALL_RUNNING

static void
feed__begin_and_end__make_one_call(void **state)
{
	struct journal *j = journal_new();
	uint64_t gen = journal_gen(j);

	(void)state;
	feed(j, (struct call){.id = 1, .kind = CALL_LISTEN});
	assert_int_equal(journal_running(j), 1);
	assert_int_equal(journal_call(j, 1)->phase, CALL_GATED);
	feed(j, (struct call){.id = 1, .kind = CALL_LISTEN, RUNNING});
	assert_int_equal(journal_running(j), 1);
	feed(j, (struct call){.id = 1, .kind = CALL_LISTEN, DONE});
	assert_int_equal(journal_running(j), 0);
	assert_int_equal(journal_call(j, 1)->phase, CALL_DONE);
	assert_true(journal_gen(j) != gen);
	journal_free(j);
}

static void
feed__lost_beginning__enters_a_complete_call(void **state)
{
	struct journal *j = journal_new();

	(void)state;
	feed(j, (struct call){.id = 5, .kind = CALL_LISTEN, DONE});
	assert_non_null(journal_call(j, 5));
	assert_null(journal_call(j, 4));
	assert_null(journal_call(j, 0));
	assert_int_equal(journal_at(j, journal_first(j))->id, 5);
	assert_int_equal(journal_next(j), journal_first(j) + 1);
	assert_int_equal(journal_running(j), 0);
	journal_free(j);
}

static void
feed__lost_end__goes_when_its_actor_goes_on(void **state)
{
	struct journal *j = journal_new();

	(void)state;
	feed(j, (struct call){.id = 1, .actor = 7, .kind = CALL_RECV, RUNNING});
	feed(j, (struct call){.id = 2, .actor = 8, .kind = CALL_RECV, RUNNING});
	feed(j, (struct call){.id = 3, .actor = 7, .kind = CALL_SEND, RUNNING});
	assert_null(journal_call(j, 1));
	assert_int_equal(journal_running(j), 2);
	assert_int_equal(journal_running_at(j, 0)->id, 2);
	assert_int_equal(journal_running_at(j, 1)->id, 3);
	assert_null(journal_running_at(j, 2));
	/* Also with an end whose beginning was not seen. */
	feed(j, (struct call){.id = 4, .actor = 8, .kind = CALL_SEND, DONE});
	assert_null(journal_call(j, 2));
	assert_int_equal(journal_running(j), 1);
	journal_free(j);
}

static void
order__is_that_of_the_ends(void **state)
{
	struct journal *j = journal_new();
	uint32_t first = journal_first(j);

	(void)state;
	feed(j, (struct call){.id = 1, .actor = 1, .kind = CALL_RECV, RUNNING});
	feed(j, (struct call){.id = 2, .actor = 2, .kind = CALL_SEND, RUNNING});
	feed(j, (struct call){.id = 2, .actor = 2, .kind = CALL_SEND, DONE});
	feed(j, (struct call){.id = 1, .actor = 1, .kind = CALL_RECV, DONE});
	assert_int_equal(journal_at(j, first)->id, 2);
	assert_int_equal(journal_at(j, first + 1)->id, 1);
	assert_null(journal_at(j, first + 2));
	journal_free(j);
}

/* A loop that does not end at 0 bytes: one row, however often it goes round. */
static void
end_of_stream__received_again__is_counted_in_one_row(void **state)
{
	struct journal *j = journal_new();
	uint32_t first = journal_first(j), id;

	(void)state;
	feed(j, (struct call){.id = 1,
		    .sock = 1,
		    .kind = CALL_RECV,
		    .result = 5,
		    .asked = 10,
		    DONE});
	for (id = 2; id <= 1001; id++)
		feed(j, (struct call){.id = id,
			    .actor = 1,
			    .sock = 1,
			    .kind = CALL_RECV,
			    .asked = 10,
			    DONE});
	assert_int_equal(journal_next(j), first + 2);
	assert_int_equal(journal_at(j, first + 1)->again, 999);
	/* Another socket, and another call on this one, begin anew. */
	feed(j,
	    (struct call){
		.id = id++, .sock = 2, .kind = CALL_RECV, .asked = 10, DONE});
	feed(j, (struct call){.id = id++, .sock = 1, .kind = CALL_SEND, DONE});
	feed(j,
	    (struct call){
		.id = id++, .sock = 1, .kind = CALL_RECV, .asked = 10, DONE});
	assert_int_equal(journal_next(j), first + 5);
	assert_int_equal(journal_at(j, first + 4)->again, 0);
	journal_free(j);
}

static void
ring__newer_calls__evict_older_ones_but_none_that_runs(void **state)
{
	struct journal *j = journal_new();
	uint32_t id;

	(void)state;
	feed(j,
	    (struct call){.id = 1, .actor = 1, .kind = CALL_ACCEPT, RUNNING});
	for (id = 2; id < JOURNAL_CALLS + 3; id++)
		feed(j, (struct call){.id = id, .actor = 2, DONE});
	assert_null(journal_call(j, 2));
	assert_non_null(journal_call(j, 3));
	assert_int_equal(journal_at(j, journal_first(j))->id, 3);
	assert_int_equal(journal_running(j), 1);
	/* Blocked while thousands passed, it is entered when it ends. */
	feed(j, (struct call){.id = 1, .actor = 1, .kind = CALL_ACCEPT, DONE});
	assert_int_equal(journal_at(j, journal_next(j) - 1)->id, 1);
	assert_null(journal_call(j, 3));
	assert_int_equal(journal_running(j), 0);
	journal_free(j);
}

/* A server's life up to one accepted connection: sockets 1 and 2. */
static void
feed_server(struct journal *j)
{
	feed(
	    j, (struct call){
		   .id = 1, .sock = 1, .fd = -1, .kind = CALL_SOCKET, RUNNING});
	assert_null(journal_sock(j, 1));
	feed(j, (struct call){.id = 1,
		    .sock = 1,
		    .fd = 5,
		    .group = 7,
		    .kind = CALL_SOCKET,
		    DONE,
		    .arg = {AF_INET, SOCK_STREAM},
		    .result = 5});
	feed(j, (struct call){.id = 2,
		    .sock = 1,
		    .fd = 5,
		    .kind = CALL_BIND,
		    DONE,
		    .local = ip(80)});
	feed(j, (struct call){
		    .id = 3, .sock = 1, .fd = 5, .kind = CALL_LISTEN, DONE});
	feed(j, (struct call){.id = 4,
		    .sock = 1,
		    .fd = 5,
		    .group = 7,
		    .kind = CALL_ACCEPT,
		    DONE,
		    .result = 6,
		    .arg = {2},
		    .local = ip(80),
		    .peer = ip(4000)});
}

static void
sock__of_a_server__is_followed(void **state)
{
	struct journal *j = journal_new();
	const struct jsock *s;
	uint32_t it = 0;

	(void)state;
	feed_server(j);
	s = journal_sock(j, 1);
	assert_true(s->listening);
	assert_int_equal(addr_port(&s->local), 80);
	assert_int_equal(s->peer.len, 0);
	s = journal_sock(j, 2);
	assert_int_equal(s->listener, 1);
	assert_int_equal(s->fd, 6);
	assert_int_equal(s->group, 7);
	assert_int_equal(s->type, SOCK_STREAM);
	assert_true(s->connected);
	assert_int_equal(journal_next_sock(j, &it)->id, 2);
	assert_int_equal(journal_next_sock(j, &it)->id, 1);
	assert_null(journal_next_sock(j, &it));
	feed(j, (struct call){.id = 5,
		    .sock = 2,
		    .kind = CALL_RECV,
		    DONE,
		    .asked = 9,
		    .result = 4});
	/* The record in between was lost; the offset knows. */
	feed(j, (struct call){.id = 7,
		    .sock = 2,
		    .kind = CALL_SEND,
		    DONE,
		    .asked = 9,
		    .result = 9,
		    .stream_off = 100});
	feed(j, (struct call){.id = 8,
		    .sock = 2,
		    .kind = CALL_RECV,
		    DONE,
		    .asked = 9,
		    .stream_off = 4});
	assert_int_equal(s->received, 4);
	assert_int_equal(s->sent, 109);
	assert_true(s->peer_closed);
	feed(j, (struct call){.id = 9,
		    .sock = 2,
		    .kind = CALL_SEND,
		    DONE,
		    .result = -1,
		    .error = EPIPE});
	assert_int_equal(s->error, EPIPE);
	feed(j,
	    (struct call){
		.id = 10, .sock = 2, .kind = CALL_CLOSE, DONE, .begin_ns = 50});
	assert_true(s->closed);
	assert_int_equal(s->closed_ns, 51);
	journal_free(j);
}

static void
sock__connect__is_connecting_until_it_ends(void **state)
{
	struct journal *j = journal_new();
	struct call c = {
	    .id = 2, .sock = 1, .kind = CALL_CONNECT, RUNNING, .peer = ip(80)};

	(void)state;
	feed(j, (struct call){.id = 1, .sock = 1, .kind = CALL_SOCKET, DONE});
	feed(j, c);
	assert_true(journal_sock(j, 1)->connecting);
	c.phase = CALL_DONE;
	c.error = EINTR;
	feed(j, c);
	assert_true(journal_sock(j, 1)->connecting);
	c.error = 0;
	c.local = ip(4000);
	feed(j, c);
	assert_false(journal_sock(j, 1)->connecting);
	assert_true(journal_sock(j, 1)->connected);
	journal_free(j);
}

static void
sock__failed_socket_call__makes_none(void **state)
{
	struct journal *j = journal_new();
	uint32_t it = 0;

	(void)state;
	feed(j, (struct call){.id = 1,
		    .sock = 1,
		    .kind = CALL_SOCKET,
		    DONE,
		    .result = -1,
		    .error = EMFILE});
	assert_null(journal_next_sock(j, &it));
	journal_free(j);
}

static void
find_sock__mapped_address__finds_the_newest(void **state)
{
	struct journal *j = journal_new();
	struct addr local = ip(80), peer = ip(4000), other = ip(4001);
	struct in6_addr mapped;
	struct addr local6, peer6;

	(void)state;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped);
	local6 = addr_from_ip(AF_INET6, &mapped, 80);
	peer6 = addr_from_ip(AF_INET6, &mapped, 4000);
	feed_server(j);
	assert_int_equal(journal_find_sock(j, &local, &peer)->id, 2);
	assert_null(journal_find_sock(j, &local, &other));
	feed(j, (struct call){.id = 5,
		    .sock = 1,
		    .kind = CALL_ACCEPT,
		    DONE,
		    .result = 7,
		    .arg = {3},
		    .local = local6,
		    .peer = peer6});
	assert_int_equal(journal_find_sock(j, &local, &peer)->id, 3);
	journal_free(j);
}

static void
socks__too_many__the_oldest_closed_leaves_first(void **state)
{
	struct journal *j = journal_new();
	uint32_t id = 5;

	(void)state;
	feed_server(j); /* 1 listens, 2 is open */
	for (uint32_t sock = 3; sock <= JOURNAL_SOCKS + 2; sock++) {
		feed(j, (struct call){.id = id++,
			    .sock = 1,
			    .kind = CALL_ACCEPT,
			    DONE,
			    .result = 9,
			    .arg = {(int)sock}});
		feed(
		    j, (struct call){
			   .id = id++, .sock = sock, .kind = CALL_CLOSE, DONE});
	}
	assert_true(journal_sock(j, 1)->listening);
	assert_non_null(journal_sock(j, 2));
	assert_null(journal_sock(j, 3));
	assert_null(journal_sock(j, 4));
	assert_non_null(journal_sock(j, 5));
	journal_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(feed__begin_and_end__make_one_call),
	    cmocka_unit_test(feed__lost_beginning__enters_a_complete_call),
	    cmocka_unit_test(
		end_of_stream__received_again__is_counted_in_one_row),
	    cmocka_unit_test(
		ring__newer_calls__evict_older_ones_but_none_that_runs),
	    cmocka_unit_test(order__is_that_of_the_ends),
	    cmocka_unit_test(feed__lost_end__goes_when_its_actor_goes_on),
	    cmocka_unit_test(sock__of_a_server__is_followed),
	    cmocka_unit_test(sock__connect__is_connecting_until_it_ends),
	    cmocka_unit_test(sock__failed_socket_call__makes_none),
	    cmocka_unit_test(find_sock__mapped_address__finds_the_newest),
	    cmocka_unit_test(socks__too_many__the_oldest_closed_leaves_first),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
