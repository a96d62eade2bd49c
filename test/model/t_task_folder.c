/* test/model/t_task_folder.c - categories of task types, and the folder in a task's document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/task_folder.h"

static void test_task_types__have_one_documented_category(void **state)
{
    static const struct {
        int type;
        const char *category;
    } rows[] = {
        { 26, "ETL" },
        { 34, "EMR" },
        { 36, "EMR" },
        { 32, "DLC" },
        { 46, "DLC" },
        { 138, "SETATS" },
        { 23, "TDSQL" },
        { 40, "TCHOUSE" },
        { 47, "TI_ONE" },
        { 35, "GENERAL" },
        { 30, "GENERAL" },
        { 130, "GENERAL" },
        { 140, "ACROSS_WORKFLOWS" },
        { 99999, "GENERAL" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(task_folder_type_of(rows[i].type), rows[i].category);
}

static void test_document__gets_another_folder_and_keeps_the_rest(void **state)
{
    struct arena a;
    struct str doc = STR("untouched");
    struct err e = ERR_INIT;

    (void)state;
    arena_init(&a);
    assert_int_equal(task_folder_doc(STR("{\"TaskBaseAttribute\":{\"TaskName\":\"t\","
                                         "\"TaskFolderPath\":\"/old\"},\"TaskConfiguration\":{}}"),
                                     STR("/新/x"), &a, &doc, &e),
                     E_OK);
    assert_true(str_eq_c(doc,
                         "{\"TaskBaseAttribute\":{\"TaskName\":\"t\",\"TaskFolderPath\":\"/新/x\"},"
                         "\"TaskConfiguration\":{}}"));
    static const char *const broken[] = { "", "{", "[]", "{}", "{\"TaskBaseAttribute\":1}" };
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        struct str before = doc;
        assert_int_equal(task_folder_doc(str_from(broken[i]), STR("/x"), &a, &doc, &e), E_CORRUPT);
        assert_true(doc.ptr == before.ptr);
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_task_types__have_one_documented_category),
        cmocka_unit_test(test_document__gets_another_folder_and_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
