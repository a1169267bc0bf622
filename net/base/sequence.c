#include "net/base/sequence.h"

static void
begin(struct sequence *s, uint32_t number)
{
	s->begun = true;
	s->doubt = false;
	s->highest = number;
	/* Nothing before the first one is missing, nor can it come late. */
	s->window = UINT64_MAX;
}

/* A number that is ahead by 1 to SEQUENCE_AHEAD. */
static void
advance(struct sequence *s, uint32_t by)
{
	s->window = by < SEQUENCE_WINDOW ? s->window << by : 0;
	s->window |= 1;
	s->highest += by;
	s->lost += by - 1;
}

static enum sequence_verdict
far_number(struct sequence *s, uint32_t number)
{
	if (s->doubt && number == s->expected) {
		begin(s, number);
		return SEQUENCE_NEXT;
	}
	s->doubt = true;
	s->expected = number + 1;
	s->far++;
	return SEQUENCE_FAR;
}

enum sequence_verdict
sequence_feed(struct sequence *s, uint32_t number)
{
	uint32_t ahead = number - s->highest, behind = s->highest - number;
	uint64_t bit;

	if (!s->begun) {
		begin(s, number);
		return SEQUENCE_NEXT;
	}
	if (ahead > 0 && ahead <= SEQUENCE_AHEAD) {
		advance(s, ahead);
		s->doubt = false;
		return SEQUENCE_NEXT;
	}
	if (behind >= SEQUENCE_WINDOW)
		return far_number(s, number);
	bit = UINT64_C(1) << behind;
	if ((s->window & bit) != 0) {
		s->duplicated++;
		return SEQUENCE_AGAIN;
	}
	s->window |= bit;
	s->lost -= s->lost > 0;
	s->reordered++;
	return SEQUENCE_LATE;
}
