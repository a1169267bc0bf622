#include "net/sockrow.h"

static const char *const state_names[TCPS_COUNT] = {
    [TCPS_NONE] = "",
    [TCPS_ESTABLISHED] = "ESTABLISHED",
    [TCPS_SYN_SENT] = "SYN-SENT",
    [TCPS_SYN_RECEIVED] = "SYN-RECEIVED",
    [TCPS_FIN_WAIT_1] = "FIN-WAIT-1",
    [TCPS_FIN_WAIT_2] = "FIN-WAIT-2",
    [TCPS_TIME_WAIT] = "TIME-WAIT",
    [TCPS_CLOSED] = "CLOSED",
    [TCPS_CLOSE_WAIT] = "CLOSE-WAIT",
    [TCPS_LAST_ACK] = "LAST-ACK",
    [TCPS_LISTEN] = "LISTEN",
    [TCPS_CLOSING] = "CLOSING",
};

const char *
tcp_state_name(enum tcp_state s)
{
	return (unsigned)s < TCPS_COUNT ? state_names[s] : "";
}
