/* api/act_task_read.c - GetTask, GetTaskCode, ListUpstreamTasks, ListDownstreamTasks: the drafts
 * (docs/reference/semantics.md 1.4, 2.1). */
#include "api/page.h"
#include "api/scan.h"
#include "api/task_view.h"

#include "api/access.h"
#include "base/codec.h"
#include "cal/zone.h"
#include "engine/cmd_task.h"

static enum err_code get_answer(struct call *c)
{
    struct task_row task;
    struct version_row version;
    enum err_code rc = task_view_find(c, &task);

    if (rc == E_OK)
        rc = task_view_version(c, task.id, task.version_no, &version);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    return task_view_write(c, &task, &version);
}

/* Base64, and the size in KB, rounded up (5.1). */
static enum err_code code_answer(struct call *c)
{
    struct task_row task;
    struct version_row version;
    struct str code;
    struct buf text;
    enum err_code rc = task_view_find(c, &task);

    if (rc == E_OK)
        rc = task_view_version(c, task.id, task.version_no, &version);
    if (rc == E_OK)
        rc = task_view_code(c, &version, &code);
    if (rc != E_OK)
        return rc;
    buf_init(&text, code.len * 2 + 8);
    base64_encode(&text, code);
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "CodeInfo", buf_str(&text));
    jw_kstr(&c->out, "CodeFileSize", arena_printf(&c->arena, "%zu", (code.len + 1023) / 1024));
    jw_object_end(&c->out);
    buf_done(&text);
    return E_OK;
}

/* ---- neighbours of a draft ----------------------------------------------------------------- */

static enum err_code write_neighbour(struct call *c, struct arena *one, int64_t id)
{
    struct task_row task = { .id = id };
    struct workflow_row workflow;
    struct version_row version;
    struct task_spec spec;
    struct jw *w = &c->out;
    struct buf describe;
    char text[TASK_ID_LEN + 4], letter[2] = { 0, 0 };
    enum err_code rc = row_get(c->view, &table_task, one, &task, &c->err);

    version = (struct version_row){ .task_id = id, .num = task.version_no };
    if (rc == E_OK)
        rc = row_get(c->view, &table_version, one, &version, &c->err);
    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, one, &spec, &c->err);
    if (rc != E_OK)
        return rc == E_MISSING ? E_OK : rc; /* deleted: its edge is left behind */
    workflow = (struct workflow_row){ .id = task.workflow_id };
    bool has_workflow = row_get(c->view, &table_workflow, one, &workflow, NULL) == E_OK;
    task_id_format(id, text);
    letter[0] = cycle_letter(spec.schedule.cycle);
    buf_init(&describe, 1024);
    schedule_describe(&spec.schedule, spec.cron, c->lang == LANG_ZH, &describe);
    jw_object(w);
    jw_kcstr(w, "TaskId", text);
    jw_kstr(w, "TaskName", task.name);
    jw_kstr(w, "WorkflowId", task.workflow_id);
    jw_kcstr(w, "WorkflowName", has_workflow ? workflow.name.ptr : NULL);
    jw_kstr(w, "ProjectId", task.project_id);
    jw_kcstr(w, "Status", task_status_name((enum task_status)task.status));
    jw_ku64(w, "TaskTypeId", (uint64_t)task.type_id);
    jw_kcstr(w, "TaskTypeDesc", task_type_name(task.type_id));
    jw_kstr(w, "ScheduleDesc", buf_str(&describe));
    jw_wall(w, "StartTime", zone_to_wall(spec.schedule.zone, spec.schedule.start), zone_default());
    jw_wall(w, "EndTime", zone_to_wall(spec.schedule.zone, spec.schedule.end), zone_default());
    jw_knull(w, "DelayTime");
    jw_kcstr(w, "CycleType", letter);
    jw_kstr(w, "OwnerUin", task.owner_uin);
    jw_knull(w, "TaskAction");
    jw_kcstr(w, "InitStrategy", spec.schedule.init == INIT_T_PLUS_1 ? "T_PLUS_1" : "T_PLUS_0");
    jw_kstr(w, "CrontabExpression", spec.cron);
    jw_object_end(w);
    buf_done(&describe);
    return E_OK;
}

struct edges {
    struct call *c;
    struct scan scan;
    bool up; /* the neighbour is the upstream one */
    enum err_code rc;
};

static int64_t neighbour_of(const struct edges *l, const struct edge_row *edge)
{
    return l->up ? edge->up_task : edge->down_task;
}

/* A neighbour that the account does not see is in no list. */
static bool take_edge(void *ctx, const void *row)
{
    struct edges *l = ctx;
    bool sees = l->c->is_root;

    if (!sees)
        l->rc = access_sees_task(l->c, l->c->view, neighbour_of(l, row), &sees);
    if (sees)
        scan_take(&l->scan, row);
    return l->rc == E_OK;
}

/* The edges in which the task stands in column `own`; the neighbour is in the other one. */
static enum err_code neighbours_answer(struct call *c, int own)
{
    struct edges l = { .c = c, .up = own == EDGE_DOWN_TASK, .rc = E_OK };
    struct arena one; /* of one neighbour, whose document may be long */
    struct task_row task;
    struct query q;
    struct page page;
    enum err_code rc = task_view_find(c, &task);

    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_edge);
    query_number(&q, own, QUERY_EQ, task.id);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, 0);
    scan_init(&l.scan, &table_edge, sizeof(struct edge_row), &page, &c->arena);
    rc = query_run(c->view, &q, take_edge, &l, &c->err);
    if (rc == E_OK)
        rc = l.rc;
    if (rc != E_OK)
        return rc;
    page_open(c, &page, l.scan.total);
    arena_init(&one);
    for (int64_t i = 0; i < l.scan.n && rc == E_OK; i++) {
        arena_reset(&one);
        rc = write_neighbour(c, &one,
                             neighbour_of(&l, (const struct edge_row *)(void *)l.scan.rows + i));
    }
    arena_done(&one);
    page_close(c);
    return rc;
}

static enum err_code upstream_answer(struct call *c)
{
    return neighbours_answer(c, EDGE_DOWN_TASK);
}

static enum err_code downstream_answer(struct call *c)
{
    return neighbours_answer(c, EDGE_UP_TASK);
}

static const struct action actions[] = {
    { API_2025, "GetTask", NULL, NULL, get_answer, ACCESS_READ, "TaskId" },
    { API_2025, "GetTaskCode", NULL, NULL, code_answer, ACCESS_READ, "TaskId" },
    { API_2025, "ListDownstreamTasks", NULL, NULL, downstream_answer, ACCESS_READ, "TaskId" },
    { API_2025, "ListUpstreamTasks", NULL, NULL, upstream_answer, ACCESS_READ, "TaskId" },
};
const struct action_family family_task_read = { actions, ARRAY_LEN(actions) };
