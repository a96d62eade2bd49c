/* test/store/t_random.c - a long random history, done to both back ends at once: every answer is
 * the
 * same. */
#include "store_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDES = 2, STEPS = 20000 };

struct pair {
    struct prng prng;
    struct place place;
    struct store *stores[SIDES];
    struct view *readers[SIDES];
    bool has_snapshot;
    int step;
    int64_t n_rows_seen, n_exists, n_reverts;
};

/* Tables of every kind: text key, integer key, compound keys, unique and partial indexes. */
static const struct table *const used[] = {
    &table_meta,     &table_project, &table_folder,        &table_task,
    &table_version,  &table_edge,    &table_listener,      &table_instance,
    &table_instance, &table_attempt, &table_plan_instance,
};

static const struct table *any_table(struct pair *p)
{
    return used[prng_below(&p->prng, ARRAY_LEN(used))];
}

static void same_rc(const struct pair *p, const enum err_code rc[SIDES], const struct err e[SIDES])
{
    if (rc[0] != rc[1])
        fail_msg("step %d: memory %s (%s), sqlite %s (%s)", p->step, err_code_name(rc[0]),
                 e[0].text, err_code_name(rc[1]), e[1].text);
    if (rc[0] == E_IO || rc[0] == E_CORRUPT)
        fail_msg("step %d: %s", p->step, e[0].text);
}

static void do_change(struct pair *p)
{
    const struct table *t = any_table(p);
    _Alignas(max_align_t) char row[TABLE_ROW_MAX];
    random_row(&p->prng, t, row);
    uint64_t key = 0;
    for (int i = 0; i < t->key.n; i++)
        key |= COL(t->key.at[i]);
    uint64_t columns = 0;
    bool all_key = t->n_columns == t->key.n;
    while (!all_key && (columns & ~key) == 0)
        columns |= prng_next(&p->prng) & prng_next(&p->prng) & (COL(t->n_columns) - 1);
    uint64_t what = prng_below(&p->prng, 10);
    enum err_code rc[SIDES];
    struct err e[SIDES] = { ERR_INIT, ERR_INIT };
    int index[SIDES] = { -9, -9 };
    for (int i = 0; i < SIDES; i++) {
        if (what < 5)
            rc[i] = row_insert(p->stores[i], t, row, &index[i], &e[i]);
        else if (what < 7 && !all_key)
            rc[i] = row_update(p->stores[i], t, row, columns, &e[i]);
        else if (what < 9)
            rc[i] = row_put(p->stores[i], t, row, &e[i]);
        else
            rc[i] = row_delete(p->stores[i], t, row, &e[i]);
    }
    same_rc(p, rc, e);
    assert_int_equal(index[0], index[1]);
    p->n_exists += rc[0] == E_EXISTS;
}

static void do_get(struct pair *p, struct view *const views[SIDES])
{
    const struct table *t = any_table(p);
    bool by_index = t->n_indexes > 0 && t->indexes[0].unique && prng_below(&p->prng, 2);
    _Alignas(max_align_t) char rows[SIDES][TABLE_ROW_MAX];
    random_row(&p->prng, t, rows[0]);
    memcpy(rows[1], rows[0], t->row_size);
    struct arena a;
    arena_init(&a);
    enum err_code rc[SIDES];
    struct err e[SIDES] = { ERR_INIT, ERR_INIT };
    for (int i = 0; i < SIDES; i++)
        rc[i] = by_index ? row_get_by(views[i], t, 0, &a, rows[i], &e[i])
                         : row_get(views[i], t, &a, rows[i], &e[i]);
    same_rc(p, rc, e);
    assert_true(rows_equal(t, rows[0], rows[1]));
    arena_done(&a);
}

struct values {
    struct str texts[8];
    int64_t numbers[8];
};

/* Now and then a number that no such column can hold. */
static int64_t random_bound(struct pair *p, int64_t usual)
{
    static const int64_t odd[] = { INT64_MAX,           INT64_MIN, INT64_C(1) << 32,
                                   -(INT64_C(1) << 32), -1,        2 };
    return prng_below(&p->prng, 8) ? usual : odd[prng_below(&p->prng, ARRAY_LEN(odd))];
}

static void add_condition(struct pair *p, struct query *q, struct values *v)
{
    int column = (int)prng_below(&p->prng, (uint64_t)q->table->n_columns);
    if (prng_below(&p->prng, 3) == 0)
        column = q->table->key.at[0];
    else if (q->table->n_indexes > 0 && prng_below(&p->prng, 2)) {
        const struct table_index *x =
            &q->table->indexes[prng_below(&p->prng, (uint64_t)q->table->n_indexes)];
        column = x->columns.at[prng_below(&p->prng, (uint64_t)x->columns.n)];
    }
    const struct column *c = &q->table->columns[column];
    _Alignas(max_align_t) char row[TABLE_ROW_MAX];
    int n = (int)prng_below(&p->prng, 7);
    for (int i = 0; i < (int)ARRAY_LEN(v->texts); i++) {
        random_column(&p->prng, c, row);
        if (c->type == COLUMN_TEXT)
            v->texts[i] = column_text(c, row);
        else
            v->numbers[i] = column_number(c, row);
    }
    enum query_op op = (enum query_op)prng_below(&p->prng, QUERY_HAS_ITEM + 1);
    if (c->type == COLUMN_TEXT && op == QUERY_IN)
        query_texts(q, column, v->texts, n);
    else if (c->type == COLUMN_TEXT)
        query_text(q, column, op, v->texts[7]);
    else if (op >= QUERY_IN)
        query_numbers(q, column, v->numbers, n);
    else
        query_number(q, column, op, random_bound(p, v->numbers[7]));
}

static void random_query(struct pair *p, struct query *q, struct values *values)
{
    query_init(q, any_table(p));
    int n_where = (int)prng_below(&p->prng, 4);
    for (int i = 0; i < n_where; i++)
        add_condition(p, q, &values[i]);
    int n_order = (int)prng_below(&p->prng, QUERY_ORDER_MAX + 1);
    bool descending = prng_below(&p->prng, 2);
    for (int i = 0; i < n_order; i++) {
        int column = (int)prng_below(&p->prng, (uint64_t)q->table->n_columns);
        if (q->table->n_indexes > 0 && prng_below(&p->prng, 2))
            column = q->table->indexes[q->table->n_indexes - 1].columns.at[0];
        if (prng_below(&p->prng, 4) == 0)
            descending = !descending;
        query_order(q, column, descending);
    }
    if (prng_below(&p->prng, 2))
        q->limit = prng_range(&p->prng, 0, 6);
    if (prng_below(&p->prng, 4) == 0)
        q->offset = prng_range(&p->prng, 0, 4);
}

static void do_query(struct pair *p, struct view *const views[SIDES])
{
    struct query q;
    struct values values[4];
    random_query(p, &q, values);
    struct arena a;
    arena_init(&a);
    enum err_code rc[SIDES];
    struct err e[SIDES] = { ERR_INIT, ERR_INIT };
    void *rows[SIDES] = { NULL, NULL };
    size_t n[SIDES] = { 0, 0 };
    int64_t count[SIDES] = { -1, -1 };
    for (int i = 0; i < SIDES; i++) {
        rc[i] = query_rows(views[i], &q, &a, &rows[i], &n[i], &e[i]);
        if (rc[i] == E_OK)
            rc[i] = query_count(views[i], &q, &count[i], &e[i]);
    }
    same_rc(p, rc, e);
    assert_int_equal(count[0], count[1]);
    if (n[0] != n[1])
        fail_msg("step %d: query on %s gives %zu and %zu rows", p->step, q.table->name, n[0], n[1]);
    for (size_t i = 0; i < n[0]; i++) {
        const char *x = (const char *)rows[0] + i * q.table->row_size;
        const char *y = (const char *)rows[1] + i * q.table->row_size;
        if (!rows_equal(q.table, x, y))
            fail_msg("step %d: row %zu of %s differs", p->step, i, q.table->name);
        assert_true(query_matches(&q, x));
        if (i > 0)
            assert_true(query_cmp(&q, x - q.table->row_size, x) < 0);
    }
    p->n_rows_seen += (int64_t)n[0];
    arena_done(&a);
}

static void do_query_delete(struct pair *p)
{
    struct query q;
    struct values values[4];
    random_query(p, &q, values);
    if (q.n_where < 2)
        return; /* would empty the tables too often */
    enum err_code rc[SIDES];
    struct err e[SIDES] = { ERR_INIT, ERR_INIT };
    int64_t n[SIDES] = { -1, -1 };
    for (int i = 0; i < SIDES; i++)
        rc[i] = query_delete(p->stores[i], &q, &n[i], &e[i]);
    same_rc(p, rc, e);
    assert_int_equal(n[0], n[1]);
}

static void do_transaction(struct pair *p)
{
    uint64_t what = prng_below(&p->prng, 8);
    bool rolls_back = prng_below(&p->prng, 3) == 0;
    enum err_code rc[SIDES];
    struct err e[SIDES] = { ERR_INIT, ERR_INIT };
    for (int i = 0; i < SIDES; i++) {
        struct store *s = p->stores[i];
        rc[i] = E_OK;
        switch (what) {
        case 0:
            rc[i] = store_commit(s, &e[i]);
            break;
        case 1:
            rc[i] = store_savepoint(s, &e[i]);
            break;
        case 2:
        case 3:
            rc[i] = store_release(s, &e[i]);
            break;
        case 4:
            store_revert(s);
            break;
        case 5:
            if (rolls_back)
                store_rollback(s);
            break;
        default:
            rc[i] = store_begin(s, &e[i]);
            break;
        }
    }
    same_rc(p, rc, e);
    p->n_reverts += what == 4;
}

static void do_reader(struct pair *p)
{
    enum err_code rc[SIDES];
    struct err e[SIDES] = { ERR_INIT, ERR_INIT };
    for (int i = 0; i < SIDES; i++) {
        rc[i] = E_OK;
        if (p->has_snapshot)
            reader_end(p->readers[i]);
        else
            rc[i] = reader_begin(p->readers[i], &e[i]);
    }
    same_rc(p, rc, e);
    p->has_snapshot = !p->has_snapshot;
}

static void step(struct pair *p)
{
    struct view *writers[SIDES] = { store_view(p->stores[0]), store_view(p->stores[1]) };
    uint64_t what = prng_below(&p->prng, 100);
    if (what < 50)
        do_change(p);
    else if (what < 60)
        do_get(p, writers);
    else if (what < 72)
        do_query(p, writers);
    else if (what < 80)
        do_query(p, p->readers);
    else if (what < 84)
        do_get(p, p->readers);
    else if (what < 85)
        do_query_delete(p);
    else if (what < 89)
        do_reader(p);
    else
        do_transaction(p);
}

static void run(uint64_t seed)
{
    struct pair p = { 0 };
    prng_init(&p.prng, seed);
    place_init(&p.place);
    p.stores[0] = open_ok("memory:");
    p.stores[1] = open_ok(p.place.db);
    for (int i = 0; i < SIDES; i++)
        assert_ok(reader_open(p.stores[i], &p.readers[i], &e_));
    /* Commits need not be durable here: the fsyncs would take most of the time. */
    assert_ok(
        conn_exec(sqlite_writer(store_backend(p.stores[1])), "PRAGMA synchronous = OFF", &e_));
    for (p.step = 0; p.step < STEPS; p.step++)
        step(&p);
    /* The history was worth something. */
    assert_true(p.n_rows_seen > STEPS / 10);
    assert_true(p.n_exists > STEPS / 100);
    assert_true(p.n_reverts > 10);
    for (int i = 0; i < SIDES; i++) {
        reader_close(p.readers[i]);
        store_close(p.stores[i]);
    }
    place_done(&p.place);
}

static void test_back_ends__agree(void **state)
{
    (void)state;
    const char *seed = getenv("WEFT_TEST_SEED");
    uint64_t first = seed ? strtoull(seed, NULL, 10) : 1;
    for (uint64_t i = first; i < first + (seed ? 1 : 2); i++) {
        print_message("seed %llu\n", (unsigned long long)i);
        run(i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_back_ends__agree) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
