/* model/decoding.c - how the parts of a task's document are read. */
#include "model/decoding.h"

#include <stdio.h>

struct str decoding_text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_string(value))
        return (struct str){ NULL, 0 };
    return str_make(json_string_value(value), json_string_length(value));
}

struct str decoding_copy(struct decoding *d, const json_t *object, const char *name)
{
    return arena_str(d->arena, decoding_text(object, name));
}

bool decoding_number(const json_t *object, const char *name, int64_t otherwise, int64_t *ret)
{
    const json_t *value = json_object_get(object, name);
    struct str text = decoding_text(object, name);

    *ret = otherwise;
    if (json_is_integer(value))
        *ret = json_integer_value(value);
    else if (text.len > 0)
        return str_to_i64(text, ret);
    return true;
}

bool decoding_has(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value && !json_is_null(value) &&
           !(json_is_string(value) && json_string_length(value) == 0);
}

int decoding_find_param(const struct task_param *list, int n, struct str key)
{
    for (int i = 0; i < n; i++)
        if (str_eq(list[i].key, key))
            return i;
    return -1;
}

enum err_code decoding_check_length(struct decoding *d, const json_t *list, const char *path)
{
    return json_array_size(list) <= TASK_LIST_MAX
               ? E_OK
               : err_user(d->e, E_LIMIT, path, "at most %d entries", "最多 %d 项", TASK_LIST_MAX);
}

enum err_code decoding_params(struct decoding *d, const json_t *object, const char *name,
                              const char *prefix, const struct task_param **ret, int *ret_n)
{
    const json_t *list = json_object_get(object, name), *item;
    size_t i, n = json_array_size(list);
    struct task_param *params;
    char path[96];

    snprintf(path, sizeof(path), "%s%s", prefix, name);
    if (decoding_check_length(d, list, path) != E_OK)
        return E_LIMIT;
    params = ARENA_ARRAY(d->arena, struct task_param, n + 1);
    json_array_foreach(list, i, item)
    {
        struct task_param p = { decoding_copy(d, item, "ParamKey"),
                                decoding_copy(d, item, "ParamValue") };
        bool repeated = decoding_find_param(params, (int)i, p.key) >= 0;
        snprintf(path, sizeof(path), "%s%s.%zu.ParamKey", prefix, name, i);
        if (p.key.len == 0 || repeated)
            return err_user(d->e, E_RANGE, path,
                            repeated ? "the key stands in the list already"
                                     : "a key must not be empty",
                            repeated ? "键重复" : "键不能为空");
        params[i] = p;
    }
    *ret = params;
    *ret_n = (int)n;
    return E_OK;
}
