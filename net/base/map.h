/*
 * net/base/map.h - a hash map from a key of fixed size to a 32-bit id.
 *
 * Open addressing with linear probing; deleting closes the gap, so there are
 * no tombstones. Values are ids and never pointers: models hand out ids.
 *
 * Owns:   copies of the keys.  Thread: one at a time.  Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_MAP_H
#define SOCKDECK_NET_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;

/* NULL: no memory. Keys are compared as bytes: zero their padding. */
struct map *map_new(size_t key_len);
void map_free(struct map *m);
size_t map_count(const struct map *m);
void map_clear(struct map *m);

bool map_get(const struct map *m, const void *key, uint32_t *ret_value);
/* Insert or replace. 0, or -ENOMEM with the map unchanged; replacing never
 * fails. */
int map_put(struct map *m, const void *key, uint32_t value);
/* False: there was no such key. */
bool map_del(struct map *m, const void *key);

/* FNV-1a, 64 bit: not for hostile keys. */
uint64_t map_hash(const void *data, size_t n);

#endif
