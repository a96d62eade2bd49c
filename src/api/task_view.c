/* api/task_view.c - how a task looks in answers. */
#include "api/task_view.h"

#include <stdio.h>

#include "api/access.h"
#include "api/fill.h"
#include "cal/zone.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "model/json_text.h"

enum err_code task_id_param(struct call *c, int64_t *ret)
{
    struct str text = param_str(c->params, "TaskId");

    if (task_id_parse(text, ret))
        return E_OK;
    return err_user(&c->err, E_MISSING, "TaskId", "there is no task `%.*s`", "任务 `%.*s` 不存在",
                    STR_ARG(text));
}

enum err_code task_view_find(struct call *c, struct task_row *ret)
{
    struct project_row project;
    int64_t id;
    enum err_code rc = project_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                       "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = task_id_param(c, &id);
    return rc != E_OK ? rc
                      : task_require(c->view, &c->arena, param_str(c->params, "ProjectId"), id, ret,
                                     &c->err);
}

enum err_code task_view_version(struct call *c, int64_t task_id, int32_t num,
                                struct version_row *ret)
{
    *ret = (struct version_row){ .task_id = task_id, .num = num };
    return row_get(c->view, &table_version, &c->arena, ret, &c->err);
}

static void write_version_no(struct jw *w, const char *key, int32_t num)
{
    char text[24];

    snprintf(text, sizeof(text), "V%d", num);
    jw_kcstr(w, key, num > 0 ? text : NULL);
}

static void write_place(struct call *c, const struct task_row *task)
{
    struct workflow_row workflow = { .id = task->workflow_id };
    bool found = row_get(c->view, &table_workflow, &c->arena, &workflow, NULL) == E_OK;

    jw_kstr(&c->out, "WorkflowId", task->workflow_id);
    if (found)
        jw_kstr(&c->out, "WorkflowName", workflow.name);
    else
        jw_knull(&c->out, "WorkflowName");
}

/* What a version says of itself wins over the row, which is the newest draft's. */
static struct str text_of(const json_t *base, const char *name, struct str otherwise)
{
    return param_has(base, name) ? param_str(base, name) : otherwise;
}

enum err_code task_view_base(struct call *c, const struct task_row *task, const json_t *doc)
{
    const json_t *base = json_object_get(doc, "TaskBaseAttribute");
    char id[TASK_ID_LEN + 4];
    struct jw *w = &c->out;

    task_id_format(task->id, id);
    jw_object(w);
    jw_kcstr(w, "TaskId", id);
    jw_ku64(w, "TaskTypeId", (uint64_t)task->type_id);
    write_place(c, task);
    jw_kstr(w, "TaskName", text_of(base, "TaskName", task->name));
    write_version_no(w, "TaskLatestVersionNo", task->version_no);
    write_version_no(w, "TaskLatestSubmitVersionNo", task->submit_version_no);
    jw_kcstr(w, "Status", task_status_name((enum task_status)task->status));
    jw_kbool(w, "Submit", task->submitted);
    jw_wall(w, "CreateTime", task->created_at, zone_default());
    jw_wall(w, "LastUpdateTime", task->updated_at, zone_default());
    jw_kstr(w, "LastUpdateUserName", task->updater_uin);
    jw_wall(w, "LastOpsTime", task->ops_at, zone_default());
    if (task->ops_uin.len > 0)
        jw_kstr(w, "LastOpsUserName", task->ops_uin);
    else
        jw_knull(w, "LastOpsUserName");
    jw_kstr(w, "OwnerUin", text_of(base, "OwnerUin", task->owner_uin));
    jw_kstr(w, "TaskDescription", text_of(base, "TaskDescription", task->description));
    jw_kstr(w, "UpdateUserUin", task->updater_uin);
    jw_kstr(w, "CreateUserUin", task->creator_uin);
    jw_kstr(w, "TaskFolderPath", text_of(base, "TaskFolderPath", task->folder_path));
    jw_object_end(w);
    return E_OK;
}

/* The members of a stored block, one by one, so that more can follow. */
static void write_members(struct call *c, const json_t *block)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)block, name, value)
        jw_kraw(&c->out, name, json_text(value, &c->arena));
}

static enum err_code write_config(struct call *c, const json_t *config)
{
    static const char *const unset[] = { "SourceServiceType", "SourceServiceName",
                                         "TargetServiceType", "TargetServiceName" };
    static const char *const texts[] = { "CodeContent",     "DataCluster",     "YarnQueue",
                                         "SourceServiceId", "TargetServiceId", "ResourceGroup",
                                         "BundleId",        "BundleInfo" };
    struct group_row group = { .id = param_str(config, "ResourceGroup") };
    struct jw *w = &c->out;

    jw_object(w);
    write_members(c, config);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!json_object_get(config, texts[i]))
            jw_knull(w, texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(unset); i++)
        jw_knull(w, unset[i]);
    if (group.id.len > 0 && row_get(c->view, &table_group, &c->arena, &group, NULL) == E_OK)
        jw_kstr(w, "ResourceGroupName", group.name);
    else
        jw_knull(w, "ResourceGroupName");
    jw_object_end(w);
    return E_OK;
}

struct down_list {
    struct call *c;
    const struct schema_object *edge; /* as answers declare one */
    int64_t up_task;
    struct arena one; /* of one downstream task, whose document may be long */
    struct buf items;
    enum err_code rc;
};

/* The downstream task's own edge to this one, with its TaskId turned round: a read view (3.1). */
static enum err_code add_downstream(struct down_list *l, int64_t down_task)
{
    struct task_row task = { .id = down_task };
    struct version_row version;
    char up[TASK_ID_LEN + 4], down[TASK_ID_LEN + 4];
    enum err_code rc = row_get(l->c->view, &table_task, &l->one, &task, &l->c->err);
    bool sees = false;
    json_t *doc, *item;
    size_t i;

    if (rc == E_OK)
        rc = access_sees(l->c, l->c->view, task.project_id, &sees);
    version = (struct version_row){ .task_id = down_task, .num = task.version_no };
    if (rc == E_OK && sees)
        rc = row_get(l->c->view, &table_version, &l->one, &version, &l->c->err);
    if (rc != E_OK || !sees)
        return rc == E_MISSING ? E_OK : rc;
    task_id_format(l->up_task, up);
    task_id_format(down_task, down);
    doc = json_loadb(version.doc.ptr, version.doc.len, 0, NULL);
    json_array_foreach(json_object_get(json_object_get(doc, "TaskSchedulerConfiguration"),
                                       "UpstreamDependencyConfigList"),
                       i, item)
    {
        if (!str_eq_c(param_str(item, "TaskId"), up))
            continue;
        json_object_set_new(item, "TaskId", json_string(down));
        fill_object(l->edge, item);
        if (l->items.len > 1)
            buf_add_char(&l->items, ',');
        buf_add_str(&l->items, json_text(item, &l->one));
    }
    json_decref(doc);
    return E_OK;
}

enum { DOWNSTREAM_SHOWN = 1000 };

static enum err_code write_downstream(struct call *c, int64_t task_id)
{
    const struct schema_action *get = schema_action_find(str_from(API_2025), STR("GetTask"));
    struct down_list list = {
        .c = c,
        .edge = fill_of(get, "Data.TaskSchedulerConfiguration.UpstreamDependencyConfigList"),
        .up_task = task_id,
    };
    struct query q;
    void *rows;
    size_t n;
    enum err_code rc;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_UP_TASK, QUERY_EQ, task_id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 0);
    q.limit = DOWNSTREAM_SHOWN;
    rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    buf_init(&list.items, 4 << 20);
    arena_init(&list.one);
    buf_add_char(&list.items, '[');
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        arena_reset(&list.one);
        rc = add_downstream(&list, ((const struct edge_row *)rows)[i].down_task);
    }
    arena_done(&list.one);
    buf_add_char(&list.items, ']');
    if (rc == E_OK && !list.items.overflow) {
        jw_kraw(&c->out, "DownstreamDependencyConfigList", buf_str(&list.items));
        jw_kraw(&c->out, "DownStreamDependencyConfigList", buf_str(&list.items));
    }
    buf_done(&list.items);
    return rc;
}

/* Lists are kept as they were given.  An input without a type has the one that is the default
 * (6.3); an empty pair stays empty, for it means whichever one is recommended for the cycles that
 * the two tasks have by then (3.1). */
static void complete_lists(json_t *scheduler)
{
    const struct schema_action *get = schema_action_find(str_from(API_2025), STR("GetTask"));
    json_t *input;
    size_t i;

    json_array_foreach(json_object_get(scheduler, "ParamTaskInList"), i, input)
    {
        if (param_str(input, "Type").len == 0)
            json_object_set_new(input, "Type", json_string("TASK"));
    }
    fill_below(fill_of(get, "Data.TaskSchedulerConfiguration"), scheduler);
}

static enum err_code write_scheduler(struct call *c, int64_t task_id, json_t *scheduler)
{
    struct calendar_row calendar = { .id = param_str(scheduler, "CalendarId") };
    struct jw *w = &c->out;
    enum err_code rc;

    complete_lists(scheduler);
    jw_object(w);
    write_members(c, scheduler);
    if (!json_object_get(scheduler, "CalendarId"))
        jw_knull(w, "CalendarId");
    if (calendar.id.len > 0 &&
        row_get(c->view, &table_calendar, &c->arena, &calendar, NULL) == E_OK)
        jw_kstr(w, "CalendarName", calendar.name);
    else
        jw_knull(w, "CalendarName");
    rc = write_downstream(c, task_id);
    jw_object_end(w);
    return rc;
}

enum err_code task_view_write(struct call *c, const struct task_row *task,
                              const struct version_row *version)
{
    json_t *doc = json_loadb(version->doc.ptr, version->doc.len, 0, NULL);
    struct jw *w = &c->out;
    enum err_code rc;

    if (!doc)
        return err_set(&c->err, E_CORRUPT, "version %.*s is not readable", STR_ARG(version->id));
    jw_object(w);
    jw_key(w, "TaskBaseAttribute");
    rc = task_view_base(c, task, doc);
    jw_key(w, "TaskConfiguration");
    if (rc == E_OK)
        rc = write_config(c, json_object_get(doc, "TaskConfiguration"));
    if (rc == E_OK) {
        jw_key(w, "TaskSchedulerConfiguration");
        rc = write_scheduler(c, task->id, json_object_get(doc, "TaskSchedulerConfiguration"));
    }
    if (rc == E_OK)
        jw_object_end(w);
    json_decref(doc);
    return rc;
}

enum err_code task_view_code(struct call *c, const struct version_row *version, struct str *ret)
{
    struct task_spec spec;
    enum err_code rc =
        task_decode_text(version->doc, (struct civil){ 0 }, &c->arena, &spec, &c->err);

    if (rc == E_OK)
        *ret = spec.code;
    return rc;
}
