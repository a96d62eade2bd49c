/* model/workflow_schedule.c - the unified schedule of a workflow, which overwrites that of its
 * tasks. */
#include "model/workflow_schedule.h"

#include <stdio.h>
#include <string.h>

#include "model/decoding.h"
#include "model/dep_table.h"

/* What a workflow's configuration has in common with a task's: the required ones first. */
enum { REQUIRED_N = 6 };
static const char *const members[] = {
    "ScheduleTimeZone",  "CycleType",          "SelfDepend",       "StartTime",    "EndTime",
    "CrontabExpression", "ExecutionStartTime", "ExecutionEndTime", "CalendarOpen", "CalendarId",
};

/* ---- decoding ------------------------------------------------------------------------------ */

static enum err_code check_required(const json_t *given, struct err *e)
{
    char path[80];

    for (int i = 0; i < REQUIRED_N; i++)
        if (!decoding_has(given, members[i])) {
            snprintf(path, sizeof(path), WORKFLOW_SCHEDULE ".%s", members[i]);
            return err_user(e, E_REQUIRED, path, "it must not be empty", "不能为空");
        }
    return E_OK;
}

/* The rules are those of a task's scheduler block; only its name differs. */
static enum err_code decode_as_task(const json_t *given, struct arena *a, struct task_spec *spec,
                                    struct err *e)
{
    struct decoding d = { .scheduler = given, .arena = a, .spec = spec, .e = e };
    enum err_code rc = decode_schedule(&d);
    char path[ERR_PATH_MAX];

    if (rc == E_OK)
        rc = decode_options(&d);
    if (rc != E_OK && e && strncmp(e->path, SCHEDULER, strlen(SCHEDULER)) == 0) {
        snprintf(path, sizeof(path), "%s", e->path + strlen(SCHEDULER));
        snprintf(e->path, sizeof(e->path), WORKFLOW_SCHEDULE ".%.100s", path);
    }
    return rc;
}

static enum err_code decode_choice(const json_t *given, const char *name, const char *no,
                                   const char *yes, bool *ret, struct err *e)
{
    struct str text = decoding_text(given, name);
    char path[80];

    *ret = str_eq_c(text, yes);
    if (*ret || text.len == 0 || str_eq_c(text, no))
        return E_OK;
    snprintf(path, sizeof(path), WORKFLOW_SCHEDULE ".%s", name);
    return err_user(e, E_RANGE, path, "`%.*s` is not \"%s\" or \"%s\"",
                    "`%.*s` 不是 \"%s\" 或 \"%s\"", STR_ARG(str_sub(text, 0, 64)), no, yes);
}

/* Whether the pair fits the cycles of a dependency is seen at each task. */
static enum err_code check_pair(const struct workflow_schedule *s, struct err *e)
{
    enum dep_main main;
    enum dep_sub sub;

    if (s->main.len == 0 && s->sub.len == 0 && !s->reset_pairs)
        return E_OK;
    if (s->main.len == 0)
        return err_user(e, E_REQUIRED, WORKFLOW_SCHEDULE ".MainCyclicConfig",
                        "it says to which pair ModifyCycleValue 1 resets the dependencies",
                        "ModifyCycleValue 为 1 时必填");
    if (!dep_main_from_name(s->main, &main))
        return err_user(e, E_RANGE, WORKFLOW_SCHEDULE ".MainCyclicConfig",
                        "`%.*s` is not a main cycle configuration such as DAY or HOUR",
                        "`%.*s` 不是有效的主依赖配置，例如 DAY、HOUR", STR_ARG(s->main));
    if (main >= DEP_RANGE_DAY)
        return err_user(e, E_RANGE, WORKFLOW_SCHEDULE ".MainCyclicConfig",
                        "%.*s needs an Offset, which only the dependency of a task can have",
                        "%.*s 需要 Offset，只能在任务的依赖上配置", STR_ARG(s->main));
    if (s->sub.len == 0)
        return err_user(e, E_REQUIRED, WORKFLOW_SCHEDULE ".SubordinateCyclicConfig",
                        "%.*s needs one, such as CURRENT_DAY", "使用 %.*s 时必填，例如 CURRENT_DAY",
                        STR_ARG(s->main));
    if (!dep_sub_from_name(s->sub, &sub) || sub == DEP_SUB_NONE || dep_table_main(sub) != main)
        return err_user(e, E_RANGE, WORKFLOW_SCHEDULE ".SubordinateCyclicConfig",
                        "`%.*s` is not a subordinate configuration of %.*s",
                        "`%.*s` 不是 %.*s 的次依赖配置", STR_ARG(str_sub(s->sub, 0, 64)),
                        STR_ARG(s->main));
    return E_OK;
}

static enum err_code decode_dependencies(const json_t *given, struct arena *a,
                                         struct workflow_schedule *s, struct err *e)
{
    enum err_code rc = decode_choice(given, "DependencyWorkflow", "no", "yes", &s->waits, e);

    if (rc == E_OK && s->waits && s->cycle == CYCLE_ONEOFF)
        rc = err_user(e, E_RANGE, WORKFLOW_SCHEDULE ".DependencyWorkflow",
                      "tasks that run once have no previous cycle to wait for",
                      "一次性任务没有上一周期，不能设置工作流自依赖");
    if (rc == E_OK)
        rc = decode_choice(given, "ModifyCycleValue", "0", "1", &s->reset_pairs, e);
    s->clear_links = json_is_true(json_object_get(given, "ClearLink"));
    s->main = arena_str(a, decoding_text(given, "MainCyclicConfig"));
    s->sub = arena_str(a, decoding_text(given, "SubordinateCyclicConfig"));
    return rc != E_OK ? rc : check_pair(s, e);
}

enum err_code workflow_schedule_decode(const json_t *given, struct arena *a,
                                       struct workflow_schedule *ret, struct err *e)
{
    struct workflow_schedule s = { .waits = false };
    struct task_spec spec = { .priority = 0 };
    enum err_code rc = check_required(given, e);

    if (rc == E_OK)
        rc = decode_as_task(given, a, &spec, e);
    s.cycle = spec.schedule.cycle;
    s.calendar_id = spec.calendar_id;
    if (rc == E_OK)
        rc = decode_dependencies(given, a, &s, e);
    if (rc == E_OK)
        *ret = s;
    return rc;
}

json_t *workflow_schedule_keep(const json_t *given)
{
    static const char *const defaults[][2] = {
        { "ExecutionStartTime", "00:00" },
        { "ExecutionEndTime", "23:59" },
        { "CalendarOpen", "0" },
        { "DependencyWorkflow", "no" },
    };
    json_t *kept = json_object();

    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (decoding_has(given, members[i]))
            json_object_set(kept, members[i], json_object_get(given, members[i]));
    if (decoding_has(given, "DependencyWorkflow"))
        json_object_set(kept, "DependencyWorkflow", json_object_get(given, "DependencyWorkflow"));
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        if (!json_object_get(kept, defaults[i][0]))
            json_object_set_new(kept, defaults[i][0], json_string(defaults[i][1]));
    return kept;
}

/* Every task that is loaded asks this, so a document that has no schedule is not parsed: a key with
 * its quotes stands in the text of no parameter, where quotes are escaped. */
static json_t *load_kept(struct str workflow_doc)
{
    json_t *doc, *kept;

    if (str_find(workflow_doc, STR("\"" WORKFLOW_SCHEDULE "\"")) < 0)
        return NULL;
    doc = json_loadb(workflow_doc.ptr, workflow_doc.len, 0, NULL);
    kept = json_incref(json_object_get(doc, WORKFLOW_SCHEDULE));
    json_decref(doc);
    return kept;
}

bool workflow_schedule_waits(struct str workflow_doc, enum cycle *ret_cycle)
{
    json_t *kept = load_kept(workflow_doc);
    bool waits = str_eq_c(decoding_text(kept, "DependencyWorkflow"), "yes") &&
                 cycle_from_name(decoding_text(kept, "CycleType"), ret_cycle);

    json_decref(kept);
    return waits;
}

bool workflow_schedule_follows(struct str workflow_doc, struct str calendar_id)
{
    json_t *kept = load_kept(workflow_doc);
    bool follows = str_eq_c(decoding_text(kept, "CalendarOpen"), "1") &&
                   str_eq(decoding_text(kept, "CalendarId"), calendar_id);

    json_decref(kept);
    return follows;
}

bool workflow_schedule_read(struct str workflow_doc, struct arena *a, struct schedule *ret,
                            struct str *ret_cron)
{
    json_t *kept = load_kept(workflow_doc);
    struct task_spec spec = { .priority = 0 };
    bool found = kept && decode_as_task(kept, a, &spec, NULL) == E_OK;

    if (found) {
        *ret = spec.schedule;
        *ret_cron = spec.cron;
    }
    json_decref(kept);
    return found;
}

/* ---- on the document of a task ------------------------------------------------------------- */

void workflow_schedule_put(const json_t *kept, json_t *task)
{
    json_t *block = json_object_get(task, "TaskSchedulerConfiguration");

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        json_t *value = json_object_get(kept, members[i]);
        if (value)
            json_object_set(block, members[i], value);
        else
            json_object_del(block, members[i]);
    }
}

void workflow_schedule_reset(const struct workflow_schedule *s, json_t *task)
{
    json_t *block = json_object_get(task, "TaskSchedulerConfiguration"), *item;
    size_t i;

    json_array_foreach(json_object_get(block, "UpstreamDependencyConfigList"), i, item)
    {
        json_object_set_new(item, "MainCyclicConfig", json_stringn(s->main.ptr, s->main.len));
        json_object_set_new(item, "SubordinateCyclicConfig", json_stringn(s->sub.ptr, s->sub.len));
        json_object_del(item, "Offset");
    }
}

bool workflow_schedule_is_left_out(const json_t *task)
{
    const json_t *block = json_object_get(task, "TaskSchedulerConfiguration");

    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (decoding_has(block, members[i]))
            return false;
    return true;
}
