#include "net/service.h"

#include <string.h>

#include "net/service_echo.h"

/* In the order of a menu. */
static const struct service *const services[] = {
    &service_echo,
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
