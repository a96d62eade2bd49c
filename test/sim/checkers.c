/* test/sim/checkers.c - the invariants I1 to I5, judged from each effect. */
#include "checkers.h"

#include <inttypes.h>

#include "changes.h"
#include "definitions.h"
#include "deletions.h"
#include "events.h"
#include "hook.h"
#include "limits.h"
#include "queueing.h"
#include "peers.h"
#include "rounds.h"
#include "schedules.h"
#include "sending.h"
#include "slices.h"
#include "toggles.h"

/* The same by other code than that of src/cal. */
static void check_own(struct sim *s, const struct task_spec *spec, const struct firing *f)
{
    const char *objection = schedule_objection(spec, f);
    char planned[CIVIL_TEXT_LEN + 1];

    civil_format(f->planned, planned);
    sim_check(s, !objection, "2.3: a firing planned at %s lies %s", planned, objection);
    if (s->odds->looks_whole) /* it looks back over a day; calm worlds reach all that it counts */
        schedule_coverage(s, spec, f);
}

/* I4, one way: whoever is made by the clock lies on a firing of a range in which the task was
 * scheduling. */
static void check_firing(struct sim *s, const struct instance *i)
{
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    for (const struct sim_range *r = t->ranges; r; r = r->older) {
        struct firing f;
        if (i->fire_at.us > r->from.us && i->fire_at.us <= r->to.us &&
            schedule_next_planned(&r->spec->schedule, (struct civil){ i->planned.s - 1 }, &f) &&
            f.planned.s == i->planned.s && f.at.us == i->fire_at.us &&
            f.data_time.s == i->key.data_time.s) {
            check_own(s, r->spec, &f);
            sim_check(s, toggle_allows(s, t, r, f.at, true),
                      "I4: a firing of task %" PRId64 " is made, and its project was disabled",
                      t->id - SIM_TASK_ID(0));
            return;
        }
    }
    sim_fail(s, "I4: an instance of task %" PRId64 " lies on no firing", i->key.task_id);
}

static bool left(const struct instance *i, const struct instance *old, enum instance_state state)
{
    bool fresh = !old || old->round != i->round;

    return i->state > state && i->state <= INSTANCE_RUNNING && (fresh || old->state <= state);
}

/* Its upstreams ended it, and nothing else. */
static bool was_skipped(const struct instance *i, const struct instance *old)
{
    return i->state == INSTANCE_SKIP_RUNNING &&
           !(old && old->round == i->round && old->state == INSTANCE_SKIP_RUNNING);
}

static bool merge_failed(const struct instance *i, const struct instance *old)
{
    return i->state == INSTANCE_EXPIRED &&
           str_starts_with(i->reason, STR("the upstream instances did not")) &&
           !(old && old->round == i->round && old->state == INSTANCE_EXPIRED);
}

/* I3, under one definition.  NULL: it holds. */
static const char *unmet(struct sim *s, const struct task_spec *spec, const struct instance *i,
                         const struct instance *old)
{
    bool skipped = was_skipped(i, old), failed = merge_failed(i, old);
    bool heard = old && old->round == i->round && old->state > INSTANCE_WAIT_EVENT;

    if ((left(i, old, INSTANCE_WAIT_EVENT) || ((skipped || failed) && !heard)) &&
        !events_consumed(s, spec, i))
        return "goes on without its events";
    if (!left(i, old, INSTANCE_WAIT_UPSTREAM) && !skipped && !failed)
        return NULL;
    struct finding found = upstreams_find(s, spec, i, false, false);
    if (skipped || failed)
        return skipped && !found.skips  ? "is skipped for no reason"
               : failed && !found.fails ? "fails while its condition may hold"
                                        : NULL;
    if (!found.holds)
        return "goes on without its upstreams";
    if (spec->self_depend == SELF_ORDERLY && sim_plan_limit(s, i->plan_id) == 0 &&
        !order_holds(s, i, false))
        return "goes on without its predecessor";
    return cycle_holds(s, i, false) ? NULL : "goes on without the cycle before of its workflow";
}

/* A turn may submit a task after it let an instance go on under the definition before. */
static void check_conditions(struct sim *s, const struct sim_task *t, const struct instance *i,
                             const struct instance *old)
{
    const char *missing = unmet(s, t->spec, i, old);

    for (const struct sim_version *v = t->versions;
         missing && v->since > s->committed_seq && v->older; v = v->older)
        if (!unmet(s, v->older->spec, i, old))
            return;
    sim_check(s, !missing, "I3: task %" PRId64 " %s", t->id - SIM_TASK_ID(0), missing);
    if (left(i, old, INSTANCE_WAIT_UPSTREAM) && (!old || old->round != i->round))
        slices_hasty(s, i);
}

/* The first condition of a branch that cannot be evaluated, from 1; 0: all can. */
static int bad_way(struct sim *s, const struct instance *i)
{
    const struct sim_version *v = version_of(s, i);

    for (int k = 0; k < v->n_ways; k++)
        if (sim_way_truth(&v->ways[k], i->key.data_time, i->planned) == SIM_NO_TRUTH)
            return k + 1;
    return 0;
}

/* 5.8: what runs nothing.  A branch completes when all of its conditions can be evaluated, else it
 * expires and names the first one that cannot. */
static void check_control(struct sim *s, const struct sim_task *t, const struct instance *i,
                          const struct instance *old)
{
    sim_check(s, i->fence == 0 && i->tries == 0 && i->total_runs == 0,
              "the branch or merge %" PRId64 " runs", t->id - SIM_TASK_ID(0));
    if (t->spec->type_id != TASK_TYPE_BRANCH || !old || old->round != i->round ||
        old->state != INSTANCE_WAIT_RUN)
        return;
    if (i->state == INSTANCE_COMPLETED && !(i->flags & INSTANCE_DRY_RUN) &&
        str_is_empty(i->reason)) {
        sim_check(s, bad_way(s, i) == 0, "branch %" PRId64 " completes without condition %d",
                  t->id - SIM_TASK_ID(0), bad_way(s, i));
        sim_check(s, i->version_no == t->versions->version_no,
                  "branch %" PRId64 " decides by version %d, not %d", t->id - SIM_TASK_ID(0),
                  (int)i->version_no, (int)t->versions->version_no);
    }
    if (str_starts_with(i->reason, STR("condition ")))
        sim_check(s,
                  i->state == INSTANCE_EXPIRED &&
                      str_starts_with(i->reason,
                                      arena_printf(&s->arena, "condition %d (", bad_way(s, i))),
                  "branch %" PRId64 " says: %.*s", t->id - SIM_TASK_ID(0), STR_ARG(i->reason));
}

static void tally(struct sim *s, const struct sim_task *t, const struct instance *i,
                  const struct instance *old)
{
    bool ran = i->state == INSTANCE_COMPLETED && old && old->state == INSTANCE_WAIT_RUN &&
               str_is_empty(i->reason);

    s->branched += track_last(track_find(s, i->key))->decided != NULL;
    s->merged += ran && t->spec->type_id == TASK_TYPE_MERGE;
    s->merge_failures += merge_failed(i, old);
    s->skipped += was_skipped(i, old);
}

static void on_instance(struct sim *s, const struct effect *e)
{
    const struct instance *i = &e->instance, *old = track_instance(s, track_find(s, i->key));
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    if (e->kind == EFFECT_INSTANCE_INSERT) {
        sim_check(s, !old, "I1: an instance is made twice");
        if (i->type == INSTANCE_PERIODIC)
            check_firing(s, i);
    } else {
        sim_check(s, old, "an unknown instance changes");
    }
    changes_check(s, i, old);
    if (!old || old->round != i->round)
        rounds_on_begin(s, i, old);
    rounds_on_change(s, i, old);
    track_add(s, i->key, i);
    census_change(s, track_find(s, i->key), old && old->state == INSTANCE_RUNNING);
    limits_on_change(s, i, old);
    tally(s, t, i, old);
    sim_tell_change(s, i, old);
    coverage_change(s, i, old);
    if (left(i, old, INSTANCE_WAIT_UPSTREAM) && !(i->flags & INSTANCE_SKIP_UPSTREAMS))
        coverage_went_on(s, t->spec, i);
    if (old && old->state == INSTANCE_RUNNING && i->state == INSTANCE_COMPLETED &&
        runner_attempt(s, old->fence))
        hook_expect(s, t, runner_attempt(s, old->fence)->events);
    bool control = !sim_runs_code(t->spec);
    if (control)
        check_control(s, t, i, old);
    if (t->there)
        check_conditions(s, t, i, old);
    if (i->state == INSTANCE_COMPLETED && i->tries == 0 && old && old->state == INSTANCE_WAIT_RUN &&
        (control || (i->flags & INSTANCE_DRY_RUN)) && str_is_empty(i->reason)) {
        slices_on_run(s, i);
        sim_check(s, run_type_is_asked_for(i->run_type) || i->fire_at.us <= s->latest.us,
                  "a dry run, or a branch or merge, before its time");
    }
}

static void on_begin(struct sim *s, const struct effect *e)
{
    const struct instance *i = &e->instance;
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    sim_check(s, e->fence > s->last_fence && e->fence == i->fence, "I2: a fence is used again");
    s->last_fence = e->fence;
    sim_check(s, i->state == INSTANCE_RUNNING && i->run_type < RUN_TYPE_N_,
              "an attempt of what does not run");
    sim_check(s, run_type_is_asked_for(i->run_type) || i->fire_at.us <= s->latest.us,
              "I3: an attempt before its time");
    sim_check(s, t->there, "an attempt of a deleted task");
    sim_check(s, sim_runs_code(t->spec), "an attempt of a branch or a merge");
    sim_check(s, i->version_no == t->versions->version_no, "5.11: an attempt of version %d, not %d",
              (int)i->version_no, (int)t->versions->version_no);
    slices_on_run(s, i);
    sending_begin(s, i);
    if (i->tries > 1)
        coverage_feature(s, SIM_HAS_retry);
    queueing_begin(s, t, i, e->fence);
}

/* 4.4: of a general event the oldest case comes first. */
static bool is_older(const struct sim *s, const struct image_case *other,
                     const struct image_case *c)
{
    return c->general && other != c && str_eq(other->event_name, c->event_name) &&
           str_eq(other->project_id, c->project_id) && other->fired_at.us < c->fired_at.us &&
           other->expires_at.us > s->now.us && !sim_case_is_used_up(other);
}

static const struct image_case *case_named(const struct sim *s, struct str id)
{
    for (size_t k = s->image.n_cases; k-- > 0;)
        if (str_eq(s->image.cases[k].id, id))
            return &s->image.cases[k];
    return NULL;
}

static void on_consumed(struct sim *s, const struct effect *e)
{
    const struct image_case *c = case_named(s, e->case_id);

    if (!c) {
        hook_adopt(s, e->case_id);
        c = case_named(s, e->case_id);
    }
    sim_check(s, !c->single || c->consumed == 0, "a single case is consumed twice");
    sim_check(s, !sim_case_is_used_up(c), "a case is consumed more often than it may");
    sim_check(s, c->expires_at.us > s->now.us, "a dead case is consumed");
    for (size_t k = 0; c->general && k < s->image.n_cases; k++)
        sim_check(s, !is_older(s, &s->image.cases[k], c), "an older case of %.*s is passed by",
                  STR_ARG(c->event_name));
    coverage_feature(s, c->single    ? SIM_HAS_case_single
                        : c->general ? SIM_HAS_case_general
                                     : SIM_HAS_case_broadcast);
    if (c->single && c->general)
        coverage_feature(s, SIM_HAS_case_general);
    if (sim_case_is_limited(c))
        coverage_feature(s, SIM_HAS_case_limited);
}

static void on_miss(struct sim *s, const struct effect *e)
{
    const struct sim_task *t = sim_task_find(s, e->task_id);
    const struct sim_range *r = t->ranges;
    struct firing f;

    s->missed = s->missed || s->defs.workflows[t->workflow].waits;
    coverage_feature(s, e->miss == MISS_EXISTS ? SIM_HAS_miss_exists : SIM_HAS_miss_disabled);
    if (e->miss != MISS_PROJECT_DISABLED)
        return;
    for (; r; r = r->older)
        if (schedule_next_planned(&r->spec->schedule, (struct civil){ e->planned.s - 1 }, &f) &&
            f.planned.s == e->planned.s && f.at.us > r->from.us && f.at.us <= r->to.us &&
            toggle_allows(s, t, r, f.at, false))
            return;
    sim_fail(s, "I4: a firing of task %" PRId64 " is missed, and its project was enabled",
             t->id - SIM_TASK_ID(0));
}

void checkers_on_effect(struct sim *s, const struct effect *e)
{
    int64_t mark[] = { (int64_t)e->kind,
                       e->instance.key.task_id,
                       e->instance.key.data_time.s,
                       (int64_t)e->instance.state,
                       (int64_t)e->fence,
                       e->task_id,
                       e->planned.s,
                       s->now.us };

    s->seq++;
    s->hash = hash_u64(s->hash ^ hash_bytes(mark, sizeof(mark)));
    sim_tell_effect(s, e);
    switch (e->kind) {
    case EFFECT_INSTANCE_INSERT:
    case EFFECT_INSTANCE_UPDATE:
        on_instance(s, e);
        alarms_on_effect(s, &e->instance);
        break;
    case EFFECT_ATTEMPT_BEGIN:
        on_begin(s, e);
        break;
    case EFFECT_CASE_CONSUMED:
        on_consumed(s, e);
        break;
    case EFFECT_MISS:
        on_miss(s, e);
        break;
    case EFFECT_ROUND_CLOSE:
        rounds_on_close(s, &e->instance);
        alarms_on_close(s, &e->instance);
        break;
    default:
        break;
    }
}

void checkers_commit(struct sim *s)
{
    slices_commit(s);
    deletions_commit(s);
    sending_commit(s);
    s->committed_seq = s->seq;
    s->committed_log = s->n_log;
}
