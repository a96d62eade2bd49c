/* engine/alarm_watch.c - limits of time: when the next one of a live instance passes, and what
 * passed.
 *
 * A watch remembers the instance as it was last said to be, so a change that comes late (a run that
 * ended while the server was down) still finds the limits that had passed before it.
 */
#include "engine/alarm_int.h"

#include "model/task.h"

enum { MEANS_OF = 10, MEANS_LEAST = 3, MEANS_LOOK = 50, WATCHES_PER_TURN = 5000 };

static struct pair_key pair_of(struct instance_key key)
{
    return (struct pair_key){ (uint64_t)key.task_id, (uint64_t)key.data_time.s };
}

bool alarm_watch_less(const struct heap_node *a, const struct heap_node *b)
{
    const struct alarm_watch *x = CONTAINER_OF(a, struct alarm_watch, node);
    const struct alarm_watch *y = CONTAINER_OF(b, struct alarm_watch, node);

    if (x->due.us != y->due.us)
        return x->due.us < y->due.us;
    return x->key.task_id != y->key.task_id ? x->key.task_id < y->key.task_id
                                            : x->key.data_time.s < y->key.data_time.s;
}

void alarm_watches_clear(struct alarms *a)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&a->watches, &at, &key, &value))
        mem_free(value);
    pair_map_done(&a->watches);
    pair_map_init(&a->watches);
    heap_done(&a->due);
    heap_init(&a->due, alarm_watch_less);
}

static void watch_end(struct alarms *a, struct alarm_watch *w)
{
    heap_remove(&a->due, &w->node);
    pair_map_remove(&a->watches, pair_of(w->key));
    mem_free(w);
}

void alarm_watch_drop(struct alarms *a, struct instance_key key)
{
    struct alarm_watch *w = a->watches.len > 0 ? pair_map_get(&a->watches, pair_of(key)) : NULL;

    if (w)
        watch_end(a, w);
}

static void watch_due(struct alarms *a, struct alarm_watch *w, struct wall due)
{
    w->due = due;
    if (due.us == WALL_FAR.us)
        heap_remove(&a->due, &w->node);
    else if (heap_has(&w->node))
        heap_update(&a->due, &w->node);
    else
        heap_add(&a->due, &w->node);
}

/* ---- averages ------------------------------------------------------------------------------ */

struct means_sum {
    int n;
    int64_t run, wait, whole;
};

/* A dry run took no time, and says nothing. */
static bool add_mean(void *ctx, const void *row)
{
    struct means_sum *s = ctx;
    const struct instance_row *i = row;

    if (i->state != INSTANCE_COMPLETED || !wall_is_set(i->started_at))
        return true;
    int64_t since =
        i->round_at.us > i->fire_at.us || run_type_is_asked_for((enum run_type)i->run_type)
            ? i->round_at.us
            : i->fire_at.us;
    s->run += i->ended_at.us - i->started_at.us;
    s->wait += i->started_at.us - since;
    s->whole += i->ended_at.us - since;
    return ++s->n < MEANS_OF;
}

static enum err_code find_means(struct engine *g, int64_t task_id, struct alarm_means *ret,
                                struct err *e)
{
    struct means_sum s = { .n = 0 };
    struct query q;

    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, task_id);
    query_order(&q, INSTANCE_DATA_TIME, true);
    q.limit = MEANS_LOOK;
    enum err_code rc = query_run(engine_view(g), &q, add_mean, &s, e);
    if (rc == E_OK && s.n >= MEANS_LEAST)
        *ret = (struct alarm_means){ true, { s.run / s.n }, { s.wait / s.n }, { s.whole / s.n } };
    return rc;
}

/* ---- limits -------------------------------------------------------------------------------- */

/* The limits of the rule for such a round. */
static const struct alarm_limit *limits_of(const struct alarm_rule *r, enum run_type t, int *ret_n)
{
    bool redo = alarm_is_redo(t), any = r->types & 1u << ALARM_OVERTIME;

    *ret_n = !any ? 0 : redo ? r->n_redo_limits : r->n_limits;
    return redo ? r->redo_limits : r->limits;
}

static enum err_code means_for(struct engine *g, const struct alarm_target *t,
                               const struct alarm_watch *w, struct alarm_means *ret, struct err *e)
{
    *ret = (struct alarm_means){ .known = false };
    for (int k = 0; k < t->n; k++) {
        int n;
        const struct alarm_limit *limits = limits_of(&t->rules[k]->rule, w->facts.run_type, &n);
        for (int i = 0; i < n; i++)
            if (limits[i].average)
                return find_means(g, w->key.task_id, ret, e);
    }
    return E_OK;
}

static enum err_code fire_limit(struct engine *g, const struct alarm_held *h,
                                const struct alarm_watch *w, const struct alarm_limit *l,
                                struct err *e)
{
    static const char *const texts[][2] = {
        [ALARM_RUNS_LONG] = { "runs for too long", "运行耗时超时" },
        [ALARM_NOT_BY_CLOCK] = { "is not done in time", "未按预计时间完成" },
        [ALARM_WAITS_LONG] = { "waits for too long", "等待调度超时" },
        [ALARM_NOT_IN_CYCLE] = { "is not done within its cycle", "周期内未完成" },
    };
    struct arena *a = &g->arena;
    struct alarm_event v = { .rule = h,
                             .key = w->key,
                             .round = w->round,
                             .reason = arena_printf(a, "overtime:%d", (int)l->kind),
                             .once = arena_printf(a, "overtime:%d:%d:%d", (int)l->kind,
                                                  l->average ? 2 : 1, l->minutes) };
    const char *zone = l->zone ? zone_name(l->zone) : "";

    v.english = str_from(texts[l->kind][0]);
    v.chinese = str_from(texts[l->kind][1]);
    if (l->kind == ALARM_NOT_BY_CLOCK && !l->average) {
        v.english = arena_printf(a, "%s: not by %02d:%02d (%s)", v.english.ptr, l->minutes / 60,
                                 l->minutes % 60, zone);
        v.chinese = arena_printf(a, "%s：%02d:%02d（%s）", v.chinese.ptr, l->minutes / 60,
                                 l->minutes % 60, zone);
    } else if (l->kind != ALARM_NOT_IN_CYCLE) {
        v.english = arena_printf(a, "%s: more than %s%d minutes", v.english.ptr,
                                 l->average ? "the average and " : "", l->minutes);
        v.chinese = arena_printf(a, "%s：超过%s %d 分钟", v.chinese.ptr,
                                 l->average ? "平均值加" : "", l->minutes);
    }
    return alarm_fire(g, &v, e);
}

/* Fire every limit that passed up to `upto`, and find when the next one does. */
static enum err_code look(struct engine *g, const struct alarm_target *t,
                          const struct alarm_watch *w, struct wall upto, struct wall *ret_next,
                          struct err *e)
{
    struct alarm_means means;
    enum err_code rc = means_for(g, t, w, &means, e);

    *ret_next = WALL_FAR;
    for (int k = 0; k < t->n && rc == E_OK; k++) {
        int n;
        const struct alarm_limit *limits = limits_of(&t->rules[k]->rule, w->facts.run_type, &n);
        for (int i = 0; i < n && rc == E_OK; i++) {
            struct wall due = alarm_deadline(&limits[i], &w->facts, &means);
            if (due.us <= upto.us)
                rc = fire_limit(g, t->rules[k], w, &limits[i], e);
            else if (due.us < ret_next->us)
                *ret_next = due;
        }
    }
    return rc;
}

/* ---- watches ------------------------------------------------------------------------------- */

static void take_facts(struct engine *g, struct alarm_watch *w, const struct instance *i)
{
    w->round = i->round;
    w->facts =
        (struct alarm_facts){ .state = i->state,
                              .run_type = i->run_type,
                              .tries = i->tries,
                              .fire_at = i->fire_at,
                              .round_at = i->round_at,
                              .started_at = i->started_at,
                              .next_at = core_firing_after(g->core, i->key.task_id, i->planned) };
}

enum err_code alarm_watch_set(struct engine *g, const struct alarm_target *t,
                              const struct instance *i, struct err *e)
{
    struct alarms *a = g->alarms;
    struct alarm_watch *w = pair_map_get(&a->watches, pair_of(i->key));
    bool over = instance_state_is_terminal(i->state);
    struct wall next, at = over && wall_is_set(i->ended_at) ? i->ended_at : i->updated_at;
    enum err_code rc = E_OK;

    if (w && w->round == i->round)
        rc = look(g, t, w, at, &next, e);
    if (w && over)
        watch_end(a, w);
    if (rc != E_OK || over)
        return rc;
    if (!w) {
        w = NEW(struct alarm_watch);
        w->key = i->key;
        pair_map_put(&a->watches, pair_of(i->key), w);
    }
    take_facts(g, w, i);
    /* What has passed already is fired when its turn comes, which is at once. */
    rc = look(g, t, w, (struct wall){ 0 }, &next, e);
    if (rc == E_OK)
        watch_due(a, w, next);
    return rc;
}

enum err_code alarm_watch_advance(struct engine *g, struct err *e)
{
    struct alarms *a = g->alarms;
    struct heap_node *top;
    enum err_code rc = E_OK;

    for (int n = 0; n < WATCHES_PER_TURN && rc == E_OK && (top = heap_top(&a->due)); n++) {
        struct alarm_watch *w = CONTAINER_OF(top, struct alarm_watch, node);
        struct alarm_target *t;
        struct wall next = WALL_FAR;
        if (w->due.us > g->now.us)
            break;
        rc = alarm_target_get(g, w->key.task_id, &t, e);
        if (rc == E_OK && t)
            rc = look(g, t, w, g->now, &next, e);
        if (rc == E_OK)
            watch_due(a, w, next);
    }
    return rc;
}

struct watching {
    struct engine *g;
    enum err_code rc;
    struct err *e;
};

static void watch_live(void *ctx, const struct instance *i)
{
    struct watching *w = ctx;
    struct alarm_target *t = NULL;

    if (w->rc == E_OK)
        w->rc = alarm_target_get(w->g, i->key.task_id, &t, w->e);
    if (w->rc == E_OK && t && t->timed)
        w->rc = alarm_watch_set(w->g, t, i, w->e);
}

enum err_code alarm_watch_all(struct engine *g, struct err *e)
{
    struct watching w = { .g = g, .e = e };

    core_each_instance(g->core, watch_live, &w);
    return w.rc;
}
