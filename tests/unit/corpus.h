/*
 * tests/unit/corpus.h - replays what fuzzing found: the promises that a fuzz
 * target checks hold for every file of its corpus.
 */
#ifndef SOCKDECK_TESTS_UNIT_CORPUS_H
#define SOCKDECK_TESTS_UNIT_CORPUS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORPUS_FILE_MAX 65536

/* check() is given the bytes of each file of the folder; returns how many. */
static inline int
corpus_replay(const char *folder, void (*check)(const uint8_t *data, size_t n))
{
	static uint8_t data[CORPUS_FILE_MAX];
	DIR *dir = opendir(folder);
	int replayed = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char path[512];
		uint8_t *exact;
		size_t n;
		FILE *f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		f = fopen(path, "rb");
		assert_non_null(f);
		n = fread(data, 1, sizeof data, f);
		fclose(f);
		exact = malloc(n); /* so that ASan sees a byte too many */
		assert_true(exact != NULL || n == 0);
		memcpy(exact, data, n);
		check(exact, n);
		free(exact);
		replayed++;
	}
	closedir(dir);
	return replayed;
}

#endif
