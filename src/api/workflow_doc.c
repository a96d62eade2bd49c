/* api/workflow_doc.c - the part of a workflow that the store need not look into: parameters,
 * bundle text, and the unified schedule. */
#include "api/workflow_doc.h"

#include <stdio.h>

#include "api/action.h"
#include "base/map.h"
#include "engine/cmd_workflow.h"
#include "model/json_text.h"

enum { PARAM_KEY_MAX = 200, PARAM_VALUE_MAX = 4000, BUNDLE_INFO_MAX = 8000 };

static enum err_code check_param(const json_t *item, size_t at, struct map *seen, struct err *e)
{
    struct str key = param_str(item, "ParamKey");
    char path[64];

    snprintf(path, sizeof(path), "WorkflowParams.%zu.ParamKey", at);
    if (key.len == 0 || str_code_points(key) > PARAM_KEY_MAX)
        return err_user(e, E_RANGE, path, "a parameter's name has 1 to %d characters",
                        "参数名长度为 1 到 %d 个字符", PARAM_KEY_MAX);
    if (map_put(seen, key, seen))
        return err_user(e, E_RANGE, path, "the parameter `%.*s` is there twice", "参数 `%.*s` 重复",
                        STR_ARG(key));
    if (str_code_points(param_str(item, "ParamValue")) <= PARAM_VALUE_MAX)
        return E_OK;
    snprintf(path, sizeof(path), "WorkflowParams.%zu.ParamValue", at);
    return err_user(e, E_RANGE, path, "a parameter's value has at most %d characters",
                    "参数值最多 %d 个字符", PARAM_VALUE_MAX);
}

static enum err_code check_values(const json_t *params, struct err *e)
{
    const json_t *list = param_list(params, "WorkflowParams");
    size_t n = json_array_size(list);
    enum err_code rc = E_OK;
    struct map seen;

    if (n > WORKFLOW_PARAMS_MAX)
        return err_user(e, E_LIMIT, "WorkflowParams", "at most %d parameters", "最多 %d 个参数",
                        WORKFLOW_PARAMS_MAX);
    if (str_code_points(param_str(params, "BundleInfo")) > BUNDLE_INFO_MAX)
        return err_user(e, E_RANGE, "BundleInfo", "it must have at most %d characters",
                        "最多 %d 个字符", BUNDLE_INFO_MAX);
    map_init(&seen);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = check_param(json_array_get(list, i), i, &seen, e);
    map_done(&seen);
    return rc;
}

enum err_code workflow_doc_make(const json_t *params, struct str old, struct arena *a,
                                struct workflow_doc *ret, struct err *e)
{
    static const char *const names[] = { "WorkflowParams", "BundleInfo" };
    const json_t *given = param_object(params, WORKFLOW_SCHEDULE);
    struct workflow_schedule *schedule = given ? ARENA_NEW(a, struct workflow_schedule) : NULL;
    enum err_code rc = check_values(params, e);
    json_t *doc;

    if (rc == E_OK && given)
        rc = workflow_schedule_decode(given, a, schedule, e);
    if (rc != E_OK)
        return rc;
    doc = json_loadb(old.ptr, old.len, 0, NULL);
    if (!json_is_object(doc)) {
        json_decref(doc);
        return err_set(e, E_CORRUPT, "the document of a workflow does not parse");
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (param_has(params, names[i]))
            json_object_set(doc, names[i], json_object_get(params, names[i]));
    if (given)
        json_object_set_new(doc, WORKFLOW_SCHEDULE, workflow_schedule_keep(given));
    *ret = (struct workflow_doc){ json_text(doc, a), schedule };
    json_decref(doc);
    return E_OK;
}
