/* api/ids.c - lists of ids in requests. */
#include "api/ids.h"

#include <stdio.h>

#include "base/map.h"
#include "model/json_text.h"
#include "model/task.h"

static enum err_code check_length(struct call *c, const char *list, size_t n, int max)
{
    if (n >= 1 && n <= (size_t)max)
        return E_OK;
    return err_user(&c->err, n == 0 ? E_REQUIRED : E_LIMIT, list, "it takes 1 to %d entries",
                    "需要 1 到 %d 项", max);
}

enum err_code ids_tasks(struct call *c, const char *list, int max, int64_t **ret, int *ret_n)
{
    const json_t *items = param_list(c->params, list), *item;
    size_t i, n = json_array_size(items);
    int64_t *ids = ARENA_ARRAY(&c->arena, int64_t, n + 1);
    struct pair_map seen;
    char path[64];
    enum err_code rc = check_length(c, list, n, max);

    *ret = ids;
    *ret_n = 0;
    pair_map_init(&seen);
    json_array_foreach(items, i, item)
    {
        int64_t id;
        if (rc != E_OK)
            break;
        if (!task_id_parse(json_str(item), &id)) {
            snprintf(path, sizeof(path), "%s.%zu", list, i);
            rc = err_user(&c->err, E_MISSING, path, "there is no task `%.*s`", "任务 `%.*s` 不存在",
                          STR_ARG(json_str(item)));
        } else if (!pair_map_put(&seen, (struct pair_key){ (uint64_t)id, 0 }, c)) {
            ids[(*ret_n)++] = id;
        }
    }
    pair_map_done(&seen);
    return rc;
}

enum err_code ids_instances(struct call *c, const char *list, int max, struct instance_key **ret,
                            int *ret_n)
{
    const json_t *items = param_list(c->params, list), *item;
    size_t i, n = json_array_size(items);
    struct instance_key *keys = ARENA_ARRAY(&c->arena, struct instance_key, n + 1);
    struct pair_map seen;
    char path[64];
    enum err_code rc = check_length(c, list, n, max);

    *ret = keys;
    *ret_n = 0;
    pair_map_init(&seen);
    json_array_foreach(items, i, item)
    {
        struct instance_key key;
        if (rc != E_OK)
            break;
        if (!instance_key_parse(json_str(item), &key)) {
            snprintf(path, sizeof(path), "%s.%zu", list, i);
            rc = err_user(&c->err, E_SYNTAX, path,
                          "`%.*s` is not an instance key; it looks like "
                          "20250910174556035_2025-09-11 00:00:00",
                          "`%.*s` 不是实例标识，格式如 20250910174556035_2025-09-11 00:00:00",
                          STR_ARG(json_str(item)));
        } else if (!pair_map_put(
                       &seen, (struct pair_key){ (uint64_t)key.task_id, (uint64_t)key.data_time.s },
                       c)) {
            keys[(*ret_n)++] = key;
        }
    }
    pair_map_done(&seen);
    return rc;
}

struct str request_text(struct call *c)
{
    return json_text(c->params, &c->arena);
}
