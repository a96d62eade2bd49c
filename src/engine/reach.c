/* engine/reach.c - how far an account reaches into a project. */
#include "engine/reach.h"

#include "model/names.h"

/* The values of the maps. */
static char covered, uncovered;

static void *mark(bool is_covered)
{
    return is_covered ? &covered : &uncovered;
}

/* A row by its key, or by its unique index; not there is no failure. */
static enum err_code find(struct reach *r, const struct table *t, bool by_index, struct arena *a,
                          void *row, bool *ret, struct err *e)
{
    struct err fault = ERR_INIT;
    enum err_code rc =
        by_index ? row_get_by(r->view, t, 0, a, row, &fault) : row_get(r->view, t, a, row, &fault);

    *ret = rc == E_OK;
    if (rc == E_OK || rc == E_MISSING)
        return E_OK;
    if (e)
        *e = fault;
    return rc;
}

/* ---- what was granted ---------------------------------------------------------------------- */

static enum err_code look_target(struct reach *r, enum permission_target type, struct str id,
                                 struct err *e)
{
    struct query q;

    query_init(&q, &table_workflow_permission);
    query_text(&q, WORKFLOW_PERMISSION_PROJECT_ID, QUERY_EQ, r->project_id);
    query_number(&q, WORKFLOW_PERMISSION_TARGET_TYPE, QUERY_EQ, type);
    query_text(&q, WORKFLOW_PERMISSION_TARGET_ID, QUERY_EQ, id);
    return query_any(r->view, &q, &r->any_, e);
}

/* Most accounts have nothing: then nothing else is looked at. */
enum err_code reach_any(struct reach *r, bool *ret, struct err *e)
{
    struct str list = r->roles_;
    enum err_code rc = E_OK;

    if (!r->looked_ && r->uin_.len > 0)
        rc = look_target(r, TARGET_USER, r->uin_, e);
    while (!r->looked_ && rc == E_OK && !r->any_ && list.ptr) {
        struct str role = str_split(&list, ';');
        if (role.len > 0)
            rc = look_target(r, TARGET_ROLE, role, e);
    }
    r->looked_ = rc == E_OK;
    *ret = r->any_;
    return rc;
}

enum err_code reach_open(struct reach *r, struct view *v, const struct actor *who,
                         struct str project_id, struct err *e)
{
    struct member_row member = { .project_id = project_id, .uin = who->uin };
    enum err_code rc = E_OK;
    bool found = false;

    *r = (struct reach){ .project_id = project_id, .view = v };
    arena_init(&r->kept_);
    arena_init(&r->scratch_);
    arena_init(&r->task_);
    for (int i = 0; i < ENTITY_N_; i++)
        map_init(&r->seen_[i]);
    if (who->is_root) {
        r->rights = RIGHTS_ALL;
        return E_OK;
    }
    if (project_id.len > 0 && who->uin.len > 0)
        rc = find(r, &table_member, false, &r->kept_, &member, &found, e);
    if (!found)
        return rc;
    r->uin_ = member.uin;
    r->roles_ = member.roles;
    r->rights = roles_rights(member.roles);
    return E_OK;
}

void reach_close(struct reach *r)
{
    for (int i = 0; i < ENTITY_N_; i++)
        map_done(&r->seen_[i]);
    arena_done(&r->task_);
    arena_done(&r->scratch_);
    arena_done(&r->kept_);
}

static enum err_code has_row(struct reach *r, enum permission_entity type, struct str id,
                             enum permission_target target, struct str target_id, bool *ret,
                             struct err *e)
{
    struct workflow_permission_row row = {
        .entity_type = type, .entity_id = id, .target_type = target, .target_id = target_id
    };

    return find(r, &table_workflow_permission, false, &r->scratch_, &row, ret, e);
}

/* On this very entity. */
static enum err_code is_granted(struct reach *r, enum permission_entity type, struct str id,
                                bool *ret, struct err *e)
{
    struct str list = r->roles_;
    enum err_code rc = has_row(r, type, id, TARGET_USER, r->uin_, ret, e);

    while (rc == E_OK && !*ret && list.ptr) {
        struct str role = str_split(&list, ';');
        if (role.len > 0)
            rc = has_row(r, type, id, TARGET_ROLE, role, ret, e);
    }
    return rc;
}

/* ---- what is covered ----------------------------------------------------------------------- */

/* "/a" of "/a/b"; what is no longer than one character has no row. */
static struct str parent_of(struct str path)
{
    size_t n = path.len;

    while (n > 0 && path.ptr[n - 1] != '/')
        n--;
    return str_sub(path, 0, n > 0 ? n - 1 : 0);
}

static enum err_code folder_is_granted(struct reach *r, struct str path, bool *ret, struct err *e)
{
    struct folder_row row = { .project_id = r->project_id, .path = path };
    enum err_code rc = find(r, &table_folder, true, &r->scratch_, &row, ret, e);

    return *ret ? is_granted(r, ENTITY_FOLDER, row.id, ret, e) : rc;
}

/* Up to the first folder that is granted or was seen before; those on the way are as it is. */
enum err_code reach_folder(struct reach *r, struct str path, bool *ret, struct err *e)
{
    struct map *seen = &r->seen_[ENTITY_FOLDER];
    struct str at = path;
    void *found = NULL;
    bool granted = false;
    enum err_code rc = reach_any(r, ret, e);

    if (rc != E_OK || !*ret)
        return rc;
    *ret = false;
    if (path.len > NAME_PATH_MAX)
        return E_OK;
    while (rc == E_OK && at.len > 1 && !(found = map_get(seen, at)) && !granted) {
        rc = folder_is_granted(r, at, &granted, e);
        if (!granted)
            at = parent_of(at);
    }
    if (rc != E_OK)
        return rc;
    *ret = granted || found == &covered;
    for (struct str p = path; p.len > 1 && p.len >= at.len; p = parent_of(p))
        map_put(seen, p, mark(*ret));
    return E_OK;
}

enum err_code reach_workflow(struct reach *r, struct str id, bool *ret, struct err *e)
{
    struct workflow_row row = { .id = id };
    void *found = map_get(&r->seen_[ENTITY_WORKFLOW], id);
    bool there = false;
    enum err_code rc = reach_any(r, ret, e);

    if (rc != E_OK || !*ret)
        return rc;
    *ret = found == &covered;
    if (found || id.len == 0)
        return E_OK;
    arena_reset(&r->scratch_);
    rc = find(r, &table_workflow, false, &r->scratch_, &row, &there, e);
    if (!there || !str_eq(row.project_id, r->project_id))
        return rc;
    rc = is_granted(r, ENTITY_WORKFLOW, id, ret, e);
    if (rc == E_OK && !*ret)
        rc = reach_folder(r, row.folder_path, ret, e);
    if (rc == E_OK)
        map_put(&r->seen_[ENTITY_WORKFLOW], id, mark(*ret));
    return rc;
}

enum err_code reach_task(struct reach *r, int64_t id, bool *ret, struct err *e)
{
    struct task_row row = { .id = id };
    bool there = false;
    enum err_code rc = reach_any(r, ret, e);

    if (rc != E_OK || !*ret)
        return rc;
    *ret = false;
    arena_reset(&r->task_);
    rc = find(r, &table_task, false, &r->task_, &row, &there, e);
    return there && str_eq(row.project_id, r->project_id)
               ? reach_workflow(r, row.workflow_id, ret, e)
               : rc;
}

enum err_code reach_entity(struct reach *r, enum permission_entity entity_type, struct str id,
                           bool *ret, struct err *e)
{
    struct folder_row row = { .id = id };
    bool there = false;

    if (entity_type == ENTITY_WORKFLOW)
        return reach_workflow(r, id, ret, e);
    enum err_code rc = reach_any(r, ret, e);
    if (rc != E_OK || !*ret)
        return rc;
    *ret = false;
    if (id.len == 0)
        return E_OK;
    arena_reset(&r->scratch_);
    rc = find(r, &table_folder, false, &r->scratch_, &row, &there, e);
    return there && str_eq(row.project_id, r->project_id) ? reach_folder(r, row.path, ret, e) : rc;
}

enum err_code engine_may_task(struct engine *g, const struct task_row *task, enum right right,
                              bool *ret, struct err *e)
{
    struct reach r;
    enum err_code rc = reach_open(&r, engine_view(g), engine_actor(g), task->project_id, e);

    if (rc == E_OK) {
        *ret = rights_has(r.rights, right);
        if (!*ret)
            rc = reach_workflow(&r, task->workflow_id, ret, e);
    }
    reach_close(&r);
    return rc;
}
