#include "capture/savefile.h"

#include "net/base/clock.h"

#include <dirent.h>
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64], path[128];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/savefile_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/out.pcap", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir); /* fails when a partial file was left behind */
}

static const struct packet hello = {
    .ts_ns = 1700000000 * CLOCK_S + 123456789,
    .cap_len = 5,
    .wire_len = 60,
    .link_type = 1,
    .data = (const uint8_t *)"hello",
};

static size_t
read_file(uint8_t *bytes, size_t size)
{
	FILE *in = fopen(path, "r");
	size_t n;

	assert_non_null(in);
	n = fread(bytes, 1, size, in);
	fclose(in);
	return n;
}

static void
write_text(const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static bool
file_is(const char *text)
{
	uint8_t bytes[100];
	size_t n = read_file(bytes, sizeof bytes);

	return n == strlen(text) && memcmp(bytes, text, n) == 0;
}

static void
commit__one_packet__is_a_nanosecond_pcap(void **state)
{
	/* pcap-savefile(5), little endian */
	const uint8_t expected[] = {0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4,
	    0, /* magic, 2.4 */
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, /* Ethernet */
	    0x00, 0xf1, 0x53, 0x65, 0x15, 0xcd, 0x5b, 0x07, /* time */
	    5, 0, 0, 0, 60, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'};
	uint8_t bytes[200];
	struct savefile *f;

	(void)state;
	assert_int_equal(savefile_open(path, false, &f, NULL), 0);
	assert_int_equal(access(path, F_OK), -1); /* not before the commit */
	assert_int_equal(savefile_add(f, &hello, NULL, NULL), 0);
	assert_int_equal(savefile_commit(f, NULL), 0);
	assert_int_equal(read_file(bytes, sizeof bytes), sizeof expected);
	assert_memory_equal(bytes, expected, sizeof expected);
}

/* draft-ietf-opsawg-pcapng s4 */
static void
commit__pcapng__has_blocks_interfaces_and_comments(void **state)
{
	const uint8_t section[] = {0x0a, 0x0d, 0x0d, 0x0a, 44, 0, 0,
	    0, /* SHB */
	    0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 4, 0, 8, 0, 's', 'o', 'c', 'k', 'd', 'e', 'c',
	    'k', 0, 0, 0, 0, 44, 0, 0, 0};
	const uint8_t interface[] = {1, 0, 0, 0, 32, 0, 0, 0, /* IDB */
	    101, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 32, 0,
	    0, 0};
	const uint8_t packet[] = {6, 0, 0, 0, 60, 0, 0, 0, /* EPB */
	    1, 0, 0, 0, 0xfe, 0x9c, 0x97, 0x17, 0x15, 0xcd, 0x85, 0x3d, 5, 0, 0,
	    0, 60, 0, 0, 0, 'h', 'e', 'l', 'l', 'o', 0, 0, 0, 1, 0, 1, 0, 'a',
	    0, 0, 0, 1, 0, 2, 0, 'b', 'c', 0, 0, 0, 0, 0, 0, 60, 0, 0, 0};
	struct packet raw = hello;
	uint8_t bytes[500];
	struct savefile *f;
	size_t n;

	(void)state;
	strcpy(strrchr(path, '.'), ".pcapng");
	raw.link_type = 101;
	assert_int_equal(savefile_open(path, false, &f, NULL), 0);
	assert_true(savefile_comments(f));
	assert_int_equal(savefile_add(f, &hello, NULL, NULL), 0);
	assert_int_equal(savefile_add(f, &raw, "a\nbc\n", NULL), 0);
	assert_int_equal(savefile_add(f, &hello, "", NULL), 0);
	assert_int_equal(savefile_commit(f, NULL), 0);
	n = read_file(bytes, sizeof bytes);
	assert_int_equal(n, 44 + 2 * 32 + 2 * 40 + 60);
	assert_memory_equal(bytes, section, 44);
	assert_memory_equal(bytes + 44 + 32 + 40, interface, 32);
	assert_memory_equal(bytes + 44 + 32 + 40 + 32, packet, 60);
}

static void
commit__new_file__has_the_rights_of_the_umask(void **state)
{
	mode_t before = umask(027);
	struct savefile *f;
	struct stat st;

	(void)state;
	assert_int_equal(savefile_open(path, false, &f, NULL), 0);
	assert_int_equal(savefile_commit(f, NULL), 0);
	umask(before);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void
add__other_link_type__is_refused_and_the_file_stays_good(void **state)
{
	struct packet raw = hello;
	struct savefile *f;
	struct err err;

	(void)state;
	raw.link_type = 101;
	assert_int_equal(savefile_open(path, false, &f, &err), 0);
	assert_int_equal(savefile_add(f, &hello, NULL, &err), 0);
	assert_int_equal(savefile_add(f, &raw, NULL, &err), -EMEDIUMTYPE);
	assert_non_null(strstr(err.text, ".pcapng"));
	assert_int_equal(savefile_commit(f, &err), 0);
}

static void
open__file_is_there__is_refused_unless_told(void **state)
{
	struct savefile *f;
	struct err err;

	(void)state;
	write_text("mine");
	assert_int_equal(savefile_open(path, false, &f, &err), -EEXIST);
	assert_non_null(strstr(err.text, path));
	assert_true(file_is("mine"));
	assert_int_equal(savefile_open(path, true, &f, &err), 0);
	assert_true(file_is("mine"));
	assert_int_equal(savefile_commit(f, &err), 0);
	assert_false(file_is("mine"));
}

static void
commit__file_appeared_meanwhile__leaves_it_alone(void **state)
{
	struct savefile *f;
	struct err err;

	(void)state;
	assert_int_equal(savefile_open(path, false, &f, &err), 0);
	write_text("theirs");
	assert_int_equal(savefile_commit(f, &err), -EEXIST);
	assert_true(file_is("theirs"));
}

static void
abandon__leaves_nothing(void **state)
{
	struct savefile *f;

	(void)state;
	assert_int_equal(savefile_open(path, false, &f, NULL), 0);
	savefile_abandon(f);
	savefile_abandon(NULL);
	assert_int_equal(access(path, F_OK), -1);
}

static void
open__device_or_no_directory__says_so(void **state)
{
	struct savefile *f;
	struct err err;

	(void)state;
	assert_int_equal(savefile_open("/dev/null", true, &f, &err), -EINVAL);
	assert_int_equal(
	    savefile_open("/nowhere/a.pcap", true, &f, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/a.pcap"));
}

/* A file size limit fails a write as a full disk does, and needs no rights. */
static void
save__no_room__says_so_and_leaves_nothing(void **state)
{
	struct rlimit before, small = {64 * 1024, RLIM_INFINITY};
	struct packet p = hello;
	struct savefile *f;
	struct err err = {0};
	uint8_t *big = calloc(1, 20000);
	int rc = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	p.data = big;
	p.cap_len = p.wire_len = 20000;
	assert_int_equal(savefile_open(path, false, &f, &err), 0);
	for (int i = 0; i < 10 && rc == 0; i++)
		rc = savefile_add(f, &p, NULL, &err);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(err.text, "failed after 3 packets"));
	assert_true(savefile_commit(f, &err) < 0);
	assert_int_equal(access(path, F_OK), -1);

	/* found only when the last bytes are written */
	small.rlim_cur = 10;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(savefile_open(path, false, &f, &err), 0);
	assert_int_equal(savefile_commit(f, &err), -EFBIG);
	assert_int_equal(access(path, F_OK), -1);
	setrlimit(RLIMIT_FSIZE, &before);
	free(big);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
	    TEST(commit__one_packet__is_a_nanosecond_pcap),
	    TEST(commit__pcapng__has_blocks_interfaces_and_comments),
	    TEST(commit__new_file__has_the_rights_of_the_umask),
	    TEST(add__other_link_type__is_refused_and_the_file_stays_good),
	    TEST(open__file_is_there__is_refused_unless_told),
	    TEST(commit__file_appeared_meanwhile__leaves_it_alone),
	    TEST(abandon__leaves_nothing),
	    TEST(open__device_or_no_directory__says_so),
	    TEST(save__no_room__says_so_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
