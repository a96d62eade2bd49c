/* api/ops_view.c - how a submitted task looks in the lists of production. */
#include "api/ops_view.h"

#include "api/task_view.h"

enum err_code ops_view_find(struct call *c, struct task_row *task, struct version_row *version)
{
    enum err_code rc = task_view_find(c, task);

    if (rc == E_OK && task->submit_version_no == 0)
        return err_user(&c->err, E_MISSING, "TaskId",
                        "task %lld was never submitted; SubmitTask brings it into operation",
                        "任务 %lld 从未提交，请先用 SubmitTask 提交", (long long)task->id);
    return rc != E_OK ? rc : task_view_version(c, task->id, task->submit_version_no, version);
}

enum err_code ops_view_spec(struct call *c, const struct task_row *task, struct arena *one,
                            struct task_spec *ret)
{
    struct version_row version = { .task_id = task->id, .num = task->submit_version_no };
    enum err_code rc = row_get(c->view, &table_version, one, &version, &c->err);

    return rc != E_OK ? rc : task_decode_text(version.doc, (struct civil){ 0 }, one, ret, &c->err);
}

static bool take_first(void *ctx, const void *row)
{
    *(struct wall *)ctx = ((const struct instance_row *)row)->started_at;
    return false;
}

enum err_code ops_view_first_run(struct call *c, int64_t task_id, struct wall *ret)
{
    struct query q;

    *ret = WALL_NONE;
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, task_id);
    query_number(&q, INSTANCE_STARTED_AT, QUERY_GT, 0);
    query_order(&q, INSTANCE_DATA_TIME, false);
    q.limit = 1;
    return query_run(c->view, &q, take_first, ret, &c->err);
}

static void write_name(struct jw *w, const char *key, bool found, struct str name)
{
    if (found)
        jw_kstr(w, key, name);
    else
        jw_knull(w, key);
}

/* Its workflow, the folder of that, its project; what is gone by now is null. */
static void write_place(struct call *c, const struct task_row *task)
{
    struct workflow_row workflow = { .id = task->workflow_id };
    struct folder_row folder = { .project_id = task->project_id };
    struct project_row project = { .id = task->project_id };
    bool has_workflow = row_get(c->view, &table_workflow, &c->arena, &workflow, NULL) == E_OK;
    bool has_project = row_get(c->view, &table_project, &c->arena, &project, NULL) == E_OK;
    struct jw *w = &c->out;

    folder.path = workflow.folder_path;
    bool has_folder = has_workflow && folder.path.len > 0 &&
                      row_get_by(c->view, &table_folder, 0, &c->arena, &folder, NULL) == E_OK;
    write_name(w, "FolderId", has_folder, folder.id);
    write_name(w, "FolderName", has_folder, folder.name);
    jw_kstr(w, "WorkflowId", task->workflow_id);
    write_name(w, "WorkflowName", has_workflow, workflow.name);
    jw_kstr(w, "ProjectId", task->project_id);
    write_name(w, "ProjectName", has_project, project.display_name);
}

enum err_code ops_view_members(struct call *c, const struct task_row *task,
                               const struct task_spec *spec, const struct zone *zone)
{
    struct wall first;
    struct buf describe;
    char id[TASK_ID_LEN + 4];
    struct jw *w = &c->out;
    enum err_code rc = ops_view_first_run(c, task->id, &first);

    if (rc != E_OK)
        return rc;
    task_id_format(task->id, id);
    buf_init(&describe, 1024);
    schedule_describe(&spec->schedule, spec->cron, c->lang == LANG_ZH, &describe);
    jw_kcstr(w, "TaskId", id);
    jw_kstr(w, "TaskName", spec->name);
    jw_kstr(w, "OwnerUin", spec->owner_uin);
    jw_kcstr(w, "Status", task_status_name((enum task_status)task->status));
    write_place(c, task);
    jw_ku64(w, "TaskTypeId", (uint64_t)task->type_id);
    jw_kcstr(w, "TaskTypeDesc", task_type_name(task->type_id));
    jw_kcstr(w, "CycleType", cycle_name(spec->schedule.cycle));
    jw_kstr(w, "ScheduleDesc", buf_str(&describe));
    jw_wall(w, "FirstRunTime", first, zone);
    jw_wall(w, "FirstSubmitTime", task->first_submit_at, zone);
    buf_done(&describe);
    return E_OK;
}
