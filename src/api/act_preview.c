/* api/act_preview.c - weft-1 PreviewTaskUpstreams: what the next firings of a task's newest version
 * would wait for (docs/reference/semantics.md 3.2-3.5).
 *
 * The version may be a draft that was never submitted, so nothing is asked of the scheduler: the
 * candidates come from the same pure function that it uses.  What is kept of an upstream is its
 * schedule alone, because definitions may hold megabytes of code.
 */
#include "api/instance_view.h"
#include "api/task_view.h"
#include "api/version_spec.h"

#include "api/access.h"
#include "cal/zone.h"
#include "engine/cmd_task.h"
#include "sys/clock.h"

enum {
    COUNT_DEFAULT = 3,
    COUNT_MAX = 20,
    SHOWN_MAX = 1000,     /* candidates in one answer */
    COUNTED_MAX = 200000, /* candidates that are counted; DEP_CANDIDATES_MAX is of one dependency */
    ASKED_MAX = 20000     /* times that the store is asked for what lies beyond a range */
};

struct upstream {
    const struct task_upstream *edge;
    struct str name;
    struct schedule schedule;
    struct str calendar_id;
    struct dep_rule rule;
    bool exists, submitted;
    bool hidden; /* of a project that the account does not see; exists is false then */
};

/* A candidate that will be shown. */
struct shown {
    int upstream; /* its place in the list */
    struct dep_candidate candidate;
};

struct preview {
    struct call *c;
    struct task_spec spec; /* of the version looked at */
    struct upstream *upstreams;
    int n;
    struct shown *shown; /* of the present firing */
    int n_shown;         /* ... and */
    int n_shown_before;  /* of those before it */
    int64_t counted, asked;
    bool cut; /* a bound was met: the counts are too small */
    /* While one dependency is selected. */
    int at;
    int64_t selected;
    enum err_code rc;
};

/* ---- the upstreams ------------------------------------------------------------------------- */

/* The arena of the upstream goes; a calendar, which may be large, is kept once. */
static enum err_code keep_schedule(struct preview *p, const struct task_spec *spec,
                                   struct upstream *u)
{
    struct call *c = p->c;

    u->schedule = spec->schedule;
    if (!spec->schedule.calendar)
        return E_OK;
    for (struct upstream *other = p->upstreams; other < u; other++)
        if (str_eq(other->calendar_id, spec->calendar_id)) {
            u->calendar_id = other->calendar_id;
            u->schedule.calendar = other->schedule.calendar;
            return E_OK;
        }
    u->calendar_id = arena_str(&c->arena, spec->calendar_id);
    return task_load_calendar(c->view, u->calendar_id, &c->arena, &u->schedule.calendar, &c->err);
}

/* As submitted; an upstream that never was, as its draft says. */
static enum err_code load_upstream(struct preview *p, struct upstream *u)
{
    struct call *c = p->c;
    struct task_row task = { .id = u->edge->task_id };
    enum err_code rc = row_get(c->view, &table_task, &c->arena, &task, NULL);
    struct wall calendar_at;
    struct task_spec spec;
    struct arena arena;

    if (rc == E_MISSING)
        return E_OK;
    if (rc != E_OK)
        return err_set(&c->err, rc, "reading task %lld", (long long)task.id);
    bool sees = false;
    rc = access_sees(c, c->view, task.project_id, &sees);
    u->hidden = !sees;
    if (rc != E_OK || !sees)
        return rc;
    u->exists = true;
    u->submitted = task.submit_version_no > 0;
    u->name = task.name;
    arena_init(&arena);
    rc =
        version_spec_load(c->view, task.id, u->submitted ? task.submit_version_no : task.version_no,
                          &arena, &spec, &calendar_at, &c->err);
    if (rc == E_OK)
        rc = keep_schedule(p, &spec, u);
    arena_done(&arena);
    if (rc == E_OK)
        task_upstream_rule(u->edge, p->spec.schedule.cycle, u->schedule.cycle, &u->rule);
    return rc;
}

static enum err_code load_upstreams(struct preview *p)
{
    enum err_code rc = E_OK;

    p->n = p->spec.n_upstreams;
    p->upstreams = ARENA_ARRAY(&p->c->arena, struct upstream, (size_t)p->n + 1);
    p->shown = ARENA_ARRAY(&p->c->arena, struct shown, SHOWN_MAX);
    for (int i = 0; rc == E_OK && i < p->n; i++) {
        p->upstreams[i].edge = &p->spec.upstreams[i];
        rc = load_upstream(p, &p->upstreams[i]);
    }
    return rc;
}

/* ---- the selection ------------------------------------------------------------------------- */

static bool take_candidate(void *ctx, struct dep_candidate candidate)
{
    struct preview *p = ctx;

    if (p->counted == COUNTED_MAX) {
        p->cut = true;
        return false;
    }
    p->counted++;
    p->selected++;
    if (p->n_shown_before + p->n_shown < SHOWN_MAX)
        p->shown[p->n_shown++] = (struct shown){ p->at, candidate };
    return true;
}

struct newest {
    struct civil data_time;
    bool found;
};

static bool take_newest(void *ctx, const void *row)
{
    struct newest *s = ctx;

    s->data_time = ((const struct instance_row *)row)->data_time;
    s->found = true;
    return false;
}

static bool newest_before(void *ctx, struct civil before, struct civil *ret)
{
    struct preview *p = ctx;
    struct newest s = { .found = false };
    struct query q;

    if (p->asked++ >= ASKED_MAX) {
        p->cut = true;
        return false;
    }
    query_newest_instance(&q, p->upstreams[p->at].edge->task_id, before);
    if (p->rc == E_OK)
        p->rc = query_run(p->c->view, &q, take_newest, &s, &p->c->err);
    if (p->rc != E_OK || !s.found)
        return false;
    *ret = s.data_time;
    return true;
}

/* What is to be said of the dependency beside its candidates; nothing: NULL. */
static const char *remark(const struct preview *p, const struct upstream *u, bool chinese)
{
    if (u->hidden)
        return chinese ? "上游任务属于账号无权查看的项目"
                       : "the upstream task belongs to a project that the account is not a member "
                         "of";
    if (!u->exists)
        return chinese ? "上游任务已不存在，提交前须移除该依赖"
                       : "the upstream task does not exist any more; take the dependency out";
    if (p->selected == 0 && !p->cut)
        return dep_rule_is_single(&u->rule, p->spec.schedule.cycle, u->schedule.cycle)
                   ? (chinese
                          ? "上游在此之前没有数据时间，由空跑策略(PollingNullStrategy)决定"
                          : "the upstream has no data time so early; PollingNullStrategy decides")
                   : (chinese ? "没有选中任何数据时间，无需等待"
                              : "no data time is selected: it does not wait for this upstream");
    if (!u->submitted)
        return chinese
                   ? "上游任务从未提交，此处按其草稿计算；提交后才会生成实例"
                   : "the upstream task was never submitted: this is what its draft says, and it "
                     "makes no instances before it is submitted";
    return NULL;
}

/* Writes the dependency; its candidates are kept for later. */
static enum err_code select_one(struct preview *p, struct civil data_time)
{
    struct upstream *u = &p->upstreams[p->at];
    struct jw *w = &p->c->out;
    char id[TASK_ID_LEN + 4];
    struct err fault = ERR_INIT;
    enum err_code rc = E_OK;
    bool chinese = p->c->lang == LANG_ZH;

    p->selected = 0;
    if (u->exists)
        rc = dep_select(&u->rule, p->spec.schedule.cycle, &u->schedule, data_time, take_candidate,
                        newest_before, p, &fault);
    if (p->rc != E_OK)
        return p->rc;
    task_id_format(u->edge->task_id, id);
    jw_object(w);
    jw_kcstr(w, "UpstreamTaskId", id);
    if (u->exists)
        jw_kstr(w, "TaskName", u->name);
    else
        jw_knull(w, "TaskName");
    jw_kcstr(w, "MainCyclicConfig", u->exists ? dep_main_name(u->rule.main) : NULL);
    jw_kcstr(w, "SubordinateCyclicConfig",
             u->exists && u->rule.sub != DEP_SUB_NONE ? dep_sub_name(u->rule.sub) : NULL);
    jw_ki64(w, "TotalCount", p->selected);
    /* A pair that does not fit the upstream's cycle any more, or selects too many: it would wait.
     */
    if (rc != E_OK)
        jw_kcstr(w, "Message", chinese ? fault.text_zh : fault.text);
    else
        jw_kcstr(w, "Message", remark(p, u, chinese));
    jw_object_end(w);
    return E_OK;
}

static enum err_code write_candidate(struct preview *p, const struct shown *s)
{
    const struct upstream *u = &p->upstreams[s->upstream];
    struct instance_row row = { .task_id = u->edge->task_id, .data_time = s->candidate.data_time };
    struct jw *w = &p->c->out;
    char text[CIVIL_TEXT_LEN + 1], id[TASK_ID_LEN + 4];
    enum err_code rc = row_get(p->c->view, &table_instance, &p->c->arena, &row, &p->c->err);

    if (rc != E_OK && rc != E_MISSING)
        return rc;
    task_id_format(row.task_id, id);
    civil_format(row.data_time, text);
    jw_object(w);
    jw_kcstr(w, "UpstreamTaskId", id);
    jw_kstr(w, "TaskName", u->name);
    jw_kcstr(w, "CurRunDate", text);
    jw_kbool(w, "OnSchedule", s->candidate.on_schedule);
    jw_kcstr(w, "InstanceState",
             rc == E_OK ? instance_state_name((enum instance_state)row.state) : NULL);
    jw_object_end(w);
    return E_OK;
}

static enum err_code write_firing(struct preview *p, const struct firing *f)
{
    struct jw *w = &p->c->out;
    char text[CIVIL_TEXT_LEN + 1];
    enum err_code rc = E_OK;

    jw_object(w);
    civil_format(f->planned, text);
    jw_kcstr(w, "SchedulerTime", text);
    civil_format(f->data_time, text);
    jw_kcstr(w, "CurRunDate", text);
    jw_wall(w, "At", f->at, zone_utc());
    p->n_shown_before += p->n_shown;
    p->n_shown = 0;
    jw_key(w, "Dependencies");
    jw_array(w);
    for (p->at = 0; rc == E_OK && p->at < p->n; p->at++)
        rc = select_one(p, f->data_time);
    jw_array_end(w);
    jw_key(w, "Candidates");
    jw_array(w);
    for (int i = 0; rc == E_OK && i < p->n_shown; i++)
        rc = write_candidate(p, &p->shown[i]);
    jw_array_end(w);
    jw_object_end(w);
    return rc;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static enum err_code read_request(struct call *c, struct preview *p, int64_t *ret_count,
                                  int32_t *ret_version, struct wall *ret_after)
{
    struct task_row task;
    struct wall calendar_at;
    enum err_code rc = task_view_find(c, &task);

    *ret_count = param_i64(c->params, "Count", COUNT_DEFAULT);
    if (rc == E_OK && (*ret_count < 1 || *ret_count > COUNT_MAX))
        rc = err_user(&c->err, E_RANGE, "Count", "it must be 1 to %d", "取值范围为 1 到 %d",
                      COUNT_MAX);
    if (rc == E_OK)
        rc = version_spec_load(c->view, task.id, task.version_no, &c->arena, &p->spec, &calendar_at,
                               &c->err);
    if (rc == E_OK)
        rc = view_time_param(c, "After", p->spec.schedule.zone, ret_after);
    if (rc != E_OK)
        return rc;
    if (!wall_is_set(*ret_after))
        *ret_after = clock_wall();
    *ret_version = task.version_no;
    return load_upstreams(p);
}

static enum err_code upstreams_answer(struct call *c)
{
    struct preview *p = ARENA_NEW(&c->arena, struct preview);
    struct jw *w = &c->out;
    struct firing firing;
    struct wall after;
    int64_t count;
    int32_t version;

    p->c = c;
    enum err_code rc = read_request(c, p, &count, &version, &after);
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    version_no_write(w, "VersionNo", version);
    jw_kcstr(w, "ScheduleTimeZone", zone_name(p->spec.schedule.zone));
    jw_key(w, "Items");
    jw_array(w);
    bool more = schedule_next(&p->spec.schedule, after, &firing);
    for (int64_t i = 0; rc == E_OK && more && i < count; i++) {
        rc = write_firing(p, &firing);
        more = schedule_next_planned(&p->spec.schedule, firing.planned, &firing);
    }
    jw_array_end(w);
    jw_ki64(w, "TotalCount", p->counted);
    jw_kbool(w, "CountIsComplete", !p->cut);
    jw_object_end(w);
    return rc;
}

static const struct action actions[] = {
    { API_WEFT, "PreviewTaskUpstreams", NULL, NULL, upstreams_answer, ACCESS_READ, "TaskId" },
};
const struct action_family family_preview = { actions, ARRAY_LEN(actions) };
