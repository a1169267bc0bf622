#include "net/callfmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>

#define DONE .phase = CALL_DONE

static struct addr
ip(uint16_t port)
{
	struct in_addr loopback = {htonl(INADDR_LOOPBACK)};

	return addr_from_ip(AF_INET, &loopback, port);
}

static struct addr
device(uint8_t channel)
{
	return (struct addr){.len = sizeof(struct sockaddr_rfcomm),
	    .rc = {.family = AF_BLUETOOTH,
		.device = {{0, 0, 0, 1, 0xaa, 0}},
		.channel = channel}};
}

static void
format__each_call__reads_like_a_listing(void **state)
{
	const struct {
		struct call c;
		const char *want;
	} lines[] = {
	    {{.kind = CALL_SOCKET,
		 DONE,
		 .arg = {AF_INET, SOCK_STREAM},
		 .result = 5},
		"socket(AF_INET, SOCK_STREAM, 0) = 5"},
	    {{.kind = CALL_SOCKET, .arg = {77, 99, 3}}, "socket(77, 99, 3)"},
	    {{.kind = CALL_SETSOCKOPT,
		 DONE,
		 .arg = {SOL_SOCKET, SO_REUSEADDR, 1}},
		"setsockopt(SO_REUSEADDR, 1) = 0"},
	    {{.kind = CALL_SETSOCKOPT, .arg = {IPPROTO_TCP, TCP_CORK, 1}},
		"setsockopt(TCP_CORK, 1)"},
	    {{.kind = CALL_SETSOCKOPT, .arg = {IPPROTO_IP, IP_TTL, 9}},
		"setsockopt(IP_TTL, 9)"},
	    {{.kind = CALL_SETSOCKOPT, .arg = {77, 1, 2}},
		"setsockopt(77, 1, 2)"},
	    {{.kind = CALL_BIND, DONE, .local = ip(65432)},
		"bind(127.0.0.1:65432) = 0"},
	    {{.kind = CALL_LISTEN, DONE, .arg = {5}}, "listen(5) = 0"},
	    {{.kind = CALL_ACCEPT, .phase = CALL_RUNNING}, "accept()"},
	    {{.kind = CALL_ACCEPT, DONE, .result = 6, .peer = ip(49152)},
		"accept() = 6 from 127.0.0.1:49152"},
	    {{.kind = CALL_CONNECT,
		 DONE,
		 .result = -1,
		 .error = ECONNREFUSED,
		 .peer = ip(5999)},
		"connect(127.0.0.1:5999) = ECONNREFUSED  (nothing listens "
		"there)"},
	    {{.kind = CALL_CONNECT, DONE, .peer = ip(7), .local = ip(40000)},
		"connect(127.0.0.1:7) = 0 from 127.0.0.1:40000"},
	    {{.kind = CALL_RECV, DONE, .asked = 4096},
		"recv(4096) = 0  (the peer closed its side (FIN))"},
	    {{.kind = CALL_RECV, DONE, .asked = 9, .result = 3, .peek = 1},
		"recv(9, MSG_PEEK) = 3"},
	    {{.kind = CALL_SEND, DONE, .asked = 13, .result = 5},
		"send(13) = 5  (took 5 of 13)"},
	    {{.kind = CALL_SENDTO,
		 DONE,
		 .asked = 4,
		 .result = 4,
		 .peer = ip(53)},
		"sendto(4, 127.0.0.1:53) = 4"},
	    {{.kind = CALL_RECVFROM, DONE, .asked = 9, .peer = ip(53)},
		"recvfrom(9) = 0 from 127.0.0.1:53, an empty datagram"},
	    {{.kind = CALL_SHUTDOWN, DONE, .arg = {SHUT_WR}},
		"shutdown(SHUT_WR) = 0"},
	    {{.kind = CALL_CLOSE, DONE, .fd = 5}, "close(5) = 0"},
	    {{.kind = CALL_GETADDRINFO,
		 DONE,
		 .result = 1,
		 .peer = ip(80),
		 .data = "me:80",
		 .data_len = 5},
		"getaddrinfo(\"me:80\") = 0  (1 address: 127.0.0.1:80)"},
	    {{.kind = CALL_GETADDRINFO,
		 DONE,
		 .result = -1,
		 .error = ENOENT,
		 .arg = {EAI_NONAME},
		 .data = "x:1",
		 .data_len = 3},
		"getaddrinfo(\"x:1\") = EAI_NONAME  (Name or service not "
		"known)"},
	    {{.kind = CALL_CONNECT,
		 DONE,
		 .result = -1,
		 .error = EHOSTDOWN,
		 .peer = device(3)},
		"connect(00:AA:01:00:00:00/3) = EHOSTDOWN  (the device does "
		"not answer)"},
	    {{.kind = CALL_RECV,
		 DONE,
		 .asked = 9,
		 .result = -1,
		 .error = ECONNRESET,
		 .peer = device(3)},
		"recv(9) = ECONNRESET  (the peer closed (DISC))"},
	    {{.kind = CALL_SDP_SEARCH,
		 DONE,
		 .result = 3,
		 .arg = {0x1101},
		 .peer = device(0),
		 .data = "echo",
		 .data_len = 4},
		"sdp_search(00:AA:01:00:00:00, 0x1101) = 3  (the channel of "
		"\"echo\")"},
	    {{.kind = CALL_SDP_REGISTER,
		 DONE,
		 .arg = {0x1101, 3},
		 .data = "echo",
		 .data_len = 4},
		"sdp_register(0x1101, 3, \"echo\") = 0"},
	    {{.kind = CALL_NOTE, DONE, .data = "a sentence", .data_len = 10},
		"a sentence"},
	};
	char text[CALLFMT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_string_equal(callfmt(text, &lines[i].c), lines[i].want);
}

static void
format__every_kind_and_error__has_a_text(void **state)
{
	char text[CALLFMT_MAX];

	(void)state;
	for (uint8_t kind = 0; kind < CALL_NOTE; kind++)
		for (int error = 1; error < 140; error++) {
			struct call c = {
			    .kind = kind, DONE, .result = -1, .error = error};

			assert_true(strlen(callfmt(text, &c)) > 0);
			assert_true(strlen(callfmt_result(text, &c)) > 0);
		}
}

static void
data__sends_and_finished_receipts__have_it(void **state)
{
	struct call c = {.kind = CALL_SEND, .data_len = 3};

	(void)state;
	assert_true(callfmt_has_data(&c));
	c.kind = CALL_RECV;
	assert_false(callfmt_has_data(&c));
	c.kind = CALL_SEND;
	c.phase = CALL_DONE;
	assert_true(callfmt_has_data(&c));
	assert_true(call_sends(&c));
	c.kind = CALL_RECV;
	assert_true(callfmt_has_data(&c));
	assert_false(call_sends(&c));
	c.kind = CALL_GETADDRINFO;
	assert_false(callfmt_has_data(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(format__each_call__reads_like_a_listing),
	    cmocka_unit_test(format__every_kind_and_error__has_a_text),
	    cmocka_unit_test(data__sends_and_finished_receipts__have_it),
	};

	return cmocka_run_group_tests_name("callfmt", tests, NULL, NULL);
}
