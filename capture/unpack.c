#include "capture/unpack.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

struct unpack {
	z_stream z;
	bool whole; /* at the end of a member */
};

bool
unpack_knows(const uint8_t *head, size_t n)
{
	return n >= 2 && head[0] == 0x1f && head[1] == 0x8b;
}

struct unpack *
unpack_new(void)
{
	enum { GZIP_ONLY = 16 };
	struct unpack *u = calloc(1, sizeof *u);

	if (u != NULL && inflateInit2(&u->z, GZIP_ONLY + MAX_WBITS) != Z_OK) {
		free(u);
		return NULL;
	}
	return u;
}

void
unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	inflateEnd(&u->z);
	free(u);
}

static unsigned
clip(size_t n)
{
	return n < INT_MAX ? (unsigned)n : INT_MAX;
}

long
unpack_some(struct unpack *u, const uint8_t *in, size_t n, size_t *ret_used,
    uint8_t *out, size_t room)
{
	z_stream *z = &u->z;
	int rc;

	*ret_used = 0;
	if (room == 0 || (n == 0 && u->whole))
		return 0;
	if (u->whole)
		inflateReset(z); /* another member follows */
	u->whole = false;
	z->next_in = in;
	z->avail_in = clip(n);
	z->next_out = out;
	z->avail_out = clip(room);
	rc = inflate(z, Z_NO_FLUSH);
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return -EBADMSG;
	u->whole = rc == Z_STREAM_END;
	*ret_used = clip(n) - z->avail_in;
	return (long)(clip(room) - z->avail_out);
}

bool
unpack_whole(const struct unpack *u)
{
	return u->whole;
}
