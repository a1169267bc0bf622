/*
 * thermal: a thermal camera. Whatever is asked, a frame is the answer; what it
 * looks like on the wire is in net/proto/thermal.h.
 *
 * The picture is the simulator's, as time goes by for everybody, or a
 * recording's, from its first frame on for each client.
 */
#include "net/base/clock.h"
#include "net/services.h"
#include "net/thermal_file.h"
#include "net/thermal_sim.h"

#define SEED 1

struct camera {
	struct thermal_player *player; /* NULL: the simulator */
	int64_t began_ns; /* of the recording, for this client; 0: not yet */
	uint32_t number; /* of the next frame, for datagrams */
};

static int64_t
now_ns(const struct session *n)
{
	return n->options->clock != NULL ? n->options->clock()
					 : clock_mono_ns();
}

static bool
play(struct session *n, struct thermal_frame *ret)
{
	struct camera *c = n->state;
	struct err err = {""};

	if (c->player == NULL &&
	    thermal_player_open(n->options->play, &c->player, &err) < 0) {
		session_note(
		    n, true, "There is nothing to play: %.180s.", err.text);
		return false;
	}
	if (c->began_ns == 0)
		c->began_ns = now_ns(n);
	if (thermal_player_at(c->player, now_ns(n) - c->began_ns, ret))
		return true;
	session_note(
	    n, true, "%.180s cannot be read any more.", n->options->play);
	return false;
}

/* What the camera sees now. False: nothing, and a note says why. */
static bool
look(struct session *n, struct thermal_frame *ret)
{
	const struct service_options *o = n->options;
	unsigned rate = o->rate != 0 ? o->rate : THERMAL_RATE;
	int64_t now = now_ns(n);
	uint64_t frame;

	if (o->play[0] != '\0')
		return play(n, ret);
	/* In two steps, so that no product passes 64 bits. */
	frame = (uint64_t)(now / CLOCK_S) * rate +
		(uint64_t)(now % CLOCK_S) * rate / (uint64_t)CLOCK_S;
	thermal_sim_frame(o->seed != 0 ? o->seed : SEED, rate, frame, ret);
	return true;
}

static enum service_verdict
on_bytes(struct session *n, const uint8_t *data, size_t len)
{
	uint8_t bytes[THERMAL_FRAME_LEN];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct thermal_frame f;

	(void)data;
	(void)len;
	if (!look(n, &f))
		return SERVICE_CLOSE;
	thermal_put(&w, &f);
	buf_add(&n->out, bytes, wr_len(&w));
	return SERVICE_GO_ON;
}

static bool
on_datagram(struct session *n, const uint8_t *data, size_t len)
{
	uint8_t bytes[THERMAL_BLOCKS * THERMAL_DATAGRAM_LEN];
	struct wr w = wr_init(bytes, sizeof bytes);
	struct camera *c = n->state;
	struct thermal_frame f;

	(void)data;
	(void)len;
	if (!look(n, &f))
		return false;
	for (unsigned b = 0; b < THERMAL_BLOCKS; b++)
		thermal_put_datagram(&w, c->number, b, &f);
	c->number++;
	n->out_cut = THERMAL_DATAGRAM_LEN;
	buf_add(&n->out, bytes, wr_len(&w));
	return true;
}

static void
on_close(struct session *n)
{
	struct camera *c = n->state;

	thermal_player_close(c->player);
}

const struct service service_thermal = {
    .name = "thermal",
    .summary = "a thermal camera: a frame for each request",
    .port = THERMAL_PORT,
    .stream = true,
    .state_size = sizeof(struct camera),
    .on_bytes = on_bytes,
    .on_datagram = on_datagram,
    .on_close = on_close,
};
