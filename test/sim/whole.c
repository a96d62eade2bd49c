/* test/sim/whole.c - what must hold of everything: I6 of the store, and at the end I4 and I8. */
#include "checkers.h"
#include "limits.h"
#include "queueing.h"
#include "operators.h"
#include "peers.h"
#include "schedules.h"

#include <inttypes.h>

#include "engine/engine_int.h"
#include "store/table.h"

enum { GLANCE_MAX = 500 }; /* more are looked at less often */

/* ---- the store ----------------------------------------------------------------------------- */

/* The name of the first field that differs, NULL: none. */
static const char *difference(const struct instance *a, const struct instance *b)
{
#define DIFFERS(field)                                                                             \
    if (a->field != b->field)                                                                      \
        return #field;
    DIFFERS(state)
    DIFFERS(type)
    DIFFERS(run_type)
    DIFFERS(round)
    DIFFERS(tries)
    DIFFERS(try_limit)
    DIFFERS(total_runs)
    DIFFERS(priority)
    DIFFERS(version_no)
    DIFFERS(flags)
    DIFFERS(fence)
    DIFFERS(planned.s)
    DIFFERS(fire_at.us)
    DIFFERS(created_at.us)
    DIFFERS(updated_at.us)
    DIFFERS(round_at.us)
    DIFFERS(started_at.us)
    DIFFERS(ended_at.us)
    DIFFERS(retry_at.us)
#undef DIFFERS
    return !str_eq(a->plan_id, b->plan_id) ? "plan_id"
           : !str_eq(a->phases, b->phases) ? "phases"
           : !str_eq(a->reason, b->reason) ? "reason"
                                           : NULL;
}

static bool check_instance_row(void *ctx, const void *row)
{
    struct sim *s = ctx;
    struct instance i;

    instance_from_row(row, &i);
    const struct instance *pictured = track_instance(s, track_find(s, i.key));
    sim_check(s, pictured, "I6: the store has an instance that nothing made");
    const char *field = difference(&i, pictured);
    sim_check(s, !field, "I6: the store has another %s of an instance of task %" PRId64, field,
              i.key.task_id - SIM_TASK_ID(0));
    return true;
}

static bool check_schedule_row(void *ctx, const void *row)
{
    struct sim *s = ctx;
    const struct schedule_row *r = row;
    const struct image_schedule *pictured = image_schedule(&s->image, r->task_id);

    sim_check(s, r->status == (int32_t)pictured->status,
              "I6: the store has task %" PRId64 " in status %d", r->task_id - SIM_TASK_ID(0),
              r->status);
    sim_check(s, !pictured->has_high_water || r->high_water.s == pictured->high_water.s,
              "I6: the store has another high water of task %" PRId64, r->task_id - SIM_TASK_ID(0));
    return true;
}

static void count(struct sim *s, const struct table *t, size_t want)
{
    struct query q;
    int64_t n;

    query_init(&q, t);
    check(query_count(store_view(s->store), &q, &n, NULL) == E_OK);
    sim_check(s, (size_t)n == want, "I6: the store has %" PRId64 " rows in %s, not %zu", n, t->name,
              want);
}

/* Of a case that is old they leave before it does. */
static void check_consumptions(struct sim *s)
{
    int64_t most = 0, least = 0, there;
    struct query q;

    for (size_t i = 0; i < s->image.n_consumptions; i++) {
        const struct image_consumption *c = &s->image.consumptions[i];
        const struct image_case *of = &s->image.cases[c->at_case];
        bool stays = !c->gone && !of->gone;
        bool old = s->keep.us > 0 && wall_add(of->expires_at, s->keep).us < s->latest.us;
        most += stays;
        least += stays && !old;
    }
    query_init(&q, &table_consumption);
    check(query_count(store_view(s->store), &q, &there, NULL) == E_OK);
    sim_check(s, there >= least && there <= most,
              "I6: %" PRId64 " cases are consumed in the store, not %" PRId64, there, most);
}

/* Those that changed since the last look. */
static void check_changed_rows(struct sim *s)
{
    struct arena a;

    arena_init(&a);
    s->looks++;
    for (; s->looked_log < s->committed_log; s->looked_log++) {
        struct instance_key key = s->log[s->looked_log]->key;
        if (s->log[s->looked_log]->looked == s->looks || s->log[s->looked_log]->gone > 0)
            continue;
        s->log[s->looked_log]->looked = s->looks;
        struct instance_row row = { .task_id = key.task_id, .data_time = key.data_time };
        sim_check(s, row_get(store_view(s->store), &table_instance, &a, &row, NULL) == E_OK,
                  "I6: the store lacks an instance of task %" PRId64, key.task_id - SIM_TASK_ID(0));
        check_instance_row(s, &row);
        arena_reset(&a);
    }
    arena_done(&a);
}

void checkers_store(struct sim *s, bool whole)
{
    struct query q;

    check(store_begin(s->store, NULL) == E_OK);
    check_changed_rows(s);
    query_init(&q, &table_instance);
    if (whole)
        check(query_run(store_view(s->store), &q, check_instance_row, s, NULL) == E_OK);
    query_init(&q, &table_schedule);
    check(query_run(store_view(s->store), &q, check_schedule_row, s, NULL) == E_OK);
    if (whole) {
        count(s, &table_instance, s->image.n_instances - s->image.gone.instances);
        count(s, &table_round, s->image.n_rounds - s->image.gone.rounds);
        count(s, &table_attempt, s->image.n_attempts - s->image.gone.attempts);
    }
    members_check(s);
    permissions_check(s);
    resources_check(s);
    alarms_check(s);
    count(s, &table_case, s->image.n_cases - s->image.gone.cases);
    check_consumptions(s);
    store_rollback(s->store);
}

/* ---- at every pause ------------------------------------------------------------------------- */

/* A merge, and one that asks only those of its plan, may wait for what a later run of an upstream
 * changed; of them checkers_finish judges. */
static bool may_go_on(struct sim *s, const struct sim_task *t, const struct instance *i)
{
    bool later = t->spec->type_id == TASK_TYPE_MERGE || (i->flags & INSTANCE_PLAN_UPSTREAMS);

    return !later && upstreams_find(s, t->spec, i, true, false).holds &&
           (t->spec->self_depend != SELF_ORDERLY || sim_plan_limit(s, i->plan_id) > 0 ||
            order_holds(s, i, true)) &&
           cycle_holds(s, i, true);
}

void checkers_awake(struct sim *s)
{
    /* What was over, a limit or the life of a case, is not when the clock goes back. */
    if (s->now.us < s->latest.us)
        return;
    alarms_awake(s);
    const struct instance *i;
    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        const struct sim_task *t = sim_task_find(s, i->key.task_id);
        int64_t n = t->id - SIM_TASK_ID(0);
        if (!t->there)
            continue;
        limits_awake(s, i);
        if (i->state == INSTANCE_WAIT_EVENT)
            sim_check(s, !events_there_now(s, t->spec, i),
                      "I8: task %" PRId64 " waits, and its events are there", n);
        else if (i->state == INSTANCE_WAIT_UPSTREAM)
            sim_check(s, !may_go_on(s, t, i), "I8: task %" PRId64 " waits, and its upstreams hold",
                      n);
        else if (i->state == INSTANCE_WAIT_RUN)
            sim_check(s, !queueing_may_start(s, t, i), "I8: task %" PRId64 " waits, and may start",
                      n);
    }
}

/* One that it waited for was deleted gently: nothing waits for it any more, later ones included. */
static bool is_released(struct sim *s, const struct sim_task *t)
{
    for (int k = 0; k < t->spec->n_upstreams; k++)
        if (sim_task_find(s, t->spec->upstreams[k].task_id)->gently_deleted)
            return true;
    return false;
}

void checkers_glance(struct sim *s)
{
    const struct instance *i;

    if (s->now.us < s->latest.us || s->census.n_live > GLANCE_MAX)
        return;
    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        const struct sim_task *t = sim_task_find(s, i->key.task_id);
        if (!t->there)
            continue;
        if (i->state == INSTANCE_WAIT_RUN)
            sim_check(s, !queueing_may_start(s, t, i), "I8: task %" PRId64 " waits, and may start",
                      t->id - SIM_TASK_ID(0));
        if (i->state != INSTANCE_WAIT_UPSTREAM)
            continue;
        sim_check(s, !s->withdrawn || !may_go_on(s, t, i),
                  "I8: task %" PRId64 " waits for what a deleted plan was to make",
                  t->id - SIM_TASK_ID(0));
        sim_check(s, !is_released(s, t) || !may_go_on(s, t, i),
                  "I8: task %" PRId64 " waits for a task that was deleted gently",
                  t->id - SIM_TASK_ID(0));
        if (!s->defs.workflows[t->workflow].waits)
            continue;
        sim_check(s, !s->missed || !may_go_on(s, t, i),
                  "I8: task %" PRId64 " waits for a cycle that was missed", t->id - SIM_TASK_ID(0));
        cycle_check_said(s, i);
    }
}

/* ---- at the end ---------------------------------------------------------------------------- */

static void first_wait(void *ctx, const struct wait_item *w)
{
    *(struct wait_item *)ctx = *w;
}

static void check_stuck(struct sim *s, const struct instance *i)
{
    struct wait_item first = { .kind = WAIT_FOR_EVENT };
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    sim_check(s, t->there, "I8: an instance of a deleted task is still there");
    if (i->state == INSTANCE_WAIT_EVENT) {
        sim_check(s, !events_there_now(s, t->spec, i),
                  "I8: an instance of task %" PRId64 " has its events", t->id);
        return;
    }
    sim_check(s, i->state == INSTANCE_WAIT_UPSTREAM,
              "I8: an instance of task %" PRId64 " rests in %s", t->id,
              instance_state_name(i->state));
    struct finding now = upstreams_find(s, t->spec, i, true, false);
    bool order = t->spec->self_depend != SELF_ORDERLY || sim_plan_limit(s, i->plan_id) > 0 ||
                 order_holds(s, i, true);
    order = order && cycle_holds(s, i, true);
    core_explain(sim_core(s), i->key, s->now, 1, first_wait, &first);
    bool merge = t->spec->type_id == TASK_TYPE_MERGE;
    sim_check(s,
              !(now.holds && order) && !(now.fails && order) && !(now.skips && (order || !merge)),
              "I8: an instance of task %" PRId64
              " waits for nothing; it says kind %d, task %" PRId64 ", data time %" PRId64 ", %s",
              t->id, (int)first.kind, first.task_id, first.data_time.s,
              first.upstream_exists ? instance_state_name(first.upstream_state) : "does not exist");
}

static void count_wait(void *ctx, const struct wait_item *w)
{
    (void)w;
    ++*(int64_t *)ctx;
}

void checkers_finish(struct sim *s)
{
    match_firings(s);
    for (size_t k = 0; k < s->image.n_instances; k++) {
        const struct instance *i = &s->image.instances[k];
        if (track_instance(s, track_find(s, i->key)) != i)
            continue; /* it left the history, and came again */
        int64_t told = 0, n = core_explain(sim_core(s), i->key, s->now, 1000, count_wait, &told);
        if (instance_state_is_terminal(i->state)) {
            sim_check(s, n == -1, "an ended instance is explained");
            continue;
        }
        check_stuck(s, i);
        sim_check(s, n > 0 && told == (n < 1000 ? n : 1000),
                  "I8: a waiting instance does not say for what");
    }
}
