#include "tui/packed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COLOURS (ROLE_PACKED_6 - ROLE_PACKED_1 + 1)

enum role
packed_role(const struct pystruct_item *it)
{
	if (pystruct_is_padding(it))
		return ROLE_DIM;
	return (enum role)(ROLE_PACKED_1 + (int)(it->index % COLOURS));
}

const char *
packed_type(char dst[PACKED_NAME_MAX], const struct pystruct_item *it)
{
	const struct pystruct_code *code = it->field->code;
	unsigned bits = (unsigned)it->len * 8;

	switch ((enum pystruct_kind)code->kind) {
	case PYSTRUCT_PADDING:
		snprintf(dst, PACKED_NAME_MAX, "padding");
		break;
	case PYSTRUCT_SIGNED:
		snprintf(dst, PACKED_NAME_MAX, "int%u", bits);
		break;
	case PYSTRUCT_UNSIGNED:
		snprintf(dst, PACKED_NAME_MAX, "uint%u", bits);
		break;
	case PYSTRUCT_BOOL:
		snprintf(dst, PACKED_NAME_MAX, "bool");
		break;
	case PYSTRUCT_FLOAT:
		snprintf(dst, PACKED_NAME_MAX, "float%u", bits);
		break;
	case PYSTRUCT_BYTES:
		snprintf(dst, PACKED_NAME_MAX,
		    code->letter == 'c' ? "char" : "char[%" PRIu64 "]",
		    it->len);
		break;
	}
	return dst;
}

bool
packed_find(
    const struct structline *s, const struct frame *f, uint32_t *ret_off)
{
	const uint8_t *payload = f->packet.data + f->sum.payload_off;
	const uint8_t *at;

	if (s->ps.size == 0)
		return false;
	at = memmem(payload, f->sum.payload_cap, s->bytes, (size_t)s->ps.size);
	if (at == NULL)
		return false;
	*ret_off = (uint32_t)(at - f->packet.data);
	return true;
}
