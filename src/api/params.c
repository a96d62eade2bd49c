/* api/params.c - what all actions use to read their parameters and to write times and plain
 * answers. */
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

enum err_code answer_status(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kbool(&c->out, "Status", true);
    jw_object_end(&c->out);
    return E_OK;
}

enum err_code answer_batch_return(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kbool(&c->out, "Result", true);
    jw_knull(&c->out, "ErrorDesc");
    jw_knull(&c->out, "ErrorId");
    jw_object_end(&c->out);
    return E_OK;
}
