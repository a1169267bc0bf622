#include "net/sockdiag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

union message {
	struct nlmsghdr header;
	uint8_t bytes[1024];
};

static struct nlmsghdr *
inet_message(union message *m, int family, uint8_t kernel_state)
{
	struct inet_diag_msg *d;

	memset(m, 0, sizeof *m);
	mnl_nlmsg_put_header(m);
	d = mnl_nlmsg_put_extra_header(&m->header, sizeof *d);
	d->idiag_family = (uint8_t)family;
	d->idiag_state = kernel_state;
	d->id.idiag_sport = htons(7000);
	d->id.idiag_dport = htons(40000);
	d->id.idiag_cookie[0] = 5;
	d->id.idiag_cookie[1] = 1;
	return &m->header;
}

static void
row__a_connection__has_addresses_and_cookie(void **state)
{
	union message m;
	struct sockrow row;

	(void)state;
	inet_message(&m, AF_INET, TCPS_CLOSE_WAIT);
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_TCP, &row), 0);
	assert_int_equal(row.transport, TRANSPORT_TCP);
	assert_int_equal(row.state, TCPS_CLOSE_WAIT);
	assert_int_equal(addr_port(&row.local), 7000);
	assert_int_equal(addr_port(&row.peer), 40000);
	assert_true(row.cookie == (5 | UINT64_C(1) << 32));
	assert_false(row.has_info);
}

static void
row__states_that_rfc_9293_has_not__become_its_own(void **state)
{
	union message m;
	struct sockrow row;

	(void)state;
	inet_message(&m, AF_INET, 13);
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_TCP, &row), 0);
	assert_int_equal(row.state, TCPS_CLOSED);
	inet_message(&m, AF_INET, TCPS_CLOSED); /* UDP, not connected */
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_UDP4, &row), 0);
	assert_int_equal(row.state, TCPS_NONE);
}

static void
row__info_longer_or_shorter_than_ours__is_taken_or_left(void **state)
{
	uint8_t info[280] = {0};
	uint32_t rtt_us = 1234;
	union message m;
	struct sockrow row;

	(void)state;
	memcpy(info + 68, &rtt_us, sizeof rtt_us); /* tcpi_rtt */
	inet_message(&m, AF_INET, TCPS_ESTABLISHED);
	mnl_attr_put(&m.header, INET_DIAG_INFO, sizeof info, info);
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_TCP, &row), 0);
	assert_true(row.has_info);
	assert_int_equal(row.rtt_us, 1234);
	inet_message(&m, AF_INET, TCPS_ESTABLISHED);
	mnl_attr_put(&m.header, INET_DIAG_INFO, 40, info);
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_TCP, &row), 0);
	assert_false(row.has_info);
}

static void
row__a_foreign_family__is_refused(void **state)
{
	union message m;
	struct sockrow row;

	(void)state;
	inet_message(&m, AF_APPLETALK, TCPS_ESTABLISHED);
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_TCP, &row), -EPROTO);
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_UNIX, &row), -EPROTO);
}

static void
put_unix(union message *m)
{
	struct unix_diag_msg *d;
	char name[200];

	memset(m, 0, sizeof *m);
	memset(name, 'x', sizeof name);
	mnl_nlmsg_put_header(m);
	d = mnl_nlmsg_put_extra_header(&m->header, sizeof *d);
	d->udiag_family = AF_UNIX;
	d->udiag_type = SOCK_DGRAM;
	mnl_attr_put(&m->header, UNIX_DIAG_NAME, sizeof name, name);
	mnl_attr_put_u32(&m->header, UNIX_DIAG_PEER, 77);
}

static void
row__a_unix_name_too_long__is_cut_to_sun_path(void **state)
{
	union message m;
	struct sockrow row;

	(void)state;
	put_unix(&m);
	assert_int_equal(sockdiag_row(&m.header, SOCKDIAG_UNIX, &row), 0);
	assert_int_equal(row.transport, TRANSPORT_UNIXGRAM);
	assert_int_equal(row.local.len, sizeof(struct sockaddr_un));
	assert_int_equal(row.peer_inode, 77);
}

/* Each length that a message could be cut to, in memory of just that size, so
 * that AddressSanitizer sees a read behind it. */
static void
row__cut_anywhere__reads_nothing_behind(void **state)
{
	static const enum sockdiag_kind kinds[] = {SOCKDIAG_TCP, SOCKDIAG_UNIX};
	uint8_t info[280] = {0};
	union message m;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		if (kinds[k] == SOCKDIAG_UNIX) {
			put_unix(&m);
		} else {
			inet_message(&m, AF_INET6, TCPS_ESTABLISHED);
			mnl_attr_put(
			    &m.header, INET_DIAG_INFO, sizeof info, info);
		}
		for (uint32_t n = sizeof m.header; n < m.header.nlmsg_len;
		     n++) {
			struct nlmsghdr *cut = calloc(1, (n + 3) & ~3U);
			struct sockrow row;

			memcpy(cut, &m, n);
			cut->nlmsg_len = n;
			sockdiag_row(cut, kinds[k], &row);
			free(cut);
		}
	}
}

/* ---------------------------------------------------------------- requests */

union request {
	struct nlmsghdr header;
	uint8_t bytes[SOCKDIAG_REQUEST_MAX];
};

static bool
asks(enum sockdiag_kind kind, struct sockfilter filter)
{
	union request r;

	return sockdiag_request(&r, kind, &filter, 1) > 0;
}

static void
request__no_socket_can_match__is_none(void **state)
{
	struct sockfilter listen = {
	    .what = SOCKTAB_ALL, .states = 1U << TCPS_LISTEN};
	struct sockfilter port = {
	    .what = SOCKTAB_ALL, .ports = {80}, .port_count = 1};
	struct sockfilter unconnected = {
	    .what = SOCKTAB_ALL, .states = 1U << TCPS_NONE};

	(void)state;
	assert_false(
	    asks(SOCKDIAG_UDP4, (struct sockfilter){.what = SOCKTAB_TCP}));
	assert_true(asks(SOCKDIAG_TCP, listen));
	assert_false(asks(SOCKDIAG_UDP4, listen));
	assert_true(asks(SOCKDIAG_UNIX, listen));
	assert_true(asks(SOCKDIAG_UDP6, port));
	assert_false(asks(SOCKDIAG_UNIX, port));
	assert_false(asks(SOCKDIAG_TCP, unconnected));
	assert_true(asks(SOCKDIAG_UDP6, unconnected));
}

static void
request__states__are_the_kernels(void **state)
{
	struct sockfilter f = {.what = SOCKTAB_TCP | SOCKTAB_UDP,
	    .states = 1U << TCPS_NONE | 1U << TCPS_CLOSED};
	const struct inet_diag_req_v2 *udp;
	const struct inet_diag_req *tcp;
	union request r;

	(void)state;
	assert_true(sockdiag_request(&r, SOCKDIAG_TCP, &f, 1) > 0);
	tcp = mnl_nlmsg_get_payload(&r.header);
	assert_int_equal(tcp->idiag_states, 1U << TCPS_CLOSED);
	f.what |= SOCKTAB_BOUND;
	assert_true(sockdiag_request(&r, SOCKDIAG_TCP, &f, 1) > 0);
	assert_int_equal(tcp->idiag_states, 1U << TCPS_CLOSED | 1U << 13);
	assert_true(sockdiag_request(&r, SOCKDIAG_UDP4, &f, 1) > 0);
	udp = mnl_nlmsg_get_payload(&r.header);
	assert_true(udp->idiag_states & 1U << TCPS_CLOSED);
	assert_false(udp->idiag_states & 1U << TCPS_ESTABLISHED);
}

static void
request__as_many_ports_as_fit__fits(void **state)
{
	struct sockfilter f = {
	    .what = SOCKTAB_UDP, .port_count = SOCKFILTER_PORTS_MAX};
	union request r;
	size_t n;

	(void)state;
	n = sockdiag_request(&r, SOCKDIAG_UDP4, &f, 1);
	assert_true(n > 0 && n <= sizeof r);
	assert_int_equal(n, r.header.nlmsg_len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(row__a_connection__has_addresses_and_cookie),
	    cmocka_unit_test(row__states_that_rfc_9293_has_not__become_its_own),
	    cmocka_unit_test(
		row__info_longer_or_shorter_than_ours__is_taken_or_left),
	    cmocka_unit_test(row__a_foreign_family__is_refused),
	    cmocka_unit_test(row__a_unix_name_too_long__is_cut_to_sun_path),
	    cmocka_unit_test(row__cut_anywhere__reads_nothing_behind),
	    cmocka_unit_test(request__no_socket_can_match__is_none),
	    cmocka_unit_test(request__states__are_the_kernels),
	    cmocka_unit_test(request__as_many_ports_as_fit__fits),
	};

	return cmocka_run_group_tests_name("sockdiag", tests, NULL, NULL);
}
