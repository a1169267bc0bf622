#include "bt/bt_impl.h"

#if BT_BUILT
#include <bluetooth/bluetooth.h>
#include <bluetooth/sdp.h>
#include <bluetooth/sdp_lib.h>
#include <poll.h>
#include <unistd.h>

#include "net/outside.h"

/* ---- finding ---- */

/* The kernel's choice: sdp_connect() takes no NULL. */
static bdaddr_t
address(const struct bdaddr *d)
{
	bdaddr_t a;

	memcpy(&a, d, sizeof a);
	return a;
}

/* 0: no RFCOMM in it. */
static uint8_t
channel_of(const sdp_record_t *record)
{
	sdp_list_t *protocols = NULL;
	int channel = 0;

	if (sdp_get_access_protos(record, &protocols) == 0)
		channel = sdp_get_proto_port(protocols, RFCOMM_UUID);
	return channel > 0 && channel <= RFCOMM_CHANNEL_MAX ? (uint8_t)channel
							    : 0;
}

static void
tell_services(int fd, sdp_list_t *records)
{
	for (; records != NULL; records = records->next) {
		struct bluetooth_answer k = {.kind = BLUETOOTH_SERVICE,
		    .channel = channel_of(records->data)};

		if (sdp_get_service_name(records->data, k.name, sizeof k.name) <
		    0)
			k.name[0] = '\0';
		k.name[sizeof k.name - 1] = '\0';
		if (k.channel != 0 && !bt_answer(fd, &k))
			return;
	}
}

void
bt_find(int fd, const struct bluetooth_request *q)
{
	bdaddr_t from = address(&q->adapter), to = address(&q->device);
	uint32_t all = 0xffff; /* attributes from 0 to this */
	sdp_list_t *attributes, *classes, *records = NULL;
	sdp_session_t *session;
	uuid_t serial;

	outside_end_with_asker(fd);
	session = sdp_connect(&from, &to, SDP_RETRY_IF_BUSY);
	if (session == NULL) {
		bt_failed(fd,
		    errno == EAFNOSUPPORT ? BLUETOOTH_KERNEL
					  : BLUETOOTH_SDP_CONNECT,
		    errno);
		return;
	}
	sdp_uuid16_create(&serial, BLUETOOTH_SERIAL_PORT);
	classes = sdp_list_append(NULL, &serial);
	attributes = sdp_list_append(NULL, &all);
	if (sdp_service_search_attr_req(session, classes, SDP_ATTR_REQ_RANGE,
		attributes, &records) < 0) {
		bt_failed(fd, BLUETOOTH_SDP_QUERY, errno);
		return;
	}
	tell_services(fd, records);
	bt_done(fd);
}

/* ---- registering ---- */

/* The lists and data are the record's, or live as long as this process. */
static sdp_record_t *
serial_port_record(uint8_t channel, const char *name)
{
	static uuid_t root, l2cap, rfcomm, serial;
	static sdp_profile_desc_t profile = {.version = 0x0100};
	sdp_record_t *record = sdp_record_alloc();
	sdp_list_t *stack, *lower, *upper;

	if (record == NULL)
		return NULL;
	sdp_uuid16_create(&serial, BLUETOOTH_SERIAL_PORT);
	sdp_set_service_classes(record, sdp_list_append(NULL, &serial));
	sdp_uuid16_create(&profile.uuid, BLUETOOTH_SERIAL_PORT);
	sdp_set_profile_descs(record, sdp_list_append(NULL, &profile));
	sdp_uuid16_create(&root, PUBLIC_BROWSE_GROUP);
	sdp_set_browse_groups(record, sdp_list_append(NULL, &root));
	sdp_uuid16_create(&l2cap, L2CAP_UUID);
	lower = sdp_list_append(NULL, &l2cap);
	sdp_uuid16_create(&rfcomm, RFCOMM_UUID);
	upper = sdp_list_append(NULL, &rfcomm);
	sdp_list_append(upper, sdp_data_alloc(SDP_UINT8, &channel));
	stack = sdp_list_append(sdp_list_append(NULL, lower), upper);
	sdp_set_access_protos(record, sdp_list_append(NULL, stack));
	sdp_set_info_attr(record, name, "sockdeck", "a server of sockdeck's");
	return record;
}

/* It stays until the asker closes: bluetoothd drops the records of a client
 * that is gone. */
static void
wait_for_asker(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (poll(&p, 1, -1) < 0)
		;
}

void
bt_register(int fd, const struct bluetooth_request *q)
{
	bdaddr_t adapter = address(&q->adapter);
	sdp_record_t *record;
	sdp_session_t *session;

	outside_end_with_asker(fd);
	session = sdp_connect(BDADDR_ANY, BDADDR_LOCAL, SDP_RETRY_IF_BUSY);
	record = serial_port_record(q->channel, q->name);
	if (session == NULL || record == NULL ||
	    sdp_device_record_register(session, &adapter, record, 0) < 0) {
		bt_failed(fd, BLUETOOTH_SDP_LOCAL, errno);
		return;
	}
	bt_done(fd);
	wait_for_asker(fd);
}
#endif
