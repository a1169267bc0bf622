#include "capture/prefault.h"

#include <sys/mman.h>

void
prefault_init(struct prefault *p)
{
	*p = (struct prefault){0};
	pthread_mutex_init(&p->lock, NULL);
}

void
prefault_done(struct prefault *p)
{
	pthread_mutex_destroy(&p->lock);
}

void
prefault_table(struct prefault *p, void *table, size_t size, size_t entry_size)
{
	pthread_mutex_lock(&p->lock);
	p->table = table;
	p->size = size;
	p->entry_size = entry_size;
	p->ready = 0;
	pthread_mutex_unlock(&p->lock);
}

/* Bytes up to the end of the piece that these end in. */
static size_t
whole_pieces(const struct prefault *p, uint64_t entries)
{
	size_t pieces = (size_t)entries * p->entry_size / PREFAULT_PIECE + 1;

	return pieces < p->size / PREFAULT_PIECE ? pieces * PREFAULT_PIECE
						 : p->size;
}

static void
make_ready(struct prefault *p, size_t end)
{
	uint8_t *from = p->table + p->ready;

	if (madvise(from, end - p->ready, MADV_POPULATE_WRITE) < 0)
		p->table = NULL; /* not here: it is cleared as it is filled */
	p->ready = end;
}

void
prefault_reach(struct prefault *p, uint64_t entries)
{
	pthread_mutex_lock(&p->lock);
	if (p->table != NULL && entries > p->ready / p->entry_size &&
	    entries <= p->size / p->entry_size)
		make_ready(p, whole_pieces(p, entries));
	pthread_mutex_unlock(&p->lock);
}
