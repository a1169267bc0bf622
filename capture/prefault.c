#include "capture/prefault.h"

#include "capture/pages.h"

#define LEAD (4 * PREFAULT_PIECE)

void
prefault_init(struct prefault *p)
{
	*p = (struct prefault){0};
	pthread_mutex_init(&p->lock, NULL);
	atomic_init(&p->enough, UINT64_MAX);
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
	atomic_store(&p->wanted, 0);
	atomic_store(&p->enough, table != NULL ? 0 : UINT64_MAX);
	pthread_mutex_unlock(&p->lock);
}

/* Bytes up to the end of the piece that these end in. */
static size_t
whole_pieces(const struct prefault *p, size_t bytes)
{
	size_t pieces = bytes / PREFAULT_PIECE + 1;

	return pieces < p->size / PREFAULT_PIECE ? pieces * PREFAULT_PIECE
						 : p->size;
}

static bool
has_room_for(const struct prefault *p, uint64_t entries)
{
	return p->table != NULL && entries <= p->size / p->entry_size;
}

static void
make_ready(struct prefault *p, size_t end)
{
	uint8_t *from = p->table + p->ready;

	if (!pages_touch(from, end - p->ready))
		p->table = NULL; /* not here: it is cleared as it is filled */
	p->ready = end;
	atomic_store(
	    &p->enough, p->table != NULL ? end / p->entry_size : UINT64_MAX);
}

void
prefault_reach(struct prefault *p, uint64_t entries)
{
	atomic_store(&p->wanted, entries);
	if (entries <= atomic_load(&p->enough))
		return;
	pthread_mutex_lock(&p->lock);
	if (has_room_for(p, entries) && entries > p->ready / p->entry_size)
		make_ready(p, whole_pieces(p, entries * p->entry_size));
	pthread_mutex_unlock(&p->lock);
}

bool
prefault_help(struct prefault *p)
{
	uint64_t wanted = atomic_load(&p->wanted);
	bool helps;

	pthread_mutex_lock(&p->lock);
	helps = has_room_for(p, wanted) && p->ready < p->size &&
		p->ready < whole_pieces(p, wanted * p->entry_size) + LEAD;
	if (helps)
		make_ready(p, whole_pieces(p, p->ready));
	pthread_mutex_unlock(&p->lock);
	return helps;
}
