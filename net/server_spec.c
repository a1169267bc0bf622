/*
 * What a user writes about a server, as a struct server_spec.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/number.h"
#include "net/congestion.h"
#include "net/impair_words.h"
#include "net/pystruct.h"
#include "net/server.h"
#include "net/services.h"
#include "net/thermal_file.h"
#include "net/thermal_sim.h"

struct server_spec
server_spec_default(void)
{
	return (struct server_spec){
	    .model = MODEL_COUNT,
	    .backlog = SERVER_BACKLOG,
	    .recv_size = SERVER_RECV_SIZE,
	    .clients_max = SERVER_CLIENTS_MAX,
	};
}

/* What a struct service unpacks: a record of a size that it may keep. */
static int
set_format(struct service_options *o, const char *format, struct err *err)
{
	struct pystruct ps;
	uint64_t size;
	int r;

	if (strlen(format) >= sizeof o->format)
		return err_set(err, -EINVAL,
		    "the format has %zu characters; %zu fit", strlen(format),
		    sizeof o->format - 1);
	r = pystruct_compile(&ps, format, err);
	if (r < 0)
		return r;
	size = ps.size;
	pystruct_done(&ps);
	if (size == 0 || size > SERVICE_RECORD_MAX)
		return err_set(err, -EINVAL,
		    "the format '%s' has %llu bytes; a record of this service "
		    "has 1 to %d",
		    format, (unsigned long long)size, SERVICE_RECORD_MAX);
	strcpy(o->format, format);
	return 0;
}

/* The settings of a thermal camera; -ENOENT: it is none of them. */
static int
set_thermal(struct service_options *o, const char *key, const char *value,
    struct err *err)
{
	struct thermal_player *p;
	long n = 0;
	int r;

	if (strcmp(key, "seed") == 0) {
		r = number_whole(key, value, 1, LONG_MAX, &n, err);
		o->seed = r == 0 ? (uint64_t)n : o->seed;
		return r;
	}
	if (strcmp(key, "rate") == 0) {
		r = number_whole(key, value, 1, THERMAL_RATE_MAX, &n, err);
		o->rate = r == 0 ? (unsigned)n : o->rate;
		return r;
	}
	if (strcmp(key, "play") != 0)
		return -ENOENT;
	if (strlen(value) >= sizeof o->play)
		return err_set(err, -EINVAL,
		    "the recording's name has %zu bytes; %zu fit",
		    strlen(value), sizeof o->play - 1);
	if (thermal_player_open(value, &p, err) < 0)
		return -EINVAL;
	thermal_player_close(p);
	strcpy(o->play, value);
	return 0;
}

/* How well clients must prove who they are: a level of BT_SECURITY. */
static int
set_security(struct server_spec *spec, const char *value, struct err *err)
{
	struct sockopt_value v;
	int r = sockopt_parse(sockopt_find("BT_SECURITY"), value, &v, err);

	if (r == 0)
		spec->security = v.bytes[0];
	return r;
}

/* What only some servers have. A network has a seed as well: a camera's is
 * meant where there is a camera. */
static int
set_other(struct server_spec *spec, const char *key, const char *value,
    struct err *err)
{
	int r = -ENOENT;

	if (spec->service == &service_thermal)
		r = set_thermal(&spec->options, key, value, err);
	if (r == -ENOENT && strcmp(key, "security") == 0)
		r = set_security(spec, value, err);
	if (r == -ENOENT && strcmp(key, "congestion") == 0)
		return congestion_parse(value, &spec->congestion, err);
	if (r == -ENOENT)
		r = impair_rules_set(&spec->impair, key, value, err);
	if (r != -ENOENT)
		return r;
	return err_set(err, -EINVAL,
	    "'%s' is no setting of a server; there are: model, congestion, "
	    "root, format, "
	    "period, backlog, recv, clients, idle; for thermal seed, rate, "
	    "play; for rfcomm security; for rudp " IMPAIR_KEYS,
	    key);
}

int
server_spec_set(struct server_spec *spec, const char *key, const char *value,
    struct err *err)
{
	char names[SERVER_MODELS_MAX];
	long n = 0;
	int r = 0;

	if (strcmp(key, "model") == 0) {
		if (!server_model_parse(value, &spec->model))
			r = err_set(err, -EINVAL,
			    "'%s' is no server model; there are: %s", value,
			    server_model_names(names));
	} else if (strcmp(key, "root") == 0) {
		if (strlen(value) >= sizeof spec->options.root)
			r = err_set(err, -EINVAL,
			    "the directory's name has %zu bytes; %zu fit",
			    strlen(value), sizeof spec->options.root - 1);
		else
			strcpy(spec->options.root, value);
	} else if (strcmp(key, "format") == 0) {
		r = set_format(&spec->options, value, err);
	} else if (strcmp(key, "period") == 0) {
		r = number_whole(key, value, 0, UINT16_MAX, &n, err);
		if (r == 0)
			spec->options.period_ms = (uint16_t)n;
	} else if (strcmp(key, "backlog") == 0) {
		r = number_whole(key, value, 0, SOMAXCONN, &n, err);
		spec->backlog = r == 0 ? (int)n : spec->backlog;
	} else if (strcmp(key, "recv") == 0) {
		r = number_whole(key, value, 1, SERVICE_OUT_MAX, &n, err);
		spec->recv_size = r == 0 ? (size_t)n : spec->recv_size;
	} else if (strcmp(key, "clients") == 0) {
		r = number_whole(key, value, 1, SERVER_CLIENTS_LIMIT, &n, err);
		spec->clients_max = r == 0 ? (unsigned)n : spec->clients_max;
	} else if (strcmp(key, "idle") == 0) {
		r = number_whole(key, value, 0, SERVER_IDLE_LIMIT, &n, err);
		spec->idle_s = r == 0 ? (unsigned)n : spec->idle_s;
	} else {
		r = set_other(spec, key, value, err);
	}
	return r;
}

/* "backlog=2": false, not of this form. */
static bool
split_setting(const char *word, char key[16], const char **ret_value)
{
	const char *eq = strchr(word, '=');
	size_t n = eq != NULL ? (size_t)(eq - word) : 0;

	if (n == 0 || n >= 16 ||
	    strspn(word, "abcdefghijklmnopqrstuvwxyz") != n)
		return false;
	memcpy(key, word, n);
	key[n] = '\0';
	*ret_value = eq + 1;
	return true;
}

static int
default_endpoint(struct server_spec *spec, enum transport t, struct err *err)
{
	bool local = t == TRANSPORT_UNIX || t == TRANSPORT_UNIXGRAM;
	char text[64];

	if (t == TRANSPORT_RFCOMM)
		snprintf(text, sizeof text, "any");
	else if (local)
		snprintf(text, sizeof text, "@%s", spec->service->name);
	else
		snprintf(text, sizeof text, "%s:%u",
		    spec->everywhere ? "0.0.0.0" : "127.0.0.1",
		    spec->service->port);
	return endpoint_parse(text, t, true, &spec->endpoint, err);
}

/* The words that have a place: SERVICE, TRANSPORT, ADDRESS, MODEL. */
static int
parse_place(struct server_spec *spec, enum transport *t, int place,
    const char *word, struct err *err)
{
	char names[SERVICE_NAMES_MAX];

	switch (place) {
	case 0:
		spec->service = service_find(word);
		if (spec->service == NULL)
			return err_set(err, -EINVAL,
			    "'%s' is no service; there are: %s", word,
			    service_names(names));
		return 0;
	case 1:
		if (!transport_parse(word, t))
			return err_set(err, -EINVAL,
			    "'%s' is no transport; there are: tcp, udp, unix, "
			    "unixgram, rfcomm (Bluetooth), rudp (reliable UDP)",

			    word);
		return 0;
	case 2:
		return endpoint_parse(word, *t, true, &spec->endpoint, err);
	case 3:
		return server_spec_set(spec, "model", word, err);
	default:
		return err_set(err, -EINVAL,
		    "'%s' is one word too many: SERVICE TRANSPORT ADDRESS "
		    "MODEL KEY=VALUE...",
		    word);
	}
}

int
server_spec_parse(struct server_spec *spec, const char *const *words, int count,
    struct err *err)
{
	enum transport t = TRANSPORT_TCP;
	int place = 0, r = 0;

	for (int i = 0; i < count && r == 0; i++) {
		const char *value;
		char key[16];

		if (place > 0 && split_setting(words[i], key, &value))
			r = server_spec_set(spec, key, value, err);
		else
			r = parse_place(spec, &t, place++, words[i], err);
	}
	if (r == 0 && place == 0)
		r = parse_place(spec, &t, 0, "echo", err);
	if (r == 0 && place < 3)
		r = default_endpoint(spec, t, err);
	/* A thread for each datagram is a lesson, but not the usual thing. */
	if (spec->model == MODEL_COUNT)
		spec->model = transport_socktype(t) == SOCK_STREAM
				  ? MODEL_THREADED
				  : MODEL_ITERATIVE;
	return r;
}
