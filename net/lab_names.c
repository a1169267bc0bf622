#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/lab.h"

#define HOSTS "/etc/hosts"
#define SOURCE "sockdeck" /* of the mount over it */
/* Where the file is made that is to cover it; what is there is hidden from us
 * for that long, and from nobody else. */
#define PLACE "/tmp"
#define MADE PLACE "/hosts"
#define SIX "ip6-" /* before a name: by IPv6 */

/* ---- the text ---- */

/* One host alone has no address but those of lo. */
static void
write_host(FILE *f, const struct lab_info *lab, size_t host)
{
	const struct lab_info_host *h = &lab->hosts[host];
	const struct in_addr lo4 = {htonl(INADDR_LOOPBACK)};
	char ip4[INET_ADDRSTRLEN], ip6[INET6_ADDRSTRLEN];
	bool lo = lab->medium == LAB_LO;

	inet_ntop(AF_INET, lo ? &lo4 : &h->ip4, ip4, sizeof ip4);
	inet_ntop(AF_INET6, lo ? &in6addr_loopback : &h->ip6, ip6, sizeof ip6);
	fprintf(f, "%s\t%s\n%s\t" SIX "%s\n", ip4, h->name, ip6, h->name);
}

static bool
is_of_lab(const struct lab_info *lab, const char *name)
{
	if (strncasecmp(name, SIX, strlen(SIX)) == 0)
		name += strlen(SIX);
	for (size_t i = 0; i < lab->count; i++)
		if (strcasecmp(name, lab->hosts[i].name) == 0)
			return true;
	return false;
}

/* A line of hosts(5): an address, and names up to a '#'. */
static bool
names_one_of_lab(const struct lab_info *lab, const char *line)
{
	char *copy = strndup(line, strcspn(line, "#")), *rest = NULL;
	bool found = false;

	if (copy == NULL || strtok_r(copy, " \t\n", &rest) == NULL) {
		free(copy);
		return false;
	}
	for (const char *name;
	     !found && (name = strtok_r(NULL, " \t\n", &rest)) != NULL;)
		found = is_of_lab(lab, name);
	free(copy);
	return found;
}

static void
write_rest(FILE *f, const struct lab_info *lab)
{
	FILE *own = fopen(HOSTS, "re");
	char *line = NULL;
	size_t size = 0;

	while (own != NULL && getline(&line, &size, own) >= 0)
		if (!names_one_of_lab(lab, line))
			fputs(line, f);
	free(line);
	if (own != NULL)
		fclose(own);
}

char *
lab_names(const struct lab_info *lab)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return NULL;
	for (size_t i = 0; i < lab->count; i++)
		write_host(f, lab, i);
	write_rest(f, lab);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

/* ---- before the eyes of programs ---- */

static int
write_made(const char *text)
{
	int fd = open(MADE, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
	int rc = fd < 0 ? -errno : 0;
	size_t left = strlen(text);

	while (rc == 0 && left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0) {
			rc = -errno;
			break;
		}
		text += n;
		left -= (size_t)n;
	}
	if (fd < 0)
		return rc;
	fchmod(fd, 0644); /* whatever the umask */
	close(fd);
	return rc;
}

/* What is mounted outside later still appears; what we mount stays with us. */
static int
move_to_own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -errno;
	return 0;
}

int
lab_names_show(const char *names)
{
	int rc = move_to_own_mounts();

	if (rc == 0 && mount(SOURCE, PLACE, "tmpfs",
			   MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		rc = -errno;
	if (rc < 0)
		return rc;
	rc = write_made(names);
	/* The file lives on without a path once it is mounted. */
	if (rc == 0 && mount(MADE, HOSTS, NULL, MS_BIND, NULL) < 0)
		rc = -errno;
	umount2(PLACE, MNT_DETACH);
	return rc;
}

bool
lab_here(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	bool here = false;

	while (!here && mounts != NULL && (m = getmntent(mounts)) != NULL)
		here = strcmp(m->mnt_fsname, SOURCE) == 0 &&
		       strcmp(m->mnt_dir, HOSTS) == 0;
	if (mounts != NULL)
		endmntent(mounts);
	return here;
}
