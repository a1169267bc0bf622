/*
 * pystruct FORMAT ROUNDS < RECORDS: ns to pack and to unpack a record, each the
 * best of so many rounds over all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"
#include "net/pystruct.h"

#define INPUT_MAX (64 * 1024 * 1024)

struct job {
	struct pystruct ps;
	uint8_t *bytes, *packed;
	size_t len, records;
	struct pystruct_value *values;
};

static int
unpack_all(struct job *j)
{
	int r = 0;

	for (size_t i = 0; i < j->records; i++)
		r |= pystruct_unpack(&j->ps, j->bytes + i * j->ps.size,
		    j->ps.size, j->values + i * j->ps.values, NULL);
	return r;
}

static int
pack_all(struct job *j)
{
	int r = 0;

	for (size_t i = 0; i < j->records; i++)
		r |= pystruct_pack(&j->ps, j->values + i * j->ps.values,
		    j->ps.values, j->packed + i * j->ps.size, j->ps.size, NULL);
	return r;
}

static double
best_ns(struct job *j, int rounds, int (*run)(struct job *))
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < rounds; i++) {
		int64_t start = clock_mono_ns();

		if (run(j) != 0)
			exit(1);
		start = clock_mono_ns() - start;
		best = start < best ? start : best;
	}
	return (double)best / (double)j->records;
}

int
main(int argc, char **argv)
{
	struct job j;
	double unpack, pack;

	if (argc != 3 || pystruct_compile(&j.ps, argv[1], NULL) < 0)
		return 2;
	j.bytes = malloc(INPUT_MAX);
	j.len = j.bytes != NULL ? fread(j.bytes, 1, INPUT_MAX, stdin) : 0;
	j.records = j.len / j.ps.size;
	j.packed = calloc(1, j.len + 1);
	j.values = calloc(j.records * j.ps.values + 1, sizeof *j.values);
	if (j.records == 0 || j.packed == NULL || j.values == NULL)
		return 1;
	unpack = best_ns(&j, atoi(argv[2]), unpack_all);
	pack = best_ns(&j, atoi(argv[2]), pack_all);
	if (memcmp(j.packed, j.bytes, j.len) != 0)
		return 1;
	printf("%.3f %.3f\n", pack, unpack);
	return 0;
}
