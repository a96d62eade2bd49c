/* test/sim/picture.c - see picture.h. */
#include "picture.h"

void range_close(struct sim *s, struct sim_task *t)
{
    if (t->ranges && t->ranges->to.us == WALL_FAR.us) {
        struct sim_range *closed = ARENA_NEW(&s->arena, struct sim_range);
        *closed = *t->ranges; /* a copy: a crash takes the closing back */
        closed->to = s->now;
        closed->upto = s->latest;
        t->ranges = closed;
    }
}

/* What was due and not settled yet goes with the task, as its misses do (1.6). */
void picture_gone(struct sim *s, struct sim_task *t, bool gentle)
{
    const struct image_schedule *row = image_schedule(&s->image, t->id);
    bool open = t->ranges && t->ranges->to.us == WALL_FAR.us;

    range_close(s, t);
    if (open) { /* range_close made a copy */
        const struct schedule *when = &t->ranges->spec->schedule;
        struct wall settled =
            row->has_high_water ? schedule_instant(when, row->high_water) : t->ranges->from;
        if (settled.us < t->ranges->to.us)
            t->ranges->to = settled;
    }
    t->there = false;
    t->gently_deleted = gentle;
}

struct sim_range *range_open(struct sim *s, struct sim_task *t)
{
    struct sim_range *r = ARENA_NEW(&s->arena, struct sim_range);

    *r = (struct sim_range){ .older = t->ranges,
                             .spec = t->spec,
                             .from = s->now,
                             .to = WALL_FAR,
                             .opened = s->now,
                             .since = s->seq + 1,
                             .seen = s->latest,
                             .sure = s->latest };
    t->ranges = r;
    return r;
}

void picture_definition(struct sim *s, struct sim_task *t, const struct sim_definition *d,
                        int32_t version_no, bool starts, bool scheduling, struct wall live_from)
{
    struct sim_version *v = ARENA_NEW(&s->arena, struct sim_version);

    range_close(s, t);
    if (starts && t->status == TASK_STOPPED)
        t->stopped_until = s->seq;
    t->spec = d->spec;
    t->there = true;
    t->live_from = live_from;
    *v = (struct sim_version){ .older = t->versions,
                               .spec = d->spec,
                               .ways = d->ways,
                               .n_ways = d->n_ways,
                               .version_no = version_no,
                               .live_from = live_from,
                               .since = s->seq + 1 };
    t->versions = v;
    if (!scheduling)
        return;
    struct sim_range *r = range_open(s, t);
    r->from = starts ? live_from : s->now;
    if (r->from.us < s->now.us && s->now.us == s->latest.us)
        r->sure = r->from; /* it runs at once */
    t->status = TASK_SCHEDULING;
}

/* A one-off whose moment is its StartTime, and that is past, runs at once (2.3): right before that
 * moment.  Of all others the instant itself. */
static struct wall counts_from(const struct schedule *s, struct wall submitted)
{
    struct firing only;

    if (s->cycle == CYCLE_ONEOFF && !schedule_is_dated(s) &&
        schedule_next(s, (struct wall){ 0 }, &only) && only.at.us <= submitted.us)
        return (struct wall){ only.at.us - 1 };
    return submitted;
}

/* A task goes on from where it began; but one that was such a one-off from the last submit as one,
 * and not from its moment. */
static struct wall counts_on_from(struct sim *s, struct engine *g, const struct schedule_row *row,
                                  const struct schedule *old, const struct schedule *next)
{
    struct version_row version = { .task_id = row->task_id, .num = row->version_no };
    struct wall again = counts_from(next, s->now);

    if (row->live_from.us == s->now.us || counts_from(old, s->now).us != row->live_from.us)
        return row->live_from;
    if (again.us < s->now.us)
        return again;
    check(row_get(engine_view(g), &table_version, engine_arena(g), &version, NULL) == E_OK);
    return version.created_at;
}

struct submit submit_begins(struct sim *s, struct engine *g, const struct sim_task *t,
                            const struct task_spec *spec)
{
    struct schedule_row row;
    bool had = schedule_of(g, t->id, &row);
    bool starts = !had || row.status == TASK_STOPPED || row.status == TASK_INVALID;

    return (struct submit){ .starts = starts,
                            .scheduling = starts || row.status == TASK_SCHEDULING,
                            .live_from =
                                starts ? counts_from(&spec->schedule, s->now)
                                       : counts_on_from(s, g, &row, &t->versions->spec->schedule,
                                                        &spec->schedule) };
}

void submit_started(struct sim *s, const struct sim_task *t)
{
    image_schedule_set(&s->image,
                       &(struct image_schedule){ .task_id = t->id, .status = TASK_SCHEDULING });
}

bool schedule_of(struct engine *g, int64_t id, struct schedule_row *ret)
{
    *ret = (struct schedule_row){ .task_id = id };
    return row_get(engine_view(g), &table_schedule, engine_arena(g), ret, NULL) == E_OK;
}

struct sim_task *any_task(struct sim *s)
{
    int64_t id = SIM_TASK_ID(1 + (s->defs.n_tasks > 0 ? sim_below(s, s->defs.n_tasks) : 0));

    if (s->focus.task_id != 0 && sim_chance(s, 60))
        id = s->focus.task_id;
    struct sim_task *t = sim_task_find(s, id);
    return t && t->there ? t : NULL;
}

struct str project_of_task(const struct sim_task *t)
{
    return str_from(sim_project_names[t->project]);
}

int sim_number(const struct sim_task *t)
{
    return (int)(t->id - SIM_TASK_ID(0));
}

bool instance_of(struct engine *g, struct instance_key key, struct instance *ret)
{
    struct instance_row row = { .task_id = key.task_id, .data_time = key.data_time };

    if (row_get(engine_view(g), &table_instance, engine_arena(g), &row, NULL) != E_OK)
        return false;
    instance_from_row(&row, ret);
    return true;
}

bool any_instance(struct sim *s, struct engine *g, struct instance *ret)
{
    size_t n = s->image.n_instances, back = sim_chance(s, 80) && n > 30 ? 30 : n;

    if (s->focus.task_id != 0 && sim_chance(s, 85) && instance_of(g, s->focus, ret))
        return true;
    /* Mostly of the recent ones. */
    return n > 0 &&
           instance_of(g, s->image.instances[n - 1 - (size_t)sim_below(s, (int64_t)back)].key, ret);
}
