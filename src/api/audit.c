/* api/audit.c - the audit record of a call. */
#include "api/audit.h"

#include "engine/audit.h"

enum { OBJECTS_MAX = 480, OBJECT_MAX = 100, DEPTH_MAX = 3 };

/* Members of requests that say what the call is about.  A listener names its task "Key", which is
 * something else where it stands deeper. */
static bool names_object(const char *member, int depth)
{
    static const char *const ends[] = { "Id",  "Ids",          "IdList",          "InstanceKey",
                                        "Uin", "InstanceKeys", "InstanceKeyList", "UserUins" };
    struct str name = str_from(member);

    if (str_eq_c(name, "ProjectId") || str_eq_c(name, "TaskTypeId"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_ends_with(name, str_from(ends[i])))
            return true;
    return str_ends_with(name, STR("Name")) || (depth == 0 && str_eq_c(name, "Key"));
}

static void add_value(struct buf *out, const char *name, struct str value)
{
    if (value.len == 0 || out->len >= OBJECTS_MAX)
        return;
    if (out->len > 0)
        buf_add_char(out, ' ');
    buf_printf(out, "%s=", name);
    buf_add_str(out, str_whole(str_sub(value, 0, OBJECT_MAX)));
    if (out->len >= OBJECTS_MAX)
        buf_add_c(out, " ...");
}

static void add_member(struct buf *out, const char *name, const json_t *value, int depth);

static void add_object(struct buf *out, const json_t *object, int depth)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (out->len < OBJECTS_MAX)
            add_member(out, name, value, depth);
    }
}

static void add_member(struct buf *out, const char *name, const json_t *value, int depth)
{
    size_t i;
    const json_t *item;

    if (json_is_string(value) && names_object(name, depth))
        add_value(out, name, json_str(value));
    else if (json_is_object(value) && depth < DEPTH_MAX)
        add_object(out, value, depth + 1);
    if (!json_is_array(value))
        return;
    json_array_foreach(value, i, item)
    {
        if (out->len >= OBJECTS_MAX)
            return;
        if (json_is_string(item) && names_object(name, depth))
            add_value(out, name, json_str(item));
        else if (json_is_object(item) && depth < DEPTH_MAX)
            add_object(out, item, depth + 1);
    }
}

static void describe(const struct call *c, const char *code, struct buf *objects,
                     struct audit_row *ret)
{
    struct str project = c->params ? param_str(c->params, "ProjectId") : STR("");

    if (c->made.ptr)
        add_value(objects, "Made", c->made);
    if (c->params)
        add_object(objects, c->params, 0);
    *ret = (struct audit_row){ .uin = c->uin,
                               .secret_id = c->secret_id,
                               .source = str_from(c->source),
                               .action = str_from(c->schema->name),
                               .version = str_from(c->schema->version),
                               .request_id = str_from(c->request_id),
                               .project_id = str_sub(project, 0, 64),
                               .objects = buf_str(objects),
                               .code = str_from(code) };
}

enum err_code audit_accept(struct call *c, const struct action *a, struct engine *g)
{
    struct audit_row row;
    struct buf objects;

    if (a->looks)
        return E_OK;
    buf_init(&objects, 4096);
    describe(c, "OK", &objects, &row);
    enum err_code rc = audit_write(g, &row, &c->err);
    buf_done(&objects);
    return rc;
}

void audit_refuse(const struct call *c, const char *code)
{
    struct audit_row row;
    struct buf objects;

    buf_init(&objects, 4096);
    describe(c, code, &objects, &row);
    audit_note(c->services->engine, &row);
    buf_done(&objects);
}
