/* cli/project_alarms.c - the alarm rules of a project as a server has them. */
#include <stdio.h>
#include <string.h>

#include "cli/project.h"

enum { PAGE = 200 };

struct naming {
    struct session *s;
    struct project_names *names;
    const struct project *project;
};

static const char *name_of_task(const struct naming *n, const char *id)
{
    return names_task(n->names, id);
}

static const char *name_of_workflow(const struct naming *n, const char *id)
{
    for (size_t i = 0; i < n->project->n[DEFINITION_WORKFLOW]; i++) {
        const struct project_item *item = n->project->items[DEFINITION_WORKFLOW][i];
        if (strcmp(item->id, id) == 0)
            return item->name;
    }
    return NULL;
}

typedef const char *name_of(const struct naming *n, const char *id);

/* The ids of the list `from` become names in the list `to`; what nobody knows stays. */
static void name_list(const struct naming *n, json_t *object, const char *from, const char *to,
                      name_of *of)
{
    json_t *ids = json_array(), *names = json_array();
    const json_t *id;
    size_t i;

    json_array_foreach(json_object_get(object, from), i, id)
    {
        const char *text = json_string_value(id), *name = text ? of(n, text) : NULL;
        if (name)
            json_array_append_new(names, json_string(name));
        else if (text)
            json_array_append_new(ids, json_string(text));
    }
    json_object_set_new(object, from, ids);
    json_object_set_new(object, to, names);
}

/* The project itself is not named: the rule is that of the project it stands in. */
static void leave_project(const struct naming *n, json_t *rule)
{
    json_t *ids = json_object_get(rule, "MonitorObjectIds");

    for (size_t i = json_array_size(ids); i-- > 0;)
        if (strcmp(json_string_value(json_array_get(ids, i)), n->s->project) == 0)
            json_array_remove(ids, i);
}

static void name_whites(const struct naming *n, json_t *rule)
{
    json_t *list = json_object_get(json_object_get(rule, "AlarmRuleDetail"), "MonitorWhiteTasks"),
           *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const char *id = text_of(item, "MonitorObjectId"), *name = name_of_workflow(n, id);
        if (name)
            json_object_set_new(item, "Workflow", json_string(name));
        if (name || strcmp(id, n->s->project) == 0)
            json_object_del(item, "MonitorObjectId");
        name_list(n, item, "TaskIds", "Tasks", name_of_task);
    }
}

static void name_rule(const struct naming *n, json_t *rule)
{
    json_int_t type = json_integer_value(json_object_get(rule, "MonitorObjectType"));

    if (type == 1)
        name_list(n, rule, "MonitorObjectIds", "Tasks", name_of_task);
    else if (type == 2)
        name_list(n, rule, "MonitorObjectIds", "Workflows", name_of_workflow);
    else
        leave_project(n, rule);
    name_whites(n, rule);
    if (json_array_size(json_object_get(rule, "MonitorObjectIds")) > 0)
        fprintf(stderr, "weft: alarm rule %s names what is gone\n", text_of(rule, "AlarmRuleName"));
}

int project_load_alarms(struct session *s, struct project_names *names, struct project *p)
{
    struct naming n = { .s = s, .names = names, .project = p };
    json_t *items, *item;
    size_t i;
    int status = session_items(s, VERSION_2025, "ListOpsAlarmRules",
                               json_pack("{s:s}", "ProjectId", s->project), PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    json_array_foreach(items, i, item)
    {
        name_rule(&n, item);
        json_t *normal = shape_normal(definition_shapes[DEFINITION_ALARM], item);
        struct project_item *made =
            project_add(p, DEFINITION_ALARM, text_of(item, "AlarmRuleName"), normal);
        if (made)
            made->id = arena_cstr(p->arena, str_from(text_of(item, "AlarmRuleId")));
        else
            json_decref(normal);
    }
    json_decref(items);
    return EXIT_DONE;
}
