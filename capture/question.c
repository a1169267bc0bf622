#include "capture/question.h"

#include <string.h>

#include "net/base/bytes.h"

enum { DNS_PORT = 53 };

/* What a packet asks, or answers. */
struct topic {
	enum { NEITHER, ASKS, ANSWERS } role;
	uint32_t number;
};

static struct topic
echo(struct rd r, uint8_t request, uint8_t reply)
{
	uint8_t type = rd_u8(&r);
	struct topic t = {0};

	rd_skip(&r, 3);
	t.number = rd_be32(&r);
	if (r.state == RD_OK && (type == request || type == reply))
		t.role = type == request ? ASKS : ANSWERS;
	return t;
}

static struct topic
transaction(struct rd r)
{
	struct topic t = {.number = rd_be16(&r)};
	bool response = (rd_be16(&r) & 0x8000) != 0;

	if (r.state == RD_OK)
		t.role = response ? ANSWERS : ASKS;
	return t;
}

static struct topic
topic_of(const struct frame *f)
{
	const struct summary *s = &f->sum;
	struct rd r =
	    rd_init(f->packet.data, f->packet.cap_len, f->packet.wire_len);

	rd_skip(&r, s->link_len + s->net_len);
	if (s->proto == PROTO_ICMP)
		return echo(r, 8, 0);
	if (s->proto == PROTO_ICMP6)
		return echo(r, 128, 129);
	rd_skip(&r, s->transport_len);
	if (s->proto == PROTO_UDP &&
	    (s->src_port == DNS_PORT || s->dst_port == DNS_PORT))
		return transaction(r);
	return (struct topic){0};
}

static bool
is_topic(const struct topic *t, const struct topic *want)
{
	return t->role != NEITHER && t->number == want->number;
}

static bool
same_ends(const struct summary *x, const struct summary *y, bool back)
{
	return x->proto == y->proto && x->ip_version == y->ip_version &&
	       memcmp(x->src, back ? y->dst : y->src, sizeof x->src) == 0 &&
	       memcmp(x->dst, back ? y->src : y->dst, sizeof x->dst) == 0;
}

/* Echoes belong to no conversation: the packets before, whoever sent them. */
static void
find_request(const struct store *s, const struct frame *f,
    const struct topic *want, struct dissect_context *ctx)
{
	uint64_t id = f->id - 1,
		 end = id > QUESTION_BACK ? id - QUESTION_BACK : 0;
	const struct record *r;
	struct frame g;

	for (size_t looks = 0; looks < QUESTION_LOOKS && id > end &&
			       (r = store_record(s, id)) != NULL;
	     id--) {
		struct topic t;

		if (r->proto != f->sum.proto)
			continue;
		looks++;
		if (!store_get(s, id, &g))
			return;
		t = topic_of(&g);
		if (!is_topic(&t, want) ||
		    !same_ends(&f->sum, &g.sum, t.role == ASKS))
			continue;
		if (t.role == ASKS) {
			ctx->question = (struct question){id, g.packet.ts_ns};
		}
		return;
	}
}

/* The first try of the last question. */
static void
find_query(const struct store *s, const struct frame *f,
    const struct topic *want, struct dissect_context *ctx)
{
	struct question tries[QUESTION_TRIES]; /* newest first */
	const struct record *r = store_record(s, f->id);
	uint64_t id = f->id;
	size_t count = 0;
	struct frame g;

	for (size_t n = 0; n < QUESTION_LOOKS && count < QUESTION_TRIES &&
			   r != NULL && (id = record_before(r, id)) != 0;
	     n++, r = store_record(s, id)) {
		struct topic t = {0};

		if (store_get(s, id, &g))
			t = topic_of(&g);
		if (!is_topic(&t, want))
			continue;
		if (t.role == ANSWERS)
			break;
		tries[count++] = (struct question){id, g.packet.ts_ns};
	}
	while (count-- > 0)
		if (ctx->question.frame == 0 ||
		    tries[count].ts_ns - ctx->question.ts_ns >
			QUESTION_AGAIN_NS)
			ctx->question = tries[count];
}

void
question_context(
    const struct store *s, const struct frame *f, struct dissect_context *ctx)
{
	struct topic want = topic_of(f);

	if (want.role != ANSWERS)
		return;
	if (f->sum.proto == PROTO_UDP)
		find_query(s, f, &want, ctx);
	else
		find_request(s, f, &want, ctx);
}
