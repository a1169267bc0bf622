#include "bt/bt_impl.h"

#if BT_BUILT
#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <bluetooth/hci_lib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/base/bytes.h"
#include "net/base/clock.h"
#include "net/outside.h"

#define DEVICES_MAX 255
#define UNIT_MS 1280 /* an inquiry is measured in units of 1.28 s */
#define NAME_MS 5000 /* the page timeout of the device's */
/* Extended inquiry response: tagged fields (Supplement Part A s1.2). */
#define EIR_NAME_SHORT 0x08
#define EIR_NAME 0x09

struct device {
	struct bluetooth_answer answer;
	uint8_t page_mode;
	uint16_t clock_offset;
};

struct inquiry {
	int fd; /* the asker */
	int hci;
	struct device device[DEVICES_MAX];
	size_t count;
};

/* ---- what the controller says ---- */

static struct device *
find_device(struct inquiry *q, const struct bdaddr *address)
{
	struct device *d;

	for (size_t i = 0; i < q->count; i++)
		if (memcmp(&q->device[i].answer.address, address,
			sizeof *address) == 0)
			return &q->device[i];
	if (q->count == DEVICES_MAX)
		return NULL;
	d = &q->device[q->count++];
	d->answer = (struct bluetooth_answer){
	    .kind = BLUETOOTH_DEVICE, .address = *address};
	return d;
}

static void
take_name(struct bluetooth_answer *k, struct rd eir)
{
	while (rd_left(&eir) > 1) {
		size_t n = rd_u8(&eir);
		struct rd field = rd_sub(&eir, n);
		uint8_t type = rd_u8(&field);
		size_t len = n > 0 ? n - 1 : 0;

		if (n == 0)
			return;
		if (len >= sizeof k->name)
			len = sizeof k->name - 1;
		if (type == EIR_NAME || type == EIR_NAME_SHORT) {
			memset(k->name, 0, sizeof k->name);
			rd_copy(&field, k->name, len);
		}
	}
}

static uint32_t
rd_class(struct rd *r)
{
	uint32_t low = rd_le16(r);

	return low | (uint32_t)rd_u8(r) << 16;
}

/*
 * The three events that name devices: plain, with RSSI, and extended, which is
 * one device with RSSI and tagged fields (Core Vol 4 Part E s7.7.2, s7.7.33,
 * s7.7.38).
 */
static void
take_device(struct inquiry *q, uint8_t event, struct rd *r)
{
	bool rssi = event != EVT_INQUIRY_RESULT;
	struct bdaddr address;
	struct device *d;
	struct device seen = {.answer = {.has_rssi = rssi}};

	rd_copy(r, address.byte, sizeof address.byte);
	seen.page_mode = rd_u8(r);
	rd_skip(r, rssi ? 1 : 2); /* reserved */
	seen.answer.device_class = rd_class(r);
	seen.clock_offset = rd_le16(r);
	if (rssi)
		seen.answer.rssi = (int8_t)rd_u8(r);
	d = r->state == RD_OK ? find_device(q, &address) : NULL;
	if (d == NULL)
		return;
	d->page_mode = seen.page_mode;
	d->clock_offset = seen.clock_offset;
	d->answer.device_class = seen.answer.device_class;
	d->answer.has_rssi = rssi;
	d->answer.rssi = seen.answer.rssi;
	if (event == EVT_EXTENDED_INQUIRY_RESULT)
		take_name(&d->answer, *r);
	bt_answer(q->fd, &d->answer);
}

/* One event packet. 0: go on; 1: the inquiry is over; -errno. */
static int
take_event(struct inquiry *q)
{
	uint8_t packet[HCI_MAX_EVENT_SIZE];
	ssize_t n = read(q->hci, packet, sizeof packet);
	struct rd r;
	uint8_t event, status;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	r = rd_init(packet, (size_t)n, (size_t)n);
	rd_u8(&r); /* HCI_EVENT_PKT */
	event = rd_u8(&r);
	rd_u8(&r); /* the length */
	switch (event) {
	case EVT_INQUIRY_COMPLETE:
		return 1;
	case EVT_CMD_STATUS:
		status = rd_u8(&r);
		return status == 0 ? 0 : -EBUSY;
	case EVT_INQUIRY_RESULT:
	case EVT_INQUIRY_RESULT_WITH_RSSI:
	case EVT_EXTENDED_INQUIRY_RESULT:
		for (unsigned i = rd_u8(&r); i > 0 && r.state == RD_OK; i--)
			take_device(q, event, &r);
		return 0;
	default:
		return 0;
	}
}

/* ---- the inquiry ---- */

static int
begin(struct inquiry *q, int seconds)
{
	struct hci_filter filter;
	inquiry_cp command = {.lap = {0x33, 0x8b, 0x9e}}; /* the general one */
	int units = (seconds * 1000 + UNIT_MS - 1) / UNIT_MS;

	command.length = (uint8_t)(units < 1 ? 1 : units > 48 ? 48 : units);
	hci_filter_clear(&filter);
	hci_filter_set_ptype(HCI_EVENT_PKT, &filter);
	hci_filter_set_event(EVT_CMD_STATUS, &filter);
	hci_filter_set_event(EVT_INQUIRY_COMPLETE, &filter);
	hci_filter_set_event(EVT_INQUIRY_RESULT, &filter);
	hci_filter_set_event(EVT_INQUIRY_RESULT_WITH_RSSI, &filter);
	hci_filter_set_event(EVT_EXTENDED_INQUIRY_RESULT, &filter);
	hci_filter_set_opcode(
	    htobs(cmd_opcode_pack(OGF_LINK_CTL, OCF_INQUIRY)), &filter);
	if (setsockopt(q->hci, SOL_HCI, HCI_FILTER, &filter, sizeof filter) <
		0 ||
	    hci_send_cmd(q->hci, OGF_LINK_CTL, OCF_INQUIRY, INQUIRY_CP_SIZE,
		&command) < 0)
		return -errno;
	return 0;
}

/* Until the controller says that it is over; 1: the asker has gone before. */
static int
look(struct inquiry *q, int seconds)
{
	int64_t end_ns = clock_mono_ns() + (seconds + 5) * CLOCK_S;
	int r = begin(q, seconds);

	while (r == 0) {
		struct pollfd fds[] = {{.fd = q->hci, .events = POLLIN},
		    {.fd = q->fd, .events = POLLIN}};

		poll(fds, 2, 1000);
		if (fds[1].revents != 0) {
			hci_send_cmd(
			    q->hci, OGF_LINK_CTL, OCF_INQUIRY_CANCEL, 0, NULL);
			return 1;
		}
		if (fds[0].revents != 0)
			r = take_event(q);
		else if (clock_mono_ns() > end_ns)
			r = -ETIMEDOUT;
	}
	return r < 0 ? r : 0;
}

/* Those who did not say their name with their answer are asked for it. */
static void
ask_names(struct inquiry *q)
{
	outside_end_with_asker(q->fd);
	for (size_t i = 0; i < q->count; i++) {
		struct device *d = &q->device[i];
		struct bluetooth_answer *k = &d->answer;
		bdaddr_t address;

		if (k->name[0] != '\0')
			continue;
		memcpy(&address, &k->address, sizeof address);
		if (hci_read_remote_name_with_clock_offset(q->hci, &address,
			d->page_mode, d->clock_offset | 0x8000,
			sizeof k->name - 1, k->name, NAME_MS) == 0)
			bt_answer(q->fd, k);
	}
}

/* The adapter asked for, or the kernel's choice. */
static int
find_adapter(const struct bdaddr *adapter)
{
	char text[BDADDR_TEXT_MAX];

	return bdaddr_is_any(adapter) ? hci_get_route(NULL)
				      : hci_devid(bdaddr_format(text, adapter));
}

void
bt_discover(int fd, const struct bluetooth_request *request)
{
	static struct inquiry q;
	int id = find_adapter(&request->adapter), r;

	q.fd = fd;
	q.hci = id < 0 ? -1 : hci_open_dev(id);
	if (q.hci < 0) {
		bt_failed(fd,
		    errno == EAFNOSUPPORT || errno == EPERM
			? BLUETOOTH_KERNEL
			: BLUETOOTH_NO_ADAPTER,
		    errno);
		return;
	}
	r = look(&q, request->seconds);
	if (r < 0)
		bt_failed(fd, BLUETOOTH_INQUIRY, -r);
	if (r != 0)
		return;
	ask_names(&q);
	bt_done(fd);
}
#endif
