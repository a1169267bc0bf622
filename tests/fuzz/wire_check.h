/*
 * tests/fuzz/wire_check.h - any text as a rule and as settings of the wire, any
 * bytes as a packet on it.
 *
 * What is understood can be written back, and is understood as the same; what
 * is not is explained. A packet, whatever it is, gets a number, and what
 * routers answer to it stays within its bounds.
 *
 * Used by the fuzz target and by the replay of its corpus.
 */
#ifndef SOCKDECK_TESTS_FUZZ_WIRE_CHECK_H
#define SOCKDECK_TESTS_FUZZ_WIRE_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "net/wire_icmp.h"
#include "net/wire_rules.h"
#include "net/wire_words.h"

static inline void
wire_check_rule(const char *text)
{
	char first[WIRE_RULE_TEXT], second[WIRE_RULE_TEXT];
	struct wire_rule r, again;
	struct err err = {""};

	if (wire_rule_parse(text, &r, &err) < 0) {
		if (err.text[0] == '\0')
			abort();
		return;
	}
	wire_rule_text(&r, first);
	if (wire_rule_parse(first, &again, &err) < 0)
		abort();
	wire_rule_text(&again, second);
	if (strcmp(first, second) != 0)
		abort();
}

static inline void
wire_check_words(const char *text)
{
	struct wire_settings ways[2] = {0}, again[2] = {0};
	char *copy = strdup(text), *rest = copy;
	char back[WIRE_WORDS_TEXT], second[WIRE_WORDS_TEXT];
	const char *words[64], *word;
	struct err err = {""};
	size_t n = 0;

	while (n < 64 && (word = strsep(&rest, " ")) != NULL)
		words[n++] = word;
	if (wire_words_apply(ways, words, n, &err) < 0) {
		if (err.text[0] == '\0')
			abort();
		free(copy);
		return;
	}
	wire_settings_text(&ways[0], back);
	free(copy);
	copy = rest = strdup(back);
	for (n = 0; (word = strsep(&rest, " ")) != NULL;)
		words[n++] = word;
	if (wire_words_apply(again, words, n, &err) < 0)
		abort();
	wire_settings_text(&again[0], second);
	if (strcmp(back, second) != 0)
		abort();
	free(copy);
}

static inline void
wire_check_packet(const uint8_t *data, size_t n)
{
	static const struct wire_router router;
	static struct wire_flows flows;
	uint8_t answer[WIRE_ICMP_MAX], *copy = malloc(n + 1);
	char text[WIRE_FACTS_TEXT];
	struct impair_key key;
	struct wire_facts f;

	memcpy(copy, data, n);
	if (wire_facts_read(copy, n, &f)) {
		if (f.payload_off > n || f.payload_len > n - f.payload_off)
			abort();
		key = wire_flows_key(&flows, &f, n & 1);
		wire_facts_text(&f, &key, text);
		for (int what = 0; what < 2; what++)
			if (wire_icmp_make((enum wire_icmp)what, 1000, &router,
				&f, copy, n, answer) > sizeof answer)
				abort();
		wire_hop(copy, &f, 1);
	}
	free(copy);
}

static inline void
wire_check(const uint8_t *data, size_t n)
{
	char *text = strndup((const char *)data, n);

	wire_check_rule(text);
	wire_check_words(text);
	wire_check_packet(data, n);
	free(text);
}

#endif
