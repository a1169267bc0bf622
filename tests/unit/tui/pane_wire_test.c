/*
 * The wire: its ends, what each direction does, the packets between them and
 * the one that keys are for.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/wire_words.h"
#include "tests/unit/tui/scene.h"

static struct wire_look look;

static void
add_host(struct scene *s, const char *name, const char *ip)
{
	struct wire_port *p = &s->lab.ports[s->lab.count++];

	snprintf(p->host, sizeof p->host, "%s", name);
	inet_pton(AF_INET, ip, &p->ip4);
}

/* Two hosts, and a wire on which nothing is. */
static int
setup(void **state)
{
	struct scene *s = scene_setup(state, pane_wire_new());

	look = (struct wire_look){.port_count = 2};
	s->lab.medium = LAB_TUN;
	add_host(s, "server", "10.0.0.1");
	add_host(s, "client", "10.0.0.2");
	s->wire = &look;
	return 0;
}

/* A packet on the way, so many thousandths of it. */
static struct wire_shown *
add(uint64_t id, enum wire_direction dir, uint32_t done, const char *text)
{
	struct wire_shown *s = &look.shown[look.shown_count++];

	*s = (struct wire_shown){
	    .id = id, .direction = (uint8_t)dir, .done = done};
	snprintf(s->text, sizeof s->text, "%s", text);
	look.way[dir].flying++;
	return s;
}

static struct wire_shown *
hold(uint64_t id, enum wire_direction dir, const char *text)
{
	struct wire_shown *s = add(id, dir, 0, text);

	s->held = true;
	look.holds = true;
	look.way[dir].held++;
	return s;
}

static void
no_wire__says_whose_it_would_be(void **state)
{
	struct scene *s = *state;

	s->wire = NULL;
	scene_show(s, 78, 12);
	assert_drawn(s, "There is no wire here: it joins the hosts of a lab.");
}

static void
ends__and_what_stands_between_them(void **state)
{
	struct scene *s = *state;

	scene_show(s, 78, 14);
	assert_drawn(s, " client 10.0.0.2");
	assert_drawn(s, "TUN");
	assert_drawn(s, "server 10.0.0.1\n");
	assert_drawn(s, "Nothing is under way.");
	look.routers = 2;
	assert_non_null(strstr(scene_show(s, 78, 14), "TUN, 2 routers"));
	look.holds = true;
	scene_show(s, 78, 14);
	assert_drawn(s, "hold ▮▮");
	assert_drawn(s, "No packet waits.");
	look.frozen = true;
	assert_non_null(strstr(scene_show(s, 78, 14), "paused ▮▮"));
	add_host(s, "client2", "10.0.0.3");
	assert_non_null(strstr(scene_show(s, 78, 14), "2 clients"));
}

static void
directions__each_has_its_settings_and_its_counters(void **state)
{
	struct scene *s = *state;
	struct wire_way_count *up = &look.way[WIRE_TO_SERVER];

	look.settings[WIRE_TO_CLIENT].impair.delay_ns = 20000000;
	*up = (struct wire_way_count){
	    .entered = 26, .copies = 2, .left = 19, .flying = 1, .held = 1};
	up->fates[FATE_LOST] = 2;
	up->fates[FATE_HAND] = 1;
	up->fates[FATE_FOLDED] = 4; /* of what is not lost */
	up->fates[FATE_CORRUPTED] = 5; /* of what is out */
	scene_show(s, 98, 14);
	assert_drawn(s, "→ off");
	assert_drawn(s,
	    "26 in  2 copies  19 out, 5 corrupted  3 lost  4 folded  "
	    "1 under way  1 held");
	assert_drawn(s, "← delay=20ms");
	assert_drawn(s, "0 in  0 out");
}

/* A value that is cut reads as another one. */
static void
directions__no_room__settings_are_whole_or_left_out(void **state)
{
	struct scene *s = *state;
	struct wire_settings *down = &look.settings[WIRE_TO_CLIENT];
	const char *dsl[] = {"DSL"}, *wifi[] = {"bad-wifi"};
	struct err err;

	assert_int_equal(wire_words_apply(look.settings, dsl, 1, &err), 0);
	look.way[WIRE_TO_CLIENT].left = 1234;
	scene_show(s, 58, 18);
	assert_drawn(s, "← delay=10ms jitter=2ms rate=16mbit queue=100\n");
	assert_drawn(s, " 0 in  1,234 out\n");
	scene_show(s, 58, 9); /* one line for each */
	assert_drawn(s, "← delay=10ms jitter=2ms rate=16mbit … ");
	assert_drawn(s, "  0 in  1,234 out\n");
	assert_int_equal(wire_words_apply(look.settings, wifi, 1, &err), 0);
	down->mtu = 1000;
	scene_show(s, 58, 18);
	assert_drawn(s, "← delay=5ms jitter=20ms loss=5% burst=3 dup=0.5%\n");
	assert_drawn(s, "   reorder=1% rate=10mbit queue=100 mtu=1000\n");
	scene_show(s, 58, 13);
	assert_drawn(s, "← delay=5ms jitter=20ms loss=5% burst=3 dup=0.5% …\n");
	assert_not_drawn(s, "reorder=");
}

/* In cells, from the left end of its row. */
static size_t
cells_before(struct scene *s, const char *row, const char *sign)
{
	const char *at = strstr(s->text, row), *found;
	char line[512];

	assert_drawn(s, row);
	while (at[-1] != '\n')
		at--;
	snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
	found = strstr(line, sign);
	assert_non_null(found);
	line[found - line] = '\0';
	return (size_t)text_cells(line);
}

static void
packets__under_way__are_where_they_are(void **state)
{
	struct scene *s = *state;
	add(7, WIRE_TO_SERVER, 0, "first");
	add(8, WIRE_TO_SERVER, 1000, "second");
	add(9, WIRE_TO_CLIENT, 250, "third");
	add(10, WIRE_TO_SERVER, 900, "fourth")->fate = FATE_LOST;
	add(11, WIRE_TO_CLIENT, 900, "fifth")->fate = FATE_HAND;
	add(12, WIRE_TO_SERVER, 400, "sixth")->fate = FATE_LOST;
	scene_show(s, 78, 16);
	assert_int_equal(cells_before(s, "#7 first", "●"), 3);
	assert_int_equal(cells_before(s, "#8 second", "●"), 74);
	assert_in_range(cells_before(s, "#9 third", "●"), 54, 58);
	assert_int_equal(cells_before(s, "#9 third", "◀"), 3);
	/* what is lost is seen to be so from half of the way on */
	assert_drawn(s, "─ #10 fourth  lost: random loss x─");
	assert_drawn(s, "─x #11 fifth  dropped by hand ─");
	assert_drawn(s, "─ #12 sixth ─");
}

static void
held__the_first_that_came__is_what_keys_are_for(void **state)
{
	struct scene *s = *state;

	hold(4, WIRE_TO_SERVER, "PSH,ACK 1:6  5 B")->folded = 2;
	hold(5, WIRE_TO_SERVER, "PSH,ACK 6:11  5 B")->nth = 1;
	hold(3, WIRE_TO_CLIENT, "ACK of 1");
	scene_show(s, 78, 16);
	assert_drawn(s, "#4 PSH,ACK 1:6  5 B  +2 by its timer  waits");
	assert_drawn(s, "#5 PSH,ACK 6:11  5 B  sent again  waits");
	assert_int_equal(pane_wire_chosen(s->pane, &look), 3);
	assert_true(scene_has_over(s, "#3 ACK of 1", 'S'));
	assert_false(scene_has_over(s, "#4 PSH,ACK", 'S'));
	scene_move(s, MOVE_DOWN);
	scene_show(s, 78, 16);
	assert_int_equal(pane_wire_chosen(s->pane, &look), 4);
	assert_true(scene_has_over(s, "#4 PSH,ACK", 'S'));
	assert_false(scene_has_over(s, "#3 ACK of 1", 'S'));
	assert_string_equal(s->pane->ops->key(s->pane, 'd'), "wire drop");
}

static void
held__to_be_overtaken__says_so__and_keys_are_for_the_next(void **state)
{
	struct scene *s = *state;

	/* in the order in which they will go */
	hold(5, WIRE_TO_SERVER, "PSH,ACK 6:11  5 B");
	hold(4, WIRE_TO_SERVER, "PSH,ACK 1:6  5 B")->yields = true;
	scene_show(s, 78, 16);
	assert_drawn(s, "#4 PSH,ACK 1:6  5 B  waits for the next");
	assert_drawn(s, "#5 PSH,ACK 6:11  5 B  waits ");
	assert_int_equal(pane_wire_chosen(s->pane, &look), 5);
}

/* More than there is room for: the first of them is in sight. */
static void
held__many__the_first_is_in_sight(void **state)
{
	struct scene *s = *state;

	for (uint64_t id = 1; id <= 20; id++)
		hold(id, WIRE_TO_SERVER, "segment");
	scene_show(s, 78, 10);
	assert_true(scene_has_over(s, "#1 segment", 'S'));
	assert_not_drawn(s, "#20 segment");
}

static void
keys__nothing_is_held__are_what_they_are_everywhere(void **state)
{
	struct scene *s = *state;

	scene_show(s, 78, 14);
	assert_null(s->pane->ops->key(s->pane, 'd'));
	assert_null(s->pane->ops->key(s->pane, 'c'));
	assert_string_equal(s->pane->ops->key(s->pane, 'h'), "wire hold");
	/* one d too many does not close the client */
	look.holds = true;
	scene_show(s, 78, 14);
	assert_string_equal(s->pane->ops->key(s->pane, 'd'), "wire drop");
	assert_null(s->pane->ops->key(s->pane, 'c'));
}

/* While time stands, Space is for the packet that is held, else for whatever
 * waits; and leads on in the past. */
static void
space__paused__passes_what_is_held__else_steps(void **state)
{
	struct scene *s = *state;

	look.frozen = true;
	scene_show(s, 78, 14);
	assert_null(s->pane->ops->key(s->pane, ' '));
	hold(4, WIRE_TO_SERVER, "PSH,ACK 1:6  5 B");
	scene_show(s, 78, 14);
	assert_string_equal(s->pane->ops->key(s->pane, ' '), "wire pass");
	s->deck.past = 3;
	scene_show(s, 78, 14);
	assert_null(s->pane->ops->key(s->pane, ' '));
}

static void
rules__are_listed_with_what_they_did(void **state)
{
	struct scene *s = *state;
	struct err err;

	assert_int_equal(wire_rule_parse("drop 3rd data client->server once",
			     &look.rules.rule[0], &err),
	    0);
	assert_int_equal(
	    wire_rule_parse("delay flags:fin 2s", &look.rules.rule[1], &err),
	    0);
	look.rules.count = 2;
	look.rules.rule[0].hits = 1;
	scene_show(s, 78, 16);
	assert_drawn(s, "rule 1  drop 3rd data");
	assert_drawn(s, "1 so far: done");
	assert_drawn(s, "rule 2  delay");
	/* and the keys below, all of them, in two lines */
	assert_drawn(s, "Space pass");
	assert_drawn(s, "Enter rule");
	assert_string_equal(strtok(s->text, "\n"), "Packets  wire  with rules");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(no_wire__says_whose_it_would_be),
	    TEST(ends__and_what_stands_between_them),
	    TEST(directions__each_has_its_settings_and_its_counters),
	    TEST(directions__no_room__settings_are_whole_or_left_out),
	    TEST(packets__under_way__are_where_they_are),
	    TEST(held__the_first_that_came__is_what_keys_are_for),
	    TEST(held__to_be_overtaken__says_so__and_keys_are_for_the_next),
	    TEST(held__many__the_first_is_in_sight),
	    TEST(keys__nothing_is_held__are_what_they_are_everywhere),
	    TEST(space__paused__passes_what_is_held__else_steps),
	    TEST(rules__are_listed_with_what_they_did),
	};

	return cmocka_run_group_tests_name("pane_wire", tests, NULL, NULL);
}
