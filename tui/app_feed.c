/*
 * What the models are fed with: calls, packets, socket tables, a comparison.
 */
#include <stdio.h>

#include "net/base/clock.h"
#include "tui/app.h"

#define TABLE_NS (100 * CLOCK_MS) /* between two dumps while things move */
#define TABLE_IDLE_NS CLOCK_S
#define FLASH_NS (2 * CLOCK_S)
#define CALLS_A_TURN 4096
#define BATCHES_A_TURN 16

/* Take what the actors recorded; true: there was something. */
bool
app_drain_calls(struct app *app)
{
	static struct call calls[64];
	size_t n, sum = 0;

	do {
		n = engine_pop(app->engine, calls, 64);
		for (size_t i = 0; i < n; i++)
			app_feed_call(app, &calls[i]);
		sum += n;
	} while (n == 64 && sum < CALLS_A_TURN);
	return sum > 0;
}

/* NULL: none waits. While a file is loaded the next one comes soon. */
static struct batch *
next_batch(struct app *app, struct source *s)
{
	struct batch *b;

	while ((b = source_pop(s)) == NULL)
		if (!app->loading || !capture_help(app->capture))
			return NULL;
	return b;
}

/* A file is read as fast as main takes it: one full batch, and the next is
 * being filled, or was the last and the end comes now. Resting between them
 * made a second of a tenth. The end is drawn at once. */
bool
app_drain_packets(struct app *app)
{
	struct source_status st;
	struct batch *b = NULL;
	bool was_full = app->full;
	int n = 0;

	/* asked first: with its end all of its packets are there */
	if (!app_source_status(app, &st))
		return false;
	for (size_t i = 0; i < app->source_count; i++)
		while (n < BATCHES_A_TURN &&
		       (b = next_batch(app, app->sources[i])) != NULL) {
			app->full = b->count == BATCH_PACKETS;
			capture_feed(app->capture, b);
			batch_free(b);
			n++;
		}
	app->loading =
	    (app->full || (n > 0 && was_full)) && !st.live && !st.ended;
	app->urgent |= st.ended && !app->ended;
	app->ended = st.ended;
	if (st.ended && st.error.text[0] != '\0' &&
	    app->deck.capture_trouble[0] == '\0') {
		snprintf(app->deck.capture_trouble,
		    sizeof app->deck.capture_trouble, "%s", st.error.text);
		deck_say(&app->deck, true, "%s", st.error.text);
	}
	return n > 0;
}

void
app_note(struct app *app, enum side side, uint32_t group, int error,
    const char *text)
{
	struct call c = {
	    .id = engine_call_id(app->engine),
	    .actor = engine_actor_id(app->engine),
	    .group = group,
	    .fd = -1,
	    .kind = CALL_NOTE,
	    .phase = CALL_DONE,
	    .side = (uint8_t)side,
	    .result = error,
	};

	c.begin_ns = c.end_ns = clock_now_ns();
	c.data_len = (uint16_t)snprintf(
	    (char *)c.data, sizeof c.data, "%.*s", CALL_DATA_MAX - 1, text);
	app_feed_call(app, &c);
}

/* ---- the comparison ---- */

int
app_compare(struct app *app, const struct compare_spec *spec, struct err *err)
{
	struct compare_spec with = *spec;
	int rc;

	with.outside = app->outside;
	compare_free(app->compare);
	app->compare = NULL;
	rc = compare_new(&with, &app->lab, &app->tap, &app->compare, err);
	app->comparing = rc == 0;
	app->deck.gen++;
	return rc;
}

void
app_step_compare(struct app *app)
{
	enum compare_state state;

	if (!app->comparing)
		return;
	state = compare_step(app->compare);
	app->comparing = state == COMPARE_RUNNING;
	if (state == COMPARE_FAILED)
		deck_say(&app->deck, true, "%s", compare_trouble(app->compare));
}

/* ---- the socket tables ---- */

struct socktab *
app_shown_table(const struct app *app)
{
	return app->deck.all_sockets && app->outer != NULL ? app->outer
							   : app->sockets;
}

/* Is it time to dump? Soon after something moved, else once a second; not while
 * a file takes all processors. */
int64_t
app_table_due(const struct app *app)
{
	uint64_t seen = journal_gen(app->journal) + capture_gen(app->capture);
	int64_t wait = seen != app->table_seen ? TABLE_NS : TABLE_IDLE_NS;

	if (app->loading)
		return INT64_MAX;
	/* A table that takes long is asked seldom: at most a twentieth. */
	if (wait < 20 * app->table_cost_ns)
		wait = 20 * app->table_cost_ns;
	return app->table_mono_ns + wait;
}

void
app_refresh_tables(struct app *app, int64_t mono_ns)
{
	struct socktab *shown = app_shown_table(app);

	if (mono_ns < app_table_due(app) || socktab_refreshing(shown))
		return;
	app->table_mono_ns = mono_ns;
	app->table_seen = journal_gen(app->journal) + capture_gen(app->capture);
	socktab_refresh(app->sockets);
	if (shown != app->sockets)
		socktab_refresh(shown);
}

/* Who holds the new sockets? Asked at most once a second. */
void
app_refresh_holders(struct app *app, int64_t mono_ns)
{
	if (!app->holders_stale || app->outside == NULL ||
	    mono_ns < app->holders_mono_ns + CLOCK_S)
		return;
	app->holders_stale = false;
	app->holders_mono_ns = mono_ns;
	outside_refresh(app->outside);
}

static void
table_arrived(struct app *app, struct socktab *t)
{
	int64_t mono_ns = clock_mono_ns();

	if (socktab_gen(t) == app->socket_gen || t != app_shown_table(app))
		return;
	app->socket_gen = socktab_gen(t);
	app->table_cost_ns = mono_ns - app->table_mono_ns;
	app->flash_until_ns = mono_ns + FLASH_NS;
	app->holders_stale = true;
}

void
app_read_table(struct app *app, struct socktab *t)
{
	struct err err;
	int rc = socktab_read(t, &err);

	if (rc < 0)
		deck_say(&app->deck, true, "%s", err.text);
	else if (rc > 0)
		table_arrived(app, t);
	if (rc > 0 && t == app->sockets)
		app_kernel_table(app);
}
