/* api/act_task.c - CreateTask, UpdateTask, UpdateTaskPartially, DeleteTask, SubmitTask; weft-1
 * SubmitTaskIdle (docs/reference/semantics.md 1.4-1.6).
 *
 * CreateTask knows its definition beforehand, so it is decoded on the gateway's thread, and again
 * only where it leaves its schedule to the workflow (2.9); the
 * updates start from the present draft and are decoded on the engine's, inside the transaction that
 * writes them.
 */
#include "api/task_view.h"

#include <stdio.h>

#include "cal/zone.h"
#include "engine/cmd_task.h"
#include "engine/workflow_schedule.h"
#include "model/task_doc.h"
#include "sys/clock.h"

struct write_state {
    struct task_spec spec;
    struct task_write write;
    int64_t id;
    struct str version_id;
};

static struct civil day_of(struct wall now)
{
    return civil_day(zone_to_civil(zone_default(), now));
}

/* Decode the document and complete it.  Takes the reference of given. */
static enum err_code complete(struct call *c, json_t *given, struct civil day,
                              struct write_state *s)
{
    enum err_code rc = task_decode(given, day, &c->arena, &s->spec, &c->err);

    if (rc == E_OK) {
        s->write.doc = task_doc_build(given, &s->spec, c->uin, &c->arena);
        s->write.spec = &s->spec;
        s->write.uin = c->uin;
        s->write.project_id = param_str(c->params, "ProjectId");
    }
    json_decref(given);
    return rc;
}

/* ---- CreateTask ---------------------------------------------------------------------------- */

static enum err_code create_prepare(struct call *c)
{
    struct write_state *s = ARENA_NEW(&c->arena, struct write_state);

    enum err_code rc = task_check_given(c->params, &c->err);

    c->state = s;
    return rc == E_OK ? complete(c, json_incref(c->params), day_of(clock_wall()), s) : rc;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct write_state *s = c->state;
    json_t *given;
    enum err_code rc = workflow_schedule_inherit(g, c->params, &given, &c->err);

    if (rc == E_OK && given)
        rc = complete(c, given, day_of(engine_now(g)), s);
    if (rc == E_OK)
        rc = task_create(g, &s->write, &s->id, &c->err);
    if (rc == E_OK)
        c->made = arena_printf(&c->arena, "%lld", (long long)s->id);
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    const struct write_state *s = c->state;
    char id[TASK_ID_LEN + 4];

    task_id_format(s->id, id);
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kcstr(&c->out, "TaskId", id);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- UpdateTask, UpdateTaskPartially ------------------------------------------------------- */

/* The present draft as a document of its own. */
static enum err_code load_draft(struct call *c, struct engine *g, struct write_state *s,
                                json_t **ret)
{
    struct task_row task;
    struct version_row version;
    enum err_code rc = task_id_param(c, &s->write.id);

    if (rc == E_OK)
        rc = task_require(engine_view(g), &c->arena, param_str(c->params, "ProjectId"), s->write.id,
                          &task, &c->err);
    if (rc != E_OK)
        return rc;
    version = (struct version_row){ .task_id = task.id, .num = task.version_no };
    rc = row_get(engine_view(g), &table_version, &c->arena, &version, &c->err);
    if (rc != E_OK)
        return rc;
    *ret = json_loadb(version.doc.ptr, version.doc.len, 0, NULL);
    return *ret ? E_OK
                : err_set(&c->err, E_CORRUPT, "version %.*s is not readable", STR_ARG(version.id));
}

/* Names that the client wrote are in the request below this member. */
static enum err_code change(struct call *c, struct engine *g, json_t *doc, const char *below)
{
    struct write_state *s = c->state;
    enum err_code rc = complete(c, doc, day_of(engine_now(g)), s);

    if (rc == E_OK)
        rc = task_change(g, &s->write, &c->err);
    if (rc != E_OK && c->err.path[0] && !str_eq_c(str_from(c->err.path), "TaskId") &&
        !str_eq_c(str_from(c->err.path), "ProjectId"))
        err_prefix(&c->err, below);
    return rc;
}

/* The member that has the blocks of a change. */
static enum err_code check_given(struct call *c, const char *member)
{
    enum err_code rc = task_check_given(param_object(c->params, member), &c->err);

    if (rc != E_OK)
        err_prefix(&c->err, member);
    return rc;
}

static enum err_code update_prepare(struct call *c)
{
    return check_given(c, "Task");
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    struct write_state *s = c->state = ARENA_NEW(&c->arena, struct write_state);
    const json_t *task = param_object(c->params, "Task");
    json_t *draft = NULL, *doc, *base;
    enum err_code rc = load_draft(c, g, s, &draft);

    if (rc != E_OK)
        return rc;
    /* A whole replacement; type and workflow are not in the request and stay. */
    doc = json_deep_copy(task);
    base = json_object_get(doc, "TaskBaseAttribute");
    json_object_set(base, "TaskTypeId",
                    json_object_get(json_object_get(draft, "TaskBaseAttribute"), "TaskTypeId"));
    json_object_set(base, "WorkflowId",
                    json_object_get(json_object_get(draft, "TaskBaseAttribute"), "WorkflowId"));
    json_decref(draft);
    return change(c, g, doc, "Task");
}

static enum err_code remove_fields(struct call *c, json_t *doc)
{
    const json_t *item;
    char path[48];
    size_t i;

    json_array_foreach(param_list(c->params, "FieldToRemoveList"), i, item)
    {
        enum err_code rc = task_doc_remove(doc, json_str(item), &c->err);
        if (rc != E_OK) {
            snprintf(path, sizeof(path), "FieldToRemoveList.%zu", i);
            err_prefix(&c->err, path);
            return rc;
        }
    }
    return E_OK;
}

/* Each name is looked for in a list of up to TASK_LIST_MAX elements, on the engine thread. */
static enum err_code check_removed(struct call *c)
{
    const json_t *item;
    size_t i, n = 0;

    json_array_foreach(param_list(c->params, "FieldToRemoveList"), i, item)
    {
        struct str entry = json_str(item);
        while (entry.ptr && n <= TASK_LIST_MAX) {
            str_split(&entry, ',');
            n++;
        }
    }
    return n <= TASK_LIST_MAX ? E_OK
                              : err_user(&c->err, E_LIMIT, "FieldToRemoveList",
                                         "it removes at most %d elements in one call",
                                         "一次最多移除 %d 个元素", TASK_LIST_MAX);
}

static enum err_code partial_prepare(struct call *c)
{
    enum err_code rc = check_removed(c);

    return rc == E_OK ? check_given(c, "NewSetting") : rc;
}

static enum err_code partial_apply(struct call *c, struct engine *g)
{
    struct write_state *s = c->state = ARENA_NEW(&c->arena, struct write_state);
    json_t *doc = NULL;
    enum err_code rc;

    if (!param_has(c->params, "NewSetting") &&
        json_array_size(param_list(c->params, "FieldToRemoveList")) == 0)
        return err_user(&c->err, E_REQUIRED, "NewSetting",
                        "NewSetting or FieldToRemoveList must say what to change",
                        "NewSetting 与 FieldToRemoveList 至少填写一个");
    rc = load_draft(c, g, s, &doc);
    if (rc != E_OK)
        return rc;
    task_doc_merge(doc, param_object(c->params, "NewSetting"));
    rc = remove_fields(c, doc);
    if (rc != E_OK) {
        json_decref(doc);
        return rc;
    }
    return change(c, g, doc, "NewSetting");
}

/* ---- DeleteTask, SubmitTask
 * ---------------------------------------------------------------------- */

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    struct task_deletion w = { .project_id = param_str(c->params, "ProjectId"),
                               .uin = c->uin,
                               .gentle = param_bool(c->params, "DeleteMode", false),
                               .inform = param_bool(c->params, "OperateInform", false) };
    enum err_code rc = task_id_param(c, &w.task_id);

    return rc == E_OK ? task_delete(g, &w, &c->err) : rc;
}

static enum err_code submit_as(struct call *c, struct engine *g, enum task_status status)
{
    struct write_state *s = c->state = ARENA_NEW(&c->arena, struct write_state);
    enum err_code rc = task_id_param(c, &s->id);
    struct task_submission w = { .project_id = param_str(c->params, "ProjectId"),
                                 .task_id = s->id,
                                 .remark = param_str(c->params, "VersionRemark"),
                                 .uin = c->uin,
                                 .status = status };

    if (rc == E_OK)
        rc = task_submit(g, &w, &s->version_id, &c->err);
    if (rc == E_OK)
        s->version_id = arena_str(&c->arena, s->version_id);
    return rc;
}

static enum err_code submit_apply(struct call *c, struct engine *g)
{
    return submit_as(c, g, TASK_NEW);
}

/* weft-1: submitted and paused, or stopped, in one step. */
static enum err_code submit_idle_apply(struct call *c, struct engine *g)
{
    struct str status = param_str(c->params, "Status");

    if (!str_eq_c(status, "O") && !str_eq_c(status, "F"))
        return err_user(&c->err, E_RANGE, "Status",
                        "`%.*s` is neither O (paused) nor F (stopped); SubmitTask makes a task "
                        "schedule",
                        "`%.*s` 既不是 O(暂停)也不是 F(下线)，要启动调度请用 SubmitTask",
                        STR_ARG(str_sub(status, 0, 64)));
    return submit_as(c, g, str_eq_c(status, "O") ? TASK_PAUSED : TASK_STOPPED);
}

static enum err_code submit_answer(struct call *c)
{
    const struct write_state *s = c->state;

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "VersionId", s->version_id);
    jw_kbool(&c->out, "Status", true);
    jw_object_end(&c->out);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "CreateTask", create_prepare, create_apply, create_answer, ACCESS_DEVELOP,
      "TaskBaseAttribute.WorkflowId" },
    { API_2025, "DeleteTask", NULL, delete_apply, answer_status, ACCESS_DEVELOP, "TaskId" },
    { API_2025, "SubmitTask", NULL, submit_apply, submit_answer, ACCESS_DEVELOP, "TaskId" },
    { API_WEFT, "SubmitTaskIdle", NULL, submit_idle_apply, submit_answer, ACCESS_DEVELOP,
      "TaskId" },
    { API_2025, "UpdateTask", update_prepare, update_apply, answer_status, ACCESS_DEVELOP,
      "TaskId" },
    { API_2025, "UpdateTaskPartially", partial_prepare, partial_apply, answer_status,
      ACCESS_DEVELOP, "TaskId" },
};
const struct action_family family_task = { actions, ARRAY_LEN(actions) };
