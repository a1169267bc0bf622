/*
 * tui/packed.h - the bytes of a packed record by field: the same colours
 * wherever they are shown, and where a packet carries them.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_PACKED_H
#define SOCKDECK_TUI_PACKED_H

#include "capture/store.h"
#include "net/structline.h"
#include "tui/theme.h"

/* The colour of an item: fields in turn, padding like none of them. */
enum role packed_role(const struct pystruct_item *it);
/* "uint16", "float64", "char[4]", "padding" */
#define PACKED_NAME_MAX 24
const char *packed_type(
    char dst[PACKED_NAME_MAX], const struct pystruct_item *it);

/*
 * Where the record stands in the frame's payload: *ret_off, from the packet's
 * first byte. False: not there, or the record is empty.
 */
bool packed_find(
    const struct structline *s, const struct frame *f, uint32_t *ret_off);

#endif
