#include "capture/source.h"

#include "capture/filter.h"
#include "capture/hci.h"
#include "capture/source_impl.h"
#include "net/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The kernel hands packets over in blocks (TPACKET_V3): a block when it is
 * full, or TIMEOUT_MS after its first packet. That and the buffer lose nothing
 * at 200,000 packets/s; immediate mode loses most of them.
 */
#define TIMEOUT_MS 10
#define BUFFER_BYTES (32 * 1024 * 1024)
#define SMALL_BUFFER_BYTES (2 * 1024 * 1024)
/* At least one batch comes in TIMEOUT_MS: main may be away for 1.28 s. */
#define QUEUE_BATCHES 128
#define STATS_MS 1000

struct live {
	struct source s;
	int64_t tick_ns; /* unit of pcap's fraction of a second */
	int64_t stats_due_ns; /* monotonic; 0: nothing came since the last */
};

static void
on_packet(u_char *user, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct live *l = (struct live *)(void *)user;
	struct packet p = {
	    .ts_ns = h->ts.tv_sec * CLOCK_S + h->ts.tv_usec * l->tick_ns,
	    .cap_len = h->caplen < SOURCE_CAP_MAX ? h->caplen : SOURCE_CAP_MAX,
	    .wire_len = h->len > h->caplen ? h->len : h->caplen,
	    .link_type = l->s.link_type,
	    .data = bytes,
	};

	source_add(&l->s, &p);
}

/* What is there, a batch or two at most: without a limit it goes on while
 * packets come. Of Bluetooth libpcap gives one packet a call. */
static int
read_packets(struct source *s, struct err *err)
{
	int n, sum = 0;

	do {
		n = pcap_dispatch(
		    s->pcap, BATCH_PACKETS, on_packet, (u_char *)s);
		sum += n > 0 ? n : 0;
	} while (n > 0 && sum < BATCH_PACKETS);
	source_flush(s);
	if (n >= 0)
		return sum;
	return err_set(err, -EIO, "capturing on %s ended: %s", s->status.name,
	    pcap_geterr(s->pcap));
}

/* About once a second while packets come, and once after the last of them:
 * the thread of an idle interface sleeps. */
static void
count_drops(struct live *l, bool packets)
{
	int64_t now = clock_mono_ns();
	struct pcap_stat stat;

	if (l->stats_due_ns == 0 && packets)
		l->stats_due_ns = now + STATS_MS * CLOCK_MS;
	if (l->stats_due_ns == 0 || now < l->stats_due_ns)
		return;
	l->stats_due_ns = 0;
	if (pcap_stats(l->s.pcap, &stat) < 0)
		return;
	pthread_mutex_lock(&l->s.lock);
	l->s.status.kernel_drops = stat.ps_drop;
	pthread_mutex_unlock(&l->s.lock);
}

static int
install_filter(struct source *s, struct err *err)
{
	struct bpf_program *program;
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	program = s->program;
	s->program = NULL;
	pthread_mutex_unlock(&s->lock);
	if (program == NULL)
		return 0;
	if (pcap_setfilter(s->pcap, program) < 0)
		rc = err_set(err, -EINVAL, "capturing on %s: filter: %s",
		    s->status.name, pcap_geterr(s->pcap));
	filter_discard(program);
	return rc;
}

static void
live_run(struct source *s)
{
	struct live *l = (struct live *)(void *)s;
	struct pollfd fds[] = {
	    {.fd = pcap_get_selectable_fd(s->pcap), .events = POLLIN},
	    {.fd = s->wake_fd, .events = POLLIN},
	};
	eventfd_t wakes;
	struct err why;
	int n = 0;

	while (n >= 0 && !source_stopping(s)) {
		poll(fds, 2, l->stats_due_ns != 0 ? STATS_MS : -1);
		eventfd_read(s->wake_fd, &wakes);
		n = install_filter(s, &why);
		if (n == 0)
			n = read_packets(s, &why);
		count_drops(l, n > 0);
	}
	if (n < 0)
		source_fail(s, &why);
}

static int
live_set_filter(struct source *s, const char *filter, struct err *err)
{
	struct bpf_program *program, *replaced;
	int rc;

	/*
	 * Only a refused text makes pcap_compile() write to the handle, which
	 * the thread is using: so it is checked on another one first. It is the
	 * live handle that knows how this interface gives VLAN tags.
	 */
	rc = filter_check(filter, s->link_type, err);
	if (rc == 0)
		rc = filter_compile(s->pcap, filter, &program, err);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&s->lock);
	replaced = s->program;
	s->program = program;
	pthread_mutex_unlock(&s->lock);
	filter_discard(replaced);
	source_wake(s);
	return 0;
}

static const struct source_ops live_ops = {
    .run = live_run, .free = source_done, .set_filter = live_set_filter};

static int
no_rights(const char *interface, struct err *err)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	exe[n > 0 ? n : 0] = '\0';
	return err_set(err, -EPERM,
	    "capturing on %s needs CAP_NET_RAW, which this process does not "
	    "have. Either: sudo setcap cap_net_raw+ep %s   or start "
	    "`sockdeck --lab`, which needs no rights.",
	    interface, n > 0 ? exe : "sockdeck");
}

static int
no_interface(const char *interface, struct err *err)
{
	struct if_nameindex *all = if_nameindex();
	char names[256] = "";
	size_t used = 0;

	for (struct if_nameindex *i = all; i != NULL && i->if_index != 0; i++) {
		int n = snprintf(
		    names + used, sizeof names - used, " %s,", i->if_name);

		if (n > 0 && (size_t)n < sizeof names - used)
			used += (size_t)n;
	}
	names[used] = '\0';
	if_freenameindex(all);
	return err_set(err, -ENODEV,
	    "there is no interface %s here; there are:%s and any for all of "
	    "them",
	    interface, names);
}

static int
activation_error(struct source *s, int rc, struct err *err)
{
	const char *name = s->status.name, *why = pcap_geterr(s->pcap);

	switch (rc) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return no_rights(name, err);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return no_interface(name, err);
	case PCAP_ERROR_IFACE_NOT_UP:
		return err_set(err, -ENETDOWN,
		    "the interface %s is down: `ip link set %s up` starts it",
		    name, name);
	default:
		return err_set(err, -EIO, "capturing on %s failed: %s", name,
		    why[0] != '\0' ? why : pcap_statustostr(rc));
	}
}

/*
 * On a loopback interface the kernel queues each packet twice, as it leaves
 * and as it comes in; libpcap drops the first of them, but the buffer has held
 * it. packet(7), PACKET_IGNORE_OUTGOING.
 */
static void
ignore_outgoing_on_loopback(struct source *s)
{
	int fd = pcap_fileno(s->pcap), on = 1;
	struct ifreq ifr = {0};

	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%.*s", IFNAMSIZ - 1,
	    s->status.name);
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) == 0 && ifr.ifr_flags & IFF_LOOPBACK)
		setsockopt(
		    fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
}

/* A socket without a ring keeps what waits in its buffer, where a packet takes
 * 2 KB of the usual 208: a tenth of a second of Bluetooth. socket(7). */
static void
widen_buffer(struct source *s, int bytes)
{
	int fd = pcap_fileno(s->pcap);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) <
	    0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

static int
open_interface(struct live *l, int buffer_bytes, struct err *err)
{
	struct source *s = &l->s;
	char why[PCAP_ERRBUF_SIZE];
	int rc = source_libpcap(err);

	if (rc < 0)
		return rc;
	s->pcap = pcap_create(s->status.name, why);
	if (s->pcap == NULL)
		return err_set(err, -EIO, "capturing on %s failed: %s",
		    s->status.name, why);
	pcap_set_snaplen(s->pcap, SOURCE_SNAPLEN);
	pcap_set_timeout(s->pcap, TIMEOUT_MS);
	pcap_set_buffer_size(s->pcap, buffer_bytes);
	/* Where it is refused the stamps come in us: below. */
	pcap_set_tstamp_precision(s->pcap, PCAP_TSTAMP_PRECISION_NANO);
	rc = pcap_activate(s->pcap);
	if (rc < 0)
		return activation_error(s, rc, err);
	if (pcap_setnonblock(s->pcap, 1, why) < 0)
		return err_set(err, -EIO, "capturing on %s failed: %s",
		    s->status.name, why);
	ignore_outgoing_on_loopback(s);
	l->tick_ns =
	    pcap_get_tstamp_precision(s->pcap) == PCAP_TSTAMP_PRECISION_NANO
		? 1
		: CLOCK_US;
	source_describe(s, source_link_type(pcap_datalink(s->pcap)));
	if (hci_is_link(s->link_type))
		widen_buffer(s, buffer_bytes);
	return 0;
}

static int
open_live(const char *interface, const char *filter, int buffer_bytes,
    struct source **ret, struct err *err)
{
	struct live *l = calloc(1, sizeof *l);
	struct source *s;
	int rc;

	if (l == NULL)
		return err_set(err, -ENOMEM, "no memory to capture");
	s = &l->s;
	rc = source_init(s, &live_ops, interface, QUEUE_BATCHES, err);
	if (rc < 0)
		return rc;
	s->status.live = true;
	rc = open_interface(l, buffer_bytes, err);
	if (rc == 0 && filter != NULL)
		rc = filter_compile(s->pcap, filter, &s->program, err);
	if (rc == 0)
		rc = install_filter(s, err);
	if (rc < 0) {
		source_done(s);
		return rc;
	}
	rc = source_start(s, err);
	if (rc == 0)
		*ret = s;
	return rc;
}

int
source_open_live(const char *interface, const char *filter, struct source **ret,
    struct err *err)
{
	return open_live(interface, filter, BUFFER_BYTES, ret, err);
}

int
source_open_small(const char *interface, struct source **ret, struct err *err)
{
	return open_live(interface, NULL, SMALL_BUFFER_BYTES, ret, err);
}
