#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/source.h"
#include "net/base/clock.h"
#include "net/base/text.h"
#include "tui/cli.h"
#include "tui/headless.h"

#define FIELDS_MAX 64
/* Only the frame at hand and the one before it are looked at. */
#define STORE_BUDGET (4 * 1024 * 1024)

struct listing {
	struct source *source;
	struct capture *capture;
	struct tree tree;
	const char *fields[FIELDS_MAX];
	size_t field_count;
	uint64_t left; /* packets to print still */
};

struct request {
	const char *file, *interface, *filter;
};

static const struct option long_options[] = {
    {"count", required_argument, NULL, 'c'},
    {"fields", required_argument, NULL, 'F'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* ---- one line ---- */

static void
print_addr(const struct summary *s, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->len == 0)
		fputs("-", stdout);
	else if (s->proto == PROTO_TCP || s->proto == PROTO_UDP)
		fputs(addr_format(text, a), stdout);
	else
		fputs(addr_format_host(text, a), stdout);
}

static void
print_tcp(const struct frame *f)
{
	char flags[SUMMARY_FLAGS_MAX];

	printf(" %s seq=%" PRIu64, summary_flags(flags, f->sum.tcp_flags),
	    f->rel_seq);
	if ((f->sum.tcp_flags & TCP_ACK) != 0)
		printf(" ack=%" PRIu64, f->rel_ack);
	printf(" win=%" PRIu32 " len=%" PRIu32, f->window, f->sum.payload_len);
	if (f->purpose == PURPOSE_RETRANSMISSION)
		fputs(" [retransmission]", stdout);
}

static void
print_details(const struct frame *f)
{
	const struct summary *s = &f->sum;

	switch (s->proto) {
	case PROTO_TCP:
		print_tcp(f);
		break;
	case PROTO_UDP:
		printf(" len=%" PRIu32, s->payload_len);
		break;
	case PROTO_ICMP:
	case PROTO_ICMP6:
		printf(" type=%d code=%d len=%" PRIu32, s->icmp_type,
		    s->icmp_code, s->payload_len);
		break;
	default:
		printf(" %" PRIu32 " bytes", f->packet.wire_len);
		break;
	}
	if (s->status == SUMMARY_TRUNCATED)
		fputs(" [truncated]", stdout);
	else if (s->status == SUMMARY_MALFORMED)
		fputs(" [malformed]", stdout);
}

static void
print_line(const struct listing *l, const struct frame *f)
{
	struct addr src = summary_src(&f->sum), dst = summary_dst(&f->sum);
	int64_t ns = f->packet.ts_ns - capture_first_ns(l->capture);
	uint64_t us = (uint64_t)(ns < 0 ? -ns : ns) / (uint64_t)CLOCK_US;

	printf("%6" PRIu64 " %s%" PRIu64 ".%06" PRIu64 " ", f->id,
	    ns < 0 ? "-" : "", us / 1000000, us % 1000000);
	print_addr(&f->sum, &src);
	fputs(" > ", stdout);
	print_addr(&f->sum, &dst);
	printf(" %s", summary_proto_name(&f->sum));
	print_details(f);
	putchar('\n');
}

/* ---- fields: every occurrence, as `tshark -T fields` prints them ---- */

static void
print_occurrences(const struct tree *t, const char *key)
{
	char safe[4096];
	const struct field *f;
	size_t from = 0;

	while ((f = tree_find(t, key, from)) != NULL) {
		if (from > 0)
			putchar(',');
		text_escape(safe, sizeof safe, f->value, strlen(f->value));
		fputs(safe, stdout);
		from = (size_t)(f - t->fields) + 1;
	}
}

static void
print_fields(struct listing *l, const struct frame *f)
{
	struct dissect_context ctx = capture_context(l->capture, f);

	dissect(&f->packet, &ctx, &l->tree);
	for (size_t i = 0; i < l->field_count; i++) {
		if (i > 0)
			putchar('\t');
		print_occurrences(&l->tree, l->fields[i]);
	}
	putchar('\n');
}

/* ---- the packets ---- */

static void
print_packet(struct listing *l, const struct batch *b, uint32_t at)
{
	struct frame f;

	if (!capture_feed_at(l->capture, b, at, &f))
		return;
	if (l->field_count > 0)
		print_fields(l, &f);
	else
		print_line(l, &f);
	l->left--;
}

static void
print_batches(struct listing *l)
{
	struct batch *b;

	while (l->left > 0 && (b = source_pop(l->source)) != NULL) {
		for (uint32_t i = 0; i < b->count && l->left > 0; i++)
			print_packet(l, b, i);
		batch_free(b);
	}
}

/* How it ended: said only after everything that could be read. */
static int
conclude(const struct listing *l)
{
	struct source_status st;
	uint64_t lost;

	source_status(l->source, &st);
	lost = st.kernel_drops + st.queue_drops;
	fflush(stdout);
	if (lost > 0)
		cli_fail("%" PRIu64 " packets were lost: the machine was too "
			 "busy to take them",
		    lost);
	if (l->left > 0 && st.ended && st.error.text[0] != '\0')
		return cli_fail("%s", st.error.text);
	return CLI_DONE;
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
open_source(struct listing *l, const struct request *q, struct err *err)
{
	if (q->file != NULL)
		return source_open_file(q->file, q->filter, &l->source, err);
	return source_open_live(q->interface, q->filter, &l->source, err);
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
	tree_init(&l->tree);
	if (open_source(l, q, &err) < 0) {
		status = cli_fail("%s", err.text);
	} else {
		status = print_all(l, signals);
		source_close(l->source);
	}
	tree_done(&l->tree);
	capture_free(l->capture);
	close(signals);
	return status;
}

static int
parse_fields(struct listing *l, char *list)
{
	char *key;

	while ((key = strsep(&list, ",")) != NULL) {
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

int
cli_packets(int argc, char **argv)
{
	struct listing l = {.left = UINT64_MAX};
	struct request q = {NULL, NULL, NULL};
	int c, status = CLI_DONE;

	opterr = 0;
	while (status == CLI_DONE && (c = getopt_long(argc, argv, ":r:i:f:h",
					  long_options, NULL)) != -1) {
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
		case 'c':
			status = parse_count(optarg, &l.left);
			break;
		case 'F':
			status = parse_fields(&l, optarg);
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
	if ((q.file == NULL) == (q.interface == NULL))
		return cli_usage(
		    "packets", "packets needs either -r FILE or -i INTERFACE");
	return run(&l, &q);
}
