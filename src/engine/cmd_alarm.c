/* engine/cmd_alarm.c - alarm rules, acknowledgements, and what became of deliveries. */
#include "engine/cmd_alarm.h"

#include <stdio.h>

#include "base/codec.h"
#include "engine/alarm.h"
#include "engine/cmd_project.h"
#include "model/names.h"
#include "model/task.h"
#include "sys/random.h"

/* ---- what a rule names --------------------------------------------------------------------- */

static enum err_code check_task(struct engine *g, struct str project_id, int64_t id,
                                const char *path, struct err *e)
{
    struct task_row task = { .id = id };
    enum err_code rc = row_get(engine_view(g), &table_task, engine_arena(g), &task, NULL);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(task.project_id, project_id)))
        return err_user(e, E_MISSING, path, "there is no task %lld in the project",
                        "项目中没有任务 %lld", (long long)id);
    return rc == E_OK ? rc : err_set(e, rc, "reading a task");
}

static enum err_code check_workflow(struct engine *g, struct str project_id, struct str id,
                                    const char *path, struct err *e)
{
    struct workflow_row row = { .id = id };
    enum err_code rc = id.len == 0
                           ? E_MISSING
                           : row_get(engine_view(g), &table_workflow, engine_arena(g), &row, NULL);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_MISSING, path, "there is no workflow `%.*s` in the project",
                        "项目中没有工作流 `%.*s`", STR_ARG(str_sub(id, 0, 64)));
    return rc == E_OK ? rc : err_set(e, rc, "reading a workflow");
}

static enum err_code check_object(struct engine *g, const struct alarm_rule_request *r,
                                  struct str id, const char *path, struct err *e)
{
    int64_t task;

    switch (r->rule->object) {
    case ALARM_OF_TASKS:
        if (!task_id_parse(id, &task))
            return err_user(e, E_MISSING, path, "there is no task `%.*s` in the project",
                            "项目中没有任务 `%.*s`", STR_ARG(str_sub(id, 0, 64)));
        return check_task(g, r->project_id, task, path, e);
    case ALARM_OF_WORKFLOWS:
        return check_workflow(g, r->project_id, id, path, e);
    case ALARM_OF_PROJECT:
    case ALARM_OF_FLUCTUATION:
        if (!str_eq(id, r->project_id))
            return err_user(e, E_RANGE, path, "a rule watches the project that it is in",
                            "只能监控规则所在的项目");
        return E_OK;
    }
    return E_OK;
}

static enum err_code check_objects(struct engine *g, const struct alarm_rule_request *r,
                                   struct err *e)
{
    const struct alarm_rule *rule = r->rule;
    enum err_code rc = E_OK;
    char path[96];

    for (int i = 0; i < rule->n_objects && rc == E_OK; i++) {
        snprintf(path, sizeof(path), "MonitorObjectIds.%d", i);
        rc = check_object(g, r, rule->objects[i], path, e);
    }
    for (int i = 0; i < rule->n_white; i++)
        for (int k = 0; k < rule->white[i].n_tasks && rc == E_OK; k++) {
            snprintf(path, sizeof(path), "AlarmRuleDetail.MonitorWhiteTasks.%d.TaskIds.%d", i, k);
            rc = check_task(g, r->project_id, rule->white[i].tasks[k], path, e);
        }
    return rc;
}

/* Texts that the rule has already are not looked at: longer and other ones were taken before. */
static enum err_code check_texts(const struct alarm_rule_request *r,
                                 const struct alarm_rule_row *old, struct err *e)
{
    enum err_code rc = E_OK;

    if (!old || !str_eq(r->name, old->name))
        rc = name_check_alarm(r->name, "AlarmRuleName", e);
    if (rc == E_OK && (!old || !str_eq(r->description, old->description)))
        rc = name_check_alarm_text(r->description, "Description", e);
    return rc;
}

static enum err_code check_deliveries(const struct alarm_rule *rule, struct err *e)
{
    int64_t n = alarm_rule_deliveries(rule);

    if (n <= ALARM_DELIVERIES_MAX)
        return E_OK;
    return err_user(e, E_LIMIT, "AlarmGroups",
                    "an alarm of the rule would be sent %lld times, and at most %d are possible: "
                    "receivers and addresses times NotifyCount, and escalations; a mailing list or "
                    "a robot reaches many at once",
                    "该规则的一次告警将发送 %lld 次，最多 %d "
                    "次(接收人与地址数乘以 NotifyCount，加上升级通知)；可改用邮件列表或群机器人",
                    (long long)n, ALARM_DELIVERIES_MAX);
}

/* old: the rule that is changed; NULL: it is a new one. */
static enum err_code check_request(struct engine *g, const struct alarm_rule_request *r,
                                   const struct alarm_rule_row *old, struct err *e)
{
    struct project_row project;
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), r->project_id, "ProjectId", &project, e);

    if (rc == E_OK)
        rc = check_texts(r, old, e);
    if (rc == E_OK && r->groups_given)
        rc = check_deliveries(r->rule, e);
    return rc == E_OK && r->objects_given ? check_objects(g, r, e) : rc;
}

/* ---- rules --------------------------------------------------------------------------------- */

enum err_code alarm_rule_require(struct view *v, struct arena *a, struct str project_id,
                                 struct str id, struct alarm_rule_row *ret, struct err *e)
{
    struct alarm_rule_row row = { .id = id };
    enum err_code rc = id.len == 0 ? E_MISSING : row_get(v, &table_alarm_rule, a, &row, NULL);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_MISSING, "AlarmRuleId", "there is no alarm rule `%.*s` in the project",
                        "项目中没有告警规则 `%.*s`", STR_ARG(str_sub(id, 0, 64)));
    if (rc != E_OK)
        return err_set(e, rc, "reading an alarm rule");
    *ret = row;
    return E_OK;
}

static void add_items(struct buf *list, const struct str *items, int n)
{
    for (int i = 0; i < n; i++)
        if (!str_list_has(buf_str(list), ';', items[i])) {
            if (list->len > 0)
                buf_add_char(list, ';');
            buf_add_str(list, items[i]);
        }
}

/* What lists are filtered by. */
static void fill_lists(struct engine *g, const struct alarm_rule *rule, struct alarm_rule_row *row)
{
    struct buf types, people;

    buf_init(&types, 4096);
    buf_init(&people, 256 * 1024);
    for (int t = 0; t < ALARM_TYPE_N_; t++)
        if (rule->types & 1u << t) {
            struct str name = str_from(alarm_type_name((enum alarm_type)t));
            add_items(&types, &name, 1);
        }
    for (int i = 0; i < rule->n_groups; i++) {
        add_items(&people, rule->groups[i].ids, rule->groups[i].n_ids);
        add_items(&people, rule->groups[i].escalation, rule->groups[i].n_escalation);
    }
    row->types = arena_str(engine_arena(g), buf_str(&types));
    row->recipients = arena_str(engine_arena(g), buf_str(&people));
    buf_done(&types);
    buf_done(&people);
}

static struct alarm_rule_row row_of(struct engine *g, const struct alarm_rule_request *r)
{
    struct alarm_rule_row row = { .id = r->id,
                                  .project_id = r->project_id,
                                  .name = r->name,
                                  .description = r->description,
                                  .owner_uin = r->uin,
                                  .object_type = (int32_t)r->rule->object,
                                  .level = (int32_t)r->rule->level,
                                  .enabled = r->enabled,
                                  .created_at = engine_now(g),
                                  .updated_at = engine_now(g),
                                  .doc = r->doc };

    fill_lists(g, r->rule, &row);
    return row;
}

static enum err_code refuse_name(struct str name, struct err *e)
{
    return err_user(e, E_RULE_NAME, "AlarmRuleName",
                    "another alarm rule of the project is called `%.*s`",
                    "项目中已有名为 `%.*s` 的告警规则", STR_ARG(name));
}

static enum err_code check_number(struct engine *g, struct str project_id, struct err *e)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_alarm_rule);
    query_text(&q, ALARM_RULE_PROJECT_ID, QUERY_EQ, project_id);
    enum err_code rc = query_count(engine_view(g), &q, &n, e);
    if (rc == E_OK && n >= ALARM_RULES_MAX)
        rc = err_user(e, E_LIMIT, "ProjectId", "the project has %d alarm rules already",
                      "项目中已有 %d 个告警规则", ALARM_RULES_MAX);
    return rc;
}

enum err_code alarm_rule_create(struct engine *g, const struct alarm_rule_request *r,
                                struct str *ret_id, struct err *e)
{
    struct alarm_rule_row row;
    char id[UUID_LEN + 1];
    enum err_code rc = check_request(g, r, NULL, e);

    if (rc == E_OK)
        rc = check_number(g, r->project_id, e);
    if (rc != E_OK)
        return rc;
    random_uuid(id);
    row = row_of(g, r);
    row.id = arena_str(engine_arena(g), str_from(id));
    rc = row_insert(engine_store(g), &table_alarm_rule, &row, NULL, e);
    if (rc == E_EXISTS)
        return refuse_name(r->name, e);
    if (rc == E_OK)
        rc = alarms_rule_put(g, &row, e);
    if (rc == E_OK)
        *ret_id = row.id;
    return rc;
}

/* What waits to be sent of the rule, or of a message of it, is not sent any more. */
static enum err_code cancel(struct engine *g, int column, struct str rule_id, int64_t message_id,
                            struct err *e)
{
    struct query q;
    void *rows = NULL;
    size_t n = 0;

    query_init(&q, &table_alarm_delivery);
    if (column == ALARM_DELIVERY_RULE_ID)
        query_text(&q, column, QUERY_EQ, rule_id);
    else
        query_number(&q, column, QUERY_EQ, message_id);
    query_number(&q, ALARM_DELIVERY_STATE, QUERY_LE, DELIVERY_PENDING);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &rows, &n, e);
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        struct alarm_delivery_row *d = (struct alarm_delivery_row *)rows + i;
        /* Its first notification was promised; it is under way, or its receiver is down. */
        if (message_id != 0 && d->number == 1 && d->escalation.len == 0)
            continue;
        d->state = DELIVERY_CANCELED;
        d->ended_at = engine_now(g);
        rc = row_update(engine_store(g), &table_alarm_delivery, d,
                        COL(ALARM_DELIVERY_STATE) | COL(ALARM_DELIVERY_ENDED_AT), e);
    }
    return rc;
}

enum err_code alarm_rule_update(struct engine *g, const struct alarm_rule_request *r, struct err *e)
{
    struct alarm_rule_row old, row;
    enum err_code rc =
        alarm_rule_require(engine_view(g), engine_arena(g), r->project_id, r->id, &old, e);

    if (rc == E_OK)
        rc = check_request(g, r, &old, e);
    if (rc != E_OK)
        return rc;
    row = row_of(g, r);
    row.owner_uin = old.owner_uin;
    row.created_at = old.created_at;
    rc = row_put(engine_store(g), &table_alarm_rule, &row, e);
    if (rc == E_EXISTS)
        return refuse_name(r->name, e);
    if (rc == E_OK && !row.enabled)
        rc = cancel(g, ALARM_DELIVERY_RULE_ID, row.id, 0, e);
    return rc == E_OK ? alarms_rule_put(g, &row, e) : rc;
}

enum err_code alarm_rule_delete(struct engine *g, struct str project_id, struct str id,
                                struct err *e)
{
    struct alarm_rule_row row;
    enum err_code rc = alarm_rule_require(engine_view(g), engine_arena(g), project_id, id, &row, e);

    if (rc == E_OK)
        rc = cancel(g, ALARM_DELIVERY_RULE_ID, row.id, 0, e);
    if (rc == E_OK)
        rc = row_delete(engine_store(g), &table_alarm_rule, &row, e);
    return rc == E_OK ? alarms_rule_drop(g, row.id, e) : rc;
}

/* ---- messages ------------------------------------------------------------------------------ */

enum err_code alarm_message_require(struct view *v, struct arena *a, struct str project_id,
                                    int64_t id, struct alarm_message_row *ret, struct err *e)
{
    struct alarm_message_row row = { .id = id };
    enum err_code rc = row_get(v, &table_alarm_message, a, &row, NULL);

    if (rc == E_MISSING || (rc == E_OK && !str_eq(row.project_id, project_id)))
        return err_user(e, E_MISSING, "AlarmMessageId",
                        "there is no alarm message %lld in the project", "项目中没有告警消息 %lld",
                        (long long)id);
    if (rc != E_OK)
        return err_set(e, rc, "reading an alarm message");
    *ret = row;
    return E_OK;
}

enum err_code alarm_acknowledge(struct engine *g, struct str project_id, int64_t message_id,
                                struct str uin, struct err *e)
{
    struct alarm_message_row row;
    enum err_code rc =
        alarm_message_require(engine_view(g), engine_arena(g), project_id, message_id, &row, e);

    if (rc != E_OK || wall_is_set(row.acked_at))
        return rc;
    row.acked_at = engine_now(g);
    row.acked_by = uin;
    rc = row_update(engine_store(g), &table_alarm_message, &row,
                    COL(ALARM_MESSAGE_ACKED_AT) | COL(ALARM_MESSAGE_ACKED_BY), e);
    return rc == E_OK ? cancel(g, ALARM_DELIVERY_MESSAGE_ID, STR(""), message_id, e) : rc;
}

/* ---- deliveries ---------------------------------------------------------------------------- */

static struct dur pause_after(int attempts)
{
    struct dur d = ALARM_RETRY_FIRST;

    for (int i = 1; i < attempts && d.us < ALARM_RETRY_MOST.us; i++)
        d.us *= 2;
    return d.us < ALARM_RETRY_MOST.us ? d : ALARM_RETRY_MOST;
}

static enum err_code sent(struct engine *g, const struct alarm_delivery_row *d, struct err *e)
{
    struct alarm_message_row m = { .id = d->message_id, .at = engine_now(g) };
    enum err_code rc =
        row_update(engine_store(g), &table_alarm_message, &m, COL(ALARM_MESSAGE_AT), NULL);

    return rc == E_OK || rc == E_MISSING ? E_OK : err_set(e, rc, "writing an alarm message");
}

enum err_code alarm_delivered(struct engine *g, const struct letter_result *r, struct err *e)
{
    struct alarm_delivery_row row = { .id = r->id };
    struct wall now = engine_now(g);
    enum err_code rc = row_get(engine_view(g), &table_alarm_delivery, engine_arena(g), &row, NULL);

    if (rc == E_MISSING)
        return E_OK;
    if (rc != E_OK)
        return err_set(e, rc, "reading a delivery");
    bool waits = row.state == DELIVERY_PENDING;
    row.attempts++;
    row.error = str_from(r->error);
    if (r->outcome == LETTER_TAKEN) {
        row.state = DELIVERY_DONE; /* also one that was canceled meanwhile: it did arrive */
    } else if (waits) {
        if (r->outcome == LETTER_REFUSED || row.attempts >= ALARM_ATTEMPTS_MAX)
            row.state = DELIVERY_GIVEN_UP;
        else
            row.due = wall_add(now, pause_after(row.attempts));
    }
    if (row.state != DELIVERY_PENDING && !wall_is_set(row.ended_at))
        row.ended_at = now;
    rc = row_update(engine_store(g), &table_alarm_delivery, &row,
                    COL(ALARM_DELIVERY_ATTEMPTS) | COL(ALARM_DELIVERY_ERROR) |
                        COL(ALARM_DELIVERY_STATE) | COL(ALARM_DELIVERY_DUE) |
                        COL(ALARM_DELIVERY_ENDED_AT),
                    e);
    if (rc == E_OK && row.state == DELIVERY_PENDING)
        alarms_delivery_due(g, row.due);
    return rc == E_OK && r->outcome == LETTER_TAKEN ? sent(g, &row, e) : rc;
}
