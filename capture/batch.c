#include "capture/batch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct batch_pool {
	pthread_mutex_t lock;
	struct batch *free;
	unsigned free_count;
	unsigned refs; /* batches in use, and who made it */
};

struct batch_pool *
batch_pool_new(void)
{
	struct batch_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pool->refs = 1;
	return pool;
}

/* A batch comes back, or NULL: its maker goes. */
static void
give_back(struct batch_pool *pool, struct batch *b)
{
	struct batch *next;
	unsigned refs;

	pthread_mutex_lock(&pool->lock);
	refs = --pool->refs;
	if (b != NULL && pool->free_count < BATCH_POOL_MAX) {
		pool->free_count++;
		b->next = pool->free;
		pool->free = b;
		b = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	free(b);
	if (refs > 0)
		return;
	for (b = pool->free; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void
batch_pool_free(struct batch_pool *pool)
{
	if (pool != NULL)
		give_back(pool, NULL);
}

/* A used one with that room; NULL: none. */
static struct batch *
take(struct batch_pool *pool, size_t room)
{
	struct batch *b;

	pthread_mutex_lock(&pool->lock);
	b = pool->free;
	if (b != NULL && b->room >= room) {
		pool->free = b->next;
		pool->free_count--;
	} else {
		b = NULL;
	}
	pool->refs++;
	pthread_mutex_unlock(&pool->lock);
	return b;
}

struct batch *
batch_new(struct batch_pool *pool, struct mapping *home)
{
	size_t room = home != NULL ? 0 : BATCH_BYTES;
	struct batch *b = take(pool, room);

	if (b == NULL) {
		b = malloc(sizeof *b + room);
		if (b == NULL) {
			give_back(pool, NULL);
			return NULL;
		}
		b->room = room;
		b->pool = pool;
	}
	b->count = b->used = 0;
	b->home = home != NULL ? mapping_ref(home) : NULL;
	return b;
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	mapping_unref(b->home);
	give_back(b->pool, b);
}

bool
batch_add(struct batch *b, const struct packet *p, size_t place)
{
	struct packet *mine;

	if (b->count == BATCH_PACKETS ||
	    (b->home == NULL && p->cap_len > b->room - b->used))
		return false;
	mine = &b->packets[b->count];
	*mine = *p;
	summary_read(p, &b->sums[b->count++]);
	if (b->home != NULL) {
		mine->data = mapping_bytes(b->home) + place;
		return true;
	}
	mine->data = b->bytes + b->used;
	memcpy(b->bytes + b->used, p->data, p->cap_len);
	b->used += p->cap_len;
	return true;
}
