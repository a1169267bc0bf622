#include "capture/pcapng.h"

#include <stdbool.h>
#include <string.h>

#include "net/base/bytes.h"

enum { MAJOR = 1, MINOR = 0, WORD = 4, NANOSECONDS = 9 };

static void
add16(struct buf *b, unsigned v)
{
	uint8_t bytes[2];
	struct wr w = wr_init(bytes, sizeof bytes);

	wr_le16(&w, (uint16_t)v);
	buf_add(b, bytes, sizeof bytes);
}

static void
add32(struct buf *b, uint32_t v)
{
	uint8_t bytes[4];
	struct wr w = wr_init(bytes, sizeof bytes);

	wr_le32(&w, v);
	buf_add(b, bytes, sizeof bytes);
}

/* Everything in a block begins at a multiple of four bytes. */
static void
add_padded(struct buf *b, const void *bytes, size_t n)
{
	static const uint8_t zero[WORD];

	buf_add(b, bytes, n);
	buf_add(b, zero, (WORD - n % WORD) % WORD);
}

static void
add_option(struct buf *b, enum pcapng_option code, const void *bytes, size_t n)
{
	add16(b, code);
	add16(b, (unsigned)n);
	add_padded(b, bytes, n);
}

/* Where the block starts, for end_block(): its length is not known yet. */
static size_t
begin_block(struct buf *b, enum pcapng_block type)
{
	size_t start = b->len;

	add32(b, type);
	add32(b, 0);
	return start;
}

static void
end_block(struct buf *b, size_t start)
{
	uint32_t len = (uint32_t)(b->len - start + WORD);
	struct wr w;

	add32(b, len);
	if (b->full)
		return;
	w = wr_init(b->data + start + WORD, WORD);
	wr_le32(&w, len);
}

void
pcapng_section(struct buf *b, const char *application)
{
	size_t start = begin_block(b, BLOCK_SECTION);

	add32(b, PCAPNG_BYTE_ORDER);
	add16(b, MAJOR);
	add16(b, MINOR);
	add32(b, UINT32_MAX); /* its length: not told */
	add32(b, UINT32_MAX);
	add_option(b, SHB_USERAPPL, application, strlen(application));
	add_option(b, OPT_END, NULL, 0);
	end_block(b, start);
}

void
pcapng_interface(struct buf *b, uint16_t link_type, uint32_t snaplen)
{
	size_t start = begin_block(b, BLOCK_INTERFACE);

	add16(b, link_type);
	add16(b, 0);
	add32(b, snaplen);
	add_option(b, IF_TSRESOL, &(uint8_t){NANOSECONDS}, 1);
	add_option(b, OPT_END, NULL, 0);
	end_block(b, start);
}

static void
add_comments(struct buf *b, const char *lines)
{
	while (*lines != '\0') {
		size_t n = strcspn(lines, "\n");

		if (n > 0)
			add_option(b, OPT_COMMENT, lines, n);
		lines += n + (lines[n] == '\n');
	}
	add_option(b, OPT_END, NULL, 0);
}

void
pcapng_packet(struct buf *b, uint32_t interface, const struct packet *p,
    const char *comments)
{
	uint64_t ns = p->ts_ns > 0 ? (uint64_t)p->ts_ns : 0;
	size_t start = begin_block(b, BLOCK_ENHANCED);

	add32(b, interface);
	add32(b, (uint32_t)(ns >> 32));
	add32(b, (uint32_t)ns);
	add32(b, p->cap_len);
	add32(b, p->wire_len);
	add_padded(b, p->data, p->cap_len);
	if (comments != NULL && comments[0] != '\0')
		add_comments(b, comments);
	end_block(b, start);
}
