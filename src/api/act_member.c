/* api/act_member.c - CreateProjectMember, DeleteProjectMember, GrantMemberProjectRole,
 * RemoveMemberProjectRole, ListProjectMembers, ListProjectRoles, ListTenantRoles
 * (docs/reference/semantics.md 10).
 *
 * weft knows of a person no more than the account: that is its name as well.
 */
#include "api/page.h"

#include "api/scan.h"
#include "cal/zone.h"
#include "engine/cmd_member.h"
#include "engine/cmd_project.h"
#include "model/role.h"

/* ---- changes ------------------------------------------------------------------------------- */

static const struct str *texts(struct call *c, const char *name, int *ret_n)
{
    const json_t *list = param_list(c->params, name);
    size_t n = json_array_size(list);
    struct str *ret = ARENA_ARRAY(&c->arena, struct str, n + 1);

    for (size_t i = 0; i < n; i++)
        ret[i] = json_str(json_array_get(list, i));
    *ret_n = (int)n;
    return ret;
}

/* Of one account or of several, as the action has it. */
static struct member_request request_of(struct call *c)
{
    struct member_request r = { .project_id = param_str(c->params, "ProjectId") };

    if (param_has(c->params, "UserUins")) {
        r.uins = texts(c, "UserUins", &r.n_uins);
        r.uin_path = "UserUins";
    } else {
        struct str *one = ARENA_NEW(&c->arena, struct str);
        *one = param_str(c->params, "UserUin");
        r.uins = one;
        r.n_uins = 1;
        r.uin_path = "UserUin";
    }
    r.role_ids = texts(c, "RoleIds", &r.n_role_ids);
    return r;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct member_request r = request_of(c);

    return member_add(g, &r, &c->err);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    struct member_request r = request_of(c);

    return member_remove(g, &r, &c->err);
}

static enum err_code grant_apply(struct call *c, struct engine *g)
{
    struct member_request r = request_of(c);

    return member_grant(g, &r, &c->err);
}

static enum err_code revoke_apply(struct call *c, struct engine *g)
{
    struct member_request r = request_of(c);

    return member_revoke(g, &r, &c->err);
}

/* These calls answer with nothing but the RequestId. */
static enum err_code nothing_answer(struct call *c)
{
    (void)c;
    return E_OK;
}

/* ---- roles --------------------------------------------------------------------------------- */

static void write_role(struct call *c, const struct role *role)
{
    struct jw *w = &c->out;
    bool chinese = c->lang == LANG_ZH;

    jw_object(w);
    jw_kcstr(w, "RoleId", role->id);
    jw_kcstr(w, "RoleName", role->name);
    jw_kcstr(w, "RoleDisplayName", chinese ? role->display_zh : role->display_en);
    jw_kcstr(w, "Description", chinese ? role->text_zh : role->text_en);
    jw_object_end(w);
}

/* The filter is that of the Chinese name; the English one is found as well. */
static bool is_wanted(struct call *c, const struct role *role)
{
    struct str part = param_str(c->params, "RoleDisplayName");

    return str_has(str_from(role->display_zh), part) || str_has(str_from(role->display_en), part);
}

static enum err_code roles_answer(struct call *c)
{
    struct project_row project;
    struct page page;
    int64_t total = 0, at = 0;
    enum err_code rc = project_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                       "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc != E_OK)
        return rc;
    for (size_t i = 0; i < ROLES_N; i++)
        total += is_wanted(c, &roles[i]);
    page_open(c, &page, total);
    for (size_t i = 0; i < ROLES_N; i++) {
        if (!is_wanted(c, &roles[i]))
            continue;
        if (at >= page.offset && at < page.offset + page.size)
            write_role(c, &roles[i]);
        at++;
    }
    page_close(c);
    return E_OK;
}

static enum err_code tenant_answer(struct call *c)
{
    jw_key(&c->out, "Data");
    jw_array(&c->out);
    for (size_t i = 0; i < TENANT_ROLES_N; i++)
        if (is_wanted(c, &tenant_roles[i]))
            write_role(c, &tenant_roles[i]);
    jw_array_end(&c->out);
    return E_OK;
}

/* ---- members ------------------------------------------------------------------------------- */

static void write_member(struct call *c, const struct project_row *project,
                         const struct member_row *m)
{
    struct str list = m->roles;
    struct jw *w = &c->out;

    jw_object(w);
    jw_knull(w, "AppId"); /* of the cloud's billing */
    jw_kcstr(w, "RootAccountId", ROOT_UIN);
    jw_kstr(w, "UserUin", m->uin);
    jw_kstr(w, "UserName", m->uin);
    jw_kstr(w, "DisplayName", m->uin);
    jw_key(w, "Roles");
    jw_array(w);
    while (list.ptr) {
        const struct role *role = role_find(str_split(&list, ';'));
        if (role)
            write_role(c, role);
    }
    jw_array_end(w);
    jw_kbool(w, "IsCreator", str_eq(m->uin, project->creator_uin));
    jw_wall(w, "CreateTime", m->created_at, zone_default());
    jw_kbool(w, "IsProjectOwner", str_list_has(project->owner_uin, ';', m->uin));
    jw_knull(w, "PhoneNum");
    jw_knull(w, "Email");
    jw_object_end(w);
}

/* The longest members first, then by account. */
static enum err_code members_answer(struct call *c)
{
    struct str uin = param_str(c->params, "UserUin"), name = param_str(c->params, "UserName");
    struct project_row project;
    struct page page;
    struct query q;
    void *rows;
    size_t n;
    int64_t total;
    enum err_code rc = project_require(c->view, &c->arena, param_str(c->params, "ProjectId"),
                                       "ProjectId", &project, &c->err);

    if (rc == E_OK)
        rc = page_params(c, 10, 200, &page);
    if (rc != E_OK)
        return rc;
    query_init(&q, &table_member);
    query_text(&q, MEMBER_PROJECT_ID, QUERY_EQ, project.id);
    if (uin.len > 0)
        query_text(&q, MEMBER_UIN, QUERY_CONTAINS, uin);
    if (name.len > 0)
        query_text(&q, MEMBER_UIN, QUERY_CONTAINS, name);
    query_order(&q, MEMBER_CREATED_AT, false);
    rc = page_rows(c, &page, &q, &rows, &n, &total);
    if (rc != E_OK)
        return rc;
    page_open(c, &page, total);
    for (size_t i = 0; i < n; i++)
        write_member(c, &project, (const struct member_row *)rows + i);
    page_close(c);
    return E_OK;
}

static const struct action actions[] = {
    { API_2025, "CreateProjectMember", NULL, create_apply, answer_status, ACCESS_MANAGE },
    { API_2025, "DeleteProjectMember", NULL, delete_apply, nothing_answer, ACCESS_MANAGE },
    { API_2025, "GrantMemberProjectRole", NULL, grant_apply, nothing_answer, ACCESS_MANAGE },
    { API_2025, "RemoveMemberProjectRole", NULL, revoke_apply, nothing_answer, ACCESS_MANAGE },
    { API_2025, "ListProjectMembers", NULL, NULL, members_answer, ACCESS_READ },
    { API_2025, "ListProjectRoles", NULL, NULL, roles_answer, ACCESS_READ },
    { API_2025, "ListTenantRoles", NULL, NULL, tenant_answer, ACCESS_ANY },
};
const struct action_family family_member = { actions, ARRAY_LEN(actions) };
