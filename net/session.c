#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/service.h"

int
session_open(struct session *n, const struct service *service,
    const struct service_options *options, const struct addr *local,
    const struct addr *peer)
{
	size_t size = service->state_size;

	*n = (struct session){
	    .service = service,
	    .options = options,
	    .state = calloc(1, size != 0 ? size : 1),
	    .local = *local,
	    .peer = *peer,
	};
	buf_init(&n->out, SERVICE_OUT_MAX);
	buf_init(&n->reports, SERVICE_REPORTS_MAX);
	return n->state != NULL ? 0 : -ENOMEM;
}

void
session_close(struct session *n)
{
	if (n->state != NULL && n->service->on_close != NULL)
		n->service->on_close(n);
	buf_done(&n->out);
	buf_done(&n->reports);
	free(n->state);
	n->state = NULL;
}

void
session_note(struct session *n, bool bad, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(n->note, sizeof n->note, fmt, ap);
	va_end(ap);
	n->note_bad = bad;
}

/* Each is its length, two bytes, and its bytes. */
void
session_report(struct session *n, const void *data, size_t len)
{
	uint16_t head = (uint16_t)len;

	if (n->reports.len + sizeof head + len > n->reports.max)
		return;
	buf_add(&n->reports, &head, sizeof head);
	buf_add(&n->reports, data, len);
}

const uint8_t *
session_next_report(const struct session *n, size_t *at, size_t *ret_len)
{
	const uint8_t *p = n->reports.data + *at;
	uint16_t head;

	if (*at >= n->reports.len)
		return NULL;
	memcpy(&head, p, sizeof head);
	*at += sizeof head + head;
	*ret_len = head;
	return p + sizeof head;
}

enum service_verdict
session_start(struct session *n)
{
	return n->service->on_open != NULL ? n->service->on_open(n)
					   : SERVICE_GO_ON;
}

enum service_verdict
session_bytes(struct session *n, const uint8_t *data, size_t len)
{
	return n->service->on_bytes != NULL ? n->service->on_bytes(n, data, len)
					    : SERVICE_GO_ON;
}

enum service_verdict
session_eof(struct session *n)
{
	if (n->service->on_eof != NULL)
		n->service->on_eof(n);
	return SERVICE_CLOSE;
}

enum service_verdict
session_room(struct session *n)
{
	return n->service->on_room != NULL ? n->service->on_room(n)
					   : SERVICE_GO_ON;
}
