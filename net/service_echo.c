/*
 * echo: sends back whatever it receives (RFC 862).
 */
#include "net/services.h"

static enum service_verdict
on_bytes(struct session *n, const uint8_t *data, size_t len)
{
	buf_add(&n->out, data, len);
	return SERVICE_GO_ON;
}

static bool
on_datagram(struct session *n, const uint8_t *data, size_t len)
{
	buf_add(&n->out, data, len);
	return true;
}

const struct service service_echo = {
    .name = "echo",
    .summary = "sends back whatever it receives",
    .port = 65432,
    .stream = true,
    .on_bytes = on_bytes,
    .on_datagram = on_datagram,
};
