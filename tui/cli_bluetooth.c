/*
 * sockdeck bluetooth: adapters, the devices around, a device's services.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bt/bt.h"
#include "net/base/text.h"
#include "tui/bluetooth.h"
#include "tui/cli.h"
#include "tui/headless.h"

#define SECONDS_MAX 61

static int
print_answers(const struct bluetooth_scan *s)
{
	char line[BLUETOOTH_LINE_MAX], safe[4 * BLUETOOTH_LINE_MAX];

	for (int i = 0; i < s->count; i++) {
		bluetooth_line(line, &s->row[i]);
		text_escape(safe, sizeof safe, line, strlen(line));
		puts(safe);
	}
	if (s->trouble[0] != '\0')
		return cli_fail("%s", s->trouble);
	if (s->count > 0)
		return CLI_DONE;
	return cli_fail("%s",
	    s->asked.question == BLUETOOTH_ADAPTERS
		? "there is no Bluetooth adapter: plug one in, or look at "
		  "`rfkill list`"
	    : s->asked.question == BLUETOOTH_DISCOVER
		? "no device has answered: those that are not discoverable "
		  "stay silent"
		: "that device has no Serial Port service");
}

static int
ask(const struct bluetooth_request *q)
{
	struct outside *o = headless_outside(TRANSPORT_RFCOMM);
	int signals = headless_signals(), status;
	static struct bluetooth_scan s;
	struct err err;

	bluetooth_scan_init(&s);
	if (bluetooth_scan_start(&s, o, q, &err) < 0)
		status = cli_fail("%s", err.text);
	else if (!bluetooth_scan_wait(&s, signals))
		status = cli_fail("interrupted");
	else
		status = print_answers(&s);
	bluetooth_scan_stop(&s);
	outside_free(o);
	close(signals);
	return status;
}

int
cli_bluetooth(int argc, char **argv)
{
	struct bluetooth_request q = {.seconds = BLUETOOTH_DISCOVER_S};
	const char *word = argc > 1 ? argv[1] : "";
	char *end = NULL;

	if (strcmp(word, "--help") == 0)
		return cli_help("bluetooth");
	if (argc == 1)
		return ask(&q);
	if (strcmp(word, "services") == 0 && argc == 3) {
		q.question = BLUETOOTH_FIND;
		if (!bdaddr_parse(argv[2], &q.device))
			return cli_usage("bluetooth",
			    "'%s' is no Bluetooth address: write it as in "
			    "AA:BB:CC:DD:EE:FF",
			    argv[2]);
		return ask(&q);
	}
	if (strcmp(word, "discover") != 0 || argc > 3)
		return cli_usage("bluetooth",
		    "bluetooth takes nothing, discover or services, not '%s'",
		    word);
	q.question = BLUETOOTH_DISCOVER;
	if (argc == 3)
		q.seconds = (int)strtol(argv[2], &end, 10);
	if (q.seconds < 1 || q.seconds > SECONDS_MAX ||
	    (end != NULL && *end != '\0'))
		return cli_usage("bluetooth",
		    "discover takes 1 to %d seconds, not '%s'", SECONDS_MAX,
		    argv[2]);
	return ask(&q);
}
