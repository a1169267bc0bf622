/*
 * tui/calls_title.h - what runs in the server pane and in the client pane, and
 * how it stands, in a line.
 *
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_CALLS_TITLE_H
#define SOCKDECK_TUI_CALLS_TITLE_H

#include <stddef.h>

#include "tui/view.h"

void title_server(const struct view *v, char *dst, size_t size);
void title_client(const struct view *v, char *dst, size_t size);
/* What "." means now, and what it is: ". is 7: tcp 127.0.0.1:7000 LISTEN". */
void title_hand(const struct view *v, enum side side, char *dst, size_t size);

#endif
