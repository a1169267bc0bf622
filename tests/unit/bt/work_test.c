/*
 * The worker, whatever this machine has: each question is answered to its end.
 */
#include "bt/bt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/bluetooth.h"
#include "net/outside.h"

/* The last answer to a request of n bytes; kind ADAPTER: there was none. */
static struct bluetooth_answer
ask(const struct bluetooth_request *q, size_t n)
{
	struct bluetooth_answer k, last = {.kind = BLUETOOTH_ADAPTER};
	int pair[2];
	pid_t worker;

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	worker = fork();
	if (worker == 0) {
		close(pair[0]);
		bt_work(pair[1], q, n);
		_exit(0);
	}
	close(pair[1]);
	while (outside_answer(pair[0], &k, sizeof k) == sizeof k)
		last = k;
	close(pair[0]);
	waitpid(worker, NULL, 0);
	return last;
}

static void
work__adapters__is_done_or_says_why_not(void **state)
{
	struct bluetooth_request q = {.question = BLUETOOTH_ADAPTERS};
	struct bluetooth_answer k = ask(&q, sizeof q);
	char why[BLUETOOTH_WHY_MAX];

	(void)state;
	assert_true(k.kind == BLUETOOTH_DONE || k.kind == BLUETOOTH_FAILED);
	if (k.kind == BLUETOOTH_FAILED)
		assert_true(
		    bluetooth_why(why, k.where, k.error, NULL)[0] != '\0');
}

static void
work__no_such_adapter__fails(void **state)
{
	struct bluetooth_request q = {
	    .question = BLUETOOTH_DISCOVER, .seconds = 1};
	struct bluetooth_answer k;

	(void)state;
	q.adapter.byte[0] = 0x77; /* no machine has it */
	k = ask(&q, sizeof q);
	assert_int_equal(k.kind, BLUETOOTH_FAILED);
	assert_true(k.where == BLUETOOTH_NO_ADAPTER ||
		    k.where == BLUETOOTH_KERNEL || k.where == BLUETOOTH_BUILD);
}

static void
work__request_of_another_size__is_not_answered(void **state)
{
	struct bluetooth_request q = {.question = BLUETOOTH_ADAPTERS};

	(void)state;
	assert_int_equal(ask(&q, sizeof q - 1).kind, BLUETOOTH_ADAPTER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(work__adapters__is_done_or_says_why_not),
	    cmocka_unit_test(work__no_such_adapter__fails),
	    cmocka_unit_test(work__request_of_another_size__is_not_answered),
	};

	return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
