/* model/ops_status.h - the state of a workflow in production, derived from that of its tasks
 * (docs/reference/semantics.md 1.7). */
#ifndef MODEL_OPS_STATUS_H
#define MODEL_OPS_STATUS_H

#include "model/task.h"

enum ops_status {
    OPS_ALL_RUNNING,
    OPS_ALL_FREEZED,
    OPS_ALL_STOPPTED,
    OPS_ALL_INVALID,
    OPS_PART_RUNNING,
    OPS_ALL_NO_RUNNING,
    OPS_STATUS_N_
};
const char *ops_status_name(enum ops_status s); /* as the API spells it: ALL_STOPPTED */
bool ops_status_from_name(struct str name, enum ops_status *ret);

/* tasks[s]: how many tasks of the workflow are in state s.  Those that were never submitted
 * (TASK_NEW) do not count; at least one other is expected. */
enum ops_status ops_status_of(const int64_t tasks[TASK_STATUS_N_]);

#endif
