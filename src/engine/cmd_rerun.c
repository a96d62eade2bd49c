/* engine/cmd_rerun.c - runs instances again, with or without those downstream of them
 * (docs/reference/semantics.md 5.7). */
#include "engine/cmd_instance_int.h"
#include "engine/cmd_task.h"
#include "engine/neighbours.h"
#include "engine/reach.h"

/* The instances of one rerun, each once. */
struct selection {
    struct engine *g;
    const struct instance_request *r;
    const struct rerun *how;
    struct map workflows; /* of the instances that were named, for RERUN_WORKFLOW */
    struct pair_map seen;
    struct pair_map cyclic; /* tasks whose workflow waits for the previous cycle */
    struct instance_keys keys;
    size_t n_named;
    struct reach reach;         /* of the account, in the project of the last child */
    struct task_outlines tasks; /* one read for all instances of a task */
    struct arena scratch; /* one step: thousands of steps must not pile up in the turn's memory */
};

static struct pair_key pair_of(struct instance_key key)
{
    return (struct pair_key){ (uint64_t)key.task_id, (uint64_t)key.data_time.s };
}

static enum err_code row_of(struct selection *s, struct instance_key key, struct instance_row *ret,
                            struct err *e)
{
    *ret = (struct instance_row){ .task_id = key.task_id, .data_time = key.data_time };
    return row_get(engine_view(s->g), &table_instance, &s->scratch, ret, e);
}

static enum err_code add(struct selection *s, struct instance_key key, struct err *e)
{
    struct instance_keys *k = &s->keys;

    if (pair_map_get(&s->seen, pair_of(key)))
        return E_OK;
    if (k->n >= RERUN_INSTANCES_MAX)
        return err_user(e, E_LIMIT, "InstanceKeyList",
                        "with its downstream instances a rerun has at most %d",
                        "连同下游实例，一次重跑最多 %d 个实例", RERUN_INSTANCES_MAX);
    pair_map_put(&s->seen, pair_of(key), s);
    k->items = mem_grow(k->items, &k->cap, k->n + 1, sizeof(*k->items));
    k->items[k->n++] = key;
    return E_OK;
}

/* In its project it runs again what the account may operate there. */
static enum err_code may_operate(struct selection *s, const struct instance_row *row, bool *ret,
                                 struct err *e)
{
    struct reach *r = &s->reach;
    struct engine *g = s->g;
    enum err_code rc = E_OK;

    if (!str_eq(r->project_id, row->project_id)) {
        reach_close(r);
        rc = reach_open(r, engine_view(g), engine_actor(g),
                        arena_str(engine_arena(g), row->project_id), e);
    }
    *ret = rights_has(r->rights, RIGHT_OPERATE);
    return rc != E_OK || *ret ? rc : reach_task(r, row->task_id, ret, e);
}

static enum err_code is_in_scope(struct selection *s, struct instance_key key, bool *ret,
                                 struct err *e)
{
    struct instance_row row;
    enum err_code rc = row_of(s, key, &row, e);

    if (rc != E_OK)
        return rc;
    bool ours = str_eq(row.project_id, s->r->project_id);
    *ret = s->how->scope == RERUN_ALL ||
           (ours && (s->how->scope == RERUN_PROJECT || map_get(&s->workflows, row.workflow_id)));
    return *ret ? may_operate(s, &row, ret, e) : E_OK;
}

/* All levels: the list grows while it is gone through. */
static enum err_code add_children(struct selection *s, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < s->keys.n && rc == E_OK; i++) {
        struct instance_keys down = { NULL, 0, 0 };
        arena_reset(&s->scratch);
        rc = neighbours_downstream(&s->tasks, s->keys.items[i], &down, e);
        for (size_t k = 0; k < down.n && rc == E_OK; k++) {
            bool in_scope = false;
            rc = is_in_scope(s, down.items[k], &in_scope, e);
            if (rc == E_OK && in_scope)
                rc = add(s, down.items[k], e);
        }
        mem_free(down.items);
    }
    return rc;
}

static enum err_code require_cycle(struct selection *s, int64_t task_id, struct err *e)
{
    struct pair_key key = { (uint64_t)task_id, 0 };
    enum err_code rc = E_OK;

    if (!(s->how->cycle_flags & INSTANCE_WAIT_CYCLE) || pair_map_get(&s->cyclic, key))
        return E_OK;
    rc = task_require_cycle(engine_view(s->g), &s->scratch, task_id, e);
    if (rc == E_OK)
        pair_map_put(&s->cyclic, key, s);
    return rc;
}

static enum err_code select_all(struct selection *s, struct err *e)
{
    enum err_code rc = E_OK;

    for (int i = 0; i < s->r->n_keys && rc == E_OK; i++) {
        struct instance_row row;
        rc = row_of(s, s->r->keys[i], &row, e);
        if (rc == E_OK)
            map_put(&s->workflows, row.workflow_id, s);
        if (rc == E_OK)
            rc = require_cycle(s, row.task_id, e);
        if (rc == E_OK)
            rc = add(s, s->r->keys[i], e);
    }
    s->n_named = s->keys.n;
    return rc == E_OK && s->how->children ? add_children(s, e) : rc;
}

static unsigned flags_of(const struct rerun *how)
{
    unsigned checks = how->check_all                      ? 0
                      : how->check_scope || how->children ? INSTANCE_PLAN_UPSTREAMS
                                                          : INSTANCE_SKIP_UPSTREAMS;

    return checks | how->cycle_flags | (how->skip_events ? INSTANCE_SKIP_EVENTS : 0);
}

/* A child that still waits will run after its parents anyway. */
static bool waits(const struct instance *i)
{
    return i->state == INSTANCE_WAIT_EVENT || i->state == INSTANCE_WAIT_UPSTREAM;
}

static enum err_code rerun_one(struct selection *s, size_t at, struct job *job, struct err *e)
{
    struct engine *g = s->g;
    struct instance_row row;
    struct instance old;
    struct err why = ERR_INIT;
    bool active = false;
    arena_reset(&s->scratch);
    enum err_code rc = row_of(s, s->keys.items[at], &row, e);
    if (rc != E_OK)
        return rc;
    instance_from_row(&row, &old);
    struct backfill_wish w = {
        .task_id = old.key.task_id,
        .firing = { .planned = old.planned, .at = old.fire_at, .data_time = old.key.data_time },
        .flags = flags_of(s->how),
        .plan_id = job->id,
        .existing = &old,
        .rerun = true
    };
    if (core_backfill_check(g->core, &w, &active, &why) == E_OK) {
        core_backfill(g->core, &w, g->now);
        job_success(job);
    } else if (active && at >= s->n_named && waits(&old)) {
        job_success(job);
    } else if (active) {
        job_failure(job, instance_text(g, old.key), instance_state_name(old.state),
                    instance_state_name(old.state));
    } else {
        job_failure(job, instance_text(g, old.key), why.text, why.text_zh);
    }
    return E_OK;
}

enum err_code instances_rerun(struct engine *g, const struct instance_request *r,
                              const struct rerun *how, struct str *ret_id, struct err *e)
{
    struct selection s = { .g = g, .r = r, .how = how };
    struct instance *named;
    struct job job;
    enum err_code rc = instances_load(g, r, &named, e);

    if (rc != E_OK)
        return rc;
    map_init(&s.workflows);
    pair_map_init(&s.seen);
    pair_map_init(&s.cyclic);
    arena_init(&s.scratch);
    task_outlines_init(&s.tasks, engine_view(g));
    rc = job_begin(&job, g, JOB_RERUN, r->project_id, r->uin, r->doc, e);
    if (rc == E_OK)
        rc = reach_open(&s.reach, engine_view(g), engine_actor(g), r->project_id, e);
    if (rc == E_OK)
        rc = select_all(&s, e);
    for (size_t i = how->self ? 0 : s.n_named; i < s.keys.n && rc == E_OK; i++)
        rc = rerun_one(&s, i, &job, e);
    if (rc == E_OK && job.succeeded + job.failed == 0)
        job_success(&job); /* no child is there: nothing to do */
    if (rc == E_OK)
        rc = job_finish(&job, e);
    *ret_id = job.id;
    job_done(&job);
    map_done(&s.workflows);
    pair_map_done(&s.seen);
    pair_map_done(&s.cyclic);
    task_outlines_done(&s.tasks);
    arena_done(&s.scratch);
    reach_close(&s.reach);
    mem_free(s.keys.items);
    return rc;
}
