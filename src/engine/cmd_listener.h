/* engine/cmd_listener.h - makes a task listen to an event.
 *
 * docs/reference/semantics.md 4.6.  Engine thread, inside a transaction.
 */
#ifndef ENGINE_CMD_LISTENER_H
#define ENGINE_CMD_LISTENER_H

#include <jansson.h>

#include "engine/engine.h"

struct listener_wish {
    struct str project_id, uin; /* of the task; who asks */
    int64_t task_id;
    struct str event_name;
    struct str event_project_id; /* empty: what the property EventProjectId says, or the task's */
    const json_t *properties;    /* [{"ParamKey":"..","ParamValue":".."}]; NULL: none */
};

/* Adds the listener to the task's draft, or replaces the one on the same event, with kind and
 * granularity as the event is registered.  A draft that stands as it was submitted, of a task that
 * is scheduling or paused, is submitted again.  Nothing is written when the draft has this very
 * listener.  *ret_project_id: the event's, in the engine's arena.
 *
 * Paths: TaskId, EventProjectId, EventName, Properties, or the draft's own field where something
 * else in it does not hold any more.  The errors of task_change and task_submit. */
enum err_code listener_put(struct engine *g, const struct listener_wish *w,
                           struct str *ret_project_id, struct err *e) MUST_USE;

#endif
