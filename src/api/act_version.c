/* api/act_version.c - ListTaskVersions, GetTaskVersion (docs/reference/semantics.md 1.5). */
#include "api/page.h"
#include "api/task_view.h"

#include <stdio.h>

#include "cal/zone.h"

static void write_head(struct jw *w, const struct version_row *v)
{
    char num[24];

    snprintf(num, sizeof(num), "V%d", v->num);
    jw_wall(w, "CreateTime", v->created_at, zone_default());
    jw_kcstr(w, "VersionNum", num);
    jw_kstr(w, "CreateUserUin", v->creator_uin);
    jw_kstr(w, "VersionId", v->id);
    jw_kstr(w, "VersionRemark", v->remark);
    jw_knull(w, "ApproveStatus"); /* submits need nobody's approval here */
    jw_knull(w, "ApproveUserUin");
}

static enum err_code list_query(struct call *c, const struct task_row *task, struct query *q)
{
    struct str type = param_str(c->params, "TaskVersionType");
    bool used = param_bool(c->params, "UsedVersion", false),
         submitted = str_eq_c(type, "SUBMIT") || (type.len == 0 && used);

    if (type.len > 0 && !submitted && !str_eq_c(type, "SAVE"))
        return err_user(&c->err, E_RANGE, "TaskVersionType", "`%.*s` is not SAVE or SUBMIT",
                        "`%.*s` 不是 SAVE 或 SUBMIT", STR_ARG(type));
    query_init(q, &table_version);
    query_number(q, VERSION_TASK_ID, QUERY_EQ, task->id);
    /* SAVE is the default; but saved versions are never in use, so who asks for the used one means
     * the submitted. */
    query_number(q, VERSION_KIND, QUERY_EQ, submitted ? SUBMITTED_VERSION : SAVED_VERSION);
    if (param_has(c->params, "UsedVersion"))
        query_number(q, VERSION_NUM, used ? QUERY_EQ : QUERY_NE, task->submit_version_no);
    query_order(q, VERSION_NUM, true);
    query_without(q, VERSION_DOC);
    return E_OK;
}

static enum err_code list_answer(struct call *c)
{
    struct task_row task;
    struct query q;
    struct page page;
    int64_t total;
    void *rows;
    size_t n;
    struct jw *w = &c->out;
    enum err_code rc = task_view_find(c, &task);

    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc == E_OK)
        rc = list_query(c, &task, &q);
    if (rc == E_OK)
        rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++) {
        const struct version_row *v = (const struct version_row *)rows + i;
        bool used = v->kind == SUBMITTED_VERSION && v->num == task.submit_version_no;
        jw_object(w);
        write_head(w, v);
        jw_kcstr(w, "Status", used ? task_status_name((enum task_status)task.status) : NULL);
        jw_kbool(w, "UsedVersion", used);
        jw_object_end(w);
    }
    jw_array_end(w);
    jw_ki64(w, "PageCount", (int64_t)n);
    jw_object_end(w);
    return E_OK;
}

/* Without VersionId the newest submitted one. */
static enum err_code get_answer(struct call *c)
{
    struct version_row version = { .id = param_str(c->params, "VersionId") };
    struct task_row task;
    struct jw *w = &c->out;
    enum err_code rc = task_view_find(c, &task);

    if (rc != E_OK)
        return rc;
    if (version.id.len > 0)
        rc = row_get_by(c->view, &table_version, 0, &c->arena, &version, &c->err);
    else
        rc = task_view_version(c, task.id, task.submit_version_no, &version);
    if (rc == E_MISSING || (rc == E_OK && version.task_id != task.id))
        return err_user(&c->err, E_MISSING, "VersionId", "the task has no such version",
                        "该任务没有此版本");
    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    write_head(w, &version);
    jw_knull(w, "ApproveTime");
    jw_key(w, "Task");
    rc = task_view_write(c, &task, &version);
    if (rc == E_OK)
        jw_object_end(w);
    return rc;
}

static const struct action actions[] = {
    { API_2025, "GetTaskVersion", NULL, NULL, get_answer, ACCESS_READ, "TaskId" },
    { API_2025, "ListTaskVersions", NULL, NULL, list_answer, ACCESS_READ, "TaskId" },
};
const struct action_family family_version = { actions, ARRAY_LEN(actions) };
