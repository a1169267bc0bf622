/*
 * net/wire_words.h - how a wire is, in a user's words.
 *
 *   delay=20ms jitter=5ms loss=5% burst=4 dup=1% reorder=1% corrupt=0.1%
 *   rate=10mbit queue=50 (packets) queue=64kb mtu=1000 seed=7
 *
 * and one word for many of them: LAN, DSL, 4G, satellite, bad-wifi, bluetooth,
 * off. A direction (client->server, server->client) before them says which way
 * is meant; else both are.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_WIRE_WORDS_H
#define SOCKDECK_NET_WIRE_WORDS_H

#include "net/base/err.h"
#include "net/wire_facts.h"
#include "net/wire_path.h"

#define WIRE_WORDS_TEXT 160
#define WIRE_MTU_MIN 576 /* RFC 791: every host takes so much */

struct wire_preset {
	const char *name, *summary;
	const char *words[2]; /* client to server, and back */
};

/* By place; NULL behind the last. */
const struct wire_preset *wire_preset_at(size_t i);

/* One KEY=VALUE. -ENOENT: no such key, nothing is said. */
int wire_settings_set(struct wire_settings *s, const char *key,
    const char *value, struct err *err);
/*
 * Words as above, in this order of time: a preset sets everything, a key what
 * it names. ways: [WIRE_TO_SERVER], [WIRE_TO_CLIENT]; as they were on failure,
 * which is -EINVAL with a sentence.
 */
int wire_words_apply(struct wire_settings ways[2], const char *const *words,
    size_t count, struct err *err);
/* "delay=20ms loss=5%"; "off" for a wire that does nothing. */
const char *wire_settings_text(
    const struct wire_settings *s, char dst[WIRE_WORDS_TEXT]);

/* "client->server"; false: no direction. */
bool wire_direction_parse(const char *word, enum wire_direction *ret);
/* Was it meant to be one? It has an arrow. */
bool wire_direction_is_meant(const char *word);
/* " client->server"; "" for both. */
const char *wire_direction_text(enum wire_direction d);

#endif
