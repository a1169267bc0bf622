/*
 * Saving the bytes of a stream, as the program that received them had them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/base/text.h"
#include "tui/app.h"
#include "tui/commands.h"

#define PIECE (64 * 1024)

static int
failed(const char *path, FILE *out, struct err *err)
{
	int error = errno;

	if (out != NULL) {
		fclose(out);
		unlink(path);
	}
	return err_set(err, -error, "%s: %s%s%s", path, strerror(error),
	    error == EEXIST ? " (add the word overwrite)" : "",
	    out != NULL ? "; the part that was written is removed" : "");
}

/* Everything in front of a gap, then what is behind it. */
static int
write_stream(struct app *app, int dir, FILE *out, uint64_t *ret_bytes)
{
	static uint8_t piece[PIECE];
	const struct stream *s = app->stream;
	uint64_t off = 0;
	size_t i = 0, n;

	*ret_bytes = 0;
	while (
	    (i = stream_stretch_at(s, dir, off)) < stream_stretches(s, dir)) {
		struct stretch t = stream_stretch(s, dir, i);

		if (off < t.from)
			off = t.from;
		n = stream_read(s, capture_store(app->capture), dir, off, piece,
		    sizeof piece);
		if (n > 0 && fwrite(piece, 1, n, out) != n)
			return -1;
		*ret_bytes += n;
		/* What was not captured is left out, and counted. */
		off = n > 0 ? off + n : t.to;
	}
	return 0;
}

COMMAND(save_stream)
{
	static const char *const names[] = {"client", "server"};
	struct view v = app_view(app);
	bool overwrite = w->count == 3 && strcmp(w->word[2], "overwrite") == 0;
	char saved[TEXT_NUM_MAX], lost[TEXT_NUM_MAX];
	uint64_t bytes, missing;
	int dir = -1;
	FILE *out;

	for (int i = 0; i < 2 && w->count > 1; i++)
		if (strcmp(w->word[0], names[i]) == 0)
			dir = i;
	if (dir < 0 || (w->count > 2 && !overwrite) || w->count > 3)
		return -EINVAL;
	while (stream_follow(app->stream, capture_store(app->capture),
	    flow_get(capture_flows(app->capture), view_flow(&v)), SIZE_MAX))
		continue;
	if (stream_stretches(app->stream, dir) == 0)
		return err_set(err, -ENOENT,
		    "the %s has sent no data in this conversation", names[dir]);
	out = fopen(w->word[1], overwrite ? "we" : "wxe");
	if (out == NULL)
		return failed(w->word[1], NULL, err);
	if (write_stream(app, dir, out, &bytes) < 0)
		return failed(w->word[1], out, err);
	if (fclose(out) != 0) {
		unlink(w->word[1]);
		return failed(w->word[1], NULL, err);
	}
	missing = stream_end(app->stream, dir) -
		  stream_stretch(app->stream, dir, 0).from - bytes;
	deck_say(&app->deck, false,
	    "%s bytes that the %s sent are saved in %s%s%s%s",
	    text_count(saved, bytes), names[dir], w->word[1],
	    missing > 0 ? "; " : "",
	    missing > 0 ? text_count(lost, missing) : "",
	    missing > 0 ? " were not captured" : "");
	return 0;
}
