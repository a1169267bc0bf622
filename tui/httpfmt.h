/*
 * tui/httpfmt.h - the head of an HTTP response, parsed, as rows beside its raw
 * bytes: the status line, then a row for each header field.
 *
 * Only what a record keeps of the bytes can be parsed (CALL_DATA_MAX): a longer
 * head ends with a row that says so.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_HTTPFMT_H
#define SOCKDECK_TUI_HTTPFMT_H

#include "net/call.h"
#include "tui/canvas.h"

#define HTTPFMT_ROWS_MAX 30 /* more are not shown */

struct httpfmt_row {
	char name[4 * 32]; /* "Content-Length"; of the first row "HTTP/1.1" */
	char value[4 * CALL_DATA_MAX]; /* both escaped */
	const char *meaning; /* "" if there is none to tell */
};

/* How many rows; 0: no response begins here. */
int httpfmt_rows(const struct call *c);
/* The i-th row, i < httpfmt_rows(c). */
void httpfmt_row(const struct call *c, int i, struct httpfmt_row *ret);
void httpfmt_draw(
    struct canvas *c, struct area a, int y, const struct call *call, int i);

#endif
