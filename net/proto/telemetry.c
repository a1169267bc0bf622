#include "net/proto/telemetry.h"

#include <assert.h>
#include <math.h>

/* How a value of a kind is written. */
enum form { FORM_SIGNED, FORM_UNSIGNED, FORM_BOOL, FORM_REAL, FORM_TEXT };

static const struct kind {
	char letter;
	uint8_t form; /* enum form */
	uint8_t size; /* bytes; 0: up to the end */
	const char *name;
} kinds[] = {
    {'b', FORM_SIGNED, 1, "signed char"},
    {'h', FORM_SIGNED, 2, "short"},
    {'i', FORM_SIGNED, 4, "int"},
    {'q', FORM_SIGNED, 8, "long long"},
    {'B', FORM_UNSIGNED, 1, "unsigned char"},
    {'H', FORM_UNSIGNED, 2, "unsigned short"},
    {'I', FORM_UNSIGNED, 4, "unsigned int"},
    {'Q', FORM_UNSIGNED, 8, "unsigned long long"},
    {'f', FORM_REAL, 4, "float"},
    {'d', FORM_REAL, 8, "double"},
    {'?', FORM_BOOL, 1, "bool"},
    {'s', FORM_TEXT, 0, "text"},
};

static const struct kind *
kind_of(char letter)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].letter == letter)
			return &kinds[i];
	return NULL;
}

const char *
telemetry_kind_name(char kind)
{
	const struct kind *k = kind_of(kind);

	return k != NULL ? k->name : NULL;
}

size_t
telemetry_kind_size(char kind)
{
	const struct kind *k = kind_of(kind);

	return k != NULL ? k->size : 0;
}

const char *
telemetry_type_name(unsigned type)
{
	static const char *const names[] = {
#define X(name, number) [number] = #name,
	    TELEMETRY_TYPES(X)
#undef X
	};

	return type < sizeof names / sizeof *names ? names[type] : NULL;
}

const char *
telemetry_fault_text(unsigned fault)
{
	static const char *const texts[TELEMETRY_FAULT_COUNT] = {
#define X(name, number, text) [number] = text,
	    TELEMETRY_FAULTS(X)
#undef X
	};

	return fault < TELEMETRY_FAULT_COUNT ? texts[fault]
					     : "for no reason "
					       "known here";
}

/* ---- numbers ---- */

static uint64_t
rd_word(struct rd *r, size_t size)
{
	uint64_t word = 0;

	while (size-- > 0)
		word = word << 8 | rd_u8(r);
	return word;
}

static void
wr_word(struct wr *w, size_t size, uint64_t word)
{
	while (size-- > 0)
		wr_u8(w, (uint8_t)(word >> 8 * size));
}

static int64_t
sign_extend(uint64_t word, size_t size)
{
	uint64_t sign = UINT64_C(1) << (8 * size - 1);

	return (int64_t)((word ^ sign) - sign);
}

static double
real_of(uint64_t word, size_t size)
{
	uint32_t half = (uint32_t)word;
	double d;
	float f;

	if (size == sizeof f) {
		memcpy(&f, &half, sizeof f);
		return (double)f;
	}
	memcpy(&d, &word, sizeof d);
	return d;
}

static uint64_t
word_of_real(double d, size_t size)
{
	float f = (float)d;
	uint64_t word;
	uint32_t half;

	if (size == sizeof f) {
		memcpy(&half, &f, sizeof half);
		return half;
	}
	memcpy(&word, &d, sizeof word);
	return word;
}

/* ---- values ---- */

static enum telemetry_fault
decode_text(struct rd *r, struct telemetry_value *v)
{
	size_t len = rd_wire_left(r);

	if (len == 0 || len > TELEMETRY_TEXT_MAX)
		return TELEMETRY_FAULT_VALUE;
	v->len = (uint8_t)len;
	rd_copy(r, v->text, len);
	return TELEMETRY_FAULT_FINE;
}

static enum telemetry_fault
decode_value(struct rd *r, struct telemetry_value *v)
{
	const struct kind *k;
	uint64_t word;

	v->kind = (char)rd_u8(r);
	k = kind_of(v->kind);
	if (r->state != RD_OK)
		return TELEMETRY_FAULT_SHORT;
	if (k == NULL)
		return TELEMETRY_FAULT_KIND;
	if (k->form == FORM_TEXT)
		return decode_text(r, v);
	word = rd_word(r, k->size);
	if (k->form == FORM_SIGNED)
		v->i = sign_extend(word, k->size);
	else if (k->form == FORM_REAL)
		v->d = real_of(word, k->size);
	else
		v->u = word;
	if (r->state == RD_OK && ((k->form == FORM_REAL && !isfinite(v->d)) ||
				     (k->form == FORM_BOOL && v->u > 1)))
		return TELEMETRY_FAULT_VALUE;
	return TELEMETRY_FAULT_FINE;
}

static void
encode_value(struct wr *w, const struct telemetry_value *v)
{
	const struct kind *k = kind_of(v->kind);

	assert(k != NULL);
	wr_u8(w, (uint8_t)v->kind);
	if (k->form == FORM_TEXT) {
		assert(v->len > 0 && v->len <= TELEMETRY_TEXT_MAX);
		wr_bytes(w, v->text, v->len);
	} else if (k->form == FORM_REAL) {
		assert(isfinite(real_of(word_of_real(v->d, k->size), k->size)));
		wr_word(w, k->size, word_of_real(v->d, k->size));
	} else if (k->form == FORM_SIGNED) {
		wr_word(w, k->size, (uint64_t)v->i);
	} else {
		wr_word(w, k->size, v->u);
	}
}

double
telemetry_number(const struct telemetry_value *v)
{
	const struct kind *k = kind_of(v->kind);

	if (k == NULL || k->form == FORM_TEXT)
		return 0;
	if (k->form == FORM_REAL)
		return v->d;
	return k->form == FORM_SIGNED ? (double)v->i : (double)v->u;
}

/* ---- messages ---- */

enum telemetry_fault
telemetry_length(const uint8_t *p, size_t n, size_t *ret_len)
{
	size_t len;

	*ret_len = 0;
	if (n > 0 && p[0] != TELEMETRY_VERSION)
		return TELEMETRY_FAULT_VERSION;
	if (n < 4)
		return TELEMETRY_FAULT_FINE;
	len = (size_t)p[2] << 8 | p[3];
	if (len < TELEMETRY_HEADER_LEN || len > TELEMETRY_MAX)
		return TELEMETRY_FAULT_LENGTH;
	*ret_len = len;
	return TELEMETRY_FAULT_FINE;
}

static enum telemetry_fault
decode_header(struct rd *r, struct telemetry_message *m)
{
	size_t whole = rd_wire_left(r);
	uint8_t version = rd_u8(r), type = rd_u8(r);
	uint16_t length = rd_be16(r);

	m->seq = rd_be32(r);
	m->time_ns = (int64_t)rd_be64(r);
	/* A version that is not known may be shorter. */
	if (whole > 0 && version != TELEMETRY_VERSION)
		return TELEMETRY_FAULT_VERSION;
	if (r->state != RD_OK)
		return TELEMETRY_FAULT_SHORT;
	if (length != whole || length > TELEMETRY_MAX)
		return TELEMETRY_FAULT_LENGTH;
	if (telemetry_type_name(type) == NULL)
		return TELEMETRY_FAULT_TYPE;
	m->type = (enum telemetry_type)type;
	return TELEMETRY_FAULT_FINE;
}

static enum telemetry_fault
decode_body(struct rd *r, struct telemetry_message *m)
{
	switch (m->type) {
	case TELEMETRY_READING:
		m->sensor = rd_be16(r);
		m->period_ms = rd_be16(r);
		return decode_value(r, &m->value);
	case TELEMETRY_ACK:
		m->about = rd_be32(r);
		m->sensor = rd_be16(r);
		m->count = rd_be32(r);
		m->mean = real_of(rd_be64(r), sizeof m->mean);
		if (!isfinite(m->mean))
			return TELEMETRY_FAULT_VALUE;
		break;
	case TELEMETRY_PERIOD:
		m->about = rd_be32(r);
		m->period_ms = rd_be16(r);
		if (r->state == RD_OK && m->period_ms == 0)
			return TELEMETRY_FAULT_NO_PERIOD;
		break;
	case TELEMETRY_ERROR:
		m->about = rd_be32(r);
		m->reason = rd_u8(r);
		break;
	}
	return TELEMETRY_FAULT_FINE;
}

enum telemetry_fault
telemetry_decode(struct rd *r, struct telemetry_message *ret)
{
	enum telemetry_fault fault;

	*ret = (struct telemetry_message){0};
	fault = decode_header(r, ret);
	if (fault == TELEMETRY_FAULT_FINE)
		fault = decode_body(r, ret);
	if (fault == TELEMETRY_FAULT_FINE && r->state != RD_OK)
		fault = TELEMETRY_FAULT_SHORT;
	if (fault == TELEMETRY_FAULT_FINE && rd_wire_left(r) > 0)
		fault = TELEMETRY_FAULT_TAIL;
	return fault;
}

static void
encode_body(struct wr *w, const struct telemetry_message *m)
{
	switch (m->type) {
	case TELEMETRY_READING:
		wr_be16(w, m->sensor);
		wr_be16(w, m->period_ms);
		encode_value(w, &m->value);
		break;
	case TELEMETRY_ACK:
		assert(isfinite(m->mean));
		wr_be32(w, m->about);
		wr_be16(w, m->sensor);
		wr_be32(w, m->count);
		wr_be64(w, word_of_real(m->mean, sizeof m->mean));
		break;
	case TELEMETRY_PERIOD:
		assert(m->period_ms > 0);
		wr_be32(w, m->about);
		wr_be16(w, m->period_ms);
		break;
	case TELEMETRY_ERROR:
		wr_be32(w, m->about);
		wr_u8(w, m->reason);
		break;
	}
}

void
telemetry_encode(struct wr *w, const struct telemetry_message *m)
{
	uint8_t bytes[TELEMETRY_MAX];
	struct wr body = wr_init(bytes, sizeof bytes - TELEMETRY_HEADER_LEN);

	encode_body(&body, m);
	assert(!body.full);
	wr_u8(w, TELEMETRY_VERSION);
	wr_u8(w, (uint8_t)m->type);
	wr_be16(w, (uint16_t)(TELEMETRY_HEADER_LEN + wr_len(&body)));
	wr_be32(w, m->seq);
	wr_be64(w, (uint64_t)m->time_ns);
	wr_bytes(w, bytes, wr_len(&body));
}

/* ---- messages in a stream ---- */

/* Move bytes until the message has n of them. False: in had fewer. */
static bool
gather(struct telemetry_framer *f, struct rd *in, size_t n)
{
	size_t take = n - f->len;

	if (take > rd_left(in))
		take = rd_left(in);
	rd_copy(in, f->part + f->len, take);
	f->len += take;
	return f->len == n;
}

bool
telemetry_frame(struct telemetry_framer *f, struct rd *in, struct rd *ret)
{
	size_t len = 0;

	while (f->fault == TELEMETRY_FAULT_FINE && rd_left(in) > 0) {
		if (len == 0 && f->len < 4)
			gather(f, in, f->len + 1);
		f->fault = telemetry_length(f->part, f->len, &len);
		if (len == 0 || !gather(f, in, len))
			continue;
		*ret = rd_init(f->part, len, len);
		f->len = 0;
		return true;
	}
	return false;
}
