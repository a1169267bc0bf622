#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/base/number.h"
#include "net/lab.h"
#include "tui/cli.h"

enum {
	OPT_ASCII = 256,
	OPT_HOST,
	OPT_HOSTS,
	OPT_LAB,
	OPT_MAN,
	OPT_MOUSE,
	OPT_THEME
};

static const struct option long_options[] = {
    {"lab", no_argument, NULL, OPT_LAB},
    {"host", optional_argument, NULL, OPT_HOST},
    {"hosts", required_argument, NULL, OPT_HOSTS},
    {"theme", required_argument, NULL, OPT_THEME},
    {"ascii", no_argument, NULL, OPT_ASCII},
    {"no-mouse", no_argument, NULL, OPT_MOUSE},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"man", no_argument, NULL, OPT_MAN},
    {NULL, 0, NULL, 0},
};

/* --host takes its argument with or without "=", or not at all. */
static const char *
optional_word(int argc, char **argv)
{
	if (optarg != NULL)
		return optarg;
	if (optind < argc && argv[optind][0] != '-')
		return argv[optind++];
	return NULL;
}

static int
show_version(void)
{
	puts("sockdeck " SOCKDECK_VERSION);
	return CLI_DONE;
}

static int
show_man(void)
{
	man_print();
	return CLI_DONE;
}

/* Parse argv and run what it asks for; places counts --lab, --host, -r. */
static int
run_console(int argc, char **argv)
{
	struct cli_options o = {.where = WHERE_LAB};
	int c, places = 0;
	struct err err;
	long hosts;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:r:c:hV", long_options, NULL)) !=
	       -1) {
		switch (c) {
		case OPT_LAB:
			o.where = WHERE_LAB;
			places++;
			break;
		case OPT_HOST:
			o.where = WHERE_HOST;
			o.interface = optional_word(argc, argv);
			places++;
			break;
		case OPT_HOSTS:
			if (number_whole("--hosts", optarg, 1, LAB_HOSTS_MAX,
				&hosts, &err) < 0)
				return cli_usage(NULL, "%s", err.text);
			o.hosts = (int)hosts;
			break;
		case 'r':
			o.where = WHERE_FILE;
			o.file = optarg;
			places++;
			break;
		case OPT_THEME:
			o.theme = optarg;
			break;
		case OPT_ASCII:
			o.ascii = true;
			break;
		case OPT_MOUSE:
			o.no_mouse = true;
			break;
		case 'c':
			if (o.command_count == CLI_COMMANDS_MAX)
				return cli_usage(NULL,
				    "at most %d commands can be given by -c",
				    CLI_COMMANDS_MAX);
			o.commands[o.command_count++] = optarg;
			break;
		case 'h':
			return cli_help(NULL);
		case 'V':
			return show_version();
		case OPT_MAN:
			return show_man();
		default:
			return cli_bad_option(NULL, c, argv);
		}
	}
	if (optind < argc)
		return cli_usage(NULL,
		    "\"%s\" is out of place: a subcommand comes first",
		    argv[optind]);
	if (places > 1)
		return cli_usage(NULL, "choose one of --lab, --host and -r");
	if (o.where != WHERE_LAB && o.hosts != 0)
		return cli_usage(NULL, "--hosts belongs to a lab");
	return console_run(&o);
}

/*
 * The first descriptors are 0 to 2, closed or not: what is opened from now on
 * must not be taken for one of them. What was closed has nothing to read, and
 * cannot be written.
 */
static void
occupy_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDONLY) != fd)
			exit(CLI_FAILED);
}

int
main(int argc, char **argv)
{
	occupy_standard();
	/* What a character is, and nothing else: numbers are written alike
	 * everywhere. */
	setlocale(LC_CTYPE, "");
	if (argc > 1 && argv[1][0] != '-')
		return cli_finish(cli_dispatch(argc - 1, argv + 1));
	return cli_finish(run_console(argc, argv));
}
