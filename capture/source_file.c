#include "capture/source.h"

#include "capture/filter.h"
#include "capture/source_impl.h"
#include "capture/unpack.h"
#include "net/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_BATCHES 8
#define BUFFER_BYTES (256 * 1024)
#define WINDOW_BYTES ((size_t)1 << 20) /* of a mapped file */
#define FETCH_BYTES ((size_t)4 << 20) /* behind it, from the disk */
#define PACKED_BYTES (64 * 1024)
#define HEAD_BYTES 16

/*
 * A regular file is opened and mapped by the caller, who gets its errors; one
 * that is compressed is unpacked into a file without a name first, by the
 * thread. The thread walks over it where it is mapped, and packets stay there.
 * Whatever else can keep a reader waiting is read by the thread too: reads wait
 * for bytes and for wake_fd at the same time, and main gets what was read so
 * far before they wait.
 */
struct file {
	struct source s;
	int fd;
	bool regular; /* reading it never waits */
	struct reader *reader;
	char *filter_text;
	struct filter *filter;
	uint64_t packets; /* in the file, filtered or not */
	uint8_t *buffer; /* not mapped: read and not yet used */
	size_t have, cap;
	size_t fetched; /* of a mapped file: the disk was told up to there */
	struct unpack *unpack; /* it is compressed */
	uint8_t packed[PACKED_BYTES]; /* [packed_at, packed_to): to unpack */
	size_t packed_at, packed_to;
};

static const struct {
	const char *magic, *name, *tool;
} compressions[] = {
    {"\x28\xb5\x2f\xfd", "zstd", "zstdcat"},
    {"\3757zXZ", "xz", "xzcat"},
    {"BZh", "bzip2", "bzcat"},
};

/* ------------------------------------------------------- what is no capture */

static bool
looks_like_text(const uint8_t *head, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isprint(head[i]) && !isspace(head[i]))
			return false;
	return true;
}

/* The reader found no header in these bytes, which begin the file. */
static int
not_a_capture(
    const struct file *f, const uint8_t *head, size_t n, struct err *err)
{
	const char *name = f->s.status.name, *why = reader_trouble(f->reader);
	char hex[3 * HEAD_BYTES + 1];

	n = n < HEAD_BYTES ? n : HEAD_BYTES;
	if (n == 0)
		return err_set(
		    err, -EINVAL, "%s is empty, not a capture file", name);
	for (size_t i = 0; i < sizeof compressions / sizeof *compressions;
	     i++) {
		size_t len = strlen(compressions[i].magic);

		if (n >= len && memcmp(head, compressions[i].magic, len) == 0)
			return err_set(err, -EINVAL,
			    "%s is compressed by %s: unpack it on the way, `%s "
			    "FILE | sockdeck -r -`",
			    name, compressions[i].name, compressions[i].tool);
	}
	if (looks_like_text(head, n))
		return err_set(err, -EINVAL,
		    "%s looks like text, not like a pcap or pcapng file", name);
	text_hex(hex, sizeof hex, head, n);
	return err_set(err, -EINVAL,
	    "%s is no capture file that can be read: it begins with %s (%s)",
	    name, hex, why[0] != '\0' ? why : "a truncated header");
}

/*
 * The file's header is in the window, or all that there is of the file. What
 * follows it tells of itself when it is read.
 */
static int
begin(struct file *f, enum reader_result rc, const uint8_t *head, size_t n,
    struct err *err)
{
	if (rc != READER_PACKET && !reader_begun(f->reader))
		return not_a_capture(f, head, n, err);
	if (rc != READER_PACKET)
		return 0;
	source_describe(&f->s, reader_link_type(f->reader));
	if (f->filter_text == NULL)
		return 0;
	f->filter = filter_new(f->filter_text);
	if (f->filter == NULL)
		return err_set(err, -ENOMEM, "no memory for the filter");
	return filter_check(f->filter_text, f->s.link_type, err);
}

/* ---------------------------------------------------------------- delivery */

enum delivery {
	DELIVERY_MORE, /* all packets of the window are handed over */
	DELIVERY_STOP, /* see source_slot() */
	DELIVERY_BAD,
};

/* Hand over the packets of the window. */
static enum delivery
deliver(struct file *f)
{
	struct packet *p;
	enum reader_result rc;

	while ((p = source_slot(&f->s)) != NULL) {
		rc = reader_next(f->reader, p);
		if (rc != READER_PACKET)
			return rc == READER_MORE ? DELIVERY_MORE : DELIVERY_BAD;
		f->packets++;
		if (f->filter != NULL && !filter_match(f->filter, p))
			continue;
		if (!source_take(&f->s))
			break;
	}
	return DELIVERY_STOP;
}

/* What there is to say at the end, with n bytes of the file left over. */
static void
conclude(struct file *f, enum delivery end, size_t left)
{
	const char *name = f->s.status.name;
	unsigned long long number = f->packets + 1;
	struct err why;

	if (end == DELIVERY_BAD)
		err_set(&why, -EBADMSG, "%s, packet %llu: %s", name, number,
		    reader_trouble(f->reader));
	else if (end == DELIVERY_MORE && left > 0)
		err_set(&why, -ENODATA,
		    "%s ends in the middle of packet %llu: it was cut off; the "
		    "packets before it are complete",
		    name, number);
	else
		return;
	source_fail(&f->s, &why);
}

/* ---------------------------------------------------------------- the buffer */

static bool
no_memory(struct file *f)
{
	struct err why;

	err_set(&why, -ENOMEM, "no memory to read %s", f->s.status.name);
	source_fail(&f->s, &why);
	return false;
}

/* Make room for a packet of n bytes, beside what was read already. */
static bool
make_room(struct file *f, size_t n)
{
	uint8_t *bytes;

	if (n < f->cap)
		return true;
	n = n < BUFFER_BYTES ? BUFFER_BYTES : n + BUFFER_BYTES;
	bytes = realloc(f->buffer, n);
	if (bytes == NULL)
		return no_memory(f);
	f->buffer = bytes;
	f->cap = n;
	return true;
}

/* The bytes that the reader has not used move to the front. */
static void
drop_used(struct file *f)
{
	size_t used = reader_used(f->reader);

	f->have -= used;
	memmove(f->buffer, f->buffer + used, f->have);
	reader_window(f->reader, f->buffer, f->have);
}

/* ------------------------------------------------------------ a mapped file */

static int
map_file(struct file *f, int fd, struct err *err)
{
	struct mapping **home = &f->s.home;
	int rc = mapping_new(fd, home);

	if (rc < 0)
		return err_set(err, rc, "%s cannot be read: %s",
		    f->s.status.name, strerror(-rc));
	reader_window(f->reader, mapping_bytes(*home), mapping_size(*home));
	return begin(f, reader_begin(f->reader), mapping_bytes(*home),
	    mapping_size(*home), err);
}

/*
 * It ends early: it was cut, or cannot be read on. What it has lost was read as
 * zeroes, so what the reader has counted or said of it is worth nothing: those
 * count that main got, and they were there.
 */
static void
lose(struct file *f, int rc)
{
	const char *name = f->s.status.name;
	struct source_status st;
	struct err why;

	source_status(&f->s, &st);
	if (rc == -ENODATA)
		err_set(&why, rc,
		    "%s became shorter while it was read, after %llu packets: "
		    "open it again to see what it is now",
		    name, (unsigned long long)st.received);
	else
		err_set(&why, rc, "%s: %s", name, strerror(-rc));
	source_fail(&f->s, &why);
}

/* Put the reader there. False: the file does not go on for that long, or nobody
 * waits for it. */
static bool
look_at(struct file *f, size_t from, size_t needs)
{
	struct mapping *home = f->s.home;
	size_t size = mapping_ask(home), n, soon;

	if (size < from + needs || source_stopping(&f->s))
		return false;
	n = needs > WINDOW_BYTES ? needs : WINDOW_BYTES;
	n = n < size - from ? n : size - from;
	soon = size - from - n < FETCH_BYTES ? size : from + n + FETCH_BYTES;
	if (soon > f->fetched) {
		mapping_fetch(home, f->fetched, soon - f->fetched);
		f->fetched = soon;
	}
	reader_window(f->reader, mapping_bytes(home) + from, n);
	return true;
}

/* To the end, also where that moves on while it is read. */
static void
run_mapped(struct file *f)
{
	struct mapping *home = f->s.home;
	size_t from = reader_used(f->reader), needs = 1, left;
	enum delivery d = DELIVERY_MORE;
	int rc;

	while (d == DELIVERY_MORE && look_at(f, from, needs)) {
		d = deliver(f);
		from += reader_used(f->reader);
		needs = reader_needs(f->reader);
	}
	left = mapping_size(home) - from; /* it may grow from here on */
	source_flush(&f->s);
	mapping_ask(home); /* what is BAD may be zeroes, and in no batch */
	rc = mapping_loss(home);
	if (rc < 0)
		lose(f, rc);
	else if (!source_stopping(&f->s))
		conclude(f, d, left);
}

/* ------------------------------------------------------- what has to be read */

static bool
wait_for_bytes(struct file *f, int timeout_ms)
{
	struct pollfd fds[] = {
	    {.fd = f->fd, .events = POLLIN},
	    {.fd = f->s.wake_fd, .events = POLLIN},
	};

	while (poll(fds, 2, timeout_ms) < 0 && errno == EINTR)
		continue;
	return fds[0].revents != 0 && fds[1].revents == 0;
}

/* 0 at the end, also when the source is stopping; or -errno. */
static ssize_t
read_some(struct file *f, uint8_t *dst, size_t room)
{
	ssize_t n;

	do {
		if (!wait_for_bytes(f, 0)) {
			source_flush(&f->s);
			if (!wait_for_bytes(f, -1))
				return 0;
		}
		n = read(f->fd, dst, room);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	return n < 0 ? -errno : n;
}

static ssize_t
unpack_more(struct file *f, uint8_t *dst, size_t room)
{
	ssize_t n;
	size_t used;

	while ((n = unpack_some(f->unpack, f->packed + f->packed_at,
		    f->packed_to - f->packed_at, &used, dst, room)) == 0) {
		f->packed_at += used;
		if (f->packed_at < f->packed_to)
			continue;
		n = read_some(f, f->packed, sizeof f->packed);
		if (n == 0 && !unpack_whole(f->unpack))
			return source_stopping(&f->s) ? 0 : -ENODATA;
		if (n <= 0)
			return n;
		f->packed_at = 0;
		f->packed_to = (size_t)n;
	}
	f->packed_at += used;
	return n;
}

static ssize_t
read_file(struct file *f, uint8_t *dst, size_t room)
{
	ssize_t n = f->unpack != NULL ? unpack_more(f, dst, room)
				      : read_some(f, dst, room);
	struct err why;

	if (n >= 0)
		return n;
	if (n == -ENODATA)
		err_set(&why, -ENODATA,
		    "%s ends in the middle of what gzip compressed: it was "
		    "cut off",
		    f->s.status.name);
	else if (n == -EBADMSG)
		err_set(&why, -EBADMSG,
		    "%s is damaged: gzip cannot have written it so",
		    f->s.status.name);
	else
		err_set(&why, (int)n, "%s: %s", f->s.status.name,
		    strerror((int)-n));
	source_fail(&f->s, &why);
	return n;
}

/* What was read is compressed: let it be unpacked. */
static bool
start_unpacking(struct file *f)
{
	f->unpack = unpack_new();
	if (f->unpack == NULL)
		return no_memory(f);
	f->packed_to = f->have < PACKED_BYTES ? f->have : PACKED_BYTES;
	memcpy(f->packed, f->buffer, f->packed_to);
	f->have = 0;
	return true;
}

/*
 * False: the end, for which the reason is given. The first bytes come alone:
 * they say whether all others are to be unpacked.
 */
static bool
read_on(struct file *f)
{
	bool first = f->unpack == NULL && f->packets == 0 && f->have < 2;
	ssize_t n = -1;

	if (make_room(f, f->have + reader_needs(f->reader)))
		n = read_file(f, f->buffer + f->have,
		    first ? HEAD_BYTES : f->cap - f->have);
	if (n > 0)
		f->have += (size_t)n;
	return n > 0;
}

/* Until the header is known. False: it never will be. */
static bool
begin_pipe(struct file *f)
{
	enum reader_result rc = READER_MORE;
	struct err why;

	while (rc == READER_MORE && read_on(f)) {
		if (f->unpack == NULL && !reader_begun(f->reader) &&
		    unpack_knows(f->buffer, f->have)) {
			if (!start_unpacking(f))
				return false;
			continue;
		}
		reader_window(f->reader, f->buffer, f->have);
		rc = reader_begin(f->reader);
		drop_used(f);
	}
	if (source_stopping(&f->s))
		return false;
	if (begin(f, rc, f->buffer, f->have, &why) < 0) {
		source_fail(&f->s, &why); /* unless it could not be read */
		return false;
	}
	return true;
}

static void
run_pipe(struct file *f)
{
	enum delivery d;

	if (!begin_pipe(f))
		return;
	do {
		d = deliver(f);
		drop_used(f);
		if (d != DELIVERY_MORE || !read_on(f))
			break;
		reader_window(f->reader, f->buffer, f->have);
	} while (true);
	if (!source_stopping(&f->s))
		conclude(f, d, f->have);
}

/* --------------------------------------------------- a compressed regular file */

/* A new file without a name; -errno. */
static int
open_nameless(void)
{
	const char *dir = getenv("TMPDIR");
	char path[] = "/var/tmp/sockdeck.XXXXXX";
	int fd = open(dir != NULL && dir[0] == '/' ? dir : "/var/tmp",
	    O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	fd = mkostemp(path, O_CLOEXEC); /* where O_TMPFILE is not known */
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static int
write_all(int fd, const uint8_t *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* All that can be unpacked; where that ends early the reason is given. */
static int
unpack_to(struct file *f, int fd, struct err *err)
{
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = read_file(f, f->buffer, f->cap)) > 0)
		rc = write_all(fd, f->buffer, (size_t)n);
	if (rc == 0)
		return 0;
	return err_set(err, rc, "unpacking %s into a file of $TMPDIR: %s",
	    f->s.status.name, strerror(-rc));
}

static void
run_packed(struct file *f)
{
	struct err why;
	int fd, rc;

	f->unpack = unpack_new();
	if (f->unpack == NULL || !make_room(f, BUFFER_BYTES)) {
		no_memory(f);
		return;
	}
	fd = open_nameless();
	rc = fd < 0 ? err_set(&why, fd, "no file to unpack %s into: %s",
			  f->s.status.name, strerror(-fd))
		    : unpack_to(f, fd, &why);
	if (rc == 0 && !source_stopping(&f->s))
		rc = map_file(f, fd, &why);
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		source_fail(&f->s, &why);
	else if (f->s.home != NULL)
		run_mapped(f);
}

/* ------------------------------------------------------------------- source */

static void
file_run(struct source *s)
{
	struct file *f = (struct file *)(void *)s;

	if (s->home != NULL)
		run_mapped(f);
	else if (f->regular)
		run_packed(f);
	else
		run_pipe(f);
	free(f->buffer);
	f->buffer = NULL;
}

static void
file_free(struct source *s)
{
	struct file *f = (struct file *)(void *)s;

	if (f->fd > STDIN_FILENO)
		close(f->fd);
	reader_free(f->reader);
	filter_free(f->filter);
	unpack_free(f->unpack);
	free(f->filter_text);
	free(f->buffer);
	source_done(s);
}

static const struct source_ops file_ops = {.run = file_run, .free = file_free};

static int
open_path(struct file *f, const char *path, struct err *err)
{
	const char *name = f->s.status.name;
	struct stat st;

	/* O_NONBLOCK: a FIFO opens before anybody writes to it. */
	f->fd = strcmp(path, "-") == 0
		    ? STDIN_FILENO
		    : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return err_set(err, -errno, "%s cannot be read: %s", name,
		    strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, -EISDIR,
		    "%s is a directory: give a pcap or pcapng file in it",
		    name);
	if (isatty(f->fd))
		return err_set(err, -EINVAL,
		    "%s is a terminal: pipe a capture into it (ssh HOST "
		    "tcpdump -U -w - | sockdeck -r -)",
		    name);
	f->regular = S_ISREG(st.st_mode) &&
		     (f->fd != STDIN_FILENO || lseek(f->fd, 0, SEEK_CUR) == 0);
	return 0;
}

static int
prepare(struct file *f, const char *path, const char *filter, struct err *err)
{
	uint8_t head[2];
	ssize_t n;
	int rc = open_path(f, path, err);

	if (rc < 0)
		return rc;
	f->reader = reader_new();
	if (filter != NULL)
		f->filter_text = strdup(filter);
	if (f->reader == NULL || (filter != NULL && f->filter_text == NULL))
		return err_set(
		    err, -ENOMEM, "no memory to read %s", f->s.status.name);
	if (!f->regular)
		return 0;
	n = pread(f->fd, head, sizeof head, 0);
	if (n > 0 && unpack_knows(head, (size_t)n))
		return 0;
	return map_file(f, f->fd, err);
}

int
source_open_file(
    const char *path, const char *filter, struct source **ret, struct err *err)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	struct file *f = calloc(1, sizeof *f);
	struct source *s;
	int rc;

	if (f == NULL)
		return err_set(err, -ENOMEM, "no memory to read %s", name);
	s = &f->s;
	f->fd = -1;
	rc = source_init(s, &file_ops, name, QUEUE_BATCHES, err);
	if (rc < 0)
		return rc;
	s->waits = true;
	rc = prepare(f, path, filter, err);
	if (rc < 0) {
		file_free(s);
		return rc;
	}
	rc = source_start(s, err);
	if (rc == 0)
		*ret = s;
	return rc;
}
