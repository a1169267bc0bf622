#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/savefile.h"
#include "capture/source.h"
#include "net/journal.h"
#include "tui/cli.h"
#include "tui/headless.h"
#include "tui/packetnotes.h"
#include "tui/packets_print.h"

#define FIELDS_MAX 1024
/* A message may go back this far. */
#define STORE_BUDGET (64 * 1024 * 1024)

enum output {
	OUTPUT_LINES,
	OUTPUT_FIELDS,
	OUTPUT_JSON,
	OUTPUT_CONVERSATIONS,
	OUTPUT_OVERHEAD,
	OUTPUT_LADDER,
	OUTPUT_STREAM,
	OUTPUT_FILE,
};

struct listing {
	struct source *source;
	struct capture *capture;
	struct tree tree;
	enum output output;
	const char *fields[FIELDS_MAX];
	size_t field_count;
	uint32_t stream; /* for OUTPUT_STREAM */
	uint64_t left; /* packets to print still */
	/* for OUTPUT_FILE; no calls belong to the packets */
	struct savefile *file;
	struct journal *journal;
	struct packetnotes *notes;
	struct err trouble; /* why saving failed; "" */
};

struct request {
	const char *file, *interface, *filter;
	const char *write; /* NULL: print */
	bool overwrite;
};

static const struct option long_options[] = {
    {"count", required_argument, NULL, 'c'},
    {"conversations", no_argument, NULL, 'C'},
    {"fields", required_argument, NULL, 'F'},
    {"help", no_argument, NULL, 'h'},
    {"json", no_argument, NULL, 'J'},
    {"ladder", no_argument, NULL, 'L'},
    {"overhead", no_argument, NULL, 'O'},
    {"overwrite", no_argument, NULL, 'o'},
    {"stream", required_argument, NULL, 'S'},
    {"write", required_argument, NULL, 'w'},
    {NULL, 0, NULL, 0},
};

/* ---- the packets ---- */

/* With what is known of it, if the file has a place for that. */
static void
save_packet(struct listing *l, const struct frame *f)
{
	char lines[PACKETNOTES_MAX] = "";

	if (savefile_comments(l->file))
		packetnotes_of(l->notes, f, lines);
	if (savefile_add(l->file, &f->packet, lines, &l->trouble) < 0)
		l->left = 1; /* it is the last */
}

static void
print_packet(struct listing *l, const struct frame *f)
{
	const struct packets_keys keys = {l->fields, l->field_count};

	switch (l->output) {
	case OUTPUT_LINES:
		packets_print_line(l->capture, f);
		break;
	case OUTPUT_FIELDS:
		packets_print_fields(l->capture, f, &l->tree, &keys);
		break;
	case OUTPUT_JSON:
		packets_print_json(l->capture, f, &l->tree, &keys);
		break;
	case OUTPUT_FILE:
		save_packet(l, f);
		break;
	case OUTPUT_CONVERSATIONS:
	case OUTPUT_OVERHEAD:
	case OUTPUT_LADDER:
	case OUTPUT_STREAM:
		break; /* after the last packet */
	}
	l->left--;
}

static int
finish_file(struct listing *l)
{
	struct savefile *f = l->file;

	l->file = NULL;
	if (l->trouble.text[0] != '\0')
		savefile_abandon(f);
	else
		savefile_commit(f, &l->trouble);
	return l->trouble.text[0] != '\0' ? cli_fail("%s", l->trouble.text)
					  : CLI_DONE;
}

/* What is printed of the capture as a whole. */
static int
report(struct listing *l)
{
	switch (l->output) {
	case OUTPUT_CONVERSATIONS:
		packets_report_conversations(l->capture);
		break;
	case OUTPUT_OVERHEAD:
		packets_report_overhead(l->capture);
		break;
	case OUTPUT_LADDER:
		packets_report_ladder(l->capture);
		break;
	case OUTPUT_STREAM:
		if (!packets_report_stream(l->capture, l->stream))
			return cli_fail("there is no TCP connection %" PRIu32
					" here; --conversations lists them",
			    l->stream);
		break;
	case OUTPUT_FILE:
		return finish_file(l);
	case OUTPUT_LINES:
	case OUTPUT_FIELDS:
	case OUTPUT_JSON:
		break;
	}
	return CLI_DONE;
}

/* A packet's bytes are far away: they come while those before it are printed. */
static void
fetch_ahead(const struct feeding *g)
{
	enum { AHEAD = 4 };
	uint32_t at = g->at + AHEAD;

	if (at < g->batch->count)
		__builtin_prefetch(g->batch->packets[at].data +
				   g->batch->sums[at].payload_off);
}

static void
print_batches(struct listing *l)
{
	struct feeding g;
	struct batch *b;
	struct frame f;

	while (l->left > 0 && (b = source_pop(l->source)) != NULL) {
		capture_begin(l->capture, b, &g);
		while (l->left > 0 && capture_next(&g, &f)) {
			fetch_ahead(&g);
			print_packet(l, &f);
		}
		batch_free(b);
	}
}

/* How it ended: said only after everything that could be read. */
static int
conclude(struct listing *l)
{
	struct source_status st;
	uint64_t lost;
	int status;

	source_status(l->source, &st);
	lost = st.kernel_drops + st.queue_drops;
	status = report(l);
	fflush(stdout);
	if (lost > 0)
		cli_fail("%" PRIu64 " packets were lost: the machine was too "
			 "busy to take them",
		    lost);
	if (l->left > 0 && st.ended && st.error.text[0] != '\0')
		return cli_fail("%s", st.error.text);
	return status;
}

static int
print_all(struct listing *l, int signals)
{
	struct pollfd fds[] = {
	    {.fd = source_fd(l->source), .events = POLLIN},
	    {.fd = signals, .events = POLLIN},
	};
	struct source_status st;

	cli_buffer_output();
	do {
		/* asked before the last batches are taken, or they are lost */
		source_status(l->source, &st);
		print_batches(l);
		if (l->left == 0 || st.ended || fflush(stdout) != 0)
			break;
		if (!source_arm(l->source))
			poll(fds, 2, -1);
	} while ((fds[1].revents & POLLIN) == 0);
	return conclude(l);
}

static int
open_output(struct listing *l, const struct request *q, struct err *err)
{
	const struct weave w = {l->capture, l->journal = journal_new()};

	if (l->journal != NULL)
		l->notes = packetnotes_new(&w);
	if (l->notes == NULL)
		return err_set(err, -ENOMEM, "no memory");
	return savefile_open(q->write, q->overwrite, &l->file, err);
}

static int
open_source(struct listing *l, const struct request *q, struct err *err)
{
	if (q->file != NULL)
		return source_open_file(q->file, q->filter, &l->source, err);
	return source_open_live(q->interface, q->filter, &l->source, err);
}

/* What is printed does not look back at packets that are past. */
static bool
passes_by(enum output output)
{
	return output == OUTPUT_LINES || output == OUTPUT_CONVERSATIONS ||
	       output == OUTPUT_OVERHEAD;
}

static int
run(struct listing *l, const struct request *q)
{
	struct err err;
	int signals = headless_signals();
	int status;

	if (signals < 0)
		return cli_fail("signalfd: %s", strerror(-signals));
	l->capture = capture_new(STORE_BUDGET);
	if (l->capture == NULL)
		return cli_fail("no memory");
	if (passes_by(l->output))
		capture_pass_by(l->capture);
	tree_init(&l->tree);
	if ((q->write != NULL && open_output(l, q, &err) < 0) ||
	    open_source(l, q, &err) < 0) {
		status = cli_fail("%s", err.text);
	} else {
		status = print_all(l, signals);
		source_close(l->source);
	}
	tree_done(&l->tree);
	savefile_abandon(l->file);
	packetnotes_free(l->notes);
	journal_free(l->journal);
	capture_free(l->capture);
	close(signals);
	return status;
}

static int
parse_fields(struct listing *l, char *list)
{
	char *key;

	while ((key = strsep(&list, ",")) != NULL) {
		if (key[0] == '\0')
			return cli_usage(
			    "packets", "--fields has an empty field name");
		if (!dissect_key_known(key))
			return cli_usage("packets",
			    "unknown field \"%s\"; do you mean %s?", key,
			    dissect_key_near(key));
		if (l->field_count == FIELDS_MAX)
			return cli_usage("packets",
			    "at most %d fields can be printed", FIELDS_MAX);
		l->fields[l->field_count++] = key;
	}
	return CLI_DONE;
}

/* One thing at a time is printed; fields choose what of it. */
static int
parse_output(struct listing *l, enum output output)
{
	if (l->output == OUTPUT_FIELDS && output == OUTPUT_JSON)
		l->output = OUTPUT_JSON;
	else if (l->output == OUTPUT_JSON && output == OUTPUT_FIELDS)
		return CLI_DONE;
	else if (l->output != OUTPUT_LINES && l->output != output)
		return cli_usage(
		    "packets", "only one of the outputs can be chosen");
	l->output = output;
	return CLI_DONE;
}

static int
parse_stream(struct listing *l, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || n > UINT32_MAX)
		return cli_usage("packets",
		    "--stream needs the number of a TCP connection, not "
		    "\"%s\"",
		    text);
	l->stream = (uint32_t)n;
	return parse_output(l, OUTPUT_STREAM);
}

static int
parse_count(const char *text, uint64_t *ret)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (end == text || *end != '\0' || n < 1)
		return cli_usage("packets",
		    "--count needs a number of packets, not \"%s\"", text);
	*ret = (uint64_t)n;
	return CLI_DONE;
}

/* What takes an argument is given once: the last would win in silence. */
static int
given_once(uint32_t *seen, int option)
{
	static const char letters[] = "rifwcFS";
	static const char *const names[] = {
	    "-r", "-i", "-f", "-w", "--count", "--fields", "--stream"};
	const char *at = strchr(letters, option);
	uint32_t bit = at != NULL ? 1u << (at - letters) : 0;

	if ((*seen & bit) != 0)
		return cli_usage(
		    "packets", "%s is given twice", names[at - letters]);
	*seen |= bit;
	return CLI_DONE;
}

static int
check_places(const struct request *q)
{
	if (q->file != NULL && q->interface != NULL)
		return cli_usage("packets",
		    "packets needs either -r FILE or -i INTERFACE, not both");
	if (q->file == NULL && q->interface == NULL)
		return cli_usage(
		    "packets", "packets needs either -r FILE or -i INTERFACE");
	return CLI_DONE;
}

int
cli_packets(int argc, char **argv)
{
	struct listing l = {.left = UINT64_MAX};
	struct request q = {0};
	int c, status = CLI_DONE;
	uint32_t seen = 0;

	opterr = 0;
	while (status == CLI_DONE && (c = getopt_long(argc, argv, ":r:i:f:w:h",
					  long_options, NULL)) != -1) {
		status = given_once(&seen, c);
		if (status != CLI_DONE)
			break;
		switch (c) {
		case 'r':
			q.file = optarg;
			break;
		case 'i':
			q.interface = optarg;
			break;
		case 'f':
			q.filter = optarg;
			break;
		case 'w':
			q.write = optarg;
			status = parse_output(&l, OUTPUT_FILE);
			break;
		case 'o':
			q.overwrite = true;
			break;
		case 'c':
			status = parse_count(optarg, &l.left);
			break;
		case 'F':
			if (strcmp(optarg, "help") == 0) {
				packets_print_keys();
				return CLI_DONE;
			}
			status = parse_fields(&l, optarg);
			if (status == CLI_DONE)
				status = parse_output(&l, OUTPUT_FIELDS);
			break;
		case 'J':
			status = parse_output(&l, OUTPUT_JSON);
			break;
		case 'C':
			status = parse_output(&l, OUTPUT_CONVERSATIONS);
			break;
		case 'O':
			status = parse_output(&l, OUTPUT_OVERHEAD);
			break;
		case 'L':
			status = parse_output(&l, OUTPUT_LADDER);
			break;
		case 'S':
			status = parse_stream(&l, optarg);
			break;
		case 'h':
			return cli_help("packets");
		default:
			return cli_bad_option("packets", c, argv);
		}
	}
	if (status != CLI_DONE)
		return status;
	if (optind < argc)
		return cli_usage(
		    "packets", "\"%s\" is out of place", argv[optind]);
	status = check_places(&q);
	return status == CLI_DONE ? run(&l, &q) : status;
}
