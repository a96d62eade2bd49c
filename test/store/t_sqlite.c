/* test/store/t_sqlite.c - what only a file can do: be there again, be locked, be newer, be full,
 * be read
 * by threads. */
#include "store_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"

static int set_up(void **state)
{
    struct place *p = NEW(struct place);
    place_init(p);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place_done(*state);
    mem_free(*state);
    return 0;
}

static struct conn *writer_of(struct store *s)
{
    return sqlite_writer(store_backend(s));
}

static struct instance_row instance(int64_t task_id, int32_t state)
{
    return (struct instance_row){
        .task_id = task_id, .data_time = { 1 }, .state = state, .project_id = STR("p")
    };
}

static void insert_committed(struct store *s, int64_t task_id)
{
    struct instance_row row = instance(task_id, 0);
    assert_ok(store_begin(s, &e_));
    assert_ok(row_insert(s, &table_instance, &row, NULL, &e_));
    assert_ok(store_commit(s, &e_));
}

static int64_t count_instances(struct view *v)
{
    struct query q;
    query_init(&q, &table_instance);
    int64_t n = -1;
    assert_ok(query_count(v, &q, &n, &e_));
    return n;
}

/* The first column of the first row, as text into out. */
static void ask(sqlite3 *db, const char *sql, char *out, size_t size)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(out, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

static void test_open__file_is_private_and_stays(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    insert_committed(s, 7);
    struct stat st;
    assert_int_equal(stat(p->db, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char wal[128];
    snprintf(wal, sizeof(wal), "%s-wal", p->db);
    assert_int_equal(stat(wal, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    store_close(s);
    s = open_ok(p->db);
    assert_int_equal(count_instances(store_view(s)), 1);
    store_close(s);
}

static void test_open__durability_is_in_force(void **state)
{
    struct place *p = *state;
    static const struct {
        const char *sql, *expected;
    } rows[] = {
        { "PRAGMA journal_mode", "wal" },        { "PRAGMA synchronous", "2" },
        { "PRAGMA foreign_keys", "0" },          { "PRAGMA mmap_size", "0" },
        { "PRAGMA wal_autocheckpoint", "4000" }, { "PRAGMA integrity_check", "ok" },
    };
    struct store *s = open_ok(p->db);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char answer[64];
        ask(writer_of(s)->db, rows[i].sql, answer, sizeof(answer));
        assert_string_equal(answer, rows[i].expected);
    }
    store_close(s);
}

static void test_open__twice_is_busy(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    struct store *other = NULL;
    struct err e = ERR_INIT;
    assert_rc(store_open(p->db, &other, &e), E_BUSY);
    assert_null(other);
    assert_non_null(strstr(e.text, "in use by another weft server"));
    store_close(s);
    store_close(open_ok(p->db));
}

static void test_open__a_newer_schema_is_refused(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    insert_committed(s, 1);
    assert_ok(conn_exec(writer_of(s), "PRAGMA user_version = 99", &e_));
    store_close(s);
    struct err e = ERR_INIT;
    assert_rc(store_open(p->db, &s, &e), E_UNSUPPORTED);
    assert_non_null(strstr(e.text, "schema 99"));
    sqlite3 *db = NULL; /* and left alone */
    char answer[64];
    assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
    ask(db, "SELECT count(*) FROM instance", answer, sizeof(answer));
    assert_string_equal(answer, "1");
    snprintf(answer, sizeof(answer), "PRAGMA user_version = %d", migrations_n);
    assert_int_equal(sqlite3_exec(db, answer, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    store_close(open_ok(p->db)); /* the lock was given back */
}

static void test_open__what_is_no_weft_database(void **state)
{
    struct place *p = *state;
    struct store *s = NULL;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE photos (a)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct err e = ERR_INIT;
    assert_rc(store_open(p->db, &s, &e), E_CORRUPT);
    assert_non_null(strstr(e.text, "another program"));
    char junk[8192];
    memset(junk, 'x', sizeof(junk));
    assert_ok(file_write_atomic(p->db, str_make(junk, sizeof(junk)), 0600, &e_));
    assert_rc(store_open(p->db, &s, NULL), E_CORRUPT);
    char nowhere[160];
    snprintf(nowhere, sizeof(nowhere), "%s/no/such/weft.db", p->dir);
    assert_rc(store_open(nowhere, &s, NULL), E_IO);
}

/* Migrations. */

static enum err_code fail_after_work(struct conn *c, struct err *e)
{
    enum err_code rc = conn_exec(c, "CREATE TABLE half (a)", e);
    return rc == E_OK ? err_set(e, E_IO, "the step fails") : rc;
}

static void test_migrations__each_step_once_and_whole(void **state)
{
    struct place *p = *state;
    const struct migration add_column = {
        .what = "add a column", .sql = "ALTER TABLE meta ADD COLUMN note TEXT NOT NULL DEFAULT ''"
    };
    struct migration steps[3] = { migrations[0],
                                  add_column,
                                  { .what = "fail", .run = fail_after_work } };
    char answer[64];
    struct conn c;
    assert_ok(file_write_quick(p->db, STR(""), 0600, &e_));
    assert_ok(conn_open(&c, p->db, CONN_WRITER, &e_));
    assert_ok(migrations_run(&c, steps, 1, &e_));
    assert_ok(migrations_run(&c, steps, 1, &e_)); /* nothing to do */
    assert_rc(migrations_run(&c, steps, 3, NULL), E_IO);
    ask(c.db, "PRAGMA user_version", answer, sizeof(answer));
    assert_string_equal(answer, "2"); /* the second step is done, the third not at all */
    ask(c.db, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'", answer, sizeof(answer));
    assert_string_equal(answer, "0");
    steps[2] =
        (struct migration){ .sql = "INSERT INTO meta (key, value, note) VALUES ('a', 'b', 'c')" };
    assert_ok(migrations_run(&c, steps, 3, &e_));
    assert_ok(migrations_run(&c, steps, 3, &e_));
    ask(c.db, "SELECT count(*) FROM meta", answer, sizeof(answer));
    assert_string_equal(answer, "1");
    assert_rc(migrations_run(&c, steps, 2, NULL), E_UNSUPPORTED);
    conn_done(&c);
}

/* A database of the first schema, with its rows, is taken over. */
static void test_migrations__from_the_first_schema(void **state)
{
    struct place *p = *state;
    struct conn c;
    assert_ok(file_write_quick(p->db, STR(""), 0600, &e_));
    assert_ok(conn_open(&c, p->db, CONN_WRITER, &e_));
    assert_ok(migrations_run(&c, migrations, 1, &e_));
    assert_ok(conn_exec(&c,
                        "INSERT INTO attempt VALUES (5, 7, 0, 0, 1, 'n', 0, 0, 0, 1, 2, 3, 'done', "
                        "'')",
                        &e_));
    conn_done(&c);
    struct store *s = open_ok(p->db);
    struct attempt_row row = { .fence = 5 };
    struct arena a;
    arena_init(&a);
    assert_ok(store_begin(s, &e_));
    assert_ok(row_get(store_view(s), &table_attempt, &a, &row, &e_));
    assert_true(str_eq_c(row.text, "done"));
    assert_int_equal(row.substitutions.len, 0);
    store_rollback(s);
    arena_done(&a);
    store_close(s);
}

/* Who answers for a project when members come becomes its administrator. */
static void test_migrations__members_of_projects(void **state)
{
    struct place *p = *state;
    struct conn c;
    char answer[256];

    assert_ok(file_write_quick(p->db, STR(""), 0600, &e_));
    assert_ok(conn_open(&c, p->db, CONN_WRITER, &e_));
    assert_ok(migrations_run(&c, migrations, 4, &e_));
    assert_ok(conn_exec(&c,
                        "INSERT INTO project VALUES ('1', 'a', 'a', '', 'SIMPLE', '20;30', '10', "
                        "1, 5, 6, '{}'), ('2', 'b', 'b', '', 'SIMPLE', '20', '20', 1, 7, 8, '{}')",
                        &e_));
    assert_ok(migrations_run(&c, migrations, migrations_n, &e_));
    ask(c.db,
        "SELECT group_concat(project_id || ':' || uin || ':' || created_at, ' ') FROM (SELECT * "
        "FROM member WHERE roles = '308335260274237440' ORDER BY project_id, uin)",
        answer, sizeof(answer));
    assert_string_equal(answer, "1:10:5 1:20:5 1:30:5 2:20:7");
    ask(c.db, "SELECT count(*) FROM member", answer, sizeof(answer));
    assert_string_equal(answer, "4");
    conn_done(&c);
}

/* What is left of instances that are not there would be in the way of those that come again. */
static void test_migrations__consumptions_of_instances_that_left(void **state)
{
    struct place *p = *state;
    struct conn c;
    char answer[256];

    assert_ok(file_write_quick(p->db, STR(""), 0600, &e_));
    assert_ok(conn_open(&c, p->db, CONN_WRITER, &e_));
    assert_ok(migrations_run(&c, migrations, 14, &e_));
    assert_ok(conn_exec(&c,
                        "INSERT INTO instance SELECT 7, 100, '', '', '', '', '', 0, 0, 0, 0, 0, 0, "
                        "0, 0, 0, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, '', 0, '', '', 0",
                        &e_));
    assert_ok(conn_exec(&c,
                        "INSERT INTO consumption VALUES ('a', 7, 100, 0, 'p', 50), "
                        "('a', 7, 100, 1, 'p', 49), ('a', 7, 101, 0, 'p', 60)",
                        &e_));
    assert_ok(migrations_run(&c, migrations, migrations_n, &e_));
    ask(c.db, "SELECT group_concat(data_time || ' ' || round) FROM consumption", answer,
        sizeof(answer));
    assert_string_equal(answer, "100 0");
    conn_done(&c);
}

/* Which cases are used up follows from their events. */
static void test_migrations__cases_that_are_used_up(void **state)
{
    struct place *p = *state;
    struct conn c;
    char answer[256];

    assert_ok(file_write_quick(p->db, STR(""), 0600, &e_));
    assert_ok(conn_open(&c, p->db, CONN_WRITER, &e_));
    assert_ok(migrations_run(&c, migrations, 15, &e_));
    assert_ok(conn_exec(&c,
                        "INSERT INTO event SELECT column1, 'p', column1, 'DAY', column2, '', 1, "
                        "'DAYS', '', column3, '', '', 0, '' FROM (VALUES ('s', 'SINGLE', -1), "
                        "('b', 'BROADCAST', -1), ('t', 'BROADCAST', 2))",
                        &e_));
    assert_ok(conn_exec(&c,
                        "INSERT INTO \"case\" SELECT event.id || n.column1, event.id, 'p', '', '', "
                        "0, '', 0, n.column1, 0, 0, 0 FROM event, (VALUES (0), (1), (2)) AS n",
                        &e_));
    assert_ok(migrations_run(&c, migrations, migrations_n, &e_));
    ask(c.db,
        "SELECT group_concat(id, ' ') FROM (SELECT id FROM \"case\" WHERE used_up = 1 ORDER BY id)",
        answer, sizeof(answer));
    assert_string_equal(answer, "s1 s2 t2");
    conn_done(&c);
}

/* A copy is of one moment, while the original is written, and a store by itself. */
static void test_copy__of_one_moment(void **state)
{
    struct place *p = *state;
    struct store_copy copy = { .bytes = -1 };
    struct err e = ERR_INIT;
    uint64_t fence;
    char to[128];
    snprintf(to, sizeof(to), "%s-copy", p->db);
    assert_rc(store_copy(p->db, to, &copy, &e), E_MISSING);
    struct store *s = open_ok(p->db);
    insert_committed(s, 7);
    assert_ok(store_begin(s, &e_));
    assert_ok(store_next_fence(s, &fence, &e_));
    assert_ok(store_commit(s, &e_));
    assert_ok(store_begin(s, &e_)); /* what is not committed is not there */
    struct instance_row row = instance(8, 0);
    assert_ok(row_insert(s, &table_instance, &row, NULL, &e_));
    assert_ok(store_copy(p->db, to, &copy, &e_));
    assert_ok(store_commit(s, &e_));
    insert_committed(s, 9);
    assert_true(copy.bytes > 0 && copy.fence > fence);
    assert_int_equal(copy.running, 0);
    assert_rc(store_copy(p->db, to, &copy, &e), E_EXISTS);
    assert_int_equal(count_instances(store_view(s)), 3);
    store_close(s);
    s = open_ok(to);
    assert_int_equal(count_instances(store_view(s)), 1);
    assert_ok(store_begin(s, &e_));
    assert_ok(store_next_fence(s, &fence, &e_));
    assert_true(fence >= copy.fence);
    store_rollback(s);
    store_close(s);
}

/* Columns by name: "name TYPE place in the key"; then WITHOUT ROWID; then indexes by name:
 * "name unique partial column/column". */
static const char schema_of_table[] =
    "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\" || ' ' || pk, ', ') || ' | ' ||"
    "  (SELECT wr FROM pragma_table_list WHERE name = '%s') || ' | ' ||"
    "  ifnull((SELECT group_concat(name || ' ' || \"unique\" || ' ' || partial || ' ' ||"
    "    (SELECT group_concat(name, '/') FROM pragma_index_info(l.name)), ', ')"
    "   FROM (SELECT * FROM pragma_index_list('%s') WHERE origin = 'c' ORDER BY name) l), '')"
    " FROM (SELECT * FROM pragma_table_info('%s') ORDER BY name)";

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Takes over the texts. */
static void add_sorted(struct buf *out, char **items, int n)
{
    qsort(items, (size_t)n, sizeof(*items), by_text);
    for (int i = 0; i < n; i++) {
        buf_printf(out, "%s%s", i > 0 ? ", " : "", items[i]);
        free(items[i]);
    }
}

static char *index_text(const struct table *t, const struct table_index *x)
{
    struct buf out;
    buf_init(&out, 4096);
    buf_printf(&out, "%s_%s %d %d ", t->name, x->name, x->unique, x->partial != PARTIAL_NONE);
    for (int i = 0; i < x->columns.n; i++)
        buf_printf(&out, "%s%s", i > 0 ? "/" : "", t->columns[x->columns.at[i]].name);
    for (int i = 0; i < t->key.n && !x->unique; i++)
        if (!column_list_has(&x->columns, t->key.at[i]))
            buf_printf(&out, "/%s", t->columns[t->key.at[i]].name);
    char *text = strdup(out.ptr);
    buf_done(&out);
    return text;
}

static void schema_of_descriptor(struct buf *out, const struct table *t)
{
    char *columns[64], *indexes[TABLE_INDEXES_MAX];
    for (int i = 0; i < t->n_columns; i++) {
        int pk = 0;
        for (int j = 0; j < t->key.n; j++)
            if (t->key.at[j] == i)
                pk = j + 1;
        assert_true(asprintf(&columns[i], "%s %s 1 %d", t->columns[i].name,
                             t->columns[i].type == COLUMN_TEXT ? "TEXT" : "INTEGER", pk) > 0);
    }
    add_sorted(out, columns, t->n_columns);
    buf_printf(out, " | %d | ", !t->wide && !table_has_integer_key(t));
    for (int i = 0; i < t->n_indexes; i++)
        indexes[i] = index_text(t, &t->indexes[i]);
    add_sorted(out, indexes, t->n_indexes);
}

static void assert_schema(struct store *s)
{
    char answer[8192], sql[2048];
    int n_indexes = 0;
    for (int i = 0; i < TABLE_N_; i++) {
        struct buf expected;
        n_indexes += tables[i]->n_indexes;
        buf_init(&expected, sizeof(answer));
        schema_of_descriptor(&expected, tables[i]);
        snprintf(sql, sizeof(sql), schema_of_table, tables[i]->name, tables[i]->name,
                 tables[i]->name);
        ask(writer_of(s)->db, sql, answer, sizeof(answer));
        assert_string_equal(answer, expected.ptr);
        buf_done(&expected);
    }
    snprintf(sql, sizeof(sql), "%d %d", TABLE_N_ + 1, n_indexes); /* and "commits" */
    ask(writer_of(s)->db,
        "SELECT sum(type = 'table') || ' ' || sum(type = 'index' AND sql IS NOT NULL)"
        "  FROM sqlite_schema",
        answer, sizeof(answer));
    assert_string_equal(answer, sql);
}

/* The steps of the migrations together make what the descriptors describe, and no more: all at once
 * in a new store, one by one in an old one. */
static void test_schema__is_what_the_descriptors_say(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    assert_schema(s);
    store_close(s);
}

static void test_schema__of_an_old_store_as_well(void **state)
{
    struct place *p = *state;
    struct conn c;
    assert_ok(file_write_quick(p->db, STR(""), 0600, &e_));
    assert_ok(conn_open(&c, p->db, CONN_WRITER, &e_));
    assert_ok(migrations_run(&c, migrations, 1, &e_));
    conn_done(&c);
    struct store *s = open_ok(p->db);
    assert_schema(s);
    store_close(s);
}

/* A new store is whole or still empty. */
static void test_migrations__of_an_empty_file_all_or_none(void **state)
{
    struct place *p = *state;
    struct migration steps[2] = { migrations[0], { .what = "fail", .run = fail_after_work } };
    char answer[64];
    struct conn c;
    assert_ok(file_write_quick(p->db, STR(""), 0600, &e_));
    assert_ok(conn_open(&c, p->db, CONN_WRITER, &e_));
    assert_rc(migrations_run(&c, steps, 2, NULL), E_IO);
    ask(c.db, "SELECT count(*) FROM sqlite_schema", answer, sizeof(answer));
    assert_string_equal(answer, "0");
    ask(c.db, "PRAGMA user_version", answer, sizeof(answer));
    assert_string_equal(answer, "0");
    assert_ok(migrations_run(&c, migrations, migrations_n, &e_));
    conn_done(&c);
}

/* How SQLite answers a query, "SEARCH instance USING INDEX ...": the lists must not scan or sort.
 */
static void assert_plan(struct store *s, const struct query *q, const char *expected)
{
    struct buf sql;
    buf_init(&sql, 65536);
    buf_add_c(&sql, "EXPLAIN QUERY PLAN ");
    sql_query(&sql, q, QUERY_RUN);
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(writer_of(s)->db, sql.ptr, -1, &stmt, NULL), SQLITE_OK);
    char plan[512] = "";
    while (sqlite3_step(stmt) == SQLITE_ROW)
        snprintf(plan + strlen(plan), sizeof(plan) - strlen(plan), "%s%s", plan[0] ? "; " : "",
                 (const char *)sqlite3_column_text(stmt, 3));
    assert_string_equal(plan, expected);
    sqlite3_finalize(stmt);
    buf_done(&sql);
}

static void test_queries__use_the_indexes(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    struct query q;
    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PROJECT_ID, QUERY_EQ, STR("p"));
    query_number(&q, INSTANCE_FIRE_AT, QUERY_GE, 5);
    query_order(&q, INSTANCE_FIRE_AT, true);
    q.limit = 20;
    assert_plan(s, &q, "SEARCH instance USING INDEX instance_fire (project_id=? AND fire_at>?)");
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, 1);
    assert_plan(s, &q, "SEARCH instance USING INDEX sqlite_autoindex_instance_1 (task_id=?)");
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_STATE, QUERY_LE, 4);
    query_order(&q, INSTANCE_STATE, false);
    assert_plan(s, &q, "SEARCH instance USING INDEX instance_open (state<?)");
    query_init(&q, &table_instance);
    query_text(&q, INSTANCE_PLAN_ID, QUERY_EQ, STR("x"));
    query_number(&q, INSTANCE_STATE, QUERY_EQ, 5);
    assert_plan(s, &q, "SEARCH instance USING INDEX instance_plan (plan_id=? AND state=?)");
    query_init(&q, &table_case);
    query_text(&q, CASE_EVENT_ID, QUERY_EQ, STR("x"));
    query_number(&q, CASE_DATA_TIME, QUERY_EQ, 5);
    assert_plan(s, &q, "SEARCH case USING INDEX case_event (event_id=? AND data_time=?)");
    query_number(&q, CASE_USED_UP, QUERY_EQ, false);
    query_number(&q, CASE_EXPIRES_AT, QUERY_GT, 5);
    query_order(&q, CASE_EXPIRES_AT, false);
    assert_plan(s, &q,
                "SEARCH case USING INDEX case_left_of_time"
                " (event_id=? AND data_time=? AND expires_at>?)");
    query_init(&q, &table_case);
    query_text(&q, CASE_EVENT_ID, QUERY_EQ, STR("x"));
    query_number(&q, CASE_USED_UP, QUERY_EQ, false);
    query_number(&q, CASE_EXPIRES_AT, QUERY_GT, 5);
    query_order(&q, CASE_EXPIRES_AT, false);
    assert_plan(s, &q, "SEARCH case USING INDEX case_left (event_id=? AND expires_at>?)");
    query_init(&q, &table_consumption);
    query_text(&q, CONSUMPTION_CASE_ID, QUERY_EQ, STR("x"));
    query_order(&q, CONSUMPTION_AT, false);
    q.limit = 20;
    assert_plan(s, &q, "SEARCH consumption USING INDEX consumption_case (case_id=?)");
    query_init(&q, &table_consumption);
    query_number(&q, CONSUMPTION_TASK_ID, QUERY_EQ, 5);
    query_number(&q, CONSUMPTION_DATA_TIME, QUERY_EQ, 5);
    assert_plan(s, &q,
                "SEARCH consumption USING INDEX consumption_instance (task_id=? AND data_time=?)");
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_TASK_ID, QUERY_EQ, 5);
    query_number(&q, INSTANCE_DATA_TIME, QUERY_LT, 5);
    query_order(&q, INSTANCE_DATA_TIME, true);
    q.limit = 1;
    assert_plan(s, &q,
                "SEARCH instance USING INDEX sqlite_autoindex_instance_1"
                " (task_id=? AND data_time<?)");
    query_init(&q, &table_attempt);
    query_number(&q, ATTEMPT_OUTCOME, QUERY_EQ, -1);
    assert_plan(s, &q, "SEARCH attempt USING INDEX attempt_alive (outcome=?)");
    query_init(&q, &table_folder);
    query_text(&q, FOLDER_PROJECT_ID, QUERY_EQ, STR("p"));
    query_text(&q, FOLDER_PATH, QUERY_PREFIX, STR("/a/"));
    query_order(&q, FOLDER_PATH, false);
    assert_plan(s, &q,
                "SEARCH folder USING INDEX folder_path (project_id=? AND path>? AND path<?)");
    store_close(s);
}

/* More shapes than the cache holds, and more at once than it holds: answers stay right. */

struct stack {
    struct store *s;
    int depth;
};

static bool go_deeper(void *ctx, const void *row)
{
    (void)row;
    struct stack *st = ctx;
    if (++st->depth > QUERY_SHAPES_MAX + 3)
        return false;
    struct query q;
    query_init(&q, &table_instance);
    q.limit = 1;
    assert_ok(query_run(store_view(st->s), &q, go_deeper, st, &e_));
    return true;
}

static void test_cache__is_bounded(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    insert_committed(s, 1);
    for (int i = 0; i < 3 * QUERY_SHAPES_MAX; i++) {
        struct query q;
        query_init(&q, &table_instance);
        query_number(&q, 7 + i % 20, QUERY_GE, 0);
        query_order(&q, i / 20, false);
        query_order(&q, i % 7, i & 1);
        int64_t n = 0;
        assert_ok(query_count(store_view(s), &q, &n, &e_));
        struct stack st = { s, QUERY_SHAPES_MAX + 3 };
        assert_ok(query_run(store_view(s), &q, go_deeper, &st, &e_));
        assert_int_equal(st.depth, QUERY_SHAPES_MAX + 4);
    }
    struct stack st = { s, 0 };
    assert_ok(
        query_run(store_view(s), &(struct query){ .table = &table_instance }, go_deeper, &st, &e_));
    assert_int_equal(st.depth, QUERY_SHAPES_MAX + 4);
    store_close(s);
}

/* Failures of the disk. */

static enum err_code fill(struct store *s, int64_t from, int64_t n, struct err *e)
{
    char big[2000];
    memset(big, 'b', sizeof(big));
    for (int64_t i = from; i < from + n; i++) {
        struct instance_row row = instance(i, 0);
        row.reason = str_make(big, sizeof(big));
        enum err_code rc = row_insert(s, &table_instance, &row, NULL, e);
        if (rc != E_OK)
            return rc;
    }
    return E_OK;
}

static void test_full__changes_fail_and_nothing_is_lost(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    insert_committed(s, 1);
    assert_ok(conn_exec(writer_of(s), "PRAGMA max_page_count = 200", &e_));
    assert_ok(store_begin(s, &e_));
    assert_ok(store_savepoint(s, &e_));
    struct err e = ERR_INIT;
    assert_rc(fill(s, 100, 1000, &e), E_IO);
    assert_non_null(strstr(e.text, "full"));
    store_revert(s);
    assert_rc(store_commit(s, NULL), E_IO);
    assert_int_equal(count_instances(store_view(s)), 1);
    insert_committed(s, 2); /* goes on as far as there is room */
    assert_ok(conn_exec(writer_of(s), "PRAGMA max_page_count = 100000", &e_));
    assert_ok(store_begin(s, &e_));
    assert_ok(fill(s, 100, 1000, &e_));
    assert_ok(store_commit(s, &e_));
    assert_int_equal(count_instances(store_view(s)), 1002);
    store_close(s);
}

/* In a child: the log cannot grow any more, so the commit itself fails. */
static int commit_on_full_disk(const char *path)
{
    struct store *s = NULL;
    uint64_t ok = 0;
    if (store_open(path, &s, NULL) != E_OK || store_begin(s, NULL) != E_OK)
        return 1;
    if (fill(s, 1000, 500, NULL) != E_OK) /* still in the page cache */
        return 2;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = { 64 * 1024, RLIM_INFINITY };
    setrlimit(RLIMIT_FSIZE, &limit);
    struct err e = ERR_INIT;
    if (store_commit(s, &e) != E_IO)
        return 3;
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    struct instance_row row = { .task_id = 1000, .data_time = { 1 } };
    struct arena a;
    arena_init(&a);
    if (row_get(store_view(s), &table_instance, &a, &row, NULL) != E_MISSING)
        return 4;
    arena_done(&a);
    if (store_begin(s, NULL) != E_OK || store_next_fence(s, &ok, NULL) != E_OK ||
        store_commit(s, NULL) != E_OK)
        return 5;
    store_close(s);
    return 0;
}

static void test_full__a_failed_commit_leaves_nothing(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    insert_committed(s, 1);
    store_close(s);
    pid_t child = fork();
    if (child == 0)
        _exit(commit_on_full_disk(p->db));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    s = open_ok(p->db);
    assert_int_equal(count_instances(store_view(s)), 1);
    store_close(s);
}

/* A tool holds the write lock: begin says so instead of waiting for ever. */
static void test_busy__another_writer(void **state)
{
    struct place *p = *state;
    struct store *s = open_ok(p->db);
    sqlite3 *tool = NULL;
    assert_int_equal(sqlite3_open(p->db, &tool), SQLITE_OK);
    assert_int_equal(sqlite3_exec(tool, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(writer_of(s)->db, 10);
    assert_rc(store_begin(s, NULL), E_BUSY);
    assert_int_equal(sqlite3_exec(tool, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    insert_committed(s, 1);
    sqlite3_close(tool);
    store_close(s);
}

/* A broken page is an error, not an answer. */
static void test_corrupt__is_noticed(void **state)
{
    struct place *p = *state;
    struct stat empty;
    store_close(open_ok(p->db));
    assert_int_equal(stat(p->db, &empty), 0);
    struct store *s = open_ok(p->db);
    assert_ok(store_begin(s, &e_));
    assert_ok(fill(s, 1, 200, &e_));
    assert_ok(store_commit(s, &e_));
    store_close(s); /* everything is in the main file */
    int fd = open(p->db, O_RDWR);
    assert_true(fd >= 0);
    char junk[4096];
    memset(junk, 0x5a, sizeof(junk));
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = empty.st_size; at + 4096 <= st.st_size; at += 4096)
        assert_int_equal(pwrite(fd, junk, sizeof(junk), at), sizeof(junk));
    close(fd);
    s = open_ok(p->db);
    struct query q;
    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_FLAGS, QUERY_EQ, 0);
    int64_t n = 0;
    assert_rc(query_count(store_view(s), &q, &n, NULL), E_CORRUPT);
    store_close(s);
}

/* Readers in threads: every snapshot has as many rows of state 1 as of state 2, whatever the writer
 * does. */

struct reading {
    struct store *s;
    atomic_bool stop;
    atomic_int snapshots, wrong;
};

static bool count_states(void *ctx, const void *row)
{
    int64_t *n = ctx;
    n[((const struct instance_row *)row)->state]++;
    return true;
}

static void *read_on(void *ctx)
{
    struct reading *r = ctx;
    struct view *v = NULL;
    struct query q;
    query_init(&q, &table_instance);
    if (reader_open(r->s, &v, NULL) != E_OK)
        return NULL;
    int64_t last = 0;
    while (!atomic_load(&r->stop)) {
        int64_t n[4] = { 0 };
        int64_t again[4] = { 0 };
        if (reader_begin(v, NULL) != E_OK || query_run(v, &q, count_states, n, NULL) != E_OK ||
            query_run(v, &q, count_states, again, NULL) != E_OK)
            atomic_fetch_add(&r->wrong, 1);
        if (n[1] != n[2] || n[1] < last || memcmp(n, again, sizeof(n)) != 0)
            atomic_fetch_add(&r->wrong, 1);
        last = n[1];
        reader_end(v);
        atomic_fetch_add(&r->snapshots, 1);
    }
    reader_close(v);
    return NULL;
}

static void read_while_writing(const char *where)
{
    struct reading r = { .s = open_ok(where) };
    pthread_t threads[3];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &r), 0);
    int64_t i = 0;
    for (; i < 300 || (atomic_load(&r.snapshots) < 50 && i < 100000); i++) {
        struct instance_row one = instance(2 * i, 1);
        struct instance_row two = instance(2 * i + 1, 2);
        assert_ok(store_begin(r.s, &e_));
        assert_ok(row_insert(r.s, &table_instance, &one, NULL, &e_));
        if (i % 3 == 0) { /* what is rolled back is never seen */
            store_rollback(r.s);
            continue;
        }
        assert_ok(row_insert(r.s, &table_instance, &two, NULL, &e_));
        assert_ok(store_commit(r.s, &e_));
    }
    atomic_store(&r.stop, true);
    for (size_t j = 0; j < ARRAY_LEN(threads); j++)
        assert_int_equal(pthread_join(threads[j], NULL), 0);
    assert_int_equal(atomic_load(&r.wrong), 0);
    assert_true(atomic_load(&r.snapshots) >= 50);
    store_close(r.s);
}

static void test_readers__in_threads(void **state)
{
    struct place *p = *state;
    read_while_writing(p->db);
    read_while_writing("memory:");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_open__file_is_private_and_stays),
        TEST(test_open__durability_is_in_force),
        TEST(test_open__twice_is_busy),
        TEST(test_open__a_newer_schema_is_refused),
        TEST(test_open__what_is_no_weft_database),
        TEST(test_migrations__each_step_once_and_whole),
        TEST(test_migrations__of_an_empty_file_all_or_none),
        TEST(test_migrations__from_the_first_schema),
        TEST(test_migrations__members_of_projects),
        TEST(test_migrations__consumptions_of_instances_that_left),
        TEST(test_migrations__cases_that_are_used_up),
        TEST(test_copy__of_one_moment),
        TEST(test_schema__is_what_the_descriptors_say),
        TEST(test_schema__of_an_old_store_as_well),
        TEST(test_queries__use_the_indexes),
        TEST(test_cache__is_bounded),
        TEST(test_full__changes_fail_and_nothing_is_lost),
        TEST(test_full__a_failed_commit_leaves_nothing),
        TEST(test_busy__another_writer),
        TEST(test_corrupt__is_noticed),
        TEST(test_readers__in_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
