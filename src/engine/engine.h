/* engine/engine.h - the thread that owns all scheduling state and all writes.
 *
 * Everything that changes something is a command: a function that runs on the engine thread inside
 * the open write transaction of the present turn.  One turn takes whatever waits (commands, reports
 * of runners, the passing of time), feeds the core, writes the core's effects, commits once (group
 * commit), and only then completes the commands and talks to the runners (write-ahead dispatch, I2,
 * I6).  If the commit fails, nothing of the turn has happened: its commands fail with the error and
 * the engine reloads its core from the store.
 *
 * Threads: engine_post from any thread; everything else says which.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/err.h"
#include "base/instant.h"
#include "base/list.h"
#include "store/store.h"

struct engine;
struct engine_metrics;
struct core;

/* Embedded in the owner's structure; the engine borrows it from post until done returns. */
struct engine_command {
    struct list node_;
    /* Engine thread, inside the transaction and a savepoint.  When it fails nothing that it wrote
     * stays; it must not have touched the core then (check first, change the core last). */
    enum err_code (*run)(struct engine_command *c, struct engine *g, struct err *e);
    /* Engine thread, after the commit (rc == E_OK: durable) or after a failure (e says what). Must
     * not block. */
    void (*done)(struct engine_command *c, enum err_code rc, const struct err *e);
};

/* Any thread.  E_BUSY when the queue is full or the engine is stopping: done is then not called. */
enum err_code engine_post(struct engine *g, struct engine_command *c, struct err *e) MUST_USE;
/* Any thread.  The store fails: nothing is written until it does not; the engine tries by itself.
 */
bool engine_is_failing(const struct engine *g);

/* Any thread: what the engine counts of itself (engine/metrics.h); lives as long as the engine. */
struct engine_metrics *engine_metrics(struct engine *g);

/* For commands, on the engine thread. */
struct store *engine_store(struct engine *g); /* its transaction is open */
struct view *engine_view(struct engine *g);   /* reads inside that transaction */
struct core *engine_core(struct engine *g);
struct wall engine_now(const struct engine *g); /* one instant per turn */
struct arena *engine_arena(struct engine *g);   /* lives until the end of the turn */

#endif
