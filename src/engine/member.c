/* engine/member.c - who may do what. */
#include "engine/member.h"

#include "engine/engine_int.h"

enum err_code member_rights(struct view *v, struct arena *a, const struct actor *who,
                            struct str project_id, bool *ret_member, unsigned *ret_rights,
                            struct err *e)
{
    struct member_row row = { .project_id = project_id, .uin = who->uin };
    enum err_code rc = E_MISSING;

    if (who->is_root) {
        *ret_member = true;
        *ret_rights = RIGHTS_ALL;
        return E_OK;
    }
    if (project_id.len > 0 && who->uin.len > 0)
        rc = row_get(v, &table_member, a, &row, e);
    if (rc != E_OK && rc != E_MISSING)
        return rc;
    *ret_member = rc == E_OK;
    *ret_rights = rc == E_OK ? roles_rights(row.roles) : RIGHTS_NONE;
    return E_OK;
}

enum err_code member_may(struct view *v, struct arena *a, const struct actor *who,
                         struct str project_id, enum right right, bool *ret, struct err *e)
{
    unsigned rights;
    bool member;
    struct err fault = ERR_INIT;
    enum err_code rc = member_rights(v, a, who, project_id, &member, &rights, &fault);

    if (rc == E_OK)
        *ret = rights_has(rights, right);
    else if (e)
        *e = fault;
    return rc;
}

void engine_act_for(struct engine *g, const struct actor *who)
{
    g->actor = who;
}

const struct actor *engine_actor(const struct engine *g)
{
    static const struct actor server = { .is_root = true };

    return g->actor ? g->actor : &server;
}

enum err_code engine_may(struct engine *g, struct str project_id, enum right right, bool *ret,
                         struct err *e)
{
    return member_may(engine_view(g), engine_arena(g), engine_actor(g), project_id, right, ret, e);
}

/* ---- resource groups ----------------------------------------------------------------------- */

struct group_users {
    struct view *view;
    struct arena *arena;
    const struct actor *who;
    int64_t n;
    bool seen; /* a project that the account sees is among them */
    enum err_code rc;
    struct err *e;
};

static bool take_user(void *ctx, const void *row)
{
    struct group_users *u = ctx;
    struct str project = ((const struct group_project_row *)row)->project_id;

    u->n++;
    u->rc = member_may(u->view, u->arena, u->who, project, RIGHT_READ, &u->seen, u->e);
    return u->rc == E_OK && !u->seen;
}

enum err_code member_sees_group(struct view *v, struct arena *a, const struct actor *who,
                                struct str group_id, bool *ret, int64_t *ret_projects,
                                struct err *e)
{
    struct group_users users = { .view = v, .arena = a, .who = who, .e = e };
    struct query q;

    query_init(&q, &table_group_project);
    query_text(&q, GROUP_PROJECT_GROUP_ID, QUERY_EQ, group_id);
    enum err_code rc = query_run(v, &q, take_user, &users, e);
    if (rc == E_OK)
        rc = users.rc;
    if (rc != E_OK)
        return rc;
    *ret = users.seen || users.n == 0;
    *ret_projects = users.n;
    return E_OK;
}
