/* cli/project_remote.c - a project as a server has it. */
#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "cli/project.h"

enum { PAGE = 200, CODE_MAX = 16 << 20 };

struct loading {
    struct session *s;
    struct project_names *names;
    struct project *project;
    const char *task, *task_name; /* the one whose references are being named */
};

static json_t *in_project(const struct session *s, const char *name, const char *value)
{
    return json_pack("{s:s,s:s}", "ProjectId", s->project, name, value);
}

/* ---- calendars ----------------------------------------------------------------------------- */

static int load_calendars(struct loading *l)
{
    json_t *items, *item;
    size_t i;
    int status = session_items(l->s, VERSION_WEFT, "ListCalendars", json_object(), PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    json_array_foreach(items, i, item)
    {
        json_t *normal = shape_normal(definition_shapes[DEFINITION_CALENDAR], item);
        struct project_item *made =
            project_add(l->project, DEFINITION_CALENDAR, text_of(item, "CalendarName"), normal);
        if (made)
            made->id = arena_cstr(l->project->arena, str_from(text_of(item, "CalendarId")));
        else
            json_decref(normal);
    }
    json_decref(items);
    return EXIT_DONE;
}

/* CalendarOpen and CalendarId become CalendarName. */
static void name_calendar(struct loading *l, json_t *scheduler)
{
    const char *name = text_of(scheduler, "CalendarName");
    struct project_item *calendar = project_find(l->project, DEFINITION_CALENDAR, name);
    bool open = strcmp(text_of(scheduler, "CalendarOpen"), "1") == 0;

    if (open && calendar)
        calendar->used = true;
    if (!open || calendar)
        json_object_del(scheduler, "CalendarId");
    if (!open)
        json_object_del(scheduler, "CalendarName");
}

/* ---- events -------------------------------------------------------------------------------- */

/* The property that names another project's event becomes EventProject. */
static void name_event_project(struct loading *l, json_t *listener)
{
    json_t *list = json_object_get(listener, "PropertiesList");

    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *item = json_array_get(list, i);
        const char *name = names_project(l->names, text_of(item, "ParamValue"));
        bool own = strcmp(text_of(item, "ParamValue"), l->s->project) == 0;
        if (strcmp(text_of(item, "ParamKey"), "EventProjectId") != 0 || (!own && !name))
            continue;
        if (!own)
            json_object_set_new(listener, "EventProject", json_string(name));
        json_array_remove(list, i);
    }
}

static void name_event_projects(struct loading *l, json_t *listeners)
{
    json_t *listener;
    size_t i;

    json_array_foreach(listeners, i, listener) name_event_project(l, listener);
}

/* ---- workflows ----------------------------------------------------------------------------- */

static int load_workflow(struct loading *l, const char *id, const char *name)
{
    json_t *response;
    int status = session_call(l->s, VERSION_2025, "GetWorkflow", in_project(l->s, "WorkflowId", id),
                              &response);

    if (status != EXIT_DONE)
        return status;
    json_t *data = json_object_get(response, "Data");
    const char *path = text_of(data, "Path"), *slash = strrchr(path, '/');
    if (slash && slash > path)
        json_object_set_new(data, "ParentFolderPath", json_stringn(path, (size_t)(slash - path)));
    name_calendar(l, json_object_get(data, "WorkflowSchedulerConfiguration"));
    definition_leave_project(data, l->s->project);
    json_t *normal = shape_normal(definition_shapes[DEFINITION_WORKFLOW], data);
    struct project_item *item = project_add(l->project, DEFINITION_WORKFLOW, name, normal);
    if (item)
        item->id = arena_cstr(l->project->arena, str_from(id));
    else
        json_decref(normal);
    json_decref(response);
    return EXIT_DONE;
}

static int load_workflows(struct loading *l)
{
    json_t *items, *item;
    size_t i;
    int status = session_items(l->s, VERSION_2025, "ListWorkflows",
                               json_pack("{s:s}", "ProjectId", l->s->project), PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    json_array_foreach(items, i, item)
    {
        status = load_workflow(l, text_of(item, "WorkflowId"), text_of(item, "WorkflowName"));
        if (status != EXIT_DONE)
            break;
    }
    json_decref(items);
    return status;
}

/* ---- tasks --------------------------------------------------------------------------------- */

/* A task's id becomes its name. */
static bool name_reference(void *ctx, json_t *item, const char *name, const char *id)
{
    struct loading *l = ctx;
    const char *text = text_of(item, id), *project = NULL, *known = names_task(l->names, text);

    if (!text[0] || strcmp(text_of(item, "Type"), "CONSTANT") == 0)
        return true;
    if (!known)
        known = names_foreign(l->names, l->task, text, &project);
    if (!known) {
        fprintf(stderr, "weft: task %s names task %s, which is gone or not visible\n", l->task_name,
                text);
        return true;
    }
    json_object_set_new(item, name, json_string(known));
    if (project)
        json_object_set_new(item, "Project", json_string(project));
    json_object_del(item, id);
    return true;
}

/* The code in one spelling of base64. */
static void normal_code(json_t *config)
{
    const char *given = text_of(config, "CodeContent");
    struct buf code, text;

    buf_init(&code, CODE_MAX);
    buf_init(&text, CODE_MAX);
    if (base64_decode(&code, str_from(given))) {
        base64_encode(&text, buf_str(&code));
        json_object_set_new(config, "CodeContent",
                            json_stringn(text.ptr ? text.ptr : "", text.len));
    }
    buf_done(&code);
    buf_done(&text);
}

static void name_group(struct loading *l, json_t *config)
{
    const char *name = names_group(l->names, text_of(config, "ResourceGroup"));

    if (!name) {
        json_object_del(config, "ResourceGroupName");
        return;
    }
    json_object_set_new(config, "ResourceGroupName", json_string(name));
    json_object_del(config, "ResourceGroup");
}

/* Of what an operator can set; nothing of a draft, and of what is past its range. */
static void take_status(json_t *data, const char *status)
{
    bool stops = strcmp(status, "T") == 0;

    if (stops || strcmp(status, "Y") == 0 || strcmp(status, "O") == 0 || strcmp(status, "F") == 0)
        json_object_set_new(data, "Status", json_string(stops ? "F" : status));
}

/* What GetTask answers becomes the normal form; a new reference. */
static json_t *normalise_task(struct loading *l, json_t *data)
{
    json_t *base = json_object_get(data, "TaskBaseAttribute");
    json_t *config = json_object_get(data, "TaskConfiguration");
    json_t *scheduler = json_object_get(data, "TaskSchedulerConfiguration");
    json_t *submit = json_object_get(base, "Submit");

    json_object_set(data, "Submit", submit ? submit : json_false());
    take_status(data, text_of(base, "Status"));
    json_object_set_new(base, "TaskTypeId", json_string(member(l->s, base, "TaskTypeId")));
    if (strcmp(text_of(base, "TaskFolderPath"), "/") == 0)
        json_object_del(base, "TaskFolderPath");
    name_group(l, config);
    normal_code(config);
    name_calendar(l, scheduler);
    name_event_projects(l, json_object_get(scheduler, "EventListenerList"));
    definition_open_settings(data);
    definition_visit(data, name_reference, l);
    definition_leave_project(data, l->s->project);
    return shape_normal(definition_shapes[DEFINITION_TASK], data);
}

static int fetch_task(struct loading *l, const char *id, const char *name, json_t **ret,
                      bool *ret_ever)
{
    json_t *response;
    int status =
        session_call(l->s, VERSION_2025, "GetTask", in_project(l->s, "TaskId", id), &response);

    if (status != EXIT_DONE)
        return status;
    json_t *data = json_object_get(response, "Data");
    l->task = id;
    l->task_name = name;
    *ret_ever =
        text_of(json_object_get(data, "TaskBaseAttribute"), "TaskLatestSubmitVersionNo")[0] != '\0';
    *ret = normalise_task(l, data);
    json_decref(response);
    return EXIT_DONE;
}

int project_reload_task(struct session *s, struct project_names *n, struct project *p,
                        struct project_item *task)
{
    struct loading l = { .s = s, .names = n, .project = p };
    json_t *normal;
    int status = fetch_task(&l, task->id, task->name, &normal, &task->ever_submitted);

    if (status == EXIT_DONE) {
        json_decref(task->definition);
        task->definition = normal;
    }
    return status;
}

static int load_task(struct loading *l, const json_t *listed)
{
    const char *id = text_of(listed, "TaskId"), *name = text_of(listed, "TaskName");
    json_t *normal;
    bool ever;
    int status = fetch_task(l, id, name, &normal, &ever);

    if (status != EXIT_DONE)
        return status;
    struct project_item *item = project_add(l->project, DEFINITION_TASK, name, normal);
    if (!item) {
        json_decref(normal);
        return EXIT_DONE;
    }
    item->id = arena_cstr(l->project->arena, str_from(id));
    item->ever_submitted = ever;
    return EXIT_DONE;
}

static int load_tasks(struct loading *l)
{
    json_t *items, *item;
    size_t i;
    int status = session_items(l->s, VERSION_2025, "ListTasks",
                               json_pack("{s:s}", "ProjectId", l->s->project), PAGE, &items);

    if (status != EXIT_DONE)
        return status;
    json_array_foreach(items, i, item)
        names_put_task(l->names, text_of(item, "TaskId"), text_of(item, "TaskName"));
    json_array_foreach(items, i, item)
    {
        status = load_task(l, item);
        if (status != EXIT_DONE)
            break;
    }
    json_decref(items);
    return status;
}

int project_load(struct session *s, struct project_names *n, struct project *ret)
{
    struct loading l = { .s = s, .names = n, .project = ret };
    int status = names_load(n);

    if (status == EXIT_DONE)
        status = load_calendars(&l);
    if (status == EXIT_DONE)
        status = project_load_belongs(s, n, ret);
    if (status == EXIT_DONE)
        status = project_load_resources(s, ret);
    if (status == EXIT_DONE)
        status = load_workflows(&l);
    if (status == EXIT_DONE)
        status = project_load_permissions(s, n, ret);
    if (status == EXIT_DONE)
        status = load_tasks(&l);
    if (status == EXIT_DONE)
        status = project_load_alarms(s, n, ret);
    project_sort(ret);
    return status;
}
