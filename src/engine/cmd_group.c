/* engine/cmd_group.c - resource groups: pools of execution slots, and the projects that may use
 * them. */
#include "engine/cmd_group.h"

#include "cal/zone.h"
#include "engine/cmd_project.h"
#include "engine/engine_int.h"
#include "engine/member.h"
#include "model/names.h"
#include "sys/random.h"

enum err_code group_absent(struct str id, const char *path, struct err *e)
{
    return err_user(e, E_MISSING, path, "there is no resource group `%.*s`", "资源组 `%.*s` 不存在",
                    STR_ARG(str_sub(id, 0, 64)));
}

enum err_code group_require(struct view *v, struct arena *a, struct str id, const char *path,
                            struct group_row *ret, struct err *e)
{
    struct group_row row = { .id = id };
    enum err_code rc = id.len == 0 ? E_MISSING : row_get(v, &table_group, a, &row, e);

    if (rc == E_MISSING)
        return group_absent(id, path, e);
    if (rc == E_OK)
        *ret = row;
    return rc;
}

static struct str new_id(struct engine *g)
{
    uint32_t low;
    struct civil_parts p = civil_split(zone_to_civil(zone_default(), g->now));

    random_bytes(&low, sizeof(low));
    return arena_printf(&g->arena, "%04d%02d%02d%02d%02d%02d%06u", p.year, p.month, p.day, p.hour,
                        p.minute, p.second, low % 1000000u);
}

static enum err_code check_slots(int64_t slots, const char *path, struct err *e)
{
    if (slots < 1 || slots > GROUP_SLOTS_MAX)
        return err_user(e, E_RANGE, path, "a resource group has 1 to %d slots, not %lld",
                        "资源组的槽位数为 1 到 %d，而不是 %lld", GROUP_SLOTS_MAX, (long long)slots);
    return E_OK;
}

static enum err_code check_create(struct engine *g, const struct group_request *r, struct err *e)
{
    struct project_row project;
    enum err_code rc = name_check_group(r->name, "Name", e);

    if (rc == E_OK && !str_eq_c(r->type, "Schedule") && !str_eq_c(r->type, "Integration") &&
        !str_eq_c(r->type, "DataService"))
        rc = err_user(e, E_RANGE, "Type.ResourceGroupType",
                      "`%.*s` is not Schedule, Integration or DataService",
                      "`%.*s` 不是 Schedule、Integration 或 DataService",
                      STR_ARG(str_sub(r->type, 0, 64)));
    if (rc == E_OK)
        rc = check_slots(r->slots, r->slots_path, e);
    if (rc == E_OK)
        rc = name_check_text(r->description, "Description", e);
    if (rc == E_OK && r->id.len > 0)
        rc = name_check_digits(r->id, "Id", e);
    if (rc == E_OK && r->project_id.len > 0)
        rc = project_require(engine_view(g), &g->arena, r->project_id, "AssociatedProjectId",
                             &project, e);
    return rc;
}

enum err_code group_create(struct engine *g, const struct group_request *r, struct str *ret_id,
                           struct err *e)
{
    struct group_row row = { .id = r->id,
                             .name = r->name,
                             .type = r->type,
                             .slots = (int32_t)r->slots,
                             .description = r->description,
                             .region = r->region,
                             .vpc_id = r->vpc_id,
                             .subnet = r->subnet,
                             .creator_uin = r->creator_uin,
                             .auto_renew = r->auto_renew,
                             .created_at = g->now,
                             .updated_at = g->now,
                             .doc = r->doc };
    int index = 0;
    enum err_code rc = check_create(g, r, e);

    if (rc != E_OK)
        return rc;
    do {
        if (r->id.len == 0)
            row.id = new_id(g);
        rc = row_insert(engine_store(g), &table_group, &row, &index, e);
    } while (rc == E_EXISTS && index < 0 && r->id.len == 0);
    if (rc == E_EXISTS)
        return err_user(e, E_EXISTS, index < 0 ? "Id" : "Name",
                        "there is a resource group `%.*s` already", "资源组 `%.*s` 已存在",
                        STR_ARG(index < 0 ? row.id : row.name));
    if (rc == E_OK && r->project_id.len > 0) {
        struct group_project_row pair = { row.id, r->project_id };
        rc = row_put(engine_store(g), &table_group_project, &pair, e);
    }
    if (rc != E_OK)
        return rc;
    core_group_put(g->core, row.id, row.slots, g->now);
    *ret_id = arena_str(&g->arena, row.id);
    return E_OK;
}

enum err_code group_update(struct engine *g, struct str id, const struct group_change *change,
                           struct err *e)
{
    struct group_row row;
    enum err_code rc = group_require(engine_view(g), &g->arena, id, "Id", &row, e);

    if (rc == E_OK && change->slots)
        rc = check_slots(*change->slots, "Number.Quantity", e);
    if (rc != E_OK)
        return rc;
    row.slots = change->slots ? (int32_t)*change->slots : row.slots;
    row.auto_renew = change->auto_renew ? *change->auto_renew : row.auto_renew;
    row.doc = change->doc ? *change->doc : row.doc;
    row.updated_at = g->now;
    rc = row_update(
        engine_store(g), &table_group, &row,
        COL(GROUP_SLOTS) | COL(GROUP_AUTO_RENEW) | COL(GROUP_DOC) | COL(GROUP_UPDATED_AT), e);
    if (rc == E_OK && change->slots)
        core_group_put(g->core, id, row.slots, g->now);
    return rc;
}

enum err_code group_require_use(struct engine *g, struct str group_id, struct str project_id,
                                const char *path, struct err *e)
{
    struct group_row group;
    struct group_project_row ours = { .group_id = group_id, .project_id = project_id };
    int64_t projects = 0;
    bool seen = false;

    if (group_id.len == 0)
        return E_OK;
    enum err_code rc = group_require(engine_view(g), &g->arena, group_id, path, &group, e);
    if (rc != E_OK)
        return rc;
    rc = row_get(engine_view(g), &table_group_project, &g->arena, &ours, e);
    if (rc != E_MISSING)
        return rc;
    rc = member_sees_group(engine_view(g), &g->arena, engine_actor(g), group_id, &seen, &projects,
                           e);
    if (rc == E_OK && !seen)
        return group_absent(group_id, path, e);
    if (rc == E_OK && projects > 0)
        return err_user(e, E_DENIED, path,
                        "resource group `%.*s` belongs to other projects; "
                        "AssociateResourceGroupToProject adds this one",
                        "资源组 `%.*s` 未关联到该项目，请用 AssociateResourceGroupToProject 关联",
                        STR_ARG(group_id));
    return rc;
}

/* ---- use ----------------------------------------------------------------------------------- */

/* Of one project, or of any: what is in production counts as well as drafts, which may have moved
 * to another group since. */
struct use {
    struct engine *g;
    struct str project_id; /* empty: any */
    bool used;
    enum err_code rc;
    struct err *e;
};

static void look_at_task(void *ctx, int64_t task_id)
{
    struct use *u = ctx;
    struct task_row row = { .id = task_id };

    if (u->used || u->rc != E_OK)
        return;
    u->rc = row_get(engine_view(u->g), &table_task, &u->g->arena, &row, u->e);
    u->used = u->rc == E_OK && (u->project_id.len == 0 || str_eq(u->project_id, row.project_id));
}

static enum err_code any_task(struct engine *g, struct str id, struct str project_id, bool *ret,
                              struct err *e)
{
    struct use u = { .g = g, .project_id = project_id, .e = e };
    struct query q;

    query_init(&q, &table_task);
    if (project_id.len > 0)
        query_text(&q, TASK_PROJECT_ID, QUERY_EQ, project_id);
    query_text(&q, TASK_GROUP_ID, QUERY_EQ, id);
    enum err_code rc = query_any(engine_view(g), &q, ret, e);
    if (rc == E_OK && !*ret) {
        core_group_tasks(g->core, id, look_at_task, &u);
        *ret = u.used;
        rc = u.rc;
    }
    return rc;
}

static enum err_code check_unused(struct engine *g, struct str id, struct err *e)
{
    struct query q;
    bool used;

    query_init(&q, &table_group_project);
    query_text(&q, GROUP_PROJECT_GROUP_ID, QUERY_EQ, id);
    enum err_code rc = query_any(engine_view(g), &q, &used, e);
    if (rc == E_OK && used)
        return err_user(e, E_IN_USE, "Id",
                        "the resource group is associated with projects; dissociate it first",
                        "资源组已关联项目，请先解绑");
    if (rc == E_OK)
        rc = any_task(g, id, STR(""), &used, e);
    if (rc == E_OK && used)
        return err_user(e, E_IN_USE, "Id", "tasks are configured to run in this resource group",
                        "仍有任务配置在该资源组上运行");
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_STATE, QUERY_LE, INSTANCE_FAILED_RETRY);
    query_text(&q, INSTANCE_GROUP_ID, QUERY_EQ, id);
    if (rc == E_OK)
        rc = query_any(engine_view(g), &q, &used, e);
    if (rc == E_OK && used)
        return err_user(e, E_IN_USE, "Id", "instances wait or run in this resource group",
                        "仍有实例在该资源组上等待或运行");
    return rc;
}

enum err_code group_delete(struct engine *g, struct str id, struct err *e)
{
    struct group_row row;
    enum err_code rc = group_require(engine_view(g), &g->arena, id, "Id", &row, e);

    if (rc == E_OK)
        rc = check_unused(g, id, e);
    if (rc == E_OK)
        rc = row_delete(engine_store(g), &table_group, &row, e);
    /* The same name later is another group. */
    if (rc == E_OK)
        core_group_put(g->core, id, g->config.default_slots, g->now);
    return rc;
}

enum err_code group_associate(struct engine *g, struct str id, struct str project_id, struct err *e)
{
    struct group_row group;
    struct project_row project;
    struct group_project_row pair = { id, project_id };
    enum err_code rc = group_require(engine_view(g), &g->arena, id, "ResourceGroupId", &group, e);

    if (rc == E_OK)
        rc = project_require(engine_view(g), &g->arena, project_id, "ProjectId", &project, e);
    return rc == E_OK ? row_put(engine_store(g), &table_group_project, &pair, e) : rc;
}

enum err_code group_dissociate(struct engine *g, struct str id, struct str project_id,
                               struct err *e)
{
    struct group_row group;
    struct project_row project;
    struct group_project_row pair = { id, project_id };
    bool used = false;
    enum err_code rc = group_require(engine_view(g), &g->arena, id, "ResourceGroupId", &group, e);

    if (rc == E_OK)
        rc = project_require(engine_view(g), &g->arena, project_id, "ProjectId", &project, e);
    if (rc != E_OK)
        return rc;
    rc = any_task(g, id, project_id, &used, e);
    if (rc == E_OK && used)
        rc = err_user(e, E_IN_USE, "ResourceGroupId",
                      "tasks of the project are configured to run in it",
                      "该项目仍有任务配置在该资源组上运行");
    if (rc == E_OK)
        rc = row_delete(engine_store(g), &table_group_project, &pair, e);
    if (rc == E_MISSING)
        rc = err_user(e, E_CONFLICT, "ResourceGroupId",
                      "the resource group is not associated with this project",
                      "资源组未关联该项目");
    return rc;
}
