/* engine/plan_doc.h - the request that made a round: of a backfill, a manual run or a rerun.
 *
 * docs/reference/semantics.md 1.8, 5.7, 7.1.  Each has an id that stands in instance_row.plan_id;
 * what they redefine is read from the request that is kept with them.
 */
#ifndef ENGINE_PLAN_DOC_H
#define ENGINE_PLAN_DOC_H

#include <jansson.h>

#include "core/core.h"
#include "engine/doc_cache.h"
#include "engine/engine.h"

enum { PLAN_PARALLEL_MAX = 1000 };

/* The request: a reference for the caller, who does not change it; an empty object when the record
 * is gone.  All rounds of a large plan ask for the same one, so it is kept in the cache; NULL: it
 * is parsed anew.  Any view. */
enum err_code plan_doc_read(struct view *v, struct arena *a, struct doc_cache *cache, struct str id,
                            json_t **ret, struct err *e) MUST_USE;
/* Engine thread.  What it says of its rounds in place of their tasks; text in the engine's arena.
 */
enum err_code plan_doc_fact(struct engine *g, struct str id, struct plan_fact *ret,
                            struct err *e) MUST_USE;

#endif
