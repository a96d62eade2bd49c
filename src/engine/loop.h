/* engine/loop.h - the engine's own thread: a libuv loop with the real clock and a runner. */
#ifndef ENGINE_LOOP_H
#define ENGINE_LOOP_H

#include "engine/turn.h"

struct engine_loop;

struct engine_loop_config {
    struct store *store;
    const char *runner_dir, *weft_path, *run_as, *node;
    bool as_root_user;
    int default_slots, backfill_share;
    struct dur keep;                        /* history that is older goes; 0: all is kept */
    struct dur slow_commit;                 /* a longer one is logged; 0: none is */
    const struct resource_files *resources; /* borrowed (objects.h); NULL: there are none */
    struct letter_port letters;             /* for alarms; send NULL: none are sent */
};

/* Loads the core and starts the thread.  Attempts are not started before engine_loop_connect. */
enum err_code engine_loop_start(const struct engine_loop_config *config, struct engine_loop **ret,
                                struct err *e) MUST_USE;
/* Connect to the runner, and start one where there is none.  Any thread, once. */
void engine_loop_connect(struct engine_loop *l);
struct engine *engine_loop_engine(struct engine_loop *l);
/* Ends the thread after the turn under way; the runner and its attempts go on. */
void engine_loop_stop(struct engine_loop *l);

#endif
