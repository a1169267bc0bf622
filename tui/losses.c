#include "tui/losses.h"

#include "capture/flow_tcp.h"

/* Sequence numbers [from, to), with those of SYN and FIN. */
struct numbers {
	uint64_t from, to;
};

static struct numbers
numbers_of(const struct frame *f)
{
	uint8_t flags = f->sum.tcp_flags;

	return (struct numbers){f->rel_seq, f->rel_seq + f->sum.payload_len +
						((flags & TCP_SYN) != 0) +
						((flags & TCP_FIN) != 0)};
}

/* The newest frame of dir before f with one of these numbers. */
static bool
find_before(const struct store *store, const struct frame *f, int dir,
    struct numbers wanted, enum purpose only, struct frame *ret)
{
	uint64_t id = f->prev_in_flow;
	int looks = 0;

	for (int i = 0; i < LOSSES_STEPS && looks < LOSSES_LOOKS; i++) {
		const struct record *r = store_record(store, id);
		uint64_t seq;

		if (r == NULL)
			return false;
		seq = (uint64_t)r->seq_hi << 32 | r->seq_lo;
		if (r->dir == dir && seq < wanted.to &&
		    r->purpose != PURPOSE_ACK &&
		    (only == PURPOSE_COUNT || r->purpose == only) &&
		    store_get(store, id, ret)) {
			if (numbers_of(ret).to > wanted.from)
				return true;
			looks++;
		}
		id = record_before(r, id);
	}
	return false;
}

bool
losses_find_repeat(
    const struct store *store, const struct frame *f, struct repeat *ret)
{
	struct numbers n = numbers_of(f);
	struct frame original;

	if (f->sum.proto != PROTO_TCP || n.from == n.to ||
	    ((f->verdicts & VERDICT_RETRANSMISSION) == 0 &&
		f->purpose != PURPOSE_RETRANSMISSION))
		return false;
	*ret = (struct repeat){
	    .repeat = f->id,
	    .lost = (f->verdicts & VERDICT_SPURIOUS_RETRANSMISSION) == 0,
	};
	if (!find_before(store, f, f->dir, n, PURPOSE_COUNT, &original))
		return true;
	ret->original = original.id;
	ret->known = original.packet.fate != FATE_NONE;
	if (ret->known)
		ret->lost = frame_is_lost(&original);
	return true;
}

bool
losses_find_taken_back(
    const struct store *store, const struct frame *f, struct repeat *ret)
{
	struct tcp_segment t = {0};
	struct numbers twice;
	struct frame repeat;

	if ((f->verdicts & VERDICT_D_SACK) == 0)
		return false;
	flow_read_sack(f, &t);
	if (t.sack_count == 0)
		return false;
	twice.from = f->rel_ack +
		     (uint64_t)(int64_t)(int32_t)(t.sack[0].left - f->sum.ack);
	twice.to = twice.from + (t.sack[0].right - t.sack[0].left);
	if (!find_before(
		store, f, !f->dir, twice, PURPOSE_RETRANSMISSION, &repeat))
		return false;
	*ret = (struct repeat){.repeat = repeat.id};
	return true;
}
