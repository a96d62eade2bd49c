/* test/sim/op_permission.c - permissions on folders and workflows: by the commands, and by a
 * picture that knows what lies in what, and no paths. */
#include <stdio.h>

#include "engine/cmd_permission.h"
#include "engine/reach.h"
#include "operators.h"
#include "picture.h"

/* ---- the picture ----------------------------------------------------------------------------- */

static bool is_folder(int entity)
{
    return entity < SIM_FOLDERS;
}

static int project_of(int entity)
{
    return is_folder(entity) ? 0 : sim_workflow_projects[entity - SIM_FOLDERS];
}

static bool is_there(const struct sim *s, int entity)
{
    return is_folder(entity) ? s->defs.folders[entity].there
                             : s->defs.workflows[entity - SIM_FOLDERS].there;
}

/* The folder that it lies in; -1: in none. */
static int around(const struct sim *s, int entity)
{
    return (is_folder(entity) ? s->defs.folders[entity].parent
                              : s->defs.workflows[entity - SIM_FOLDERS].folder) -
           1;
}

static bool has(const struct sim *s, int entity, int account)
{
    const struct sim_member *m = &s->defs.members[project_of(entity)][account];
    bool ret = s->defs.granted[entity][account];

    for (int k = 0; k < ROLES_N; k++)
        ret = ret || ((m->roles & (1u << k)) && s->defs.granted[entity][SIM_MEMBERS + k]);
    return m->there && ret;
}

static bool reaches(const struct sim *s, int entity, int account)
{
    bool ret = false;

    for (int at = entity; at >= 0 && is_there(s, entity); at = around(s, at))
        ret = ret || has(s, at, account);
    return ret;
}

void picture_drop_entity(struct sim *s, int entity)
{
    for (int t = 0; t < SIM_TARGETS; t++)
        s->defs.granted[entity][t] = false;
}

void picture_drop_member(struct sim *s, int project, int account)
{
    for (int k = 0; k < SIM_ENTITIES; k++)
        if (project_of(k) == project)
            s->defs.granted[k][account] = false;
}

void picture_any_grantee(const struct sim *s, int *project, int *account)
{
    for (int k = 0; k < SIM_ENTITIES; k++)
        for (int t = 0; t < SIM_MEMBERS; t++)
            if (s->defs.granted[k][t]) {
                *project = project_of(k);
                *account = t;
            }
}

/* ---- the commands ---------------------------------------------------------------------------- */

static struct str id_of(struct arena *a, int entity)
{
    return is_folder(entity) ? arena_printf(a, "folder%d", entity)
                             : str_from(sim_workflow_names[entity - SIM_FOLDERS]);
}

enum err_code op_permission(struct sim *s, struct engine *g, struct err *e)
{
    int entity = (int)sim_below(s, SIM_ENTITIES), target = (int)sim_below(s, SIM_TARGETS);
    bool grants = sim_chance(s, 65), is_user = target < SIM_MEMBERS;
    int p = project_of(entity);
    if (grants && is_user && sim_chance(s, 70)) /* one who can have it */
        for (int n = 0; n < SIM_MEMBERS && !s->defs.members[p][target].there; n++)
            target = (target + 1) % SIM_MEMBERS;
    struct permission_grantee to = { is_user ? TARGET_USER : TARGET_ROLE,
                                     str_from(is_user ? sim_accounts[target]
                                                      : roles[target - SIM_MEMBERS].id) };
    struct permission_request r = { .project_id = str_from(sim_project_names[p]),
                                    .entity_id = id_of(engine_arena(g), entity),
                                    .entity_type =
                                        is_folder(entity) ? ENTITY_FOLDER : ENTITY_WORKFLOW,
                                    .targets = &to,
                                    .n_targets = 1,
                                    .list = "PermissionList",
                                    .uin = STR("1") };
    bool may = is_there(s, entity) && (!grants || !is_user || s->defs.members[p][target].there);

    snprintf(s->action, sizeof(s->action), "%s entity %d, target %d", grants ? "grant" : "revoke",
             entity, target);
    s->defs.granted[entity][target] = grants;
    enum err_code rc =
        grants ? SIM_DO(s, permission_grant, g, &r, e) : SIM_DO(s, permission_revoke, g, &r, e);
    sim_check(s, (rc == E_OK) == may || rc == E_IO, "10: the command answers %d", (int)rc);
    return rc;
}

/* ---- the store ------------------------------------------------------------------------------- */

static void open_reach(struct sim *s, int project, int account, struct reach *ret)
{
    struct actor who = { .uin = str_from(sim_accounts[account]) };

    check(reach_open(ret, store_view(s->store), &who, str_from(sim_project_names[project]), NULL) ==
          E_OK);
}

/* Each asked for alone: nothing is known of the folders above. */
static void check_entity(struct sim *s, int project, int account, int entity)
{
    enum permission_entity type = is_folder(entity) ? ENTITY_FOLDER : ENTITY_WORKFLOW;
    bool is, should = project_of(entity) == project && reaches(s, entity, account);
    struct reach r;
    struct arena a;

    arena_init(&a);
    open_reach(s, project, account, &r);
    check(reach_entity(&r, type, id_of(&a, entity), &is, NULL) == E_OK);
    sim_check(s, is == should, "10: account %d of project %d reaches entity %d, or not: %d",
              account, project, entity, is);
    reach_close(&r);
    arena_done(&a);
}

/* One after another, as in a request. */
static void check_tasks(struct sim *s, int project, int account)
{
    struct reach r;
    bool is, should;

    open_reach(s, project, account, &r);
    for (int n = 0; n < s->defs.n_tasks; n++) {
        const struct sim_task *t = &s->defs.tasks[n];
        int flow = SIM_FOLDERS + t->workflow;
        check(reach_task(&r, t->id, &is, NULL) == E_OK);
        should = t->there && project_of(flow) == project && reaches(s, flow, account);
        sim_check(s, is == should, "10: account %d of project %d reaches task %d, or not: %d",
                  account, project, sim_number(t), is);
    }
    reach_close(&r);
}

void permissions_check(struct sim *s)
{
    struct query q;
    int64_t rows, granted = 0;

    for (int p = 0; p < SIM_PROJECTS; p++)
        for (int k = 0; k < SIM_MEMBERS; k++) {
            for (int entity = 0; entity < SIM_ENTITIES; entity++)
                check_entity(s, p, k, entity);
            check_tasks(s, p, k);
        }
    for (int k = 0; k < SIM_ENTITIES; k++)
        for (int t = 0; t < SIM_TARGETS; t++)
            granted += s->defs.granted[k][t];
    query_init(&q, &table_workflow_permission);
    check(query_count(store_view(s->store), &q, &rows, NULL) == E_OK);
    sim_check(s, rows == granted, "10: %d permissions, not %d", (int)rows, (int)granted);
}
