/* cli/apply_tasks.c - carries out what files ask for: tasks, in the order of their dependencies.
 *
 * Two kinds of references cannot be made in that order: those of a branch to the tasks behind it,
 * and those that close a circle, which data times may do.  A new task is made without what is not
 * there yet, and completed when everything is.  In a circle of tasks of which none was ever
 * submitted, one is submitted without its upstream first, because the server asks for submitted
 * upstreams, and a second time when it has it.
 */
#include <stdio.h>
#include <string.h>

#include "cli/apply.h"
#include "model/task_folder.h"

enum phase { PHASE_CREATE, PHASE_UPDATE, PHASE_COMPLETE };

struct work {
    struct project_item *want, *have; /* have: NULL until it is made */
    struct change *change;            /* NULL: only its workflow's schedule changed */
    size_t rank;
    bool created, sent;
    bool lacks;  /* a reference to what is not there yet */
    bool opened; /* a reference that closes a circle was left out of the update */
};

struct tasks {
    struct apply *a;
    struct work *works; /* in order */
    size_t n;
    struct map by_name; /* all tasks of the files -> struct work, whether to be done or not */
};

/* ---- requests ------------------------------------------------------------------------------ */

struct resolving {
    struct tasks *t;
    struct work *work;
    enum phase phase;
};

/* The reference closes a circle, and what it leads to was never submitted. */
static bool closes_circle(const struct resolving *r, const char *task)
{
    const struct work *up = map_get(&r->t->by_name, str_from(task));

    return up && up->rank >= r->work->rank && plan_wants_submit(r->work->want) &&
           !(up->have && up->have->ever_submitted);
}

static bool resolve(void *ctx, json_t *item, const char *name, const char *id)
{
    struct resolving *r = ctx;
    struct project_names *names = r->t->a->names;
    const char *task = text_of(item, name), *project = text_of(item, "Project"), *found;

    if (!task[0])
        return true; /* an id as it stands */
    if (project[0]) {
        found = names_foreign_id(names, project, task);
    } else {
        found = names_task_id(names, task);
        if (!found)
            r->work->lacks = true;
        if (r->phase == PHASE_UPDATE && strcmp(name, "downstreamTask") != 0 &&
            closes_circle(r, task)) {
            r->work->opened = true;
            found = NULL;
        }
    }
    if (!found)
        return false;
    json_object_set_new(item, id, json_string(found));
    json_object_del(item, name);
    json_object_del(item, "Project");
    return true;
}

/* EventProject becomes the property that says so. */
static void resolve_listeners(struct apply *a, json_t *listeners)
{
    json_t *item;
    size_t i;

    json_array_foreach(listeners, i, item)
    {
        const char *id = names_project_id(a->names, text_of(item, "EventProject"));
        json_t *list = json_object_get(item, "PropertiesList");
        if (!list) {
            list = json_array();
            json_object_set_new(item, "PropertiesList", list);
        }
        if (id)
            json_array_append_new(
                list, json_pack("{s:s,s:s}", "ParamKey", "EventProjectId", "ParamValue", id));
        json_object_del(item, "EventProject");
    }
}

/* Members that the API requires in lists, and that are left out where they are empty. */
static void fill_required(json_t *scheduler)
{
    static const char *const of_input[] = { "ParamDesc", "FromTaskId", "FromParamKey" };
    json_t *item;
    size_t i;

    json_array_foreach(json_object_get(scheduler, "UpstreamDependencyConfigList"), i, item)
    {
        if (!json_object_get(item, "MainCyclicConfig"))
            json_object_set_new(item, "MainCyclicConfig", json_string(""));
    }
    json_array_foreach(json_object_get(scheduler, "ParamTaskInList"), i, item)
    {
        for (size_t k = 0; k < ARRAY_LEN(of_input); k++)
            if (!json_object_get(item, of_input[k]))
                json_object_set_new(item, of_input[k], json_string(""));
    }
}

static json_t *block_of(json_t *doc, const char *name)
{
    json_t *block = json_object_get(doc, name);

    if (!block) {
        block = json_object();
        json_object_set_new(doc, name, block);
    }
    return block;
}

/* The three blocks of a request. */
static json_t *task_blocks(struct tasks *t, struct work *w, enum phase phase)
{
    struct resolving r = { .t = t, .work = w, .phase = phase };
    json_t *doc = json_deep_copy(w->want->definition);
    json_t *base = block_of(doc, "TaskBaseAttribute");
    json_t *config = block_of(doc, "TaskConfiguration");
    json_t *scheduler = block_of(doc, "TaskSchedulerConfiguration");
    const char *group = names_group_id(t->a->names, text_of(config, "ResourceGroupName"));

    w->lacks = w->opened = false;
    definition_visit(doc, resolve, &r);
    definition_close_settings(doc);
    definition_take_project(doc, t->a->s->project);
    resolve_listeners(t->a, json_object_get(scheduler, "EventListenerList"));
    fill_required(scheduler);
    apply_calendar_id(t->a, scheduler);
    json_object_del(doc, "Submit");
    json_object_del(doc, "Status");
    json_object_del(base, "WorkflowName");
    json_object_set_new(base, "TaskName", json_string(w->want->name));
    if (!json_object_get(base, "TaskDescription"))
        json_object_set_new(base, "TaskDescription", json_string(""));
    if (group)
        json_object_set_new(config, "ResourceGroup", json_string(group));
    json_object_del(config, "ResourceGroupName");
    return doc;
}

/* ---- calls --------------------------------------------------------------------------------- */

static const char *workflow_id(struct tasks *t, const struct work *w)
{
    const struct project_item *workflow =
        project_find(t->a->have, DEFINITION_WORKFLOW, project_workflow_of(w->want));

    return workflow ? workflow->id : "";
}

static const char *folder_of(const struct project_item *task)
{
    return text_of(json_object_get(task->definition, "TaskBaseAttribute"), "TaskFolderPath");
}

/* The folder that it is to be in, unless it is there. */
static int make_folder(struct tasks *t, struct work *w)
{
    const json_t *base = json_object_get(w->want->definition, "TaskBaseAttribute");
    int64_t type = 0;

    if (w->have && strcmp(folder_of(w->have), folder_of(w->want)) == 0)
        return EXIT_DONE;
    if (!str_to_i64(str_from(text_of(base, "TaskTypeId")), &type))
        type = 0;
    return apply_folder(t->a, w->want, FOLDER_OF_TASKS, workflow_id(t, w),
                        task_folder_type_of((int)type), folder_of(w->want));
}

/* All of it is there. */
static void finish(struct tasks *t, struct work *w)
{
    if (w->change && w->change->done)
        return;
    if (w->change)
        w->change->done = true;
    if (w->change || w->sent)
        apply_told(t->a, w->created ? "created" : "changed", w->want);
}

static int create(struct tasks *t, struct work *w)
{
    struct apply *a = t->a;
    json_t *response;
    int status = make_folder(t, w);

    if (status != EXIT_DONE)
        return status;
    json_t *params = task_blocks(t, w, PHASE_CREATE);
    json_object_set_new(params, "ProjectId", json_string(a->s->project));
    json_object_set_new(json_object_get(params, "TaskBaseAttribute"), "WorkflowId",
                        json_string(workflow_id(t, w)));
    status = apply_call(a, w->want, VERSION_2025, "CreateTask", params, &response);
    if (status != EXIT_DONE)
        return status;
    const char *id = text_of(json_object_get(response, "Data"), "TaskId");
    w->have =
        project_add(a->have, DEFINITION_TASK, w->want->name, json_incref(w->want->definition));
    if (w->have)
        w->have->id = arena_cstr(a->have->arena, str_from(id));
    names_put_task(a->names, id, w->want->name);
    json_decref(response);
    w->created = true;
    w->change->so_far = "made as a draft";
    if (!w->lacks && !plan_wants_submit(w->want))
        finish(t, w);
    return EXIT_DONE;
}

static int update(struct tasks *t, struct work *w, enum phase phase)
{
    json_t *response, *blocks;
    int status = make_folder(t, w);

    if (status != EXIT_DONE)
        return status;
    blocks = task_blocks(t, w, phase);
    json_t *base = json_object_get(blocks, "TaskBaseAttribute");
    json_object_del(base, "TaskTypeId");
    if (!json_object_get(base, "OwnerUin")) /* a new task: the server made the caller its owner */
        json_object_set(
            base, "OwnerUin",
            json_object_get(json_object_get(w->have->definition, "TaskBaseAttribute"), "OwnerUin"));
    status = apply_call(t->a, w->want, VERSION_2025, "UpdateTask",
                        json_pack("{s:s,s:s,s:o}", "ProjectId", t->a->s->project, "TaskId",
                                  w->have->id, "Task", blocks),
                        &response);
    if (status == EXIT_DONE)
        json_decref(response);
    w->sent |= status == EXIT_DONE;
    if (status == EXIT_DONE && w->change && !w->created)
        w->change->so_far = "changed as a draft";
    return status;
}

/* The status that a submit is to leave it in: one that is to be idle schedules at no moment. */
static const char *idle_status(const struct work *w)
{
    const char *wanted = plan_status(w->want);

    return strcmp(wanted, "O") == 0 || strcmp(wanted, "F") == 0 ? wanted : NULL;
}

static int submit(struct tasks *t, struct work *w)
{
    const char *idle = idle_status(w);
    json_t *params = json_pack("{s:s,s:s,s:s}", "ProjectId", t->a->s->project, "TaskId",
                               w->have->id, "VersionRemark", t->a->remark),
           *response;

    if (idle)
        json_object_set_new(params, "Status", json_string(idle));
    int status = apply_call(t->a, w->want, idle ? VERSION_WEFT : VERSION_2025,
                            idle ? "SubmitTaskIdle" : "SubmitTask", params, &response);

    if (status != EXIT_DONE)
        return status;
    json_decref(response);
    w->have->ever_submitted = true;
    if (w->change)
        w->change->so_far = "submitted, and not all of it is there";
    return EXIT_DONE;
}

/* ---- phases -------------------------------------------------------------------------------- */

static int create_missing(struct tasks *t)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < t->n && status == EXIT_DONE; i++)
        if (t->works[i].change && !t->works[i].have)
            status = create(t, &t->works[i]);
    return status;
}

/* What the server made of it since, where that may be something else. */
static int look_again(struct tasks *t, struct work *w, bool reload)
{
    struct apply *a = t->a;
    const json_t *base = json_object_get(w->want->definition, "TaskBaseAttribute");

    if (!reload && !(w->created && w->lacks && !json_object_get(base, "OwnerUin")))
        return EXIT_DONE;
    int status = project_reload_task(a->s, a->names, a->have, w->have);
    if (status == EXIT_DONE && !w->created)
        shape_inherit(definition_shapes[DEFINITION_TASK], w->want->definition, w->have->definition);
    return status;
}

static int update_differing(struct tasks *t, const struct map *reloaded)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < t->n && status == EXIT_DONE; i++) {
        struct work *w = &t->works[i];
        bool reload = map_get(reloaded, str_from(project_workflow_of(w->want))) && !w->created;
        if (!w->change && !reload)
            continue;
        status = look_again(t, w, reload);
        if (status == EXIT_DONE && ((w->created && w->lacks) || plan_differs(w->want, w->have)))
            status = update(t, w, PHASE_UPDATE);
    }
    return status;
}

static bool needs_submit(const struct work *w)
{
    return plan_wants_submit(w->want) &&
           (w->created || w->sent || (w->change && !plan_is_submitted(w->have)));
}

/* What a submit did not do. */
static bool moves(const struct work *w)
{
    const char *wanted = plan_status(w->want);

    if (!wanted[0] || w->created || (needs_submit(w) && idle_status(w)))
        return false;
    return (w->sent || w->change) && (needs_submit(w) || strcmp(wanted, plan_status(w->have)) != 0);
}

static int submit_all(struct tasks *t)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < t->n && status == EXIT_DONE; i++) {
        struct work *w = &t->works[i];
        if (!needs_submit(w))
            continue;
        status = submit(t, w);
        if (status == EXIT_DONE && w->change && !w->opened && !moves(w))
            finish(t, w);
    }
    for (size_t i = 0; i < t->n && status == EXIT_DONE; i++) {
        struct work *w = &t->works[i];
        if (w->opened) {
            status = update(t, w, PHASE_COMPLETE);
            if (status == EXIT_DONE)
                status = submit(t, w);
        }
        if (status == EXIT_DONE && moves(w))
            status = apply_status(t->a, w->want, w->have->id);
        if (status == EXIT_DONE)
            finish(t, w);
    }
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static struct change *change_of(struct apply *a, const struct project_item *want)
{
    for (size_t i = 0; i < a->plan.n; i++)
        if (a->plan.changes[i].want == want)
            return &a->plan.changes[i];
    return NULL;
}

int apply_tasks(struct apply *a, struct map *reloaded)
{
    struct tasks t = { .a = a, .n = a->want->n[DEFINITION_TASK] };
    size_t *order, *rank;
    int status;

    order_tasks(a->want, &a->s->arena, &order, &rank);
    t.works = ARENA_ARRAY(&a->s->arena, struct work, t.n + 1);
    map_init(&t.by_name);
    for (size_t i = 0; i < t.n; i++) {
        struct project_item *want = a->want->items[DEFINITION_TASK][order[i]];
        t.works[i] = (struct work){ .want = want,
                                    .have = project_find(a->have, DEFINITION_TASK, want->name),
                                    .change = change_of(a, want),
                                    .rank = i };
        map_put(&t.by_name, str_from(want->name), &t.works[i]);
    }
    status = create_missing(&t);
    if (status == EXIT_DONE)
        status = update_differing(&t, reloaded);
    if (status == EXIT_DONE)
        status = submit_all(&t);
    map_done(&t.by_name);
    return status;
}
