#include "tui/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_BUFFER (128 * 1024)

const struct cli_option cli_option_table[] = {
    {"--lab", NULL, "work in a network of its own, without root (default)"},
    {"--hosts", "N",
	"of that network: server, client, client2 ... (default: 2)"},
    {"--host", "[INTERFACE]", "work on this machine's network (default: lo)"},
    {"-r", "FILE", "look at a pcap or pcapng file; - is standard input"},
    {"--theme", "NAME", "colours: default, light, mono, high-contrast"},
    {"--ascii", NULL, "draw with ASCII characters only"},
    {"--no-mouse", NULL, "leave the mouse to the terminal"},
    {"-c", "COMMAND", "run a command at the start; may be repeated"},
    {"--help", NULL, "print this help; after a subcommand, its own"},
    {"--version", NULL, "print the version"},
    {"--man", NULL, "print the manual page: sockdeck --man | man -l -"},
    {NULL, NULL, NULL},
};

static const struct cli_option serve_options[] = {
    {"--model", "MODEL", "iterative, threaded or event"},
    {"--trace", NULL, "print each socket call when it has ended"},
    {"--lab", NULL, "serve in a network of its own (see sockdeck exec)"},
    {NULL, NULL, NULL},
};

static const struct cli_option connect_options[] = {
    {"--trace", NULL, "print each socket call on standard error"},
    {NULL, NULL, NULL},
};

static const struct cli_option packets_options[] = {
    {"-r", "FILE", "read a pcap or pcapng file; - is standard input"},
    {"-i", "INTERFACE", "capture there, until interrupted"},
    {"--count", "N", "stop after N packets"},
    {"-f", "FILTER", "only packets that match, in pcap-filter(7) syntax"},
    {"--fields", "A,B,C",
	"print these fields, by Wireshark's names, with tabs; help: lists "
	"them"},
    {"--json", NULL, "print an object for each packet, of all its fields"},
    {"--conversations", NULL, "print what was said between whom, at the end"},
    {"--overhead", NULL, "print what it cost, by purpose and layer"},
    {"--ladder", NULL, "print each conversation as arrows between its ends"},
    {"--stream", "N", "print what was said on TCP connection N"},
    {"-w, --write", "FILE",
	"save them; as .pcapng with what is known of each, as comments"},
    {"--overwrite", NULL, "that file may exist already"},
    {NULL, NULL, NULL},
};

static const struct cli_option sockets_options[] = {
    {"--json", NULL, "print a JSON array"},
    {"--processes", NULL, "find the process that holds each socket"},
    {NULL, NULL, NULL},
};

static const struct cli_option exec_options[] = {
    {"--lab", "PID", "the lab of this sockdeck (default: the newest)"},
    {"--host", NULL, "the network of this shell, no lab"},
    {"--root", NULL, "with every right over the lab's network: tcpdump, ip"},
    {"--trace", NULL, "show its socket calls, in the console or else here"},
    {"--print", NULL, "show them here, on standard error, in any case"},
    {NULL, NULL, NULL},
};

static const struct cli_option run_options[] = {
    {"--hosts", "N", "one server and N - 1 clients (2)"},
    {NULL, NULL, NULL},
};

static const struct cli_option unpack_options[] = {
    {"--iter", NULL, "as many records as there are, one tuple a line"},
    {NULL, NULL, NULL},
};

static const struct cli_option compare_options[] = {
    {"--count", "N", "messages over each transport (100)"},
    {"--size", "BYTES", "of a message (10)"},
    {"--every", "MS", "between two messages (0: the next at once)"},
    {"--loss", "PERCENT", "over a lab's wire that loses so many, each way"},
    {"--delay", "MS", "over a lab's wire that takes so long, each way"},
    {"--save", "FILE", "the packets that were counted, as pcap"},
    {"--overwrite", NULL, "that file may exist already"},
    {"--json", NULL, "print the numbers as JSON"},
    {"--host", NULL, "on this machine's lo instead of a lab's"},
    {NULL, NULL, NULL},
};

static const struct cli_option export_options[] = {
    {"--model", "MODEL", "iterative, threaded, event"},
    {NULL, NULL, NULL},
};

static const struct cli_option thermal_options[] = {
    {"--rate", "N", "watch: frames to ask for a second (16); 0: all there are"},
    {"--count", "N", "watch: stop after N frames"},
    {"--record", "FILE", "watch: record them; serve play=FILE plays them"},
    {"--overwrite", NULL, "watch: the recording may exist already"},
    {"--trace", NULL, "print each socket call"},
    {NULL, NULL, NULL},
};

static const struct cli_option no_options[] = {{NULL, NULL, NULL}};

const struct cli_subcommand cli_subcommand_table[] = {
    {"serve",
	"SERVICE TRANSPORT ADDRESS [--model iterative|threaded|event] "
	"[KEY=VALUE]... [--trace] [--lab]",
	"Run a server until interrupted.", cli_serve, serve_options},
    {"connect", "TRANSPORT ADDRESS [--trace]",
	"Connect standard input to a socket, and the socket to standard "
	"output.",
	cli_connect, connect_options},
    {"packets",
	"-r FILE|- | -i INTERFACE [--count N] [-f FILTER] [--fields A,B,C | "
	"--json | --conversations | --overhead | --ladder | --stream N | -w "
	"FILE [--overwrite]]",
	"Print one line for each packet, or its fields, or a report; or save "
	"them.",
	cli_packets, packets_options},
    {"sockets", "[--json] [--processes] [FILTER]",
	"Print the socket table; FILTER words: tcp udp unix rfcomm l2cap, a "
	"state, port:N.",
	cli_sockets, sockets_options},
    {"exec",
	"[HOST] [--lab PID|--host] [--root] [--trace|--print] -- COMMAND...",
	"Run a command on a host of a running sockdeck's lab (default: "
	"server), where the hosts are known by name: server, client, "
	"ip6-server.",
	cli_exec, exec_options},
    {"run", "[--hosts N] FILE",
	"Start the console in a lab with the commands of a file, a line each.",
	cli_run, run_options},
    {"labs", "", "List the labs that run, with their hosts.", cli_labs,
	no_options},
    {"compare",
	"[--count N] [--size BYTES] [--every MS] [--loss PERCENT] "
	"[--delay MS] [--save FILE [--overwrite]] [--json] [--host]",
	"Send the same messages over TCP, UDP, reliable UDP and, between two "
	"Bluetooth adapters, RFCOMM, and compare "
	"what they cost, or over a bad wire what gets through.",
	cli_compare, compare_options},
    {"export",
	"python server SERVICE TRANSPORT ADDRESS [--model MODEL] "
	"[KEY=VALUE]... | python client [SERVICE] TRANSPORT ADDRESS [sendto] "
	"[format=FORMAT]",
	"Print the Python program that does the same.", cli_export,
	export_options},
    {"thermal",
	"serve [TRANSPORT ADDRESS] [seed=N] [rate=N] [play=FILE] | "
	"watch [TRANSPORT ADDRESS] [--rate N] [--count N] [--record FILE] | "
	"play FILE",
	"A thermal camera: serve one, watch one, print a recording.",
	cli_thermal, thermal_options},
    {"bluetooth", "[discover [SECONDS] | services ADDRESS]",
	"Print this machine's Bluetooth adapters, the devices around, or the "
	"RFCOMM channels of one.",
	cli_bluetooth, no_options},
    {"pack", "FORMAT VALUE...",
	"Print values as Python's struct packs them, in hex.", cli_pack,
	no_options},
    {"unpack", "[--iter] FORMAT HEX...",
	"Print the tuple that Python's struct unpacks from the bytes.",
	cli_unpack, unpack_options},
    {"calcsize", "FORMAT", "Print how many bytes a struct format takes.",
	cli_calcsize, no_options},
    {NULL, NULL, NULL, NULL, NULL},
};

static const char console_usage[] =
    "[--lab [--hosts N]|--host [INTERFACE]|-r FILE] [--theme NAME] "
    "[--ascii] [--no-mouse] [-c COMMAND]...";

/* NULL: unknown, or no name given. */
static const struct cli_subcommand *
find(const char *name)
{
	const struct cli_subcommand *s = cli_subcommand_table;

	if (name == NULL)
		return NULL;
	while (s->name != NULL && strcmp(s->name, name) != 0)
		s++;
	return s->name != NULL ? s : NULL;
}

static void
print_usage(FILE *f, const struct cli_subcommand *s)
{
	if (s == NULL)
		fprintf(f, "usage: sockdeck %s\n", console_usage);
	else
		fprintf(f, "usage: sockdeck %s %s\n", s->name, s->usage);
}

static void
print_options(const struct cli_option *o)
{
	for (; o->name != NULL; o++) {
		const char *argument = o->argument != NULL ? o->argument : "";
		int pad = 20 - (int)(strlen(o->name) + strlen(argument));

		printf(
		    "  %s %s%*s%s\n", o->name, argument, pad, "", o->summary);
	}
}

static void __attribute__((format(printf, 1, 0)))
complain(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("sockdeck: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int
cli_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	return CLI_FAILED;
}

int
cli_usage(const char *subcommand, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	print_usage(stderr, find(subcommand));
	return CLI_USAGE;
}

int
cli_bad_option(const char *subcommand, int c, char **argv)
{
	if (c == ':')
		return cli_usage(
		    subcommand, "%s needs an argument", argv[optind - 1]);
	/* optopt is 0 for an unknown long option, its value for one that
	 * got an argument it does not take */
	if (optopt > 0 && optopt < 128)
		return cli_usage(subcommand, "unknown option -%c", optopt);
	return cli_usage(subcommand, "%s is no option here", argv[optind - 1]);
}

int
cli_help(const char *subcommand)
{
	const struct cli_subcommand *s = find(subcommand);

	print_usage(stdout, s);
	if (s != NULL) {
		printf("%s\n\n", s->summary);
		print_options(s->options);
		return CLI_DONE;
	}
	for (s = cli_subcommand_table; s->name != NULL; s++)
		printf("       sockdeck %s %s\n", s->name, s->usage);
	puts("\nA network lab in one terminal: server, client, sockets and "
	     "packets side by side.\n");
	print_options(cli_option_table);
	puts("\nWithout a screen, on this machine's network:");
	for (s = cli_subcommand_table; s->name != NULL; s++)
		printf("  %-10s %s\n", s->name, s->summary);
	puts("\nTRANSPORT is tcp, udp, rudp (reliable UDP), unix or unixgram; "
	     "ADDRESS is\n127.0.0.1:7000, [::1]:7000, :7000, name:port or a "
	     "path.");
	return CLI_DONE;
}

int
cli_dispatch(int argc, char **argv)
{
	const struct cli_subcommand *s = find(argv[0]);
	char names[128] = "";
	size_t len = 0;

	if (s != NULL)
		return s->run(argc, argv);
	for (s = cli_subcommand_table; s->name != NULL; s++)
		len += (size_t)snprintf(names + len, sizeof names - len, "%s%s",
		    len > 0 ? ", " : "", s->name);
	return cli_usage(NULL, "there is no subcommand \"%s\": there are %s",
	    argv[0], names);
}

void
cli_buffer_output(void)
{
	/* never freed: stdout writes from it until the program has ended;
	 * glibc would ignore the size if it were to allocate it itself */
	char *buffer = malloc(OUTPUT_BUFFER);

	if (buffer != NULL)
		setvbuf(stdout, buffer, _IOFBF, OUTPUT_BUFFER);
}

int
cli_finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* whoever closed the pipe knows */
	if (errno == EBADF)
		cli_fail("standard output is closed: nothing can be printed");
	else if (errno != EPIPE)
		cli_fail("cannot write the output: %s", strerror(errno));
	return status == CLI_DONE ? CLI_FAILED : status;
}
