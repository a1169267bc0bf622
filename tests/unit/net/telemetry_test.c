/* A telemetry client, the service and the model of main, without a network. */
#include "net/telemetry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/base/clock.h"
#include "net/services.h"
#include "net/talk.h"

/* One client of the service, and what main knows of it. */
struct lab {
	struct service_options options;
	atomic_uint period;
	struct session session;
	struct telemetry *model;
};

static void
lab_open(struct lab *l)
{
	const uint8_t ip[] = {127, 0, 0, 1};
	struct addr local = addr_from_ip(AF_INET, ip, 7);
	struct addr peer = addr_from_ip(AF_INET, ip, 50000);

	*l = (struct lab){.model = telemetry_new()};
	atomic_init(&l->period, 0);
	l->options.period_now = &l->period;
	assert_int_equal(session_open(&l->session, &service_telemetry,
			     &l->options, &local, &peer),
	    0);
}

static void
lab_close(struct lab *l)
{
	session_close(&l->session);
	telemetry_free(l->model);
}

/* Carry the reports to the model, as server and main do. */
static const struct telemetry_peer *
settle(struct lab *l)
{
	struct call c = {.kind = CALL_REPORT, .group = 1, .sock = 9};
	const uint8_t *data;
	size_t at = 0, n;

	c.peer = l->session.peer;
	while ((data = session_next_report(&l->session, &at, &n)) != NULL) {
		memcpy(c.data, data, n);
		c.data_len = (uint16_t)n;
		telemetry_feed(l->model, &c);
	}
	buf_clear(&l->session.reports);
	return telemetry_peer(l->model, 0);
}

static struct telemetry_message
reading(uint32_t seq, double value)
{
	return (struct telemetry_message){
	    .type = TELEMETRY_READING,
	    .seq = seq,
	    .sensor = 3,
	    .value = {.kind = 'd', .d = value},
	};
}

static size_t
encode(uint8_t dst[TELEMETRY_MAX], const struct telemetry_message *m)
{
	struct wr w = wr_init(dst, TELEMETRY_MAX);

	telemetry_encode(&w, m);
	return wr_len(&w);
}

/* Send it as a datagram; the answer, type 0 if there is none. */
static struct telemetry_message
ask(struct lab *l, const struct telemetry_message *m)
{
	struct telemetry_message a = {0};
	uint8_t data[TELEMETRY_MAX];
	size_t n = encode(data, m);
	struct rd r;

	if (service_telemetry.on_datagram(&l->session, data, n)) {
		r = rd_init(l->session.out.data, l->session.out.len,
		    l->session.out.len);
		assert_int_equal(
		    telemetry_decode(&r, &a), TELEMETRY_FAULT_FINE);
	}
	buf_clear(&l->session.out);
	return a;
}

static void
readings__each__is_answered_with_count_and_mean(void **state)
{
	struct telemetry_message m, a = {0};
	struct lab l;

	(void)state;
	lab_open(&l);
	for (uint32_t i = 1; i <= 4; i++) {
		m = reading(i, i);
		a = ask(&l, &m);
	}
	assert_int_equal(a.type, TELEMETRY_ACK);
	assert_int_equal(a.about, 4);
	assert_int_equal(a.count, 4);
	assert_true(a.mean == 2.5);
	assert_int_equal(settle(&l)->counts.received, 4);
	assert_true(settle(&l)->sensors[0]->mean == 2.5);
	lab_close(&l);
}

static void
mean__of_the_largest_doubles__does_not_overflow(void **state)
{
	struct telemetry_message m, a = {0};
	struct lab l;

	(void)state;
	lab_open(&l);
	for (uint32_t i = 1; i <= 9; i++) {
		m = reading(i, i % 2 ? 1.7e308 : -1.7e308);
		a = ask(&l, &m);
		assert_int_equal(a.type, TELEMETRY_ACK);
	}
	lab_close(&l);
}

static void
datagrams__lost_again_and_late__are_counted(void **state)
{
	static const uint32_t seqs[] = {1, 2, 2, 5, 3, 7};
	const struct telemetry_peer *p;
	struct telemetry_message m;
	struct lab l;

	(void)state;
	lab_open(&l);
	for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++) {
		m = reading(seqs[i], 1);
		assert_int_equal(ask(&l, &m).type, TELEMETRY_ACK);
	}
	p = settle(&l);
	assert_int_equal(p->counts.received, 5);
	assert_int_equal(p->counts.duplicated, 1);
	assert_int_equal(p->counts.reordered, 1);
	assert_int_equal(p->counts.lost, 2); /* 4 and 6 */
	assert_int_equal(p->counts.refused, 0);
	assert_int_equal(p->sensors[0]->end, 5);
	lab_close(&l);
}

static void
period__commanded__is_repeated_until_it_is_obeyed(void **state)
{
	struct telemetry_message m = reading(1, 1), a;
	struct lab l;

	(void)state;
	lab_open(&l);
	m.period_ms = 500;
	assert_int_equal(ask(&l, &m).type, TELEMETRY_ACK);
	atomic_store(&l.period, 200);
	for (m.seq = 2; m.seq < 4; m.seq++) {
		a = ask(&l, &m);
		assert_int_equal(a.type, TELEMETRY_PERIOD);
		assert_int_equal(a.about, m.seq);
		assert_int_equal(a.period_ms, 200);
	}
	m.period_ms = 200;
	assert_int_equal(ask(&l, &m).type, TELEMETRY_ACK);
	/* a client without a period has nothing to obey */
	m.seq++;
	m.period_ms = 0;
	assert_int_equal(ask(&l, &m).type, TELEMETRY_ACK);
	lab_close(&l);
}

static void
messages__that_are_wrong__are_refused_with_their_reason(void **state)
{
	const struct telemetry_peer *p;
	struct telemetry_message m = reading(1, 1), a;
	struct lab l;

	(void)state;
	lab_open(&l);
	ask(&l, &m);
	m.seq = 100000;
	a = ask(&l, &m);
	assert_int_equal(a.type, TELEMETRY_ERROR);
	assert_int_equal(a.about, 100000);
	assert_int_equal(a.reason, TELEMETRY_FAULT_SEQUENCE);
	m = reading(2, 1);
	m.value = (struct telemetry_value){.kind = 'B', .u = 1};
	assert_int_equal(ask(&l, &m).reason, TELEMETRY_FAULT_CHANGED);
	for (uint16_t i = 0; i < TELEMETRY_SENSORS; i++) {
		m = reading(3 + i, 1);
		m.sensor = (uint16_t)(100 + i);
		a = ask(&l, &m);
	}
	assert_int_equal(a.reason, TELEMETRY_FAULT_SENSORS);
	p = settle(&l);
	assert_int_equal(p->counts.refused, 3);
	assert_int_equal(p->fault, TELEMETRY_FAULT_SENSORS);
	assert_non_null(strstr(l.session.note, "3 so far"));
	lab_close(&l);
}

static void
answer__sent_to_a_server__is_counted_and_not_answered(void **state)
{
	struct telemetry_message m = {
	    .type = TELEMETRY_ERROR, .reason = TELEMETRY_FAULT_TAIL};
	struct lab l;

	(void)state;
	lab_open(&l);
	assert_int_equal(ask(&l, &m).type, 0);
	assert_int_equal(settle(&l)->counts.refused, 1);
	lab_close(&l);
}

static void
stream__broken__is_answered_and_closed(void **state)
{
	static const uint8_t http[] = "GET / HTTP/1.1\r\n";
	struct telemetry_message a;
	struct lab l;
	struct rd r;

	(void)state;
	lab_open(&l);
	assert_int_equal(
	    session_bytes(&l.session, http, sizeof http - 1), SERVICE_CLOSE);
	r = rd_init(l.session.out.data, l.session.out.len, l.session.out.len);
	assert_int_equal(telemetry_decode(&r, &a), TELEMETRY_FAULT_FINE);
	assert_int_equal(a.reason, TELEMETRY_FAULT_VERSION);
	assert_non_null(strstr(l.session.note, "closed"));
	lab_close(&l);
}

static void
stream__refused_message__leaves_the_others(void **state)
{
	uint8_t data[3 * TELEMETRY_MAX];
	struct telemetry_message m = reading(1, 1);
	struct lab l;
	size_t n;

	(void)state;
	lab_open(&l);
	n = encode(data, &m);
	data[20] = 'x'; /* no such kind */
	n += encode(data + n, &m);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    session_bytes(&l.session, data + i, 1), SERVICE_GO_ON);
	assert_int_equal(settle(&l)->counts.received, 1);
	assert_int_equal(settle(&l)->counts.refused, 1);
	lab_close(&l);
}

/* ---- our own client ---- */

static void
talker__every_sensor__is_taken_and_the_answers_are_understood(void **state)
{
	struct talk t = {
	    .size = TALK_SENSORS_MAX, .seed = 7, .every_ns = 100 * CLOCK_MS};
	struct hearing h;
	struct lab l;
	struct err err;
	const struct telemetry_peer *p;

	(void)state;
	lab_open(&l);
	atomic_store(&l.period, 50);
	assert_int_equal(talk_begin(&t, &talk_telemetry, &err), 0);
	hearing_begin(&h, talk_telemetry.listener, false);
	for (int i = 0; i < 1000; i++) {
		struct buf *out = &l.session.out;

		talk_next(&t);
		assert_int_equal(
		    session_bytes(&l.session, t.out.data, t.out.len),
		    SERVICE_GO_ON);
		assert_int_equal(
		    h.listener->hear(&h, out->data, out->len), out->len);
		assert_false(h.note_bad);
		if (i == 0)
			assert_int_equal(h.every_ns, 50 * CLOCK_MS);
		if (h.every_ns != 0)
			t.every_ns = h.every_ns;
		h.every_ns = 0;
		buf_clear(out);
		settle(&l);
	}
	assert_non_null(strstr(h.note, "ACK of 1000: sensor 1, 112 readings"));
	p = settle(&l);
	assert_int_equal(p->counts.received, 1000);
	assert_int_equal(p->sensor_count, TALK_SENSORS_MAX);
	assert_int_equal(p->period_ms, 50);
	assert_int_equal(
	    p->counts.lost + p->counts.refused + p->counts.duplicated, 0);
	hearing_done(&h);
	talk_done(&t);
	lab_close(&l);
}

static void
talker__same_seed__walks_the_same_way(void **state)
{
	struct talk a = {.size = 3, .seed = 1}, b = {.size = 3, .seed = 1},
		    c = {.size = 3, .seed = 2};
	bool differs = false;

	(void)state;
	talk_begin(&a, &talk_telemetry, NULL);
	talk_begin(&b, &talk_telemetry, NULL);
	talk_begin(&c, &talk_telemetry, NULL);
	for (int i = 0; i < 100; i++) {
		talk_next(&a);
		talk_next(&b);
		talk_next(&c);
		/* behind the header, which has the time */
		assert_memory_equal(
		    a.out.data + 16, b.out.data + 16, a.out.len - 16);
		differs |= memcmp(a.out.data + 16, c.out.data + 16,
			       a.out.len - 16) != 0;
	}
	assert_true(differs);
	talk_done(&a);
	talk_done(&b);
	talk_done(&c);
}

static void
listener__garbage__is_said_once(void **state)
{
	struct hearing h;

	(void)state;
	hearing_begin(&h, &listen_telemetry, false);
	assert_int_equal(h.listener->hear(&h, (const uint8_t *)"hello", 5), 5);
	assert_true(h.note_bad);
	assert_non_null(strstr(h.note, "no answer of telemetry: the version"));
	h.note[0] = '\0';
	assert_int_equal(h.listener->hear(&h, (const uint8_t *)"hello", 5), 5);
	assert_int_equal(h.note[0], '\0');
	hearing_done(&h);
}

/* ---- the model ---- */

static void
model__too_many_clients__the_least_lately_heard_leaves(void **state)
{
	const uint8_t ip[] = {127, 0, 0, 1};
	struct telemetry_report r = {.sensor = 1, .value.kind = 'd'};
	struct call c = {.kind = CALL_REPORT, .group = 1, .data_len = sizeof r};
	struct telemetry *t = telemetry_new();

	(void)state;
	memcpy(c.data, &r, sizeof r);
	for (uint16_t i = 0; i < TELEMETRY_PEERS + 3; i++) {
		c.peer = addr_from_ip(AF_INET, ip, (uint16_t)(1000 + i));
		telemetry_feed(t, &c);
	}
	assert_int_equal(telemetry_peer(t, 0)->number, 4);
	assert_null(telemetry_peer(t, TELEMETRY_PEERS));
	c.group = 2; /* another server */
	telemetry_feed(t, &c);
	assert_null(telemetry_peer(t, 1));
	telemetry_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(readings__each__is_answered_with_count_and_mean),
	    cmocka_unit_test(mean__of_the_largest_doubles__does_not_overflow),
	    cmocka_unit_test(datagrams__lost_again_and_late__are_counted),
	    cmocka_unit_test(period__commanded__is_repeated_until_it_is_obeyed),
	    cmocka_unit_test(
		messages__that_are_wrong__are_refused_with_their_reason),
	    cmocka_unit_test(
		answer__sent_to_a_server__is_counted_and_not_answered),
	    cmocka_unit_test(stream__broken__is_answered_and_closed),
	    cmocka_unit_test(stream__refused_message__leaves_the_others),
	    cmocka_unit_test(
		talker__every_sensor__is_taken_and_the_answers_are_understood),
	    cmocka_unit_test(talker__same_seed__walks_the_same_way),
	    cmocka_unit_test(listener__garbage__is_said_once),
	    cmocka_unit_test(
		model__too_many_clients__the_least_lately_heard_leaves),
	};

	return cmocka_run_group_tests_name("telemetry", tests, NULL, NULL);
}
