#include "net/rudp_door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "net/base/clock.h"

static const uint8_t secret[SIPHASH_KEY_LEN] = "fifteen letters";

static struct rudp_door *
new_door(void)
{
	struct rudp_door *door = malloc(sizeof *door);

	assert_non_null(door);
	rudp_door_init(door, secret, 128);
	return door;
}

static struct rudp_door_answer
give(struct rudp_door *door, const char *from, const struct rudp_packet *p,
    int64_t now)
{
	uint8_t b[RUDP_DATAGRAM_MAX];
	struct wr w = wr_init(b, sizeof b);

	rudp_encode(&w, p);
	return rudp_door_input(door, from, strlen(from), b, wr_len(&w), now);
}

/* The CONFIRM that a client would send, after a HELLO at this time. */
static struct rudp_packet
confirm_for(struct rudp_door *door, const char *from, uint32_t id, int64_t now)
{
	struct rudp_packet hello = {
	    .type = RUDP_HELLO, .seq = 1000, .own_id = id, .window = 64};
	struct rudp_door_answer a = give(door, from, &hello, now);
	struct rd r = rd_init(a.reply, a.reply_len, a.reply_len);
	struct rudp_packet welcome;

	assert_int_equal(a.verdict, RUDP_DOOR_REPLY);
	assert_int_equal(a.reply_len, RUDP_HEADER_LEN + 4); /* as HELLO */
	assert_int_equal(rudp_decode(&r, &welcome), RUDP_FAULT_FINE);
	assert_int_equal(welcome.type, RUDP_WELCOME);
	assert_int_equal(welcome.id, id);
	assert_int_equal(welcome.ack, 1000);
	assert_int_equal(welcome.window, 128);
	return (struct rudp_packet){.type = RUDP_CONFIRM,
	    .id = welcome.own_id,
	    .seq = 1000,
	    .ack = welcome.seq,
	    .own_id = id,
	    .window = 64};
}

static void
confirm__with_the_cookie__opens_once(void **state)
{
	struct rudp_door *door = new_door();
	struct rudp_packet p = confirm_for(door, "a", 5, CLOCK_S);
	struct rudp_door_answer a = give(door, "a", &p, 2 * CLOCK_S);

	(void)state;
	assert_int_equal(a.verdict, RUDP_DOOR_OPEN);
	assert_int_equal(a.opening.local_id, p.id);
	assert_int_equal(a.opening.local_seq, p.ack);
	assert_int_equal(a.opening.peer_id, 5);
	assert_int_equal(a.opening.peer_seq, 1000);
	assert_int_equal(a.opening.peer_window, 64);
	a = give(door, "a", &p, 3 * CLOCK_S);
	assert_int_equal(a.verdict, RUDP_DOOR_IGNORE);
	assert_int_equal(door->stats.replayed, 1);
	/* the time has passed into the next slot */
	a = give(door, "a", &p, 61 * CLOCK_S);
	assert_int_equal(a.verdict, RUDP_DOOR_IGNORE);
	assert_int_equal(door->stats.replayed, 2);
	a = give(door, "a", &p, 121 * CLOCK_S);
	assert_int_equal(a.verdict, RUDP_DOOR_IGNORE);
	assert_int_equal(door->stats.stale, 1);
	free(door);
}

static void
confirm__in_the_next_slot_of_time__still_opens(void **state)
{
	struct rudp_door *door = new_door();
	struct rudp_packet p = confirm_for(door, "a", 5, 59 * CLOCK_S);

	(void)state;
	assert_int_equal(
	    give(door, "a", &p, 100 * CLOCK_S).verdict, RUDP_DOOR_OPEN);
	free(door);
}

static void
confirm__with_anything_changed__is_stale(void **state)
{
	struct rudp_door *door = new_door();
	const struct rudp_packet good = confirm_for(door, "a", 5, CLOCK_S);
	struct rudp_packet bad[4] = {good, good, good, good};

	(void)state;
	bad[0].id ^= 1;
	bad[1].ack ^= 1;
	bad[2].seq ^= 1;
	bad[3].own_id ^= 1;
	for (int i = 0; i < 4; i++)
		assert_int_equal(give(door, "a", &bad[i], CLOCK_S).verdict,
		    RUDP_DOOR_IGNORE);
	assert_int_equal(
	    give(door, "b", &good, CLOCK_S).verdict, RUDP_DOOR_IGNORE);
	assert_int_equal(
	    give(door, "a", &good, 1000 * CLOCK_S).verdict, RUDP_DOOR_IGNORE);
	assert_int_equal(door->stats.stale, 6);
	assert_int_equal(
	    give(door, "a", &good, CLOCK_S).verdict, RUDP_DOOR_OPEN);
	free(door);
}

static void
input__of_no_handshake__is_counted(void **state)
{
	struct rudp_door *door = new_door();
	struct rudp_packet p = {.type = RUDP_ACK, .id = 1};

	(void)state;
	assert_int_equal(give(door, "a", &p, 0).verdict, RUDP_DOOR_IGNORE);
	assert_int_equal(rudp_door_input(door, "a", 1, "junk", 4, 0).verdict,
	    RUDP_DOOR_IGNORE);
	assert_int_equal(door->stats.strangers, 1);
	assert_int_equal(door->stats.malformed, 1);
	free(door);
}

static void
door__crowded__ignores_and_recovers(void **state)
{
	struct rudp_door *door = new_door();
	struct rudp_packet p;

	(void)state;
	for (uint32_t i = 1; i <= RUDP_DOOR_USED; i++) {
		p = confirm_for(door, "a", i, CLOCK_S);
		assert_int_equal(
		    give(door, "a", &p, CLOCK_S).verdict, RUDP_DOOR_OPEN);
	}
	p = confirm_for(door, "a", 9999, CLOCK_S);
	assert_int_equal(
	    give(door, "a", &p, CLOCK_S).verdict, RUDP_DOOR_IGNORE);
	assert_int_equal(door->stats.crowded, 1);
	p = confirm_for(door, "a", 9999, 61 * CLOCK_S);
	assert_int_equal(
	    give(door, "a", &p, 61 * CLOCK_S).verdict, RUDP_DOOR_OPEN);
	free(door);
}

static void
door__shut__refuses_hello_and_confirm(void **state)
{
	struct rudp_door *door = new_door();
	struct rudp_packet p = confirm_for(door, "a", 5, CLOCK_S), reset;
	struct rudp_door_answer a;
	struct rd r;

	(void)state;
	door->shut = true;
	a = give(door, "a", &p, CLOCK_S);
	assert_int_equal(a.verdict, RUDP_DOOR_REPLY);
	r = rd_init(a.reply, a.reply_len, a.reply_len);
	assert_int_equal(rudp_decode(&r, &reset), RUDP_FAULT_FINE);
	assert_int_equal(reset.type, RUDP_RESET);
	assert_int_equal(reset.id, 5);
	assert_int_equal(reset.ack, 1000);
	free(door);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(confirm__with_the_cookie__opens_once),
	    cmocka_unit_test(confirm__in_the_next_slot_of_time__still_opens),
	    cmocka_unit_test(confirm__with_anything_changed__is_stale),
	    cmocka_unit_test(input__of_no_handshake__is_counted),
	    cmocka_unit_test(door__crowded__ignores_and_recovers),
	    cmocka_unit_test(door__shut__refuses_hello_and_confirm),
	};

	return cmocka_run_group_tests_name("rudp door", tests, NULL, NULL);
}
