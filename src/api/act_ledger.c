/* api/act_ledger.c - weft-1 ListTaskFirings: what became of every firing of a task in a period. */
#include "api/ledger.h"
#include "api/page.h"
#include "api/task_view.h"
#include "api/version_spec.h"

#include "cal/zone.h"
#include "sys/clock.h"

static enum err_code civil_param(struct call *c, const char *name, struct civil *ret)
{
    enum err_code rc = civil_parse(param_str(c->params, name), ret, &c->err);

    if (rc != E_OK)
        err_prefix(&c->err, name);
    return rc;
}

static enum err_code read_period(struct call *c, struct civil *ret_from, struct civil *ret_to)
{
    enum err_code rc = civil_param(c, "From", ret_from);

    if (rc == E_OK)
        rc = civil_param(c, "To", ret_to);
    if (rc == E_OK && ret_to->s < ret_from->s)
        rc = err_user(&c->err, E_RANGE, "To", "it must not be earlier than From", "不能早于 From");
    return rc;
}

/* A draft has no firings to give account of. */
static enum err_code find_submitted(struct call *c, struct task_row *ret)
{
    enum err_code rc = task_view_find(c, ret);

    if (rc == E_OK && ret->submit_version_no == 0)
        rc = err_user(&c->err, E_MISSING, "TaskId",
                      "task %lld was never submitted; PreviewTaskFirings shows what it plans",
                      "任务 %lld 从未提交；可用 PreviewTaskFirings 查看其计划", (long long)ret->id);
    return rc;
}

static void write_entry(struct call *c, int64_t task_id, const struct ledger_entry *x)
{
    char text[CIVIL_TEXT_LEN + 1];
    struct jw *w = &c->out;
    struct buf key;

    jw_object(w);
    civil_format(x->firing.planned, text);
    jw_kcstr(w, "SchedulerTime", text);
    civil_format(x->firing.data_time, text);
    jw_kcstr(w, "CurRunDate", text);
    jw_wall(w, "At", x->firing.at, zone_utc());
    version_no_write(w, "VersionNo", x->version_no);
    jw_kcstr(w, "Outcome", ledger_outcome_name(x->outcome));
    if (x->outcome == LEDGER_LATE)
        jw_ki64(w, "LateSeconds", x->late_s);
    else
        jw_knull(w, "LateSeconds");
    if (x->has_instance) {
        buf_init(&key, INSTANCE_KEY_MAX);
        instance_key_format((struct instance_key){ task_id, x->firing.data_time }, &key);
        jw_kstr(w, "InstanceKey", buf_str(&key));
        buf_done(&key);
    } else {
        jw_knull(w, "InstanceKey");
    }
    jw_kcstr(w, "InstanceState", x->has_instance ? instance_state_name(x->state) : NULL);
    jw_kcstr(w, "Reason", ledger_reason_text(x->reason, c->lang == LANG_ZH));
    jw_object_end(w);
}

static void write_counts(struct jw *w, const struct ledger *l)
{
    jw_key(w, "Counts");
    jw_array(w);
    for (int o = 0; o < LEDGER_OUTCOME_N_; o++) {
        jw_object(w);
        jw_kcstr(w, "Outcome", ledger_outcome_name((enum ledger_outcome)o));
        jw_ki64(w, "Count", l->counts[o]);
        jw_object_end(w);
    }
    jw_array_end(w);
}

static void write_page(struct call *c, int64_t task_id, const struct ledger *l,
                       const struct page *page)
{
    char text[CIVIL_TEXT_LEN + 1];
    struct jw *w = &c->out;
    size_t end = (size_t)(page->offset + page->size);

    page_open(c, page, (int64_t)l->n);
    for (size_t i = (size_t)page->offset; i < l->n && i < end; i++)
        write_entry(c, task_id, &l->entries[i]);
    jw_array_end(w);
    jw_kcstr(w, "ScheduleTimeZone", zone_name(l->zone));
    jw_wall(w, "LiveFrom", l->row.live_from, l->zone);
    civil_format(l->row.high_water, text);
    jw_kcstr(w, "HighWater", wall_is_set(l->row.settled_at) ? text : NULL);
    write_counts(w, l);
    jw_object_end(w);
}

static enum err_code answer(struct call *c)
{
    struct civil from, to;
    struct task_row task;
    struct ledger ledger;
    struct page page;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = read_period(c, &from, &to);
    if (rc == E_OK)
        rc = find_submitted(c, &task);
    if (rc == E_OK)
        rc = ledger_read(c->view, &task, from, to, clock_wall(), &ledger, &c->err);
    if (rc != E_OK)
        return rc;
    write_page(c, task.id, &ledger, &page);
    ledger_done(&ledger);
    return E_OK;
}

static const struct action actions[] = {
    { API_WEFT, "ListTaskFirings", NULL, NULL, answer, ACCESS_READ, "TaskId" },
};
const struct action_family family_ledger = { actions, ARRAY_LEN(actions) };
