/*
 * A sentence with its numbers filled in.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/why_impl.h"
#include "net/base/clock.h"
#include "net/base/text.h"

const char *
why_words(enum why what, size_t i)
{
	const struct why_words *const tables[] = {
	    why_words_tcp, why_words_other, why_words_bluetooth};

	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (const struct why_words *w = tables[t]; w->text; w++)
			if (w->what == what && i-- == 0)
				return w->text;
	return NULL;
}

#define NAME_MAX_LEN 48
#define NUMBER_TEXT_MAX 96

static const char *
nth(uint64_t n)
{
	if (n % 100 / 10 == 1)
		return "th";
	return n % 10 == 1   ? "st"
	       : n % 10 == 2 ? "nd"
	       : n % 10 == 3 ? "rd"
			     : "th";
}

static void
write_number(char dst[NUMBER_TEXT_MAX], enum why_form form, uint64_t n)
{
	char span[TEXT_NUM_MAX];

	switch (form) {
	case WHY_BYTES:
		snprintf(dst, NUMBER_TEXT_MAX, "%" PRIu64 " byte%s", n,
		    n == 1 ? "" : "s");
		break;
	case WHY_FRAME:
		snprintf(dst, NUMBER_TEXT_MAX, "#%" PRIu64, n);
		break;
	case WHY_SPAN:
		snprintf(
		    dst, NUMBER_TEXT_MAX, "%s", text_span(span, (int64_t)n));
		break;
	case WHY_NTH:
		snprintf(dst, NUMBER_TEXT_MAX, "%" PRIu64 "%s", n, nth(n));
		break;
	case WHY_PLAIN:
		snprintf(dst, NUMBER_TEXT_MAX, "%" PRIu64, n);
		break;
	}
}

/* A field's value, in the form that the place asks for. */
static void
write_field(char dst[NUMBER_TEXT_MAX], enum why_form form, const char *value)
{
	char *end;

	if (form == WHY_SPAN)
		write_number(dst, form,
		    (uint64_t)(strtod(value, NULL) * (double)CLOCK_S + 0.5));
	else if (form == WHY_PLAIN || (strtoull(value, &end, 10), *end != '\0'))
		snprintf(dst, NUMBER_TEXT_MAX, "%s", value);
	else
		write_number(dst, form, strtoull(value, NULL, 10));
}

static enum why_form
form_of(const char *name)
{
	static const struct {
		const char *name;
		enum why_form form;
	} forms[] = {{"bytes", WHY_BYTES}, {"frame", WHY_FRAME},
	    {"span", WHY_SPAN}, {"nth", WHY_NTH}};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (strcmp(forms[i].name, name) == 0)
			return forms[i].form;
	return WHY_PLAIN;
}

/* One place, without its braces, into dst. False: not for this packet. */
static bool
fill_place(const struct why_scene *s, struct why_item item, const char *place,
    size_t len, char dst[NUMBER_TEXT_MAX])
{
	char name[NAME_MAX_LEN + 1];
	struct why_value v;
	bool asks = place[0] == '?', begins = isupper((unsigned char)place[0]);
	char *colon;

	snprintf(name, sizeof name, "%.*s", (int)(len - asks), place + asks);
	colon = strchr(name, ':');
	if (colon != NULL)
		*colon++ = '\0';
	name[0] = (char)tolower((unsigned char)name[0]);
	dst[0] = '\0';
	if (!why_number(s, item, name, &v))
		return false;
	if (asks)
		return true;
	if (v.text != NULL)
		write_field(
		    dst, colon != NULL ? form_of(colon) : WHY_PLAIN, v.text);
	else
		write_number(dst, v.form, v.number);
	if (begins)
		dst[0] = (char)toupper((unsigned char)dst[0]);
	return true;
}

static bool
fill(const struct why_scene *s, struct why_item item, const char *text,
    char dst[WHY_TEXT_MAX])
{
	char number[NUMBER_TEXT_MAX];
	size_t n = 0;

	while (*text != '\0' && n + 1 < WHY_TEXT_MAX) {
		size_t len = strcspn(text, "}");

		if (*text != '{') {
			dst[n++] = *text++;
			continue;
		}
		if (!fill_place(s, item, text + 1, len - 1, number))
			return false;
		n += (size_t)snprintf(dst + n, WHY_TEXT_MAX - n, "%s", number);
		if (n >= WHY_TEXT_MAX)
			n = WHY_TEXT_MAX - 1;
		text += len + 1;
	}
	dst[n] = '\0';
	return true;
}

void
why_explain(
    const struct why_scene *s, struct why_item item, char dst[WHY_TEXT_MAX])
{
	const char *text;

	dst[0] = '\0';
	for (size_t i = 0; (text = why_words(item.what, i)) != NULL; i++)
		if (fill(s, item, text, dst))
			return;
	dst[0] = '\0';
}
