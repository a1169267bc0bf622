#include "tui/known.h"

#include <stdio.h>
#include <string.h>

static void
add_port(struct known *k, const struct addr *a)
{
	char text[8];

	snprintf(text, sizeof text, "%u", addr_port(a));
	for (int i = 0; i < k->port_count; i++)
		if (strcmp(k->ports[i], text) == 0)
			return;
	if (k->port_count < KNOWN_MAX)
		memcpy(k->ports[k->port_count++], text, sizeof text);
}

static void
add_host(struct known *k, struct addr a)
{
	char text[ADDR_TEXT_MAX];

	addr_format_host(text, &a);
	for (int i = 0; i < k->host_count; i++)
		if (strcmp(k->hosts[i], text) == 0)
			return;
	if (k->host_count < KNOWN_MAX)
		memcpy(k->hosts[k->host_count++], text, sizeof text);
}

void
known_gather(struct known *k, const struct flow_table *flows)
{
	static const int ends[] = {DIR_SERVER, DIR_CLIENT};

	*k = (struct known){.port_count = 0};
	for (int turn = 0; turn < 2; turn++) {
		uint32_t id = flow_next(flows), first = flow_first(flows);

		for (int n = 0; id > first && n < KNOWN_FLOWS; n++) {
			const struct flow *f = flow_get(flows, --id);
			struct addr a;

			if (f == NULL)
				continue;
			a = flow_addr(f, ends[turn]);
			add_port(k, &a);
			add_host(k, a);
		}
	}
}
