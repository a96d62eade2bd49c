/* api/act_group.c - resource groups: Create-, List-, Update-, DeleteResourceGroup, Associate-
 * and Dissociate- (docs/reference/semantics.md 5.2, 10).
 *
 * A group is bought as Number packages of one specification; here one package is one slot
 * (engine/cmd_group.h).
 */
#include "api/page.h"

#include "api/access.h"
#include "api/scan.h"
#include "engine/cmd_group.h"
#include "model/json_text.h"

/* ---- CreateResourceGroup ------------------------------------------------------------------- */

/* Which specifications exist, and where in the request each stands. */
static const struct spec {
    const char *type, *part, *names[5];
} specs[] = {
    { "Schedule", "Schedule", { "s_test", "s_small", "s_medium", "s_large" } },
    { "DataService", "DataService", { "ds_t", "ds_s", "ds_m", "ds_l" } },
    { "Integration", "Integration.RealTimeDataSync", { "i32c" } },
    { "Integration", "Integration.OfflineDataSync", { "integrated", "i16" } },
};

/* The object at a dotted path of at most two names. */
static const json_t *object_at(const json_t *o, const char *path)
{
    struct str rest = str_from(path), first = str_split(&rest, '.');
    const json_t *inner = json_object_getn(o, first.ptr, first.len);

    if (rest.len == 0)
        return inner;
    return inner ? json_object_getn(inner, rest.ptr, rest.len) : NULL;
}

static bool spec_has(const struct spec *s, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(s->names) && s->names[i]; i++)
        if (str_eq_c(name, s->names[i]))
            return true;
    return false;
}

/* The one part that is there and fits ResourceGroupType. */
static enum err_code find_part(struct call *c, const json_t *type, const struct spec **ret)
{
    struct str name = param_str(type, "ResourceGroupType");
    const struct spec *found = NULL;
    int n = 0;

    for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
        if (!object_at(type, specs[i].part))
            continue;
        n++;
        if (str_eq_c(name, specs[i].type))
            found = &specs[i];
    }
    if (!str_eq_c(name, "Schedule") && !str_eq_c(name, "Integration") &&
        !str_eq_c(name, "DataService"))
        return err_user(&c->err, E_RANGE, "Type.ResourceGroupType",
                        "`%.*s` is not Schedule, Integration or DataService",
                        "`%.*s` 不是 Schedule、Integration 或 DataService",
                        STR_ARG(str_sub(name, 0, 64)));
    if (n > 1)
        return err_user(&c->err, E_RANGE, "Type",
                        "resources of different kinds cannot be bought together",
                        "不同类型的资源不能同时购买");
    if (!found)
        return err_user(&c->err, E_REQUIRED, "Type",
                        "the specification and number of a %.*s group must be given",
                        "必须给出 %.*s 资源组的规格和数量", STR_ARG(name));
    *ret = found;
    return E_OK;
}

static enum err_code wrong_spec(struct call *c, const char *path, const struct spec *s,
                                struct str name)
{
    struct buf list;

    buf_init(&list, 256);
    for (size_t i = 0; i < ARRAY_LEN(s->names) && s->names[i]; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", s->names[i]);
    err_user(&c->err, E_RANGE, path, "`%.*s` is not one of %.*s", "`%.*s` 不在 %.*s 之中",
             STR_ARG(str_sub(name, 0, 64)), STR_ARG(buf_str(&list)));
    buf_done(&list);
    return E_RANGE;
}

static struct str make_doc(struct call *c, struct str spec, int64_t months)
{
    json_t *doc = json_pack("{s:s%,s:I}", "Specification", spec.ptr, spec.len, "PurchasePeriod",
                            (json_int_t)months);
    struct str ret = json_text(doc, &c->arena);

    json_decref(doc);
    return ret;
}

static enum err_code check_months(struct call *c, int64_t months)
{
    if (months < 1 || months > GROUP_MONTHS_MAX)
        return err_user(&c->err, E_RANGE, "PurchasePeriod", "%lld is not between 1 and %d months",
                        "%lld 不在 1 到 %d 个月之间", (long long)months, GROUP_MONTHS_MAX);
    return E_OK;
}

struct create_state {
    struct group_request request;
    struct str id;
};

static enum err_code create_prepare(struct call *c)
{
    struct create_state *s = ARENA_NEW(&c->arena, struct create_state);
    const json_t *type = param_object(c->params, "Type");
    const struct spec *part = NULL;
    int64_t months = param_i64(c->params, "PurchasePeriod", 0);
    enum err_code rc = find_part(c, type, &part);

    if (rc == E_OK)
        rc = check_months(c, months);
    if (rc != E_OK)
        return rc;
    const json_t *bought = object_at(type, part->part);
    struct str name = param_str(bought, "Specification");
    if (!spec_has(part, name))
        return wrong_spec(c, arena_printf(&c->arena, "Type.%s.Specification", part->part).ptr, part,
                          name);
    s->request =
        (struct group_request){ .name = param_str(c->params, "Name"),
                                .type = str_from(part->type),
                                .slots = param_i64(bought, "Number", 0),
                                .slots_path =
                                    arena_printf(&c->arena, "Type.%s.Number", part->part).ptr,
                                .description = param_str(c->params, "Description"),
                                .region = param_str(c->params, "ResourceRegion"),
                                .vpc_id = param_str(c->params, "VpcId"),
                                .subnet = param_str(c->params, "SubNet"),
                                .creator_uin = c->uin,
                                .auto_renew = param_bool(c->params, "AutoRenewEnabled", false),
                                .project_id = param_str(c->params, "AssociatedProjectId"),
                                .doc = make_doc(c, name, months) };
    c->state = s;
    return E_OK;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct create_state *s = c->state;
    enum err_code rc = group_create(g, &s->request, &s->id, &c->err);

    if (rc == E_OK)
        c->made = s->id = arena_str(&c->arena, s->id);
    return rc;
}

static enum err_code create_answer(struct call *c)
{
    const struct create_state *s = c->state;

    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kbool(&c->out, "Status", true);
    jw_kstr(&c->out, "ResourceGroupId", s->id);
    jw_object_end(&c->out);
    return E_OK;
}

/* ---- ListResourceGroups -------------------------------------------------------------------- */

struct group_list {
    struct call *c;
    struct scan scan;
    const json_t *projects; /* wanted ones; empty: any */
    enum err_code rc;
};

/* Associated with one of the wanted projects? */
static bool is_wanted(struct group_list *l, struct str group_id)
{
    const json_t *item;
    size_t i;

    json_array_foreach(l->projects, i, item)
    {
        struct group_project_row pair = { group_id, json_str(item) };
        struct err e = ERR_INIT;
        bool sees = false;
        l->rc = access_sees(l->c, l->c->view, pair.project_id, &sees);
        if (l->rc != E_OK)
            return false;
        enum err_code rc = pair.project_id.len == 0 || !sees
                               ? E_MISSING
                               : row_get(l->c->view, &table_group_project, &l->c->arena, &pair, &e);
        if (rc == E_OK)
            return true;
        if (rc != E_MISSING) {
            l->rc = rc;
            l->c->err = e;
            return false;
        }
    }
    return json_array_size(l->projects) == 0;
}

static bool list_take(void *ctx, const void *row)
{
    struct group_list *l = ctx;
    const struct group_row *g = row;
    bool sees = false;

    if (is_wanted(l, g->id) && l->rc == E_OK) {
        l->rc = access_sees_group(l->c, l->c->view, g->id, &sees);
        if (sees)
            scan_take(&l->scan, row);
    }
    return l->rc == E_OK;
}

static enum err_code list_query(struct call *c, struct query *q)
{
    struct str type = param_str(c->params, "Type"), id = param_str(c->params, "Id"),
               name = param_str(c->params, "Name");

    query_init(q, &table_group);
    if (type.len > 0 && !str_eq_c(type, "Schedule") && !str_eq_c(type, "Integration") &&
        !str_eq_c(type, "DataService"))
        return err_user(
            &c->err, E_RANGE, "Type", "`%.*s` is not Schedule, Integration or DataService",
            "`%.*s` 不是 Schedule、Integration 或 DataService", STR_ARG(str_sub(type, 0, 64)));
    if (json_array_size(param_list(c->params, "ProjectIds")) > 100)
        return err_user(&c->err, E_LIMIT, "ProjectIds", "at most %d ids", "最多 %d 个", 100);
    if (type.len > 0)
        query_text(q, GROUP_TYPE, QUERY_EQ, type);
    if (id.len > 0)
        query_text(q, GROUP_ID, QUERY_EQ, id);
    if (name.len > 0)
        query_text(q, GROUP_NAME, QUERY_CONTAINS, name);
    query_order(q, GROUP_CREATED_AT, true);
    return E_OK;
}

static enum err_code write_projects(struct call *c, struct str group_id)
{
    struct query q;
    struct group_project_row *pairs;
    void *rows;
    size_t n;

    query_init(&q, &table_group_project);
    query_text(&q, GROUP_PROJECT_GROUP_ID, QUERY_EQ, group_id);
    enum err_code rc = query_rows(c->view, &q, &c->arena, &rows, &n, &c->err);
    pairs = rows;
    jw_key(&c->out, "AssociateProjects");
    jw_array(&c->out);
    for (size_t i = 0; rc == E_OK && i < n; i++) {
        struct project_row p = { .id = pairs[i].project_id };
        bool sees = false;
        rc = access_sees(c, c->view, p.id, &sees);
        if (rc != E_OK)
            break;
        if (!sees)
            continue;
        rc = row_get(c->view, &table_project, &c->arena, &p, &c->err);
        if (rc != E_OK)
            break;
        jw_object(&c->out);
        jw_kstr(&c->out, "ProjectId", p.id);
        jw_kstr(&c->out, "ProjectName", p.name);
        jw_kstr(&c->out, "ProjectDisplayName", p.display_name);
        jw_object_end(&c->out);
    }
    jw_array_end(&c->out);
    return rc;
}

static enum err_code write_group(struct call *c, const struct group_row *g)
{
    struct jw *w = &c->out;

    jw_object(w);
    jw_kstr(w, "Id", g->id);
    jw_kstr(w, "Name", g->name);
    jw_kstr(w, "Description", g->description);
    jw_kstr(w, "ResourceGroupType", g->type);
    enum err_code rc = write_projects(c, g->id);
    jw_kstr(w, "Region", g->region);
    jw_kstr(w, "VpcId", g->vpc_id);
    jw_kstr(w, "SubNet", g->subnet);
    jw_kbool(w, "AutoRenewEnabled", g->auto_renew);
    jw_object_end(w);
    return rc;
}

static enum err_code list_answer(struct call *c)
{
    struct group_list l = { .c = c, .projects = param_list(c->params, "ProjectIds"), .rc = E_OK };
    struct page page;
    struct query q;
    enum err_code rc = page_params(c, 10, 200, &page);

    if (rc == E_OK)
        rc = list_query(c, &q);
    if (rc != E_OK)
        return rc;
    scan_init(&l.scan, &table_group, sizeof(struct group_row), &page, &c->arena);
    rc = query_run(c->view, &q, list_take, &l, &c->err);
    if (rc == E_OK)
        rc = l.rc;
    if (rc != E_OK)
        return rc;
    page_open(c, &page, l.scan.total);
    for (int64_t i = 0; rc == E_OK && i < l.scan.n; i++)
        rc = write_group(c, (const struct group_row *)(void *)l.scan.rows + i);
    page_close(c);
    return rc;
}

/* ---- UpdateResourceGroup ------------------------------------------------------------------- */

/* Exactly one of the three changes (A:UpdateResourceGroup). */
static enum err_code update_prepare(struct call *c)
{
    int n = param_has(c->params, "Type") + param_has(c->params, "PurchasePeriod") +
            param_has(c->params, "Number");
    const json_t *number = param_object(c->params, "Number");
    struct str way = param_str(number, "Type");

    if (n != 1)
        return err_user(&c->err, n == 0 ? E_REQUIRED : E_RANGE, n == 0 ? "Number" : "Type",
                        "exactly one of Type, PurchasePeriod and Number must be given",
                        "Type、PurchasePeriod、Number 必须且只能给出一个");
    if (param_has(c->params, "AutoRenewEnabled") && !param_has(c->params, "PurchasePeriod"))
        return err_user(&c->err, E_RANGE, "AutoRenewEnabled",
                        "it can be changed together with PurchasePeriod only",
                        "仅在 PurchasePeriod 不为空时可以修改");
    if (!number)
        return param_has(c->params, "PurchasePeriod")
                   ? check_months(c, param_i64(c->params, "PurchasePeriod", 0))
                   : E_OK;
    if (way.len == 0)
        return err_user(&c->err, E_REQUIRED, "Number.Type", "it is needed: ADD or DELETE",
                        "必填，取值为 ADD 或 DELETE");
    if (!str_eq_c(way, "ADD") && !str_eq_c(way, "DELETE"))
        return err_user(&c->err, E_RANGE, "Number.Type", "`%.*s` is not ADD or DELETE",
                        "`%.*s` 不是 ADD 或 DELETE", STR_ARG(str_sub(way, 0, 64)));
    if (!param_has(number, "Quantity"))
        return err_user(&c->err, E_REQUIRED, "Number.Quantity",
                        "how many packages to add or to remove is missing", "缺少增加或减少的数量");
    if (param_i64(number, "Quantity", 0) < 1 || param_i64(number, "Quantity", 0) > GROUP_SLOTS_MAX)
        return err_user(&c->err, E_RANGE, "Number.Quantity", "it must be between 1 and %d",
                        "必须在 1 到 %d 之间", GROUP_SLOTS_MAX);
    return E_OK;
}

static enum err_code change_doc(struct call *c, const struct group_row *row, struct str *ret)
{
    json_t *doc = json_loadb(row->doc.ptr, row->doc.len, 0, NULL);
    struct str spec = arena_str(&c->arena, param_str(doc, "Specification")),
               name = param_str(c->params, "Type");
    int64_t months =
        param_i64(doc, "PurchasePeriod", 0) + param_i64(c->params, "PurchasePeriod", 0);
    enum err_code rc = E_RANGE;

    json_decref(doc);
    if (name.len == 0 && !param_has(c->params, "Type"))
        rc = months > GROUP_MONTHS_MAX ? check_months(c, months) : E_OK;
    for (size_t i = 0; rc != E_OK && i < ARRAY_LEN(specs); i++)
        if (str_eq_c(row->type, specs[i].type) && spec_has(&specs[i], name)) {
            spec = name;
            rc = E_OK;
        }
    if (rc != E_OK && param_has(c->params, "Type"))
        return err_user(&c->err, E_RANGE, "Type", "`%.*s` is not a specification of a %.*s group",
                        "`%.*s` 不是 %.*s 资源组的规格", STR_ARG(str_sub(name, 0, 64)),
                        STR_ARG(row->type));
    if (rc == E_OK)
        *ret = make_doc(c, spec, months);
    return rc;
}

static enum err_code update_apply(struct call *c, struct engine *g)
{
    struct str id = param_str(c->params, "Id"), doc;
    const json_t *number = param_object(c->params, "Number");
    struct group_change change = { 0 };
    struct group_row row;
    bool renew = param_bool(c->params, "AutoRenewEnabled", false);
    enum err_code rc = group_require(engine_view(g), &c->arena, id, "Id", &row, &c->err);

    if (rc == E_OK)
        rc = change_doc(c, &row, &doc);
    if (rc != E_OK)
        return rc;
    int64_t quantity = param_i64(number, "Quantity", 0);
    int64_t slots =
        row.slots + (str_eq_c(param_str(number, "Type"), "DELETE") ? -quantity : quantity);
    change.doc = &doc;
    if (number)
        change.slots = &slots;
    if (param_has(c->params, "AutoRenewEnabled"))
        change.auto_renew = &renew;
    return group_update(g, id, &change, &c->err);
}

/* ---- DeleteResourceGroup, associations ----------------------------------------------------- */

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    return group_delete(g, param_str(c->params, "Id"), &c->err);
}

static enum err_code associate_apply(struct call *c, struct engine *g)
{
    return group_associate(g, param_str(c->params, "ResourceGroupId"),
                           param_str(c->params, "ProjectId"), &c->err);
}

static enum err_code dissociate_apply(struct call *c, struct engine *g)
{
    return group_dissociate(g, param_str(c->params, "ResourceGroupId"),
                            param_str(c->params, "ProjectId"), &c->err);
}

static const struct action actions[] = {
    { API_2025, "CreateResourceGroup", create_prepare, create_apply, create_answer, ACCESS_ROOT },
    { API_2025, "ListResourceGroups", NULL, NULL, list_answer, ACCESS_ANY },
    { API_2025, "UpdateResourceGroup", update_prepare, update_apply, answer_status, ACCESS_ROOT },
    { API_2025, "DeleteResourceGroup", NULL, delete_apply, answer_status, ACCESS_ROOT },
    { API_2025, "AssociateResourceGroupToProject", NULL, associate_apply, answer_status,
      ACCESS_ROOT },
    { API_2025, "DissociateResourceGroupFromProject", NULL, dissociate_apply, answer_status,
      ACCESS_ROOT },
};
const struct action_family family_group = { actions, ARRAY_LEN(actions) };
