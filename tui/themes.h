/*
 * tui/themes.h - the themes that the build puts into the program.
 */
#ifndef SOCKDECK_TUI_THEMES_H
#define SOCKDECK_TUI_THEMES_H

#include "tui/theme.h"

/* Ends with a NULL name. */
extern const struct theme_text themes_builtin[];

#endif
