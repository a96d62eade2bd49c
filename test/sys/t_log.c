/* test/sys/t_log.c - the form of a line, levels, JSON, and lines of several threads. */
#include "sys/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Standard error goes to a file while a test runs. */
static char path[] = "/tmp/weft-t_log-XXXXXX";
static int file = -1, kept = -1;

static int catch_lines(void **state)
{
    (void)state;
    file = mkstemp(path);
    kept = dup(STDERR_FILENO);
    log_set_level(LOG_INFO);
    log_set_json(false);
    return file < 0 || dup2(file, STDERR_FILENO) < 0 ? -1 : 0;
}

static int release(void **state)
{
    (void)state;
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(file);
    unlink(path);
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    return 0;
}

static char *lines(void)
{
    static char text[2000000];
    ssize_t n = pread(file, text, sizeof(text) - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    return text;
}

/* The next line of *text, without its newline; NULL at the end. */
static char *next_line(char **text)
{
    char *line = *text, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line;
}

static void test_form(void **state)
{
    (void)state;
    log_warn("store", "slow commit ms=%d", 12);
    int y, mo, d, h, mi, s, ms, used = 0;
    const char *text = lines();
    int n =
        sscanf(text, "time=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ %n", &y, &mo, &d, &h, &mi, &s, &ms, &used);
    assert_int_equal(n, 7);
    assert_int_equal(used, 30);
    assert_in_range(y, 2024, 2200);
    assert_in_range(mo, 1, 12);
    assert_in_range(d, 1, 31);
    assert_in_range(s, 0, 59);
    assert_string_equal(text + used, "level=WARN area=store msg=\"slow commit ms=12\"\n");
}

static void test_levels(void **state)
{
    (void)state;
    log_debug("a", "unseen-%d", 1);
    log_info("a", "seen-%d", 2);
    log_set_level(LOG_ERROR);
    assert_int_equal(log_get_level(), LOG_ERROR);
    log_warn("a", "unseen-%d", 3);
    log_error("a", "seen-%d", 4);
    log_set_level(LOG_DEBUG);
    log_debug("a", "seen-%d", 5);
    log_set_level(LOG_OFF);
    log_error("a", "unseen-%d", 6);
    const char *text = lines();
    assert_non_null(strstr(text, "level=INFO area=a msg=\"seen-2\"\n"));
    assert_non_null(strstr(text, "level=ERROR area=a msg=\"seen-4\"\n"));
    assert_non_null(strstr(text, "level=DEBUG area=a msg=\"seen-5\"\n"));
    assert_null(strstr(text, "unseen"));
}

/* What a client sent cannot start a line of its own. */
static void test_one_line(void **state)
{
    (void)state;
    log_info("api", "name=%s", "a\nERROR \"forged\\\x1b[2J\t数\x7f");
    const char *text = lines();
    assert_non_null(strstr(text, "msg=\"name=a\\nERROR \\\"forged\\\\\\x1b[2J\\x09数\\x7f\"\n"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_json(void **state)
{
    (void)state;
    log_set_json(true);
    log_info("api", "name=%s", "a\n\"b\"");
    const char *text = lines();
    assert_memory_equal(text, "{\"time\":\"2", 10);
    assert_non_null(strstr(text, "Z\",\"level\":\"INFO\",\"area\":\"api\","
                                 "\"message\":\"name=a\\n\\\"b\\\"\"}\n"));
}

/* No value passes for a field of its own; lines say for whom the thread works. */
static void test_fields(void **state)
{
    const struct log_field fields[] = { LOG_TEXT("action", STR("CreateTask")),
                                        LOG_TEXT("account", STR("a b=\"c\"")),
                                        LOG_TEXT("empty", STR("")), LOG_NUMBER("us", -12) };

    (void)state;
    log_set_request("11-22");
    log_event(LOG_INFO, "api", "call", fields, ARRAY_LEN(fields));
    log_set_json(true);
    log_event(LOG_INFO, "api", "call", fields, ARRAY_LEN(fields));
    log_set_json(false);
    log_set_request(NULL);
    log_event(LOG_DEBUG, "api", "unseen", NULL, 0);
    log_event(LOG_WARN, "api", "alone", NULL, 0);
    const char *text = lines();
    assert_non_null(strstr(text, "level=INFO area=api msg=\"call\" action=CreateTask "
                                 "account=\"a b=\\\"c\\\"\" empty=\"\" us=-12 request=11-22\n"));
    assert_non_null(strstr(text, "\"message\":\"call\",\"action\":\"CreateTask\","
                                 "\"account\":\"a b=\\\"c\\\"\",\"empty\":\"\",\"us\":-12,"
                                 "\"request\":\"11-22\"}\n"));
    assert_non_null(strstr(text, "level=WARN area=api msg=\"alone\"\n"));
    assert_null(strstr(text, "unseen"));
}

/* Too long is cut, between two characters, and still a whole line; also at its longest in JSON. */
static void test_long(void **state)
{
    (void)state;
    static char text[3 * 3000 + 1], controls[6000];
    for (int i = 0; i < 3000; i++)
        memcpy(text + 3 * i, "数", 4);
    memset(controls, 1, sizeof(controls) - 1);
    for (int pad = 1; pad <= 3; pad++)
        log_info("a", "%*s%s", pad, "", text);
    log_set_json(true);
    log_info("a", "%s", controls);
    char *all = lines();
    int n = 0;
    for (char *line; (line = next_line(&all)) != NULL;) {
        assert_true(strlen(line) > 4000);
        assert_true(str_is_utf8(str_from(line)));
        if (line[0] == '{')
            assert_string_equal(line + strlen(line) - 8, "\\u0001\"}");
        n++;
    }
    assert_int_equal(n, 4);
}

static void *chatter(void *ctx)
{
    char mark = *(char *)ctx, message[201];
    memset(message, mark, 200);
    message[200] = '\0';
    for (int i = 0; i < 500; i++)
        log_info("thread", "%s", message);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    char marks[4] = "abcd";
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, chatter, &marks[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    char *all = lines();
    int n = 0;
    for (char *line; (line = next_line(&all)) != NULL; n++) {
        const char *message = strstr(line, "msg=\"") + 5;
        assert_int_equal(strlen(message), 201);
        assert_int_equal(strspn(message, (char[]){ message[0], '\0' }), 200);
    }
    assert_int_equal(n, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_form, catch_lines, release),
        cmocka_unit_test_setup_teardown(test_levels, catch_lines, release),
        cmocka_unit_test_setup_teardown(test_one_line, catch_lines, release),
        cmocka_unit_test_setup_teardown(test_json, catch_lines, release),
        cmocka_unit_test_setup_teardown(test_fields, catch_lines, release),
        cmocka_unit_test_setup_teardown(test_long, catch_lines, release),
        cmocka_unit_test_setup_teardown(test_threads, catch_lines, release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
