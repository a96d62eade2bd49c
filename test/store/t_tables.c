/* test/store/t_tables.c - the descriptors agree with the rows, and the text operators mean what
 * they
 * say. */
#include "store_test.h"

#include <string.h>

static size_t size_of(enum column_type type)
{
    switch (type) {
    case COLUMN_TEXT:
        return sizeof(struct str);
    case COLUMN_I32:
        return sizeof(int32_t);
    case COLUMN_BOOL:
        return sizeof(bool);
    default:
        return sizeof(int64_t);
    }
}

static size_t align_up(size_t at, size_t size)
{
    size_t align = size > 8 ? 8 : size;
    return (at + align - 1) / align * align;
}

/* The enums are the field numbers: each column lies right behind the one before, and the last ends
 * the row. */
static void test_columns__follow_the_fields(void **state)
{
    (void)state;
    for (int i = 0; i < TABLE_N_; i++) {
        const struct table *t = tables[i];
        size_t at = 0;
        for (int j = 0; j < t->n_columns; j++) {
            const struct column *c = &t->columns[j];
            assert_non_null(c->name);
            assert_int_equal(c->offset, align_up(at, size_of(c->type)));
            at = c->offset + size_of(c->type);
        }
        assert_int_equal(t->row_size, align_up(at, 8));
        assert_true(t->row_size <= TABLE_ROW_MAX);
        assert_true(t->n_columns <= 64);
    }
}

static void check_list(const struct table *t, const struct column_list *l)
{
    assert_in_range(l->n, 1, COLUMN_LIST_MAX);
    for (int i = 0; i < l->n; i++) {
        assert_true(l->at[i] < t->n_columns);
        for (int j = 0; j < i; j++)
            assert_int_not_equal(l->at[i], l->at[j]);
    }
}

static void test_tables__are_well_formed(void **state)
{
    (void)state;
    for (int i = 0; i < TABLE_N_; i++) {
        const struct table *t = tables[i];
        assert_int_equal(t->number, i);
        check_list(t, &t->key);
        assert_in_range(t->n_indexes, 0, TABLE_INDEXES_MAX);
        bool unique = true;
        for (int j = 0; j < t->n_indexes; j++) {
            const struct table_index *x = &t->indexes[j];
            check_list(t, &x->columns);
            assert_true(unique || !x->unique); /* unique ones first */
            assert_false(x->unique && x->partial != PARTIAL_NONE);
            unique = x->unique;
        }
        for (int j = 0; j < i; j++)
            assert_string_not_equal(t->name, tables[j]->name);
    }
}

/* Spot checks by hand that the names follow the enums, for the rows most used. */
static void test_columns__have_their_names(void **state)
{
    (void)state;
    assert_string_equal(table_instance.columns[INSTANCE_DATA_TIME].name, "data_time");
    assert_string_equal(table_instance.columns[INSTANCE_REASON].name, "reason");
    assert_string_equal(table_instance.columns[INSTANCE_FENCE].name, "fence");
    assert_string_equal(table_task.columns[TASK_FOLDER_PATH_].name, "folder_path");
    assert_int_equal(table_task.columns[TASK_SUBMITTED].type, COLUMN_BOOL);
    assert_int_equal(table_schedule.columns[SCHEDULE_HIGH_WATER].type, COLUMN_CIVIL);
    assert_int_equal(table_schedule.columns[SCHEDULE_SETTLED_AT].type, COLUMN_WALL);
    assert_int_equal(table_attempt.columns[ATTEMPT_OUTCOME].type, COLUMN_I32);
}

static void test_text_operators__table(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text, *part;
        bool contains, has_item;
    } rows[] = {
        { __LINE__, "", "", true, false },
        { __LINE__, "", "a", false, false },
        { __LINE__, "abc", "", true, false },
        { __LINE__, "abc", "B", true, false },
        { __LINE__, "abc", "abcd", false, false },
        { __LINE__, "aab", "ab", true, false },
        { __LINE__, "a;b", "b", true, true },
        { __LINE__, "a;b", "B", true, false },
        { __LINE__, "a;b;", "", true, true },
        { __LINE__, "ab;c", "b", true, false },
        { __LINE__, "ab;c", "ab", true, true },
        { __LINE__, "\xc3\x84", "\xc3\xa4", false, false }, /* only ASCII case is ignored */
        { __LINE__, "100%", "%", true, false },
        { __LINE__, "100", "%", false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str text = str_from(rows[i].text);
        struct str part = str_from(rows[i].part);
        if (text_contains(text, part) != rows[i].contains)
            fail_msg("line %d: contains", rows[i].line);
        if (text_has_item(text, part) != rows[i].has_item)
            fail_msg("line %d: has item", rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns__follow_the_fields),
        cmocka_unit_test(test_tables__are_well_formed),
        cmocka_unit_test(test_columns__have_their_names),
        cmocka_unit_test(test_text_operators__table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
