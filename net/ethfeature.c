#include "net/ethfeature.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FEATURES_MAX 256 /* Linux 6.18 has 63 */

/* A feature is a bit; its place differs from kernel to kernel. */
struct place {
	uint32_t bit, word, words; /* words: of all features */
};

/* One question to the kernel, with the room for its answer. */
union question {
	uint32_t command;
	struct ethtool_sset_info info;
	struct ethtool_gstrings names;
	struct ethtool_gfeatures get;
	struct ethtool_sfeatures set;
	uint8_t room[sizeof(struct ethtool_gstrings) +
		     FEATURES_MAX * ETH_GSTRING_LEN];
};

static void
name_it(struct ifreq *r, const char *interface)
{
	*r = (struct ifreq){.ifr_name = ""};
	memccpy(r->ifr_name, interface, '\0', sizeof r->ifr_name - 1);
}

static int
ask(int fd, const char *interface, union question *q)
{
	struct ifreq r;

	name_it(&r, interface);
	r.ifr_data = (char *)q;
	return ioctl(fd, SIOCETHTOOL, &r) < 0 ? -errno : 0;
}

static int
find(int fd, const char *interface, const char *name, struct place *ret)
{
	union question q = {.info = {.cmd = ETHTOOL_GSSET_INFO,
				.sset_mask = 1 << ETH_SS_FEATURES}};
	uint32_t count;
	int r = ask(fd, interface, &q);

	if (r < 0)
		return r;
	count = q.info.data[0];
	if (count > FEATURES_MAX)
		return -EOVERFLOW;
	q.names = (struct ethtool_gstrings){.cmd = ETHTOOL_GSTRINGS,
	    .string_set = ETH_SS_FEATURES,
	    .len = count};
	r = ask(fd, interface, &q);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < count; i++)
		if (strncmp((char *)&q.names.data[i * ETH_GSTRING_LEN], name,
			ETH_GSTRING_LEN) == 0) {
			*ret = (struct place){
			    1u << i % 32, i / 32, (count + 31) / 32};
			return 0;
		}
	return -ENOENT;
}

static int
set_at(int fd, const char *interface, const struct place *at, bool on)
{
	union question q = {
	    .set = {.cmd = ETHTOOL_SFEATURES, .size = at->words}};

	q.set.features[at->word].valid = at->bit;
	q.set.features[at->word].requested = on ? at->bit : 0;
	return ask(fd, interface, &q);
}

static bool
is_on(int fd, const char *interface, const struct place *at)
{
	union question q = {
	    .get = {.cmd = ETHTOOL_GFEATURES, .size = at->words}};

	return ask(fd, interface, &q) == 0 &&
	       (q.get.features[at->word].active & at->bit) != 0;
}

static bool
is_up(int fd, const char *interface)
{
	struct ifreq r;

	name_it(&r, interface);
	return ioctl(fd, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_UP) != 0;
}

int
ethfeature_set(const char *interface, const char *feature, bool on)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct place at;
	int r;

	if (fd < 0)
		return -errno;
	r = find(fd, interface, feature, &at);
	if (r == 0)
		r = set_at(fd, interface, &at, on);
	close(fd);
	return r;
}

bool
ethfeature_any(const char *feature)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all = if_nameindex();
	struct place at;
	bool any = false;

	for (struct if_nameindex *i = all;
	     fd >= 0 && i != NULL && i->if_name != NULL; i++)
		any |= is_up(fd, i->if_name) &&
		       find(fd, i->if_name, feature, &at) == 0 &&
		       is_on(fd, i->if_name, &at);
	if_freenameindex(all);
	if (fd >= 0)
		close(fd);
	return any;
}
