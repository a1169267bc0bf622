#include <sys/socket.h>

#include "bt/bt_impl.h"

bool
bt_answer(int fd, const struct bluetooth_answer *k)
{
	return send(fd, k, sizeof *k, MSG_NOSIGNAL) == sizeof *k;
}

void
bt_done(int fd)
{
	bt_answer(fd, &(struct bluetooth_answer){.kind = BLUETOOTH_DONE});
}

void
bt_failed(int fd, enum bluetooth_step where, int error)
{
	bt_answer(
	    fd, &(struct bluetooth_answer){
		    .kind = BLUETOOTH_FAILED, .where = where, .error = error});
}

void
bt_work(int fd, const void *request, size_t n)
{
	struct bluetooth_request q;

	if (n != sizeof q)
		return;
	memcpy(&q, request, sizeof q);
	q.name[sizeof q.name - 1] = '\0';
	switch (q.question) {
	case BLUETOOTH_ADAPTERS:
		bt_adapters(fd);
		break;
	case BLUETOOTH_DISCOVER:
		bt_discover(fd, &q);
		break;
	case BLUETOOTH_FIND:
		bt_find(fd, &q);
		break;
	case BLUETOOTH_REGISTER:
		bt_register(fd, &q);
		break;
	}
}

#if !BT_BUILT
void
bt_adapters(int fd)
{
	bt_failed(fd, BLUETOOTH_BUILD, ENOSYS);
}

void
bt_discover(int fd, const struct bluetooth_request *q)
{
	(void)q;
	bt_failed(fd, BLUETOOTH_BUILD, ENOSYS);
}

void
bt_find(int fd, const struct bluetooth_request *q)
{
	(void)q;
	bt_failed(fd, BLUETOOTH_BUILD, ENOSYS);
}

void
bt_register(int fd, const struct bluetooth_request *q)
{
	(void)q;
	bt_failed(fd, BLUETOOTH_BUILD, ENOSYS);
}
#endif
