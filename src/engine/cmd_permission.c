/* engine/cmd_permission.c - permissions on workflow folders and workflows. */
#include "engine/cmd_permission.h"

#include <stdio.h>

#include "engine/cmd_project.h"
#include "model/names.h"

/* ---- what is named ------------------------------------------------------------------------- */

enum err_code permission_entity_require(struct view *v, struct arena *a, struct str project_id,
                                        enum permission_entity type, struct str id, struct err *e)
{
    struct project_row project;
    struct folder_row folder = { .id = id };
    struct workflow_row workflow = { .id = id };
    bool is_folder = type == ENTITY_FOLDER;
    enum err_code rc = project_require(v, a, project_id, "ProjectId", &project, e);

    if (rc != E_OK)
        return rc;
    if (id.len == 0)
        rc = E_MISSING;
    else
        rc = is_folder ? row_get(v, &table_folder, a, &folder, e)
                       : row_get(v, &table_workflow, a, &workflow, e);
    if (rc == E_OK && !str_eq(is_folder ? folder.project_id : workflow.project_id, project_id))
        rc = E_MISSING;
    if (rc != E_MISSING)
        return rc;
    return err_user(e, E_MISSING, "EntityId", "there is no %s `%.*s` in this project",
                    "该项目中没有 %s `%.*s`", permission_entity_names[type],
                    STR_ARG(str_sub(id, 0, 64)));
}

static enum err_code check_role(struct str id, const char *path, struct err *e)
{
    if (role_find(id))
        return E_OK;
    return err_user(e, E_MISSING, path,
                    "there is no role `%.*s`; ListProjectRoles shows those that there are",
                    "角色 `%.*s` 不存在，可用 ListProjectRoles 查询", STR_ARG(str_sub(id, 0, 64)));
}

static enum err_code check_member(struct engine *g, struct str project_id, struct str uin,
                                  const char *path, struct err *e)
{
    struct member_row row = { .project_id = project_id, .uin = uin };
    enum err_code rc = row_get(engine_view(g), &table_member, engine_arena(g), &row, e);

    if (rc == E_MISSING)
        return err_user(e, E_MISSING, path, "account %.*s is not a member of the project",
                        "账号 %.*s 不是项目成员", STR_ARG(uin));
    return rc;
}

static enum err_code check_target(struct engine *g, const struct permission_request *r, int at,
                                  bool must_be_member, struct err *e)
{
    const struct permission_grantee *t = &r->targets[at];
    char path[ERR_PATH_MAX];

    snprintf(path, sizeof(path), "%s.%d.PermissionTargetId", r->list, at);
    if (t->type == TARGET_ROLE)
        return check_role(t->id, path, e);
    enum err_code rc = name_check_digits(t->id, path, e);
    return rc == E_OK && must_be_member ? check_member(g, r->project_id, t->id, path, e) : rc;
}

/* Entity and targets are in order. */
static enum err_code begin(struct engine *g, const struct permission_request *r,
                           bool must_be_member, struct err *e)
{
    enum err_code rc = permission_entity_require(engine_view(g), engine_arena(g), r->project_id,
                                                 r->entity_type, r->entity_id, e);

    if (rc == E_OK && r->n_targets == 0)
        rc = err_user(e, E_REQUIRED, r->list, "at least one entry is needed", "至少需要一项");
    if (rc == E_OK && r->n_targets > PERMISSION_TARGETS_MAX)
        rc = err_user(e, E_LIMIT, r->list, "at most %d entries", "最多 %d 项",
                      PERMISSION_TARGETS_MAX);
    for (int i = 0; i < r->n_targets && rc == E_OK; i++)
        rc = check_target(g, r, i, must_be_member, e);
    return rc;
}

static struct workflow_permission_row row_of(struct engine *g, const struct permission_request *r,
                                             int at)
{
    return (struct workflow_permission_row){ .entity_type = r->entity_type,
                                             .entity_id = r->entity_id,
                                             .target_type = r->targets[at].type,
                                             .target_id = r->targets[at].id,
                                             .project_id = r->project_id,
                                             .creator_uin = r->uin,
                                             .created_at = engine_now(g) };
}

/* ---- commands ------------------------------------------------------------------------------ */

enum err_code permission_grant(struct engine *g, const struct permission_request *r, struct err *e)
{
    enum err_code rc = begin(g, r, true, e);

    for (int i = 0; i < r->n_targets && rc == E_OK; i++) {
        struct workflow_permission_row row = row_of(g, r, i);
        struct err fault = ERR_INIT;
        rc = row_insert(engine_store(g), &table_workflow_permission, &row, NULL, &fault);
        if (rc == E_EXISTS) /* it stays as it was */
            rc = E_OK;
        else if (rc != E_OK && e)
            *e = fault;
    }
    return rc;
}

enum err_code permission_revoke(struct engine *g, const struct permission_request *r, struct err *e)
{
    enum err_code rc = begin(g, r, false, e);

    for (int i = 0; i < r->n_targets && rc == E_OK; i++) {
        struct workflow_permission_row row = row_of(g, r, i);
        struct err fault = ERR_INIT;
        rc = row_delete(engine_store(g), &table_workflow_permission, &row, &fault);
        if (rc == E_MISSING)
            rc = E_OK;
        else if (rc != E_OK && e)
            *e = fault;
    }
    return rc;
}

enum err_code permission_drop_entity(struct engine *g, enum permission_entity type, struct str id,
                                     struct err *e)
{
    struct query q;

    query_init(&q, &table_workflow_permission);
    query_number(&q, WORKFLOW_PERMISSION_ENTITY_TYPE, QUERY_EQ, type);
    query_text(&q, WORKFLOW_PERMISSION_ENTITY_ID, QUERY_EQ, id);
    return query_delete(engine_store(g), &q, NULL, e);
}

enum err_code permission_drop_user(struct engine *g, struct str project_id, struct str uin,
                                   struct err *e)
{
    struct query q;

    query_init(&q, &table_workflow_permission);
    query_text(&q, WORKFLOW_PERMISSION_PROJECT_ID, QUERY_EQ, project_id);
    query_number(&q, WORKFLOW_PERMISSION_TARGET_TYPE, QUERY_EQ, TARGET_USER);
    query_text(&q, WORKFLOW_PERMISSION_TARGET_ID, QUERY_EQ, uin);
    return query_delete(engine_store(g), &q, NULL, e);
}
