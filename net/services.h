/*
 * net/services.h - every service; they are defined in net/service_*.c.
 */
#ifndef SOCKDECK_NET_SERVICES_H
#define SOCKDECK_NET_SERVICES_H

#include "net/service.h"

extern const struct service service_echo;
extern const struct service service_hello;
extern const struct service service_greet;
extern const struct service service_reply;
extern const struct service service_line;
extern const struct service service_chat;
extern const struct service service_http;
extern const struct service service_sink;
extern const struct service service_chargen;
extern const struct service service_daytime;
extern const struct service service_telemetry;
extern const struct service service_struct;
extern const struct service service_thermal;

/* What the struct service unpacks, and what it answers. */
const char *service_struct_format(const struct service_options *o);
#define SERVICE_STRUCT_ANSWER "!Qd"

/* Bytes without the line ending that a terminal client adds. */
size_t service_without_ending(const uint8_t *data, size_t len);

#endif
