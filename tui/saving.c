#include "tui/saving.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/display_filter.h"
#include "capture/savefile.h"
#include "tui/packetnotes.h"

#define PIECE 256 /* packets looked at */

struct saving {
	struct weave weave;
	struct savefile *file;
	struct packetnotes *notes; /* NULL: the file has no place for them */
	struct display_filter *filter; /* NULL: all */
	const struct marks *marks;
	uint32_t flow;
	char *path;
	uint64_t first, at, end; /* ids: [at, end) are to be looked at */
	uint64_t count, lost;
};

static const struct store *
store_of(const struct saving *s)
{
	return capture_store(s->weave.capture);
}

static int
no_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "no memory to save packets");
}

static int
open_all(struct saving *s, const struct saving_spec *spec, struct err *err)
{
	int rc = 0;

	s->path = strdup(spec->path);
	if (s->path == NULL)
		return no_memory(err);
	if (spec->show[0] != '\0')
		rc = display_filter_new(spec->show, &s->filter, err);
	if (rc == 0)
		rc = savefile_open(spec->path, spec->overwrite, &s->file, err);
	if (rc < 0 || !savefile_comments(s->file))
		return rc;
	s->notes = packetnotes_new(&s->weave);
	return s->notes != NULL ? 0 : no_memory(err);
}

int
saving_new(const struct saving_spec *spec, const struct weave *w,
    struct saving **ret, struct err *err)
{
	struct saving *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL)
		return no_memory(err);
	s->weave = *w;
	s->flow = spec->flow;
	s->marks = spec->marks;
	s->first = s->at = store_first(store_of(s));
	s->end = store_next(store_of(s));
	rc = open_all(s, spec, err);
	if (rc < 0)
		saving_free(s);
	else
		*ret = s;
	return rc;
}

void
saving_free(struct saving *s)
{
	if (s == NULL)
		return;
	savefile_abandon(s->file);
	packetnotes_free(s->notes);
	display_filter_free(s->filter);
	free(s->path);
	free(s);
}

static bool
wanted(const struct saving *s, uint64_t id)
{
	const struct record *r = store_record(store_of(s), id);

	return r != NULL && (s->flow == 0 || r->flow == s->flow) &&
	       (s->marks == NULL || marks_has(s->marks, id)) &&
	       (s->filter == NULL ||
		   display_filter_match(s->filter, store_of(s), id));
}

static int
write_one(struct saving *s, uint64_t id, struct err *err)
{
	char lines[PACKETNOTES_MAX];
	struct packet p;
	struct frame f;

	s->count++;
	if (s->notes != NULL && store_get(store_of(s), id, &f))
		return savefile_add(s->file, &f.packet,
		    packetnotes_of(s->notes, &f, lines), err);
	store_packet(store_of(s), id, &p);
	return savefile_add(s->file, &p, NULL, err);
}

static int
finish(struct saving *s, struct err *err)
{
	struct savefile *f = s->file;

	if (s->count == 0)
		return err_set(err, -ENOENT,
		    "none of the packets is to be saved: %s is not made",
		    s->path);
	s->file = NULL; /* freed by this, however it ends */
	return savefile_commit(f, err);
}

int
saving_step(struct saving *s, struct err *err)
{
	int rc = 0;

	if (s->at < store_first(store_of(s))) {
		s->lost += store_first(store_of(s)) - s->at;
		s->at = store_first(store_of(s));
	}
	for (int n = 0; n < PIECE && s->at < s->end && rc == 0; n++, s->at++)
		if (wanted(s, s->at))
			rc = write_one(s, s->at, err);
	if (rc < 0)
		return rc;
	return s->at < s->end ? 1 : finish(s, err);
}

const char *
saving_path(const struct saving *s)
{
	return s->path;
}

int
saving_progress(const struct saving *s)
{
	return s->end > s->first
		   ? (int)((s->at - s->first) * 100 / (s->end - s->first))
		   : 100;
}

uint64_t
saving_count(const struct saving *s)
{
	return s->count;
}

uint64_t
saving_lost(const struct saving *s)
{
	return s->lost;
}
