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

enum err_code engine_may(struct engine *g, struct str project_id, enum right right, bool *ret,
                         struct err *e)
{
    static const struct actor server = { .is_root = true };

    return member_may(engine_view(g), engine_arena(g), g->actor ? g->actor : &server, project_id,
                      right, ret, e);
}
