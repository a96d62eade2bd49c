/* test/api/t_limits.c - requests per second, keys in memory, and errors as a client sees them. */
#include "api/rate_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "api/keyring.h"
#include "api/public_error.h"

/* ---- requests per second ------------------------------------------------------------------- */

static bool pass(struct rate_limit *r, const char *action, const char *uin, int64_t second)
{
    int count = 0;
    return rate_limit_pass(r, str_from(action), str_from(uin), second, &count);
}

/* Rows 128 to 130 of docs/reference/wire.md 6.6. */
static void test_limit__by_action_and_account(void **state)
{
    struct rate_limit *r = rate_limit_new(20);
    int count;

    (void)state;
    for (int i = 1; i <= 20; i++)
        assert_true(pass(r, "A", "1", 1000));
    for (int i = 21; i <= 23; i++) {
        assert_false(rate_limit_pass(r, STR("A"), STR("1"), 1000, &count));
        assert_int_equal(count, i);
    }
    assert_true(pass(r, "B", "1", 1000));
    assert_true(pass(r, "A", "2", 1000));
    assert_true(pass(r, "1", "A", 1000));
    assert_true(pass(r, "A", "1", 1001));
    assert_true(pass(r, "A", "1", 999)); /* a clock that steps back does not lock anyone out */
    rate_limit_free(r);
}

static void test_limit__off(void **state)
{
    struct rate_limit *r = rate_limit_new(0);

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_true(pass(r, "A", "1", 1000));
    rate_limit_free(r);
}

/* More pairs than the table has room for: nobody passes more often than the limit says, and what
 * filled it in one second is no burden in the next. */
static void test_limit__crowded_table(void **state)
{
    enum { PAIRS = 100000 };
    struct rate_limit *r = rate_limit_new(2);
    char uin[24];

    (void)state;
    for (int i = 0; i < PAIRS; i++) {
        snprintf(uin, sizeof(uin), "%d", i);
        pass(r, "A", uin, 1000);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(uin, sizeof(uin), "%d", i * 97);
        int passed = 0;
        for (int n = 0; n < 5; n++)
            passed += pass(r, "A", uin, 1000);
        assert_in_range(passed, 0, 2);
    }
    for (int i = 0; i < 100; i++) {
        snprintf(uin, sizeof(uin), "%d", i);
        assert_true(pass(r, "A", uin, 1001));
        assert_true(pass(r, "A", uin, 1001));
        assert_false(pass(r, "A", uin, 1001));
    }
    rate_limit_free(r);
}

static void *many_passes(void *ctx)
{
    uintptr_t passed = 0;

    for (int i = 0; i < 10000; i++)
        passed += pass(ctx, "A", "1", 1000);
    return (void *)passed;
}

static void test_limit__counts_across_threads(void **state)
{
    struct rate_limit *r = rate_limit_new(25000);
    pthread_t threads[4];
    uintptr_t sum = 0;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many_passes, r), 0);
    for (int i = 0; i < 4; i++) {
        void *passed;
        pthread_join(threads[i], &passed);
        sum += (uintptr_t)passed;
    }
    assert_int_equal(sum, 25000);
    rate_limit_free(r);
}

/* ---- keys ---------------------------------------------------------------------------------- */

static void test_keyring__finds_exactly(void **state)
{
    struct keyring *k = keyring_new();
    struct key_copy key;

    (void)state;
    assert_false(keyring_find(k, STR("AKID1"), &key));
    keyring_add(k, STR("AKID1"), STR("first"), STR("100"), false);
    keyring_add(k, STR("AKID2"), STR("密钥"), STR("200"), true);
    assert_true(keyring_find(k, STR("AKID1"), &key));
    assert_string_equal(key.secret_key, "first");
    assert_string_equal(key.uin, "100");
    assert_false(key.root);
    assert_true(keyring_find(k, STR("AKID2"), &key));
    assert_string_equal(key.secret_key, "密钥"); /* row 62 */
    assert_true(key.root);
    assert_false(keyring_find(k, STR("akid1"), &key));
    assert_false(keyring_find(k, STR("AKID"), &key));
    assert_false(keyring_find(k, STR("AKID11"), &key));
    assert_false(keyring_find(k, STR(""), &key));
    keyring_add(k, STR("AKID1"), STR("second"), STR("100"), false);
    assert_true(keyring_find(k, STR("AKID1"), &key));
    assert_string_equal(key.secret_key, "second");
    keyring_free(k);
    keyring_free(NULL);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void test_errors__public_codes(void **state)
{
    static const struct {
        enum err_code code;
        const char *name;
    } rows[] = {
        { E_SYNTAX, "InvalidParameterValue" },
        { E_RANGE, "InvalidParameterValue" },
        { E_REQUIRED, "MissingParameter" },
        { E_MISSING, "ResourceNotFound" },
        { E_RULE_NAME, "InvalidParameterValue.RuleNameRepeated" },
        { E_EXISTS, "InvalidParameter.DuplicateName" },
        { E_CONFLICT, "FailedOperation" },
        { E_DENIED, "OperationDenied" },
        { E_FORBIDDEN, "UnauthorizedOperation" },
        { E_STRANGER, "UnauthorizedOperation.UserNotInProject" },
        { E_IN_USE, "OperationDenied" },
        { E_LIMIT, "LimitExceeded" },
        { E_UNSUPPORTED, "UnsupportedOperation" },
        { E_STALE, "InternalError" },
        { E_BUSY, "RequestLimitExceeded" },
        { E_IO, "InternalError" },
        { E_CORRUPT, "InternalError" },
        { E_TIMEOUT, "InternalError" },
        { E_CANCELED, "InternalError" },
        { E_CODE_N_, "InternalError" },
    };

    (void)state;
    assert_int_equal(ARRAY_LEN(rows), E_CODE_N_); /* every code, with one beyond for E_OK */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = {
            .code = rows[i].code, .path = "A.0.B", .text = "secret words", .text_zh = "中文"
        };
        struct public_error p;
        public_error_from(&p, &e);
        assert_string_equal(p.code, rows[i].name);
        if (strcmp(p.code, "InternalError") == 0) {
            assert_null(strstr(p.en, "secret"));
            assert_null(strstr(p.zh, "中文"));
        } else {
            assert_string_equal(p.en, "`A.0.B`: secret words");
            assert_string_equal(p.zh, "`A.0.B`：中文");
        }
    }
}

static void test_errors__without_path_or_translation(void **state)
{
    struct err e = { .code = E_CONFLICT, .text = "not now, 100%s" };
    struct public_error p;

    (void)state;
    public_error_from(&p, &e);
    assert_string_equal(p.en, "not now, 100%s");
    assert_string_equal(p.zh, "not now, 100%s");
}

/* The longest path and text that an error can have fit. */
static void test_errors__longest(void **state)
{
    struct err e = { .code = E_RANGE };
    struct public_error p;

    (void)state;
    memset(e.path, 'p', sizeof(e.path) - 1);
    memset(e.text, 't', sizeof(e.text) - 1);
    memset(e.text_zh, 'z', sizeof(e.text_zh) - 1);
    public_error_from(&p, &e);
    assert_int_equal(strlen(p.en), sizeof(e.path) - 1 + sizeof(e.text) - 1 + strlen("``: "));
    assert_int_equal(strlen(p.zh), sizeof(e.path) - 1 + sizeof(e.text_zh) - 1 + strlen("``："));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit__by_action_and_account),
        cmocka_unit_test(test_limit__off),
        cmocka_unit_test(test_limit__crowded_table),
        cmocka_unit_test(test_limit__counts_across_threads),
        cmocka_unit_test(test_keyring__finds_exactly),
        cmocka_unit_test(test_errors__public_codes),
        cmocka_unit_test(test_errors__without_path_or_translation),
        cmocka_unit_test(test_errors__longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
