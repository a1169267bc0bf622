/*
 * tui/packets_print.h - `sockdeck packets`: what it prints of one packet, and
 * of a whole capture.
 *
 * Everything goes to standard output, escaped.
 *
 * Owns:   nothing.  Thread: main.  Blocks: as writing does.
 */
#ifndef SOCKDECK_TUI_PACKETS_PRINT_H
#define SOCKDECK_TUI_PACKETS_PRINT_H

#include "capture/capture.h"

/* A line for people (tui/packets_line.c). */
void packets_print_line(const struct capture *c, const struct frame *f);

/* The keys that were asked for; count 0: all that the packet has. */
struct packets_keys {
	const char *const *keys;
	size_t count;
};
/* The values with tabs between, as `tshark -T fields` prints them. */
void packets_print_fields(const struct capture *c, const struct frame *f,
    struct tree *t, const struct packets_keys *keys);
/* An object on a line of its own; a field's values are an array of strings. */
void packets_print_json(const struct capture *c, const struct frame *f,
    struct tree *t, const struct packets_keys *keys);
/* What packets_print_fields() can print: key, name, source, meaning. */
void packets_print_keys(void);

/* ---- tui/packets_report.c: after the last packet ---- */

void packets_report_conversations(const struct capture *c);
void packets_report_overhead(const struct capture *c);
/* Each conversation as arrows between its ends; those that are still held. */
void packets_report_ladder(const struct capture *c);
/*
 * What was said on the TCP connection that Wireshark calls tcp.stream, in the
 * order in which it became readable. False: there is none of that number.
 */
bool packets_report_stream(const struct capture *c, uint32_t stream);

#endif
