#define NCURSES_WIDECHAR 1

#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Curses has a key_name() of its own. */
#define key_name curses_key_name
#include <curses.h>
#undef key_name

#include "net/base/text.h"
#include "tui/die.h"
#include "tui/inks.h"
#include "tui/outlet.h"
#include "tui/palette.h"
#include "tui/tty.h"

/* xterm: report button presses and drags, in SGR form; bracket pastes. */
#define MOUSE_ON "\033[?1002;1006h"
#define MOUSE_OFF "\033[?1002;1006l"
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

#define ESC_WAIT_MS 25
#define FAREWELL_MS 1000 /* for the terminal to take what restores it */
#define COPY_MAX (64 * 1024) /* xterm takes 75 KB of OSC 52, others less */
#define MOUSE_REPORT_MAX 20 /* "128;65535;65535M" is the longest */
#define NOT_DRAWN 0xFFFFFFFF
#define ROLE_PAIRS 256 /* colour pairs for roles; above them those of inks */
#define INK_PAIRS_MIN 8192 /* fewer would be used up by one picture */

/* What define_key() makes curses say; its own codes end below these. */
enum { CODE_MOUSE = 0x2000, CODE_PASTE_BEGIN, CODE_PASTE_END };

struct style {
	attr_t attrs;
	int pair;
	bool known;
};

struct color_pair {
	int32_t fg, bg;
};

struct term {
	SCREEN *screen;
	struct outlet out;
	WINDOW *pad; /* to read keys from: a pad is never refreshed */
	FILE *in;
	bool own_in, ascii, mouse, cursor_shown;
	bool active; /* the screen is ours: not suspended */
	struct termios modes; /* as the shell had them */
	int colors;
	bool default_colors; /* the terminal can go back to its own */
	struct theme theme;
	struct style styles[ROLE_COUNT][ROLE_COUNT]; /* role, overlay */
	struct color_pair pairs[ROLE_PAIRS]; /* [0] is curses' own */
	int pair_count;
	struct inks inks; /* pairs of inks: from ROLE_PAIRS on */
	struct canvas *shown;
	char report[MOUSE_REPORT_MAX]; /* a mouse report half read */
	int report_len; /* -1: none */
	char utf8[5]; /* a character half read */
	size_t utf8_len;
};

/* ------------------------------------------------------ opening, closing */

static const char *
capability(const char *name)
{
	const char *s = tigetstr(name);

	return s == (const char *)-1 ? NULL : s;
}

/* newterm() takes signals for its own handlers; they are not its to take. */
static SCREEN *
new_screen(FILE *out, FILE *in)
{
	static const int taken[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction before[4];
	SCREEN *screen;

	for (int i = 0; i < 4; i++)
		sigaction(taken[i], NULL, &before[i]);
	/* The size is the terminal's, whatever LINES and COLUMNS say. */
	use_env(FALSE);
	use_tioctl(TRUE);
	screen = newterm(NULL, out, in);
	for (int i = 0; i < 4; i++)
		sigaction(taken[i], &before[i], NULL);
	return screen;
}

static int
open_screen(struct term *t, struct err *err)
{
	const char *name = getenv("TERM");

	if (name == NULL || name[0] == '\0')
		return err_set(err, -EINVAL,
		    "TERM is not set, so the terminal's kind is unknown; try "
		    "TERM=xterm-256color, or " TTY_HEADLESS);
	t->screen = new_screen(t->out.curses, t->in);
	if (t->screen == NULL)
		return err_set(err, -EINVAL,
		    "the terminal '%s' (from TERM) is not in the terminfo "
		    "database; try TERM=xterm-256color, or " TTY_HEADLESS,
		    name);
	if (capability("cup") == NULL)
		return err_set(err, -EINVAL,
		    "a terminal of the kind '%s' (from TERM) cannot show a "
		    "screen; try TERM=xterm-256color, or " TTY_HEADLESS,
		    name);
	return 0;
}

static void
forget_screen(struct term *t)
{
	for (int i = 0; i < t->shown->w * t->shown->h; i++)
		t->shown->cells[i].ch = NOT_DRAWN;
}

static int
new_shadow(struct term *t)
{
	struct canvas *shown = canvas_new(COLS, LINES, false);

	if (shown == NULL)
		return -ENOMEM;
	canvas_free(t->shown);
	t->shown = shown;
	forget_screen(t);
	return 0;
}

/*
 * Sequences that terminals send whatever TERM promised: xterm's two keypad
 * modes, the Linux console, PuTTY and rxvt.
 */
static const struct {
	const char *bytes;
	int code;
} sequences[] = {
    {"\033[<", CODE_MOUSE},
    {"\033[200~", CODE_PASTE_BEGIN},
    {"\033[201~", CODE_PASTE_END},
    {"\033[A", KEY_UP},
    {"\033OA", KEY_UP},
    {"\033[B", KEY_DOWN},
    {"\033OB", KEY_DOWN},
    {"\033[C", KEY_RIGHT},
    {"\033OC", KEY_RIGHT},
    {"\033[D", KEY_LEFT},
    {"\033OD", KEY_LEFT},
    {"\033[H", KEY_HOME},
    {"\033OH", KEY_HOME},
    {"\033[1~", KEY_HOME},
    {"\033[F", KEY_END},
    {"\033OF", KEY_END},
    {"\033[4~", KEY_END},
    {"\033[2~", KEY_IC},
    {"\033[3~", KEY_DC},
    {"\033[5~", KEY_PPAGE},
    {"\033[6~", KEY_NPAGE},
    {"\033[Z", KEY_BTAB},
    {"\033OM", KEY_ENTER},
    {"\033[11~", KEY_F(1)},
    {"\033[12~", KEY_F(2)},
    {"\033[13~", KEY_F(3)},
    {"\033[14~", KEY_F(4)},
    {"\033OP", KEY_F(1)},
    {"\033OQ", KEY_F(2)},
    {"\033OR", KEY_F(3)},
    {"\033OS", KEY_F(4)},
};

static void
set_input_modes(struct term *t)
{
	raw(); /* C-c, C-z and C-\ are keys */
	noecho();
	nonl(); /* Enter is 13, and not C-j */
	set_escdelay(ESC_WAIT_MS);
	keypad(t->pad, TRUE);
	nodelay(t->pad, TRUE);
	meta(t->pad, TRUE);
	typeahead(-1); /* a frame is drawn to its end */
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		define_key(sequences[i].bytes, sequences[i].code);
}

static void
ask_for_reports(struct term *t, bool on)
{
	if (t->mouse)
		outlet_put(&t->out, on ? MOUSE_ON : MOUSE_OFF);
	outlet_put(&t->out, on ? PASTE_ON : PASTE_OFF);
}

/* Append a capability without its padding, $<5/>, which only tputs() does. */
static void
add_capability(char *dst, size_t size, const char *name)
{
	const char *s = capability(name);
	size_t len = strlen(dst);

	while (s != NULL && *s != '\0' && len + 1 < size) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL)
			s = strchr(s, '>') + 1;
		else
			dst[len++] = *s++;
	}
	dst[len] = '\0';
}

/* What endwin() would do, ready to be written by a signal handler. */
static void
prepare_for_crash(const struct term *t)
{
	char bytes[256] = MOUSE_OFF PASTE_OFF;

	add_capability(bytes, sizeof(bytes), "sgr0");
	add_capability(bytes, sizeof(bytes), "op");
	add_capability(bytes, sizeof(bytes), "rmkx");
	add_capability(bytes, sizeof(bytes), "cnorm");
	add_capability(bytes, sizeof(bytes), "rmcup");
	if (capability("rmcup") == NULL) /* at least off the line we drew */
		strncat(bytes, "\r\n", sizeof(bytes) - strlen(bytes) - 1);
	die_arm(STDOUT_FILENO, &t->modes, bytes);
}

int
term_open(const struct term_opts *opts, const struct theme *theme,
    bool wants_tty, struct term **ret, struct err *err)
{
	struct term *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return err_set(err, -ENOMEM, "no memory for the terminal");
	t->report_len = -1;
	rc = tty_find(wants_tty, &t->in, &t->own_in, err);
	if (rc < 0) {
		free(t);
		return rc;
	}
	rc = outlet_init(&t->out);
	if (rc < 0)
		err_set(err, rc, "no descriptors or memory for the terminal");
	if (rc == 0 && tcgetattr(STDOUT_FILENO, &t->modes) < 0)
		rc = err_set(
		    err, -errno, "the terminal's modes: %s", strerror(errno));
	if (rc == 0)
		rc = open_screen(t, err);
	if (rc == 0 && (t->pad = newpad(1, 1)) == NULL)
		rc = err_set(err, -ENOMEM, "no memory for the terminal");
	if (rc == 0 && (rc = new_shadow(t)) < 0)
		err_set(err, rc, "no memory for the screen");
	if (rc < 0) {
		if (t->screen != NULL)
			endwin();
		term_close(t);
		return rc;
	}
	t->active = true;
	prepare_for_crash(t);
	t->ascii =
	    opts->ascii || strcasecmp(nl_langinfo(CODESET), "UTF-8") != 0;
	t->mouse = !opts->no_mouse;
	if (!opts->no_color && has_colors() && start_color() == OK &&
	    COLORS >= 8) {
		t->colors = COLORS;
		t->default_colors = use_default_colors() == OK;
	}
	set_input_modes(t);
	t->cursor_shown = curs_set(0) == ERR;
	term_set_theme(t, theme);
	ask_for_reports(t, true);
	*ret = t;
	return 0;
}

void
term_close(struct term *t)
{
	if (t == NULL)
		return;
	if (t->active)
		term_suspend(t);
	if (t->pad != NULL)
		delwin(t->pad);
	if (t->screen != NULL)
		delscreen(t->screen);
	if (t->own_in)
		fclose(t->in);
	outlet_done(&t->out);
	canvas_free(t->shown);
	free(t);
}

void
term_suspend(struct term *t)
{
	ask_for_reports(t, false);
	outlet_begin(&t->out);
	endwin();
	outlet_end(&t->out);
	outlet_drain(&t->out, FAREWELL_MS);
	tcsetattr(STDOUT_FILENO, TCSANOW, &t->modes);
	die_disarm();
	t->active = false;
}

void
term_resume(struct term *t)
{
	tcgetattr(STDOUT_FILENO, &t->modes);
	def_shell_mode();
	t->active = true;
	prepare_for_crash(t);
	reset_prog_mode();
	ask_for_reports(t, true);
	term_resized(t);
	outlet_begin(&t->out);
	refresh();
	outlet_end(&t->out);
}

void
term_repair(struct term *t)
{
	reset_prog_mode();
	ask_for_reports(t, true);
	term_resized(t);
}

int
term_fd(const struct term *t)
{
	return fileno(t->in);
}

bool
term_ascii(const struct term *t)
{
	return t->ascii;
}

int
term_colors(const struct term *t)
{
	return t->colors;
}

bool
term_inks(const struct term *t)
{
	return t->colors >= 256 && COLOR_PAIRS >= INK_PAIRS_MIN &&
	       theme_has_color(&t->theme);
}

void
term_size(const struct term *t, int *ret_w, int *ret_h)
{
	*ret_w = t->shown->w;
	*ret_h = t->shown->h;
}

void
term_resized(struct term *t)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 &&
	    ws.ws_col > 0 && resize_term(ws.ws_row, ws.ws_col) == OK)
		new_shadow(t);
	term_redraw(t);
}

void
term_redraw(struct term *t)
{
	erase();
	clearok(curscr, TRUE);
	forget_screen(t);
}

/* ---------------------------------------------------------------- drawing */

void
term_set_theme(struct term *t, const struct theme *theme)
{
	t->theme = *theme;
	if (t->colors == 0 && theme_has_color(theme))
		theme_load("mono", &t->theme, NULL);
	memset(t->styles, 0, sizeof(t->styles));
	t->pair_count = 1;
	term_redraw(t);
}

static int
color_pair(struct term *t, int32_t fg, int32_t bg)
{
	int max = COLOR_PAIRS < ROLE_PAIRS ? COLOR_PAIRS : ROLE_PAIRS;

	if (t->colors == 0)
		return 0;
	if (!t->default_colors) {
		fg = fg < 0 ? COLOR_WHITE : fg;
		bg = bg < 0 ? COLOR_BLACK : bg;
	}
	if (fg < 0 && bg < 0)
		return 0;
	for (int i = 1; i < t->pair_count; i++)
		if (t->pairs[i].fg == fg && t->pairs[i].bg == bg)
			return i;
	if (t->pair_count >= max ||
	    init_extended_pair(t->pair_count, fg, bg) == ERR)
		return 0;
	t->pairs[t->pair_count] = (struct color_pair){fg, bg};
	return t->pair_count++;
}

static const struct style *
style_of(struct term *t, const struct cell *cell)
{
	struct style *s = &t->styles[cell->role][cell->over];
	struct look look;

	if (s->known)
		return s;
	look = palette_look(
	    &t->theme, (enum role)cell->role, (enum role)cell->over, t->colors);
	s->attrs = ((look.attrs & LOOK_BOLD) != 0 ? A_BOLD : 0) |
		   ((look.attrs & LOOK_DIM) != 0 ? A_DIM : 0) |
		   ((look.attrs & LOOK_UNDERLINE) != 0 ? A_UNDERLINE : 0) |
		   ((look.attrs & LOOK_REVERSE) != 0 ? A_REVERSE : 0);
	s->pair = color_pair(t, look.fg, look.bg);
	s->known = true;
	return s;
}

/* The canvas has other inks than before: what is painted with them is stale. */
static void
take_inks(struct term *t, const struct canvas *c)
{
	if (!inks_take(&t->inks, c->ink, t->colors))
		return;
	for (int i = 0; i < t->shown->w * t->shown->h; i++)
		if (t->shown->cells[i].bg != 0)
			t->shown->cells[i].ch = NOT_DRAWN;
}

/* The pair of two inks; the role's where there are no more of them. */
static int
ink_pair(struct term *t, const struct cell *cell, int otherwise)
{
	uint8_t fg = cell->fg == 0 && !t->default_colors ? cell->bg : cell->fg;
	int max = COLOR_PAIRS < UINT16_MAX ? COLOR_PAIRS : UINT16_MAX;
	struct ink_pair p;

	if (!term_inks(t) ||
	    !inks_pair(&t->inks, fg, cell->bg, max - ROLE_PAIRS, &p))
		return otherwise;
	if (p.fresh)
		init_extended_pair(ROLE_PAIRS + p.number, p.fg, p.bg);
	return ROLE_PAIRS + p.number;
}

static void
draw_cell(struct term *t, int x, int y, const struct cell *cell)
{
	const struct style *s = style_of(t, cell);
	wchar_t text[2] = {(wchar_t)cell->ch, 0};
	bool inked = cell->bg != 0 && cell->over == 0;
	int pair = inked ? ink_pair(t, cell, s->pair) : s->pair;
	cchar_t out;

	/* The last parameter carries pairs that a short cannot. */
	if (setcchar(&out, text, s->attrs, (short)0, &pair) == OK)
		mvadd_wchnstr(y, x, &out, 1);
}

void
term_draw(struct term *t, const struct canvas *c, int x, int y)
{
	int w = c->w < t->shown->w ? c->w : t->shown->w;
	int h = c->h < t->shown->h ? c->h : t->shown->h;
	bool cursor = x >= 0 && x < w && y >= 0 && y < h;

	take_inks(t, c);
	for (int row = 0; row < h; row++) {
		for (int col = 0; col < w; col++) {
			const struct cell *cell = canvas_at(c, col, row);
			struct cell *old =
			    &t->shown->cells[row * t->shown->w + col];

			if (cell->ch == old->ch && cell->role == old->role &&
			    cell->over == old->over && cell->fg == old->fg &&
			    cell->bg == old->bg)
				continue;
			*old = *cell;
			/* A wide character draws its right half with it. */
			if (cell->ch != 0)
				draw_cell(t, col, row, cell);
		}
	}
	outlet_begin(&t->out);
	if (cursor != t->cursor_shown)
		t->cursor_shown = curs_set(cursor) == ERR || cursor;
	leaveok(stdscr, !cursor);
	if (cursor)
		move(y, x);
	refresh();
	outlet_end(&t->out);
}

int
term_behind_fd(const struct term *t)
{
	return outlet_fd(&t->out);
}

void
term_catch_up(struct term *t)
{
	outlet_flush(&t->out);
}

void
term_copy(struct term *t, const char *text)
{
	size_t n = strnlen(text, COPY_MAX);
	char *base64 = malloc(TEXT_BASE64_LEN(n) + 1);

	if (base64 == NULL)
		return;
	text_base64(base64, text, n);
	outlet_put(&t->out, "\033]52;c;");
	outlet_put(&t->out, base64);
	outlet_put(&t->out, "\a");
	free(base64);
}

/* ------------------------------------------------------------------- keys */

static const struct {
	int curses;
	uint32_t code;
} key_map[] = {
    {KEY_UP, KEY_CODE_UP},
    {KEY_DOWN, KEY_CODE_DOWN},
    {KEY_LEFT, KEY_CODE_LEFT},
    {KEY_RIGHT, KEY_CODE_RIGHT},
    {KEY_PPAGE, KEY_CODE_PGUP},
    {KEY_NPAGE, KEY_CODE_PGDN},
    {KEY_HOME, KEY_CODE_HOME},
    {KEY_END, KEY_CODE_END},
    {KEY_A1, KEY_CODE_HOME},
    {KEY_A3, KEY_CODE_PGUP},
    {KEY_C1, KEY_CODE_END},
    {KEY_C3, KEY_CODE_PGDN},
    {KEY_IC, KEY_CODE_INSERT},
    {KEY_DC, KEY_CODE_DELETE},
    {KEY_BTAB, KEY_CODE_BTAB},
    {KEY_ENTER, KEY_CODE_ENTER},
    {KEY_BACKSPACE, KEY_CODE_BACKSPACE},
    {CODE_PASTE_BEGIN, KEY_CODE_PASTE_BEGIN},
    {CODE_PASTE_END, KEY_CODE_PASTE_END},
};

/* 0: a key that we have no name for. */
static uint32_t
code_of(int curses)
{
	if (curses > KEY_F0 && curses <= KEY_F(63))
		return KEY_CODE_F + (uint32_t)(curses - KEY_F0);
	for (size_t i = 0; i < sizeof(key_map) / sizeof(key_map[0]); i++)
		if (key_map[i].curses == curses)
			return key_map[i].code;
	return 0;
}

/* One byte of a mouse report; true when it completed an event. */
static bool
read_report(struct term *t, int byte, struct key *ret)
{
	bool last = byte == 'M' || byte == 'm';
	bool digit = (byte >= '0' && byte <= '9') || byte == ';';

	if ((!last && !digit) || t->report_len >= MOUSE_REPORT_MAX - 1) {
		t->report_len = -1;
		return false;
	}
	t->report[t->report_len++] = (char)byte;
	if (!last)
		return false;
	t->report[t->report_len] = '\0';
	t->report_len = -1;
	return key_from_mouse(t->report, ret);
}

/* One byte of a UTF-8 character; true when ret has a character. */
static bool
read_utf8(struct term *t, int byte, struct key *ret)
{
	unsigned lead;
	char32_t ch;
	size_t want;

	/* A character that breaks off is dropped. */
	if (t->utf8_len > 0 && (byte & 0xC0) != 0x80)
		t->utf8_len = 0;
	t->utf8[t->utf8_len++] = (char)byte;
	lead = (unsigned char)t->utf8[0];
	want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
	if (t->utf8_len < want)
		return false;
	text_decode(t->utf8, t->utf8_len, &ch);
	t->utf8_len = 0;
	ret->code = ch;
	return true;
}

/*
 * Curses gives back the bytes of a sequence that it does not know, and its
 * letters must not act as commands: "ESC [ 1 ; 5 P" is swallowed whole. No one
 * types a bracket within 25 ms of Esc. True: it was the key Esc alone.
 */
static bool
lone_esc(struct term *t)
{
	int byte = wgetch(t->pad);

	if (byte == ERR)
		return true;
	if (byte != '[') {
		ungetch(byte);
		return true;
	}
	/* ECMA-48 s5.4: parameters, intermediates, one final byte. */
	do
		byte = wgetch(t->pad);
	while (byte >= 0x20 && byte < 0x40);
	if (byte != ERR && (byte < 0x40 || byte > 0x7E))
		ungetch(byte);
	return false;
}

bool
term_read_key(struct term *t, struct key *ret)
{
	struct key key = {0};
	int c;

	while ((c = wgetch(t->pad)) != ERR) {
		bool done;

		if (t->report_len >= 0) {
			done = read_report(t, c, &key);
		} else if (c == CODE_MOUSE) {
			t->report_len = 0;
			done = false;
		} else if (c > 0xFF) {
			key.code = code_of(c);
			done = key.code != 0;
		} else if (c >= 0x80) {
			done = read_utf8(t, c, &key);
		} else {
			key.code = (uint32_t)c;
			done = c != 0 && (c != KEY_CODE_ESC || lone_esc(t));
		}
		if (done) {
			*ret = key;
			return true;
		}
	}
	return false;
}
