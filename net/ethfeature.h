/*
 * net/ethfeature.h - what an interface does in the kernel's place, by the names
 * of `ethtool -k`: tx-tcp-segmentation, tx-udp-segmentation ...
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: linux/ethtool.h: ETHTOOL_GFEATURES, ETHTOOL_SFEATURES.
 */
#ifndef SOCKDECK_NET_ETHFEATURE_H
#define SOCKDECK_NET_ETHFEATURE_H

#include <stdbool.h>

/* 0 or -errno; -ENOENT: the kernel does not know the feature. */
int ethfeature_set(const char *interface, const char *feature, bool on);
/* Has an interface of this network namespace that is up it switched on? */
bool ethfeature_any(const char *feature);

#endif
