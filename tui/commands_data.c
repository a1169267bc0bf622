/*
 * The commands of telemetry and of packed records.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/talk.h"
#include "tui/app.h"
#include "tui/commands.h"

/* ---- telemetry ---- */

static int
set_number(const char *key, const char *value, unsigned long min,
    unsigned long max, uint32_t *ret, struct err *err)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (end == value || *end != '\0' || value[0] == '-' || n < min ||
	    n > max)
		return err_set(err, -EINVAL,
		    "'%s' takes a number from %lu to %lu, not '%s'", key, min,
		    max, value);
	*ret = (uint32_t)n;
	return 0;
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
		unsigned long min, max;
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
