/*
 * tests/fuzz/lab_card_check.h - any bytes as the card of a lab: what is taken
 * for one can be printed and has no more hosts than there may be.
 */
#ifndef SOCKDECK_TESTS_FUZZ_LAB_CARD_CHECK_H
#define SOCKDECK_TESTS_FUZZ_LAB_CARD_CHECK_H

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/lab_impl.h"

static inline void
lab_card_check(const uint8_t *data, size_t n)
{
	struct lab_info lab;
	char text[4096];

	n = n < sizeof text ? n : sizeof text - 1;
	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	if (!lab_card_parse(text, &lab))
		return;
	if (lab.count == 0 || lab.count > LAB_HOSTS_MAX ||
	    lab.medium > LAB_VETH)
		abort();
	for (size_t i = 0; i < lab.count; i++)
		for (const char *c = lab.hosts[i].name; *c != '\0'; c++)
			if (!isalnum((unsigned char)*c))
				abort();
}

#endif
