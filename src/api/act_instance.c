/* api/act_instance.c - ListTaskInstances, GetTaskInstance, ListTaskInstanceExecutions
 * (docs/reference/semantics.md 5.3, 5.10). */
#include "api/filter.h"
#include "api/instance_view.h"
#include "api/owner_filter.h"
#include "api/page.h"

#include "cal/schedule.h"
#include "cal/zone.h"
#include "model/task.h"

/* ---- ListTaskInstances --------------------------------------------------------------------- */

static enum err_code filter_folder(struct call *c, struct query *q)
{
    struct folder_row folder = { .id = param_str(c->params, "FolderId") };
    struct query workflows;

    if (folder.id.len == 0)
        return E_OK;
    enum err_code rc = row_get(c->view, &table_folder, &c->arena, &folder, &c->err);
    if (rc != E_OK && rc != E_MISSING)
        return rc;
    bool ours = rc == E_OK && str_eq(folder.project_id, param_str(c->params, "ProjectId"));
    query_init(&workflows, &table_workflow);
    query_text(&workflows, WORKFLOW_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    query_text(&workflows, WORKFLOW_FOLDER_PATH, QUERY_EQ, ours ? folder.path : STR("-"));
    return filter_workflows(c, q, INSTANCE_WORKFLOW_ID, &workflows, "FolderId");
}

static enum err_code filter_enums(struct call *c, struct query *q)
{
    struct str state_text = param_str(c->params, "InstanceState"),
               cycle_text = param_str(c->params, "CycleType");
    int64_t type = param_i64(c->params, "InstanceType", -1),
            type_id = param_i64(c->params, "TaskTypeId", -1);
    enum instance_state state;
    enum cycle cycle;

    if (state_text.len > 0) {
        if (!instance_state_from_name(state_text, &state))
            return err_user(
                &c->err, E_RANGE, "InstanceState",
                "`%.*s` is not one of WAIT_EVENT, WAIT_UPSTREAM, WAIT_RUN, RUNNING, SKIP_RUNNING, "
                "FAILED_RETRY, EXPIRED, COMPLETED",
                "`%.*s` "
                "不是有效的实例状态(WAIT_EVENT、WAIT_UPSTREAM、WAIT_RUN、RUNNING、SKIP_RUNNING、"
                "FAILED_RETRY、EXPIRED、COMPLETED)",
                STR_ARG(state_text));
        query_number(q, INSTANCE_STATE, QUERY_EQ, (int64_t)state);
    }
    if (cycle_text.len > 0) {
        if (!cycle_from_name(cycle_text, &cycle))
            return err_user(&c->err, E_RANGE, "CycleType",
                            "`%.*s` is not a cycle type such as DAY_CYCLE",
                            "`%.*s` 不是有效的周期类型，例如 DAY_CYCLE", STR_ARG(cycle_text));
        query_number(q, INSTANCE_CYCLE, QUERY_EQ, (int64_t)cycle);
    }
    if (type >= 0) {
        if (type > INSTANCE_APERIODIC)
            return err_user(&c->err, E_RANGE, "InstanceType",
                            "%lld is not 0 (backfill), 1 (periodic) or 2 (aperiodic)",
                            "%lld 不是 0(补录)、1(周期)、2(非周期)", (long long)type);
        query_number(q, INSTANCE_TYPE, QUERY_EQ, type);
    }
    if (type_id >= 0)
        query_number(q, INSTANCE_TASK_TYPE_ID, QUERY_EQ, type_id);
    return E_OK;
}

static enum err_code filter_times(struct call *c, struct query *q, const struct zone *zone)
{
    static const struct {
        const char *from, *to;
        int column;
    } ranges[] = {
        { "ScheduleTimeFrom", "ScheduleTimeTo", INSTANCE_FIRE_AT },
        { "StartTimeFrom", "StartTimeTo", INSTANCE_STARTED_AT },
        { "LastUpdateTimeFrom", "LastUpdateTimeTo", INSTANCE_UPDATED_AT },
    };

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        struct wall from, to;
        enum err_code rc = view_time_param(c, ranges[i].from, zone, &from);
        if (rc == E_OK)
            rc = view_time_param(c, ranges[i].to, zone, &to);
        if (rc != E_OK)
            return rc;
        if (wall_is_set(from))
            query_number(q, ranges[i].column, QUERY_GE, from.us);
        if (wall_is_set(to)) {
            query_number(q, ranges[i].column, QUERY_LE, to.us + 999999); /* the whole last second */
            if (ranges[i].column == INSTANCE_STARTED_AT && !wall_is_set(from))
                query_number(q, ranges[i].column, QUERY_GT, 0);
        }
    }
    return E_OK;
}

static enum err_code list_order(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
    } columns[] = {
        { "SCHEDULE_DATE", INSTANCE_FIRE_AT },
        { "START_TIME", INSTANCE_STARTED_AT },
        { "END_TIME", INSTANCE_ENDED_AT },
        { "COST_TIME", INSTANCE_COST_US },
    };
    struct str column = param_str(c->params, "SortColumn"),
               direction = param_str(c->params, "SortType");
    bool descending = direction.len == 0 || str_ieq(direction, STR("DESC"));

    if (!descending && !str_ieq(direction, STR("ASC")))
        return err_user(&c->err, E_RANGE, "SortType", "`%.*s` is not ASC or DESC",
                        "`%.*s` 不是 ASC 或 DESC", STR_ARG(direction));
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (column.len == 0 || str_eq_c(column, columns[i].name)) {
            query_order(q, columns[i].column, descending);
            return E_OK;
        }
    return err_user(&c->err, E_RANGE, "SortColumn",
                    "`%.*s` is not one of SCHEDULE_DATE, START_TIME, END_TIME, COST_TIME",
                    "`%.*s` 不是 SCHEDULE_DATE、START_TIME、END_TIME、COST_TIME 之一",
                    STR_ARG(column));
}

static enum err_code list_query(struct call *c, const struct zone *zone, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        enum query_op op;
    } texts[] = {
        { "WorkflowId", INSTANCE_WORKFLOW_ID, QUERY_EQ },
        { "ExecutorGroupId", INSTANCE_GROUP_ID, QUERY_EQ },
    };
    enum err_code rc;

    query_init(q, &table_instance);
    query_text(q, INSTANCE_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str text = param_str(c->params, texts[i].name);
        if (text.len > 0)
            query_text(q, texts[i].column, texts[i].op, text);
    }
    owner_filter(c, q, INSTANCE_OWNER_UIN);
    rc = filter_enums(c, q);
    if (rc == E_OK)
        rc = filter_times(c, q, zone);
    if (rc == E_OK)
        rc = list_order(c, q);
    if (rc == E_OK)
        rc = filter_folder(c, q);
    if (rc == E_OK)
        rc = filter_keyword(c, q, INSTANCE_TASK_ID);
    return rc;
}

static enum err_code list_answer(struct call *c)
{
    const struct zone *zone;
    struct query q;
    struct page page;
    int64_t total;
    void *rows;
    size_t n;
    enum err_code rc = view_project(c);

    if (rc == E_OK)
        rc = view_zone(c, &zone);
    if (rc == E_OK)
        rc = page_params(c, 10, 100, &page);
    if (rc == E_OK)
        rc = list_query(c, zone, &q);
    if (rc == E_OK)
        rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n && rc == E_OK; i++)
        rc = view_write_instance(c, (const struct instance_row *)rows + i, zone, false);
    page_close(c);
    return rc;
}

/* ---- GetTaskInstance ----------------------------------------------------------------------- */

static enum err_code get_answer(struct call *c)
{
    const struct zone *zone;
    struct instance_row i;
    enum err_code rc = view_zone(c, &zone);

    if (rc == E_OK)
        rc = view_instance(c, &i);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    return view_write_instance(c, &i, zone, true);
}

/* ---- ListTaskInstanceExecutions ------------------------------------------------------------ */

static const char *detail_state(enum instance_state s)
{
    switch (s) {
    case INSTANCE_WAIT_EVENT:
    case INSTANCE_WAIT_UPSTREAM:
        return "WAIT_UPSTREAM";
    case INSTANCE_WAIT_RUN:
        return "WAIT_RUN";
    case INSTANCE_RUNNING:
        return "RUNNING";
    case INSTANCE_FAILED_RETRY:
        return "FAILED";
    case INSTANCE_COMPLETED:
        return "COMPLETE";
    case INSTANCE_EXPIRED:
        return "EXPIRED";
    default:
        return "SKIP_RUNNING";
    }
}

static void write_phases(struct jw *w, struct str text, const struct zone *zone)
{
    struct phase phases[PHASES_MAX];
    int n = phases_parse(text, phases);

    jw_key(w, "ExecutionPhaseList");
    jw_array(w);
    for (int i = 0; i < n; i++) {
        jw_object(w);
        jw_wall(w, "StartTime", phases[i].start, zone);
        jw_kcstr(w, "DetailState", detail_state(phases[i].state));
        jw_wall(w, "EndTime", phases[i].end, zone);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_round(struct call *c, const struct round_row *r, bool dry_run,
                        const struct zone *zone)
{
    struct jw *w = &c->out;

    jw_object(w);
    jw_kstr(w, "InstanceKey", param_str(c->params, "InstanceKey"));
    jw_ku64(w, "LifeRoundNum", (uint64_t)r->round);
    jw_kcstr(w, "InstanceState", instance_state_name((enum instance_state)r->state));
    jw_kcstr(w, "RunType", run_type_name((enum run_type)r->run_type, dry_run));
    jw_ku64(w, "Tries", (uint64_t)r->tries);
    write_phases(w, r->phases, zone);
    jw_ki64(w, "CostTime", view_cost_ms(r->started_at, r->ended_at));
    jw_object_end(w);
}

/* The present round is in the instance, the earlier ones are rows; newest first (5.10). */
static enum err_code executions_answer(struct call *c)
{
    const struct zone *zone;
    struct instance_row i;
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    enum err_code rc = view_zone(c, &zone);

    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc == E_OK)
        rc = view_instance(c, &i);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_round);
    query_number(&q, ROUND_TASK_ID, QUERY_EQ, i.task_id);
    query_number(&q, ROUND_DATA_TIME, QUERY_EQ, i.data_time.s);
    query_order(&q, ROUND_ROUND, true);
    q.offset = page.offset > 0 ? page.offset - 1 : 0;
    q.limit = page.size;
    rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    if (rc != E_OK)
        return rc;
    const struct round_row *past = rows, present = { .task_id = i.task_id,
                                                     .data_time = i.data_time,
                                                     .round = i.round,
                                                     .state = i.state,
                                                     .run_type = i.run_type,
                                                     .tries = i.tries,
                                                     .started_at = i.started_at,
                                                     .ended_at = i.ended_at,
                                                     .phases = i.phases };
    size_t room = (size_t)page.size, at = 0;
    bool dry_run = (i.flags & INSTANCE_DRY_RUN) != 0;
    page_open(c, &page, (int64_t)i.round + 1);
    if (page.offset == 0) {
        write_round(c, &present, dry_run, zone);
        room--;
    }
    for (; at < n && room > 0; at++, room--)
        write_round(c, &past[at], dry_run, zone);
    page_close(c);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "GetTaskInstance", NULL, NULL, get_answer, ACCESS_READ, "InstanceKey" },
    { API_2025, "ListTaskInstanceExecutions", NULL, NULL, executions_answer, ACCESS_READ,
      "InstanceKey" },
    { API_2025, "ListTaskInstances", NULL, NULL, list_answer, ACCESS_READ },
};
const struct action_family family_instance = { actions, ARRAY_LEN(actions) };
