/* engine/version_cache.h - decoded versions of tasks, which never change once committed.
 *
 * Used for what an instance row repeats of its task and for what an attempt executes.  Bounded:
 * when full it starts anew.  Engine thread only.
 */
#ifndef ENGINE_VERSION_CACHE_H
#define ENGINE_VERSION_CACHE_H

#include "base/map.h"
#include "model/task.h"
#include "store/store.h"

/* Of versions for whose code nobody asks the outputs alone are kept: they are small, so that many
 * fit. */
enum version_part {
    VERSION_WHOLE,
    VERSION_OUTPUTS /* of spec the outputs and the zone, and nothing else */
};

struct version_cache {
    struct pair_map map_;
    size_t bytes_;
    uint64_t reads_;
    enum version_part part_;
};

struct version_entry {
    struct arena arena_;
    struct str project_id;
    struct task_spec spec;
};

void version_cache_init(struct version_cache *c, enum version_part part);
void version_cache_done(struct version_cache *c);
/* How many were read so far: what was read since then may have been taken back by the store, and
 * another version gets its number.  version_cache_forget starts anew if any was. */
uint64_t version_cache_reads(const struct version_cache *c);
void version_cache_forget(struct version_cache *c, uint64_t reads);
/* Borrowed until the next call.  E_MISSING: task or version is not there; E_SYNTAX and what else a
 * document can be refused for (model/task.h); the store's. */
enum err_code version_cache_get(struct version_cache *c, struct view *v, int64_t task_id,
                                int32_t num, const struct version_entry **ret,
                                struct err *e) MUST_USE;

#endif
