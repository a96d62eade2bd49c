/* model/ops_status.c - the state of a workflow in production, derived from that of its tasks. */
#include "model/ops_status.h"

static const char *const names[OPS_STATUS_N_] = {
    [OPS_ALL_RUNNING] = "ALL_RUNNING",   [OPS_ALL_FREEZED] = "ALL_FREEZED",
    [OPS_ALL_STOPPTED] = "ALL_STOPPTED", [OPS_ALL_INVALID] = "ALL_INVALID",
    [OPS_PART_RUNNING] = "PART_RUNNING", [OPS_ALL_NO_RUNNING] = "ALL_NO_RUNNING",
};

const char *ops_status_name(enum ops_status s)
{
    return names[s];
}

bool ops_status_from_name(struct str name, enum ops_status *ret)
{
    for (int i = 0; i < OPS_STATUS_N_; i++)
        if (str_eq_c(name, names[i])) {
            *ret = (enum ops_status)i;
            return true;
        }
    return false;
}

enum ops_status ops_status_of(const int64_t tasks[TASK_STATUS_N_])
{
    static const struct {
        enum task_status task;
        enum ops_status all;
    } alike[] = {
        { TASK_SCHEDULING, OPS_ALL_RUNNING },
        { TASK_PAUSED, OPS_ALL_FREEZED },
        { TASK_STOPPED, OPS_ALL_STOPPTED },
        { TASK_INVALID, OPS_ALL_INVALID },
    };
    int64_t total = 0;

    for (int s = TASK_NEW + 1; s < TASK_STATUS_N_; s++)
        total += tasks[s];
    for (size_t i = 0; i < ARRAY_LEN(alike) && total > 0; i++)
        if (tasks[alike[i].task] == total)
            return alike[i].all;
    return tasks[TASK_SCHEDULING] > 0 ? OPS_PART_RUNNING : OPS_ALL_NO_RUNNING;
}
