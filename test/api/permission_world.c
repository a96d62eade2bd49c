/* test/api/permission_world.c - a project of folders in folders, for tests of permissions. */
#include "permission_world.h"

#include <stdio.h>
#include <string.h>

#include "api/fixture.h"

struct harness h;

static void put_fixture(struct buf *out)
{
    static const struct {
        const char *project, *id, *parent, *name;
    } folders[] = { { "1001", "fa", "/", "a" },
                    { "1001", "fb", "/a", "b" },
                    { "1001", "fab", "/", "ab" },
                    { "1001", "fc", "/", "c" },
                    { "2002", "far", "/", "a" } };
    static const struct {
        const char *id, *parent;
    } flows[] = { { "wa", "/a/b" }, { "wc", "/c" }, { "wr", "/" } };
    static const struct {
        const char *id, *flow, *name, *more;
    } tasks[] = { { TA, "wa", "ta", "" },
                  { TB, "wa", "tb", "" },
                  { TC, "wc", "hidden", "," DEPEND(TA) },
                  { TR, "wr", "tr", "" } };

    buf_printf(out, "{\"Projects\":[{\"ProjectId\":\"1001\",\"ProjectName\":\"p\"},"
                    "{\"ProjectId\":\"2002\",\"ProjectName\":\"q\"}],\"WorkflowFolders\":[");
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        buf_printf(out,
                   "%s{\"ProjectId\":\"%s\",\"FolderId\":\"%s\",\"ParentFolderPath\":\"%s\","
                   "\"FolderName\":\"%s\"}",
                   i ? "," : "", folders[i].project, folders[i].id, folders[i].parent,
                   folders[i].name);
    buf_printf(out, "],\"Workflows\":[");
    for (size_t i = 0; i < ARRAY_LEN(flows); i++)
        buf_printf(out,
                   "%s{\"ProjectId\":\"1001\",\"WorkflowId\":\"%s\",\"ParentFolderPath\":\"%s\","
                   "\"WorkflowName\":\"%s\"}",
                   i ? "," : "", flows[i].id, flows[i].parent, flows[i].id);
    buf_printf(out, "],\"Tasks\":[");
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
        buf_printf(out,
                   "%s{\"TaskId\":\"%s\",\"ProjectId\":\"1001\",\"Submit\":true,"
                   "\"TaskBaseAttribute\":{\"TaskName\":\"%s\",\"TaskTypeId\":\"35\","
                   "\"WorkflowId\":\"%s\"},\"TaskConfiguration\":{\"CodeContent\":\"ZWNobw==\"},"
                   "\"TaskSchedulerConfiguration\":{\"CycleType\":\"DAY_CYCLE\",\"StartTime\":"
                   "\"2024-01-01 00:00:00\"%s}}",
                   i ? "," : "", tasks[i].id, tasks[i].name, tasks[i].flow, tasks[i].more);
    buf_printf(out, "]}");
}

void act_as(const char *uin)
{
    h.plain_key = uin != NULL;
    h.uin = uin ? uin : "100000000001";
}

void add_member(const char *uin, const char *role)
{
    json_decref(harness_okf(&h, API_2025, "CreateProjectMember",
                            "{\"ProjectId\":\"1001\",\"UserUins\":[\"%s\"],\"RoleIds\":[\"%s\"]}",
                            uin, role));
}

int permission_setup(void **state)
{
    struct fixture_counts counts;
    struct err e = ERR_INIT;
    struct buf fixture;

    (void)state;
    harness_init(&h);
    buf_init(&fixture, 16384);
    put_fixture(&fixture);
    h.now = (struct wall){ 1717200000000000 }; /* 2024-06-01, and nothing fires any more */
    harness_thread_start(&h);
    enum err_code rc = fixture_load(&h.services, buf_str(&fixture), &counts, &e);
    harness_thread_stop(&h);
    buf_done(&fixture);
    if (rc != E_OK)
        fail_msg("%s: %s", e.path, e.text);
    act_as(NULL);
    add_member("500", MANAGER);
    add_member("501", VISITOR);
    add_member("502", VISITOR);
    add_member("503", DEVELOPER);
    add_member("504", OPERATOR);
    json_decref(harness_ok(&h, API_2025, "RemoveMemberProjectRole",
                           "{\"ProjectId\":\"1001\",\"UserUin\":\"502\",\"RoleIds\":[\"" VISITOR
                           "\"]}"));
    return 0;
}

int permission_teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

/* ---- calls ----------------------------------------------------------------------------------- */

void change_permission(bool granted, const char *type, const char *id, const char *target,
                       const char *target_id)
{
    const char *now = h.plain_key ? h.uin : NULL;

    act_as("500");
    json_t *r =
        granted ? harness_okf(&h, API_2025, "CreateWorkflowPermissions",
                              ENTITY ",\"PermissionList\":[" ITEM "]}", type, id, target, target_id)
                : harness_okf(&h, API_2025, "DeleteWorkflowPermissions",
                              ENTITY ",\"DeletePermissionList\":[" ITEM "]}", type, id, target,
                              target_id);
    assert_int_equal(num_at(r, "Data.Status"), 1);
    json_decref(r);
    act_as(now);
}

void grant(const char *type, const char *id, const char *uin)
{
    change_permission(true, type, id, "user", uin);
}

void revoke(const char *type, const char *id, const char *uin)
{
    change_permission(false, type, id, "user", uin);
}

void check_list(const char *type, const char *id, const char *expected)
{
    const char *now = h.plain_key ? h.uin : NULL;
    struct buf text;

    act_as("500");
    json_t *r = harness_okf(&h, API_2025, "ListWorkflowPermissions", ENTITY "}", type, id);
    act_as(now);
    buf_init(&text, 4096);
    for (size_t i = 0; i < json_array_size(at(r, "Data.Items")); i++) {
        const json_t *p = json_array_get(at(r, "Data.Items"), i);
        buf_printf(&text, "%s%s:%s", i ? " " : "", str_at(p, "PermissionTargetType"),
                   str_at(p, "PermissionTargetId"));
        assert_string_equal(str_at(p, "PermissionTypeList.0"), "CAN_MANAGE");
        assert_int_equal(json_array_size(at(p, "PermissionTypeList")), 1);
    }
    assert_string_equal(text.ptr ? text.ptr : "", expected);
    assert_int_equal(num_at(r, "Data.TotalCount"), json_array_size(at(r, "Data.Items")));
    buf_done(&text);
    json_decref(r);
}

bool may(const char *version, const char *action, const char *more, struct err *ret)
{
    char params[2048];
    struct err e = ERR_INIT;

    snprintf(params, sizeof(params), "{\"ProjectId\":\"1001\",%s}", more);
    enum err_code rc = harness_try(&h, version, action, params, &e);
    assert_int_not_equal(rc, E_STRANGER);
    if (ret)
        *ret = e;
    return rc != E_FORBIDDEN;
}

void check_may(const char *action, const char *more)
{
    struct err e;

    if (!may(API_2025, action, more, &e))
        fail_msg("%s %s: %s: %s", action, more, e.path, e.text);
}

void check_may_not(const char *action, const char *more, const char *path)
{
    struct err e;

    if (may(API_2025, action, more, &e))
        fail_msg("%s %s: it is not refused: %s", action, more, e.text);
    if (strcmp(e.path, path) != 0)
        fail_msg("%s %s: %s: %s", action, more, e.path, e.text);
    assert_non_null(strstr(e.text, "ProjectManager"));
    assert_non_null(strstr(e.text_zh, "ProjectManager"));
}
