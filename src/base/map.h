/* base/map.h - hash maps from bytes, or from a pair of 64-bit integers, to pointers.
 *
 * Open addressing, grown by doubling, no deletion marks left behind (backward shift).  The values
 * are borrowed.  Bytes keys are copied into the map.  Iteration order is unspecified but depends
 * only on the history of operations, so a simulation repeats exactly.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/mem.h"

struct map_entry;
struct map {                       /* keys are bytes */
    struct map_entry *entries_;
    size_t cap_, len;
};
void map_init(struct map *m);
void map_done(struct map *m);
void *map_get(const struct map *m, struct str key);              /* NULL when absent */
/* Set key to value (not NULL); returns the value it replaced, or NULL. */
void *map_put(struct map *m, struct str key, void *value);
void *map_remove(struct map *m, struct str key);                 /* the removed value or NULL */
/* Iterate: size_t at = 0; while (map_next(&m, &at, &key, &value)) ...  No changes meanwhile. */
bool map_next(const struct map *m, size_t *at, struct str *ret_key, void **ret_value);

struct pair_key { uint64_t a, b; };
struct pair_map_entry;
struct pair_map {
    struct pair_map_entry *entries_;
    size_t cap_, len;
};
void pair_map_init(struct pair_map *m);
void pair_map_done(struct pair_map *m);
/* Nothing is in it any more; its room is kept, unless little of it was used. */
void pair_map_clear(struct pair_map *m);
void *pair_map_get(const struct pair_map *m, struct pair_key key);
void *pair_map_put(struct pair_map *m, struct pair_key key, void *value);
void *pair_map_remove(struct pair_map *m, struct pair_key key);
bool pair_map_next(const struct pair_map *m, size_t *at, struct pair_key *ret_key,
                   void **ret_value);

uint64_t hash_bytes(const void *ptr, size_t len);
uint64_t hash_u64(uint64_t x);

#endif
