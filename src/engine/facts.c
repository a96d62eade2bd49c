/* engine/facts.c - answers what the core does not hold, from the store inside the open transaction.
 *
 * What the core changed in this turn and the engine has not written yet is looked at first, so the
 * core always sees its own past.  A store that fails to read makes the turn fail: the answer
 * "absent" could start something too early, so the failure is remembered and the commit is not
 * tried.
 */
#include "engine/branch.h"
#include "engine/engine_int.h"
#include "engine/plan_doc.h"

#include "sys/log.h"

static void fact_failed(struct engine *g, const char *what, const struct err *e)
{
    log_error("engine", "cannot read %s: %s", what, e->text);
    g->broken = true;
}

static bool find_instance(void *ctx, struct instance_key key, struct instance_fact *ret)
{
    struct engine *g = ctx;
    const struct instance *pending = effects_pending(g, key);
    struct instance_row row = { .task_id = key.task_id, .data_time = key.data_time };
    const uint64_t asked = COL(INSTANCE_STATE) | COL(INSTANCE_PLAN_ID);
    struct err e = ERR_INIT;

    if (pending) {
        *ret = (struct instance_fact){ pending->state, pending->plan_id };
        return true;
    }
    arena_reset(&g->fact); /* an instance may ask for very many */
    enum err_code rc = row_get_columns(engine_view(g), &table_instance, asked, &g->fact, &row, &e);
    if (rc == E_OK) {
        *ret = (struct instance_fact){ (enum instance_state)row.state, row.plan_id };
        return true;
    }
    if (rc != E_MISSING)
        fact_failed(g, "an instance", &e);
    return false;
}

struct case_search {
    struct arena *arena;
    struct case_fact *ret;
    bool found;
};

static bool case_take(void *ctx, const void *row)
{
    struct case_search *s = ctx;

    s->ret->case_id = arena_str(s->arena, ((const struct case_row *)row)->id);
    s->found = true;
    return false;
}

/* docs/reference/semantics.md 4.4: the case lives, fits the data time and is not used up; the
 * oldest.  Cases of one event live equally long, so that is the one that expires first, and the
 * store has an index by that. */
static bool find_case(void *ctx, struct str project_id, struct str event_name,
                      enum event_sub_type sub_type, struct civil cut, struct wall now,
                      struct case_fact *ret)
{
    struct engine *g = ctx;
    struct event_row event = { .project_id = project_id, .name = event_name };
    struct err e = ERR_INIT;
    struct query q;

    (void)sub_type;
    /* What was consumed a moment ago must count. */
    enum err_code rc = effects_flush(g, &e);
    if (rc == E_OK)
        rc = row_get_by(engine_view(g), &table_event, 0, &g->arena, &event, &e);
    if (rc != E_OK) {
        if (rc != E_MISSING)
            fact_failed(g, "an event", &e);
        return false;
    }
    struct case_search search = { .arena = &g->arena, .ret = ret };
    query_init(&q, &table_case);
    query_text(&q, CASE_EVENT_ID, QUERY_EQ, event.id);
    if (!str_eq_c(event.event_type, "GENERAL"))
        query_number(&q, CASE_DATA_TIME, QUERY_EQ, cut.s);
    query_number(&q, CASE_USED_UP, QUERY_EQ, false);
    query_number(&q, CASE_EXPIRES_AT, QUERY_GT, now.us);
    query_order(&q, CASE_EXPIRES_AT, false);
    q.limit = 1;
    if (query_run(engine_view(g), &q, case_take, &search, &e) != E_OK)
        fact_failed(g, "the cases of an event", &e);
    return search.found;
}

static uint64_t next_fence(void *ctx)
{
    struct engine *g = ctx;
    struct err e = ERR_INIT;
    uint64_t fence = 0;

    if (store_next_fence(g->config.store, &fence, &e) != E_OK) {
        fact_failed(g, "the fence counter", &e);
        /* The turn is not committed, so nothing is ever started with these numbers; but they
         * differ, as the core holds attempts by them until it is built again. */
        return UINT64_MAX - g->false_fences++;
    }
    return fence;
}

static bool find_before(void *ctx, int64_t task_id, struct civil d, struct instance_key *ret,
                        struct instance_fact *ret_fact)
{
    struct engine *g = ctx;
    struct query q;
    struct err e = ERR_INIT;
    void *rows;
    size_t n;

    /* Rows of this turn must be there before the newest is asked for. */
    if (effects_flush(g, &e) != E_OK) {
        fact_failed(g, "an earlier instance", &e);
        return false;
    }
    query_newest_instance(&q, task_id, d);
    arena_reset(&g->fact);
    if (query_rows(engine_view(g), &q, &g->fact, &rows, &n, &e) != E_OK) {
        fact_failed(g, "an earlier instance", &e);
        return false;
    }
    if (n == 0)
        return false;
    const struct instance_row *row = rows;
    *ret = (struct instance_key){ row->task_id, row->data_time };
    *ret_fact = (struct instance_fact){ (enum instance_state)row->state, row->plan_id };
    return true;
}

static bool decide_branch(void *ctx, const struct instance *i, struct str *ret_reason)
{
    struct engine *g = ctx;
    struct err e = ERR_INIT;
    /* Its inputs may have completed a moment ago. */
    enum err_code rc = effects_flush(g, &e);

    if (rc == E_OK)
        rc = branch_decide(g, i, &e);
    if (rc == E_OK)
        return true;
    *ret_reason = arena_str(&g->arena, str_from(e.text));
    if (rc != E_CONFLICT)
        fact_failed(g, "what a branch needs", &e);
    return false;
}

static bool branch_takes_task(void *ctx, struct instance_key branch, int64_t down_task)
{
    struct engine *g = ctx;
    struct err e = ERR_INIT;
    bool takes = true;

    if (branch_takes(g, branch, down_task, &takes, &e) != E_OK)
        fact_failed(g, "the decision of a branch", &e);
    return takes;
}

static void find_plan(void *ctx, struct str plan_id, struct plan_fact *ret)
{
    struct engine *g = ctx;
    struct err e = ERR_INIT;

    if (plan_doc_fact(g, plan_id, ret, &e) != E_OK)
        fact_failed(g, "a plan", &e);
}

/* Its rows are written as it is made, before conditions are looked up; a rerun has none, and is
 * known by the rounds that it made. */
static enum err_code find_member(struct engine *g, struct str plan_id, struct instance_key key,
                                 bool *ret, struct err *e)
{
    struct query q;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    query_number(&q, PLAN_INSTANCE_TASK_ID, QUERY_EQ, key.task_id);
    query_number(&q, PLAN_INSTANCE_DATA_TIME, QUERY_EQ, key.data_time.s);
    query_number(&q, PLAN_INSTANCE_OWN, QUERY_EQ, 1);
    enum err_code rc = query_any(engine_view(g), &q, ret, e);
    if (rc != E_OK || *ret)
        return rc;
    query_init(&q, &table_round);
    query_number(&q, ROUND_TASK_ID, QUERY_EQ, key.task_id);
    query_number(&q, ROUND_DATA_TIME, QUERY_EQ, key.data_time.s);
    query_text(&q, ROUND_PLAN_ID, QUERY_EQ, plan_id);
    rc = effects_flush(g, e); /* a round that was closed a moment ago must be there */
    return rc == E_OK ? query_any(engine_view(g), &q, ret, e) : rc;
}

static bool has_member(void *ctx, struct str plan_id, struct instance_key key)
{
    struct engine *g = ctx;
    struct err e = ERR_INIT;
    bool found = false;

    if (find_member(g, plan_id, key, &found, &e) != E_OK)
        fact_failed(g, "the instances of a plan", &e);
    return found;
}

struct core_port engine_facts(struct engine *g)
{
    return (struct core_port){ .ctx = g,
                               .instance_find = find_instance,
                               .case_find = find_case,
                               .next_fence = next_fence,
                               .instance_before = find_before,
                               .branch_decide = decide_branch,
                               .branch_takes = branch_takes_task,
                               .plan_find = find_plan,
                               .plan_has = has_member };
}
