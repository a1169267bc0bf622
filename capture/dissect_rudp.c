/* Reliable UDP, a protocol of our own. Source: net/proto/rudp.h. */
#include "capture/dissect_app.h"

#include <stdio.h>

#include "net/proto/rudp.h"

enum {
	RUDP,
	VERSION,
	TYPE,
	BITMAP_LEN,
	WINDOW,
	ID,
	SEQ,
	ACK,
	OWN_ID,
	MESSAGE_LEN,
	BITMAP,
	MESSAGE,
};

static const char ref[] = "net/proto/rudp.h 1";

static const struct field_def defs[] = {
    [RUDP] = {.name = "Reliable UDP",
	.ref = ref,
	.help = "Messages that arrive once and in order, over UDP."},
    [VERSION] = {"srudp.version", "Version", ref, NULL, 0xf0, KIND_DEC},
    [TYPE] = {"srudp.type", "Type", ref,
	"HELLO, WELCOME and CONFIRM open a connection, FIN closes one "
	"direction of it.",
	0x0f, KIND_DEC},
    [BITMAP_LEN] = {"srudp.bitmap_len", "Bitmap bytes", ref, NULL,
	.kind = KIND_DEC},
    [WINDOW] = {"srudp.window", "Window", "net/proto/rudp.h 6",
	"Messages that the receiver takes, counted from the acknowledgement.",
	.kind = KIND_DEC},
    [ID] = {"srudp.id", "Connection id", ref,
	"By which the receiver knows this connection.", .kind = KIND_HEX32},
    [SEQ] = {"srudp.seq", "Sequence number", "net/proto/rudp.h 2",
	"Counts messages, not bytes.", .kind = KIND_DEC},
    [ACK] = {"srudp.ack", "Acknowledgement", "net/proto/rudp.h 2",
	"All messages below this one have arrived.", .kind = KIND_DEC},
    [OWN_ID] = {"srudp.own_id", "Own connection id", "net/proto/rudp.h 3",
	"By which the sender wants to be called.", .kind = KIND_HEX32},
    [MESSAGE_LEN] = {"srudp.len", "Message bytes", ref, NULL, .kind = KIND_DEC},
    [BITMAP] = {"srudp.bitmap", "Arrived out of order", ref,
	"Bit i: the message i + 1 behind the acknowledgement is here already, "
	"so it need not be repeated.",
	.kind = KIND_BYTES},
    [MESSAGE] = {"srudp.message", "Message", ref, NULL, .kind = KIND_BYTES},
};
static const struct field_table fields = FIELD_TABLE(defs);

/* What a message says, if it says it without a port; NULL: nobody knows. */
static const struct app *
spoken(struct rd r)
{
	const struct app *a =
	    rd_left(&r) > 0 ? app_find(APP_UDP, 0, 0, r) : NULL;

	return a != &rudp_app ? a : NULL;
}

static void
dissect_rudp(struct build *b, struct rd r)
{
	struct layer l =
	    layer_open(b, r, &defs[RUDP], "srudp", RUDP_HEADER_LEN);
	const struct app *inner;
	uint32_t type, bitmap;

	layer_word(&l, &defs[TYPE], 1);
	layer_add_bits(&l, &defs[VERSION]);
	type = layer_add_bits(&l, &defs[TYPE]);
	layer_remark_name(&l, rudp_type_name(type));
	if (rudp_type_name(type) != NULL)
		layer_title(&l, "%s", rudp_type_name(type));
	bitmap = layer_uint(&l, &defs[BITMAP_LEN], 1);
	layer_uint(&l, &defs[WINDOW], 2);
	layer_remark(&l, "messages");
	layer_uint(&l, &defs[ID], 4);
	layer_uint(&l, &defs[SEQ], 4);
	layer_uint(&l, &defs[ACK], 4);
	if (type == RUDP_HELLO || type == RUDP_WELCOME || type == RUDP_CONFIRM)
		layer_uint(&l, &defs[OWN_ID], 4);
	if (type == RUDP_DATA)
		layer_uint(&l, &defs[MESSAGE_LEN], 2);
	if (bitmap > 0)
		layer_bytes(&l, &defs[BITMAP], bitmap, NULL);
	inner = layer_ok(&l) && type == RUDP_DATA ? spoken(l.r) : NULL;
	if (inner == NULL && rd_left(&l.r) > 0)
		layer_payload(&l, &defs[MESSAGE]);
	layer_close(&l);
	if (inner != NULL)
		inner->dissect(b, l.r);
}

/* The whole datagram has to obey the specification: no port says it. */
static enum app_match
match(struct rd r)
{
	struct rudp_packet p;

	return rudp_decode(&r, &p) == RUDP_FAULT_FINE ? APP_YES : APP_NO;
}

static int
info(struct rd r, char *dst, size_t size)
{
	struct rudp_packet p;
	const struct app *inner;
	int n;

	if (rudp_decode(&r, &p) != RUDP_FAULT_FINE)
		return 0;
	if (p.type == RUDP_DATA) {
		n = snprintf(dst, size, "DATA seq %u ack %u, %u B", p.seq,
		    p.ack, p.message_len);
		r = rd_init(p.message, p.message_len, p.message_len);
		inner = spoken(r);
		if (inner == NULL || n < 0 || (size_t)n + 2 >= size)
			return n;
		n += snprintf(dst + n, size - (size_t)n, ": ");
		return n + inner->info(r, dst + n, size - (size_t)n);
	}
	return snprintf(dst, size, "%s seq %u ack %u win %u",
	    rudp_type_name(p.type), p.seq, p.ack, p.window);
}

const struct app rudp_app = {
    .name = "srudp", /* "rudp" is another one, to Wireshark */
    .label = "RUDP",
    .transports = APP_UDP,
    .match = match,
    .dissect = dissect_rudp,
    .info = info,
    .fields = &fields,
};
