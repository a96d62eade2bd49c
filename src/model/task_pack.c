/* model/task_pack.c - the half of a definition that the scheduler holds, packed. */
#include "model/task_pack.h"

#include "base/pack.h"

/* Changes with the order or the meaning of what is packed. */
enum { FORMAT = 2 };

static void pack_schedule(const struct schedule *s, struct buf *out)
{
    struct buf cron;

    buf_init(&cron, CRON_TEXT_MAX);
    cron_print(&s->cron, &cron);
    pack_number(out, s->cycle);
    pack_text(out, buf_str(&cron));
    buf_done(&cron);
    pack_text(out, str_from(zone_name(s->zone)));
    pack_number(out, s->start.s);
    pack_number(out, s->end.s);
    pack_number(out, s->window_from);
    pack_number(out, s->window_to);
    pack_number(out, s->init);
    pack_number(out, s->gap);
    pack_number(out, s->overlap);
    pack_number(out, s->manual);
}

static void pack_upstream(const struct task_upstream *up, struct buf *out)
{
    pack_number(out, up->task_id);
    pack_number(out, up->strategy);
    pack_number(out, up->conditions);
    pack_number(out, up->timeout_minutes);
    pack_number(out, up->accept);
    pack_number(out, up->rule_given);
    if (!up->rule_given)
        return;
    pack_number(out, up->rule.main);
    pack_number(out, up->rule.sub);
    pack_number(out, up->rule.n_offsets);
    for (int i = 0; i < up->rule.n_offsets; i++)
        pack_number(out, up->rule.offsets[i]);
}

static void pack_listener(const struct task_listener *l, struct buf *out)
{
    pack_text(out, l->event_name);
    pack_text(out, l->project_id);
    pack_number(out, l->sub_type);
    pack_number(out, l->broadcast);
    pack_number(out, l->max_wait_minutes);
}

void task_pack(const struct task_spec *spec, struct buf *out)
{
    pack_number(out, FORMAT);
    pack_text(out, spec->workflow_id);
    pack_text(out, spec->group_id);
    pack_number(out, spec->type_id);
    pack_schedule(&spec->schedule, out);
    pack_text(out, spec->calendar_id);
    pack_number(out, spec->self_depend);
    pack_number(out, spec->redo);
    pack_number(out, spec->dry_run);
    pack_number(out, spec->merge_all);
    pack_number(out, spec->priority);
    pack_number(out, spec->retry_wait_minutes);
    pack_number(out, spec->max_retries);
    pack_number(out, spec->execution_ttl_minutes);
    pack_number(out, spec->wait_ttl_minutes);
    pack_number(out, spec->n_upstreams);
    for (int i = 0; i < spec->n_upstreams; i++)
        pack_upstream(&spec->upstreams[i], out);
    pack_number(out, spec->n_listeners);
    for (int i = 0; i < spec->n_listeners; i++)
        pack_listener(&spec->listeners[i], out);
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool unpack_flag(struct unpack *u)
{
    return unpack_number(u, 0, 1) == 1;
}

static int64_t unpack_minutes(struct unpack *u)
{
    return unpack_number(u, -1, INT64_MAX);
}

static enum err_code unpack_schedule(struct unpack *u, struct schedule *ret, struct err *e)
{
    struct civil least = { INT64_MIN };
    enum err_code rc;

    ret->cycle = (enum cycle)unpack_number(u, 0, CYCLE_N_ - 1);
    rc = cron_parse(unpack_text(u), &ret->cron, e);
    if (rc == E_OK)
        rc = zone_find(unpack_text(u), &ret->zone, e);
    ret->start.s = unpack_number(u, least.s, INT64_MAX);
    ret->end.s = unpack_number(u, ret->start.s, INT64_MAX);
    ret->window_from = (int)unpack_number(u, 0, 24 * 60 - 1);
    ret->window_to = (int)unpack_number(u, ret->window_from, 24 * 60 - 1);
    ret->init = (enum init_strategy)unpack_number(u, INIT_T_PLUS_0, INIT_T_PLUS_1);
    ret->gap = (enum dst_gap)unpack_number(u, DST_GAP_SHIFT, DST_GAP_SKIP);
    ret->overlap = (enum dst_overlap)unpack_number(u, DST_OVERLAP_FIRST, DST_OVERLAP_LAST);
    ret->manual = unpack_flag(u);
    return rc;
}

/* A RANGE has two offsets, ascending, a LIST some, and nothing else any. */
static void unpack_rule(struct unpack *u, struct dep_rule *ret)
{
    ret->main = (enum dep_main)unpack_number(u, 0, DEP_MAIN_N_ - 1);
    ret->sub = (enum dep_sub)unpack_number(u, 0, DEP_SUB_N_ - 1);

    bool list = ret->main >= DEP_LIST_DAY, range = !list && ret->main >= DEP_RANGE_DAY;
    int64_t least = range ? 2 : list ? 1 : 0;
    int64_t most = range ? 2 : list ? DEP_OFFSETS_MAX : 0;

    ret->n_offsets = (int)unpack_number(u, least, most);
    for (int i = 0; i < ret->n_offsets; i++)
        ret->offsets[i] = (int32_t)unpack_number(
            u, range && i == 1 ? ret->offsets[0] : -DEP_OFFSET_ABS_MAX, DEP_OFFSET_ABS_MAX);
}

static void unpack_upstream(struct unpack *u, struct task_upstream *ret)
{
    ret->task_id = unpack_number(u, 1, INT64_MAX);
    ret->strategy = (enum null_strategy)unpack_number(u, NULL_WAITING, NULL_EXECUTING);
    ret->conditions =
        (unsigned)unpack_number(u, 0, NULL_NOT_EXIST | NULL_PARENT_EXPIRED | NULL_PARENT_TIMEOUT);
    ret->timeout_minutes = unpack_minutes(u);
    ret->accept = (unsigned)unpack_number(u, 0, ACCEPT_SUCCESS | ACCEPT_SKIPPED | ACCEPT_FAILED);
    ret->rule_given = unpack_flag(u);
    if (ret->rule_given)
        unpack_rule(u, &ret->rule);
}

static void unpack_lists(struct unpack *u, struct arena *a, struct task_spec *ret)
{
    struct task_upstream *upstreams;
    struct task_listener *listeners;

    ret->n_upstreams = (int)unpack_number(u, 0, TASK_LIST_MAX);
    upstreams = ARENA_ARRAY(a, struct task_upstream, (size_t)ret->n_upstreams);
    for (int i = 0; i < ret->n_upstreams; i++)
        unpack_upstream(u, &upstreams[i]);
    ret->upstreams = upstreams;
    ret->n_listeners = (int)unpack_number(u, 0, TASK_LIST_MAX);
    listeners = ARENA_ARRAY(a, struct task_listener, (size_t)ret->n_listeners);
    for (int i = 0; i < ret->n_listeners; i++) {
        listeners[i].event_name = unpack_text(u);
        listeners[i].project_id = unpack_text(u);
        listeners[i].sub_type =
            (enum event_sub_type)unpack_number(u, EVENT_SUB_SECOND, EVENT_SUB_DAY);
        listeners[i].broadcast = unpack_flag(u);
        listeners[i].max_wait_minutes = unpack_minutes(u);
    }
    ret->listeners = listeners;
}

enum err_code task_unpack(struct str packed, struct arena *a, struct task_spec *ret, struct err *e)
{
    struct unpack u = { .rest = packed };
    struct task_spec spec = { .type_id = 0 };

    if (unpack_number(&u, INT64_MIN, INT64_MAX) != FORMAT && !u.bad)
        return err_set(e, E_UNSUPPORTED, "packed by another version of weft");
    spec.workflow_id = unpack_text(&u);
    spec.group_id = unpack_text(&u);
    spec.type_id = (int)unpack_number(&u, 0, INT32_MAX);
    if (unpack_schedule(&u, &spec.schedule, e) != E_OK)
        u.bad = true;
    spec.calendar_id = unpack_text(&u);
    spec.self_depend = (enum self_depend)unpack_number(&u, SELF_PARALLEL, SELF_ORDERLY);
    spec.redo = (enum redo_type)unpack_number(&u, REDO_ALL, REDO_NONE);
    spec.dry_run = unpack_flag(&u);
    spec.merge_all = unpack_flag(&u);
    spec.priority = (int)unpack_number(&u, 0, 9);
    spec.retry_wait_minutes = unpack_minutes(&u);
    spec.max_retries = unpack_minutes(&u);
    spec.execution_ttl_minutes = unpack_minutes(&u);
    spec.wait_ttl_minutes = unpack_minutes(&u);
    unpack_lists(&u, a, &spec);
    if (!unpack_ended(&u))
        return err_set(e, E_CORRUPT, "a packed definition is damaged");
    *ret = spec;
    return E_OK;
}
