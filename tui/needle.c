#include "tui/needle.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
parse_hex(const char *text, struct needle *d, struct err *err)
{
	size_t digits = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == ' ')
			continue;
		if (digit(*p) < 0)
			return err_set(err, -EINVAL,
			    "'%c' is no hex digit: x 0d0a searches for two "
			    "bytes, 'x' alone for the letter",
			    *p);
		if (digits / 2 == NEEDLE_MAX)
			return err_set(err, -EINVAL,
			    "at most %d bytes can be searched for", NEEDLE_MAX);
		d->text[digits / 2] =
		    (char)(d->text[digits / 2] << 4 | digit(*p));
		digits++;
	}
	if (digits % 2 != 0)
		return err_set(err, -EINVAL,
		    "a byte has two hex digits: the last one is half");
	d->len = digits / 2;
	return 0;
}

int
needle_parse(const char *text, struct needle *ret, struct err *err)
{
	struct needle d = {.bytes = strncmp(text, "x ", 2) == 0};
	int rc = 0;

	if (d.bytes)
		rc = parse_hex(text + 2, &d, err);
	else if (strlen(text) > NEEDLE_MAX)
		return err_set(err, -EINVAL,
		    "at most %d characters can be searched for", NEEDLE_MAX);
	else
		d.len = (size_t)snprintf(d.text, sizeof d.text, "%s", text);
	if (rc < 0)
		return rc;
	if (d.len == 0)
		return err_set(err, -EINVAL,
		    "search for what? /TEXT, or /x 0d0a for bytes");
	*ret = d;
	return 0;
}

size_t
needle_find(const struct needle *d, const uint8_t *hay, size_t n, size_t from,
    size_t to, bool last)
{
	size_t found = n;

	if (d->bytes && !last && from < n) {
		const uint8_t *at =
		    memmem(hay + from, n - from, d->text, d->len);

		return at != NULL && (size_t)(at - hay) < to
			   ? (size_t)(at - hay)
			   : n;
	}
	for (size_t i = from; i < to && i + d->len <= n; i++) {
		bool same = d->bytes ? memcmp(hay + i, d->text, d->len) == 0
				     : tolower(hay[i]) ==
					       tolower((uint8_t)d->text[0]) &&
					   strncasecmp((const char *)hay + i,
					       d->text, d->len) == 0;

		if (!same)
			continue;
		found = i;
		if (!last)
			break;
	}
	return found;
}

bool
needle_in_text(const struct needle *d, const char *line)
{
	return !d->bytes && strcasestr(line, d->text) != NULL;
}
