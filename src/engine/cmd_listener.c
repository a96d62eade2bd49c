/* engine/cmd_listener.c - makes a task listen to an event. */
#include "engine/cmd_listener.h"

#include <stdio.h>
#include <string.h>

#include "engine/cmd_event.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task.h"
#include "engine/member.h"
#include "model/json_text.h"

#define LISTENERS "TaskSchedulerConfiguration.EventListenerList"

static const char project_key[] = "EventProjectId";

static struct str text_of(const json_t *o, const char *name)
{
    const json_t *text = json_object_get(o, name);

    return json_is_string(text) ? str_make(json_string_value(text), json_string_length(text))
                                : STR("");
}

static bool is_project(const json_t *property)
{
    return str_eq_c(text_of(property, "ParamKey"), project_key);
}

/* What the properties say of the event's project; empty: nothing. */
static struct str listed_project(const json_t *properties)
{
    struct str found = STR("");
    const json_t *property;
    size_t i;

    json_array_foreach(properties, i, property)
    {
        if (is_project(property))
            found = text_of(property, "ParamValue");
    }
    return found;
}

static enum err_code find_event(struct engine *g, const struct listener_wish *w,
                                struct event_row *ret, struct err *e)
{
    struct str listed = listed_project(w->properties), id = w->event_project_id;
    struct project_row project;
    bool sees = true;
    enum err_code rc = E_OK;

    if (id.len > 0 && listed.len > 0 && !str_eq(id, listed))
        return err_user(e, E_RANGE, "Properties", "its EventProjectId `%.*s` is another project",
                        "其中的 EventProjectId `%.*s` 与参数 EventProjectId 不一致",
                        STR_ARG(str_sub(listed, 0, 64)));
    if (id.len == 0)
        id = listed.len > 0 ? listed : w->project_id;
    if (!str_eq(id, w->project_id))
        rc = engine_may(g, id, RIGHT_READ, &sees, e);
    if (rc == E_OK && !sees) {
        project_absent(id, project_key, e);
        return E_MISSING;
    }
    if (rc == E_OK && !str_eq(id, w->project_id))
        rc = project_require(engine_view(g), engine_arena(g), id, project_key, &project, e);
    return rc == E_OK ? event_require(engine_view(g), engine_arena(g), id, w->event_name,
                                      "EventName", ret, e)
                      : rc;
}

/* ---- the document -------------------------------------------------------------------------- */

static json_t *property(struct str key, struct str value)
{
    json_t *o = json_object();

    json_object_set_new(o, "ParamKey", json_stringn(key.ptr, key.len));
    json_object_set_new(o, "ParamValue", json_stringn(value.ptr, value.len));
    return o;
}

/* The entry of EventListenerList.  The event's project is named only where it is not the task's:
 * one event has one spelling. */
static json_t *entry_of(const struct listener_wish *w, const struct event_row *event)
{
    json_t *entry = json_object(), *list = json_array(), *given;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)w->properties, i, given)
    {
        if (!is_project(given))
            json_array_append_new(list, json_deep_copy(given));
    }
    if (!str_eq(event->project_id, w->project_id))
        json_array_append_new(list, property(str_from(project_key), event->project_id));
    json_object_set_new(entry, "EventName", json_stringn(event->name.ptr, event->name.len));
    json_object_set_new(entry, "EventSubType",
                        json_stringn(event->sub_type.ptr, event->sub_type.len));
    json_object_set_new(entry, "EventBroadcastType",
                        json_stringn(event->broadcast_type.ptr, event->broadcast_type.len));
    json_object_set_new(entry, "PropertiesList", list);
    return entry;
}

static bool is_of(const json_t *entry, const struct listener_wish *w, const struct event_row *event)
{
    struct str project = listed_project(json_object_get(entry, "PropertiesList"));

    return str_eq(text_of(entry, "EventName"), event->name) &&
           str_eq(project.len > 0 ? project : w->project_id, event->project_id);
}

/* Puts the entry into the document; false: it is there, as it should be.  *ret_at: its place. */
static bool put_entry(json_t *doc, const struct listener_wish *w, const struct event_row *event,
                      size_t *ret_at)
{
    json_t *scheduler = json_object_get(doc, "TaskSchedulerConfiguration"),
           *list = json_object_get(scheduler, "EventListenerList"), *entry = entry_of(w, event);
    size_t at = 0, n = json_array_size(list);
    bool same;

    while (at < n && !is_of(json_array_get(list, at), w, event))
        at++;
    same = at < n && json_equal(json_array_get(list, at), entry);
    if (at < n)
        json_array_set_new(list, at, entry);
    else
        json_array_append_new(list, entry);
    *ret_at = at;
    return !same;
}

/* ---- the task ------------------------------------------------------------------------------ */

/* What is wrong with the new entry is said of the request, which has no list. */
static void name_in_request(struct err *e, size_t at)
{
    char path[96];
    size_t n;

    if (!e)
        return;
    snprintf(path, sizeof(path), LISTENERS ".%zu.", at);
    n = strlen(path);
    if (strncmp(e->path, path, n) != 0)
        return;
    memmove(e->path, e->path + n, strlen(e->path + n) + 1);
    if (strncmp(e->path, "PropertiesList", strlen("PropertiesList")) == 0)
        snprintf(e->path, sizeof(e->path), "Properties");
}

static enum err_code save(struct engine *g, const struct listener_wish *w, const json_t *doc,
                          struct err *e)
{
    struct task_spec spec;
    struct task_write write = { .id = w->task_id,
                                .project_id = w->project_id,
                                .uin = w->uin,
                                .spec = &spec,
                                .doc = json_text(doc, engine_arena(g)) };
    enum err_code rc = task_decode(doc, (struct civil){ 0 }, engine_arena(g), &spec, e);
    return rc == E_OK ? task_change(g, &write, e) : rc;
}

/* A submit of a task that does not run would start it (1.5). */
static bool acts_at_once(const struct task_row *task)
{
    return task->submitted && (task->status == TASK_SCHEDULING || task->status == TASK_PAUSED);
}

static enum err_code submit(struct engine *g, const struct listener_wish *w, struct err *e)
{
    struct task_submission submission = {
        .project_id = w->project_id,
        .task_id = w->task_id,
        .remark = arena_printf(engine_arena(g), "listens to event %.*s", STR_ARG(w->event_name)),
        .uin = w->uin,
        .status = TASK_NEW,
    };
    struct str id;

    return task_submit(g, &submission, &id, e);
}

enum err_code listener_put(struct engine *g, const struct listener_wish *w,
                           struct str *ret_project_id, struct err *e)
{
    struct version_row draft = { .task_id = w->task_id };
    struct event_row event;
    struct task_row task;
    size_t at;
    enum err_code rc =
        task_require(engine_view(g), engine_arena(g), w->project_id, w->task_id, &task, e);

    if (rc == E_OK)
        rc = find_event(g, w, &event, e);
    if (rc != E_OK)
        return rc;
    draft.num = task.version_no;
    rc = row_get(engine_view(g), &table_version, engine_arena(g), &draft, e);
    if (rc != E_OK)
        return rc;
    json_t *doc = json_loadb(draft.doc.ptr, draft.doc.len, 0, NULL);
    if (!doc)
        return err_set(e, E_CORRUPT, "version %.*s is not readable", STR_ARG(draft.id));
    if (put_entry(doc, w, &event, &at)) {
        rc = save(g, w, doc, e);
        if (rc != E_OK)
            name_in_request(e, at);
        if (rc == E_OK && acts_at_once(&task))
            rc = submit(g, w, e);
    }
    json_decref(doc);
    if (rc == E_OK)
        *ret_project_id = event.project_id;
    return rc;
}
