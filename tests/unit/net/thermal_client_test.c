/*
 * A camera's client, and the stream that it makes, against cameras that answer
 * and cameras that do everything wrong.
 */
#include "net/thermal_client.h"

#include "tests/unit/net/rig.h"

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/thermal_stream.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* ---- frames that show whether they are whole ---- */

/* Every pixel follows from the number, which is the first one. */
static struct thermal_frame
numbered(uint32_t n)
{
	struct thermal_frame f;

	for (int y = 0; y < THERMAL_H; y++)
		for (int x = 0; x < THERMAL_W; x++)
			f.centi[y][x] =
			    (int16_t)((n % 30000 * 31 +
					  (uint32_t)(y * 32 + x) * 7) %
				      30000);
	return f;
}

/* Is the part from column x to column end one frame's? */
static bool
consistent(const struct thermal_frame *f, int x, int end)
{
	uint32_t first = (uint32_t)f->centi[0][x] + 30000 - (uint32_t)x * 7;

	for (int y = 0; y < THERMAL_H; y++)
		for (int i = x; i < end; i++)
			if (f->centi[y][i] !=
			    (int16_t)((first + (uint32_t)(y * 32 + i) * 7) %
				      30000))
				return false;
	return true;
}

/* ---- a client under test ---- */

struct watch {
	struct rig r;
	struct queue *events;
	struct thermal_stream stream;
	uint32_t group;
	uint64_t broken; /* frames that are not what was sent */
	uint64_t broken_up; /* up and down out of order */
};

static void
drain(struct watch *w)
{
	struct thermal_event e;

	while (queue_pop(w->events, &e, 1) == 1) {
		if (e.kind == THERMAL_FRAME && w->stream.any) {
			int cut = e.torn ? THERMAL_BLOCK_W : THERMAL_W;

			for (int x = 0; x < THERMAL_W; x += cut)
				w->broken += !consistent(&e.frame, x, x + cut);
		}
		w->broken_up += e.kind == THERMAL_FRAME && !w->stream.up;
		thermal_stream_feed(&w->stream, &e);
	}
}

/* Like rig_pump(), without keeping what is not looked at. */
static void
pump(struct watch *w, bool keep)
{
	rig_pump(&w->r);
	if (!keep)
		w->r.count = 0;
	drain(w);
}

#define WATCH_UNTIL(w, keep, cond)                               \
	do {                                                     \
		int64_t until_ = clock_mono_ns() + 60 * CLOCK_S; \
		while (!(cond)) {                                \
			if (clock_mono_ns() > until_)            \
				rig_fail(&(w)->r, #cond);        \
			pump((w), (keep));                       \
		}                                                \
	} while (0)

static struct watch *
watch_new(void)
{
	struct watch *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->r = rig_new();
	w->events = queue_new(sizeof(struct thermal_event), 1024);
	assert_non_null(w->events);
	return w;
}

static void
watch_start(struct watch *w, const struct addr *to, enum transport t,
    int64_t silence_ns)
{
	struct thermal_client_spec spec = thermal_client_spec_default();
	struct err err = {""};

	spec.endpoint = (struct endpoint){.transport = t, .addr = *to};
	spec.rate = 0;
	spec.silence_ns = silence_ns;
	spec.backoff_min_ns = CLOCK_MS / 2;
	spec.backoff_max_ns = CLOCK_MS;
	spec.events = w->events;
	if (thermal_client_start(w->r.e, &spec, &w->group, &err) < 0)
		fail_msg("%s", err.text);
}

static void
watch_free(struct watch *w)
{
	engine_stop(w->r.e, w->group);
	WATCH_UNTIL(w, true, engine_alive(w->r.e, w->group) == 0);
	rig_free(&w->r);
	queue_free(w->events);
	free(w);
}

static struct addr
start_camera(struct watch *w, const char *transport, const char *address,
    enum server_model model)
{
	const char *words[] = {
	    "thermal", transport, address, server_model_name(model), "seed=9"};
	struct server_spec spec = server_spec_default();
	struct err err = {""};
	uint32_t group = 0;

	if (server_spec_parse(&spec, words, 5, &err) < 0 ||
	    server_start(w->r.e, &spec, &group, &err) < 0)
		fail_msg("%s", err.text);
	if (transport_socktype(spec.endpoint.transport) == SOCK_STREAM)
		rig_wait(&w->r, group, CALL_LISTEN, CALL_DONE, 0);
	return rig_wait(&w->r, group, CALL_BIND, CALL_DONE, 0)->local;
}

static void
client__every_model_and_transport__gets_frames(void **state)
{
	static const struct {
		enum transport t;
		const char *name, *address;
	} over[] = {
	    {TRANSPORT_TCP, "tcp", "127.0.0.1:0"},
	    {TRANSPORT_UDP, "udp", "[::1]:0"},
	    {TRANSPORT_UNIX, "unix", "@sockdeck-thermal-test"},
	    {TRANSPORT_UNIXGRAM, "unixgram", "@sockdeck-thermal-test"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
		for (int m = 0; m < MODEL_COUNT; m++) {
			struct watch *w = watch_new();
			struct addr at = start_camera(w, over[i].name,
			    over[i].address, (enum server_model)m);
			const struct thermal_stream *s = &w->stream;

			watch_start(w, &at, over[i].t, 3 * CLOCK_S);
			WATCH_UNTIL(w, true, s->frames >= 5);
			assert_int_equal(s->drops, 0);
			assert_true(s->up && !s->torn);
			assert_in_range(s->frame.centi[0][0], 1000, 4000);
			assert_int_equal(s->frame_bytes / s->frames,
			    transport_socktype(over[i].t) == SOCK_STREAM
				? THERMAL_FRAME_LEN
				: 2 * THERMAL_DATAGRAM_LEN);
			assert_true(thermal_stream_rate(s) > 0);
			watch_free(w);
		}
	}
}

static void
client__transport_without_frames__is_refused(void **state)
{
	struct watch *w = watch_new();
	struct thermal_client_spec spec = thermal_client_spec_default();
	struct err err = {""};
	uint32_t group;

	(void)state;
	spec.endpoint.transport = TRANSPORT_RUDP;
	spec.events = w->events;
	assert_int_equal(thermal_client_start(w->r.e, &spec, &group, &err),
	    -EPROTONOSUPPORT);
	assert_non_null(strstr(err.text, "rudp"));
	watch_free(w);
}

static void
client__nobody_listens__tries_again_and_comes_up(void **state)
{
	struct watch *w = watch_new();
	struct addr at = rig_dead_port();
	const struct thermal_drop *d;
	char text[ADDR_TEXT_MAX];

	(void)state;
	watch_start(w, &at, TRANSPORT_TCP, 3 * CLOCK_S);
	WATCH_UNTIL(
	    w, true, w->stream.drops == 1 && w->stream.drop[0].tries >= 3);
	d = thermal_stream_drop(&w->stream, 0);
	assert_int_equal(d->why, THERMAL_WHY_CONNECT);
	assert_int_equal(d->error, ECONNREFUSED);
	assert_true(thermal_stream_is_down(&w->stream));
	start_camera(w, "tcp", addr_format(text, &at), MODEL_THREADED);
	WATCH_UNTIL(w, true, w->stream.frames >= 2);
	assert_int_equal(w->stream.drops, 1);
	assert_true(d->took_ns > 0);
	assert_false(thermal_stream_is_down(&w->stream));
	watch_free(w);
}

static void
client__udp_port_closed__is_a_drop(void **state)
{
	struct watch *w = watch_new();
	struct addr at = rig_dead_port();

	(void)state;
	watch_start(w, &at, TRANSPORT_UDP, 3 * CLOCK_S);
	WATCH_UNTIL(w, true, w->stream.drops == 1);
	assert_int_equal(w->stream.drop[0].error, ECONNREFUSED);
	watch_free(w);
}

/* ---- cameras that do everything wrong ---- */

enum fault {
	FAULT_NONE,
	FAULT_PIECES, /* the frame comes in many pieces */
	FAULT_CLOSE, /* a FIN in place of a frame */
	FAULT_CUT, /* a FIN within the frame */
	FAULT_RESET, /* a RST within the frame */
	FAULT_EXCESS, /* bytes behind the frame */
	FAULT_STALL, /* half a frame, then silence: a half-open peer */
	FAULT_REFUSE, /* nobody listens for a while */
	FAULT_COUNT
};

struct hostile {
	int listener;
	struct addr at;
	atomic_bool stop;
	atomic_uint faults[FAULT_COUNT];
	uint32_t number; /* of the next frame */
	uint64_t random;
	pthread_t thread;
};

static unsigned
random_below(struct hostile *h, unsigned n)
{
	h->random = h->random * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
	return (unsigned)(h->random >> 33) % n;
}

static bool
put(int fd, const uint8_t *data, size_t n)
{
	return send(fd, data, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static void
reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Answer one request this way. False: the connection is over. */
static bool
misbehave(struct hostile *h, int fd, enum fault fault)
{
	struct thermal_frame f = numbered(h->number++);
	uint8_t data[THERMAL_FRAME_LEN + 100] = {0};
	struct wr w = wr_init(data, THERMAL_FRAME_LEN);
	size_t cut = 1 + random_below(h, THERMAL_FRAME_LEN - 1), n = 0;
	char byte;

	thermal_put(&w, &f);
	atomic_fetch_add(&h->faults[fault], 1);
	switch (fault) {
	case FAULT_NONE:
		return put(fd, data, THERMAL_FRAME_LEN);
	case FAULT_PIECES:
		for (; n < THERMAL_FRAME_LEN; n += cut) {
			cut = 1 + random_below(h, 300);
			if (cut > THERMAL_FRAME_LEN - n)
				cut = THERMAL_FRAME_LEN - n;
			if (!put(fd, data + n, cut))
				return false;
		}
		return true;
	case FAULT_CUT:
		put(fd, data, cut);
		return false;
	case FAULT_RESET:
		put(fd, data, cut);
		reset(fd);
		return false;
	case FAULT_EXCESS:
		put(fd, data, THERMAL_FRAME_LEN + 1 + random_below(h, 99));
		return recv(fd, &byte, 1, 0) > 0; /* until it gives up */
	case FAULT_STALL:
		put(fd, data, cut);
		return recv(fd, &byte, 1, 0) > 0;
	case FAULT_CLOSE:
	case FAULT_REFUSE:
	case FAULT_COUNT:
		break;
	}
	return false;
}

static enum fault
next_fault(struct hostile *h)
{
	unsigned n = random_below(h, 100);

	if (n < 40)
		return FAULT_NONE;
	if (n < 50)
		return FAULT_PIECES;
	if (n < 98)
		return FAULT_CLOSE + n % (FAULT_STALL - FAULT_CLOSE);
	return n < 99 ? FAULT_STALL : FAULT_REFUSE;
}

/* A receive timeout, which accepted sockets inherit, lets the thread see that
 * it is to stop. */
static void
listen_there(struct hostile *h)
{
	struct timeval limit = {.tv_usec = 50000};
	int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (bind(fd, &h->at.sa, h->at.len) < 0 || listen(fd, 5) < 0)
		abort();
	h->listener = fd;
}

static void
serve_badly(struct hostile *h, int fd)
{
	enum fault fault = FAULT_NONE;
	char request[64];
	bool more = true;

	while (more && recv(fd, request, sizeof request, 0) > 0) {
		fault = next_fault(h);
		more = misbehave(h, fd, fault);
	}
	if (fault != FAULT_REFUSE) {
		close(fd);
		return;
	}
	close(h->listener);
	close(fd);
	poll(NULL, 0, 10); /* away for that long */
	listen_there(h);
}

static void *
run_hostile(void *arg)
{
	struct hostile *h = arg;

	while (!atomic_load(&h->stop)) {
		int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			serve_badly(h, fd);
	}
	return NULL;
}

static struct hostile *
hostile_start(void)
{
	struct hostile *h = calloc(1, sizeof *h);

	assert_non_null(h);
	h->random = 20260;
	h->at = rig_dead_port();
	listen_there(h);
	assert_int_equal(pthread_create(&h->thread, NULL, run_hostile, h), 0);
	return h;
}

static void
hostile_stop(struct hostile *h)
{
	atomic_store(&h->stop, true);
	pthread_join(h->thread, NULL);
	close(h->listener);
	free(h);
}

static size_t
descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* Without the records that this test itself has room for. */
static size_t
memory_in_use(const struct watch *w)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd - w->r.room * sizeof *w->r.calls;
}

/* A week of a link that drops every five minutes has 2016 drops. */
#define ENDURED 2016

static void
client__a_week_of_drops__loses_no_boundary_and_no_resource(void **state)
{
	struct watch *w = watch_new();
	struct hostile *h = hostile_start();
	const struct thermal_stream *s = &w->stream;
	size_t fds, memory;

	(void)state;
	watch_start(w, &h->at, TRANSPORT_TCP, 20 * CLOCK_MS);
	WATCH_UNTIL(w, false, s->drops >= 200);
	fds = descriptors();
	memory = memory_in_use(w);
	WATCH_UNTIL(w, false, s->drops >= ENDURED);
	print_message("# %llu frames, %llu drops; faults:",
	    (unsigned long long)s->frames, (unsigned long long)s->drops);
	for (int i = 0; i < FAULT_COUNT; i++)
		print_message(" %u", atomic_load(&h->faults[i]));
	print_message("; %zu and then %zu descriptors, %zu and %zu bytes\n",
	    fds, descriptors(), memory, memory_in_use(w));
	assert_int_equal(w->broken, 0);
	assert_int_equal(w->broken_up, 0);
	assert_int_equal(queue_lost(w->events), 0);
	assert_true(s->frames > ENDURED / 2);
	/* client and camera may each be between two sockets */
	assert_in_range(descriptors(), fds - 2, fds + 2);
	if (!SANITIZED)
		assert_true(memory_in_use(w) < memory + 64 * 1024);
	for (int i = FAULT_NONE; i < FAULT_COUNT; i++)
		assert_true(atomic_load(&h->faults[i]) > 0);
	for (uint64_t i = 1; i < THERMAL_DROPS; i++)
		assert_true(thermal_stream_drop(s, i)->took_ns > 0);
	watch_free(w);
	hostile_stop(h);
}

/* ---- datagrams that get lost, doubled and mangled ---- */

static void
answer_badly(struct hostile *h, const struct addr *to, uint32_t number)
{
	struct thermal_frame f = numbered(number);
	unsigned first = random_below(h, 2);

	for (unsigned i = 0; i < THERMAL_BLOCKS; i++) {
		uint8_t data[THERMAL_DATAGRAM_LEN];
		struct wr w = wr_init(data, sizeof data);
		unsigned what = random_below(h, 20);
		size_t n =
		    what == 0 ? random_below(h, sizeof data) : sizeof data;

		thermal_put_datagram(&w, number, first ^ i, &f);
		if (what == 1)
			continue; /* lost */
		for (int k = what == 2 ? 2 : 1; k > 0; k--)
			sendto(h->listener, data, n, 0, &to->sa, to->len);
	}
}

static void *
run_lossy(void *arg)
{
	struct hostile *h = arg;
	uint32_t number = UINT32_MAX - 50; /* it wraps */

	while (!atomic_load(&h->stop)) {
		struct addr from = {.len = sizeof from.ss};
		char request[64];

		if (recvfrom(h->listener, request, sizeof request, 0, &from.sa,
			&from.len) >= 0)
			answer_badly(h, &from, number++);
	}
	return NULL;
}

static void
client__lost_datagrams__tear_frames_and_drop_nothing(void **state)
{
	struct watch *w = watch_new();
	struct hostile *h = calloc(1, sizeof *h);
	struct timeval limit = {.tv_usec = 50000};
	struct in_addr ip = {htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof h->at.in;

	(void)state;
	assert_non_null(h);
	h->at = addr_from_ip(AF_INET, &ip, 0);
	h->listener = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(h->listener, &h->at.sa, h->at.len), 0);
	assert_int_equal(getsockname(h->listener, &h->at.sa, &len), 0);
	setsockopt(h->listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(pthread_create(&h->thread, NULL, run_lossy, h), 0);
	watch_start(w, &h->at, TRANSPORT_UDP, 10 * CLOCK_S);
	WATCH_UNTIL(
	    w, false, w->stream.frames >= 300 && w->stream.torn_sum >= 10);
	assert_int_equal(w->broken, 0);
	assert_int_equal(w->stream.drops, 0);
	watch_free(w);
	hostile_stop(h);
}

/* ---- the stream's arithmetic ---- */

static void
stream__drops__keep_reason_length_and_tries(void **state)
{
	static struct thermal_stream s;
	struct thermal_event e = {.kind = THERMAL_UP, .sock = 3};
	char text[THERMAL_DROP_TEXT];

	(void)state;
	thermal_stream_feed(&s, &e);
	for (int i = 0; i < 10; i++) {
		e = (struct thermal_event){.kind = THERMAL_FRAME,
		    .at_ns = (i + 1) * 100 * CLOCK_MS,
		    .bytes = THERMAL_FRAME_LEN};
		thermal_stream_feed(&s, &e);
	}
	assert_true(thermal_stream_rate(&s) > 9.99);
	assert_true(thermal_stream_rate(&s) < 10.01);
	e = (struct thermal_event){.kind = THERMAL_DOWN,
	    .at_ns = 2 * CLOCK_S,
	    .why = THERMAL_WHY_RECV,
	    .error = ECONNRESET,
	    .cut = 700,
	    .rest_ns = CLOCK_S};
	thermal_stream_feed(&s, &e);
	e.why = THERMAL_WHY_CONNECT;
	e.error = ECONNREFUSED;
	thermal_stream_feed(&s, &e);
	thermal_stream_feed(&s, &e);
	assert_int_equal(s.drops, 1);
	assert_int_equal(s.drop[0].tries, 2);
	assert_int_equal(s.drop[0].frames, 10);
	assert_int_equal(s.drop[0].last_error, ECONNREFUSED);
	assert_string_equal(thermal_drop_text(text, &s.drop[0]),
	    "receiving failed: ECONNRESET, 700 bytes into a frame");
	e = (struct thermal_event){.kind = THERMAL_FRAME, .at_ns = 5 * CLOCK_S};
	thermal_stream_feed(&s, &e);
	assert_int_equal(s.drop[0].took_ns, 3 * CLOCK_S);
	assert_null(thermal_stream_drop(&s, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(client__every_model_and_transport__gets_frames),
	    cmocka_unit_test(client__transport_without_frames__is_refused),
	    cmocka_unit_test(client__nobody_listens__tries_again_and_comes_up),
	    cmocka_unit_test(client__udp_port_closed__is_a_drop),
	    cmocka_unit_test(
		client__a_week_of_drops__loses_no_boundary_and_no_resource),
	    cmocka_unit_test(
		client__lost_datagrams__tear_frames_and_drop_nothing),
	    cmocka_unit_test(stream__drops__keep_reason_length_and_tries),
	};

	return cmocka_run_group_tests_name("thermal client", tests, NULL, NULL);
}
