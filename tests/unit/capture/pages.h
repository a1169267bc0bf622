/*
 * tests/unit/capture/pages.h - which pages of some memory are there.
 *
 * Owns: nothing.  Thread: any.
 */
#ifndef SOCKDECK_TESTS_PAGES_H
#define SOCKDECK_TESTS_PAGES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGES_SIZE 4096
#define PAGES_MAX 1024

/* Memory of which no page is there. */
static inline uint8_t *
pages_bare(size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(map, MAP_FAILED);
	/* refused by a kernel that has no huge pages */
	madvise(map, size, MADV_NOHUGEPAGE);
	return map;
}

/* How many there are; from: where a page begins. */
static inline size_t
pages_there(void *from, size_t size)
{
	unsigned char there[PAGES_MAX];
	size_t count = (size + PAGES_SIZE - 1) / PAGES_SIZE, n = 0;

	assert_true(count <= PAGES_MAX);
	assert_int_equal(mincore(from, size, there), 0);
	for (size_t i = 0; i < count; i++)
		n += there[i] & 1;
	return n;
}

/* Skips the test where the kernel is too old to make pages ready. */
static inline void
pages_or_skip(void)
{
	uint8_t *page = pages_bare(PAGES_SIZE);
	int rc = madvise(page, PAGES_SIZE, MADV_POPULATE_WRITE);

	munmap(page, PAGES_SIZE);
	if (rc == 0)
		return;
	print_message(
	    "skipped: MADV_POPULATE_WRITE is newer than this kernel\n");
	skip();
}

#endif
