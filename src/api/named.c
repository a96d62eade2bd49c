/* api/named.c - the objects that a request names, and whether they lie in what was granted. */
#include "api/named.h"

#include <stdio.h>

#include "engine/plan_doc.h"
#include "model/instance.h"
#include "model/task.h"

/* Does what the text names lie in what was granted? */
typedef enum err_code covers(const struct call *c, struct reach *r, struct str text, bool *ret,
                             struct err *e);

static enum err_code covers_task(const struct call *c, struct reach *r, struct str text, bool *ret,
                                 struct err *e)
{
    int64_t id;

    (void)c;
    *ret = false;
    return task_id_parse(text, &id) ? reach_task(r, id, ret, e) : E_OK;
}

/* An instance lies where its task does. */
static enum err_code covers_instance(const struct call *c, struct reach *r, struct str text,
                                     bool *ret, struct err *e)
{
    struct instance_key key;

    (void)c;
    *ret = false;
    return instance_key_parse(text, &key) ? reach_task(r, key.task_id, ret, e) : E_OK;
}

static enum err_code covers_workflow(const struct call *c, struct reach *r, struct str text,
                                     bool *ret, struct err *e)
{
    (void)c;
    return reach_workflow(r, text, ret, e);
}

static enum err_code covers_folder(const struct call *c, struct reach *r, struct str text,
                                   bool *ret, struct err *e)
{
    (void)c;
    return reach_entity(r, ENTITY_FOLDER, text, ret, e);
}

static enum err_code covers_path(const struct call *c, struct reach *r, struct str text, bool *ret,
                                 struct err *e)
{
    (void)c;
    return reach_folder(r, text, ret, e);
}

static enum err_code covers_entity(const struct call *c, struct reach *r, struct str text,
                                   bool *ret, struct err *e)
{
    enum permission_entity type;

    *ret = false;
    return named_entity_type(c->params, &type, NULL) == E_OK ? reach_entity(r, type, text, ret, e)
                                                             : E_OK;
}

/* A backfill plan: all the tasks that it was made for. */
static enum err_code covers_plan(const struct call *c, struct reach *r, struct str text, bool *ret,
                                 struct err *e)
{
    struct arena a;
    const json_t *item;
    json_t *doc = NULL;
    size_t i;

    *ret = false;
    if (text.len == 0)
        return E_OK;
    arena_init(&a);
    enum err_code rc = plan_doc_read(r->view, &a, NULL, text, &doc, e);
    bool all = rc == E_OK && json_array_size(param_list(doc, "TaskIds")) > 0;
    json_array_foreach(rc == E_OK ? param_list(doc, "TaskIds") : NULL, i, item)
    {
        if (rc == E_OK && all)
            rc = covers_task(c, r, json_str(item), &all, e);
    }
    *ret = rc == E_OK && all;
    json_decref(doc);
    arena_done(&a);
    return rc;
}

/* By the last part of the path. */
static const struct kind {
    const char *member;
    covers *covers;
} kinds[] = {
    { "TaskId", covers_task },
    { "TaskIds", covers_task },
    { "Key", covers_task }, /* of a listener */
    { "InstanceKey", covers_instance },
    { "InstanceKeyList", covers_instance },
    { "WorkflowId", covers_workflow },
    { "FolderId", covers_folder },
    { "ParentFolderPath", covers_path },
    { "EntityId", covers_entity },
    { "DataBackfillPlanId", covers_plan },
};

static const struct kind *kind_of(const char *objects)
{
    struct str rest = str_from(objects), last = rest;

    while (rest.ptr)
        last = str_split(&rest, '.');
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_c(last, kinds[i].member))
            return &kinds[i];
    return NULL;
}

bool named_knows(const char *objects)
{
    return kind_of(objects) != NULL;
}

static const json_t *value_at(const json_t *params, const char *objects)
{
    struct str rest = str_from(objects);

    while (rest.ptr) {
        struct str part = str_split(&rest, '.');
        params = json_object_getn(params, part.ptr, part.len);
    }
    return params;
}

static enum err_code look(const struct call *c, const struct kind *kind, struct reach *r,
                          const json_t *value, bool *ret, struct named *ret_first, struct err *e)
{
    *ret = false;
    ret_first->id = json_is_string(value) ? json_str(value) : STR("");
    return json_is_string(value) ? kind->covers(c, r, ret_first->id, ret, e) : E_OK;
}

enum err_code named_covered(const struct call *c, const char *objects, struct reach *r, bool *ret,
                            struct named *ret_first, struct err *e)
{
    const struct kind *kind = kind_of(objects);
    const json_t *value = value_at(c->params, objects), *item;
    enum err_code rc = E_OK;
    size_t i;

    snprintf(ret_first->path, sizeof(ret_first->path), "%s", objects);
    ret_first->id = STR("");
    *ret = false;
    if (!json_is_array(value))
        return look(c, kind, r, value, ret, ret_first, e);
    json_array_foreach(value, i, item)
    {
        rc = look(c, kind, r, item, ret, ret_first, e);
        if (rc != E_OK || !*ret) {
            snprintf(ret_first->path, sizeof(ret_first->path), "%s.%zu", objects, i);
            return rc;
        }
    }
    return E_OK;
}

enum err_code named_entity_type(const json_t *params, enum permission_entity *ret, struct err *e)
{
    struct str type = param_str(params, "EntityType");

    for (int i = 0; i < ENTITY_N_; i++)
        if (str_eq_c(type, permission_entity_names[i])) {
            *ret = (enum permission_entity)i;
            return E_OK;
        }
    return err_user(e, E_RANGE, "EntityType", "`%.*s` is not folder or workflow",
                    "`%.*s` 不是 folder 或 workflow", STR_ARG(str_sub(type, 0, 64)));
}
