#include "capture/batch.h"

#include <stdlib.h>
#include <string.h>

struct batch *
batch_new(struct mapping *home)
{
	struct batch *b;

	/* Pages appear as they are used. */
	b = malloc(sizeof *b + (home != NULL ? 0 : BATCH_BYTES));
	if (b == NULL)
		return NULL;
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
	free(b);
}

bool
batch_add(struct batch *b, const struct packet *p)
{
	struct packet *mine;

	if (b->count == BATCH_PACKETS ||
	    (b->home == NULL && p->cap_len > BATCH_BYTES - b->used))
		return false;
	mine = &b->packets[b->count];
	*mine = *p;
	if (b->home == NULL) {
		mine->data = b->bytes + b->used;
		memcpy(b->bytes + b->used, p->data, p->cap_len);
		b->used += p->cap_len;
	}
	summary_read(mine, &b->sums[b->count++]);
	return true;
}
