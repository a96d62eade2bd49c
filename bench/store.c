/* bench/store.c - what a durable row costs, next to bare prepared SQLite on the same disk in the
 * same run.
 *
 * Work: instances, each inserted and then updated twice (running, completed), as the engine does
 * it; in transactions of 1000 instances and of one.  Floor: a table with the same bytes and one
 * index, inserted and updated with statements prepared by hand.  Prints rows per second (insertions
 * and updates both count), and microseconds of CPU and wall time per operation inside an open
 * transaction.
 *
 * bench_store [DIR] [N]: databases are made in DIR (default /tmp), N instances in groups (default
 * 100000).
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { GROUP = 1000, TASKS = 1000, SINGLE_SHARE = 50 };

static double now_s(void)
{
    return (double)clock_mono().us / 1e6;
}

static void must(enum err_code rc, const struct err *e)
{
    if (rc == E_OK)
        return;
    fprintf(stderr, "bench_store: %s: %s\n", err_code_name(rc), e->text);
    exit(1);
}

static void must_sql(int rc, sqlite3 *db)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE)
        return;
    fprintf(stderr, "bench_store: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static struct instance_row make_instance(int64_t i)
{
    return (struct instance_row){
        .task_id = 20250806000000000 + (i * 7919) % TASKS,
        .data_time = { 1700000000 + i / TASKS * 60 },
        .project_id = STR("1460947878944567296"),
        .workflow_id = STR("b41e8d13-905a-4006-9b05-1fe180338f59"),
        .task_name = STR("daily_sales_load"),
        .owner_uin = STR("100028448903"),
        .group_id = STR("20250807150028132241"),
        .task_type_id = 35,
        .cycle = 3,
        .type = 1,
        .try_limit = 4,
        .priority = 5,
        .version_no = 1,
        .planned = { 1700000000 + i / TASKS * 60 },
        .fire_at = { (1700000000 + i / TASKS * 60) * INT64_C(1000000) },
        .created_at = { 1700000000000000 + i },
        .updated_at = { 1700000000000000 + i },
        .round_at = { 1700000000000000 + i },
        .phases = STR("0:1700000000000000:1700000000000001;1:1700000000000001:"),
    };
}

/* What one instance goes through. */
struct side {
    const char *name;
    void (*begin)(void *ctx);
    void (*commit)(void *ctx);
    void (*insert)(void *ctx, const struct instance_row *row);
    void (*run)(void *ctx, struct instance_row *row);
    void (*complete)(void *ctx, struct instance_row *row);
    void *ctx;
};

struct times {
    double insert, run, complete, commit;
};

/* All instances of a group are inserted, then all run, then all complete; in groups of 1 each step
 * commits. */
static void work(const struct side *s, int64_t from, int64_t n, int group, struct times *t)
{
    struct instance_row *rows = mem_alloc(sizeof(*rows) * (size_t)group);
    for (int64_t at = from; at < from + n; at += group) {
        for (int i = 0; i < group; i++)
            rows[i] = make_instance(at + i);
        double begin = now_s();
        s->begin(s->ctx);
        for (int i = 0; i < group; i++)
            s->insert(s->ctx, &rows[i]);
        double inserted = now_s();
        s->commit(s->ctx);
        double committed = now_s();
        s->begin(s->ctx);
        for (int i = 0; i < group; i++)
            s->run(s->ctx, &rows[i]);
        double ran = now_s();
        s->commit(s->ctx);
        double committed_again = now_s();
        s->begin(s->ctx);
        for (int i = 0; i < group; i++)
            s->complete(s->ctx, &rows[i]);
        double completed = now_s();
        s->commit(s->ctx);
        t->insert += inserted - begin;
        t->run += ran - committed;
        t->complete += completed - committed_again;
        t->commit += committed - inserted + committed_again - ran + now_s() - completed;
    }
    mem_free(rows);
}

static double report(const char *what, const struct side *s, int64_t from, int64_t n, int group)
{
    struct times t = { 0 };
    double begin = now_s();
    work(s, from, n, group, &t);
    double all = now_s() - begin;
    double rate = 3.0 * (double)n / all;
    printf("%-10s %-22s %9.0f rows/s   insert %6.2f us  update %6.2f us  commit %6.3f ms\n",
           s->name, what, rate, t.insert * 1e6 / (double)n,
           (t.run + t.complete) * 1e6 / (double)(2 * n),
           t.commit * 1e3 / (3.0 * (double)n / group));
    return rate;
}

/* The store. */

static void store_side_begin(void *ctx)
{
    struct err e = ERR_INIT;
    must(store_begin(ctx, &e), &e);
}

static void store_side_commit(void *ctx)
{
    struct err e = ERR_INIT;
    must(store_commit(ctx, &e), &e);
}

static void store_side_insert(void *ctx, const struct instance_row *row)
{
    struct err e;
    must(row_insert(ctx, &table_instance, row, NULL, &e), &e);
}

static void store_side_run(void *ctx, struct instance_row *row)
{
    struct err e;
    row->state = 3;
    row->tries = 1;
    row->total_runs = 1;
    row->fence = row->task_id;
    row->started_at.us = row->updated_at.us = row->created_at.us + 5;
    row->phases =
        STR("0:1700000000000000:1700000000000001;1:1700000000000001:1700000000000009;3:170");
    must(row_update(ctx, &table_instance, row,
                    COL(INSTANCE_STATE) | COL(INSTANCE_TRIES) | COL(INSTANCE_TOTAL_RUNS) |
                        COL(INSTANCE_FENCE) | COL(INSTANCE_STARTED_AT) | COL(INSTANCE_UPDATED_AT) |
                        COL(INSTANCE_PHASES),
                    &e),
         &e);
}

static void store_side_complete(void *ctx, struct instance_row *row)
{
    struct err e;
    row->state = 5;
    row->fence = 0;
    row->ended_at.us = row->updated_at.us = row->created_at.us + 9;
    row->phases =
        STR("0:1700000000000000:1700000000000001;1:1700000000000001:1700000000000009;3:1700");
    must(row_update(ctx, &table_instance, row,
                    COL(INSTANCE_STATE) | COL(INSTANCE_FENCE) | COL(INSTANCE_ENDED_AT) |
                        COL(INSTANCE_UPDATED_AT) | COL(INSTANCE_PHASES),
                    &e),
         &e);
}

/* The floor. */

struct bare {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *insert, *update;
};

static void step(struct bare *b, sqlite3_stmt *stmt)
{
    must_sql(sqlite3_step(stmt), b->db);
    sqlite3_reset(stmt);
}

static void bare_begin(void *ctx)
{
    struct bare *b = ctx;
    step(b, b->begin);
}

static void bare_commit(void *ctx)
{
    struct bare *b = ctx;
    step(b, b->commit);
}

static void bare_insert(void *ctx, const struct instance_row *row)
{
    static const char filler[200] = "daily_sales_load";
    struct bare *b = ctx;
    sqlite3_bind_int64(b->insert, 1, row->task_id);
    sqlite3_bind_int64(b->insert, 2, row->data_time.s);
    sqlite3_bind_int64(b->insert, 3, row->state);
    sqlite3_bind_text(b->insert, 4, filler, sizeof(filler), SQLITE_STATIC);
    sqlite3_bind_text(b->insert, 5, row->phases.ptr, (int)row->phases.len, SQLITE_STATIC);
    step(b, b->insert);
}

static void bare_update(struct bare *b, const struct instance_row *row, int state)
{
    static const char phases[] =
        "0:1700000000000000:1700000000000001;1:1700000000000001:1700000000000009;3:170";
    sqlite3_bind_int64(b->update, 1, state);
    sqlite3_bind_text(b->update, 2, phases, sizeof(phases) - 1, SQLITE_STATIC);
    sqlite3_bind_int64(b->update, 3, row->task_id);
    sqlite3_bind_int64(b->update, 4, row->data_time.s);
    step(b, b->update);
}

static void bare_run(void *ctx, struct instance_row *row)
{
    bare_update(ctx, row, 3);
}

static void bare_complete(void *ctx, struct instance_row *row)
{
    bare_update(ctx, row, 5);
}

static void bare_open(struct bare *b, const char *path)
{
    must_sql(sqlite3_open(path, &b->db), b->db);
    must_sql(sqlite3_exec(b->db,
                          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32768;"
                          "CREATE TABLE i (task, time, state, a, b, PRIMARY KEY (task, time));",
                          NULL, NULL, NULL),
             b->db);
    static const char *const sql[] = {
        "BEGIN IMMEDIATE", "COMMIT", "INSERT INTO i VALUES (?, ?, ?, ?, ?)",
        "UPDATE i SET state = ?, b = ? WHERE task = ? AND time = ?"
    };
    sqlite3_stmt **const at[] = { &b->begin, &b->commit, &b->insert, &b->update };
    for (size_t i = 0; i < ARRAY_LEN(sql); i++)
        must_sql(sqlite3_prepare_v2(b->db, sql[i], -1, at[i], NULL), b->db);
}

static void bare_close(struct bare *b)
{
    sqlite3_finalize(b->begin);
    sqlite3_finalize(b->commit);
    sqlite3_finalize(b->insert);
    sqlite3_finalize(b->update);
    sqlite3_close(b->db);
}

static double bench_side(const struct side *s, int64_t n, double *ret_single)
{
    double groups = report("groups of 1000", s, 0, n, GROUP);
    *ret_single = report("one by one", s, n, n / SINGLE_SHARE, 1);
    return groups;
}

/* Reads as the gateway does them: a fresh snapshot for each. */
static bool ignore_row(void *ctx, const void *row)
{
    *(int64_t *)ctx += ((const struct instance_row *)row)->task_id & 1;
    return true;
}

static void bench_reads(struct store *s, const char *name, int64_t n)
{
    enum { READS = 20000, PAGE = 20 };
    struct err e = ERR_INIT;
    struct view *v = NULL;
    struct arena a;
    int64_t sum = 0;
    must(reader_open(s, &v, &e), &e);
    arena_init(&a);
    double begin = now_s();
    for (int64_t i = 0; i < READS; i++) {
        struct instance_row row = make_instance(i * 7907 % n);
        must(reader_begin(v, &e), &e);
        must(row_get(v, &table_instance, &a, &row, &e), &e);
        reader_end(v);
        arena_reset(&a);
    }
    double got = now_s();
    for (int64_t i = 0; i < READS; i++) {
        struct query q;
        query_init(&q, &table_instance);
        query_text(&q, INSTANCE_PROJECT_ID, QUERY_EQ, STR("1460947878944567296"));
        query_number(&q, INSTANCE_FIRE_AT, QUERY_LE, make_instance(i * 7907 % n).fire_at.us);
        query_order(&q, INSTANCE_FIRE_AT, true);
        q.limit = PAGE;
        must(reader_begin(v, &e), &e);
        must(query_run(v, &q, ignore_row, &sum, &e), &e);
        reader_end(v);
    }
    double listed = now_s();
    printf("%-10s snapshot + get %.2f us, snapshot + page of %d out of %lld %.2f us\n", name,
           (got - begin) * 1e6 / READS, PAGE, (long long)n, (listed - got) * 1e6 / READS);
    arena_done(&a);
    reader_close(v);
}

static void bench_store(const char *where, const char *name, int64_t n, double floor_groups,
                        double floor_single)
{
    struct store *s = NULL;
    struct err e = ERR_INIT;
    must(store_open(where, &s, &e), &e);
    struct side side = { name,
                         store_side_begin,
                         store_side_commit,
                         store_side_insert,
                         store_side_run,
                         store_side_complete,
                         s };
    double single;
    double groups = bench_side(&side, n, &single);
    printf("%-10s ratio to bare: groups %.2f, one by one %.2f\n", name, groups / floor_groups,
           single / floor_single);
    bench_reads(s, name, n);
    store_close(s);
}

int main(int argc, char **argv)
{
    char dir[512];
    char path[600];
    snprintf(dir, sizeof(dir), "%s/weft-bench-store-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    int64_t n = argc > 2 ? strtoll(argv[2], NULL, 10) : 100000;
    n -= n % (GROUP * SINGLE_SHARE);
    if (n <= 0 || !mkdtemp(dir)) {
        fprintf(stderr, "usage: bench_store [DIR] [N >= %d]\n", GROUP * SINGLE_SHARE);
        return 2;
    }
    struct bare bare;
    snprintf(path, sizeof(path), "%s/bare.db", dir);
    bare_open(&bare, path);
    struct side side = { "bare",   bare_begin,    bare_commit, bare_insert,
                         bare_run, bare_complete, &bare };
    double single;
    double groups = bench_side(&side, n, &single);
    bare_close(&bare);
    snprintf(path, sizeof(path), "%s/weft.db", dir);
    bench_store(path, "sqlite", n, groups, single);
    bench_store("memory:", "memory", n, groups, single);
    struct err e = ERR_INIT;
    must(dir_remove_all(dir, &e), &e);
    return 0;
}
