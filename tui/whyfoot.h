/*
 * tui/whyfoot.h - the explanation at the foot of the screen.
 *
 * While it is open it follows the selection: the packet (or the conversation)
 * under the cursor of the focused pane, beginning with the thing that the
 * cursor stands on. It stays below the panes, and covers them only where the
 * screen is too low for both.
 *
 * Owns:   the sentences, by copy: nothing borrowed stays.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_WHYFOOT_H
#define SOCKDECK_TUI_WHYFOOT_H

#include "capture/why.h"
#include "tui/canvas.h"
#include "tui/pane.h"

struct whyfoot {
	/* what it was made of */
	struct selection sel;
	uint64_t frame; /* 0: of a conversation, or of nothing */
	uint32_t flow;
	uint64_t gen;
	struct why_item topic;
	bool has_topic;
	/* what there is to be said */
	struct {
		struct why_item item;
		char text[WHY_TEXT_MAX];
	} said[WHY_ITEMS_MAX];
	size_t count, at;
};

/* Lines that it takes in a screen of this size. */
int whyfoot_lines(int width, int height);
/* Bring it in line with the selection in this pane. */
void whyfoot_look(
    struct whyfoot *w, const struct view *v, const struct pane *p);
/* The next thing (step 1), the one before (-1); round the ring. */
void whyfoot_step(struct whyfoot *w, int step);
void whyfoot_draw(const struct whyfoot *w, struct canvas *c, struct area a);

#endif
