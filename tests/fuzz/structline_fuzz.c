/* Any text as a line of a struct: refused at a place, or written back. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/structline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
print(const struct structline *s, struct buf *out)
{
	buf_init(out, 1024 * 1024);
	structline_print(s, out);
	if (out->full)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *line = strndup((const char *)data, n);
	struct structline s = {0}, again = {0};
	struct buf first, second;
	struct err err = {""};
	size_t at;

	if (structline_parse(&s, line, &at, &err) < 0) {
		if (err.text[0] == '\0' || at > strlen(line))
			abort();
		free(line);
		return 0;
	}
	print(&s, &first);
	if (structline_parse(&again, buf_str(&first), &at, &err) < 0)
		abort();
	print(&again, &second);
	if (strcmp(buf_str(&first), buf_str(&second)) != 0)
		abort();
	buf_done(&first);
	buf_done(&second);
	structline_done(&s);
	structline_done(&again);
	free(line);
	return 0;
}
