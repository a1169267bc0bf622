#include "net/base/packet.h"

#include <stdlib.h>
#include <string.h>

struct batch *
batch_new(void)
{
	struct batch *b = malloc(sizeof *b); /* pages appear as they are used */

	if (b != NULL)
		b->count = b->used = 0;
	return b;
}

_Bool
batch_add(struct batch *b, const struct packet *p)
{
	if (b->count == BATCH_PACKETS || p->cap_len > BATCH_BYTES - b->used)
		return 0;
	b->packets[b->count] = *p;
	b->packets[b->count].data = b->bytes + b->used;
	memcpy(b->bytes + b->used, p->data, p->cap_len);
	b->count++;
	b->used += p->cap_len;
	return 1;
}
