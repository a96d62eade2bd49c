/* test/sim/def_upstreams.c - the random dependencies of a task's document. */
#include "definitions.h"

#include <inttypes.h>

static bool random_rule(struct sim *s, enum cycle down, enum cycle up, struct dep_rule *ret)
{
    struct {
        enum dep_main main;
        enum dep_sub sub;
    } pairs[DEP_MAIN_N_ * DEP_SUB_N_];
    int n = 0;

    for (int m = 0; m < DEP_MAIN_N_; m++)
        for (int b = 0; b < DEP_SUB_N_; b++)
            if (dep_pair_is_valid(down, up, (enum dep_main)m, (enum dep_sub)b)) {
                pairs[n].main = (enum dep_main)m;
                pairs[n++].sub = (enum dep_sub)b;
            }
    if (n == 0)
        return false;
    int at = (int)sim_below(s, n);
    *ret = (struct dep_rule){ .main = pairs[at].main, .sub = pairs[at].sub };
    if (ret->main >= DEP_RANGE_DAY) {
        ret->n_offsets = ret->main < DEP_LIST_DAY ? 2 : 1 + (int)sim_below(s, 2);
        ret->offsets[0] = (int32_t)sim_below(s, 4) - 3;
        ret->offsets[1] = ret->offsets[0] + (int32_t)sim_below(s, 3);
    }
    return true;
}

static void put_rule(struct buf *out, const struct dep_rule *rule)
{
    buf_printf(out, ",\"MainCyclicConfig\":\"%s\"", dep_main_name(rule->main));
    if (rule->sub != DEP_SUB_NONE)
        buf_printf(out, ",\"SubordinateCyclicConfig\":\"%s\"", dep_sub_name(rule->sub));
    for (int k = 0; k < rule->n_offsets; k++)
        buf_printf(out, "%s%d", k == 0 ? ",\"Offset\":\"" : ",", (int)rule->offsets[k]);
    if (rule->n_offsets > 0)
        buf_add_str(out, STR("\""));
}

static void put_strategy(struct sim *s, struct buf *out)
{
    static const char *const names[] = { "NOT_EXIST", "PARENT_EXPIRED", "PARENT_TIMEOUT" };
    unsigned conditions = (unsigned)sim_below(s, 8);
    bool some = false;

    buf_printf(out,
               ",\"DependencyStrategy\":{\"PollingNullStrategy\":\"EXECUTING\","
               "\"TaskDependencyExecutingTimeoutValue\":%d,"
               "\"TaskDependencyExecutingStrategies\":[",
               1 + (int)sim_below(s, 300));
    for (unsigned k = 0; k < ARRAY_LEN(names); k++)
        if (conditions & (1u << k)) {
            buf_printf(out, "%s\"%s\"", some ? "," : "", names[k]);
            some = true;
        }
    buf_add_str(out, STR("]}"));
}

/* A task depends on those of a lower rank only, so that no circle comes to be; of four, the one
 * with the greatest id has the lowest, and in some worlds of all: there the ids, by which a plan is
 * made, go against all dependencies. */
static int64_t rank_of(const struct sim *s, const struct sim_task *t)
{
    int64_t n = t->id - SIM_TASK_ID(0), together = s->seed % 5 == 0 ? 32 : 4;

    return n - n % together + together - 1 - n % together;
}

static int find_candidates(struct sim *s, const struct sim_task *down, struct sim_task **ret)
{
    int n = 0;

    for (int k = 0; k < s->defs.n_tasks; k++)
        if (rank_of(s, &s->defs.tasks[k]) < rank_of(s, down))
            ret[n++] = &s->defs.tasks[k];
    return n;
}

/* Half of the time a branch, where there is one: it has downstream tasks then. */
static const struct sim_task *random_upstream(struct sim *s, struct sim_task *const *candidates,
                                              int n)
{
    const struct sim_task *up = candidates[sim_below(s, n)];

    for (int64_t k = sim_below(s, 2) * n; k > 0; k--) {
        const struct sim_task *branch = candidates[k - 1];
        if (branch->there && branch->spec && branch->spec->type_id == TASK_TYPE_BRANCH &&
            sim_chance(s, 60))
            return branch;
    }
    return up;
}

static void put_listed(struct writing *w, const struct sim_task *up, const struct dep_rule *rule)
{
    buf_printf(w->out, "%s{\"TaskId\":\"%" PRId64 "\"", w->n_listed++ > 0 ? "," : "", up->id);
    if (!sim_chance(w->s, 20))
        put_rule(w->out, rule);
    if (sim_chance(w->s, 40))
        put_strategy(w->s, w->out);
    buf_add_str(w->out, STR("}"));
}

static void put_merged(struct writing *w, const struct sim_task *up, const char *combined)
{
    static const char *const states[] = { "2", "21", "4", "2,21", "2,4", "21,13", "2,21,5" };

    buf_printf(&w->ext, "%s{\"upstreamTaskId\":\"%" PRId64 "\",\"orderNum\":%d",
               w->n_merged > 0 ? "," : "", up->id, w->n_merged + 1);
    if (!sim_chance(w->s, 30))
        buf_printf(&w->ext, ",\"expectationState\":[%s]",
                   states[sim_below(w->s, ARRAY_LEN(states))]);
    if (*combined)
        buf_printf(&w->ext, ",\"conditionType\":\"%s\"", combined);
    buf_add_str(&w->ext, STR("}"));
    w->n_merged++;
}

/* 1.8: those of a manual workflow are among themselves. */
static bool may_wait_for(const struct sim *s, const struct sim_task *down,
                         const struct sim_task *up)
{
    return down->workflow == up->workflow ||
           (!sim_is_manual(s, down->workflow) && !sim_is_manual(s, up->workflow));
}

void sim_put_upstreams(struct writing *w)
{
    static const char *const combinations[] = { "", "OR", "AND", "AND" };
    struct sim *s = w->s;
    bool merge = w->type_id == TASK_TYPE_MERGE;
    const char *combined = combinations[sim_below(s, ARRAY_LEN(combinations))];
    struct sim_task *candidates[SIM_TASKS_MAX];
    int n = find_candidates(s, w->task, candidates);
    int64_t want;

    want = sim_below(s, sim_maybe(s, s->odds->alone) ? 1 : 4) + merge;

    buf_add_str(w->out, STR("\"UpstreamDependencyConfigList\":["));
    for (int64_t k = 0; k < want && n > 0; k++) {
        const struct sim_task *up = random_upstream(s, candidates, n);
        struct dep_rule rule;
        bool again = false;
        for (int u = 0; u < w->n_ups; u++)
            again = again || w->ups[u] == up->id;
        if (again || !up->there || !up->spec || !may_wait_for(s, w->task, up) ||
            !random_rule(s, w->cycle, up->spec->schedule.cycle, &rule))
            continue;
        w->ups[w->n_ups++] = up->id;
        bool merged = merge && sim_chance(s, 80);
        if (merged)
            put_merged(w, up, combined);
        if (!merged || sim_chance(s, 50))
            put_listed(w, up, &rule);
    }
    buf_add_str(w->out, STR("],"));
}
