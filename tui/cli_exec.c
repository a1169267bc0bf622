#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/lab.h"
#include "tui/cli.h"

#define LABS_MAX 64

/* As a shell says it: the command is not there, or may not be run. */
enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

static const struct option long_options[] = {
    {"lab", required_argument, NULL, 'l'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool
parse_pid(const char *text, pid_t *ret)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || n <= 0 || n > 0x7fffffff)
		return false;
	*ret = (pid_t)n;
	return true;
}

static int
run_command(char **command)
{
	int error;

	execvp(command[0], command);
	error = errno;
	cli_fail("cannot run %s: %s", command[0], strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

int
cli_exec(int argc, char **argv)
{
	struct lab_info labs[LABS_MAX];
	struct err err;
	pid_t pid = 0;
	size_t n;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'l':
			if (!parse_pid(optarg, &pid))
				return cli_usage("exec",
				    "--lab needs the number of a process, "
				    "not \"%s\"",
				    optarg);
			break;
		case 'h':
			return cli_help("exec");
		default:
			return cli_bad_option("exec", c, argv);
		}
	}
	if (optind == argc)
		return cli_usage("exec", "exec needs a command to run");
	if (pid == 0) {
		n = lab_list(labs, LABS_MAX);
		if (n == 0)
			return cli_fail("no lab is running: start `sockdeck` "
					"in another terminal first");
		pid = labs[n - 1].pid;
	}
	if (lab_join(pid, &err) < 0)
		return cli_fail("%s", err.text);
	return run_command(argv + optind);
}
