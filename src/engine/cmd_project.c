/* engine/cmd_project.c - makes, changes, enables and deletes projects. */
#include "engine/cmd_project.h"

#include <stdio.h>

#include "core/core.h"
#include "engine/alarm.h"
#include "engine/cmd_member.h"
#include "engine/deletion.h"
#include "engine/resource_tree.h"
#include "model/names.h"
#include "sys/random.h"

enum err_code project_absent(struct str id, const char *path, struct err *e)
{
    return err_user(e, E_MISSING, path, "there is no project `%.*s`", "项目 `%.*s` 不存在",
                    STR_ARG(str_sub(id, 0, 64)));
}

enum err_code project_require(struct view *v, struct arena *a, struct str id, const char *path,
                              struct project_row *ret, struct err *e)
{
    struct project_row row = { .id = id };
    enum err_code rc = id.len == 0 ? E_MISSING : row_get(v, &table_project, a, &row, e);

    if (rc == E_MISSING)
        return project_absent(id, path, e);
    if (rc == E_OK)
        *ret = row;
    return rc;
}

/* Milliseconds since 2010-11-04 and 22 random bits: 19 digits from 2018 to 2079, as the ids of the
 * cloud are. */
static struct str snowflake(struct engine *g)
{
    uint32_t low;
    uint64_t ms = (uint64_t)(engine_now(g).us / 1000) - 1288834974657u;

    random_bytes(&low, sizeof(low));
    return arena_printf(engine_arena(g), "%llu",
                        (unsigned long long)((ms << 22) | (low & 0x3fffff)));
}

static enum err_code check_values(const struct project_request *r, struct err *e)
{
    enum err_code rc = name_check_project(r->name, "ProjectName", e);

    if (rc == E_OK)
        rc = name_check_display(r->display_name, "DisplayName", e);
    if (rc == E_OK)
        rc = name_check_text(r->description, "Description", e);
    if (rc == E_OK && r->model.len > 0 && !str_eq_c(r->model, "SIMPLE") &&
        !str_eq_c(r->model, "STANDARD"))
        rc = err_user(e, E_RANGE, "ProjectModel", "`%.*s` is not SIMPLE or STANDARD",
                      "`%.*s` 不是 SIMPLE 或 STANDARD", STR_ARG(str_sub(r->model, 0, 64)));
    if (rc == E_OK && r->owner_uin.len > 0)
        rc = name_check_owner(r->owner_uin, "ProjectOwnerUin", e);
    if (rc == E_OK && r->id.len > 0)
        rc = name_check_digits(r->id, "ProjectId", e);
    return rc;
}

/* Display names are unique too (A:UpdateProject).  `self`: the project that may have it. */
static enum err_code check_display_free(struct engine *g, struct str name, struct str self,
                                        struct err *e)
{
    struct query q;
    bool taken;

    query_init(&q, &table_project);
    query_text(&q, PROJECT_DISPLAY_NAME, QUERY_EQ, name);
    query_text(&q, PROJECT_ID, QUERY_NE, self);
    enum err_code rc = query_any(engine_view(g), &q, &taken, e);
    if (rc == E_OK && taken)
        rc = err_user(e, E_EXISTS, "DisplayName", "another project is called `%.*s`",
                      "已有名为 `%.*s` 的项目", STR_ARG(name));
    return rc;
}

static enum err_code associate(struct engine *g, const struct project_request *r, struct str id,
                               struct err *e)
{
    enum err_code rc = E_OK;
    char path[32];

    for (int i = 0; i < r->n_group_ids && rc == E_OK; i++) {
        struct group_row group = { .id = r->group_ids[i] };
        struct group_project_row pair = { r->group_ids[i], id };
        rc = group.id.len == 0 ? E_MISSING
                               : row_get(engine_view(g), &table_group, engine_arena(g), &group, e);
        if (rc == E_MISSING) {
            snprintf(path, sizeof(path), "ResourceIds.%d", i);
            rc = err_user(e, E_MISSING, path, "there is no resource group `%.*s`",
                          "资源组 `%.*s` 不存在", STR_ARG(str_sub(r->group_ids[i], 0, 64)));
        } else if (rc == E_OK) {
            rc = row_put(engine_store(g), &table_group_project, &pair, e);
        }
    }
    return rc;
}

enum err_code project_create(struct engine *g, const struct project_request *r, struct str *ret_id,
                             struct err *e)
{
    struct project_row row = { .id = r->id,
                               .name = r->name,
                               .display_name = r->display_name,
                               .description = r->description,
                               .model = r->model.len > 0 ? r->model : STR("SIMPLE"),
                               .owner_uin = r->owner_uin.len > 0 ? r->owner_uin : r->creator_uin,
                               .creator_uin = r->creator_uin,
                               .status = PROJECT_ENABLED,
                               .created_at = engine_now(g),
                               .updated_at = engine_now(g),
                               .doc = STR("{}") };
    enum err_code rc = check_values(r, e);
    int index = 0;

    if (rc == E_OK)
        rc = check_display_free(g, r->display_name, STR(""), e);
    if (rc != E_OK)
        return rc;
    do {
        if (r->id.len == 0)
            row.id = snowflake(g);
        rc = row_insert(engine_store(g), &table_project, &row, &index, e);
    } while (rc == E_EXISTS && index < 0 && r->id.len == 0);
    if (rc == E_EXISTS)
        return err_user(e, E_EXISTS, index < 0 ? "ProjectId" : "ProjectName",
                        "`%.*s` is taken by another project", "`%.*s` 已被其他项目使用",
                        STR_ARG(index < 0 ? row.id : row.name));
    if (rc == E_OK)
        rc = associate(g, r, row.id, e);
    if (rc == E_OK)
        rc = member_make_managers(g, row.id, row.creator_uin, e);
    if (rc == E_OK)
        rc = member_make_managers(g, row.id, row.owner_uin, e);
    if (rc == E_OK)
        *ret_id = arena_str(engine_arena(g), row.id);
    return rc;
}

enum err_code project_update(struct engine *g, struct str id, const struct project_change *change,
                             struct err *e)
{
    struct project_row row;
    enum err_code rc = project_require(engine_view(g), engine_arena(g), id, "ProjectId", &row, e);

    if (rc == E_OK && change->display_name) {
        rc = name_check_display(*change->display_name, "DisplayName", e);
        if (rc == E_OK)
            rc = check_display_free(g, *change->display_name, id, e);
        row.display_name = *change->display_name;
    }
    if (rc == E_OK && change->description) {
        rc = name_check_text(*change->description, "Description", e);
        row.description = *change->description;
    }
    if (rc == E_OK && change->owner_uin) {
        rc = name_check_owner(*change->owner_uin, "ProjectOwnerUin", e);
        row.owner_uin = *change->owner_uin;
        if (rc == E_OK)
            rc = member_make_managers(g, id, row.owner_uin, e);
    }
    if (rc != E_OK)
        return rc;
    row.updated_at = engine_now(g);
    return row_update(engine_store(g), &table_project, &row,
                      COL(PROJECT_DISPLAY_NAME) | COL(PROJECT_DESCRIPTION) |
                          COL(PROJECT_OWNER_UIN) | COL(PROJECT_UPDATED_AT),
                      e);
}

enum err_code project_enable(struct engine *g, struct str id, bool enabled, struct err *e)
{
    struct project_row row;
    int32_t status = enabled ? PROJECT_ENABLED : PROJECT_DISABLED;
    enum err_code rc = project_require(engine_view(g), engine_arena(g), id, "ProjectId", &row, e);

    if (rc != E_OK || row.status == status)
        return rc;
    row.status = status;
    row.updated_at = engine_now(g);
    rc = row_update(engine_store(g), &table_project, &row,
                    COL(PROJECT_STATUS) | COL(PROJECT_UPDATED_AT), e);
    if (rc == E_OK)
        core_project_enable(engine_core(g), id, enabled, engine_now(g));
    return rc;
}

/* ---- delete -------------------------------------------------------------------------------- */

static enum err_code delete_by_project(struct engine *g, const struct table *t, int column,
                                       struct str id, struct err *e)
{
    struct query q;

    query_init(&q, t);
    query_text(&q, column, QUERY_EQ, id);
    return query_delete(engine_store(g), &q, NULL, e);
}

static enum err_code delete_plans(struct engine *g, struct str id, struct err *e)
{
    struct query q;
    void *rows;
    size_t n;

    query_init(&q, &table_plan);
    query_text(&q, PLAN_PROJECT_ID, QUERY_EQ, id);
    enum err_code rc = query_rows(engine_view(g), &q, engine_arena(g), &rows, &n, e);
    for (size_t i = 0; rc == E_OK && i < n; i++)
        rc = deletion_begin(g, (const struct plan_row *)rows + i, NULL, e);
    return rc;
}

enum err_code project_delete(struct engine *g, struct str id, struct err *e)
{
    static const struct {
        const struct table *table;
        int column;
    } parts[] = {
        { &table_folder, FOLDER_PROJECT_ID },
        { &table_resource_folder, FOLDER_PROJECT_ID },
        { &table_resource, RESOURCE_PROJECT_ID },
        { &table_event, EVENT_PROJECT_ID },
        { &table_case, CASE_PROJECT_ID },
        { &table_consumption, CONSUMPTION_PROJECT_ID },
        { &table_member, MEMBER_PROJECT_ID },
        { &table_workflow_permission, WORKFLOW_PERMISSION_PROJECT_ID },
        { &table_project, PROJECT_ID },
        { &table_group_project, GROUP_PROJECT_PROJECT_ID },
    };
    struct project_row row;
    struct query q;
    int64_t workflows;
    enum err_code rc = project_require(engine_view(g), engine_arena(g), id, "ProjectId", &row, e);

    if (rc != E_OK)
        return rc;
    query_init(&q, &table_workflow);
    query_text(&q, WORKFLOW_PROJECT_ID, QUERY_EQ, id);
    rc = query_count(engine_view(g), &q, &workflows, e);
    if (rc == E_OK && workflows > 0)
        rc = err_user(e, E_CONFLICT, "ProjectId",
                      "the project still has %lld workflows; delete them first",
                      "项目中还有 %lld 个工作流，请先删除", (long long)workflows);
    if (rc == E_OK)
        rc = delete_plans(g, id, e);
    if (rc == E_OK)
        rc = alarms_project_delete(g, id, e);
    for (size_t i = 0; rc == E_OK && i < ARRAY_LEN(parts); i++)
        rc = delete_by_project(g, parts[i].table, parts[i].column, id, e);
    if (rc == E_OK)
        resource_tree_changed(g, id, STR("/"));
    /* The core keeps only the mark of disabled ones. */
    if (rc == E_OK && row.status == PROJECT_DISABLED)
        core_project_enable(engine_core(g), id, true, engine_now(g));
    return rc;
}
