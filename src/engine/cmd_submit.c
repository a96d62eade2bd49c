/* engine/cmd_submit.c - submits a task: its draft becomes what is scheduled. */
#include <stdio.h>

#include "engine/cmd_task.h"
#include "engine/draft_loop.h"
#include "engine/engine_int.h"
#include "engine/task_check.h"
#include "engine/task_packed.h"
#include "engine/task_rows.h"
#include "engine/workflow_peers.h"
#include "model/form_mode.h"
#include "model/names.h"
#include "model/resource.h"

/* Who is told to submit the other first, and then is told the same of this one, learns why. */
static enum err_code never_submitted(struct engine *g, const struct task_row *task, int64_t up,
                                     const char *path, struct err *e)
{
    struct str loop;
    enum err_code rc = draft_loop_find(g, task, up, &loop, e);

    if (rc != E_OK)
        return rc;
    if (loop.len > 0)
        return err_user(
            e, E_CONFLICT, path,
            "upstream task %lld was never submitted, and the drafts form a cycle: "
            "%.*s; submit one of them without that dependency first",
            "上游任务 %lld 从未提交，且草稿的依赖构成环：%.*s；请先去掉其中一个依赖再提交",
            (long long)up, STR_ARG(loop));
    return err_user(e, E_CONFLICT, path, "upstream task %lld was never submitted; submit it first",
                    "上游任务 %lld 从未提交，请先提交", (long long)up);
}

static enum err_code check_upstreams_submitted(struct engine *g, const struct task_row *task,
                                               const struct task_spec *spec, struct err *e)
{
    char path[96];

    for (int i = 0; i < spec->n_upstreams; i++) {
        struct task_row up = { .id = spec->upstreams[i].task_id };
        enum err_code rc = row_get(engine_view(g), &table_task, engine_arena(g), &up, e);
        if (rc == E_OK && up.submit_version_no > 0)
            continue;
        if (rc != E_OK && rc != E_MISSING)
            return rc;
        snprintf(path, sizeof(path),
                 "TaskSchedulerConfiguration.UpstreamDependencyConfigList.%d.TaskId", i);
        if (rc == E_MISSING)
            return err_user(e, E_CONFLICT, path,
                            "upstream task %lld was deleted; take it out first",
                            "上游任务 %lld 已被删除，请先移除该依赖", (long long)up.id);
        return never_submitted(g, task, up.id, path, e);
    }
    return E_OK;
}

/* What one instance waits for is bounded as a whole, and nobody is told when it is made. */
static enum err_code check_candidates(struct engine *g, const struct task_spec *spec, struct err *e)
{
    struct firing next;

    if (spec->n_upstreams <= DEP_ALL_CANDIDATES_MAX / DEP_CANDIDATES_MAX ||
        !schedule_next(&spec->schedule, engine_now(g), &next) ||
        core_candidates_of(engine_core(g), spec, next.data_time) <= DEP_ALL_CANDIDATES_MAX)
        return E_OK;
    return err_user(e, E_LIMIT, "TaskSchedulerConfiguration.UpstreamDependencyConfigList",
                    "its next instance would wait for more than %d upstream instances; depend on "
                    "fewer tasks, or on shorter ranges of them",
                    "其下一个实例将等待超过 %d 个上游实例，请减少依赖的任务或缩小依赖范围",
                    DEP_ALL_CANDIDATES_MAX);
}

static bool puts_out(const struct task_spec *spec, struct str key)
{
    for (int i = 0; i < spec->n_outputs; i++)
        if (str_eq(spec->outputs[i].key, key))
            return true;
    return false;
}

/* An input must be an output of the submitted upstream (6.3). */
static enum err_code check_inputs(struct engine *g, const struct task_spec *spec, struct err *e)
{
    enum err_code rc = E_OK;
    char path[96];

    for (int i = 0; i < spec->n_inputs && rc == E_OK; i++) {
        const struct task_input *in = &spec->inputs[i];
        const struct version_entry *up;
        if (in->is_constant)
            continue;
        rc = version_cache_get(&g->versions, engine_view(g), in->from_task,
                               core_task_version(g->core, in->from_task), &up, e);
        if (rc != E_OK || puts_out(&up->spec, in->from_key))
            continue;
        snprintf(path, sizeof(path), "TaskSchedulerConfiguration.ParamTaskInList.%d.FromParamKey",
                 i);
        rc = err_user(e, E_CONFLICT, path,
                      "task %lld, as it is submitted, has no output parameter `%.*s`",
                      "任务 %lld 已提交的版本没有输出参数 `%.*s`", (long long)in->from_task,
                      STR_ARG(in->from_key));
    }
    return rc;
}

/* The zip of a task in Shell form mode, unless parameters are to say which one. */
static enum err_code check_form(struct engine *g, const struct task_row *task,
                                const struct task_spec *spec, struct err *e)
{
    struct form_mode form = form_mode_of(spec);
    struct str root = resource_local_path(engine_arena(g), task->project_id, STR(""));
    struct resource_row file = { .project_id = task->project_id,
                                 .path = str_sub(form.zip, root.len, form.zip.len) };
    enum err_code rc = form_mode_check(&form, task->project_id, e);

    if (rc != E_OK || str_find(form.zip, STR("${")) >= 0)
        return rc;
    rc = row_get_by(engine_view(g), &table_resource, 0, engine_arena(g), &file, e);
    if (rc == E_MISSING)
        return err_user(e, E_CONFLICT, "TaskConfiguration.TaskExtConfigurationList",
                        "ftp.file.name: there is no resource file `%.*s` in this project",
                        "ftp.file.name：该项目中没有资源文件 `%.*s`",
                        STR_ARG(str_sub(file.path, 0, 200)));
    return rc;
}

static enum err_code check_type(struct engine *g, const struct task_row *task,
                                const struct task_spec *spec, struct err *e)
{
    switch (spec->type_id) {
    case TASK_TYPE_FORM:
        return check_form(g, task, spec, e);
    case TASK_TYPE_SHELL:
    case TASK_TYPE_PYTHON:
        return E_OK;
    case TASK_TYPE_BRANCH:
        return spec->n_branches > 0
                   ? E_OK
                   : err_user(e, E_CONFLICT, "TaskConfiguration.TaskExtConfigurationList",
                              "a branch task needs the setting branchCondition",
                              "分支任务需要配置 branchCondition");
    case TASK_TYPE_MERGE:
        return spec->n_upstreams > 0
                   ? E_OK
                   : err_user(e, E_CONFLICT, "TaskConfiguration.TaskExtConfigurationList",
                              "a merge task needs the setting mergeCondition",
                              "归并任务需要配置 mergeCondition");
    case TASK_TYPE_FOR_EACH:
        return spec->n_inputs > 0
                   ? E_OK
                   : err_user(e, E_CONFLICT, "TaskSchedulerConfiguration.ParamTaskInList",
                              "a for-each task needs an input, its array",
                              "for-each 任务需要一个输入参数作为循环数组");
    default:
        return err_user(e, E_UNSUPPORTED, "TaskId",
                        "the task has type %d (%s), which weft cannot run yet; Shell (35), Python "
                        "(30), Shell form mode (38), Branch (130), Merge (131) and For-each (137) "
                        "run",
                        "任务类型 %d(%s)暂不能运行，目前支持 Shell(35)、Python(30)、Shell "
                        "表单模式(38)、分支(130)、归并(131)与 For-each(137)",
                        spec->type_id, task_type_name(spec->type_id));
    }
}

static enum err_code check_submit(struct engine *g, const struct task_row *task,
                                  const struct task_spec *spec, struct err *e)
{
    bool manual; /* as the draft says already */
    enum err_code rc;

    rc = check_type(g, task, spec, e);
    if (rc == E_OK)
        rc = check_upstreams_submitted(g, task, spec, e);
    /* What the draft named when it was saved may be gone or changed since. */
    if (rc == E_OK)
        rc = task_check(
            g, &(struct task_write){ .id = task->id, .project_id = task->project_id, .spec = spec },
            &manual, e);
    if (rc == E_OK)
        rc = check_candidates(g, spec, e);
    if (rc == E_OK)
        rc = check_inputs(g, spec, e);
    return rc != E_OK ? rc : workflow_peers_room(engine_view(g), task, engine_arena(g), e);
}

/* From when on firings count.  A one-off whose moment is its StartTime, and that is past, runs at
 * once (2.3). */
static struct wall live_from(struct engine *g, const struct schedule *s)
{
    struct firing only;

    if (s->cycle == CYCLE_ONEOFF && !schedule_is_dated(s) &&
        schedule_next(s, (struct wall){ 0 }, &only) && only.at.us <= engine_now(g).us)
        return (struct wall){ only.at.us - 1 };
    return engine_now(g);
}

/* Where such a one-off waits while its task is paused, and the task gets another schedule, firings
 * count from the last submit as a one-off (1.5). */
static enum err_code leave_moment(struct engine *g, const struct task_spec *spec,
                                  struct schedule_row *row, struct err *e)
{
    struct version_row version = { .task_id = row->task_id, .num = row->version_no };
    const struct version_entry *old;
    struct firing only;

    if ((row->live_from.us + 1) % 1000000 != 0) /* moments are whole seconds */
        return E_OK;
    enum err_code rc =
        version_cache_get(&g->versions, engine_view(g), row->task_id, row->version_no, &old, e);
    if (rc != E_OK)
        return rc;
    const struct schedule *s = &old->spec.schedule;
    if (s->cycle != CYCLE_ONEOFF || !schedule_next(s, (struct wall){ 0 }, &only) ||
        only.at.us != row->live_from.us + 1)
        return E_OK;
    rc = row_get_columns(engine_view(g), &table_version, COL(VERSION_CREATED_AT), engine_arena(g),
                         &version, e);
    struct wall again = live_from(g, &spec->schedule);
    row->live_from = again.us < engine_now(g).us ? again : version.created_at;
    return rc;
}

/* A first submit, and one of a stopped or expired task, starts afresh from now; otherwise
 * scheduling goes on (1.5).  status: that which the task then has; TASK_NEW: nobody said it. */
static enum err_code schedule_write(struct engine *g, struct task_row *task,
                                    const struct task_spec *spec, enum task_status status,
                                    struct err *e)
{
    struct schedule_row row = { .task_id = task->id };
    enum err_code rc = row_get(engine_view(g), &table_schedule, engine_arena(g), &row, e);

    if (rc != E_OK && rc != E_MISSING)
        return rc;
    bool afresh = rc == E_MISSING || row.status == TASK_STOPPED || row.status == TASK_INVALID;
    if (afresh)
        row = (struct schedule_row){ .task_id = task->id,
                                     .status = TASK_SCHEDULING,
                                     .live_from = live_from(g, &spec->schedule) };
    rc = afresh ? E_OK : leave_moment(g, spec, &row, e);
    if (rc != E_OK)
        return rc;
    if (status != TASK_NEW)
        row.status = (int32_t)status;
    row.version_no = task->submit_version_no;
    task->status = row.status;
    rc = row_put(engine_store(g), &table_schedule, &row, e);
    return rc != E_OK ? rc
                      : task_packed_write(g, task->id, task->project_id, row.version_no, spec, e);
}

static enum err_code write_submit(struct engine *g, struct task_row *task,
                                  const struct task_spec *spec, const struct task_submission *w,
                                  struct str doc, struct str *ret_id, struct err *e)
{
    enum err_code rc;

    task->version_no++;
    task->submit_version_no = task->version_no;
    task->submitted = true;
    task->last_submit_at = engine_now(g);
    if (!wall_is_set(task->first_submit_at))
        task->first_submit_at = engine_now(g);
    task->ops_at = engine_now(g);
    task->ops_uin = w->uin;
    rc = task_version_write(g, task->id, task->version_no, SUBMITTED_VERSION, w->remark, w->uin,
                            doc, ret_id, e);
    if (rc == E_OK)
        rc = schedule_write(g, task, spec, w->status, e);
    if (rc == E_OK)
        rc = row_put(engine_store(g), &table_task, task, e);
    return rc != E_OK ? rc : task_edges_put(g, task->id, task->project_id, true, spec, e);
}

static enum err_code find_task(struct engine *g, const struct task_submission *w,
                               struct task_row *ret, struct err *e)
{
    enum err_code rc;

    if (w->remark.len == 0)
        return err_user(e, E_RANGE, "VersionRemark", "it must not be empty", "不能为空");
    rc = name_check_text(w->remark, "VersionRemark", e);
    return rc != E_OK
               ? rc
               : task_require(engine_view(g), engine_arena(g), w->project_id, w->task_id, ret, e);
}

/* alone: the core knows everything else that is submitted. */
static enum err_code submit_draft(struct engine *g, struct task_row *task,
                                  const struct task_submission *w, bool alone,
                                  struct str *ret_version_id, struct err *e)
{
    struct arena *a = engine_arena(g);
    struct version_row draft = { .task_id = task->id, .num = task->version_no };
    struct task_spec spec;
    enum err_code rc = row_get(engine_view(g), &table_version, a, &draft, e);

    if (rc == E_OK)
        rc = task_decode_text(draft.doc, (struct civil){ 0 }, a, &spec, e);
    if (rc == E_OK)
        rc = check_submit(g, task, &spec, e);
    if (rc == E_OK && alone)
        rc = task_check_loop(g, task->id, &spec, NULL, e);
    return rc != E_OK ? rc : write_submit(g, task, &spec, w, draft.doc, ret_version_id, e);
}

enum err_code task_submit(struct engine *g, const struct task_submission *w,
                          struct str *ret_version_id, struct err *e)
{
    struct task_row task;
    enum err_code rc = find_task(g, w, &task, e);

    if (rc != E_OK)
        return rc;
    bool first = task.submit_version_no == 0;
    rc = submit_draft(g, &task, w, true, ret_version_id, e);
    if (rc == E_OK)
        rc = task_tell(g, w->task_id, e);
    return rc == E_OK && first ? workflow_peers_tell(g, task.workflow_id, w->task_id, e) : rc;
}

enum err_code task_submit_untold(struct engine *g, const struct task_submission *w, struct err *e)
{
    struct task_row task;
    struct str version_id;
    enum err_code rc = find_task(g, w, &task, e);

    return rc != E_OK ? rc : submit_draft(g, &task, w, false, &version_id, e);
}

enum err_code task_tell(struct engine *g, int64_t task_id, struct err *e)
{
    struct core_task task;
    struct task_spec spec;
    struct arena arena;

    arena_init(&arena);
    enum err_code rc = task_load(engine_view(g), task_id, &arena, &task, &spec, e);
    if (rc == E_OK)
        core_task_put(engine_core(g), &task, engine_now(g));
    arena_done(&arena);
    return rc == E_OK || rc == E_IO
               ? rc
               : err_set(e, E_CORRUPT, "task %lld cannot be read", (long long)task_id);
}
