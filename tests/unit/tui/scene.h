/*
 * tests/unit/tui/scene.h - calls and packets of connections, written down by
 * hand, and a pane that is drawn of them without a terminal.
 *
 * Or a capture of tests/golden, from which the test programs are run.
 *
 * The client is 127.0.0.1:40000 with socket 1, the server 127.0.0.1:7000 with
 * socket 2. Times go on by one microsecond an event.
 */
#ifndef SOCKDECK_TESTS_SCENE_H
#define SOCKDECK_TESTS_SCENE_H

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "net/base/bytes.h"
#include "tests/unit/capture/golden.h"
#include "tui/pane.h"

#define CLIENT_PORT 40000
#define SERVER_PORT 7000
#define ISN 1000u
#define SCENE_TEXT (64 * 1024)

struct scene {
	struct journal *journal;
	struct capture *capture;
	struct stream *stream;
	struct listing *listing;
	const struct socktab *sockets; /* NULL, or the test's */
	const struct wire_look *wire; /* NULL, or the test's */
	const struct tcp_track *told; /* NULL, or the test's */
	struct deck deck;
	struct view view;
	struct pane *pane; /* that the test is about; or NULL */
	struct lab lab; /* none */
	int64_t now_ns;
	uint32_t call_id;
	uint16_t client_port;
	uint16_t window;
	char text[SCENE_TEXT]; /* of the last scene_draw() */
	char over[SCENE_TEXT]; /* the same, but 'L', 'S' and 'D' where it is
				* lit, selected or dimmed, and '.' elsewhere */
};

static inline struct addr
scene_addr(uint16_t port)
{
	const uint8_t loopback[] = {127, 0, 0, 1};

	return addr_from_ip(AF_INET, loopback, port);
}

/* One segment without a link header; numbers are relative. */
static inline void
scene_segment(struct scene *s, int dir, unsigned flags, uint32_t seq,
    uint32_t ack, const char *payload)
{
	size_t n = strlen(payload);
	uint8_t bytes[2048];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct packet p;
	struct frame f;

	wr_be16(&w, 0x4500);
	wr_be16(&w, (uint16_t)(40 + n));
	wr_be32(&w, 0);
	wr_be16(&w, 64 << 8 | 6);
	wr_be16(&w, 0);
	wr_be32(&w, 0x7f000001);
	wr_be32(&w, 0x7f000001);
	wr_be16(&w, dir == DIR_CLIENT ? s->client_port : SERVER_PORT);
	wr_be16(&w, dir == DIR_CLIENT ? SERVER_PORT : s->client_port);
	wr_be32(&w, ISN + seq);
	wr_be32(&w, (flags & TCP_ACK) != 0 ? ISN + ack : 0);
	wr_be16(&w, (uint16_t)(0x5000 | flags));
	wr_be16(&w, s->window);
	wr_be32(&w, 0);
	wr_bytes(&w, payload, n);
	assert_false(w.full);
	p = (struct packet){
	    .ts_ns = s->now_ns += 1000,
	    .cap_len = (uint32_t)wr_len(&w),
	    .wire_len = (uint32_t)wr_len(&w),
	    .link_type = LINK_RAW,
	    .data = bytes,
	};
	assert_true(capture_feed_one(s->capture, &p, &f));
}

/* A send() or recv() of n bytes, or a socket that comes to be connected. */
static inline void
scene_call(struct scene *s, struct call c)
{
	bool client = c.sock == 1;

	c.id = ++s->call_id;
	c.phase = CALL_DONE;
	c.begin_ns = s->now_ns;
	c.end_ns = s->now_ns += 1000;
	c.side = client ? SIDE_CLIENT : SIDE_SERVER;
	c.local = scene_addr(client ? s->client_port : SERVER_PORT);
	c.peer = scene_addr(client ? SERVER_PORT : s->client_port);
	journal_feed(s->journal, &c);
}

static inline void
scene_data(struct scene *s, uint32_t sock, enum call_kind kind, uint64_t off,
    uint64_t n)
{
	scene_call(s, (struct call){.sock = sock,
			  .kind = (uint8_t)kind,
			  .stream_off = off,
			  .asked = n,
			  .result = (int64_t)n});
}

/* Both ends connected, the handshake captured. */
static inline void
scene_open(struct scene *s)
{
	scene_call(s,
	    (struct call){
		.sock = 1, .kind = CALL_SOCKET, .arg = {AF_INET, SOCK_STREAM}});
	scene_segment(s, DIR_CLIENT, TCP_SYN, 0, 0, "");
	scene_segment(s, DIR_SERVER, TCP_SYN | TCP_ACK, 0, 1, "");
	scene_segment(s, DIR_CLIENT, TCP_ACK, 1, 1, "");
	scene_call(s, (struct call){.sock = 1, .kind = CALL_CONNECT});
	scene_call(s,
	    (struct call){
		.sock = 3, .kind = CALL_SOCKET, .arg = {AF_INET, SOCK_STREAM}});
	scene_call(
	    s, (struct call){.sock = 3, .kind = CALL_ACCEPT, .arg = {2}});
}

static inline struct scene *
scene_new(void)
{
	static struct scene s;

	setlocale(LC_ALL, "C.UTF-8");
	memset(&s, 0, sizeof s);
	s.journal = journal_new();
	s.capture = capture_new(1 << 20);
	s.stream = stream_new();
	s.listing = listing_new();
	s.now_ns = 1000000;
	s.client_port = CLIENT_PORT;
	s.window = 1000;
	deck_init(&s.deck);
	return &s;
}

static inline void
scene_free(struct scene *s)
{
	journal_free(s->journal);
	capture_free(s->capture);
	stream_free(s->stream);
	listing_free(s->listing);
}

/* A scene without packets, and this pane over it, as a test's state. */
static inline struct scene *
scene_setup(void **state, struct pane *p)
{
	struct scene *s = scene_new();

	s->pane = p;
	*state = s;
	return s;
}

static inline int
scene_teardown(void **state)
{
	struct scene *s = *state;

	pane_free(s->pane);
	scene_free(s);
	return 0;
}

/* All packets of a capture of tests/golden. */
static inline void
scene_read(struct scene *s, const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *f = fopen(path, "rb");
	struct golden_reader r;
	struct packet p;
	struct frame fr;
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_true(golden_open(&r, bytes, n));
	while (golden_next(&r, &p)) {
		s->now_ns = p.ts_ns;
		assert_true(capture_feed_one(s->capture, &p, &fr));
	}
}

/* What a pane may look at now. */
static inline const struct view *
scene_view(struct scene *s)
{
	static const struct structline none;

	s->view = (struct view){
	    .record = &none,
	    .sent = &none,
	    .capture = s->capture,
	    .stream = s->stream,
	    .listing = s->listing,
	    .sockets = s->sockets,
	    .wire = s->wire,
	    .told = s->told,
	    .journal = s->journal,
	    .deck = &s->deck,
	    .lab = &s->lab,
	    .weave = {s->capture, s->journal},
	    .start_ns = 1000000,
	    .now_ns = s->now_ns,
	};
	while (stream_follow(s->stream, capture_store(s->capture),
	    flow_get(capture_flows(s->capture), view_flow(&s->view)), 100))
		continue;
	while (listing_follow(s->listing, capture_store(s->capture),
	    flow_get(capture_flows(s->capture), s->deck.flow), 1000))
		continue;
	return &s->view;
}

/* Which cells have an overlay. */
static inline void
scene_keep_over(struct scene *s, const struct canvas *c)
{
	char *to = s->over;

	for (int y = 0; y < c->h; y++) {
		for (int x = 0; x < c->w && to < s->over + SCENE_TEXT - 2; x++)
			switch (canvas_at(c, x, y)->over) {
			case ROLE_LIT:
				*to++ = 'L';
				break;
			case ROLE_SELECTED:
				*to++ = 'S';
				break;
			case ROLE_DIM:
				*to++ = 'D';
				break;
			default:
				*to++ = '.';
			}
		*to++ = '\n';
	}
	*to = '\0';
}

/* Draw it at this size: title and rows as text, into s->text. */
static inline const char *
scene_draw_in(struct scene *s, struct pane *p, int w, int h, bool ascii)
{
	const struct view *v = scene_view(s);
	struct canvas *c = canvas_new(w, h, ascii);
	char row[2048];
	size_t n;
	int turns = 0;

	while (p->ops->work != NULL && p->ops->work(p, v))
		assert_true(turns++ < 1000);
	p->ops->draw(p, v, c, canvas_area(c));
	p->ops->title(p, v, row, sizeof row);
	n = (size_t)snprintf(s->text, sizeof s->text, "%s\n", row);
	for (int y = 0; y < h && n < sizeof s->text; y++)
		n += (size_t)snprintf(s->text + n, sizeof s->text - n, "%s\n",
		    canvas_row(c, y, row, sizeof row));
	scene_keep_over(s, c);
	canvas_free(c);
	return s->text;
}

static inline const char *
scene_draw(struct scene *s, struct pane *p, int w, int h)
{
	return scene_draw_in(s, p, w, h, false);
}

/* The scene's own pane. */
static inline const char *
scene_show(struct scene *s, int w, int h)
{
	return scene_draw(s, s->pane, w, h);
}

static inline void
scene_move(struct scene *s, enum list_move m)
{
	pane_move(s->pane, scene_view(s), m);
}

static inline struct selection
scene_selected(struct scene *s)
{
	return s->pane->ops->selected(s->pane, scene_view(s));
}

/* The text stands in what was drawn last. */
static inline void
assert_drawn(const struct scene *s, const char *text)
{
	if (strstr(s->text, text) == NULL)
		fail_msg("'%s' is not in:\n%s", text, s->text);
}

static inline void
assert_not_drawn(const struct scene *s, const char *text)
{
	if (strstr(s->text, text) != NULL)
		fail_msg("'%s' is in:\n%s", text, s->text);
}

/* How many lines of it have lit cells. */
static inline int
scene_lit_lines(const struct scene *s)
{
	int n = 0;

	for (const char *at = s->over; *at != '\0'; at += strcspn(at, "\n") + 1)
		n += memchr(at, 'L', strcspn(at, "\n")) != NULL;
	return n;
}

/* The first line with this text has such an overlay, as s->over spells it. */
static inline bool
scene_has_over(const struct scene *s, const char *text, char kind)
{
	const char *found = strstr(s->text, text), *over = s->over;
	const char *at = strchr(s->text, '\n') + 1;

	if (found == NULL)
		fail_msg("'%s' is not in:\n%s", text, s->text);
	for (; strchr(at, '\n') < found; at = strchr(at, '\n') + 1)
		over = strchr(over, '\n') + 1;
	return memchr(over, kind, strcspn(over, "\n")) != NULL;
}

static inline void
assert_lit(const struct scene *s, const char *text, bool lit)
{
	if (scene_has_over(s, text, 'L') != lit)
		fail_msg("'%s' should%s be lit in:\n%s%s", text,
		    lit ? "" : " not", s->text, s->over);
}

static inline void
assert_dim(const struct scene *s, const char *text, bool dim)
{
	if (scene_has_over(s, text, 'D') != dim)
		fail_msg("'%s' should%s be dim in:\n%s%s", text,
		    dim ? "" : " not", s->text, s->over);
}

#endif
