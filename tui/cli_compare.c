/* compare: the same messages over several transports. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/base/number.h"
#include "net/lab.h"
#include "tui/cli.h"
#include "tui/comparefmt.h"
#include "tui/headless.h"

#define TEXT_MAX (1024 * 1024)
#define EVERY_MAX_NS (60 * CLOCK_S)

static const struct option long_options[] = {
    {"count", required_argument, NULL, 'n'},
    {"size", required_argument, NULL, 's'},
    {"every", required_argument, NULL, 'e'},
    {"save", required_argument, NULL, 'w'},
    {"overwrite", no_argument, NULL, 'o'},
    {"json", no_argument, NULL, 'j'},
    {"host", no_argument, NULL, 'H'},
    {"loss", required_argument, NULL, 'l'},
    {"delay", required_argument, NULL, 'd'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Until it is done, or SIGINT or SIGTERM. */
static int
run(struct compare *c, bool json)
{
	struct pollfd fd = {.fd = headless_signals(), .events = POLLIN};
	enum compare_state state;
	struct buf text;

	while ((state = compare_step(c)) == COMPARE_RUNNING)
		if (poll(&fd, 1, COMPARE_STEP_MS) > 0)
			return cli_fail("interrupted: nothing was compared");
	close(fd.fd);
	if (state == COMPARE_FAILED)
		return cli_fail("%s", compare_trouble(c));
	buf_init(&text, TEXT_MAX);
	if (json)
		comparefmt_json(&text, c);
	else
		comparefmt_text(&text, c, COMPAREFMT_WIDTH);
	fputs(buf_str(&text), stdout);
	buf_done(&text);
	return cli_finish(CLI_DONE);
}

static int
enter_lab(const struct compare_spec *spec, struct lab *lab, struct wiretap *tap)
{
	struct err err;

	if (lab_enter(spec->wired ? 2 : 1, lab, &err) < 0)
		return cli_fail("%s", err.text);
	if (spec->wired && lab->count < 2)
		return cli_fail("there is no wire here. %s", lab->why);
	if (spec->wired && wiretap_open(tap, lab, NULL, NULL, &err) < 0)
		return cli_fail("%s", err.text);
	return CLI_DONE;
}

int
cli_compare(int argc, char **argv)
{
	struct compare_spec spec = compare_spec_default();
	bool json = false, host = false;
	struct wiretap tap = {.wire = NULL};
	struct lab lab = {.count = 0};
	struct compare *c = NULL;
	struct outside *outside;
	struct err err;
	int opt, status, rc = 0;
	long n = 0;

	opterr = 0;
	while (
	    (opt = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		switch (opt) {
		case 'n':
			rc = number_whole("--count", optarg, 1,
			    ROUND_TRIPS_COUNT_MAX, &n, &err);
			spec.count = (uint32_t)n;
			break;
		case 's':
			rc = number_whole("--size", optarg, 1,
			    ROUND_TRIPS_SIZE_MAX, &n, &err);
			spec.size = (uint32_t)n;
			break;
		case 'e':
			rc = number_span("--every", optarg, EVERY_MAX_NS,
			    &spec.every_ns, &err);
			break;
		case 'l':
		case 'd':
			rc = compare_wire(
			    &spec, opt == 'l' ? "loss" : "delay", optarg, &err);
			break;
		case 'w':
			spec.save = optarg;
			break;
		case 'o':
			spec.overwrite = true;
			break;
		case 'j':
			json = true;
			break;
		case 'H':
			host = true;
			break;
		case 'h':
			return cli_help("compare");
		default:
			return cli_bad_option("compare", opt, argv);
		}
		if (rc < 0)
			return cli_usage("compare", "%s", err.text);
	}
	if (optind != argc)
		return cli_usage(
		    "compare", "'%s' is one word too many", argv[optind]);
	if (host && spec.wired)
		return cli_usage("compare",
		    "--loss and --delay need a wire, which only a lab has");
	/* Before the lab: Bluetooth is outside. */
	outside = headless_outside(TRANSPORT_RFCOMM);
	spec.outside = outside;
	status = host ? CLI_DONE : enter_lab(&spec, &lab, &tap);
	if (status == CLI_DONE && compare_new(&spec, &lab, &tap, &c, &err) < 0)
		status = cli_fail("%s", err.text);
	else if (status == CLI_DONE)
		status = run(c, json);
	compare_free(c);
	wiretap_close(&tap);
	outside_free(outside);
	return status;
}
