/* api/keyring.c - the API keys in memory. */
#include "api/keyring.h"

#include <pthread.h>
#include <stdio.h>

#include "base/map.h"
#include "store/store.h"

struct keyring {
    pthread_rwlock_t lock;
    struct map keys; /* SecretId -> struct key_copy, owned */
};

struct keyring *keyring_new(void)
{
    struct keyring *k = NEW(struct keyring);

    pthread_rwlock_init(&k->lock, NULL);
    map_init(&k->keys);
    return k;
}

static void keys_free(struct map *keys)
{
    size_t at = 0;
    struct str id;
    void *key;

    while (map_next(keys, &at, &id, &key)) {
        mem_wipe(key, sizeof(struct key_copy));
        mem_free(key);
    }
    map_done(keys);
}

void keyring_free(struct keyring *k)
{
    if (!k)
        return;
    keys_free(&k->keys);
    pthread_rwlock_destroy(&k->lock);
    mem_free(k);
}

static void add_to(struct map *keys, struct str secret_id, struct str secret_key, struct str uin,
                   bool root)
{
    struct key_copy *copy = NEW(struct key_copy);

    snprintf(copy->secret_key, sizeof(copy->secret_key), "%.*s", STR_ARG(secret_key));
    snprintf(copy->uin, sizeof(copy->uin), "%.*s", STR_ARG(uin));
    copy->root = root;
    mem_free(map_put(keys, secret_id, copy));
}

static bool take_row(void *ctx, const void *row)
{
    const struct key_row *key = row;

    if (key->enabled)
        add_to(ctx, key->secret_id, key->secret_key, key->uin, key->root);
    return true;
}

enum err_code keyring_load(struct keyring *k, struct view *v, struct err *e)
{
    struct map fresh, old;
    struct query q;

    map_init(&fresh);
    query_init(&q, &table_key);
    enum err_code rc = query_run(v, &q, take_row, &fresh, e);
    if (rc != E_OK) {
        keys_free(&fresh);
        return rc;
    }
    pthread_rwlock_wrlock(&k->lock);
    old = k->keys;
    k->keys = fresh;
    pthread_rwlock_unlock(&k->lock);
    keys_free(&old);
    return E_OK;
}

void keyring_add(struct keyring *k, struct str secret_id, struct str secret_key, struct str uin,
                 bool root)
{
    pthread_rwlock_wrlock(&k->lock);
    add_to(&k->keys, secret_id, secret_key, uin, root);
    pthread_rwlock_unlock(&k->lock);
}

bool keyring_find(struct keyring *k, struct str secret_id, struct key_copy *ret)
{
    pthread_rwlock_rdlock(&k->lock);
    const struct key_copy *found = map_get(&k->keys, secret_id);
    if (found)
        *ret = *found;
    pthread_rwlock_unlock(&k->lock);
    return found != NULL;
}
