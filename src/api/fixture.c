/* api/fixture.c - loads a fixture: objects with the ids that recorded requests name. */
#include "api/fixture.h"

#include <pthread.h>
#include <stdio.h>

#include "api/fixture_int.h"

enum { CHUNK = 500, ITEMS_MAX = 1000000 };

/* In the order in which they are loaded. */
static const struct fixture_section *const sections[] = {
    &fixture_projects,  &fixture_groups,       &fixture_calendars, &fixture_folders,
    &fixture_workflows, &fixture_task_folders, &fixture_events,    &fixture_tasks,
};

/* ---- checks before anything is posted ------------------------------------------------------ */

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

/* ---- posting ------------------------------------------------------------------------------- */

static enum err_code step_run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct fixture_step *s = CONTAINER_OF(c, struct fixture_step, command);

    if (s->fixture->failed)
        return err_set(e, E_CANCELED, "something before it failed");
    return s->section->apply(s, g, &s->made, e);
}

static void step_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct fixture_step *s = CONTAINER_OF(c, struct fixture_step, command);
    struct fixture *f = s->fixture;

    s->rc = rc;
    if (rc != E_OK) {
        s->err = *e;
        f->failed = true;
    }
    pthread_mutex_lock(&f->lock);
    if (--f->pending == 0)
        pthread_cond_signal(&f->settled);
    pthread_mutex_unlock(&f->lock);
}

static enum err_code post_all(struct fixture *f, struct fixture_step *steps, size_t n,
                              struct err *e)
{
    enum err_code rc = E_OK;
    size_t posted = 0;

    pthread_mutex_lock(&f->lock);
    f->pending = 1; /* ours, so that it is not zero before all are posted */
    pthread_mutex_unlock(&f->lock);
    for (; posted < n && rc == E_OK; posted++) {
        pthread_mutex_lock(&f->lock);
        f->pending++;
        pthread_mutex_unlock(&f->lock);
        rc = engine_post(f->services->engine, &steps[posted].command, e);
    }
    pthread_mutex_lock(&f->lock);
    f->pending -= rc == E_OK ? 1 : 2;
    while (f->pending > 0)
        pthread_cond_wait(&f->settled, &f->lock);
    pthread_mutex_unlock(&f->lock);
    return rc;
}

static void prefix(struct err *e, const char *section, size_t index)
{
    char path[64];

    snprintf(path, sizeof(path), "%s.%zu", section, index);
    err_prefix(e, path);
}

static enum err_code collect(struct fixture *f, const struct fixture_step *steps, size_t n,
                             struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (steps[i].rc != E_OK) {
            if (e)
                *e = steps[i].err;
            prefix(e, steps[i].section->name, steps[i].index);
            return steps[i].rc;
        }
        if (steps[i].made)
            f->counts.made++;
        else
            f->counts.present++;
    }
    return E_OK;
}

static enum err_code load_chunk(struct fixture *f, const struct fixture_section *s,
                                const json_t *list, size_t from, size_t n, struct err *e)
{
    struct fixture_step *steps = mem_zalloc(n * sizeof(*steps));
    enum err_code rc;

    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, from + i);
        steps[i] = (struct fixture_step){ .command = { .run = step_run, .done = step_done },
                                          .fixture = f,
                                          .section = s,
                                          .index = from + i,
                                          .item = item,
                                          .params = json_copy((json_t *)(uintptr_t)item) };
        for (const struct fixture_field *field = s->fields; field->name; field++)
            json_object_del(steps[i].params, field->name);
    }
    rc = post_all(f, steps, n, e);
    if (rc == E_OK)
        rc = collect(f, steps, n, e);
    for (size_t i = 0; i < n; i++)
        json_decref(steps[i].params);
    mem_free(steps);
    return rc;
}

/* ---- the file ------------------------------------------------------------------------------ */

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
        prefix(e, s->name, at);
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
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (str_eq_c(str_from(name), sections[i]->name))
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
    for (size_t i = 0; rc == E_OK && i < ARRAY_LEN(sections); i++)
        rc = check_section(sections[i], json_object_get(root, sections[i]->name), e);
    return rc;
}

static enum err_code load_file(struct fixture *f, const json_t *root, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const json_t *list = json_object_get(root, sections[i]->name);
        size_t n = json_array_size(list);
        for (size_t from = 0; rc == E_OK && from < n; from += CHUNK)
            rc = load_chunk(f, sections[i], list, from, n - from < CHUNK ? n - from : CHUNK, e);
    }
    return rc;
}

enum err_code fixture_load(const struct services *s, struct str json, struct fixture_counts *ret,
                           struct err *e)
{
    struct fixture f = { .services = s, .uin = STR("100000000001") };
    json_error_t where;
    json_t *root = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &where);
    enum err_code rc;

    if (!root)
        return err_user(e, E_SYNTAX, "", "line %d, column %d: %s", "第 %d 行第 %d 列：%s",
                        where.line, where.column, where.text);
    if (!json_is_object(root)) {
        json_decref(root);
        return err_user(e, E_SYNTAX, "", "a fixture is a JSON object", "fixture 必须是 JSON 对象");
    }
    pthread_mutex_init(&f.lock, NULL);
    pthread_cond_init(&f.settled, NULL);
    rc = check_file(root, e);
    if (rc == E_OK && param_has(root, "Uin"))
        f.uin = param_str(root, "Uin");
    if (rc == E_OK)
        rc = load_file(&f, root, e);
    if (rc == E_OK)
        *ret = f.counts;
    pthread_cond_destroy(&f.settled);
    pthread_mutex_destroy(&f.lock);
    json_decref(root);
    return rc;
}
