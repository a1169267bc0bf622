/*
 * tests/fuzz/structline_check.h - any text as a line of a struct: refused at a
 * place, or written back as a line that means the same.
 */
#ifndef SOCKDECK_TESTS_FUZZ_STRUCTLINE_CHECK_H
#define SOCKDECK_TESTS_FUZZ_STRUCTLINE_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/structline.h"

static inline void
structline_check_print(const struct structline *s, struct buf *out)
{
	buf_init(out, 1024 * 1024);
	structline_print(s, out);
	if (out->full)
		abort();
}

static inline void
structline_check(const uint8_t *data, size_t n)
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
		return;
	}
	structline_check_print(&s, &first);
	if (structline_parse(&again, buf_str(&first), &at, &err) < 0)
		abort();
	structline_check_print(&again, &second);
	if (strcmp(buf_str(&first), buf_str(&second)) != 0)
		abort();
	buf_done(&first);
	buf_done(&second);
	structline_done(&s);
	structline_done(&again);
	free(line);
}

#endif
