/* test/sim/hook.c - see hook.h. */
#include "hook.h"

#include <stdio.h>

#include "engine/engine_int.h"
#include "events.h"

struct str hook_random(struct sim *s, const struct sim_task *t)
{
    struct buf out;

    if (t->spec->event_hook.len == 0 || !sim_chance(s, 60))
        return STR("");
    buf_init(&out, 1000);
    for (int64_t n = 1 + sim_below(s, 2); n > 0; n--) {
        int event = (int)sim_below(s, SIM_EVENTS);
        struct civil at = zone_to_civil(zone_utc(), s->now);
        at.s += (sim_below(s, 3) - 2) * CIVIL_DAY;
        struct str dimension = sim_event_dimension(s, event, &at);
        buf_printf(&out, "%.*s,%.*s;", STR_ARG(sim_event_name(event)), STR_ARG(dimension));
    }
    struct str copy = arena_str(&s->arena, buf_str(&out));
    buf_done(&out);
    return copy;
}

static void expect_one(struct sim *s, struct str wish)
{
    struct str name = str_split(&wish, ',');

    for (int event = 0; event < SIM_EVENTS; event++) {
        struct civil at;
        enum event_sub_type type;
        if (!str_eq(name, sim_event_name(event)))
            continue;
        check(event_sub_type_from_name(str_from(sim_event_types[event]), &type) &&
              event_dimension_parse(type, wish, &at, NULL) == E_OK);
        s->hooks = mem_grow(s->hooks, &s->cap_hooks, s->n_hooks + 1, sizeof(*s->hooks));
        s->hooks[s->n_hooks++] = (struct sim_hook){ event, at, false };
    }
}

/* The events are those of the task's project; all of ours are in the first. */
void hook_expect(struct sim *s, const struct sim_task *t, struct str printed)
{
    while (printed.len > 0) {
        struct str wish = str_split(&printed, ';');
        if (wish.len == 0)
            continue;
        if (t->project == 0)
            expect_one(s, wish);
        else
            coverage_feature(s, SIM_HAS_hook_refused);
    }
}

static bool is_known(const struct sim *s, struct str id)
{
    for (size_t k = s->image.n_cases; k-- > 0;)
        if (str_eq(s->image.cases[k].id, id))
            return true;
    return false;
}

static void adopt_row(struct sim *s, const struct case_row *row, struct str event_name)
{
    for (size_t k = 0; k < s->n_hooks; k++) {
        struct sim_hook *h = &s->hooks[k];
        struct image_case made;
        if (h->found || !str_eq(event_name, sim_event_name(h->event)) ||
            h->at.s != row->data_time.s)
            continue;
        h->found = true;
        sim_event_case(s, h->event, arena_str(&s->arena, row->id), h->at, &made);
        made.fired_at = row->fired_at;
        sim_check(s, made.expires_at.us == row->expires_at.us || s->weather.slow,
                  "a case lives for another time than its event says");
        made.expires_at = row->expires_at;
        image_case_add(&s->image, &made);
        coverage_feature(s, SIM_HAS_hook);
        return;
    }
    sim_fail(s, "4.3: a case of %.*s that nobody fired", STR_ARG(event_name));
}

static struct str event_of(struct sim *s, struct arena *a, struct str event_id)
{
    struct event_row event = { .id = event_id };

    check(row_get(store_view(s->store), &table_event, a, &event, NULL) == E_OK);
    return event.name;
}

void hook_adopt(struct sim *s, struct str case_id)
{
    struct case_row row = { .id = case_id };
    struct arena a;

    arena_init(&a);
    sim_check(s, row_get(store_view(s->store), &table_case, &a, &row, NULL) == E_OK,
              "an unknown case is consumed");
    adopt_row(s, &row, event_of(s, &a, row.event_id));
    arena_done(&a);
}

struct adopting {
    struct sim *s;
    struct arena arena;
    struct case_row rows[64];
    size_t n;
};

static bool note(void *ctx, const void *row)
{
    struct adopting *all = ctx;
    const struct case_row *c = row;

    if (!is_known(all->s, c->id)) {
        sim_check(all->s, all->n < ARRAY_LEN(all->rows), "too many cases that nobody fired");
        row_copy(&table_case, &all->arena, &all->rows[all->n++], c);
    }
    return true;
}

void hook_commit(struct sim *s)
{
    struct adopting all = { .s = s };
    struct query q;

    if (s->n_hooks == 0)
        return;
    arena_init(&all.arena);
    query_init(&q, &table_case);
    check(store_begin(s->store, NULL) == E_OK);
    check(query_run(store_view(s->store), &q, note, &all, NULL) == E_OK);
    for (size_t k = 0; k < all.n; k++)
        adopt_row(s, &all.rows[k], event_of(s, &all.arena, all.rows[k].event_id));
    store_rollback(s->store);
    arena_done(&all.arena);
    for (size_t k = 0; k < s->n_hooks; k++)
        sim_check(s, s->hooks[k].found, "4.3: event %d, named by a task, was not fired",
                  s->hooks[k].event);
    s->n_hooks = 0;
}

void hook_crash(struct sim *s)
{
    s->n_hooks = 0;
}

void hook_done(struct sim *s)
{
    mem_free(s->hooks);
}
