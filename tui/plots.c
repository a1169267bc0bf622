#include "tui/plots.h"

#include <string.h>

#define BINS_MAX 1024
/* A value so many times as high as the rest would press it flat. */
#define HIGH_MAX 8

/* A drawing under way. */
struct drawing {
	const struct plot_input *in;
	struct plot *pic;
	size_t first, end; /* samples */
	struct graph_state begin; /* before the first of them */
};

static int
x_of(const struct drawing *pl, int64_t ts_ns)
{
	const struct plot_shape *s = &pl->pic->shape;

	return (int)((double)(ts_ns - s->from_ns) * (pl->pic->dots.w - 1) /
		     (double)(s->to_ns - s->from_ns));
}

static int
y_of(const struct drawing *pl, double value)
{
	const struct plot *pic = pl->pic;
	double range = pic->high > pic->low ? pic->high - pic->low : 1;
	double y = (value - pic->low) * (pic->dots.h - 1) / range;

	if (y < -1)
		y = -1;
	if (y > pic->dots.h - 1)
		y = pic->dots.h - 1;
	return pic->dots.h - 1 - (int)(y + 0.5);
}

static void
widen(struct plot *pic, double value)
{
	if (value < pic->low)
		pic->low = value;
	if (value > pic->high)
		pic->high = value;
}

/* A stair: level at the old value until now, then up or down. */
struct stair {
	int x, y;
	bool begun;
	struct plot_curve *curve; /* NULL: always within the axis */
};

static void
note_value(const struct plot *pic, struct plot_curve *k, double value)
{
	k->drawn = true;
	if (value > pic->high)
		k->above = value;
}

static void
climb(struct drawing *pl, struct stair *s, int64_t ts_ns, double value,
    enum role role, int layer)
{
	int x = x_of(pl, ts_ns), y = y_of(pl, value);

	if (s->begun) {
		braille_line(&pl->pic->dots, s->x, s->y, x, s->y, role, layer);
		braille_line(&pl->pic->dots, x, s->y, x, y, role, layer);
	}
	if (s->curve != NULL)
		note_value(pl->pic, s->curve, value);
	*s = (struct stair){x, y, true, s->curve};
}

static enum role
sender_role(int dir)
{
	return dir == DIR_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
}

/* ---- what the kernel tells ---- */

static double
cwnd_of(const struct tcp_sample *s)
{
	return (double)s->cwnd * s->mss;
}

static double
ssthresh_of(const struct tcp_sample *s)
{
	return (double)s->ssthresh * s->mss;
}

static double
srtt_of(const struct tcp_sample *s)
{
	return s->srtt_us * 1e3;
}

static double
rto_of(const struct tcp_sample *s)
{
	return s->rto_us * 1e3;
}

const struct tcp_sample *
plot_kernel_at(const struct plot_input *in, int64_t at_ns)
{
	size_t low = 0, high = in->kernel_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (in->kernel[mid].at_ns <= at_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? &in->kernel[low - 1] : NULL;
}

/* From the last sample before the picture begins, to the end of it. */
static const struct tcp_sample *
first_told(const struct plot_input *in)
{
	const struct tcp_sample *s = plot_kernel_at(in, in->from_ns);

	return s != NULL ? s : in->kernel;
}

static bool
is_told(const struct plot_input *in, const struct tcp_sample *s)
{
	return s != NULL && s < in->kernel + in->kernel_count &&
	       s->at_ns <= in->to_ns;
}

/* Room for it on the axis, if that leaves room for the rest. What the kernel
 * begins with before it has timed a segment, an RTO of 1 s, is not asked. */
static void
range_told(struct drawing *pl, double (*value)(const struct tcp_sample *))
{
	double top = 0;

	for (const struct tcp_sample *s = first_told(pl->in);
	     is_told(pl->in, s); s++)
		if (s->has_info && s->srtt_us > 0 && value(s) > top)
			top = value(s);
	if (pl->pic->high <= pl->pic->low || top <= HIGH_MAX * pl->pic->high)
		widen(pl->pic, top);
}

static void
plot_told(struct drawing *pl, double (*value)(const struct tcp_sample *),
    enum role role, enum plot_curve_id id)
{
	const struct plot_input *in = pl->in;
	struct stair stair = {.curve = &pl->pic->curve[id]};
	double last = 0;

	for (const struct tcp_sample *s = first_told(in); is_told(in, s); s++) {
		int64_t at = s->at_ns < in->from_ns ? in->from_ns : s->at_ns;

		if (!s->has_info || value(s) == 0)
			continue;
		last = value(s);
		climb(pl, &stair, at, last, role, 1);
	}
	if (stair.begun)
		climb(pl, &stair, in->to_ns, last, role, 1);
}

/* ---- the four graphs ---- */

/* The least and the most of what is in sight. */
static void
range_sequence(struct drawing *pl, int dir)
{
	const struct sample *s = pl->in->graph->samples;
	struct graph_state st = pl->begin;
	bool any = false;

	for (size_t i = pl->first; i < pl->end; i++) {
		graph_walk(&st, &s[i]);
		if (s[i].dir != dir || s[i].len == 0)
			continue;
		if (!any)
			pl->pic->low = pl->pic->high = (double)s[i].from;
		any = true;
		widen(pl->pic, (double)s[i].from);
		widen(pl->pic, (double)(s[i].from + s[i].len));
	}
	/* The window's end only as far as it does not press the rest flat. */
	if (st.known[dir] && st.window[!dir] > 0) {
		double top = (double)(st.acked[dir] + st.window[!dir]);
		double room = (pl->pic->high - pl->pic->low) * 1.5;

		if (top <= pl->pic->low + room)
			widen(pl->pic, top);
	}
}

static void
plot_sequence(struct drawing *pl, int dir)
{
	const struct sample *s = pl->in->graph->samples;
	struct graph_state st = pl->begin;
	struct stair ack = {0};
	struct stair window = {.curve = &pl->pic->curve[CURVE_WINDOW]};

	range_sequence(pl, dir);
	for (size_t i = pl->first; i < pl->end; i++) {
		int x = x_of(pl, s[i].ts_ns);

		graph_walk(&st, &s[i]);
		if (s[i].dir == dir && s[i].len > 0)
			braille_line(&pl->pic->dots, x,
			    y_of(pl, (double)s[i].from), x,
			    y_of(pl, (double)(s[i].from + s[i].len)),
			    s[i].again ? ROLE_BAD : sender_role(dir),
			    s[i].again ? 4 : 3);
		if (s[i].dir == dir || !s[i].has_ack)
			continue;
		climb(pl, &ack, s[i].ts_ns, (double)st.acked[dir],
		    sender_role(!dir), 2);
		climb(pl, &window, s[i].ts_ns,
		    (double)(st.acked[dir] + st.window[!dir]), ROLE_NOTE, 1);
	}
}

static void
plot_rtt(struct drawing *pl, int dir)
{
	const struct sample *s = pl->in->graph->samples;

	for (size_t i = pl->first; i < pl->end; i++)
		if (s[i].dir != dir && s[i].rtt_ns > 0)
			widen(pl->pic, (double)s[i].rtt_ns);
	range_told(pl, srtt_of);
	range_told(pl, rto_of);
	plot_told(pl, rto_of, ROLE_WARN, CURVE_LIMIT);
	plot_told(pl, srtt_of, ROLE_STATE, CURVE_MEAN);
	for (size_t i = pl->first; i < pl->end; i++) {
		int x = x_of(pl, s[i].ts_ns), y;

		if (s[i].dir == dir || s[i].rtt_ns == 0)
			continue;
		y = y_of(pl, (double)s[i].rtt_ns);
		braille_line(
		    &pl->pic->dots, x, y, x + 1, y, sender_role(!dir), 1);
	}
}

static void
plot_flight(struct drawing *pl, int dir)
{
	const struct sample *s = pl->in->graph->samples;
	struct graph_state st = pl->begin;
	struct stair flight = {0};
	struct stair window = {.curve = &pl->pic->curve[CURVE_WINDOW]};
	double top = 0;

	for (size_t i = pl->first; i < pl->end; i++) {
		graph_walk(&st, &s[i]);
		widen(pl->pic, (double)graph_flight(&st, dir));
		if (st.window[!dir] > top)
			top = st.window[!dir];
	}
	range_told(pl, cwnd_of);
	range_told(pl, ssthresh_of);
	if (top <= 4 * pl->pic->high || pl->pic->high == 0)
		widen(pl->pic, top);
	plot_told(pl, ssthresh_of, ROLE_WARN, CURVE_LIMIT);
	plot_told(pl, cwnd_of, ROLE_STATE, CURVE_MEAN);
	st = pl->begin;
	for (size_t i = pl->first; i < pl->end; i++) {
		graph_walk(&st, &s[i]);
		climb(pl, &flight, s[i].ts_ns, (double)graph_flight(&st, dir),
		    sender_role(dir), 2);
		if (st.known[dir])
			climb(pl, &window, s[i].ts_ns, st.window[!dir],
			    ROLE_NOTE, 1);
	}
}

/* New bytes a second, in bins two dots wide. */
static void
plot_throughput(struct drawing *pl, int dir)
{
	static uint64_t bins[BINS_MAX];
	const struct sample *s = pl->in->graph->samples;
	const struct plot_shape *sh = &pl->pic->shape;
	int count = pl->pic->dots.w / 2;
	double seconds;

	if (count > BINS_MAX)
		count = BINS_MAX;
	if (count < 1)
		return;
	memset(bins, 0, sizeof bins);
	seconds = (double)(sh->to_ns - sh->from_ns) / 1e9 / count;
	for (size_t i = pl->first; i < pl->end; i++) {
		int bin = x_of(pl, s[i].ts_ns) / 2;

		if (s[i].dir == dir && !s[i].again && bin >= 0 && bin < count)
			bins[bin] += s[i].len;
	}
	for (int i = 0; i < count; i++)
		widen(pl->pic, (double)bins[i] / seconds);
	for (int i = 0; i < count; i++)
		for (int x = 2 * i; x < 2 * i + 2 && bins[i] > 0; x++)
			braille_line(&pl->pic->dots, x, pl->pic->dots.h - 1, x,
			    y_of(pl, (double)bins[i] / seconds),
			    sender_role(dir), 1);
}

void
plot_draw(struct plot *p, const struct plot_input *in, enum plot_kind kind,
    int w, int h)
{
	static void (*const draw[PLOT_COUNT])(struct drawing *, int) = {
	    plot_sequence, plot_rtt, plot_flight, plot_throughput};
	const struct graph *g = in->graph;
	struct plot_shape now;
	struct drawing pl = {.in = in, .pic = p};

	/* With its padding, since it is compared as bytes. */
	memset(&now, 0, sizeof now);
	now.samples = g->count;
	now.lost = g->lost;
	now.kernel = in->kernel_count;
	now.told_ns =
	    in->kernel_count > 0 ? in->kernel[in->kernel_count - 1].at_ns : 0;
	now.from_ns = in->from_ns;
	now.to_ns = in->to_ns;
	now.kind = (int)kind;
	now.dir = in->dir;
	now.w = w;
	now.h = h;
	if (memcmp(&now, &p->shape, sizeof now) == 0)
		return;
	memset(&p->shape, 0, sizeof p->shape);
	if (!braille_reset(&p->dots, w, h))
		return;
	memcpy(&p->shape, &now, sizeof now);
	p->low = p->high = 0;
	memset(p->curve, 0, sizeof p->curve);
	while (pl.first < g->count && g->samples[pl.first].ts_ns < in->from_ns)
		graph_walk(&pl.begin, &g->samples[pl.first++]);
	for (pl.end = pl.first; pl.end < g->count; pl.end++)
		if (g->samples[pl.end].ts_ns > in->to_ns)
			break;
	draw[kind](&pl, in->dir);
}

void
plot_done(struct plot *p)
{
	braille_done(&p->dots);
}
