/* cli/apply_plan.c - what differs between the files and the server. */
#include <stdio.h>
#include <string.h>

#include "cli/alarm_hooks.h"
#include "cli/apply.h"
#include "cli/json_place.h"
#include "cli/suggest.h"

void plan_done(struct plan *p)
{
    mem_free(p->changes);
}

static struct change *add(struct apply *a, enum change_kind kind, struct project_item *want,
                          struct project_item *have)
{
    struct plan *p = &a->plan;

    p->changes = mem_grow(p->changes, &p->cap_, p->n + 1, sizeof(struct change));
    p->changes[p->n] = (struct change){ .kind = kind, .want = want, .have = have };
    p->counts[kind]++;
    return &p->changes[p->n++];
}

static void impossible(struct apply *a, struct project_item *want, struct project_item *have,
                       const char *why)
{
    add(a, CHANGE_IMPOSSIBLE, want, have)->why = why;
}

/* ---- tasks --------------------------------------------------------------------------------- */

bool plan_wants_submit(const struct project_item *want)
{
    return json_is_true(json_object_get(want->definition, "Submit"));
}

bool plan_is_submitted(const struct project_item *have)
{
    return json_is_true(json_object_get(have->definition, "Submit"));
}

const char *plan_status(const struct project_item *task)
{
    return text_of(task->definition, "Status");
}

bool plan_differs(const struct project_item *want, const struct project_item *have)
{
    json_t *a = json_copy(want->definition), *b = json_copy(have->definition);

    if (want->kind != DEFINITION_TASK) {
        bool differs_at_all = !json_equal(a, b);
        json_decref(a);
        json_decref(b);
        return differs_at_all;
    }
    json_object_del(a, "Submit");
    json_object_del(b, "Submit");
    json_object_del(a, "Status");
    json_object_del(b, "Status");
    bool differs = !json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return differs;
}

static bool same_text(const json_t *a, const json_t *b, const char *block, const char *name)
{
    if (block) {
        a = json_object_get(a, block);
        b = json_object_get(b, block);
    }
    return strcmp(text_of(a, name), text_of(b, name)) == 0;
}

static const char *why_no_group(const json_t *want, const json_t *have)
{
    static const char *const names[] = { "ResourceGroupType", "Description", "ResourceRegion",
                                         "VpcId", "SubNet" };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!same_text(want, have, NULL, names[i]))
            return "of a resource group the API changes the Number only";
    return NULL;
}

/* What the API has no call for; NULL: it has. */
static const char *why_impossible(const struct project_item *want, const struct project_item *have)
{
    const json_t *w = want->definition, *h = have->definition;

    switch (want->kind) {
    case DEFINITION_GROUP:
        return why_no_group(w, h);
    case DEFINITION_RESOURCE:
        return same_text(w, h, NULL, "CosRegion")
                   ? NULL
                   : "the API cannot change the region of a resource file";
    case DEFINITION_EVENT:
        return "the API cannot change an event";
    case DEFINITION_WORKFLOW:
        if (!same_text(w, h, NULL, "ParentFolderPath"))
            return "the API cannot move a workflow to another folder";
        if (!same_text(w, h, NULL, "WorkflowType"))
            return "the API cannot change the type of a workflow";
        if (!json_object_get(w, "WorkflowSchedulerConfiguration") &&
            json_object_get(h, "WorkflowSchedulerConfiguration"))
            return "the API cannot take away the schedule of a workflow";
        return NULL;
    case DEFINITION_TASK:
        if (!same_text(w, h, "TaskBaseAttribute", "WorkflowName"))
            return "the API cannot move a task to another workflow; delete it there first";
        if (!same_text(w, h, "TaskBaseAttribute", "TaskTypeId"))
            return "the API cannot change the type of a task; delete it first";
        return NULL;
    default:
        return NULL;
    }
}

/* The same of a status; have NULL: a new task. */
static const char *why_no_status(const struct project_item *want, const struct project_item *have)
{
    const char *wanted = plan_status(want), *is = have ? plan_status(have) : "";

    if (!wanted[0] || strcmp(wanted, is) == 0)
        return NULL;
    if (!plan_wants_submit(want) && !(have && have->ever_submitted))
        return "a task that was never submitted has no Status";
    if (strcmp(wanted, "O") == 0 && strcmp(is, "F") == 0)
        return "a stopped task cannot be paused; Status Y starts it first";
    return NULL;
}

/* ---- references ---------------------------------------------------------------------------- */

struct references {
    struct apply *a;
    const struct project_item *item;
    int status;
};

static int line_of(const struct project_item *item, const char *name)
{
    char quoted[512];

    snprintf(quoted, sizeof(quoted), "\"%s\"", name);
    ptrdiff_t at = str_find(item->text, str_from(quoted));
    int line = 1;
    for (ptrdiff_t i = 0; i < at; i++)
        line += item->text.ptr[i] == '\n';
    return line;
}

static void leads_nowhere(struct references *r, const char *kind, const char *name,
                          const char *near)
{
    r->status = session_fail(r->a->s, EXIT_USAGE, "%s:%d: there is no %s %s%s%s%s", r->item->file,
                             line_of(r->item, name), kind, name, near ? "; did you mean " : "",
                             near ? near : "", near ? "?" : "");
}

static void offer_names(struct suggestion *s, const struct project *p, enum definition_kind kind)
{
    for (size_t i = 0; i < p->n[kind]; i++)
        suggest_offer(s, p->items[kind][i]->name);
}

/* It is in the files, or on the server to stay. */
static bool will_be_there(struct apply *a, enum definition_kind kind, const char *name)
{
    return project_find(a->want, kind, name) ||
           ((kind == DEFINITION_CALENDAR || !a->prune) && project_find(a->have, kind, name));
}

static void check_name(struct references *r, enum definition_kind kind, const char *name)
{
    struct suggestion s;

    if (!name[0] || will_be_there(r->a, kind, name))
        return;
    suggest_begin(&s, str_from(name));
    offer_names(&s, r->a->want, kind);
    if (!r->a->prune)
        offer_names(&s, r->a->have, kind);
    leads_nowhere(r, definition_names[kind], name, suggest_best(&s));
}

static bool check_reference(void *ctx, json_t *item, const char *name, const char *id)
{
    struct references *r = ctx;
    const char *task = text_of(item, name), *project = text_of(item, "Project");

    (void)id;
    if (!project[0])
        check_name(r, DEFINITION_TASK, task);
    else if (task[0] && !names_project_id(r->a->names, project))
        leads_nowhere(r, "project", project, NULL);
    else if (task[0] && !names_foreign_id(r->a->names, project, task))
        leads_nowhere(r, "task", task, NULL);
    return true;
}

static void check_names(struct references *r, enum definition_kind kind, const json_t *list)
{
    const json_t *name;
    size_t i;

    json_array_foreach(list, i, name) check_name(r, kind, json_string_value(name));
}

static void check_role(struct references *r, const char *name)
{
    if (name[0] && !names_role_id(r->a->names, name))
        leads_nowhere(r, "role", name, NULL);
}

/* Of a member, a workflow, a folder. */
static void check_people(struct references *r)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(r->item->definition, "Roles"), i, item)
        check_role(r, json_string_value(item));
    json_array_foreach(json_object_get(r->item->definition, "Permissions"), i, item)
    {
        check_role(r, text_of(item, "Role"));
        check_name(r, DEFINITION_MEMBER, text_of(item, "User"));
    }
}

static void check_alarm(struct references *r)
{
    const json_t *rule = r->item->definition, *item;
    size_t i;

    check_names(r, DEFINITION_TASK, json_object_get(rule, "Tasks"));
    check_names(r, DEFINITION_WORKFLOW, json_object_get(rule, "Workflows"));
    json_array_foreach(
        json_object_get(json_object_get(rule, "AlarmRuleDetail"), "MonitorWhiteTasks"), i, item)
    {
        check_name(r, DEFINITION_WORKFLOW, text_of(item, "Workflow"));
        check_names(r, DEFINITION_TASK, json_object_get(item, "Tasks"));
    }
}

static int check_references(struct apply *a, const struct project_item *item)
{
    struct references r = { .a = a, .item = item, .status = EXIT_DONE };
    bool is_task = item->kind == DEFINITION_TASK;
    const char *block = is_task ? "TaskSchedulerConfiguration" : "WorkflowSchedulerConfiguration";
    const char *group =
        text_of(json_object_get(item->definition, "TaskConfiguration"), "ResourceGroupName");

    check_name(&r, DEFINITION_CALENDAR,
               text_of(json_object_get(item->definition, block), "CalendarName"));
    if (is_task)
        definition_visit(item->definition, check_reference, &r);
    if (item->kind == DEFINITION_ALARM)
        check_alarm(&r);
    check_people(&r);
    if (group[0] && !names_group_id(a->names, group) &&
        !project_find(a->want, DEFINITION_GROUP, group))
        leads_nowhere(&r, "resource group", group, NULL);
    return r.status;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static void compare(struct apply *a, struct project_item *want, struct project_item *have)
{
    bool submits =
        want->kind == DEFINITION_TASK && plan_wants_submit(want) && !plan_is_submitted(have);
    const char *why;

    shape_inherit(definition_shapes[want->kind], want->definition, have->definition);
    json_t *normal = shape_normal(definition_shapes[want->kind], want->definition);
    json_decref(want->definition);
    want->definition = normal;
    bool differs = plan_differs(want, have),
         moves = strcmp(plan_status(want), plan_status(have)) != 0;
    why = differs ? why_impossible(want, have) : NULL;
    if (!why && want->kind == DEFINITION_TASK)
        why = why_no_status(want, have);
    if (why)
        impossible(a, want, have, why);
    else if (differs || submits || moves)
        add(a, CHANGE_UPDATE, want, have);
    else
        a->plan.unchanged++;
}

/* Short addresses become the server's. */
static int fill_hooks(struct apply *a, const struct project_item *want,
                      const struct project_item *have)
{
    const char *lost =
        want->kind == DEFINITION_ALARM
            ? alarm_hooks_fill(want->definition, have ? have->definition : NULL, &a->s->arena)
            : NULL;

    return !lost ? EXIT_DONE
                 : session_fail(a->s, EXIT_USAGE,
                                "%s:%d: %s: the server has no address that this stands for; "
                                "write it as it is, or export with --hooks",
                                want->file, json_line(want->text, str_from(lost)), lost);
}

static void plan_new(struct apply *a, struct project_item *want)
{
    const char *why = want->kind == DEFINITION_TASK ? why_no_status(want, NULL) : NULL;

    if (why)
        impossible(a, want, NULL, why);
    else
        add(a, CHANGE_CREATE, want, NULL);
}

static int compare_all(struct apply *a, enum definition_kind kind)
{
    int status, worst = EXIT_DONE;

    for (size_t i = 0; i < a->want->n[kind]; i++) {
        struct project_item *want = a->want->items[kind][i];
        struct project_item *have = project_find(a->have, kind, want->name);
        status = check_references(a, want);
        worst = status != EXIT_DONE ? status : worst;
        status = fill_hooks(a, want, have);
        worst = status != EXIT_DONE ? status : worst;
        if (have)
            compare(a, want, have);
        else
            plan_new(a, want);
    }
    return worst;
}

static void find_extra(struct apply *a, enum definition_kind kind)
{
    for (size_t i = 0; i < a->have->n[kind]; i++)
        if (!a->have->items[kind][i]->stays &&
            !project_find(a->want, kind, a->have->items[kind][i]->name))
            add(a, CHANGE_DELETE, NULL, a->have->items[kind][i]);
}

int plan_make(struct apply *a)
{
    /* There are files of before these were in them. */
    static const enum definition_kind later[] = { DEFINITION_RESOURCE, DEFINITION_ALARM,
                                                  DEFINITION_MEMBER };
    int worst = EXIT_DONE;

    for (int kind = 0; kind < DEFINITION_KINDS_; kind++) {
        int status = compare_all(a, (enum definition_kind)kind);
        worst = status != EXIT_DONE ? status : worst;
    }
    if (a->prune) {
        find_extra(a, DEFINITION_TASK);
        find_extra(a, DEFINITION_WORKFLOW);
        for (size_t i = 0; i < ARRAY_LEN(later); i++)
            if (a->want->n[later[i]] > 0)
                find_extra(a, later[i]);
    }
    return worst;
}
