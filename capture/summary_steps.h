/*
 * capture/summary_steps.h - a summary is made header by header (for
 * summary*.c).
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_SUMMARY_STEPS_H
#define SOCKDECK_CAPTURE_SUMMARY_STEPS_H

#include "capture/summary.h"
#include "net/base/bytes.h"

void summary_trouble(struct summary *s, enum rd_state state);
/*
 * n bytes of a header whose length is *len so far. NULL: they are not there,
 * and the header gets what the wire has of it.
 */
const uint8_t *summary_take(
    struct summary *s, struct rd *r, size_t n, uint16_t *len);
/* The first n bytes of r as a reader; padding is what lies behind them. */
struct rd summary_narrow(struct summary *s, struct rd *r, size_t n);
/* What is left is payload of the last header taken. */
void summary_settle(struct summary *s, const struct rd *r);

/* n bytes of TCP options, of which so many are there; the first that is not
 * whole is trouble, though of a SACK the first blocks may be there.
 * Source: RFC 9293 s3.1. */
enum rd_state summary_take_tcp_options(
    struct summary *s, const uint8_t *o, size_t there, size_t n);

/* A packet of one of the link types of Bluetooth; *s is zero. */
void summary_read_hci(const struct packet *p, struct summary *s);
/*
 * The packet is of RFCOMM, as is known from those before it: its headers and
 * its payload. s: what was read of it without knowing.
 */
void summary_read_rfcomm(
    struct summary *s, const struct packet *p, unsigned fcs_len);

#endif
