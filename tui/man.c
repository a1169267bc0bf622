/*
 * The manual page, from the same tables as the help screen and --help.
 */
#include <stdio.h>

#include "tui/cli.h"
#include "tui/command.h"

/* Text for man(7): a backslash is \e, a leading dot or quote is masked. */
static void
put(const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

static void
item(const char *head, const char *args, const char *text)
{
	fputs(".TP\n\\fB", stdout);
	put(head);
	fputs("\\fR ", stdout);
	put(args);
	putchar('\n');
	put(text);
	putchar('\n');
}

static void
put_commands(enum command_group g)
{
	printf(".SS %s\n", command_group_name(g));
	for (const struct command *c = command_table; c->name != NULL; c++) {
		if (c->group != g)
			continue;
		item(c->name, c->args, c->summary);
		for (int i = 0; i < COMMAND_BINDINGS; i++) {
			const struct binding *b = &c->bindings[i];

			if (b->key == NULL)
				continue;
			printf(i == 0 ? "(keys: " : ", ");
			put(b->key);
			if (b->args != NULL && b->args[0] != '?') {
				putchar(' ');
				put(b->args);
			}
		}
		if (c->bindings[0].key != NULL)
			puts(")");
	}
}

void
man_print(void)
{
	puts(".TH SOCKDECK 1\n.SH NAME\n"
	     "sockdeck \\- a network lab in one terminal\n.SH SYNOPSIS\n"
	     ".B sockdeck\n[OPTION]...\n.br\n"
	     ".B sockdeck\nSUBCOMMAND ...\n.SH DESCRIPTION\n"
	     "Runs a server and a client in a network of its own, and shows "
	     "their socket calls, the kernel's socket table and the packets "
	     "side by side, with the cost of every line of data beside it. "
	     "It needs no root rights.\n.SH OPTIONS");
	for (const struct cli_option *o = cli_option_table; o->name; o++)
		item(o->name, o->argument != NULL ? o->argument : "",
		    o->summary);
	puts(".SH SUBCOMMANDS\nThey need no terminal.");
	for (const struct cli_subcommand *s = cli_subcommand_table; s->name;
	     s++)
		item(s->name, s->usage, s->summary);
	puts(".SH COMMANDS\nTyped after a colon, given with "
	     "\\fB\\-c\\fR, or bound to keys.");
	for (int g = 0; g < GROUP_COUNT; g++)
		put_commands((enum command_group)g);
	puts(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage.\n"
	     ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\n"
	     "set: attributes instead of colours.\n.SH FILES\n.TP\n"
	     "\\fI~/.config/sockdeck/themes/NAME.theme\\fR\n"
	     "a theme of yours.\n.SH SEE ALSO\n"
	     "ss(8), tcpdump(8), pcap\\-filter(7), tcp(7), socket(7)");
}
