#include "capture/rfcomm.h"

#include <stddef.h>

const char *
rfcomm_type_name(uint8_t type)
{
	switch (type) {
	case RFCOMM_SABM:
		return "SABM";
	case RFCOMM_UA:
		return "UA";
	case RFCOMM_DM:
		return "DM";
	case RFCOMM_DISC:
		return "DISC";
	case RFCOMM_UIH:
		return "UIH";
	default:
		return NULL;
	}
}

const char *
rfcomm_mcc_name(uint8_t type)
{
	switch (type) {
	case MCC_NSC:
		return "NSC";
	case MCC_TEST:
		return "Test";
	case MCC_RLS:
		return "RLS";
	case MCC_FCOFF:
		return "FCoff";
	case MCC_PN:
		return "PN";
	case MCC_RPN:
		return "RPN";
	case MCC_FCON:
		return "FCon";
	case MCC_MSC:
		return "MSC";
	default:
		return NULL;
	}
}

const char *
rfcomm_state_name(enum rfcomm_state s)
{
	static const char *const names[] = {
#define X(NAME, text) [RFCOMM_##NAME] = text,
	    RFCOMM_STATES(X)
#undef X
	};

	return names[s];
}

bool
rfcomm_open(struct rd *r, struct rfcomm_frame *ret)
{
	size_t start = rd_off(r);
	uint8_t address = rd_u8(r), control = rd_u8(r), len = rd_u8(r);

	*ret = (struct rfcomm_frame){
	    .dlci = address >> 2,
	    .type = control & 0xef,
	    .command = (address & 2) != 0,
	    .poll = (control & 0x10) != 0,
	    .len = len >> 1,
	};
	if ((len & 1) == 0) /* its second byte has the higher bits */
		ret->len = (uint16_t)(ret->len | rd_u8(r) << 7);
	ret->has_credits =
	    ret->type == RFCOMM_UIH && ret->dlci != 0 && ret->poll;
	if (ret->has_credits)
		ret->credits = rd_u8(r);
	ret->header_len = (uint8_t)(rd_off(r) - start);
	return r->state == RD_OK && (address & 1) != 0 &&
	       rfcomm_type_name(ret->type) != NULL;
}

bool
rfcomm_by_initiator(const struct rfcomm_frame *f)
{
	bool response = f->type == RFCOMM_UA || f->type == RFCOMM_DM;

	return f->command != response;
}

bool
rfcomm_by_server(const struct rfcomm_frame *f)
{
	return rfcomm_by_initiator(f) == ((f->dlci & 1) != 0);
}

uint8_t
rfcomm_fcs(const uint8_t *p, size_t n)
{
	enum { POLYNOMIAL_REVERSED = 0xe0 }; /* x^8 + x^2 + x + 1 */
	uint8_t crc = 0xff;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 1) != 0
				  ? (uint8_t)(crc >> 1 ^ POLYNOMIAL_REVERSED)
				  : crc >> 1;
	}
	return (uint8_t)(0xff - crc);
}
