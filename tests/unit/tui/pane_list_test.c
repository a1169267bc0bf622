/*
 * The list of packets: its columns, and the cells that explain themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/tui/scene.h"
#include "tui/listcols.h"

/* A handshake, data, three ACKs that repeat each other. */
static struct scene *
with_loss(void)
{
	struct scene *s = scene_new();

	scene_open(s);
	scene_segment(s, DIR_CLIENT, TCP_ACK | TCP_PSH, 1, 1, "first");
	scene_segment(s, DIR_CLIENT, TCP_ACK | TCP_PSH, 106, 1, "third");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 6, "");
	scene_segment(s, DIR_SERVER, TCP_ACK, 1, 6, "");
	return s;
}

static void
choose(struct scene *s, const char *const *names, int n)
{
	enum listcol c;

	for (int i = 0; i < n; i++) {
		assert_true(listcol_find(names[i], &c));
		s->deck.columns[i] = (uint8_t)c;
	}
	s->deck.column_count = n;
}

static void
columns__usual__each_width_has_what_matters_most(void **state)
{
	struct pane *p = pane_list_new();
	struct scene *s = with_loss();

	(void)state;
	scene_draw(s, p, 38, 10);
	assert_drawn(s, "No   Flags       Seq   Len Info");
	assert_drawn(s, "Dup ACK");
	scene_draw(s, p, 78, 12);
	assert_drawn(s, "Time     Delta");
	assert_drawn(s, "Previous s");
	scene_draw(s, p, 198, 12);
	assert_drawn(s, "Previous segment not captured");
	assert_drawn(s, "40000-7000");
	assert_drawn(s, "Hdr|data");
	pane_free(p);
	scene_free(s);
}

static void
columns__chosen__stand_in_that_order(void **state)
{
	const char *const names[] = {"len", "client", "src", "data"};
	struct pane *p = pane_list_new();
	struct scene *s = with_loss();

	(void)state;
	choose(s, names, 4);
	scene_draw(s, p, 78, 12);
	assert_drawn(s, "  Len Client is    Source                Data");
	assert_drawn(s, "    5 ESTABLISHED  127.0.0.1:40000       first");
	assert_not_drawn(s, "Seq");
	pane_free(p);
	scene_free(s);
}

static void
columns__too_many__say_that_some_are_missing(void **state)
{
	const char *const names[] = {"src", "dst", "client", "server"};
	struct pane *p = pane_list_new();
	struct scene *s = with_loss();

	(void)state;
	choose(s, names, 4);
	scene_draw(s, p, 60, 12);
	assert_drawn(s, "\xe2\x80\xa6");
	assert_not_drawn(s, "Server is");
	pane_free(p);
	scene_free(s);
}

static void
number__longer_than_its_cell__is_cut_with_a_mark(void **state)
{
	struct pane *p = pane_list_new();
	struct scene *s = scene_new();

	(void)state;
	scene_open(s);
	scene_segment(s, DIR_CLIENT, TCP_ACK, 1234567, 1, "x");
	scene_draw(s, p, 78, 12);
	assert_drawn(s, "\xe2\x80\xa6"
			"34567");
	pane_free(p);
	scene_free(s);
}

static void
cell__of_flags_and_of_a_verdict__can_be_explained(void **state)
{
	const char *const names[] = {"no", "flags", "verdict", "server", "len"};
	struct pane *p = pane_list_new();
	struct scene *s = with_loss();
	const struct view *v;
	struct why_item item;

	(void)state;
	choose(s, names, 5);
	scene_draw(s, p, 78, 12);
	v = scene_view(s);
	pane_select(p, 7);
	assert_false(p->ops->topic(p, v, &item)); /* the whole row */
	p->ops->sideways(p, v, 1);
	assert_false(p->ops->topic(p, v, &item)); /* its number */
	p->ops->sideways(p, v, 1);
	assert_true(p->ops->topic(p, v, &item));
	assert_int_equal(item.what, WHY_FLAG_ACK);
	p->ops->sideways(p, v, 1);
	assert_true(p->ops->topic(p, v, &item));
	assert_int_equal(item.what, WHY_VERDICT_DUPLICATE_ACK);
	p->ops->sideways(p, v, 1);
	assert_true(p->ops->topic(p, v, &item));
	assert_int_equal(item.what, WHY_STATE_ESTABLISHED);
	assert_int_equal(item.end, DIR_SERVER);
	p->ops->sideways(p, v, 1);
	p->ops->sideways(p, v, 1);
	assert_false(p->ops->topic(p, v, &item)); /* the row again */
	pane_free(p);
	scene_free(s);
}

static bool
finds(struct scene *s, struct pane *p, const char *text, int rows)
{
	struct pane_search search = {.at = p->list.selected};
	struct err err = {""};
	bool found;

	assert_int_equal(needle_parse(text, &search.needle, &err), 0);
	do
		found = pane_search(p, scene_view(s), &search, rows);
	while (search.on);
	return found;
}

static void
search__text_and_bytes__finds_the_packet(void **state)
{
	struct pane *p = pane_list_new();
	struct scene *s = with_loss();

	(void)state;
	scene_draw(s, p, 78, 12);
	pane_select(p, 1);
	assert_true(finds(s, p, "THIRD", 1000));
	assert_int_equal(p->list.selected, 5);
	assert_false(finds(s, p, "third", 1000));
	pane_select(p, 1);
	/* "first", in pieces of one row; then what is nowhere */
	assert_true(finds(s, p, "x 66 69 72 73 74", 1));
	assert_int_equal(p->list.selected, 4);
	assert_false(finds(s, p, "x 00ff00ff00", 1));
	assert_int_equal(p->list.selected, 4);
	pane_free(p);
	scene_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns__usual__each_width_has_what_matters_most),
	    cmocka_unit_test(columns__chosen__stand_in_that_order),
	    cmocka_unit_test(columns__too_many__say_that_some_are_missing),
	    cmocka_unit_test(number__longer_than_its_cell__is_cut_with_a_mark),
	    cmocka_unit_test(search__text_and_bytes__finds_the_packet),
	    cmocka_unit_test(cell__of_flags_and_of_a_verdict__can_be_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
