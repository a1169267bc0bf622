/*
 * The lab of the console: its hosts, a shell there, programs of the user's.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

static void
shell__on_a_host__has_the_terminal_until_it_ends(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "shell server");
	sees(r, "a shell on server");
	rig_type(r, "echo in-$((6 * 7))\r");
	sees(r, "in-42");
	rig_type(r, "exit\r");
	sees(r, "1 Server");
	rig_type(r, "c");
	sees(r, "ESTABLISHED");
	console_leave(r);
}

static void
shell__console_terminated__ends_with_it(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "shell");
	sees(r, "a shell on server");
	rig_type(r, "echo in-$((6 * 7))\r");
	sees(r, "in-42");
	console_leave(r);
}

static void
shell__no_such_host__says_where_to_look(void **state)
{
	struct rig *r = console();

	(void)state;
	console_command(r, "shell moon");
	sees(r, "no host 'moon'");
	console_leave(r);
}

static void
labs__a_running_console__is_listed_with_its_hosts(void **state)
{
	struct rig *r = console();
	struct proc *p;
	char line[64];
	int status;

	(void)state;
	p = proc_run(&(struct start_opts){.argv = ARGV("sockdeck", "labs")},
	    NULL, MS, &status);
	assert_int_equal(status, 0);
	snprintf(line, sizeof line, "lab %d, for ", (int)rig_pid(r));
	assert_non_null(strstr(proc_output(p, NULL), line));
	proc_free(p);
	console_leave(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shell__on_a_host__has_the_terminal_until_it_ends),
	    cmocka_unit_test(shell__console_terminated__ends_with_it),
	    cmocka_unit_test(shell__no_such_host__says_where_to_look),
	    cmocka_unit_test(labs__a_running_console__is_listed_with_its_hosts),
	};

	return cmocka_run_group_tests_name("console_lab", tests, NULL, NULL);
}
