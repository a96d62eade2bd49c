/* engine/job.c - requests of operators that are answered before they are done. */
#include "engine/job.h"

#include "engine/engine_int.h"
#include "sys/random.h"

enum { ERROR_MAX = 2000 };

static const char *const type_names[JOB_TYPE_N_] = {
    [JOB_PAUSE] = "TASK_PAUSE",
    [JOB_STOP] = "TASK_STOP",
    [JOB_KILL] = "INSTANCE_KILL",
    [JOB_RERUN] = "INSTANCE_RERUN",
    [JOB_SET_SUCCESS] = "INSTANCE_SET_SUCCESS",
    [JOB_DELETE_PLAN] = "PLAN_DELETE",
};

const char *job_type_name(enum job_type t)
{
    return type_names[t];
}

const char *job_status_name(enum job_status s)
{
    static const char *const names[] = { "RUNNING", "SUCCESS", "FAIL", "PART_SUCCESS" };

    return names[s];
}

enum err_code job_begin(struct job *j, struct engine *g, enum job_type type, struct str project_id,
                        struct str uin, struct str doc, struct err *e)
{
    char uuid[UUID_LEN + 1];

    random_uuid(uuid);
    *j = (struct job){ .g = g,
                       .id = arena_str(&g->arena, str_from(uuid)),
                       .type = type,
                       .project_id = project_id,
                       .uin = uin };
    buf_init(&j->error, ERROR_MAX);
    buf_init(&j->error_zh, ERROR_MAX);
    struct job_row row = { .id = j->id,
                           .project_id = project_id,
                           .type = str_from(job_type_name(type)),
                           .creator_uin = uin,
                           .created_at = g->now,
                           .doc = doc };
    return row_insert(g->config.store, &table_job, &row, NULL, e);
}

void job_done(struct job *j)
{
    buf_done(&j->error);
    buf_done(&j->error_zh);
}

void job_success(struct job *j)
{
    j->succeeded++;
}

static void add_failure(struct buf *error, struct str what, const char *reason)
{
    buf_printf(error, "%s%.*s: %s", error->len > 0 ? "; " : "", STR_ARG(what), reason);
}

void job_failure(struct job *j, struct str what, const char *reason, const char *reason_zh)
{
    j->failed++;
    add_failure(&j->error, what, reason);
    add_failure(&j->error_zh, what, reason_zh);
}

/* Both languages in one column. */
static struct str both(const struct job *j)
{
    struct str en = str_whole(buf_str(&j->error)), zh = str_whole(buf_str(&j->error_zh));

    return en.len == 0 ? en : arena_printf(&j->g->arena, "%.*s\n%.*s", STR_ARG(en), STR_ARG(zh));
}

struct str job_error(const struct job_row *job, bool chinese)
{
    struct str rest = job->error, en = str_split(&rest, '\n');

    return chinese && rest.len > 0 ? rest : en;
}

enum err_code job_pending(struct job *j, struct instance_key key, int32_t round, struct err *e)
{
    struct job_item_row row = {
        .job_id = j->id, .task_id = key.task_id, .data_time = key.data_time, .round = round
    };

    j->pending++;
    return row_insert(j->g->config.store, &table_job_item, &row, NULL, e);
}

void job_to_come(struct job *j, int64_t n)
{
    j->to_come += n;
}

enum err_code job_finish(struct job *j, struct err *e)
{
    struct job_row row = { .id = j->id,
                           .total = j->succeeded + j->failed + j->pending + j->to_come,
                           .succeeded = j->succeeded,
                           .failed = j->failed,
                           .error = both(j) };

    return row_update(j->g->config.store, &table_job, &row,
                      COL(JOB_TOTAL) | COL(JOB_SUCCEEDED) | COL(JOB_FAILED) | COL(JOB_ERROR), e);
}

static enum err_code count_items(struct engine *g, struct str id, int64_t *ret, struct err *e)
{
    struct query q;

    query_init(&q, &table_job_item);
    query_text(&q, JOB_ITEM_JOB_ID, QUERY_EQ, id);
    return query_count(engine_view(g), &q, ret, e);
}

enum err_code job_go_on(struct engine *g, struct str id, int64_t n, bool last, struct err *e)
{
    struct job_row row = { .id = id };
    int64_t items = 0;
    enum err_code rc = row_get(engine_view(g), &table_job, &g->arena, &row, e);

    if (rc == E_OK && last)
        rc = count_items(g, id, &items, e);
    row.succeeded = last ? row.total - row.failed - items : row.succeeded + n;
    return rc == E_OK ? row_update(g->config.store, &table_job, &row, COL(JOB_SUCCEEDED), e) : rc;
}

/* ---- looking --------------------------------------------------------------------------------- */

struct look {
    struct view *v;
    struct arena *a;
    struct job_progress *progress;
    struct err *e;
    enum err_code rc;
};

enum err_code job_item_look(struct view *v, struct arena *a, const struct job_item_row *item,
                            bool *ret, struct wall *ret_ended, struct err *e)
{
    struct instance_row i = { .task_id = item->task_id, .data_time = item->data_time };
    enum err_code rc = row_get(v, &table_instance, a, &i, e);

    *ret = rc == E_MISSING || i.round != item->round ||
           instance_state_is_terminal((enum instance_state)i.state);
    *ret_ended = i.ended_at;
    return rc == E_MISSING ? E_OK : rc;
}

static bool look_at_item(void *ctx, const void *row)
{
    struct look *l = ctx;
    struct wall ended;
    bool done;

    l->rc = job_item_look(l->v, l->a, row, &done, &ended, l->e);
    if (l->rc != E_OK)
        return false;
    if (!done)
        return true;
    l->progress->finished++;
    l->progress->succeeded++;
    if (ended.us > l->progress->updated_at.us)
        l->progress->updated_at = ended;
    return true;
}

enum err_code job_look(struct view *v, struct arena *a, const struct job_row *job,
                       struct job_progress *ret, struct err *e)
{
    struct look l = { .v = v, .a = a, .progress = ret, .e = e };
    struct query q;

    *ret = (struct job_progress){ .finished = job->succeeded + job->failed,
                                  .succeeded = job->succeeded,
                                  .updated_at = job->created_at };
    query_init(&q, &table_job_item);
    query_text(&q, JOB_ITEM_JOB_ID, QUERY_EQ, job->id);
    enum err_code rc = query_run(v, &q, look_at_item, &l, e);
    if (rc == E_OK)
        rc = l.rc;
    ret->status = ret->finished < job->total     ? JOB_RUNNING
                  : ret->succeeded == job->total ? JOB_SUCCESS
                  : ret->succeeded == 0          ? JOB_FAIL
                                                 : JOB_PART_SUCCESS;
    return rc;
}
