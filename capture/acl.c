#include "capture/acl.h"

#include <stdlib.h>
#include <string.h>

#include "capture/hci.h"

#define FRAME_MAX (L2CAP_HEADER_LEN + UINT16_MAX)

struct acl_frames {
	uint8_t data[FRAME_MAX];
	uint64_t frames[ACL_FRAGMENTS]; /* oldest first, once found */
	uint64_t back[ACL_FRAGMENTS]; /* newest first */
};

struct acl_frames *
acl_frames_new(void)
{
	return calloc(1, sizeof(struct acl_frames));
}

void
acl_frames_free(struct acl_frames *a)
{
	free(a);
}

/* One packet: of which connection and direction, and what it carries. */
struct piece {
	struct acl_packet acl;
	uint16_t adapter;
	uint8_t dir;
};

static bool
piece_of(const struct store *s, uint64_t id, struct piece *ret)
{
	struct hci_packet h;
	struct packet p;

	if (!store_packet(s, id, &p) || !hci_is_link(p.link_type))
		return false;
	h = hci_open(&p);
	ret->adapter = h.adapter;
	ret->dir = h.dir;
	return acl_open(&h, &ret->acl);
}

static bool
same_way(const struct piece *a, const struct piece *b)
{
	return a->adapter == b->adapter && a->dir == b->dir &&
	       a->acl.handle == b->acl.handle;
}

/* Back to where it begins; returns how many packets, 0: it is not to be found. */
static size_t
search(struct acl_frames *a, const struct store *s, uint64_t id,
    const struct piece *last)
{
	uint64_t stop = id > ACL_BACK ? id - ACL_BACK : 0;
	struct piece p;
	size_t n = 0;

	for (; id > stop && n < ACL_FRAGMENTS; id--) {
		if (!piece_of(s, id, &p) || !same_way(&p, last))
			continue;
		a->back[n++] = id;
		if (p.acl.boundary != ACL_CONTINUES)
			return n;
	}
	return 0;
}

uint64_t
acl_find(
    struct acl_frames *a, const struct store *s, uint64_t id, struct whole *ret)
{
	size_t n, len = 0, want = 0;
	struct piece p;

	*ret = (struct whole){0};
	if (!piece_of(s, id, &p))
		return 0;
	n = p.acl.boundary == ACL_CONTINUES ? search(a, s, id, &p) : 0;
	for (size_t i = 0; i < n; i++) {
		size_t here;

		a->frames[i] = a->back[n - 1 - i];
		if (!piece_of(s, a->frames[i], &p))
			return 0;
		here = rd_left(&p.acl.r);
		if (p.acl.r.uncaptured > 0 || here > FRAME_MAX - len ||
		    (i > 0 && len >= want))
			return a->frames[0];
		memcpy(a->data + len, p.acl.r.p, here);
		len += here;
		if (i == 0 && len < L2CAP_HEADER_LEN)
			return a->frames[0];
		want =
		    L2CAP_HEADER_LEN + (size_t)(a->data[0] | a->data[1] << 8);
	}
	if (n == 0)
		return 0;
	if (len == want)
		*ret = (struct whole){a->data, len, a->frames, n};
	return a->frames[0];
}
