/* engine/doc_cache.c - see doc_cache.h. */
#include "engine/doc_cache.h"

enum { TEXT_MAX = 64 << 10, CACHE_BYTES_MAX = 1 << 20 };

void doc_cache_init(struct doc_cache *c)
{
    map_init(&c->map_);
    c->bytes_ = 0;
}

void doc_cache_done(struct doc_cache *c)
{
    size_t at = 0;
    struct str text;
    void *doc;

    while (map_next(&c->map_, &at, &text, &doc))
        json_decref(doc);
    map_done(&c->map_);
}

enum err_code doc_cache_get(struct doc_cache *c, struct str text, json_t **ret, struct err *e)
{
    json_t *doc = c ? map_get(&c->map_, text) : NULL;

    if (doc) {
        *ret = json_incref(doc);
        return E_OK;
    }
    doc = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_ALLOW_NUL, NULL);
    if (!doc)
        return err_set(e, E_SYNTAX, "a document with parameters is no JSON");
    *ret = doc;
    if (!c || text.len > TEXT_MAX)
        return E_OK;
    if (c->bytes_ + text.len > CACHE_BYTES_MAX) {
        doc_cache_done(c);
        doc_cache_init(c);
    }
    map_put(&c->map_, text, json_incref(doc));
    c->bytes_ += text.len;
    return E_OK;
}
