/*
 * sockdeck export: the Python program of a server or a client.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "net/pycode.h"
#include "tui/cli.h"

static const struct option long_options[] = {
    {"model", required_argument, NULL, 'm'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int
print(struct pycode *p, const struct err *err)
{
	if (p == NULL)
		return cli_fail("%s", err->text);
	for (size_t i = 0; i < pycode_count(p); i++)
		puts(pycode_line(p, i));
	pycode_free(p);
	return CLI_DONE;
}

/* SERVICE TRANSPORT ADDRESS [KEY=VALUE]... */
static int
export_server(struct server_spec *spec, char **words, int count)
{
	struct err err;

	if (count < 3)
		return cli_usage("export",
		    "a server has a service, a transport, an address");
	if (server_spec_parse(spec, (const char *const *)words, count, &err) <
	    0)
		return cli_usage("export", "%s", err.text);
	if (!service_fits(spec->service, spec->endpoint.transport))
		return cli_usage("export", "%s does not go over %s",
		    spec->service->name,
		    transport_name(spec->endpoint.transport));
	return print(pycode_server(spec, NULL, &err), &err);
}

/* [SERVICE] TRANSPORT ADDRESS [sendto] [KEY=VALUE] */
static int
export_client(struct server_spec *peer, char **words, int count)
{
	struct client_spec spec = {.connected = true};
	enum transport t;
	struct err err;

	peer->service = NULL;
	if (count > 0 && !transport_parse(words[0], &t)) {
		peer->service = service_find(words[0]);
		if (peer->service == NULL)
			return cli_usage("export",
			    "\"%s\" is neither a service nor a transport",
			    words[0]);
		words++;
		count--;
	}
	if (count > 2 && strncmp(words[count - 1], "format=", 7) == 0 &&
	    server_spec_set(peer, "format", words[--count] + 7, &err) < 0)
		return cli_usage("export", "%s", err.text);
	if (count == 3 && strcmp(words[2], "sendto") == 0)
		spec.connected = false;
	else if (count != 2)
		return cli_usage(
		    "export", "a client has a transport and an address");
	if (!transport_parse(words[0], &t))
		return cli_usage("export", "\"%s\" is no transport", words[0]);
	if (!spec.connected && transport_socktype(t) != SOCK_DGRAM)
		return cli_usage("export", "sendto is for datagrams");
	if (endpoint_parse(words[1], t, false, &spec.endpoint, &err) < 0)
		return cli_usage("export", "%s", err.text);
	return print(pycode_client(&spec, peer, &err), &err);
}

int
cli_export(int argc, char **argv)
{
	struct server_spec spec = server_spec_default();
	struct err err;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		switch (c) {
		case 'm':
			if (server_spec_set(&spec, "model", optarg, &err) < 0)
				return cli_usage("export", "%s", err.text);
			break;
		case 'h':
			return cli_help("export");
		default:
			return cli_bad_option("export", c, argv);
		}
	}
	argc -= optind;
	argv += optind;
	if (argc > 1 && strcmp(argv[0], "python") == 0 &&
	    strcmp(argv[1], "server") == 0)
		return export_server(&spec, argv + 2, argc - 2);
	if (argc > 1 && strcmp(argv[0], "python") == 0 &&
	    strcmp(argv[1], "client") == 0)
		return export_client(&spec, argv + 2, argc - 2);
	return cli_usage(
	    "export", "what is exported is `python server' or `python client'");
}
