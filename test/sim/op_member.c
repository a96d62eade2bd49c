/* test/sim/op_member.c - who may do what in a project: by the commands, and by a picture of its
 * own. */
#include <stdio.h>

#include "engine/cmd_member.h"
#include "engine/member.h"
#include "operators.h"
#include "picture.h"

const char *const sim_accounts[SIM_MEMBERS] = { "20", "21", "22" };

/* What the pictured roles may do together. */
static unsigned rights_of(const struct sim_member *m)
{
    unsigned rights = RIGHTS_NONE;

    for (size_t k = 0; k < ROLES_N; k++)
        if (m->roles & (1u << k))
            rights |= roles[k].rights;
    return m->there ? rights : RIGHTS_NONE;
}

/* A member may be without a role, and no stranger has one. */
static bool picture_change(struct sim_member *m, int kind, unsigned role)
{
    bool was_there = m->there;

    switch (kind) {
    case 0: /* added */
        *m = was_there ? *m : (struct sim_member){ true, role };
        return !was_there;
    case 1: /* removed */
        *m = (struct sim_member){ false, 0 };
        return was_there;
    case 2: /* granted */
        m->roles |= was_there ? role : 0;
        return was_there;
    case 3: /* revoked */
        m->roles &= ~role;
        return was_there;
    default: /* made an administrator */
        m->there = true;
        m->roles |= 1u; /* ROLE_MANAGER */
        return true;
    }
}

static enum err_code command(struct sim *s, struct engine *g, int kind,
                             const struct member_request *r, struct err *e)
{
    switch (kind) {
    case 0:
        return SIM_DO(s, member_add, g, r, e);
    case 1:
        return SIM_DO(s, member_remove, g, r, e);
    case 2:
        return SIM_DO(s, member_grant, g, r, e);
    case 3:
        return SIM_DO(s, member_revoke, g, r, e);
    default:
        return SIM_DO(s, member_make_managers, g, r->project_id, r->uins[0], e);
    }
}

enum err_code op_member(struct sim *s, struct engine *g, struct err *e)
{
    int p = (int)sim_below(s, SIM_PROJECTS), who = (int)sim_below(s, SIM_MEMBERS);
    int role = (int)sim_below(s, ROLES_N), kind = (int)sim_below(s, 5);
    if (sim_chance(s, 30)) /* one that something was granted to */
        picture_any_grantee(s, &p, &who);
    struct str uin = str_from(sim_accounts[who]), role_id = str_from(roles[role].id);
    struct member_request r = { .project_id = str_from(sim_project_names[p]),
                                .uins = &uin,
                                .n_uins = 1,
                                .uin_path = "UserUin",
                                .role_ids = &role_id,
                                .n_role_ids = 1 };

    snprintf(s->action, sizeof(s->action), "account %d of project %d, kind %d", who, p, kind);
    bool may = picture_change(&s->defs.members[p][who], kind, 1u << role);
    if (kind == 1)
        picture_drop_member(s, p, who);
    enum err_code rc = command(s, g, kind, &r, e);
    sim_check(s, (rc == E_OK) == may || rc == E_IO, "10: the command answers %d", (int)rc);
    return rc;
}

void members_check(struct sim *s)
{
    struct arena a;

    arena_init(&a);
    for (int p = 0; p < SIM_PROJECTS; p++)
        for (int k = 0; k < SIM_MEMBERS; k++) {
            struct actor who = { .uin = str_from(sim_accounts[k]) };
            unsigned rights;
            bool member;
            check(member_rights(store_view(s->store), &a, &who, str_from(sim_project_names[p]),
                                &member, &rights, NULL) == E_OK);
            sim_check(s,
                      member == s->defs.members[p][k].there &&
                          rights == rights_of(&s->defs.members[p][k]),
                      "10: account %d has other rights in project %d", k, p);
            arena_reset(&a);
        }
    arena_done(&a);
}
