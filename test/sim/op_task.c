/* test/sim/op_task.c - what people do to definitions of tasks. */
#include <inttypes.h>
#include <stdio.h>

#include "checkers.h"
#include "deletions.h"
#include "engine/cmd_listener.h"
#include "engine/cmd_ops.h"
#include "engine/cmd_task.h"
#include "engine/workflow_schedule.h"
#include "informed.h"
#include "operators.h"
#include "picture.h"

/* ---- drafts and submits --------------------------------------------------------------------- */

struct sim_task *sim_new_task(struct sim *s, int flow)
{
    struct sim_task *t = &s->defs.tasks[s->defs.n_tasks++];

    *t = (struct sim_task){ .id = SIM_TASK_ID(s->defs.n_tasks),
                            .workflow = flow,
                            .project = sim_workflow_projects[flow],
                            .owner = "1" };
    return t;
}

static struct sim_task *task_to_submit(struct sim *s)
{
    if (s->defs.n_tasks < SIM_TASKS_SOON && (s->defs.n_tasks < 4 || sim_chance(s, 70)))
        return sim_new_task(s, (int)sim_below(s, SIM_WORKFLOWS));
    /* The id of a deleted task is not used again. */
    return any_task(s);
}

/* As CreateTask does it: the engine's document of one that says nothing of its schedule is not the
 * simulator's. */
static enum err_code create(struct sim *s, struct engine *g, const struct sim_task *t,
                            const struct sim_definition *d, struct err *e)
{
    struct task_write write = { t->id, project_of_task(t), STR("1"), d->spec, d->doc };
    json_t *asked = sim_json(s, d->asked.len > 0 ? d->asked : d->given), *given;
    enum err_code rc = workflow_schedule_inherit(g, asked, &given, e);
    struct sim_definition taken;
    int64_t id;

    json_decref(asked);
    sim_check(s, rc != E_OK || !given == (d->asked.len == 0),
              "2.9: a new task %s the schedule of its workflow", given ? "takes" : "does not take");
    if (rc == E_OK && given) {
        sim_define_given(s, given, &taken);
        write.spec = taken.spec;
        write.doc = taken.doc;
    }
    if (rc == E_OK)
        rc = SIM_DO(s, task_create, g, &write, &id, e);
    if (rc == E_OK && d->asked.len > 0)
        coverage_feature(s, SIM_HAS_inherited);
    return rc;
}

static enum err_code save(struct sim *s, struct engine *g, struct sim_task *t,
                          const struct sim_definition *d, bool fresh, struct err *e)
{
    struct task_write write = { t->id, project_of_task(t), STR("1"), d->spec, d->doc };

    t->given = d->given;
    t->version_no++;
    t->ahead = true;
    return fresh ? create(s, g, t, d, e) : SIM_DO(s, task_change, g, &write, e);
}

/* Now and then as a paused or a stopped one (1.5). */
static enum task_status random_idle(struct sim *s)
{
    if (!sim_chance(s, 6))
        return TASK_NEW;
    return sim_chance(s, 70) ? TASK_PAUSED : TASK_STOPPED;
}

/* The picture of a submit that leaves the task idle: nothing of it is to be expected from now on.
 */
static void picture_idle(struct sim *s, struct sim_task *t, const struct submit *begin,
                         enum task_status status)
{
    bool began = begin->starts || begin->scheduling;
    struct image_schedule pictured = *image_schedule(&s->image, t->id);

    if (began) {
        t->left = begin->starts ? begin->live_from : s->now;
        t->left_sure = s->latest;
    }
    t->status = status;
    pictured.status = status;
    image_schedule_set(&s->image, &pictured);
    coverage_feature(s, SIM_HAS_submitted_idle);
}

/* What is saved goes into production. */
static enum err_code submit_saved(struct sim *s, struct engine *g, struct sim_task *t,
                                  const struct sim_definition *d, struct err *e)
{
    struct submit begin = submit_begins(s, g, t, d->spec);
    struct task_submission w = { project_of_task(t), t->id, STR("r"), STR("1"), random_idle(s) };
    bool idle = w.status != TASK_NEW;
    struct str version_id;

    picture_definition(s, t, d, ++t->version_no, begin.starts, begin.scheduling && !idle,
                       begin.live_from);
    t->produced = t->given;
    t->ahead = false;
    enum err_code rc = SIM_DO(s, task_submit, g, &w, &version_id, e);
    if (rc == E_OK && begin.starts)
        submit_started(s, t);
    if (rc == E_OK && idle)
        picture_idle(s, t, &begin, w.status);
    if (rc == E_OK)
        coverage_definition(s, d->spec);
    return rc;
}

static enum err_code submit_as(struct sim *s, struct engine *g, struct sim_task *t,
                               const struct sim_definition *d, struct err *e)
{
    enum err_code rc = save(s, g, t, d, !t->spec, e);

    return rc == E_OK ? submit_saved(s, g, t, d, e) : rc;
}

/* Somebody puts other conditions into a branch. */
enum err_code op_ways(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *branches[SIM_TASKS_MAX], *t;
    struct sim_definition d;
    int n = 0;

    for (int k = 1; k <= s->defs.n_tasks; k++) {
        t = sim_task_find(s, SIM_TASK_ID(k));
        if (t->there && t->spec->type_id == TASK_TYPE_BRANCH)
            branches[n++] = t;
    }
    if (n == 0)
        return E_OK;
    t = branches[sim_below(s, n)];
    sim_define_ways(s, t, &d);
    snprintf(s->action, sizeof(s->action), "other ways out of task %d", sim_number(t));
    return submit_as(s, g, t, &d, e);
}

enum err_code sim_submit(struct sim *s, struct engine *g, struct sim_task *t, struct err *e)
{
    struct sim_definition d;

    sim_define(s, t, &d);
    snprintf(s->action, sizeof(s->action), "submit task %d", sim_number(t));
    /* A branch gets its ways after what they lead to. */
    for (int k = 0; k < d.spec->n_upstreams; k++)
        if (sim_task_find(s, d.spec->upstreams[k].task_id)->spec->type_id == TASK_TYPE_BRANCH &&
            sim_chance(s, 70))
            sim_post(s, op_ways);
    return submit_as(s, g, t, &d, e);
}

enum err_code op_submit(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = task_to_submit(s);

    return t ? sim_submit(s, g, t, e) : E_OK;
}

/* Branches keep their ways in the picture of what is submitted, so they have no drafts here. */
static struct sim_task *any_shell(struct sim *s)
{
    struct sim_task *t = any_task(s);

    return t && t->spec->type_id != TASK_TYPE_BRANCH ? t : NULL;
}

enum err_code op_draft(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_shell(s);
    struct sim_definition d;

    if (!t)
        return E_OK;
    sim_define(s, t, &d);
    snprintf(s->action, sizeof(s->action), "save a draft of task %d", sim_number(t));
    coverage_feature(s, SIM_HAS_draft_ahead);
    return save(s, g, t, &d, false, e);
}

enum err_code op_submit_draft(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_shell(s);
    struct sim_definition d;

    if (!t)
        return E_OK;
    sim_define_again(s, t->given, &d);
    snprintf(s->action, sizeof(s->action), "submit what is saved of task %d", sim_number(t));
    return submit_saved(s, g, t, &d, e);
}

/* ---- listeners, owners ---------------------------------------------------------------------- */

static json_t *listener_entry(const char *name, int event, const json_t *properties)
{
    return json_pack("{s:s,s:s,s:s,s:O}", "EventName", name, "EventSubType", sim_event_types[event],
                     "EventBroadcastType", sim_event_is_single(event) ? "SINGLE" : "BROADCAST",
                     "PropertiesList", properties);
}

/* As the engine keeps them: of another project the event's project comes last (4.6). */
static json_t *with_listener(struct sim *s, const struct sim_task *t, int event, json_t *properties)
{
    json_t *given = sim_json(s, t->given), *kept = json_deep_copy(properties), *item,
           *scheduler = json_object_get(given, "TaskSchedulerConfiguration"),
           *list = json_object_get(scheduler, "EventListenerList");
    char name[24];
    size_t at, found;

    snprintf(name, sizeof(name), "%.*s", STR_ARG(sim_event_name(event)));
    json_array_append_new(kept, json_pack("{s:s,s:s}", "ParamKey", "EventProjectId", "ParamValue",
                                          sim_project_names[0]));
    if (!list) {
        list = json_array();
        json_object_set_new(scheduler, "EventListenerList", list);
    }
    found = json_array_size(list);
    json_array_foreach(list, at, item)
    {
        if (str_eq_c(str_from(name), json_string_value(json_object_get(item, "EventName"))))
            found = at;
    }
    item = listener_entry(name, event, kept);
    if (found < json_array_size(list))
        json_array_set_new(list, found, item);
    else
        json_array_append_new(list, item);
    json_decref(kept);
    return given;
}

enum err_code op_listener(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_shell(s);
    int event = (int)sim_below(s, SIM_EVENTS);
    struct schedule_row row;
    struct sim_definition d;
    struct str project;

    if (!t || !schedule_of(g, t->id, &row))
        return E_OK;
    json_t *properties = json_array();
    if (sim_chance(s, 50)) {
        char minutes[16];
        snprintf(minutes, sizeof(minutes), "%d", 30 + (int)sim_below(s, 900));
        json_array_append_new(properties, json_pack("{s:s,s:s}", "ParamKey", "maxWaitEventTime",
                                                    "ParamValue", minutes));
        json_array_append_new(properties, json_pack("{s:s,s:s}", "ParamKey", "maxWaitEventTimeUnit",
                                                    "ParamValue", "MINUTES"));
    }
    struct listener_wish wish = { .project_id = project_of_task(t),
                                  .uin = STR("1"),
                                  .task_id = t->id,
                                  .event_name = sim_event_name(event),
                                  .event_project_id = str_from(sim_project_names[0]),
                                  .properties = properties };
    struct task_row before = { .id = t->id }, after = { .id = t->id };
    check(row_get(engine_view(g), &table_task, engine_arena(g), &before, NULL) == E_OK);
    /* It acts with the next submit where there are changes that nobody submitted, and where a
     * submit would start the task. */
    bool acts = !t->ahead && (row.status == TASK_SCHEDULING || row.status == TASK_PAUSED);
    sim_define_given(s, with_listener(s, t, event, properties), &d);
    snprintf(s->action, sizeof(s->action), "task %d listens to event %d", sim_number(t), event);
    t->given = d.given;
    t->version_no++;
    if (acts) {
        struct submit begin = submit_begins(s, g, t, d.spec);
        picture_definition(s, t, &d, ++t->version_no, false, begin.scheduling, begin.live_from);
        t->produced = d.given;
    } else {
        t->ahead = true;
    }
    enum err_code rc = SIM_DO(s, listener_put, g, &wish, &project, e);
    json_decref(properties);
    if (rc != E_OK)
        return rc;
    /* The store may have failed on what the command told the core; then the turn is lost. */
    rc = row_get(engine_view(g), &table_task, engine_arena(g), &after, e);
    if (rc != E_OK)
        return rc;
    /* One that was there already makes no version; then nothing has happened. */
    if (after.version_no == before.version_no)
        return E_CANCELED;
    sim_check(s, after.version_no == t->version_no && after.submitted == !t->ahead,
              "a listener of task %d made version %d, not %d", sim_number(t), after.version_no,
              t->version_no);
    return E_OK;
}

static struct str with_owner(struct sim *s, struct str given, const char *owner)
{
    struct sim_definition d;
    json_t *doc = sim_json(s, given);

    json_object_set_new(json_object_get(doc, "TaskBaseAttribute"), "OwnerUin", json_string(owner));
    sim_define_given(s, doc, &d);
    return d.given;
}

enum err_code op_owner(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_task(s);
    struct schedule_row row;
    struct sim_version *v;

    if (!t || !schedule_of(g, t->id, &row))
        return E_OK;
    struct ops_request r = { .project_id = project_of_task(t),
                             .uin = STR("1"),
                             .tasks = &t->id,
                             .n_tasks = 1,
                             .doc = STR("{}") };
    struct str old = t->produced;
    snprintf(t->owner, sizeof(t->owner), "%d", 1 + (int)sim_below(s, 4));
    snprintf(s->action, sizeof(s->action), "task %d belongs to %s", sim_number(t), t->owner);
    t->produced = with_owner(s, t->produced, t->owner);
    struct str draft = with_owner(s, t->given, t->owner);
    if (!str_eq(old, t->produced) || (t->ahead && !str_eq(draft, t->given))) {
        /* Nothing but the number of the version differs, and firings go on. */
        v = ARENA_NEW(&s->arena, struct sim_version);
        *v = *t->versions;
        v->older = t->versions;
        v->since = s->seq + 1;
        v->version_no = ++t->version_no;
        t->version_no += t->ahead;
        t->versions = v;
    }
    t->given = draft;
    return SIM_DO(s, ops_owner, g, &r, str_from(t->owner), e);
}

/* ---- the end -------------------------------------------------------------------------------- */

/* Does it wait for the task, of which nothing that it could go on by has been there since it began?
 * A merge, and one that goes on where an upstream failed, may go on by the end of what lives of it.
 */
static bool waits_for(struct sim *s, struct engine *g, const struct instance *i,
                      const struct sim_task *up)
{
    const struct instance *now = core_instance_get(engine_core(g), i->key);
    const struct sim_task *down = sim_task_find(s, i->key.task_id);

    if (!now || now->state != INSTANCE_WAIT_UPSTREAM || now->round != i->round || !down->there ||
        down->spec->type_id == TASK_TYPE_MERGE || deletions_doom(s, i))
        return false;
    for (int k = 0; k < down->spec->n_upstreams; k++) {
        const struct task_upstream *on = &down->spec->upstreams[k];
        struct task_spec alone = *down->spec;
        alone.upstreams = on;
        alone.n_upstreams = 1;
        bool forgives = on->strategy == NULL_EXECUTING && (on->conditions & NULL_PARENT_EXPIRED);
        if (on->task_id == up->id && !forgives && !upstreams_find(s, &alone, i, false, false).holds)
            return true;
    }
    return false;
}

/* 1.6: who waits for it is failed with its deletion. */
static enum err_code delete_with_waiting(struct sim *s, struct engine *g, struct sim_task *t,
                                         const struct task_deletion *w, struct err *e)
{
    struct instance_key *keys =
        ARENA_ARRAY(engine_arena(g), struct instance_key, s->census.n_live + 1);
    const struct instance *i;
    size_t n = 0;

    for (size_t at = 0; (i = census_next(s, &at)) != NULL;)
        if (waits_for(s, g, i, t))
            keys[n++] = i->key;
    picture_gone(s, t, false);
    enum err_code rc = SIM_DO(s, task_delete, g, w, e);
    for (size_t k = 0; rc == E_OK && k < n; k++)
        sim_check(s, !core_instance_get(engine_core(g), keys[k]),
                  "1.6: an instance of task %" PRId64
                  " goes on waiting for task %d, which is deleted",
                  keys[k].task_id - SIM_TASK_ID(0), sim_number(t));
    return rc;
}

static enum err_code delete_task(struct sim *s, struct engine *g, struct sim_task *t, bool gentle,
                                 struct err *e)
{
    struct task_deletion w = { .project_id = project_of_task(t),
                               .uin = STR("1"),
                               .task_id = t->id,
                               .gentle = gentle,
                               .inform = sim_chance(s, 50) };

    snprintf(s->action, sizeof(s->action), "delete task %d%s%s", sim_number(t),
             gentle ? " gently" : "", w.inform ? ", and tell" : "");
    enum err_code rc;
    if (gentle) {
        picture_gone(s, t, gentle);
        rc = SIM_DO(s, task_delete, g, &w, e);
    } else {
        rc = delete_with_waiting(s, g, t, &w, e);
    }
    sim_check(s, rc == E_OK || rc == E_IO, "1.6: a deletion answers %d", (int)rc);
    if (rc == E_OK && w.inform)
        informed_expect(s, t, engine_now(g));
    return rc;
}

enum err_code op_delete_task(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_task(s);
    bool gentle = sim_chance(s, 50);

    return t && sim_chance(s, 20) ? delete_task(s, g, t, gentle, e) : E_OK;
}

/* A task whose instances wait gets another definition, and what that one waits for is deleted
 * before the instances have looked (1.6, 5.11). */
enum err_code op_delete_new_upstream(struct sim *s, struct engine *g, struct err *e)
{
    const struct instance *i;
    bool gentle = sim_chance(s, 50);

    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        struct sim_task *down = sim_task_find(s, i->key.task_id);
        if (i->state != INSTANCE_WAIT_UPSTREAM || !down->there || !sim_chance(s, 20))
            continue;
        enum err_code rc = sim_submit(s, g, down, e);
        if (rc != E_OK || down->spec->n_upstreams == 0)
            return rc;
        struct sim_task *up = sim_task_find(s, down->spec->upstreams[0].task_id);
        return up->there ? delete_task(s, g, up, gentle, e) : E_OK;
    }
    return E_OK;
}
