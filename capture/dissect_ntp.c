/* NTP. Source: RFC 5905 s7.3, s6 (time stamps). */
#include "capture/dissect_app.h"

#include <stdio.h>
#include <time.h>

enum {
	NTP,
	FLAGS,
	LEAP,
	VERSION,
	MODE,
	STRATUM,
	POLL,
	PRECISION,
	DELAY,
	DISPERSION,
	REFERENCE_ID,
	REFERENCE,
	ORIGIN,
	RECEIVE,
	TRANSMIT,
	REST,
};

static const char ref[] = "RFC 5905 s7.3";

static const struct field_def defs[] = {
    [NTP] = {.name = "NTP message",
	.ref = ref,
	.help = "Asks for the time; the way there and back is measured, so "
		"that it can be taken off."},
    [FLAGS] = {"ntp.flags", "Flags", ref, .kind = KIND_HEX8},
    [LEAP] = {"ntp.flags.li", "Leap second", ref,
	"Whether the day has a second more or less; 3: the clock is not set.",
	0xc0, KIND_DEC},
    [VERSION] = {"ntp.flags.vn", "Version", ref, NULL, 0x38, KIND_DEC},
    [MODE] = {"ntp.flags.mode", "Mode", ref, "Who speaks.", 0x07, KIND_DEC},
    [STRATUM] = {"ntp.stratum", "Stratum", ref,
	"1 has a clock of its own; each server between adds one.",
	.kind = KIND_DEC},
    [POLL] = {"ntp.ppoll", "Interval", ref,
	"Asks every two to the power of this seconds.", .kind = KIND_DEC},
    [PRECISION] = {"ntp.precision", "Precision", ref,
	"Of the clock, as a power of two, signed: 236 is 2^-20 s.",
	.kind = KIND_DEC},
    [DELAY] = {"ntp.rootdelay", "Root delay", ref,
	"The way to the first clock and back, in 1/65536 s.", .kind = KIND_DEC},
    [DISPERSION] = {"ntp.rootdispersion", "Root dispersion", ref,
	"How wrong the time may be, in 1/65536 s.", .kind = KIND_DEC},
    [REFERENCE_ID] = {"ntp.refid", "Reference", ref,
	"The clock, or the server that the time comes from.",
	.kind = KIND_BYTES},
    [REFERENCE] = {"ntp.reftime", "Clock was set", ref, .kind = KIND_TEXT},
    [ORIGIN] = {"ntp.org", "Request sent", ref,
	"By the client's clock; the server sends it back.", .kind = KIND_TEXT},
    [RECEIVE] = {"ntp.rec", "Request received", ref, "By the server's clock.",
	.kind = KIND_TEXT},
    [TRANSMIT] = {"ntp.xmt", "Sent", ref, "By the clock of who sends this.",
	.kind = KIND_TEXT},
    [REST] = {.name = "Extensions and authenticator",
	.ref = "RFC 5905 s7.5",
	.kind = KIND_BYTES},
};
static const struct field_table fields = FIELD_TABLE(defs);

static const struct name modes[] = {{1, "symmetric active"},
    {2, "symmetric passive"}, {3, "client"}, {4, "server"}, {5, "broadcast"},
    {6, "control"}, {7, "private"}};

#define TO_UNIX 2208988800LL /* seconds from 1900 to 1970 */

/* As tshark prints it. Seconds below half of the range are of the next era. */
static void
time_stamp(struct layer *l, const struct field_def *def)
{
	size_t off = rd_off(&l->r);
	uint32_t seconds = layer_word(l, def, 4), fraction;
	char text[64];
	struct tm tm;
	time_t t;

	fraction = layer_word(l, def, 4);
	if (!layer_ok(l))
		return;
	if (seconds == 0 && fraction == 0) {
		layer_put(l, def, off, 8, "NULL");
		return;
	}
	t = (time_t)seconds - TO_UNIX;
	if ((seconds & 0x80000000) == 0)
		t += INT64_C(1) << 32;
	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%b %e, %Y %H:%M:%S", &tm);
	layer_put(l, def, off, 8, "%s.%09u UTC", text,
	    (unsigned)((uint64_t)fraction * 1000000000 >> 32));
}

static void
dissect_ntp(struct build *b, struct rd r)
{
	struct layer l = layer_open(b, r, &defs[NTP], "ntp", 48);
	uint32_t mode;

	layer_uint(&l, &defs[FLAGS], 1);
	l.depth++;
	layer_add_bits(&l, &defs[LEAP]);
	layer_add_bits(&l, &defs[VERSION]);
	mode = layer_add_bits(&l, &defs[MODE]);
	layer_remark_name(&l, NAME_OF(modes, mode));
	if (NAME_OF(modes, mode) != NULL)
		layer_title(&l, "%s", NAME_OF(modes, mode));
	l.depth--;
	layer_uint(&l, &defs[STRATUM], 1);
	layer_uint(&l, &defs[POLL], 1);
	layer_uint(&l, &defs[PRECISION], 1);
	layer_uint(&l, &defs[DELAY], 4);
	layer_uint(&l, &defs[DISPERSION], 4);
	layer_bytes(&l, &defs[REFERENCE_ID], 4, NULL);
	for (size_t i = REFERENCE; i <= TRANSMIT; i++)
		time_stamp(&l, &defs[i]);
	if (!layer_ok(&l))
		return;
	layer_payload(&l, &defs[REST]);
	layer_close(&l);
}

static enum app_match
match(struct rd r)
{
	uint8_t mode = rd_u8(&r) & 7;

	return mode >= 1 && mode <= 5 ? APP_MAYBE : APP_NO;
}

static int
info(struct rd r, char *dst, size_t size)
{
	uint8_t flags = rd_u8(&r);
	const char *mode = NAME_OF(modes, flags & 7u);

	return snprintf(dst, size, "NTP version %u, %s", flags >> 3 & 7u,
	    mode != NULL ? mode : "reserved mode");
}

const struct app ntp_app = {
    .name = "ntp",
    .label = "NTP",
    .transports = APP_UDP,
    .ports = {123},
    .match = match,
    .dissect = dissect_ntp,
    .info = info,
    .fields = &fields,
};
