/* core/candidates.c - how many upstream instances one that is to be made would look at, so that
 * what asks for too many can be refused while somebody is there to be told. */
#include "core/core_int.h"

static bool count_one(void *ctx, struct dep_candidate candidate)
{
    int64_t *n = ctx;

    (void)candidate;
    return ++*n <= DEP_ALL_CANDIDATES_MAX;
}

/* Of a dependency that selects more than are looked at, those that are. */
static void count(const struct dep_rule *rule, enum cycle down, const struct held_task *up,
                  struct civil data_time, int64_t *n)
{
    enum err_code rc =
        dep_select(rule, down, &up->schedule->s, data_time, count_one, NULL, n, NULL);

    (void)rc;
}

int64_t core_candidates(const struct core *c, int64_t task_id, struct civil data_time)
{
    const struct held_task *t = held_find(c, task_id);
    int64_t n = 0;

    for (int i = 0; t && i < t->n_deps && n <= DEP_ALL_CANDIDATES_MAX; i++) {
        const struct held_dep *d = &t->deps[i];
        const struct held_task *up = held_find(c, d->task_id);
        struct dep_rule rule;
        if (!up || d->peer) {
            n++;
            continue;
        }
        held_rule(t, d, up->schedule->s.cycle, &rule);
        count(&rule, t->schedule->s.cycle, up, data_time, &n);
    }
    return n;
}

int64_t core_candidates_of(const struct core *c, const struct task_spec *spec,
                           struct civil data_time)
{
    int64_t n = 0;

    for (int i = 0; i < spec->n_upstreams && n <= DEP_ALL_CANDIDATES_MAX; i++) {
        const struct held_task *up = held_find(c, spec->upstreams[i].task_id);
        struct dep_rule rule;
        if (!up)
            continue;
        task_upstream_rule(&spec->upstreams[i], spec->schedule.cycle, up->schedule->s.cycle, &rule);
        count(&rule, spec->schedule.cycle, up, data_time, &n);
    }
    return n;
}
