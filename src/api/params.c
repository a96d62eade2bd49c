/* api/params.c - what all actions use to read their parameters and to write times and pages. */
#include "api/action.h"
#include "cal/zone.h"

const char API_2025[] = "2025-08-06", API_2021[] = "2021-08-20", API_WEFT[] = "weft-1";

struct str json_str(const json_t *string)
{
    if (!json_is_string(string))
        return (struct str){ NULL, 0 };
    return str_make(json_string_value(string), json_string_length(string));
}

struct str param_str(const json_t *object, const char *name)
{
    return json_str(json_object_get(object, name));
}

bool param_has(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return value && !json_is_null(value);
}

int64_t param_i64(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

bool param_bool(const json_t *object, const char *name, bool otherwise)
{
    const json_t *value = json_object_get(object, name);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

const json_t *param_object(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_object(value) ? value : NULL;
}

const json_t *param_list(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_array(value) ? value : NULL;
}

/* A number, also where the API declares it as text (ListOpsTasks). */
static bool read_number(const json_t *params, const char *name, int64_t otherwise, int64_t *ret)
{
    const json_t *value = json_object_get(params, name);

    *ret = otherwise;
    if (json_is_integer(value))
        *ret = json_integer_value(value);
    else if (json_is_string(value) && json_string_length(value) > 0)
        return str_to_i64(json_str(value), ret);
    return true;
}

enum err_code page_params(struct call *c, int64_t size_default, int64_t size_min, int64_t size_max,
                          struct page *ret)
{
    struct page p;

    if (!read_number(c->params, "PageNumber", 1, &p.number) || p.number < 1 ||
        p.number > INT64_MAX / 1000)
        return err_user(&c->err, E_RANGE, "PageNumber", "it must be a whole number from 1 on",
                        "必须是不小于 1 的整数");
    if (!read_number(c->params, "PageSize", size_default, &p.size) || p.size < size_min ||
        p.size > size_max)
        return err_user(&c->err, E_RANGE, "PageSize", "it must be a whole number from %lld to %lld",
                        "必须是 %lld 到 %lld 之间的整数", (long long)size_min, (long long)size_max);
    p.offset = (p.number - 1) * p.size;
    *ret = p;
    return E_OK;
}

void page_write(struct jw *w, const struct page *p, int64_t total)
{
    jw_ki64(w, "PageNumber", p->number);
    jw_ki64(w, "PageSize", p->size);
    jw_ki64(w, "TotalCount", total);
    jw_ki64(w, "TotalPageNumber", (total + p->size - 1) / p->size);
}

void jw_wall(struct jw *w, const char *key, struct wall t, const struct zone *zone)
{
    char text[CIVIL_TEXT_LEN + 1];

    if (!wall_is_set(t)) {
        jw_knull(w, key);
        return;
    }
    civil_format(zone_to_civil(zone, t), text);
    jw_kcstr(w, key, text);
}
