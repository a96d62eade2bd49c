/* api/access.c - may the account do this? */
#include "api/access.h"

#include "api/audit.h"
#include "api/named.h"

_Static_assert(ACCESS_ROOT == 0, "a row that says nothing is for root keys");

static struct actor actor_of(const struct call *c)
{
    return (struct actor){ .uin = c->uin, .is_root = c->is_root };
}

static enum err_code refuse_role(struct call *c, enum right right)
{
    char names[128];

    right_roles(right, names, sizeof(names));
    return err_user(&c->err, E_FORBIDDEN, "ProjectId",
                    "%s needs one of these roles in the project: %s", "%s 需要以下项目角色之一：%s",
                    c->schema->name, names);
}

/* What is said of a project is said of one that does not exist as well. */
static enum err_code refuse_stranger(struct call *c, struct str project_id)
{
    return err_user(
        &c->err, E_STRANGER, "ProjectId", "account %.*s is not a member of project `%.*s`",
        "账号 %.*s 不是项目 `%.*s` 的成员", STR_ARG(c->uin), STR_ARG(str_sub(project_id, 0, 64)));
}

/* Of a member, by its roles; E_STRANGER. */
static enum err_code rights_in(struct call *c, struct view *v, struct str project_id, unsigned *ret)
{
    struct actor who = actor_of(c);
    bool member;
    enum err_code rc = member_rights(v, &c->arena, &who, project_id, &member, ret, &c->err);

    return rc == E_OK && !member ? refuse_stranger(c, project_id) : rc;
}

enum err_code access_require(struct call *c, struct view *v, struct str project_id,
                             enum right right)
{
    unsigned rights;
    enum err_code rc = rights_in(c, v, project_id, &rights);

    return rc != E_OK || rights_has(rights, right) ? rc : refuse_role(c, right);
}

/* Its roles do not do: there may be a permission on all that the request names. */
static enum err_code check_granted(struct call *c, const struct action *a, struct view *v,
                                   struct str project_id, enum right right)
{
    struct actor who = actor_of(c);
    struct reach reach;
    struct named first;
    char names[128];
    bool any = false, all = false;
    enum err_code rc = reach_open(&reach, v, &who, project_id, &c->err);

    if (rc == E_OK)
        rc = reach_any(&reach, &any, &c->err);
    if (rc == E_OK && any)
        rc = named_covered(c, a->objects, &reach, &all, &first, &c->err);
    reach_close(&reach);
    if (rc != E_OK || all)
        return rc;
    if (!any)
        return refuse_role(c, right);
    right_roles(right, names, sizeof(names));
    return err_user(&c->err, E_FORBIDDEN, first.path,
                    "`%.*s` does not lie in a folder or workflow on which the account has "
                    "CAN_MANAGE; %s needs that, or one of these roles in the project: %s",
                    "`%.*s` 不在账号拥有 CAN_MANAGE 权限的文件夹或工作流中；%s "
                    "需要该权限或以下项目角色之一：%s",
                    STR_ARG(str_sub(first.id, 0, 64)), c->schema->name, names);
}

static enum err_code check_root(struct call *c)
{
    if (c->is_root)
        return E_OK;
    return err_user(&c->err, E_FORBIDDEN, "", "the action `%s` needs a root key",
                    "接口 `%s` 需要根密钥", c->schema->name);
}

static enum err_code check_right(struct call *c, const struct action *a, struct view *v,
                                 enum right right)
{
    struct str project_id = param_str(c->params, "ProjectId");
    unsigned rights;
    enum err_code rc = rights_in(c, v, project_id, &rights);

    if (rc != E_OK || rights_has(rights, right))
        return rc;
    return a->objects ? check_granted(c, a, v, project_id, right) : refuse_role(c, right);
}

static enum err_code check_access(struct call *c, const struct action *a, struct view *v)
{
    switch (a->access) {
    case ACCESS_READ:
        return check_right(c, a, v, RIGHT_READ);
    case ACCESS_DEVELOP:
        return check_right(c, a, v, RIGHT_DEVELOP);
    case ACCESS_OPERATE:
        return check_right(c, a, v, RIGHT_OPERATE);
    case ACCESS_MANAGE:
        return check_right(c, a, v, RIGHT_MANAGE);
    case ACCESS_ANY:
        return E_OK;
    case ACCESS_ROOT:
        break;
    }
    return check_root(c);
}

enum err_code access_admit(struct call *c, const struct action *a)
{
    return a->access == ACCESS_ROOT ? check_root(c) : E_OK;
}

enum err_code access_read(struct call *c, const struct action *a)
{
    enum err_code rc = check_access(c, a, c->view);

    return rc == E_OK ? a->answer(c) : rc;
}

enum err_code access_prepare(struct call *c, const struct action *a)
{
    enum err_code rc = a->works ? check_access(c, a, c->view) : E_OK;

    return rc == E_OK && a->prepare ? a->prepare(c) : rc;
}

enum err_code access_write(struct call *c, const struct action *a, struct engine *g)
{
    struct actor who = actor_of(c);
    enum err_code rc = check_access(c, a, engine_view(g));

    if (rc != E_OK)
        return rc;
    engine_act_for(g, &who);
    rc = a->apply(c, g);
    engine_act_for(g, NULL);
    return rc == E_OK ? audit_accept(c, a, g) : rc;
}

/* ---- what an action comes across ----------------------------------------------------------- */

enum err_code access_sees(struct call *c, struct view *v, struct str project_id, bool *ret)
{
    struct actor who = actor_of(c);

    return member_may(v, &c->arena, &who, project_id, RIGHT_READ, ret, &c->err);
}

enum err_code access_sees_task(struct call *c, struct view *v, int64_t task_id, bool *ret)
{
    struct task_row task = { .id = task_id };
    struct err e = ERR_INIT;
    enum err_code rc = row_get(v, &table_task, &c->arena, &task, &e);

    if (rc == E_OK)
        return access_sees(c, v, task.project_id, ret);
    *ret = false;
    if (rc == E_MISSING)
        return E_OK;
    c->err = e;
    return rc;
}

enum err_code access_sees_group(struct call *c, struct view *v, struct str group_id, bool *ret)
{
    struct actor who = actor_of(c);
    int64_t projects;

    *ret = c->is_root;
    return c->is_root ? E_OK
                      : member_sees_group(v, &c->arena, &who, group_id, ret, &projects, &c->err);
}
