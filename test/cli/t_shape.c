/* test/cli/t_shape.c - what objects of a project's files may have in them, and their normal form.
 */
#include "cli/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cli/definition.h"

static const struct shape inner[] = { { "Key", SHAPE_TEXT, true, true, NULL, 0, NULL },
                                      { "Size", SHAPE_NUMBER, false, false, NULL, 3, NULL },
                                      { NULL, SHAPE_TEXT, false, false, NULL, 0, NULL } };
static const struct shape shape[] = {
    { "Owner", SHAPE_TEXT, false, false, NULL, 0, NULL },
    { "Cycle", SHAPE_TEXT, false, true, "DAY", 0, NULL },
    { "Note", SHAPE_TEXT, false, false, "", 0, NULL },
    { "Count", SHAPE_NUMBER, false, false, NULL, 7, NULL },
    { "On", SHAPE_FLAG, false, true, NULL, 0, NULL },
    { "Dates", SHAPE_TEXTS, false, false, NULL, 0, NULL },
    { "Value", SHAPE_SETTING, false, false, NULL, 0, NULL },
    { "Block", SHAPE_OBJECT, false, false, NULL, 0, inner },
    { "List", SHAPE_LIST, false, false, NULL, 0, inner },
    { NULL, SHAPE_TEXT, false, false, NULL, 0, NULL },
};

static void test_check(void **state)
{
    static const struct {
        const char *json, *path, *text;
    } rows[] = {
        { "{\"Owner\":1}", "Owner", "it must be a text in quotes" },
        { "{\"Count\":\"7\"}", "Count", "it must be a whole number without quotes" },
        { "{\"On\":1}", "On", "it must be true or false" },
        { "{\"Dates\":[1]}", "Dates", "it must be a list of texts" },
        { "{\"Value\":7}", "Value", "it must be a text, or a list of objects" },
        { "{\"Block\":[]}", "Block", "it must be an object" },
        { "{\"Block\":{}}", "Block.Key", "it is missing" },
        { "{\"List\":{}}", "List", "it must be a list of objects" },
        { "{\"List\":[{\"Key\":\"a\"},{}]}", "List.1.Key", "it is missing" },
        { "{\"Cylce\":\"x\"}", "Cylce", "there is no such member here; did you mean Cycle?" },
        { "{\"Different\":\"x\"}", "Different", "there is no such member here" },
        { "[]", "", "it must be an object" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *value = json_loads(rows[i].json, 0, NULL);
        struct err e = ERR_INIT;
        assert_int_not_equal(shape_check(shape, value, &e), E_OK);
        assert_string_equal(e.path, rows[i].path);
        assert_string_equal(e.text, rows[i].text);
        assert_int_not_equal(shape_check(shape, value, NULL), E_OK);
        json_decref(value);
    }
}

/* value -> normal form, which is its own normal form. */
static void test_normal(void **state)
{
    static const struct {
        const char *json, *normal;
    } rows[] = {
        { "{}", "{\"Cycle\":\"DAY\",\"On\":false}" },
        { "{\"Other\":1,\"On\":true,\"Cycle\":\"\",\"Owner\":null,\"Note\":\"\",\"Count\":7}",
          "{\"Cycle\":\"DAY\",\"On\":true}" },
        { "{\"Count\":8,\"Note\":\"n\",\"Owner\":\"o\"}",
          "{\"Owner\":\"o\",\"Cycle\":\"DAY\",\"Note\":\"n\",\"Count\":8,\"On\":false}" },
        { "{\"List\":[{\"Size\":3,\"Key\":\"k\"},{\"Size\":4,\"Key\":\"\"}],\"Dates\":[],"
          "\"Block\":{}}",
          "{\"Cycle\":\"DAY\",\"On\":false,\"List\":[{\"Key\":\"k\"},{\"Key\":\"\",\"Size\":4}]}" },
        { "{\"Value\":[{\"any\":1}],\"Dates\":[\"a\"]}",
          "{\"Cycle\":\"DAY\",\"On\":false,\"Dates\":[\"a\"],\"Value\":[{\"any\":1}]}" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *value = json_loads(rows[i].json, 0, NULL);
        json_t *once = shape_normal(shape, value), *twice = shape_normal(shape, once);
        char *text = json_dumps(once, JSON_COMPACT);
        assert_string_equal(text, rows[i].normal);
        assert_true(json_equal(once, twice));
        free(text);
        json_decref(value);
        json_decref(once);
        json_decref(twice);
    }
}

static void test_inherit__only_what_has_no_default(void **state)
{
    json_t *own = json_loads("{\"Block\":{}}", 0, NULL);
    const char all[] = "{\"Owner\":\"o\",\"Note\":\"n\",\"Count\":1,\"Block\":{\"Key\":\"k\"}}";
    json_t *other = json_loads(all, 0, NULL);

    (void)state;
    shape_inherit(shape, own, other);
    char *text = json_dumps(own, JSON_COMPACT);
    assert_string_equal(text, "{\"Block\":{\"Key\":\"k\"},\"Owner\":\"o\"}");
    free(text);
    json_decref(own);
    json_decref(other);
}

/* What is not said stays; [] says something. */
static void test_inherit__what_is_kept(void **state)
{
    static const struct shape kept[] = {
        { "Number", SHAPE_NUMBER, false, false, NULL, 7, NULL, true },
        { "List", SHAPE_LIST, false, true, NULL, 0, inner, true },
        { "Other", SHAPE_LIST, false, true, NULL, 0, inner, true },
        { NULL, SHAPE_TEXT, false, false, NULL, 0, NULL },
    };
    const char all[] = "{\"Number\":1,\"List\":[{\"Key\":\"k\"}],\"Other\":[{\"Key\":\"k\"}]}";
    json_t *given = json_loads("{\"List\":[]}", 0, NULL), *other = json_loads(all, 0, NULL);
    json_t *own = shape_normal(kept, given);

    (void)state;
    shape_inherit(kept, own, other);
    char *text = json_dumps(own, JSON_COMPACT);
    assert_string_equal(text, "{\"List\":[],\"Number\":1,\"Other\":[{\"Key\":\"k\"}]}");
    free(text);
    json_decref(given);
    json_decref(own);
    json_decref(other);
}

static void test_definition__paths_lose_the_own_project(void **state)
{
    /* Code: cat /datastudio/resource/12/a /datastudio/resource/123/b */
    static const char given[] =
        "{\"CodeContent\":\"Y2F0IC9kYXRhc3R1ZGlvL3Jlc291cmNlLzEyL2EgL2RhdGFzdHVkaW8vcmVzb3VyY2Uv"
        "MTIzL2I=\",\"L\":[\"/datastudio/resource/12/x:/datastudio/resource/12/y\","
        "\"/datastudio/resource/12\"],\"O\":{\"T\":\"a/datastudio/resource/12/\"},\"N\":12}";
    static const char there[] =
        "{\"CodeContent\":\"Y2F0IC9kYXRhc3R1ZGlvL3Jlc291cmNlL1BST0pFQ1QvYSAvZGF0YXN0dWRpby9yZXNv"
        "dXJjZS8xMjMvYg==\",\"L\":[\"/datastudio/resource/PROJECT/x:/datastudio/resource/PROJECT/"
        "y\","
        "\"/datastudio/resource/12\"],\"O\":{\"T\":\"a/datastudio/resource/PROJECT/\"},\"N\":12}";
    json_t *value = json_loads(given, 0, NULL), *before = json_deep_copy(value),
           *expected = json_loads(there, 0, NULL);

    (void)state;
    definition_leave_project(value, "12");
    assert_true(json_equal(value, expected));
    definition_leave_project(value, "12"); /* what is so already stays so */
    assert_true(json_equal(value, expected));
    definition_take_project(value, "12");
    assert_true(json_equal(value, before));
    json_decref(value);
    json_decref(before);
    json_decref(expected);
}

static void test_definition__settings_open_and_close(void **state)
{
    static const char given[] =
        "{\"TaskConfiguration\":{\"TaskExtConfigurationList\":["
        "{\"ParamKey\":\"branchCondition\",\"ParamValue\":\"[{\\\"condition\\\":\\\"1\\\"}]\"},"
        "{\"ParamKey\":\"branchCondition\",\"ParamValue\":\"[7]\"},"
        "{\"ParamKey\":\"mergeCondition\",\"ParamValue\":\"not json\"},"
        "{\"ParamKey\":\"other\",\"ParamValue\":\"[{}]\"}]}}";
    json_t *task = json_loads(given, 0, NULL), *before = json_deep_copy(task), *list;

    (void)state;
    definition_open_settings(task);
    list = json_object_get(json_object_get(task, "TaskConfiguration"), "TaskExtConfigurationList");
    assert_true(json_is_array(json_object_get(json_array_get(list, 0), "ParamValue")));
    for (size_t i = 1; i < 4; i++)
        assert_true(json_is_string(json_object_get(json_array_get(list, i), "ParamValue")));
    definition_close_settings(task);
    assert_true(json_equal(task, before));
    json_decref(task);
    json_decref(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_inherit__only_what_has_no_default),
        cmocka_unit_test(test_inherit__what_is_kept),
        cmocka_unit_test(test_definition__paths_lose_the_own_project),
        cmocka_unit_test(test_definition__settings_open_and_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
