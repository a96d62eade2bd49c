/* api/rate_limit.c - requests per second, counted by action and account. */
#include "api/rate_limit.h"

#include <pthread.h>

#include "base/map.h"

enum { PLACES = 1 << 14, PROBES = 8 };

struct place {
    uint64_t id;
    int64_t second;
    int count;
};

struct rate_limit {
    pthread_mutex_t lock;
    int per_second;
    struct place places[PLACES];
};

struct rate_limit *rate_limit_new(int per_second)
{
    struct rate_limit *r = NEW(struct rate_limit);

    pthread_mutex_init(&r->lock, NULL);
    r->per_second = per_second;
    return r;
}

void rate_limit_free(struct rate_limit *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

/* The pair's place: its own, else one whose second is over, else the first it looked at. */
static struct place *find(struct rate_limit *r, uint64_t id, int64_t now_s)
{
    struct place *free_place = NULL;

    for (uint64_t i = 0; i < PROBES; i++) {
        struct place *p = &r->places[(id + i) % PLACES];
        if (p->id == id && p->second == now_s)
            return p;
        if (!free_place && p->second != now_s)
            free_place = p;
    }
    if (!free_place)
        return &r->places[id % PLACES];
    *free_place = (struct place){ id, now_s, 0 };
    return free_place;
}

bool rate_limit_pass(struct rate_limit *r, struct str action, struct str uin, int64_t now_s,
                     int *ret_count)
{
    if (r->per_second == 0)
        return true;
    uint64_t id =
        hash_u64(hash_bytes(action.ptr, action.len) ^ (hash_bytes(uin.ptr, uin.len) << 1)) | 1;

    pthread_mutex_lock(&r->lock);
    struct place *p = find(r, id, now_s);
    *ret_count = ++p->count;
    pthread_mutex_unlock(&r->lock);
    return *ret_count <= r->per_second;
}
