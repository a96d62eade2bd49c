/* test/sim/coverage.c - see coverage.h. */
#include "coverage.h"

#include <inttypes.h>
#include <stdio.h>

#include "checkers.h"
#include "peers.h"

void coverage_add(struct sim_coverage *sum, const struct sim_coverage *one)
{
    int64_t *to = (int64_t *)(void *)sum;
    const int64_t *from = (const int64_t *)(const void *)one;

    for (size_t k = 0; k < sizeof(*sum) / sizeof(*to); k++)
        to[k] += from[k];
}

void coverage_feature(struct sim *s, enum sim_feature f)
{
    s->coverage.features[f]++;
}

/* ---- changes of instances -------------------------------------------------------------------- */

static void saw(struct sim *s, enum instance_state from, enum instance_event e)
{
    sim_check(s, instance_next(from, e) != INSTANCE_ILLEGAL, "%s in %s", instance_event_name(e),
              instance_state_name(from));
    s->coverage.transitions[from][e]++;
}

static bool says(const struct instance *i, const char *begin)
{
    return str_starts_with(i->reason, str_from(begin));
}

static void saw_limit(struct sim *s, const struct instance *i)
{
    if (says(i, "the limit of the total"))
        coverage_feature(s, SIM_HAS_wait_limit);
    if (says(i, "the limit of the waiting time for an event"))
        coverage_feature(s, SIM_HAS_event_limit);
}

/* How one that waited came to its end. */
static void saw_expired(struct sim *s, const struct instance *i, enum instance_state from)
{
    bool branch = sim_task_find(s, i->key.task_id)->spec->type_id == TASK_TYPE_BRANCH;

    saw_limit(s, i);
    if (says(i, "the limit of the"))
        saw(s, from, EVENT_WAIT_EXPIRED);
    else if (says(i, "an upstream task was deleted"))
        saw(s, from, EVENT_UPSTREAM_DELETED);
    else if (says(i, "the upstream instances did not"))
        saw(s, INSTANCE_WAIT_UPSTREAM, EVENT_CONTROL_FAILED);
    else if (branch && wall_is_set(i->started_at) && from == INSTANCE_WAIT_RUN)
        saw(s, from, EVENT_CONTROL_FAILED);
    else
        saw(s, from, EVENT_KILLED);
}

static void saw_from_wait(struct sim *s, const struct instance *i, enum instance_state from)
{
    bool by_itself = str_is_empty(i->reason);

    /* Several states may be passed through at once. */
    if (from == INSTANCE_WAIT_EVENT &&
        (i->state == INSTANCE_WAIT_UPSTREAM || i->state == INSTANCE_WAIT_RUN ||
         i->state == INSTANCE_SKIP_RUNNING || says(i, "the upstream instances did not"))) {
        saw(s, from, EVENT_EVENTS_DONE);
        from = INSTANCE_WAIT_UPSTREAM;
    }
    if (i->state == INSTANCE_WAIT_RUN && from == INSTANCE_WAIT_UPSTREAM)
        saw(s, from, EVENT_UPSTREAMS_DONE);
    else if (i->state == INSTANCE_SKIP_RUNNING)
        saw(s, from, EVENT_SKIPPED);
    else if (i->state == INSTANCE_EXPIRED)
        saw_expired(s, i, from);
    else if (i->state == INSTANCE_RUNNING)
        saw(s, from, EVENT_DISPATCHED);
    else if (i->state == INSTANCE_COMPLETED)
        saw(s, from, from == INSTANCE_WAIT_RUN && by_itself ? EVENT_DRY_RUN : EVENT_SET_SUCCESS);
}

static void saw_from_running(struct sim *s, const struct instance *i, const struct instance *old)
{
    const struct sim_attempt *a = runner_attempt(s, old->fence);
    bool killed = (old->flags & INSTANCE_KILLING) ||
                  (!(old->flags & INSTANCE_TIMED_OUT) && (!a || a->result == RESULT_KILLED));

    if (i->state == INSTANCE_COMPLETED)
        saw(s, INSTANCE_RUNNING, EVENT_SUCCEEDED);
    else if (i->state == INSTANCE_FAILED_RETRY)
        saw(s, INSTANCE_RUNNING, EVENT_FAILED_MORE);
    else if (i->state == INSTANCE_EXPIRED)
        saw(s, INSTANCE_RUNNING, killed ? EVENT_KILLED : EVENT_FAILED_LAST);
    if (i->state == INSTANCE_RUNNING && (i->flags & ~old->flags & INSTANCE_TIMED_OUT))
        coverage_feature(s, SIM_HAS_execution_limit);
}

void coverage_change(struct sim *s, const struct instance *i, const struct instance *old)
{
    bool fresh = !old || old->round != i->round;
    enum instance_state from = fresh ? INSTANCE_WAIT_EVENT : old->state;

    if (fresh && old)
        saw(s, old->state, EVENT_NEW_ROUND);
    if (!old && i->type == INSTANCE_PERIODIC)
        s->coverage.cycles[sim_task_find(s, i->key.task_id)->spec->schedule.cycle]++;
    if (fresh && (i->flags & INSTANCE_PLAN_UPSTREAMS))
        coverage_feature(s, SIM_HAS_plan_scope);
    if (fresh && (i->flags & INSTANCE_SKIP_CYCLE))
        coverage_feature(s, SIM_HAS_cycle_skip);
    if (fresh && (i->flags & INSTANCE_WAIT_CYCLE) && (i->flags & INSTANCE_SKIP_UPSTREAMS))
        coverage_feature(s, SIM_HAS_cycle_ask);
    if (i->state == INSTANCE_WAIT_UPSTREAM && from != i->state && !cycle_holds(s, i, true))
        coverage_feature(s, SIM_HAS_cycle_wait);
    if (from == INSTANCE_RUNNING) {
        saw_from_running(s, i, old);
        return;
    }
    if (from == i->state)
        return;
    if (from <= INSTANCE_WAIT_RUN)
        saw_from_wait(s, i, from);
    else if (from == INSTANCE_FAILED_RETRY)
        saw(s, from,
            i->state == INSTANCE_WAIT_RUN  ? EVENT_RETRY_DUE
            : i->state == INSTANCE_EXPIRED ? EVENT_KILLED
                                           : EVENT_SET_SUCCESS);
    else
        saw(s, from, EVENT_SET_SUCCESS);
}

static void has(struct sim *s, bool condition, enum sim_feature f)
{
    if (condition)
        coverage_feature(s, f);
}

/* ---- definitions ----------------------------------------------------------------------------- */

static void pair_of(const struct task_spec *spec, const struct task_upstream *up,
                    const struct task_spec *up_spec, enum dep_main *ret_main, enum dep_sub *ret_sub)
{
    struct dep_rule rule;

    task_upstream_rule(up, spec->schedule.cycle, up_spec->schedule.cycle, &rule);
    *ret_main = rule.main;
    *ret_sub = rule.sub;
}

/* It gave up an upstream that did not come in time. */
static bool gave_up(struct sim *s, const struct task_upstream *up, const struct instance *i)
{
    struct wall base = i->fire_at.us > i->round_at.us ? i->fire_at : i->round_at;
    struct instance_key same = { up->task_id, i->key.data_time };
    const struct moment *last = track_last(track_find(s, same));

    return up->strategy == NULL_EXECUTING && (up->conditions & NULL_PARENT_TIMEOUT) &&
           s->now.us >= wall_add(base, DUR_MIN(up->timeout_minutes)).us && last &&
           !instance_state_is_terminal(last->state);
}

void coverage_went_on(struct sim *s, const struct task_spec *spec, const struct instance *i)
{
    for (int k = 0; k < spec->n_upstreams; k++) {
        has(s, gave_up(s, &spec->upstreams[k], i), SIM_HAS_dependency_limit);
        const struct sim_task *up = sim_task_find(s, spec->upstreams[k].task_id);
        enum dep_main main;
        enum dep_sub sub;
        if (!up->there)
            continue;
        pair_of(spec, &spec->upstreams[k], up->spec, &main, &sub);
        s->coverage.pairs_met[main][sub]++;
    }
}

void coverage_definition(struct sim *s, const struct task_spec *spec)
{
    static const enum sim_feature listeners[] = { SIM_HAS_listener_second, SIM_HAS_listener_min,
                                                  SIM_HAS_listener_hour, SIM_HAS_listener_day };
    static const enum sim_feature selfs[] = { SIM_HAS_parallel, SIM_HAS_serial, SIM_HAS_orderly };
    const struct schedule *when = &spec->schedule;
    bool windowed = when->cycle == CYCLE_HOUR || when->cycle == CYCLE_MINUTE;

    for (int k = 0; k < spec->n_upstreams; k++) {
        const struct sim_task *up = sim_task_find(s, spec->upstreams[k].task_id);
        enum dep_main main;
        enum dep_sub sub;
        pair_of(spec, &spec->upstreams[k], up->spec, &main, &sub);
        s->coverage.pairs[main][sub]++;
    }
    for (int k = 0; k < spec->n_listeners; k++)
        coverage_feature(s, listeners[spec->listeners[k].sub_type]);
    coverage_feature(s, selfs[spec->self_depend]);
    has(s, windowed && (when->window_from > 0 || when->window_to < 1439), SIM_HAS_window);
    has(s, when->end.s < civil_make(2090, 1, 1, 0, 0, 0).s, SIM_HAS_range_end);
    has(s, schedule_instant(when, when->start).us > s->now.us, SIM_HAS_late_start);
    has(s, when->init == INIT_T_PLUS_1, SIM_HAS_t_plus_1);
    has(s, spec->dry_run, SIM_HAS_dry_run);
    has(s, when->calendar && when->calendar->mode == CALENDAR_RUN, SIM_HAS_calendar_run);
    has(s, when->calendar && when->calendar->mode == CALENDAR_PAUSE, SIM_HAS_calendar_pause);
}

/* ---- the list -------------------------------------------------------------------------------- */

static void each_transition(const struct sim_coverage *c, coverage_item *each, void *ctx)
{
    char name[80];

    for (int from = 0; from < INSTANCE_STATE_N_; from++)
        for (int e = 0; e < INSTANCE_EVENT_N_; e++) {
            if (instance_next((enum instance_state)from, (enum instance_event)e) ==
                INSTANCE_ILLEGAL)
                continue;
            snprintf(name, sizeof(name), "%s, %s", instance_state_name((enum instance_state)from),
                     instance_event_name((enum instance_event)e));
            each(ctx, "state and event", name, c->transitions[from][e], true);
        }
}

static bool pair_is_possible(enum dep_main main, enum dep_sub sub)
{
    for (int down = 0; down < CYCLE_N_; down++)
        for (int up = 0; up < CYCLE_N_; up++)
            if (dep_pair_is_valid((enum cycle)down, (enum cycle)up, main, sub))
                return true;
    return false;
}

static void each_pair(const struct sim_coverage *c, coverage_item *each, void *ctx)
{
    char name[80];

    for (int m = 0; m < DEP_MAIN_N_; m++)
        for (int b = 0; b < DEP_SUB_N_; b++) {
            enum dep_main main = (enum dep_main)m;
            enum dep_sub sub = (enum dep_sub)b;
            if (!pair_is_possible(main, sub))
                continue;
            snprintf(name, sizeof(name), "%s%s%s", dep_main_name(main), sub ? "/" : "",
                     sub ? dep_sub_name(sub) : "");
            each(ctx, "dependency submitted", name, c->pairs[m][b], true);
            each(ctx, "dependency met", name, c->pairs_met[m][b], false);
        }
}

void coverage_each(const struct sim_coverage *c, coverage_item *each, void *ctx)
{
    static const char *const features[SIM_FEATURE_N_] = {
#define X(name, text) text,
        SIM_FEATURES(X)
#undef X
    };

    each_transition(c, each, ctx);
    for (int f = 0; f < SIM_FAULT_N_; f++)
        each(ctx, "fault", sim_fault_name((enum sim_fault)f), c->faults[f], true);
    for (int k = 0; k < SIM_COMMAND_N_; k++) {
        const char *name = sim_command_name((enum sim_command_kind)k);
        each(ctx, "command accepted", name, c->accepted[k], true);
        each(ctx, "command refused", name, c->refused[k], false);
    }
    for (int k = 0; k < CYCLE_N_; k++)
        each(ctx, "cycle", cycle_name((enum cycle)k), c->cycles[k], true);
    each_pair(c, each, ctx);
    for (int f = 0; f < SIM_FEATURE_N_; f++)
        each(ctx, "feature", features[f], c->features[f], true);
}

static void print_item(void *ctx, const char *kind, const char *name, int64_t n, bool must)
{
    (void)ctx, (void)must;
    printf("%s\t%s\t%" PRId64 "\n", kind, name, n);
}

void coverage_print(const struct sim_coverage *c)
{
    coverage_each(c, print_item, NULL);
}

struct tally {
    char kind[40];
    int n, reached;
};
struct tallies {
    struct tally of[12];
    int n;
};

static void tally_item(void *ctx, const char *kind, const char *name, int64_t n, bool must)
{
    struct tallies *all = ctx;
    int at = 0;

    (void)name, (void)must;
    while (at < all->n && !str_eq_c(str_from(kind), all->of[at].kind))
        at++;
    if (at == all->n)
        snprintf(all->of[all->n++].kind, sizeof(all->of[0].kind), "%s", kind);
    all->of[at].n++;
    all->of[at].reached += n > 0;
}

void coverage_summary(const struct sim_coverage *c)
{
    struct tallies all = { .n = 0 };

    coverage_each(c, tally_item, &all);
    printf("reached: ");
    for (int k = 0; k < all.n; k++) {
        printf("%s", k > 0 ? ", " : "");
        printf("%s %d of %d", all.of[k].kind, all.of[k].reached, all.of[k].n);
    }
    printf("\n");
}

static void missing_item(void *ctx, const char *kind, const char *name, int64_t n, bool must)
{
    if (!must || n > 0)
        return;
    ++*(int *)ctx;
    fprintf(stderr, "never reached: %s: %s\n", kind, name);
}

int coverage_missing(const struct sim_coverage *c)
{
    int n = 0;

    coverage_each(c, missing_item, &n);
    return n;
}
