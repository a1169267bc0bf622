#include "tests/e2e/console.h"

#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ARGV_MAX 16
#define PANE_MAX (64 * 1024)

struct rig *
console_with(struct start_opts opts)
{
	const char *const alone[] = {ONE_HOST, NULL};
	struct rig *r;

	if (opts.argv == NULL)
		opts.argv = alone;
	if (opts.cols == 0) {
		opts.cols = 120;
		opts.rows = 40;
	}
	r = rig_start(&opts);
	assert_true(rig_wait_match(r, "accept\\(\\)|no capture|file ", MS));
	return r;
}

struct rig *
console(void)
{
	return console_with((struct start_opts){0});
}

struct rig *
console_connected(void)
{
	struct rig *r = CONSOLE("--lab");

	sees(r, "LISTEN 0/5");
	rig_type(r, "c");
	sees(r, "ESTABLISHED");
	sees(r, "i type a line");
	return r;
}

void
console_leave(struct rig *r)
{
	rig_kill(r, SIGTERM);
	assert_int_equal(rig_wait_exit(r, MS), 128 + SIGTERM);
	assert_true(rig_terminal_restored(r));
	rig_free(r);
}

void
console_command(struct rig *r, const char *command)
{
	rig_type(r, ":");
	rig_type(r, command);
	rig_type(r, "\r");
}

void
console_connect(struct rig *r)
{
	rig_type(r, "c");
	assert_true(rig_wait_match(r, "2 Client.*ESTABLISHED", MS));
	assert_true(rig_wait_for(r, "3 pkt", MS));
}

void
console_leave_prompt(struct rig *r)
{
	rig_key(r, RIG_ESC);
	assert_true(rig_wait_gone(r, "send>", MS));
}

void
console_send_line(struct rig *r, const char *line)
{
	rig_type(r, "i");
	assert_true(rig_wait_for(r, "send>", MS));
	rig_type(r, line);
	rig_type(r, "\r");
	console_leave_prompt(r);
}

int
console_quit(struct rig *r)
{
	rig_type(r, "q");
	assert_true(rig_wait_for(r, "y", MS));
	rig_type(r, "y");
	return rig_wait_exit(r, MS);
}

/* ---- panes ---- */

static bool
is_border(struct rig *r, int x, int y, const char *utf8)
{
	struct rig_cell c = rig_cell(r, x, y);

	return strcmp(c.text, utf8) == 0 || strcmp(c.text, "+") == 0;
}

/* What stands inside the borders of the pane, its title line first. */
static bool
pane_text(struct rig *r, const char *title, char *dst, size_t size)
{
	int left, top, right, bottom, x, y;
	size_t n = 0;

	dst[0] = '\0';
	if (!rig_find(r, title, &left, &top))
		return false;
	right = left;
	while (right < 300 && !is_border(r, right, top, "\xe2\x95\xae"))
		right++;
	bottom = top + 1;
	while (bottom < 300 && !is_border(r, left - 1, bottom, "\xe2\x95\xb0"))
		bottom++;
	if (right == 300 || bottom == 300)
		return false;
	for (y = top; y < bottom; y++) {
		for (x = left; x < right && n + 40 < size; x++) {
			struct rig_cell c = rig_cell(r, x, y);

			n += (size_t)snprintf(dst + n, size - n, "%s",
			    c.text[0] != '\0' ? c.text : " ");
		}
		n += (size_t)snprintf(dst + n, size - n, "\n");
	}
	return true;
}

struct pane_query {
	const char *title;
	regex_t regex;
};

static bool
pane_matches(struct rig *r, void *arg)
{
	const struct pane_query *q = arg;
	static char text[PANE_MAX];

	return pane_text(r, q->title, text, sizeof text) &&
	       regexec(&q->regex, text, 0, NULL, 0) == 0;
}

bool
pane_match(struct rig *r, const char *title, const char *regex)
{
	struct pane_query q = {.title = title};
	char what[256];
	bool held;

	if (regcomp(&q.regex, regex, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) !=
	    0)
		fail_msg("%s is no regular expression", regex);
	snprintf(what, sizeof what, "\"%s\" in pane %s", regex, title);
	held = rig_wait_until(r, pane_matches, &q, what, MS);
	regfree(&q.regex);
	return held;
}

/* ---- programs of the user ---- */

struct proc *
console_exec(struct rig *r, const char *const *argv)
{
	const char *all[ARGV_MAX] = {"sockdeck", "exec", "--lab"};
	char pid[16];
	int n = 3;

	snprintf(pid, sizeof pid, "%d", (int)rig_pid(r));
	all[n++] = pid;
	all[n++] = "--";
	while (*argv != NULL && n < ARGV_MAX - 1)
		all[n++] = *argv++;
	all[n] = NULL;
	return proc_start(&(struct start_opts){.argv = all});
}

struct proc *
console_python(struct rig *r, const char *script)
{
	need_program("python3");
	return console_exec(r, ARGV("python3", "-c", script));
}
