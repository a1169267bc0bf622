/*
 * tui/self.h - how the user would call this program.
 *
 * Owns:   nothing.  Thread: any.  Blocks: on the file system, briefly.
 */
#ifndef SOCKDECK_TUI_SELF_H
#define SOCKDECK_TUI_SELF_H

#define SELF_MAX 256

/*
 * "sockdeck" where PATH leads here, else the path of this program, from the
 * working directory if it lies below: "build/sockdeck". Returns dst.
 */
const char *self_command(char dst[SELF_MAX]);

#endif
