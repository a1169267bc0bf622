/*
 * A capture that comes through a pipe, as from `ssh HOST tcpdump -U -w -`: it is
 * shown as it comes, and the keys come from the terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/e2e/console.h"

#define LIVE "\xe2\x97\x8f" /* U+25CF */
#define ENDED "\xe2\x96\xa0" /* U+25A0 */

struct piped {
	struct rig *rig;
	FILE *out; /* what the console reads */
	uint8_t bytes[8192]; /* a capture, and how much of it was written */
	size_t size, written;
	char fifo[64];
};

static void
load(struct piped *p, const char *path)
{
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	p->size = fread(p->bytes, 1, sizeof p->bytes, in);
	assert_true(p->size > 100 && p->size < sizeof p->bytes);
	fclose(in);
}

static void
start(struct piped *p, const char *capture)
{
	static const char command[] = "cat \"$0\" | \"$SOCKDECK\" -r -";

	*p = (struct piped){0};
	load(p, capture);
	snprintf(p->fifo, sizeof p->fifo, "/tmp/sockdeck-pipe-%d", getpid());
	assert_int_equal(mkfifo(p->fifo, 0600), 0);
	p->rig = rig_start(&(struct start_opts){
	    .argv = ARGV("sh", "-c", command, p->fifo),
	    .cols = 100,
	    .rows = 30,
	});
	p->out = fopen(p->fifo, "we"); /* waits for cat */
	assert_non_null(p->out);
	sees(p->rig, "standard input");
}

/* Up to this place of the capture. */
static void
write_to(struct piped *p, size_t to)
{
	assert_int_equal(
	    fwrite(p->bytes + p->written, 1, to - p->written, p->out),
	    to - p->written);
	assert_int_equal(fflush(p->out), 0);
	p->written = to;
}

static void
end(struct piped *p)
{
	fclose(p->out);
}

static void
leave(struct piped *p)
{
	rig_type(p->rig, "q");
	assert_int_equal(rig_wait_exit(p->rig, MS), 0);
	assert_true(rig_terminal_restored(p->rig));
	rig_free(p->rig);
	unlink(p->fifo);
}

static void
pipe__live__shows_packets_as_they_come(void **state)
{
	enum { HEADER = 24, RECORD = 16, SYN = 74 };
	struct piped p;

	(void)state;
	start(&p, "tests/golden/tcp4_echo.pcap");
	write_to(&p, HEADER + RECORD + SYN);
	sees(p.rig, LIVE " 1 pkts");
	rig_type(p.rig, ":view list\r");
	assert_true(rig_wait_match(p.rig, " 1 .*SYN", MS));
	write_to(&p, p.size);
	sees(p.rig, LIVE " 13 pkts");
	end(&p);
	sees(p.rig, ENDED " 13 pkts");
	leave(&p);
}

static void
pipe__stops_within_a_packet__shows_what_came(void **state)
{
	struct piped p;

	(void)state;
	start(&p, "tests/golden/tcp4_echo.pcap");
	write_to(&p, 500);
	assert_true(rig_wait_match(p.rig, LIVE " [1-9] pkts", MS));
	end(&p);
	sees(p.rig, "broken off");
	sees(p.rig, "cut off");
	leave(&p);
}

static void
pipe__pcapng__is_shown_too(void **state)
{
	char path[64];
	struct proc *made;
	struct piped p;
	int status;

	(void)state;
	snprintf(path, sizeof path, "/tmp/sockdeck-pipe-%d.pcapng", getpid());
	made = proc_run(
	    &(struct start_opts){
		.argv = ARGV("sockdeck", "packets", "-r",
		    "tests/golden/tcp4_echo.pcap", "-w", path)},
	    NULL, MS, &status);
	assert_int_equal(status, 0);
	proc_free(made);
	start(&p, path);
	unlink(path);
	write_to(&p, p.size / 2);
	assert_true(rig_wait_match(p.rig, LIVE " [1-9] pkts", MS));
	write_to(&p, p.size);
	sees(p.rig, LIVE " 13 pkts");
	end(&p);
	sees(p.rig, ENDED " 13 pkts");
	leave(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pipe__live__shows_packets_as_they_come),
	    cmocka_unit_test(pipe__stops_within_a_packet__shows_what_came),
	    cmocka_unit_test(pipe__pcapng__is_shown_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
