/* test/sim/tallies.c - see tallies.h. */
#include "tallies.h"

#include <inttypes.h>

#include "checkers.h"

enum { PIECE_S = 300, PIECES = CIVIL_DAY / PIECE_S, EAST_S = 8 * CIVIL_HOUR /* UTC+8 */ };

/* What ended in one piece; numbered from 1970 on, in UTC+8. */
struct count {
    int project;
    int64_t piece;
    int n[2]; /* failed, succeeded */
};
struct sim_tallies {
    struct count *kept, *pending; /* pending: one for each end of this turn */
    size_t n_kept, cap_kept, n_pending, cap_pending;
    int64_t turns; /* of this engine that were looked at, or lost */
};

static struct sim_tallies *tallies_of(struct sim *s)
{
    if (!s->tallies)
        s->tallies = NEW(struct sim_tallies);
    return s->tallies;
}

static bool counts(const struct sim_alarm_rule *r, int project)
{
    return r->there && r->enabled && r->object == ALARM_OF_FLUCTUATION && r->project == project;
}

static bool is_counted(const struct sim *s, int project)
{
    bool counted = false;

    for (int k = 0; k < SIM_ALARM_RULES; k++)
        counted = counted || counts(&s->defs.alarms[k], project);
    return counted;
}

/* ---- counting -------------------------------------------------------------------------------- */

static int64_t piece_now(const struct sim *s)
{
    return (s->now.us / 1000000 + EAST_S) / PIECE_S;
}

/* Did it end now, or was it over before? */
static bool ended_now(struct sim *s, const struct instance *i)
{
    const struct track *t = track_find(s, i->key);
    const struct moment *before = t->n > 1 ? &t->moments[t->n - 2] : NULL;

    return (i->state == INSTANCE_EXPIRED || i->state == INSTANCE_COMPLETED) &&
           (!before || before->round != i->round || before->state != i->state);
}

void tallies_on_effect(struct sim *s, const struct instance *i)
{
    struct sim_tallies *a = tallies_of(s);
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    if (!t->there || i->run_type != RUN_PERIODIC || !is_counted(s, t->project) || !ended_now(s, i))
        return;
    a->pending = mem_grow(a->pending, &a->cap_pending, a->n_pending + 1, sizeof(*a->pending));
    a->pending[a->n_pending++] =
        (struct count){ .project = t->project,
                        .piece = piece_now(s),
                        .n = { i->state == INSTANCE_EXPIRED, i->state == INSTANCE_COMPLETED } };
}

static void keep(struct sim_tallies *a, const struct count *c)
{
    for (size_t k = a->n_kept; k-- > 0;)
        if (a->kept[k].project == c->project && a->kept[k].piece == c->piece) {
            a->kept[k].n[0] += c->n[0];
            a->kept[k].n[1] += c->n[1];
            return;
        }
    a->kept = mem_grow(a->kept, &a->cap_kept, a->n_kept + 1, sizeof(*a->kept));
    a->kept[a->n_kept++] = *c;
}

/* ---- judging --------------------------------------------------------------------------------- */

/* A day and the one before, up to the same time: failed and succeeded so far, after each piece. */
struct days {
    int n; /* pieces that are over */
    bool known;
    int so_far[2][2][PIECES + 1]; /* [today, before][failed, succeeded] */
};

static void fill(const struct sim_tallies *a, int project, int64_t day, struct days *d)
{
    for (size_t k = 0; k < a->n_kept; k++) {
        const struct count *c = &a->kept[k];
        int64_t ago = day - c->piece / PIECES;
        if (c->project != project || ago < 0 || ago > 1)
            continue;
        d->known = d->known || ago == 1;
        for (int end = 0; end < 2; end++)
            d->so_far[ago][end][c->piece % PIECES + 1] = c->n[end];
    }
    for (int at = 1; at <= PIECES; at++)
        for (int end = 0; end < 4; end++)
            d->so_far[end / 2][end % 2][at] += d->so_far[end / 2][end % 2][at - 1];
}

/* After so many pieces the numbers had left those of the day before. */
static bool differs(const struct sim_fluctuation *f, bool up, const struct days *d, int after)
{
    int failed = d->so_far[0][0][after], ended = failed + d->so_far[0][1][after];

    if (f->type == ALARM_FAILURES_MANY)
        return failed >= f->count && failed >= f->least;
    if (f->type == ALARM_FAILURES_SHARE)
        return ended > 0 && ended >= f->least && failed * 100 >= f->percent * ended;
    if (!d->known) /* nothing to be held against */
        return false;
    int today = d->so_far[0][!up][after], before = d->so_far[1][!up][after];
    int by = up ? today - before : before - today;

    return by > 0 && by >= f->count && today >= f->least && by * 100 >= f->percent * before;
}

/* Of the last measurements enough differ, the last one among them; unless all count, those before
 * one that does not are of no use. */
static bool holds(struct sim *s, const struct sim_fluctuation *f, bool up, const struct days *d)
{
    int times = 0, in_row = 0, window = f->cycles > f->times ? f->cycles : f->times;
    int first = d->n > window ? d->n - window + 1 : 1;

    for (int after = first; after <= d->n; after++) {
        bool it = differs(f, up, d, after);
        times += it;
        in_row = it ? in_row + 1 : 0;
    }
    if (in_row > 0 && (f->cumulative ? times : in_row) < f->times)
        coverage_feature(s, SIM_HAS_fluctuation_rare);
    return in_row > 0 && (f->cumulative ? times : in_row) >= f->times;
}

static void judge(struct sim *s, const struct sim_alarm_rule *r, int64_t day, const struct days *d,
                  tallies_each *expect)
{
    char text[CIVIL_TEXT_LEN + 1];

    civil_format((struct civil){ day * CIVIL_DAY }, text);
    for (int up = 0; up < 2; up++) {
        enum alarm_type type = r->fluctuations[up].type;
        if ((r->types & 1u << type) && holds(s, &r->fluctuations[up], up, d) &&
            expect(s, arena_printf(&s->arena, "%s 0 0 0 %s %.10s", r->id, alarm_type_name(type),
                                   text)))
            coverage_feature(s, type == ALARM_FAILURES_MANY    ? SIM_HAS_failures_many
                                : type == ALARM_FAILURES_SHARE ? SIM_HAS_failures_share
                                : up                           ? SIM_HAS_failures_up
                                                               : SIM_HAS_successes_down);
    }
}

/* A start, or a store that is healed, commits too, and judges nothing yet. */
static bool is_turn(struct sim *s)
{
    struct sim_tallies *a = tallies_of(s);
    int64_t before = a->turns;
    struct engine_stats stats;

    engine_stats(s->engine, &stats);
    a->turns = (int64_t)stats.turns;
    return a->turns != before;
}

/* What is older than the day before is of no use any more. */
static void forget(struct sim_tallies *a, int project, int64_t day)
{
    size_t n = 0;

    for (size_t k = 0; k < a->n_kept; k++)
        if (a->kept[k].project != project || a->kept[k].piece / PIECES >= day - 1)
            a->kept[n++] = a->kept[k];
    a->n_kept = n;
}

void tallies_commit(struct sim *s, tallies_each *expect)
{
    struct sim_tallies *a = tallies_of(s);
    /* The last one that is over, and its day. */
    int64_t piece = piece_now(s) - 1, day = piece / PIECES;
    bool turn = is_turn(s);

    for (size_t k = 0; k < a->n_pending; k++)
        keep(a, &a->pending[k]);
    a->n_pending = 0;
    for (int p = 0; p < SIM_PROJECTS && turn; p++) {
        struct days d = { .n = (int)(piece % PIECES) + 1 };
        if (!is_counted(s, p))
            continue;
        forget(a, p, day);
        fill(a, p, day, &d);
        for (int k = 0; k < SIM_ALARM_RULES; k++)
            if (counts(&s->defs.alarms[k], p))
                judge(s, &s->defs.alarms[k], day, &d, expect);
    }
}

void tallies_crash(struct sim *s)
{
    tallies_of(s)->n_pending = 0;
    (void)is_turn(s);
}

void tallies_restart(struct sim *s)
{
    tallies_of(s)->turns = 0;
}

void tallies_done(struct sim *s)
{
    if (!s->tallies)
        return;
    mem_free(s->tallies->kept);
    mem_free(s->tallies->pending);
    mem_free(s->tallies);
}
