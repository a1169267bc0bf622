#include "tui/packets_print.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/text.h"

/* ---- fields: every occurrence, as `tshark -T fields` prints them ---- */

/* The dissectors have escaped what C escapes; what is left may be no UTF-8. */
static void
print_text(const char *s)
{
	for (size_t n = strlen(s), used; n > 0; s += used, n -= used) {
		char32_t ch;

		used = text_decode(s, n, &ch);
		if (ch == 0xfffd)
			printf("\\x%02x", (uint8_t)*s);
		else if (ch < 0x20 || (ch >= 0x7f && ch < 0xa0))
			printf("\\x%02x", (unsigned)ch);
		else
			fwrite(s, 1, used, stdout);
	}
}

static void
print_value(const struct tree *t, const struct packet *p, const struct field *f)
{
	if (f->bare) {
		putchar('1');
	} else if (!f->cut) {
		print_text(f->value);
	} else {
		const uint8_t *bytes = tree_bytes(t, p, f);

		for (uint32_t i = 0; i < f->len; i++)
			printf("%02x", bytes[i]);
	}
}

static void
print_occurrences(const struct tree *t, const struct packet *p, const char *key)
{
	const struct field *f;
	size_t from = 0;

	while ((f = tree_find(t, key, from)) != NULL) {
		if (from > 0)
			putchar(',');
		print_value(t, p, f);
		from = (size_t)(f - t->fields) + 1;
	}
}

void
packets_print_fields(const struct capture *c, const struct frame *f,
    struct tree *t, const struct packets_keys *keys)
{
	struct dissect_context ctx = capture_context(c, f);

	dissect(&f->packet, &ctx, t);
	for (size_t i = 0; i < keys->count; i++) {
		if (i > 0)
			putchar('\t');
		print_occurrences(t, &f->packet, keys->keys[i]);
	}
	putchar('\n');
}

void
packets_print_keys(void)
{
	struct dissect_key k;

	for (size_t i = 0; dissect_key(i, &k); i++)
		if (k.key != NULL)
			printf("%s\t%s\t%s\t%s\n", k.key, k.name,
			    k.ref != NULL ? k.ref : "",
			    k.help != NULL ? k.help : "");
}

/* ---- JSON ---- */

static json_t *
json_bytes(const struct tree *t, const struct packet *p, const struct field *f)
{
	const uint8_t *bytes = tree_bytes(t, p, f);
	char *text = malloc(2 * (size_t)f->len + 1);
	json_t *value;

	if (text == NULL)
		return NULL;
	for (uint32_t i = 0; i < f->len; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", bytes[i]);
	value = json_stringn(text, 2 * (size_t)f->len);
	free(text);
	return value;
}

/* Text as it is, or escaped if it is no UTF-8, which JSON has to be. */
static json_t *
json_text(const char *s)
{
	size_t n = strlen(s);
	json_t *value = json_string(s);
	char *safe;

	if (value != NULL)
		return value;
	safe = malloc(4 * n + 1);
	if (safe == NULL)
		return NULL;
	text_escape(safe, 4 * n + 1, s, n);
	value = json_string(safe);
	free(safe);
	return value;
}

static json_t *
json_value(const struct tree *t, const struct packet *p, const struct field *f)
{
	if (f->bare)
		return json_string("1");
	return f->cut ? json_bytes(t, p, f) : json_text(f->value);
}

static bool
is_wanted(const struct packets_keys *keys, const char *key)
{
	if (keys->count == 0)
		return true;
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->keys[i], key) == 0)
			return true;
	return false;
}

static void
add_value(json_t *fields, const char *key, json_t *value)
{
	json_t *values = json_object_get(fields, key);

	if (values == NULL) {
		values = json_array();
		json_object_set_new(fields, key, values);
	}
	json_array_append_new(values, value);
}

static json_t *
json_fields(const struct tree *t, const struct packet *p,
    const struct packets_keys *keys)
{
	json_t *fields = json_object();

	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];

		const char *second;

		if (f->key == NULL)
			continue;
		if (is_wanted(keys, f->key))
			add_value(fields, f->key, json_value(t, p, f));
		second = dissect_second_key(f->key);
		if (second != NULL && is_wanted(keys, second))
			add_value(fields, second, json_value(t, p, f));
	}
	return fields;
}

void
packets_print_json(const struct capture *c, const struct frame *f,
    struct tree *t, const struct packets_keys *keys)
{
	struct dissect_context ctx = capture_context(c, f);
	json_t *row;

	dissect(&f->packet, &ctx, t);
	row = json_pack("{s:I, s:s, s:o}", "frame", (json_int_t)f->id,
	    "protocol", summary_proto_name(&f->sum), "fields",
	    json_fields(t, &f->packet, keys));
	if (row == NULL)
		return;
	json_dumpf(row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(row);
}
