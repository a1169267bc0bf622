/*
 * capture/dissect_dns.h - what the files of the DNS dissector share.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_CAPTURE_DISSECT_DNS_H
#define SOCKDECK_CAPTURE_DISSECT_DNS_H

#include "capture/dissect_app.h"

enum dns_field {
	DNS,
	LENGTH,
	ID,
	FLAGS,
	RESPONSE,
	OPCODE,
	AUTHORITATIVE,
	TRUNCATED,
	REC_DESIRED,
	REC_AVAILABLE,
	RESERVED,
	AUTHENTICATED,
	CHECK_DISABLED,
	RCODE,
	QUERIES,
	ANSWERS,
	AUTHORITY,
	ADDITIONAL,
	QUERY,
	QRY_NAME,
	QRY_NAME_LEN,
	LABELS,
	QRY_TYPE,
	QRY_CLASS,
	QRY_CLASS_M,
	QRY_UNICAST,
	RECORD,
	NAME,
	TYPE,
	CLASS,
	CLASS_M,
	FLUSH,
	TTL,
	LEN,
	A,
	AAAA,
	CNAME,
	NS,
	PTR,
	MX_PREFERENCE,
	MX_EXCHANGE,
	TXT_LENGTH,
	TXT,
	SOA_MNAME,
	SOA_RNAME,
	SOA_SERIAL,
	SOA_REFRESH,
	SOA_RETRY,
	SOA_EXPIRE,
	SOA_MINIMUM,
	SRV_PRIORITY,
	SRV_WEIGHT,
	SRV_PORT,
	SRV_TARGET,
	SVC_PRIORITY,
	SVC_TARGET,
	SVC_KEY,
	SVC_LENGTH,
	SVC_ALPN_LENGTH,
	SVC_ALPN,
	SVC_VALUE,
	CAA_FLAGS,
	CAA_CRITICAL,
	CAA_TAG_LENGTH,
	CAA_TAG,
	CAA_VALUE,
	UDP_SIZE,
	EXT_RCODE,
	EDNS_VERSION,
	EDNS_Z,
	EDNS_DO,
	EDNS_RESERVED,
	OPT_CODE,
	OPT_LEN,
	OPT_DATA,
	DATA,
	ASKED,
	ASKED_SINCE,
};

extern const struct field_def dns_defs[];
extern const struct field_table dns_fields;

#define DNS_NAME_TEXT_MAX (4 * 255 + 8)

struct dns_name {
	char text[DNS_NAME_TEXT_MAX];
	size_t len; /* of the text */
	unsigned labels;
	size_t extent; /* bytes here: a pointer is two */
	enum rd_state state; /* why it is cut short */
	bool elsewhere; /* where a pointer led */
	const char *wrong; /* NULL: nothing */
};

/*
 * The name at r, of a message that begins at offset start. A pointer must lead
 * back, before where the labels that it ends began: so every name ends, however
 * it was made.
 */
void dns_name_decode(struct rd r, size_t start, struct dns_name *n);

#endif
