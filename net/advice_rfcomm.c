#include "net/advice_rfcomm.h"

#include <errno.h>

#define KIND(kind) (1U << CALL_##kind)
#define TRANSFER (KIND(SEND) | KIND(RECV))

/* The first line that fits. */
static const struct {
	unsigned kinds;
	int error;
	const char *text;
} reasons[] = {
    {KIND(SOCKET), EAFNOSUPPORT,
	"This kernel has no Bluetooth, so RFCOMM cannot be used on this "
	"machine. The same goes over TCP: :thermal, or :serve echo tcp."},
    {KIND(SOCKET), EPROTONOSUPPORT,
	"The kernel's Bluetooth has no RFCOMM: `sudo modprobe rfcomm`. The "
	"same goes over TCP: :thermal, or :serve echo tcp."},
    {KIND(SOCKET), EPERM,
	"Bluetooth sockets are forbidden here, as in many containers: run "
	"sockdeck outside of it, or take TCP."},
    {KIND(BIND) | KIND(LISTEN), EADDRINUSE,
	"Another server has the channel of {addr}: stop that one, or leave the "
	"channel out to get a free one."},
    {KIND(BIND), EADDRNOTAVAIL,
	"{addr} is no adapter of this machine: :bluetooth lists them."},
    {KIND(LISTEN), EINVAL,
	"All 30 channels are taken: stop another RFCOMM server."},
    {KIND(CONNECT), EHOSTUNREACH,
	"No adapter leads to {addr}: there is none, or none is switched on. "
	"`rfkill unblock bluetooth`, `bluetoothctl power on`; without an "
	"adapter take TCP."},
    {KIND(CONNECT), EHOSTDOWN,
	"{addr} does not answer: it is switched off, or out of range (about "
	"10 m). :discover looks for the devices around."},
    {KIND(CONNECT), ECONNREFUSED,
	"The device is there, but nobody listens on that channel of {addr}: "
	"start its server, or leave the channel out to ask which one it is. Or "
	"its server asks for a pairing: `bluetoothctl pair` the device first."},
    {KIND(CONNECT), EPERM,
	"Pairing was refused or has failed: `bluetoothctl pair` the device "
	"first, or ask for less (security=low on the server)."},
    {KIND(CONNECT), EBUSY,
	"This machine has a connection to that channel of {addr} already, and "
	"there can be one from each adapter: close it first."},
    {KIND(CONNECT), ECONNRESET,
	"{addr} has ended the connection before it was one: it has no room for "
	"another, or its last one is still being taken down."},
    {KIND(CONNECT), EINPROGRESS,
	"No connection to {addr} within the time that SO_SNDTIMEO allows."},
    {KIND(CONNECT), ETIMEDOUT,
	"{addr} did not answer in time: it is at the edge of the range, or "
	"busy."},
    {KIND(CONNECT), EINTR,
	"connect() was interrupted: its socket is closed, connect again."},
    {TRANSFER, ECONNRESET,
	"The peer has closed (DISC), or was killed. RFCOMM has no FIN: recv() "
	"says ECONNRESET where TCP's returns 0. Stop here: a second recv() "
	"would block for ever."},
    {TRANSFER, ETIMEDOUT,
	"The radio link is lost (supervision timeout): out of range, switched "
	"off, or cut. Connect again; a server goes back to accept()."},
    {TRANSFER, ECONNABORTED,
	"This machine's own adapter has gone down: `bluetoothctl power on`, "
	"then connect again."},
    {TRANSFER, ENOTCONN,
	"This connection is over: after the first error of recv() it is to be "
	"closed."},
};

const char *
advice_rfcomm(enum call_kind kind, int error, bool *ret_end)
{
	/* The kernel says either, and means the same. */
	int like = error == -EACCES ? EPERM : -error;

	*ret_end = kind == CALL_RECV && error == -ECONNRESET;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if ((reasons[i].kinds >> kind & 1) != 0 &&
		    reasons[i].error == like)
			return reasons[i].text;
	return NULL;
}
