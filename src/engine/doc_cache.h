/* engine/doc_cache.h - small documents that are read again and again, parsed once.
 *
 * By their text, so whatever happens to the rows that they are from, what comes out is right.
 * Bounded: when full it starts anew.  Engine thread only.
 */
#ifndef ENGINE_DOC_CACHE_H
#define ENGINE_DOC_CACHE_H

#include <jansson.h>

#include "base/err.h"
#include "base/map.h"

struct doc_cache {
    struct map map_; /* text -> json_t, a reference is owned */
    size_t bytes_;
};

void doc_cache_init(struct doc_cache *c);
void doc_cache_done(struct doc_cache *c);
/* *ret: a reference for the caller, who does not change it.  c NULL: it is parsed, and not kept.
 * E_SYNTAX: no JSON. */
enum err_code doc_cache_get(struct doc_cache *c, struct str text, json_t **ret,
                            struct err *e) MUST_USE;

#endif
