#include "net/thermal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/base/clock.h"

#define MAGIC "sockdeck-thermal"
#define MAGIC_LEN 16
#define VERSION 1
#define HEADER_LEN (MAGIC_LEN + 8)
#define TIME_LEN 8
#define RECORD_LEN (TIME_LEN + THERMAL_FRAME_LEN)

struct thermal_recorder {
	FILE *file;
	uint64_t frames;
	int error; /* the first that happened, -errno */
	char path[]; /* for sentences */
};

struct thermal_player {
	int fd;
	uint64_t frames;
	int64_t first_ns, span_ns; /* span: until it begins anew */
};

/* ---- recording ---- */

static void
write_header(struct thermal_recorder *r)
{
	uint8_t bytes[HEADER_LEN];
	struct wr w = wr_init(bytes, sizeof bytes);

	wr_bytes(&w, MAGIC, MAGIC_LEN);
	wr_le32(&w, VERSION);
	wr_le32(&w, RECORD_LEN);
	if (fwrite(bytes, 1, sizeof bytes, r->file) < sizeof bytes)
		r->error = -errno;
}

int
thermal_recorder_open(const char *path, bool overwrite,
    struct thermal_recorder **ret, struct err *err)
{
	struct thermal_recorder *r = malloc(sizeof *r + strlen(path) + 1);

	if (r == NULL)
		return err_set(err, -ENOMEM, "no memory for a recording");
	*r = (struct thermal_recorder){
	    .file = fopen(path, overwrite ? "we" : "wxe")};
	strcpy(r->path, path);
	if (r->file == NULL) {
		int e = errno;

		free(r);
		return err_set(err, -e, "%s: %s%s", path, strerrordesc_np(e),
		    e == EEXIST ? ": give another name, or add overwrite (to "
				  "a command of the shell --overwrite)"
				: "");
	}
	write_header(r);
	*ret = r;
	return 0;
}

int
thermal_recorder_add(
    struct thermal_recorder *r, int64_t time_ns, const struct thermal_frame *f)
{
	uint8_t bytes[RECORD_LEN];
	struct wr w = wr_init(bytes, sizeof bytes);

	wr_le64(&w, (uint64_t)time_ns);
	thermal_put(&w, f);
	if (r->error == 0 &&
	    fwrite(bytes, 1, sizeof bytes, r->file) < sizeof bytes)
		r->error = -errno;
	r->frames += r->error == 0;
	return r->error;
}

uint64_t
thermal_recorder_frames(const struct thermal_recorder *r)
{
	return r->frames;
}

int
thermal_recorder_close(struct thermal_recorder *r, struct err *err)
{
	int error = r->error;

	if (fclose(r->file) != 0 && error == 0)
		error = -errno;
	if (error != 0)
		err_set(err, error, "%s: the recording is incomplete: %s",
		    r->path, strerrordesc_np(-error));
	free(r);
	return error;
}

/* ---- playing ---- */

static bool
read_at(int fd, void *dst, size_t n, uint64_t off)
{
	return pread(fd, dst, n, (off_t)off) == (ssize_t)n;
}

static uint64_t
record_off(uint64_t i)
{
	return HEADER_LEN + i * RECORD_LEN;
}

static bool
time_of(const struct thermal_player *p, uint64_t i, int64_t *ret)
{
	uint8_t bytes[TIME_LEN] = {0};
	struct rd r = rd_init(bytes, sizeof bytes, sizeof bytes);

	if (i >= p->frames ||
	    !read_at(p->fd, bytes, sizeof bytes, record_off(i)))
		return false;
	*ret = (int64_t)rd_le64(&r);
	return true;
}

static bool
header_is_ours(int fd)
{
	uint8_t bytes[HEADER_LEN];
	struct rd r = rd_init(bytes, sizeof bytes, sizeof bytes);
	const uint8_t *magic;

	if (!read_at(fd, bytes, sizeof bytes, 0))
		return false;
	magic = rd_bytes(&r, MAGIC_LEN);
	return magic != NULL && memcmp(magic, MAGIC, MAGIC_LEN) == 0 &&
	       rd_le32(&r) == VERSION && rd_le32(&r) == RECORD_LEN;
}

/* How many records there are, and how long they last: the last one as long as
 * the others on average. */
static bool
measure(struct thermal_player *p, uint64_t size)
{
	int64_t last_ns;

	p->frames = size < HEADER_LEN ? 0 : (size - HEADER_LEN) / RECORD_LEN;
	if (!time_of(p, 0, &p->first_ns) ||
	    !time_of(p, p->frames - 1, &last_ns) ||
	    __builtin_sub_overflow(last_ns, p->first_ns, &p->span_ns))
		return false;
	if (p->span_ns <= 0 || p->frames == 1)
		p->span_ns = CLOCK_S;
	else if (p->span_ns < INT64_MAX / 2)
		p->span_ns += p->span_ns / (int64_t)(p->frames - 1);
	return true;
}

int
thermal_player_open(
    const char *path, struct thermal_player **ret, struct err *err)
{
	struct thermal_player *p = calloc(1, sizeof *p);
	struct stat st;
	int rc = 0;

	if (p == NULL)
		return err_set(err, -ENOMEM, "no memory for a recording");
	/* O_NONBLOCK: a FIFO would wait for its writer. */
	p->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->fd < 0 || fstat(p->fd, &st) < 0)
		rc = err_set(err, -errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || !header_is_ours(p->fd))
		rc = err_set(err, -EINVAL,
		    "%s is no recording of a thermal camera: :record FILE and "
		    "sockdeck thermal watch --record FILE make them",
		    path);
	else if (!measure(p, (uint64_t)st.st_size))
		rc = err_set(err, -EINVAL, "%s has no frame in it", path);
	if (rc < 0) {
		thermal_player_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

void
thermal_player_close(struct thermal_player *p)
{
	if (p == NULL)
		return;
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

uint64_t
thermal_player_frames(const struct thermal_player *p)
{
	return p->frames;
}

bool
thermal_player_get(const struct thermal_player *p, uint64_t i, int64_t *ret_ns,
    struct thermal_frame *ret)
{
	uint8_t bytes[RECORD_LEN] = {0};
	struct rd r = rd_init(bytes, sizeof bytes, sizeof bytes);

	if (i >= p->frames ||
	    !read_at(p->fd, bytes, sizeof bytes, record_off(i)))
		return false;
	*ret_ns = (int64_t)rd_le64(&r);
	return thermal_get(&r, ret);
}

bool
thermal_player_at(
    const struct thermal_player *p, int64_t since_ns, struct thermal_frame *ret)
{
	int64_t at = since_ns % p->span_ns, time_ns;
	uint64_t low = 0, high = p->frames; /* the frame is in [low, high) */

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;
		int64_t off;

		if (!time_of(p, middle, &time_ns))
			return false;
		if (!__builtin_sub_overflow(time_ns, p->first_ns, &off) &&
		    off <= at)
			low = middle;
		else
			high = middle;
	}
	return thermal_player_get(p, low, &time_ns, ret);
}
