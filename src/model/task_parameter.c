/* model/task_parameter.c - the parameters of a task: its own, those that it puts out, those that it
 * gets from upstream tasks (docs/reference/semantics.md 6.2, 6.3), and the event hook (4.3). */
#include <stdio.h>

#include "model/decoding.h"

enum { HOOK_NAME_MAX = 64 };

static enum err_code decode_outputs(struct decoding *d)
{
    struct task_spec *s = d->spec;
    struct task_output *outputs;
    const struct task_param *pairs;
    char path[96];
    enum err_code rc =
        decoding_params(d, d->scheduler, "ParamTaskOutList", SCHEDULER, &pairs, &s->n_outputs);

    if (rc != E_OK)
        return rc;
    outputs = ARENA_ARRAY(d->arena, struct task_output, (size_t)s->n_outputs + 1);
    for (int i = 0; i < s->n_outputs; i++) {
        outputs[i].key = pairs[i].key;
        outputs[i].value = pairs[i].value;
        outputs[i].is_variable = result_path_is_meant(pairs[i].value);
        if (!outputs[i].is_variable || result_path_parse(pairs[i].value, &outputs[i].path))
            continue;
        snprintf(path, sizeof(path), SCHEDULER "ParamTaskOutList.%d.ParamValue", i);
        return err_user(d->e, E_RANGE, path,
                        "`%.*s` is not one of $[row], $[row][column], $[row][*], $[*][column], "
                        "$[*][*]",
                        "`%.*s` 不是 $[行]、$[行][列]、$[行][*]、$[*][列]、$[*][*] 之一",
                        STR_ARG(pairs[i].value));
    }
    s->outputs = outputs;
    return E_OK;
}

static bool is_upstream(const struct task_spec *s, int64_t task_id)
{
    for (int i = 0; i < s->n_upstreams; i++)
        if (s->upstreams[i].task_id == task_id)
            return true;
    return false;
}

static enum err_code decode_input(struct decoding *d, const json_t *item, size_t at,
                                  struct task_input *inputs)
{
    struct task_input *in = &inputs[d->spec->n_inputs];
    bool repeated = false;
    char path[96];

    in->key = decoding_copy(d, item, "ParamKey");
    for (int i = 0; i < d->spec->n_inputs; i++)
        repeated |= str_eq(inputs[i].key, in->key);
    snprintf(path, sizeof(path), SCHEDULER "ParamTaskInList.%zu.ParamKey", at);
    if (in->key.len == 0 || repeated)
        return err_user(d->e, E_RANGE, path,
                        repeated ? "the key stands in the list already" : "a key must not be empty",
                        repeated ? "键重复" : "键不能为空");
    d->spec->n_inputs++;
    in->is_constant = str_eq_c(decoding_text(item, "Type"), "CONSTANT"); /* of a for-each */
    in->from_key = decoding_copy(d, item, "FromParamKey");
    if (in->is_constant)
        return E_OK;
    snprintf(path, sizeof(path), SCHEDULER "ParamTaskInList.%zu.FromTaskId", at);
    if (!task_id_parse(decoding_text(item, "FromTaskId"), &in->from_task))
        return err_user(d->e, E_RANGE, path, "it must be the id of an upstream task",
                        "必须是上游任务的 ID");
    if (!is_upstream(d->spec, in->from_task))
        return err_user(d->e, E_RANGE, path,
                        "the task does not depend on it; add it to UpstreamDependencyConfigList",
                        "该任务不是上游依赖，请加入 UpstreamDependencyConfigList");
    snprintf(path, sizeof(path), SCHEDULER "ParamTaskInList.%zu.FromParamKey", at);
    if (in->from_key.len == 0)
        return err_user(d->e, E_RANGE, path,
                        "it must be the ParamKey of an output parameter of the upstream task",
                        "必须是上游任务输出参数的 ParamKey");
    return E_OK;
}

static enum err_code decode_inputs(struct decoding *d)
{
    const json_t *list = json_object_get(d->scheduler, "ParamTaskInList"), *item;
    enum err_code rc = decoding_check_length(d, list, SCHEDULER "ParamTaskInList");
    struct task_input *inputs;
    size_t i;

    if (rc != E_OK)
        return rc;
    d->spec->inputs = inputs = ARENA_ARRAY(d->arena, struct task_input, json_array_size(list) + 1);
    d->spec->n_inputs = 0;
    json_array_foreach(list, i, item)
    {
        rc = decode_input(d, item, i, inputs);
        if (rc != E_OK)
            return rc;
    }
    return E_OK;
}

static bool is_variable_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.len <= HOOK_NAME_MAX;
}

static enum err_code decode_hook(struct decoding *d)
{
    struct task_spec *s = d->spec;
    int at = decoding_find_param(s->ext, s->n_ext, STR("event_hook"));
    char path[96];

    if (at < 0)
        return E_OK;
    s->event_hook = s->ext[at].value;
    if (is_variable_name(s->event_hook))
        return E_OK;
    snprintf(path, sizeof(path), CONFIG "TaskExtConfigurationList.%d.ParamValue", at);
    return err_user(d->e, E_RANGE, path,
                    "`%.*s` is not the name of a variable: letters, digits and _, at most %d",
                    "`%.*s` 不是变量名：仅限字母、数字和下划线，最多 %d 个字符",
                    STR_ARG(s->event_hook), HOOK_NAME_MAX);
}

enum err_code decode_parameters(struct decoding *d)
{
    struct task_spec *s = d->spec;
    enum err_code rc = decoding_params(d, d->config, "TaskSchedulingParameterList", CONFIG,
                                       &s->params, &s->n_params);

    if (rc == E_OK)
        rc = decode_outputs(d);
    if (rc == E_OK)
        rc = decode_inputs(d);
    return rc == E_OK ? decode_hook(d) : rc;
}
