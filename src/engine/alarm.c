/* engine/alarm.c - the rules that are in force, whom they watch, and what they make of an effect.
 */
#include "engine/alarm.h"

#include "engine/alarm_int.h"

#include "model/task.h"
#include "sys/log.h"

struct alarms *alarms_new(void)
{
    struct alarms *a = NEW(struct alarms);

    map_init(&a->rules);
    map_init(&a->projects);
    pair_map_init(&a->targets);
    pair_map_init(&a->watches);
    pair_map_init(&a->flight);
    heap_init(&a->due, alarm_watch_less);
    arena_init(&a->bag_arena);
    a->next_slot = a->next_due = WALL_FAR;
    return a;
}

static void held_free(struct alarm_held *h)
{
    arena_done(&h->arena);
    mem_free(h);
}

static void targets_clear(struct alarms *a)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&a->targets, &at, &key, &value))
        mem_free(value);
    pair_map_done(&a->targets);
    pair_map_init(&a->targets);
}

static void rules_clear(struct alarms *a)
{
    size_t at = 0;
    struct str key;
    void *value;

    targets_clear(a);
    while (map_next(&a->rules, &at, &key, &value))
        held_free(value);
    at = 0;
    while (map_next(&a->projects, &at, &key, &value)) {
        struct alarm_project *p = value;
        mem_free(p->rules);
        mem_free((char *)(uintptr_t)p->id.ptr);
        mem_free(p);
    }
    map_done(&a->rules);
    map_done(&a->projects);
    map_init(&a->rules);
    map_init(&a->projects);
    a->n_timed = a->n_counting = 0;
}

void alarms_free(struct alarms *a)
{
    if (!a)
        return;
    alarm_watches_clear(a);
    rules_clear(a);
    map_done(&a->rules);
    map_done(&a->projects);
    pair_map_done(&a->targets);
    pair_map_done(&a->watches);
    pair_map_done(&a->flight);
    heap_done(&a->due);
    arena_done(&a->bag_arena);
    mem_free(a);
}

/* ---- rules --------------------------------------------------------------------------------- */

static bool is_timed(const struct alarm_held *h)
{
    return h->rule.types & 1u << ALARM_OVERTIME;
}

static struct alarm_project *project_of(struct alarms *a, struct str id)
{
    struct alarm_project *p = map_get(&a->projects, id);

    if (!p) {
        p = NEW(struct alarm_project);
        p->id = str_make(mem_strdup(id), id.len);
        map_put(&a->projects, id, p);
    }
    return p;
}

/* True: it has limits of time. */
static bool take_out(struct alarms *a, struct str id)
{
    struct alarm_held *h = map_remove(&a->rules, id);
    size_t at = 0;

    if (!h)
        return false;
    bool timed = is_timed(h);
    struct alarm_project *p = project_of(a, h->project_id);
    while (p->rules[at] != h)
        at++;
    memmove(&p->rules[at], &p->rules[at + 1], (--p->n - at) * sizeof(*p->rules));
    a->n_timed -= timed;
    a->n_counting -= h->rule.object == ALARM_OF_FLUCTUATION;
    held_free(h);
    targets_clear(a);
    return timed;
}

/* What this program wrote is read again.  Where that fails, be it for a time zone that the machine
 * has no more, that rule is silent: it is no reason for a server not to start. */
static void put_in(struct alarms *a, const struct alarm_rule_row *row)
{
    struct alarm_held *h = NEW(struct alarm_held);
    json_t *doc = json_loadb(row->doc.ptr ? row->doc.ptr : "", row->doc.len, 0, NULL);
    struct err why = ERR_INIT;

    arena_init(&h->arena);
    enum err_code rc = alarm_rule_decode(doc, &h->arena, &h->rule, &why);
    json_decref(doc);
    if (rc != E_OK) {
        log_error("alarm", "alarm rule %.*s makes no sense any more and is not in force: %s: %s",
                  STR_ARG(row->id), why.path, why.text);
        held_free(h);
        return;
    }
    h->id = arena_str(&h->arena, row->id);
    h->name = arena_str(&h->arena, row->name);
    h->project_id = arena_str(&h->arena, row->project_id);
    struct alarm_project *p = project_of(a, h->project_id);
    p->rules = mem_grow(p->rules, &p->cap, p->n + 1, sizeof(*p->rules));
    p->rules[p->n++] = h;
    map_put(&a->rules, h->id, h);
    a->n_timed += is_timed(h);
    a->n_counting += h->rule.object == ALARM_OF_FLUCTUATION;
    targets_clear(a);
}

/* What is watched follows from the rules that there are now. */
static enum err_code rules_changed(struct engine *g, bool timed, struct err *e)
{
    alarm_tally_reset(g);
    if (!timed)
        return E_OK;
    alarm_watches_clear(g->alarms);
    return g->alarms->n_timed > 0 ? alarm_watch_all(g, e) : E_OK;
}

enum err_code alarms_rule_put(struct engine *g, const struct alarm_rule_row *row, struct err *e)
{
    struct alarms *a = g->alarms;
    bool was_timed = take_out(a, row->id);

    if (row->enabled)
        put_in(a, row);
    const struct alarm_held *h = map_get(&a->rules, row->id);
    return rules_changed(g, was_timed || (h && is_timed(h)), e);
}

enum err_code alarms_rule_drop(struct engine *g, struct str id, struct err *e)
{
    return rules_changed(g, take_out(g->alarms, id), e);
}

static bool load_rule(void *ctx, const void *row)
{
    put_in(ctx, row);
    return true;
}

enum err_code alarms_load(struct engine *g, struct err *e)
{
    struct query q;

    alarm_watches_clear(g->alarms);
    rules_clear(g->alarms);
    alarms_drop(g);
    g->alarms->next_due = (struct wall){ 1 }; /* look what is due */
    query_init(&q, &table_alarm_rule);
    query_number(&q, ALARM_RULE_ENABLED, QUERY_EQ, 1);
    enum err_code rc = query_run(engine_view(g), &q, load_rule, g->alarms, e);
    alarm_tally_reset(g);
    return rc == E_OK && g->alarms->n_timed > 0 ? alarm_watch_all(g, e) : rc;
}

/* ---- tasks --------------------------------------------------------------------------------- */

static struct alarm_target *target_make(struct alarms *a, const struct task_row *task)
{
    struct alarm_project *p = map_get(&a->projects, task->project_id);
    size_t n = p ? p->n : 0;
    struct alarm_target *t = mem_zalloc(sizeof(*t) + n * sizeof(t->rules[0]));

    t->project = p;
    for (size_t i = 0; i < n; i++) {
        struct alarm_held *h = p->rules[i];
        t->tallied |= h->rule.object == ALARM_OF_FLUCTUATION;
        if (!alarm_rule_watches(&h->rule, task->id, task->workflow_id, task->project_id))
            continue;
        t->timed |= is_timed(h);
        t->rules[t->n++] = h;
    }
    return t;
}

enum err_code alarm_target_get(struct engine *g, int64_t task_id, struct alarm_target **ret,
                               struct err *e)
{
    struct alarms *a = g->alarms;
    struct pair_key key = { (uint64_t)task_id, 0 };
    struct alarm_target *t = pair_map_get(&a->targets, key);
    struct task_row task = { .id = task_id };
    struct err why = ERR_INIT;

    if (!t) {
        enum err_code rc = row_get(engine_view(g), &table_task, &g->arena, &task, &why);
        if (rc == E_MISSING) { /* deleted: another may not get its id, so that is not remembered */
            *ret = NULL;
            return E_OK;
        }
        if (rc != E_OK)
            return err_set(e, rc, "%s", why.text);
        t = target_make(a, &task);
        pair_map_put(&a->targets, key, t);
    }
    *ret = t->n > 0 || t->tallied ? t : NULL;
    return E_OK;
}

void alarms_task_gone(struct engine *g, int64_t task_id)
{
    mem_free(pair_map_remove(&g->alarms->targets, (struct pair_key){ (uint64_t)task_id, 0 }));
}

/* ---- effects ------------------------------------------------------------------------------- */

static enum err_code fire_change(struct engine *g, const struct alarm_held *h,
                                 const struct instance *i, enum alarm_type type, struct err *e)
{
    bool good = i->state == INSTANCE_COMPLETED;
    struct arena *a = &g->arena;
    struct str because =
        i->reason.len > 0 ? arena_printf(a, ": %.*s", STR_ARG(i->reason)) : STR("");
    struct alarm_event v = { .rule = h,
                             .key = i->key,
                             .round = i->round,
                             .reason = str_from(alarm_type_name(type)),
                             .once = str_from(alarm_type_name(type)) };

    if (good) {
        v.english = arena_printf(a, "succeeded%.*s", STR_ARG(because));
        v.chinese = arena_printf(a, "运行成功%.*s", STR_ARG(because));
    } else if (i->state == INSTANCE_FAILED_RETRY) {
        v.english = arena_printf(a, "attempt %d of %d failed%.*s", (int)i->tries, (int)i->try_limit,
                                 STR_ARG(because));
        v.chinese = arena_printf(a, "第 %d 次运行失败（共 %d 次）%.*s", (int)i->tries,
                                 (int)i->try_limit, STR_ARG(because));
    } else {
        v.english = arena_printf(a, "failed%.*s", STR_ARG(because));
        v.chinese = arena_printf(a, "运行失败%.*s", STR_ARG(because));
    }
    return alarm_fire(g, &v, e);
}

static enum err_code instance_changed(struct engine *g, const struct instance *i, struct err *e)
{
    struct alarm_target *t;
    enum err_code rc = alarm_target_get(g, i->key.task_id, &t, e);

    if (rc == E_OK && (!t || !t->timed))
        alarm_watch_drop(g->alarms, i->key); /* its task was deleted */
    if (rc != E_OK || !t)
        return rc;
    if (t->timed)
        rc = alarm_watch_set(g, t, i, e);
    for (int k = 0; k < t->n && rc == E_OK; k++) {
        enum alarm_type type = alarm_of_change(&t->rules[k]->rule, i->run_type, i->state);
        if (type != ALARM_TYPE_N_)
            rc = fire_change(g, t->rules[k], i, type, e);
    }
    if (rc == E_OK && t->tallied)
        rc = alarm_tally_add(g, t, i, e);
    return rc;
}

enum err_code alarms_effect(struct engine *g, const struct effect *f, struct err *e)
{
    if (g->alarms->rules.len == 0)
        return E_OK;
    if (f->kind != EFFECT_INSTANCE_INSERT && f->kind != EFFECT_INSTANCE_UPDATE)
        return E_OK;
    return instance_changed(g, &f->instance, e);
}

enum err_code alarms_advance(struct engine *g, struct err *e)
{
    enum err_code rc = alarm_watch_advance(g, e);

    if (rc == E_OK)
        rc = alarm_tally_advance(g, e);
    return rc == E_OK ? alarm_outbox_gather(g, e) : rc;
}

static struct wall sooner(struct wall a, struct wall b)
{
    return a.us < b.us ? a : b;
}

struct wall alarms_next_due(const struct engine *g)
{
    const struct alarms *a = g->alarms;
    struct heap_node *top = heap_top(&a->due);
    struct wall due = sooner(alarm_tally_due(g), g->config.letters.send ? a->next_due : WALL_FAR);

    return top ? sooner(due, CONTAINER_OF(top, struct alarm_watch, node)->due) : due;
}
