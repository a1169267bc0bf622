/*
 * tui/shell.h - the user's shell on a host of the lab, in the console's
 * terminal.
 *
 * It is a job of its own in the foreground of the terminal, until it ends;
 * meanwhile the console reads no keys and draws nothing, but its models and
 * threads go on.
 *
 * Thread: main.  Blocks: never.
 * Source: glibc manual, "Implementing a Shell"; setns(2).
 */
#ifndef SOCKDECK_TUI_SHELL_H
#define SOCKDECK_TUI_SHELL_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/base/err.h"

struct shell {
	pid_t pid; /* 0: none */
	int tty;
};

/* netns: of the host; names: its /etc/hosts, as by lab_names(). The terminal is
 * in its own modes, not in those of curses. 0, or -errno with a sentence. */
int shell_start(
    struct shell *s, int tty, int netns, const char *names, struct err *err);
/* After SIGCHLD. True: it has ended, and the terminal is ours again. */
bool shell_ended(struct shell *s);
/* End it, as if its terminal were gone. */
void shell_end(struct shell *s);

#endif
