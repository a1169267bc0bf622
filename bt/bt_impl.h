/*
 * bt/bt_impl.h - what the parts of bt/ share. For the files of bt/ only.
 */
#ifndef SOCKDECK_BT_BT_IMPL_H
#define SOCKDECK_BT_BT_IMPL_H

#include <errno.h>
#include <string.h>

#include "bt/bt.h"
#include "net/bluetooth.h"

#if __has_include(<bluetooth/bluetooth.h>)
#define BT_BUILT 1
#else
#define BT_BUILT 0
#endif

/* Send one answer. False: the asker is gone. */
bool bt_answer(int fd, const struct bluetooth_answer *k);
void bt_done(int fd);
/* The last answer: errno error, at this step. */
void bt_failed(int fd, enum bluetooth_step where, int error);

/* Each answers its request to the end. */
void bt_adapters(int fd);
void bt_discover(int fd, const struct bluetooth_request *q);
void bt_find(int fd, const struct bluetooth_request *q);
void bt_register(int fd, const struct bluetooth_request *q);

#endif
