/*
 * tui/commands.h - the commands that the table (tui/commands.c) names and others
 * define: tui/commands_look.c how to look, and the console itself;
 * tui/commands_data.c telemetry and packed records.
 */
#ifndef SOCKDECK_TUI_COMMANDS_H
#define SOCKDECK_TUI_COMMANDS_H

#include "tui/command.h"

#define COMMAND(name) \
	int cmd_##name(struct app *app, const struct words *w, struct err *err)

COMMAND(help);
COMMAND(hex);
COMMAND(view);
COMMAND(open);
COMMAND(filter);
COMMAND(show);
COMMAND(find);
COMMAND(find_next);
COMMAND(find_previous);
COMMAND(sockets);
COMMAND(sort);
COMMAND(reverse);
COMMAND(conversation);
COMMAND(copy);
COMMAND(save);
COMMAND(focus);
COMMAND(move);
COMMAND(follow);
COMMAND(zoom);
COMMAND(resize);
COMMAND(back);
COMMAND(command);
COMMAND(theme);
COMMAND(redraw);
COMMAND(suspend);
COMMAND(quit);

COMMAND(telemetry);
COMMAND(period);
COMMAND(struct);
COMMAND(pack);
COMMAND(poke);

#endif
