/* cli/apply_run.c - carries out what files ask for: calendars, events, workflows, what is to go. */
#include <stdio.h>
#include <string.h>

#include "cli/apply.h"
#include "cli/json_place.h"

/* ---- calls --------------------------------------------------------------------------------- */

/* The server's own words begin with `path`, which leads to a line of the file. */
static int line_of(const struct project_item *item, const char *message)
{
    struct str rest = str_from(message);

    if (rest.len == 0 || rest.ptr[0] != '`')
        return 1;
    rest = str_sub(rest, 1, rest.len);
    struct str path = str_split(&rest, '`');
    if (str_starts_with(path, STR("Task.")))
        path = str_sub(path, 5, path.len);
    return json_line(item->text, path);
}

int apply_call(struct apply *a, const struct project_item *item, const char *version,
               const char *action, json_t *params, json_t **ret)
{
    struct failure failure;
    int status = session_try(a->s, version, action, params, ret, &failure);

    if (status == EXIT_DONE)
        return status;
    if (item->file && status == EXIT_REFUSED) {
        char message[sizeof(failure.why.message)];
        snprintf(message, sizeof(message), "%.700s (%s:%d)", failure.why.message, item->file,
                 line_of(item, failure.why.message));
        memcpy(failure.why.message, message, sizeof(message));
    }
    return session_report(a->s, &failure);
}

void apply_told(struct apply *a, const char *done, const struct project_item *item)
{
    if (a->s->json)
        return;
    printf("%s %s %s\n", done, definition_names[item->kind], item->name);
    fflush(stdout);
}

/* A call whose answer does not matter. */
static int act(struct apply *a, const struct project_item *item, const char *version,
               const char *action, json_t *params)
{
    json_t *response;
    int status = apply_call(a, item, version, action, params, &response);

    if (status == EXIT_DONE)
        json_decref(response);
    return status;
}

/* ---- folders ------------------------------------------------------------------------------- */

static json_t *folder_params(struct apply *a, const char *workflow_id, const char *type,
                             struct str parent, struct str name)
{
    json_t *above = parent.len > 0 ? json_stringn(parent.ptr, parent.len) : json_string("/");

    if (!type)
        return json_pack("{s:s,s:o,s:s%}", "ProjectId", a->s->project, "ParentFolderPath", above,
                         "FolderName", name.ptr, name.len);
    return json_pack("{s:s,s:s,s:s,s:o,s:s%}", "ProjectId", a->s->project, "WorkflowId",
                     workflow_id, "TaskFolderType", type, "ParentTaskFolderPath", above,
                     "TaskFolderName", name.ptr, name.len);
}

static int make_folder(struct apply *a, const struct project_item *item, const char *workflow_id,
                       const char *type, struct str parent, struct str name)
{
    struct str key = arena_printf(&a->s->arena, "%s %s %.*s/%.*s", workflow_id ? workflow_id : "",
                                  type ? type : "", STR_ARG(parent), STR_ARG(name));
    struct failure failure;
    json_t *response;

    if (map_put(&a->folders, key, a))
        return EXIT_DONE;
    int status =
        session_try(a->s, VERSION_2025, type ? "CreateTaskFolder" : "CreateWorkflowFolder",
                    folder_params(a, workflow_id, type, parent, name), &response, &failure);
    if (status == EXIT_DONE)
        json_decref(response);
    else if (strcmp(failure.why.code, "InvalidParameter.DuplicateName") != 0)
        return session_fail(a->s, status, "%s: %s", item->file, failure.why.message);
    return EXIT_DONE;
}

int apply_folder(struct apply *a, const struct project_item *item, const char *workflow_id,
                 const char *type, const char *path)
{
    struct str whole = str_from(path);
    int status = EXIT_DONE;

    for (size_t from = 1; from < whole.len && status == EXIT_DONE;) {
        ptrdiff_t slash = str_find_char(str_sub(whole, from, whole.len), '/');
        size_t end = slash < 0 ? whole.len : from + (size_t)slash;
        status = make_folder(a, item, workflow_id, type, str_sub(whole, 0, from - 1),
                             str_sub(whole, from, end - from));
        from = end + 1;
    }
    return status;
}

/* ---- calendars, events, workflows ---------------------------------------------------------- */

static void keep_id(struct apply *a, const struct project_item *want, const char *id)
{
    struct project_item *made =
        project_add(a->have, want->kind, want->name, json_incref(want->definition));

    if (made)
        made->id = arena_cstr(a->have->arena, str_from(id));
}

static int put_calendar(struct apply *a, struct change *c)
{
    json_t *params = json_copy(c->want->definition), *response;

    if (c->have) {
        json_object_set_new(params, "CalendarId", json_string(c->have->id));
        return act(a, c->want, VERSION_WEFT, "UpdateCalendar", params);
    }
    json_object_set_new(params, "CalendarName", json_string(c->want->name));
    int status = apply_call(a, c->want, VERSION_WEFT, "CreateCalendar", params, &response);
    if (status != EXIT_DONE)
        return status;
    keep_id(a, c->want, text_of(json_object_get(response, "Data"), "CalendarId"));
    json_decref(response);
    return EXIT_DONE;
}

static int put_event(struct apply *a, struct change *c)
{
    json_t *params = json_copy(c->want->definition);

    json_object_set_new(params, "ProjectId", json_string(a->s->project));
    json_object_set_new(params, "Name", json_string(c->want->name));
    json_object_set_new(params, "TimeToLive", json_string(member(a->s, params, "TimeToLive")));
    if (!json_object_get(params, "Description"))
        json_object_set_new(params, "Description", json_string(""));
    return act(a, c->want, VERSION_2021, "RegisterDsEvent", params);
}

void apply_calendar_id(struct apply *a, json_t *block)
{
    const char *name = text_of(block, "CalendarName");
    const struct project_item *calendar = project_find(a->have, DEFINITION_CALENDAR, name);

    if (calendar)
        json_object_set_new(block, "CalendarId", json_string(calendar->id));
    json_object_set_new(block, "CalendarOpen",
                        json_string(text_of(block, "CalendarId")[0] ? "1" : "0"));
    json_object_del(block, "CalendarName");
}

static bool changes_schedule(const struct change *c)
{
    json_t *want = json_object_get(c->want->definition, "WorkflowSchedulerConfiguration");

    return want && !json_equal(want, c->have ? json_object_get(c->have->definition,
                                                               "WorkflowSchedulerConfiguration")
                                             : NULL);
}

static json_t *workflow_params(struct apply *a, struct change *c)
{
    static const char *const texts[] = { "WorkflowDesc", "BundleId", "BundleInfo" };
    json_t *params = json_deep_copy(c->want->definition);

    json_object_del(params, "ParentFolderPath");
    json_object_set_new(params, "ProjectId", json_string(a->s->project));
    json_object_set_new(params, "WorkflowName", json_string(c->want->name));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!json_object_get(params, texts[i]))
            json_object_set_new(params, texts[i], json_string(""));
    if (!json_object_get(params, "WorkflowParams"))
        json_object_set_new(params, "WorkflowParams", json_array());
    if (changes_schedule(c))
        apply_calendar_id(a, json_object_get(params, "WorkflowSchedulerConfiguration"));
    else
        json_object_del(params, "WorkflowSchedulerConfiguration");
    return params;
}

static int create_workflow(struct apply *a, struct change *c)
{
    const char *folder = text_of(c->want->definition, "ParentFolderPath");
    json_t *params, *response;
    int status = apply_folder(a, c->want, NULL, NULL, folder);

    if (status != EXIT_DONE)
        return status;
    params = workflow_params(a, c);
    json_object_set_new(params, "ParentFolderPath", json_string(folder[0] ? folder : "/"));
    status = apply_call(a, c->want, VERSION_2025, "CreateWorkflow", params, &response);
    if (status != EXIT_DONE)
        return status;
    keep_id(a, c->want, text_of(json_object_get(response, "Data"), "WorkflowId"));
    json_decref(response);
    return EXIT_DONE;
}

/* A changed schedule changes the tasks of the workflow, too. */
static int put_workflow(struct apply *a, struct change *c, struct map *reloaded)
{
    json_t *params;

    if (!c->have)
        return create_workflow(a, c);
    params = workflow_params(a, c);
    json_object_set_new(params, "WorkflowId", json_string(c->have->id));
    json_object_del(params, "WorkflowType");
    int status = act(a, c->want, VERSION_2025, "UpdateWorkflow", params);
    if (status == EXIT_DONE && changes_schedule(c))
        map_put(reloaded, str_from(c->want->name), c);
    return status;
}

static int put_all(struct apply *a, struct map *reloaded)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < a->plan.n && status == EXIT_DONE; i++) {
        struct change *c = &a->plan.changes[i];
        if (c->kind == CHANGE_DELETE || c->want->kind == DEFINITION_TASK ||
            c->want->kind == DEFINITION_ALARM)
            continue;
        if (c->want->kind == DEFINITION_CALENDAR)
            status = put_calendar(a, c);
        else if (c->want->kind == DEFINITION_EVENT)
            status = put_event(a, c);
        else
            status = put_workflow(a, c, reloaded);
        c->done = status == EXIT_DONE;
        if (c->done)
            apply_told(a, c->have ? "changed" : "created", c->want);
    }
    return status;
}

/* They name tasks, so those are there by now. */
static int put_alarms(struct apply *a)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < a->plan.n && status == EXIT_DONE; i++) {
        struct change *c = &a->plan.changes[i];
        if (c->kind == CHANGE_DELETE || c->want->kind != DEFINITION_ALARM)
            continue;
        status = apply_alarm(a, c);
        c->done = status == EXIT_DONE;
        if (c->done)
            apply_told(a, c->have ? "changed" : "created", c->want);
    }
    return status;
}

/* ---- what is to go ------------------------------------------------------------------------- */

static int delete_one(struct apply *a, struct change *c)
{
    static const char *const calls[DEFINITION_KINDS_][2] = {
        [DEFINITION_TASK] = { "DeleteTask", "TaskId" },
        [DEFINITION_WORKFLOW] = { "DeleteWorkflow", "WorkflowId" },
        [DEFINITION_ALARM] = { "DeleteOpsAlarmRule", "AlarmRuleId" },
    };
    const char *const *call = calls[c->have->kind];
    int status = act(a, c->have, VERSION_2025, call[0],
                     json_pack("{s:s,s:s}", "ProjectId", a->s->project, call[1], c->have->id));

    c->done = status == EXIT_DONE;
    if (c->done)
        apply_told(a, "deleted", c->have);
    return status;
}

static struct change *deletion_of(struct apply *a, const struct project_item *have)
{
    for (size_t i = 0; i < a->plan.n; i++)
        if (a->plan.changes[i].kind == CHANGE_DELETE && a->plan.changes[i].have == have)
            return &a->plan.changes[i];
    return NULL;
}

static int delete_kind(struct apply *a, enum definition_kind kind)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < a->plan.n && status == EXIT_DONE; i++) {
        struct change *c = &a->plan.changes[i];
        if (c->kind == CHANGE_DELETE && c->have->kind == kind)
            status = delete_one(a, c);
    }
    return status;
}

/* Alarm rules, tasks, downstream ones first, then workflows. */
static int delete_all(struct apply *a)
{
    size_t *order, *rank, n = a->have->n[DEFINITION_TASK];
    int status = EXIT_DONE;

    if (a->plan.counts[CHANGE_DELETE] == 0)
        return EXIT_DONE;
    order_tasks(a->have, &a->s->arena, &order, &rank);
    status = delete_kind(a, DEFINITION_ALARM);
    for (size_t i = n; i-- > 0 && status == EXIT_DONE;) {
        struct change *c = deletion_of(a, a->have->items[DEFINITION_TASK][order[i]]);
        if (c)
            status = delete_one(a, c);
    }
    return status == EXIT_DONE ? delete_kind(a, DEFINITION_WORKFLOW) : status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static void tell_rest(struct apply *a)
{
    size_t done = 0;

    for (size_t i = 0; i < a->plan.n; i++)
        done += a->plan.changes[i].done;
    if (a->s->json)
        return;
    fprintf(stderr, "weft: %zu of %zu changes are made; the next apply goes on with:\n", done,
            a->plan.n);
    for (size_t i = 0; i < a->plan.n; i++) {
        const struct change *c = &a->plan.changes[i];
        const struct project_item *item = c->want ? c->want : c->have;
        if (!c->done)
            fprintf(stderr, "  %s %s\n", definition_names[item->kind], item->name);
    }
}

int apply_run(struct apply *a)
{
    struct map reloaded;
    int status;

    map_init(&reloaded);
    status = put_all(a, &reloaded);
    if (status == EXIT_DONE)
        status = apply_tasks(a, &reloaded);
    if (status == EXIT_DONE)
        status = put_alarms(a);
    if (status == EXIT_DONE)
        status = delete_all(a);
    map_done(&reloaded);
    if (status != EXIT_DONE)
        tell_rest(a);
    return status;
}
