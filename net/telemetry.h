/*
 * net/telemetry.h - the readings that telemetry clients have sent, for display.
 *
 * The service (net/service_telemetry.c) reports each message as it takes or
 * refuses it; this model of the main thread makes curves of them. Counts are
 * sums of the service's, so a lost report costs a point of a curve, no more.
 *
 * Owns:   the latest TELEMETRY_POINTS values of each sensor.
 * Bounds: TELEMETRY_PEERS clients (who was heard least lately leaves first),
 *         TELEMETRY_SENSORS sensors each, of which the service takes no more.
 * Thread: main.  Blocks: never.
 */
#ifndef SOCKDECK_NET_TELEMETRY_H
#define SOCKDECK_NET_TELEMETRY_H

#include "net/call.h"
#include "net/proto/telemetry.h"

#define TELEMETRY_PEERS 32
#define TELEMETRY_SENSORS 16
#define TELEMETRY_POINTS 512

/* What became of one client's messages. */
struct telemetry_counts {
	uint64_t received; /* readings, each once */
	uint64_t lost, duplicated, reordered, refused;
};

/* About one message. */
struct telemetry_report {
	struct telemetry_counts counts;
	uint8_t fault; /* it was refused for this; what follows is undefined */
	bool again; /* a duplicate: no new point */
	uint16_t sensor, period_ms;
	uint32_t count; /* of that sensor's readings */
	double mean;
	struct telemetry_value value;
};

struct telemetry_sensor {
	uint16_t id;
	struct telemetry_value last;
	uint32_t count;
	double mean;
	/* Point i of the curve is points[i % TELEMETRY_POINTS]. */
	uint64_t end; /* points so far */
	double points[TELEMETRY_POINTS];
};

struct telemetry_peer {
	uint32_t number; /* from 1 in order of appearance */
	uint32_t sock; /* its connection, or the server's datagram socket */
	struct addr addr;
	bool closed; /* its connection is */
	uint64_t heard; /* when, counted in reports */
	struct telemetry_counts counts;
	uint16_t period_ms;
	uint8_t fault; /* of the last refused message */
	size_t sensor_count;
	struct telemetry_sensor *sensors[TELEMETRY_SENSORS];
};

struct telemetry;

struct telemetry *telemetry_new(void);
void telemetry_free(struct telemetry *t);
/* Takes what is a report of telemetry in these calls; a new server (group)
 * begins with nothing. */
void telemetry_feed(struct telemetry *t, const struct call *c);
/* In order of appearance; NULL past the last. */
const struct telemetry_peer *telemetry_peer(
    const struct telemetry *t, size_t i);
/* Changes whenever something was taken. */
uint64_t telemetry_gen(const struct telemetry *t);

#endif
