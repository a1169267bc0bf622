/*
 * tests/fuzz/app_check.h - any bytes as a message of an application protocol.
 *
 * Input: which protocol, how many bytes the capture lacks, the message. It is
 * put into a UDP datagram or a TCP segment on the protocol's port.
 */
#ifndef SOCKDECK_TESTS_FUZZ_APP_CHECK_H
#define SOCKDECK_TESTS_FUZZ_APP_CHECK_H

#include "capture/dissect_app.h"
#include "tests/fuzz/dissect_check.h"

#define APP_INPUT_MAX 4096

static inline void
app_headers(struct wr *w, const struct app *a, size_t wire)
{
	bool tcp = (a->transports & APP_TCP) != 0;
	size_t header = tcp ? 20 : 8;

	wr_be32(w, 0x45000000 | (uint32_t)(20 + header + wire));
	wr_be32(w, 0);
	wr_be32(w, tcp ? 0x40060000 : 0x40110000);
	wr_be32(w, 0x0a000001);
	wr_be32(w, 0x0a000002);
	wr_be16(w, 40000);
	wr_be16(w, a->ports[0]);
	if (tcp) {
		wr_be32(w, 1);
		wr_be32(w, 1);
		wr_be32(w, 0x50180000);
		wr_be32(w, 0);
	} else {
		wr_be16(w, (uint16_t)(8 + wire));
		wr_be16(w, 0);
	}
}

static inline void
check_app(const uint8_t *data, size_t n)
{
	static uint8_t bytes[40 + APP_INPUT_MAX];
	struct wr w = wr_init(bytes, sizeof bytes);
	const struct app *a;
	size_t count = 0, head;
	struct tree t;
	uint8_t *exact;
	char line[64];
	struct packet p = {.ts_ns = 1, .link_type = LINK_RAW};

	if (n < 2 || n > APP_INPUT_MAX)
		return;
	while (app_at(count) != NULL)
		count++;
	a = app_at(data[0] % count);
	app_headers(&w, a, n - 2 + data[1]);
	head = wr_len(&w);
	wr_bytes(&w, data + 2, n - 2);
	p.cap_len = (uint32_t)wr_len(&w);
	p.wire_len = p.cap_len + data[1];
	exact = malloc(p.cap_len); /* so that ASan sees a byte too many */
	if (exact == NULL)
		return;
	memcpy(exact, bytes, p.cap_len);
	p.data = exact;
	tree_init(&t);
	check_packet(&p, &t);
	tree_done(&t);
	dissect_info((a->transports & APP_TCP) != 0, 40000, a->ports[0],
	    rd_init(exact + head, n - 2, n - 2 + data[1]), line, sizeof line);
	CHECK(strnlen(line, sizeof line) < sizeof line);
	free(exact);
}

#endif
