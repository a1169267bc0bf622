#include "net/bdaddr.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORM "AA:BB:CC:DD:EE:FF/1"

bool
bdaddr_is_any(const struct bdaddr *d)
{
	static const struct bdaddr any;

	return memcmp(d, &any, sizeof any) == 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
bdaddr_parse(const char *text, struct bdaddr *ret)
{
	struct bdaddr d;

	for (int i = 5; i >= 0; i--, text += 3) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || text[2] != (i > 0 ? ':' : '\0'))
			return false;
		d.byte[i] = (uint8_t)(high << 4 | low);
	}
	*ret = d;
	return true;
}

const char *
bdaddr_format(char dst[BDADDR_TEXT_MAX], const struct bdaddr *d)
{
	snprintf(dst, BDADDR_TEXT_MAX, "%02X:%02X:%02X:%02X:%02X:%02X",
	    d->byte[5], d->byte[4], d->byte[3], d->byte[2], d->byte[1],
	    d->byte[0]);
	return dst;
}

static int
parse_channel(const char *text, uint8_t *ret, struct err *err)
{
	size_t n = strspn(text, "0123456789");
	unsigned long channel = strtoul(text, NULL, 10);

	if (n == 0 || n > 2 || text[n] != '\0' || channel == 0 ||
	    channel > RFCOMM_CHANNEL_MAX)
		return err_set(err, -EINVAL,
		    "'%s' is no RFCOMM channel: those are numbers from 1 to "
		    "%d; without '/' and a number it is looked for",
		    text, RFCOMM_CHANNEL_MAX);
	*ret = (uint8_t)channel;
	return 0;
}

int
rfcomm_parse(const char *text, bool passive, struct sockaddr_rfcomm *ret,
    struct err *err)
{
	struct sockaddr_rfcomm rc = {.family = AF_BLUETOOTH};
	size_t n = strcspn(text, "/");
	char device[BDADDR_TEXT_MAX] = "";
	bool any;
	int r = 0;

	if (n < sizeof device)
		memcpy(device, text, n);
	any = strcmp(device, "any") == 0;
	if (!any && !bdaddr_parse(device, &rc.device))
		return err_set(err, -EINVAL,
		    "'%s' is no Bluetooth address: write it as in " FORM
		    "%s; sockdeck bluetooth lists this machine's adapters, "
		    "sockdeck discover the devices around",
		    text, passive ? ", or any/1 for every adapter" : "");
	if (any && !passive)
		return err_set(err, -EINVAL,
		    "'%s' is for servers: a client names the device, as "
		    "in " FORM,
		    text);
	if (text[n] == '/')
		r = parse_channel(text + n + 1, &rc.channel, err);
	if (r == 0)
		*ret = rc;
	return r;
}
