/* test/api/t_form.c - flattened parameters: what becomes of them, and what is refused and where. */
#include "api/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/payload.h"
#include "base/buf.h"
#include "base/prng.h"

static const struct schema_object *request_of(const char *action)
{
    const struct schema_action *a = schema_action_find(STR("2025-08-06"), str_from(action));

    assert_non_null(a);
    return a->request;
}

/* The outcome as text: the JSON, or "Code: message". */
static char *outcome(const char *action, bool parsed, const struct auth_field *fields, int n,
                     bool skip_common, struct public_error *fault, char *out, size_t size)
{
    json_t *made = parsed ? form_to_json(request_of(action), fields, n, skip_common, fault) : NULL;

    if (made) {
        char *text = json_dumps(made, JSON_COMPACT | JSON_SORT_KEYS);
        snprintf(out, size, "%s", text);
        free(text); /* lint: jansson allocated it */
    } else {
        assert_true(fault->zh[0] != '\0');
        snprintf(out, size, "%s: %s", fault->code, fault->en);
    }
    json_decref(made);
    return out;
}

static char *convert(const char *action, struct str text, bool skip_common, char *out, size_t size)
{
    struct public_error fault = { .code = NULL };
    struct auth_field *fields = NULL;
    struct arena arena;
    int n = 0;

    arena_init(&arena);
    bool parsed = form_parse(text, &arena, &fields, &n, &fault);
    outcome(action, parsed, fields, n, skip_common, &fault, out, size);
    arena_done(&arena);
    return out;
}

/* docs/reference/wire.md 1.4 and 5.2. */
static void test_form__becomes(void **state)
{
    static const struct {
        const char *action, *text, *json;
    } rows[] = {
        { "ListProjects", "", "{}" },
        { "ListProjects", "PageNumber=1&PageSize=18446", "{\"PageNumber\":1,\"PageSize\":18446}" },
        { "ListProjects", "&&PageNumber=1&", "{\"PageNumber\":1}" },
        { "ListProjects", "Status=-3", "{\"Status\":-3}" },
        { "ListProjects", "ProjectName=", "{\"ProjectName\":\"\"}" },
        { "ListProjects", "ProjectName=a+b%20c%2Bd%26e%3df=g",
          "{\"ProjectName\":\"a b c+d&e=f=g\"}" },
        { "ListProjects", "ProjectName=%E4%BB%BB%e5%8a%a1", "{\"ProjectName\":\"任务\"}" },
        { "ListProjects", "ProjectName=%F0%9F%98%80", "{\"ProjectName\":\"😀\"}" },
        { "ListProjects", "ProjectName=001", "{\"ProjectName\":\"001\"}" },
        { "ListProjects", "ProjectIds.1=b&ProjectIds.0=a", "{\"ProjectIds\":[\"a\",\"b\"]}" },
        { "ListProjects", "Project%49ds.0=a", "{\"ProjectIds\":[\"a\"]}" },
        { "ListProjects", "Zzz.0.Q=1", "{\"Zzz\":{\"0\":{\"Q\":\"1\"}}}" },
        { "ListTasks", "Submit=True", "{\"Submit\":true}" },
        { "ListTasks", "Submit=true", "{\"Submit\":true}" },
        { "ListTasks", "Submit=1", "{\"Submit\":true}" },
        { "ListTasks", "Submit=FALSE", "{\"Submit\":false}" },
        { "ListTasks", "Submit=0", "{\"Submit\":false}" },
        { "ListTasks", "PageNumber=-9223372036854775808", "{\"PageNumber\":-9223372036854775808}" },
        { "CreateTask",
          "TaskBaseAttribute.TaskName=t&TaskConfiguration.TaskSchedulingParameterList.1.ParamKey=k"
          "&TaskConfiguration.TaskSchedulingParameterList.0.ParamKey=j",
          "{\"TaskBaseAttribute\":{\"TaskName\":\"t\"},\"TaskConfiguration\":{"
          "\"TaskSchedulingParameterList\":[{\"ParamKey\":\"j\"},{\"ParamKey\":\"k\"}]}}" },
    };
    char out[1024];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(convert(rows[i].action, str_from(rows[i].text), false, out, sizeof(out)),
                   rows[i].json) != 0)
            fail_msg("%s: %s", rows[i].text, out);
}

#define TYPE(path) "InvalidParameter: The value type of parameter `" path "` is not valid."
#define ARRAY(path)                                                                                \
    "InvalidParameter: Parameter `" path "` invalid array format, array index must be continuous " \
    "and starts with 0."
#define FORMAT(path) "InvalidParameter: Parameter `" path "` format invalid."
#define BOTH(path)                                                                                 \
    "InvalidParameter: Parameter `" path "` format invalid: it is a value and a prefix."

/* Numbers are rows of docs/reference/wire.md 6.5; 0: section 5.2. */
static void test_form__refused(void **state)
{
    static const struct {
        int row;
        const char *action, *text, *fault;
    } rows[] = {
        { 111, "ListProjects", "PageNumber=1.5", TYPE("PageNumber") },
        { 111, "ListProjects", "PageNumber=1e2", TYPE("PageNumber") },
        { 111, "ListProjects", "PageNumber=18446744073709551616", TYPE("PageNumber") },
        { 112, "ListProjects", "PageNumber=-1", TYPE("PageNumber") },
        { 0, "ListProjects", "PageNumber=", TYPE("PageNumber") },
        { 0, "ListProjects", "PageNumber=+1", TYPE("PageNumber") },
        { 0, "ListProjects", "PageNumber=0x1", TYPE("PageNumber") },
        { 0, "ListTasks", "Submit=", TYPE("Submit") },
        { 0, "ListTasks", "Submit=yes", TYPE("Submit") },
        { 115, "ListProjects", "ProjectIds=a", TYPE("ProjectIds") },
        { 115, "ListProjects", "ProjectName.0=a", TYPE("ProjectName") },
        { 115, "CreateTask", "TaskBaseAttribute=a", TYPE("TaskBaseAttribute") },
        { 116, "ListProjects", "ProjectIds.0.X=a", TYPE("ProjectIds.0") },
        { 116, "CreateTask", "TaskConfiguration.TaskSchedulingParameterList.0=a",
          TYPE("TaskConfiguration.TaskSchedulingParameterList.0") },
        { 116, "CreateTask", "TaskConfiguration.TaskSchedulingParameterList.0.ParamKey.0=a",
          TYPE("TaskConfiguration.TaskSchedulingParameterList.0.ParamKey") },
        { 119, "ListProjects", "ProjectIds.0=a&ProjectIds.2=b", ARRAY("ProjectIds") },
        { 119, "ListProjects", "ProjectIds.1=a", ARRAY("ProjectIds") },
        { 119, "ListProjects", "ProjectIds.00=a", ARRAY("ProjectIds") },
        { 119, "ListProjects", "ProjectIds.0=a&ProjectIds.x=b", ARRAY("ProjectIds") },
        { 120, "ListProjects", "ProjectName=a&ProjectName=a",
          "InvalidParameter: Parameter `ProjectName` input repeated." },
        { 120, "ListProjects", "%50rojectName=a&ProjectName=b",
          "InvalidParameter: Parameter `ProjectName` input repeated." },
        { 121, "ListProjects", "A=1&A.B=2", BOTH("A.B") },
        { 121, "ListProjects", "A.B=2&A=1", BOTH("A") },
        { 122, "ListProjects", "A",
          "InvalidParameter: Url key and value should be splited by `=`." },
        { 122, "ListProjects", "=a",
          "InvalidParameter: The request has a parameter key which is empty string." },
        { 123, "ListProjects", "ProjectIds.99999999=x", ARRAY("ProjectIds") },
        { 98, "ListProjects", "ProjectName=%ff", FORMAT("ProjectName") },
        { 98, "ListProjects", "ProjectName=%ED%A0%80", FORMAT("ProjectName") },
        { 98, "ListProjects", "ProjectName=%C0%AF", FORMAT("ProjectName") },
        { 0, "ListProjects", "ProjectName=a%00b", FORMAT("ProjectName") },
        { 0, "ListProjects", "ProjectName=%", FORMAT("ProjectName") },
        { 0, "ListProjects", "ProjectName=%4", FORMAT("ProjectName") },
        { 0, "ListProjects", "ProjectName=%4g", FORMAT("ProjectName") },
        { 0, "ListProjects", "A..B=1", FORMAT("A..B") },
        { 0, "ListProjects", ".A=1", FORMAT(".A") },
        { 0, "ListProjects", "A.=1", FORMAT("A.") },
        { 99, "ListProjects", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
          FORMAT("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a") },
    };
    char out[1024];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(convert(rows[i].action, str_from(rows[i].text), false, out, sizeof(out)),
                   rows[i].fault) != 0)
            fail_msg("row %d, %s: %s", rows[i].row, rows[i].text, out);
}

static void test_form__common_parameters(void **state)
{
    static const struct str text = { "Action=A&Version=V&Region=R&Timestamp=1&Nonce=1&SecretId=I&"
                                     "Signature=S&SignatureMethod=M&Token=T&Language=L&"
                                     "RequestClient=C&PageSize=1",
                                     0 };
    char out[1024];

    (void)state;
    assert_string_equal(convert("ListProjects", str_from(text.ptr), true, out, sizeof(out)),
                        "{\"PageSize\":1}");
    assert_non_null(strstr(convert("ListProjects", str_from(text.ptr), false, out, sizeof(out)),
                           "\"Nonce\":\"1\""));
}

static void test_form__too_many_fields(void **state)
{
    struct buf text;
    char out[1024];

    (void)state;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < FORM_FIELDS_MAX; i++)
        buf_printf(&text, "ProjectIds.%d=x%s", i, i + 1 < FORM_FIELDS_MAX ? "&" : "");
    convert("ListProjects", buf_str(&text), false, out, sizeof(out));
    assert_memory_equal(out, "{\"ProjectIds\":[\"x\",\"x\",", 23);
    buf_add_c(&text, "&A=1");
    assert_string_equal(convert("ListProjects", buf_str(&text), false, out, sizeof(out)),
                        "InvalidParameter: The request has more than 20000 parameters.");
    buf_done(&text);
}

/* ---- multipart ----------------------------------------------------------------------------- */

static char *convert_multipart(struct str body, const char *boundary, char *out, size_t size)
{
    struct public_error fault = { .code = NULL };
    struct auth_field *fields = NULL;
    struct arena arena;
    int n = 0;

    arena_init(&arena);
    bool parsed = form_parse_multipart(body, str_from(boundary), &arena, &fields, &n, &fault);
    outcome("ListProjects", parsed, fields, n, false, &fault, out, size);
    arena_done(&arena);
    return out;
}

#define PART(name, more, value)                                                                    \
    "--B\r\nContent-Disposition: form-data; " name "\r\n" more "\r\n" value "\r\n"
#define MALFORMED "InvalidRequest: The multipart body is malformed."

static void test_multipart__rows(void **state)
{
    static const struct {
        const char *body, *outcome;
    } rows[] = {
        { PART("name=\"ProjectName\"", "", "a\r\nb") "--B--\r\n",
          "{\"ProjectName\":\"a\\r\\nb\"}" },
        { PART("name=\"PageSize\"", "", "7") PART("name=\"ProjectName\"", "", "") "--B--",
          "{\"PageSize\":7,\"ProjectName\":\"\"}" },
        { PART("filename=\"f\"; name=\"ProjectName\"", "", "x") "--B--",
          "{\"ProjectName\":\"x\"}" },
        { PART("name=\"ProjectIds\"", "content-type: application/json; charset=utf-8\r\n",
               "[\"a\", \"b\"]") "--B--",
          "{\"ProjectIds\":[\"a\",\"b\"]}" },
        { PART("name=\"ProjectIds\"", "Content-Type: text/plain\r\n", "[\"a\"]") "--B--",
          TYPE("ProjectIds") },
        { PART("name=\"ProjectIds\"", "Content-Type: application/json\r\n", "[\"a\"") "--B--",
          "InvalidParameter: Parameter `ProjectIds` invalid json format." },
        { PART("name=\"ProjectIds\"", "Content-Type: application/json\r\n", "") "--B--",
          "InvalidParameter: Parameter `ProjectIds` invalid json format." },
        { PART("name=\"A\"", "", "1") PART("name=\"A\"", "", "2") "--B--",
          "InvalidParameter: Parameter `A` input repeated." },
        { "--B--", "{}" },
        { "", MALFORMED },
        { "--B", MALFORMED },
        { "--B\r\n", MALFORMED },
        { "x" PART("name=\"A\"", "", "1") "--B--", MALFORMED },
        { PART("name=\"A\"", "", "1"), MALFORMED },
        { PART("name=\"\"", "", "1") "--B--", MALFORMED },
        { PART("filename=\"A\"", "", "1") "--B--", MALFORMED },
        { PART("name=\"ProjectName\"", "", "\xff") "--B--", MALFORMED },
        { PART("name=\"\xff\"", "", "1") "--B--", MALFORMED },
    };
    char out[1024];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(convert_multipart(str_from(rows[i].body), "B", out, sizeof(out)),
                   rows[i].outcome) != 0)
            fail_msg("%s: %s", rows[i].body, out);
    assert_string_equal(convert_multipart(STR("--\r\n"), "", out, sizeof(out)), MALFORMED);
}

static void test_multipart__too_many_parts(void **state)
{
    struct buf body;
    char out[8192];

    (void)state;
    buf_init(&body, 1 << 20);
    for (int i = 0; i < 256; i++)
        buf_printf(&body, PART("name=\"P%d\"", "", "1"), i);
    struct str parts = buf_str(&body);
    buf_add_c(&body, "--B--");
    assert_int_equal(convert_multipart(buf_str(&body), "B", out, sizeof(out))[0], '{');
    body.len = parts.len;
    buf_add_c(&body, PART("name=\"Last\"", "", "1") "--B--");
    assert_string_equal(convert_multipart(buf_str(&body), "B", out, sizeof(out)), MALFORMED);
    buf_done(&body);
}

/* ---- values -------------------------------------------------------------------------------- */

enum { EACH = PAYLOAD_VALUES_MAX / 4 };

static void add_values(struct buf *out, const char *one)
{
    buf_add_char(out, '[');
    for (int i = 1; i < EACH; i++) /* one stands for a value, the text behind it for the next */
        buf_printf(out, "%s%s", i > 1 ? "," : "", one);
    buf_add_char(out, ']');
}

/* What becomes of two such lists, each in a part of its own. */
static bool take_parts(const char *type, const char *one, struct public_error *fault)
{
    struct http_header header = { STR("Content-Type"), STR("multipart/form-data; boundary=B") };
    struct http_request r = { .method = STR("POST"), .headers = &header, .n_headers = 1 };
    json_t *params = NULL;
    struct arena arena;
    struct buf body;

    buf_init(&body, 16 << 20);
    for (int i = 0; i < 2; i++) {
        buf_printf(&body,
                   "--B\r\nContent-Disposition: form-data; name=\"P%d\"\r\n"
                   "Content-Type: %s\r\n\r\n",
                   i, type);
        add_values(&body, one);
        buf_add_c(&body, "\r\n");
    }
    buf_add_c(&body, "--B--");
    r.body = buf_str(&body);
    arena_init(&arena);
    bool taken = payload_of_request(&r, request_of("ListProjects"), &arena, &params, fault);
    json_decref(params);
    arena_done(&arena);
    buf_done(&body);
    return taken;
}

/* Of all parts together; commas of text are no values. */
static void test_multipart__counts_values(void **state)
{
    struct public_error fault = { .code = NULL };

    (void)state;
    assert_true(take_parts("application/json", "1", &fault));
    assert_true(take_parts("application/json", "{}", &fault));
    assert_true(take_parts("application/json", "\",,,,,\"", &fault));
    assert_true(take_parts("text/plain", "{},{},{}", &fault));
    assert_false(take_parts("application/json", "{},{}", &fault));
    assert_string_equal(fault.code, "InvalidParameter");
    assert_non_null(strstr(fault.en, "1000000 values"));
}

/* ---- noise --------------------------------------------------------------------------------- */

/* Truncations and single changed bytes of good texts: an object or a fault, never anything else. */
static void test_noise__is_judged(void **state)
{
    static const char *const seeds[] = {
        "TaskBaseAttribute.TaskName=%E4%BB%BB&TaskConfiguration.TaskExtConfigurationList.0."
        "ParamKey=a+b&ProjectId=1",
        PART("name=\"A\"", "Content-Type: application/json\r\n", "{\"a\":[1,2]}")
            PART("name=\"B.0\"", "", "x") "--B--",
    };
    struct prng random;
    char out[4096];

    (void)state;
    prng_init(&random, 20250806);
    for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
        size_t len = strlen(seeds[i]);
        for (int round = 0; round < 4000; round++) {
            char *text = mem_alloc(len); /* exact, so that a sanitizer sees one byte too many */
            size_t cut = round < (int)len ? (size_t)round : len;
            memcpy(text, seeds[i], len);
            for (uint64_t n = prng_below(&random, 4); round >= (int)len && n > 0; n--)
                text[prng_below(&random, len)] = (char)prng_below(&random, 256);
            convert("CreateTask", str_make(text, cut), false, out, sizeof(out));
            assert_true(out[0] == '{' || strncmp(out, "Invalid", 7) == 0);
            convert_multipart(str_make(text, cut), "B", out, sizeof(out));
            assert_true(out[0] == '{' || strncmp(out, "Invalid", 7) == 0);
            mem_free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form__becomes),
        cmocka_unit_test(test_form__refused),
        cmocka_unit_test(test_form__common_parameters),
        cmocka_unit_test(test_form__too_many_fields),
        cmocka_unit_test(test_multipart__rows),
        cmocka_unit_test(test_multipart__too_many_parts),
        cmocka_unit_test(test_multipart__counts_values),
        cmocka_unit_test(test_noise__is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
