/*
 * The weave on the canvas: what is selected in one pane lights its partners in
 * every other pane, and in every view of the packets.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/lab.h"
#include "tests/unit/tui/scene.h"

enum { CONNECT = 2, ACCEPT = 4, SEND = 5, RECV = 6 }; /* calls */
enum { SYN = 1, DATA = 4 }; /* frames */

/* A connection over which "hello" went, and the session that it was. */
static int
setup(void **state)
{
	struct scene *s = scene_setup(state, NULL);

	s->deck.sessions[0] = (struct session_state){.state = RUN_UP};
	s->deck.session_count = 1;
	s->deck.session = 0;
	s->deck.focus = PANE_CLIENT;
	s->window = 60000;
	scene_open(s);
	scene_data(s, 1, CALL_SEND, 0, 5);
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 1, 1, "hello");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 6, "");
	scene_data(s, 2, CALL_RECV, 0, 5);
	return 0;
}

static void
select_call(struct scene *s, uint32_t id)
{
	s->deck.selected = (struct selection){SELECTED_CALL, id, 1};
}

static void
select_frame(struct scene *s, uint64_t id)
{
	s->deck.focus = PANE_PACKETS;
	s->deck.selected = (struct selection){SELECTED_FRAME, id, 1};
}

/* Another pane over the same scene, drawn. */
static void
show_pane(struct scene *s, struct pane *p)
{
	pane_free(s->pane);
	s->pane = p;
	scene_show(s, 100, 16);
}

static void
calls__of_both_ends__are_lit_by_a_packet(void **state)
{
	struct scene *s = *state;

	select_frame(s, DATA);
	show_pane(s, pane_calls_new(SIDE_CLIENT));
	assert_lit(s, "send(5) = 5", true);
	assert_lit(s, "connect(", false);
	show_pane(s, pane_calls_new(SIDE_SERVER));
	assert_lit(s, "recv(5) = 5", true);
	assert_lit(s, "accept(", false);
	select_frame(s, SYN);
	show_pane(s, pane_calls_new(SIDE_CLIENT));
	assert_lit(s, "connect(", true);
	assert_lit(s, "send(5) = 5", false);
	show_pane(s, pane_calls_new(SIDE_SERVER));
	assert_lit(s, "accept(", true);
}

static void
calls__of_the_other_end__are_lit_by_a_call(void **state)
{
	struct scene *s = *state;

	select_call(s, SEND);
	show_pane(s, pane_calls_new(SIDE_SERVER));
	assert_lit(s, "recv(5) = 5", true);
	select_call(s, ACCEPT);
	show_pane(s, pane_calls_new(SIDE_CLIENT));
	assert_lit(s, "connect(", true);
	assert_lit(s, "send(5) = 5", false);
}

static void
list__call__lights_its_packets(void **state)
{
	struct scene *s = *state;

	select_call(s, SEND);
	show_pane(s, pane_list_new());
	assert_lit(s, " PSH,ACK ", true);
	assert_lit(s, " SYN ", false);
	assert_int_equal(scene_lit_lines(s), 2); /* its ACK, too */
	select_call(s, CONNECT);
	show_pane(s, pane_list_new());
	assert_lit(s, " SYN ", true);
	assert_int_equal(scene_lit_lines(s), 3);
}

static void
ladder__call__lights_its_packets_and_its_partner(void **state)
{
	struct scene *s = *state;

	select_call(s, SEND);
	show_pane(s, pane_ladder_new());
	assert_lit(s, "PSH,ACK 1:6", true);
	assert_lit(s, "ACK ack 6", true);
	assert_lit(s, "recv = 5", true);
	assert_lit(s, "SYN seq 0", false);
}

static void
ladder__folded_run__is_lit_by_a_call_within(void **state)
{
	struct scene *s = *state;
	char data[101] = "";

	memset(data, 'x', 100);
	s->now_ns += 1000000000;
	scene_data(s, 1, CALL_SEND, 5, 2000);
	for (uint32_t i = 0; i < 20; i++)
		scene_segment(s, DIR_CLIENT, TCP_ACK, 6 + 100 * i, 1, data);
	select_call(s, RECV + 1);
	show_pane(s, pane_ladder_new());
	assert_lit(s, "… 20 segments, 2.0 KB", true);
	select_call(s, SEND);
	show_pane(s, pane_ladder_new());
	assert_lit(s, "… 20 segments, 2.0 KB", false);
}

static void
stream__call__lights_its_range(void **state)
{
	struct scene *s = *state;

	scene_data(s, 1, CALL_SEND, 5, 5);
	scene_segment(s, DIR_CLIENT, TCP_PSH | TCP_ACK, 6, 1, "world");
	select_call(s, SEND);
	show_pane(s, pane_stream_new());
	assert_lit(s, "hello", true);
	assert_lit(s, "world", false);
}

static void
rulers__call__lights_its_bytes_on_all_three(void **state)
{
	struct scene *s = *state;

	select_call(s, SEND);
	show_pane(s, pane_rulers_new());
	assert_lit(s, "writes ", true);
	assert_lit(s, "segments ", true);
	assert_lit(s, "reads ", true);
}

static void
states__call__shows_where_it_led(void **state)
{
	struct scene *s = *state;

	scene_segment(s, DIR_CLIENT, TCP_FIN | TCP_ACK, 6, 1, "");
	show_pane(s, pane_states_new());
	assert_drawn(s, "cFIN-WAIT-1");
	select_call(s, CONNECT);
	scene_show(s, 100, 16);
	assert_drawn(s, "packet 3 of 6");
	assert_drawn(s, "cESTABLISHED");
	assert_int_equal(scene_lit_lines(s), 1);
	select_call(s, SEND);
	scene_show(s, 100, 16);
	assert_drawn(s, "packet 4 of 6");
}

static void
graphs__call__is_lit_at_its_time(void **state)
{
	struct scene *s = *state;

	show_pane(s, pane_graphs_new());
	assert_int_equal(scene_lit_lines(s), 0);
	select_call(s, SEND);
	scene_show(s, 100, 16);
	assert_true(scene_lit_lines(s) > 5); /* a column */
	assert_drawn(s, "#4 ");
}

static void
bytes__call__lights_what_it_wrote(void **state)
{
	struct scene *s = *state;

	s->deck.frame = DATA;
	select_call(s, SEND);
	show_pane(s, pane_bytes_new());
	assert_lit(s, "68 65 6c 6c 6f", true);
	assert_int_equal(scene_lit_lines(s), 1);
	select_call(s, CONNECT);
	scene_show(s, 100, 16);
	assert_int_equal(scene_lit_lines(s), 0);
	s->deck.frame = SYN; /* its TCP header */
	show_pane(s, pane_bytes_new());
	assert_true(scene_lit_lines(s) > 0);
}

static void
tables__call__lights_its_conversation_and_its_ends(void **state)
{
	struct scene *s = *state;

	s->client_port++;
	scene_segment(s, DIR_CLIENT, TCP_SYN, 0, 0, "");
	s->client_port--;
	select_call(s, SEND);
	show_pane(s, pane_conversations_new());
	assert_lit(s, "127.0.0.1:40000", true);
	assert_lit(s, "127.0.0.1:40001", false);
	show_pane(s, pane_endpoints_new());
	assert_lit(s, "127.0.0.1:40000", true);
	assert_lit(s, "127.0.0.1:7000", true);
	assert_lit(s, "127.0.0.1:40001", false);
}

static struct addr
device(const char *text)
{
	struct addr a = {.len = sizeof a.rc};
	struct err err;

	assert_int_equal(rfcomm_parse(text, false, &a.rc, &err), 0);
	return a;
}

/* The adapter's own address is in no packet; the camera's frame is 1536 bytes
 * in two blocks, each of which took five ACL packets. */
static void
calls__over_rfcomm__have_their_packets_and_their_cost(void **state)
{
	struct scene *s = *state;
	const struct weave *w = &scene_view(s)->weave;
	struct range_cost cost;
	struct woven x;
	struct call c = {
	    .sock = 9,
	    .kind = CALL_SOCKET,
	    .arg = {AF_BLUETOOTH, SOCK_STREAM},
	    .phase = CALL_DONE,
	};

	scene_read(s, "tests/golden/rfcomm_pairing.pcap");
	c.begin_ns = c.end_ns = s->now_ns - 200000000;
	c.id = ++s->call_id;
	journal_feed(s->journal, &c);
	c.kind = CALL_CONNECT;
	c.id = ++s->call_id;
	c.local = device("00:AA:01:01:00:01");
	c.peer = device("00:AA:01:00:00:00/1");
	journal_feed(s->journal, &c);
	c.kind = CALL_RECV;
	c.id = ++s->call_id;
	c.asked = 1536;
	c.result = 1536;
	journal_feed(s->journal, &c);
	x = weave_call(w, &c);
	assert_int_equal(x.flow, flow_next(capture_flows(s->capture)) - 1);
	assert_int_equal(x.end, DIR_CLIENT);
	assert_int_equal(x.dir, DIR_SERVER);
	assert_true(weave_cost(w, &c, &cost));
	assert_int_equal(cost.data.packets, 10);
	assert_int_equal(cost.data.payload, 1536);
}

/* A real connection with the scene's addresses. */
static void
connect_really(int fds[3])
{
	struct addr at[2] = {scene_addr(SERVER_PORT), scene_addr(CLIENT_PORT)};

	for (int i = 0; i < 2; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_true(fds[i] >= 0);
		assert_int_equal(bind(fds[i], &at[i].sa, at[i].len), 0);
	}
	assert_int_equal(listen(fds[0], 1), 0);
	assert_int_equal(connect(fds[1], &at[0].sa, at[0].len), 0);
	fds[2] = accept(fds[0], NULL, NULL);
	assert_true(fds[2] >= 0);
}

static void
sockets__packet_or_call__lights_the_rows_of_both_ends(void **state)
{
	struct scene *s = *state;
	struct socktab *t;
	struct lab lab;
	struct err err;
	int fds[3];

	/* Where nobody else has sockets. It is the last test. */
	if (lab_enter(1, &lab, &err) < 0) {
		print_message("skipped: %s\n", err.text);
		skip();
	}
	connect_really(fds);
	assert_int_equal(socktab_new(SOCKTAB_TCP, &t, &err), 0);
	assert_int_equal(socktab_refresh_now(t, &err), 0);
	s->sockets = t;
	select_frame(s, DATA);
	pane_free(s->pane);
	s->pane = pane_sockets_new();
	scene_show(s, 100, 40);
	/* Both ends, and not the listener. */
	assert_int_equal(scene_lit_lines(s), 2);
	assert_lit(s, "127.0.0.1:40000", true);
	s->deck.focus = PANE_CLIENT;
	select_call(s, CONNECT);
	scene_show(s, 100, 40);
	assert_int_equal(scene_lit_lines(s), 2);
	s->sockets = NULL;
	socktab_free(t);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	lab_done(&lab);
}

static void
socket__selected__lights_all_of_its_conversation(void **state)
{
	struct scene *s = *state;

	s->deck.focus = PANE_SOCKETS;
	s->deck.selected = (struct selection){SELECTED_SOCKET, 77, 1};
	show_pane(s, pane_list_new());
	assert_int_equal(scene_lit_lines(s), 5);
	show_pane(s, pane_calls_new(SIDE_SERVER));
	assert_lit(s, "recv(5) = 5", true);
	show_pane(s, pane_conversations_new());
	assert_lit(s, "127.0.0.1:40000", true);
}

static void
past__of_a_packet__dims_what_came_later(void **state)
{
	struct scene *s = *state;
	struct frame f;

	assert_true(store_get(capture_store(s->capture), DATA, &f));
	s->deck.past = DATA;
	s->deck.past_ns = f.packet.ts_ns;
	show_pane(s, pane_list_new());
	assert_dim(s, " PSH,ACK ", false);
	assert_dim(s, " 6  60000 ", true);
	show_pane(s, pane_calls_new(SIDE_CLIENT));
	assert_dim(s, "send(5) = 5", false);
	show_pane(s, pane_calls_new(SIDE_SERVER));
	assert_dim(s, "accept(", false);
	assert_dim(s, "recv(5) = 5", true);
	s->deck.past = 0;
	show_pane(s, pane_calls_new(SIDE_SERVER));
	assert_dim(s, "recv(5) = 5", false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(calls__of_both_ends__are_lit_by_a_packet),
	    TEST(calls__of_the_other_end__are_lit_by_a_call),
	    TEST(list__call__lights_its_packets),
	    TEST(ladder__call__lights_its_packets_and_its_partner),
	    TEST(ladder__folded_run__is_lit_by_a_call_within),
	    TEST(stream__call__lights_its_range),
	    TEST(rulers__call__lights_its_bytes_on_all_three),
	    TEST(states__call__shows_where_it_led),
	    TEST(graphs__call__is_lit_at_its_time),
	    TEST(bytes__call__lights_what_it_wrote),
	    TEST(tables__call__lights_its_conversation_and_its_ends),
	    TEST(socket__selected__lights_all_of_its_conversation),
	    TEST(past__of_a_packet__dims_what_came_later),
	    TEST(calls__over_rfcomm__have_their_packets_and_their_cost),
	    TEST(sockets__packet_or_call__lights_the_rows_of_both_ends),
	};

	return cmocka_run_group_tests_name("weave_panes", tests, NULL, NULL);
}
