/*
 * tui/cli.h - the command line: options, and subcommands without a screen.
 *
 * Exit status: 0 done, 1 failed, 2 wrong usage. What a subcommand says on
 * standard error starts with "sockdeck:"; what it prints on standard output is
 * escaped, whoever sent it.
 */
#ifndef SOCKDECK_TUI_CLI_H
#define SOCKDECK_TUI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#define SOCKDECK_VERSION "0.1"

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

#define CLI_COMMANDS_MAX 64

enum cli_where { WHERE_LAB, WHERE_HOST, WHERE_FILE };

/* What the console is started with. */
struct cli_options {
	enum cli_where where;
	int hosts; /* --hosts N, of the lab; 0: the usual */
	const char *interface; /* --host INTERFACE; NULL: lo */
	const char *file; /* -r FILE */
	const char *theme; /* NULL: default */
	bool ascii, no_mouse;
	const char *commands[CLI_COMMANDS_MAX]; /* -c, in order */
	size_t command_count;
};

struct cli_option {
	const char *name, *argument, *summary; /* "--theme", "NAME", ... */
};

struct cli_subcommand {
	const char *name; /* "serve" */
	const char *usage; /* "SERVICE TRANSPORT ADDRESS [--model MODEL]" */
	const char *summary; /* one sentence */
	int (*run)(int argc, char **argv); /* argv[0] is the name */
	const struct cli_option *options; /* its own; ends with a NULL name */
};

/* Tables for the help text and the man page; end with a NULL name. */
extern const struct cli_option cli_option_table[];
extern const struct cli_subcommand cli_subcommand_table[];

int cli_serve(int argc, char **argv);
int cli_connect(int argc, char **argv);
int cli_packets(int argc, char **argv);
int cli_sockets(int argc, char **argv);
int cli_exec(int argc, char **argv);
int cli_labs(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_compare(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_pack(int argc, char **argv);
int cli_unpack(int argc, char **argv);
int cli_calcsize(int argc, char **argv);
int cli_thermal(int argc, char **argv);
int cli_bluetooth(int argc, char **argv);

#define CLI_NO_LAB \
	"no lab is running: start `sockdeck` in another terminal first"

/* Print "sockdeck: ..." to standard error; returns CLI_FAILED. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same with the subcommand's usage line; returns CLI_USAGE. */
int cli_usage(const char *subcommand, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What getopt_long() refused, as such a sentence. Returns CLI_USAGE. */
int cli_bad_option(const char *subcommand, int c, char **argv);
/* Help on standard output; subcommand NULL: the whole program's. */
int cli_help(const char *subcommand);
/* Run the subcommand argv[0], or say which there are. */
int cli_dispatch(int argc, char **argv);
/* For much output: few and large writes. Before anything was printed. */
void cli_buffer_output(void);
/* Flush standard output: CLI_FAILED if that fails, status otherwise. */
int cli_finish(int status);

/* The console (tui/app.c). Returns an exit status. */
int console_run(const struct cli_options *o);
/* The manual page in man(7) format, from the tables (tui/man.c). */
void man_print(void);

#endif
