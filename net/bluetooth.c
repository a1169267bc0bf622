#include "net/bluetooth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Bluetooth Assigned Numbers s2.8.1: bits 8 to 12, the major device class. */
const char *
bluetooth_class_name(uint32_t device_class)
{
	static const char *const names[] = {"", "computer", "phone",
	    "network access point", "audio/video", "peripheral", "imaging",
	    "wearable", "toy", "health"};
	uint32_t major = device_class >> 8 & 0x1f;

	return major < sizeof names / sizeof *names ? names[major] : "";
}

static const char *
why_no_record_server(int error)
{
	switch (error) {
	case ENOENT:
		return "this machine's SDP server does not run: it is "
		       "`bluetoothd --compat`, and it leaves /run/sdp";
	case EACCES:
	case EPERM:
		return "/run/sdp, the socket of this machine's SDP server, is "
		       "for root alone: `sudo chmod o+rw /run/sdp`";
	default:
		return NULL;
	}
}

static const char *
why_no_record(int error)
{
	switch (error) {
	case EHOSTDOWN:
		return "it does not answer: it is switched off, or out of "
		       "range (about 10 m)";
	case ECONNREFUSED:
		return "it refuses SDP: no SDP server runs there; name the "
		       "channel, as in AA:BB:CC:DD:EE:FF/1";
	case EHOSTUNREACH:
		return "no adapter of this machine leads there: "
		       "`bluetoothctl power on`";
	case ETIMEDOUT:
		return "it has stopped answering";
	default:
		return NULL;
	}
}

const char *
bluetooth_why(char dst[BLUETOOTH_WHY_MAX], enum bluetooth_step where, int error,
    const struct bdaddr *peer)
{
	char device[BDADDR_TEXT_MAX] = "";
	const char *why = NULL;

	if (peer != NULL)
		bdaddr_format(device, peer);
	switch (where) {
	case BLUETOOTH_BUILD:
		why = "this sockdeck was built without libbluetooth: install "
		      "libbluetooth-dev and build it again";
		break;
	case BLUETOOTH_KERNEL:
		why = error == EPERM || error == EACCES
			  ? "Bluetooth sockets are forbidden here, as in many "
			    "containers: run sockdeck outside of it"
			  : "this kernel has no Bluetooth: RFCOMM cannot be "
			    "used on this machine, TCP can";
		break;
	case BLUETOOTH_NO_ADAPTER:
		why = "there is no Bluetooth adapter, or none is switched on: "
		      "plug one in, `rfkill unblock bluetooth`, "
		      "`bluetoothctl power on`";
		break;
	case BLUETOOTH_SDP_LOCAL:
		why = why_no_record_server(error);
		break;
	case BLUETOOTH_SDP_CONNECT:
		why = why_no_record(error);
		break;
	case BLUETOOTH_INQUIRY:
		why = error == EBUSY
			  ? "another program is looking for devices already"
			  : NULL;
		break;
	case BLUETOOTH_SDP_QUERY:
	case BLUETOOTH_NOWHERE:
		break;
	}
	snprintf(dst, BLUETOOTH_WHY_MAX, "%s%s%s", device,
	    peer != NULL ? ": " : "",
	    why != NULL ? why : strerrordesc_np(error));
	return dst;
}
