/* api/act_explain.c - weft-1 ExplainTaskInstance and PreviewTaskFirings: why an instance is where
 * it is, and when a task will fire.
 *
 * The explanation is asked from the core on the engine thread, so it is the very list of conditions
 * that the scheduler counts, not a second opinion.
 */
#include "api/instance_view.h"

#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/reason_text.h"
#include "cal/zone.h"
#include "core/core.h"
#include "engine/cmd_task.h"
#include "sys/clock.h"

enum { EXPLAIN_MAX = 200, PREVIEW_MAX = 1000 };

/* ---- ExplainTaskInstance ------------------------------------------------------------------- */

struct explain_state {
    struct instance_row row;
    struct arena *arena;
    struct wait_item items[EXPLAIN_MAX];
    struct str task_names[EXPLAIN_MAX];
    bool hidden[EXPLAIN_MAX]; /* the task is of a project that the account does not see */
    int n;
    int64_t total;
};

static void take_item(void *ctx, const struct wait_item *item)
{
    struct explain_state *s = ctx;

    if (s->n >= EXPLAIN_MAX)
        return;
    struct wait_item *copy = &s->items[s->n++];
    *copy = *item;
    copy->event_name = arena_str(s->arena, item->event_name);
    copy->event_project_id = arena_str(s->arena, item->event_project_id);
    copy->group_id = arena_str(s->arena, item->group_id);
}

/* The names of tasks that a condition is about.  Of a task that the account does not see it is said
 * what its own definition says already: the id and the data time. */
static enum err_code find_names(struct call *c, struct engine *g, struct explain_state *s)
{
    enum err_code rc = E_OK;

    for (int i = 0; i < s->n && rc == E_OK; i++) {
        struct task_row task = { .id = s->items[i].task_id };
        bool sees = true;
        if (task.id == 0 || row_get(engine_view(g), &table_task, &c->arena, &task, NULL) != E_OK)
            continue;
        rc = access_sees(c, engine_view(g), task.project_id, &sees);
        s->hidden[i] = !sees;
        if (sees)
            s->task_names[i] = task.name;
    }
    return rc;
}

static enum err_code explain_apply(struct call *c, struct engine *g)
{
    struct explain_state *s = ARENA_NEW(&c->arena, struct explain_state);
    enum err_code rc;

    c->view = engine_view(g);
    rc = view_instance(c, &s->row);
    c->view = NULL;
    if (rc != E_OK)
        return rc;
    s->arena = &c->arena;
    s->total =
        core_explain(engine_core(g), (struct instance_key){ s->row.task_id, s->row.data_time },
                     engine_now(g), EXPLAIN_MAX, take_item, s);
    c->state = s;
    return find_names(c, g, s);
}

static const char *const kind_names[] = {
    [WAIT_FOR_EVENT] = "EVENT",    [WAIT_FOR_UPSTREAM] = "UPSTREAM", [WAIT_FOR_ORDER] = "ORDER",
    [WAIT_FOR_SERIAL] = "SERIAL",  [WAIT_FOR_SLOT] = "SLOT",         [WAIT_FOR_RETRY] = "RETRY",
    [WAIT_FOR_TIME] = "TIME",      [WAIT_FOR_RUNNER] = "ATTEMPT",    [WAIT_FOR_KILL] = "KILL",
    [WAIT_FOR_CYCLE] = "CYCLE",    [WAIT_FOR_PLAN] = "PLAN",         [WAIT_FOR_SHARE] = "SHARE",
    [WAIT_FOR_WHOLE] = "PLANNING",
};

/* Of a number that is not counted to its end. */
static const char *at_least(const struct wait_item *w, bool chinese)
{
    return w->ahead < CORE_AHEAD_MAX ? "" : chinese ? "至少" : "at least ";
}

/* What the condition is and what would end it, in one sentence. */
static void describe(const struct wait_item *w, struct str task_name, bool chinese, struct buf *out)
{
    char when[CIVIL_TEXT_LEN + 1];
    long long id = (long long)w->task_id;

    civil_format(w->data_time, when);
    switch (w->kind) {
    case WAIT_FOR_EVENT:
        buf_printf(out,
                   chinese
                       ? "等待事件 %.*s，数据时间 %s；由 TriggerDsEvent 触发"
                       : "event %.*s has not been fired for data time %s; TriggerDsEvent fires it",
                   STR_ARG(w->event_name), when);
        break;
    case WAIT_FOR_UPSTREAM:
        if (task_name.len == 0)
            buf_printf(
                out,
                chinese
                    ? "上游任务 %lld 已被删除；请移除该依赖后重新提交"
                    : "upstream task %lld was deleted; take the dependency out and submit again",
                id);
        else if (w->upstream_exists)
            buf_printf(out,
                       chinese
                           ? "上游任务 %lld(%.*s) 数据时间 %s 的实例状态为 %s，需要 COMPLETED"
                           : "upstream task %lld (%.*s), data time %s, is %s and must be COMPLETED",
                       id, STR_ARG(task_name), when, instance_state_name(w->upstream_state));
        else
            buf_printf(out,
                       chinese
                           ? "上游任务 %lld(%.*s) 数据时间 %s 的实例尚不存在；由其调度或补录生成"
                           : "upstream task %lld (%.*s) has no instance of data time %s yet; its "
                             "schedule or a backfill makes it",
                       id, STR_ARG(task_name), when);
        break;
    case WAIT_FOR_CYCLE:
        buf_printf(out,
                   chinese ? "工作流自依赖：任务 %lld(%.*s) 上一周期(数据时间 %s)的实例%s%s，"
                             "须先成功"
                           : "the workflow waits for its previous cycle: task %lld (%.*s), data "
                             "time %s, %s%s and must be COMPLETED first",
                   id, STR_ARG(task_name), when,
                   w->upstream_exists ? (chinese ? "状态为 " : "is ") : "",
                   w->upstream_exists ? instance_state_name(w->upstream_state)
                   : chinese          ? "尚不存在"
                                      : "is not there yet");
        break;
    case WAIT_FOR_ORDER:
        buf_printf(out,
                   chinese
                       ? "有序串行：上一个实例(数据时间 %s)须先成功"
                       : "orderly: the instance before it (data time %s) must be COMPLETED first",
                   when);
        break;
    case WAIT_FOR_SERIAL:
        buf_add_c(out, chinese ? "串行：该任务已有实例在运行"
                               : "serial: another instance of the task is running");
        break;
    case WAIT_FOR_PLAN:
        buf_add_c(out, chinese
                           ? "本次补录或重跑已达到 RedefineParallelNum 的并行数"
                           : "its backfill or rerun runs RedefineParallelNum instances already");
        break;
    case WAIT_FOR_WHOLE:
        buf_printf(out,
                   chinese ? "补录计划仍在生成，还有 %lld 个实例待生成，全部生成后才开始运行"
                           : "its backfill plan is still being made, with %lld instances to come; "
                             "they run when all are there",
                   (long long)w->ahead);
        break;
    case WAIT_FOR_SLOT:
        buf_printf(out,
                   chinese ? "资源组 %.*s 的槽位已满，前面还有%s %lld 个实例"
                           : "resource group %.*s has no free slot; %s%lld instances are before it",
                   STR_ARG(w->group_id.len > 0 ? w->group_id : STR("(default)")),
                   at_least(w, chinese), (long long)w->ahead);
        break;
    case WAIT_FOR_SHARE:
        buf_printf(
            out,
            chinese ? "补录已占满其在资源组 %.*s 中的份额(--backfill-share)，前面还有%s %lld 个实例"
                    : "backfills hold their share of resource group %.*s (--backfill-share); "
                      "%s%lld instances are before it",
            STR_ARG(w->group_id.len > 0 ? w->group_id : STR("(default)")), at_least(w, chinese),
            (long long)w->ahead);
        break;
    case WAIT_FOR_RETRY:
        civil_format(zone_to_civil(zone_default(), w->until), when);
        buf_printf(out,
                   chinese ? "上次运行失败，将于 %s (UTC+8) 重试"
                           : "the last attempt failed; the next one is due at %s (UTC+8)",
                   when);
        break;
    case WAIT_FOR_TIME:
        buf_add_c(out, chinese ? "计划调度时间未到" : "its planned time has not come");
        break;
    case WAIT_FOR_RUNNER:
        buf_add_c(out,
                  chinese
                      ? "已交给执行器，尚未确认开始；若持续如此，请在服务日志中查看执行器是否连接"
                      : "its attempt was given to the runner, which has not said yet that it "
                        "runs; when this lasts, the server's log says whether a runner is "
                        "connected");
        break;
    case WAIT_FOR_KILL:
        buf_add_c(out, chinese ? "正在终止" : "it is being ended");
        break;
    }
}

static void describe_hidden(const struct wait_item *w, bool chinese, struct buf *out)
{
    char when[CIVIL_TEXT_LEN + 1];

    civil_format(w->data_time, when);
    buf_printf(out,
               chinese ? "上游任务 %lld 数据时间 %s 的实例须先成功；该任务属于账号无权查看的项目"
                       : "upstream task %lld, data time %s, must be COMPLETED; it belongs to a "
                         "project that the account is not a member of",
               (long long)w->task_id, when);
}

static void write_item(struct call *c, const struct wait_item *w, struct str task_name, bool hidden)
{
    char text[CIVIL_TEXT_LEN + 1], id[TASK_ID_LEN + 4];
    struct buf message;
    struct jw *out = &c->out;

    jw_object(out);
    jw_kcstr(out, "Kind", kind_names[w->kind]);
    if (w->kind == WAIT_FOR_EVENT) {
        jw_kstr(out, "EventName", w->event_name);
        jw_kstr(out, "EventProjectId", w->event_project_id);
    }
    if (w->task_id != 0) {
        task_id_format(w->task_id, id);
        jw_kcstr(out, "TaskId", id);
        if (hidden)
            jw_knull(out, "TaskName");
        else
            jw_kstr(out, "TaskName", task_name);
    }
    if (w->kind == WAIT_FOR_EVENT || w->kind == WAIT_FOR_UPSTREAM || w->kind == WAIT_FOR_ORDER ||
        w->kind == WAIT_FOR_CYCLE) {
        civil_format(w->data_time, text);
        jw_kcstr(out, "DataTime", text);
    }
    if (w->kind == WAIT_FOR_UPSTREAM || w->kind == WAIT_FOR_CYCLE)
        jw_kcstr(out, "UpstreamState",
                 w->upstream_exists && !hidden ? instance_state_name(w->upstream_state) : NULL);
    if (w->kind == WAIT_FOR_SLOT || w->kind == WAIT_FOR_SHARE) {
        jw_kstr(out, "ResourceGroupId", w->group_id);
        jw_ki64(out, "Ahead", w->ahead);
    }
    jw_wall(out, "Since", w->since, zone_default());
    jw_wall(out, "Until", w->until, zone_default());
    buf_init(&message, 1024);
    if (hidden)
        describe_hidden(w, c->lang == LANG_ZH, &message);
    else
        describe(w, task_name, c->lang == LANG_ZH, &message);
    jw_kstr(out, "Message", buf_str(&message));
    buf_done(&message);
    jw_object_end(out);
}

static enum err_code explain_answer(struct call *c)
{
    const struct explain_state *s = c->state;

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "InstanceKey", param_str(c->params, "InstanceKey"));
    jw_kcstr(&c->out, "InstanceState", instance_state_name((enum instance_state)s->row.state));
    jw_kstr(&c->out, "Reason", reason_text(s->row.reason, c->lang, &c->arena));
    jw_ki64(&c->out, "TotalCount", s->total < 0 ? 0 : s->total);
    jw_key(&c->out, "Conditions");
    jw_array(&c->out);
    for (int i = 0; i < s->n; i++)
        write_item(c, &s->items[i], s->task_names[i], s->hidden[i]);
    jw_array_end(&c->out);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- PreviewTaskFirings -------------------------------------------------------------------- */

static const char *const schedule_members[] = { "CycleType",        "CrontabExpression",
                                                "ScheduleTimeZone", "StartTime",
                                                "EndTime",          "ExecutionStartTime",
                                                "ExecutionEndTime", "InitStrategy" };

/* The members that the decoder names in their block are on the top level of this request. */
static void shorten_path(struct err *e)
{
    static const char block[] = "TaskSchedulerConfiguration.";
    const size_t len = sizeof(block) - 1;

    if (strncmp(e->path, block, len) == 0)
        memmove(e->path, e->path + len, strlen(e->path + len) + 1);
}

/* The schedule of a task's newest version, with what the request names put over it. */
static enum err_code preview_schedule(struct call *c, struct schedule *ret)
{
    struct str task_text = param_str(c->params, "TaskId");
    json_t *doc = NULL;
    struct task_spec spec;
    enum err_code rc = E_OK;

    if (task_text.len > 0) {
        struct task_row task = { .id = 0 };
        struct version_row version = { .num = 0 };
        if (!task_id_parse(task_text, &task.id) ||
            row_get(c->view, &table_task, &c->arena, &task, NULL) != E_OK ||
            !str_eq(task.project_id, param_str(c->params, "ProjectId")))
            return err_user(&c->err, E_MISSING, "TaskId", "there is no task `%.*s` in this project",
                            "该项目中没有任务 `%.*s`", STR_ARG(task_text));
        version.task_id = task.id;
        version.num = task.version_no;
        rc = row_get(c->view, &table_version, &c->arena, &version, &c->err);
        if (rc == E_OK)
            doc = json_loadb(version.doc.ptr, version.doc.len, 0, NULL);
    } else {
        doc = json_pack("{s:{s:s,s:s,s:s},s:{},s:{}}", "TaskBaseAttribute", "TaskName", "preview",
                        "TaskTypeId", "35", "WorkflowId", "preview", "TaskConfiguration",
                        "TaskSchedulerConfiguration");
    }
    if (rc == E_OK && !doc)
        rc = err_set(&c->err, E_CORRUPT, "the definition to preview is not readable");
    if (rc == E_OK) {
        json_t *scheduler = json_object_get(doc, "TaskSchedulerConfiguration");
        for (size_t i = 0; i < ARRAY_LEN(schedule_members); i++) {
            json_t *value = json_object_get(c->params, schedule_members[i]);
            if (value)
                json_object_set(scheduler, schedule_members[i], value);
        }
        struct civil today = civil_day(zone_to_civil(zone_default(), clock_wall()));
        rc = task_decode(doc, today, &c->arena, &spec, &c->err);
        if (rc != E_OK)
            shorten_path(&c->err);
    }
    json_decref(doc);
    if (rc == E_OK && spec.calendar_id.len > 0)
        rc = task_load_calendar(c->view, spec.calendar_id, &c->arena, &spec.schedule.calendar,
                                &c->err);
    if (rc == E_OK)
        *ret = spec.schedule;
    return rc;
}

static enum err_code preview_answer(struct call *c)
{
    int64_t count = param_i64(c->params, "Count", 10);
    struct schedule schedule;
    struct firing firing;
    struct wall after;
    char text[CIVIL_TEXT_LEN + 1];
    enum err_code rc = view_project(c);

    if (rc == E_OK && (count < 1 || count > PREVIEW_MAX))
        rc = err_user(&c->err, E_RANGE, "Count", "it must be 1 to %d", "取值范围为 1 到 %d",
                      PREVIEW_MAX);
    if (rc == E_OK)
        rc = preview_schedule(c, &schedule);
    if (rc == E_OK)
        rc = view_time_param(c, "After", schedule.zone, &after);
    if (rc != E_OK)
        return rc;
    if (!wall_is_set(after))
        after = clock_wall();
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kcstr(&c->out, "ScheduleTimeZone", zone_name(schedule.zone));
    jw_key(&c->out, "Items");
    jw_array(&c->out);
    bool more = schedule_next(&schedule, after, &firing);
    for (int64_t i = 0; more && i < count; i++) {
        jw_object(&c->out);
        civil_format(firing.planned, text);
        jw_kcstr(&c->out, "SchedulerTime", text);
        civil_format(firing.data_time, text);
        jw_kcstr(&c->out, "CurRunDate", text);
        jw_wall(&c->out, "At", firing.at, zone_utc());
        jw_object_end(&c->out);
        more = schedule_next_planned(&schedule, firing.planned, &firing);
    }
    jw_array_end(&c->out);
    jw_object_end(&c->out);
    return E_OK;
}

static const struct action actions[] = {
    { API_WEFT, "ExplainTaskInstance", NULL, explain_apply, explain_answer, ACCESS_READ,
      "InstanceKey", true },
    { API_WEFT, "PreviewTaskFirings", NULL, NULL, preview_answer, ACCESS_READ, "TaskId" },
};
const struct action_family family_explain = { actions, ARRAY_LEN(actions) };
