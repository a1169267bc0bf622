/* The terminal on a pty: what is written to it, and what it is left as. */
#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#define DEADLINE_MS 10000

/* A child on the other side of a pty, and all that it wrote. */
struct rig {
	int pty;
	pid_t child;
	char out[256 * 1024];
	size_t len;
};

static struct term *
open_term(bool ascii)
{
	struct term_opts opts = {.ascii = ascii};
	struct theme theme;
	struct term *t;
	struct err err;

	if (theme_load("default", &theme, &err) < 0 ||
	    term_open(&opts, &theme, false, &t, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		_exit(9);
	}
	return t;
}

static void
say(const char *text)
{
	ssize_t n = write(STDOUT_FILENO, text, strlen(text));

	if (n < 0)
		_exit(9);
}

/* Run play in a child on a terminal of 120x40. Returns the terminal, open; the
 * caller closes it, at once to see the output end with the child. */
static int
start(struct rig *r, const char *term, void (*play)(void))
{
	struct winsize size = {.ws_row = 40, .ws_col = 120};
	int tty;

	r->len = 0;
	assert_int_equal(openpty(&r->pty, &tty, NULL, NULL, &size), 0);
	r->child = fork();
	assert_true(r->child >= 0);
	if (r->child > 0)
		return tty;
	close(r->pty);
	if (login_tty(tty) < 0)
		_exit(9);
	setenv("TERM", term, 1);
	play();
	_exit(0);
}

/* Collect output; false at the end of it, which is the child's. */
static bool
collect(struct rig *r)
{
	struct pollfd p = {.fd = r->pty, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, DEADLINE_MS) <= 0)
		fail_msg("nothing happened for %d ms", DEADLINE_MS);
	n = read(r->pty, r->out + r->len, sizeof(r->out) - 1 - r->len);
	if (n <= 0)
		return false;
	r->len += (size_t)n;
	r->out[r->len] = '\0';
	return true;
}

static const char *
wait_for(struct rig *r, const char *text)
{
	const char *found = NULL;

	while ((found = r->len ? strstr(r->out, text) : NULL) == NULL)
		if (!collect(r))
			fail_msg("no '%s' in: %s", text, r->out);
	return found;
}

/* The child's wait status. */
static int
finish(struct rig *r)
{
	int status;

	while (collect(r))
		;
	assert_int_equal(waitpid(r->child, &status, 0), r->child);
	close(r->pty);
	return status;
}

static struct rig *
rig(void)
{
	static struct rig r;

	return &r;
}

static void
play_frames(void)
{
	struct term *t = open_term(false);
	struct canvas *c = canvas_new(120, 40, false);

	for (int y = 0; y < 40; y++)
		canvas_printf(c, canvas_area(c), 0, y,
		    (enum role)(y % ROLE_COUNT), "│ %02d 日本 %0110d │", y, y);
	say("{first}");
	term_draw(t, c, -1, 0);
	say("{idle}");
	term_draw(t, c, -1, 0);
	term_draw(t, c, -1, 0);
	say("{one}");
	canvas_put(c, canvas_area(c), 7, 3, ROLE_BAD, 'X');
	term_draw(t, c, -1, 0);
	say("{end}");
	canvas_free(c);
	term_close(t);
}

static void
draw__nothing_changed__writes_nothing(void **state)
{
	struct rig *r = rig();
	const char *first, *one;

	(void)state;
	close(start(r, "xterm-256color", play_frames));
	assert_int_equal(finish(r), 0);
	first = wait_for(r, "{first}");
	assert_non_null(wait_for(r, "{idle}{one}"));
	one = wait_for(r, "{one}");
	print_message("# first frame %td bytes, one cell %td bytes\n",
	    wait_for(r, "{idle}") - first - 7, wait_for(r, "{end}") - one - 5);
	assert_true(wait_for(r, "{end}") - one < 60);
}

static void
play_resize(void)
{
	static const struct winsize sizes[] = {
	    {.ws_row = 1, .ws_col = 1},
	    {.ws_row = 2, .ws_col = 3},
	    {.ws_row = 60, .ws_col = 200},
	    {.ws_row = 0, .ws_col = 0},
	    {.ws_row = 10, .ws_col = 40},
	};
	struct term *t = open_term(false);
	int w, h;

	for (size_t i = 0; i < 5; i++) {
		struct canvas *c;

		ioctl(STDOUT_FILENO, TIOCSWINSZ, &sizes[i]);
		term_resized(t);
		term_size(t, &w, &h);
		if (sizes[i].ws_col > 0 && w != sizes[i].ws_col)
			_exit(1);
		c = canvas_new(w + 1, h + 1, false);
		canvas_text(c, canvas_area(c), 0, 0, ROLE_TEXT, "日本日本日本");
		term_draw(t, c, w, h);
		term_draw(t, c, 0, 0);
		canvas_free(c);
	}
	term_close(t);
}

static void
resize__to_any_size__draws(void **state)
{
	(void)state;
	close(start(rig(), "xterm-256color", play_resize));
	assert_int_equal(finish(rig()), 0);
}

static void
play_keys(void)
{
	struct term *t = open_term(false);
	struct pollfd p = {.fd = term_fd(t), .events = POLLIN};
	char name[KEY_NAME_MAX];
	struct key k = {0};

	say("{ready}");
	while (k.code != 'q' && poll(&p, 1, DEADLINE_MS) > 0)
		while (term_read_key(t, &k))
			printf("<%s %d %d>", key_name(name, k.code), k.x, k.y);
	fflush(stdout);
	term_close(t);
}

static void
keys__of_every_kind__arrive_by_name(void **state)
{
	static const char typed[] =
	    "a\xc3\xa9\xe6\x97\xa5\003\032\034\r\t\177"
	    "\033[A\033OB\033[5~\033[Z\033OP\033[15~\033[21~"
	    "\033[<0;5;3M\033[<0;5;3m\033[<64;1;1M\033[<2;1;1M"
	    "\033[200~x\033[201~"
	    "\033[9;9q\033[I\033x" /* two unknown sequences, Alt-x */
	    "\xff\xc3zq";
	struct rig *r = rig();

	(void)state;
	close(start(r, "xterm-256color", play_keys));
	wait_for(r, "{ready}");
	assert_int_equal(
	    write(r->pty, typed, sizeof(typed) - 1), sizeof(typed) - 1);
	assert_int_equal(finish(r), 0);
	wait_for(r, "<a 0 0><é 0 0><日 0 0><C-c 0 0><C-z 0 0><C-\\ 0 0>"
		    "<Enter 0 0><Tab 0 0><Backspace 0 0>"
		    "<Up 0 0><Down 0 0><PgUp 0 0><S-Tab 0 0><F1 0 0><F5 0 0>"
		    "<F10 0 0><Press 4 2><Release 4 2><WheelUp 0 0>"
		    "<PasteBegin 0 0><x 0 0><PasteEnd 0 0><Esc 0 0><x 0 0>"
		    "<z 0 0><q 0 0>");
}

static void
play_close(void)
{
	term_close(open_term(false));
}

static void
play_exit(void)
{
	open_term(false);
	exit(0);
}

static void
play_signal(void)
{
	open_term(false);
	raise(SIGSEGV);
}

static void
play_abort(void)
{
	open_term(false);
	abort();
}

static void
play_fault(void)
{
	volatile uintptr_t nowhere = 8; /* NULL would be found by UBSan */

	open_term(false);
	*(volatile int *)nowhere = 1;
}

static void
play_resumed_crash(void)
{
	struct term *t = open_term(false);

	term_suspend(t);
	say("{shell}");
	term_resume(t);
	raise(SIGSEGV);
}

/* TSan runs signal handlers when it likes; a crash is none of its concern. */
static void
skip_under_tsan(void)
{
#ifdef __SANITIZE_THREAD__
	print_message("skipped: TSan delays the signals of a crash\n");
	skip();
#endif
}

static void
leaving__in_any_way__restores_the_terminal(void **state)
{
	static const struct {
		void (*play)(void);
		int signal;
	} ways[] = {
	    {play_close, 0},
	    {play_exit, 0},
	    {play_signal, SIGSEGV},
	    {play_abort, SIGABRT},
	    {play_fault, SIGSEGV},
	    {play_resumed_crash, SIGSEGV},
	};
	struct rig *r = rig();

	(void)state;
	skip_under_tsan();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct termios modes;
		int status, tty;

		tty = start(r, "xterm-256color", ways[i].play);
		wait_for(r, "\033[?1049h");
		wait_for(r, "\033[?1002;1006l");
		wait_for(r, "\033[?1049l");
		assert_int_equal(waitpid(r->child, &status, 0), r->child);
		if (WIFSIGNALED(status))
			assert_int_equal(WTERMSIG(status), ways[i].signal);
		else /* a sanitizer makes an exit of the fault */
			assert_int_equal(status != 0, ways[i].signal != 0);
		assert_int_equal(tcgetattr(tty, &modes), 0);
		assert_int_equal(modes.c_lflag & (ICANON | ECHO | ISIG),
		    ICANON | ECHO | ISIG);
		assert_true((modes.c_iflag & ICRNL) != 0);
		close(tty);
		close(r->pty);
	}
}

static void
play_suspended_crash(void)
{
	struct term *t = open_term(false);

	term_suspend(t);
	say("{shell}");
	raise(SIGSEGV);
}

static void
crash__while_suspended__writes_nothing(void **state)
{
	struct rig *r = rig();

	(void)state;
	skip_under_tsan();
	close(start(r, "xterm-256color", play_suspended_crash));
	finish(r);
	assert_null(strchr(wait_for(r, "{shell}"), '\033'));
}

static void
play_copy(void)
{
	struct term *t = open_term(true);

	if (!term_ascii(t))
		_exit(1);
	term_copy(t, "");
	term_copy(t, "a");
	term_copy(t, "ab");
	term_copy(t, "abc\xff");
	term_close(t);
}

static void
copy__any_bytes__go_to_the_clipboard_as_base64(void **state)
{
	struct rig *r = rig();

	(void)state;
	close(start(r, "xterm-256color", play_copy));
	assert_int_equal(finish(r), 0);
	wait_for(r, "\033]52;c;\a\033]52;c;YQ==\a\033]52;c;YWI=\a"
		    "\033]52;c;YWJj/w==\a");
}

static void
play_open(void)
{
	struct term_opts opts = {0};
	struct theme theme;
	struct term *t;
	struct err err;

	if (theme_load("default", &theme, &err) == 0 &&
	    term_open(&opts, &theme, false, &t, &err) == -EINVAL)
		say(err.text);
}

static void
open__terminal_unknown__names_it_and_the_headless_commands(void **state)
{
	static const char *const terms[] = {"no-such-terminal", "dumb", ""};
	struct rig *r = rig();

	(void)state;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		close(start(r, terms[i], play_open));
		assert_int_equal(finish(r), 0);
		wait_for(r, terms[i][0] ? terms[i] : "TERM is not set");
		wait_for(r, "serve, connect, packets and sockets");
	}
}

static void
open__not_a_terminal__names_the_headless_commands(void **state)
{
	struct term_opts opts = {0};
	struct theme theme;
	struct term *t = NULL;
	struct err err;
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_RDWR);

	(void)state;
	assert_int_equal(theme_load("default", &theme, &err), 0);
	fflush(stdout);
	dup2(null, STDOUT_FILENO);
	assert_int_equal(term_open(&opts, &theme, true, &t, &err), -ENOTTY);
	dup2(out, STDOUT_FILENO);
	close(null);
	close(out);
	assert_null(t);
	assert_non_null(strstr(err.text, "standard output"));
	assert_non_null(strstr(err.text, "serve, connect, packets"));
}

static void
play_plain(void)
{
	struct term *t = open_term(false);
	struct canvas *c = canvas_new(120, 40, false);

	say("{draw}");
	for (int y = 0; y < 40; y++)
		for (int x = 0; x < 120; x++)
			canvas_put(c, canvas_area(c), x, y,
			    (enum role)(x % ROLE_COUNT), 'x');
	for (int y = 0; y < 9; y++)
		canvas_over(c, canvas_area(c), 0, y, 120,
		    (enum role)(ROLE_SELECTED + y % 3));
	term_draw(t, c, -1, 0);
	canvas_free(c);
	term_close(t);
}

static void
draw__on_terminals_of_every_kind__ends_well(void **state)
{
	static const char *const terms[] = {"xterm", "linux", "vt100",
	    "xterm-mono", "screen", "tmux-256color", "rxvt", "ansi"};
	struct rig *r = rig();

	(void)state;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		close(start(r, terms[i], play_plain));
		assert_int_equal(finish(r), 0);
		wait_for(r, "{draw}");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(draw__nothing_changed__writes_nothing),
	    cmocka_unit_test(draw__on_terminals_of_every_kind__ends_well),
	    cmocka_unit_test(resize__to_any_size__draws),
	    cmocka_unit_test(keys__of_every_kind__arrive_by_name),
	    cmocka_unit_test(leaving__in_any_way__restores_the_terminal),
	    cmocka_unit_test(crash__while_suspended__writes_nothing),
	    cmocka_unit_test(copy__any_bytes__go_to_the_clipboard_as_base64),
	    cmocka_unit_test(
		open__terminal_unknown__names_it_and_the_headless_commands),
	    cmocka_unit_test(open__not_a_terminal__names_the_headless_commands),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("HOME", "/nonexistent", 1);
	unsetenv("XDG_CONFIG_HOME");
	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
