/* api/act_event_listener.c - version 2021-08-20: RegisterDsEventListener, and
 * RegisterEventListener, which was there before it (docs/reference/semantics.md 4.6).
 *
 * RequestFromSource says which of WeData's faces asks; it changes nothing and is passed over.
 */
#include "api/event_view.h"

#include <stdio.h>

#include "engine/cmd_listener.h"
#include "model/json_text.h"
#include "model/task.h"

struct listener_state {
    struct listener_wish wish;
    struct str event_project_id;
    struct event_listener_view view;
};

/* ---- values -------------------------------------------------------------------------------- */

static enum err_code read_type(struct call *c)
{
    struct str type = param_str(c->params, "Type");

    if (type.len == 0 || str_eq_c(type, "REST_API"))
        return E_OK;
    if (str_eq_c(type, "KAFKA"))
        return err_user(&c->err, E_UNSUPPORTED, "Type",
                        "listeners of type KAFKA are not built yet; REST_API is",
                        "KAFKA 类型的监听者尚未实现，目前支持 REST_API");
    return err_user(&c->err, E_RANGE, "Type", "`%.*s` is not REST_API", "`%.*s` 不是 REST_API",
                    STR_ARG(str_sub(type, 0, 64)));
}

/* Both calls have them as a list by now. */
static enum err_code check_properties(struct call *c, const json_t *list)
{
    const json_t *property;
    char path[48];
    size_t i;

    json_array_foreach(list, i, property)
    {
        if (param_str(property, "ParamKey").len > 0)
            continue;
        snprintf(path, sizeof(path), "Properties.%zu.ParamKey", i);
        return err_user(&c->err, E_RANGE, path, "a key must not be empty", "键不能为空");
    }
    return E_OK;
}

static enum err_code read_common(struct call *c, struct listener_wish *w)
{
    struct str key = param_str(c->params, "Key");
    enum err_code rc = read_type(c);

    if (rc == E_OK && !task_id_parse(key, &w->task_id))
        rc = err_user(&c->err, E_MISSING, "Key", "there is no task `%.*s`", "任务 `%.*s` 不存在",
                      STR_ARG(str_sub(key, 0, 64)));
    w->project_id = param_str(c->params, "ProjectId");
    w->uin = c->uin;
    w->event_name = param_str(c->params, "EventName");
    return rc;
}

static enum err_code ds_prepare(struct call *c)
{
    struct listener_state *s = c->state = ARENA_NEW(&c->arena, struct listener_state);

    s->wish.properties = param_list(c->params, "Properties");
    s->wish.event_project_id = param_str(c->params, "EventProjectId");
    enum err_code rc = check_properties(c, s->wish.properties);
    return rc == E_OK ? read_common(c, &s->wish) : rc;
}

/* {"maxWaitEventTime":1,...} as the list that the newer call takes; a number becomes its text.
 * NULL: it is not such an object. */
static json_t *listed(const json_t *object)
{
    json_t *list = json_array(), *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        json_t *text = json_is_integer(value)
                           ? json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value))
                           : json_incref(value);
        if (!json_is_string(text)) {
            json_decref(text);
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, json_pack("{s:s,s:o}", "ParamKey", key, "ParamValue", text));
    }
    return list;
}

/* The text gives way to its list in the parameters, which own it from then on. */
static enum err_code old_prepare(struct call *c)
{
    struct listener_state *s = c->state = ARENA_NEW(&c->arena, struct listener_state);
    struct str text = param_str(c->params, "Properties");
    enum err_code rc = read_common(c, &s->wish);

    if (rc != E_OK || text.len == 0)
        return rc;
    if (json_values(text) > TASK_LIST_MAX + 1)
        return err_user(&c->err, E_LIMIT, "Properties", "at most %d entries", "最多 %d 项",
                        TASK_LIST_MAX);
    json_t *object = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL),
           *list = json_is_object(object) ? listed(object) : NULL;
    json_decref(object);
    if (!list)
        return err_user(&c->err, E_SYNTAX, "Properties",
                        "it is not a JSON object of texts and whole numbers such as "
                        "{\"maxWaitEventTime\":1,\"maxWaitEventTimeUnit\":\"DAYS\"}",
                        "不是由文本和整数组成的 JSON 对象，例如 "
                        "{\"maxWaitEventTime\":1,\"maxWaitEventTimeUnit\":\"DAYS\"}");
    json_object_set_new(c->params, "Properties", list);
    s->wish.properties = list;
    return check_properties(c, list);
}

/* ---- both ---------------------------------------------------------------------------------- */

static enum err_code put_apply(struct call *c, struct engine *g)
{
    struct listener_state *s = c->state;
    enum err_code rc = listener_put(g, &s->wish, &s->event_project_id, &c->err);

    /* Only the store can fail from here on, and then the turn is lost, core and all. */
    if (rc == E_OK) {
        s->event_project_id = arena_str(&c->arena, s->event_project_id);
        rc = event_listener(engine_view(g), &c->arena, s->wish.task_id, s->event_project_id,
                            s->wish.event_name, &s->view, &c->err);
    } else if (str_eq_c(str_from(c->err.path), "TaskId")) {
        c->err.path[0] = '\0';
        err_prefix(&c->err, "Key");
    }
    return rc;
}

static enum err_code ds_answer(struct call *c)
{
    const struct listener_state *s = c->state;

    jw_key(&c->out, "Data");
    event_listener_write(&c->out, s->event_project_id, s->wish.event_name, &s->view);
    return E_OK;
}

static const struct action actions[] = {
    { API_2021, "RegisterDsEventListener", ds_prepare, put_apply, ds_answer, ACCESS_DEVELOP,
      "Key" },
    { API_2021, "RegisterEventListener", old_prepare, put_apply, answer_batch_return,
      ACCESS_DEVELOP, "Key" },
};
const struct action_family family_event_listener = { actions, ARRAY_LEN(actions) };
