/* test/engine/t_neighbours.c - the neighbours of many instances: each task is read once
 * (docs/reference/semantics.md 5.7, 5.10). */
#include "task_world.h"

#include <stdio.h>

#include "engine/neighbours.h"

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

#define DAILY "\"MainCyclicConfig\":\"DAY\",\"SubordinateCyclicConfig\":\"CURRENT_DAY\""

enum { DAYS = 3 };

static int64_t publish(const char *name, const char *scheduler)
{
    int64_t id = must_create(&w, name, scheduler);

    must_submit(&w, id);
    for (int day = 1; day <= DAYS; day++) {
        struct instance_row row = { .task_id = id, .data_time = world_day(day) };
        assert_int_equal(store_begin(w.store, NULL), E_OK);
        assert_int_equal(row_insert(w.store, &table_instance, &row, NULL, NULL), E_OK);
        assert_int_equal(store_commit(w.store, NULL), E_OK);
    }
    return id;
}

/* From now on whoever looks for the task does not find it. */
static void hide(int64_t task)
{
    struct schedule_row row = { .task_id = task };

    assert_int_equal(store_begin(w.store, NULL), E_OK);
    assert_int_equal(row_delete(w.store, &table_schedule, &row, NULL), E_OK);
    assert_int_equal(store_commit(w.store, NULL), E_OK);
}

static void assert_found(const struct instance_keys *keys, size_t n, int64_t task, int day)
{
    assert_int_equal(keys->n, n);
    assert_int_equal(keys->items[n - 1].task_id, task);
    assert_int_equal(keys->items[n - 1].data_time.s, world_day(day).s);
}

static void test_neighbours__read_each_task_once(void **state)
{
    int64_t up = publish("up", NULL), down = publish("down", upstream(up, DAILY));
    struct instance_keys below = { NULL, 0, 0 }, above = { NULL, 0, 0 };
    struct task_outlines tasks;

    (void)state;
    task_outlines_init(&tasks, store_view(w.store));
    for (int day = 1; day <= DAYS; day++) {
        struct instance_key u = { up, world_day(day) }, d = { down, world_day(day) };
        assert_int_equal(neighbours_downstream(&tasks, u, &below, NULL), E_OK);
        assert_found(&below, (size_t)day, down, day);
        assert_int_equal(neighbours_upstream(&tasks, d, &above, NULL), E_OK);
        assert_found(&above, (size_t)day, up, day);
        if (day == 1) {
            hide(up);
            hide(down);
        }
    }
    task_outlines_done(&tasks);
    task_outlines_init(&tasks, store_view(w.store));
    assert_int_equal(
        neighbours_downstream(&tasks, (struct instance_key){ up, world_day(1) }, &below, NULL),
        E_OK);
    assert_int_equal(below.n, DAYS);
    task_outlines_done(&tasks);
    mem_free(below.items);
    mem_free(above.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_neighbours__read_each_task_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
