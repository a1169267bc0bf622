#include "capture/savefile.h"

#include "capture/pcapng.h"
#include "capture/summary.h" /* LINK_... */
#include "net/base/bytes.h"
#include "net/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* pcap-savefile(5): the magic of nanosecond stamps, format 2.4, and what
 * tcpdump gives as the longest packet. */
#define MAGIC_NS 0xa1b23c4d
#define VERSION_MAJOR 2
#define VERSION_MINOR 4
#define SNAPLEN 262144
#define BLOCK_MAX (16 * 1024 * 1024) /* as long as one that can be read */

enum { FILE_HEADER = 24, RECORD_HEADER = 16 };

/* One of a pcapng file; a pcap file has only the link type of one. */
struct link {
	uint16_t type, iface;
};

struct savefile {
	FILE *out;
	char *path, *part; /* the name it will have, and has */
	bool pcapng, overwrite;
	struct link *links;
	uint32_t link_count;
	struct buf block; /* being made */
	uint64_t packets;
};

static int
write_error(const struct savefile *f, int code, struct err *err)
{
	return err_set(err, code,
	    "saving %s failed after %llu packets: %s; nothing was kept",
	    f->path, (unsigned long long)f->packets, strerror(-code));
}

static int
put(struct savefile *f, const void *bytes, size_t n, struct err *err)
{
	if (fwrite(bytes, 1, n, f->out) == n)
		return 0;
	return write_error(f, errno != 0 ? -errno : -EIO, err);
}

/* What is at path already, if that forbids to save there. */
static int
check_path(const char *path, bool overwrite, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL,
		    "%s is not a regular file: give the name of a new file",
		    path);
	if (!overwrite)
		return err_set(err, -EEXIST,
		    "%s exists already: give another name, or add overwrite "
		    "(to a command of the shell --overwrite)",
		    path);
	return 0;
}

/* A new file beside path, with the rights the umask gives a new file. */
static int
open_part(struct savefile *f, struct err *err)
{
	uint32_t r;
	int fd;

	do {
		free(f->part);
		f->part = NULL;
		if (getrandom(&r, sizeof r, 0) < 0 ||
		    asprintf(&f->part, "%s.part-%06x", f->path,
			(unsigned)(r & 0xffffff)) < 0)
			return err_set(err, -ENOMEM, "saving %s: %s", f->path,
			    strerror(ENOMEM));
		fd = open(
		    f->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		return err_set(err, -errno, "cannot create a file for %s: %s",
		    f->path, strerror(errno));
	f->out = fdopen(fd, "w");
	if (f->out != NULL)
		return 0;
	close(fd);
	unlink(f->part);
	return err_set(
	    err, -ENOMEM, "saving %s: %s", f->path, strerror(ENOMEM));
}

static int
put_block(struct savefile *f, struct err *err)
{
	int rc = f->block.full ? write_error(f, -ENOMEM, err)
			       : put(f, f->block.data, f->block.len, err);

	buf_clear(&f->block);
	return rc;
}

/* What stands in front of the first packet of a pcap file. */
static int
put_file_header(struct savefile *f, uint16_t link_type, struct err *err)
{
	uint8_t bytes[FILE_HEADER];
	struct wr w = wr_init(bytes, sizeof bytes);

	wr_le32(&w, MAGIC_NS);
	wr_le16(&w, VERSION_MAJOR);
	wr_le16(&w, VERSION_MINOR);
	wr_le32(&w, 0); /* time zone and accuracy: always 0 */
	wr_le32(&w, 0);
	wr_le32(&w, SNAPLEN);
	wr_le32(&w, link_type);
	return put(f, bytes, sizeof bytes, err);
}

static bool
ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), len = strlen(end);

	return n > len && strcasecmp(text + n - len, end) == 0;
}

int
savefile_open(
    const char *path, bool overwrite, struct savefile **ret, struct err *err)
{
	struct savefile *f;
	int rc = check_path(path, overwrite, err);

	if (rc < 0)
		return rc;
	f = calloc(1, sizeof *f);
	if (f == NULL || (f->path = strdup(path)) == NULL) {
		free(f);
		return err_set(
		    err, -ENOMEM, "saving %s: %s", path, strerror(ENOMEM));
	}
	buf_init(&f->block, BLOCK_MAX);
	f->pcapng = ends_in(path, ".pcapng") || ends_in(path, ".ntar");
	f->overwrite = overwrite;
	rc = open_part(f, err);
	if (rc == 0 && f->pcapng) {
		pcapng_section(&f->block, "sockdeck");
		rc = put_block(f, err);
	}
	if (rc < 0) {
		savefile_abandon(f);
		return rc;
	}
	*ret = f;
	return 0;
}

bool
savefile_comments(const struct savefile *f)
{
	return f->pcapng;
}

/* The number of a packet's interface, which is described first if it is new. */
static int
find_link(
    struct savefile *f, const struct packet *p, uint32_t *ret, struct err *err)
{
	/* libpcap 1.10 and thus tcpdump read no second interface of raw IP:
	 * they compare its 101, as it is in files, with their own 12 for the
	 * first. Which host sent a packet its addresses say. */
	bool one = !f->pcapng || p->link_type == LINK_RAW;
	struct link *more;

	for (uint32_t i = f->link_count; i-- > 0;) {
		*ret = i;
		if (f->links[i].type == p->link_type &&
		    (f->links[i].iface == p->iface || one))
			return 0;
	}
	if (f->link_count > 0 && !f->pcapng)
		return err_set(err, -EMEDIUMTYPE,
		    "a pcap file holds packets of one link type, and these "
		    "have several: give a name that ends in .pcapng");
	more = realloc(f->links, (f->link_count + 1) * sizeof *more);
	if (more == NULL)
		return write_error(f, -ENOMEM, err);
	f->links = more;
	*ret = f->link_count++;
	f->links[*ret] = (struct link){p->link_type, p->iface};
	if (!f->pcapng)
		return put_file_header(f, p->link_type, err);
	pcapng_interface(&f->block, p->link_type, SNAPLEN);
	return put_block(f, err);
}

static int
put_record(struct savefile *f, const struct packet *p, struct err *err)
{
	uint8_t bytes[RECORD_HEADER];
	struct wr w = wr_init(bytes, sizeof bytes);
	uint64_t ns = p->ts_ns > 0 ? (uint64_t)p->ts_ns : 0;
	int rc;

	wr_le32(&w, (uint32_t)(ns / CLOCK_S));
	wr_le32(&w, (uint32_t)(ns % CLOCK_S));
	wr_le32(&w, p->cap_len);
	wr_le32(&w, p->wire_len);
	rc = put(f, bytes, sizeof bytes, err);
	return rc == 0 ? put(f, p->data, p->cap_len, err) : rc;
}

int
savefile_add(struct savefile *f, const struct packet *p, const char *comments,
    struct err *err)
{
	uint32_t link;
	int rc = find_link(f, p, &link, err);

	if (rc == 0 && f->pcapng) {
		pcapng_packet(&f->block, link, p, comments);
		rc = put_block(f, err);
	} else if (rc == 0) {
		rc = put_record(f, p, err);
	}
	if (rc == 0)
		f->packets++;
	return rc;
}

/* Give the finished file its name. */
static int
move_part(const struct savefile *f)
{
	if (f->overwrite)
		return rename(f->part, f->path) < 0 ? -errno : 0;
	if (renameat2(AT_FDCWD, f->part, AT_FDCWD, f->path, RENAME_NOREPLACE) ==
	    0)
		return 0;
	/* rename(2): EINVAL where the file system has no such flag. */
	if (errno != EINVAL || link(f->part, f->path) < 0)
		return -errno;
	unlink(f->part);
	return 0;
}

int
savefile_commit(struct savefile *f, struct err *err)
{
	bool failed = ferror(f->out) != 0;
	int rc = 0;

	errno = 0;
	if (!failed && !f->pcapng && f->link_count == 0)
		failed = put_file_header(f, LINK_ETHERNET, err) < 0;
	if (fclose(f->out) != 0 || failed)
		rc = write_error(f, errno != 0 ? -errno : -EIO, err);
	f->out = NULL;
	if (rc == 0) {
		rc = move_part(f);
		if (rc < 0)
			write_error(f, rc, err);
	}
	if (rc == 0) {
		free(f->part);
		f->part = NULL;
	}
	savefile_abandon(f);
	return rc;
}

void
savefile_abandon(struct savefile *f)
{
	if (f == NULL)
		return;
	if (f->out != NULL)
		fclose(f->out);
	if (f->part != NULL)
		unlink(f->part);
	free(f->part);
	free(f->path);
	free(f->links);
	buf_done(&f->block);
	free(f);
}
