/* cli/apply_run.c - carries out what files ask for: kind by kind, and what is to go. */
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

int apply_act(struct apply *a, const struct project_item *item, const char *version,
              const char *action, json_t *params)
{
    json_t *response;
    int status = apply_call(a, item, version, action, params, &response);

    if (status == EXIT_DONE)
        json_decref(response);
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
        return apply_act(a, c->want, VERSION_WEFT, "UpdateCalendar", params);
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
    return apply_act(a, c->want, VERSION_2021, "RegisterDsEvent", params);
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

    definition_take_project(params, a->s->project);
    json_object_del(params, "Permissions");
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
    int status = apply_folder(a, c->want, FOLDER_OF_WORKFLOWS, NULL, NULL, folder);

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

static bool differs_beyond_permissions(const struct change *c)
{
    json_t *want = json_copy(c->want->definition), *have = json_copy(c->have->definition);

    json_object_del(want, "Permissions");
    json_object_del(have, "Permissions");
    bool differs = !json_equal(want, have);
    json_decref(want);
    json_decref(have);
    return differs;
}

/* A changed schedule changes the tasks of the workflow, too. */
static int put_workflow(struct apply *a, struct change *c, struct map *reloaded)
{
    json_t *params;

    if (!c->have)
        return create_workflow(a, c);
    if (!differs_beyond_permissions(c))
        return EXIT_DONE;
    params = workflow_params(a, c);
    json_object_set_new(params, "WorkflowId", json_string(c->have->id));
    json_object_del(params, "WorkflowType");
    int status = apply_act(a, c->want, VERSION_2025, "UpdateWorkflow", params);
    if (status == EXIT_DONE && changes_schedule(c))
        map_put(reloaded, str_from(c->want->name), c);
    return status;
}

static int put_folder(struct apply *a, struct change *c)
{
    return c->have ? EXIT_DONE
                   : apply_folder(a, c->want, FOLDER_OF_WORKFLOWS, NULL, NULL, c->want->name);
}

/* ---- kind by kind ---------------------------------------------------------------------------- */

static int put(struct apply *a, struct change *c, struct map *reloaded)
{
    switch (c->want->kind) {
    case DEFINITION_PROJECT:
        return apply_settings(a, c);
    case DEFINITION_CALENDAR:
        return put_calendar(a, c);
    case DEFINITION_GROUP:
        return apply_group(a, c);
    case DEFINITION_RESOURCE:
        return apply_resource(a, c);
    case DEFINITION_EVENT:
        return put_event(a, c);
    case DEFINITION_FOLDER:
        return put_folder(a, c);
    case DEFINITION_WORKFLOW:
        return put_workflow(a, c, reloaded);
    case DEFINITION_ALARM:
        return apply_alarm(a, c);
    default:
        return apply_member(a, c);
    }
}

static bool is_of(const struct change *c, const enum definition_kind *kinds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c->kind != CHANGE_DELETE && c->want->kind == kinds[i])
            return true;
    return false;
}

/* The changes of these kinds, in the order of the plan. */
static int put_all(struct apply *a, const enum definition_kind *kinds, size_t n,
                   struct map *reloaded)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < a->plan.n && status == EXIT_DONE; i++) {
        struct change *c = &a->plan.changes[i];
        if (!is_of(c, kinds, n))
            continue;
        status = put(a, c, reloaded);
        if (status == EXIT_DONE && apply_moves_permissions(c))
            c->so_far = "without its permissions";
        if (status != EXIT_DONE || c->so_far)
            continue;
        c->done = true;
        apply_told(a, c->have ? "changed" : "created", c->want);
    }
    return status;
}

/* To members, so those are there by now. */
static int put_permissions(struct apply *a)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < a->plan.n && status == EXIT_DONE; i++) {
        struct change *c = &a->plan.changes[i];
        if (c->kind == CHANGE_DELETE || !apply_moves_permissions(c))
            continue;
        status = apply_permissions(a, c);
        c->done = status == EXIT_DONE;
        if (c->done)
            apply_told(a, c->have ? "changed" : "created", c->want);
    }
    return status;
}

/* Before anything can fire. */
static int put_disabled(struct apply *a)
{
    for (size_t i = 0; i < a->plan.n; i++) {
        struct change *c = &a->plan.changes[i];
        if (c->kind != CHANGE_DELETE && c->want->kind == DEFINITION_PROJECT)
            return apply_disabled(a, c);
    }
    return EXIT_DONE;
}

/* ---- what is to go ------------------------------------------------------------------------- */

static int delete_one(struct apply *a, struct change *c)
{
    static const char *const calls[DEFINITION_KINDS_][2] = {
        [DEFINITION_TASK] = { "DeleteTask", "TaskId" },
        [DEFINITION_WORKFLOW] = { "DeleteWorkflow", "WorkflowId" },
        [DEFINITION_ALARM] = { "DeleteOpsAlarmRule", "AlarmRuleId" },
        [DEFINITION_RESOURCE] = { "DeleteResourceFile", "ResourceId" },
        [DEFINITION_MEMBER] = { "DeleteProjectMember", "UserUins" },
    };
    const char *const *call = calls[c->have->kind];
    json_t *what = c->have->kind == DEFINITION_MEMBER ? json_pack("[s]", c->have->name)
                                                      : json_string(c->have->id);
    json_t *params = json_pack("{s:s,s:o}", "ProjectId", a->s->project, call[1], what);

    if (a->inform && c->have->kind == DEFINITION_TASK)
        json_object_set_new(params, "OperateInform", json_true());
    int status = apply_act(a, c->have, VERSION_2025, call[0], params);
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

/* Alarm rules, tasks, downstream ones first, then workflows, resource files, members. */
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
    if (status == EXIT_DONE)
        status = delete_kind(a, DEFINITION_WORKFLOW);
    if (status == EXIT_DONE)
        status = delete_kind(a, DEFINITION_RESOURCE);
    return status == EXIT_DONE ? delete_kind(a, DEFINITION_MEMBER) : status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static void tell_rest(struct apply *a)
{
    size_t done = 0, begun = 0;

    for (size_t i = 0; i < a->plan.n; i++) {
        done += a->plan.changes[i].done;
        begun += !a->plan.changes[i].done && a->plan.changes[i].so_far;
    }
    if (a->s->json)
        return;
    fprintf(stderr, "weft: %zu of %zu changes are made", done, a->plan.n);
    if (begun > 0)
        fprintf(stderr, ", and a part of %zu more", begun);
    fputs("; the next apply goes on with:\n", stderr);
    for (size_t i = 0; i < a->plan.n; i++) {
        const struct change *c = &a->plan.changes[i];
        const struct project_item *item = c->want ? c->want : c->have;
        if (!c->done)
            fprintf(stderr, "  %s %s%s%s\n", definition_names[item->kind], item->name,
                    c->so_far ? ": " : "", c->so_far ? c->so_far : "");
    }
}

int apply_run(struct apply *a)
{
    static const enum definition_kind before[] = { DEFINITION_CALENDAR, DEFINITION_GROUP,
                                                   DEFINITION_RESOURCE, DEFINITION_EVENT,
                                                   DEFINITION_FOLDER,   DEFINITION_WORKFLOW },
                                      behind[] = { DEFINITION_ALARM, DEFINITION_MEMBER },
                                      last[] = { DEFINITION_PROJECT };
    struct map reloaded;
    int status = put_disabled(a);

    map_init(&reloaded);
    if (status == EXIT_DONE)
        status = put_all(a, before, ARRAY_LEN(before), &reloaded);
    if (status == EXIT_DONE)
        status = apply_tasks(a, &reloaded);
    if (status == EXIT_DONE)
        status = put_all(a, behind, ARRAY_LEN(behind), &reloaded);
    if (status == EXIT_DONE)
        status = put_permissions(a);
    if (status == EXIT_DONE)
        status = put_all(a, last, ARRAY_LEN(last), &reloaded);
    if (status == EXIT_DONE)
        status = delete_all(a);
    map_done(&reloaded);
    if (status != EXIT_DONE)
        tell_rest(a);
    return status;
}
