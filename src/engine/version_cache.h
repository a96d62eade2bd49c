/* engine/version_cache.h - decoded versions of tasks, which never change once written.
 *
 * Used for what an instance row repeats of its task and for what an attempt executes.  Bounded:
 * when full it starts anew.  Engine thread only.
 */
#ifndef ENGINE_VERSION_CACHE_H
#define ENGINE_VERSION_CACHE_H

#include "base/map.h"
#include "model/task.h"
#include "store/store.h"

struct version_cache {
    struct pair_map map_;
    size_t bytes_;
};

struct version_entry {
    struct arena arena_;
    struct str project_id;
    struct task_spec spec;
};

void version_cache_init(struct version_cache *c);
void version_cache_done(struct version_cache *c);
/* Borrowed until the next call.  E_MISSING, E_CORRUPT, E_IO. */
enum err_code version_cache_get(struct version_cache *c, struct view *v, int64_t task_id,
                                int32_t num, const struct version_entry **ret,
                                struct err *e) MUST_USE;

#endif
