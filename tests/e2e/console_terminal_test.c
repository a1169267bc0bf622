/*
 * The console as a guest on a terminal: sizes, characters, themes, the mouse,
 * signals, and the end.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

static void
sizes__of_every_kind__are_usable(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_resize(r, 80, 24);
	sees(r, "1 Server  2 Client");
	rig_resize(r, 200, 60);
	sees(r, "3 Sockets");
	rig_resize(r, 40, 10);
	assert_true(rig_wait_gone(r, "Sockets  lab", MS));
	sees(r, "2 Client");
	rig_resize(r, 39, 9);
	sees(r, "40x10 or more");
	rig_resize(r, 120, 40);
	sees(r, "LISTEN 0/5");
	console_leave(r);
}

static bool
is_ascii(struct rig *r, void *arg)
{
	(void)arg;
	for (const char *s = rig_screen(r); *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static void
ascii__locale_and_option__draw_nothing_else(void **state)
{
	struct rig *r = rig_start(&(struct start_opts){
	    .argv = ARGV(ONE_HOST), .cols = 120, .rows = 40, .ascii = true});

	(void)state;
	sees(r, "+1 Server");
	assert_true(rig_wait_until(r, is_ascii, NULL, "only ASCII", MS));
	console_leave(r);
	r = CONSOLE("--ascii");
	sees(r, "+1 Server");
	assert_true(rig_wait_until(r, is_ascii, NULL, "only ASCII", MS));
	console_leave(r);
}

static void
theme__unknown_or_broken__says_what_and_where(void **state)
{
	struct rig *r = CONSOLE("--theme", "nonesuch");
	char path[] = "/tmp/sockdeck-XXXXXX.theme";
	int fd = mkstemps(path, 6);

	(void)state;
	assert_int_not_equal(rig_wait_exit(r, MS), 0);
	sees(r, "high-contrast");
	rig_free(r);
	assert_true(write(fd, "[roles]\ntitle = grene\n", 22) == 22);
	close(fd);
	r = CONSOLE("--theme", path);
	assert_int_not_equal(rig_wait_exit(r, MS), 0);
	sees(r, "line 2");
	rig_free(r);
	unlink(path);
}

static void
mouse__click_on_a_pane_and_the_bar(void **state)
{
	struct rig *r = console_connected();
	int x, y;

	(void)state;
	assert_true(rig_find(r, "F1 Help", &x, &y));
	assert_true(rig_mouse(r, x, y, RIG_LEFT_BUTTON));
	sees(r, "keys and :commands");
	rig_key(r, RIG_ESC);
	assert_true(rig_wait_gone(r, "keys and :commands", MS));
	sees(r, "127.0.0.1:65432 *");
	assert_true(rig_find(r, "127.0.0.1:65432 *", &x, &y));
	assert_true(rig_mouse(r, x, y, RIG_LEFT_BUTTON));
	sees(r, "accept queue 0 of 5+1");
	console_leave(r);
}

static void
quit__with_open_sockets__asks(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, "q");
	sees(r, "Sockets are open");
	rig_type(r, "n");
	assert_true(rig_wait_gone(r, "Sockets are open", MS));
	rig_type(r, "q");
	sees(r, "Sockets are open");
	rig_type(r, "y");
	assert_int_equal(rig_wait_exit(r, MS), 0);
	assert_true(rig_terminal_restored(r));
	rig_free(r);
}

static void
signals__of_every_kind__leave_the_terminal_as_it_was(void **state)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM};

	(void)state;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		struct rig *r = CONSOLE("--lab");

		sees(r, "LISTEN 0/5");
		rig_kill(r, signals[i]);
		assert_int_equal(rig_wait_exit(r, MS), 128 + signals[i]);
		assert_true(rig_terminal_restored(r));
		rig_free(r);
	}
}

static void
suspend__and_continue__shows_everything_again(void **state)
{
	struct rig *r = CONSOLE("--lab");

	(void)state;
	sees(r, "LISTEN 0/5");
	rig_type_byte(r, RIG_CTRL('z'));
	assert_true(rig_wait_stopped(r, MS));
	assert_true(rig_terminal_restored(r));
	rig_kill(r, SIGCONT);
	sees(r, "LISTEN 0/5");
	console_leave(r);
}

static void
no_terminal__names_the_headless_commands(void **state)
{
	struct proc *p;
	int status;

	(void)state;
	p = proc_run(
	    &(struct start_opts){.argv = ARGV(ONE_HOST)}, "", MS, &status);
	assert_int_equal(status, 1);
	assert_non_null(strstr(proc_errors(p), "sockdeck serve"));
	proc_free(p);
}

/*
 * After SIGSTOP the shell has set the terminal as it likes it, lines and all,
 * and nobody asked the console before.
 */
static void
stop__from_outside_and_continue__takes_the_terminal_again(void **state)
{
	struct rig *r = console_connected();
	struct termios shell;
	char tty[64];
	int fd;

	(void)state;
	snprintf(tty, sizeof tty, "/proc/%d/fd/1", (int)rig_pid(r));
	rig_kill(r, SIGSTOP);
	assert_true(rig_wait_stopped(r, MS));
	fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &shell), 0);
	shell.c_lflag |= ICANON | ECHO | ISIG;
	assert_int_equal(tcsetattr(fd, TCSANOW, &shell), 0);
	close(fd);
	rig_kill(r, SIGCONT);
	sees(r, "LISTEN 0/5");
	rig_type(r, "iback\r");
	sees(r, "← back\\n");
	console_leave(r);
}

static void
suspend__while_a_line_is_typed__keeps_the_line(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_type(r, "ihalf a ");
	sees(r, "send> half a");
	rig_type_byte(r, RIG_CTRL('z'));
	assert_true(rig_wait_stopped(r, MS));
	rig_kill(r, SIGCONT);
	sees(r, "send> half a");
	rig_type(r, "line\r");
	sees(r, "← half a line\\n");
	console_leave(r);
}

/* Two panes fit: what was asked for last is the upper one. */
static void
small__what_is_started__comes_into_sight(void **state)
{
	struct rig *r =
	    console_with((struct start_opts){.cols = 80, .rows = 24});

	(void)state;
	sees(r, "1 Server  echo");
	rig_type(r, "c");
	sees(r, "2 Client  tcp");
	assert_true(rig_wait_gone(r, "1 Server  echo", MS));
	console_command(r, "serve echo tcp 198.51.100.1:7000");
	sees(r, "EADDRNOTAVAIL");
	console_leave(r);
}

/* Until the file is there, without a look at the terminal. */
static bool
appears(const char *path)
{
	int64_t deadline = deadline_in(MS);

	while (access(path, F_OK) != 0)
		if (deadline_left(deadline) <= 0)
			return false;
		else
			poll(NULL, 0, 10);
	return true;
}

static void
stalled__terminal__holds_back_the_drawing_alone(void **state)
{
	struct rig *r = console_connected();
	char path[300], command[320];
	struct proc *p;

	(void)state;
	snprintf(path, sizeof path, "%s/stalled.pcap", rig_home(r));
	snprintf(command, sizeof command, ":save %s\r", path);
	rig_stall(r);
	/* Another client is served, and captured; and what is typed is done. */
	p = console_python(r,
	    "import socket\n"
	    "s = socket.create_connection(('127.0.0.1', 65432))\n"
	    "for i in range(2000):\n"
	    "    s.sendall(b'round trip')\n"
	    "    s.recv(100)\n");
	assert_int_equal(proc_wait_exit(p, MS), 0);
	proc_free(p);
	rig_type(r, command);
	assert_true(appears(path));
	/* Then the terminal reads on, and shows how things are now. */
	sees(r, "stalled.pcap");
	sees(r, "0 dropped");
	rig_type_byte(r, RIG_CTRL('l'));
	sees(r, "1 Server  echo tcp");
	console_leave(r);
}

static void
stalled__terminal__does_not_hold_up_the_end(void **state)
{
	struct rig *r = console_connected();

	(void)state;
	rig_stall(r);
	rig_kill(r, SIGTERM);
	assert_true(rig_wait_dead(r, MS));
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGTERM);
	rig_free(r);
}

static void
narrow__bar__has_room_for_keys(void **state)
{
	struct rig *r =
	    console_with((struct start_opts){.cols = 40, .rows = 10});

	(void)state;
	sees(r, "F1 Help");
	rig_type(r, "4");
	sees(r, "4 Packets");
	console_leave(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sizes__of_every_kind__are_usable),
	    cmocka_unit_test(ascii__locale_and_option__draw_nothing_else),
	    cmocka_unit_test(theme__unknown_or_broken__says_what_and_where),
	    cmocka_unit_test(mouse__click_on_a_pane_and_the_bar),
	    cmocka_unit_test(quit__with_open_sockets__asks),
	    cmocka_unit_test(
		signals__of_every_kind__leave_the_terminal_as_it_was),
	    cmocka_unit_test(suspend__and_continue__shows_everything_again),
	    cmocka_unit_test(no_terminal__names_the_headless_commands),
	    cmocka_unit_test(
		stop__from_outside_and_continue__takes_the_terminal_again),
	    cmocka_unit_test(suspend__while_a_line_is_typed__keeps_the_line),
	    cmocka_unit_test(small__what_is_started__comes_into_sight),
	    cmocka_unit_test(stalled__terminal__holds_back_the_drawing_alone),
	    cmocka_unit_test(stalled__terminal__does_not_hold_up_the_end),
	    cmocka_unit_test(narrow__bar__has_room_for_keys),
	};

#ifdef __SANITIZE_THREAD__
	/* TSan's own thread forbids a namespace of one's own: unshare(2). */
	puts("1..0 # SKIP no lab under ThreadSanitizer");
	return 0;
#endif
	return cmocka_run_group_tests_name(
	    "console_terminal", tests, NULL, NULL);
}
