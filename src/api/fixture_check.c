/* api/fixture_check.c - reads a fixture and checks it, before anything of it is made. */
#include "api/fixture_int.h"

#include <stdio.h>

enum { ITEMS_MAX = 1000000 };

/* In the order in which they are loaded. */
const struct fixture_section *const fixture_sections[FIXTURE_SECTIONS] = {
    &fixture_projects,  &fixture_groups,       &fixture_calendars, &fixture_folders,
    &fixture_workflows, &fixture_task_folders, &fixture_events,    &fixture_tasks,
};

static bool has_type(const json_t *value, char type)
{
    switch (type) {
    case 's':
        return json_is_string(value);
    case 'i':
        return json_is_integer(value);
    case 'b':
        return json_is_boolean(value);
    default:
        break;
    }
    bool ok = json_is_array(value);
    for (size_t i = 0; ok && i < json_array_size(value); i++)
        ok = json_is_string(json_array_get(value, i));
    return ok;
}

static const char *type_name(char type)
{
    return type == 's'   ? "text"
           : type == 'i' ? "integer"
           : type == 'b' ? "true/false"
                         : "[text, ...]";
}

/* Split an item in what is checked here (the section's own members) and the parameters of the
 * section's action. */
static enum err_code check_own(const struct fixture_section *s, const json_t *item, json_t *params,
                               struct err *e)
{
    for (const struct fixture_field *f = s->fields; f->name; f++) {
        const json_t *value = json_object_get(item, f->name);
        bool required = f->required && !value;
        json_object_del(params, f->name);
        if (required)
            return err_user(e, E_REQUIRED, f->name, "it is missing", "缺少该字段");
        if (value && !has_type(value, f->type))
            return err_user(e, E_RANGE, f->name, "its type must be %s", "类型必须是 %s",
                            type_name(f->type));
    }
    return E_OK;
}

static enum err_code check_rest(const struct fixture_section *s, const json_t *params,
                                struct err *e)
{
    const struct schema_action *action;
    void *first = json_object_iter((json_t *)(uintptr_t)params);

    if (!s->action)
        return !first ? E_OK
                      : err_user(e, E_RANGE, json_object_iter_key(first),
                                 "there is no such member in %s", "%s 中没有这个字段", s->name);
    action = schema_action_find(str_from(s->version), str_from(s->action));
    check(action);
    switch (schema_check(action->request, params, e)) {
    case SCHEMA_OK:
        return E_OK;
    case SCHEMA_MISSING:
        return E_REQUIRED;
    default:
        return E_RANGE;
    }
}

void fixture_prefix(struct err *e, const char *section, size_t index)
{
    char path[64];

    snprintf(path, sizeof(path), "%s.%zu", section, index);
    err_prefix(e, path);
}

static enum err_code check_item(const struct fixture_section *s, const json_t *list, size_t at,
                                struct err *e)
{
    const json_t *item = json_array_get(list, at);
    json_t *params;
    enum err_code rc;

    if (!json_is_object(item)) {
        rc = err_user(e, E_RANGE, "", "it must be an object", "必须是对象");
    } else {
        params = json_copy((json_t *)(uintptr_t)item);
        rc = check_own(s, item, params, e);
        if (rc == E_OK)
            rc = check_rest(s, params, e);
        json_decref(params);
    }
    if (rc != E_OK)
        fixture_prefix(e, s->name, at);
    return rc;
}

static enum err_code check_section(const struct fixture_section *s, const json_t *list,
                                   struct err *e)
{
    enum err_code rc = E_OK;

    if (list && !json_is_array(list))
        return err_user(e, E_RANGE, s->name, "it must be a list of objects", "必须是对象列表");
    if (json_array_size(list) > ITEMS_MAX)
        return err_user(e, E_LIMIT, s->name, "at most %d", "最多 %d 个", ITEMS_MAX);
    for (size_t i = 0; rc == E_OK && i < json_array_size(list); i++)
        rc = check_item(s, list, i, e);
    return rc;
}

static bool is_section(const char *name)
{
    for (size_t i = 0; i < FIXTURE_SECTIONS; i++)
        if (str_eq_c(str_from(name), fixture_sections[i]->name))
            return true;
    return false;
}

static enum err_code check_file(const json_t *root, struct err *e)
{
    const char *key;
    const json_t *uin = json_object_get(root, "Uin");
    enum err_code rc = E_OK;
    void *iter = json_object_iter((json_t *)(uintptr_t)root);

    for (; iter; iter = json_object_iter_next((json_t *)(uintptr_t)root, iter)) {
        key = json_object_iter_key(iter);
        if (!is_section(key) && !str_eq_c(str_from(key), "Uin"))
            return err_user(e, E_RANGE, key, "a fixture has no such member",
                            "fixture 中没有这个字段");
    }
    if (uin && !json_is_string(uin))
        return err_user(e, E_RANGE, "Uin", "it must be a text", "必须是字符串");
    for (size_t i = 0; rc == E_OK && i < FIXTURE_SECTIONS; i++)
        rc =
            check_section(fixture_sections[i], json_object_get(root, fixture_sections[i]->name), e);
    return rc;
}

enum err_code fixture_parse(struct str json, json_t **ret, struct err *e)
{
    json_error_t where;
    json_t *root = json_loadb(json.ptr ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, &where);
    enum err_code rc;

    if (!root)
        return err_user(e, E_SYNTAX, "", "line %d, column %d: %s", "第 %d 行第 %d 列：%s",
                        where.line, where.column, where.text);
    rc = json_is_object(root)
             ? check_file(root, e)
             : err_user(e, E_SYNTAX, "", "a fixture is a JSON object", "fixture 必须是 JSON 对象");
    if (rc != E_OK) {
        json_decref(root);
        return rc;
    }
    *ret = root;
    return E_OK;
}
