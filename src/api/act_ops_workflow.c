/* api/act_ops_workflow.c - ListOpsWorkflows, GetOpsWorkflow: workflows as production runs them
 * (docs/reference/semantics.md 1.7). */
#include "api/instance_view.h"
#include "api/owner_filter.h"
#include "api/page.h"
#include "api/times.h"

#include <stdlib.h>

#include "base/map.h"
#include "cal/zone.h"
#include "engine/cmd_workflow.h"
#include "model/ops_status.h"
#include "model/workflow_schedule.h"

/* What its tasks say of a workflow. */
struct summary {
    int64_t tasks[TASK_STATUS_N_], submitted;
    struct wall changed_at, first_submit_at, last_submit_at;
    struct str changer_uin;
    bool listed;
};

static void note_change(struct summary *s, struct arena *a, struct wall at, struct str uin)
{
    if (!wall_is_set(at) || at.us <= s->changed_at.us)
        return;
    s->changed_at = at;
    s->changer_uin = arena_str(a, uin);
}

/* Drafts change a workflow too, but only what was submitted makes its state. */
static void add_task(struct summary *s, struct arena *a, const struct task_row *t)
{
    note_change(s, a, t->updated_at, t->updater_uin);
    note_change(s, a, t->ops_at, t->ops_uin);
    if (t->submit_version_no == 0)
        return;
    s->submitted++;
    s->tasks[t->status]++;
    if (!wall_is_set(s->first_submit_at) || t->first_submit_at.us < s->first_submit_at.us)
        s->first_submit_at = t->first_submit_at;
    if (!wall_is_set(s->last_submit_at) || t->last_submit_at.us > s->last_submit_at.us)
        s->last_submit_at = t->last_submit_at;
}

static void write_text(struct jw *w, const char *key, bool found, struct str text)
{
    if (found)
        jw_kstr(w, key, text);
    else
        jw_knull(w, key);
}

/* The folder that it lies in; false: the root, which has no row. */
static bool find_folder(struct call *c, const struct workflow_row *row, struct folder_row *ret)
{
    *ret = (struct folder_row){ .project_id = row->project_id, .path = row->folder_path };
    return row_get_by(c->view, &table_folder, 0, &c->arena, ret, NULL) == E_OK;
}

/* The members that both answers have. */
static void write_members(struct call *c, const struct workflow_row *row, struct summary *s,
                          const struct folder_row *folder)
{
    struct jw *w = &c->out;

    note_change(s, &c->arena, row->updated_at, row->updater_uin);
    jw_kstr(w, "WorkflowId", row->id);
    jw_kstr(w, "WorkflowName", row->name);
    jw_kstr(w, "WorkflowType", row->type);
    jw_kstr(w, "WorkflowDesc", row->description);
    jw_kstr(w, "OwnerUin", row->owner_uin);
    write_text(w, "FolderId", folder != NULL, folder ? folder->id : STR(""));
    jw_kcstr(w, "Status", ops_status_name(ops_status_of(s->tasks)));
    jw_wall(w, "CreateTime", row->created_at, zone_default());
    jw_wall(w, "UpdateTime", s->changed_at, zone_default());
}

/* ---- ListOpsWorkflows ---------------------------------------------------------------------- */

struct entry {
    struct str id;
    struct wall created_at;
    struct summary *summary;
};

struct listing {
    struct arena *arena;
    struct map summaries; /* by workflow; of all tasks of the project */
    struct entry *entries;
    size_t n;
    bool has_status;
    enum ops_status status;
    struct wall changed_from;
};

static bool take_task(void *ctx, const void *row)
{
    struct listing *l = ctx;
    const struct task_row *task = row;
    struct summary *s = map_get(&l->summaries, task->workflow_id);

    if (!s) {
        s = ARENA_NEW(l->arena, struct summary);
        map_put(&l->summaries, task->workflow_id, s);
    }
    add_task(s, l->arena, task);
    return true;
}

static bool take_workflow(void *ctx, const void *row)
{
    struct listing *l = ctx;
    const struct workflow_row *workflow = row;
    struct summary *s = map_get(&l->summaries, workflow->id);

    if (!s || s->submitted == 0 || s->listed ||
        (l->has_status && ops_status_of(s->tasks) != l->status) ||
        (s->changed_at.us < l->changed_from.us && workflow->updated_at.us < l->changed_from.us))
        return true;
    s->listed = true;
    l->entries[l->n++] =
        (struct entry){ arena_str(l->arena, workflow->id), workflow->created_at, s };
    return true;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_creation(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = compare_numbers(x->created_at.us, y->created_at.us);

    return order != 0 ? order : str_cmp(x->id, y->id);
}

static int by_tasks(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = compare_numbers(x->summary->submitted, y->summary->submitted);

    return order != 0 ? order : by_creation(a, b);
}

static enum err_code sort_entries(struct call *c, struct listing *l)
{
    struct str item = param_str(c->params, "SortItem"), type = param_str(c->params, "SortType");
    bool tasks = str_eq_c(item, "TaskCount");

    if (item.len > 0 && !tasks && !str_eq_c(item, "CreateTime"))
        return err_user(&c->err, E_RANGE, "SortItem", "`%.*s` is not CreateTime or TaskCount",
                        "`%.*s` 不是 CreateTime 或 TaskCount", STR_ARG(str_sub(item, 0, 64)));
    if (type.len > 0 && !str_ieq(type, STR("DESC")) && !str_ieq(type, STR("ASC")))
        return err_user(&c->err, E_RANGE, "SortType", "`%.*s` is not ASC or DESC",
                        "`%.*s` 不是 ASC 或 DESC", STR_ARG(str_sub(type, 0, 64)));
    qsort(l->entries, l->n, sizeof(*l->entries), tasks ? by_tasks : by_creation);
    for (size_t i = 0; !str_ieq(type, STR("ASC")) && i < l->n / 2; i++) {
        struct entry first = l->entries[i];
        l->entries[i] = l->entries[l->n - 1 - i];
        l->entries[l->n - 1 - i] = first;
    }
    return E_OK;
}

static enum err_code filter_type(struct call *c, struct query *q)
{
    struct str type = param_str(c->params, "WorkflowType");
    bool manual = str_ieq(type, STR("manual"));

    if (type.len > 0 && !manual && !str_ieq(type, STR("cycle")))
        return err_user(&c->err, E_RANGE, "WorkflowType", "`%.*s` is not Cycle or Manual",
                        "`%.*s` 不是 Cycle 或 Manual", STR_ARG(str_sub(type, 0, 64)));
    query_text(q, WORKFLOW_TYPE, QUERY_EQ, manual ? STR("manual") : STR("cycle"));
    return E_OK;
}

static enum err_code filter_folder(struct call *c, struct query *q)
{
    struct folder_row folder = { .id = param_str(c->params, "FolderId") };
    enum err_code rc;

    if (folder.id.len == 0)
        return E_OK;
    rc = row_get(c->view, &table_folder, &c->arena, &folder, &c->err);
    bool ours = rc == E_OK && str_eq(folder.project_id, param_str(c->params, "ProjectId"));
    query_text(q, WORKFLOW_FOLDER_PATH, QUERY_EQ, ours ? folder.path : STR("-"));
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code read_time(struct call *c, const char *name, struct wall *ret)
{
    struct str text = param_str(c->params, name);

    *ret = (struct wall){ 0 };
    return text.len == 0 ? E_OK : wall_param(text, name, ret, &c->err);
}

static enum err_code filter_derived(struct call *c, struct listing *l)
{
    struct str status = param_str(c->params, "Status");

    l->has_status = status.len > 0;
    if (l->has_status && !ops_status_from_name(status, &l->status))
        return err_user(&c->err, E_RANGE, "Status",
                        "`%.*s` is not one of ALL_RUNNING, ALL_FREEZED, ALL_STOPPTED, "
                        "PART_RUNNING, ALL_NO_RUNNING, ALL_INVALID",
                        "`%.*s` 不是 ALL_RUNNING、ALL_FREEZED、ALL_STOPPTED、"
                        "PART_RUNNING、ALL_NO_RUNNING、ALL_INVALID 之一",
                        STR_ARG(str_sub(status, 0, 64)));
    return read_time(c, "ModifyTime", &l->changed_from);
}

static enum err_code list_query(struct call *c, struct query *q)
{
    struct str creator = param_str(c->params, "CreateUserUin");
    struct wall created_from;
    enum err_code rc = read_time(c, "CreateTime", &created_from);

    query_init(q, &table_workflow);
    query_text(q, WORKFLOW_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    query_number(q, WORKFLOW_CREATED_AT, QUERY_GE, created_from.us);
    owner_filter(c, q, WORKFLOW_OWNER_UIN);
    if (creator.len > 0)
        query_text(q, WORKFLOW_CREATOR_UIN, QUERY_EQ, creator);
    if (rc == E_OK)
        rc = filter_type(c, q);
    return rc != E_OK ? rc : filter_folder(c, q);
}

/* KeyWord is a part of the name or of the id: the store has no OR, so it is asked twice. */
static enum err_code run_query(struct call *c, const struct query *q, struct listing *l)
{
    static const int columns[] = { WORKFLOW_NAME, WORKFLOW_ID };
    struct str word = param_str(c->params, "KeyWord");
    enum err_code rc = E_OK;

    if (word.len == 0)
        return query_run(c->view, q, take_workflow, l, &c->err);
    for (size_t i = 0; i < ARRAY_LEN(columns) && rc == E_OK; i++) {
        struct query one = *q;
        query_text(&one, columns[i], QUERY_CONTAINS, word);
        rc = query_run(c->view, &one, take_workflow, l, &c->err);
    }
    return rc;
}

static enum err_code collect(struct call *c, struct listing *l)
{
    struct query tasks, workflows;
    enum err_code rc = list_query(c, &workflows);

    if (rc == E_OK)
        rc = filter_derived(c, l);
    if (rc != E_OK)
        return rc;
    query_init(&tasks, &table_task);
    query_text(&tasks, TASK_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    rc = query_run(c->view, &tasks, take_task, l, &c->err);
    l->entries = ARENA_ARRAY(&c->arena, struct entry, l->summaries.len + 1);
    if (rc == E_OK)
        rc = run_query(c, &workflows, l);
    return rc != E_OK ? rc : sort_entries(c, l);
}

static enum err_code write_entry(struct call *c, const struct entry *entry, struct str project)
{
    struct workflow_row row = { .id = entry->id };
    struct folder_row folder;
    struct jw *w = &c->out;
    enum err_code rc = row_get(c->view, &table_workflow, &c->arena, &row, &c->err);

    if (rc != E_OK)
        return rc;
    bool has_folder = find_folder(c, &row, &folder);
    jw_object(w);
    write_members(c, &row, entry->summary, has_folder ? &folder : NULL);
    jw_ki64(w, "TaskCount", entry->summary->submitted);
    write_text(w, "FolderName", has_folder, folder.name);
    jw_kstr(w, "ProjectId", row.project_id);
    jw_kstr(w, "ProjectName", project);
    jw_kstr(w, "UpdateUserUin", entry->summary->changer_uin);
    jw_object_end(w);
    return E_OK;
}

static enum err_code write_list(struct call *c, struct listing *l)
{
    struct project_row project = { .id = param_str(c->params, "ProjectId") };
    struct page page;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = row_get(c->view, &table_project, &c->arena, &project, &c->err);
    if (rc == E_OK)
        rc = collect(c, l);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, (int64_t)l->n);
    for (int64_t i = page.offset; i < page.offset + page.size && i < (int64_t)l->n && rc == E_OK;
         i++)
        rc = write_entry(c, &l->entries[i], project.display_name);
    page_close(c);
    return rc;
}

static enum err_code list_answer(struct call *c)
{
    struct listing l = { .arena = &c->arena };
    enum err_code rc = view_project(c);

    if (rc != E_OK)
        return rc;
    map_init(&l.summaries);
    rc = write_list(c, &l);
    map_done(&l.summaries);
    return rc;
}

/* ---- GetOpsWorkflow ------------------------------------------------------------------------ */

struct summing {
    struct summary *summary;
    struct arena *arena;
};

static bool sum_task(void *ctx, const void *row)
{
    const struct summing *s = ctx;

    add_task(s->summary, s->arena, row);
    return true;
}

static enum err_code summarise(struct call *c, const struct workflow_row *row, struct summary *ret)
{
    struct summing s = { ret, &c->arena };
    struct query q;
    enum err_code rc;

    *ret = (struct summary){ .submitted = 0 };
    query_init(&q, &table_task);
    query_text(&q, TASK_WORKFLOW_ID, QUERY_EQ, row->id);
    rc = query_run(c->view, &q, sum_task, &s, &c->err);
    if (rc == E_OK && ret->submitted == 0)
        return err_user(&c->err, E_MISSING, "WorkflowId",
                        "no task of workflow `%.*s` was ever submitted; SubmitTask brings one into "
                        "operation",
                        "工作流 `%.*s` 没有已提交的任务，请先用 SubmitTask 提交", STR_ARG(row->id));
    return rc;
}

/* Only a unified schedule (2.9) is one of the workflow; else each task has its own. */
static void write_schedule(struct call *c, const struct workflow_row *row)
{
    static const char *const unset[] = { "StartTime", "EndTime", "CycleType", "SchedulerDesc" };
    char start[CIVIL_TEXT_LEN + 1], end[CIVIL_TEXT_LEN + 1];
    struct schedule schedule;
    struct str cron;
    struct buf describe;
    struct jw *w = &c->out;

    jw_knull(w, "StartupTime");
    jw_knull(w, "InstanceInitStrategy");
    if (!workflow_schedule_read(row->doc, &c->arena, &schedule, &cron)) {
        for (size_t i = 0; i < ARRAY_LEN(unset); i++)
            jw_knull(w, unset[i]);
        return;
    }
    buf_init(&describe, 1024);
    schedule_describe(&schedule, cron, c->lang == LANG_ZH, &describe);
    civil_format(schedule.start, start);
    civil_format(schedule.end, end);
    jw_kcstr(w, "StartTime", start);
    jw_kcstr(w, "EndTime", end);
    jw_kcstr(w, "CycleType", cycle_name(schedule.cycle));
    jw_kstr(w, "SchedulerDesc", buf_str(&describe));
    buf_done(&describe);
}

static enum err_code get_answer(struct call *c)
{
    struct workflow_row row;
    struct summary summary;
    struct folder_row folder;
    struct jw *w = &c->out;
    enum err_code rc = workflow_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                        param_str(c->params, "WorkflowId"), &row, &c->err);

    if (rc == E_OK)
        rc = summarise(c, &row, &summary);
    if (rc != E_OK)
        return rc;
    bool has_folder = find_folder(c, &row, &folder);
    jw_key(w, "Data");
    jw_object(w);
    write_members(c, &row, &summary, has_folder ? &folder : NULL);
    jw_kstr(w, "CreateUserUin", row.creator_uin);
    write_schedule(c, &row);
    jw_wall(w, "FirstSubmitTime", summary.first_submit_at, zone_default());
    jw_wall(w, "LatestSubmitTime", summary.last_submit_at, zone_default());
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "GetOpsWorkflow", NULL, NULL, get_answer, ACCESS_READ, "WorkflowId" },
    { API_2025, "ListOpsWorkflows", NULL, NULL, list_answer, ACCESS_READ },
};
const struct action_family family_ops_workflow = { actions, ARRAY_LEN(actions) };
