#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/base/number.h"
#include "net/lab.h"
#include "tui/cli.h"

#define COMMAND_MAX 4200 /* with a path */

static const struct option long_options[] = {
    {"hosts", required_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

int
cli_run(int argc, char **argv)
{
	struct cli_options o = {.where = WHERE_LAB};
	char command[COMMAND_MAX];
	struct err err;
	long hosts;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (c == 'h')
			return cli_help("run");
		if (c != 'n')
			return cli_bad_option("run", c, argv);
		if (number_whole(
			"--hosts", optarg, 1, LAB_HOSTS_MAX, &hosts, &err) < 0)
			return cli_usage("run", "%s", err.text);
		o.hosts = (int)hosts;
	}
	if (optind + 1 != argc)
		return cli_usage("run", "run needs one file of commands");
	if (access(argv[optind], R_OK) < 0)
		return cli_fail(
		    "cannot read %s: %s", argv[optind], strerror(errno));
	snprintf(command, sizeof command, "run %s", argv[optind]);
	o.commands[o.command_count++] = command;
	return console_run(&o);
}
