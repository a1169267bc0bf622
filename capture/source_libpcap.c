/*
 * capture/source_libpcap.c - libpcap, opened when it is first used.
 *
 * Each function of it that this folder calls stands here, with the name and the
 * type that <pcap/pcap.h> gives it, and hands on to the library.
 *
 * Debian's libpcap brings eight more libraries (D-Bus, systemd, gcrypt and
 * theirs), and with them a third of the time that sockdeck takes to start. Most
 * subcommands capture nothing, and the console begins only after its first
 * frame.
 *
 * What opens a capture or a filter asks source_libpcap() first; everything else
 * needs what was opened.
 */
#include "capture/source_impl.h"

#include <dlfcn.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */

/* C gives something back, V nothing. Each with what it takes, and how that is
 * handed on. */
#define FUNCTIONS(C, V)                                                       \
C(pcap_t *, pcap_create, (const char *name, char *why), (name, why))          \
C(pcap_t *, pcap_open_dead, (int dlt, int snaplen), (dlt, snaplen))           \
C(int, pcap_activate, (pcap_t *p), (p))                                       \
C(int, pcap_compile, (pcap_t *p, struct bpf_program *program,                 \
    const char *text, int optimize, bpf_u_int32 netmask),                     \
    (p, program, text, optimize, netmask))                                    \
C(int, pcap_datalink, (pcap_t *p), (p))                                       \
C(int, pcap_dispatch, (pcap_t *p, int count, pcap_handler f, u_char *arg),    \
    (p, count, f, arg))                                                       \
C(int, pcap_fileno, (pcap_t *p), (p))                                         \
C(int, pcap_get_selectable_fd, (pcap_t *p), (p))                              \
C(int, pcap_get_tstamp_precision, (pcap_t *p), (p))                           \
C(char *, pcap_geterr, (pcap_t *p), (p))                                      \
C(int, pcap_offline_filter, (const struct bpf_program *program,               \
    const struct pcap_pkthdr *h, const u_char *data), (program, h, data))     \
C(int, pcap_set_buffer_size, (pcap_t *p, int bytes), (p, bytes))              \
C(int, pcap_set_snaplen, (pcap_t *p, int bytes), (p, bytes))                  \
C(int, pcap_set_timeout, (pcap_t *p, int ms), (p, ms))                        \
C(int, pcap_set_tstamp_precision, (pcap_t *p, int precision), (p, precision)) \
C(int, pcap_setfilter, (pcap_t *p, struct bpf_program *program), (p, program))\
C(int, pcap_setnonblock, (pcap_t *p, int on, char *why), (p, on, why))        \
C(int, pcap_stats, (pcap_t *p, struct pcap_stat *stats), (p, stats))          \
C(const char *, pcap_statustostr, (int code), (code))                         \
V(pcap_close, (pcap_t *p), (p))                                               \
V(pcap_freecode, (struct bpf_program *program), (program))

static struct {
#define MEMBER(name) __typeof__(&name) name;
#define MEMBER_C(type, name, takes, hands) MEMBER(name)
#define MEMBER_V(name, takes, hands) MEMBER(name)
	FUNCTIONS(MEMBER_C, MEMBER_V)
} library;

static char missing[128]; /* what; empty: nothing */

static void
find(void *handle, const char *name, void *ret)
{
	void *f = handle != NULL ? dlsym(handle, name) : NULL;

	if (f == NULL && missing[0] == '\0')
		snprintf(missing, sizeof missing, "%s", dlerror());
	memcpy(ret, &f, sizeof f); /* POSIX: a pointer to a function fits */
}

static void
load(void)
{
	void *handle = dlopen("libpcap.so.0.8", RTLD_NOW | RTLD_LOCAL);

#define FIND(name) find(handle, #name, &library.name);
#define FIND_C(type, name, takes, hands) FIND(name)
#define FIND_V(name, takes, hands) FIND(name)
	FUNCTIONS(FIND_C, FIND_V)
}

int
source_libpcap(struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (missing[0] == '\0')
		return 0;
	return err_set(err, -ENOENT,
	    "libpcap cannot be used: %s; install it (Debian: apt install "
	    "libpcap0.8)",
	    missing);
}

#define DEFINE_C(type, name, takes, hands)                                    \
	type name takes { return library.name hands; }
#define DEFINE_V(name, takes, hands)                                          \
	void name takes { library.name hands; }

FUNCTIONS(DEFINE_C, DEFINE_V)
