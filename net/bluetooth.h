/*
 * net/bluetooth.h - what is asked of Bluetooth beside sockets, and the answers.
 *
 * Asked by outside_ask() (net/outside.h), carried out by bt_work() (bt/bt.h) in
 * a process of its own: adapters, the devices around, and the SDP records that
 * say on which RFCOMM channel a service listens. Both ends are this program,
 * so the messages are these structures.
 *
 * Owns:   nothing; values.  Thread: any.  Blocks: never.
 * Source: Bluetooth Core, Vol 3 Part B (SDP), Vol 2 Part E (HCI).
 */
#ifndef SOCKDECK_NET_BLUETOOTH_H
#define SOCKDECK_NET_BLUETOOTH_H

#include <stdbool.h>
#include <stdint.h>

#include "net/bdaddr.h"

#define BLUETOOTH_NAME_MAX \
	249 /* a device's name: 248 bytes of UTF-8, and NUL */
#define BLUETOOTH_SERIAL_PORT 0x1101 /* the class of what RFCOMM is used for */
#define BLUETOOTH_DISCOVER_S 10 /* an inquiry; 61 at most */

enum bluetooth_question {
	BLUETOOTH_ADAPTERS, /* answers: each ADAPTER, then DONE */
	BLUETOOTH_DISCOVER, /* each DEVICE, again when more is known; DONE */
	BLUETOOTH_FIND, /* each SERVICE of the class at device, then DONE */
	BLUETOOTH_REGISTER, /* DONE; the record stays until the asker closes */
};

struct bluetooth_request {
	enum bluetooth_question question;
	struct bdaddr adapter; /* any: the kernel chooses */
	struct bdaddr device;
	int seconds; /* DISCOVER: how long to look */
	uint8_t channel; /* REGISTER */
	char name[64]; /* REGISTER: of the service */
};

enum bluetooth_answer_kind {
	BLUETOOTH_ADAPTER, /* id, address, name, up, discoverable */
	BLUETOOTH_DEVICE, /* address, name ("" yet), rssi, device_class */
	BLUETOOTH_SERVICE, /* channel, name */
	BLUETOOTH_DONE,
	BLUETOOTH_FAILED, /* error; where: which step */
};

enum bluetooth_step {
	BLUETOOTH_NOWHERE,
	BLUETOOTH_BUILD, /* this program was built without libbluetooth */
	BLUETOOTH_KERNEL, /* the kernel has no Bluetooth */
	BLUETOOTH_NO_ADAPTER, /* none, or none that is up */
	BLUETOOTH_INQUIRY,
	BLUETOOTH_SDP_CONNECT, /* to the other device's SDP server */
	BLUETOOTH_SDP_LOCAL, /* to this machine's own */
	BLUETOOTH_SDP_QUERY,
};

struct bluetooth_answer {
	enum bluetooth_answer_kind kind;
	enum bluetooth_step where;
	int error; /* errno */
	int id; /* N of hciN */
	bool up, connectable, discoverable, has_rssi;
	int8_t rssi; /* dBm */
	uint32_t device_class; /* 24 bits */
	struct bdaddr address;
	uint8_t channel;
	char name[BLUETOOTH_NAME_MAX]; /* untrusted bytes, NUL-terminated */
};

/* What a device says that it is: "phone", "computer", "" for nothing. */
const char *bluetooth_class_name(uint32_t device_class);
#define BLUETOOTH_WHY_MAX 256
/* Why an answer is FAILED, and what to do, as a sentence without its full
 * stop; peer: the device asked, or NULL. */
const char *bluetooth_why(char dst[BLUETOOTH_WHY_MAX],
    enum bluetooth_step where, int error, const struct bdaddr *peer);

#endif
