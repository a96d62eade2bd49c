/* model/alarm_when.c - when a rule fires: changes of an instance, limits of time, numbers of a day.
 */
#include "model/alarm.h"

bool alarm_is_redo(enum run_type t)
{
    return run_type_is_asked_for(t) && t != RUN_MANUAL;
}

/* EXPIRED is a failure, however it came about; so is an attempt that will be repeated, where the
 * rule wants the first one. */
enum alarm_type alarm_of_change(const struct alarm_rule *r, enum run_type t,
                                enum instance_state state)
{
    bool redo = alarm_is_redo(t);
    enum alarm_trigger trigger = redo ? r->redo_trigger : r->trigger;
    enum alarm_type type = ALARM_TYPE_N_;

    if (state == INSTANCE_COMPLETED)
        type = redo ? ALARM_REDO_SUCCESS : ALARM_SUCCESS;
    else if (state == INSTANCE_EXPIRED ||
             (state == INSTANCE_FAILED_RETRY && trigger == ALARM_FIRST_FAILURE))
        type = redo ? ALARM_REDO_FAILURE : ALARM_FAILURE;
    return type != ALARM_TYPE_N_ && (r->types & 1u << type) ? type : ALARM_TYPE_N_;
}

/* ---- limits of time ------------------------------------------------------------------------ */

static struct wall later(struct wall a, struct wall b)
{
    return a.us > b.us ? a : b;
}

/* From when it could go on: a round that an operator asked for begins when he asks. */
static struct wall since(const struct alarm_facts *f)
{
    return run_type_is_asked_for(f->run_type) ? f->round_at : later(f->fire_at, f->round_at);
}

static struct wall after(struct wall w, struct dur d)
{
    return wall_is_set(w) && d.us <= WALL_FAR.us - w.us ? wall_add(w, d) : WALL_FAR;
}

/* The first time of day H:M behind the instant. */
static struct wall next_clock(const struct zone *z, struct wall from, int minutes)
{
    struct civil c = civil_day(zone_to_civil(z, from));

    for (int day = 0; day < 3; day++) {
        struct wall at =
            zone_to_wall(z, (struct civil){ c.s + day * CIVIL_DAY + (int64_t)minutes * 60 });
        if (at.us > from.us)
            return at;
    }
    return WALL_FAR;
}

static struct wall cycle_end(const struct alarm_facts *f)
{
    if (!wall_is_set(f->next_at))
        return WALL_FAR;
    return run_type_is_asked_for(f->run_type) ? after(f->round_at, wall_sub(f->next_at, f->fire_at))
                                              : f->next_at;
}

struct wall alarm_deadline(const struct alarm_limit *l, const struct alarm_facts *f,
                           const struct alarm_means *m)
{
    struct dur more = DUR_MIN(l->minutes);

    if (instance_state_is_terminal(f->state) || (l->average && !m->known))
        return WALL_FAR;
    switch (l->kind) {
    case ALARM_RUNS_LONG:
        if (l->average)
            more.us += m->run.us;
        return after(f->started_at, more);
    case ALARM_NOT_BY_CLOCK:
        if (l->average)
            return after(since(f), (struct dur){ more.us + m->whole.us });
        return next_clock(l->zone, since(f), l->minutes);
    case ALARM_WAITS_LONG:
        if (l->average)
            more.us += m->wait.us;
        return f->tries > 0 ? WALL_FAR : after(since(f), more);
    case ALARM_NOT_IN_CYCLE:
        return cycle_end(f);
    }
    return WALL_FAR;
}

/* ---- numbers of a day ---------------------------------------------------------------------- */

/* Of a day, up to some time. */
struct sums {
    int64_t failed, succeeded;
};

static bool has_risen(const struct alarm_fluctuation *f, int64_t by, int64_t from)
{
    return by > 0 && by >= f->count &&
           (f->percent == 0 || (double)by * 100 >= (double)f->percent * (double)from);
}

static bool exceeds(const struct alarm_fluctuation *f, const struct sums *now,
                    const struct sums *then)
{
    int64_t ended = now->failed + now->succeeded;

    switch (f->type) {
    case ALARM_FAILURES_UP:
    case ALARM_FAILURES_MORE:
        return now->failed >= f->least && has_risen(f, now->failed - then->failed, then->failed);
    case ALARM_SUCCESSES_DOWN:
    case ALARM_SUCCESSES_FEWER:
        return now->succeeded >= f->least &&
               has_risen(f, then->succeeded - now->succeeded, then->succeeded);
    case ALARM_FAILURES_MANY:
        return now->failed >= f->least && now->failed >= f->count;
    case ALARM_FAILURES_SHARE:
        return ended > 0 && ended >= f->least &&
               (double)now->failed * 100 >= (double)f->percent * (double)ended;
    default:
        return false;
    }
}

static bool looks_back(enum alarm_type t)
{
    return t != ALARM_FAILURES_MANY && t != ALARM_FAILURES_SHARE;
}

static void add(struct sums *sums, const struct alarm_day *day, int slot)
{
    sums->failed += day->failed[slot];
    sums->succeeded += day->succeeded[slot];
}

bool alarm_fluctuates(const struct alarm_fluctuation *f, const struct alarm_day *today,
                      const struct alarm_day *before, int slots)
{
    struct sums now = { 0, 0 }, then = { 0, 0 };
    int times = 0;
    bool last = false;

    check(slots <= ALARM_SLOTS);
    if (looks_back(f->type) && !before->counted)
        return false;
    for (int i = 0; i < slots; i++) {
        add(&now, today, i);
        add(&then, before, i);
        last = exceeds(f, &now, &then);
        if (!last && !f->cumulative)
            times = 0;
        if (last && i >= slots - f->cycles)
            times++;
    }
    return last && times >= f->times;
}
