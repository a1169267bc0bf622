#include "net/service_echo.h"

static enum service_verdict
on_bytes(void *state, const uint8_t *data, size_t n, struct buf *out)
{
	(void)state;
	buf_add(out, data, n);
	return SERVICE_GO_ON;
}

static void
on_datagram(void *state, const struct addr *from, const uint8_t *data, size_t n,
    struct buf *out)
{
	(void)state;
	(void)from;
	buf_add(out, data, n);
}

const struct service service_echo = {
    .name = "echo",
    .summary = "sends back whatever it receives",
    .port = 65432,
    .stream = true,
    .datagram = true,
    .on_bytes = on_bytes,
    .on_datagram = on_datagram,
};
