#include "net/wire_words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/base/clock.h"
#include "net/base/number.h"
#include "net/impair_words.h"

#define QUEUE_MAX 16000 /* packets */
#define QUEUE_BYTES_MAX 100000 /* kilobytes */
#define MTU_MAX 65535
#define PRESET_WORDS 12

/* What their users measure on a good day: one way, so a round trip is twice
 * the delay. */
static const struct wire_preset presets[] = {
    {"off", "nothing is done to packets", {"", ""}},
    {"LAN", "0.1 ms, 1 Gbit/s",
	{"delay=100us rate=1gbit queue=1000",
	    "delay=100us rate=1gbit queue=1000"}},
    {"DSL", "10 ms, 16 Mbit/s down and 1 up",
	{"delay=10ms rate=1mbit queue=40",
	    "delay=10ms jitter=2ms rate=16mbit queue=100"}},
    {"4G", "25 ms and more, 40 Mbit/s down and 10 up, deep queues",
	{"delay=25ms jitter=15ms rate=10mbit queue=300",
	    "delay=25ms jitter=10ms rate=40mbit queue=600 loss=0.1%"}},
    {"satellite", "280 ms by geostationary orbit, 20 Mbit/s down and 2 up",
	{"delay=280ms jitter=5ms rate=2mbit queue=100 loss=0.1%",
	    "delay=280ms jitter=5ms rate=20mbit queue=500 loss=0.1%"}},
    {"bad-wifi", "the last table in the cafe: 5% lost in bursts",
	{"delay=5ms jitter=20ms rate=10mbit queue=100 loss=5% burst=3 "
	 "dup=0.5% reorder=1%",
	    "delay=5ms jitter=20ms rate=10mbit queue=100 loss=5% burst=3 "
	    "dup=0.5% reorder=1%"}},
    {"bluetooth", "15 ms, 1.5 Mbit/s, short queues",
	{"delay=15ms jitter=10ms rate=1.5mbit queue=20 loss=0.2%",
	    "delay=15ms jitter=10ms rate=1.5mbit queue=20 loss=0.2%"}},
};

const struct wire_preset *
wire_preset_at(size_t i)
{
	return i < sizeof presets / sizeof *presets ? &presets[i] : NULL;
}

/* ---- one setting ---- */

/* "50": packets, "64kb": bytes. */
static int
set_queue(struct wire_settings *s, const char *value, struct err *err)
{
	size_t n = strlen(value);
	char digits[24];
	long number;
	int rc;

	if (n > 2 && n - 2 < sizeof digits &&
	    strcasecmp(value + n - 2, "kb") == 0) {
		snprintf(digits, sizeof digits, "%.*s", (int)n - 2, value);
		rc = number_whole(
		    "queue (kb)", digits, 1, QUEUE_BYTES_MAX, &number, err);
		if (rc < 0)
			return rc;
		s->queue_bytes = (uint32_t)number * 1000;
		s->queue_packets = 0;
		return 0;
	}
	rc = number_whole("queue", value, 1, QUEUE_MAX, &number, err);
	if (rc < 0)
		return rc;
	s->queue_packets = (uint32_t)number;
	s->queue_bytes = 0;
	return 0;
}

static int
set_mtu(struct wire_settings *s, const char *value, struct err *err)
{
	long n;
	int rc = 0;

	if (strcmp(value, "0") == 0)
		n = 0;
	else
		rc = number_whole("mtu", value, WIRE_MTU_MIN, MTU_MAX, &n, err);
	if (rc == 0)
		s->mtu = (uint32_t)n;
	return rc;
}

int
wire_settings_set(struct wire_settings *s, const char *key, const char *value,
    struct err *err)
{
	if (strcmp(key, "rate") == 0)
		return number_rate(key, value, &s->rate_bps, err);
	if (strcmp(key, "queue") == 0)
		return set_queue(s, value, err);
	if (strcmp(key, "mtu") == 0)
		return set_mtu(s, value, err);
	if (strcmp(key, "corrupt") == 0)
		return number_percent(key, value, &s->impair.corrupt_ppm, err);
	return impair_rules_set(&s->impair, key, value, err);
}

/* ---- many ---- */

static const struct {
	const char *word;
	enum wire_direction d;
} directions[] = {{"client->server", WIRE_TO_SERVER},
    {"server->client", WIRE_TO_CLIENT}, {"->", WIRE_TO_SERVER},
    {"<-", WIRE_TO_CLIENT}, {"c->s", WIRE_TO_SERVER}, {"s->c", WIRE_TO_CLIENT},
    {"both", WIRE_BOTH}};

bool
wire_direction_parse(const char *word, enum wire_direction *ret)
{
	for (size_t i = 0; i < sizeof directions / sizeof *directions; i++)
		if (strcasecmp(word, directions[i].word) == 0) {
			*ret = directions[i].d;
			return true;
		}
	return false;
}

bool
wire_direction_is_meant(const char *word)
{
	return strstr(word, "->") != NULL || strstr(word, "<-") != NULL;
}

const char *
wire_direction_text(enum wire_direction d)
{
	static const char *const texts[] = {
	    " client->server", " server->client", ""};

	return texts[d];
}

static bool
is_meant(enum wire_direction meant, int way)
{
	return meant == WIRE_BOTH || (int)meant == way;
}

static int
set_word(struct wire_settings ways[2], enum wire_direction meant,
    const char *word, struct err *err)
{
	const char *eq = strchr(word, '=');
	char key[16];

	if (eq == NULL || (size_t)(eq - word) >= sizeof key)
		return -ENOENT;
	snprintf(key, sizeof key, "%.*s", (int)(eq - word), word);
	for (int way = 0; way < 2; way++) {
		int rc = is_meant(meant, way)
			     ? wire_settings_set(&ways[way], key, eq + 1, err)
			     : 0;

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The words of a preset, which are known to be right. */
static void
set_preset(struct wire_settings *s, const char *words, int way)
{
	struct wire_settings both[2] = {0};
	char copy[WIRE_WORDS_TEXT], *rest = copy, *word;

	both[way].impair.seed = s->impair.seed;
	snprintf(copy, sizeof copy, "%s", words);
	while ((word = strsep(&rest, " ")) != NULL)
		if (word[0] != '\0')
			set_word(both, (enum wire_direction)way, word, NULL);
	*s = both[way];
}

static bool
apply_preset(
    struct wire_settings ways[2], enum wire_direction meant, const char *word)
{
	const struct wire_preset *p;

	for (size_t i = 0; (p = wire_preset_at(i)) != NULL; i++) {
		if (strcasecmp(word, p->name) != 0)
			continue;
		for (int way = 0; way < 2; way++)
			if (is_meant(meant, way))
				set_preset(&ways[way], p->words[way], way);
		return true;
	}
	return false;
}

static int
unknown_word(const char *word, struct err *err)
{
	const struct wire_preset *p;
	char names[80] = "";
	size_t n = 0;

	if (wire_direction_is_meant(word))
		return err_set(err, -EINVAL,
		    "'%s' is no direction: client->server is the way of all "
		    "clients, server->client the way back",
		    word);
	for (size_t i = 0; (p = wire_preset_at(i)) != NULL; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%s",
		    i > 0 ? ", " : "", p->name);
	return err_set(err, -EINVAL,
	    "'%s' is nothing a wire can be: %s; delay=20ms jitter= loss=5%% "
	    "burst= dup= reorder= corrupt= rate=10mbit queue=50 mtu= seed=; "
	    "client->server before them for one way only",
	    word, names);
}

int
wire_words_apply(struct wire_settings ways[2], const char *const *words,
    size_t count, struct err *err)
{
	struct wire_settings now[2] = {ways[0], ways[1]};
	enum wire_direction meant = WIRE_BOTH;

	for (size_t i = 0; i < count; i++) {
		int rc;

		if (wire_direction_parse(words[i], &meant) ||
		    apply_preset(now, meant, words[i]))
			continue;
		rc = set_word(now, meant, words[i], err);
		if (rc == -ENOENT)
			return unknown_word(words[i], err);
		if (rc < 0)
			return rc;
	}
	ways[0] = now[0];
	ways[1] = now[1];
	return 0;
}

/* ---- and back ---- */

struct out {
	char *dst;
	size_t n;
};

static void __attribute__((format(printf, 2, 3)))
add(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (o->n > 0 && o->n + 1 < WIRE_WORDS_TEXT)
		o->dst[o->n++] = ' ';
	va_start(ap, fmt);
	n = vsnprintf(o->dst + o->n, WIRE_WORDS_TEXT - o->n, fmt, ap);
	va_end(ap);
	o->n += n > 0 ? (size_t)n : 0;
	if (o->n >= WIRE_WORDS_TEXT)
		o->n = WIRE_WORDS_TEXT - 1;
}

static void
add_span(struct out *o, const char *key, int64_t ns)
{
	if (ns > 0 && ns % CLOCK_MS != 0 && ns < CLOCK_MS)
		add(o, "%s=%gus", key, (double)ns / 1e3);
	else if (ns > 0 && ns % CLOCK_S == 0)
		add(o, "%s=%gs", key, (double)ns / 1e9);
	else if (ns > 0)
		add(o, "%s=%gms", key, (double)ns / 1e6);
}

static void
add_share(struct out *o, const char *key, uint32_t ppm)
{
	if (ppm > 0)
		add(o, "%s=%g%%", key, ppm / 1e4);
}

static void
add_rate(struct out *o, uint64_t bps)
{
	if (bps >= 1000000000)
		add(o, "rate=%ggbit", (double)bps / 1e9);
	else if (bps >= 1000000)
		add(o, "rate=%gmbit", (double)bps / 1e6);
	else if (bps > 0)
		add(o, "rate=%gkbit", (double)bps / 1e3);
}

const char *
wire_settings_text(const struct wire_settings *s, char dst[WIRE_WORDS_TEXT])
{
	struct out o = {.dst = dst};

	dst[0] = '\0';
	add_span(&o, "delay", s->impair.delay_ns);
	add_span(&o, "jitter", s->impair.jitter_ns);
	add_share(&o, "loss", s->impair.loss_ppm);
	if (s->impair.burst_milli > 0)
		add(&o, "burst=%g", s->impair.burst_milli / 1e3);
	add_share(&o, "dup", s->impair.duplicate_ppm);
	add_share(&o, "reorder", s->impair.reorder_ppm);
	add_share(&o, "corrupt", s->impair.corrupt_ppm);
	add_rate(&o, s->rate_bps);
	if (s->queue_packets > 0)
		add(&o, "queue=%" PRIu32, s->queue_packets);
	if (s->queue_bytes > 0)
		add(&o, "queue=%" PRIu32 "kb", s->queue_bytes / 1000);
	if (s->mtu > 0)
		add(&o, "mtu=%" PRIu32, s->mtu);
	if (o.n > 0 && s->impair.seed != 0)
		add(&o, "seed=%" PRIu64, s->impair.seed);
	if (o.n == 0)
		add(&o, "off");
	return dst;
}
