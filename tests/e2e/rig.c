#include "tests/e2e/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

#include "net/base/buf.h"
#include "net/base/text.h"
#include "tests/e2e/modes.h"

/*
 * What a pty carries arrives later than the write() returns. We write this to
 * the terminal's end behind the dead program, and once it comes out, all that
 * the program wrote has come out too. A terminal ignores NULs.
 */
static const char end_mark[8] = {0};

struct rig {
	struct child child;
	int master; /* the pty's end that is the terminal; -1: hung up */
	int slave; /* held open, for termios and the end mark */
	struct termios before;
	VTerm *vterm;
	VTermScreen *screen;
	struct modes modes;
	int cols, rows;
	uint64_t bytes;
	size_t zeros; /* NULs at the end of what was read */
	bool marked, drained; /* the end mark was written, came out */
	struct buf text, row;
};

/* ------------------------------------------------------------- the pty */

static bool pump(struct rig *r, int64_t deadline);

static void
open_pty(struct rig *r)
{
	const struct winsize size = {.ws_col = (unsigned short)r->cols,
	    .ws_row = (unsigned short)r->rows};
	char name[64];

	r->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (r->master < 0 || grantpt(r->master) < 0 ||
	    unlockpt(r->master) < 0 ||
	    ptsname_r(r->master, name, sizeof name) != 0)
		fail_msg("cannot open a pty: %m");
	r->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (r->slave < 0 || tcgetattr(r->slave, &r->before) < 0 ||
	    ioctl(r->slave, TIOCSWINSZ, &size) < 0)
		fail_msg("cannot open %s: %m", name);
}

static void
send_bytes(struct rig *r, const char *bytes, size_t n)
{
	int64_t deadline = deadline_in(5000);

	while (n > 0 && r->master >= 0) {
		ssize_t sent = write(r->master, bytes, n);

		if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		} else if (errno != EAGAIN || !pump(r, deadline)) {
			fail_msg("the program does not read what is typed");
		}
	}
}

static void
answer(const char *bytes, size_t n, void *user)
{
	send_bytes(user, bytes, n);
}

static void
feed(struct rig *r, const char *bytes, size_t n)
{
	size_t zeros = 0;

	while (zeros < n && bytes[n - zeros - 1] == '\0')
		zeros++;
	r->zeros = zeros == n ? r->zeros + n : zeros;
	r->bytes += n;
	modes_feed(&r->modes, bytes, n);
	vterm_input_write(r->vterm, bytes, n);
	if (r->marked && r->zeros >= sizeof end_mark) {
		r->drained = true;
		r->bytes -= sizeof end_mark;
	}
}

static void
on_change(struct rig *r)
{
	child_reap(&r->child);
	if (!r->child.ended)
		return;
	r->marked = true;
	if (r->master < 0)
		r->drained = true;
	else if (write(r->slave, end_mark, sizeof end_mark) < 0)
		fail_msg("cannot write to the terminal: %m");
}

/* Wait for one event. False: the deadline passed, or all is over. */
static bool
pump(struct rig *r, int64_t deadline)
{
	struct pollfd fds[] = {
	    {.fd = r->master, .events = POLLIN},
	    {.fd = r->marked ? -1 : r->child.status_fd, .events = POLLIN},
	};
	char bytes[16384];
	ssize_t n;

	if (r->drained || poll(fds, 2, deadline_left(deadline)) <= 0)
		return false;
	if (fds[0].revents != 0) {
		n = read(r->master, bytes, sizeof bytes);
		if (n > 0)
			feed(r, bytes, (size_t)n);
	} else {
		on_change(r);
	}
	return true;
}

struct rig *
rig_start(const struct start_opts *opts)
{
	struct rig *r = calloc(1, sizeof *r);

	if (r == NULL)
		fail_msg("no memory");
	r->cols = opts->cols != 0 ? opts->cols : 80;
	r->rows = opts->rows != 0 ? opts->rows : 24;
	buf_init(&r->text, 1 << 20);
	buf_init(&r->row, 1 << 16);
	modes_init(&r->modes);
	open_pty(r);
	r->vterm = vterm_new(r->rows, r->cols);
	vterm_set_utf8(r->vterm, 1);
	vterm_output_set_callback(r->vterm, answer, r);
	r->screen = vterm_obtain_screen(r->vterm);
	vterm_screen_enable_altscreen(r->screen, 1);
	vterm_screen_reset(r->screen, 1);
	child_start(
	    &r->child, opts, (const int[]){r->slave, r->slave, r->slave}, true);
	return r;
}

void
rig_free(struct rig *r)
{
	if (r == NULL)
		return;
	child_free(&r->child);
	if (r->master >= 0) {
		close(r->master);
		close(r->slave);
	}
	vterm_free(r->vterm);
	buf_done(&r->text);
	buf_done(&r->row);
	free(r);
}

/* --------------------------------------------------------------- hands */

void
rig_type(struct rig *r, const char *text)
{
	send_bytes(r, text, strlen(text));
}

void
rig_type_byte(struct rig *r, int byte)
{
	const char c = (char)byte;

	send_bytes(r, &c, 1);
}

void
rig_key(struct rig *r, enum rig_key key)
{
	static const VTermKey keys[] = {
	    [RIG_UP] = VTERM_KEY_UP,
	    [RIG_DOWN] = VTERM_KEY_DOWN,
	    [RIG_LEFT] = VTERM_KEY_LEFT,
	    [RIG_RIGHT] = VTERM_KEY_RIGHT,
	    [RIG_HOME] = VTERM_KEY_HOME,
	    [RIG_END] = VTERM_KEY_END,
	    [RIG_PGUP] = VTERM_KEY_PAGEUP,
	    [RIG_PGDN] = VTERM_KEY_PAGEDOWN,
	    [RIG_INS] = VTERM_KEY_INS,
	    [RIG_DEL] = VTERM_KEY_DEL,
	    [RIG_BACKSPACE] = VTERM_KEY_BACKSPACE,
	    [RIG_TAB] = VTERM_KEY_TAB,
	    [RIG_STAB] = VTERM_KEY_TAB,
	    [RIG_ENTER] = VTERM_KEY_ENTER,
	    [RIG_ESC] = VTERM_KEY_ESCAPE,
	};

	if (key <= RIG_F12)
		vterm_keyboard_key(r->vterm,
		    (VTermKey)VTERM_KEY_FUNCTION((int)key - RIG_F1 + 1),
		    VTERM_MOD_NONE);
	else
		vterm_keyboard_key(r->vterm, keys[key],
		    key == RIG_STAB ? VTERM_MOD_SHIFT : VTERM_MOD_NONE);
}

bool
rig_mouse(struct rig *r, int x, int y, enum rig_button button)
{
	char report[64];

	if (!rig_mode(r, 1006) ||
	    !(rig_mode(r, 1000) || rig_mode(r, 1002) || rig_mode(r, 1003)))
		return false;
	snprintf(report, sizeof report, "\033[<%d;%d;%dM", (int)button, x + 1,
	    y + 1);
	rig_type(r, report);
	/* A wheel has no release. */
	if (button < RIG_WHEEL_UP) {
		snprintf(report, sizeof report, "\033[<%d;%d;%dm", (int)button,
		    x + 1, y + 1);
		rig_type(r, report);
	}
	return true;
}

void
rig_paste(struct rig *r, const char *text)
{
	bool bracketed = rig_mode(r, 2004);

	if (bracketed)
		rig_type(r, "\033[200~");
	rig_type(r, text);
	if (bracketed)
		rig_type(r, "\033[201~");
}

void
rig_resize(struct rig *r, int cols, int rows)
{
	const struct winsize size = {
	    .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows};

	r->cols = cols;
	r->rows = rows;
	vterm_set_size(r->vterm, rows, cols);
	if (ioctl(r->master, TIOCSWINSZ, &size) < 0)
		fail_msg("cannot resize the terminal: %m");
}

void
rig_kill(struct rig *r, int sig)
{
	child_kill(&r->child, sig);
}

void
rig_stall(struct rig *r)
{
	static const char nothing[] = "\017\017\017\017\017\017\017\017";
	struct pollfd p = {.events = POLLOUT};
	char name[64];
	int fd;

	/* A description of its own: the program's must not change. */
	snprintf(name, sizeof name, "/proc/self/fd/%d", r->slave);
	fd = open(name, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		fail_msg("cannot open %s: %m", name);
	/* The kernel makes some room once more, as it moves what we wrote. */
	p.fd = fd;
	do
		while (write(fd, nothing, sizeof nothing - 1) > 0)
			;
	while (poll(&p, 1, 100) > 0);
	close(fd);
}

void
rig_hang_up(struct rig *r)
{
	close(r->slave);
	close(r->master);
	r->slave = r->master = -1;
	child_kill(&r->child, SIGHUP);
}

/* ---------------------------------------------------------------- eyes */

struct rig_cell
rig_cell(struct rig *r, int x, int y)
{
	struct rig_cell ret = {.fg = RIG_DEFAULT_COLOR};
	VTermScreenCell cell;
	size_t len = 0;

	if (!vterm_screen_get_cell(
		r->screen, (VTermPos){.row = y, .col = x}, &cell))
		fail_msg("there is no cell %d,%d", x, y);
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL; i++) {
		/* (uint32_t)-1 stands right of a wide character. */
		if (cell.chars[i] == 0 || cell.chars[i] == UINT32_MAX)
			break;
		len += text_encode(cell.chars[i], ret.text + len);
	}
	ret.width = cell.chars[0] == UINT32_MAX ? 0 : cell.width;
	ret.bold = cell.attrs.bold;
	ret.underline = cell.attrs.underline != 0;
	ret.reverse = cell.attrs.reverse;
	for (int i = 0; i < 2; i++) {
		const VTermColor *c = i == 0 ? &cell.fg : &cell.bg;
		int *to = i == 0 ? &ret.fg : &ret.bg;

		if ((c->type & VTERM_COLOR_DEFAULT_MASK) != 0)
			*to = RIG_DEFAULT_COLOR;
		else if (VTERM_COLOR_IS_INDEXED(c))
			*to = c->indexed.idx;
		else
			*to = RIG_RGB | c->rgb.red << 16 | c->rgb.green << 8 |
			      c->rgb.blue;
	}
	return ret;
}

static void
add_row(struct rig *r, int y, struct buf *b)
{
	size_t start = b->len;

	for (int x = 0; x < r->cols; x++) {
		struct rig_cell cell = rig_cell(r, x, y);

		if (cell.width > 0)
			buf_printf(
			    b, "%s", cell.text[0] != '\0' ? cell.text : " ");
	}
	while (b->len > start && b->data[b->len - 1] == ' ')
		b->len--;
}

const char *
rig_row(struct rig *r, int y)
{
	buf_clear(&r->row);
	add_row(r, y, &r->row);
	return buf_str(&r->row);
}

const char *
rig_screen(struct rig *r)
{
	buf_clear(&r->text);
	for (int y = 0; y < r->rows; y++) {
		add_row(r, y, &r->text);
		buf_add(&r->text, "\n", 1);
	}
	return buf_str(&r->text);
}

bool
rig_find(struct rig *r, const char *text, int *ret_x, int *ret_y)
{
	for (int y = 0; y < r->rows; y++) {
		const char *row = rig_row(r, y), *at = strstr(row, text);
		struct rig_cell cell;
		int x = 0;

		if (at == NULL)
			continue;
		for (const char *p = row;; x++) {
			cell = rig_cell(r, x, y);
			if (cell.width > 0 && p >= at)
				break;
			if (cell.width > 0)
				p += cell.text[0] != '\0' ? strlen(cell.text)
							  : 1;
		}
		*ret_x = x;
		*ret_y = y;
		return true;
	}
	return false;
}

void
rig_cursor(struct rig *r, int *ret_x, int *ret_y)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(r->vterm), &pos);
	*ret_x = pos.col;
	*ret_y = pos.row;
}

bool
rig_mode(const struct rig *r, int mode)
{
	return modes_on(&r->modes, mode);
}

static bool
same_termios(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag &&
	       memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

bool
rig_terminal_restored(struct rig *r)
{
	int mode = modes_changed(&r->modes);
	struct termios now;

	if (mode > 0)
		fprintf(stderr, "rig: terminal mode %d is %s\n", mode,
		    rig_mode(r, mode) ? "still on" : "off");
	if (mode == 0)
		fprintf(stderr, "rig: the keypad is in application mode\n");
	if (tcgetattr(r->slave, &now) < 0 || !same_termios(&now, &r->before)) {
		fprintf(stderr, "rig: termios differs from before\n");
		return false;
	}
	return mode < 0;
}

uint64_t
rig_bytes(const struct rig *r)
{
	return r->bytes;
}

pid_t
rig_pid(const struct rig *r)
{
	return r->child.pid;
}

const char *
rig_home(const struct rig *r)
{
	return r->child.home;
}

/* --------------------------------------------------------------- waits */

static void
print_failure(struct rig *r, const char *what, const char *which, int ms)
{
	fprintf(stderr, "rig: %s%s after %d ms%s; the screen:\n%s", what, which,
	    ms, r->child.ended ? " (the program has ended)" : "",
	    rig_screen(r));
}

static bool
wait_until(struct rig *r, bool (*cond)(struct rig *, void *), void *arg, int ms)
{
	int64_t deadline = deadline_in(ms);

	while (!cond(r, arg))
		if (!pump(r, deadline))
			return cond(r, arg);
	return true;
}

bool
rig_wait_until(struct rig *r, bool (*cond)(struct rig *, void *), void *arg,
    const char *what, int ms)
{
	if (wait_until(r, cond, arg, ms))
		return true;
	print_failure(r, "not so: ", what, ms);
	return false;
}

static bool
has_text(struct rig *r, void *arg)
{
	return strstr(rig_screen(r), arg) != NULL;
}

static bool
lacks_text(struct rig *r, void *arg)
{
	return !has_text(r, arg);
}

static bool
has_match(struct rig *r, void *arg)
{
	return regexec(arg, rig_screen(r), 0, NULL, 0) == 0;
}

static bool
has_ended(struct rig *r, void *arg)
{
	(void)arg;
	return r->drained;
}

static bool
has_stopped(struct rig *r, void *arg)
{
	(void)arg;
	return r->child.stopped;
}

bool
rig_wait_for(struct rig *r, const char *text, int ms)
{
	if (wait_until(r, has_text, (void *)(uintptr_t)text, ms))
		return true;
	print_failure(r, "not on the screen: ", text, ms);
	return false;
}

bool
rig_wait_gone(struct rig *r, const char *text, int ms)
{
	if (wait_until(r, lacks_text, (void *)(uintptr_t)text, ms))
		return true;
	print_failure(r, "still on the screen: ", text, ms);
	return false;
}

bool
rig_wait_match(struct rig *r, const char *regex, int ms)
{
	regex_t re;
	bool found;

	if (regcomp(&re, regex, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0)
		fail_msg("not a regular expression: %s", regex);
	found = wait_until(r, has_match, &re, ms);
	regfree(&re);
	if (!found)
		print_failure(r, "nothing matches ", regex, ms);
	return found;
}

int
rig_wait_exit(struct rig *r, int ms)
{
	if (wait_until(r, has_ended, NULL, ms))
		return child_exit_status(&r->child);
	print_failure(r, "has not ended: ", "the program", ms);
	return -1;
}

bool
rig_wait_dead(struct rig *r, int ms)
{
	int64_t deadline = deadline_in(ms);
	struct pollfd p = {.fd = r->child.status_fd, .events = POLLIN};

	return poll(&p, 1, deadline_left(deadline)) > 0;
}

bool
rig_wait_stopped(struct rig *r, int ms)
{
	if (!wait_until(r, has_stopped, NULL, ms)) {
		print_failure(r, "has not stopped: ", "the program", ms);
		return false;
	}
	/* What it wrote before it stopped is still on its way. */
	(void)rig_wait_quiet(r, 50, ms);
	return true;
}

bool
rig_stays_quiet(struct rig *r, int ms)
{
	int64_t deadline = deadline_in(ms);
	uint64_t before = r->bytes;

	while (r->bytes == before)
		if (!pump(r, deadline))
			return r->bytes == before;
	return false;
}

bool
rig_wait_quiet(struct rig *r, int quiet_ms, int ms)
{
	int64_t deadline = deadline_in(ms);

	while (!rig_stays_quiet(r, quiet_ms))
		if (deadline_left(deadline) == 0) {
			print_failure(r, "still writing: ", "the program", ms);
			return false;
		}
	return true;
}
