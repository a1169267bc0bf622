#include "capture/batch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct batch_pool {
	pthread_mutex_t lock;
	struct batch *free;
	unsigned free_count;
	unsigned refs; /* batches in use, and who made it */
	bool left; /* who made it has gone: no more are needed */
};

struct batch_pool *
batch_pool_new(void)
{
	struct batch_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL)
		return NULL;
	flow_key_seed();
	pthread_mutex_init(&pool->lock, NULL);
	pool->refs = 1;
	return pool;
}

static void
unref(struct batch_pool *pool)
{
	if (--pool->refs > 0) {
		pthread_mutex_unlock(&pool->lock);
		return;
	}
	pthread_mutex_unlock(&pool->lock);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void
batch_pool_free(struct batch_pool *pool)
{
	struct batch *b;

	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	while ((b = pool->free) != NULL) {
		pool->free = b->next;
		free(b);
	}
	pool->left = true;
	unref(pool);
}

static void
give_back(struct batch_pool *pool, struct batch *b)
{
	pthread_mutex_lock(&pool->lock);
	if (!pool->left && pool->free_count < BATCH_POOL_MAX) {
		pool->free_count++;
		b->next = pool->free;
		pool->free = b;
	} else {
		free(b);
	}
	unref(pool);
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
		pool->refs++;
	} else {
		b = NULL;
	}
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
		if (b == NULL)
			return NULL;
		pthread_mutex_lock(&pool->lock);
		pool->refs++;
		pthread_mutex_unlock(&pool->lock);
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
batch_take_copy(struct batch *b)
{
	struct packet *p = &b->packets[b->count];
	uint8_t *bytes = b->bytes + b->used;

	if (p->cap_len > b->room - b->used)
		return false;
	summary_read(p, &b->sums[b->count++]);
	memcpy(bytes, p->data, p->cap_len);
	p->data = bytes;
	b->used += p->cap_len;
	return true;
}

/* Take off what the home has lost: packets lie in it in their order. */
static void
drop_lost(struct batch *b)
{
	size_t size = mapping_ask(b->home);

	for (; b->count > 0; b->count--) {
		const struct packet *last = &b->packets[b->count - 1];
		size_t place = (size_t)(last->data - mapping_bytes(b->home));

		if (place + last->cap_len <= size)
			return;
	}
}

bool
batch_seal(struct batch *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		flow_mark(&b->packets[i], &b->sums[i], &b->marks[i]);
	if (b->home == NULL)
		return true;
	drop_lost(b);
	return mapping_loss(b->home) == 0;
}
