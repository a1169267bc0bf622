/*
 * tests/e2e/modes.h - which private modes a program has set on its terminal.
 *
 * libvterm reports only some of them, and of `CSI ? 1002 ; 1006 h` it reads
 * only the first, so this follows the bytes themselves.
 *
 * Owns:   nothing.  Blocks: never.  Source: xterm's ctlseqs, "DECSET".
 */
#ifndef SOCKDECK_TESTS_E2E_MODES_H
#define SOCKDECK_TESTS_E2E_MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct modes {
	uint32_t on; /* a bit for each of the modes followed */
	bool keypad; /* application keypad: ESC = */
	enum { MODES_TEXT, MODES_ESC, MODES_CSI, MODES_PRIVATE } at;
	int arg[16], args;
};

/* A terminal at rest: the cursor is visible, lines wrap. */
void modes_init(struct modes *m);
void modes_feed(struct modes *m, const char *bytes, size_t n);
/* False for a mode that is not followed. */
bool modes_on(const struct modes *m, int mode);
/* A mode that is not as it is at rest, 0 for the keypad; -1: none. */
int modes_changed(const struct modes *m);

#endif
