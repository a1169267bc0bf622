/*
 * http: a small honest HTTP/1.1 server: GET and HEAD, keep-alive, a built-in
 * page or the files beneath a directory that the user names.
 *
 * Requests are answered in their order, however their bytes were cut or glued
 * (pipelining, RFC 9112 s9.3.2). A file goes out 32 KB at a time. The kernel
 * keeps every path beneath the directory (openat2, RESOLVE_BENEATH).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "net/base/clock.h"
#include "net/http.h"
#include "net/services.h"

#define PIECE (32 * 1024)
#define LISTED_MAX 1000 /* entries of a directory */
#define PATH_LEN 1024

struct http {
	struct buf in; /* bytes of requests that are not answered yet */
	uint64_t skip; /* of a request's body, still to come */
	bool sending; /* a file */
	int file;
	uint64_t file_left; /* of it, in bytes */
	bool closing; /* after this answer */
};

static const char page[] =
    "<!doctype html>\n<title>sockdeck</title>\n"
    "<h1>It works</h1>\n"
    "<p>This page came over HTTP: a request line, header fields, an empty "
    "line,\nand back a status line, header fields, an empty line and these "
    "bytes.</p>\n";

static const char *
type_of(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
	    {".html", "text/html; charset=utf-8"},
	    {".txt", "text/plain; charset=utf-8"},
	    {".md", "text/plain; charset=utf-8"},
	    {".css", "text/css"},
	    {".js", "text/javascript"},
	    {".json", "application/json"},
	    {".png", "image/png"},
	    {".jpg", "image/jpeg"},
	    {".svg", "image/svg+xml"},
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < sizeof types / sizeof *types; i++)
		if (strcmp(dot, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* ---- answers ---- */

struct answer {
	int status;
	const char *type;
	const char *extra; /* whole field lines, or "" */
	uint64_t length; /* of the body */
};

static void
add_head(struct session *n, const struct http *h, const struct answer *a)
{
	time_t now = (time_t)(clock_now_ns() / CLOCK_S);
	char date[40];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	buf_printf(&n->out,
	    "HTTP/1.1 %d %s\r\nServer: sockdeck\r\nDate: %s\r\n"
	    "Content-Type: %s\r\nContent-Length: %llu\r\n%s"
	    "Connection: %s\r\n\r\n",
	    a->status, http_reason(a->status), date, a->type,
	    (unsigned long long)a->length, a->extra,
	    h->closing ? "close" : "keep-alive");
}

static void
answer_text(struct session *n, const struct http *h, const struct answer *a,
    const char *body, bool head_only)
{
	struct answer full = *a;

	full.length = strlen(body);
	add_head(n, h, &full);
	if (!head_only)
		buf_add(&n->out, body, full.length);
}

static void
refuse(struct session *n, struct http *h, int status, bool head_only)
{
	const struct answer a = {
	    .status = status,
	    .type = "text/plain; charset=utf-8",
	    .extra = status == 405 ? "Allow: GET, HEAD\r\n" : "",
	};
	char body[96];

	/* What cannot be understood cannot be stepped over either. */
	h->closing |=
	    status == 400 || status == 431 || status == 501 || status == 505;
	snprintf(body, sizeof body, "%d %s\n", status, http_reason(status));
	answer_text(n, h, &a, body, head_only);
	if (status == 431)
		session_note(n, true,
		    "The request's header passes %d bytes or %d fields, the "
		    "limits of this service: 431.",
		    HTTP_HEAD_MAX, HTTP_FIELDS_MAX);
}

/* ---- files ---- */

/* Beneath the directory, or not at all: ELOOP and EXDEV are refusals, too. */
static int
open_beneath(const char *root, const char *path)
{
	struct open_how how = {
	    .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (dir < 0)
		return -errno;
	while (*path == '/')
		path++;
	fd = (int)syscall(
	    SYS_openat2, dir, *path != '\0' ? path : ".", &how, sizeof how);
	if (fd < 0)
		fd = -errno;
	close(dir);
	return fd;
}

static void
add_html(struct buf *b, const char *name)
{
	for (; *name != '\0'; name++) {
		if (strchr("<>&\"'", *name) != NULL)
			buf_printf(b, "&#%d;", *name);
		else
			buf_add(b, name, 1);
	}
}

static void
add_url(struct buf *b, const char *name)
{
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || strchr("-._~", c) != NULL)
			buf_add(b, name, 1);
		else
			buf_printf(b, "%%%02X", c);
	}
}

/* Takes fd. */
static void
answer_listing(struct session *n, const struct http *h, int fd, bool head_only)
{
	const struct answer a = {
	    .status = 200, .type = "text/html; charset=utf-8", .extra = ""};
	struct dirent **names = NULL;
	struct buf list;
	int count = scandirat(fd, ".", &names, NULL, alphasort);

	close(fd);
	buf_init(&list, SERVICE_OUT_MAX / 2);
	buf_printf(&list, "<!doctype html>\n<title>Files</title>\n<ul>\n");
	for (int i = 0; i < count; i++) {
		const char *slash = names[i]->d_type == DT_DIR ? "/" : "";

		if (names[i]->d_name[0] != '.' && i < LISTED_MAX) {
			buf_printf(&list, "<li><a href=\"");
			add_url(&list, names[i]->d_name);
			buf_printf(&list, "%s\">", slash);
			add_html(&list, names[i]->d_name);
			buf_printf(&list, "%s</a>\n", slash);
		}
		free(names[i]);
	}
	free(names);
	buf_printf(&list, "</ul>\n");
	answer_text(n, h, &a, buf_str(&list), head_only);
	buf_done(&list);
}

/* Takes fd, a regular file. */
static void
answer_file(struct session *n, struct http *h, int fd, const struct stat *st,
    const char *path, bool head_only)
{
	const struct answer a = {
	    .status = 200,
	    .type = type_of(path),
	    .extra = "",
	    .length = (uint64_t)st->st_size,
	};

	add_head(n, h, &a);
	if (head_only || st->st_size == 0) {
		close(fd);
		return;
	}
	h->sending = true;
	h->file = fd;
	h->file_left = a.length;
}

static void
answer_moved(
    struct session *n, struct http *h, const char *path, bool head_only)
{
	struct answer a = {.status = 301, .type = "text/plain"};
	struct buf where;

	buf_init(&where, 4 * PATH_LEN);
	buf_printf(&where, "Location: ");
	for (const char *p = path; *p != '\0'; p++)
		if (*p == '/')
			buf_add(&where, p, 1);
		else
			add_url(&where, (const char[]){*p, '\0'});
	buf_printf(&where, "/\r\n");
	a.extra = buf_str(&where);
	answer_text(n, h, &a, "It is a directory.\n", head_only);
	buf_done(&where);
}

/* path: decoded, begins with '/' */
static void
answer_path(struct session *n, struct http *h, const char *path, bool head_only)
{
	const char *root = n->options->root;
	char index[PATH_LEN + 16];
	struct stat st;
	int fd = open_beneath(root, path);

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		int page_fd;

		if (path[strlen(path) - 1] != '/') {
			close(fd);
			answer_moved(n, h, path, head_only);
			return;
		}
		snprintf(index, sizeof index, "%sindex.html", path);
		page_fd = open_beneath(root, index);
		if (page_fd < 0) {
			answer_listing(n, h, fd, head_only);
			return;
		}
		close(fd);
		fd = page_fd;
		path = index;
	}
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		answer_file(n, h, fd, &st, path, head_only);
		return;
	}
	if (fd >= 0)
		close(fd);
	refuse(n, h, fd == -EACCES || fd == -EPERM ? 403 : 404, head_only);
}

/* ---- requests ---- */

/* The path of "/a?b" or "http://host/a?b". */
static struct http_text
path_of(struct http_text target)
{
	const char *at = target.at, *end = at + target.len, *slash;

	if (target.len > 7 && strncasecmp(at, "http://", 7) == 0) {
		slash = memchr(at + 7, '/', target.len - 7);
		at = slash != NULL ? slash : end;
	}
	for (const char *p = at; p < end; p++)
		if (*p == '?' || *p == '#')
			end = p;
	return at == end ? (struct http_text){"/", 1}
			 : (struct http_text){at, (size_t)(end - at)};
}

static void
answer_request(struct session *n, struct http *h, const struct http_request *r)
{
	const struct answer own = {
	    .status = 200, .type = "text/html; charset=utf-8", .extra = ""};
	bool head_only = http_text_is(r->method, "HEAD");
	char path[PATH_LEN];

	h->closing = !r->keep_alive;
	h->skip = r->content_length;
	if (!head_only && !http_text_is(r->method, "GET"))
		refuse(n, h, 405, false);
	else if (http_decode_path(path_of(r->target), path, sizeof path) < 0 ||
		 path[0] != '/')
		refuse(n, h, 400, head_only);
	else if (n->options->root[0] != '\0')
		answer_path(n, h, path, head_only);
	else if (strcmp(path, "/") == 0 || strcmp(path, "/index.html") == 0)
		answer_text(n, h, &own, page, head_only);
	else
		refuse(n, h, 404, head_only);
}

/* Answer one request of those that have come. False: none is complete. */
static bool
step(struct session *n, struct http *h)
{
	struct http_request r;
	uint64_t skip = h->skip < h->in.len ? h->skip : h->in.len;
	size_t head;
	int status;

	buf_drop(&h->in, (size_t)skip);
	h->skip -= skip;
	/* RFC 9112 s2.2: empty lines before a request are passed over. */
	while (
	    h->in.len > 0 && (h->in.data[0] == '\r' || h->in.data[0] == '\n'))
		buf_drop(&h->in, 1);
	if (h->in.len == 0)
		return false;
	head = http_head_len(h->in.data, h->in.len);
	if (head == 0 && h->in.len <= HTTP_HEAD_MAX && !h->in.full)
		return false;
	if (head == 0 || head > HTTP_HEAD_MAX) {
		refuse(n, h, 431, false);
		return true;
	}
	status = http_parse_request((const char *)h->in.data, head, &r);
	if (status == 0)
		answer_request(n, h, &r);
	else
		refuse(n, h, status, false);
	buf_drop(&h->in, head);
	return true;
}

/*
 * Add a piece of the file to the answer, the first one behind its head: two
 * small sends, one after the other, would wait for each other (Nagle's
 * algorithm and the peer's delayed ACK, 40 ms).
 */
static void
add_piece(struct session *n, struct http *h)
{
	uint8_t piece[PIECE];
	ssize_t got = read(h->file, piece,
	    h->file_left < PIECE ? (size_t)h->file_left : PIECE);

	if (got > 0) {
		buf_add(&n->out, piece, (size_t)got);
		h->file_left -= (uint64_t)got;
	}
	if (got > 0 && h->file_left > 0)
		return;
	close(h->file);
	h->sending = false;
	if (got > 0)
		return;
	h->closing = true;
	session_note(n, true,
	    "The file has become shorter while it was sent: %llu bytes of the "
	    "promised length are missing, so the connection is closed.",
	    (unsigned long long)h->file_left);
}

/* Go on with the file, then with the requests that wait. */
static enum service_verdict
go_on(struct session *n)
{
	struct http *h = n->state;

	while (n->out.len < PIECE) {
		if (h->sending)
			add_piece(n, h);
		else if (h->closing || !step(n, h))
			break;
	}
	if (h->sending || n->out.len >= PIECE)
		return SERVICE_MORE;
	return h->closing ? SERVICE_CLOSE : SERVICE_GO_ON;
}

static enum service_verdict
on_open(struct session *n)
{
	struct http *h = n->state;

	buf_init(&h->in, SERVICE_OUT_MAX + HTTP_HEAD_MAX);
	return SERVICE_GO_ON;
}

static enum service_verdict
on_bytes(struct session *n, const uint8_t *data, size_t len)
{
	struct http *h = n->state;

	buf_add(&h->in, data, len);
	return go_on(n);
}

static void
on_close(struct session *n)
{
	struct http *h = n->state;

	if (h->sending)
		close(h->file);
	buf_done(&h->in);
}

const struct service service_http = {
    .name = "http",
    .summary = "HTTP/1.1: a page, or the files of a directory (root=DIR)",
    .port = 8080,
    .stream = true,
    .nodelay = true,
    .state_size = sizeof(struct http),
    .on_open = on_open,
    .on_bytes = on_bytes,
    .on_room = go_on,
    .on_close = on_close,
};
