/*
 * tui/commands.h - the commands that the table (tui/commands.c) names and
 * other files define: tui/commands_look.c how to look, and the console itself;
 * tui/commands_hand.c sockets by hand; tui/commands_data.c telemetry and packed
 * records; tui/commands_class.c who is at the server.
 */
#ifndef SOCKDECK_TUI_COMMANDS_H
#define SOCKDECK_TUI_COMMANDS_H

#include <stdbool.h>

#include "net/hand.h"
#include "tui/command.h"
#include "tui/deck.h"
#include "tui/view.h"

/* Does the line mean a socket made by hand: does it begin with "." or ".7", or
 * is the current session one of those? */
bool command_by_hand(const struct app *app, const struct words *w);
/* The call, on the socket that the first word names (else on "."). */
int command_hand(struct app *app, enum hand_verb verb, const struct words *w,
    struct err *err);

#define COMMAND(name) \
	int cmd_##name(struct app *app, const struct words *w, struct err *err)

COMMAND(socket);
COMMAND(bind);
COMMAND(listen);
COMMAND(accept);
COMMAND(connect_ex);
COMMAND(sendall);
COMMAND(sendto);
COMMAND(recv);
COMMAND(recvfrom);
COMMAND(setsockopt);
COMMAND(getsockopt);
COMMAND(getaddrinfo);
COMMAND(write);
COMMAND(flush);
COMMAND(join);

/* tui/commands_connect.c */
COMMAND(connect);
/* tui/commands_lab.c */
COMMAND(shell);
COMMAND(congestion);

COMMAND(code);
COMMAND(export);
/* tui/commands_class.c */
COMMAND(clients);
COMMAND(kick);
COMMAND(get);

COMMAND(help);
COMMAND(hex);
COMMAND(view);
COMMAND(lanes);
COMMAND(fold);
COMMAND(overhead);
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
COMMAND(save_stream);
COMMAND(focus);
COMMAND(move);
COMMAND(follow);
COMMAND(scale);
COMMAND(zoom);
COMMAND(resize);
COMMAND(back);
COMMAND(command);
COMMAND(theme);
COMMAND(redraw);
COMMAND(mark); /* tui/commands_packets.c */
COMMAND(jump);
COMMAND(time);
COMMAND(reference);
COMMAND(why);
COMMAND(columns);
COMMAND(colour);
COMMAND(suspend);
COMMAND(quit);
COMMAND(thermal); /* tui/commands_thermal.c */
COMMAND(record);
COMMAND(interface);
COMMAND(bluetooth); /* tui/commands_bluetooth.c */
COMMAND(discover);

COMMAND(run); /* tui/commands_run.c */
COMMAND(pause); /* tui/commands_step.c */
COMMAND(step);
/* From the past, if it is shown, back to now. */
void past_leave(struct app *app);
COMMAND(wire); /* tui/commands_wire.c */
COMMAND(compare);
/* N [SIZE] [every MS]; what is not there stays as it is. */
int command_parse_repeat(
    const struct words *w, struct order *o, uint32_t size_max, struct err *err);

COMMAND(telemetry);
COMMAND(period);
COMMAND(struct);
COMMAND(pack);
COMMAND(poke);

/* Turn to this conversation (0: to all) in every pane: its packets, its client
 * session, the calls of its client at the server. */
void view_choose(struct app *app, uint32_t flow);
/* Show this view of the packets. */
void view_show(struct deck *d, enum packet_view view);
/* Select this packet in pane 4: in the view that is there, if it can show it, of
 * another conversation if need be; else in the list. */
void view_show_frame(struct app *app, uint64_t id);
/* What is selected now is to be selected in the view that comes. */
void view_keep_selected(struct app *app);
/* Enter in the Bluetooth pane: connect to the selected device. */
/* Capture there, and the view of packets comes back; NULL: none is selected. */
int interface_choose(struct app *app, const char *name, struct err *err);
int bluetooth_open(struct app *app, const struct view *v, struct err *err);
/* Enter in a table of pane 4: what stands behind its row. False: none. */
bool tables_open(struct app *app, const struct selection *sel);
/* Back to the table from there. False: nothing was opened from one. */
bool tables_leave(struct deck *d);

#endif
