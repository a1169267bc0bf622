#include "bt/bt_impl.h"

#if BT_BUILT
#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <bluetooth/hci_lib.h>
#include <bluetooth/rfcomm.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define NAME_MS 1000 /* our own controller's answer */

/* What net/bdaddr.h says of the kernel's structure. */
_Static_assert(sizeof(struct sockaddr_rfcomm) == sizeof(struct sockaddr_rc) &&
		   offsetof(struct sockaddr_rfcomm, channel) ==
		       offsetof(struct sockaddr_rc, rc_channel) &&
		   RFCOMM_PROTOCOL == BTPROTO_RFCOMM,
    "struct sockaddr_rfcomm is the kernel's sockaddr_rc");

/* The name it has been given; needs it to be up. */
static void
read_name(int id, char name[BLUETOOTH_NAME_MAX])
{
	int dd = hci_open_dev(id);

	if (dd < 0)
		return;
	if (hci_read_local_name(dd, BLUETOOTH_NAME_MAX - 1, name, NAME_MS) < 0)
		name[0] = '\0';
	name[BLUETOOTH_NAME_MAX - 1] = '\0';
	hci_close_dev(dd);
}

static bool
tell_adapter(int fd, int s, int id)
{
	struct hci_dev_info info = {.dev_id = (uint16_t)id};
	struct bluetooth_answer k = {.kind = BLUETOOTH_ADAPTER, .id = id};

	if (ioctl(s, HCIGETDEVINFO, &info) < 0)
		return true; /* unplugged a moment ago */
	memcpy(&k.address, &info.bdaddr, sizeof k.address);
	k.up = hci_test_bit(HCI_UP, &info.flags) != 0;
	k.connectable = hci_test_bit(HCI_PSCAN, &info.flags) != 0;
	k.discoverable = hci_test_bit(HCI_ISCAN, &info.flags) != 0;
	if (k.up)
		read_name(id, k.name);
	return bt_answer(fd, &k);
}

void
bt_adapters(int fd)
{
	struct hci_dev_list_req *list =
	    calloc(1, sizeof *list + HCI_MAX_DEV * sizeof list->dev_req[0]);
	int s = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);
	bool heard = true;

	if (s < 0 || list == NULL) {
		bt_failed(
		    fd, s < 0 ? BLUETOOTH_KERNEL : BLUETOOTH_NOWHERE, errno);
		return; /* the process ends with this */
	}
	list->dev_num = HCI_MAX_DEV;
	if (ioctl(s, HCIGETDEVLIST, list) < 0) {
		bt_failed(fd, BLUETOOTH_NO_ADAPTER, errno);
		return;
	}
	for (int i = 0; i < list->dev_num && heard; i++)
		heard = tell_adapter(fd, s, list->dev_req[i].dev_id);
	bt_done(fd);
}
#endif
