#include "capture/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *
pages_new(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

void *
pages_resize(void *pages, size_t old_size, size_t size)
{
	void *p = mremap(pages, old_size, size, MREMAP_MAYMOVE);

	return p != MAP_FAILED ? p : NULL;
}

void
pages_free(void *pages, size_t size)
{
	if (pages != NULL)
		munmap(pages, size);
}

bool
pages_touch(void *part, size_t size)
{
	uintptr_t page = (uintptr_t)getpagesize();
	uintptr_t from = (uintptr_t)part / page * page;

	return madvise((void *)from, (uintptr_t)part + size - from,
		   MADV_POPULATE_WRITE) == 0;
}
