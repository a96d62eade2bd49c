/* cli/shape.c - what a JSON object of a project's files may have in it. */
#include "cli/shape.h"

#include <stdio.h>
#include <string.h>

#include "cli/suggest.h"

/* ---- checking ------------------------------------------------------------------------------ */

static const struct shape *find(const struct shape *shape, const char *name)
{
    for (; shape->name; shape++)
        if (strcmp(shape->name, name) == 0)
            return shape;
    return NULL;
}

static enum err_code wrong_type(const struct shape *m, struct err *e)
{
    static const char *const names[] = { [SHAPE_TEXT] = "a text in quotes",
                                         [SHAPE_NUMBER] = "a whole number without quotes",
                                         [SHAPE_FLAG] = "true or false",
                                         [SHAPE_TEXTS] = "a list of texts",
                                         [SHAPE_NUMBERS] = "a list of whole numbers",
                                         [SHAPE_SETTING] = "a text, or a list of objects",
                                         [SHAPE_OBJECT] = "an object",
                                         [SHAPE_LIST] = "a list of objects" };

    err_set(e, E_RANGE, "it must be %s", names[m->kind]);
    if (e)
        snprintf(e->path, sizeof(e->path), "%s", m->name);
    return E_RANGE;
}

static enum err_code unknown(const struct shape *shape, const char *name, struct err *e)
{
    struct suggestion s;

    suggest_begin(&s, str_from(name));
    for (const struct shape *m = shape; m->name; m++)
        suggest_offer(&s, m->name);
    if (suggest_best(&s))
        err_set(e, E_RANGE, "there is no such member here; did you mean %s?", suggest_best(&s));
    else
        err_set(e, E_RANGE, "there is no such member here");
    if (e)
        snprintf(e->path, sizeof(e->path), "%.100s", name);
    return E_RANGE;
}

static enum err_code check_list(const struct shape *m, const json_t *list, struct err *e)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(list))
        return wrong_type(m, e);
    json_array_foreach(list, i, item)
    {
        enum err_code rc = E_OK;
        char path[96];
        if (m->kind == SHAPE_TEXTS     ? !json_is_string(item)
            : m->kind == SHAPE_NUMBERS ? !json_is_integer(item)
                                       : !json_is_object(item))
            return wrong_type(m, e);
        if (m->members)
            rc = shape_check(m->members, item, e);
        if (rc != E_OK) {
            snprintf(path, sizeof(path), "%s.%zu", m->name, i);
            return err_prefix(e, path), rc;
        }
    }
    return E_OK;
}

static enum err_code check_member(const struct shape *m, const json_t *value, struct err *e)
{
    enum err_code rc = E_OK;

    switch (m->kind) {
    case SHAPE_TEXT:
        return json_is_string(value) ? E_OK : wrong_type(m, e);
    case SHAPE_NUMBER:
        return json_is_integer(value) ? E_OK : wrong_type(m, e);
    case SHAPE_FLAG:
        return json_is_boolean(value) ? E_OK : wrong_type(m, e);
    case SHAPE_SETTING:
        return json_is_string(value) ? E_OK : check_list(m, value, e);
    case SHAPE_OBJECT:
        if (!json_is_object(value))
            return wrong_type(m, e);
        rc = shape_check(m->members, value, e);
        if (rc != E_OK)
            err_prefix(e, m->name);
        return rc;
    default:
        return check_list(m, value, e);
    }
}

enum err_code shape_check(const struct shape *shape, const json_t *value, struct err *e)
{
    const char *name;
    json_t *child;

    if (!json_is_object(value))
        return err_set(e, E_RANGE, "it must be an object");
    for (const struct shape *m = shape; m->name; m++)
        if (m->required && !json_object_get(value, m->name)) {
            err_set(e, E_REQUIRED, "it is missing");
            if (e)
                snprintf(e->path, sizeof(e->path), "%s", m->name);
            return E_REQUIRED;
        }
    json_object_foreach((json_t *)(uintptr_t)value, name, child)
    {
        const struct shape *m = find(shape, name);
        enum err_code rc = m ? check_member(m, child, e) : unknown(shape, name, e);
        if (rc != E_OK)
            return rc;
    }
    return E_OK;
}

/* ---- the normal form ----------------------------------------------------------------------- */

static json_t *normal_list(const struct shape *m, const json_t *list)
{
    json_t *out;
    const json_t *item;
    size_t i;

    if (!m->members)
        return json_deep_copy(list);
    out = json_array();
    json_array_foreach(list, i, item) json_array_append_new(out, shape_normal(m->members, item));
    return out;
}

static bool is_default(const struct shape *m, const json_t *value)
{
    switch (m->kind) {
    case SHAPE_TEXT:
        return m->text && json_is_string(value) && strcmp(json_string_value(value), m->text) == 0;
    case SHAPE_NUMBER:
        return json_integer_value(value) == m->number;
    case SHAPE_FLAG:
        return json_is_false(value);
    case SHAPE_OBJECT:
        return json_object_size(value) == 0;
    case SHAPE_SETTING:
        return false;
    default:
        return json_array_size(value) == 0;
    }
}

/* What stands in the normal form for a member that is not there; NULL: nothing. */
static json_t *absent_member(const struct shape *m)
{
    if (!m->shown)
        return NULL;
    switch (m->kind) {
    case SHAPE_TEXT:
        return m->text ? json_string(m->text) : NULL;
    case SHAPE_NUMBER:
        return json_integer(m->number);
    case SHAPE_FLAG:
        return json_false();
    case SHAPE_OBJECT:
        return shape_normal(m->members, NULL);
    default:
        return NULL;
    }
}

/* The member as it stands in the normal form; NULL: it does not. */
static json_t *normal_member(const struct shape *m, const json_t *value)
{
    json_t *out;

    if (!value || json_is_null(value) ||
        (m->text && json_is_string(value) && json_string_length(value) == 0))
        return absent_member(m);
    if (m->kind == SHAPE_OBJECT)
        out = shape_normal(m->members, value);
    else if (json_is_array(value))
        out = normal_list(m, value);
    else
        out = json_deep_copy(value);
    if (!m->shown && is_default(m, out)) {
        json_decref(out);
        return NULL;
    }
    return out;
}

json_t *shape_normal(const struct shape *shape, const json_t *value)
{
    json_t *out = json_object();

    for (; shape->name; shape++) {
        json_t *member = normal_member(shape, json_object_get(value, shape->name));
        if (member)
            json_object_set_new(out, shape->name, member);
    }
    return out;
}

void shape_inherit(const struct shape *shape, json_t *object, const json_t *other)
{
    for (; shape->name; shape++) {
        json_t *theirs = json_object_get(other, shape->name);
        json_t *own = json_object_get(object, shape->name);
        if (shape->kind == SHAPE_OBJECT && own && theirs)
            shape_inherit(shape->members, own, theirs);
        else if ((shape->kept || (shape->kind == SHAPE_TEXT && !shape->text)) && !own && theirs)
            json_object_set(object, shape->name, theirs);
    }
}
