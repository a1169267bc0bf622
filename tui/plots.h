/*
 * tui/plots.h - the graphs of one direction of a conversation, in dots.
 *
 *   sequence    the segments, the ACKs, the end of the window
 *   round trip  from a segment to the ACK that covers it; what TCP makes of it
 *               (the smoothed time and the time-out), where the kernel tells
 *   in flight   bytes sent and not acknowledged, under the window; and under
 *               the congestion window with its threshold, where it tells
 *   throughput  new bytes a second
 *
 * Owns:   the dots.  Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_PLOTS_H
#define SOCKDECK_TUI_PLOTS_H

#include "net/tcp_probe.h"
#include "tui/braille.h"
#include "tui/graph.h"

enum plot_kind {
	PLOT_SEQUENCE,
	PLOT_RTT,
	PLOT_FLIGHT,
	PLOT_THROUGHPUT,
	PLOT_COUNT
};

struct plot_input {
	const struct graph *graph;
	const struct tcp_sample *kernel; /* of the sender, oldest first */
	size_t kernel_count;
	int64_t from_ns, to_ns; /* the part of time that is drawn */
	int dir; /* of the data */
};

enum plot_curve_id {
	CURVE_WINDOW,
	CURVE_MEAN, /* srtt, cwnd */
	CURVE_LIMIT, /* rto, ssthresh */
	CURVE_COUNT
};

/* Where it is above the axis it is drawn at the top edge. */
struct plot_curve {
	bool drawn;
	double above; /* the last value there; 0: none is */
};

struct plot {
	struct braille dots;
	double low, high; /* of the y axis; alike: there is nothing */
	struct plot_curve curve[CURVE_COUNT];
	/* What it was drawn from: it is drawn again when that has changed. */
	struct plot_shape {
		size_t samples, kernel;
		uint64_t lost;
		int64_t from_ns, to_ns, told_ns;
		int kind, dir, w, h;
	} shape;
};

/* In cells. */
void plot_draw(struct plot *p, const struct plot_input *in, enum plot_kind kind,
    int w, int h);
void plot_done(struct plot *p);

/* The last of them at that time; NULL: none was. */
const struct tcp_sample *plot_kernel_at(
    const struct plot_input *in, int64_t at_ns);

#endif
