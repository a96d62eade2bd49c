/* engine/cmd_member.c - members of projects. */
#include "engine/cmd_member.h"

#include <stdio.h>
#include <string.h>

#include "engine/cmd_permission.h"
#include "engine/cmd_project.h"
#include "engine/member.h"
#include "model/names.h"

/* ---- lists of roles ------------------------------------------------------------------------ */

/* The list in the order of the table, with or without one role. */
static struct str list_with(struct arena *a, struct str list, const struct role *role, bool with)
{
    struct str ret = STR("");

    for (size_t i = 0; i < ROLES_N; i++) {
        struct str id = str_from(roles[i].id);
        if (&roles[i] == role ? with : str_list_has(list, ';', id))
            ret = arena_printf(a, "%.*s%s%.*s", STR_ARG(ret), ret.len > 0 ? ";" : "", STR_ARG(id));
    }
    return ret;
}

static enum err_code change_list(struct engine *g, const struct member_request *r, bool with,
                                 struct str *list, struct err *e)
{
    char path[32];

    if (r->n_role_ids == 0)
        return err_user(e, E_REQUIRED, "RoleIds", "at least one role is needed",
                        "至少需要一个角色");
    if (r->n_role_ids > MEMBER_ROLES_MAX)
        return err_user(e, E_LIMIT, "RoleIds", "at most %d ids", "最多 %d 个", MEMBER_ROLES_MAX);
    for (int i = 0; i < r->n_role_ids; i++) {
        const struct role *role = role_find(r->role_ids[i]);
        snprintf(path, sizeof(path), "RoleIds.%d", i);
        if (!role)
            return err_user(e, E_MISSING, path,
                            "there is no role `%.*s`; ListProjectRoles shows those that there are",
                            "角色 `%.*s` 不存在，可用 ListProjectRoles 查询",
                            STR_ARG(str_sub(r->role_ids[i], 0, 64)));
        *list = list_with(engine_arena(g), *list, role, with);
    }
    return E_OK;
}

/* ---- accounts ------------------------------------------------------------------------------ */

static const char *path_of(const struct member_request *r, int at, char *room, size_t size)
{
    if (strcmp(r->uin_path, "UserUins") != 0)
        return r->uin_path;
    snprintf(room, size, "%s.%d", r->uin_path, at);
    return room;
}

static enum err_code check_users(const struct member_request *r, struct err *e)
{
    char room[32];
    enum err_code rc = E_OK;

    if (r->n_uins == 0)
        return err_user(e, E_REQUIRED, r->uin_path, "at least one account is needed",
                        "至少需要一个账号");
    if (r->n_uins > MEMBER_USERS_MAX)
        return err_user(e, E_LIMIT, r->uin_path, "at most %d accounts", "最多 %d 个账号",
                        MEMBER_USERS_MAX);
    for (int i = 0; i < r->n_uins && rc == E_OK; i++)
        rc = name_check_digits(r->uins[i], path_of(r, i, room, sizeof(room)), e);
    return rc;
}

/* Project and accounts are in order. */
static enum err_code begin(struct engine *g, const struct member_request *r,
                           struct project_row *ret, struct err *e)
{
    enum err_code rc =
        project_require(engine_view(g), engine_arena(g), r->project_id, "ProjectId", ret, e);

    return rc == E_OK ? check_users(r, e) : rc;
}

static enum err_code find(struct engine *g, const struct member_request *r, int at,
                          struct member_row *ret, struct err *e)
{
    char room[32];

    *ret = (struct member_row){ .project_id = r->project_id, .uin = r->uins[at] };
    enum err_code rc = row_get(engine_view(g), &table_member, engine_arena(g), ret, e);
    if (rc == E_MISSING)
        return err_user(e, E_MISSING, path_of(r, at, room, sizeof(room)),
                        "account %.*s is not a member of the project", "账号 %.*s 不是项目成员",
                        STR_ARG(r->uins[at]));
    return rc;
}

static enum err_code refuse_owner(const struct member_request *r, int at, struct err *e)
{
    char room[32];

    return err_user(e, E_DENIED, path_of(r, at, room, sizeof(room)),
                    "account %.*s is an owner of the project and stays its administrator; "
                    "UpdateProject names other owners",
                    "账号 %.*s 是项目负责人，必须保留项目管理员角色；可用 UpdateProject 更换负责人",
                    STR_ARG(r->uins[at]));
}

/* ---- commands ------------------------------------------------------------------------------ */

enum err_code member_add(struct engine *g, const struct member_request *r, struct err *e)
{
    struct project_row project;
    struct str list = STR("");
    char room[32];
    enum err_code rc = begin(g, r, &project, e);

    if (rc == E_OK)
        rc = change_list(g, r, true, &list, e);
    for (int i = 0; i < r->n_uins && rc == E_OK; i++) {
        struct member_row row = { r->project_id, r->uins[i], list, engine_now(g) };
        rc = row_insert(engine_store(g), &table_member, &row, NULL, e);
        if (rc == E_EXISTS)
            rc = err_user(e, E_EXISTS, path_of(r, i, room, sizeof(room)),
                          "account %.*s is a member already; GrantMemberProjectRole adds a role",
                          "账号 %.*s 已是项目成员，可用 GrantMemberProjectRole 增加角色",
                          STR_ARG(r->uins[i]));
    }
    return rc;
}

enum err_code member_remove(struct engine *g, const struct member_request *r, struct err *e)
{
    struct project_row project;
    struct member_row row;
    enum err_code rc = begin(g, r, &project, e);

    for (int i = 0; i < r->n_uins && rc == E_OK; i++) {
        rc = find(g, r, i, &row, e);
        if (rc == E_OK && str_list_has(project.owner_uin, ';', row.uin))
            rc = refuse_owner(r, i, e);
        if (rc == E_OK)
            rc = permission_drop_user(g, r->project_id, row.uin, e);
        if (rc == E_OK)
            rc = row_delete(engine_store(g), &table_member, &row, e);
    }
    return rc;
}

static enum err_code change(struct engine *g, const struct member_request *r, bool with,
                            struct err *e)
{
    struct project_row project;
    struct member_row row;
    enum err_code rc = begin(g, r, &project, e);

    for (int i = 0; i < r->n_uins && rc == E_OK; i++) {
        rc = find(g, r, i, &row, e);
        if (rc == E_OK)
            rc = change_list(g, r, with, &row.roles, e);
        if (rc == E_OK && str_list_has(project.owner_uin, ';', row.uin) &&
            !str_list_has(row.roles, ';', str_from(ROLE_MANAGER->id)))
            rc = refuse_owner(r, i, e);
        if (rc == E_OK)
            rc = row_update(engine_store(g), &table_member, &row, COL(MEMBER_ROLES), e);
    }
    return rc;
}

enum err_code member_grant(struct engine *g, const struct member_request *r, struct err *e)
{
    return change(g, r, true, e);
}

enum err_code member_revoke(struct engine *g, const struct member_request *r, struct err *e)
{
    return change(g, r, false, e);
}

enum err_code member_make_managers(struct engine *g, struct str project_id, struct str uins,
                                   struct err *e)
{
    enum err_code rc = E_OK;

    while (uins.ptr && rc == E_OK) {
        struct member_row row = { .project_id = project_id,
                                  .uin = str_split(&uins, ';'),
                                  .roles = STR(""),
                                  .created_at = engine_now(g) };
        if (row.uin.len == 0)
            continue;
        rc = row_get(engine_view(g), &table_member, engine_arena(g), &row, NULL);
        if (rc != E_OK && rc != E_MISSING)
            return err_set(e, rc, "reading the members of a project");
        row.roles = list_with(engine_arena(g), row.roles, ROLE_MANAGER, true);
        rc = row_put(engine_store(g), &table_member, &row, e);
    }
    return rc;
}
