/* test/sim/op_again.c - what is done a second time while something rests on how it went before:
 * upstreams run again, and whose success is set; a submit that was lost; a paused task. */
#include <inttypes.h>
#include <stdio.h>

#include "checkers.h"
#include "engine/cmd_instance.h"
#include "operators.h"
#include "picture.h"

enum { LOOKS = 400 }; /* at instances, for one that fits */

static struct backfill_wish again(const struct instance *i, unsigned flags)
{
    return (struct backfill_wish){ .task_id = i->key.task_id,
                                   .firing = { i->planned, i->fire_at, i->key.data_time },
                                   .flags = flags,
                                   .plan_id = STR(""),
                                   .existing = i,
                                   .rerun = true };
}

/* All of them, or none. */
static enum err_code run_again(struct sim *s, struct engine *g, const struct backfill_wish *wishes,
                               int n, struct err *e)
{
    bool active;

    for (int k = 0; k < n; k++) {
        enum err_code rc = core_backfill_check(engine_core(g), &wishes[k], &active, e);
        if (rc != E_OK)
            return rc;
    }
    for (int k = 0; k < n; k++)
        core_backfill(engine_core(g), &wishes[k], s->now);
    return E_OK;
}

/* The kth of the instances that are looked at; NULL: its task is gone. */
static const struct instance *looked_at(struct sim *s, size_t first, size_t k)
{
    const struct instance *i = &s->image.instances[(first + k) % s->image.n_instances];

    return sim_task_find(s, i->key.task_id)->there ? i : NULL;
}

static size_t looks(struct sim *s, size_t *ret_first)
{
    size_t n = s->image.n_instances, least = n < LOOKS ? n : LOOKS;

    *ret_first = n > 0 ? n - 1 - (size_t)sim_below(s, (int64_t)(n < 4 * LOOKS ? n : 4 * LOOKS)) : 0;
    return least;
}

/* ---- what an older round decided or put out -------------------------------------------------- */

/* Has it an input that the attempt of this upstream printed? */
static bool takes_output(const struct task_spec *down, const struct task_spec *up, int64_t up_id)
{
    for (int k = 0; k < down->n_inputs; k++)
        for (int o = 0; o < up->n_outputs; o++)
            if (!down->inputs[k].is_constant && down->inputs[k].from_task == up_id &&
                str_eq(down->inputs[k].from_key, up->outputs[o].key) && up->outputs[o].is_variable)
                return true;
    return false;
}

/* An upstream of the same data time that completed, and whose end meant something for it. */
static bool telling_upstream(struct sim *s, struct engine *g, const struct instance *i,
                             struct instance *ret)
{
    const struct task_spec *spec = sim_task_find(s, i->key.task_id)->spec;

    for (int k = 0; k < spec->n_upstreams; k++) {
        const struct sim_task *up = sim_task_find(s, spec->upstreams[k].task_id);
        struct instance_key key = { up->id, i->key.data_time };
        const struct track *t = track_find(s, key);
        const struct moment *last = track_last(t);
        if (!up->there || !last || last->state != INSTANCE_COMPLETED || up->spec->redo != REDO_ALL)
            continue;
        bool skips = state_for(t, last, i->key.task_id) == INSTANCE_SKIP_RUNNING;
        bool supplies = last->supplier > 0 && takes_output(spec, up->spec, up->id);
        if ((skips || supplies) && instance_of(g, key, ret))
            return true;
    }
    return false;
}

/* Both run once more, and the success of the upstream is set before it has decided or put out
 * anything: what it did the time before must not count (5.8, 6.3). */
enum err_code op_again_untold(struct sim *s, struct engine *g, struct err *e)
{
    size_t first, n = looks(s, &first);
    struct instance up, down;

    for (size_t k = 0; k < n; k++) {
        const struct instance *i = looked_at(s, first, k);
        if (!i || !instance_state_is_terminal(i->state) || !telling_upstream(s, g, i, &up) ||
            !instance_of(g, i->key, &down))
            continue;
        struct backfill_wish wishes[] = { again(&up, INSTANCE_SKIP_EVENTS),
                                          again(&down, INSTANCE_SKIP_EVENTS) };
        snprintf(s->action, sizeof(s->action),
                 "rerun task %" PRId64 ", and set success of task %" PRId64 " before it",
                 down.key.task_id - SIM_TASK_ID(0), up.key.task_id - SIM_TASK_ID(0));
        enum err_code rc = run_again(s, g, wishes, 2, e);
        return rc == E_OK ? sim_succeed(s, g, up.key, e) : rc;
    }
    return E_OK;
}

/* ---- what a merge has seen end --------------------------------------------------------------- */

/* It ended, and otherwise than the merge accepts (5.8). */
static bool is_refused(const struct task_upstream *on, enum instance_state state)
{
    unsigned ending = state == INSTANCE_COMPLETED      ? ACCEPT_SUCCESS
                      : state == INSTANCE_SKIP_RUNNING ? ACCEPT_SKIPPED
                                                       : ACCEPT_FAILED;

    return on->accept != 0 && !(on->accept & ending);
}

/* The upstreams of a merge's data time: one that was refused, and those that are yet to end. */
struct merged {
    struct instance refused, open[2];
    bool any_refused;
    int n_open;
};

static void find_merged(struct sim *s, struct engine *g, const struct instance *i,
                        struct merged *ret)
{
    const struct task_spec *spec = sim_task_find(s, i->key.task_id)->spec;

    *ret = (struct merged){ .n_open = 0 };
    for (int k = 0; k < spec->n_upstreams; k++) {
        struct instance_key key = { spec->upstreams[k].task_id, i->key.data_time };
        const struct sim_task *t = sim_task_find(s, key.task_id);
        struct instance up;
        if (!t->there || t->spec->redo == REDO_NONE || !instance_of(g, key, &up))
            continue;
        if (!instance_state_is_terminal(up.state)) {
            if (up.state != INSTANCE_RUNNING && ret->n_open < 2)
                ret->open[ret->n_open++] = up;
        } else if (is_refused(&spec->upstreams[k], up.state)) {
            ret->refused = up;
            ret->any_refused = true;
        }
    }
}

static enum err_code refuse_again(struct sim *s, struct engine *g, const struct merged *m,
                                  struct err *e)
{
    struct backfill_wish wish = again(&m->refused, INSTANCE_SKIP_EVENTS);

    snprintf(s->action, sizeof(s->action),
             "rerun task %" PRId64 " before a merge, and end task %" PRId64,
             m->refused.key.task_id - SIM_TASK_ID(0), m->open[0].key.task_id - SIM_TASK_ID(0));
    enum err_code rc = run_again(s, g, &wish, 1, e);
    if (rc == E_OK && sim_chance(s, 50))
        core_kill(engine_core(g), m->open[0].key, STR("killed"), s->now);
    else if (rc == E_OK)
        rc = core_set_success(engine_core(g), m->open[0].key, NULL, STR("set"), s->now, e);
    return rc;
}

/* One that a merge has seen end otherwise than it accepts runs again, and another that it waits for
 * ends meanwhile: it must wait for the first once more (5.8).  Where none has been refused yet, one
 * is ended, so that it may come to that. */
enum err_code op_again_merged(struct sim *s, struct engine *g, struct err *e)
{
    size_t first, n = looks(s, &first);
    struct merged m;

    for (size_t k = 0; k < n; k++) {
        const struct instance *i = looked_at(s, first, k);
        if (!i || i->state != INSTANCE_WAIT_UPSTREAM ||
            sim_task_find(s, i->key.task_id)->spec->type_id != TASK_TYPE_MERGE)
            continue;
        find_merged(s, g, i, &m);
        if (m.any_refused && m.n_open > 0)
            return refuse_again(s, g, &m, e);
        if (m.n_open < 2)
            continue;
        snprintf(s->action, sizeof(s->action), "kill task %" PRId64 " before a merge",
                 m.open[0].key.task_id - SIM_TASK_ID(0));
        core_kill(engine_core(g), m.open[0].key, STR("killed"), s->now);
        if (sim_chance(s, 80))
            sim_post(s, op_again_merged);
        return E_OK;
    }
    return E_OK;
}

/* ---- what was lost --------------------------------------------------------------------------- */

void sim_try(struct sim *s)
{
    int64_t number = 1 + (s->defs.n_tasks > 0 ? sim_below(s, s->defs.n_tasks) : 0);
    bool again = sim_chance(s, 70), once = sim_chance(s, 4);

    if (s->lost ? !again : !once)
        return;
    if (!s->lost)
        s->trial = number;
    s->lost = false;
    s->losing = true;
    sim_post(s, op_try_submit);
    sim_post(s, op_try_run);
}

/* Somebody submits a task and runs it at once; and once more, with something else in it, when the
 * turn is lost. */
enum err_code op_try_submit(struct sim *s, struct engine *g, struct err *e)
{
    struct sim_task *t = sim_task_find(s, SIM_TASK_ID(s->trial));

    return t && t->there ? sim_submit(s, g, t, e) : E_OK;
}

enum err_code op_try_run(struct sim *s, struct engine *g, struct err *e)
{
    const struct sim_task *t = sim_task_find(s, SIM_TASK_ID(s->trial));
    size_t n = t && t->there ? tracks_before(s, t->id, civil_make(2199, 1, 1, 0, 0, 0)) : 0;
    struct instance i;

    for (size_t k = n; k > 0 && k + 20 > n; k--) {
        if (!instance_of(g, track_at(s, t->id, k - 1)->key, &i) ||
            !instance_state_is_terminal(i.state))
            continue;
        struct backfill_wish wish = again(&i, INSTANCE_SKIP_EVENTS | INSTANCE_SKIP_UPSTREAMS);
        snprintf(s->action, sizeof(s->action), "run task %d at once", sim_number(t));
        return run_again(s, g, &wish, 1, e);
    }
    return E_OK;
}

void sim_try_failed(struct sim *s)
{
    const struct sim_task *t = sim_task_find(s, SIM_TASK_ID(s->trial));
    int64_t n = s->trial;

    s->lost = s->lost ||
              (t && n <= s->durable.n_tasks && s->durable.tasks[n - 1].version_no != t->version_no);
}

/* ---- a pause --------------------------------------------------------------------------------- */

/* A task gets another schedule while it is paused, and is started again. */
enum err_code op_submit_paused(struct sim *s, struct engine *g, struct err *e)
{
    int64_t first = sim_below(s, SIM_TASKS_MAX);

    for (int k = 0; k < s->defs.n_tasks; k++) {
        struct sim_task *t = &s->defs.tasks[(first + k) % s->defs.n_tasks];
        struct schedule_row row;
        if (!t->there || !schedule_of(g, t->id, &row) || row.status != TASK_PAUSED)
            continue;
        if (sim_chance(s, 80))
            sim_post(s, op_start_changed);
        return sim_submit(s, g, t, e);
    }
    return E_OK;
}
