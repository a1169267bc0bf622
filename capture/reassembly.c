#include "capture/reassembly.h"

#include <stdlib.h>
#include <string.h>

#include "capture/acl.h"
#include "capture/dissect_app.h"
#include "capture/fragments.h"
#include "capture/hci.h"

/* Bytes that grow at their end. */
struct heap_bytes {
	uint8_t *data;
	size_t len, cap;
};

/* A segment behind a gap: its bytes are fetched again when it is filled. */
struct early {
	uint64_t from, to, frame;
};

struct stream {
	bool started, ended;
	bool lost; /* the next bytes need not begin a message */
	bool cut; /* the end of what is held was not captured */
	uint64_t next; /* offset of the first byte that has not come */
	struct heap_bytes held; /* the message under way, up to next */
	uint64_t *frames; /* that brought it */
	size_t frame_count, frame_cap;
	struct early *early;
	size_t early_count;
};

/* A conversation. */
struct talk {
	uint32_t flow;
	uint64_t last; /* the frame that was read last */
	const struct app *app;
	uint32_t memo;
	struct app_questions questions;
	struct stream dir[2];
	/* what the last frame brought; the bytes are in the stream's held */
	bool stream, opened; /* TCP or RFCOMM; opened: a SYN was seen */
	bool early; /* it waits behind a gap */
	uint8_t last_dir;
	size_t before, own, len;
	uint32_t memo_before;
	const struct app *app_before;
	struct app_questions questions_before;
	size_t keep_from; /* of held, once the next frame is read */
};

struct reassembly {
	struct talk *talks[REASSEMBLY_STREAMS];
	struct fragments *fragments;
	struct acl_frames *acl;
	uint64_t *chain; /* frames of a conversation, to be read */
	size_t chain_cap;
};

static void
stream_done(struct stream *s)
{
	free(s->held.data);
	free(s->frames);
	free(s->early);
	*s = (struct stream){0};
}

static void
talk_free(struct talk *t)
{
	if (t == NULL)
		return;
	stream_done(&t->dir[0]);
	stream_done(&t->dir[1]);
	free(t);
}

struct reassembly *
reassembly_new(void)
{
	struct reassembly *ra = calloc(1, sizeof *ra);

	if (ra == NULL)
		return NULL;
	ra->fragments = fragments_new();
	ra->acl = acl_frames_new();
	if (ra->fragments == NULL || ra->acl == NULL) {
		free(ra);
		return NULL;
	}
	return ra;
}

void
reassembly_free(struct reassembly *ra)
{
	if (ra == NULL)
		return;
	for (size_t i = 0; i < REASSEMBLY_STREAMS; i++)
		talk_free(ra->talks[i]);
	fragments_free(ra->fragments);
	acl_frames_free(ra->acl);
	free(ra->chain);
	free(ra);
}

/* ---- one stream ---- */

static bool
append(struct heap_bytes *h, const uint8_t *p, size_t n)
{
	if (n == 0)
		return true;
	if (h->len + n > h->cap) {
		size_t cap = h->cap > 0 ? h->cap : 2048;
		uint8_t *more;

		while (cap < h->len + n)
			cap *= 2;
		more = realloc(h->data, cap);
		if (more == NULL)
			return false;
		h->data = more;
		h->cap = cap;
	}
	memcpy(h->data + h->len, p, n);
	h->len += n;
	return true;
}

/* Give up what is held, and find a message's beginning again. */
static void
forget(struct stream *s)
{
	s->held.len = 0;
	s->frame_count = 0;
	s->lost = true;
}

static void
add_frame(struct stream *s, uint64_t id)
{
	if (s->frame_count == s->frame_cap) {
		size_t cap = s->frame_cap > 0 ? 2 * s->frame_cap : 8;
		uint64_t *more = realloc(s->frames, cap * sizeof *more);

		if (more == NULL)
			return;
		s->frames = more;
		s->frame_cap = cap;
	}
	s->frames[s->frame_count++] = id;
}

/* Frame brings bytes [from, to), which begin at or before s->next. */
static void
take(struct stream *s, const struct frame *f, uint64_t from, uint64_t to)
{
	size_t skip = (size_t)(s->next - from), n = (size_t)(to - s->next);
	size_t here = f->sum.payload_cap;
	const uint8_t *p = f->packet.data + f->sum.payload_off;

	here = here > skip ? here - skip : 0;
	if (here > n)
		here = n;
	if (here > 0 && !append(&s->held, p + skip, here))
		forget(s);
	s->next = to;
	add_frame(s, f->id);
	s->cut = here < n;
}

static void
keep_early(struct stream *s, const struct frame *f)
{
	if (s->early == NULL)
		s->early = calloc(REASSEMBLY_EARLY, sizeof *s->early);
	if (s->early == NULL || s->early_count == REASSEMBLY_EARLY)
		return;
	s->early[s->early_count++] =
	    (struct early){f->data_from, f->data_to, f->id};
}

/* What waited and follows now; in whatever order it came. */
static void
take_early(struct stream *s, const struct store *store)
{
	bool again;

	do {
		again = false;
		for (size_t i = 0; i < s->early_count; i++) {
			struct early e = s->early[i];
			struct frame f;

			if (e.from > s->next)
				continue;
			s->early[i] = s->early[--s->early_count];
			again = true;
			if (e.to > s->next && store_get(store, e.frame, &f))
				take(s, &f, e.from, e.to);
			break;
		}
	} while (again);
}

/*
 * Bytes that nobody will see again: go on behind the gap. Which answer belongs
 * to which question is lost with them.
 */
static void
skip_gap(struct talk *t, struct stream *s, uint64_t to)
{
	forget(s);
	s->next = to;
	t->memo = 0;
	t->questions.count = 0;
}

/* ---- a conversation, frame by frame ---- */

/* Read the complete messages, to know where the one under way begins. */
static void
read_messages(struct talk *t, struct stream *s, const struct frame *f)
{
	const uint8_t *p = s->held.data;
	uint16_t src = f->sum.src_port, dst = f->sum.dst_port;
	const struct question here = {f->id, f->packet.ts_ns};
	size_t at = 0;

	if ((t->app == NULL || s->lost) && s->held.len > 0) {
		struct rd r = rd_init(p, s->held.len, s->held.len);

		if (t->app == NULL)
			t->app = app_find(APP_TCP, src, dst, r);
		else if (t->app->match(r) == APP_NO)
			at = s->held.len;
		s->lost = false;
	}
	t->app_before = t->app;
	t->memo_before = t->memo;
	t->questions_before = t->questions;
	while (t->app != NULL && at < s->held.len) {
		size_t n = t->app->message_len(
		    p + at, s->held.len - at, s->ended, &t->memo);

		if (n == MESSAGE_BAD) {
			at = s->held.len;
			s->lost = true;
		}
		if (n == MESSAGE_BAD || n == MESSAGE_MORE ||
		    n > s->held.len - at)
			break;
		app_pair(&t->questions, t->app, rd_init(p + at, n, n), here);
		at += n;
		if (t->memo == MEMO_LEFT) {
			t->app = NULL; /* found again by what comes next */
			t->memo = 0;
		}
	}
	if (t->app == NULL || s->held.len - at > REASSEMBLY_HELD) {
		s->lost = t->app != NULL;
		at = s->held.len;
	}
	t->keep_from = at;
}

/* Drop what was read by the frame before. */
static void
settle(struct talk *t)
{
	struct stream *s = &t->dir[t->last_dir];
	size_t keep = s->held.len - t->keep_from;

	if (t->keep_from > 0) {
		memmove(s->held.data, s->held.data + t->keep_from, keep);
		s->held.len = keep;
		if (keep == 0) {
			s->frame_count = 0;
		} else if (s->frame_count > 1) {
			s->frames[0] = s->frames[s->frame_count - 1];
			s->frame_count = 1;
		}
	}
	if (s->cut)
		forget(s);
	s->cut = false;
	t->keep_from = 0;
}

/* Acknowledged bytes did arrive: the capture missed them. */
static void
note_ack(struct talk *t, struct stream *s, const struct store *store,
    const struct frame *f)
{
	if ((f->sum.tcp_flags & TCP_ACK) == 0 || f->rel_ack == 0 ||
	    s->early_count == 0 || f->rel_ack - 1 <= s->next)
		return;
	skip_gap(t, s, f->rel_ack - 1);
	take_early(s, store);
	s->held.len = s->frame_count = 0; /* no frame shows these */
}

static void
read_data(struct talk *t, struct stream *s, const struct store *store,
    const struct frame *f)
{
	uint64_t from = f->data_from, to = f->data_to;

	if (from >= to || to <= s->next)
		return;
	if (from > s->next && s->early_count < REASSEMBLY_EARLY) {
		keep_early(s, f);
		t->early = true;
		return;
	}
	if (from > s->next) {
		skip_gap(t, s, from);
		t->before = 0;
	}
	take(s, f, from, to);
	t->own = s->held.len - t->before;
	take_early(s, store);
}

static void
read_frame(struct talk *t, const struct store *store, const struct frame *f)
{
	struct stream *s = &t->dir[f->dir];

	settle(t);
	t->last = f->id;
	t->last_dir = f->dir;
	t->stream = f->sum.proto == PROTO_TCP || f->sum.proto == PROTO_RFCOMM;
	if (!s->started && f->data_from < f->data_to &&
	    (f->sum.tcp_flags & TCP_SYN) == 0) {
		s->started = true;
		if (t->opened)
			s->next = 0;
		else
			s->next = f->data_from;
	}
	t->opened |= (f->sum.tcp_flags & TCP_SYN) != 0;
	note_ack(t, &t->dir[!f->dir], store, f);
	t->before = s->held.len;
	t->own = 0;
	t->early = false;
	read_data(t, s, store, f);
	if ((f->sum.tcp_flags & TCP_FIN) != 0 && s->early_count == 0) {
		s->ended = true;
		if (t->own == 0 && s->held.len > 0)
			add_frame(s, f->id);
	}
	t->len = s->held.len;
	read_messages(t, s, f);
}

/* ---- which frames ---- */

static struct talk *
talk_for(struct reassembly *ra, uint32_t flow, uint64_t id)
{
	struct talk **slot = &ra->talks[flow % REASSEMBLY_STREAMS];

	if (*slot != NULL && ((*slot)->flow != flow || (*slot)->last > id)) {
		talk_free(*slot);
		*slot = NULL;
	}
	if (*slot == NULL) {
		*slot = calloc(1, sizeof **slot);
		if (*slot != NULL)
			(*slot)->flow = flow;
	}
	return *slot;
}

/* The conversation's frames up to id that were not read, newest first. */
static size_t
list_frames(
    struct reassembly *ra, const struct store *s, uint64_t id, uint64_t after)
{
	size_t n = 0;

	while (id > after && n < REASSEMBLY_BACK) {
		const struct record *r = store_record(s, id);

		if (r == NULL)
			break;
		if (n == ra->chain_cap) {
			size_t cap = n > 0 ? 2 * n : 64;
			uint64_t *more = realloc(ra->chain, cap * sizeof *more);

			if (more == NULL)
				break;
			ra->chain = more;
			ra->chain_cap = cap;
		}
		ra->chain[n++] = id;
		id = record_before(r, id);
	}
	return n;
}

/* The conversation of frame id, read up to it; NULL: it has none. */
static struct talk *
read_up_to(struct reassembly *ra, const struct store *s, uint64_t id)
{
	const struct record *r = store_record(s, id);
	struct talk *t;
	size_t n;

	if (r == NULL || r->flow == 0)
		return NULL;
	t = talk_for(ra, r->flow, id);
	if (t == NULL)
		return NULL;
	n = list_frames(ra, s, id, t->last);
	while (n > 0) {
		struct frame f;

		if (store_get(s, ra->chain[--n], &f))
			read_frame(t, s, &f);
	}
	return t->last == id && t->stream ? t : NULL;
}

void
reassembly_context(struct reassembly *ra, const struct store *s, uint64_t id,
    struct dissect_context *ctx)
{
	const struct talk *t;
	const struct stream *stream;
	struct packet p;

	if (!store_packet(s, id, &p))
		return;
	if (hci_is_link(p.link_type)) {
		ctx->hci.first_fragment =
		    acl_find(ra->acl, s, id, &ctx->datagram);
		return;
	}
	fragments_find(ra->fragments, s, id, &ctx->datagram);
	t = read_up_to(ra, s, id);
	if (t == NULL)
		return;
	stream = &t->dir[t->last_dir];
	ctx->stream_known = true;
	ctx->stream_ended = stream->ended;
	ctx->stream_early = t->early;
	ctx->stream_bytes = (struct whole){
	    stream->held.data, t->len, stream->frames, stream->frame_count};
	ctx->stream_before = t->before;
	ctx->stream_own = t->own;
	ctx->app = t->app_before;
	ctx->app_memo = t->memo_before;
	ctx->questions = &t->questions_before;
}

bool
reassembly_new_bytes(struct reassembly *ra, const struct store *s, uint64_t id,
    struct whole *ret)
{
	const struct talk *t = read_up_to(ra, s, id);

	if (t == NULL || t->len == t->before)
		return false;
	*ret = (struct whole){t->dir[t->last_dir].held.data + t->before,
	    t->len - t->before, NULL, 0};
	return true;
}
