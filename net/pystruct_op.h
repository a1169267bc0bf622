/*
 * net/pystruct_op.h - inside of the struct codec: a letter as an operation.
 *
 * Of a letter the format's order and alignment leave open what it does with
 * bytes: l is 4 or 8 of them, a native f becomes inf where a standard one is
 * refused. Settled once, when a format is compiled.
 */
#ifndef SOCKDECK_NET_PYSTRUCT_OP_H
#define SOCKDECK_NET_PYSTRUCT_OP_H

#include "net/pystruct.h"

enum pystruct_op {
	OP_PADDING,
	OP_S8,
	OP_S16,
	OP_S32,
	OP_S64,
	OP_U8,
	OP_U16,
	OP_U32,
	OP_U64,
	OP_BOOL,
	OP_HALF,
	OP_FLOAT,
	OP_FLOAT_TO_INF, /* native: too large is inf, as a C cast has it */
	OP_DOUBLE,
	OP_CHAR,
	OP_STRING,
	OP_PASCAL,
};

/* size: of one value of this letter in the format. */
enum pystruct_op op_of(
    const struct pystruct_code *code, size_t size, bool native);

/* That a number, as it is shown, does not fit the item. Returns -ERANGE. */
int pystruct_out_of_range(
    const struct pystruct_item *it, const char *number, struct err *err);

#endif
