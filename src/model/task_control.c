/* model/task_control.c - control tasks: the branches of a branch task (130), the conditions of a
 * merge task (131).  docs/reference/semantics.md 5.8.
 *
 * Both stand as JSON in settings of TaskExtConfigurationList:
 *   branchCondition  [{"condition":"${n} > 0","downstreamTaskId":"2025.."}, ..]
 *   mergeCondition   [{"upstreamTaskId":"2025..","expectationState":[2,21],"conditionType":"OR"},
 * ..]
 */
#include <stdio.h>
#include <string.h>

#include "model/decoding.h"
#include "model/expression.h"
#include "model/json_text.h"

/* Where an error is: the setting and the entry in it. */
static enum err_code at_entry(struct decoding *d, const char *setting, size_t entry,
                              const char *name, enum err_code rc)
{
    char path[ERR_PATH_MAX];

    snprintf(path, sizeof(path), CONFIG "TaskExtConfigurationList.%s.%zu.%s", setting, entry, name);
    err_prefix(d->e, path);
    return rc;
}

/* The list of a setting; NULL: it is not there.  Owned by the caller. */
static enum err_code read_list(struct decoding *d, const char *setting, json_t **ret)
{
    int at = decoding_find_param(d->spec->ext, d->spec->n_ext, str_from(setting));
    char path[ERR_PATH_MAX];

    *ret = NULL;
    if (at < 0 || d->spec->ext[at].value.len == 0)
        return E_OK;
    snprintf(path, sizeof(path), CONFIG "TaskExtConfigurationList.%d.ParamValue", at);
    if (json_values(d->spec->ext[at].value) > TASK_CONDITION_VALUES_MAX)
        return err_user(d->e, E_LIMIT, path, "at most %d values", "最多 %d 个值",
                        TASK_CONDITION_VALUES_MAX);
    *ret = json_loadb(d->spec->ext[at].value.ptr, d->spec->ext[at].value.len, 0, NULL);
    if (!json_is_array(*ret)) {
        json_decref(*ret);
        *ret = NULL;
        return err_user(d->e, E_SYNTAX, path, "`%s` must be a JSON list of objects",
                        "`%s` 必须是 JSON 对象列表", setting);
    }
    if (json_array_size(*ret) <= TASK_CONDITIONS_MAX)
        return E_OK;
    json_decref(*ret);
    *ret = NULL;
    return err_user(d->e, E_LIMIT, path, "at most %d conditions", "最多 %d 个条件",
                    TASK_CONDITIONS_MAX);
}

static bool is_upstream(const struct task_spec *s, int64_t task_id)
{
    for (int i = 0; i < s->n_upstreams; i++)
        if (s->upstreams[i].task_id == task_id)
            return true;
    return false;
}

/* ---- branch ---------------------------------------------------------------------------------- */

static enum err_code read_branch(struct decoding *d, const json_t *item, struct task_branch *all,
                                 size_t at)
{
    struct task_branch *b = &all[at];
    bool repeated = false;

    b->condition = decoding_copy(d, item, "condition");
    if (b->condition.len == 0)
        return at_entry(
            d, "branchCondition", at, "condition",
            err_user(d->e, E_RANGE, "", "a condition must not be empty", "条件不能为空"));
    /* With parameters in it, what it is shows only when they are filled in. */
    if (str_find(b->condition, STR("${")) < 0 && str_find(b->condition, STR("$(")) < 0) {
        enum err_code rc = expression_check(b->condition, d->e);
        if (rc != E_OK)
            return at_entry(d, "branchCondition", at, "condition", rc);
    }
    if (!task_id_parse(decoding_text(item, "downstreamTaskId"), &b->task_id) ||
        is_upstream(d->spec, b->task_id))
        return at_entry(d, "branchCondition", at, "downstreamTaskId",
                        err_user(d->e, E_RANGE, "", "it must be the id of a downstream task",
                                 "必须是下游任务的 ID"));
    for (size_t i = 0; i < at; i++)
        repeated |= all[i].task_id == b->task_id;
    return repeated ? at_entry(d, "branchCondition", at, "downstreamTaskId",
                               err_user(d->e, E_RANGE, "", "the task has a branch already",
                                        "该任务已关联分支"))
                    : E_OK;
}

static enum err_code decode_branches(struct decoding *d)
{
    json_t *list;
    const json_t *item;
    struct task_branch *branches;
    size_t i;
    enum err_code rc = read_list(d, "branchCondition", &list);

    if (rc != E_OK)
        return rc;
    branches = ARENA_ARRAY(d->arena, struct task_branch, json_array_size(list) + 1);
    json_array_foreach(list, i, item)
    {
        rc = read_branch(d, item, branches, i);
        if (rc != E_OK)
            break;
    }
    d->spec->branches = branches;
    d->spec->n_branches = (int)json_array_size(list);
    json_decref(list);
    return rc;
}

/* ---- merge ----------------------------------------------------------------------------------- */

/* The numeric states of the 2021 API (5.3). */
static unsigned accept_of(json_int_t code)
{
    switch (code) {
    case 2:
        return ACCEPT_SUCCESS;
    case 21:
        return ACCEPT_SKIPPED;
    case 4:
    case 5:
    case 8:
    case 13:
        return ACCEPT_FAILED;
    default:
        return 0;
    }
}

static enum err_code read_states(struct decoding *d, const json_t *item, size_t at, unsigned *ret)
{
    const json_t *states = json_object_get(item, "expectationState"), *state;
    size_t i;

    *ret = 0;
    json_array_foreach(states, i, state)
    {
        unsigned accept = json_is_integer(state) ? accept_of(json_integer_value(state)) : 0;
        if (accept == 0)
            return at_entry(
                d, "mergeCondition", at, "expectationState",
                err_user(d->e, E_RANGE, "",
                         "a state is 2 (success), 21 (not run by a branch) or 4 (failed)",
                         "状态为 2(成功)、21(分支未运行)或 4(失败)"));
        *ret |= accept;
    }
    if (*ret == 0)
        *ret = ACCEPT_SUCCESS | ACCEPT_SKIPPED;
    return E_OK;
}

/* OR is meant where nothing is said; all entries say the same. */
static enum err_code read_combination(struct decoding *d, const json_t *item, size_t at)
{
    struct str type = decoding_text(item, "conditionType");
    bool all = str_ieq(type, STR("AND"));

    if (type.len == 0)
        return E_OK;
    if (!all && !str_ieq(type, STR("OR")))
        return at_entry(d, "mergeCondition", at, "conditionType",
                        err_user(d->e, E_RANGE, "", "`%.*s` is not AND or OR",
                                 "`%.*s` 不是 AND 或 OR", STR_ARG(type)));
    if (at > 0 && all != d->spec->merge_all)
        return at_entry(d, "mergeCondition", at, "conditionType",
                        err_user(d->e, E_RANGE, "", "all conditions are combined in one way",
                                 "所有条件必须使用同一种组合方式"));
    d->spec->merge_all = all;
    return E_OK;
}

static enum err_code read_merge(struct decoding *d, const json_t *item, size_t at,
                                struct task_upstream *all, bool *named)
{
    int64_t task_id;
    unsigned accept = 0;
    int i = 0;
    enum err_code rc = read_states(d, item, at, &accept);

    if (rc == E_OK)
        rc = read_combination(d, item, at);
    if (rc != E_OK)
        return rc;
    bool is_id = task_id_parse(decoding_text(item, "upstreamTaskId"), &task_id);
    while (is_id && i < d->spec->n_upstreams && all[i].task_id != task_id)
        i++;
    if (!is_id || (i < d->spec->n_upstreams && named[i]))
        return at_entry(d, "mergeCondition", at, "upstreamTaskId",
                        err_user(d->e, E_RANGE, "",
                                 is_id ? "the upstream task stands in the list already"
                                       : "it must be the id of an upstream task",
                                 is_id ? "上游任务重复" : "必须是上游任务的 ID"));
    if (i == d->spec->n_upstreams) /* with the recommended pair of the cycles */
        all[d->spec->n_upstreams++] = (struct task_upstream){ .task_id = task_id };
    all[i].accept = accept;
    named[i] = true;
    return E_OK;
}

/* Its upstreams are those of the setting, and those of the dependency list. */
static enum err_code decode_merge(struct decoding *d)
{
    struct task_spec *s = d->spec;
    size_t i, n = (size_t)s->n_upstreams + TASK_CONDITIONS_MAX;
    struct task_upstream *all = ARENA_ARRAY(d->arena, struct task_upstream, n);
    bool *named = ARENA_ARRAY(d->arena, bool, n);
    json_t *list;
    const json_t *item;
    enum err_code rc = read_list(d, "mergeCondition", &list);

    if (rc != E_OK)
        return rc;
    if (s->n_upstreams > 0)
        memcpy(all, s->upstreams, (size_t)s->n_upstreams * sizeof(*all));
    for (int k = 0; k < s->n_upstreams; k++)
        all[k].accept = ACCEPT_SUCCESS | ACCEPT_SKIPPED;
    json_array_foreach(list, i, item)
    {
        rc = read_merge(d, item, i, all, named);
        if (rc != E_OK)
            break;
    }
    s->upstreams = all;
    json_decref(list);
    return rc;
}

enum err_code decode_control(struct decoding *d)
{
    if (d->spec->type_id == TASK_TYPE_BRANCH)
        return decode_branches(d);
    return d->spec->type_id == TASK_TYPE_MERGE ? decode_merge(d) : E_OK;
}
