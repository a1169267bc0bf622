/*
 * capture/dissect_struct.h - records of Python's struct, by a format that a
 * user has agreed upon: nothing in the bytes tells it.
 *
 * Owns:   nothing; formats are borrowed.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_DISSECT_STRUCT_H
#define SOCKDECK_CAPTURE_DISSECT_STRUCT_H

#include "capture/dissect_internal.h"
#include "net/pystruct.h"

/*
 * As one or more records; false, and nothing was added: no format is known for
 * these ports, or the bytes are no whole records.
 */
bool dissect_records(
    struct build *b, struct rd r, uint16_t src_port, uint16_t dst_port);

#endif
