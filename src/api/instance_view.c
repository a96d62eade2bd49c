/* api/instance_view.c - how an instance looks in answers, for every action that shows one. */
#include "api/instance_view.h"

#include "api/reason_text.h"
#include "cal/zone.h"
#include "cal/schedule.h"
#include "engine/cmd_project.h"
#include "model/task.h"
#include "sys/clock.h"

enum err_code view_zone(struct call *c, const struct zone **ret)
{
    struct str name = param_str(c->params, "TimeZone");

    *ret = zone_default();
    if (name.len == 0)
        return E_OK;
    enum err_code rc = zone_find(name, ret, &c->err);
    if (rc != E_OK)
        err_prefix(&c->err, "TimeZone");
    return rc;
}

enum err_code view_project(struct call *c)
{
    struct project_row project;

    return project_require(c->view, &c->arena, param_str(c->params, "ProjectId"), "ProjectId",
                           &project, &c->err);
}

enum err_code view_time_param(struct call *c, const char *name, const struct zone *zone,
                              struct wall *ret)
{
    struct str text = param_str(c->params, name);
    struct civil civil;

    *ret = WALL_NONE;
    if (text.len == 0)
        return E_OK;
    enum err_code rc = civil_parse(text, &civil, &c->err);
    if (rc != E_OK)
        err_prefix(&c->err, name);
    else
        *ret = zone_to_wall(zone, civil);
    return rc;
}

enum err_code view_instance(struct call *c, struct instance_row *ret)
{
    struct str text = param_str(c->params, "InstanceKey");
    struct instance_key key;
    enum err_code rc;

    if (!instance_key_parse(text, &key))
        return err_user(
            &c->err, E_SYNTAX, "InstanceKey",
            "`%.*s` is not an instance key; it looks like 20250910174556035_2025-09-11 00:00:00",
            "`%.*s` 不是实例标识，格式如 20250910174556035_2025-09-11 00:00:00", STR_ARG(text));
    *ret = (struct instance_row){ .task_id = key.task_id, .data_time = key.data_time };
    rc = row_get(c->view, &table_instance, &c->arena, ret, &c->err);
    if (rc == E_MISSING ||
        (rc == E_OK && !str_eq(ret->project_id, param_str(c->params, "ProjectId"))))
        return err_user(&c->err, E_MISSING, "InstanceKey",
                        "there is no instance `%.*s` in this project", "该项目中没有实例 `%.*s`",
                        STR_ARG(text));
    return rc;
}

void view_write_uins(struct jw *w, const char *key, struct str uins)
{
    jw_key(w, key);
    jw_array(w);
    while (uins.ptr && uins.len > 0) {
        struct str uin = str_split(&uins, ';');
        if (uin.len > 0)
            jw_str(w, uin);
    }
    jw_array_end(w);
}

struct place {
    struct str workflow_name, folder_id, folder_name, group_name;
};

/* Names of where the task lives; what is gone by now stays empty. */
static enum err_code find_place(struct call *c, const struct instance_row *i, struct place *ret)
{
    struct workflow_row workflow = { .id = i->workflow_id };
    struct group_row group = { .id = i->group_id };
    struct folder_row folder = { .project_id = i->project_id };
    enum err_code rc = row_get(c->view, &table_workflow, &c->arena, &workflow, &c->err);

    *ret = (struct place){ .folder_id = { NULL, 0 } };
    if (rc == E_OK) {
        ret->workflow_name = workflow.name;
        folder.path = workflow.folder_path;
        rc = row_get_by(c->view, &table_folder, 0, &c->arena, &folder, &c->err);
        if (rc == E_OK) {
            ret->folder_id = folder.id;
            ret->folder_name = folder.name;
        }
    }
    if ((rc == E_OK || rc == E_MISSING) && i->group_id.len > 0) {
        rc = row_get(c->view, &table_group, &c->arena, &group, &c->err);
        if (rc == E_OK)
            ret->group_name = group.name;
    }
    return rc == E_MISSING ? E_OK : rc;
}

static void write_text_or_null(struct jw *w, const char *key, struct str s)
{
    if (s.len > 0)
        jw_kstr(w, key, s);
    else
        jw_knull(w, key);
}

static void write_names(struct call *c, const struct instance_row *i, const struct place *place)
{
    char id[TASK_ID_LEN + 4];
    struct jw *w = &c->out;
    struct buf key;

    task_id_format(i->task_id, id);
    buf_init(&key, INSTANCE_KEY_MAX);
    instance_key_format((struct instance_key){ i->task_id, i->data_time }, &key);
    jw_kstr(w, "ProjectId", i->project_id);
    jw_kstr(w, "InstanceKey", buf_str(&key));
    buf_done(&key);
    write_text_or_null(w, "FolderId", place->folder_id);
    write_text_or_null(w, "FolderName", place->folder_name);
    jw_kstr(w, "WorkflowId", i->workflow_id);
    write_text_or_null(w, "WorkflowName", place->workflow_name);
    jw_kcstr(w, "TaskId", id);
    jw_kstr(w, "TaskName", i->task_name);
    write_text_or_null(w, "ExecutorGroupId", i->group_id);
    write_text_or_null(w, "ExecutorGroupName", place->group_name);
    view_write_uins(w, "OwnerUinList", i->owner_uin);
}

int64_t view_cost_ms(struct wall started_at, struct wall ended_at)
{
    if (!wall_is_set(started_at))
        return 0;
    struct wall end = wall_is_set(ended_at) ? ended_at : clock_wall();
    return end.us > started_at.us ? (end.us - started_at.us) / 1000 : 0;
}

/* JobErrorMsg is about failures; ExplainTaskInstance says also who made it successful. */
static struct str failure_of(struct call *c, const struct instance_row *i)
{
    return i->state == INSTANCE_COMPLETED ? STR("") : reason_text(i->reason, c->lang, &c->arena);
}

enum err_code view_write_instance(struct call *c, const struct instance_row *i,
                                  const struct zone *zone, bool detail)
{
    char data_time[CIVIL_TEXT_LEN + 1];
    struct place place;
    struct jw *w = &c->out;
    enum err_code rc = find_place(c, i, &place);

    if (rc != E_OK)
        return rc;
    civil_format(i->data_time, data_time);
    jw_object(w);
    write_names(c, i, &place);
    jw_kcstr(w, "CurRunDate", data_time);
    jw_kcstr(w, "InstanceState", instance_state_name((enum instance_state)i->state));
    jw_ku64(w, "InstanceType", (uint64_t)i->type);
    jw_kcstr(w, "TaskType", task_type_name(i->task_type_id));
    jw_ki64(w, "TaskTypeId", i->task_type_id);
    jw_kcstr(w, "CycleType", cycle_name((enum cycle)i->cycle));
    jw_ku64(w, "TotalRunNum", (uint64_t)i->total_runs);
    jw_ku64(w, "TryLimit", (uint64_t)i->try_limit);
    jw_ku64(w, "Tries", (uint64_t)i->tries);
    jw_ki64(w, "CostTime", view_cost_ms(i->started_at, i->ended_at));
    jw_wall(w, "StartTime", i->started_at, zone);
    jw_wall(w, "EndTime", i->ended_at, zone);
    jw_wall(w, "SchedulerTime", i->fire_at, zone);
    jw_wall(w, "LastUpdateTime", i->updated_at, zone);
    if (detail)
        write_text_or_null(w, "JobErrorMsg", failure_of(c, i));
    jw_object_end(w);
    return E_OK;
}
