#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "net/base/clock.h"
#include "net/base/text.h"
#include "net/lab.h"
#include "tui/cli.h"

#define LABS_MAX 64

static int64_t
boot_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * CLOCK_S + ts.tv_nsec;
}

static void
print_lab(const struct lab_info *lab)
{
	char age[TEXT_NUM_MAX], ip4[INET_ADDRSTRLEN], ip6[INET6_ADDRSTRLEN];

	printf("lab %d, for %s, %zu host%s%s%s\n", (int)lab->pid,
	    text_span(age, boot_ns() - lab->started_ns), lab->count,
	    lab->count > 1 ? "s, joined by " : "",
	    lab->count > 1 ? lab_medium_name(lab->medium) : "",
	    lab->count > 1 ? "" : " with lo only");
	for (size_t i = 0; i < lab->count && lab->medium != LAB_LO; i++) {
		const struct lab_info_host *h = &lab->hosts[i];

		printf("  %-10s %-12s %s\n", h->name,
		    inet_ntop(AF_INET, &h->ip4, ip4, sizeof ip4),
		    inet_ntop(AF_INET6, &h->ip6, ip6, sizeof ip6));
	}
}

int
cli_labs(int argc, char **argv)
{
	static const struct option none[] = {
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct lab_info labs[LABS_MAX];
	size_t n;
	int c;

	opterr = 0;
	c = getopt_long(argc, argv, "+:h", none, NULL);
	if (c == 'h')
		return cli_help("labs");
	if (c != -1)
		return cli_bad_option("labs", c, argv);
	if (optind < argc)
		return cli_usage("labs", "labs takes no words");
	n = lab_list(labs, LABS_MAX);
	for (size_t i = 0; i < n; i++)
		print_lab(&labs[i]);
	if (n == 0)
		return cli_fail("%s",
		    lab_here()
			? "this shell is on a host of a lab, from where none "
			  "is to be seen: ask in another terminal"
			: CLI_NO_LAB);
	return CLI_DONE;
}
