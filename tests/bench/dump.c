/*
 * tests/bench/dump.c - the kernel's TCP table, asked for and thrown away.
 *
 * One request for all that `sockets tcp` and `ss -ta` show, the answers read
 * and not looked at. No program that reads the table by one walk is faster.
 */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

static const struct {
	struct nlmsghdr head;
	struct inet_diag_req all;
} request = {
    {
	.nlmsg_len = sizeof request,
	.nlmsg_type = TCPDIAG_GETSOCK,
	.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
    },
    {.idiag_family = AF_UNSPEC, .idiag_states = 0xfff},
};

int
main(void)
{
	static union {
		struct nlmsghdr first;
		char bytes[32768];
	} piece;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	if (send(fd, &request, sizeof request, 0) < 0)
		return 1;
	for (;;) {
		const struct nlmsghdr *m = &piece.first;
		ssize_t left = recv(fd, &piece, sizeof piece, 0);

		if (left <= 0)
			return 1;
		for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (m->nlmsg_type == NLMSG_ERROR)
				return 1;
		}
	}
}
