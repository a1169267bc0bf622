#include "net/btproc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What the kernel lists, as files of a directory; and the rows of it. */
struct listed {
	char proc[64], debug[64];
	struct sockrow row[8];
	size_t count;
};

static void
put(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
begin(struct listed *l)
{
	*l = (struct listed){
	    .proc = "/tmp/btprocXXXXXX", .debug = "/tmp/btdebugXXXXXX"};
	assert_non_null(mkdtemp(l->proc));
	assert_non_null(mkdtemp(l->debug));
}

static void
end(const struct listed *l)
{
	static const char *const names[] = {"rfcomm", "l2cap"};
	char path[128];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", i < 2 ? l->proc : l->debug,
		    names[i % 2]);
		unlink(path);
	}
	rmdir(l->proc);
	rmdir(l->debug);
}

static int
keep(void *arg, const struct sockrow *row)
{
	struct listed *l = arg;

	assert_true(l->count < 8);
	l->row[l->count++] = *row;
	return 0;
}

static void
list(struct listed *l, unsigned what, unsigned states)
{
	const struct sockfilter f = {.what = what, .states = states};

	l->count = 0;
	assert_int_equal(btproc_walk(l->proc, l->debug, &f, keep, l), 0);
}

static void
assert_addr(const struct addr *a, const char *want)
{
	char text[ADDR_TEXT_MAX];

	assert_string_equal(addr_format(text, a), want);
}

#define HEAD "sk               RefCnt Rmem   Wmem   User   Inode  Parent\n"

static void
rfcomm__root__has_addresses_and_states(void **state)
{
	struct listed l;

	(void)state;
	begin(&l);
	put(l.proc, "rfcomm",
	    HEAD
	    "000000003be4abcd 2      7      9      1000   1256   0     \n"
	    "000000003be4abce 2      0      0      0      1255   0     \n");
	put(l.debug, "rfcomm",
	    "00:AA:01:01:00:01 00:AA:01:00:00:00 1 3\n"
	    "00:AA:01:00:00:00 00:00:00:00:00:00 4 3\n");
	list(&l, SOCKTAB_RFCOMM, 0);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.row[0].state, TCPS_ESTABLISHED);
	assert_int_equal(l.row[0].uid, 1000);
	assert_int_equal(l.row[0].inode, 1256);
	assert_int_equal(l.row[0].rqueue, 7);
	assert_int_equal(l.row[0].wqueue, 9);
	assert_addr(&l.row[0].local, "00:AA:01:01:00:01/3");
	assert_addr(&l.row[0].peer, "00:AA:01:00:00:00/3");
	assert_int_equal(l.row[1].state, TCPS_LISTEN);
	assert_addr(&l.row[1].local, "00:AA:01:00:00:00/3");
	assert_true(l.row[0].cookie != l.row[1].cookie);
	list(&l, SOCKTAB_RFCOMM, 1U << TCPS_LISTEN);
	assert_int_equal(l.count, 1);
	end(&l);
}

static void
rfcomm__no_debugfs__has_sockets_without_addresses(void **state)
{
	struct listed l;

	(void)state;
	begin(&l);
	put(l.proc, "rfcomm", HEAD "0000000000000000 2 0 0 1000 99999999 0\n");
	list(&l, SOCKTAB_RFCOMM | SOCKTAB_L2CAP, 0);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.row[0].transport, TRANSPORT_RFCOMM);
	assert_int_equal(l.row[0].state, TCPS_NONE);
	assert_int_equal(l.row[0].local.len, 0);
	end(&l);
}

static void
rfcomm__tables_differ__addresses_are_not_guessed(void **state)
{
	struct listed l;

	(void)state;
	begin(&l);
	put(l.proc, "rfcomm", HEAD "0000000000000000 2 0 0 0 99999999 0\n");
	put(l.debug, "rfcomm",
	    "00:AA:01:01:00:01 00:AA:01:00:00:00 1 3\n"
	    "00:AA:01:00:00:00 00:00:00:00:00:00 4 3\n");
	list(&l, SOCKTAB_RFCOMM, 0);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.row[0].local.len, 0);
	end(&l);
}

static void
l2cap__root__has_the_channels(void **state)
{
	struct listed l;

	(void)state;
	begin(&l);
	put(l.proc, "l2cap", HEAD "0000000000000000 2 0 0 0 296 0\n");
	put(l.debug, "l2cap",
	    "00:AA:01:00:00:00 (0) 00:AA:01:01:00:01 (0) 1 3 0x0040 0x0041 "
	    "1021 1021 1 0\n"
	    "00:00:00:00:00:00 (0) 00:00:00:00:00:00 (0) 4 1 0x0000 0x0000 "
	    "672 0 1 0\n"
	    "00:AA:01:00:00:00 (1) 00:00:00:00:00:00 (0) 4 0 0x0006 0x0006 "
	    "23 0 1 0\n");
	list(&l, SOCKTAB_L2CAP, 0);
	assert_int_equal(l.count, 2); /* not the security manager's */
	assert_int_equal(l.row[0].psm, 3);
	assert_addr(&l.row[0].local, "00:AA:01:00:00:00");
	assert_addr(&l.row[0].peer, "00:AA:01:01:00:01");
	assert_int_equal(l.row[1].state, TCPS_LISTEN);
	assert_addr(&l.row[1].local, "any");
	assert_int_equal(l.row[1].psm, 1);
	end(&l);
}

static void
walk__no_bluetooth__has_none(void **state)
{
	struct listed l;

	(void)state;
	begin(&l);
	put(l.proc, "rfcomm", HEAD "what is this?\n\n");
	list(&l, SOCKTAB_RFCOMM | SOCKTAB_L2CAP, 0);
	assert_int_equal(l.count, 0);
	end(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfcomm__root__has_addresses_and_states),
	    cmocka_unit_test(rfcomm__no_debugfs__has_sockets_without_addresses),
	    cmocka_unit_test(rfcomm__tables_differ__addresses_are_not_guessed),
	    cmocka_unit_test(l2cap__root__has_the_channels),
	    cmocka_unit_test(walk__no_bluetooth__has_none),
	};

	return cmocka_run_group_tests_name("btproc", tests, NULL, NULL);
}
