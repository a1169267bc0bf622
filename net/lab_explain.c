#include "net/lab.h"

#include <errno.h>
#include <stdlib.h>

#define ANY 0

/* What was refused. */
static const char *const refused[LAB_STEPS] = {
    [LAB_ALONE] = "other threads run in this process already",
    [LAB_FORK] = "no process could be made",
    [LAB_UNSHARE] = "the kernel refused new namespaces",
    [LAB_SETGROUPS] = "/proc/self/setgroups could not be written",
    [LAB_UID_MAP] = "/proc/self/uid_map could not be written",
    [LAB_GID_MAP] = "/proc/self/gid_map could not be written",
    [LAB_LO_UP] = "the new loopback interface could not be set up",
    [LAB_FIND] = "there is no such process",
    [LAB_JOIN] = "the namespaces could not be entered",
    [LAB_HOST] = "the kernel refused another network namespace",
    [LAB_OPEN_TUN] = "/dev/net/tun could not be opened",
    [LAB_MAKE_TUN] = "the TUN device could not be made",
    [LAB_MAKE_VETH] = "the veth pair could not be made",
    [LAB_OPEN_PACKET] = "the AF_PACKET socket could not be made",
    [LAB_ETH_UP] = "eth0 could not be set up",
};

#define USERNS_SYSCTLS                                                    \
	"Allow it with `sudo sysctl kernel.unprivileged_userns_clone=1` " \
	"(Debian); in a container or a chroot, start that without its "   \
	"seccomp filter."
#define APPARMOR                                                             \
	"AppArmor seems to forbid it (Ubuntu): `sudo sysctl "                \
	"kernel.apparmor_restrict_unprivileged_userns=0`, or give sockdeck " \
	"a profile that says `userns,`."
#define PROC "Is /proc mounted, and writable?"

/* What to do about it: the first line that fits. */
static const struct advice {
	enum lab_step step;
	int code;
	const char *text;
} advices[] = {
    {LAB_ALONE, ANY, "The lab must be entered first of all."},
    {LAB_FORK, ANY, "Too many processes, or no memory: see `ulimit -u`."},
    {LAB_UNSHARE, ENOSPC,
	"The number allowed is used up: `sudo sysctl "
	"user.max_user_namespaces=10000 user.max_net_namespaces=10000`."},
    {LAB_UNSHARE, EUSERS,
	"Namespaces are nested too deep: start it further outside."},
    {LAB_UNSHARE, EPERM, USERNS_SYSCTLS},
    {LAB_UNSHARE, EACCES, APPARMOR},
    {LAB_UNSHARE, EINVAL,
	"This kernel was built without them (CONFIG_USER_NS, "
	"CONFIG_NET_NS)."},
    {LAB_UNSHARE, ENOSYS, USERNS_SYSCTLS},
    {LAB_UNSHARE, ENOMEM, "The kernel has no memory for them."},
    {LAB_SETGROUPS, EPERM, APPARMOR},
    {LAB_SETGROUPS, EACCES, APPARMOR},
    {LAB_SETGROUPS, ANY, PROC},
    {LAB_UID_MAP, EPERM, APPARMOR},
    {LAB_UID_MAP, EACCES,
	"Either AppArmor forbids it (`sudo sysctl "
	"kernel.apparmor_restrict_unprivileged_userns=0`), or the process "
	"is not dumpable: start sockdeck without set-user-ID."},
    {LAB_UID_MAP, ANY, PROC},
    {LAB_GID_MAP, EPERM, APPARMOR},
    {LAB_GID_MAP, EACCES, APPARMOR},
    {LAB_GID_MAP, ANY, PROC},
    {LAB_LO_UP, EPERM, APPARMOR},
    {LAB_LO_UP, EACCES, APPARMOR},
    {LAB_FIND, EACCES,
	"It belongs to another user: join as that user, or as root."},
    {LAB_FIND, EPERM,
	"It belongs to another user: join as that user, or as root."},
    {LAB_FIND, ANY, "Its console has ended; start `sockdeck` again."},
    {LAB_JOIN, EPERM,
	"They belong to another user (join as that user, or as root); or this "
	"is a shell in that lab, which needs no `exec`; or a seccomp filter "
	"forbids setns()."},
    {LAB_JOIN, ESRCH, "The process has ended; start `sockdeck` again."},
    {LAB_JOIN, ENOSYS, "It takes Linux 5.8."},
    {LAB_HOST, ENOSPC,
	"The number allowed is used up: `sudo sysctl "
	"user.max_net_namespaces=10000`."},
    {LAB_HOST, ANY, "Two hosts take two of them."},
    {LAB_OPEN_TUN, EACCES,
	"`sudo chmod 666 /dev/net/tun` opens it to everyone, as it is on "
	"Debian."},
    {LAB_OPEN_TUN, EPERM, "A container must be given that device."},
    {LAB_OPEN_TUN, ENOENT,
	"A container must be given that device; elsewhere `sudo modprobe "
	"tun` makes it."},
    {LAB_OPEN_TUN, ENODEV, "This kernel has none: `sudo modprobe tun`."},
    {LAB_OPEN_TUN, ANY, "`sudo modprobe tun` may help."},
    {LAB_MAKE_TUN, ANY, "A security policy may forbid it."},
    {LAB_MAKE_VETH, EOPNOTSUPP, "This kernel has none: `sudo modprobe veth`."},
    {LAB_MAKE_VETH, ANY, "`sudo modprobe veth` may help."},
    {LAB_OPEN_PACKET, ANY,
	"`sudo modprobe af_packet` may help, or a seccomp filter forbids it."},
    {LAB_ETH_UP, ANY, "A security policy may forbid it."},
};

static const char *
find_advice(enum lab_step step, int code)
{
	for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
		if (advices[i].step == step &&
		    (advices[i].code == ANY || advices[i].code == code))
			return advices[i].text;
	return "This is unexpected: please report it.";
}

/* What a lab is without. */
static const char *
lacking(enum lab_step step)
{
	switch ((int)step) {
	case LAB_OPEN_TUN:
	case LAB_MAKE_TUN:
		return "No TUN";
	case LAB_MAKE_VETH:
	case LAB_OPEN_PACKET:
		return "No veth";
	default:
		return "No second host";
	}
}

int
lab_explain(enum lab_step step, int code, struct err *err)
{
	/* Of what follows, the lab can do without. */
	if (step >= LAB_HOST)
		return err_set(err, code, "%s: %s (%s). %s", lacking(step),
		    refused[step], err_name(code),
		    find_advice(step, abs(code)));
	return err_set(err, code,
	    "No lab: %s (%s). %s `sockdeck --host` works without a lab.",
	    refused[step], err_name(code), find_advice(step, abs(code)));
}
