/* test/sim/op_status.c - what people do to tasks in operation: start, pause, stop. */
#include <stdio.h>

#include "checkers.h"
#include "engine/cmd_ops.h"
#include "engine/cmd_project.h"
#include "operators.h"
#include "picture.h"
#include "toggles.h"

/* 1.6: what lives of the task is ended, or is to end. */
static void check_killed(struct sim *s, struct engine *g, const struct sim_task *t)
{
    size_t n = tracks_before(s, t->id, civil_make(2199, 1, 1, 0, 0, 0));

    for (size_t k = 0; k < n; k++) {
        const struct instance *i = core_instance_get(engine_core(g), track_at(s, t->id, k)->key);
        sim_check(s, !i || (i->flags & INSTANCE_KILLING), "task %d is killed, and lives in %s",
                  sim_number(t), instance_state_name(i->state));
    }
}

static struct wall later(struct wall a, struct wall b)
{
    return a.us > b.us ? a : b;
}

/* By the commands of the API.  A start may make up what the pause left out; then the range goes on
 * as if there had been none. */
static enum err_code set_status(struct sim *s, struct engine *g, struct sim_task *t,
                                enum task_status to, bool flag, struct err *e)
{
    struct ops_request r = { .project_id = project_of_task(t),
                             .uin = STR("1"),
                             .tasks = &t->id,
                             .n_tasks = 1,
                             .doc = STR("{}") };
    struct image_schedule pictured = *image_schedule(&s->image, t->id);
    struct str job;

    if (to != TASK_SCHEDULING || pictured.status != TASK_SCHEDULING) {
        range_close(s, t);
        t->status = to;
    }
    if (to == TASK_SCHEDULING && pictured.status == TASK_STOPPED)
        t->stopped_until = s->seq;
    if (to == TASK_SCHEDULING && pictured.status != TASK_SCHEDULING) {
        struct sim_range *opened = range_open(s, t);
        if (flag && t->left.us != 0) {
            /* What was a one-off of the past when it was left may count from later (1.5). */
            opened->from = later(t->left, t->live_from);
            opened->sure = later(t->left_sure, t->live_from);
            coverage_feature(s, SIM_HAS_made_up);
        }
    } else if (to != TASK_SCHEDULING && pictured.status == TASK_SCHEDULING) {
        t->left = s->now;
        t->left_sure = s->latest;
    }
    pictured.status = to;
    image_schedule_set(&s->image, &pictured);
    if (to == TASK_SCHEDULING)
        return SIM_DO(s, ops_start, g, &r, flag, e);
    enum err_code rc = to == TASK_PAUSED ? SIM_DO(s, ops_pause, g, &r, flag, &job, e)
                                         : SIM_DO(s, ops_stop, g, &r, flag, &job, e);
    if (rc == E_OK && flag) {
        check_killed(s, g, t);
        t->killed = s->seq;
    }
    return rc;
}

/* What can be asked of a task in this state: mostly another one. */
static enum task_status random_status(struct sim *s, enum task_status from)
{
    if (from == TASK_SCHEDULING)
        return sim_chance(s, 60) ? TASK_PAUSED : TASK_STOPPED;
    if (from == TASK_PAUSED && sim_chance(s, 15))
        return TASK_STOPPED;
    return TASK_SCHEDULING;
}

enum err_code op_status(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = any_task(s);
    struct schedule_row row;

    if (!t || !schedule_of(g, t->id, &row) || row.status == TASK_INVALID)
        return E_OK;
    enum task_status to = random_status(s, (enum task_status)row.status);
    bool flag = sim_chance(s, to == TASK_SCHEDULING ? 50 : 30); /* make up; kill */
    snprintf(s->action, sizeof(s->action), "task %d to %s%s", sim_number(t), task_status_name(to),
             !flag                   ? ""
             : to == TASK_SCHEDULING ? ", making up"
                                     : ", killing");
    return set_status(s, g, t, to, flag, e);
}

/* The paused one that was submitted last makes up what the pause left out. */
enum err_code op_start_changed(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *newest = NULL;

    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row row;
        if (t->there && t->left.us != 0 && schedule_of(g, t->id, &row) &&
            row.status == TASK_PAUSED && (!newest || t->versions->since > newest->versions->since))
            newest = t;
    }
    if (!newest)
        return E_OK;
    snprintf(s->action, sizeof(s->action), "start task %d, making up", sim_number(newest));
    return set_status(s, g, newest, TASK_SCHEDULING, true, e);
}

static enum err_code leave_all(struct sim *s, struct engine *g, int workflow, enum task_status to,
                               struct err *e)
{
    enum err_code rc = E_OK;

    for (int k = 0; k < s->defs.n_tasks && rc == E_OK; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row row;
        if (!t->there || (workflow >= 0 && t->workflow != workflow) || !schedule_of(g, t->id, &row))
            continue;
        if (row.status == TASK_SCHEDULING || (row.status == TASK_PAUSED && to == TASK_STOPPED))
            rc = set_status(s, g, t, to, false, e);
    }
    return rc;
}

/* A project that is off, and a task that was paused, come back. */
enum err_code op_keep_going(struct sim *s, struct engine *g, struct err *e)
{
    for (int p = 0; p < SIM_PROJECTS; p++)
        if (!s->defs.enabled[p]) {
            snprintf(s->action, sizeof(s->action), "project %d comes back", p);
            s->defs.enabled[p] = true;
            toggle_add(s, p, true);
            return SIM_DO(s, project_enable, g, str_from(sim_project_names[p]), true, e);
        }
    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct sim_task *t = &s->defs.tasks[k];
        struct schedule_row row;
        if (!t->there || !schedule_of(g, t->id, &row) || row.status == TASK_SCHEDULING ||
            row.status == TASK_INVALID)
            continue;
        snprintf(s->action, sizeof(s->action), "task %d comes back", sim_number(t));
        return set_status(s, g, t, TASK_SCHEDULING, sim_chance(s, 50), e);
    }
    return E_OK;
}

enum err_code op_pause_all(struct sim *s, struct engine *g, struct err *e)
{
    return leave_all(s, g, -1, TASK_PAUSED, e);
}

void sim_pause_all(struct sim *s)
{
    sim_post(s, op_pause_all);
}

/* So that it can be deleted. */
enum err_code op_stop_workflow(struct sim *s, struct engine *g, struct err *e)
{
    int flow = (int)sim_below(s, SIM_WORKFLOWS);

    if (!sim_chance(s, 15))
        return E_OK;
    snprintf(s->action, sizeof(s->action), "stop workflow %d", flow);
    sim_post(s, op_workflow_delete);
    return leave_all(s, g, flow, TASK_STOPPED, e);
}
