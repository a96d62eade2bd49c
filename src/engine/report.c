/* engine/report.c - what a runner says of its attempts, and what follows from it.
 *
 * Reports are kept until the turn that took them up is committed: a failed commit repeats them.
 */
#include "engine/engine_int.h"
#include "engine/event_hook.h"
#include "engine/parameter.h"

/* That a program has started is worth no commit of its own: it waits this long for company, above
 * all for the end of that program, which says the same again. */
static const struct dur start_pause = { 20000 };
enum { COMPANY_MAX = 64 }; /* reports among which the start is looked for */

bool reports_are_due(struct engine *g)
{
    if (g->n_reports == 0)
        return false;
    if (!wall_is_set(g->starts_due))
        g->starts_due = wall_add(g->now, start_pause);
    /* Also after a step of the clock. */
    return g->ends_wait || g->now.us >= g->starts_due.us ||
           g->starts_due.us - g->now.us > start_pause.us;
}

struct wall reports_due(const struct engine *g)
{
    return g->n_reports == 0                             ? WALL_FAR
           : g->ends_wait || !wall_is_set(g->starts_due) ? g->now
                                                         : g->starts_due;
}

static struct report *report_add(struct engine *g)
{
    g->reports = mem_grow(g->reports, &g->cap_reports, g->n_reports + 1, sizeof(*g->reports));
    struct report *r = &g->reports[g->n_reports++];
    *r = (struct report){ .fence = 0 };
    return r;
}

/* The core may be loaded anew while the connection lasts, so names do not stand with the attempts.
 */
void runner_has(struct engine *g, uint64_t fence)
{
    pair_map_put(&g->named, (struct pair_key){ fence, 0 }, g);
}

void engine_runner_running(struct engine *g, uint64_t fence, struct wall started_at)
{
    struct report *r = report_add(g);

    r->fence = fence;
    r->started_at = started_at;
    runner_has(g, fence);
}

void engine_runner_ended(struct engine *g, const struct attempt_end *end)
{
    for (size_t n = g->n_reports, k = n; k > 0 && n - k < COMPANY_MAX; k--)
        if (g->reports[k - 1].fence == end->fence)
            g->reports[k - 1].over = true;
    struct report *r = report_add(g);

    g->ends_wait = true;
    r->ended = true;
    r->fence = end->fence;
    r->end = *end;
    r->end.text = str_make(mem_strdup(end->text), end->text.len);
    r->end.outputs = str_make(mem_strdup(end->outputs), end->outputs.len);
    r->end.events = str_make(mem_strdup(end->events), end->events.len);
    runner_has(g, end->fence);
    g->stats.reports++;
}

void engine_runner_synced(struct engine *g)
{
    g->runner_synced = true;
    metric_set(&g->metrics.runner_connected, 1);
    g->resync = true;
}

void engine_runner_lost(struct engine *g)
{
    g->runner_synced = false;
    metric_set(&g->metrics.runner_connected, 0);
    g->resync = false; /* what it named does not count any more: the next connection says it all */
    pair_map_done(&g->named);
    pair_map_init(&g->named);
}

static bool is_to_end(struct engine *g, uint64_t fence, struct instance_key key)
{
    const struct instance *i = core_instance_get(g->core, key);

    return i && i->fence == fence && (i->flags & (INSTANCE_KILLING | INSTANCE_TIMED_OUT));
}

/* What is to end although it was not sent ends unstarted; its task may be deleted.  What the runner
 * has and is to end is killed again: the first kill may have been lost with the connection. */
void attempts_resend(struct engine *g)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    if (!effects_open_view(g))
        return;
    g->resync = false;
    while (pair_map_next(&g->live, &at, &key, &value)) {
        const struct live_attempt *a = value;
        bool named = pair_map_get(&g->named, key), end = is_to_end(g, key.a, a->key);
        if (!named && end) {
            engine_runner_ended(g, &(struct attempt_end){ .fence = key.a,
                                                          .outcome = ATTEMPT_KILLED,
                                                          .ended_at = g->now,
                                                          .text = STR("ended before it began") });
        } else if (!named) {
            attempt_send(g, key.a, a->key, true);
        } else if (end) {
            g->config.runner.kill(g->config.runner.ctx, key.a, g->config.kill_grace);
        }
    }
    store_rollback(g->config.store);
}

static enum attempt_result result_of(const struct attempt_end *end)
{
    switch (end->outcome) {
    case ATTEMPT_EXITED:
        return end->exit_code == 0 ? RESULT_SUCCESS : RESULT_FAILED;
    case ATTEMPT_KILLED:
        return RESULT_KILLED;
    case ATTEMPT_LOST:
        return RESULT_LOST;
    default:
        return RESULT_FAILED;
    }
}

static struct str reason_of(struct engine *g, const struct attempt_end *end)
{
    switch (end->outcome) {
    case ATTEMPT_EXITED:
        return end->exit_code == 0 ? (struct str){ NULL, 0 }
                                   : arena_printf(&g->arena, "exit status %d", end->exit_code);
    case ATTEMPT_SIGNALED:
        return arena_printf(&g->arena, "ended by signal %d", end->term_signal);
    default:
        return end->text.len > 0 ? end->text : str_from(attempt_outcome_name(end->outcome));
    }
}

static enum err_code write_end(struct engine *g, const struct attempt_end *end, struct str text,
                               struct err *e)
{
    struct attempt_row row = { .fence = (int64_t)end->fence,
                               .outcome = (int32_t)end->outcome,
                               .exit_code = end->exit_code,
                               .term_signal = end->term_signal,
                               .started_at = end->started_at,
                               .ended_at = end->ended_at,
                               .text = text };
    enum err_code rc =
        row_update(g->config.store, &table_attempt, &row,
                   COL(ATTEMPT_OUTCOME) | COL(ATTEMPT_EXIT_CODE) | COL(ATTEMPT_TERM_SIGNAL) |
                       COL(ATTEMPT_STARTED_AT) | COL(ATTEMPT_ENDED_AT) | COL(ATTEMPT_TEXT),
                   e);

    return rc == E_MISSING ? E_OK : rc; /* a fence of another store: nothing of ours */
}

/* The instance has just succeeded: what its attempt put out counts.  Notes go behind the attempt's
 * text. */
static enum err_code take_outputs(struct engine *g, const struct instance *i,
                                  const struct attempt_end *end, struct buf *notes, struct err *e)
{
    const struct version_entry *version;
    enum err_code rc = E_OK;

    if (end->outputs.len > 0)
        rc = parameter_keep(g, i, end->outputs, e);
    if (rc != E_OK || end->events.len == 0)
        return rc;
    rc =
        version_cache_get(&g->versions, engine_view(g), i->key.task_id, i->version_no, &version, e);
    if (parameter_is_refusal(rc)) {
        buf_add_c(notes, "; no event was fired: the version that ran cannot be read");
        return E_OK;
    }
    return rc == E_OK ? event_hook_fire(g, version, end->events, notes, e) : rc;
}

static enum err_code ended_apply(struct engine *g, const struct attempt_end *end, struct err *e)
{
    struct live_attempt *live = pair_map_get(&g->live, (struct pair_key){ end->fence, 0 });
    const struct instance *before = live ? core_instance_get(g->core, live->key) : NULL;
    bool ours = before && before->fence == end->fence;
    struct buf text;
    enum err_code rc = E_OK;

    buf_init(&text, 8192);
    buf_add_str(&text, end->text);
    core_attempt_ended(g->core, end->fence, result_of(end), reason_of(g, end), end->ended_at,
                       g->now);
    const struct instance *after = ours ? effects_pending(g, live->key) : NULL;
    if (after && after->state == INSTANCE_COMPLETED) {
        struct instance done = *after; /* what is pending moves when more is written */
        rc = take_outputs(g, &done, end, &text, e);
    }
    if (rc == E_OK)
        rc = write_end(g, end, buf_str(&text), e);
    buf_done(&text);
    return rc;
}

enum err_code report_apply(struct engine *g, const struct report *r, struct err *e)
{
    struct attempt_row row = { .fence = (int64_t)r->fence, .started_at = r->started_at };
    enum err_code rc;

    if (r->ended)
        return ended_apply(g, &r->end, e);
    if (r->over)
        return E_OK;
    rc = row_update(g->config.store, &table_attempt, &row, COL(ATTEMPT_STARTED_AT), e);
    if (rc == E_OK)
        core_attempt_running(g->core, r->fence, r->started_at, g->now);
    return rc == E_MISSING ? E_OK : rc;
}

void reports_count(struct engine *g, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct attempt_end *end = &g->reports[i].end;
        const struct live_attempt *live =
            pair_map_get(&g->live, (struct pair_key){ g->reports[i].fence, 0 });
        if (g->reports[i].ended && live)
            engine_metrics_attempt(&g->metrics, live->type_id, result_of(end), end->started_at,
                                   end->ended_at);
    }
}

void reports_drop(struct engine *g, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct attempt_end *end = &g->reports[i].end;
        mem_free((void *)(uintptr_t)end->text.ptr);
        mem_free((void *)(uintptr_t)end->outputs.ptr);
        mem_free((void *)(uintptr_t)end->events.ptr);
    }
    g->n_reports -= n;
    if (g->n_reports > 0)
        memmove(g->reports, g->reports + n, g->n_reports * sizeof(*g->reports));
    g->starts_due = WALL_NONE;
    g->ends_wait = g->n_reports > 0;
}
