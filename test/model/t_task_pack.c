/* test/model/t_task_pack.c - what the scheduler holds of a definition, packed and read again. */
#include "model/task_pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/prng.h"

enum { LIST = 6, ROUNDS = 3000 };

static struct task_upstream upstreams[LIST];
static struct task_listener listeners[LIST];

static struct str any_text(struct prng *p)
{
    static const char *const texts[] = { "", "a", "1", " ", "5 hours", "a5acf635-a297", "数据" };

    return str_from(texts[prng_below(p, ARRAY_LEN(texts))]);
}

static void any_schedule(struct prng *p, struct schedule *ret)
{
    static const char *const crons[] = { "0 0 0 * * ? *", "0 5/10 2-20 ? * MON#2,FRIL *",
                                         "7 0 9 L-3,15W 2,4 ? 2026-2040" };
    static const char *const zones[] = { "UTC", "UTC+8", "UTC-03:30" };

    ret->cycle = (enum cycle)prng_below(p, CYCLE_N_);
    assert_int_equal(cron_parse(str_from(crons[prng_below(p, 3)]), &ret->cron, NULL), E_OK);
    assert_int_equal(zone_find(str_from(zones[prng_below(p, 3)]), &ret->zone, NULL), E_OK);
    ret->start.s = prng_range(p, -4000000000, 4000000000);
    ret->end.s = ret->start.s + prng_range(p, 0, 4000000000);
    ret->window_from = (int)prng_below(p, 24 * 60);
    ret->window_to = (int)prng_range(p, ret->window_from, 24 * 60 - 1);
    ret->init = prng_below(p, 2) ? INIT_T_PLUS_0 : INIT_T_PLUS_1;
    ret->gap = (enum dst_gap)prng_below(p, 2);
    ret->overlap = (enum dst_overlap)prng_below(p, 2);
    ret->manual = prng_below(p, 2) == 1;
}

static void any_rule(struct prng *p, struct dep_rule *ret)
{
    *ret = (struct dep_rule){ .main = (enum dep_main)prng_below(p, DEP_MAIN_N_) };
    if (ret->main < DEP_RANGE_DAY) {
        ret->sub = (enum dep_sub)prng_below(p, DEP_SUB_N_);
        return;
    }
    ret->n_offsets = ret->main < DEP_LIST_DAY ? 2 : (int)prng_range(p, 1, DEP_OFFSETS_MAX);
    for (int i = 0; i < ret->n_offsets; i++)
        ret->offsets[i] = (int32_t)prng_range(
            p, i == 1 && ret->main < DEP_LIST_DAY ? ret->offsets[0] : -DEP_OFFSET_ABS_MAX,
            DEP_OFFSET_ABS_MAX);
}

static int64_t any_minutes(struct prng *p)
{
    return prng_below(p, 3) ? prng_range(p, 0, 10000000) : -1;
}

static void any_lists(struct prng *p, struct task_spec *ret)
{
    ret->n_upstreams = (int)prng_below(p, LIST + 1);
    ret->n_listeners = (int)prng_below(p, LIST + 1);
    ret->upstreams = upstreams;
    ret->listeners = listeners;
    for (int i = 0; i < LIST; i++) {
        upstreams[i] = (struct task_upstream){
            .task_id = prng_range(p, 1, INT64_MAX),
            .rule_given = prng_below(p, 2),
            .strategy = (enum null_strategy)prng_below(p, 2),
            .conditions = (unsigned)prng_below(p, 8),
            .timeout_minutes = any_minutes(p),
            .accept = (unsigned)prng_below(p, 8),
        };
        if (upstreams[i].rule_given)
            any_rule(p, &upstreams[i].rule);
        listeners[i] = (struct task_listener){
            .event_name = any_text(p),
            .project_id = any_text(p),
            .sub_type = (enum event_sub_type)prng_below(p, 4),
            .broadcast = prng_below(p, 2),
            .max_wait_minutes = any_minutes(p),
        };
    }
}

static void any_spec(struct prng *p, struct task_spec *ret)
{
    *ret = (struct task_spec){
        .workflow_id = any_text(p),
        .type_id = (int)prng_below(p, 200),
        .group_id = any_text(p),
        .merge_all = prng_below(p, 2),
        .calendar_id = any_text(p),
        .self_depend = (enum self_depend)prng_below(p, 3),
        .redo = (enum redo_type)prng_below(p, 3),
        .dry_run = prng_below(p, 2),
        .priority = (int)prng_range(p, 4, 6),
        .retry_wait_minutes = any_minutes(p),
        .max_retries = any_minutes(p),
        .execution_ttl_minutes = any_minutes(p),
        .wait_ttl_minutes = any_minutes(p),
    };
    any_schedule(p, &ret->schedule);
    any_lists(p, ret);
}

static void check_schedule(const struct schedule *a, const struct schedule *b)
{
    assert_int_equal(a->cycle, b->cycle);
    assert_true(cron_equal(&a->cron, &b->cron));
    assert_ptr_equal(a->zone, b->zone);
    assert_true(a->start.s == b->start.s && a->end.s == b->end.s);
    assert_int_equal(a->window_from, b->window_from);
    assert_int_equal(a->window_to, b->window_to);
    assert_null(a->calendar);
    assert_int_equal(a->init, b->init);
    assert_int_equal(a->gap, b->gap);
    assert_int_equal(a->overlap, b->overlap);
    assert_int_equal(a->manual, b->manual);
}

static void check_upstream(const struct task_upstream *a, const struct task_upstream *b)
{
    assert_true(a->task_id == b->task_id);
    assert_int_equal(a->rule_given, b->rule_given);
    assert_int_equal(a->strategy, b->strategy);
    assert_int_equal(a->conditions, b->conditions);
    assert_true(a->timeout_minutes == b->timeout_minutes);
    assert_int_equal(a->accept, b->accept);
    if (!a->rule_given)
        return;
    assert_int_equal(a->rule.main, b->rule.main);
    assert_int_equal(a->rule.sub, b->rule.sub);
    assert_int_equal(a->rule.n_offsets, b->rule.n_offsets);
    for (int i = 0; i < b->rule.n_offsets; i++)
        assert_int_equal(a->rule.offsets[i], b->rule.offsets[i]);
}

static void check_listener(const struct task_listener *a, const struct task_listener *b)
{
    assert_true(str_eq(a->event_name, b->event_name) && str_eq(a->project_id, b->project_id));
    assert_int_equal(a->sub_type, b->sub_type);
    assert_int_equal(a->broadcast, b->broadcast);
    assert_true(a->max_wait_minutes == b->max_wait_minutes);
}

static void check_spec(const struct task_spec *a, const struct task_spec *b)
{
    assert_true(str_eq(a->workflow_id, b->workflow_id) && str_eq(a->group_id, b->group_id));
    assert_true(str_eq(a->calendar_id, b->calendar_id));
    assert_int_equal(a->type_id, b->type_id);
    assert_int_equal(a->merge_all, b->merge_all);
    assert_int_equal(a->self_depend, b->self_depend);
    assert_int_equal(a->redo, b->redo);
    assert_int_equal(a->dry_run, b->dry_run);
    assert_int_equal(a->priority, b->priority);
    assert_true(a->retry_wait_minutes == b->retry_wait_minutes &&
                a->max_retries == b->max_retries &&
                a->execution_ttl_minutes == b->execution_ttl_minutes &&
                a->wait_ttl_minutes == b->wait_ttl_minutes);
    check_schedule(&a->schedule, &b->schedule);
    assert_int_equal(a->n_upstreams, b->n_upstreams);
    for (int i = 0; i < b->n_upstreams; i++)
        check_upstream(&a->upstreams[i], &b->upstreams[i]);
    assert_int_equal(a->n_listeners, b->n_listeners);
    for (int i = 0; i < b->n_listeners; i++)
        check_listener(&a->listeners[i], &b->listeners[i]);
}

static void test_pack__any_definition(void **state)
{
    struct task_spec spec, again;
    struct arena a;
    struct prng p;
    struct buf b;

    (void)state;
    prng_init(&p, 11);
    arena_init(&a);
    buf_init(&b, TASK_PACKED_MAX);
    for (int i = 0; i < ROUNDS; i++) {
        any_spec(&p, &spec);
        buf_reset(&b);
        task_pack(&spec, &b);
        assert_int_equal(task_unpack(buf_str(&b), &a, &again, NULL), E_OK);
        check_spec(&again, &spec);
        arena_reset(&a);
    }
    buf_done(&b);
    arena_done(&a);
}

/* Whatever is cut off or put in another's place is noticed, or it is a definition again. */
static void test_pack__damaged(void **state)
{
    struct task_spec spec, again = { .type_id = -7 };
    struct arena a;
    struct prng p;
    struct buf b;

    (void)state;
    prng_init(&p, 12);
    arena_init(&a);
    buf_init(&b, TASK_PACKED_MAX);
    for (int i = 0; i < 100; i++) {
        any_spec(&p, &spec);
        buf_reset(&b);
        task_pack(&spec, &b);
        for (size_t len = 0; len < b.len; len++) {
            assert_int_equal(task_unpack(str_make(b.ptr, len), &a, &again, NULL), E_CORRUPT);
            assert_int_equal(again.type_id, -7);
        }
        for (int k = 0; k < 100; k++) {
            size_t at = 2 + prng_below(&p, b.len - 2);
            char was = b.ptr[at];
            struct task_spec other;
            b.ptr[at] = "0123456789- a"[prng_below(&p, 13)];
            enum err_code rc = task_unpack(buf_str(&b), &a, &other, NULL);
            assert_true(rc == E_OK || rc == E_CORRUPT);
            b.ptr[at] = was;
        }
        arena_reset(&a);
    }
    buf_done(&b);
    arena_done(&a);
}

static void test_pack__of_another_version(void **state)
{
    struct task_spec spec;
    struct arena a;

    (void)state;
    arena_init(&a);
    assert_int_equal(task_unpack(STR("0 "), &a, &spec, NULL), E_UNSUPPORTED);
    assert_int_equal(task_unpack(STR("1 what it says"), &a, &spec, NULL), E_UNSUPPORTED);
    assert_int_equal(task_unpack(STR("{}"), &a, &spec, NULL), E_CORRUPT);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pack__any_definition),
        cmocka_unit_test(test_pack__damaged),
        cmocka_unit_test(test_pack__of_another_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
