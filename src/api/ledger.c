/* api/ledger.c - what became of the firings of a submitted task. */
#include "api/ledger.h"

#include "engine/purge.h"

#include <stdlib.h>

#include "api/version_spec.h"
#include "cal/zone.h"
#include "core/core.h"

static enum ledger_reason reason_of_miss(int32_t miss)
{
    switch (miss) {
    case MISS_PAUSED:
        return LEDGER_PAUSED;
    case MISS_PROJECT_DISABLED:
        return LEDGER_PROJECT_DISABLED;
    default:
        return LEDGER_EXISTS;
    }
}

/* ---- what is gathered ---------------------------------------------------------------------- */

/* A submitted version, and the instants (after, upto] for which it counts. */
struct term {
    int32_t num;
    struct wall after, upto;
    struct wall calendar_at; /* once it is loaded */
};

/* An instance as far as the ledger cares. */
struct made {
    struct civil data_time, planned;
    struct wall created_at;
    enum instance_state state;
    bool by_schedule;   /* its first round was periodic */
    bool keeps_planned; /* no backfill has put its own planned time over the first one's */
};

struct missed {
    struct civil planned;
    int32_t reason;
};

struct reading {
    struct view *v;
    int64_t task_id;
    const struct task_row *task;
    struct civil from, to;
    struct wall now;
    struct wall horizon; /* before it records may have left the history */
    struct ledger *ledger;
    struct term *terms;
    size_t n_terms, terms_cap;
    struct made *made;
    size_t n_made, made_cap;
    struct missed *missed;
    size_t n_missed, missed_cap;
    enum err_code rc;
    struct err *e;
};

/* ---- versions ------------------------------------------------------------------------------ */

static bool take_version(void *ctx, const void *row)
{
    struct reading *r = ctx;
    const struct version_row *version = row;

    if (r->n_terms > 0)
        r->terms[r->n_terms - 1].upto = version->created_at;
    r->terms = mem_grow(r->terms, &r->terms_cap, r->n_terms + 1, sizeof(*r->terms));
    r->terms[r->n_terms] =
        (struct term){ .num = version->num, .after = version->created_at, .upto = WALL_FAR };
    r->n_terms++;
    return true;
}

static enum err_code read_versions(struct reading *r)
{
    struct query q;

    query_init(&q, &table_version);
    query_number(&q, VERSION_TASK_ID, QUERY_EQ, r->task_id);
    query_number(&q, VERSION_KIND, QUERY_EQ, SUBMITTED_VERSION);
    query_order(&q, VERSION_NUM, false);
    query_without(&q, VERSION_DOC);
    enum err_code rc = query_run(r->v, &q, take_version, r, r->e);
    if (rc != E_OK)
        return rc;
    if (r->n_terms == 0)
        return err_set(r->e, E_CORRUPT, "task %lld is scheduled and has no submitted version",
                       (long long)r->task_id);
    /* What the first one would have planned before its submit is shown too, as NOT_LIVE. */
    r->terms[0].after = WALL_NONE;
    return E_OK;
}

/* ---- the expectation ----------------------------------------------------------------------- */

static enum err_code add_firing(struct reading *r, int32_t version_no, const struct firing *f)
{
    struct ledger *l = r->ledger;

    if (l->n == LEDGER_FIRINGS_MAX)
        return err_user(r->e, E_LIMIT, "To",
                        "the period has more than %d firings; ask for a shorter one",
                        "该时间段内的调度超过 %d 次，请缩短时间段", LEDGER_FIRINGS_MAX);
    l->entries = mem_grow(l->entries, &l->cap, l->n + 1, sizeof(*l->entries));
    l->entries[l->n++] = (struct ledger_entry){ .firing = *f, .version_no = version_no };
    return E_OK;
}

static enum err_code expect(struct reading *r, const struct term *t, const struct schedule *s)
{
    struct civil p = { r->from.s - 1 };
    struct firing f;
    enum err_code rc = E_OK;

    if (wall_is_set(t->after)) {
        struct civil reached = zone_reached(s->zone, t->after);
        if (reached.s > p.s)
            p = reached;
    }
    while (rc == E_OK && schedule_next_planned(s, p, &f) && f.planned.s <= r->to.s &&
           f.at.us <= t->upto.us) {
        rc = add_firing(r, t->num, &f);
        p = f.planned;
    }
    return rc;
}

/* Can the term have firings in the period, whatever its zone? */
static bool concerns(const struct reading *r, const struct term *t)
{
    return zone_to_wall(zone_utc(), r->to).us + 2 * CIVIL_DAY * INT64_C(1000000) > t->after.us &&
           (t->upto.us == WALL_FAR.us ||
            zone_to_wall(zone_utc(), r->from).us - 2 * CIVIL_DAY * INT64_C(1000000) < t->upto.us);
}

/* A one-off whose moment was past at the submit began just before that moment (2.3). */
static void reach_back(const struct reading *r, const struct schedule *s, struct term *t)
{
    struct wall live_from = r->ledger->row.live_from;
    struct firing only;

    if (s->cycle == CYCLE_ONEOFF && live_from.us < t->after.us &&
        schedule_next(s, live_from, &only) && only.at.us == live_from.us + 1)
        t->after = live_from;
}

/* Version by version with memory of its own: a definition may hold megabytes of code. */
static enum err_code expect_all(struct reading *r)
{
    enum err_code rc = E_OK;
    int looked_at = 0;

    for (size_t i = 0; rc == E_OK && i < r->n_terms; i++) {
        struct term *t = &r->terms[i];
        bool newest = i + 1 == r->n_terms;
        struct task_spec spec;
        struct arena arena;
        if (!newest && !concerns(r, t))
            continue;
        if (looked_at++ == LEDGER_VERSIONS_MAX)
            return err_user(r->e, E_LIMIT, "To",
                            "more than %d versions were submitted in the period; ask for a shorter "
                            "one",
                            "该时间段内提交的版本超过 %d 个，请缩短时间段", LEDGER_VERSIONS_MAX);
        arena_init(&arena);
        rc = version_spec_load(r->v, r->task_id, t->num, &arena, &spec, &t->calendar_at, r->e);
        if (rc == E_OK && newest) {
            r->ledger->zone = spec.schedule.zone;
            reach_back(r, &spec.schedule, t);
        }
        if (rc == E_OK)
            rc = expect(r, t, &spec.schedule);
        arena_done(&arena);
    }
    return rc;
}

/* ---- the records --------------------------------------------------------------------------- */

/* Was the instance that a backfill has taken over made by the schedule at first? */
static enum err_code first_round_is_periodic(struct reading *r, struct civil data_time, bool *ret)
{
    struct round_row first = { .task_id = r->task_id, .data_time = data_time, .round = 0 };
    struct arena arena;
    enum err_code rc;

    arena_init(&arena);
    rc = row_get(r->v, &table_round, &arena, &first, r->e);
    arena_done(&arena);
    *ret = rc == E_OK && first.run_type == RUN_PERIODIC;
    return rc == E_MISSING ? E_OK : rc;
}

static bool take_instance(void *ctx, const void *row)
{
    struct reading *r = ctx;
    const struct instance_row *i = row;
    bool own = i->type != INSTANCE_BACKFILL, by_schedule = own;

    if (!own && i->round > 0)
        r->rc = first_round_is_periodic(r, i->data_time, &by_schedule);
    r->made = mem_grow(r->made, &r->made_cap, r->n_made + 1, sizeof(*r->made));
    r->made[r->n_made++] = (struct made){ .data_time = i->data_time,
                                          .planned = i->planned,
                                          .created_at = i->created_at,
                                          .state = (enum instance_state)i->state,
                                          .by_schedule = by_schedule,
                                          .keeps_planned = own };
    return r->rc == E_OK;
}

static bool take_miss(void *ctx, const void *row)
{
    struct reading *r = ctx;
    const struct miss_row *m = row;

    r->missed = mem_grow(r->missed, &r->missed_cap, r->n_missed + 1, sizeof(*r->missed));
    r->missed[r->n_missed++] = (struct missed){ m->planned, m->reason };
    return true;
}

/* Both come in the order of their keys, so they can be searched by halves. */
static enum err_code read_records(struct reading *r)
{
    const struct ledger *l = r->ledger;
    struct civil first, last;
    struct query q;

    if (l->n == 0)
        return E_OK;
    first = last = l->entries[0].firing.data_time;
    for (size_t i = 1; i < l->n; i++) {
        struct civil d = l->entries[i].firing.data_time;
        first = d.s < first.s ? d : first;
        last = d.s > last.s ? d : last;
    }
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, r->task_id);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_GE, first.s);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_LE, last.s);
    q.limit = 2 * LEDGER_FIRINGS_MAX + 1;
    enum err_code rc = query_run(r->v, &q, take_instance, r, r->e);
    if (rc == E_OK)
        rc = r->rc;
    if (rc == E_OK && r->n_made > 2 * LEDGER_FIRINGS_MAX)
        return err_user(r->e, E_LIMIT, "To",
                        "the task has more than %d instances in the period; ask for a shorter one",
                        "该时间段内的实例超过 %d 个，请缩短时间段", 2 * LEDGER_FIRINGS_MAX);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_miss);
    query_number(&q, MISS_TASK_ID, QUERY_EQ, r->task_id);
    query_number(&q, MISS_PLANNED, QUERY_GE, r->from.s);
    query_number(&q, MISS_PLANNED, QUERY_LE, r->to.s);
    return query_run(r->v, &q, take_miss, r, r->e);
}

static int by_data_time(const void *key, const void *element)
{
    const struct civil *k = key;
    const struct made *m = element;

    return k->s < m->data_time.s ? -1 : k->s > m->data_time.s;
}

static int by_planned(const void *key, const void *element)
{
    const struct civil *k = key;
    const struct missed *m = element;

    return k->s < m->planned.s ? -1 : k->s > m->planned.s;
}

/* ---- the verdict --------------------------------------------------------------------------- */

static void say(struct ledger_entry *x, enum ledger_outcome outcome, enum ledger_reason reason)
{
    x->outcome = outcome;
    x->reason = reason;
}

/* A start moves the high water over the firings of the pause and leaves no record of them, nor of
 * when the pause began.  Only the last change is known, and a submit counts as one. */
static bool maybe_paused(const struct reading *r, struct wall at)
{
    const struct task_row *task = r->task;

    return task->status != TASK_INVALID && at.us > task->last_submit_at.us &&
           at.us <= task->ops_at.us;
}

/* Neither an instance nor a miss is on record. */
static void judge_unrecorded(const struct reading *r, const struct term *t, struct ledger_entry *x)
{
    const struct schedule_row *row = &r->ledger->row;
    const struct firing *f = &x->firing;
    /* A later submit settled whatever the versions before it had planned (1.5). */
    bool settled = t->upto.us != WALL_FAR.us ||
                   (wall_is_set(row->settled_at) && f->planned.s <= row->high_water.s);

    if (f->at.us > r->now.us)
        say(x, LEDGER_FUTURE, LEDGER_NO_REASON);
    else if (f->at.us <= row->live_from.us)
        say(x, LEDGER_NOT_LIVE, LEDGER_BEFORE_SUBMIT);
    else if (!settled)
        say(x, LEDGER_FUTURE,
            row->status == TASK_SCHEDULING ? LEDGER_NOT_SETTLED : LEDGER_NOT_SCHEDULING);
    else if (wall_is_set(t->calendar_at) && f->at.us <= t->calendar_at.us)
        say(x, LEDGER_NOT_LIVE, LEDGER_BEFORE_CALENDAR);
    else if (maybe_paused(r, f->at))
        say(x, LEDGER_NOT_LIVE, LEDGER_MAYBE_PAUSED);
    else if (f->at.us < r->horizon.us)
        say(x, LEDGER_PURGED, LEDGER_TOO_OLD);
    else
        say(x, LEDGER_MISSING, LEDGER_DEFECT);
}

static void judge(const struct reading *r, const struct term *t, struct ledger_entry *x)
{
    const struct firing *f = &x->firing;
    const struct made *made = NULL;
    const struct missed *missed = NULL;

    if (r->n_made > 0)
        made = bsearch(&f->data_time, r->made, r->n_made, sizeof(*r->made), by_data_time);
    if (r->n_missed > 0)
        missed = bsearch(&f->planned, r->missed, r->n_missed, sizeof(*r->missed), by_planned);
    enum ledger_reason reason = missed ? reason_of_miss(missed->reason) : LEDGER_NO_REASON;
    if (made) {
        x->has_instance = true;
        x->state = made->state;
    }
    if (made && !made->by_schedule) {
        say(x, LEDGER_MADE_UP, reason);
    } else if (made && !missed && (made->planned.s == f->planned.s || !made->keeps_planned)) {
        int64_t late = wall_sub(made->created_at, f->at).us / 1000000;
        say(x, late > LEDGER_ON_TIME_S ? LEDGER_LATE : LEDGER_ON_TIME, LEDGER_NO_REASON);
        x->late_s = late;
    } else if (missed ||
               (made && f->at.us <= r->now.us && f->at.us > r->ledger->row.live_from.us)) {
        /* Several firings can share one data time: one of them makes the instance. */
        say(x, LEDGER_MISSED, missed ? reason : LEDGER_EXISTS);
    } else {
        judge_unrecorded(r, t, x);
    }
}

static void judge_all(struct reading *r)
{
    struct ledger *l = r->ledger;
    size_t term = 0;

    for (size_t i = 0; i < l->n; i++) {
        while (r->terms[term].num != l->entries[i].version_no)
            term++;
        judge(r, &r->terms[term], &l->entries[i]);
        l->counts[l->entries[i].outcome]++;
    }
}

enum err_code ledger_read(struct view *v, const struct task_row *task, struct civil from,
                          struct civil to, struct wall now, struct ledger *ret, struct err *e)
{
    struct ledger l = { .row = { .task_id = task->id } };
    struct reading r = { .v = v,
                         .task_id = task->id,
                         .task = task,
                         .from = from,
                         .to = to,
                         .now = now,
                         .ledger = &l,
                         .e = e };
    struct arena arena;
    enum err_code rc;

    arena_init(&arena);
    rc = row_get(v, &table_schedule, &arena, &l.row, e);
    arena_done(&arena); /* the row has no text */
    if (rc == E_OK)
        rc = purge_horizon(v, &r.horizon, e);
    if (rc == E_OK)
        rc = read_versions(&r);
    if (rc == E_OK)
        rc = expect_all(&r);
    if (rc == E_OK)
        rc = read_records(&r);
    if (rc == E_OK)
        judge_all(&r);
    mem_free(r.terms);
    mem_free(r.made);
    mem_free(r.missed);
    if (rc == E_OK)
        *ret = l;
    else
        ledger_done(&l);
    return rc;
}

void ledger_done(struct ledger *l)
{
    mem_free(l->entries);
    *l = (struct ledger){ .n = 0 };
}
