/* api/fill.c - members that an answer declares and has no value for are null. */
#include "api/fill.h"

const struct schema_object *fill_of(const struct schema_action *action, const char *path)
{
    const struct schema_object *o = action->response;
    struct str rest = str_from(path);

    while (rest.ptr) {
        struct str name = str_split(&rest, '.');
        const struct schema_member *m = NULL;
        for (int i = 0; i < o->n_members && !m; i++)
            if (str_eq_c(name, o->members[i].name))
                m = &o->members[i];
        check(m && m->object);
        o = m->object;
    }
    return o;
}

void fill_below(const struct schema_object *object, json_t *value)
{
    json_t *item;
    size_t k;

    for (int i = 0; i < object->n_members; i++) {
        const struct schema_member *m = &object->members[i];
        json_t *part = json_object_get(value, m->name);
        if (!m->object)
            continue;
        if (json_is_object(part))
            fill_object(m->object, part);
        json_array_foreach(part, k, item)
        {
            fill_object(m->object, item);
        }
    }
}

void fill_object(const struct schema_object *object, json_t *value)
{
    if (!json_is_object(value))
        return;
    for (int i = 0; i < object->n_members; i++)
        if (!json_object_get(value, object->members[i].name))
            json_object_set_new(value, object->members[i].name, json_null());
    fill_below(object, value);
}
