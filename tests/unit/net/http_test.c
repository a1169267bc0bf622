/*
 * Heads of HTTP messages, and the http service as a client has it: refusals,
 * pipelining, bytes cut anywhere, and a directory that holds traps.
 */
#include "net/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/services.h"

/* ---- heads ---- */

static int
refusal(const char *head)
{
	struct http_request r;

	return http_parse_request(head, strlen(head), &r);
}

static void
request__wrong__has_the_status_that_says_so(void **state)
{
	static const struct {
		int status;
		const char *head;
	} table[] = {
	    {0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
	    {0, "GET / HTTP/1.1\nHost: a\n\n"},
	    {0, "GET / HTTP/1.0\r\n\r\n"},
	    {0, "GET / HTTP/1.7\r\nHost:\r\n\r\n"},
	    {0, "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n\r\n"}, /* no Host */
	    {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
	    {400, "GET /\r\nHost: a\r\n\r\n"},
	    {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
	    {400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
	    {400, "GET / HTTP/1.1 x\r\nHost: a\r\n\r\n"},
	    {400, "GET / http/1.1\r\nHost: a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		  "Content-Length: 2\r\n\r\n"},
	    {0, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		"Content-Length: 1\r\n\r\n"},
	    {501, "GET / HTTP/1.1\r\nHost: a\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n"},
	    {505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
	    {505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"},
	};
	char many[8000] = "GET / HTTP/1.1\r\nHost: a\r\n";
	size_t n = strlen(many);

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (refusal(table[i].head) != table[i].status)
			fail_msg("%d, not %d: %s", refusal(table[i].head),
			    table[i].status, table[i].head);
	for (int i = 0; i < HTTP_FIELDS_MAX; i++)
		n += (size_t)snprintf(many + n, sizeof many - n, "a: b\r\n");
	snprintf(many + n, sizeof many - n, "\r\n");
	assert_int_equal(refusal(many), 431);
}

static void
request__connection_field__decides_about_the_next(void **state)
{
	static const struct {
		bool keep;
		const char *head;
	} table[] = {
	    {true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
	    {false, "GET / HTTP/1.1\r\nHost: a\r\nConnection: CLOSE\r\n\r\n"},
	    {false, "GET / HTTP/1.0\r\n\r\n"},
	    {true, "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"},
	};
	struct http_request r;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(http_parse_request(
				     table[i].head, strlen(table[i].head), &r),
		    0);
		assert_int_equal(r.keep_alive, table[i].keep);
	}
}

static void
response__head__is_taken_apart(void **state)
{
	const char head[] =
	    "HTTP/1.1 404 Not Found\r\nA:  b \r\nC:\r\n\r\nbody";
	size_t len = http_head_len(head, strlen(head)), pos = 0;
	struct http_response r;
	struct http_field f;

	(void)state;
	assert_int_equal(len, strlen(head) - 4);
	assert_true(http_parse_response(head, len, &r));
	assert_int_equal(r.status, 404);
	assert_true(http_text_is(r.reason, "Not Found"));
	assert_int_equal(http_next_field(head, len, &pos, &f), 1);
	assert_true(http_field_is(&f, "a"));
	assert_true(http_text_is(f.value, "b"));
	assert_int_equal(http_next_field(head, len, &pos, &f), 1);
	assert_int_equal(f.value.len, 0);
	assert_int_equal(http_next_field(head, len, &pos, &f), 0);
	assert_false(http_parse_response("SSH-2.0-x\r\n", 11, &r));
}

static void
path__percent_decoded__refuses_what_is_no_path(void **state)
{
	static const struct {
		const char *path, *decoded; /* NULL: refused */
	} table[] = {
	    {"/a%20b", "/a b"},
	    {"/%C3%a4", "/\xc3\xa4"},
	    {"/%2e%2e/x", "/../x"}, /* for the kernel to refuse */
	    {"/%", NULL},
	    {"/%4", NULL},
	    {"/%zz", NULL},
	    {"/%00", NULL},
	    {"/%1b", NULL},
	    {"/%7f", NULL},
	};
	char dst[16];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct http_text t = {table[i].path, strlen(table[i].path)};
		int n = http_decode_path(t, dst, sizeof dst);

		if (table[i].decoded == NULL)
			assert_int_equal(n, -1);
		else
			assert_string_equal(dst, table[i].decoded);
	}
	assert_int_equal(
	    http_decode_path(
		(struct http_text){"/0123456789abcdef", 17}, dst, sizeof dst),
	    -1);
}

/* ---- the service ---- */

static struct service_options options;
static struct session n;

static void
open_service(const char *root)
{
	const uint8_t ip[] = {127, 0, 0, 1};
	struct addr a = addr_from_ip(AF_INET, ip, 80);

	snprintf(options.root, sizeof options.root, "%s", root);
	assert_int_equal(
	    session_open(&n, service_find("http"), &options, &a, &a), 0);
	assert_int_equal(session_start(&n), SERVICE_GO_ON);
}

/* All that it answers to these bytes, into dst; its last verdict. */
static enum service_verdict
ask(const char *bytes, size_t len, char *dst, size_t size)
{
	enum service_verdict v = session_bytes(&n, (const uint8_t *)bytes, len);
	size_t at = strlen(dst);

	for (;;) {
		assert_false(n.out.full);
		at += (size_t)snprintf(dst + at, size - at, "%.*s",
		    (int)n.out.len, (const char *)n.out.data);
		assert_true(at < size);
		buf_clear(&n.out);
		if (v != SERVICE_MORE)
			return v;
		v = session_room(&n);
	}
}

/* The answer to one request in its own session. */
static const char *
fetch(const char *root, const char *request, enum service_verdict *ret)
{
	static char answer[400000];

	answer[0] = '\0';
	open_service(root);
	*ret = ask(request, strlen(request), answer, sizeof answer);
	session_close(&n);
	return answer;
}

static int
status_of(const char *root, const char *path)
{
	char request[300];
	enum service_verdict v;
	const char *answer;

	snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n",
	    path);
	answer = fetch(root, request, &v);
	assert_memory_equal(answer, "HTTP/1.1 ", 9);
	return atoi(answer + 9);
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static void
service__refusals__close_where_the_next_request_is_lost(void **state)
{
	static const struct {
		const char *request, *line;
		enum service_verdict v;
	} table[] = {
	    {GET, "HTTP/1.1 200 OK\r\n", SERVICE_GO_ON},
	    {"\r\n\n" GET, "HTTP/1.1 200 OK\r\n", SERVICE_GO_ON},
	    {"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found\r\n",
		SERVICE_GO_ON},
	    {"PUT / HTTP/1.1\r\nHost: a\r\n\r\n",
		"HTTP/1.1 405 Method Not Allowed\r\n", SERVICE_GO_ON},
	    {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", SERVICE_CLOSE},
	    {"hello\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", SERVICE_CLOSE},
	    {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 ",
		SERVICE_CLOSE},
	    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 501 ", SERVICE_CLOSE},
	};
	enum service_verdict v;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *answer = fetch("", table[i].request, &v);

		assert_memory_equal(
		    answer, table[i].line, strlen(table[i].line));
		assert_int_equal(v, table[i].v);
	}
	assert_non_null(strstr(
	    fetch("", "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", &v), "Allow: GET"));
}

static void
service__endless_header__is_refused_with_431(void **state)
{
	static char line[HTTP_HEAD_MAX + 100] = "GET / HTTP/1.1\r\nHost: ";
	enum service_verdict v;

	(void)state;
	memset(line + strlen(line), 'x', sizeof line - strlen(line) - 1);
	assert_memory_equal(fetch("", line, &v), "HTTP/1.1 431", 12);
	assert_int_equal(v, SERVICE_CLOSE);
}

static void
service__head__has_the_length_but_no_body(void **state)
{
	enum service_verdict v;
	const char *answer =
	    fetch("", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", &v);

	(void)state;
	assert_non_null(strstr(answer, "Content-Length: 207\r\n"));
	assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	assert_int_equal(v, SERVICE_GO_ON);
}

static size_t
count(const char *text, const char *what)
{
	size_t times = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		times++;
	return times;
}

/* Requests one behind the other, a body between them, cut at every place. */
static void
service__any_cut__answers_the_same(void **state)
{
	const char all[] = GET "GET /x HTTP/1.1\r\nHost: a\r\n"
			       "Content-Length: 5\r\n\r\nGET /" GET;
	char answer[4000];

	(void)state;
	for (size_t cut = 0; cut <= strlen(all); cut++) {
		answer[0] = '\0';
		open_service("");
		ask(all, cut, answer, sizeof answer);
		assert_int_equal(
		    ask(all + cut, strlen(all) - cut, answer, sizeof answer),
		    SERVICE_GO_ON);
		session_close(&n);
		assert_int_equal(count(answer, "HTTP/1.1 200 OK"), 2);
		assert_int_equal(count(answer, "HTTP/1.1 404"), 1);
		assert_int_equal(count(answer, "HTTP/1.1"), 3);
	}
}

/* ---- a directory ---- */

static char root[] = "/tmp/sockdeck-http-XXXXXX";

static void
put(const char *name, const char *text, size_t times)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", root, name);
	f = fopen(path, "we");
	assert_non_null(f);
	while (times-- > 0)
		fputs(text, f);
	fclose(f);
}

static int
make_root(void **state)
{
	char path[300];

	(void)state;
	if (mkdtemp(root) == NULL)
		return -1;
	put("page.html", "<p>hello\n", 1);
	put("a b", "blank", 1);
	put("large", "0123456789abcde\n", 10000);
	snprintf(path, sizeof path, "%s/sub", root);
	mkdir(path, 0755);
	put("sub/x<y>", "odd name", 1);
	snprintf(path, sizeof path, "%s/fifo", root);
	mkfifo(path, 0644);
	snprintf(path, sizeof path, "%s/out", root);
	if (symlink("/etc/passwd", path) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/up", root);
	if (symlink("..", path) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/inside", root);
	return symlink("page.html", path);
}

static int
remove_root(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", root);
	return system(command);
}

static void
directory__nothing_outside__is_given(void **state)
{
	static const struct {
		int status;
		const char *path;
	} table[] = {
	    {200, "/page.html"},
	    {200, "/page.html?query"},
	    {200, "http://host/page.html"},
	    {200, "/a%20b"},
	    {200, "/inside"},
	    {200, "/sub/../page.html"},
	    {200, "/"},
	    {200, "/sub/"},
	    {301, "/sub"},
	    {404, "/nothing"},
	    {404, "/../../../../../../etc/passwd"},
	    {404, "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd"},
	    {404, "/sub/../../etc/passwd"},
	    {404, "/out"},
	    {404, "/up/"},
	    {404, "/up/tmp"},
	    {404, "/fifo"},
	    {400, "/%00"},
	    {400, "page.html"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (status_of(root, table[i].path) != table[i].status)
			fail_msg("%s: %d, not %d", table[i].path,
			    status_of(root, table[i].path), table[i].status);
}

static void
directory__listing__escapes_names(void **state)
{
	enum service_verdict v;
	const char *answer =
	    fetch(root, "GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n", &v);

	(void)state;
	assert_non_null(strstr(answer, "href=\"x%3Cy%3E\">x&#60;y&#62;</a>"));
}

static void
file__several_pieces__is_whole(void **state)
{
	enum service_verdict v;
	const char *answer = fetch(root,
	    "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
	    "GET /page.html HTTP/1.1\r\nHost: a\r\n\r\n",
	    &v);

	(void)state;
	assert_non_null(strstr(answer, "Content-Length: 160000\r\n"));
	assert_int_equal(count(answer, "0123456789abcde\n"), 10000);
	assert_string_equal(answer + strlen(answer) - 9, "<p>hello\n");
	assert_int_equal(v, SERVICE_GO_ON);
}

/* The length was promised: the only honest end is to close early. */
static void
file__shrinks_while_it_is_sent__closes_with_a_lesson(void **state)
{
	const char request[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
	enum service_verdict v;

	(void)state;
	open_service(root);
	v = session_bytes(&n, (const uint8_t *)request, strlen(request));
	assert_int_equal(v, SERVICE_MORE);
	put("large", "short\n", 1);
	while (v == SERVICE_MORE) {
		buf_clear(&n.out);
		v = session_room(&n);
	}
	assert_int_equal(v, SERVICE_CLOSE);
	assert_non_null(strstr(n.note, "shorter"));
	session_close(&n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request__wrong__has_the_status_that_says_so),
	    cmocka_unit_test(request__connection_field__decides_about_the_next),
	    cmocka_unit_test(response__head__is_taken_apart),
	    cmocka_unit_test(path__percent_decoded__refuses_what_is_no_path),
	    cmocka_unit_test(
		service__refusals__close_where_the_next_request_is_lost),
	    cmocka_unit_test(service__endless_header__is_refused_with_431),
	    cmocka_unit_test(service__head__has_the_length_but_no_body),
	    cmocka_unit_test(service__any_cut__answers_the_same),
	    cmocka_unit_test(directory__nothing_outside__is_given),
	    cmocka_unit_test(directory__listing__escapes_names),
	    cmocka_unit_test(file__several_pieces__is_whole),
	    cmocka_unit_test(
		file__shrinks_while_it_is_sent__closes_with_a_lesson),
	};

	return cmocka_run_group_tests_name(
	    "http", tests, make_root, remove_root);
}
