/* core/held.c - submitted tasks in the compact form that a million of them fit into. */
#include "core/core_int.h"

#include <string.h>

static struct pair_key task_key(int64_t id)
{
    return (struct pair_key){ (uint64_t)id, 0 };
}

struct held_task *held_find(const struct core *c, int64_t id)
{
    return pair_map_get(&c->tasks, task_key(id));
}

struct held_task *held_new(struct core *c, int64_t id)
{
    struct held_task *t = NEW(struct held_task);

    t->id = id;
    list_init(&t->lives);
    t->group = group_get(c, STR(""));
    t->project = project_get(c, STR(""));
    t->status = TASK_STOPPED;
    return t;
}

struct group *group_get(struct core *c, struct str id)
{
    struct group *g = map_get(&c->groups, id);

    if (!g) {
        g = NEW(struct group);
        g->id = str_make(mem_strdup(id), id.len);
        heap_init(&g->queue, queue_less);
        heap_init(&g->backfills, queue_less);
        queue_slots(c, g, c->config.default_slots);
        list_init(&g->dirty_link);
        map_put(&c->groups, id, g);
    }
    return g;
}

struct project *project_get(struct core *c, struct str id)
{
    struct project *p = map_get(&c->projects, id);

    if (!p) {
        p = NEW(struct project);
        p->enabled = true;
        map_put(&c->projects, id, p);
    }
    return p;
}

/* ---- schedules ----------------------------------------------------------------------------- */

static void add_cron(struct buf *key, const struct cron *c)
{
    buf_add(key, &c->second, sizeof(c->second));
    buf_add(key, &c->minute, sizeof(c->minute));
    buf_add(key, &c->hour, sizeof(c->hour));
    buf_add(key, &c->month, sizeof(c->month));
    buf_add(key, &c->mday, sizeof(c->mday));
    buf_add(key, &c->mday_from_end, sizeof(c->mday_from_end));
    buf_add(key, &c->mday_weekday, sizeof(c->mday_weekday));
    buf_add(key, &c->mday_end_weekday, sizeof(c->mday_end_weekday));
    buf_add(key, &c->wday, sizeof(c->wday));
    buf_add(key, &c->wday_last, sizeof(c->wday_last));
    buf_add(key, c->wday_nth, sizeof(c->wday_nth));
    buf_add_char(key, (char)(c->mday_any * 2 + c->wday_any));
    buf_add(key, c->year, sizeof(c->year));
}

/* Equal bytes exactly when the schedules are equal; field by field, because padding has no value.
 */
static void schedule_key(const struct schedule *s, struct buf *key)
{
    int32_t numbers[] = { (int32_t)s->cycle, (int32_t)s->init,    s->window_from, s->window_to,
                          (int32_t)s->gap,   (int32_t)s->overlap, s->manual };

    buf_add(key, numbers, sizeof(numbers));
    buf_add(key, &s->start.s, sizeof(s->start.s));
    buf_add(key, &s->end.s, sizeof(s->end.s));
    buf_add(key, &s->zone, sizeof(s->zone));
    add_cron(key, &s->cron);
    if (s->calendar) {
        buf_add_char(key, (char)(1 + s->calendar->mode));
        buf_add(key, s->calendar->days, (size_t)s->calendar->n_days * sizeof(*s->calendar->days));
    }
}

static struct held_schedule *schedule_take(struct core *c, const struct schedule *s)
{
    struct buf key;

    buf_init(&key, SIZE_MAX);
    schedule_key(s, &key);
    struct held_schedule *h = map_get(&c->schedules, buf_str(&key));
    if (!h) {
        h = NEW(struct held_schedule);
        h->s = *s;
        if (s->calendar) {
            size_t bytes = (size_t)s->calendar->n_days * sizeof(*s->calendar->days);
            h->calendar = *s->calendar;
            h->calendar.days = mem_alloc(bytes + 1);
            if (bytes > 0)
                memcpy(h->calendar.days, s->calendar->days, bytes);
            h->s.calendar = &h->calendar;
        }
        map_put(&c->schedules, buf_str(&key), h);
        h->key.ptr = buf_take(&key, &h->key.len);
    }
    buf_done(&key);
    h->refs++;
    return h;
}

static void schedule_drop(struct core *c, struct held_schedule *h)
{
    if (!h || --h->refs > 0)
        return;
    map_remove(&c->schedules, h->key);
    mem_free((char *)(uintptr_t)h->key.ptr);
    mem_free(h->calendar.days);
    mem_free(h);
}

/* ---- dependencies and listeners ------------------------------------------------------------ */

int32_t held_minutes(int64_t minutes)
{
    return minutes < 0 ? -1 : minutes > INT32_MAX ? INT32_MAX : (int32_t)minutes;
}

static void define_deps(struct held_task *t, const struct core_task *from)
{
    const struct task_spec *spec = from->spec;
    uint32_t n_offsets = 0;

    mem_free(t->deps);
    mem_free(t->offsets);
    t->deps = NULL;
    t->offsets = NULL;
    t->n_deps = (uint16_t)(spec->n_upstreams + from->n_peers);
    if (t->n_deps == 0)
        return;
    t->deps = mem_zalloc(sizeof(*t->deps) * t->n_deps);
    for (int i = 0; i < spec->n_upstreams; i++)
        n_offsets +=
            spec->upstreams[i].rule_given ? (uint32_t)spec->upstreams[i].rule.n_offsets : 0;
    if (n_offsets > 0)
        t->offsets = mem_alloc(sizeof(*t->offsets) * n_offsets);
    n_offsets = 0;
    for (int i = 0; i < spec->n_upstreams; i++) {
        const struct task_upstream *up = &spec->upstreams[i];
        struct held_dep *d = &t->deps[i];
        d->task_id = up->task_id;
        d->timeout_minutes = held_minutes(up->timeout_minutes);
        d->strategy = (uint8_t)up->strategy;
        d->conditions = (uint8_t)up->conditions;
        d->accept = (uint8_t)up->accept;
        d->rule_given = up->rule_given;
        d->offsets_at = n_offsets;
        if (!up->rule_given)
            continue;
        d->main = (uint8_t)up->rule.main;
        d->sub = (uint8_t)up->rule.sub;
        d->n_offsets = (uint8_t)up->rule.n_offsets;
        check(d->n_offsets == 0 || t->offsets);
        for (int k = 0; k < up->rule.n_offsets; k++)
            t->offsets[n_offsets++] = up->rule.offsets[k];
    }
    for (int i = 0; i < from->n_peers; i++)
        t->deps[spec->n_upstreams + i] =
            (struct held_dep){ .task_id = from->peers[i], .peer = true };
}

static void define_listeners(struct core *c, struct held_task *t, const struct core_task *from)
{
    const struct task_spec *spec = from->spec;

    mem_free(t->listeners);
    t->listeners = NULL;
    t->n_listeners = (uint16_t)spec->n_listeners;
    if (t->n_listeners == 0)
        return;
    t->listeners = mem_zalloc(sizeof(*t->listeners) * t->n_listeners);
    for (int i = 0; i < spec->n_listeners; i++) {
        const struct task_listener *l = &spec->listeners[i];
        struct str project = str_is_empty(l->project_id) ? from->project_id : l->project_id;
        t->listeners[i] =
            (struct held_listener){ .event = event_get(c, project, l->event_name),
                                    .max_wait_minutes = held_minutes(l->max_wait_minutes),
                                    .sub_type = (uint8_t)l->sub_type,
                                    .broadcast = l->broadcast };
    }
}

void held_rule(const struct held_task *t, const struct held_dep *d, enum cycle up,
               struct dep_rule *ret)
{
    if (!d->rule_given) {
        ret->n_offsets = 0;
        dep_pair_default(t->schedule->s.cycle, up, &ret->main, &ret->sub);
        return;
    }
    ret->main = (enum dep_main)d->main;
    ret->sub = (enum dep_sub)d->sub;
    ret->n_offsets = d->n_offsets;
    for (int i = 0; i < d->n_offsets; i++)
        ret->offsets[i] = t->offsets[d->offsets_at + (uint32_t)i];
}

void held_define(struct core *c, struct held_task *t, const struct core_task *from)
{
    const struct task_spec *spec = from->spec;
    struct held_schedule *schedule = schedule_take(c, &spec->schedule);

    check(spec->n_upstreams <= TASK_LIST_MAX && spec->n_listeners <= TASK_LIST_MAX);
    check(from->n_peers <= TASK_LIST_MAX);
    schedule_drop(c, t->schedule);
    t->schedule = schedule;
    t->project = project_get(c, from->project_id);
    t->project->enabled = from->project_enabled;
    t->group = group_get(c, spec->group_id);
    t->version_no = from->version_no;
    t->self_depend = (uint8_t)spec->self_depend;
    t->redo = (uint8_t)spec->redo;
    t->dry_run = spec->dry_run;
    t->control = spec->type_id == TASK_TYPE_BRANCH  ? CONTROL_BRANCH
                 : spec->type_id == TASK_TYPE_MERGE ? CONTROL_MERGE
                                                    : CONTROL_NONE;
    t->merge_all = spec->merge_all;
    t->priority = (uint8_t)spec->priority;
    t->retry_wait_minutes =
        held_minutes(spec->retry_wait_minutes < 0 ? 0 : spec->retry_wait_minutes);
    t->max_retries = held_minutes(spec->max_retries < 0 ? 0 : spec->max_retries);
    if (t->max_retries == INT32_MAX)
        t->max_retries--; /* try_limit is one more */
    t->execution_ttl_minutes = held_minutes(spec->execution_ttl_minutes);
    t->wait_ttl_minutes = held_minutes(spec->wait_ttl_minutes);
    define_deps(t, from);
    define_listeners(c, t, from);
}

void held_free(struct core *c, struct held_task *t)
{
    check(t->n_lives == 0 && list_is_empty(&t->lives) && !t->parked);
    heap_remove(&c->firings, &t->firing_node);
    schedule_drop(c, t->schedule);
    mem_free(t->deps);
    mem_free(t->offsets);
    mem_free(t->listeners);
    mem_free(t);
}
