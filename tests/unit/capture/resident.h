/*
 * tests/unit/capture/resident.h - which pages of some memory are there.
 *
 * Owns: nothing.  Thread: any.
 */
#ifndef SOCKDECK_TESTS_RESIDENT_H
#define SOCKDECK_TESTS_RESIDENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "capture/pages.h"

#define RESIDENT_PAGE 4096
#define RESIDENT_MAX 1024

/* Memory of which no page is there. */
static inline uint8_t *
resident_none(size_t size)
{
	uint8_t *pages = pages_new(size);

	assert_non_null(pages);
	/* refused by a kernel that has no huge pages */
	madvise(pages, size, MADV_NOHUGEPAGE);
	return pages;
}

/* How many there are; from: where a page begins. */
static inline size_t
resident_pages(void *from, size_t size)
{
	unsigned char there[RESIDENT_MAX];
	size_t count = (size + RESIDENT_PAGE - 1) / RESIDENT_PAGE, n = 0;

	assert_true(count <= RESIDENT_MAX);
	assert_int_equal(mincore(from, size, there), 0);
	for (size_t i = 0; i < count; i++)
		n += there[i] & 1;
	return n;
}

/* Skips the test where the kernel is too old to make pages ready. */
static inline void
resident_or_skip(void)
{
	uint8_t *page = resident_none(RESIDENT_PAGE);
	int rc = madvise(page, RESIDENT_PAGE, MADV_POPULATE_WRITE);

	pages_free(page, RESIDENT_PAGE);
	if (rc == 0)
		return;
	print_message(
	    "skipped: MADV_POPULATE_WRITE is newer than this kernel\n");
	skip();
}

#endif
