/* Names of DNS, with compression. Source: RFC 1035 s3.1, s4.1.4. */
#include "capture/dissect_dns.h"

#include <stdio.h>

static void
add_label(struct dns_name *n, const uint8_t *p, size_t len)
{
	if (n->labels++ > 0)
		n->text[n->len++] = '.';
	for (size_t i = 0; i < len; i++) {
		char *dst = n->text + n->len;
		size_t room = sizeof n->text - n->len;

		if (p[i] > 0x20 && p[i] < 0x7f)
			n->len += (size_t)snprintf(dst, room, "%c", p[i]);
		else
			n->len += (size_t)snprintf(dst, room, "\\%03u", p[i]);
	}
}

/* In the words of tshark. */
static void
bad_name(struct dns_name *n, const char *why, const char *instead)
{
	n->wrong = why;
	n->labels = 1;
	n->len = (size_t)snprintf(n->text, sizeof n->text, "%s", instead);
}

void
dns_name_decode(struct rd r, size_t start, struct dns_name *n)
{
	size_t from = rd_off(&r), limit = from, wire = 1;
	bool jumped = false;

	*n = (struct dns_name){.text = ""};
	for (;;) {
		uint8_t len = rd_u8(&r);
		size_t target;
		const uint8_t *p;

		if (len == 0)
			break; /* the root, or no more bytes */
		if (len >= 0xc0) {
			target = start + ((len & 0x3fu) << 8 | rd_u8(&r));
			if (r.state != RD_OK)
				break;
			if (!jumped)
				n->extent = rd_off(&r) - from;
			jumped = true;
			if (target >= limit) {
				bad_name(n, "the pointer does not lead back",
				    "<Name contains a pointer that loops>");
				return;
			}
			limit = target;
			r = rd_init(r.base, (size_t)(r.end - r.base),
			    (size_t)(r.end - r.base) + r.uncaptured);
			rd_skip(&r, target);
			continue;
		}
		wire += 1u + len;
		if (len > 63 || wire > 255) {
			n->wrong = "no label begins like this";
			break;
		}
		p = rd_bytes(&r, len);
		if (p == NULL)
			break;
		add_label(n, p, len);
	}
	n->state = r.state;
	n->elsewhere = jumped;
	if (!jumped)
		n->extent = rd_off(&r) - from;
	if (n->len == 0 && n->state == RD_OK && n->wrong == NULL)
		n->len = (size_t)snprintf(n->text, sizeof n->text, "<Root>");
	if (wire > 255)
		bad_name(n, "longer than 255 bytes", "<Name too long>");
}
