/*
 * tui/thermal.h - the thermal streams that the console shows, and how.
 *
 * The app feeds it and the commands change it (tui/app_thermal.c,
 * tui/commands_thermal.c); the pane reads it.
 *
 * Owns:   the queue of events and the recorder.  Thread: main.
 */
#ifndef SOCKDECK_TUI_THERMAL_H
#define SOCKDECK_TUI_THERMAL_H

#include "net/thermal_file.h"
#include "net/thermal_stream.h"
#include "tui/heatmap.h"

#define THERMAL_SHOWN 2 /* side by side */
#define THERMAL_NAME_MAX (ADDR_TEXT_MAX + 16)
/* The known client's scale at its start. */
#define THERMAL_LOW 500
#define THERMAL_HIGH 5000

struct thermal_shown {
	uint32_t group; /* of its client */
	char name[THERMAL_NAME_MAX]; /* "tcp 127.0.0.1:65443" */
	struct thermal_stream stream;
};

struct thermal {
	struct thermal_shown shown[THERMAL_SHOWN];
	int count;
	struct queue *events; /* NULL until there was a stream */
	struct thermal_recorder *recorder; /* of the first stream; or NULL */
	char record_path[256];
	bool waiting; /* for the console's own camera to be up */
	unsigned rate; /* frames to ask for a second */
	/* how it looks */
	struct heatmap map; /* low and high: where `fixed` */
	bool fixed, fahrenheit;
	uint64_t gen;
};

#endif
