/* engine/cmd_instance.h - what operators do to instances: kill, rerun, set success.
 *
 * docs/reference/semantics.md 5.6-5.9.  Engine thread, inside a transaction.  An instance that is
 * not there refuses the request; one whose state does not allow the operation is a failed
 * sub-operation of the job.
 */
#ifndef ENGINE_CMD_INSTANCE_H
#define ENGINE_CMD_INSTANCE_H

#include "engine/engine.h"
#include "model/instance.h"

enum { INSTANCE_KEYS_MAX = 5000, RERUN_INSTANCES_MAX = 20000 };

struct instance_request {
    struct str project_id, uin;
    const struct instance_key *keys;
    int n_keys;
    struct str doc; /* the request, kept with the job; a rerun's parameters are read from it */
};

/* *ret_id: the job, in the engine's arena.  E_MISSING under InstanceKeyList.N. */
enum err_code instances_kill(struct engine *g, const struct instance_request *r, struct str *ret_id,
                             struct err *e) MUST_USE;
enum err_code instances_set_success(struct engine *g, const struct instance_request *r,
                                    struct str *ret_id, struct err *e) MUST_USE;

enum rerun_scope { RERUN_WORKFLOW, RERUN_PROJECT, RERUN_ALL };
struct rerun {
    bool self, children;    /* the instances themselves; all that are downstream of them */
    enum rerun_scope scope; /* of the children */
    bool check_all;         /* wait for every upstream */
    bool check_scope;       /* only for those of this rerun; children always do */
    bool skip_events;
    unsigned cycle_flags; /* INSTANCE_SKIP_CYCLE, INSTANCE_WAIT_CYCLE, or neither */
};
/* E_LIMIT: more than RERUN_INSTANCES_MAX with the children. */
enum err_code instances_rerun(struct engine *g, const struct instance_request *r,
                              const struct rerun *how, struct str *ret_id, struct err *e) MUST_USE;

#endif
