#include "capture/source.h"

#include "capture/savefile.h"
#include "net/base/bytes.h"
#include "net/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture/gather.h"

static char dir[64], path[128];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/source_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/in.pcap", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void
write_bytes(const void *bytes, size_t n)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
}

/* An Ethernet frame of UDP to this port; its last bytes are the number. */
static size_t
make_udp(uint8_t frame[64], uint16_t port, uint32_t number)
{
	struct wr w = wr_init(frame, 64);

	wr_bytes(&w, "\0\0\0\0\0\0\0\0\0\0\0\0\x08\0", 14);
	wr_bytes(&w, "\x45\0\0\x20\0\0\x40\0\x40\x11\0\0", 12);
	wr_bytes(&w, "\x7f\0\0\1\x7f\0\0\1", 8);
	wr_be16(&w, 40000);
	wr_be16(&w, port);
	wr_be16(&w, 12);
	wr_be16(&w, 0);
	wr_be32(&w, number);
	return wr_len(&w);
}

static struct packet
udp_packet(uint8_t frame[64], uint16_t port, uint32_t number)
{
	uint32_t len = (uint32_t)make_udp(frame, port, number);

	return (struct packet){
	    .ts_ns = 1700000000 * CLOCK_S + 999999999 - number,
	    .cap_len = len - number % 4,
	    .wire_len = len,
	    .link_type = 1,
	    .data = frame,
	};
}

/* Packets 0, 1, ... to ports 7000 and 7001 by turns. */
static void
save(uint32_t count)
{
	struct savefile *f;
	uint8_t frame[64];

	assert_int_equal(savefile_open(path, false, &f, NULL), 0);
	for (uint32_t i = 0; i < count; i++) {
		struct packet p =
		    udp_packet(frame, (uint16_t)(7000 + i % 2), i);

		assert_int_equal(savefile_add(f, &p, NULL, NULL), 0);
	}
	assert_int_equal(savefile_commit(f, NULL), 0);
}

static struct source *
open_file(const char *name, const char *filter)
{
	struct source *s = NULL;
	struct err err = {0};

	if (source_open_file(name, filter, &s, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

/* Opening the file at path fails with this code and a sentence with word. */
static void
assert_refused(int code, const char *word)
{
	struct source *s;
	struct err err;

	assert_int_equal(source_open_file(path, NULL, &s, &err), code);
	if (strstr(err.text, word) == NULL || strstr(err.text, path) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, word);
}

static void
file__saved_before__comes_back_to_the_byte_and_ns(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;
	uint8_t frame[64];

	(void)state;
	save(10000);
	s = open_file(path, NULL);
	gather_all(g, s, &st);
	assert_string_equal(st.name, path);
	assert_string_equal(st.error.text, "");
	assert_false(st.live);
	assert_int_equal(st.link_type, 1);
	assert_int_equal(st.received, 10000);
	assert_int_equal(st.queue_drops, 0);
	assert_int_equal(g->count, 10000);
	for (uint32_t i = 0; i < 10000; i++) {
		struct packet p =
		    udp_packet(frame, (uint16_t)(7000 + i % 2), i);

		assert_int_equal(g->packets[i]->ts_ns, p.ts_ns);
		assert_int_equal(g->packets[i]->cap_len, p.cap_len);
		assert_int_equal(g->packets[i]->wire_len, p.wire_len);
		assert_int_equal(g->packets[i]->link_type, 1);
		assert_memory_equal(g->packets[i]->data, p.data, p.cap_len);
	}
	source_close(s);
	gather_free(g);
}

static void
file__saved__is_read_by_tcpdump(void **state)
{
	char command[256], line[256] = "";
	FILE *out;

	(void)state;
	if (system("tcpdump --version >/dev/null 2>&1") != 0) {
		print_message("tcpdump is not installed\n");
		skip();
	}
	save(1);
	snprintf(command, sizeof command,
	    "TZ=UTC tcpdump --nano -nr %s 2>&1 | tail -n 1", path);
	out = popen(command, "r");
	assert_non_null(out);
	assert_non_null(fgets(line, sizeof line, out));
	pclose(out);
	assert_non_null(strstr(line, "22:13:20.999999999"));
	assert_non_null(strstr(line, "127.0.0.1.40000 > 127.0.0.1.7000"));
}

static void
file__with_filter__delivers_what_matches(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;

	(void)state;
	save(1000);
	s = open_file(path, "udp dst port 7001");
	gather_all(g, s, &st);
	assert_int_equal(g->count, 500);
	assert_int_equal(source_set_filter(s, "udp", NULL), -EOPNOTSUPP);
	source_close(s);
	gather_free(g);
}

static void
file__bad_filter__is_refused(void **state)
{
	struct source *s;
	struct err err;

	(void)state;
	save(1);
	assert_int_equal(
	    source_open_file(path, "udp prt 1", &s, &err), -EINVAL);
	assert_non_null(strstr(err.text, "syntax error"));
}

static void
file__big_endian_microseconds__is_read_right(void **state)
{
	uint8_t bytes[64];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;

	(void)state;
	wr_be32(&w, 0xa1b2c3d4);
	wr_be16(&w, 2);
	wr_be16(&w, 4);
	wr_be64(&w, 0);
	wr_be32(&w, 65535);
	wr_be32(&w, 101); /* raw IP: another number inside libpcap */
	wr_be32(&w, 1000);
	wr_be32(&w, 500001);
	wr_be32(&w, 3);
	wr_be32(&w, 4000);
	wr_bytes(&w, "abc", 3);
	write_bytes(bytes, wr_len(&w));
	s = open_file(path, NULL);
	gather_all(g, s, &st);
	assert_string_equal(st.error.text, "");
	assert_int_equal(g->count, 1);
	assert_int_equal(g->packets[0]->ts_ns, 1000500001000);
	assert_int_equal(g->packets[0]->wire_len, 4000);
	assert_int_equal(g->packets[0]->link_type, 101);
	assert_memory_equal(g->packets[0]->data, "abc", 3);
	source_close(s);
	gather_free(g);
}

static void
file__pcapng__is_read(void **state)
{
	uint8_t bytes[128];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;

	(void)state;
	/* draft-ietf-opsawg-pcapng s4.1-4.3: section, interface, packet */
	wr_le32(&w, 0x0a0d0d0a);
	wr_le32(&w, 28);
	wr_le32(&w, 0x1a2b3c4d);
	wr_le32(&w, 1);
	wr_le64(&w, UINT64_MAX);
	wr_le32(&w, 28);
	wr_le32(&w, 1);
	wr_le32(&w, 32);
	wr_le32(&w, 1);
	wr_le32(&w, 65535);
	wr_le16(&w, 9); /* if_tsresol: ns */
	wr_le16(&w, 1);
	wr_le32(&w, 9);
	wr_le32(&w, 0);
	wr_le32(&w, 32);
	wr_le32(&w, 6);
	wr_le32(&w, 36);
	wr_le32(&w, 0);
	wr_le32(&w, 1);
	wr_le32(&w, 7); /* 2^32 + 7 ns */
	wr_le32(&w, 3);
	wr_le32(&w, 3);
	wr_bytes(&w, "abc", 4);
	wr_le32(&w, 36);
	write_bytes(bytes, wr_len(&w));
	s = open_file(path, NULL);
	gather_all(g, s, &st);
	assert_string_equal(st.error.text, "");
	assert_int_equal(g->count, 1);
	assert_int_equal(g->packets[0]->ts_ns, (INT64_C(1) << 32) + 7);
	source_close(s);
	gather_free(g);
}

static void
file__cut_at_any_byte__delivers_what_is_whole(void **state)
{
	enum { HEADER = 24, RECORD = 16 + 46, PACKETS = 3 };
	uint8_t bytes[HEADER + PACKETS * RECORD];
	uint8_t frame[64];
	struct wr w = wr_init(bytes, sizeof bytes);
	char where[32];

	(void)state;
	wr_le32(&w, 0xa1b23c4d);
	wr_le32(&w, 4 << 16 | 2);
	wr_le64(&w, 0);
	wr_le32(&w, 65535);
	wr_le32(&w, 1);
	assert_int_equal(make_udp(frame, 7000, 0), 46);
	for (int i = 0; i < PACKETS; i++) {
		wr_le64(&w, 1);
		wr_le32(&w, 46);
		wr_le32(&w, 46);
		wr_bytes(&w, frame, 46);
	}
	for (size_t n = HEADER; n <= sizeof bytes; n++) {
		struct gather *g = gather_new();
		size_t whole = (n - HEADER) / RECORD;
		struct source_status st;
		struct source *s;

		write_bytes(bytes, n);
		s = open_file(path, NULL);
		gather_all(g, s, &st);
		assert_int_equal(g->count, whole);
		snprintf(where, sizeof where, "packet %zu", whole + 1);
		if ((n - HEADER) % RECORD == 0)
			assert_string_equal(st.error.text, "");
		else if (strstr(st.error.text, where) == NULL ||
			 strstr(st.error.text, path) == NULL)
			fail_msg("%zu: \"%s\"", n, st.error.text);
		source_close(s);
		gather_free(g);
	}
	write_bytes(bytes, HEADER - 1);
	assert_refused(-EINVAL, "truncated");
}

/* A record of len bytes, which are its number. */
static void
put_record(FILE *out, uint32_t len, uint8_t number)
{
	uint32_t header[] = {1700000000, number, len, len};
	uint8_t *bytes = malloc(len);

	assert_non_null(bytes);
	memset(bytes, number, len);
	assert_int_equal(fwrite(header, sizeof header, 1, out), 1);
	assert_int_equal(fwrite(bytes, len, 1, out), 1);
	free(bytes);
}

/* The thread looks at a MB of the file at a time. */
static void
file__records_longer_than_a_window__are_read(void **state)
{
	enum { LONG = 5000000, COUNT = 6 };
	static const uint32_t lens[COUNT] = {60, LONG, 60, 1048576, LONG, 60};
	uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, LONG, 1};
	FILE *out = fopen(path, "w");
	long end;

	(void)state;
	assert_non_null(out);
	assert_int_equal(fwrite(header, sizeof header, 1, out), 1);
	for (uint8_t i = 0; i < COUNT; i++)
		put_record(out, lens[i], i);
	end = ftell(out);
	assert_int_equal(fclose(out), 0);
	for (size_t cut = 0; cut < 2; cut++) {
		struct gather *g = gather_new();
		struct source_status st;
		struct source *s;

		assert_int_equal(truncate(path, end - (long)cut * 77), 0);
		s = open_file(path, NULL);
		gather_all(g, s, &st);
		assert_int_equal(g->count, COUNT - 2 * cut);
		assert_int_equal(st.error.text[0] != '\0', cut);
		for (size_t i = 0; i < g->count; i++) {
			const struct packet *p = g->packets[i];

			assert_int_equal(p->wire_len, lens[i]);
			assert_int_equal(
			    p->cap_len, lens[i] < 262144 ? lens[i] : 262144);
			assert_int_equal(p->data[0], i);
			assert_int_equal(p->data[p->cap_len - 1], i);
		}
		source_close(s);
		gather_free(g);
	}
}

static void
file__not_a_capture__says_what_it_is(void **state)
{
	(void)state;
	write_bytes("", 0);
	assert_refused(-EINVAL, "empty");
	write_bytes("GET / HTTP/1.1\r\n", 16);
	assert_refused(-EINVAL, "text");
	write_bytes("\xfd"
		    "7zXZ\0",
	    6);
	assert_refused(-EINVAL, "xzcat");
	write_bytes("\x7f"
		    "ELF\2\1\1\0\0\0",
	    10);
	assert_refused(-EINVAL, "7f 45 4c 46");
}

/* The file at path through gzip, in its place. */
static void
compress(size_t keep)
{
	char command[1024];

	snprintf(command, sizeof command,
	    "gzip -c %s | head -c %zu >%s.gz && mv %s.gz %s", path, keep, path,
	    path, path);
	assert_int_equal(system(command), 0);
}

static void
file__compressed__is_unpacked(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;

	(void)state;
	save(10000);
	compress(1 << 30);
	s = open_file(path, "udp");
	gather_all(g, s, &st);
	assert_string_equal(st.error.text, "");
	assert_int_equal(st.link_type, 1);
	assert_int_equal(g->count, 10000);
	source_close(s);
	gather_free(g);
}

static void
file__compressed_and_cut__delivers_what_is_there(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;

	(void)state;
	save(10000);
	compress(20000);
	s = open_file(path, NULL);
	gather_all(g, s, &st);
	assert_non_null(strstr(st.error.text, "gzip"));
	assert_in_range(g->count, 100, 9999);
	source_close(s);
	gather_free(g);
	write_bytes("\x1f\x8b\x08nonsense", 11);
	s = open_file(path, NULL);
	g = gather_new();
	gather_all(g, s, &st);
	assert_non_null(strstr(st.error.text, "damaged"));
	source_close(s);
	gather_free(g);
}

/* Main is behind, the queue is full, and the file gets cut. */
static void
file__shrinks_while_read__says_so(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	struct source *s;

	(void)state;
	signal(SIGBUS, SIG_DFL); /* cmocka's own would come first */
	save(20000);
	s = open_file(path, NULL);
	while (!source_arm(s))
		gather_wait(g, s);
	assert_int_equal(truncate(path, 100000), 0);
	gather_all(g, s, &st);
	assert_non_null(strstr(st.error.text, "became shorter"));
	assert_in_range(g->count, 1000, 19999);
	for (uint32_t i = 0; i < g->count; i++)
		assert_int_equal(
		    g->packets[i]->ts_ns, 1700000000 * CLOCK_S + 999999999 - i);
	source_close(s);
	gather_free(g);
}

static void
file__unreadable__says_why(void **state)
{
	char file[sizeof path];

	(void)state;
	assert_refused(-ENOENT, "No such file");
	strcpy(file, path);
	strcpy(path, dir);
	assert_refused(-EISDIR, "is a directory");
	strcpy(path, file);
}

/* The source does not run ahead of main without bound, and ends when told. */
static void
close__main_takes_nothing__does_not_hang(void **state)
{
	struct source *s;

	(void)state;
	save(20000);
	s = open_file(path, NULL);
	while (!source_arm(s))
		gather_wait(&(struct gather){.deadline_ns = INT64_MAX}, s);
	source_close(s);
	source_close(NULL);
}

/* Packets of zeroes, more than can be read before the deadline. */
static void
close__no_packet_matches__does_not_wait_for_the_end(void **state)
{
	int64_t deadline_ns = clock_mono_ns() + GATHER_DEADLINE_NS;
	struct source *s;

	(void)state;
	save(1);
	assert_int_equal(truncate(path, (off_t)32 << 30), 0);
	s = open_file(path, "greater 1000");
	source_close(s);
	assert_true(clock_mono_ns() < deadline_ns);
}

/* Put the reading end of a new pipe in the place of standard input. */
static int
pipe_to_stdin(int *ret_saved)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	*ret_saved = dup(STDIN_FILENO);
	assert_true(*ret_saved >= 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	return ends[1];
}

static void
restore_stdin(int saved)
{
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void
stdin__grows__each_packet_comes_when_it_is_there(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	uint8_t bytes[4096];
	int saved, to = pipe_to_stdin(&saved);
	struct source *s = open_file("-", NULL);
	FILE *in;
	size_t n;

	(void)state;
	save(3);
	in = fopen(path, "r");
	assert_non_null(in);
	n = fread(bytes, 1, sizeof bytes, in);
	fclose(in);
	assert_int_equal(write(to, bytes, 24), 24); /* alone it is no packet */
	assert_int_equal(write(to, bytes + 24, 16 + 46 + 3), 16 + 46 + 3);
	gather_count(g, s, 1);
	assert_int_equal(write(to, bytes + 89, n - 89), n - 89);
	gather_count(g, s, 3);
	source_status(s, &st);
	assert_false(st.ended);
	assert_string_equal(st.name, "standard input");
	close(to);
	gather_all(g, s, &st);
	assert_string_equal(st.error.text, "");
	assert_int_equal(g->count, 3);
	source_close(s);
	restore_stdin(saved);
	gather_free(g);
}

/* A batch is full of bytes before it is full of packets. */
static void
stdin__packets_that_fill_batches_with_bytes__all_come_whole(void **state)
{
	enum { COUNT = 60, LONG = 60000 };
	uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, LONG, 1};
	struct gather *g = gather_new();
	struct source_status st;
	int saved, to = pipe_to_stdin(&saved);
	struct source *s = open_file("-", NULL);
	FILE *out = fdopen(to, "w");

	(void)state;
	assert_non_null(out);
	assert_int_equal(fwrite(header, sizeof header, 1, out), 1);
	for (uint8_t i = 0; i < COUNT; i++) {
		put_record(out, LONG, i);
		while (gather_take(g, s))
			continue;
	}
	assert_int_equal(fclose(out), 0);
	gather_all(g, s, &st);
	assert_string_equal(st.error.text, "");
	assert_int_equal(st.queue_drops, 0);
	assert_int_equal(st.received, COUNT);
	assert_int_equal(g->count, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		const struct packet *p = g->packets[i];

		assert_int_equal(p->ts_ns, 1700000000 * CLOCK_S + i * 1000);
		assert_int_equal(p->wire_len, LONG);
		assert_int_equal(p->cap_len, LONG);
		for (uint32_t k = 0; k < LONG; k++)
			assert_int_equal(p->data[k], i);
	}
	source_close(s);
	restore_stdin(saved);
	gather_free(g);
}

static void
stdin__never_sends__open_and_close_do_not_hang(void **state)
{
	int saved, to = pipe_to_stdin(&saved);
	struct source *s = open_file("-", NULL);

	(void)state;
	source_close(s);
	s = open_file("-", NULL);
	assert_int_equal(write(to, "\x4d\x3c\xb2", 3), 3);
	source_close(s);
	restore_stdin(saved);
	close(to);
}

static void
stdin__not_a_capture__ends_with_a_sentence(void **state)
{
	struct gather *g = gather_new();
	struct source_status st;
	int saved, to = pipe_to_stdin(&saved);
	struct source *s = open_file("-", NULL);

	(void)state;
	assert_int_equal(write(to, "hello\n", 6), 6);
	close(to);
	gather_all(g, s, &st);
	assert_non_null(
	    strstr(st.error.text, "standard input looks like text"));
	assert_int_equal(g->count, 0);
	source_close(s);
	restore_stdin(saved);
	gather_free(g);
}

static void
fifo__nobody_writes__open_and_close_do_not_hang(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	source_close(open_file(path, NULL));
}

static void
fifo__writer_comes_later__is_read(void **state)
{
	struct gather *g = gather_new();
	char fifo[sizeof path + 8];
	struct source_status st;
	struct source *s;
	uint8_t bytes[4096];
	size_t n;
	FILE *io;

	(void)state;
	snprintf(fifo, sizeof fifo, "%s.fifo", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	s = open_file(fifo, NULL);
	save(2);
	io = fopen(path, "r");
	assert_non_null(io);
	n = fread(bytes, 1, sizeof bytes, io);
	fclose(io);
	io = fopen(fifo, "w");
	assert_non_null(io);
	assert_int_equal(fwrite(bytes, 1, n, io), n);
	fclose(io);
	gather_all(g, s, &st);
	assert_string_equal(st.error.text, "");
	assert_int_equal(g->count, 2);
	source_close(s);
	gather_free(g);
	unlink(fifo);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
	    TEST(file__saved_before__comes_back_to_the_byte_and_ns),
	    TEST(file__saved__is_read_by_tcpdump),
	    TEST(file__with_filter__delivers_what_matches),
	    TEST(file__bad_filter__is_refused),
	    TEST(file__big_endian_microseconds__is_read_right),
	    TEST(file__pcapng__is_read),
	    TEST(file__cut_at_any_byte__delivers_what_is_whole),
	    TEST(file__records_longer_than_a_window__are_read),
	    TEST(file__not_a_capture__says_what_it_is),
	    TEST(file__compressed__is_unpacked),
	    TEST(file__compressed_and_cut__delivers_what_is_there),
	    TEST(file__shrinks_while_read__says_so),
	    TEST(file__unreadable__says_why),
	    TEST(close__main_takes_nothing__does_not_hang),
	    TEST(close__no_packet_matches__does_not_wait_for_the_end),
	    TEST(stdin__grows__each_packet_comes_when_it_is_there),
	    TEST(stdin__packets_that_fill_batches_with_bytes__all_come_whole),
	    TEST(stdin__never_sends__open_and_close_do_not_hang),
	    TEST(stdin__not_a_capture__ends_with_a_sentence),
	    TEST(fifo__nobody_writes__open_and_close_do_not_hang),
	    TEST(fifo__writer_comes_later__is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
