/* engine/alarm_outbox.c - deliveries that are due: from the store to the sender, and back.
 *
 * Few are with the sender at a time; the others wait in the store, however many there are.
 */
#include "engine/alarm_int.h"

#include "engine/cmd_alarm.h"
#include "model/alarm_text.h"

enum { BODY_MAX = 64 * 1024, SUBJECT_MAX = 4096 };
static const struct dur busy_pause = { 1000000 };

static struct pair_key key_of(int64_t id)
{
    return (struct pair_key){ (uint64_t)id, 0 };
}

static bool is_flying(const struct alarms *a, int64_t id)
{
    return pair_map_get(&a->flight, key_of(id)) != NULL;
}

/* ---- letters ------------------------------------------------------------------------------- */

static struct str finish(struct arena *a, struct buf *b)
{
    struct str s = arena_str(a, buf_str(b));

    buf_done(b);
    return s;
}

static enum err_code write_letter(struct engine *g, const struct alarm_delivery_row *d,
                                  struct letter *ret, struct err *e)
{
    struct arena *a = &g->alarms->bag_arena;
    struct alarm_message_row m = { .id = d->message_id };
    struct buf subject, body;
    enum err_code rc = row_get(engine_view(g), &table_alarm_message, a, &m, e);

    if (rc != E_OK)
        return rc;
    struct alarm_notice n = { .message_id = m.id,
                              .delivery_id = d->id,
                              .project_id = m.project_id,
                              .rule_id = m.rule_id,
                              .rule_name = m.rule_name,
                              .reason = m.reason,
                              .text = m.text,
                              .level = (enum alarm_level)m.level,
                              .task_id = m.task_id,
                              .task_name = m.task_name,
                              .data_time = m.data_time,
                              .round = m.round,
                              .number = d->number,
                              .escalation = d->escalation,
                              .recipients = m.recipients,
                              .fired_at = m.fired_at };
    buf_init(&subject, SUBJECT_MAX);
    buf_init(&body, BODY_MAX);
    alarm_subject(&n, &subject);
    alarm_body((enum alarm_way)d->way, &n, &body);
    *ret = (struct letter){ .id = d->id,
                            .way = (enum alarm_way)d->way,
                            .target = arena_str(a, d->target),
                            .subject = finish(a, &subject),
                            .body = finish(a, &body),
                            .at = g->now };
    return E_OK;
}

/* ---- gathering ----------------------------------------------------------------------------- */

/* Those that wait, the longest due first: as many as may be with the sender, and one. */
static enum err_code read_open(struct engine *g, struct alarm_delivery_row **ret, size_t *ret_n,
                               struct err *e)
{
    struct query q;
    void *rows = NULL;

    query_init(&q, &table_alarm_delivery);
    query_number(&q, ALARM_DELIVERY_STATE, QUERY_LE, DELIVERY_PENDING);
    query_order(&q, ALARM_DELIVERY_DUE, false);
    q.limit = ALARM_FLIGHT_MAX + 1;
    enum err_code rc = query_rows(engine_view(g), &q, &g->arena, &rows, ret_n, e);
    if (rc == E_OK)
        *ret = rows;
    return rc;
}

enum err_code alarm_outbox_gather(struct engine *g, struct err *e)
{
    struct alarms *a = g->alarms;
    struct alarm_delivery_row *rows;
    size_t n = 0;

    if (!g->config.letters.send || a->next_due.us > g->now.us)
        return E_OK;
    enum err_code rc = read_open(g, &rows, &n, e);
    if (rc != E_OK)
        return rc;
    a->bag = ARENA_ARRAY(&a->bag_arena, struct letter, ALARM_FLIGHT_MAX + 1);
    a->n_bag = 0;
    a->next_due = WALL_FAR;
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        if (is_flying(a, rows[i].id))
            continue;
        if (rows[i].due.us > g->now.us) {
            a->next_due = rows[i].due;
            break;
        }
        if (a->flight.len + a->n_bag >= ALARM_FLIGHT_MAX)
            break; /* the next that lands makes room */
        rc = write_letter(g, &rows[i], &a->bag[a->n_bag], e);
        a->n_bag += rc == E_OK;
    }
    return rc;
}

void alarms_release(struct engine *g)
{
    struct alarms *a = g->alarms;
    static char flying;

    for (size_t i = 0; i < a->n_bag; i++)
        if (g->config.letters.send(g->config.letters.ctx, &a->bag[i]))
            pair_map_put(&a->flight, key_of(a->bag[i].id), &flying);
        else
            alarms_delivery_due(g, wall_add(g->now, busy_pause));
    alarms_drop(g);
}

void alarms_drop(struct engine *g)
{
    g->alarms->n_bag = 0;
    g->alarms->bag = NULL;
    arena_reset(&g->alarms->bag_arena);
}

void alarms_delivery_due(struct engine *g, struct wall due)
{
    if (due.us < g->alarms->next_due.us)
        g->alarms->next_due = due;
}

void alarms_landed(struct engine *g, int64_t delivery_id)
{
    pair_map_remove(&g->alarms->flight, key_of(delivery_id));
    g->alarms->next_due = (struct wall){ 1 }; /* there is room: look */
}

/* ---- results ------------------------------------------------------------------------------- */

struct result_command {
    struct engine_command command;
    struct engine *engine;
    struct letter_result result;
};

static enum err_code result_run(struct engine_command *c, struct engine *g, struct err *e)
{
    return alarm_delivered(g, &CONTAINER_OF(c, struct result_command, command)->result, e);
}

/* Where it could not be written, the letter is sent again. */
static void result_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct result_command *r = CONTAINER_OF(c, struct result_command, command);

    (void)e;
    if (rc != E_CANCELED) /* the server ends, and its engine with it */
        alarms_landed(r->engine, r->result.id);
    mem_free(r);
}

bool alarms_result_post(struct engine *g, const struct letter_result *result)
{
    struct result_command *r = NEW(struct result_command);

    r->command.run = result_run;
    r->command.done = result_done;
    r->engine = g;
    r->result = *result;
    if (engine_post(g, &r->command, NULL) == E_OK)
        return true;
    mem_free(r);
    return false;
}
