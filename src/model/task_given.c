/* model/task_given.c - what a request may not say of a task, though a document that is kept may.
 *
 * Rules that came after documents were kept: those must still decode, whoever made them.
 */
#include <stdio.h>

#include "model/decoding.h"

static enum err_code check_input(const json_t *item, size_t at, struct err *e)
{
    struct str type = decoding_text(item, "Type");
    char path[96];

    if (type.len == 0 || str_eq_c(type, "TASK") || str_eq_c(type, "CONSTANT"))
        return E_OK;
    snprintf(path, sizeof(path), SCHEDULER "ParamTaskInList.%zu.Type", at);
    return err_user(e, E_RANGE, path, "`%.*s` is not TASK or CONSTANT",
                    "`%.*s` 不是 TASK 或 CONSTANT", STR_ARG(str_sub(type, 0, 64)));
}

static enum err_code check_listener(const json_t *item, size_t at, struct err *e)
{
    const json_t *property;
    size_t i;
    char path[120];

    json_array_foreach(json_object_get(item, "PropertiesList"), i, property)
    {
        if (decoding_text(property, "ParamKey").len > 0)
            continue;
        snprintf(path, sizeof(path), SCHEDULER "EventListenerList.%zu.PropertiesList.%zu.ParamKey",
                 at, i);
        return err_user(e, E_RANGE, path, "a key must not be empty", "键不能为空");
    }
    return E_OK;
}

enum err_code task_check_given(const json_t *given, struct err *e)
{
    const json_t *scheduler = json_object_get(given, "TaskSchedulerConfiguration"), *item;
    enum err_code rc = E_OK;
    size_t i;

    json_array_foreach(json_object_get(scheduler, "ParamTaskInList"), i, item)
    {
        rc = check_input(item, i, e);
        if (rc != E_OK)
            return rc;
    }
    json_array_foreach(json_object_get(scheduler, "EventListenerList"), i, item)
    {
        rc = check_listener(item, i, e);
        if (rc != E_OK)
            return rc;
    }
    return rc;
}
