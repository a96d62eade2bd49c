/* test/engine/t_resource_tree.c - the folder that tasks see is what the committed rows say, after
 * every turn and every start (docs/decisions/0026-resource-files.md). */
#include "engine/resource_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/prng.h"
#include "engine/cmd_folder.h"
#include "engine/cmd_project.h"
#include "engine/cmd_resource.h"
#include "engine/engine_int.h"
#include "engine/objects.h"
#include "sys/below.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { CONTENTS = 4, IDS = 5 };

static char dir[64];
static struct arena arena;
static struct resource_files files;
static struct store *store;
static struct engine *engine;
static struct wall now;
static struct object objects[CONTENTS];
static struct prng dice;

static int64_t below(int64_t n)
{
    return (int64_t)(prng_next(&dice) % (uint64_t)n);
}

static void put_object(int content)
{
    char path[96];
    struct err e = ERR_INIT;

    snprintf(path, sizeof(path), "%s/content", dir);
    assert_int_equal(file_write_quick(path, str_make("abcd", (size_t)content), 0600, NULL), E_OK);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(object_put(&files, fd, &objects[content], &e), E_OK);
    close(fd);
    assert_int_equal(objects[content].size, content);
}

static void start(void)
{
    struct engine_config config = { .store = store, .node = "n", .resources = &files };

    assert_int_equal(engine_new(&config, &engine, NULL), E_OK);
    assert_int_equal(engine_load(engine, now, NULL), E_OK);
}

/* ---- commands -------------------------------------------------------------------------------- */

struct posted {
    struct engine_command command;
    struct prng dice; /* of its own, so that a command does the same whenever it runs */
    enum err_code rc;
};

static enum err_code make_project(struct engine_command *c, struct engine *g, struct err *e)
{
    struct project_request r = {
        .id = STR("12"), .name = STR("p"), .display_name = STR("p"), .creator_uin = STR("1")
    };
    struct str id;

    (void)c;
    return project_create(g, &r, &id, e);
}

static enum err_code drop_project(struct engine_command *c, struct engine *g, struct err *e)
{
    (void)c;
    return project_delete(g, STR("12"), e);
}

/* The path of a folder that is there, often. */
static struct str any_folder(struct engine *g)
{
    struct folder_row row = { .id = arena_printf(engine_arena(g), "f%d", (int)below(IDS)) };

    return row_get(engine_view(g), &table_resource_folder, engine_arena(g), &row, NULL) == E_OK
               ? row.path
               : STR("/");
}

static struct str any_name(void)
{
    static const char *const names[] = { "a", "ab", "b", "..." };

    return str_from(names[below((int64_t)ARRAY_LEN(names))]);
}

static enum err_code change_folder(struct engine *g, struct str id, struct err *e)
{
    struct folder_request r = { .id = id,
                                .project_id = STR("12"),
                                .parent_path = any_folder(g),
                                .name = any_name(),
                                .creator_uin = STR("1") };
    struct str made;

    switch (below(4)) {
    case 0:
    case 1:
        return folder_create(g, &resource_folders, &r, &made, e);
    case 2:
        return folder_rename(g, &resource_folders, r.project_id, id, r.name, e);
    default:
        return folder_delete(g, &resource_folders, r.project_id, id, e);
    }
}

static enum err_code change_file(struct engine *g, struct str id, struct err *e)
{
    const struct object *o = &objects[below(CONTENTS)];
    struct str name = any_name(), remote = STR("/datastudio/resource/12/x"), made;
    struct resource_request r = { .id = id,
                                  .project_id = STR("12"),
                                  .folder_path = any_folder(g),
                                  .name = name,
                                  .bucket = STR("weft"),
                                  .remote_path = remote,
                                  .digest = str_from(o->digest),
                                  .size = o->size,
                                  .creator_uin = STR("1") };
    struct resource_change change = { .name = below(2) ? &name : NULL,
                                      .remote_path = below(2) ? &remote : NULL,
                                      .digest = r.digest,
                                      .size = r.size,
                                      .updater_uin = STR("1") };

    switch (below(4)) {
    case 0:
    case 1:
        return resource_create(g, &r, &made, e);
    case 2:
        return resource_update(g, r.project_id, id, &change, e);
    default:
        return resource_delete(g, r.project_id, id, e);
    }
}

static enum err_code change(struct engine_command *c, struct engine *g, struct err *e)
{
    struct posted *p = CONTAINER_OF(c, struct posted, command);
    struct str id;

    dice = p->dice;
    id = arena_printf(engine_arena(g), "f%d", (int)below(IDS));
    enum err_code rc = below(2) ? change_folder(g, id, e) : change_file(g, id, e);
    /* A second step that fails takes the first one back, and what was said of it stays. */
    if (rc == E_OK && below(6) == 0)
        rc = err_set(e, E_CONFLICT, "on purpose");
    return rc;
}

static void done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    (void)e;
    CONTAINER_OF(c, struct posted, command)->rc = rc;
}

static enum err_code run_one(enum err_code (*run)(struct engine_command *, struct engine *,
                                                  struct err *))
{
    struct posted p = { .command = { .run = run, .done = done } };

    assert_int_equal(engine_post(engine, &p.command, NULL), E_OK);
    while (engine_turn(engine, now))
        ;
    return p.rc;
}

/* ---- the tree against the rows --------------------------------------------------------------- */

static bool note(void *ctx, const struct below_entry *entry)
{
    struct buf *out = ctx;
    struct stat st;
    char path[600];

    snprintf(path, sizeof(path), "%.*s", STR_ARG(entry->path));
    assert_int_equal(fstatat(files.tree, path, &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(entry->is_folder || entry->is_file);
    if (strchr(path, '/')) /* not the project's own */
        buf_printf(out, "%s %lld\n", path, entry->is_folder ? -1LL : (long long)st.st_ino);
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Its lines in their order. */
static char *sorted(struct buf *text)
{
    char *lines[64], *out = malloc(text->len + 2), *save = NULL;
    size_t n = 0;

    for (char *line = text->ptr ? strtok_r(text->ptr, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save))
        lines[n++] = line;
    qsort(lines, n, sizeof(*lines), by_text);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        strcat(out, lines[i]);
        strcat(out, "\n");
    }
    buf_done(text);
    return out;
}

static void check_tree(void)
{
    struct view *v = store_view(store);
    struct buf disk, rows;
    struct query q;
    void *found;
    size_t n;

    buf_init(&disk, 1 << 16);
    buf_init(&rows, 1 << 16);
    assert_int_equal(below_walk(files.tree, STR(""), note, &disk, NULL), E_OK);
    query_init(&q, &table_resource_folder);
    assert_int_equal(query_rows(v, &q, &arena, &found, &n, NULL), E_OK);
    for (size_t i = 0; i < n; i++)
        buf_printf(&rows, "12%.*s -1\n", STR_ARG(((struct folder_row *)found)[i].path));
    query_init(&q, &table_resource);
    assert_int_equal(query_rows(v, &q, &arena, &found, &n, NULL), E_OK);
    for (size_t i = 0; i < n; i++) {
        const struct resource_row *r = (struct resource_row *)found + i;
        struct stat st;
        assert_int_equal(fstatat(files.objects, arena_cstr(&arena, r->digest), &st, 0), 0);
        buf_printf(&rows, "12%.*s %lld\n", STR_ARG(r->path), (long long)st.st_ino);
    }
    char *want = sorted(&rows), *got = sorted(&disk);
    if (strcmp(want, got) != 0)
        fail_msg("the rows say\n%s\nand the tree is\n%s", want, got);
    free(want);
    free(got);
}

/* ---- worlds ---------------------------------------------------------------------------------- */

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/weft-tree-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    arena_init(&arena);
    now = clock_wall();
    files = (struct resource_files){ .file_max = 100, .project_max = 100 };
    assert_int_equal(resource_files_open(dir, &arena, &files, NULL), E_OK);
    for (int i = 0; i < CONTENTS; i++)
        put_object(i);
    assert_int_equal(store_open("memory:", &store, NULL), E_OK);
    start();
    assert_int_equal(run_one(make_project), E_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    engine_free(engine);
    store_close(store);
    resource_files_close(&files);
    arena_done(&arena);
    return dir_remove_all(dir, NULL) == E_OK ? 0 : -1;
}

/* What a crash between two steps, or anybody else, could leave. */
static void damage(void)
{
    static const char *const places[] = { "12/a", "12/b", "12/ab/a", "12/...", "12", "13", ".new" };
    const char *place = places[below((int64_t)ARRAY_LEN(places))];
    int64_t size;

    switch (below(3)) {
    case 0:
        assert_int_equal(below_remove(files.tree, str_from(place), NULL), E_OK);
        break;
    case 1:
        assert_int_equal(below_remove(files.tree, str_from(place), NULL), E_OK);
        if (below_append(files.tree, str_from(place), 0, STR("x"), &size, NULL) != E_OK) {
            /* a file is on its way */
        }
        break;
    default:
        if (below_folder(files.tree, str_from(place), NULL) != E_OK) {
            /* a file is there */
        }
    }
}

static void test_tree__follows_the_rows(void **state)
{
    int64_t accepted = 0, refused = 0, failed = 0;

    (void)state;
    for (int round = 0; round < 1500; round++) {
        struct posted p[5];
        struct prng outer;
        int n;

        prng_init(&dice, (uint64_t)round + 1);
        n = 1 + (int)below(5);
        if (below(20) == 0)
            store_set_faults(store, (struct store_faults){ .fail_commit_at = 1 });
        outer = dice;
        for (int i = 0; i < n; i++) {
            p[i] = (struct posted){ .command = { .run = change, .done = done } };
            prng_init(&p[i].dice, (uint64_t)round * 16 + (uint64_t)i);
            assert_int_equal(engine_post(engine, &p[i].command, NULL), E_OK);
        }
        while (engine_turn(engine, now))
            ;
        store_set_faults(store, (struct store_faults){ 0, 0 });
        now = wall_add(now, DUR_S(1)); /* a store that failed is looked at again */
        while (engine_turn(engine, now))
            ;
        for (int i = 0; i < n; i++) {
            accepted += p[i].rc == E_OK;
            failed += p[i].rc == E_IO;
            refused += p[i].rc != E_OK && p[i].rc != E_IO;
        }
        check_tree();
        dice = outer;
        if (below(10) == 0) {
            engine_free(engine);
            damage();
            start();
            check_tree();
        }
        arena_reset(&arena);
    }
    assert_true(accepted > 500 && refused > 500 && failed > 50);
    assert_int_equal(run_one(drop_project), E_OK);
    check_tree();
    assert_false(below_is_folder(files.tree, STR("12")));
}

/* ---- objects --------------------------------------------------------------------------------- */

static bool is_there(int content)
{
    return object_there(&files, str_from(objects[content].digest));
}

static void sweep(void)
{
    now = wall_add(now, DUR_S(1300)); /* more than two of its pauses */
    for (int i = 0; i < 10; i++)
        engine_turn(engine, now = wall_add(now, DUR_S(1)));
}

static enum err_code name_content_1(struct engine_command *c, struct engine *g, struct err *e)
{
    struct resource_request r = { .id = STR("one"),
                                  .project_id = STR("12"),
                                  .folder_path = STR("/"),
                                  .name = STR("one"),
                                  .bucket = STR("weft"),
                                  .remote_path = STR("/datastudio/resource/12/x"),
                                  .digest = str_from(objects[1].digest),
                                  .size = 1,
                                  .creator_uin = STR("1") };
    struct str id;

    (void)c;
    return resource_create(g, &r, &id, e);
}

static enum err_code drop_one(struct engine_command *c, struct engine *g, struct err *e)
{
    (void)c;
    return resource_delete(g, STR("12"), STR("one"), e);
}

static void test_objects__go_when_nobody_names_them_and_they_rested(void **state)
{
    char spare[] = "new-of-a-crash", other[] = "other";

    (void)state;
    assert_int_equal(run_one(name_content_1), E_OK);
    for (char *name = spare; name; name = name == spare ? other : NULL) {
        int fd = openat(files.objects, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
    sweep(); /* too young */
    assert_true(is_there(0) && is_there(1) && is_there(2));
    now = wall_add(now, DUR_S(2400));
    put_object(2); /* again: as young as can be, by the machine's clock */
    struct timespec young[2] = { { .tv_sec = (time_t)(now.us / 1000000) },
                                 { .tv_sec = (time_t)(now.us / 1000000) } };
    assert_int_equal(utimensat(files.objects, objects[2].digest, young, 0), 0);
    sweep();
    assert_true(!is_there(0) && is_there(1) && is_there(2));
    assert_int_equal(faccessat(files.objects, spare, F_OK, 0), -1);
    assert_int_equal(faccessat(files.objects, other, F_OK, 0), 0); /* none of ours */
    assert_int_equal(run_one(drop_one), E_OK);
    sweep();
    assert_true(!is_there(1));
    /* What has gone meanwhile cannot be named. */
    assert_int_equal(run_one(name_content_1), E_BUSY);
    /* After a restore without it the start goes on, and the others are in their places. */
    put_object(1);
    put_object(2);
    assert_int_equal(run_one(name_content_1), E_OK);
    assert_int_equal(unlinkat(files.objects, objects[1].digest, 0), 0);
    engine_free(engine);
    start();
    assert_int_equal(faccessat(files.tree, "12/one", F_OK, 0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tree__follows_the_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_objects__go_when_nobody_names_them_and_they_rested,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
