/* api/act_alarm_rule.c - CreateOpsAlarmRule, GetOpsAlarmRule, ListOpsAlarmRules,
 * UpdateOpsAlarmRule, DeleteOpsAlarmRule (docs/reference/semantics.md 8.1, 8.2). */
#include "api/scan.h"

#include <stdio.h>

#include "api/alarm_view.h"
#include "api/times.h"
#include "engine/cmd_alarm.h"
#include "engine/cmd_project.h"
#include "model/json_list.h"
#include "model/json_text.h"
#include "model/task.h"
#include "send/host.h"

/* What a rule keeps of a request as it is. */
static const char *const kept[] = { "MonitorObjectType", "MonitorObjectIds", "AlarmTypes",
                                    "AlarmRuleDetail",   "AlarmLevel",       "AlarmGroups" };

struct rule_state {
    struct alarm_rule rule;
    struct str doc, id;
};

static void take_kept(json_t *doc, const json_t *params)
{
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        json_t *value = json_object_get(params, kept[i]);
        if (value)
            json_object_set(doc, kept[i], value);
    }
}

/* The host alone is named: the rest of the address has its key, and a refusal is logged. */
static enum err_code check_hosts(struct call *c, const struct alarm_rule *rule)
{
    char path[64];

    for (int i = 0; i < rule->n_groups; i++)
        for (int k = 0; k < rule->groups[i].n_hooks; k++) {
            snprintf(path, sizeof(path), "AlarmGroups.%d.WebHooks", i);
            if (!host_is_allowed(c->services->alarm_hosts, rule->groups[i].hooks[k].url))
                return err_user(&c->err, E_DENIED, path,
                                "this server sends alarms to certain hosts only (its setting "
                                "alarm-hosts), and `%.*s` is on none of them",
                                "本服务器仅允许向指定主机发送告警（设置项 alarm-hosts），`%.*s` "
                                "不在其中",
                                STR_ARG(host_of_url(rule->groups[i].hooks[k].url)));
        }
    return E_OK;
}

/* The whole new document is decoded; what is wrong is in the request, or in what goes with it. */
static enum err_code decode(struct call *c, json_t *doc, struct rule_state *s)
{
    enum err_code rc = alarm_rule_decode(doc, &c->arena, &s->rule, &c->err);

    if (rc == E_OK && param_has(c->params, "AlarmRuleDetail"))
        rc = alarm_detail_check(&s->rule, &c->err);
    json_list_once(doc, "AlarmTypes");
    if (rc == E_OK)
        rc = check_hosts(c, &s->rule);
    if (rc == E_OK)
        s->doc = json_text(doc, &c->arena);
    return rc;
}

/* ---- CreateOpsAlarmRule -------------------------------------------------------------------- */

static enum err_code create_prepare(struct call *c)
{
    struct rule_state *s = ARENA_NEW(&c->arena, struct rule_state);
    json_t *doc = json_object();

    take_kept(doc, c->params);
    enum err_code rc = decode(c, doc, s);
    json_decref(doc);
    c->state = s;
    return rc;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct rule_state *s = c->state;
    struct alarm_rule_request r = { .project_id = param_str(c->params, "ProjectId"),
                                    .name = param_str(c->params, "AlarmRuleName"),
                                    .description = param_str(c->params, "Description"),
                                    .uin = c->uin,
                                    .enabled = true,
                                    .doc = s->doc,
                                    .rule = &s->rule,
                                    .objects_given = true,
                                    .groups_given = true };
    struct str id;
    enum err_code rc = alarm_rule_create(g, &r, &id, &c->err);

    if (rc == E_OK)
        c->made = s->id = arena_str(&c->arena, id);
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "AlarmRuleId", ((const struct rule_state *)c->state)->id);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- UpdateOpsAlarmRule, DeleteOpsAlarmRule ------------------------------------------------ */

static enum err_code update_prepare(struct call *c)
{
    int64_t status = param_i64(c->params, "Status", 1);

    if (status != 0 && status != 1)
        return err_user(&c->err, E_RANGE, "Status", "0 disabled or 1 enabled",
                        "取值为 0 禁用或 1 启用");
    return E_OK;
}

static enum err_code merge(struct call *c, const struct alarm_rule_row *old, struct rule_state *s)
{
    json_t *doc = json_loadb(old->doc.ptr ? old->doc.ptr : "", old->doc.len, 0, NULL);

    if (!doc)
        return err_set(&c->err, E_CORRUPT, "alarm rule %.*s is no JSON", STR_ARG(old->id));
    take_kept(doc, c->params);
    enum err_code rc = decode(c, doc, s);
    json_decref(doc);
    return rc;
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    struct rule_state s = { .doc = STR("") };
    struct alarm_rule_row old;
    struct str project_id = param_str(c->params, "ProjectId");
    enum err_code rc = alarm_rule_require(engine_view(g), &c->arena, project_id,
                                          param_str(c->params, "AlarmRuleId"), &old, &c->err);

    if (rc == E_OK)
        rc = merge(c, &old, &s);
    if (rc != E_OK)
        return rc;
    bool named = param_has(c->params, "AlarmRuleName"),
         described = param_has(c->params, "Description");
    struct alarm_rule_request r = {
        .project_id = project_id,
        .id = old.id,
        .name = named ? param_str(c->params, "AlarmRuleName") : old.name,
        .description = described ? param_str(c->params, "Description") : old.description,
        .uin = c->uin,
        .enabled = param_i64(c->params, "Status", old.enabled) == 1,
        .doc = s.doc,
        .rule = &s.rule,
        .objects_given = param_has(c->params, "MonitorObjectIds") ||
                         param_has(c->params, "MonitorObjectType") ||
                         param_has(c->params, "AlarmRuleDetail"),
        .groups_given = param_has(c->params, "AlarmGroups"),
    };
    return alarm_rule_update(g, &r, &c->err);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return alarm_rule_delete(g, param_str(c->params, "ProjectId"),
                             param_str(c->params, "AlarmRuleId"), &c->err);
}

/* ---- GetOpsAlarmRule, ListOpsAlarmRules ---------------------------------------------------- */

static enum err_code get_answer(struct call *c)
{
    struct str project_id = param_str(c->params, "ProjectId");
    struct alarm_rule_row row;
    bool hooks = false;
    enum err_code rc = alarm_rule_require(c->view, &c->arena, project_id,
                                          param_str(c->params, "AlarmRuleId"), &row, &c->err);

    if (rc == E_OK)
        rc = alarm_sees_hooks(c, c->view, project_id, &hooks);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    return alarm_rule_write(c, &row, hooks);
}

struct listing {
    struct call *c;
    struct scan scan;
    struct task_row task; /* of the filter by TaskId; id 0: none */
};

static bool watches(struct listing *l, const struct alarm_rule_row *row)
{
    json_t *doc = json_loadb(row->doc.ptr ? row->doc.ptr : "", row->doc.len, 0, NULL);
    struct alarm_rule rule;
    struct arena a;

    arena_init(&a);
    bool found = alarm_rule_decode(doc, &a, &rule, NULL) == E_OK &&
                 alarm_rule_watches(&rule, l->task.id, l->task.workflow_id, l->task.project_id);
    arena_done(&a);
    json_decref(doc);
    return found;
}

static bool list_row(void *ctx, const void *data)
{
    struct listing *l = ctx;
    const struct alarm_rule_row *row = data;
    struct str keyword = param_str(l->c->params, "Keyword");

    if ((keyword.len == 0 || str_has(row->name, keyword) || str_eq(row->id, keyword)) &&
        (l->task.id == 0 || watches(l, row)))
        scan_take(&l->scan, row);
    return true;
}

static enum err_code filter_times(struct call *c, struct query *q)
{
    static const struct {
        const char *name;
        int column;
        enum query_op op;
    } times[] = {
        { "CreateTimeFrom", ALARM_RULE_CREATED_AT, QUERY_GE },
        { "CreateTimeTo", ALARM_RULE_CREATED_AT, QUERY_LT },
        { "UpdateTimeFrom", ALARM_RULE_UPDATED_AT, QUERY_GE },
        { "UpdateTimeTo", ALARM_RULE_UPDATED_AT, QUERY_LT },
    };

    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct str text = param_str(c->params, times[i].name);
        struct wall w;
        if (text.len == 0)
            continue;
        enum err_code rc = wall_param(text, times[i].name, &w, &c->err);
        if (rc != E_OK)
            return rc;
        /* The second that is named is within. */
        query_number(q, times[i].column, times[i].op,
                     w.us + (times[i].op == QUERY_LT ? 1000000 : 0));
    }
    return E_OK;
}

static enum err_code list_query(struct call *c, struct query *q)
{
    struct str uin = param_str(c->params, "CreateUserUin"),
               type = param_str(c->params, "AlarmType"),
               person = param_str(c->params, "AlarmRecipientId");

    enum err_code rc =
        param_has(c->params, "MonitorObjectType")
            ? alarm_object_check(param_i64(c->params, "MonitorObjectType", 0), &c->err)
            : E_OK;
    if (rc == E_OK && param_has(c->params, "AlarmLevel"))
        rc = alarm_level_check(param_i64(c->params, "AlarmLevel", 0), &c->err);
    if (rc == E_OK && type.len > 0)
        rc = alarm_type_check(type, &c->err);
    if (rc != E_OK)
        return rc;
    query_init(q, &table_alarm_rule);
    query_text(q, ALARM_RULE_PROJECT_ID, QUERY_EQ, param_str(c->params, "ProjectId"));
    if (param_has(c->params, "MonitorObjectType"))
        query_number(q, ALARM_RULE_OBJECT_TYPE, QUERY_EQ,
                     param_i64(c->params, "MonitorObjectType", 0));
    if (param_has(c->params, "AlarmLevel"))
        query_number(q, ALARM_RULE_LEVEL, QUERY_EQ, param_i64(c->params, "AlarmLevel", 0));
    if (uin.len > 0)
        query_text(q, ALARM_RULE_OWNER_UIN, QUERY_EQ, uin);
    if (type.len > 0)
        query_text(q, ALARM_RULE_TYPES, QUERY_HAS_ITEM, type);
    if (person.len > 0)
        query_text(q, ALARM_RULE_RECIPIENTS, QUERY_HAS_ITEM, person);
    query_order(q, ALARM_RULE_CREATED_AT, true);
    return filter_times(c, q);
}

/* A task that is not there is watched by nobody. */
static enum err_code filter_task(struct call *c, struct listing *l, bool *ret_none)
{
    struct str id = param_str(c->params, "TaskId");

    *ret_none = false;
    if (id.len == 0)
        return E_OK;
    enum err_code rc = task_id_parse(id, &l->task.id)
                           ? row_get(c->view, &table_task, &c->arena, &l->task, NULL)
                           : E_MISSING;
    *ret_none = rc == E_MISSING ||
                (rc == E_OK && !str_eq(l->task.project_id, param_str(c->params, "ProjectId")));
    return rc == E_OK || rc == E_MISSING ? E_OK : err_set(&c->err, rc, "reading a task");
}

static enum err_code list_answer(struct call *c)
{
    struct listing l = { .c = c };
    struct project_row project;
    struct page page;
    struct query q;
    bool hooks = false, none = false;
    struct str project_id = param_str(c->params, "ProjectId");
    enum err_code rc =
        project_require(c->view, &c->arena, project_id, "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = page_params(c, 20, 200, &page);
    if (rc == E_OK)
        rc = alarm_sees_hooks(c, c->view, project_id, &hooks);
    if (rc == E_OK)
        rc = list_query(c, &q);
    if (rc == E_OK)
        rc = filter_task(c, &l, &none);
    if (rc != E_OK)
        return rc;
    scan_init(&l.scan, &table_alarm_rule, sizeof(struct alarm_rule_row), &page, &c->arena);
    if (!none)
        rc = query_run(c->view, &q, list_row, &l, &c->err);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, l.scan.total);
    for (int64_t i = 0; i < l.scan.n && rc == E_OK; i++)
        rc = alarm_rule_write(c, (const struct alarm_rule_row *)(const void *)l.scan.rows + i,
                              hooks);
    if (rc == E_OK)
        page_close(c);
    return rc;
}

static const struct action actions[] = {
    { API_2025, "CreateOpsAlarmRule", create_prepare, create_apply, create_answer, ACCESS_OPERATE },
    { API_2025, "GetOpsAlarmRule", NULL, NULL, get_answer, ACCESS_READ },
    { API_2025, "ListOpsAlarmRules", NULL, NULL, list_answer, ACCESS_READ },
    { API_2025, "UpdateOpsAlarmRule", update_prepare, update_apply, answer_status, ACCESS_OPERATE },
    { API_2025, "DeleteOpsAlarmRule", NULL, delete_apply, answer_status, ACCESS_OPERATE },
};
const struct action_family family_alarm_rule = { actions, ARRAY_LEN(actions) };
