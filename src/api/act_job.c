/* api/act_job.c - GetOpsAsyncJob: how far a job is (docs/reference/semantics.md 5.9). */
#include "api/act_job.h"

#include "api/times.h"
#include "engine/job.h"

enum err_code answer_job(struct call *c)
{
    const struct job_state *s = c->state;

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "AsyncId", s->id);
    jw_object_end(&c->out);
    return E_OK;
}

static enum err_code job_answer(struct call *c)
{
    struct job_row job = { .id = param_str(c->params, "AsyncId") };
    struct job_progress progress;
    struct str error;
    struct jw *w = &c->out;
    enum err_code rc = row_get(c->view, &table_job, &c->arena, &job, &c->err);

    if (rc == E_MISSING ||
        (rc == E_OK && !str_eq(job.project_id, param_str(c->params, "ProjectId"))))
        return err_user(&c->err, E_MISSING, "AsyncId", "there is no such operation in this project",
                        "该项目中没有此异步操作");
    if (rc == E_OK)
        rc = job_look(c->view, &c->arena, &job, &progress, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    jw_kstr(w, "ProjectId", job.project_id);
    jw_kstr(w, "AsyncId", job.id);
    jw_kstr(w, "AsyncType", job.type);
    jw_kcstr(w, "Status", job_status_name(progress.status));
    error = job_error(&job, c->lang == LANG_ZH);
    if (error.len > 0)
        jw_kstr(w, "ErrorDesc", error);
    else
        jw_knull(w, "ErrorDesc");
    jw_ku64(w, "TotalSubProcessCount", (uint64_t)job.total);
    jw_ku64(w, "FinishedSubProcessCount", (uint64_t)progress.finished);
    jw_ku64(w, "SuccessSubProcessCount", (uint64_t)progress.succeeded);
    jw_kstr(w, "CreateUserUin", job.creator_uin);
    jw_iso_plain(w, "CreateTime", job.created_at);
    jw_iso_plain(w, "UpdateTime", progress.updated_at);
    jw_object_end(w);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "GetOpsAsyncJob", NULL, NULL, job_answer, ACCESS_READ },
};
const struct action_family family_job = { actions, ARRAY_LEN(actions) };
