/* api/fixture_objects.c - makes one object of a fixture; engine thread. */
#include "api/fixture_int.h"

#include <stdio.h>

#include "api/workflow_doc.h"
#include "cal/zone.h"
#include "engine/cmd_calendar.h"
#include "engine/cmd_event.h"
#include "engine/cmd_folder.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/cmd_task_folder.h"
#include "engine/cmd_workflow.h"
#include "engine/workflow_schedule.h"
#include "model/task_doc.h"

/* What is there under the id belongs to another project. */
static enum err_code foreign(const char *id_name, struct err *e)
{
    return err_user(e, E_CONFLICT, id_name, "this id exists already in another project",
                    "该 ID 已存在于其他项目");
}

/* A look-up by id: E_OK there, E_MISSING not there. */
static enum err_code found(enum err_code rc, struct str is, struct str wanted, const char *id_name,
                           bool *ret_there, struct err *e)
{
    *ret_there = rc == E_OK;
    if (rc == E_OK && !str_eq(is, wanted))
        return foreign(id_name, e);
    return rc == E_MISSING ? E_OK : rc;
}

static struct str *text_list(const json_t *list, struct arena *a)
{
    size_t n = json_array_size(list);
    struct str *ret = ARENA_ARRAY(a, struct str, n + 1);

    for (size_t i = 0; i < n; i++)
        ret[i] = json_str(json_array_get(list, i));
    return ret;
}

/* ---- projects ------------------------------------------------------------------------------ */

static enum err_code make_project(struct fixture_step *s, struct engine *g, bool *ret_made,
                                  struct err *e)
{
    const json_t *o = s->item;
    struct str id = param_str(o, "ProjectId");
    struct project_request r = {
        .id = id,
        .name = param_str(o, "ProjectName"),
        .display_name = param_str(o, param_has(o, "DisplayName") ? "DisplayName" : "ProjectName"),
        .description = param_str(o, "Description"),
        .model = param_str(o, "ProjectModel"),
        .owner_uin = param_str(o, "ProjectOwnerUin"),
        .creator_uin = s->fixture->uin
    };
    struct project_row row = { .id = id };
    enum err_code rc =
        id.len == 0 ? E_MISSING : row_get(engine_view(g), &table_project, engine_arena(g), &row, e);

    *ret_made = rc == E_MISSING;
    if (id.len == 0)
        return err_user(e, E_RANGE, "ProjectId", "it must not be empty", "不能为空");
    return rc == E_MISSING ? project_create(g, &r, &id, e) : rc;
}

static const struct fixture_field project_fields[] = {
    { "ProjectId", 's', true },
    { "ProjectName", 's', true },
    { "DisplayName", 's', false },
    { "Description", 's', false },
    { "ProjectModel", 's', false },
    { "ProjectOwnerUin", 's', false },
    { NULL, 0, false },
};
const struct fixture_section fixture_projects = { "Projects", NULL, NULL, project_fields,
                                                  make_project };

/* ---- resource groups ----------------------------------------------------------------------- */

/* Before anything is made: a group that the core knows cannot be taken back. */
static enum err_code check_projects(struct engine *g, const json_t *projects, struct err *e)
{
    struct project_row project;
    char path[32];
    enum err_code rc = E_OK;

    for (size_t i = 0; rc == E_OK && i < json_array_size(projects); i++) {
        snprintf(path, sizeof(path), "ProjectIds.%zu", i);
        rc = project_require(engine_view(g), engine_arena(g), json_str(json_array_get(projects, i)),
                             path, &project, e);
    }
    return rc;
}

static enum err_code associate_all(struct engine *g, struct str id, const json_t *projects,
                                   struct err *e)
{
    const json_t *item;
    size_t i;
    enum err_code rc = E_OK;

    json_array_foreach(projects, i, item)
    {
        if (rc == E_OK)
            rc = group_associate(g, id, json_str(item), e);
    }
    return rc;
}

static enum err_code make_group(struct fixture_step *s, struct engine *g, bool *ret_made,
                                struct err *e)
{
    const json_t *o = s->item;
    struct str id = param_str(o, "ResourceGroupId"), made;
    int64_t slots = param_i64(o, "Slots", 0);
    struct group_change change = { .slots = &slots };
    struct group_row row = { .id = id };
    struct group_request r = { .id = id,
                               .name = param_str(o, "Name"),
                               .type =
                                   param_has(o, "Type") ? param_str(o, "Type") : STR("Schedule"),
                               .slots = slots,
                               .slots_path = "Slots",
                               .description = param_str(o, "Description"),
                               .creator_uin = s->fixture->uin,
                               .doc = STR("{}") };
    enum err_code rc;

    if (id.len == 0)
        return err_user(e, E_RANGE, "ResourceGroupId", "it must not be empty", "不能为空");
    rc = check_projects(g, param_list(o, "ProjectIds"), e);
    if (rc != E_OK)
        return rc;
    rc = row_get(engine_view(g), &table_group, engine_arena(g), &row, e);
    *ret_made = rc == E_MISSING;
    if (*ret_made)
        rc = group_create(g, &r, &made, e);
    else if (rc == E_OK && row.slots != slots)
        rc = group_update(g, id, &change, e);
    return rc == E_OK ? associate_all(g, id, param_list(o, "ProjectIds"), e) : rc;
}

static const struct fixture_field group_fields[] = {
    { "ResourceGroupId", 's', true },
    { "Name", 's', true },
    { "Type", 's', false },
    { "Slots", 'i', true },
    { "Description", 's', false },
    { "ProjectIds", 'l', false },
    { NULL, 0, false },
};
const struct fixture_section fixture_groups = { "ResourceGroups", NULL, NULL, group_fields,
                                                make_group };

/* ---- calendars ----------------------------------------------------------------------------- */

static enum err_code make_calendar(struct fixture_step *s, struct engine *g, bool *ret_made,
                                   struct err *e)
{
    const json_t *dates = param_list(s->item, "Dates");
    struct calendar_request r = { .id = param_str(s->item, "CalendarId"),
                                  .name = param_str(s->item, "CalendarName"),
                                  .mode = param_str(s->item, "Mode"),
                                  .dates = text_list(dates, engine_arena(g)),
                                  .n_dates = (int)json_array_size(dates) };

    return calendar_put(g, &r, ret_made, e);
}

static const struct fixture_field calendar_fields[] = {
    { "CalendarId", 's', true }, { "CalendarName", 's', true },
    { "Mode", 's', true },       { "Dates", 'l', true },
    { NULL, 0, false },
};
const struct fixture_section fixture_calendars = { "Calendars", NULL, NULL, calendar_fields,
                                                   make_calendar };

/* ---- folders and workflows ----------------------------------------------------------------- */

static enum err_code make_folder(struct fixture_step *s, struct engine *g, bool *ret_made,
                                 struct err *e)
{
    struct folder_request r = { .id = param_str(s->item, "FolderId"),
                                .project_id = param_str(s->params, "ProjectId"),
                                .parent_path = param_str(s->params, "ParentFolderPath"),
                                .name = param_str(s->params, "FolderName"),
                                .creator_uin = s->fixture->uin };
    struct folder_row row = { .id = r.id };
    struct str made;
    bool there;

    if (r.id.len == 0)
        return err_user(e, E_RANGE, "FolderId", "it must not be empty", "不能为空");
    enum err_code rc = row_get(engine_view(g), &table_folder, engine_arena(g), &row, e);
    rc = found(rc, row.project_id, r.project_id, "FolderId", &there, e);
    *ret_made = !there;
    return rc == E_OK && !there ? folder_create(g, &workflow_folders, &r, &made, e) : rc;
}

static const struct fixture_field folder_fields[] = { { "FolderId", 's', true },
                                                      { NULL, 0, false } };
const struct fixture_section fixture_folders = { "WorkflowFolders", API_2025,
                                                 "CreateWorkflowFolder", folder_fields,
                                                 make_folder };

static enum err_code make_workflow(struct fixture_step *s, struct engine *g, bool *ret_made,
                                   struct err *e)
{
    const json_t *p = s->params;
    struct workflow_request r = { .id = param_str(s->item, "WorkflowId"),
                                  .project_id = param_str(p, "ProjectId"),
                                  .folder_path = param_str(p, "ParentFolderPath"),
                                  .name = param_str(p, "WorkflowName"),
                                  .type = param_str(p, "WorkflowType"),
                                  .description = param_str(p, "WorkflowDesc"),
                                  .owner_uin = param_str(p, "OwnerUin"),
                                  .creator_uin = s->fixture->uin,
                                  .bundle_id = param_str(p, "BundleId") };
    struct workflow_row row = { .id = r.id };
    struct str made;
    struct workflow_doc doc;
    bool there;
    enum err_code rc = workflow_doc_make(p, STR("{}"), engine_arena(g), &doc, e);

    if (rc != E_OK)
        return rc;
    r.doc = doc.text;
    r.schedule = doc.schedule;
    if (r.id.len == 0)
        return err_user(e, E_RANGE, "WorkflowId", "it must not be empty", "不能为空");
    rc = row_get(engine_view(g), &table_workflow, engine_arena(g), &row, e);
    rc = found(rc, row.project_id, r.project_id, "WorkflowId", &there, e);
    *ret_made = !there;
    return rc == E_OK && !there ? workflow_create(g, &r, &made, e) : rc;
}

static const struct fixture_field workflow_fields[] = { { "WorkflowId", 's', true },
                                                        { NULL, 0, false } };
const struct fixture_section fixture_workflows = { "Workflows", API_2025, "CreateWorkflow",
                                                   workflow_fields, make_workflow };

static enum err_code make_task_folder(struct fixture_step *s, struct engine *g, bool *ret_made,
                                      struct err *e)
{
    struct task_folder_request r = { .id = param_str(s->item, "TaskFolderId"),
                                     .project_id = param_str(s->params, "ProjectId"),
                                     .workflow_id = param_str(s->params, "WorkflowId"),
                                     .type = param_str(s->params, "TaskFolderType"),
                                     .parent_path = param_str(s->params, "ParentTaskFolderPath"),
                                     .name = param_str(s->params, "TaskFolderName"),
                                     .creator_uin = s->fixture->uin };
    struct task_folder_row row = { .id = r.id };
    struct str made;
    bool there;

    if (r.id.len == 0)
        return err_user(e, E_RANGE, "TaskFolderId", "it must not be empty", "不能为空");
    enum err_code rc = row_get(engine_view(g), &table_task_folder, engine_arena(g), &row, e);
    rc = found(rc, row.project_id, r.project_id, "TaskFolderId", &there, e);
    *ret_made = !there;
    return rc == E_OK && !there ? task_folder_create(g, &r, &made, e) : rc;
}

static const struct fixture_field task_folder_fields[] = { { "TaskFolderId", 's', true },
                                                           { NULL, 0, false } };
const struct fixture_section fixture_task_folders = { "TaskFolders", API_2025, "CreateTaskFolder",
                                                      task_folder_fields, make_task_folder };

/* ---- events -------------------------------------------------------------------------------- */

static enum err_code make_event(struct fixture_step *s, struct engine *g, bool *ret_made,
                                struct err *e)
{
    const json_t *p = s->params;
    struct event_request r = { .id = param_str(s->item, "EventId"),
                               .project_id = param_str(p, "ProjectId"),
                               .name = param_str(p, "Name"),
                               .sub_type = param_str(p, "EventSubType"),
                               .ttl = param_str(p, "TimeToLive"),
                               .unit = param_str(p, "TimeUnit"),
                               .event_type = param_str(p, "EventType"),
                               .broadcast_type = param_str(p, "EventBroadcastType"),
                               .dimension_format = param_str(p, "DimensionFormat"),
                               .has_consume_limit = param_has(p, "ValidConsumeCount"),
                               .consume_limit = param_i64(p, "ValidConsumeCount", -1),
                               .owner = param_str(p, "Owner"),
                               .description = param_str(p, "Description") };
    struct event_row row = { .project_id = r.project_id, .name = r.name }, made;
    enum err_code rc = E_MISSING;

    if (r.project_id.len > 0 && r.name.len > 0)
        rc = row_get_by(engine_view(g), &table_event, 0, engine_arena(g), &row, e);
    *ret_made = rc == E_MISSING;
    return rc == E_MISSING ? event_register(g, &r, &made, e) : rc;
}

static const struct fixture_field event_fields[] = { { "EventId", 's', false },
                                                     { NULL, 0, false } };
const struct fixture_section fixture_events = { "Events", API_2021, "RegisterDsEvent", event_fields,
                                                make_event };

/* ---- tasks --------------------------------------------------------------------------------- */

static enum err_code read_task(struct fixture_step *s, struct engine *g, struct task_spec *spec,
                               struct task_write *w, struct err *e)
{
    struct civil today = civil_day(zone_to_civil(zone_default(), engine_now(g)));
    struct str id = param_str(s->item, "TaskId");
    json_t *params;
    enum err_code rc;

    if (!task_id_parse(id, &w->id))
        return err_user(e, E_RANGE, "TaskId", "`%.*s` is not a task id of 17 digits",
                        "`%.*s` 不是 17 位数字的任务 ID", STR_ARG(str_sub(id, 0, 64)));
    rc = task_check_given(s->params, e);
    if (rc == E_OK)
        rc = workflow_schedule_inherit(g, s->params, &params, e);
    if (rc != E_OK)
        return rc;
    if (!params)
        params = json_incref((json_t *)(uintptr_t)s->params);
    rc = task_decode(params, today, engine_arena(g), spec, e);
    if (rc == E_OK)
        w->doc = task_doc_build(params, spec, s->fixture->uin, engine_arena(g));
    json_decref(params);
    if (rc != E_OK)
        return rc;
    w->spec = spec;
    w->uin = s->fixture->uin;
    w->project_id = param_str(s->params, "ProjectId");
    return E_OK;
}

static enum err_code make_task(struct fixture_step *s, struct engine *g, bool *ret_made,
                               struct err *e)
{
    struct task_spec spec;
    struct task_write w = { .id = 0 };
    struct str remark = param_str(s->item, "VersionRemark"), version_id;
    int64_t id;
    bool there;
    enum err_code rc = read_task(s, g, &spec, &w, e);

    if (rc != E_OK)
        return rc;
    struct task_row row = { .id = w.id };
    rc = row_get(engine_view(g), &table_task, engine_arena(g), &row, e);
    rc = found(rc, row.project_id, w.project_id, "TaskId", &there, e);
    *ret_made = !there;
    if (rc != E_OK || there)
        return rc;
    rc = task_create(g, &w, &id, e);
    if (rc == E_OK && param_bool(s->item, "Submit", false))
        rc = task_submit(
            g,
            &(struct task_submission){ .project_id = w.project_id,
                                       .task_id = id,
                                       .remark = remark.len > 0 ? remark : STR("fixture"),
                                       .uin = w.uin,
                                       .status = TASK_NEW },
            &version_id, e);
    return rc;
}

static const struct fixture_field task_fields[] = {
    { "TaskId", 's', true },
    { "Submit", 'b', false },
    { "VersionRemark", 's', false },
    { NULL, 0, false },
};
const struct fixture_section fixture_tasks = { "Tasks", API_2025, "CreateTask", task_fields,
                                               make_task };
