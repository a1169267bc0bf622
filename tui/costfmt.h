/*
 * tui/costfmt.h - what the wire cost, as text beside the data.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_TUI_COSTFMT_H
#define SOCKDECK_TUI_COSTFMT_H

#include <stdbool.h>

#include "capture/capture.h"
#include "net/base/text.h"

#define COSTFMT_MAX 160

/* What a conversation's layers are called, from the lowest counted upward. */
struct cost_layers {
	const char *net, *transport, *options;
	const char *option; /* shorter */
	const char *upper; /* transport and options together */
	const char *below; /* and what is not counted */
};
struct cost_layers costfmt_layers_of(uint8_t proto); /* enum summary_proto */
/* flow 0: of everything. */
struct cost_layers costfmt_layers(const struct capture *c, uint32_t flow);

/*
 * The cost of a line of data, as long a form as fits into `cells`:
 *   "2 pkt (1 ACK): IP 40+TCP 40+opt 24 = 104 B, 11% payload"
 *   "2 pkt  IP 40 TCP 64  11%"
 *   "2 pkt +104 11%"
 */
const char *costfmt_range(char dst[COSTFMT_MAX], const struct range_cost *r,
    uint8_t proto, int cells);
/* The cost of an opening or a closing: "3 pkt  172 B  0% payload". */
const char *costfmt_exchange(
    char dst[COSTFMT_MAX], const struct cost *c, int64_t took_ns);
/* The same of all that real Ethernet carries. */
const char *costfmt_share_on_ethernet(
    char dst[TEXT_NUM_MAX], const struct cost *c);
/* "11%", "0.4%", "100%". */
const char *costfmt_share(char dst[TEXT_NUM_MAX], const struct cost *c);

#endif
