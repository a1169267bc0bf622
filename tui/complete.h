/*
 * tui/complete.h - what the last word of a typed line may become.
 *
 * Of a command that is one of the words or the things (OPTION, COLUMN, FILE)
 * that its args name in the command table, so that the two cannot drift apart;
 * of a filter its vocabulary, and the ports and hosts in the capture.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_COMPLETE_H
#define SOCKDECK_TUI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/known.h"

/*
 * The last word of a line that has a command's name before it. A whole one
 * leads to the next. Into dst; false: none. known may be NULL.
 */
bool complete_word(
    const char *line, const struct known *known, char *dst, size_t size);
/* The same of a capture filter. */
bool complete_filter(
    const char *line, const struct known *known, char *dst, size_t size);

#endif
