/* engine/cmd_ops.c - tasks in operation: start, pause, stop. */
#include "engine/cmd_ops.h"

#include "engine/cmd_ops_int.h"

#include "engine/job.h"
#include "engine/planning.h"

enum err_code ops_load_tasks(struct engine *g, const struct ops_request *r, struct task_row **ret,
                             struct err *e)
{
    struct task_row *tasks = ARENA_ARRAY(&g->arena, struct task_row, (size_t)r->n_tasks + 1);
    struct project_row project;
    char path[32];
    enum err_code rc =
        project_require(engine_view(g), &g->arena, r->project_id, "ProjectId", &project, e);

    for (int i = 0; i < r->n_tasks && rc == E_OK; i++) {
        rc = task_require(engine_view(g), &g->arena, r->project_id, r->tasks[i], &tasks[i], e);
        if (rc == E_OK && tasks[i].submit_version_no == 0)
            rc = err_user(e, E_CONFLICT, "",
                          "task %lld was never submitted; SubmitTask brings it into operation",
                          "任务 %lld 从未提交，请先用 SubmitTask 提交", (long long)r->tasks[i]);
        if (rc == E_OK)
            continue;
        snprintf(path, sizeof(path), "TaskIds.%d", i);
        if (e)
            e->path[0] = '\0';
        err_prefix(e, path);
    }
    *ret = tasks;
    return rc;
}

static enum err_code write_status(struct engine *g, struct task_row *task, enum task_status status,
                                  struct str uin, struct err *e)
{
    struct schedule_row schedule = { .task_id = task->id, .status = (int32_t)status };
    enum err_code rc =
        row_update(g->config.store, &table_schedule, &schedule, COL(SCHEDULE_STATUS), e);

    task->status = (int32_t)status;
    task->ops_at = g->now;
    task->ops_uin = uin;
    return rc == E_OK ? row_update(g->config.store, &table_task, task,
                                   COL(TASK_STATUS) | COL(TASK_OPS_AT) | COL(TASK_OPS_UIN), e)
                      : rc;
}

/* ---- start ----------------------------------------------------------------------------------- */

static enum err_code start_one(struct engine *g, struct task_row *task, struct str uin,
                               bool make_up, struct err *e)
{
    struct core_task loaded;
    struct task_spec spec;
    enum err_code rc;

    if (task->status == TASK_SCHEDULING)
        return E_OK;
    rc = write_status(g, task, TASK_SCHEDULING, uin, e);
    if (rc == E_OK && !make_up)
        core_task_status(g->core, task->id, TASK_SCHEDULING, false, g->now);
    if (rc != E_OK || !make_up)
        return rc;
    /* Put as the pause left it: its high water is where it stopped. */
    rc = task_load(engine_view(g), task->id, &g->arena, &loaded, &spec, e);
    if (rc == E_OK)
        core_task_put(g->core, &loaded, g->now);
    return rc;
}

enum err_code ops_start(struct engine *g, const struct ops_request *r, bool make_up, struct err *e)
{
    struct task_row *tasks;
    char path[32];
    enum err_code rc = ops_load_tasks(g, r, &tasks, e);

    for (int i = 0; i < r->n_tasks && rc == E_OK; i++) {
        enum task_status s = (enum task_status)tasks[i].status;
        if (s == TASK_PAUSED || s == TASK_STOPPED || s == TASK_SCHEDULING)
            continue;
        snprintf(path, sizeof(path), "TaskIds.%d", i);
        return err_user(
            e, E_CONFLICT, path,
            "task %lld is in state %s; only a paused (O) or stopped (F) task can be "
            "started%s",
            "任务 %lld 的状态为 %s，只有暂停(O)或下线(F)的任务可以启动%s", (long long)tasks[i].id,
            task_status_name(s),
            s == TASK_INVALID ? "; its effective range is over, submit it with a new one" : "");
    }
    for (int i = 0; i < r->n_tasks && rc == E_OK; i++)
        rc = start_one(g, &tasks[i], r->uin, make_up, e);
    return rc;
}

/* ---- pause and stop -------------------------------------------------------------------------- */

struct noting {
    struct job *job;
    enum err_code rc;
    struct err *e;
};

static void note_live(void *ctx, const struct instance *i)
{
    struct noting *n = ctx;

    if (n->rc == E_OK)
        n->rc = job_pending(n->job, i->key, i->round, n->e);
}

/* Its instances that are not terminal.  The core has them at hand; the store would look for them
 * in the whole history of the task. */
static enum err_code note_lives(struct engine *g, struct job *job, int64_t task_id, struct err *e)
{
    struct noting n = { job, E_OK, e };

    core_task_instances(g->core, task_id, note_live, &n);
    return n.rc;
}

/* What was due before is made first, so that it can be ended with the rest. */
static enum err_code leave_one(struct engine *g, struct job *job, struct task_row *task,
                               enum task_status to, bool kill, struct err *e)
{
    enum err_code rc = write_status(g, task, to, job->uin, e);

    if (rc != E_OK)
        return rc;
    core_task_status(g->core, task->id, to, false, g->now);
    if (kill) {
        rc = planning_finish_task(g, task->id, e);
        if (rc == E_OK)
            rc = note_lives(g, job, task->id, e);
        core_task_status(g->core, task->id, to, true, g->now);
    }
    job_success(job);
    return rc;
}

static void refuse_to_leave(struct job *job, const char *id, enum task_status s)
{
    if (s == TASK_INVALID)
        job_failure(job, str_from(id), "its effective range is over", "任务已失效(超出生效时间)");
    else
        job_failure(job, str_from(id), "it is stopped already; a start comes first",
                    "任务已下线，请先启动");
}

static enum err_code leave(struct engine *g, const struct ops_request *r, enum task_status to,
                           bool kill, struct str *ret_id, struct err *e)
{
    struct task_row *tasks;
    struct job job;
    char id[TASK_ID_LEN + 4];
    enum err_code rc = ops_load_tasks(g, r, &tasks, e);

    if (rc != E_OK)
        return rc;
    rc = job_begin(&job, g, to == TASK_PAUSED ? JOB_PAUSE : JOB_STOP, r->project_id, r->uin, r->doc,
                   e);
    for (int i = 0; i < r->n_tasks && rc == E_OK; i++) {
        enum task_status s = (enum task_status)tasks[i].status;
        bool allowed =
            s == TASK_SCHEDULING || (s == TASK_PAUSED && to == TASK_STOPPED) || (s == to && kill);
        task_id_format(tasks[i].id, id);
        if (allowed)
            rc = leave_one(g, &job, &tasks[i], to, kill, e);
        else if (s == to)
            job_success(&job);
        else
            refuse_to_leave(&job, id, s);
    }
    if (rc == E_OK)
        rc = job_finish(&job, e);
    *ret_id = job.id;
    job_done(&job);
    return rc;
}

enum err_code ops_pause(struct engine *g, const struct ops_request *r, bool kill,
                        struct str *ret_id, struct err *e)
{
    return leave(g, r, TASK_PAUSED, kill, ret_id, e);
}

enum err_code ops_stop(struct engine *g, const struct ops_request *r, bool kill, struct str *ret_id,
                       struct err *e)
{
    return leave(g, r, TASK_STOPPED, kill, ret_id, e);
}
