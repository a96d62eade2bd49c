/* test/sim/op_manual.c - somebody triggers the manual workflow, where there is one (1.8). */
#include <stdio.h>

#include "engine/cmd_manual.h"
#include "operators.h"
#include "picture.h"
#include "plans.h"

static bool is_of_flow(struct sim *s, int64_t task_id)
{
    const struct sim_task *t = sim_task_find(s, task_id);

    return t->there && t->workflow == SIM_MANUAL_FLOW;
}

/* Of one that is there already, or a full hour of these days. */
static struct civil any_time(struct sim *s)
{
    size_t n = s->image.n_instances, first = n > 0 ? (size_t)sim_below(s, (int64_t)n) : 0;
    bool again = sim_chance(s, 40);

    for (size_t k = 0; again && k < n && k < 200; k++) {
        const struct instance *i = &s->image.instances[(first + k) % n];
        if (is_of_flow(s, i->key.task_id))
            return i->key.data_time;
    }
    struct civil day = civil_day(zone_to_civil(zone_utc(), s->now));
    return (struct civil){ day.s + (sim_below(s, 72) - 48) * CIVIL_HOUR };
}

/* Some tasks, often with one that they wait for; 0: the whole workflow. */
static int choose_tasks(struct sim *s, int64_t tasks[8])
{
    int n = 0;

    for (int64_t want = sim_below(s, 4); want > 0; want--) {
        const struct sim_task *t = any_task(s);
        if (!t || !is_of_flow(s, t->id))
            continue;
        tasks[n++] = t->id;
        if (t->spec->n_upstreams > 0 && sim_chance(s, 60) &&
            is_of_flow(s, t->spec->upstreams[0].task_id))
            tasks[n++] = t->spec->upstreams[0].task_id;
    }
    return n;
}

/* As api/act_manual.c writes it: a plan has neither times nor, here, a limit of its own. */
static json_t *doc_of(struct sim *s, struct plan_wish *wish)
{
    json_t *doc = sim_json(s, wish->doc), *times = json_array();
    char text[CIVIL_TEXT_LEN + 1];

    for (int k = 0; k < wish->plan.n_times; k++) {
        civil_format(wish->plan.times[k], text);
        json_array_append_new(times, json_string(text));
    }
    json_object_set_new(doc, "DataTimeList", times);
    json_object_del(doc, "RedefineParallelNum");
    wish->plan.limit = 0;
    return doc;
}

enum err_code op_manual_run(struct sim *s, struct engine *g, struct err *e)
{
    int project = sim_workflow_projects[SIM_MANUAL_FLOW];
    struct manual_run run;
    struct plan_wish wish;
    int64_t tasks[8];
    int n = choose_tasks(s, tasks);

    plan_random(s, false, false, project, &wish);
    wish.plan.flags = INSTANCE_SKIP_EVENTS | INSTANCE_PLAN_UPSTREAMS;
    wish.plan.n_times = 1 + (int)sim_below(s, SIM_TIMES_MAX);
    for (int k = 0; k < wish.plan.n_times; k++)
        wish.plan.times[k] = any_time(s);
    json_t *doc = doc_of(s, &wish);
    struct manual_request r = { .project_id = str_from(sim_project_names[project]),
                                .workflow_id = str_from(sim_workflow_names[SIM_MANUAL_FLOW]),
                                .name = STR("run"),
                                .uin = STR("1"),
                                .tasks = tasks,
                                .n_tasks = n,
                                .times = wish.plan.times,
                                .n_times = wish.plan.n_times,
                                .zone = sim_chance(s, 50) ? zone_utc() : NULL,
                                .group_id = wish.plan.group > 0
                                                ? str_from(sim_group_names[wish.plan.group])
                                                : STR(""),
                                .doc = doc };
    snprintf(s->action, sizeof(s->action), "run %d tasks of the manual workflow for %d times", n,
             r.n_times);
    enum err_code rc = SIM_DO(s, manual_run, g, &r, &run, e);
    json_decref(doc);
    if (rc == E_OK)
        plan_keep(s, run.plan.id, &wish);
    return rc;
}
