/* api/event_view.c - an event as answers show it: the tasks that listen to it. */
#include "api/event_view.h"

#include "api/access.h"
#include "api/times.h"
#include "model/task.h"

/* Is it the listener to this event?  Its project is a property, or else the task's. */
static bool is_listener(const json_t *item, const struct task_row *task, struct str project_id,
                        struct str event_name)
{
    struct str project = task->project_id;
    const json_t *property;
    size_t i;

    json_array_foreach(param_list(item, "PropertiesList"), i, property)
    {
        struct str value = param_str(property, "ParamValue");
        if (str_eq_c(param_str(property, "ParamKey"), "EventProjectId") && value.len > 0)
            project = value;
    }
    return str_eq(param_str(item, "EventName"), event_name) && str_eq(project, project_id);
}

/* The properties of the listener as the newest version of the task has them. */
static void read_properties(const json_t *doc, struct str project_id, struct str event_name,
                            struct arena *a, struct event_listener_view *ret)
{
    const json_t *list = param_list(param_object(doc, "TaskSchedulerConfiguration"),
                                    "EventListenerList"),
                 *item, *p;
    size_t i, j;

    json_array_foreach(list, i, item)
    {
        const json_t *properties = param_list(item, "PropertiesList");
        if (!is_listener(item, &ret->task, project_id, event_name))
            continue;
        struct listener_property *found =
            ARENA_ARRAY(a, struct listener_property, json_array_size(properties) + 1);
        json_array_foreach(properties, j, p)
        {
            found[j].key = arena_str(a, param_str(p, "ParamKey"));
            found[j].value = arena_str(a, param_str(p, "ParamValue"));
        }
        ret->properties = found;
        ret->n_properties = json_array_size(properties);
        return;
    }
}

enum err_code event_listener(struct view *v, struct arena *a, int64_t task_id,
                             struct str project_id, struct str event_name,
                             struct event_listener_view *ret, struct err *e)
{
    struct listener_row row = { .task_id = task_id,
                                .project_id = project_id,
                                .event_name = event_name };
    enum err_code rc = row_get(v, &table_listener, a, &row, e);

    *ret = (struct event_listener_view){ .task = { .id = task_id }, .since = row.created_at };
    if (rc == E_OK)
        rc = row_get(v, &table_task, a, &ret->task, e);
    if (rc != E_OK)
        return rc;
    ret->workflow.id = ret->task.workflow_id;
    rc = row_get(v, &table_workflow, a, &ret->workflow, e);
    struct version_row version = { .task_id = task_id, .num = ret->task.version_no };
    struct arena text; /* long, and of each listener */
    arena_init(&text);
    if (rc == E_OK)
        rc = row_get(v, &table_version, &text, &version, e);
    if (rc == E_OK) {
        json_t *doc = json_loadb(version.doc.ptr, version.doc.len, 0, NULL);
        read_properties(doc, project_id, event_name, a, ret);
        json_decref(doc);
    }
    arena_done(&text);
    return rc;
}

struct listener_list {
    struct call *c;
    struct view *view;
    struct event_listener_view *views;
    size_t n;
    enum err_code rc;
};

static bool take_listener(void *ctx, const void *row)
{
    struct listener_list *l = ctx;
    const struct listener_row *r = row;
    bool sees = false;

    l->rc = access_sees_task(l->c, l->view, r->task_id, &sees);
    if (l->rc == E_OK && sees)
        l->rc = event_listener(l->view, &l->c->arena, r->task_id, r->project_id, r->event_name,
                               &l->views[l->n++], &l->c->err);
    return l->rc == E_OK && l->n < EVENT_LISTENERS_SHOWN;
}

enum err_code event_listeners(struct call *c, struct view *v, struct str project_id,
                              struct str event_name, struct event_listener_view **ret,
                              size_t *ret_n)
{
    struct listener_list l = { .c = c, .view = v };
    struct query q;
    int64_t n;

    query_init(&q, &table_listener);
    query_text(&q, LISTENER_PROJECT_ID, QUERY_EQ, project_id);
    query_text(&q, LISTENER_EVENT_NAME, QUERY_EQ, event_name);
    query_number(&q, LISTENER_IN_OPS, QUERY_EQ, false);
    query_order(&q, LISTENER_TASK_ID, false);
    enum err_code rc = query_count(v, &q, &n, &c->err);
    if (rc != E_OK)
        return rc;
    if (n > EVENT_LISTENERS_SHOWN)
        n = EVENT_LISTENERS_SHOWN;
    l.views = ARENA_ARRAY(&c->arena, struct event_listener_view, (size_t)n + 1);
    rc = query_run(v, &q, take_listener, &l, &c->err);
    if (rc == E_OK)
        rc = l.rc;
    if (rc == E_OK) {
        *ret = l.views;
        *ret_n = l.n;
    }
    return rc;
}

void event_listener_write(struct jw *w, struct str project_id, struct str event_name,
                          const struct event_listener_view *l)
{
    char id[TASK_ID_LEN + 4];

    task_id_format(l->task.id, id);
    jw_object(w);
    jw_kcstr(w, "Key", id);
    jw_kcstr(w, "Type", "REST_API");
    jw_iso_utc(w, "CreationTs", l->since, 3);
    jw_key(w, "PropertiesList");
    jw_array(w);
    for (size_t i = 0; i < l->n_properties; i++) {
        jw_object(w);
        jw_kstr(w, "ParamKey", l->properties[i].key);
        jw_kstr(w, "ParamValue", l->properties[i].value);
        jw_object_end(w);
    }
    jw_array_end(w);
    jw_kstr(w, "EventName", event_name);
    jw_key(w, "TaskInfo");
    jw_object(w);
    jw_kcstr(w, "TaskId", id);
    jw_kstr(w, "TaskName", l->task.name);
    jw_kstr(w, "WorkflowId", l->workflow.id);
    jw_kstr(w, "WorkflowName", l->workflow.name);
    jw_ki64(w, "TaskTypeId", l->task.type_id);
    jw_kcstr(w, "TaskType", task_type_name(l->task.type_id));
    jw_kstr(w, "ProjectId", l->task.project_id);
    jw_kcstr(w, "CycleType", cycle_name((enum cycle)l->task.cycle));
    jw_kstr(w, "EventName", event_name);
    jw_object_end(w);
    jw_kstr(w, "EventProjectId", project_id);
    jw_object_end(w);
}
