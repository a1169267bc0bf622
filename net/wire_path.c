/*
 * Invariants: flying[0, flying_count) is a binary heap, the earliest at the
 * top, ties to the lower number, which is the order of arrival; held[0,
 * held_count) stands in the order in which the packets will go, and the first of
 * it is undecided: what was dropped keeps its place until those before it have
 * gone. line[] is a ring of those that wait for the line or are on it.
 */
#include "net/wire_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/impair_words.h"

#define LINE_MAX_PACKETS 16384 /* a power of two */

/* A packet that has not left the queue yet, or is on the line. */
struct on_line {
	int64_t departs_ns;
	uint32_t len;
};

struct items {
	struct wire_item **at;
	size_t count, room;
};

struct wire_path {
	struct wire_settings settings;
	struct wire_path_stats stats;
	struct items flying, held;
	uint64_t next_number;
	bool holds, frozen, steps;
	/* its clock is the caller's, behind by what it was frozen */
	int64_t behind_ns, frozen_ns;
	/* the line */
	struct on_line *line; /* NULL: no rate was ever set */
	size_t line_first, line_count;
	uint64_t line_bytes;
	int64_t free_ns; /* when it has sent all of them */
	int64_t last_due_ns; /* jitter overtakes nobody */
};

static const char *const action_names[] = {
#define X(NAME, text) [WIRE_##NAME] = text,
    WIRE_ACTIONS(X)
#undef X
};

const char *
wire_action_name(enum wire_action a)
{
	return action_names[a];
}

struct wire_item *
wire_item_new(const void *data, size_t n)
{
	struct wire_item *it = malloc(sizeof *it + n);

	if (it == NULL)
		return NULL;
	*it = (struct wire_item){.len = n};
	if (n > 0)
		memcpy(it->data, data, n);
	return it;
}

struct wire_path *
wire_path_new(const struct wire_settings *settings)
{
	struct wire_path *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->line = calloc(LINE_MAX_PACKETS, sizeof *p->line);
	if (p->line == NULL) {
		free(p);
		return NULL;
	}
	wire_path_set(p, settings);
	return p;
}

static void
free_items(struct items *v)
{
	for (size_t i = 0; i < v->count; i++) {
		struct wire_item *it = v->at[i], *next;

		for (; it != NULL; it = next) {
			next = it->repeats;
			free(it);
		}
	}
	free(v->at);
}

void
wire_path_free(struct wire_path *p)
{
	if (p == NULL)
		return;
	free_items(&p->flying);
	free_items(&p->held);
	free(p->line);
	free(p);
}

void
wire_path_set(struct wire_path *p, const struct wire_settings *settings)
{
	p->settings = *settings;
	if (settings->rate_bps == 0)
		p->line_count = p->line_bytes = 0;
	p->free_ns = 0;
}

/* ---- room ---- */

static bool
make_room(struct items *v)
{
	size_t room = v->room > 0 ? v->room * 2 : 64;
	void *at;

	if (v->count < v->room)
		return true;
	at = realloc(v->at, room * sizeof *v->at);
	if (at == NULL)
		return false;
	v->at = at;
	v->room = room;
	return true;
}

static bool
has_room(struct wire_path *p, size_t len)
{
	return p->flying.count + p->held.count < WIRE_PATH_ITEMS &&
	       len <= WIRE_PATH_BYTES - p->stats.bytes;
}

/* ---- those under way: a heap ---- */

static bool
earlier(const struct wire_item *a, const struct wire_item *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	return a->number < b->number;
}

static void
sift_up(struct items *h, size_t i)
{
	struct wire_item *it = h->at[i];

	for (; i > 0 && earlier(it, h->at[(i - 1) / 2]); i = (i - 1) / 2)
		h->at[i] = h->at[(i - 1) / 2];
	h->at[i] = it;
}

static void
sift_down(struct items *h, size_t i)
{
	struct wire_item *it = h->at[i];
	size_t k;

	while ((k = 2 * i + 1) < h->count) {
		if (k + 1 < h->count && earlier(h->at[k + 1], h->at[k]))
			k++;
		if (!earlier(h->at[k], it))
			break;
		h->at[i] = h->at[k];
		i = k;
	}
	h->at[i] = it;
}

/* There is room. */
static void
fly(struct wire_path *p, struct wire_item *it, int64_t due_ns)
{
	it->due_ns = due_ns;
	it->number = p->next_number++;
	p->stats.bytes += it->len;
	p->flying.at[p->flying.count] = it;
	sift_up(&p->flying, p->flying.count++);
}

/* ---- the line and its queue ---- */

static void
let_depart(struct wire_path *p, int64_t t)
{
	while (p->line_count > 0) {
		const struct on_line *first = &p->line[p->line_first];

		if (first->departs_ns > t)
			return;
		p->line_bytes -= first->len;
		p->line_first = (p->line_first + 1) % LINE_MAX_PACKETS;
		p->line_count--;
	}
}

static bool
queue_is_full(const struct wire_path *p, size_t len)
{
	const struct wire_settings *s = &p->settings;
	/* the one on the line waits no more */
	size_t waiting = p->line_count > 0 ? p->line_count - 1 : 0;
	size_t packets = s->queue_packets;

	if (packets == 0 && s->queue_bytes == 0)
		packets = WIRE_QUEUE_DEFAULT;
	if (p->line_count == 0)
		return false;
	return p->line_count == LINE_MAX_PACKETS ||
	       (packets > 0 && waiting >= packets) ||
	       (s->queue_bytes > 0 && p->line_bytes + len > s->queue_bytes);
}

/*
 * When the packet has left the line. False: the queue is full; then it is when
 * the last of the queue has.
 */
static bool
take_line(struct wire_path *p, size_t len, int64_t t, int64_t *ret)
{
	uint64_t rate = p->settings.rate_bps;
	size_t at;

	*ret = t;
	if (rate == 0)
		return true;
	let_depart(p, t);
	if (p->free_ns < t)
		p->free_ns = t;
	*ret = p->free_ns;
	if (queue_is_full(p, len))
		return false;
	p->free_ns +=
	    (int64_t)((double)len * 8 * (double)CLOCK_S / (double)rate);
	*ret = p->free_ns;
	at = (p->line_first + p->line_count++) % LINE_MAX_PACKETS;
	p->line[at] = (struct on_line){*ret, (uint32_t)len};
	p->line_bytes += len;
	return true;
}

/* ---- the decision ---- */

/* What a rule or a person makes of what chance would have done. */
static struct impair_fate
decide(const struct wire_path *p, const struct wire_item *it,
    const struct wire_order *order, bool by_hand)
{
	struct impair_rules rules = p->settings.impair;
	struct impair_fate f;

	if (by_hand)
		rules.loss_ppm = rules.duplicate_ppm = rules.reorder_ppm =
		    rules.corrupt_ppm = 0;
	f = impair_decide(&rules, &it->key);
	switch (order->action) {
	case WIRE_DROP:
		f.copies = 0;
		f.fate = by_hand ? FATE_HAND : FATE_RULE;
		break;
	case WIRE_DUPLICATE:
		if (f.copies != 1)
			break;
		f.copies = 2;
		f.fate = FATE_DUPLICATED;
		f.delay_ns[1] = f.delay_ns[0];
		break;
	case WIRE_DELAY:
		f.delay_ns[0] += order->delay_ns;
		break;
	case WIRE_REORDER:
		f.delay_ns[0] += WIRE_OVERTAKEN_NS;
		f.fate = f.fate == FATE_PASSED ? FATE_REORDERED : f.fate;
		break;
	case WIRE_CORRUPT:
		if (f.copies > 0) {
			f.copies = 1;
			f.fate = FATE_CORRUPTED;
		}
		break;
	case WIRE_NONE:
	case WIRE_PASS:
	case WIRE_ACTION_COUNT:
		break;
	}
	return f;
}

/* Jitter is a queue that fills and drains: it overtakes nobody. */
static int64_t
keep_order(struct wire_path *p, const struct impair_fate *f, int64_t due)
{
	const struct impair_rules *r = &p->settings.impair;

	if (r->jitter_ns == 0 || f->delay_ns[0] > r->delay_ns + r->jitter_ns)
		return due;
	if (due < p->last_due_ns)
		due = p->last_due_ns;
	p->last_due_ns = due;
	return due;
}

static void
corrupt(struct wire_item *it)
{
	if (it->corrupt_at < it->len)
		it->data[it->corrupt_at] ^= 0x20;
}

/* Timers' copies come out with what they repeat, and behind it. */
static void
send_repeats(struct wire_path *p, struct wire_item *it)
{
	struct wire_item *repeat;

	while ((repeat = it->repeats) != NULL) {
		it->repeats = repeat->repeats;
		repeat->repeats = NULL;
		p->stats.bytes -= repeat->len;
		if (make_room(&p->flying))
			fly(p, repeat, it->due_ns);
		else
			free(repeat);
	}
}

/* Its fate is sealed. There is room for it. */
static void
send_on(struct wire_path *p, struct wire_item *it,
    const struct wire_order *order, bool by_hand, int64_t now_ns)
{
	int64_t t = wire_path_time(p, now_ns), departs, due;
	struct impair_fate f = decide(p, it, order, by_hand);
	struct wire_item *copy = NULL;

	it->began_ns = t;
	if (!take_line(p, it->len, t, &departs)) {
		f.copies = 0;
		f.fate = FATE_QUEUE;
	}
	due = keep_order(p, &f, departs + f.delay_ns[0]);
	if (f.copies == 2 && has_room(p, it->len + 1) && make_room(&p->flying))
		copy = wire_item_new(it->data, it->len);
	it->fate = f.fate;
	if (f.fate == FATE_CORRUPTED)
		corrupt(it);
	fly(p, it, due);
	send_repeats(p, it);
	if (copy == NULL || !make_room(&p->flying)) {
		free(copy);
		return;
	}
	memcpy(copy, it, offsetof(struct wire_item, data));
	copy->fate = FATE_COPY;
	copy->folded = 0;
	p->stats.copies++;
	fly(p, copy, due + f.delay_ns[1] - f.delay_ns[0]);
}

/* ---- holding ---- */

/* The one of these that this one repeats, and that arrives; NULL: none. */
static struct wire_item *
repeated(const struct items *v, const struct wire_item *it)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->at[i]->key.seq == it->key.seq &&
		    v->at[i]->len == it->len && !fate_is_lost(v->at[i]->fate))
			return v->at[i];
	return NULL;
}

static void
append_repeat(
    struct wire_path *p, struct wire_item *first, struct wire_item *it)
{
	struct wire_item **end = &first->repeats;

	while (*end != NULL)
		end = &(*end)->repeats;
	*end = it;
	p->stats.bytes += it->len;
}

/*
 * While a person thinks, the kernel's timers run on and send again what waits:
 * such a copy is not to be decided about, it only would repeat what is asked.
 */
static bool
fold(struct wire_path *p, struct wire_item *it)
{
	struct wire_item *first = NULL;

	if (!it->foldable || it->key.nth == 0)
		return false;
	if (p->holds)
		first = repeated(&p->held, it);
	if (first == NULL && p->frozen)
		first = repeated(&p->flying, it);
	if (first == NULL)
		return false;
	first->folded++;
	it->fate = FATE_FOLDED;
	if (first->fate == FATE_NONE)
		append_repeat(p, first, it);
	else
		fly(p, it, first->due_ns);
	return true;
}

static void
swap_held(struct wire_path *p, size_t i)
{
	struct wire_item *it = p->held.at[i];

	p->held.at[i] = p->held.at[i + 1];
	p->held.at[i + 1] = it;
}

/* It lets another one overtake, and none that came later is before it. */
static bool
is_to_yield(const struct wire_path *p, size_t i)
{
	const struct wire_item *it = p->held.at[i];

	return it->yields && (i == 0 || p->held.at[i - 1]->number < it->number);
}

static void
hold(struct wire_path *p, struct wire_item *it)
{
	it->fate = FATE_NONE;
	it->number = p->next_number++;
	p->stats.bytes += it->len;
	p->held.at[p->held.count++] = it;
	/* Has the one before waited to be overtaken? */
	if (p->held.count > 1 && is_to_yield(p, p->held.count - 2))
		swap_held(p, p->held.count - 2);
}

static struct wire_item *
take_held(struct wire_path *p, size_t i)
{
	struct wire_item *it = p->held.at[i];

	p->held.count--;
	memmove(&p->held.at[i], &p->held.at[i + 1],
	    (p->held.count - i) * sizeof *p->held.at);
	p->stats.bytes -= it->len;
	/* One that came later goes: it was overtaken. */
	if (i < p->held.count && p->held.at[i]->number < it->number)
		p->held.at[i]->yields = false;
	return it;
}

/* There is room for it. */
static void
let_go(struct wire_path *p, size_t i, const struct wire_order *order,
    int64_t now_ns)
{
	static const struct wire_order drop = {.action = WIRE_DROP};
	struct wire_item *it = take_held(p, i);

	send_on(p, it, it->fate == FATE_HAND ? &drop : order, true, now_ns);
}

void
wire_path_hold(struct wire_path *p, bool holds, int64_t now_ns)
{
	static const struct wire_order pass = {.action = WIRE_PASS};

	p->holds = holds;
	while (!holds && p->held.count > 0 && make_room(&p->flying))
		let_go(p, 0, &pass, now_ns);
}

static bool
is_decided(const struct wire_item *it)
{
	return it->fate != FATE_NONE;
}

/* Let the next one overtake it, if there is one already. */
static void
yield(struct wire_path *p, size_t i)
{
	p->held.at[i]->yields = true;
	if (i + 1 < p->held.count)
		swap_held(p, i);
}

int
wire_path_act(struct wire_path *p, uint64_t id, const struct wire_order *order,
    int64_t now_ns)
{
	struct items *v = &p->held;
	size_t i = 0;

	while (i < v->count && v->at[i]->id != id)
		i++;
	if (i == v->count || is_decided(v->at[i]) || !make_room(&p->flying))
		return -ENOENT;
	if (order->action == WIRE_REORDER)
		yield(p, i);
	else if (order->action == WIRE_DROP)
		v->at[i]->fate = FATE_HAND;
	else
		let_go(p, i, order, now_ns);
	while (v->count > 0 && is_decided(v->at[0]) && make_room(&p->flying))
		let_go(p, 0, NULL, now_ns);
	return 0;
}

const struct wire_item *
wire_path_held(const struct wire_path *p, size_t i)
{
	return i < p->held.count ? p->held.at[i] : NULL;
}

const struct wire_item *
wire_path_flying(const struct wire_path *p, size_t i)
{
	return i < p->flying.count ? p->flying.at[i] : NULL;
}

/* ---- its clock ---- */

int64_t
wire_path_time(const struct wire_path *p, int64_t now_ns)
{
	return (p->frozen ? p->frozen_ns : now_ns) - p->behind_ns;
}

void
wire_path_freeze(struct wire_path *p, bool frozen, int64_t now_ns)
{
	if (frozen == p->frozen)
		return;
	p->frozen = frozen;
	p->steps = false;
	if (frozen)
		p->frozen_ns = now_ns;
	else
		p->behind_ns += now_ns - p->frozen_ns;
}

bool
wire_path_step(struct wire_path *p)
{
	if (p->steps || p->flying.count == 0)
		return false;
	return p->steps = true;
}

/* ---- in and out ---- */

bool
wire_path_is_clear(const struct wire_path *p)
{
	return p->flying.count == 0 && !p->holds && !p->frozen &&
	       p->settings.rate_bps == 0 &&
	       !impair_rules_any(&p->settings.impair);
}

bool
wire_path_push(struct wire_path *p, struct wire_item *it,
    const struct wire_order *by_rule, int64_t now_ns)
{
	if (!has_room(p, it->len) || !make_room(&p->flying) ||
	    !make_room(&p->held)) {
		it->fate = FATE_QUEUE;
		return false;
	}
	p->stats.pushed++;
	if (fold(p, it))
		return true;
	if (p->holds)
		hold(p, it);
	else
		send_on(p, it, by_rule, false, now_ns);
	return true;
}

/* A timer's copy needs no step of its own, once what it repeats has left. */
static bool
follows(const struct wire_item *it)
{
	return it->fate == FATE_FOLDED;
}

struct wire_item *
wire_path_pop(struct wire_path *p, int64_t now_ns)
{
	struct items *h = &p->flying;
	struct wire_item *top;

	if (h->count == 0)
		return NULL;
	top = h->at[0];
	if (wire_path_deadline(p) > now_ns)
		return NULL;
	p->steps &= follows(top);
	h->at[0] = h->at[--h->count];
	if (h->count > 0)
		sift_down(h, 0);
	p->stats.bytes -= top->len;
	p->stats.popped++;
	p->stats.fates[top->fate]++;
	return top;
}

int64_t
wire_path_deadline(const struct wire_path *p)
{
	if (p->flying.count == 0)
		return WIRE_PATH_NEVER;
	if (p->steps || follows(p->flying.at[0]))
		return 0;
	return p->frozen ? WIRE_PATH_NEVER
			 : p->flying.at[0]->due_ns + p->behind_ns;
}

struct wire_path_stats
wire_path_stats(const struct wire_path *p, int64_t now_ns)
{
	struct wire_path_stats s = p->stats;
	int64_t t = wire_path_time(p, now_ns);

	s.held = (uint32_t)p->held.count;
	for (size_t i = 0; i < p->held.count; i++)
		s.folded += p->held.at[i]->folded;
	s.flying = (uint32_t)p->flying.count;
	for (size_t i = 0; i < p->line_count; i++)
		s.queued +=
		    p->line[(p->line_first + i) % LINE_MAX_PACKETS].departs_ns >
		    t;
	return s;
}
