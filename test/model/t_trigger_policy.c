/* test/model/t_trigger_policy.c - the twelve policies over everything that three upstream tasks can
 * be (docs/reference/semantics.md 9.5, 3.7; vector 12 of 12.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/trigger_policy.h"

static const char *const names[] = { "ALL_SUCCESS",
                                     "ALL_FAILED",
                                     "ALL_DONE",
                                     "ALL_DONE_AT_LEAST_ONE_SUCCESS",
                                     "ALL_DONE_AT_LEAST_ONE_FAILED",
                                     "ALL_DONE_NONE_FAILED_AT_LEAST_ONE_SUCCESS",
                                     "ALL_SKIPPED",
                                     "NONE_FAILED",
                                     "NONE_SKIPPED",
                                     "ONE_SUCCESS",
                                     "ONE_FAILED",
                                     "ONE_DONE" };

/* Are all of `of` among these letters?  S F U K, a for active. */
static bool all(const char *of, const char *letters)
{
    return strspn(of, letters) == strlen(of);
}
static bool any(const char *of, const char *letters)
{
    return strpbrk(of, letters) != NULL;
}

/* The table, row by row: r runs, s skipped, u upstream failed, w waits. */
static char expected(const char *name, const char *ups)
{
    bool final = all(ups, "SFUK");

    if (strcmp(name, "ONE_SUCCESS") == 0)
        return any(ups, "S") ? 'r' : final ? 's' : 'w';
    if (strcmp(name, "ONE_FAILED") == 0)
        return any(ups, "F") ? 'r' : final ? 's' : 'w';
    if (strcmp(name, "ONE_DONE") == 0)
        return any(ups, "SFUK") ? 'r' : 'w';
    if (!final)
        return 'w';
    if (strcmp(name, "ALL_SUCCESS") == 0)
        return all(ups, "S") ? 'r' : any(ups, "K") ? 's' : 'u';
    if (strcmp(name, "ALL_FAILED") == 0)
        return all(ups, "FU") ? 'r' : 's';
    if (strcmp(name, "ALL_DONE") == 0)
        return 'r';
    if (strcmp(name, "ALL_DONE_AT_LEAST_ONE_SUCCESS") == 0)
        return any(ups, "S") ? 'r' : 's';
    if (strcmp(name, "ALL_DONE_AT_LEAST_ONE_FAILED") == 0)
        return any(ups, "F") ? 'r' : 's';
    if (strcmp(name, "ALL_DONE_NONE_FAILED_AT_LEAST_ONE_SUCCESS") == 0)
        return !any(ups, "F") && any(ups, "S") ? 'r' : 's';
    if (strcmp(name, "ALL_SKIPPED") == 0)
        return all(ups, "K") ? 'r' : 's';
    if (strcmp(name, "NONE_FAILED") == 0)
        return all(ups, "SK") ? 'r' : 'u';
    return all(ups, "SFU") ? 'r' : 's'; /* NONE_SKIPPED */
}

static char decided(const char *name, const char *ups)
{
    struct trigger_counts n = { 0 };
    enum trigger_policy policy;

    assert_true(trigger_policy_from_name(str_from(name), &policy));
    for (const char *u = ups; *u; u++) {
        n.active += *u == 'a';
        n.success += *u == 'S';
        n.failed += *u == 'F';
        n.upstream_failed += *u == 'U';
        n.skipped += *u == 'K';
    }
    return "wrsu"[trigger_policy_decide(policy, &n)];
}

static void test_table(void **state)
{
    static const char letters[] = "aSFUK";

    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(names); p++)
        for (int k = 0; k < 5 * 5 * 5; k++) {
            char ups[4] = { letters[k % 5], letters[k / 5 % 5], letters[k / 25], '\0' };
            if (decided(names[p], ups) != expected(names[p], ups))
                fail_msg("%s of %s: %c, not %c", names[p], ups, decided(names[p], ups),
                         expected(names[p], ups));
        }
}

static void test_names(void **state)
{
    enum trigger_policy policy = TRIGGER_ONE_DONE;

    (void)state;
    assert_true(trigger_policy_from_name(STR(""), &policy));
    assert_int_equal(policy, TRIGGER_ALL_SUCCESS);
    assert_false(trigger_policy_from_name(STR("all_success"), &policy));
    for (size_t p = 0; p < ARRAY_LEN(names); p++)
        assert_int_equal(decided(names[p], ""), 'r'); /* nothing is before it */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_table),
                                        cmocka_unit_test(test_names) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
