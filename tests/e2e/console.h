/*
 * tests/e2e/console.h - the console as its user has it: started, its panes
 * told apart, its commands typed.
 *
 * As in tests/e2e/rig.h, a wait that fails prints the screen.
 */
#ifndef SOCKDECK_TESTS_E2E_CONSOLE_H
#define SOCKDECK_TESTS_E2E_CONSOLE_H

#include "tests/e2e/proc.h"
#include "tests/e2e/rig.h"

#define MS 30000
#define sees(r, text) assert_true(rig_wait_for(r, text, MS))

/* What a console in a lab of one host is started with. */
#define ONE_HOST "sockdeck", "--hosts", "1"

/* A terminal of 120x40, and there the console with these options: in such a
 * lab; or on the machine itself, or on a file. */
#define CONSOLE(...)                    \
	rig_start(&(struct start_opts){ \
	    .argv = ARGV(ONE_HOST, __VA_ARGS__), .cols = 120, .rows = 40})
#define OUTSIDE(...)                    \
	rig_start(&(struct start_opts){ \
	    .argv = ARGV("sockdeck", __VA_ARGS__), .cols = 120, .rows = 40})

#define SERVER "1 Server"
#define CLIENT "2 Client"
#define SOCKETS "3 Sockets"
#define PACKETS "4 Packets"

/* A terminal of 120x40, and there the console in a lab of one host, its server
 * up. */
struct rig *console(void);
/* The same with options: argv and the size may be left out. */
struct rig *console_with(struct start_opts opts);
/* console(), and its client connected. */
struct rig *console_connected(void);
/* End it by SIGTERM; it must leave the terminal as it was. Frees r. */
void console_leave(struct rig *r);
/* Type a command at the : prompt. */
void console_command(struct rig *r, const char *command);
/* Press c and wait until the client is connected, its handshake counted. */
void console_connect(struct rig *r);
/* Press i and type a line; Esc, and wait until the prompt has gone. */
void console_send_line(struct rig *r, const char *line);
/* Esc, and wait until the prompt has gone. */
void console_leave_prompt(struct rig *r);
/* Type y to the question that q asks; the exit status. */
int console_quit(struct rig *r);

/* The pane with this title matches the regular expression, border included. */
bool pane_match(struct rig *r, const char *title, const char *regex);
/* Run a command inside the lab of the console. */
struct proc *console_exec(struct rig *r, const char *const *argv);
struct proc *console_python(struct rig *r, const char *script);

#endif
