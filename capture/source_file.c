#include "capture/source.h"

#include "capture/source_impl.h"
#include "net/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_BATCHES 8
#define BUFFER_BYTES (128 * 1024)

/*
 * A regular file is opened by the caller, who gets its errors. Whatever else
 * can keep a reader waiting for its first bytes is opened by the thread.
 *
 * libpcap reads through a stdio stream whose reads are ours: they wait for
 * bytes and for wake_fd at the same time, and main gets what was read so far
 * before they wait.
 */
struct file {
	struct source s;
	FILE *stream; /* libpcap's once it has taken it: then NULL here */
	int fd;
	bool regular; /* reading it never waits */
	char *filter;
	uint64_t packets; /* in the file, filtered or not */
	uint8_t head[16]; /* its first bytes, to say what it is */
	size_t head_len;
	char buffer[BUFFER_BYTES];
};

static const struct {
	const char *magic, *name, *tool;
} compressions[] = {
    {"\x1f\x8b", "gzip", "zcat"},
    {"\x28\xb5\x2f\xfd", "zstd", "zstdcat"},
    {"\3757zXZ", "xz", "xzcat"},
    {"BZh", "bzip2", "bzcat"},
};

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

/* For fopencookie(3): 0 ends the file, also when the source is stopping. */
static ssize_t
read_some(void *cookie, char *buf, size_t size)
{
	struct file *f = cookie;
	ssize_t n;

	do {
		if (!wait_for_bytes(f, 0)) {
			source_flush(&f->s);
			if (!wait_for_bytes(f, -1))
				return 0;
		}
		n = read(f->fd, buf, size);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n > 0 && f->head_len < sizeof f->head) {
		size_t more = sizeof f->head - f->head_len;

		more = (size_t)n < more ? (size_t)n : more;
		memcpy(f->head + f->head_len, buf, more);
		f->head_len += more;
	}
	return n;
}

static bool
looks_like_text(const struct file *f)
{
	for (size_t i = 0; i < f->head_len; i++)
		if (!isprint(f->head[i]) && !isspace(f->head[i]))
			return false;
	return true;
}

static int
not_a_capture(const struct file *f, const char *why, struct err *err)
{
	const char *name = f->s.status.name;
	char hex[3 * sizeof f->head + 1];

	if (f->head_len == 0)
		return err_set(
		    err, -EINVAL, "%s is empty, not a capture file", name);
	for (size_t i = 0; i < sizeof compressions / sizeof *compressions;
	     i++) {
		size_t n = strlen(compressions[i].magic);

		if (f->head_len >= n &&
		    memcmp(f->head, compressions[i].magic, n) == 0)
			return err_set(err, -EINVAL,
			    "%s is compressed by %s: unpack it on the way, `%s "
			    "FILE | sockdeck -r -`",
			    name, compressions[i].name, compressions[i].tool);
	}
	if (looks_like_text(f))
		return err_set(err, -EINVAL,
		    "%s looks like text, not like a pcap or pcapng file", name);
	text_hex(hex, sizeof hex, f->head, f->head_len);
	return err_set(err, -EINVAL,
	    "%s is no capture file that can be read: it begins with %s (%s)",
	    name, hex, why);
}

/* The header of the file; waits for it. */
static int
open_capture(struct file *f, struct err *err)
{
	struct source *s = &f->s;
	char why[PCAP_ERRBUF_SIZE];
	int rc = source_libpcap(err);

	if (rc < 0)
		return rc;
	s->pcap = pcap_fopen_offline_with_tstamp_precision(
	    f->stream, PCAP_TSTAMP_PRECISION_NANO, why);
	if (s->pcap == NULL && ferror(f->stream))
		return err_set(err, -EIO, "%s: %s", s->status.name, why);
	if (s->pcap == NULL)
		return not_a_capture(f, why, err);
	f->stream = NULL;
	source_describe(s);
	if (f->filter == NULL)
		return 0;
	return filter_compile(s->pcap, f->filter, &s->program, err);
}

static void
on_packet(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct file *f = (struct file *)(void *)user;
	struct source *s = &f->s;

	f->packets++; /* libpcap would not count what its filter drops */
	if (s->program != NULL &&
	    pcap_offline_filter(s->program, h, bytes) == 0)
		return;
	if (!source_add(s, h, bytes))
		pcap_breakloop(s->pcap);
}

static void
file_run(struct source *s)
{
	struct file *f = (struct file *)(void *)s;
	struct err why;

	if (s->pcap == NULL && open_capture(f, &why) < 0) {
		source_fail(s, &why);
		return;
	}
	if (pcap_dispatch(s->pcap, -1, on_packet, (u_char *)f) != PCAP_ERROR ||
	    source_stopping(s))
		return;
	if (feof(pcap_file(s->pcap)))
		err_set(&why, -ENODATA,
		    "%s ends in the middle of packet %llu: it was cut off; the "
		    "packets before it are complete",
		    s->status.name, (unsigned long long)f->packets + 1);
	else
		err_set(&why, -EBADMSG, "%s, packet %llu: %s", s->status.name,
		    (unsigned long long)f->packets + 1, pcap_geterr(s->pcap));
	source_fail(s, &why);
}

static void
file_free(struct source *s)
{
	struct file *f = (struct file *)(void *)s;

	if (f->stream != NULL)
		fclose(f->stream);
	if (s->pcap != NULL)
		pcap_close(s->pcap); /* uses buffer, and fd through it */
	s->pcap = NULL;
	if (f->fd > STDIN_FILENO)
		close(f->fd);
	free(f->filter);
	source_done(s);
}

static const struct source_ops file_ops = {file_run, file_free};

static int
open_stream(struct file *f, const char *path, struct err *err)
{
	const cookie_io_functions_t io = {.read = read_some};
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
	f->regular = S_ISREG(st.st_mode);
	f->stream = fopencookie(f, "r", io);
	if (f->stream == NULL)
		return err_set(err, -ENOMEM, "no memory to read %s", name);
	setvbuf(f->stream, f->buffer, _IOFBF, sizeof f->buffer);
	return 0;
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
	rc = open_stream(f, path, err);
	if (rc == 0 && filter != NULL && (f->filter = strdup(filter)) == NULL)
		rc = err_set(err, -ENOMEM, "no memory to read %s", name);
	if (rc == 0 && f->regular)
		rc = open_capture(f, err);
	if (rc < 0) {
		file_free(s);
		return rc;
	}
	rc = source_start(s, err);
	if (rc == 0)
		*ret = s;
	return rc;
}
