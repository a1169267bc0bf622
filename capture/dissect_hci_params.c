/* Parameters of HCI commands and events, read by their tables. */
#include <string.h>

#include "capture/dissect_hci.h"

void
layer_name(struct layer *l, const struct field_def *def, size_t n)
{
	size_t off = rd_off(&l->r), len;
	const uint8_t *p = l->r.p, *end;

	if (rd_left(&l->r) < n) { /* says what is missing */
		layer_bytes(l, def, n, NULL);
		return;
	}
	end = n > 0 ? memchr(p, 0, n) : NULL;
	len = end != NULL ? (size_t)(end - p) : n;
	rd_skip(&l->r, n);
	layer_string(l, def, off, n, p, len);
}

uint32_t
layer_opcode(struct layer *l, const struct opcode_defs *d)
{
	uint32_t opcode = layer_uint_le(l, d->opcode, 2);

	layer_add_bits(l, d->ogf);
	layer_add_bits(l, d->ocf);
	return opcode;
}

static void
read_param(struct layer *l, const struct hci_forms *t, unsigned def)
{
	const struct field_def *d = &t->defs[def];
	const char *remark;

	if (t->sizes[def] == 0) {
		t->special(l, def);
	} else if (d->kind == KIND_STRING) {
		layer_name(l, d, t->sizes[def]);
	} else if (d->kind == KIND_BYTES || d->kind == KIND_BDADDR) {
		layer_bytes(l, d, t->sizes[def], NULL);
	} else {
		remark = t->remark(def, layer_uint_le(l, d, t->sizes[def]));
		layer_remark_name(l, remark);
	}
}

bool
hci_params(struct layer *l, const struct hci_forms *t, uint32_t code)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct hci_form *f = &t->forms[i];

		if (f->code != code)
			continue;
		for (size_t k = 0;
		     k < sizeof f->params && f->params[k] != 0 && layer_ok(l);
		     k++)
			read_param(l, t, f->params[k]);
		return true;
	}
	return false;
}
