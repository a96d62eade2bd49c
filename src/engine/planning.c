/* engine/planning.c - the making of a backfill plan's rounds, see planning.h. */
#include "engine/planning.h"

#include "base/pack.h"
#include "engine/engine_int.h"

enum { SLICE_TEXT_MAX = PLANNING_SLICE * 110 }; /* five numbers of at most 21 characters each */

size_t planning_slice(const struct engine *g)
{
    int wanted = g->config.plan_slice;

    return wanted > 0 && wanted < PLANNING_SLICE ? (size_t)wanted : PLANNING_SLICE;
}

int64_t planning_at_once(const struct engine *g)
{
    return g->config.plan_slice > 0 ? (int64_t)planning_slice(g) : PLANNING_AT_ONCE;
}

/* So many of the plan in a slice that a slice does not look at much more than PLANNING_LOOKS. */
static size_t slice_size(const struct engine *g, const struct planning *p)
{
    int64_t size = (int64_t)planning_slice(g);
    int64_t light = p->looks > 0 ? (int64_t)p->n * PLANNING_LOOKS / p->looks : size;

    return (size_t)(light >= size ? size : light > 0 ? light : 1);
}

static bool is_made_at_once(const struct engine *g, const struct planning *p)
{
    bool light = g->config.plan_slice > 0 ? p->n <= slice_size(g, p)
                                          : p->looks <= 4 * (int64_t)PLANNING_LOOKS;

    return light && (int64_t)p->n <= planning_at_once(g);
}

/* ---- a slice as text ------------------------------------------------------------------------ */

/* Seconds from the data time to the planned time, and from that, read as UTC, to the instant. */
static int64_t lead_of(const struct planned_round *r)
{
    return r->firing.planned.s - r->firing.data_time.s;
}
static int64_t offset_of(const struct planned_round *r)
{
    return r->firing.at.us - r->firing.planned.s * 1000000;
}

/* Of what is read back: a store that is damaged may say anything. */
static const int64_t FAR_S = 1000000000000;

static int64_t unpack_further(struct unpack *u, int64_t from, int64_t most)
{
    int64_t v = from + unpack_number(u, -most, most);

    u->bad = u->bad || v < -most || v > most;
    return u->bad ? 0 : v;
}

/* Each by its difference to the one before, which is mostly nothing, or a day. */
static struct str slice_pack(struct engine *g, const struct planning *s)
{
    struct planned_round last = { .task_id = 0 };
    struct buf out;

    buf_init(&out, SLICE_TEXT_MAX + 64);
    pack_number(&out, s->flags);
    pack_number(&out, (int64_t)s->n);
    for (size_t i = 0; i < s->n; i++) {
        const struct planned_round *r = &s->rounds[i];
        pack_number(&out, r->task_id - last.task_id);
        pack_number(&out, r->firing.data_time.s - last.firing.data_time.s);
        pack_number(&out, lead_of(r) - lead_of(&last));
        pack_number(&out, offset_of(r) - offset_of(&last));
        pack_number(&out, r->left);
        last = *r;
    }
    struct str text = arena_str(&g->arena, buf_str(&out));
    buf_done(&out);
    return text;
}

static enum err_code slice_unpack(struct engine *g, const struct plan_slice_row *row,
                                  struct planning *ret, struct err *e)
{
    struct unpack u = { .rest = row->doc };
    struct planned_round last = { .task_id = 0 };
    int64_t lead = 0, offset = 0;

    ret->plan_id = row->plan_id;
    ret->flags = (unsigned)unpack_number(&u, 0, UINT32_MAX);
    ret->n = (size_t)unpack_number(&u, 0, PLANNING_SLICE);
    ret->rounds = ARENA_ARRAY(&g->arena, struct planned_round, ret->n + 1);
    for (size_t i = 0; i < ret->n && !u.bad; i++) {
        last.task_id = unpack_further(&u, last.task_id, INT64_MAX / 2);
        last.firing.data_time.s = unpack_further(&u, last.firing.data_time.s, FAR_S);
        lead = unpack_further(&u, lead, FAR_S);
        offset = unpack_further(&u, offset, FAR_S * 1000000);
        last.firing.planned.s = last.firing.data_time.s + lead;
        last.firing.at.us = last.firing.planned.s * 1000000 + offset;
        last.left = unpack_number(&u, 0, 1) != 0;
        ret->rounds[i] = last;
    }
    if (unpack_ended(&u))
        return E_OK;
    return err_set(e, E_CORRUPT,
                   "the store (weft.db) is damaged: slice %lld of plan %.*s cannot be read; "
                   "docs/operations.md, \"A store that is damaged\"",
                   (long long)row->number, STR_ARG(row->plan_id));
}

/* ---- making --------------------------------------------------------------------------------- */

/* Is there any instance of the task from one data time to the other?  Most plans are for days of
 * which nothing is there, and one look is less than one for each. */
static enum err_code any_between(struct engine *g, const struct planned_round *first,
                                 const struct planned_round *last, bool *ret, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;

    query_newest_instance(&q, first->task_id, (struct civil){ last->firing.data_time.s + 1 });
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    if (rc == E_OK)
        *ret =
            n > 0 && ((const struct instance_row *)rows)->data_time.s >= first->firing.data_time.s;
    return rc;
}

/* There is an instance that is over: the plan has its next round. */
static enum err_code find_ended(struct engine *g, struct instance_key key,
                                const struct instance **ret, struct err *e)
{
    struct instance_row row = { .task_id = key.task_id, .data_time = key.data_time };
    enum err_code rc = row_get(engine_view(g), &table_instance, &g->arena, &row, e);

    if (rc == E_MISSING)
        return E_OK;
    if (rc == E_OK) {
        struct instance *i = ARENA_NEW(&g->arena, struct instance);
        instance_from_row(&row, i);
        *ret = i;
    }
    return rc;
}

/* looks: something may be there of it. */
static enum err_code make_round(struct engine *g, const struct planning *s,
                                const struct planned_round *r, bool looks, struct err *e)
{
    struct backfill_wish w = {
        .task_id = r->task_id, .firing = r->firing, .flags = s->flags, .plan_id = s->plan_id
    };
    struct instance_key key = { r->task_id, r->firing.data_time };
    struct plan_instance_row row = { .plan_id = s->plan_id,
                                     .task_id = r->task_id,
                                     .data_time = r->firing.data_time,
                                     .own = !r->left };
    const struct instance *live = core_instance_get(g->core, key);
    enum err_code rc = live || !looks ? E_OK : find_ended(g, key, &w.existing, e);

    /* When the plan was made, or since then, it was active, or may not run again: left as it is. */
    bool active;
    bool doomed = live && core_is_doomed(g->core, key);
    bool left =
        r->left || (live && !doomed) ||
        ((w.existing || doomed) && core_backfill_check(g->core, &w, &active, NULL) == E_DENIED);
    if (live)
        row.round = live->round + !left;
    else if (w.existing)
        row.round = w.existing->round + !left;
    if (rc == E_OK)
        rc = row_insert(g->config.store, &table_plan_instance, &row, NULL, e);
    if (rc == E_OK && !r->left && core_task_has(g->core, r->task_id))
        core_backfill(g->core, &w, g->now);
    return rc;
}

static enum err_code make_slice(struct engine *g, const struct planning *s, struct err *e)
{
    enum err_code rc = effects_flush(g, e); /* the store is asked for what is over */

    for (size_t i = 0, end; i < s->n && rc == E_OK; i = end) {
        bool looks = true;
        for (end = i + 1; end < s->n && s->rounds[end].task_id == s->rounds[i].task_id;)
            end++;
        if (end - i > 1)
            rc = any_between(g, &s->rounds[i], &s->rounds[end - 1], &looks, e);
        for (size_t k = i; k < end && rc == E_OK; k++)
            rc = make_round(g, s, &s->rounds[k], looks, e);
    }
    return rc;
}

/* Of a plan that is being deleted. */
static void withdraw(struct engine *g, const struct planning *s)
{
    struct instance_key *keys = ARENA_ARRAY(&g->arena, struct instance_key, s->n + 1);

    for (size_t i = 0; i < s->n; i++)
        keys[i] = (struct instance_key){ s->rounds[i].task_id, s->rounds[i].firing.data_time };
    core_plan_withdraw(g->core, s->plan_id, keys, s->n, g->now);
}

static enum err_code take_row(struct engine *g, const struct plan_slice_row *row, struct err *e)
{
    struct planning s;
    enum err_code rc = slice_unpack(g, row, &s, e);

    if (rc == E_OK && core_plan_is_doomed(g->core, row->plan_id))
        withdraw(g, &s);
    else if (rc == E_OK)
        rc = make_slice(g, &s, e);
    if (rc == E_OK)
        rc = row_delete(g->config.store, &table_plan_slice, row, e);
    if (rc == E_OK)
        g->slices--;
    return rc;
}

bool planning_is_due(const struct engine *g)
{
    return g->slices > 0;
}

static enum err_code next_row(struct engine *g, struct query *q, bool *ret, struct err *e)
{
    void *rows;
    size_t n;

    query_order(q, PLAN_SLICE_NUMBER, false);
    q->limit = 1;
    enum err_code rc = query_rows(engine_view(g), q, &g->arena, &rows, &n, e);
    *ret = rc == E_OK && n > 0;
    return *ret ? take_row(g, rows, e) : rc;
}

enum err_code planning_step(struct engine *g, struct err *e)
{
    struct query q;
    bool found;

    query_init(&q, &table_plan_slice);
    return next_row(g, &q, &found, e);
}

/* Tell the core what is to come. */
static void promise(struct engine *g, const struct planning *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct planned_round *r = &s->rounds[i];
        if (!r->left && core_task_has(g->core, r->task_id))
            core_promise(g->core, s->plan_id,
                         (struct instance_key){ r->task_id, r->firing.data_time });
    }
}

/* ---- a new plan ----------------------------------------------------------------------------- */

static enum err_code next_number(struct engine *g, int64_t *ret, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_plan_slice);
    query_order(&q, PLAN_SLICE_NUMBER, true);
    q.limit = 1;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
    if (rc == E_OK)
        *ret = n > 0 ? ((const struct plan_slice_row *)rows)->number + 1 : 1;
    return rc;
}

static enum err_code write_slices(struct engine *g, const struct planning *all, struct err *e)
{
    const size_t size = slice_size(g, all);
    int64_t number, written = 0;
    enum err_code rc = next_number(g, &number, e);

    for (size_t i = 0; i < all->n && rc == E_OK; i += size, written++) {
        struct planning s = *all;
        s.rounds = all->rounds + i;
        s.n = all->n - i < size ? all->n - i : size;
        struct plan_slice_row row = { .number = number + written,
                                      .plan_id = s.plan_id,
                                      .first_task = s.rounds[0].task_id,
                                      .last_task = s.rounds[s.n - 1].task_id,
                                      .doc = slice_pack(g, &s) };
        rc = row_insert(g->config.store, &table_plan_slice, &row, NULL, e);
    }
    if (rc == E_OK)
        g->slices += written;
    return rc;
}

/* What was promised is made before what a later plan leaves as it is. */
static bool leaves_promised(const struct engine *g, const struct planning *s)
{
    for (size_t i = 0; i < s->n && g->slices > 0; i++)
        if (s->rounds[i].left && !str_is_empty(core_task_promised(g->core, s->rounds[i].task_id)))
            return true;
    return false;
}

enum err_code planning_room(struct engine *g, size_t n, const char *path, struct err *e)
{
    struct core_stats stats;

    core_stats(g->core, &stats);
    if (stats.promised + n <= PLANNING_MAX)
        return E_OK;
    return err_user(e, E_LIMIT, path,
                    "plans are still being made, and %zu instances of them are to come; with "
                    "these it would be more than %d; try again in a minute",
                    "仍有补录计划正在生成，还有 %zu 个实例待生成，加上本次将超过 %d 个，请稍后重试",
                    stats.promised, PLANNING_MAX);
}

enum err_code planning_begin(struct engine *g, const struct planning *p, struct err *e)
{
    if (is_made_at_once(g, p) && !leaves_promised(g, p))
        return make_slice(g, p, e);
    enum err_code rc = write_slices(g, p, e);
    if (rc == E_OK)
        promise(g, p);
    return rc;
}

/* ---- the end of a task, or of a plan -------------------------------------------------------- */

enum err_code planning_finish_task(struct engine *g, int64_t task_id, struct err *e)
{
    struct str promised;
    struct query q;
    void *rows;
    size_t n;
    enum err_code rc = E_OK;

    if (str_is_empty(core_task_promised(g->core, task_id)))
        return E_OK;
    while (rc == E_OK && (promised = core_task_promised(g->core, task_id)).len > 0) {
        query_init(&q, &table_plan_slice);
        query_text(&q, PLAN_SLICE_PLAN_ID, QUERY_EQ, arena_str(&g->arena, promised));
        query_number(&q, PLAN_SLICE_FIRST_TASK, QUERY_LE, task_id);
        query_number(&q, PLAN_SLICE_LAST_TASK, QUERY_GE, task_id);
        query_order(&q, PLAN_SLICE_NUMBER, false);
        rc = query_rows(engine_view(g), &q, &g->arena, &rows, &n, e);
        if (rc == E_OK && n == 0)
            rc = err_set(e, E_CORRUPT, "what is to be made of task %lld is not in the store",
                         (long long)task_id);
        for (size_t i = 0; i < n && rc == E_OK; i++)
            rc = take_row(g, (const struct plan_slice_row *)rows + i, e);
    }
    core_resolve(g->core, g->now);
    return rc == E_OK ? effects_flush(g, e) : rc;
}

static void query_of_plan(struct query *q, struct str plan_id)
{
    query_init(q, &table_plan_slice);
    query_text(q, PLAN_SLICE_PLAN_ID, QUERY_EQ, plan_id);
}

enum err_code planning_withdraw(struct engine *g, struct str plan_id, bool *ret, struct err *e)
{
    struct query q;

    *ret = false;
    query_of_plan(&q, plan_id);
    return g->slices > 0 ? next_row(g, &q, ret, e) : E_OK;
}

enum err_code planning_goes_on(struct engine *g, struct str plan_id, bool *ret, struct err *e)
{
    struct query q;

    *ret = false;
    query_of_plan(&q, plan_id);
    return g->slices > 0 ? query_any(engine_view(g), &q, ret, e) : E_OK;
}

/* ---- start ---------------------------------------------------------------------------------- */

struct loading {
    struct engine *g;
    enum err_code rc;
    struct err *e;
};

static bool load_slice(void *ctx, const void *row)
{
    struct loading *l = ctx;
    struct planning s;

    l->rc = slice_unpack(l->g, row, &s, l->e);
    if (l->rc == E_OK)
        promise(l->g, &s);
    l->g->slices++;
    return l->rc == E_OK;
}

enum err_code planning_load(struct engine *g, struct err *e)
{
    struct loading l = { g, E_OK, e };
    struct query q;

    g->slices = 0;
    query_init(&q, &table_plan_slice);
    query_order(&q, PLAN_SLICE_NUMBER, false);
    enum err_code rc = query_run(engine_view(g), &q, load_slice, &l, e);
    return rc != E_OK ? rc : l.rc;
}
