/* test/model/t_permission.c - permissions: names, order, and what roles come to
 * (docs/reference/semantics.md 10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/permission.h"

static void test_permission__of_roles(void **state)
{
    static const struct {
        const char *roles, *permission;
    } rows[] = {
        { "", NULL },
        { "1", NULL },
        { "308335260945326080", "CAN_VIEW" },
        { "308335260844662784", "CAN_RUN" },
        { "308335260676890624", "CAN_EDIT" },
        { "308335260844662784;308335260676890624", "CAN_EDIT" },
        { "308335260945326080;308335260844662784", "CAN_RUN" },
        { "308335260274237440", "CAN_MANAGE" },
        { "308335260945326080;308335260274237440", "CAN_MANAGE" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *name =
            permission_name(permission_of_rights(roles_rights(str_from(rows[i].roles))));
        if (rows[i].permission)
            assert_string_equal(name, rows[i].permission);
        else
            assert_null(name);
    }
    assert_int_equal(permission_of_rights(RIGHTS_ALL), PERMISSION_MANAGE);
}

static void test_permission__names(void **state)
{
    static const char *const names[] = { "CAN_VIEW", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE" };
    enum permission last = PERMISSION_NONE, p;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(permission_find(str_from(names[i]), &p));
        assert_true(p > last);
        assert_string_equal(permission_name(p), names[i]);
        last = p;
    }
    p = PERMISSION_N_;
    assert_false(permission_find(STR("can_manage"), &p));
    assert_false(permission_find(STR(""), &p));
    assert_false(permission_find(STR("CAN_MANAGE "), &p));
    assert_int_equal(p, PERMISSION_N_);
    assert_string_equal(permission_entity_names[ENTITY_FOLDER], "folder");
    assert_string_equal(permission_entity_names[ENTITY_WORKFLOW], "workflow");
    assert_string_equal(permission_target_names[TARGET_USER], "user");
    assert_string_equal(permission_target_names[TARGET_ROLE], "role");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permission__of_roles),
        cmocka_unit_test(test_permission__names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
