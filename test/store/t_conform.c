/* test/store/t_conform.c - what store.h promises, asked of every back end. */
#include "store_test.h"

#include <stdio.h>
#include <string.h>

/* One store per test. */
struct bed {
    bool in_memory;
    struct place place;
    struct store *s;
    struct arena a;
};

static int set_up(void **state, bool in_memory)
{
    struct bed *b = NEW(struct bed);
    b->in_memory = in_memory;
    if (!in_memory)
        place_init(&b->place);
    b->s = open_ok(in_memory ? "memory:" : b->place.db);
    arena_init(&b->a);
    *state = b;
    return 0;
}

static int set_up_memory(void **state)
{
    return set_up(state, true);
}

static int set_up_sqlite(void **state)
{
    return set_up(state, false);
}

static int tear_down(void **state)
{
    struct bed *b = *state;
    store_close(b->s);
    if (!b->in_memory)
        place_done(&b->place);
    arena_done(&b->a);
    mem_free(b);
    return 0;
}

static struct project_row project(const char *id, const char *name)
{
    return (struct project_row){ .id = str_from(id),
                                 .name = str_from(name),
                                 .status = 1,
                                 .created_at = { 5 },
                                 .doc = STR("{}") };
}

static struct instance_row instance(int64_t task_id, int64_t data_time, int32_t state)
{
    return (struct instance_row){ .task_id = task_id,
                                  .data_time = { data_time },
                                  .state = state,
                                  .project_id = STR("p"),
                                  .fire_at = { 1000 + data_time },
                                  .task_name = STR("t") };
}

static void begin(struct bed *b)
{
    assert_ok(store_begin(b->s, &e_));
}

static void commit(struct bed *b)
{
    assert_ok(store_commit(b->s, &e_));
}

static void insert(struct bed *b, const struct table *t, const void *row)
{
    assert_ok(row_insert(b->s, t, row, NULL, &e_));
}

static int64_t count(struct view *v, const struct table *t)
{
    struct query q;
    query_init(&q, t);
    int64_t n = -1;
    assert_ok(query_count(v, &q, &n, &e_));
    return n;
}

static bool has_project(struct bed *b, struct view *v, const char *id)
{
    struct project_row row = { .id = str_from(id) };
    enum err_code rc = row_get(v, &table_project, &b->a, &row, NULL);
    assert_true(rc == E_OK || rc == E_MISSING);
    return rc == E_OK;
}

/* Rows. */

static void test_get__gives_back_every_column(void **state)
{
    struct bed *b = *state;
    struct prng p;
    prng_init(&p, 7);
    begin(b);
    for (int i = 0; i < TABLE_N_; i++) {
        const struct table *t = tables[i];
        _Alignas(max_align_t) char row[TABLE_ROW_MAX], got[TABLE_ROW_MAX];
        random_row(&p, t, row);
        for (int j = 0; j < t->key.n; j++) {
            if (t->columns[t->key.at[j]].type == COLUMN_TEXT)
                column_set_text(&t->columns[t->key.at[j]], row, STR("k"));
        }
        insert(b, t, row);
        memset(got, 0, sizeof(got));
        for (int j = 0; j < t->key.n; j++) {
            const struct column *c = &t->columns[t->key.at[j]];
            memcpy(got + c->offset, row + c->offset,
                   c->type == COLUMN_TEXT   ? sizeof(struct str)
                   : c->type == COLUMN_BOOL ? 1
                                            : 8);
        }
        assert_ok(row_get(store_view(b->s), t, &b->a, got, &e_));
        assert_true(rows_equal(t, row, got));
    }
    commit(b);
}

static void test_values__keep_their_extremes(void **state)
{
    struct bed *b = *state;
    char zeros[] = "a\0b";
    struct instance_row row = instance(INT64_MIN, INT64_MAX, 0);
    row.priority = INT32_MIN;
    row.fire_at = WALL_FAR;
    row.flags = INT32_MAX;
    row.reason = str_make(zeros, 3);
    row.phases = str_make(NULL, 0);
    begin(b);
    insert(b, &table_instance, &row);
    struct instance_row got = { .task_id = INT64_MIN, .data_time = { INT64_MAX } };
    assert_ok(row_get(store_view(b->s), &table_instance, &b->a, &got, &e_));
    assert_true(rows_equal(&table_instance, &row, &got));
    assert_int_equal(got.reason.len, 3);
    commit(b);
}

/* Each column alone, the first with the last, and all: more sets than statements are kept for. */
static void test_get_columns__sets_these_only(void **state)
{
    struct bed *b = *state;
    const struct table *t = &table_instance;
    struct instance_row row = instance(7, 86400, 3), other = instance(7, 86400, 4);
    begin(b);
    row.reason = STR("why");
    row.phases = STR("phases");
    row.started_at.us = 11;
    other.reason = STR("other");
    insert(b, t, &row);
    for (int i = 0; i <= t->n_columns; i++) {
        uint64_t columns = i < t->n_columns ? COL(i) | COL(t->n_columns - 1 - i) : table_columns(t);
        struct instance_row got = other, expected = other;
        assert_ok(row_get_columns(store_view(b->s), t, columns, &b->a, &got, &e_));
        row_take(t, columns, &b->a, &expected, &row);
        assert_true(rows_equal(t, &expected, &got));
    }
    other.data_time.s++;
    struct instance_row got = other;
    assert_rc(row_get_columns(store_view(b->s), t, COL(INSTANCE_STATE), &b->a, &got, NULL),
              E_MISSING);
    assert_true(rows_equal(t, &other, &got));
    commit(b);
    struct view *v;
    assert_ok(reader_open(b->s, &v, &e_));
    assert_rc(row_get_columns(v, t, COL(INSTANCE_STATE), &b->a, &got, NULL), E_CONFLICT);
    reader_close(v);
}

static void test_query__without_a_column(void **state)
{
    struct bed *b = *state;
    struct version_row row = {
        .task_id = 7, .num = 1, .id = STR("7_1"), .remark = STR("why"), .doc = STR("long")
    };
    struct query q;
    void *rows;
    size_t n;
    begin(b);
    insert(b, &table_version, &row);
    row.num = 2;
    row.id = STR("7_2");
    insert(b, &table_version, &row);
    query_init(&q, &table_version);
    query_text(&q, VERSION_DOC, QUERY_EQ, STR("long")); /* also one that is asked about */
    query_order(&q, VERSION_REMARK, true);
    for (int without = 0; without < 3; without++) {
        if (without == 1)
            query_without(&q, VERSION_DOC);
        if (without == 2)
            query_without(&q, VERSION_REMARK);
        assert_ok(query_rows(store_view(b->s), &q, &b->a, &rows, &n, &e_));
        assert_int_equal(n, 2);
        const struct version_row *got = rows;
        assert_true(got[0].num == 2 && str_eq_c(got[0].id, "7_2") && got[1].num == 1);
        assert_true(str_eq_c(got[1].doc, without >= 1 ? "" : "long"));
        assert_true(str_eq_c(got[1].remark, without == 2 ? "" : "why"));
    }
    int64_t deleted;
    assert_ok(query_delete(b->s, &q, &deleted, &e_));
    assert_int_equal(deleted, 2);
    commit(b);
}

static void test_get__missing_leaves_the_row(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("1", "n");
    row.status = 77;
    struct err e = ERR_INIT;
    assert_rc(row_get(store_view(b->s), &table_project, &b->a, &row, &e), E_MISSING);
    assert_int_equal(e.code, E_MISSING);
    assert_int_equal(row.status, 77);
    assert_rc(row_get_by(store_view(b->s), &table_project, 0, &b->a, &row, NULL), E_MISSING);
    assert_int_equal(row.status, 77);
}

static void test_get_by__finds_by_unique_index(void **state)
{
    struct bed *b = *state;
    struct task_row t1 = { .id = 10, .project_id = STR("p"), .name = STR("x") };
    struct task_row t2 = { .id = 11, .project_id = STR("q"), .name = STR("x") };
    begin(b);
    insert(b, &table_task, &t1);
    insert(b, &table_task, &t2);
    commit(b);
    struct task_row got = { .project_id = STR("q"), .name = STR("x") };
    assert_ok(row_get_by(store_view(b->s), &table_task, 0, &b->a, &got, &e_));
    assert_int_equal(got.id, 11);
}

static void test_insert__says_what_is_taken(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("1", "one");
    begin(b);
    insert(b, &table_project, &row);
    int index = 9;
    struct err e = ERR_INIT;
    struct project_row same_key = project("1", "two");
    assert_rc(row_insert(b->s, &table_project, &same_key, &index, &e), E_EXISTS);
    assert_int_equal(index, -1);
    assert_int_equal(e.code, E_EXISTS);
    struct project_row same_name = project("2", "one");
    assert_rc(row_insert(b->s, &table_project, &same_name, &index, NULL), E_EXISTS);
    assert_int_equal(index, 0);
    assert_rc(row_insert(b->s, &table_project, &row, NULL, NULL), E_EXISTS);
    index = 9;
    struct project_row other = project("2", "two");
    assert_ok(row_insert(b->s, &table_project, &other, &index, &e_));
    assert_int_equal(index, 9);
    commit(b);
    assert_int_equal(count(store_view(b->s), &table_project), 2);
}

static void test_update__sets_only_the_mask(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("1", "one");
    row.description = STR("old");
    begin(b);
    insert(b, &table_project, &row);
    struct project_row change = project("1", "ignored");
    change.description = STR("new");
    change.status = 0;
    assert_ok(row_update(b->s, &table_project, &change,
                         COL(PROJECT_ID) | COL(PROJECT_DESCRIPTION) | COL(PROJECT_STATUS), &e_));
    struct project_row got = { .id = STR("1") };
    assert_ok(row_get(store_view(b->s), &table_project, &b->a, &got, &e_));
    assert_true(str_eq(got.name, STR("one")));
    assert_true(str_eq(got.description, STR("new")));
    assert_int_equal(got.status, 0);
    commit(b);
}

static void test_update__errors(void **state)
{
    struct bed *b = *state;
    struct project_row one = project("1", "one");
    struct project_row two = project("2", "two");
    begin(b);
    insert(b, &table_project, &one);
    insert(b, &table_project, &two);
    struct project_row change = project("3", "three");
    assert_rc(row_update(b->s, &table_project, &change, COL(PROJECT_NAME), NULL), E_MISSING);
    change = project("2", "one");
    assert_rc(row_update(b->s, &table_project, &change, COL(PROJECT_NAME), NULL), E_EXISTS);
    change = project("2", "two"); /* its own name is no conflict */
    assert_ok(row_update(b->s, &table_project, &change, COL(PROJECT_NAME), &e_));
    commit(b);
    struct project_row got = { .id = STR("2") };
    assert_ok(row_get(store_view(b->s), &table_project, &b->a, &got, &e_));
    assert_true(str_eq(got.name, STR("two")));
}

/* More sets of columns than the SQLite back end keeps prepared, twice round. */
static void test_update__any_set_of_columns(void **state)
{
    struct bed *b = *state;
    struct instance_row row = instance(1, 1, 0);
    begin(b);
    insert(b, &table_instance, &row);
    for (int i = 0; i < 2 * INSTANCE_N_; i++) {
        int column = i % INSTANCE_N_;
        const struct column *c = &table_instance.columns[column];
        if (column_list_has(&table_instance.key, column))
            continue;
        if (c->type == COLUMN_TEXT)
            column_set_text(c, &row, i < INSTANCE_N_ ? STR("x") : STR("yy"));
        else
            column_set_number(c, &row, c->n_values > 0 ? c->first + i % c->n_values : 100 + i);
        assert_ok(row_update(b->s, &table_instance, &row, COL(column), &e_));
    }
    struct instance_row got = { .task_id = 1, .data_time = { 1 } };
    assert_ok(row_get(store_view(b->s), &table_instance, &b->a, &got, &e_));
    assert_true(rows_equal(&table_instance, &row, &got));
    commit(b);
}

static void test_put__inserts_or_replaces(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("1", "one");
    begin(b);
    assert_ok(row_put(b->s, &table_project, &row, &e_));
    row.name = STR("uno");
    row.doc = STR("[]");
    assert_ok(row_put(b->s, &table_project, &row, &e_));
    struct project_row got = { .id = STR("1") };
    assert_ok(row_get(store_view(b->s), &table_project, &b->a, &got, &e_));
    assert_true(rows_equal(&table_project, &row, &got));
    struct project_row clash = project("2", "uno");
    assert_rc(row_put(b->s, &table_project, &clash, NULL), E_EXISTS);
    struct edge_row edge = { 1, true, 2 }; /* nothing but key */
    assert_ok(row_put(b->s, &table_edge, &edge, &e_));
    assert_ok(row_put(b->s, &table_edge, &edge, &e_));
    commit(b);
    assert_int_equal(count(store_view(b->s), &table_project), 1);
    assert_int_equal(count(store_view(b->s), &table_edge), 1);
}

static void test_delete__by_key(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("1", "one");
    begin(b);
    insert(b, &table_project, &row);
    assert_ok(row_delete(b->s, &table_project, &row, &e_));
    assert_rc(row_delete(b->s, &table_project, &row, NULL), E_MISSING);
    insert(b, &table_project, &row); /* key and name are free again */
    commit(b);
}

static void test_key__must_be_set(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("", "one");
    begin(b);
    assert_rc(row_insert(b->s, &table_project, &row, NULL, NULL), E_REQUIRED);
    assert_rc(row_put(b->s, &table_project, &row, NULL), E_REQUIRED);
    assert_rc(row_update(b->s, &table_project, &row, COL(PROJECT_NAME), NULL), E_REQUIRED);
    assert_rc(row_delete(b->s, &table_project, &row, NULL), E_REQUIRED);
    commit(b);
}

/* Transactions. */

static void test_transactions__must_be_open(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("1", "one");
    struct query q;
    uint64_t fence = 0;
    query_init(&q, &table_project);
    assert_rc(row_insert(b->s, &table_project, &row, NULL, NULL), E_CONFLICT);
    assert_rc(row_put(b->s, &table_project, &row, NULL), E_CONFLICT);
    assert_rc(row_update(b->s, &table_project, &row, COL(PROJECT_NAME), NULL), E_CONFLICT);
    assert_rc(row_delete(b->s, &table_project, &row, NULL), E_CONFLICT);
    assert_rc(query_delete(b->s, &q, NULL, NULL), E_CONFLICT);
    assert_rc(store_next_fence(b->s, &fence, NULL), E_CONFLICT);
    assert_rc(store_commit(b->s, NULL), E_CONFLICT);
    assert_rc(store_savepoint(b->s, NULL), E_CONFLICT);
    assert_rc(store_release(b->s, NULL), E_CONFLICT);
    store_rollback(b->s);
    store_revert(b->s);
    begin(b);
    assert_rc(store_begin(b->s, NULL), E_CONFLICT);
    assert_rc(store_release(b->s, NULL), E_CONFLICT);
    assert_ok(store_savepoint(b->s, &e_));
    assert_rc(store_savepoint(b->s, NULL), E_CONFLICT);
    insert(b, &table_project, &row);
    commit(b); /* a savepoint left open is kept */
    assert_true(has_project(b, store_view(b->s), "1"));
}

static void test_rollback__undoes_everything(void **state)
{
    struct bed *b = *state;
    struct project_row one = project("1", "one");
    struct project_row two = project("2", "two");
    begin(b);
    insert(b, &table_project, &one);
    commit(b);
    begin(b);
    insert(b, &table_project, &two);
    assert_ok(row_delete(b->s, &table_project, &one, &e_));
    assert_true(has_project(b, store_view(b->s), "2")); /* its own changes are seen */
    store_rollback(b->s);
    assert_true(has_project(b, store_view(b->s), "1"));
    assert_false(has_project(b, store_view(b->s), "2"));
}

static void test_savepoint__reverts_to_itself_only(void **state)
{
    struct bed *b = *state;
    struct project_row rows[] = { project("1", "a"), project("2", "b"), project("3", "c"),
                                  project("4", "d") };
    begin(b);
    insert(b, &table_project, &rows[0]);
    assert_ok(store_savepoint(b->s, &e_));
    insert(b, &table_project, &rows[1]);
    assert_ok(row_delete(b->s, &table_project, &rows[0], &e_));
    store_revert(b->s);
    assert_true(has_project(b, store_view(b->s), "1"));
    assert_false(has_project(b, store_view(b->s), "2"));
    assert_ok(store_savepoint(b->s, &e_));
    insert(b, &table_project, &rows[2]);
    assert_ok(store_release(b->s, &e_));
    assert_ok(store_savepoint(b->s, &e_));
    insert(b, &table_project, &rows[3]);
    store_revert(b->s);
    commit(b);
    assert_true(has_project(b, store_view(b->s), "1"));
    assert_true(has_project(b, store_view(b->s), "3"));
    assert_int_equal(count(store_view(b->s), &table_project), 2);
}

/* A failed change inside a savepoint does not harm what came before. */
static void test_savepoint__after_a_conflict(void **state)
{
    struct bed *b = *state;
    struct project_row one = project("1", "one");
    begin(b);
    insert(b, &table_project, &one);
    assert_ok(store_savepoint(b->s, &e_));
    assert_rc(row_insert(b->s, &table_project, &one, NULL, NULL), E_EXISTS);
    store_revert(b->s);
    commit(b);
    assert_true(has_project(b, store_view(b->s), "1"));
}

/* Readers. */

static void test_reader__is_a_snapshot(void **state)
{
    struct bed *b = *state;
    struct project_row one = project("1", "one");
    struct project_row two = project("2", "two");
    struct view *v = NULL;
    assert_ok(reader_open(b->s, &v, &e_));
    assert_rc(row_get(v, &table_project, &b->a, &one, NULL), E_CONFLICT); /* no snapshot */
    begin(b);
    insert(b, &table_project, &one);
    assert_ok(reader_begin(v, &e_));
    assert_rc(reader_begin(v, NULL), E_CONFLICT);
    assert_false(has_project(b, v, "1")); /* not committed */
    commit(b);
    assert_false(has_project(b, v, "1")); /* after its begin */
    begin(b);                             /* it blocks nobody */
    insert(b, &table_project, &two);
    commit(b);
    reader_end(v);
    assert_ok(reader_begin(v, &e_));
    assert_true(has_project(b, v, "1"));
    begin(b);
    assert_ok(row_delete(b->s, &table_project, &one, &e_));
    commit(b);
    assert_true(has_project(b, v, "1"));
    assert_int_equal(count(v, &table_project), 2);
    assert_int_equal(count(store_view(b->s), &table_project), 1);
    reader_close(v);
}

/* Queries. */

struct ids {
    int64_t at[64];
    int n, stop_after;
};

static bool take_task(void *ctx, const void *row)
{
    struct ids *ids = ctx;
    ids->at[ids->n++] = ((const struct instance_row *)row)->task_id;
    return ids->n != ids->stop_after;
}

/* Instances 1..9: task i, data time 10 * i, state i % 3, names as given. */
static void fill_instances(struct bed *b)
{
    static const char *const names[] = { "",       "Load",   "load",
                                         "loader", "x;load", "load;x",
                                         "a_b",    "a%b",    "\xe4\xb8\xad\xe6\x96\x87",
                                         "LOAD2" };
    begin(b);
    for (int i = 1; i <= 9; i++) {
        struct instance_row row = instance(i, 10 * i, i % 3);
        row.task_name = str_from(names[i]);
        row.plan_id = i == 4 ? STR("plan") : STR("");
        insert(b, &table_instance, &row);
    }
    commit(b);
}

static void assert_ids(struct bed *b, struct query *q, const char *expected)
{
    struct ids ids = { 0 };
    assert_ok(query_run(store_view(b->s), q, take_task, &ids, &e_));
    char text[256] = "";
    for (int i = 0; i < ids.n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%lld", i ? " " : "",
                 (long long)ids.at[i]);
    assert_string_equal(text, expected);
}

static void test_query__number_operators(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    static const struct {
        enum query_op op;
        const char *expected;
    } rows[] = {
        { QUERY_EQ, "5" },         { QUERY_NE, "1 2 3 4 6 7 8 9" }, { QUERY_LT, "1 2 3 4" },
        { QUERY_LE, "1 2 3 4 5" }, { QUERY_GT, "6 7 8 9" },         { QUERY_GE, "5 6 7 8 9" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct query q;
        query_init(&q, &table_instance);
        query_number(&q, INSTANCE_DATA_TIME, rows[i].op, 50);
        assert_ids(b, &q, rows[i].expected);
        int64_t n = 0;
        assert_ok(query_count(store_view(b->s), &q, &n, &e_));
        assert_int_equal(n, (int64_t)(strlen(rows[i].expected) + 1) / 2);
    }
}

static void test_query__text_operators(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    static const struct {
        enum query_op op;
        const char *text, *expected;
    } rows[] = {
        { QUERY_EQ, "load", "2" },
        { QUERY_NE, "load", "1 3 4 5 6 7 8 9" },
        { QUERY_LT, "a", "1 9" },
        { QUERY_GE, "x", "4 8" },
        { QUERY_CONTAINS, "LOAD", "1 2 3 4 5 9" },
        { QUERY_CONTAINS, "%", "7" },
        { QUERY_CONTAINS, "_", "6" },
        { QUERY_CONTAINS, "\xe6\x96\x87", "8" },
        { QUERY_PREFIX, "load", "2 3 5" },
        { QUERY_PREFIX, "", "1 2 3 4 5 6 7 8 9" },
        { QUERY_HAS_ITEM, "load", "2 4 5" },
        { QUERY_HAS_ITEM, "x", "4 5" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct query q;
        query_init(&q, &table_instance);
        query_text(&q, INSTANCE_TASK_NAME, rows[i].op, str_from(rows[i].text));
        assert_ids(b, &q, rows[i].expected);
    }
}

static void test_query__lists(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    int64_t numbers[QUERY_IN_MAX + 1] = { 7, 3, 99, 3, 1 };
    struct query q;
    query_init(&q, &table_instance);
    query_numbers(&q, INSTANCE_TASK_ID, numbers, 5);
    assert_ids(b, &q, "1 3 7");
    query_init(&q, &table_instance);
    query_numbers(&q, INSTANCE_TASK_ID, numbers, 0);
    assert_ids(b, &q, "");
    struct str texts[] = { STR("load"), STR("nobody"), STR("a_b") };
    query_init(&q, &table_instance);
    query_texts(&q, INSTANCE_TASK_NAME, texts, 3);
    assert_ids(b, &q, "2 6");
    for (int i = 5; i < QUERY_IN_MAX; i++)
        numbers[i] = 1000 + i;
    query_init(&q, &table_instance);
    query_numbers(&q, INSTANCE_TASK_ID, numbers, QUERY_IN_MAX);
    assert_ids(b, &q, "1 3 7");
    query_init(&q, &table_instance);
    query_numbers(&q, INSTANCE_TASK_ID, numbers, QUERY_IN_MAX + 1);
    struct ids ids = { 0 };
    assert_rc(query_run(store_view(b->s), &q, take_task, &ids, NULL), E_LIMIT);
}

static void test_query__order_and_page(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    struct query q;
    query_init(&q, &table_instance);
    query_order(&q, INSTANCE_STATE, false);
    assert_ids(b, &q, "3 6 9 1 4 7 2 5 8");
    query_init(&q, &table_instance);
    query_order(&q, INSTANCE_STATE, true); /* the key follows the direction */
    assert_ids(b, &q, "8 5 2 7 4 1 9 6 3");
    query_init(&q, &table_instance);
    query_order(&q, INSTANCE_STATE, true);
    query_order(&q, INSTANCE_FIRE_AT, false);
    assert_ids(b, &q, "2 5 8 1 4 7 3 6 9");
    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PROJECT_ID, QUERY_EQ, STR("p"));
    query_order(&q, INSTANCE_FIRE_AT, true);
    q.limit = 3;
    assert_ids(b, &q, "9 8 7");
    q.offset = 7;
    assert_ids(b, &q, "2 1");
    q.limit = 0;
    q.offset = 8;
    assert_ids(b, &q, "1");
    q.offset = 9;
    assert_ids(b, &q, "");
    int64_t n = 0;
    assert_ok(query_count(store_view(b->s), &q, &n, &e_));
    assert_int_equal(n, 9);
}

static void test_query__partial_indexes(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    begin(b);
    struct instance_row row = instance(9, 90, 5); /* leaves the index of the open ones */
    assert_ok(row_update(b->s, &table_instance, &row, COL(INSTANCE_STATE), &e_));
    row = instance(8, 80, 0);
    row.plan_id = STR("plan"); /* enters the index of plans */
    assert_ok(row_update(b->s, &table_instance, &row, COL(INSTANCE_PLAN_ID), &e_));
    commit(b);
    struct query q;
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_STATE, QUERY_LE, 4);
    assert_ids(b, &q, "1 2 3 4 5 6 7 8");
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_STATE, QUERY_LE, 5); /* more than the index holds */
    assert_ids(b, &q, "1 2 3 4 5 6 7 8 9");
    int64_t states[] = { 0, 1 };
    query_init(&q, &table_instance);
    query_numbers(&q, INSTANCE_STATE, states, 2);
    assert_ids(b, &q, "1 3 4 6 7");
    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, STR("plan"));
    assert_ids(b, &q, "4 8");
    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, STR(""));
    assert_ids(b, &q, "1 2 3 5 6 7 9");
}

/* Ranges on narrow columns of a key, with ends that such a column cannot hold. */
static void test_query__ends_out_of_range(void **state)
{
    struct bed *b = *state;
    const int64_t big = INT64_C(1) << 32;
    static const struct str ids[] = { STR("a"), STR("b"), STR("c") };
    begin(b);
    for (int i = 0; i < 3; i++) {
        struct version_row version = { .task_id = 1, .num = 5 * (i - 1), .id = ids[i] };
        struct edge_row edge = { 1, i == 1, i };
        insert(b, &table_version, &version);
        insert(b, &table_edge, &edge);
    }
    commit(b);
    const struct {
        int line;
        const struct table *table;
        int column;
        enum query_op op;
        int64_t number, expected;
    } rows[] = {
        { __LINE__, &table_version, VERSION_NUM, QUERY_LE, big - 1, 3 },
        { __LINE__, &table_version, VERSION_NUM, QUERY_LT, INT64_MAX, 3 },
        { __LINE__, &table_version, VERSION_NUM, QUERY_GE, 1 - big, 3 },
        { __LINE__, &table_version, VERSION_NUM, QUERY_GE, big - 1, 0 },
        { __LINE__, &table_version, VERSION_NUM, QUERY_EQ, big + 5, 0 },
        { __LINE__, &table_version, VERSION_NUM, QUERY_NE, big + 5, 3 },
        { __LINE__, &table_edge, EDGE_IN_OPS, QUERY_GE, -3, 3 },
        { __LINE__, &table_edge, EDGE_IN_OPS, QUERY_LE, 3, 3 },
        { __LINE__, &table_edge, EDGE_IN_OPS, QUERY_GT, 0, 1 },
        { __LINE__, &table_edge, EDGE_IN_OPS, QUERY_EQ, 7, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct query q;
        int64_t n = -1;
        query_init(&q, rows[i].table);
        query_number(&q, 0, QUERY_EQ, 1);
        query_number(&q, rows[i].column, rows[i].op, rows[i].number);
        assert_ok(query_count(store_view(b->s), &q, &n, &e_));
        if (n != rows[i].expected)
            fail_msg("line %d: %lld rows", rows[i].line, (long long)n);
    }
}

static void test_query__stops_when_told(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    struct query q;
    query_init(&q, &table_instance);
    struct ids ids = { .stop_after = 4 };
    assert_ok(query_run(store_view(b->s), &q, take_task, &ids, &e_));
    assert_int_equal(ids.n, 4);
    begin(b); /* and leaves nothing open */
    commit(b);
}

static void test_query__limits(void **state)
{
    struct bed *b = *state;
    struct ids ids = { 0 };
    struct query q;
    query_init(&q, &table_instance);
    for (int i = 0; i < QUERY_WHERE_MAX; i++)
        query_number(&q, INSTANCE_STATE, QUERY_GE, 0);
    assert_ids(b, &q, "");
    query_number(&q, INSTANCE_STATE, QUERY_GE, 0);
    query_number(&q, INSTANCE_STATE, QUERY_GE, 0);
    assert_rc(query_run(store_view(b->s), &q, take_task, &ids, NULL), E_LIMIT);
    query_init(&q, &table_instance);
    for (int i = 0; i <= QUERY_ORDER_MAX; i++)
        query_order(&q, INSTANCE_STATE, false);
    assert_rc(query_run(store_view(b->s), &q, take_task, &ids, NULL), E_LIMIT);
    query_init(&q, &table_instance);
    q.offset = -1;
    assert_rc(query_run(store_view(b->s), &q, take_task, &ids, NULL), E_RANGE);
}

struct nested {
    struct bed *bed;
    int depth, rows;
};

/* The same shape inside itself. */
static bool query_again(void *ctx, const void *row)
{
    (void)row;
    struct nested *n = ctx;
    n->rows++;
    if (n->depth >= 3)
        return true;
    struct nested inner = { n->bed, n->depth + 1, 0 };
    struct query q;
    query_init(&q, &table_instance);
    assert_ok(query_run(store_view(n->bed->s), &q, query_again, &inner, &e_));
    assert_int_equal(inner.rows, 9);
    return true;
}

static void test_query__nests(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    struct nested n = { b, 1, 0 };
    struct query q;
    query_init(&q, &table_instance);
    assert_ok(query_run(store_view(b->s), &q, query_again, &n, &e_));
    assert_int_equal(n.rows, 9);
}

static void test_query_rows__copies(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    struct query q;
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_GE, 4);
    void *rows = NULL;
    size_t n = 0;
    assert_ok(query_rows(store_view(b->s), &q, &b->a, &rows, &n, &e_));
    assert_int_equal(n, 6);
    const struct instance_row *instances = rows;
    assert_true(str_eq(instances[0].task_name, STR("x;load")));
    assert_true(str_eq(instances[5].task_name, STR("LOAD2")));
    query_number(&q, INSTANCE_TASK_ID, QUERY_LT, 4);
    assert_ok(query_rows(store_view(b->s), &q, &b->a, &rows, &n, &e_));
    assert_null(rows);
    assert_int_equal(n, 0);
}

static void test_query_delete__deletes_what_matches(void **state)
{
    struct bed *b = *state;
    fill_instances(b);
    struct query q;
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_STATE, QUERY_EQ, 1);
    int64_t n = -1;
    begin(b);
    assert_ok(query_delete(b->s, &q, &n, &e_));
    assert_int_equal(n, 3);
    assert_ok(query_delete(b->s, &q, NULL, &e_));
    commit(b);
    query_init(&q, &table_instance);
    assert_ids(b, &q, "2 3 5 6 8 9");
}

/* Fences and faults. */

static uint64_t next_fence(struct bed *b)
{
    uint64_t fence = 0;
    assert_ok(store_next_fence(b->s, &fence, &e_));
    return fence;
}

static void test_fences__are_never_used_twice(void **state)
{
    struct bed *b = *state;
    uint64_t last = 0;
    begin(b);
    for (int i = 0; i < 10000; i++) {
        uint64_t fence = next_fence(b);
        assert_true(fence > last);
        last = fence;
    }
    store_rollback(b->s);
    for (int round = 0; round < 3; round++) {
        begin(b);
        assert_ok(store_savepoint(b->s, &e_));
        for (int i = 0; i < 3000; i++) {
            uint64_t fence = next_fence(b);
            assert_true(fence > last);
            last = fence;
        }
        if (round == 1)
            store_revert(b->s);
        commit(b);
    }
    if (b->in_memory)
        return;
    store_close(b->s);
    b->s = open_ok(b->place.db);
    begin(b);
    assert_true(next_fence(b) > last);
    commit(b);
}

/* What a commit makes durable covers every fence handed out before: a crash right after cannot
 * bring one back. */
static void assert_fences_covered(struct bed *b, uint64_t last)
{
    struct meta_row row = { .key = STR("fence") };
    int64_t end = 0;
    assert_ok(row_get(store_view(b->s), &table_meta, &b->a, &row, &e_));
    assert_true(str_to_i64(row.value, &end));
    assert_true((uint64_t)end > last);
}

static void test_fences__an_undone_block_is_taken_again(void **state)
{
    struct bed *b = *state;
    begin(b);
    assert_ok(store_savepoint(b->s, &e_));
    uint64_t undone = next_fence(b);
    store_revert(b->s);
    uint64_t last = next_fence(b);
    assert_true(last > undone);
    commit(b);
    assert_fences_covered(b, last);
    for (int i = 0; i < 5000; i++) { /* into the next block, and undone */
        if (i % 1000 == 0)
            begin(b);
        last = next_fence(b);
        if (i % 1000 == 999)
            store_rollback(b->s);
    }
    begin(b);
    last = next_fence(b);
    commit(b);
    assert_fences_covered(b, last);
}

static void test_fences__a_broken_row_is_noticed(void **state)
{
    struct bed *b = *state;
    struct meta_row row = { STR("fence"), STR("many") };
    uint64_t fence = 42;
    begin(b);
    assert_ok(row_put(b->s, &table_meta, &row, &e_));
    assert_rc(store_next_fence(b->s, &fence, NULL), E_CORRUPT);
    assert_int_equal(fence, 42);
    store_rollback(b->s);
}

static void test_faults__a_failed_change_breaks_the_transaction(void **state)
{
    struct bed *b = *state;
    struct project_row rows[] = { project("1", "a"), project("2", "b"), project("3", "c") };
    begin(b);
    insert(b, &table_project, &rows[0]);
    commit(b);
    store_set_faults(b->s, (struct store_faults){ .fail_change_at = 2 });
    begin(b);
    insert(b, &table_project, &rows[1]);
    assert_ok(store_savepoint(b->s, &e_));
    struct err e = ERR_INIT;
    assert_rc(row_insert(b->s, &table_project, &rows[2], NULL, &e), E_IO);
    assert_int_equal(e.code, E_IO);
    store_revert(b->s); /* cannot mend it */
    assert_rc(row_insert(b->s, &table_project, &rows[2], NULL, NULL), E_IO);
    assert_rc(row_get(store_view(b->s), &table_project, &b->a, &rows[1], NULL), E_IO);
    assert_rc(store_commit(b->s, NULL), E_IO);
    assert_int_equal(count(store_view(b->s), &table_project), 1);
    begin(b); /* and it was only once */
    insert(b, &table_project, &rows[1]);
    commit(b);
    assert_int_equal(count(store_view(b->s), &table_project), 2);
}

static void test_faults__a_failed_commit_leaves_nothing(void **state)
{
    struct bed *b = *state;
    struct project_row row = project("1", "a");
    store_set_faults(b->s, (struct store_faults){ .fail_commit_at = 1 });
    begin(b);
    insert(b, &table_project, &row);
    uint64_t fence = next_fence(b);
    assert_rc(store_commit(b->s, NULL), E_IO);
    assert_rc(store_commit(b->s, NULL), E_CONFLICT); /* it is over */
    assert_false(has_project(b, store_view(b->s), "1"));
    begin(b);
    insert(b, &table_project, &row);
    assert_true(next_fence(b) > fence);
    commit(b);
    assert_true(has_project(b, store_view(b->s), "1"));
}

#define ON_BOTH(test)                                                                              \
    { #test " (memory)", test, set_up_memory, tear_down, NULL },                                   \
    {                                                                                              \
#test " (sqlite)", test, set_up_sqlite, tear_down, NULL                                    \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(test_get__gives_back_every_column),
        ON_BOTH(test_values__keep_their_extremes),
        ON_BOTH(test_get_columns__sets_these_only),
        ON_BOTH(test_query__without_a_column),
        ON_BOTH(test_get__missing_leaves_the_row),
        ON_BOTH(test_get_by__finds_by_unique_index),
        ON_BOTH(test_insert__says_what_is_taken),
        ON_BOTH(test_update__sets_only_the_mask),
        ON_BOTH(test_update__errors),
        ON_BOTH(test_update__any_set_of_columns),
        ON_BOTH(test_put__inserts_or_replaces),
        ON_BOTH(test_delete__by_key),
        ON_BOTH(test_key__must_be_set),
        ON_BOTH(test_transactions__must_be_open),
        ON_BOTH(test_rollback__undoes_everything),
        ON_BOTH(test_savepoint__reverts_to_itself_only),
        ON_BOTH(test_savepoint__after_a_conflict),
        ON_BOTH(test_reader__is_a_snapshot),
        ON_BOTH(test_query__number_operators),
        ON_BOTH(test_query__text_operators),
        ON_BOTH(test_query__lists),
        ON_BOTH(test_query__order_and_page),
        ON_BOTH(test_query__partial_indexes),
        ON_BOTH(test_query__ends_out_of_range),
        ON_BOTH(test_query__stops_when_told),
        ON_BOTH(test_query__limits),
        ON_BOTH(test_query__nests),
        ON_BOTH(test_query_rows__copies),
        ON_BOTH(test_query_delete__deletes_what_matches),
        ON_BOTH(test_fences__are_never_used_twice),
        ON_BOTH(test_fences__an_undone_block_is_taken_again),
        ON_BOTH(test_fences__a_broken_row_is_noticed),
        ON_BOTH(test_faults__a_failed_change_breaks_the_transaction),
        ON_BOTH(test_faults__a_failed_commit_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
