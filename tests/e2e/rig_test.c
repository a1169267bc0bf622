/*
 * The rig itself, tried on programs that every machine has: a test of the
 * console is worth as much as the rig that it stands on.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/proc.h"
#include "tests/e2e/rig.h"

#define MS 10000
#define SH(script) (&(struct start_opts){.argv = ARGV("sh", "-c", script)})

static void
type__text__is_echoed_and_read(void **state)
{
	struct rig *r = rig_start(SH("read x; echo \"got <$x>\"; exit 7"));

	(void)state;
	rig_type(r, "h\xc3\xa9llo\r");
	assert_true(rig_wait_for(r, "got <h\xc3\xa9llo>", MS));
	assert_int_equal(rig_wait_exit(r, MS), 7);
	assert_string_equal(rig_row(r, 0), "h\xc3\xa9llo");
	assert_true(rig_terminal_restored(r));
	rig_free(r);
}

static void
exit__right_after_writing__loses_no_output(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		struct rig *r = rig_start(SH("printf 'last words'"));

		assert_int_equal(rig_wait_exit(r, MS), 0);
		assert_string_equal(rig_row(r, 0), "last words");
		assert_int_equal(rig_bytes(r), strlen("last words"));
		rig_free(r);
	}
}

static void
environment__of_the_child__is_clean(void **state)
{
	struct rig *r;

	(void)state;
	setenv("NO_COLOR", "1", 1);
	setenv("COLUMNS", "33", 1);
	r = rig_start(&(struct start_opts){
	    .argv = ARGV("sh", "-c",
		"echo [$TERM $LC_ALL $NO_COLOR$COLUMNS $EXTRA]; "
		"echo [$HOME]; stty size; ls -A $HOME | wc -l"),
	    .env = ARGV("EXTRA=more"),
	    .cols = 100,
	    .rows = 30,
	});
	assert_int_equal(rig_wait_exit(r, MS), 0);
	assert_string_equal(rig_row(r, 0), "[xterm-256color C.UTF-8 more]");
	assert_non_null(strstr(rig_row(r, 1), rig_home(r)));
	assert_string_equal(rig_row(r, 2), "30 100");
	assert_string_equal(rig_row(r, 3), "0");
	rig_free(r);
}

static void
environment__ascii__sets_the_c_locale(void **state)
{
	struct rig *r = rig_start(&(struct start_opts){
	    .argv = ARGV("sh", "-c", "echo [$LC_ALL $TERM]"),
	    .env = ARGV("TERM"),
	    .ascii = true,
	});

	(void)state;
	assert_true(rig_wait_for(r, "[C ]", MS));
	rig_free(r);
}

static void
resize__while_running__is_seen(void **state)
{
	struct rig *r = rig_start(SH("trap 'stty size' WINCH; echo ready; "
				     "while read x; do :; done"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	rig_resize(r, 120, 40);
	assert_true(rig_wait_for(r, "40 120", MS));
	rig_type_byte(r, RIG_CTRL('d'));
	(void)rig_wait_exit(r, MS);
	rig_free(r);
}

static void
keys__of_every_kind__arrive_as_xterm_sends_them(void **state)
{
	struct rig *r =
	    rig_start(SH("stty raw -echo; printf ready; "
			 "dd bs=1 count=26 2>&- | cat -vT; printf ' done'"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	rig_key(r, RIG_F1);
	rig_key(r, RIG_F5);
	rig_key(r, RIG_F12);
	rig_key(r, RIG_UP);
	rig_key(r, RIG_STAB);
	rig_key(r, RIG_TAB);
	rig_key(r, RIG_PGDN);
	rig_key(r, RIG_ESC);
	rig_type_byte(r, RIG_CTRL('x'));
	assert_true(rig_wait_for(
	    r, "ready^[OP^[[15~^[[24~^[[A^[[Z^I^[[6~^[^X done", MS));
	assert_int_equal(rig_wait_exit(r, MS), 0);
	rig_free(r);
}

static void
mouse__asked_for__arrives_in_sgr(void **state)
{
	struct rig *r =
	    rig_start(SH("stty raw -echo; printf '\\033[?1002;1006hready'; "
			 "dd bs=1 count=20 2>&- | cat -v"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	assert_true(rig_mode(r, 1002));
	assert_true(rig_mode(r, 1006));
	assert_true(rig_mouse(r, 9, 4, RIG_LEFT_BUTTON));
	assert_true(rig_wait_for(r, "ready^[[<0;10;5M^[[<0;10;5m", MS));
	assert_int_equal(rig_wait_exit(r, MS), 0);
	assert_false(rig_terminal_restored(r));
	rig_free(r);
}

static void
mouse__not_asked_for__sends_nothing(void **state)
{
	struct rig *r = rig_start(SH("read x"));

	(void)state;
	assert_false(rig_mouse(r, 0, 0, RIG_LEFT_BUTTON));
	rig_free(r);
}

static void
cell__attributes__are_seen(void **state)
{
	struct rig *r = rig_start(
	    SH("printf 'a\\033[1;7;31;48;5;200mB\\033[0;38;2;1;2;3m\xe4\xb8\xad"
	       "\\033[mZ'"));
	int x, y;

	(void)state;
	assert_int_equal(rig_wait_exit(r, MS), 0);
	assert_int_equal(rig_cell(r, 0, 0).fg, RIG_DEFAULT_COLOR);
	assert_false(rig_cell(r, 0, 0).bold);
	assert_string_equal(rig_cell(r, 1, 0).text, "B");
	assert_true(rig_cell(r, 1, 0).bold);
	assert_true(rig_cell(r, 1, 0).reverse);
	assert_int_equal(rig_cell(r, 1, 0).fg, 1);
	assert_int_equal(rig_cell(r, 1, 0).bg, 200);
	assert_int_equal(rig_cell(r, 2, 0).width, 2);
	assert_int_equal(rig_cell(r, 2, 0).fg, RIG_RGB | 0x010203);
	assert_string_equal(rig_row(r, 0), "aB\xe4\xb8\xadZ");
	assert_true(rig_find(r, "Z", &x, &y));
	assert_int_equal(x, 4);
	assert_int_equal(y, 0);
	rig_cursor(r, &x, &y);
	assert_int_equal(x, 5);
	rig_free(r);
}

static void
query__of_the_terminal__is_answered(void **state)
{
	struct rig *r = rig_start(
	    SH("stty raw -echo; printf 'ab\\033[6n'; "
	       "dd bs=1 count=6 2>&- | tr '\\033' 'E'; echo ' done'"));

	(void)state;
	assert_true(rig_wait_for(r, "abE[1;3R done", MS));
	rig_free(r);
}

static void
wait__for_what_never_comes__fails_at_the_deadline(void **state)
{
	struct rig *r = rig_start(SH("echo here; read x"));

	(void)state;
	assert_true(rig_wait_for(r, "here", MS));
	assert_false(rig_wait_for(r, "there", 20));
	assert_false(rig_wait_gone(r, "here", 20));
	assert_false(rig_wait_match(r, "^her$", 20));
	assert_true(rig_wait_match(r, "^h.r[e]$", MS));
	assert_true(rig_stays_quiet(r, 20));
	assert_int_equal(rig_wait_exit(r, 20), -1);
	rig_free(r);
}

static void
kill__by_a_signal__is_the_exit_status(void **state)
{
	struct rig *r = rig_start(SH("echo ready; read x"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	rig_kill(r, SIGTERM);
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGTERM);
	rig_free(r);
}

static void
hang_up__ends_the_program(void **state)
{
	struct rig *r = rig_start(SH("trap 'exit 3' HUP; echo ready; "
				     "while :; do read x; done"));

	(void)state;
	assert_true(rig_wait_for(r, "ready", MS));
	rig_hang_up(r);
	assert_int_equal(rig_wait_exit(r, MS), 3);
	rig_free(r);
}

static void
terminal__left_in_disorder__is_told_from_a_restored_one(void **state)
{
	static const char *const disorder[] = {"printf '\\033[?1049h'",
	    "printf '\\033[?25l'", "printf '\\033[?2004h'", "stty -echo",
	    "printf '\\033='", "printf '\\033[?1;1000h'"};
	struct rig *r;

	(void)state;
	for (size_t i = 0; i < sizeof disorder / sizeof *disorder; i++) {
		r = rig_start(SH(disorder[i]));
		assert_int_equal(rig_wait_exit(r, MS), 0);
		assert_false(rig_terminal_restored(r));
		rig_free(r);
	}
	r = rig_start(SH("s=$(stty -g); stty raw -echo; "
			 "printf '\\033[?1049h\\033[?25;1000l\\033='; "
			 "printf '\\033[?1049l\\033[?25h\\033>'; stty $s"));
	assert_int_equal(rig_wait_exit(r, MS), 0);
	assert_true(rig_terminal_restored(r));
	rig_free(r);
}

static void
stop__by_c_z__and_continue(void **state)
{
	struct rig *r = rig_start(SH("exec cat"));

	(void)state;
	rig_type(r, "one\r");
	assert_true(rig_wait_match(r, "^one\none$", MS));
	rig_type_byte(r, RIG_CTRL('z'));
	assert_true(rig_wait_stopped(r, MS));
	assert_true(rig_terminal_restored(r));
	rig_kill(r, SIGCONT);
	rig_type(r, "two\r");
	assert_true(rig_wait_match(r, "two\ntwo$", MS));
	rig_type_byte(r, RIG_CTRL('c'));
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGINT);
	rig_free(r);
}

static void
start__as_another_user__is_that_user_at_home(void **state)
{
	struct rig *r;

	(void)state;
	need_root();
	r = rig_start(&(struct start_opts){
	    .argv = ARGV("sh", "-c",
		"id -u; id -G; echo x >$HOME/f && test $HOME = $PWD && "
		"echo at home >/dev/tty"),
	    .uid = START_USER,
	});
	assert_true(rig_wait_for(r, "at home", MS));
	assert_string_equal(rig_row(r, 0), "1000");
	assert_string_equal(rig_row(r, 1), "1000");
	rig_free(r);
}

static void
start__the_program_under_test__runs_for_a_user_who_cannot_reach_it(void **state)
{
	const char *program = getenv("SOCKDECK");
	char *saved = program != NULL ? strdup(program) : NULL;
	struct proc *p;
	int status;

	(void)state;
	need_root();
	setenv("SOCKDECK", "/bin/sh", 1);
	p = proc_run(&(struct start_opts){.argv = ARGV("sockdeck", "-c",
					      "readlink /proc/$$/exe; id -u"),
			 .uid = START_USER},
	    NULL, MS, &status);
	assert_int_equal(status, 0);
	assert_non_null(strstr(proc_output(p, NULL), "/sockdeck\n1000\n"));
	proc_free(p);
	if (saved != NULL)
		setenv("SOCKDECK", saved, 1);
	else
		unsetenv("SOCKDECK");
	free(saved);
}

static void
curses__a_whole_program__draws_and_restores(void **state)
{
	struct rig *r;

	(void)state;
	need_program("python3");
	r = rig_start(&(struct start_opts){
	    .argv = ARGV("python3", "-c",
		"import curses\n"
		"def main(s):\n"
		"  s.timeout(50)\n" /* a SIGWINCH just before read() is lost */
		"  while True:\n"
		"    s.erase(); s.border()\n"
		"    s.addstr(1, 1, '%dx%d' % s.getmaxyx()); s.refresh()\n"
		"    if s.getch() == ord('q'): return\n"
		"curses.wrapper(main)\n"),
	});
	assert_true(rig_wait_for(r, "24x80", MS));
	assert_true(rig_mode(r, 1049));
	rig_resize(r, 100, 30);
	assert_true(rig_wait_for(r, "30x100", MS));
	assert_true(rig_wait_quiet(r, 50, MS));
	assert_string_equal(rig_cell(r, 99, 29).text, "\xe2\x94\x98");
	rig_type(r, "q");
	assert_int_equal(rig_wait_exit(r, MS), 0);
	assert_true(rig_terminal_restored(r));
	assert_null(strstr(rig_screen(r), "30x100"));
	rig_free(r);
}

static void
proc__dialogue__is_heard(void **state)
{
	struct proc *p = proc_start(SH("read x; echo \"out $x\"; "
				       "echo err >&2; cat >&2; exit 4"));

	(void)state;
	assert_true(proc_write(p, "hello\n", 6, MS));
	assert_true(proc_wait_for(p, "out hello\n", MS));
	assert_true(proc_wait_for(p, "err", MS));
	assert_false(proc_wait_for(p, "never", 20));
	proc_close_stdin(p);
	assert_int_equal(proc_wait_exit(p, MS), 4);
	assert_string_equal(proc_output(p, NULL), "out hello\n");
	assert_string_equal(proc_errors(p), "err\n");
	proc_free(p);
}

static void
proc__megabytes_through_a_pipe__come_back(void **state)
{
	const size_t n = 4 << 20;
	char *data = malloc(n);
	struct proc *p = proc_start(&(struct start_opts){.argv = ARGV("cat")});
	const char *out;
	size_t len;

	(void)state;
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 7 ^ i >> 9);
	assert_true(proc_write(p, data, n, MS));
	proc_close_stdin(p);
	assert_int_equal(proc_wait_exit(p, MS), 0);
	out = proc_output(p, &len);
	assert_int_equal(len, n);
	assert_int_equal(memcmp(out, data, n), 0);
	free(data);
	proc_free(p);
}

static void
proc__that_ends_early__takes_no_more(void **state)
{
	struct proc *p = proc_start(&(struct start_opts){.argv = ARGV("true")});
	char data[256] = {0};

	(void)state;
	assert_int_equal(proc_wait_exit(p, MS), 0);
	assert_false(proc_write(p, data, sizeof data, MS));
	assert_false(proc_wait_for(p, "words", MS));
	proc_free(p);
}

static void
proc__unknown_program__says_so(void **state)
{
	int status;
	struct proc *p =
	    proc_run(&(struct start_opts){.argv = ARGV("no-such-program-here")},
		NULL, MS, &status);

	(void)state;
	assert_int_equal(status, 127);
	assert_non_null(strstr(proc_errors(p), "no-such-program-here"));
	assert_false(have_program("no-such-program-here"));
	assert_true(have_program("sh"));
	proc_free(p);
}

static void
proc__has_no_terminal(void **state)
{
	int status;
	struct proc *p =
	    proc_run(SH("test -t 0 || exec </dev/tty"), "", MS, &status);

	(void)state;
	assert_int_not_equal(status, 0);
	proc_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(type__text__is_echoed_and_read),
	    cmocka_unit_test(exit__right_after_writing__loses_no_output),
	    cmocka_unit_test(environment__of_the_child__is_clean),
	    cmocka_unit_test(environment__ascii__sets_the_c_locale),
	    cmocka_unit_test(resize__while_running__is_seen),
	    cmocka_unit_test(keys__of_every_kind__arrive_as_xterm_sends_them),
	    cmocka_unit_test(mouse__asked_for__arrives_in_sgr),
	    cmocka_unit_test(mouse__not_asked_for__sends_nothing),
	    cmocka_unit_test(cell__attributes__are_seen),
	    cmocka_unit_test(query__of_the_terminal__is_answered),
	    cmocka_unit_test(wait__for_what_never_comes__fails_at_the_deadline),
	    cmocka_unit_test(kill__by_a_signal__is_the_exit_status),
	    cmocka_unit_test(hang_up__ends_the_program),
	    cmocka_unit_test(
		terminal__left_in_disorder__is_told_from_a_restored_one),
	    cmocka_unit_test(stop__by_c_z__and_continue),
	    cmocka_unit_test(start__as_another_user__is_that_user_at_home),
	    cmocka_unit_test(
		start__the_program_under_test__runs_for_a_user_who_cannot_reach_it),
	    cmocka_unit_test(curses__a_whole_program__draws_and_restores),
	    cmocka_unit_test(proc__dialogue__is_heard),
	    cmocka_unit_test(proc__megabytes_through_a_pipe__come_back),
	    cmocka_unit_test(proc__that_ends_early__takes_no_more),
	    cmocka_unit_test(proc__unknown_program__says_so),
	    cmocka_unit_test(proc__has_no_terminal),
	};

	return cmocka_run_group_tests_name("rig", tests, NULL, NULL);
}
