/* api/schema.c - the API as constant data, and the walker that checks requests and answers against
 * it. */
#include "api/schema.h"

#include <stdio.h>
#include <string.h>

#include "api/schema_int.h"

bool schema_has_version(struct str version)
{
    for (size_t i = 0; i < schema_version_count; i++)
        if (str_eq_c(version, schema_version_table[i]))
            return true;
    return false;
}

const struct schema_action *schema_actions(size_t *ret_n)
{
    *ret_n = schema_action_count;
    return schema_action_table;
}

static int compare(struct str version, struct str name, const struct schema_action *a)
{
    int order = str_cmp(version, str_from(a->version));
    return order != 0 ? order : str_cmp(name, str_from(a->name));
}

const struct schema_action *schema_action_find(struct str version, struct str name)
{
    size_t low = 0, high = schema_action_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(version, name, &schema_action_table[middle]);
        if (order == 0)
            return &schema_action_table[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct schema_member *schema_member_find(const struct schema_object *object,
                                               const char *name)
{
    int low = 0, high = object->n_members;

    while (low < high) {
        int middle = (low + high) / 2, order = strcmp(name, object->members[middle].name);
        if (order == 0)
            return &object->members[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* ---- requests ------------------------------------------------------------------------------ */

static enum schema_fault check_object(const struct schema_object *object, const json_t *params,
                                      struct err *e);

static enum schema_fault missing(const struct schema_object *object, const json_t *params,
                                 struct err *e)
{
    for (int i = 0; i < object->n_members; i++) {
        const struct schema_member *m = &object->members[i];
        const json_t *value = m->required ? json_object_get(params, m->name) : NULL;
        if (m->required && (!value || json_is_null(value))) {
            err_user(e, E_REQUIRED, m->name, "it is required", "该参数必填");
            return SCHEMA_MISSING;
        }
    }
    return SCHEMA_OK;
}

/* The alphabetically first name that the object does not have. */
static enum schema_fault unknown(const struct schema_object *object, const json_t *params,
                                 struct err *e)
{
    const char *name, *first = NULL;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)params, name,
                        value) if (!schema_member_find(object, name) &&
                                   (!first || strcmp(name, first) < 0)) first = name;
    if (!first)
        return SCHEMA_OK;
    char shown[ERR_PATH_MAX];
    snprintf(shown, sizeof(shown), "%.100s", first);
    err_user(e, E_RANGE, shown, "it is not recognized", "未知参数");
    return SCHEMA_UNKNOWN;
}

static const char *type_name(const struct schema_member *m)
{
    static const char *const names[] = { "string", "int64", "uint64", "bool", "float", "object" };
    return m->is_list ? "list" : names[m->type];
}

static bool is_type(enum schema_type type, const json_t *value)
{
    switch (type) {
    case SCHEMA_STRING:
        return json_is_string(value);
    case SCHEMA_INT64:
        return json_is_integer(value);
    case SCHEMA_UINT64:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case SCHEMA_BOOL:
        return json_is_boolean(value);
    case SCHEMA_FLOAT:
        return json_is_number(value);
    case SCHEMA_OBJECT:
        return json_is_object(value);
    }
    return false;
}

static enum schema_fault wrong_type(const struct schema_member *m, const char *type, struct err *e)
{
    (void)m;
    err_user(e, E_SYNTAX, "", "its value type is not valid, input type should be `%s`",
             "参数类型不正确，应为 `%s`", type);
    return SCHEMA_TYPE;
}

static enum schema_fault check_value(const struct schema_member *m, const json_t *value,
                                     struct err *e)
{
    static const char *const names[] = { "string", "int64", "uint64", "bool", "float", "object" };

    if (!is_type(m->type, value))
        return wrong_type(m, names[m->type], e);
    return m->type == SCHEMA_OBJECT ? check_object(m->object, value, e) : SCHEMA_OK;
}

static enum schema_fault check_member(const struct schema_member *m, const json_t *value,
                                      struct err *e)
{
    enum schema_fault fault = SCHEMA_OK;
    const json_t *item;
    char path[24];
    size_t i;

    if (!m->is_list) {
        fault = check_value(m, value, e);
    } else if (!json_is_array(value)) {
        fault = wrong_type(m, type_name(m), e);
    } else {
        json_array_foreach(value, i, item)
        {
            fault = check_value(m, item, e);
            if (fault != SCHEMA_OK) {
                snprintf(path, sizeof(path), "%zu", i);
                err_prefix(e, path);
                break;
            }
        }
    }
    if (fault != SCHEMA_OK)
        err_prefix(e, m->name);
    return fault;
}

static enum schema_fault check_object(const struct schema_object *object, const json_t *params,
                                      struct err *e)
{
    enum schema_fault fault = missing(object, params, e);

    if (fault == SCHEMA_OK)
        fault = unknown(object, params, e);
    for (int i = 0; i < object->n_members && fault == SCHEMA_OK; i++) {
        const json_t *value = json_object_get(params, object->members[i].name);
        if (value && !json_is_null(value))
            fault = check_member(&object->members[i], value, e);
    }
    return fault;
}

enum schema_fault schema_check(const struct schema_object *object, const json_t *params,
                               struct err *e)
{
    struct err local;
    return check_object(object, params, e ? e : &local);
}

/* ---- answers ------------------------------------------------------------------------------- */

static bool answer_object(const struct schema_object *object, const json_t *value, struct err *e);

static bool answer_value(const struct schema_member *m, const json_t *value, struct err *e)
{
    if (json_is_null(value))
        return true;
    if (!is_type(m->type, value)) {
        err_set(e, E_SYNTAX, "not of the declared type");
        return false;
    }
    return m->type != SCHEMA_OBJECT || answer_object(m->object, value, e);
}

static bool answer_member(const struct schema_member *m, const json_t *value, struct err *e)
{
    const json_t *item;
    size_t i;

    if (json_is_null(value) || !m->is_list)
        return answer_value(m, value, e);
    if (!json_is_array(value)) {
        err_set(e, E_SYNTAX, "not a list");
        return false;
    }
    json_array_foreach(value, i, item) if (!answer_value(m, item, e)) return false;
    return true;
}

static bool answer_object(const struct schema_object *object, const json_t *value, struct err *e)
{
    const char *name;
    json_t *item;

    json_object_foreach((json_t *)(uintptr_t)value, name, item)
    {
        const struct schema_member *m = schema_member_find(object, name);
        bool right = m != NULL;
        if (!m)
            err_set(e, E_SYNTAX, "not declared in %s", object->name);
        else
            right = answer_member(m, item, e);
        if (!right) {
            err_prefix(e, name);
            return false;
        }
    }
    return true;
}

bool schema_check_answer(const struct schema_action *action, const json_t *response, struct err *e)
{
    struct err local;
    return answer_object(action->response, response, e ? e : &local);
}
