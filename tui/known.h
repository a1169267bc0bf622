/*
 * tui/known.h - the ports and hosts that are in the capture, for completion.
 *
 * Owns:   values only.  Thread: main.  Blocks: never.
 * Bounds: of the KNOWN_FLOWS newest conversations KNOWN_MAX of each.
 */
#ifndef SOCKDECK_TUI_KNOWN_H
#define SOCKDECK_TUI_KNOWN_H

#include "capture/flow.h"

#define KNOWN_MAX 64
#define KNOWN_FLOWS 2000

struct known {
	char ports[KNOWN_MAX][8]; /* servers' first, then clients' */
	char hosts[KNOWN_MAX][ADDR_TEXT_MAX];
	int port_count, host_count;
};

void known_gather(struct known *k, const struct flow_table *flows);

#endif
