/*
 * The commands of telemetry and of packed records.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/base/number.h"
#include "net/services.h"
#include "net/talk.h"
#include "tui/app.h"
#include "tui/commands.h"
#include "tui/entry.h"

/* ---- telemetry ---- */

static int
set_number(const char *key, const char *value, long min, long max,
    uint32_t *ret, struct err *err)
{
	long n;
	int rc = number_whole(key, value, min, max, &n, err);

	if (rc == 0)
		*ret = (uint32_t)n;
	return rc;
}

COMMAND(telemetry)
{
	struct order o = {
	    .kind = ORDER_TALK,
	    .talker = &talk_telemetry,
	    .count = TALK_FOREVER,
	    .size = 3,
	};
	uint32_t every_ms = 500;
	struct setting {
		const char *key;
		long min, max;
		uint32_t *value;
	} settings[] = {
	    {"every", 1, UINT16_MAX, &every_ms},
	    {"count", 1, UINT32_MAX, &o.count},
	    {"sensors", 1, TALK_SENSORS_MAX, &o.size},
	    {"seed", 0, UINT32_MAX, &o.seed},
	};
	size_t i;
	int at, rc;

	if (w->count == 1 && strcmp(w->word[0], "stop") == 0) {
		o.count = 0;
		return app_order(app, &o, err);
	}
	for (at = 0; at + 1 < w->count; at += 2) {
		for (i = 0; i < sizeof settings / sizeof *settings; i++)
			if (strcmp(w->word[at], settings[i].key) == 0)
				break;
		if (i == sizeof settings / sizeof *settings)
			return -EINVAL;
		rc = set_number(settings[i].key, w->word[at + 1],
		    settings[i].min, settings[i].max, settings[i].value, err);
		if (rc < 0)
			return rc;
	}
	if (at != w->count)
		return -EINVAL;
	o.every_ns = every_ms * CLOCK_MS;
	return app_order(app, &o, err);
}

COMMAND(period)
{
	uint32_t ms = 0;
	int rc = 0;

	if (w->count > 1)
		return -EINVAL;
	if (w->count == 1)
		rc = set_number("period", w->word[0], 0, UINT16_MAX, &ms, err);
	if (rc < 0)
		return rc;
	app->deck.server.spec.options.period_ms = (uint16_t)ms;
	atomic_store(&app->period_ms, ms);
	deck_say(&app->deck, false,
	    ms != 0 ? "The next answer to each client commands this period."
		    : "Clients keep the period that they have.");
	return 0;
}

/* ---- packed records ---- */

static void
show_struct(struct app *app)
{
	app->deck.face[SIDE_CLIENT] = FACE_STRUCT;
	app->deck.focus = app->deck.upper = PANE_CLIENT;
	app->repaint = true;
}

/* The refusal with its place, since a message has no line for a mark. */
static int
read_record(struct app *app, const char *line, struct err *err)
{
	struct err why;
	size_t at;
	int rc = structline_parse(&app->record, line, &at, &why);

	if (rc < 0)
		err_set(err, rc, "%s (at \"%.40s\")", why.text,
		    line[at] != '\0' ? line + at : "the end");
	return rc;
}

/* Without a line: type one, beginning with what there is. */
COMMAND(struct)
{
	struct entry *e = &app->deck.entry;
	struct buf line;
	int rc = 0;

	if (w->count > 0)
		rc = read_record(app, w->rest, err);
	if (rc < 0)
		return rc;
	show_struct(app);
	if (w->count > 0)
		return 0;
	buf_init(&line, ENTRY_MAX - 1);
	structline_print(&app->record, &line);
	entry_open(e, ENTRY_STRUCT, line.full ? "" : buf_str(&line));
	buf_done(&line);
	return 0;
}

/* Does the session speak with a struct service, as far as we know? */
static bool
speaks_struct(const struct app *app)
{
	const struct server_spec *s = deck_session_server(&app->deck);

	return s != NULL && s->service == &service_struct;
}

COMMAND(pack)
{
	struct order o = {.kind = ORDER_SEND};
	int rc = w->count > 0 ? read_record(app, w->rest, err) : 0;

	if (rc < 0)
		return rc;
	o.data_len = (size_t)app->record.ps.size;
	if (o.data_len == 0)
		return err_set(
		    err, -EINVAL, "this struct has no bytes to send");
	o.data = malloc(o.data_len);
	if (o.data == NULL)
		return err_set(err, -ENOMEM, "no memory for a struct");
	memcpy(o.data, app->record.bytes, o.data_len);
	if (speaks_struct(app))
		o.listener = &listen_struct;
	rc = app_order(app, &o, err);
	if (rc < 0) {
		free(o.data);
		return rc;
	}
	structline_copy(&app->sent, &app->record);
	/* What a struct service has agreed upon was said when it started. */
	if (!speaks_struct(app))
		app_agree(app,
		    addr_port(&deck_session(&app->deck)->spec.endpoint.addr),
		    app->record.format, NULL);
	return 0;
}

/* "0a 1b" into the record from off on. */
static int
poke(struct app *app, const struct words *w, struct err *err)
{
	struct structline *s = &app->record;
	uint64_t at;
	char *end;

	errno = 0;
	at = strtoull(w->word[0], &end, 0);
	if (*end != '\0' || errno != 0 || w->word[0][0] == '-')
		return -EINVAL;
	for (int i = 1; i < w->count; i++, at++) {
		unsigned long byte = strtoul(w->word[i], &end, 16);

		if (*end != '\0' || byte > 0xff || w->word[i][0] == '-')
			return err_set(err, -EINVAL,
			    "'%s' is no byte in hex: 00 to ff", w->word[i]);
		if (at >= s->ps.size)
			return err_set(err, -ERANGE,
			    "the struct has the bytes 0 to %" PRIu64
			    ": there is no byte %" PRIu64,
			    s->ps.size - 1, at);
		s->bytes[at] = (uint8_t)byte;
	}
	return 0;
}

/* Without words: the chosen byte, to be typed over. */
COMMAND(poke)
{
	struct view v = app_view(app);
	struct pane *p = app->faces[SIDE_CLIENT][FACE_STRUCT];
	struct selection sel = p->ops->selected(p, &v);
	char text[32];

	if (app->record.ps.size == 0)
		return err_set(err, -ENOENT, "the struct has no bytes");
	if (w->count >= 2)
		return poke(app, w, err);
	if (w->count != 0 || sel.id > app->record.ps.size)
		return -EINVAL;
	snprintf(text, sizeof text, "poke %" PRIu64 " %02x", sel.id - 1,
	    app->record.bytes[sel.id - 1]);
	entry_open(&app->deck.entry, ENTRY_COMMAND, text);
	return 0;
}
