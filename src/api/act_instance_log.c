/* api/act_instance_log.c - GetTaskInstanceLog: the log of a round, by cursor, while it grows
 * (docs/reference/semantics.md 5.10).
 *
 * A round's log is that of its attempts, one after the other.  The cursor is "<attempt>.<offset>";
 * it is given as long as more can come, and null once the round has ended and everything was read.
 */
#include "api/instance_view.h"

#include "api/log_cursor.h"
#include "cal/zone.h"
#include "engine/parameter.h"
#include "model/task.h"
#include "run/logs.h"

enum { PAGE_BYTES = 1 << 20 };

static enum err_code read_filter(struct call *c, enum log_filter *ret)
{
    static const struct {
        const char *name;
        enum log_filter filter;
    } names[] = {
        { "All", LOG_FILTER_ALL },   { "Debug", LOG_FILTER_DEBUG }, { "Info", LOG_FILTER_INFO },
        { "Warn", LOG_FILTER_WARN }, { "Error", LOG_FILTER_ERROR },
    };
    struct str level = param_str(c->params, "LogLevel");

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (level.len == 0 || str_ieq(level, str_from(names[i].name))) {
            *ret = names[i].filter;
            return E_OK;
        }
    return err_user(&c->err, E_RANGE, "LogLevel",
                    "`%.*s` is not one of All, Debug, Info, Warn, Error",
                    "`%.*s` 不是 All、Debug、Info、Warn、Error 之一", STR_ARG(level));
}

static enum err_code read_cursor(struct call *c, struct log_cursor *ret)
{
    if (log_cursor_parse(param_str(c->params, "NextCursor"), ret))
        return E_OK;
    return err_user(&c->err, E_RANGE, "NextCursor",
                    "it must be the NextCursor of the answer before",
                    "必须是上一次返回的 NextCursor");
}

/* The code that the round executed: that of its version, with what its newest attempt had
 * substituted (6); newest NULL: none has begun. */
static enum err_code write_code(struct call *c, const struct instance_row *i, int32_t version_no,
                                const struct attempt_row *newest)
{
    struct version_row version = { .task_id = i->task_id, .num = version_no };
    struct task_spec spec;
    struct str code = { NULL, 0 };
    enum err_code rc = row_get(c->view, &table_version, &c->arena, &version, &c->err);

    if (rc == E_OK)
        rc = task_decode_text(version.doc, (struct civil){ 0 }, &c->arena, &spec, &c->err);
    if (rc == E_OK)
        rc =
            newest ? parameter_code(&spec, newest->substitutions, &c->arena, &code, &c->err) : E_OK;
    if (rc == E_OK)
        jw_kstr(&c->out, "CodeContent", newest ? code : spec.code);
    else if (rc == E_MISSING)
        jw_knull(&c->out, "CodeContent");
    return rc == E_MISSING ? E_OK : rc;
}

struct round_facts {
    int32_t version_no;
    bool over;
};

static enum err_code find_round(struct call *c, const struct instance_row *i, int64_t round,
                                struct round_facts *ret)
{
    struct round_row past = { .task_id = i->task_id,
                              .data_time = i->data_time,
                              .round = (int32_t)round };

    if (round == i->round) {
        *ret = (struct round_facts){ i->version_no,
                                     instance_state_is_terminal((enum instance_state)i->state) };
        return E_OK;
    }
    if (round < 0 || round > i->round)
        return err_user(&c->err, E_MISSING, "LifeRoundNum",
                        "the instance has the rounds 0 to %d, not %lld",
                        "该实例的轮次为 0 到 %d，没有 %lld", i->round, (long long)round);
    enum err_code rc = row_get(c->view, &table_round, &c->arena, &past, &c->err);
    if (rc == E_OK)
        *ret = (struct round_facts){ past.version_no, true };
    return rc;
}

/* Attempts of the round from number `from` on, ascending. */
static enum err_code find_attempts(struct call *c, const struct instance_row *i, int64_t round,
                                   int64_t from, const struct attempt_row **ret, size_t *ret_n)
{
    struct query q;
    void *rows;

    query_init(&q, &table_attempt);
    query_number(&q, ATTEMPT_TASK_ID, QUERY_EQ, i->task_id);
    query_number(&q, ATTEMPT_DATA_TIME, QUERY_EQ, i->data_time.s);
    query_number(&q, ATTEMPT_ROUND, QUERY_EQ, round);
    query_number(&q, ATTEMPT_NUMBER, QUERY_GE, from);
    query_order(&q, ATTEMPT_NUMBER, false);
    enum err_code rc = query_rows(c->view, &q, &c->arena, &rows, ret_n, &c->err);
    *ret = rows;
    return rc;
}

struct log_read {
    struct buf text;
    struct log_cursor at; /* where to go on */
    bool at_end;
};

static enum err_code read_logs(struct call *c, const struct attempt_row *attempts, size_t n,
                               enum log_filter filter, struct log_read *r)
{
    r->at_end = true;
    for (size_t i = 0; i < n && r->text.len < PAGE_BYTES; i++) {
        struct logs_page page;
        bool last = i + 1 == n;
        int64_t from = attempts[i].number == r->at.attempt ? r->at.offset : 0;
        enum err_code rc = logs_read(c->services->runner_dir, (uint64_t)attempts[i].fence, from,
                                     filter, PAGE_BYTES, &r->text, &page, &c->err);
        if (rc != E_OK)
            return rc;
        r->at = (struct log_cursor){ attempts[i].number, page.next };
        r->at_end = page.at_end && last;
        if (!page.at_end)
            return E_OK;
        if (!last)
            r->at = (struct log_cursor){ attempts[i + 1].number, 0 };
    }
    return E_OK;
}

static enum err_code log_answer(struct call *c)
{
    struct instance_row i;
    struct round_facts facts = { 0, false };
    enum log_filter filter = LOG_FILTER_ALL;
    const struct attempt_row *attempts;
    size_t n;
    struct log_read r = { .at_end = false };
    char cursor[LOG_CURSOR_TEXT_MAX];
    enum err_code rc = read_filter(c, &filter);

    if (rc == E_OK)
        rc = read_cursor(c, &r.at);
    if (rc == E_OK)
        rc = view_instance(c, &i);
    if (rc != E_OK)
        return rc;
    int64_t round = param_i64(c->params, "LifeRoundNum", i.round);
    rc = find_round(c, &i, round, &facts);
    if (rc == E_OK)
        rc = find_attempts(c, &i, round, r.at.attempt, &attempts, &n);
    if (rc != E_OK)
        return rc;
    buf_init(&r.text, 4 * PAGE_BYTES);
    rc = read_logs(c, attempts, n, filter, &r);
    if (rc == E_OK) {
        log_cursor_print(&r.at, cursor);
        jw_key(&c->out, "Data");
        jw_object(&c->out);
        jw_kstr(&c->out, "InstanceKey", param_str(c->params, "InstanceKey"));
        jw_kstr(&c->out, "ProjectId", i.project_id);
        rc = write_code(c, &i, facts.version_no, n > 0 ? &attempts[n - 1] : NULL);
        jw_kstr(&c->out, "LogInfo", buf_str(&r.text));
        jw_kcstr(&c->out, "NextCursor", facts.over && r.at_end ? NULL : cursor);
        jw_object_end(&c->out);
    }
    buf_done(&r.text);
    return rc;
}

static const struct action actions[] = {
    { API_2025, "GetTaskInstanceLog", NULL, NULL, log_answer, ACCESS_READ, "InstanceKey" },
};
const struct action_family family_instance_log = { actions, ARRAY_LEN(actions) };
