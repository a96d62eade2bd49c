/* api/act_permission.c - CreateWorkflowPermissions, DeleteWorkflowPermissions,
 * ListWorkflowPermissions, GetMyWorkflowMaxPermission (docs/reference/semantics.md 10).
 *
 * What the permissions allow is decided in api/access.c.
 */
#include "api/page.h"

#include <stdio.h>

#include "api/named.h"
#include "engine/cmd_permission.h"

/* ---- changes ------------------------------------------------------------------------------- */

static enum err_code read_target_type(const json_t *item, enum permission_target *ret,
                                      struct err *e)
{
    struct str type = param_str(item, "PermissionTargetType");

    for (int i = 0; i < TARGET_N_; i++)
        if (str_eq_c(type, permission_target_names[i])) {
            *ret = (enum permission_target)i;
            return E_OK;
        }
    if (str_eq_c(type, "group"))
        return err_user(e, E_UNSUPPORTED, "PermissionTargetType",
                        "there are no groups of users; user and role are built",
                        "暂不支持用户组，目前支持 user 和 role");
    return err_user(e, E_RANGE, "PermissionTargetType", "`%.*s` is not user or role",
                    "`%.*s` 不是 user 或 role", STR_ARG(str_sub(type, 0, 64)));
}

static enum err_code check_type(struct str name, const char *path, struct err *e)
{
    enum permission p;

    if (!permission_find(name, &p))
        return err_user(e, E_RANGE, path, "`%.*s` is not a permission; CAN_MANAGE is",
                        "`%.*s` 不是权限类型，应为 CAN_MANAGE", STR_ARG(str_sub(name, 0, 64)));
    if (p != PERMISSION_MANAGE)
        return err_user(e, E_UNSUPPORTED, path,
                        "only CAN_MANAGE can be granted; %s comes with the roles of the project",
                        "目前仅支持授予 CAN_MANAGE；%s 由项目角色决定", permission_name(p));
    return E_OK;
}

static enum err_code read_item(const json_t *item, struct permission_grantee *ret, struct err *e)
{
    const json_t *types = param_list(item, "PermissionTypeList");
    size_t n = json_array_size(types);
    char path[64];
    enum err_code rc = read_target_type(item, &ret->type, e);

    ret->id = param_str(item, "PermissionTargetId");
    if (rc == E_OK && n == 0)
        return err_user(e, E_REQUIRED, "PermissionTypeList", "CAN_MANAGE is to stand in it",
                        "其中应包含 CAN_MANAGE");
    if (rc == E_OK && n > PERMISSION_N_)
        return err_user(e, E_LIMIT, "PermissionTypeList", "at most %d types", "最多 %d 项",
                        PERMISSION_N_);
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        snprintf(path, sizeof(path), "PermissionTypeList.%zu", i);
        rc = check_type(json_str(json_array_get(types, i)), path, e);
    }
    return rc;
}

/* Of Create and of Delete, whose lists have names of their own. */
static enum err_code prepare(struct call *c, const char *list)
{
    struct permission_request *r = ARENA_NEW(&c->arena, struct permission_request);
    const json_t *items = param_list(c->params, list), *item;
    size_t i, n = json_array_size(items);
    struct permission_grantee *targets =
        ARENA_ARRAY(&c->arena, struct permission_grantee,
                    (n < PERMISSION_TARGETS_MAX ? n : PERMISSION_TARGETS_MAX) + 1);
    char path[64];
    enum err_code rc = named_entity_type(c->params, &r->entity_type, &c->err);

    json_array_foreach(items, i, item)
    {
        if (rc != E_OK || i >= PERMISSION_TARGETS_MAX)
            break;
        rc = read_item(item, &targets[i], &c->err);
        if (rc != E_OK) {
            snprintf(path, sizeof(path), "%s.%zu", list, i);
            err_prefix(&c->err, path);
        }
    }
    r->project_id = param_str(c->params, "ProjectId");
    r->entity_id = param_str(c->params, "EntityId");
    r->targets = targets;
    r->n_targets = n <= PERMISSION_TARGETS_MAX ? (int)n : PERMISSION_TARGETS_MAX + 1;
    r->list = list;
    r->uin = c->uin;
    c->state = r;
    return rc;
}

static enum err_code create_prepare(struct call *c)
{
    return prepare(c, "PermissionList");
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    return permission_grant(g, c->state, &c->err);
}

static enum err_code delete_prepare(struct call *c)
{
    return prepare(c, "DeletePermissionList");
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return permission_revoke(g, c->state, &c->err);
}

/* ---- reads --------------------------------------------------------------------------------- */

static enum err_code find_entity(struct call *c, enum permission_entity *ret)
{
    enum err_code rc = named_entity_type(c->params, ret, &c->err);

    return rc == E_OK
               ? permission_entity_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                           *ret, param_str(c->params, "EntityId"), &c->err)
               : rc;
}

static void write_permission(struct jw *w, const struct workflow_permission_row *row)
{
    jw_object(w);
    jw_kcstr(w, "PermissionTargetType", permission_target_names[row->target_type]);
    jw_kstr(w, "PermissionTargetId", row->target_id);
    jw_key(w, "PermissionTypeList");
    jw_array(w);
    jw_cstr(w, permission_name(PERMISSION_MANAGE));
    jw_array_end(w);
    jw_object_end(w);
}

/* The oldest first.  Those on folders above are theirs. */
static enum err_code list_answer(struct call *c)
{
    enum permission_entity type;
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = find_entity(c, &type);

    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_workflow_permission);
    query_number(&q, WORKFLOW_PERMISSION_ENTITY_TYPE, QUERY_EQ, type);
    query_text(&q, WORKFLOW_PERMISSION_ENTITY_ID, QUERY_EQ, param_str(c->params, "EntityId"));
    query_order(&q, WORKFLOW_PERMISSION_CREATED_AT, false);
    rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++)
        write_permission(&c->out, (const struct workflow_permission_row *)rows + i);
    page_close(c);
    return E_OK;
}

static enum err_code max_answer(struct call *c)
{
    struct actor who = { .uin = c->uin, .is_root = c->is_root };
    enum permission_entity type;
    struct reach reach;
    bool covered = false;
    enum err_code rc = find_entity(c, &type);

    if (rc != E_OK)
        return rc;
    rc = reach_open(&reach, c->view, &who, param_str(c->params, "ProjectId"), &c->err);
    if (rc == E_OK)
        rc = reach_entity(&reach, type, param_str(c->params, "EntityId"), &covered, &c->err);
    enum permission p = covered ? PERMISSION_MANAGE : permission_of_rights(reach.rights);
    reach_close(&reach);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kcstr(&c->out, "PermissionType", permission_name(p));
    jw_object_end(&c->out);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "CreateWorkflowPermissions", create_prepare, create_apply, answer_status,
      ACCESS_MANAGE, "EntityId" },
    { API_2025, "DeleteWorkflowPermissions", delete_prepare, delete_apply, answer_status,
      ACCESS_MANAGE, "EntityId" },
    { API_2025, "ListWorkflowPermissions", NULL, NULL, list_answer, ACCESS_READ, "EntityId" },
    { API_2025, "GetMyWorkflowMaxPermission", NULL, NULL, max_answer, ACCESS_READ, "EntityId" },
};
const struct action_family family_permission = { actions, ARRAY_LEN(actions) };
