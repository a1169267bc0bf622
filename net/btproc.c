#include "net/btproc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/base/clock.h"

#define PATH_MAX_LEN 128
#define LINE_MAX_LEN 256
/* Channels of the kernel's own security managers, not of any socket. */
#define CID_SMP 6
#define CID_SMP_BREDR 7

struct table {
	struct sockrow *row;
	size_t count;
};

/* ---- reading ---- */

/* One more row, zeroed but for what both kinds have. NULL: no room. */
static struct sockrow *
add_row(struct table *t, enum transport transport)
{
	if (t->row == NULL)
		t->row = calloc(BTPROC_MAX, sizeof *t->row);
	if (t->row == NULL || t->count == BTPROC_MAX)
		return NULL;
	t->row[t->count] = (struct sockrow){
	    .transport = transport,
	    .family = AF_BLUETOOTH,
	};
	return &t->row[t->count++];
}

/* sk RefCnt Rmem Wmem User Inode Parent */
static void
take_proc(struct table *t, enum transport transport, const char *line)
{
	unsigned rmem, wmem, uid;
	unsigned long inode;
	struct sockrow *r;

	if (sscanf(line, "%*s %*d %u %u %u %lu", &rmem, &wmem, &uid, &inode) !=
		4 ||
	    (r = add_row(t, transport)) == NULL)
		return;
	r->rqueue = rmem;
	r->wqueue = wmem;
	r->uid = uid;
	r->inode = (uint32_t)inode;
}

/* The numbers of enum in net/bluetooth/bluetooth.h. */
static uint8_t
state_of(int bt_state)
{
	static const uint8_t states[] = {[1] = TCPS_ESTABLISHED,
	    [4] = TCPS_LISTEN,
	    [5] = TCPS_SYN_SENT,
	    [6] = TCPS_SYN_RECEIVED,
	    [7] = TCPS_SYN_SENT,
	    [8] = TCPS_CLOSING,
	    [9] = TCPS_CLOSED};

	return bt_state > 0 && bt_state < (int)sizeof states ? states[bt_state]
							     : TCPS_NONE;
}

/* A peer that is none is all zero; so is a local address that means all. */
static struct addr
address(const char *text, int port, bool peer)
{
	struct addr a = {.len = sizeof a.rc, .rc = {.family = AF_BLUETOOTH}};

	if (!bdaddr_parse(text, &a.rc.device) ||
	    (bdaddr_is_any(&a.rc.device) && peer))
		return (struct addr){0};
	a.rc.channel = (uint8_t)port;
	return a;
}

/*
 * rfcomm:  source destination state channel
 * l2cap:   source (type) destination (type) state psm scid dcid ...
 */
static void
take_debug(struct table *t, enum transport transport, const char *line)
{
	char from[BDADDR_TEXT_MAX], to[BDADDR_TEXT_MAX];
	bool l2cap = transport == TRANSPORT_L2CAP;
	int state, port, cid = 0;
	struct sockrow *r;

	if (l2cap
		? sscanf(line, "%17s (%*u) %17s (%*u) %d %i %i", from, to,
		      &state, &port, &cid) != 5
		: sscanf(line, "%17s %17s %d %d", from, to, &state, &port) != 4)
		return;
	if (cid == CID_SMP || cid == CID_SMP_BREDR ||
	    (r = add_row(t, transport)) == NULL)
		return;
	r->state = state_of(state);
	r->psm = l2cap ? (uint16_t)port : 0;
	r->local = address(from, l2cap ? 0 : port, false);
	r->peer = address(to, l2cap ? 0 : port, true);
}

static void
read_table(struct table *t, const char *dir, enum transport transport,
    void (*take)(struct table *t, enum transport transport, const char *line))
{
	char path[PATH_MAX_LEN], line[LINE_MAX_LEN];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, transport_name(transport));
	f = fopen(path, "re");
	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL)
		take(t, transport, line);
	fclose(f);
}

/* ---- both together ---- */

/*
 * Both tables list the kernel's one list of sockets, so as long as it does not
 * change in between the nth is the nth. Of L2CAP debugfs lists channels, of
 * which some have no socket: then it has the last word.
 */
static void
join(struct table *proc, struct table *debug)
{
	if (proc->count != debug->count) {
		if (debug->count > 0 &&
		    debug->row[0].transport == TRANSPORT_L2CAP) {
			struct table t = *proc;

			*proc = *debug;
			*debug = t;
		}
		return;
	}
	for (size_t i = 0; i < proc->count; i++) {
		proc->row[i].state = debug->row[i].state;
		proc->row[i].psm = debug->row[i].psm;
		proc->row[i].local = debug->row[i].local;
		proc->row[i].peer = debug->row[i].peer;
	}
}

/* The descriptor of ours that is the socket with this inode; -1: none. */
static int
own_socket(uint32_t inode)
{
	int max = (int)sysconf(_SC_OPEN_MAX);
	struct stat st;

	/* Bluetooth sockets are few, and so are the descriptors before them. */
	for (int fd = 0; fd < max && fd < BTPROC_MAX; fd++)
		if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) &&
		    st.st_ino == inode)
			return fd;
	return -1;
}

static struct addr
ask_address(int fd, int (*ask)(int fd, struct sockaddr *sa, socklen_t *len))
{
	struct addr a = {0};
	socklen_t len = sizeof a.ss;

	if (ask(fd, &a.sa, &len) < 0 || a.sa.sa_family != AF_BLUETOOTH)
		return (struct addr){0};
	a.len = len;
	return a;
}

static void
ask_ourselves(struct sockrow *r)
{
	int fd = r->inode != 0 ? own_socket(r->inode) : -1;

	if (fd < 0)
		return;
	r->local = ask_address(fd, getsockname);
	r->peer = ask_address(fd, getpeername);
	r->state = r->peer.len != 0 ? TCPS_ESTABLISHED : TCPS_LISTEN;
}

static bool
wanted(const struct sockfilter *f, const struct sockrow *r)
{
	bool port = f->port_count == 0;

	for (size_t i = 0; i < f->port_count && !port; i++)
		port = addr_port(&r->local) == f->ports[i] ||
		       addr_port(&r->peer) == f->ports[i];
	return port && (f->states == 0 || (f->states >> r->state & 1) != 0);
}

static int
walk(const char *proc, const char *debug, enum transport transport,
    const struct sockfilter *filter, sockwalk_row *row, void *arg)
{
	struct table have = {0}, more = {0};
	int64_t now_ns = clock_now_ns();
	int rc = 0;

	read_table(&have, proc, transport, take_proc);
	if (have.count > 0)
		read_table(&more, debug, transport, take_debug);
	join(&have, &more);
	for (size_t i = 0; i < have.count && rc == 0; i++) {
		struct sockrow *r = &have.row[i];

		if (r->local.len == 0 && transport == TRANSPORT_RFCOMM)
			ask_ourselves(r);
		r->seen_ns = now_ns;
		/* The kernel has no cookies for them. */
		r->cookie = 1ULL << 63 | (uint64_t)transport << 48 |
			    (r->inode != 0 ? r->inode : 1ULL << 40 | i);
		if (wanted(filter, r))
			rc = row(arg, r);
	}
	free(have.row);
	free(more.row);
	return rc;
}

int
btproc_walk(const char *proc, const char *debug,
    const struct sockfilter *filter, sockwalk_row *row, void *arg)
{
	int rc = 0;

	if ((filter->what & SOCKTAB_RFCOMM) != 0)
		rc = walk(proc, debug, TRANSPORT_RFCOMM, filter, row, arg);
	if (rc == 0 && (filter->what & SOCKTAB_L2CAP) != 0)
		rc = walk(proc, debug, TRANSPORT_L2CAP, filter, row, arg);
	return rc;
}
