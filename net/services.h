/*
 * net/services.h - every service; each is defined in net/service_NAME.c.
 */
#ifndef SOCKDECK_NET_SERVICES_H
#define SOCKDECK_NET_SERVICES_H

#include "net/service.h"

extern const struct service service_echo;

#endif
