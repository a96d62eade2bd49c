/* test/api/t_act_member.c - members of projects through the API: who is one from the start, added,
 * removed, roles given and taken, lists. */
#include "act_harness.h"

#include <string.h>

#include "model/role.h"

#define MANAGER "308335260274237440"
#define DEVELOPER "308335260676890624"
#define OPERATOR "308335260844662784"
#define VISITOR "308335260945326080"

static struct harness h;
static char id[32];

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    h.plain_key = true;
    h.uin = "500";
    harness_project(&h, "p", id);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    harness_done(&h);
    return 0;
}

static void as(const char *uin)
{
    h.uin = uin;
}

static void add(const char *uins, const char *role_ids)
{
    json_t *r = harness_okf(&h, API_2025, "CreateProjectMember",
                            "{\"ProjectId\":\"%s\",\"UserUins\":[%s],\"RoleIds\":[%s]}", id, uins,
                            role_ids);

    assert_int_equal(num_at(r, "Data.Status"), 1);
    json_decref(r);
}

static void change(const char *action, const char *uin, const char *role_ids)
{
    json_t *r = harness_okf(&h, API_2025, action,
                            "{\"ProjectId\":\"%s\",\"UserUin\":\"%s\",\"RoleIds\":[%s]}", id, uin,
                            role_ids);

    assert_int_equal(json_object_size(r), 0);
    json_decref(r);
}

static json_t *list(const char *more)
{
    return harness_okf(&h, API_2025, "ListProjectMembers", "{\"ProjectId\":\"%s\"%s}", id, more);
}

/* "uin:role,role uin:role" in the order of the list. */
static void check_members(const char *expected)
{
    json_t *r = list("");
    struct buf text;

    buf_init(&text, 4096);
    for (size_t i = 0; i < json_array_size(at(r, "Data.Items")); i++) {
        const json_t *m = json_array_get(at(r, "Data.Items"), i);
        buf_printf(&text, "%s%s:", i ? " " : "", str_at(m, "UserUin"));
        for (size_t k = 0; k < json_array_size(at(m, "Roles")); k++)
            buf_printf(&text, "%s%s", k ? "," : "",
                       str_at(json_array_get(at(m, "Roles"), k), "RoleName"));
    }
    assert_string_equal(text.ptr ? text.ptr : "", expected);
    buf_done(&text);
    json_decref(r);
}

static void test_creator__is_the_first_administrator(void **state)
{
    (void)state;
    check_members("500:ProjectManager");
    json_t *r = list("");
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.RootAccountId"), ROOT_UIN);
    assert_string_equal(str_at(r, "Data.Items.0.UserName"), "500");
    assert_string_equal(str_at(r, "Data.Items.0.DisplayName"), "500");
    assert_string_equal(str_at(r, "Data.Items.0.Roles.0.RoleId"), MANAGER);
    assert_int_equal(num_at(r, "Data.Items.0.IsCreator"), 1);
    assert_int_equal(num_at(r, "Data.Items.0.IsProjectOwner"), 1);
    assert_int_equal(strlen(str_at(r, "Data.Items.0.CreateTime")), 19);
    assert_true(json_is_null(at(r, "Data.Items.0.AppId")));
    assert_true(json_is_null(at(r, "Data.Items.0.PhoneNum")));
    assert_true(json_is_null(at(r, "Data.Items.0.Email")));
    json_decref(r);
    h.plain_key = false; /* a root key needs not be a member */
    as("501");
    check_members("500:ProjectManager");
}

static void test_owners__become_administrators_and_stay_so(void **state)
{
    (void)state;
    add("\"501\",\"502\"", "\"" VISITOR "\"");
    json_decref(harness_okf(&h, API_2025, "UpdateProject",
                            "{\"ProjectId\":\"%s\",\"ProjectOwnerUin\":\"501;503\"}", id));
    check_members("500:ProjectManager 501:ProjectManager,Visitor 502:Visitor 503:ProjectManager");
    harness_refusedf(&h, API_2025, "DeleteProjectMember", E_DENIED, "UserUins.1",
                     "{\"ProjectId\":\"%s\",\"UserUins\":[\"502\",\"501\"]}", id);
    harness_refusedf(&h, API_2025, "RemoveMemberProjectRole", E_DENIED, "UserUin",
                     "{\"ProjectId\":\"%s\",\"UserUin\":\"503\",\"RoleIds\":[\"" MANAGER "\"]}",
                     id);
    check_members("500:ProjectManager 501:ProjectManager,Visitor 502:Visitor 503:ProjectManager");
    change("RemoveMemberProjectRole", "501", "\"" VISITOR "\"");
    /* Who is no owner any more is a member like others, the creator too. */
    json_decref(harness_okf(&h, API_2025, "DeleteProjectMember",
                            "{\"ProjectId\":\"%s\",\"UserUins\":[\"500\"]}", id));
    as("501");
    check_members("501:ProjectManager 502:Visitor 503:ProjectManager");
}

static void test_add__refuses_by_path_and_adds_nothing_then(void **state)
{
    static const struct {
        const char *users, *roles, *path;
        enum err_code code;
    } rows[] = {
        { "", "\"" VISITOR "\"", "UserUins", E_REQUIRED },
        { "\"501\"", "", "RoleIds", E_REQUIRED },
        { "\"501\",\"5o2\"", "\"" VISITOR "\"", "UserUins.1", E_RANGE },
        { "\"\"", "\"" VISITOR "\"", "UserUins.0", E_RANGE },
        { "\"501\"", "\"" VISITOR "\",\"1\"", "RoleIds.1", E_MISSING },
        { "\"501\",\"500\"", "\"" VISITOR "\"", "UserUins.1", E_EXISTS },
        { "\"501\",\"501\"", "\"" VISITOR "\"", "UserUins.1", E_EXISTS },
        { "\"501\",\"123456789012345678901\"", "\"" VISITOR "\"", "UserUins.1", E_RANGE },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        harness_refusedf(&h, API_2025, "CreateProjectMember", rows[i].code, rows[i].path,
                         "{\"ProjectId\":\"%s\",\"UserUins\":[%s],\"RoleIds\":[%s]}", id,
                         rows[i].users, rows[i].roles);
    struct buf many;
    buf_init(&many, 1 << 16);
    for (int i = 0; i < 101; i++)
        buf_printf(&many, "%s\"%d\"", i ? "," : "", 1000 + i);
    harness_refusedf(&h, API_2025, "CreateProjectMember", E_LIMIT, "UserUins",
                     "{\"ProjectId\":\"%s\",\"UserUins\":[%s],\"RoleIds\":[\"" VISITOR "\"]}", id,
                     many.ptr);
    harness_refusedf(&h, API_2025, "CreateProjectMember", E_LIMIT, "RoleIds",
                     "{\"ProjectId\":\"%s\",\"UserUins\":[\"501\"],\"RoleIds\":[%s]}", id,
                     many.ptr);
    buf_done(&many);
    check_members("500:ProjectManager");
}

static void test_roles__are_given_and_taken(void **state)
{
    (void)state;
    add("\"501\"", "\"" OPERATOR "\",\"" DEVELOPER "\",\"" OPERATOR "\"");
    check_members("500:ProjectManager 501:DataEngineer,OperationEngineer");
    change("GrantMemberProjectRole", "501", "\"" VISITOR "\",\"" DEVELOPER "\"");
    check_members("500:ProjectManager 501:DataEngineer,OperationEngineer,Visitor");
    change("RemoveMemberProjectRole", "501", "\"" OPERATOR "\",\"" MANAGER "\"");
    check_members("500:ProjectManager 501:DataEngineer,Visitor");
    change("RemoveMemberProjectRole", "501", "\"" DEVELOPER "\",\"" VISITOR "\"");
    check_members("500:ProjectManager 501:");
    for (int i = 0; i < 2; i++) {
        const char *action = i == 0 ? "GrantMemberProjectRole" : "RemoveMemberProjectRole";
        harness_refusedf(&h, API_2025, action, E_MISSING, "UserUin",
                         "{\"ProjectId\":\"%s\",\"UserUin\":\"502\",\"RoleIds\":[\"" VISITOR "\"]}",
                         id);
        harness_refusedf(&h, API_2025, action, E_MISSING, "RoleIds.0",
                         "{\"ProjectId\":\"%s\",\"UserUin\":\"501\",\"RoleIds\":[\"x\"]}", id);
        harness_refusedf(&h, API_2025, action, E_REQUIRED, "RoleIds",
                         "{\"ProjectId\":\"%s\",\"UserUin\":\"501\",\"RoleIds\":[]}", id);
    }
    harness_refusedf(&h, API_2025, "DeleteProjectMember", E_MISSING, "UserUins.0",
                     "{\"ProjectId\":\"%s\",\"UserUins\":[\"502\"]}", id);
}

/* A change holds for the next call. */
static void test_rights__hold_at_once(void **state)
{
    struct err e = ERR_INIT;
    char folder[128], members[64];

    (void)state;
    snprintf(folder, sizeof(folder),
             "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"FolderName\":\"f\"}", id);
    snprintf(members, sizeof(members), "{\"ProjectId\":\"%s\"}", id);
    as("501");
    harness_refused(&h, API_2025, "CreateWorkflowFolder", folder, E_STRANGER, "ProjectId");
    as("500");
    add("\"501\"", "\"" VISITOR "\"");
    as("501");
    harness_refused(&h, API_2025, "CreateWorkflowFolder", folder, E_FORBIDDEN, "ProjectId");
    json_decref(harness_ok(&h, API_2025, "ListProjectMembers", members));
    as("500");
    change("GrantMemberProjectRole", "501", "\"" DEVELOPER "\"");
    as("501");
    json_decref(harness_ok(&h, API_2025, "CreateWorkflowFolder", folder));
    assert_int_equal(harness_err(&h, API_2025, "DeleteProject", members, &e), E_FORBIDDEN);
    as("500");
    json_decref(harness_okf(&h, API_2025, "DeleteProjectMember",
                            "{\"ProjectId\":\"%s\",\"UserUins\":[\"501\"]}", id));
    as("501");
    harness_refused(&h, API_2025, "ListProjectMembers", members, E_STRANGER, "ProjectId");
    json_t *r = harness_ok(&h, API_2025, "ListProjects", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 0);
    json_decref(r);
    as("500");
    r = harness_ok(&h, API_2025, "ListProjects", "{}");
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    json_decref(r);
    /* The members go with the project. */
    json_decref(harness_ok(&h, API_2025, "DeleteProject", members));
    harness_refused(&h, API_2025, "ListProjectMembers", members, E_STRANGER, "ProjectId");
}

static void remove_501(struct harness *now)
{
    const char *caller = now->uin;

    now->uin = "500";
    json_decref(harness_okf(now, API_2025, "DeleteProjectMember",
                            "{\"ProjectId\":\"%s\",\"UserUins\":[\"501\"]}", id));
    now->uin = caller;
}

/* Who is removed while a call is on its way does not get through: what counts is the snapshot or
 * the transaction that the call acts in. */
static void test_rights__are_those_of_the_moment_of_the_act(void **state)
{
    static const struct {
        const char *action, *more;
    } rows[] = {
        { "CreateWorkflowFolder", ",\"ParentFolderPath\":\"/\",\"FolderName\":\"f\"" },
        { "ListProjectMembers", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        as("500");
        add("\"501\"", "\"" MANAGER "\"");
        as("501");
        h.meanwhile = remove_501;
        harness_refusedf(&h, API_2025, rows[i].action, E_STRANGER, "ProjectId",
                         "{\"ProjectId\":\"%s\"%s}", id, rows[i].more);
    }
}

static void test_lists__are_filtered_and_paged(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        char uin[16];
        h.now = wall_add(h.now, DUR_S(1));
        snprintf(uin, sizeof(uin), "\"6%02d\"", i);
        add(uin, "\"" VISITOR "\"");
    }
    json_t *r = list(",\"PageNumber\":2");
    assert_int_equal(num_at(r, "Data.TotalCount"), 13);
    assert_int_equal(num_at(r, "Data.TotalPageNumber"), 2);
    assert_int_equal(json_array_size(at(r, "Data.Items")), 3);
    assert_string_equal(str_at(r, "Data.Items.0.UserUin"), "609");
    assert_int_equal(num_at(r, "Data.Items.0.IsCreator"), 0);
    json_decref(r);
    r = list(",\"UserUin\":\"60\",\"UserName\":\"7\"");
    assert_int_equal(num_at(r, "Data.TotalCount"), 1);
    assert_string_equal(str_at(r, "Data.Items.0.UserUin"), "607");
    json_decref(r);
    r = list(",\"PageNumber\":9");
    assert_int_equal(json_array_size(at(r, "Data.Items")), 0);
    json_decref(r);
}

static void test_roles__are_listed(void **state)
{
    static const struct {
        const char *more;
        int total, shown;
        const char *first;
    } rows[] = {
        { "", 4, 4, MANAGER },
        { ",\"RoleDisplayName\":\"工程师\"", 2, 2, DEVELOPER },
        { ",\"RoleDisplayName\":\"member\"", 1, 1, VISITOR },
        { ",\"PageSize\":3,\"PageNumber\":2", 4, 1, VISITOR },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *r = harness_okf(&h, API_2025, "ListProjectRoles", "{\"ProjectId\":\"%s\"%s}", id,
                                rows[i].more);
        assert_int_equal(num_at(r, "Data.TotalCount"), rows[i].total);
        assert_int_equal(json_array_size(at(r, "Data.Items")), rows[i].shown);
        assert_string_equal(str_at(r, "Data.Items.0.RoleId"), rows[i].first);
        json_decref(r);
    }
    h.lang = LANG_ZH;
    json_t *r = harness_okf(&h, API_2025, "ListProjectRoles", "{\"ProjectId\":\"%s\"}", id);
    assert_string_equal(str_at(r, "Data.Items.0.RoleDisplayName"), "项目管理员");
    json_decref(r);
    h.lang = LANG_EN;
    as("999");
    r = harness_ok(&h, API_2025, "ListTenantRoles", "{}");
    assert_int_equal(json_array_size(at(r, "Data")), 2);
    assert_string_equal(str_at(r, "Data.0.RoleName"), "Root");
    json_decref(r);
    r = harness_ok(&h, API_2025, "ListTenantRoles", "{\"RoleDisplayName\":\"密钥\"}");
    assert_int_equal(json_array_size(at(r, "Data")), 1);
    json_decref(r);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_creator__is_the_first_administrator),
        T(test_owners__become_administrators_and_stay_so),
        T(test_add__refuses_by_path_and_adds_nothing_then),
        T(test_roles__are_given_and_taken),
        T(test_rights__hold_at_once),
        T(test_rights__are_those_of_the_moment_of_the_act),
        T(test_lists__are_filtered_and_paged),
        T(test_roles__are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
