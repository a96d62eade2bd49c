/* test/model/t_role.c - roles: ids, names and rights, as docs/reference/semantics.md 10 has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/role.h"

static void test_roles__rights(void **state)
{
    static const struct {
        const char *list, *rights; /* r d o m */
    } rows[] = {
        { "308335260274237440", "rdom" },
        { "308335260676890624", "rd" },
        { "308335260844662784", "ro" },
        { "308335260945326080", "r" },
        { "308335260676890624;308335260844662784", "rdo" },
        { "", "" },
        { "1", "" },
        { ";;308335260945326080;", "r" },
        { "3083352602742374400", "" },
    };
    static const char letters[] = "rdom";

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[RIGHT_N_ + 1] = "";
        size_t n = 0;
        for (int right = 0; right < RIGHT_N_; right++)
            if (rights_has(roles_rights(str_from(rows[i].list)), (enum right)right))
                text[n++] = letters[right];
        assert_string_equal(text, rows[i].rights);
    }
    assert_int_equal(roles_rights(str_from(ROLE_MANAGER->id)), RIGHTS_ALL);
}

static void test_roles__are_found_and_named(void **state)
{
    char text[128];

    (void)state;
    for (size_t i = 0; i < ROLES_N; i++) {
        assert_ptr_equal(role_find(str_from(roles[i].id)), &roles[i]);
        assert_true(roles[i].display_en[0] && roles[i].display_zh[0] && roles[i].text_en[0] &&
                    roles[i].text_zh[0]);
    }
    assert_null(role_find(STR("ProjectManager")));
    assert_null(role_find(STR("")));
    right_roles(RIGHT_MANAGE, text, sizeof(text));
    assert_string_equal(text, "ProjectManager");
    right_roles(RIGHT_READ, text, sizeof(text));
    assert_string_equal(text, "ProjectManager, DataEngineer, OperationEngineer, Visitor");
    right_roles(RIGHT_READ, text, 20); /* cut, not overrun */
    assert_string_equal(text, "ProjectManager, Dat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles__rights),
        cmocka_unit_test(test_roles__are_found_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
