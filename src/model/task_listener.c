/* model/task_listener.c - decodes the events that a task listens to. */
#include "model/decoding.h"

#include <stdio.h>

static enum err_code decode_properties(struct decoding *d, const json_t *item,
                                       struct task_listener *l)
{
    const json_t *list = json_object_get(item, "PropertiesList"), *property;
    int64_t wait = -1, unit = 24 * 60;
    size_t i;

    if (decoding_check_length(d, list, "PropertiesList") != E_OK)
        return E_LIMIT;
    json_array_foreach(list, i, property)
    {
        struct str key = decoding_text(property, "ParamKey"),
                   value = decoding_text(property, "ParamValue");
        bool good = true;
        if (str_eq_c(key, "maxWaitEventTime"))
            good = str_to_i64(value, &wait) && wait > 0 && wait <= 1000000;
        else if (str_eq_c(key, "maxWaitEventTimeUnit"))
            good = str_eq_c(value, "DAYS")      ? (unit = 24 * 60, true)
                   : str_eq_c(value, "HOURS")   ? (unit = 60, true)
                   : str_eq_c(value, "MINUTES") ? (unit = 1, true)
                                                : false;
        else if (str_eq_c(key, "EventProjectId"))
            l->project_id = arena_str(d->arena, value);
        if (!good)
            return err_user(d->e, E_RANGE, "PropertiesList",
                            "maxWaitEventTime is a number above 0, maxWaitEventTimeUnit one of "
                            "DAYS, HOURS, MINUTES",
                            "maxWaitEventTime 为大于 0 的数字，maxWaitEventTimeUnit 为 "
                            "DAYS、HOURS、MINUTES 之一");
    }
    l->max_wait_minutes = wait < 0 ? -1 : wait * unit;
    return E_OK;
}

static enum err_code decode_listener(struct decoding *d, const json_t *item,
                                     struct task_listener *l)
{
    struct str sub = decoding_text(item, "EventSubType"),
               broadcast = decoding_text(item, "EventBroadcastType");

    l->event_name = decoding_copy(d, item, "EventName");
    if (l->event_name.len == 0)
        return err_user(d->e, E_RANGE, "EventName", "it must not be empty", "不能为空");
    if (!event_sub_type_from_name(sub, &l->sub_type))
        return err_user(d->e, E_RANGE, "EventSubType",
                        "`%.*s` is not one of SECOND, MIN, HOUR, DAY",
                        "`%.*s` 不是 SECOND、MIN、HOUR、DAY 之一", STR_ARG(sub));
    l->broadcast = str_eq_c(broadcast, "BROADCAST");
    if (!l->broadcast && !str_eq_c(broadcast, "SINGLE"))
        return err_user(d->e, E_RANGE, "EventBroadcastType", "`%.*s` is not SINGLE or BROADCAST",
                        "`%.*s` 不是 SINGLE 或 BROADCAST", STR_ARG(broadcast));
    return decode_properties(d, item, l);
}

enum err_code decode_listeners(struct decoding *d)
{
    const json_t *list = json_object_get(d->scheduler, "EventListenerList"), *item;
    size_t i, n = json_array_size(list);
    struct task_listener *listeners;
    char path[96];

    if (n > TASK_LIST_MAX)
        return err_user(d->e, E_LIMIT, SCHEDULER "EventListenerList", "at most %d events",
                        "最多 %d 个事件", TASK_LIST_MAX);
    listeners = ARENA_ARRAY(d->arena, struct task_listener, n + 1);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = decode_listener(d, item, &listeners[i]);
        for (size_t j = 0; j < i && rc == E_OK; j++)
            if (str_eq(listeners[j].event_name, listeners[i].event_name) &&
                str_eq(listeners[j].project_id, listeners[i].project_id))
                rc = err_user(d->e, E_RANGE, "EventName", "the event stands in the list already",
                              "事件重复");
        if (rc != E_OK) {
            snprintf(path, sizeof(path), SCHEDULER "EventListenerList.%zu", i);
            return err_prefix(d->e, path), rc;
        }
    }
    d->spec->listeners = listeners;
    d->spec->n_listeners = (int)n;
    return E_OK;
}
