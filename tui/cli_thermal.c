/*
 * sockdeck thermal: a camera, a stream or a recording of it, as lines.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/base/number.h"
#include "net/base/text.h"
#include "net/thermal_file.h"
#include "net/thermal_stats.h"
#include "net/thermal_stream.h"
#include "tui/cli.h"
#include "tui/headless.h"

#define EVENTS 256
#define RATE_MAX 1000

/* Seconds of a line's time. */
static double
seconds(int64_t ns)
{
	return (double)ns / (double)CLOCK_S;
}

static void
print_temperatures(int64_t at_ns, const struct thermal_frame *f)
{
	struct thermal_stats s = thermal_stats(f);

	printf("%9.3f  min %6.2f  max %6.2f  mean %6.2f", seconds(at_ns),
	    s.min / 100.0, s.max / 100.0, s.mean / 100);
}

/* ---- serve ---- */

static int
thermal_serve(int argc, char **argv)
{
	static char serve[] = "serve", thermal[] = "thermal", tcp[] = "tcp",
		    here[] = "127.0.0.1:65443";
	char **all = calloc((size_t)argc + 5, sizeof *all);
	int n = 0, status;

	if (all == NULL)
		return cli_fail("no memory");
	all[n++] = serve;
	all[n++] = thermal;
	/* Without words: where the client looks for it, too. */
	if (argc < 2 || argv[1][0] == '-') {
		all[n++] = tcp;
		all[n++] = here;
	}
	for (int i = 1; i < argc; i++)
		all[n++] = argv[i];
	optind = 1;
	status = cli_serve(n, all);
	free(all);
	return status;
}

/* ---- watch ---- */

struct watch {
	struct thermal_client_spec spec;
	struct thermal_stream stream;
	struct thermal_recorder *recorder;
	uint64_t count; /* frames wanted; 0: no limit */
	bool trace, failed;
	int64_t start_ns;
};

static const struct option watch_options[] = {
    {"rate", required_argument, NULL, 'r'},
    {"count", required_argument, NULL, 'n'},
    {"record", required_argument, NULL, 'o'},
    {"overwrite", no_argument, NULL, 'O'},
    {"trace", no_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
on_call(void *arg, const struct call *c)
{
	const struct watch *w = arg;

	if (w->trace)
		headless_trace(stderr, c, w->start_ns);
}

static void
print_down(const struct watch *w, const struct thermal_event *e)
{
	struct thermal_drop now = {
	    .why = e->why, .error = e->error, .cut = e->cut};
	char text[THERMAL_DROP_TEXT], rest[TEXT_NUM_MAX];

	printf("%9.3f  down: %s; again in %s  drops %llu\n",
	    seconds(e->at_ns - w->start_ns), thermal_drop_text(text, &now),
	    text_span(rest, e->rest_ns), (unsigned long long)w->stream.drops);
}

static void
print_frame(const struct watch *w, const struct thermal_event *e)
{
	print_temperatures(e->at_ns - w->start_ns, &e->frame);
	printf("  %u B in %u  drops %llu%s\n", e->bytes, e->pieces,
	    (unsigned long long)w->stream.drops, e->torn ? "  torn" : "");
}

static bool
wants_more(const struct watch *w)
{
	return !w->failed && (w->count == 0 || w->stream.frames < w->count);
}

static void
take_events(struct watch *w)
{
	struct thermal_event e;

	while (wants_more(w) && queue_pop(w->spec.events, &e, 1) == 1) {
		thermal_stream_feed(&w->stream, &e);
		if (e.kind == THERMAL_DOWN)
			print_down(w, &e);
		if (e.kind != THERMAL_FRAME)
			continue;
		print_frame(w, &e);
		if (w->recorder != NULL)
			w->failed |= thermal_recorder_add(
					 w->recorder, e.at_ns, &e.frame) < 0;
	}
	w->failed |= fflush(stdout) != 0;
}

/* Until there are enough frames, or SIGINT or SIGTERM; then to the end of the
 * client. */
static void
follow(struct watch *w, struct engine *e, uint32_t group, int signals)
{
	struct pump pump = {.engine = e, .on_call = on_call, .arg = w};
	bool more = true;

	while (engine_alive(e, group) > 0) {
		struct pollfd fds[3] = {
		    [1] = {.fd = more ? signals : -1, .events = POLLIN},
		    [2] = {.fd = more ? queue_fd(w->spec.events) : -1,
			.events = POLLIN}};

		pump_drain(&pump);
		if (more)
			take_events(w);
		if (more && !queue_arm(w->spec.events))
			pump_wait(&pump, fds, 3, -1);
		else if (!more)
			pump_wait(&pump, fds, 3, ENGINE_TICK_MS);
		if (more && (fds[1].revents != 0 || !wants_more(w))) {
			more = false;
			engine_stop(e, group);
		}
	}
	pump_drain(&pump);
}

static int
run_watch(struct watch *w)
{
	struct outside *outside = headless_outside(w->spec.endpoint.transport);
	int signals = headless_signals();
	struct err err = {""};
	struct engine *e;
	uint32_t group;
	int status = CLI_DONE;

	if (signals < 0)
		return cli_fail("signalfd: %s", strerror(-signals));
	signal(SIGPIPE, SIG_IGN);
	w->spec.events = queue_new(sizeof(struct thermal_event), EVENTS);
	e = engine_new(&err);
	if (e != NULL)
		engine_set_outside(e, outside);
	w->start_ns = clock_now_ns();
	if (w->spec.events == NULL || e == NULL)
		status = cli_fail("no memory for a client");
	else if (thermal_client_start(e, &w->spec, &group, &err) < 0)
		status = cli_fail("%s", err.text);
	else
		follow(w, e, group, signals);
	engine_free(e);
	outside_free(outside);
	queue_free(w->spec.events);
	close(signals);
	if (status == CLI_DONE && w->stream.frames == 0)
		status = cli_fail("no frame has come");
	return w->failed ? CLI_FAILED : status;
}

/* CLI_DONE: go on; else the exit status. -1: --help was printed. */
static int
parse_watch(int argc, char **argv, struct watch *w, const char **record,
    bool *overwrite)
{
	long n = 0;
	int opt;

	opterr = 0;
	optind = 1;
	while (
	    (opt = getopt_long(argc, argv, ":h", watch_options, NULL)) != -1) {
		switch (opt) {
		case 'r':
			if (number_whole("", optarg, 0, RATE_MAX, &n, NULL) < 0)
				return cli_usage("thermal",
				    "--rate takes 0 to %d frames a second (0: "
				    "as fast as they come), not '%s'",
				    RATE_MAX, optarg);
			w->spec.rate = (unsigned)n;
			break;
		case 'n':
			if (number_whole("", optarg, 1, LONG_MAX, &n, NULL) < 0)
				return cli_usage("thermal",
				    "--count takes a number of frames, not "
				    "'%s'",
				    optarg);
			w->count = (uint64_t)n;
			break;
		case 'o':
			*record = optarg;
			break;
		case 'O':
			*overwrite = true;
			break;
		case 't':
			w->trace = true;
			break;
		case 'h':
			cli_help("thermal");
			return -1;
		default:
			return cli_bad_option("thermal", opt, argv);
		}
	}
	return CLI_DONE;
}

static int
parse_camera(int argc, char **argv, struct endpoint *ret)
{
	enum transport t = TRANSPORT_TCP;
	struct err err = {""};

	if (argc > 2)
		return cli_usage(
		    "thermal", "'%s' is one word too many", argv[2]);
	if (argc > 0 && !transport_parse(argv[0], &t))
		return cli_usage("thermal",
		    "'%s' is no transport; there are: tcp, udp, rfcomm, unix, "
		    "unixgram",
		    argv[0]);
	if (endpoint_parse(argc > 1 ? argv[1] : "127.0.0.1:65443", t, false,
		ret, &err) < 0)
		return cli_usage("thermal", "%s", err.text);
	return CLI_DONE;
}

static int
thermal_watch(int argc, char **argv)
{
	struct watch w = {.spec = thermal_client_spec_default()};
	const char *record = NULL;
	bool overwrite = false;
	struct err err = {""};
	int status = parse_watch(argc, argv, &w, &record, &overwrite);

	if (status != CLI_DONE)
		return status < 0 ? CLI_DONE : status;
	status = parse_camera(argc - optind, argv + optind, &w.spec.endpoint);
	if (status != CLI_DONE)
		return status;
	if (record != NULL &&
	    thermal_recorder_open(record, overwrite, &w.recorder, &err) < 0)
		return cli_fail("%s", err.text);
	status = run_watch(&w);
	if (w.recorder != NULL && thermal_recorder_close(w.recorder, &err) < 0)
		return cli_fail("%s", err.text);
	return status;
}

/* ---- play ---- */

static int
thermal_play(int argc, char **argv)
{
	struct thermal_player *p;
	struct thermal_frame f;
	struct err err = {""};
	int64_t at_ns, first_ns = 0;
	int status = CLI_DONE;
	uint64_t i;

	if (argc != 2)
		return cli_usage("thermal", "play needs a recording");
	if (thermal_player_open(argv[1], &p, &err) < 0)
		return cli_fail("%s", err.text);
	cli_buffer_output();
	for (i = 0; thermal_player_get(p, i, &at_ns, &f); i++) {
		if (i == 0)
			first_ns = at_ns;
		print_temperatures(at_ns - first_ns, &f);
		putchar('\n');
	}
	if (i < thermal_player_frames(p))
		status = cli_fail("%s cannot be read any more", argv[1]);
	thermal_player_close(p);
	return status;
}

int
cli_thermal(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} words[] = {{"serve", thermal_serve}, {"watch", thermal_watch},
	    {"play", thermal_play}};

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return cli_help("thermal");
	for (size_t i = 0; i < sizeof words / sizeof *words && argc > 1; i++)
		if (strcmp(argv[1], words[i].name) == 0)
			return words[i].run(argc - 1, argv + 1);
	return cli_usage(
	    "thermal", "thermal needs a word: serve, watch or play");
}
