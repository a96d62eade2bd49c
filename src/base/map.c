/* base/map.c - hash maps from bytes, or from a pair of 64-bit integers, to pointers. */
#include "base/map.h"

#include <string.h>

uint64_t hash_u64(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t hash_bytes(const void *ptr, size_t len)
{
    const unsigned char *bytes = ptr;
    uint64_t hash = 0x9e3779b97f4a7c15u ^ len, word;

    for (; len >= 8; len -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        hash = hash_u64(hash ^ word) + 0x9e3779b97f4a7c15u;
    }
    word = 0;
    if (len > 0)
        memcpy(&word, bytes, len);
    return hash_u64(hash ^ word);
}

/* Both maps: linear probing, at most 3/4 full; a removal shifts back what follows it, so there are
 * no marks. */

struct map_entry {
    uint64_t hash;
    char *key;              /* owned; NULL: free place */
    size_t len;
    void *value;
};

void map_init(struct map *m)
{
    *m = (struct map){ NULL, 0, 0 };
}

void map_done(struct map *m)
{
    for (size_t i = 0; i < m->cap_; i++)
        mem_free(m->entries_[i].key);
    mem_free(m->entries_);
    map_init(m);
}

static size_t map_at(const struct map *m, uint64_t hash, struct str key)
{
    size_t at = hash & (m->cap_ - 1);

    while (m->entries_[at].key) {
        const struct map_entry *x = &m->entries_[at];
        if (x->hash == hash && str_eq(str_make(x->key, x->len), key))
            break;
        at = (at + 1) & (m->cap_ - 1);
    }
    return at;
}

void *map_get(const struct map *m, struct str key)
{
    if (m->len == 0)
        return NULL;
    return m->entries_[map_at(m, hash_bytes(key.ptr, key.len), key)].value;
}

static void map_grow(struct map *m)
{
    struct map old = *m;

    m->cap_ = old.cap_ ? old.cap_ * 2 : 16;
    m->entries_ = mem_zalloc(m->cap_ * sizeof(*m->entries_));
    for (size_t i = 0; i < old.cap_; i++) {
        const struct map_entry *x = &old.entries_[i];
        if (x->key)
            m->entries_[map_at(m, x->hash, str_make(x->key, x->len))] = *x;
    }
    mem_free(old.entries_);
}

void *map_put(struct map *m, struct str key, void *value)
{
    uint64_t hash = hash_bytes(key.ptr, key.len);

    check(value);
    if ((m->len + 1) * 4 > m->cap_ * 3)
        map_grow(m);
    struct map_entry *x = &m->entries_[map_at(m, hash, key)];
    void *old = x->value;
    if (!x->key) {
        *x = (struct map_entry){ hash, mem_strdup(key), key.len, NULL };
        m->len++;
    }
    x->value = value;
    return old;
}

void *map_remove(struct map *m, struct str key)
{
    if (m->len == 0)
        return NULL;
    size_t mask = m->cap_ - 1, hole = map_at(m, hash_bytes(key.ptr, key.len), key);
    void *value = m->entries_[hole].value;

    if (!m->entries_[hole].key)
        return NULL;
    mem_free(m->entries_[hole].key);
    for (size_t at = (hole + 1) & mask; m->entries_[at].key; at = (at + 1) & mask) {
        size_t home = m->entries_[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;                               /* its home lies behind the hole */
        m->entries_[hole] = m->entries_[at];
        hole = at;
    }
    m->entries_[hole] = (struct map_entry){ 0 };
    m->len--;
    return value;
}

bool map_next(const struct map *m, size_t *at, struct str *ret_key, void **ret_value)
{
    for (; *at < m->cap_; (*at)++) {
        const struct map_entry *x = &m->entries_[*at];
        if (!x->key)
            continue;
        *ret_key = str_make(x->key, x->len);
        *ret_value = x->value;
        (*at)++;
        return true;
    }
    return false;
}

struct pair_map_entry {
    struct pair_key key;
    void *value;            /* NULL: free place */
};

void pair_map_init(struct pair_map *m)
{
    *m = (struct pair_map){ NULL, 0, 0 };
}

void pair_map_done(struct pair_map *m)
{
    mem_free(m->entries_);
    pair_map_init(m);
}

void pair_map_clear(struct pair_map *m)
{
    if (m->cap_ > 64 && m->len < m->cap_ / 8) {
        pair_map_done(m);
        return;
    }
    if (m->len > 0)
        memset(m->entries_, 0, m->cap_ * sizeof(*m->entries_));
    m->len = 0;
}

static size_t pair_home(const struct pair_map *m, struct pair_key key)
{
    return hash_u64(key.a ^ hash_u64(key.b + 0x9e3779b97f4a7c15u)) & (m->cap_ - 1);
}

static size_t pair_at(const struct pair_map *m, struct pair_key key)
{
    size_t at = pair_home(m, key);

    while (m->entries_[at].value &&
           (m->entries_[at].key.a != key.a || m->entries_[at].key.b != key.b))
        at = (at + 1) & (m->cap_ - 1);
    return at;
}

void *pair_map_get(const struct pair_map *m, struct pair_key key)
{
    return m->len == 0 ? NULL : m->entries_[pair_at(m, key)].value;
}

static void pair_grow(struct pair_map *m)
{
    struct pair_map old = *m;

    m->cap_ = old.cap_ ? old.cap_ * 2 : 16;
    m->entries_ = mem_zalloc(m->cap_ * sizeof(*m->entries_));
    for (size_t i = 0; i < old.cap_; i++)
        if (old.entries_[i].value)
            m->entries_[pair_at(m, old.entries_[i].key)] = old.entries_[i];
    mem_free(old.entries_);
}

void *pair_map_put(struct pair_map *m, struct pair_key key, void *value)
{
    check(value);
    if ((m->len + 1) * 4 > m->cap_ * 3)
        pair_grow(m);
    struct pair_map_entry *x = &m->entries_[pair_at(m, key)];
    void *old = x->value;
    if (!old)
        m->len++;
    *x = (struct pair_map_entry){ key, value };
    return old;
}

void *pair_map_remove(struct pair_map *m, struct pair_key key)
{
    if (m->len == 0)
        return NULL;
    size_t mask = m->cap_ - 1, hole = pair_at(m, key);
    void *value = m->entries_[hole].value;

    if (!value)
        return NULL;
    for (size_t at = (hole + 1) & mask; m->entries_[at].value; at = (at + 1) & mask) {
        size_t home = pair_home(m, m->entries_[at].key);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        m->entries_[hole] = m->entries_[at];
        hole = at;
    }
    m->entries_[hole] = (struct pair_map_entry){ .value = NULL };
    m->len--;
    return value;
}

bool pair_map_next(const struct pair_map *m, size_t *at, struct pair_key *ret_key,
                   void **ret_value)
{
    for (; *at < m->cap_; (*at)++) {
        if (!m->entries_[*at].value)
            continue;
        *ret_key = m->entries_[*at].key;
        *ret_value = m->entries_[*at].value;
        (*at)++;
        return true;
    }
    return false;
}
