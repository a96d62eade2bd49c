/* api/access.c - may the account do this? */
#include "api/access.h"

#include "api/audit.h"

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

enum err_code access_require(struct call *c, struct view *v, struct str project_id,
                             enum right right)
{
    struct actor who = actor_of(c);
    unsigned rights;
    bool member;
    enum err_code rc = member_rights(v, &c->arena, &who, project_id, &member, &rights, &c->err);

    if (rc != E_OK)
        return rc;
    if (!member)
        return refuse_stranger(c, project_id);
    return rights_has(rights, right) ? E_OK : refuse_role(c, right);
}

static enum err_code check_root(struct call *c)
{
    if (c->is_root)
        return E_OK;
    return err_user(&c->err, E_FORBIDDEN, "", "the action `%s` needs a root key",
                    "接口 `%s` 需要根密钥", c->schema->name);
}

static enum err_code check_right(struct call *c, struct view *v, enum right right)
{
    return access_require(c, v, param_str(c->params, "ProjectId"), right);
}

static enum err_code check_access(struct call *c, const struct action *a, struct view *v)
{
    switch (a->access) {
    case ACCESS_READ:
        return check_right(c, v, RIGHT_READ);
    case ACCESS_DEVELOP:
        return check_right(c, v, RIGHT_DEVELOP);
    case ACCESS_OPERATE:
        return check_right(c, v, RIGHT_OPERATE);
    case ACCESS_MANAGE:
        return check_right(c, v, RIGHT_MANAGE);
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
