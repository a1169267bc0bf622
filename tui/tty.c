#include "tui/tty.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
tty_find(bool wants_tty, FILE **ret, bool *ret_own, struct err *err)
{
	FILE *tty;

	if (!isatty(STDOUT_FILENO))
		return err_set(err, -ENOTTY,
		    "standard output is not a terminal, and the console needs "
		    "one; " TTY_HEADLESS);
	*ret = stdin;
	*ret_own = false;
	if (isatty(STDIN_FILENO))
		return 0;
	if (!wants_tty)
		return err_set(err, -ENOTTY,
		    "standard input is not a terminal, and the console reads "
		    "keys from one; " TTY_HEADLESS);
	tty = fopen("/dev/tty", "re");
	if (tty == NULL)
		return err_set(err, -ENOTTY,
		    "there is no terminal to read keys from (/dev/tty: "
		    "%s); " TTY_HEADLESS,
		    strerror(errno));
	*ret = tty;
	*ret_own = true;
	return 0;
}
