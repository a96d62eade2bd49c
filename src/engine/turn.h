/* engine/turn.h - the engine without its thread: one turn at a time, driven from outside.
 *
 * The server drives it from engine/loop.h with the real clock and runner; the simulator with its
 * own.  All functions belong to one thread, except engine_post (engine.h).
 */
#ifndef ENGINE_TURN_H
#define ENGINE_TURN_H

#include "core/core.h"
#include "engine/engine.h"
#include "run/attempt.h"
#include "send/letter.h"

/* Where attempts are started.  Calls come after the commit that makes them durable. */
struct runner_port {
    void *ctx;
    void (*begin)(void *ctx, const struct attempt_spec *spec);
    void (*kill)(void *ctx, uint64_t fence, struct dur grace);
    void (*ack)(void *ctx, uint64_t fence);
    /* The attempt's record goes, and so may its log; NULL: logs stay.  Before the commit, so that
     * a crash leaves no log behind: what is repeated finds it gone already. */
    void (*forget)(void *ctx, uint64_t fence);
};

/* Sees what the engine does with the store; for tests and the simulator.  Engine thread; it must
 * change nothing. */
struct engine_observer {
    void *ctx;
    void (*effect)(void *ctx, const struct effect *e); /* is about to be written */
    void (*committed)(void *ctx);                      /* all since the last call is durable */
    void (*failed)(void *ctx);                         /* nothing of it has happened */
    /* History that is about to leave (engine/purge.c): an instance, a miss, a plan, a job, a case
     * or a message, for all that hangs on it.  May be NULL. */
    void (*purged)(void *ctx, const struct table *t, const void *row);
};

struct resource_files;
struct engine_config {
    struct store *store; /* borrowed; the engine is its only writer */
    struct runner_port runner;
    const char *node;        /* name of this machine in attempts */
    int default_slots;       /* of the default resource group; 0: 8 */
    int backfill_share;      /* percent of the slots of each group (core/core.h); 0: 100 */
    struct dur kill_grace;   /* 0: 10 s */
    void (*wake)(void *ctx); /* any thread: a command was posted; may be NULL */
    void *wake_ctx;
    /* Measures turns and commits for the metrics, and decides nothing; NULL: not measured. */
    struct mono (*mono)(void);
    struct dur slow_commit; /* a longer one is logged; 0: none is */
    /* Rounds of a plan that one turn makes, lets go or ends, and what it looks at of upstreams
     * again; 0: as planning.h, deletion.h and core.h say. */
    int plan_slice;
    struct dur keep; /* history that is older goes (engine/purge.c); 0: all is kept */
    const struct resource_files *resources; /* borrowed (objects.h); NULL: there are none */
    const struct engine_observer *observer; /* borrowed; NULL: none */
    struct letter_port letters;             /* where alarms are sent; send NULL: nowhere */
};

enum { ENGINE_QUEUE_MAX = 20000, ENGINE_TURN_COMMANDS = 2000, ENGINE_TURN_FIRINGS = 5000 };

enum err_code engine_new(const struct engine_config *config, struct engine **ret,
                         struct err *e) MUST_USE;
/* Build the core from the store.  Before the first turn; the engine calls it itself after a failed
 * commit. */
enum err_code engine_load(struct engine *g, struct wall now, struct err *e) MUST_USE;
/* One turn.  True: there is more to do now. */
bool engine_turn(struct engine *g, struct wall now);
/* When the next turn is due if nothing comes in; WALL_FAR: never. */
struct wall engine_next_due(const struct engine *g);
/* No more commands are accepted; those that wait fail with E_CANCELED. */
void engine_close(struct engine *g);
void engine_free(struct engine *g);

/* Reports of the runner (run/client.h); taken up by the next turn, a start alone some milliseconds
 * later. */
void engine_runner_running(struct engine *g, uint64_t fence, struct wall started_at);
void engine_runner_ended(struct engine *g, const struct attempt_end *end);
void engine_runner_synced(
    struct engine *g); /* attempts not named since engine_runner_lost are begun again */
void engine_runner_lost(struct engine *g);

struct engine_stats {
    int64_t turns, commands, commits_failed, reports, attempts_begun;
    bool broken; /* the store failed; the core is loaded again before the next turn */
};
void engine_stats(const struct engine *g, struct engine_stats *ret);

#endif
