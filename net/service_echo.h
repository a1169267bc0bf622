/*
 * net/service_echo.h - sends back whatever it receives (RFC 862).
 */
#ifndef SOCKDECK_NET_SERVICE_ECHO_H
#define SOCKDECK_NET_SERVICE_ECHO_H

#include "net/service.h"

extern const struct service service_echo;

#endif
