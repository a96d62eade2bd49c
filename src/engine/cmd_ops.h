/* engine/cmd_ops.h - tasks in operation: start, pause, stop, owners.
 *
 * docs/reference/semantics.md 1.6, 5.9.  Engine thread, inside a transaction.  A task that is not
 * there, or was never submitted, refuses the request; one whose state does not allow the operation
 * refuses a start and is a failed sub-operation of a pause or a stop; one that is in the wanted
 * state already is a success.
 */
#ifndef ENGINE_CMD_OPS_H
#define ENGINE_CMD_OPS_H

#include "engine/engine.h"

enum { OPS_TASKS_MAX = 1000 };

struct ops_request {
    struct str project_id, uin;
    const int64_t *tasks;
    int n_tasks;
    struct str doc; /* the request, kept with a job */
};

/* From O and F to Y.  make_up: the firings since the pause are made too.  E_MISSING, E_CONFLICT
 * under TaskIds.N; nothing is changed then. */
enum err_code ops_start(struct engine *g, const struct ops_request *r, bool make_up,
                        struct err *e) MUST_USE;
/* From Y to O; from Y and O to F.  kill: live instances are ended too.  *ret_id: the job, in the
 * engine's arena. */
enum err_code ops_pause(struct engine *g, const struct ops_request *r, bool kill,
                        struct str *ret_id, struct err *e) MUST_USE;
enum err_code ops_stop(struct engine *g, const struct ops_request *r, bool kill, struct str *ret_id,
                       struct err *e) MUST_USE;

/* Whatever the state of the tasks: a new submitted version of each that differs in the owner only,
 * and of a draft that is ahead a new one too.  All of them or none.  E_RANGE OwnerUin. */
enum err_code ops_owner(struct engine *g, const struct ops_request *r, struct str owner,
                        struct err *e) MUST_USE;

#endif
