/*
 * capture/pages.h - large tables, in pages straight from the kernel: zero, and
 * there only when they are touched, so that one may be asked for at the size
 * that it can ever reach.
 *
 * Not from calloc(): that clears what the heap has not used yet once more, and
 * each page of it is a fault.
 *
 * Owns:   nothing: what it gives is the caller's, to pages_free().
 * Thread: any.  Blocks: never.
 * Source: mmap(2), MAP_NORESERVE; madvise(2), MADV_POPULATE_WRITE.
 */
#ifndef SOCKDECK_CAPTURE_PAGES_H
#define SOCKDECK_CAPTURE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* So many bytes, which begin with a page. NULL: no memory. */
void *pages_new(size_t size);
/* Of another size, perhaps elsewhere. NULL: no memory, and all is as it was. */
void *pages_resize(void *pages, size_t old_size, size_t size);
void pages_free(void *pages, size_t size); /* takes NULL */
/*
 * This part of them will be used soon: one call instead of a fault for each.
 * To read a page before it is written would even cost two, and the other
 * processors an interrupt. False: not done, as before Linux 5.14; then they are
 * there when they are touched.
 */
bool pages_touch(void *part, size_t size);

#endif
