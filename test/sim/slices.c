/* test/sim/slices.c - see slices.h. */
#include "slices.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/pack.h"
#include "checkers.h"

/* Does a slice make anything?  Of those that were active already it only says that they belong to
 * the plan, and nobody waits for that.  flags, n, then five numbers for each round, the last of
 * them whether it was active. */
static bool makes(struct str doc)
{
    struct unpack u = { .rest = doc };
    int64_t n = (unpack_number(&u, 0, UINT32_MAX), unpack_number(&u, 0, INT64_MAX));
    bool found = false;

    for (int64_t k = 0; k < 5 * n && !u.bad; k++)
        found = (unpack_number(&u, -INT64_MAX, INT64_MAX) == 0 && k % 5 == 4) || found;
    check(unpack_ended(&u));
    return found;
}

/* ---- what is still to be made ---------------------------------------------------------------- */

/* The first two of the five are the task and the data time, as differences to the one before; what
 * was active is left as it is. */
static bool take_slice(void *ctx, const void *row)
{
    struct sim_promises *p = ctx;
    const struct plan_slice_row *r = row;
    struct unpack u = { .rest = r->doc };
    int64_t n = (unpack_number(&u, 0, UINT32_MAX), unpack_number(&u, 0, INT64_MAX));
    struct instance_key key = { 0 };

    for (int64_t k = 0; k < n && !u.bad; k++) {
        key.task_id += unpack_number(&u, -INT64_MAX, INT64_MAX);
        key.data_time.s += unpack_number(&u, -INT64_MAX, INT64_MAX);
        unpack_number(&u, -INT64_MAX, INT64_MAX);
        unpack_number(&u, -INT64_MAX, INT64_MAX);
        if (unpack_number(&u, 0, 1) != 0)
            continue;
        p->items = mem_grow(p->items, &p->cap, p->n + 1, sizeof(*p->items));
        p->items[p->n++] = (struct sim_promise){ key, hash_bytes(r->plan_id.ptr, r->plan_id.len) };
    }
    return true;
}

static bool name_slice(void *ctx, const void *row)
{
    uint64_t *names = ctx;
    const struct plan_slice_row *r = row;

    *names = hash_u64(*names + hash_bytes(r->plan_id.ptr, r->plan_id.len) + (uint64_t)r->number);
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct sim_promise *x = a, *y = b;

    if (x->key.task_id != y->key.task_id)
        return x->key.task_id < y->key.task_id ? -1 : 1;
    return x->key.data_time.s < y->key.data_time.s ? -1 : x->key.data_time.s > y->key.data_time.s;
}

/* Every round that some plan is still to make, by the store as it is at this moment, in the order
 * of the keys.  A slice never changes, so they are read again only when others are there. */
static const struct sim_promises *promised(struct sim *s)
{
    struct sim_promises *p = &s->promises;
    uint64_t names = 1;
    struct query q;

    query_init(&q, &table_plan_slice);
    check(query_run(store_view(s->store), &q, name_slice, &names, NULL) == E_OK);
    if (names == p->names)
        return p;
    p->names = names;
    p->n = 0;
    check(query_run(store_view(s->store), &q, take_slice, p, NULL) == E_OK);
    if (p->n > 0)
        qsort(p->items, p->n, sizeof(*p->items), by_key);
    return p;
}

/* How many come before the key. */
static size_t place_of(const struct sim_promises *p, struct instance_key key)
{
    size_t low = 0, high = p->n;
    struct sim_promise wanted = { key, 0 };

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_key(&p->items[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool slices_newest(struct sim *s, int64_t task_id, struct civil before, struct civil *ret)
{
    const struct sim_promises *p = promised(s);
    size_t at = place_of(p, (struct instance_key){ task_id, before });

    if (at == 0 || p->items[at - 1].key.task_id != task_id)
        return false;
    *ret = p->items[at - 1].key.data_time;
    return true;
}

static bool same_key(struct instance_key a, struct instance_key b)
{
    return a.task_id == b.task_id && a.data_time.s == b.data_time.s;
}

/* Is the plan still to make it? */
static bool is_promised(struct sim *s, struct str plan_id, struct instance_key key)
{
    const struct sim_promises *p = promised(s);
    uint64_t plan = hash_bytes(plan_id.ptr, plan_id.len);

    for (size_t k = place_of(p, key); k < p->n && same_key(p->items[k].key, key); k++)
        if (p->items[k].plan == plan)
            return true;
    return false;
}

bool slices_member(struct sim *s, struct str plan_id, struct instance_key key)
{
    struct query q;
    bool found = false;

    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    query_number(&q, PLAN_INSTANCE_TASK_ID, QUERY_EQ, key.task_id);
    query_number(&q, PLAN_INSTANCE_DATA_TIME, QUERY_EQ, key.data_time.s);
    query_number(&q, PLAN_INSTANCE_OWN, QUERY_EQ, 1);
    check(query_any(store_view(s->store), &q, &found, NULL) == E_OK);
    return found || is_promised(s, plan_id, key);
}

void slices_on_begin(struct sim *s, const struct instance *i)
{
    struct plan_instance_row row = { .plan_id = i->plan_id,
                                     .task_id = i->key.task_id,
                                     .data_time = i->key.data_time,
                                     .round = i->round };
    enum err_code rc = row_get(store_view(s->store), &table_plan_instance, &s->arena, &row, NULL);

    sim_check(s, rc == E_IO || (rc == E_OK && row.own), /* a store that failed: nothing is kept */
              "7.1: a plan makes round %d of task %" PRId64 ", and does not count it as its own",
              (int)i->round, i->key.task_id - SIM_TASK_ID(0));
}

bool slices_had_member(struct sim *s, struct str plan_id, const struct track *t, uint64_t seq)
{
    return existed_at(t, seq) &&
           (was_of_plan(t, seq, plan_id) || slices_member(s, plan_id, t->key));
}

bool slices_came_first(struct sim *s, struct engine *g, struct instance_key *ret)
{
    struct sim_promises next = { .n = 0 };
    struct query q;
    bool found = false;

    query_init(&q, &table_plan_slice);
    query_order(&q, PLAN_SLICE_NUMBER, false);
    q.limit = 1;
    check(query_run(store_view(s->store), &q, take_slice, &next, NULL) == E_OK);
    for (size_t k = 0; k < next.n && !found; k++) {
        *ret = next.items[k].key;
        found = core_instance_get(engine_core(g), *ret) && !core_is_doomed(engine_core(g), *ret);
    }
    mem_free(next.items);
    return found;
}

/* ---- by plan --------------------------------------------------------------------------------- */

static bool look_at(void *ctx, const void *row)
{
    bool *found = ctx;

    *found = makes(((const struct plan_slice_row *)row)->doc);
    return !*found;
}

static void query_slices(struct query *q, struct str plan_id)
{
    query_init(q, &table_plan_slice);
    query_text(q, PLAN_SLICE_PLAN_ID, QUERY_EQ, plan_id);
}

bool slices_go_on(struct sim *s, struct str plan_id)
{
    struct query q;
    bool found = false;

    query_slices(&q, plan_id);
    check(query_any(store_view(s->store), &q, &found, NULL) == E_OK);
    return found;
}

static bool any_goes_on(struct sim *s)
{
    struct query q;
    bool found = false;

    query_init(&q, &table_plan_slice);
    check(query_any(store_view(s->store), &q, &found, NULL) == E_OK);
    return found;
}

static bool slices_make(struct sim *s, struct str plan_id)
{
    struct query q;
    bool found = false;

    query_slices(&q, plan_id);
    check(query_run(store_view(s->store), &q, look_at, &found, NULL) == E_OK);
    return found;
}

void slices_on_run(struct sim *s, const struct instance *i)
{
    if (i->flags & INSTANCE_DRY_RUN) /* decision 0033 */
        return;
    sim_check(s, str_is_empty(i->plan_id) || !slices_make(s, i->plan_id),
              "7.1: a round of task %" PRId64 " runs before all of its plan is made",
              i->key.task_id - SIM_TASK_ID(0));
}

/* ---- those that went on at once -------------------------------------------------------------- */

void slices_hasty(struct sim *s, const struct instance *i)
{
    struct sim_hasties *h = &s->hasty;

    if (str_is_empty(i->plan_id) && !any_goes_on(s))
        return;
    h->items = mem_grow(h->items, &h->cap, h->n + 1, sizeof(*h->items));
    h->items[h->n++] = (struct sim_hasty){ i->key, i->round };
}

/* Under a definition that was in force since its turn began. */
static bool went_on_rightly(struct sim *s, const struct sim_task *t, const struct instance *i)
{
    uint64_t turn = turn_since(s, i->key);
    bool ordered = sim_plan_limit(s, i->plan_id) > 0 || order_holds(s, i, false);

    for (const struct sim_version *v = t->versions; v; v = v->since > turn ? v->older : NULL)
        if (upstreams_find(s, v->spec, i, false, true).holds &&
            (ordered || v->spec->self_depend != SELF_ORDERLY))
            return true;
    return false;
}

/* False: some plan is not whole yet. */
static bool judge(struct sim *s, const struct sim_hasty *h)
{
    const struct instance *i = image_get(&s->image, h->key);
    const struct sim_task *t = sim_task_find(s, h->key.task_id);

    /* Of one that ended and runs again only the last round is judged. */
    if (!t->there || !i || i->round != h->round)
        return true;
    const struct sim_plan *p = sim_plan_find(s, i->plan_id);
    if (p && p->gone) /* what was to come never did */
        return true;
    if (any_goes_on(s))
        return false;
    sim_check(s, went_on_rightly(s, t, i), "I3: task %" PRId64 " goes on without those of its plan",
              t->id - SIM_TASK_ID(0));
    return true;
}

static void judge_hasty(struct sim *s)
{
    struct sim_hasties *h = &s->hasty;
    size_t kept = 0;

    for (size_t k = 0; k < h->n; k++)
        if (!judge(s, &h->items[k]))
            h->items[kept++] = h->items[k];
    h->n = h->committed = kept;
}

/* ---- whole plans ----------------------------------------------------------------------------- */

/* All that it counts is there.  It may have left with the history, or begun to, piece by piece. */
static void check_members(struct sim *s, struct str plan_id)
{
    struct plan_row plan = { .id = plan_id };
    struct query q;
    int64_t n;

    if (row_get(store_view(s->store), &table_plan, &s->arena, &plan, NULL) != E_OK ||
        (s->keep.us > 0 && wall_add(plan.created_at, s->keep).us <= s->now.us))
        return;
    query_init(&q, &table_plan_instance);
    query_text(&q, PLAN_INSTANCE_PLAN_ID, QUERY_EQ, plan_id);
    check(query_count(store_view(s->store), &q, &n, NULL) == E_OK);
    sim_check(s, n == plan.total, "7.1: a plan of %" PRId64 " instances has %" PRId64, plan.total,
              n);
}

/* What deletes a plan, or finishes a task of it, in the middle of its making. */
static void note(struct sim *s, struct sim_plan *p, bool goes_on)
{
    if (goes_on && !p->sliced)
        coverage_feature(s, SIM_HAS_plan_sliced);
    if (p->sliced && p->gone) {
        coverage_feature(s, SIM_HAS_plan_withdrawn);
        s->withdrawn = true;
    }
    p->sliced = goes_on;
}

bool slices_had(const struct sim *s, const struct track *t, uint64_t seq)
{
    if (existed_at(t, seq) || t->n == 0 || str_is_empty(t->moments[0].plan_id))
        return existed_at(t, seq);
    const struct sim_plan *p = sim_plan_find(s, t->moments[0].plan_id);
    return p && !p->rerun && t->gone == 0 && p->since < seq; /* at seq: behind what came then */
}

uint64_t slices_count_from(const struct sim *s, const struct track *t, uint64_t since)
{
    for (size_t k = t ? t->n : 0; k-- > 0 && t->moments[k].seq > since;) {
        const struct moment *m = &t->moments[k];
        const struct sim_plan *p = sim_plan_find(s, m->plan_id);
        bool begins = k == 0 || t->moments[k - 1].round != m->round;
        if (begins && p && !p->rerun && p->since < since)
            return m->seq;
    }
    return since;
}

void slices_commit(struct sim *s)
{
    struct sim_defs *d = &s->defs;

    judge_hasty(s);
    for (int k = 0; k < SIM_PLANS_MAX && k < d->n_plans; k++) {
        struct sim_plan *p = &d->plans[k];
        if (p->whole)
            continue;
        struct str id = str_from(p->id);
        bool goes_on = slices_go_on(s, id);
        note(s, p, goes_on);
        p->whole = !goes_on;
        if (p->whole && !p->gone)
            check_members(s, id);
    }
}

void slices_crash(struct sim *s)
{
    s->hasty.n = s->hasty.committed;
}

void slices_done(struct sim *s)
{
    mem_free(s->hasty.items);
    mem_free(s->promises.items);
}
