/*
 * capture/dissect_app.h - the application protocols, and how to add one.
 *
 * A protocol is one struct app and one line in the table of dissect_app.c.
 * It is chosen by port, if the first bytes may be its own, or by what the
 * first bytes look like.
 *
 * On a stream, messages do not end where segments do: message_len() says where
 * they end, capture/reassembly.h gathers them, and dissect() gets whole ones.
 *
 * Owns:   nothing; all of it is constant.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_DISSECT_APP_H
#define SOCKDECK_CAPTURE_DISSECT_APP_H

#include "capture/dissect_internal.h"

enum { APP_UDP = 1, APP_TCP = 2 }; /* struct app.transports */

/* Do these bytes begin a message of the protocol? */
enum app_match {
	APP_NO,
	APP_MAYBE, /* too few bytes to tell, or nothing to tell by */
	APP_YES,
};

/* Where a message of a stream ends, if not after so many bytes. */
#define MESSAGE_MORE ((size_t)0) /* not all there, or not known yet */
#define MESSAGE_BAD SIZE_MAX /* this is no message of the protocol */

/* A memo: another protocol begins behind this message, in both directions. */
#define MEMO_LEFT UINT32_MAX

/* What a message is to the other direction. */
enum app_role { APP_TELLS, APP_ASKS, APP_ANSWERS };

struct app {
	const char *name; /* "dns", in frame.protocols */
	const char *label; /* "DNS", for people */
	uint8_t transports;
	uint16_t ports[8]; /* the rest 0 */
	/* Without a port it must say APP_YES. */
	enum app_match (*match)(struct rd r);
	/*
	 * The length of the message that p[0, n) begins with, n > 0; NULL:
	 * datagrams only. ended: the stream has no more bytes. memo: for what
	 * one direction tells the other, 0 in the beginning; it is updated
	 * only if a length is returned.
	 */
	size_t (*message_len)(
	    const uint8_t *p, size_t n, bool ended, uint32_t *memo);
	/* Of a whole message of a stream; *ret_number says which question an
	 * answer is for, if that is not the first. NULL: all tell. */
	enum app_role (*role)(struct rd message, uint32_t *ret_number);
	/* One datagram or message. */
	void (*dissect)(struct build *b, struct rd r);
	/* "query A example.org"; returns the length, as snprintf() does. */
	int (*info)(struct rd r, char *dst, size_t size);
	const struct field_table *fields;
};

extern const struct app dns_udp_app, dns_tcp_app, mdns_app, dhcp_app, http_app,
    tls_app, ntp_app, quic_app, rudp_app, telemetry_udp_app, telemetry_tcp_app,
    thermal_udp_app, thermal_tcp_app;

/* The protocol spoken; NULL: none that is known. r: the first bytes. */
const struct app *app_find(
    uint8_t transport, uint16_t src_port, uint16_t dst_port, struct rd r);
/* The i-th protocol; NULL: there are no more. */
const struct app *app_at(size_t i);

#define APP_QUESTIONS_MAX 16

/* What was asked on a stream, and not answered yet; the first comes first. */
struct app_questions {
	struct question list[APP_QUESTIONS_MAX];
	uint32_t numbers[APP_QUESTIONS_MAX];
	size_t count;
};

/* Note a message that came with the packet `here`. Returns what it answers. */
struct question app_pair(struct app_questions *qs, const struct app *a,
    struct rd message, struct question here);

/* A datagram's content: by its protocol, or as data. */
void dissect_datagram(
    struct build *b, struct rd r, uint16_t src_port, uint16_t dst_port);
/* A segment's content, with what came before it. */
void dissect_stream(
    struct build *b, struct rd r, uint16_t src_port, uint16_t dst_port);

#endif
