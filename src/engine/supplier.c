/* engine/supplier.c - upstream instances that the inputs of one attempt take their values from. */
#include "engine/supplier.h"

#include <jansson.h>
#include <stdlib.h>

#include "engine/engine_int.h"
#include "model/parameter.h"

struct supplied {
    struct str key, value;
    bool is_variable; /* a constant still has its times */
};

struct supplier {
    struct instance_row newest; /* task_id 0: none is completed; texts are not kept */
    const struct zone *zone;
    struct supplied *items; /* the outputs that inputs name */
    int n;
};

void suppliers_init(struct suppliers *s, struct engine *g, const struct instance *i,
                    const struct task_spec *spec)
{
    s->g = g;
    s->i = i;
    s->spec = spec;
    task_outlines_init(&s->outlines, engine_view(g));
    pair_map_init(&s->known_);
}

void suppliers_done(struct suppliers *s)
{
    pair_map_done(&s->known_);
    task_outlines_done(&s->outlines);
}

/* ---- the instance ---------------------------------------------------------------------------- */

/* Data times that one dependency selects; ascending after sort_times. */
struct selected {
    struct view *view;
    int64_t task_id;
    struct civil *times; /* owned */
    size_t n, cap;
    enum err_code rc;
    struct err *e;
};

static bool take_candidate(void *ctx, struct dep_candidate candidate)
{
    struct selected *s = ctx;

    s->times = mem_grow(s->times, &s->cap, s->n + 1, sizeof(*s->times));
    s->times[s->n++] = candidate.data_time;
    return true;
}

/* Of rows only numbers are kept. */
static bool take_row(void *ctx, const void *row)
{
    *(struct instance_row *)ctx = *(const struct instance_row *)row;
    return false;
}

static bool newest_before(void *ctx, struct civil before, struct civil *ret)
{
    struct selected *s = ctx;
    struct instance_row row = { .task_id = 0 };
    struct query q;

    query_newest_instance(&q, s->task_id, before);
    s->rc = query_run(s->view, &q, take_row, &row, s->e);
    *ret = row.data_time;
    return s->rc == E_OK && row.task_id != 0;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const struct civil *)a)->s, y = ((const struct civil *)b)->s;

    return (x > y) - (x < y);
}

/* How many of them are not after `until`. */
static size_t count_until(const struct selected *s, struct civil until)
{
    size_t from = 0, to = s->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (s->times[middle].s <= until.s)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* The newest completed instance that is selected and newer than *ret.  From the newest back, from
 * one completed instance to the next: as a rule the first is one of those selected. */
static enum err_code take_newest(struct selected *s, struct instance_row *ret)
{
    enum err_code rc = E_OK;

    qsort(s->times, s->n, sizeof(*s->times), by_time);
    for (size_t left = s->n; left > 0 && rc == E_OK;) {
        struct instance_row row = { .task_id = 0 };
        struct query q;
        query_newest_instance(&q, s->task_id, (struct civil){ s->times[left - 1].s + 1 });
        query_number(&q, INSTANCE_DATA_TIME, QUERY_GE, s->times[0].s);
        query_number(&q, INSTANCE_STATE, QUERY_EQ, INSTANCE_COMPLETED);
        rc = query_run(s->view, &q, take_row, &row, s->e);
        if (rc != E_OK || row.task_id == 0 ||
            (ret->task_id != 0 && row.data_time.s <= ret->data_time.s))
            break;
        left = count_until(s, row.data_time);
        if (left > 0 && s->times[left - 1].s == row.data_time.s) {
            *ret = row;
            break;
        }
    }
    return rc;
}

static enum err_code find_of(struct suppliers *s, const struct task_upstream *up,
                             struct instance_row *ret, struct err *e)
{
    struct selected selected = { .view = engine_view(s->g), .task_id = up->task_id, .e = e };
    struct task_outline *task;
    struct dep_rule rule;
    enum err_code rc = task_outline_get(&s->outlines, up->task_id, &task, e);

    if (rc != E_OK || !task) /* deleted since */
        return rc;
    task_upstream_rule(up, s->spec->schedule.cycle, task->spec.schedule.cycle, &rule);
    rc = dep_select(&rule, s->spec->schedule.cycle, &task->spec.schedule, s->i->key.data_time,
                    take_candidate, newest_before, &selected, e);
    if (rc == E_OK)
        rc = selected.rc;
    if (rc == E_OK && selected.n > 0)
        rc = take_newest(&selected, ret);
    mem_free(selected.times);
    /* The upstream has another cycle now, which the pair does not fit: nothing is selected (3.3).
     */
    return rc == E_RANGE ? E_OK : rc;
}

static enum err_code find_newest(struct suppliers *s, int64_t task_id, struct instance_row *ret,
                                 struct err *e)
{
    enum err_code rc = E_OK;

    for (int i = 0; i < s->spec->n_upstreams && rc == E_OK; i++)
        if (s->spec->upstreams[i].task_id == task_id)
            rc = find_of(s, &s->spec->upstreams[i], ret, e);
    return rc;
}

/* ---- its outputs ----------------------------------------------------------------------------- */

static bool is_wanted(const struct suppliers *s, int64_t task_id, struct str key)
{
    for (int i = 0; i < s->spec->n_inputs; i++) {
        const struct task_input *in = &s->spec->inputs[i];
        if (!in->is_constant && in->from_task == task_id && str_eq(in->from_key, key))
            return true;
    }
    return false;
}

/* Those that the version of the instance declares; constants with their values. */
static enum err_code read_declared(struct suppliers *s, struct supplier *from, struct err *e)
{
    struct arena *a = engine_arena(s->g);
    const struct instance_row *row = &from->newest;
    const struct version_entry *version;
    enum err_code rc = version_cache_get(&s->g->outputs, engine_view(s->g), row->task_id,
                                         row->version_no, &version, e);

    if (rc == E_MISSING)
        return err_set(e, E_CONFLICT,
                       "the instance of task %lld that supplies input parameters was of version "
                       "%d, which is not there any more",
                       (long long)row->task_id, row->version_no);
    if (rc != E_OK)
        return rc;
    from->zone = version->spec.schedule.zone;
    from->items = ARENA_ARRAY(a, struct supplied, (size_t)version->spec.n_outputs + 1);
    for (int i = 0; i < version->spec.n_outputs; i++) {
        const struct task_output *o = &version->spec.outputs[i];
        if (!is_wanted(s, row->task_id, o->key))
            continue;
        struct supplied *item = &from->items[from->n++];
        *item = (struct supplied){ .key = arena_str(a, o->key), .is_variable = o->is_variable };
        if (!o->is_variable)
            item->value = arena_str(a, o->value);
    }
    return rc;
}

static void take_kept(struct supplier *from, const json_t *doc, struct arena *a)
{
    for (int i = 0; i < from->n; i++) {
        struct supplied *item = &from->items[i];
        const json_t *value = json_object_getn(doc, item->key.ptr, item->key.len);
        if (item->is_variable && json_is_string(value))
            item->value =
                arena_str(a, str_make(json_string_value(value), json_string_length(value)));
    }
}

/* What its run put out.  Variables of which there is nothing (a dry run, a success that was set)
 * are empty. */
static enum err_code read_kept(struct suppliers *s, struct supplier *from, struct err *e)
{
    struct output_row row = { .task_id = from->newest.task_id,
                              .data_time = from->newest.data_time };
    struct arena text;
    json_t *doc = NULL;
    enum err_code rc;

    arena_init(&text); /* up to 1 MB, of each upstream */
    rc = row_get(engine_view(s->g), &table_output, &text, &row, e);
    if (rc == E_OK && row.round == from->newest.round)
        rc = doc_cache_get(NULL, row.doc, &doc, e);
    if (doc)
        take_kept(from, doc, engine_arena(s->g));
    json_decref(doc);
    arena_done(&text);
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code supplier_get(struct suppliers *s, int64_t task_id, struct supplier **ret,
                                  struct err *e)
{
    struct pair_key key = { (uint64_t)task_id, 0 };
    enum err_code rc;

    *ret = pair_map_get(&s->known_, key);
    if (*ret)
        return E_OK;
    *ret = ARENA_NEW(engine_arena(s->g), struct supplier);
    rc = find_newest(s, task_id, &(*ret)->newest, e);
    if (rc == E_OK && (*ret)->newest.task_id != 0) {
        rc = read_declared(s, *ret, e);
        if (rc == E_OK)
            rc = read_kept(s, *ret, e);
    }
    if (rc == E_OK)
        pair_map_put(&s->known_, key, *ret);
    return rc;
}

/* What a program put out is not looked at for times; a constant has those of its instance. */
enum err_code suppliers_value(struct suppliers *s, const struct task_input *in, struct str *ret,
                              struct err *e)
{
    struct supplier *from;
    enum err_code rc = supplier_get(s, in->from_task, &from, e);

    if (rc != E_OK)
        return rc;
    if (from->newest.task_id == 0)
        return err_set(e, E_CONFLICT,
                       "input parameter `%.*s` has no value: no completed instance of task %lld is "
                       "among those that it depends on",
                       STR_ARG(in->key), (long long)in->from_task);
    for (int i = 0; i < from->n; i++) {
        const struct supplied *item = &from->items[i];
        struct time_point at = { .data_time = from->newest.data_time,
                                 .planned = from->newest.planned,
                                 .zone = from->zone };
        if (!str_eq(item->key, in->from_key))
            continue;
        *ret = item->value;
        return item->is_variable ? E_OK
                                 : parameters_times(item->value, &at, engine_arena(s->g), ret, e);
    }
    return err_set(e, E_CONFLICT,
                   "input parameter `%.*s` has no value: task %lld puts out no `%.*s`",
                   STR_ARG(in->key), (long long)in->from_task, STR_ARG(in->from_key));
}
