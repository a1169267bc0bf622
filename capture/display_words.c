#include "capture/display_impl.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "net/socktab.h" /* enum tcp_state */

static const struct display_word flag_words[] = {
    {"fin", TCP_FIN},
    {"syn", TCP_SYN},
    {"rst", TCP_RST},
    {"psh", TCP_PSH},
    {"ack", TCP_ACK},
    {"urg", TCP_URG},
    {"ece", TCP_ECE},
    {"cwr", TCP_CWR},
    {NULL, 0},
};

const struct display_word display_protos[] = {
    {"tcp", PROTO_TCP},
    {"udp", PROTO_UDP},
    {"icmp", PROTO_ICMP},
    {"icmpv6", PROTO_ICMP6},
    {"arp", PROTO_ARP},
    {"fragment", PROTO_IPFRAG},
    {"hci", PROTO_HCI},
    {"l2cap", PROTO_L2CAP},
    {"rfcomm", PROTO_RFCOMM},
    {NULL, 0},
};

static const struct display_word dir_words[] = {
    {"client", DIR_CLIENT},
    {"server", DIR_SERVER},
    {NULL, 0},
};

static const struct display_word purpose_words[] = {
    {"handshake", PURPOSE_HANDSHAKE},
    {"data", PURPOSE_DATA},
    {"ack", PURPOSE_ACK},
    {"retransmission", PURPOSE_RETRANSMISSION},
    {"teardown", PURPOSE_TEARDOWN},
    {"other", PURPOSE_OTHER},
    {NULL, 0},
};

static const struct display_word verdict_words[] = {
#define X(NAME, name, words) {name, VERDICT_##NAME},
    TCP_VERDICTS(X)
#undef X
	{NULL, 0},
};

static const struct display_word state_words[] = {
    {"closed", TCPS_CLOSED},
    {"syn-sent", TCPS_SYN_SENT},
    {"syn-received", TCPS_SYN_RECEIVED},
    {"established", TCPS_ESTABLISHED},
    {"fin-wait-1", TCPS_FIN_WAIT_1},
    {"fin-wait-2", TCPS_FIN_WAIT_2},
    {"close-wait", TCPS_CLOSE_WAIT},
    {"closing", TCPS_CLOSING},
    {"last-ack", TCPS_LAST_ACK},
    {"time-wait", TCPS_TIME_WAIT},
    {NULL, 0},
};

static const struct display_word wire_words[] = {
    {"lost", DISPLAY_LOST},
    {"passed", FATE_PASSED},
    {"duplicated", FATE_DUPLICATED},
    {"copy", FATE_COPY},
    {"reordered", FATE_REORDERED},
    {"corrupted", FATE_CORRUPTED},
    {NULL, 0},
};

const struct display_word display_statuses[] = {
    {"malformed", SUMMARY_MALFORMED},
    {"truncated", SUMMARY_TRUNCATED},
    {NULL, 0},
};

const struct display_key display_keys[DISPLAY_KEYS] = {
    {"port", SHOW_PORT, NULL, "a port, or a range 8000-8099"},
    {"host", SHOW_HOST, NULL, "an IP address, or a prefix 10.0.0.0/8"},
    {"conv", SHOW_CONV, NULL, "a conversation's number"},
    {"id", SHOW_ID, NULL, "a packet's number, or a range 7-9"},
    {"len", SHOW_LEN, NULL, "a number of bytes"},
    {"state", SHOW_STATE, state_words, NULL},
    {"flags", SHOW_FLAGS, flag_words, NULL},
    {"dir", SHOW_DIR, dir_words, NULL},
    {"proto", SHOW_PROTO, display_protos, NULL},
    {"purpose", SHOW_PURPOSE, purpose_words, NULL},
    {"verdict", SHOW_VERDICT, verdict_words, NULL},
    {"wire", SHOW_WIRE, wire_words, NULL},
    {"text", SHOW_TEXT, NULL, "bytes of the payload"},
};

const struct display_word *
display_word_find(const struct display_word *words, const char *name, size_t n)
{
	for (; words->name != NULL; words++)
		if (strlen(words->name) == n &&
		    strncasecmp(words->name, name, n) == 0)
			return words;
	return NULL;
}

/* -------------------------------------------------------------- completion */

/* The n-th of these that begins so; counts down what it passes. */
static const char *
nth_word(
    const struct display_word *words, const char *head, size_t len, unsigned *n)
{
	for (; words->name != NULL; words++)
		if (strncasecmp(words->name, head, len) == 0 && (*n)-- == 0)
			return words->name;
	return NULL;
}

bool
display_filter_complete(
    const char *text, unsigned n, char dst[DISPLAY_WORD_MAX])
{
	const char *head = text + strlen(text), *value, *found;
	size_t len;

	while (head > text && !isspace((unsigned char)head[-1]) &&
	       head[-1] != '(' && head[-1] != '!')
		head--;
	len = strlen(head);
	value = strchr(head, ':');
	for (size_t i = 0; i < DISPLAY_KEYS; i++) {
		size_t key_len = strlen(display_keys[i].name);

		if (value == NULL) {
			if (strncasecmp(display_keys[i].name, head, len) == 0 &&
			    n-- == 0) {
				snprintf(dst, DISPLAY_WORD_MAX,
				    "%s:", display_keys[i].name);
				return true;
			}
			continue;
		}
		if ((size_t)(value - head) != key_len ||
		    strncasecmp(display_keys[i].name, head, key_len) != 0 ||
		    display_keys[i].words == NULL)
			continue;
		found = nth_word(
		    display_keys[i].words, value + 1, strlen(value + 1), &n);
		if (found != NULL)
			snprintf(dst, DISPLAY_WORD_MAX, "%s:%s",
			    display_keys[i].name, found);
		return found != NULL;
	}
	if (value != NULL)
		return false;
	found = nth_word(display_protos, head, len, &n);
	if (found == NULL)
		found = nth_word(display_statuses, head, len, &n);
	if (found == NULL)
		return false;
	snprintf(dst, DISPLAY_WORD_MAX, "%s", found);
	return true;
}
