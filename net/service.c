#include "net/service.h"

#include <stdio.h>
#include <string.h>

#include "net/services.h"

/* In the order of a menu. */
static const struct service *const services[] = {
    &service_echo,
    &service_hello,
    &service_greet,
    &service_reply,
    &service_line,
    &service_chat,
    &service_http,
    &service_struct,
    &service_telemetry,
    &service_sink,
    &service_chargen,
    &service_daytime,
    &service_thermal,
};

const struct service *
service_at(size_t i)
{
	return i < sizeof services / sizeof *services ? services[i] : NULL;
}

const struct service *
service_find(const char *name)
{
	const struct service *s;

	for (size_t i = 0; (s = service_at(i)) != NULL; i++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

const char *
service_names(char dst[SERVICE_NAMES_MAX])
{
	const struct service *s;
	size_t len = 0;

	dst[0] = '\0';
	for (size_t i = 0; (s = service_at(i)) != NULL; i++)
		len += (size_t)snprintf(dst + len, SERVICE_NAMES_MAX - len,
		    "%s%s", i > 0 ? ", " : "", s->name);
	return dst;
}

bool
service_fits(const struct service *s, enum transport t)
{
	return transport_socktype(t) == SOCK_STREAM ? s->stream
						    : s->on_datagram != NULL;
}

size_t
service_without_ending(const uint8_t *data, size_t len)
{
	while (len > 0 && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	return len;
}
