/* cli/apply_alarms.c - carries out what files ask for: alarm rules. */
#include "cli/apply.h"

static const char *task_id(struct apply *a, const char *name)
{
    return names_task_id(a->names, name);
}

static const char *workflow_id(struct apply *a, const char *name)
{
    const struct project_item *item = project_find(a->have, DEFINITION_WORKFLOW, name);

    return item ? item->id : NULL;
}

typedef const char *id_of(struct apply *a, const char *name);

/* The names of the list `from` become ids behind those of the list `to`. */
static void add_ids(struct apply *a, json_t *object, const char *from, const char *to, id_of *of)
{
    json_t *ids = json_object_get(object, to);
    const json_t *name;
    size_t i;

    if (!ids) {
        ids = json_array();
        json_object_set_new(object, to, ids);
    }
    json_array_foreach(json_object_get(object, from), i, name)
    {
        const char *id = of(a, json_string_value(name));
        if (id)
            json_array_append_new(ids, json_string(id));
    }
    json_object_del(object, from);
}

static void add_whites(struct apply *a, json_t *rule)
{
    json_t *item;
    size_t i;

    json_array_foreach(
        json_object_get(json_object_get(rule, "AlarmRuleDetail"), "MonitorWhiteTasks"), i, item)
    {
        const char *name = text_of(item, "Workflow");
        const char *id = name[0] ? workflow_id(a, name) : a->s->project;
        if (id && !json_object_get(item, "MonitorObjectId"))
            json_object_set_new(item, "MonitorObjectId", json_string(id));
        json_object_del(item, "Workflow");
        add_ids(a, item, "Tasks", "TaskIds", task_id);
    }
}

/* What the file leaves out is said, too: a change of a rule changes what it names only. */
static void fill(json_t *params)
{
    if (!json_object_get(params, "Description"))
        json_object_set_new(params, "Description", json_string(""));
    if (!json_object_get(params, "AlarmLevel"))
        json_object_set_new(params, "AlarmLevel", json_integer(1));
    if (!json_object_get(params, "AlarmRuleDetail"))
        json_object_set_new(params, "AlarmRuleDetail", json_object());
}

static json_t *rule_params(struct apply *a, const struct project_item *want)
{
    json_t *params = json_deep_copy(want->definition);
    json_int_t type = json_integer_value(json_object_get(params, "MonitorObjectType"));

    add_ids(a, params, "Tasks", "MonitorObjectIds", task_id);
    add_ids(a, params, "Workflows", "MonitorObjectIds", workflow_id);
    if (type != 1 && type != 2)
        json_array_append_new(json_object_get(params, "MonitorObjectIds"),
                              json_string(a->s->project));
    add_whites(a, params);
    fill(params);
    json_object_del(params, "Status");
    json_object_set_new(params, "ProjectId", json_string(a->s->project));
    json_object_set_new(params, "AlarmRuleName", json_string(want->name));
    return params;
}

static int update(struct apply *a, const struct project_item *want, const char *id, json_t *params)
{
    const json_t *status = json_object_get(want->definition, "Status");
    json_t *response;

    json_object_set_new(params, "AlarmRuleId", json_string(id));
    json_object_set_new(params, "Status", json_integer(status ? json_integer_value(status) : 1));
    int done = apply_call(a, want, VERSION_2025, "UpdateOpsAlarmRule", params, &response);
    if (done == EXIT_DONE)
        json_decref(response);
    return done;
}

int apply_alarm(struct apply *a, struct change *c)
{
    json_t *params = rule_params(a, c->want), *response;

    if (c->have)
        return update(a, c->want, c->have->id, params);
    int status = apply_call(a, c->want, VERSION_2025, "CreateOpsAlarmRule", params, &response);
    if (status != EXIT_DONE)
        return status;
    const char *id = arena_cstr(
        &a->s->arena, str_from(text_of(json_object_get(response, "Data"), "AlarmRuleId")));
    json_decref(response);
    /* A new rule is enabled. */
    return json_object_get(c->want->definition, "Status")
               ? update(a, c->want, id, json_pack("{s:s}", "ProjectId", a->s->project))
               : EXIT_DONE;
}
