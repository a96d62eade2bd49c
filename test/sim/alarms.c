/* test/sim/alarms.c - see alarms.h. */
#include "alarms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checkers.h"
#include "informed.h"

enum { FLYING_MAX = 64 };

/* What is known of a round for its limits of time. */
struct timed {
    struct wall since, started; /* the earliest that were ever said */
};

struct sim_alarms {
    struct map expected; /* text of a message -> this struct; durable */
    char **pending;      /* of this turn */
    size_t n_pending, cap_pending;
    char **leaving; /* of this turn, with the history */
    size_t n_leaving, cap_leaving;
    struct map rounds; /* text of a round -> struct timed */
    int64_t flying[FLYING_MAX];
    int n_flying;
};

static struct sim_alarms *alarms_of(struct sim *s)
{
    if (!s->alarms) {
        s->alarms = NEW(struct sim_alarms);
        map_init(&s->alarms->expected);
        map_init(&s->alarms->rounds);
    }
    return s->alarms;
}

/* ---- letters ------------------------------------------------------------------------------- */

static bool take_letter(void *ctx, const struct letter *l)
{
    struct sim *s = ctx;
    struct sim_alarms *a = alarms_of(s);

    for (int k = 0; k < a->n_flying; k++)
        sim_check(s, a->flying[k] != l->id, "8: a letter is sent again while it is on its way");
    sim_check(s, a->n_flying < FLYING_MAX, "8: too many letters are on their way");
    a->flying[a->n_flying++] = l->id;
    return true;
}

struct letter_port alarms_port(struct sim *s)
{
    return (struct letter_port){ s, take_letter };
}

int64_t alarms_flying(struct sim *s)
{
    struct sim_alarms *a = alarms_of(s);

    return a->n_flying == 0 ? 0 : a->flying[sim_below(s, a->n_flying)];
}

void alarms_landed_here(struct sim *s, int64_t delivery_id)
{
    struct sim_alarms *a = alarms_of(s);

    for (int k = 0; k < a->n_flying; k++)
        if (a->flying[k] == delivery_id) {
            a->flying[k] = a->flying[--a->n_flying];
            return;
        }
}

static bool is_flying(const struct sim_alarms *a, int64_t id)
{
    for (int k = 0; k < a->n_flying; k++)
        if (a->flying[k] == id)
            return true;
    return false;
}

void alarms_restart(struct sim *s)
{
    alarms_of(s)->n_flying = 0;
    tallies_restart(s);
}

/* ---- what is expected ---------------------------------------------------------------------- */

static bool is_redo(const struct instance *i)
{
    return i->run_type == RUN_RERUN || i->run_type == RUN_ADDITION ||
           i->run_type == RUN_RERUN_MANUAL;
}

/* From when it could go on: as it was asked for, or as it was planned. */
static struct wall began(const struct instance *i)
{
    return i->run_type != RUN_PERIODIC || i->round_at.us > i->fire_at.us ? i->round_at : i->fire_at;
}

static bool covers(const struct sim_alarm_rule *r, const struct sim_task *t)
{
    if (!r->there || !r->enabled || t->project != r->project || t->id == r->white)
        return false;
    return r->object == ALARM_OF_FLUCTUATION ? false
           : r->object == ALARM_OF_TASKS     ? r->task == t->id
           : r->object == ALARM_OF_WORKFLOWS ? r->workflow == t->workflow
                                             : true;
}

/* Of a task that is being deleted that is told which came before: what plans were to make of it is
 * made first, and may end by itself. */
static bool is_there(struct sim *s, const struct sim_task *t)
{
    struct task_row row = { .id = t->id };

    return t->there || row_get(store_view(s->store), &table_task, &s->arena, &row, NULL) == E_OK;
}

/* NULL: nothing is to be told. */
static const char *told(const struct sim_alarm_rule *r, const struct instance *i)
{
    bool redo = is_redo(i), first = (redo ? r->redo_trigger : r->trigger) == ALARM_FIRST_FAILURE;
    int type = -1;

    if (i->state == INSTANCE_COMPLETED)
        type = redo ? ALARM_REDO_SUCCESS : ALARM_SUCCESS;
    if (i->state == INSTANCE_EXPIRED || (i->state == INSTANCE_FAILED_RETRY && first))
        type = redo ? ALARM_REDO_FAILURE : ALARM_FAILURE;
    return type >= 0 && (r->types & 1u << type) ? alarm_type_name((enum alarm_type)type) : NULL;
}

static void name_message(char out[200], const char *rule, struct instance_key key, int round,
                         struct str reason)
{
    snprintf(out, 200, "%s %" PRId64 " %" PRId64 " %d %.*s", rule, key.task_id, key.data_time.s,
             round, STR_ARG(reason));
}

/* As it is expected; those of limits are not. */
static void name_row(char out[200], const struct alarm_message_row *m)
{
    char rule[64];

    snprintf(rule, sizeof(rule), "%.*s", STR_ARG(m->rule_id));
    if (m->rule_id.len == 0)
        informed_name(out, m);
    else if (m->task_id == 0 || str_starts_with(m->reason, STR("overtime:")))
        snprintf(out, 200, "%.*s", STR_ARG(m->fired));
    else
        name_message(out, rule, (struct instance_key){ m->task_id, m->data_time }, m->round,
                     m->reason);
}

static struct str name_round(char out[80], struct instance_key key, int round)
{
    snprintf(out, 80, "%" PRId64 " %" PRId64 " %d", key.task_id, key.data_time.s, round);
    return str_from(out);
}

static void note_round(struct sim *s, const struct instance *i)
{
    struct sim_alarms *a = alarms_of(s);
    char name[80];
    struct str round = name_round(name, i->key, i->round);
    struct timed *t = map_get(&a->rounds, round);
    struct wall since = began(i);

    if (!t) {
        t = NEW(struct timed);
        t->since = since;
        t->started = WALL_FAR;
        map_put(&a->rounds, round, t);
    }
    if (since.us < t->since.us)
        t->since = since;
    if (wall_is_set(i->started_at) && i->started_at.us < t->started.us)
        t->started = i->started_at;
}

void alarms_expect(struct sim *s, const char *message)
{
    struct sim_alarms *a = alarms_of(s);

    a->pending = mem_grow(a->pending, &a->cap_pending, a->n_pending + 1, sizeof(char *));
    a->pending[a->n_pending++] = mem_strdup(str_from(message));
}

static void note_message(struct sim *s, const struct sim_alarm_rule *r, const struct instance *i)
{
    const char *reason = told(r, i);
    char name[200];

    if (!reason)
        return;
    name_message(name, r->id, i->key, i->round, str_from(reason));
    alarms_expect(s, name);
}

void alarms_on_effect(struct sim *s, const struct instance *i)
{
    const struct sim_task *t = sim_task_find(s, i->key.task_id);

    note_round(s, i);
    tallies_on_effect(s, i);
    for (int k = 0; k < SIM_ALARM_RULES; k++) {
        const struct sim_alarm_rule *r = &s->defs.alarms[k];
        if (covers(r, t) && is_there(s, t))
            note_message(s, r, i);
    }
}

/* In this turn. */
static bool just_ended(struct sim *s, const struct instance *closed)
{
    const struct track *t = track_find(s, closed->key);
    size_t k = t ? t->n : 0;

    while (k > 0 && t->moments[k - 1].round != closed->round)
        k--;
    return k > 0 && t->moments[k - 1].turn == s->committed_seq;
}

void alarms_on_close(struct sim *s, const struct instance *closed)
{
    const struct sim_task *t = sim_task_find(s, closed->key.task_id);

    for (int k = 0; k < SIM_ALARM_RULES && !t->there && just_ended(s, closed); k++)
        if (covers(&s->defs.alarms[k], t) && str_eq(closed->reason, REASON_PLAN_DELETED))
            note_message(s, &s->defs.alarms[k], closed);
}

void alarms_on_purged(struct sim *s, const struct alarm_message_row *m)
{
    struct sim_alarms *a = alarms_of(s);
    struct instance_key key = { m->task_id, m->data_time };
    const struct moment *last = track_last(track_find(s, key));
    char name[200];

    sim_check(s, !last || last->round != m->round,
              "retention: a message leaves whose round could be told again");
    coverage_feature(s, SIM_HAS_purged_message);
    if (str_starts_with(m->reason, STR("overtime:")))
        return;
    name_row(name, m);
    a->leaving = mem_grow(a->leaving, &a->cap_leaving, a->n_leaving + 1, sizeof(char *));
    a->leaving[a->n_leaving++] = mem_strdup(str_from(name));
}

static void pending_clear(struct sim_alarms *a)
{
    while (a->n_pending > 0)
        mem_free(a->pending[--a->n_pending]);
    while (a->n_leaving > 0)
        mem_free(a->leaving[--a->n_leaving]);
}

static bool expect(struct sim *s, struct str message)
{
    return !map_put(&s->alarms->expected, message, s->alarms);
}

void alarms_commit(struct sim *s)
{
    struct sim_alarms *a = alarms_of(s);

    for (size_t k = 0; k < a->n_pending; k++)
        map_put(&a->expected, str_from(a->pending[k]), a);
    for (size_t k = 0; k < a->n_leaving; k++)
        map_remove(&a->expected, str_from(a->leaving[k]));
    pending_clear(a);
    tallies_commit(s, expect);
}

void alarms_crash(struct sim *s)
{
    pending_clear(alarms_of(s));
    tallies_crash(s);
}

void alarms_done(struct sim *s)
{
    size_t at = 0;
    struct str key;
    void *value;

    tallies_done(s);
    if (!s->alarms)
        return;
    while (map_next(&s->alarms->rounds, &at, &key, &value))
        mem_free(value);
    pending_clear(s->alarms);
    mem_free(s->alarms->pending);
    mem_free(s->alarms->leaving);
    map_done(&s->alarms->expected);
    map_done(&s->alarms->rounds);
    mem_free(s->alarms);
}

/* ---- against the store --------------------------------------------------------------------- */

struct looking {
    struct sim *s;
    struct map seen;
    size_t changes;
};

/* The limit is in the message's text of what it is about: "... overtime:kind:type:minutes". */
static void check_limit(struct sim *s, const struct alarm_message_row *m)
{
    char name[80];
    struct instance_key key = { m->task_id, m->data_time };
    const struct timed *t = map_get(&s->alarms->rounds, name_round(name, key, m->round));
    struct str text = m->fired, kind;
    int64_t minutes;

    text = str_sub(text, (size_t)str_find(text, STR("overtime:")), text.len);
    str_split(&text, ':');
    kind = str_split(&text, ':');
    str_split(&text, ':');
    check(str_to_i64(text, &minutes));
    sim_check(s, t, "8: a limit of a round that never was");
    struct wall from = str_eq_c(kind, "1") ? t->started : t->since;
    sim_check(s, from.us <= s->latest.us - minutes * 60000000,
              "8: a limit of %" PRId64 " minutes is over too early", minutes);
}

static bool see_message(void *ctx, const void *row)
{
    struct looking *l = ctx;
    const struct alarm_message_row *m = row;
    struct sim *s = l->s;
    char name[200];

    name_row(name, m);
    if (str_starts_with(m->reason, STR("overtime:"))) {
        check_limit(s, m);
    } else {
        sim_check(s, map_get(&s->alarms->expected, str_from(name)),
                  "8: a message that nothing is the reason of: %s", name);
        l->changes++;
    }
    if (m->rule_id.len == 0)
        informed_check(s, m);
    sim_check(s, !map_put(&l->seen, str_from(name), l), "8: a message is there twice: %s", name);
    return true;
}

static bool see_delivery(void *ctx, const void *row)
{
    const struct alarm_delivery_row *d = row;
    struct sim *s = ctx;

    sim_check(s,
              d->due.us > s->now.us || is_flying(s->alarms, d->id) ||
                  s->alarms->n_flying >= 32 /* as many as may be */,
              "8: a delivery is due, and nobody sends it");
    return true;
}

void alarms_check(struct sim *s)
{
    struct looking l = { .s = s };
    struct query q;

    alarms_of(s);
    map_init(&l.seen);
    query_init(&q, &table_alarm_message);
    check(query_run(store_view(s->store), &q, see_message, &l, NULL) == E_OK);
    sim_check(s, l.changes == s->alarms->expected.len,
              "8: %zu messages about changes are there, and %zu should be", l.changes,
              s->alarms->expected.len);
    map_done(&l.seen);
}

/* ---- at rest ------------------------------------------------------------------------------- */

static bool fired(struct sim *s, const struct sim_alarm_rule *r, const struct instance *i,
                  int minutes)
{
    struct alarm_message_row m = { .id = 0 };
    char text[200];
    struct arena a;

    snprintf(text, sizeof(text), "%s %" PRId64 " %" PRId64 " %d overtime:%d:1:%d", r->id,
             i->key.task_id, i->key.data_time.s, i->round, (int)r->kind, minutes);
    m.fired = str_from(text);
    arena_init(&a);
    enum err_code rc = row_get_by(store_view(s->store), &table_alarm_message, 0, &a, &m, NULL);
    arena_done(&a);
    return rc == E_OK;
}

static void check_overtime(struct sim *s, const struct sim_alarm_rule *r, const struct instance *i)
{
    int minutes = is_redo(i) ? r->redo_minutes : r->minutes;
    struct wall since = began(i);
    bool runs = r->kind == ALARM_RUNS_LONG;

    if (!(r->types & 1u << ALARM_OVERTIME) || (runs ? !wall_is_set(i->started_at) : i->tries > 0))
        return;
    if (wall_add(runs ? i->started_at : since, DUR_MIN(minutes)).us > s->now.us)
        return;
    sim_check(s, fired(s, r, i, minutes),
              "8: an instance of task %" PRId64 " is over a limit of time, and nobody is told",
              i->key.task_id - SIM_TASK_ID(0));
    coverage_feature(s, SIM_HAS_alarm_overtime);
}

void alarms_awake(struct sim *s)
{
    const struct instance *i;
    struct query q;

    alarms_of(s);
    check(store_begin(s->store, NULL) == E_OK);
    for (size_t at = 0; (i = census_next(s, &at)) != NULL;) {
        const struct sim_task *t = sim_task_find(s, i->key.task_id);
        for (int k = 0; k < SIM_ALARM_RULES && t->there; k++)
            if (covers(&s->defs.alarms[k], t))
                check_overtime(s, &s->defs.alarms[k], i);
    }
    query_init(&q, &table_alarm_delivery);
    query_number(&q, ALARM_DELIVERY_STATE, QUERY_LE, DELIVERY_PENDING);
    check(query_run(store_view(s->store), &q, see_delivery, s, NULL) == E_OK);
    store_rollback(s->store);
}
