/* test/api/t_gateway.c - the gateway in this process over loopback: keys, threads, failing stores,
 * ends.
 *
 * What any client can see has its rows in test/wire; here is what needs a hand on the server.
 */
#include "api/gateway.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "act_harness.h"
#include "api/keyring.h"
#include "sys/clock.h"
#include "wire_client.h"

#define ROOT .secret_id = "AKIDroot", .secret_key = "root secret"

/* So many times from now the table of keys cannot be read. */
static atomic_int failing_loads;

enum err_code __real_keyring_load(struct keyring *k, struct view *v, struct err *e);
enum err_code __wrap_keyring_load(struct keyring *k, struct view *v, struct err *e);

enum err_code __wrap_keyring_load(struct keyring *k, struct view *v, struct err *e)
{
    if (atomic_load(&failing_loads) == 0)
        return __real_keyring_load(k, v, e);
    atomic_fetch_sub(&failing_loads, 1);
    return err_set(e, E_IO, "injected fault");
}

static struct harness h;
static struct gateway *gateway;

static void add_key(const char *id, const char *secret, const char *uin, bool root)
{
    struct key_row row = { .secret_id = str_from(id),
                           .secret_key = str_from(secret),
                           .uin = str_from(uin),
                           .enabled = true,
                           .root = root,
                           .created_at = clock_wall() };
    struct err e = ERR_INIT;

    if (store_begin(h.store, &e) != E_OK ||
        row_insert(h.store, &table_key, &row, NULL, &e) != E_OK ||
        store_commit(h.store, &e) != E_OK)
        fail_msg("key: %s", e.text);
}

static void start_with(int threads, int connections)
{
    struct gateway_config config = { .listen = "127.0.0.1:0",
                                     .threads = threads,
                                     .connections_max = connections };
    struct err e = ERR_INIT;

    if (gateway_start(&config, &h.services, &gateway, &e) != E_OK)
        fail_msg("gateway: %s", e.text);
}

static int setup(void **state)
{
    (void)state;
    harness_init(&h);
    add_key("AKIDroot", "root secret", "100000000001", true);
    harness_thread_start(&h);
    start_with(2, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gateway_stop(gateway);
    harness_done(&h);
    return 0;
}

static void open_wire(struct wire *w)
{
    assert_true(wire_open(w, gateway_port(gateway)));
}

/* A success has the members that the API declares, and no others. */
static void check_answer(const struct wire_call *call, const json_t *response)
{
    const struct schema_action *schema = schema_action_find(
        str_from(call->version ? call->version : API_2025), str_from(call->action));
    struct err e = ERR_INIT;

    if (!schema_check_answer(schema, response, &e))
        fail_msg("%s: %s: %s", call->action, e.path, e.text);
    assert_int_equal(strlen(str_at(response, "RequestId")), 36);
}

/* One call on a connection of its own; the code, "" for a success. */
static const char *ask_once(const struct wire_call *call, json_t **ret)
{
    static _Thread_local char code[64];
    struct wire w;

    open_wire(&w);
    json_t *response = wire_ask(&w, call);
    wire_close(&w);
    if (!response)
        fail_msg("%s: no answer", call->action);
    snprintf(code, sizeof(code), "%s", wire_code(response));
    if (code[0] == '\0')
        check_answer(call, response);
    if (ret)
        *ret = response;
    else
        json_decref(response);
    return code;
}

static void compose_project(struct buf *out, const char *name)
{
    char body[128];

    snprintf(body, sizeof(body), "{\"Project\":{\"ProjectName\":\"%s\",\"DisplayName\":\"%s\"}}",
             name, name);
    wire_compose(out, &(struct wire_call){ ROOT, .action = "CreateProject", .body = body });
}

static int64_t count_projects(void)
{
    json_t *r;
    assert_string_equal(ask_once(&(struct wire_call){ ROOT, .action = "ListProjects" }, &r), "");
    int64_t n = num_at(r, "Data.TotalCount");
    json_decref(r);
    return n;
}

/* ---- keys ---------------------------------------------------------------------------------- */

static json_t *create_key(const char *uin)
{
    char body[64];
    json_t *r;

    snprintf(body, sizeof(body), "{\"Uin\":\"%s\",\"Name\":\"n\"}", uin);
    assert_string_equal(ask_once(&(struct wire_call){ ROOT, .version = "weft-1",
                                                      .action = "CreateKey", .body = body },
                                 &r),
                        "");
    return r;
}

static const char *with_key(const char *action, const char *id)
{
    char body[128];

    snprintf(body, sizeof(body), "{\"SecretId\":\"%s\"}", id);
    return ask_once(
        &(struct wire_call){ ROOT, .version = "weft-1", .action = action, .body = body }, NULL);
}

/* Rows 40 and 41 of docs/reference/wire.md 6.2. */
static void test_keys__live_as_their_table_says(void **state)
{
    (void)state;
    json_t *made = create_key("200000000002"), *list;
    const char *id = str_at(made, "Data.SecretId");
    struct wire_call call = { .secret_id = id,
                              .secret_key = str_at(made, "Data.SecretKey"),
                              .action = "ListProjects" };

    assert_int_equal(strlen(id), 36);
    assert_memory_equal(id, "AKID", 4);
    assert_int_equal(strlen(call.secret_key), 32);
    assert_string_equal(ask_once(&call, NULL), "");
    assert_string_equal(with_key("DisableKey", id), "");
    assert_string_equal(ask_once(&call, NULL), "AuthFailure.SecretIdNotFound");
    assert_string_equal(with_key("EnableKey", id), "");
    assert_string_equal(ask_once(&call, NULL), "");
    assert_string_equal(with_key("DeleteKey", id), "");
    assert_string_equal(ask_once(&call, NULL), "AuthFailure.SecretIdNotFound");
    assert_string_equal(with_key("DeleteKey", id), "ResourceNotFound");
    assert_string_equal(with_key("DisableKey", "AKIDroot"), "OperationDenied");
    assert_string_equal(
        ask_once(&(struct wire_call){ ROOT, .version = "weft-1", .action = "ListKeys" }, &list),
        "");
    assert_int_equal(num_at(list, "Data.TotalCount"), 1);
    assert_string_equal(str_at(list, "Data.Items.0.SecretId"), "AKIDroot");
    assert_null(at(list, "Data.Items.0.SecretKey"));
    json_decref(list);
    json_decref(made);
}

static void test_keys__are_for_root(void **state)
{
    static const char *const actions[] = { "CreateKey", "ListKeys", "DisableKey", "EnableKey",
                                           "DeleteKey" };
    (void)state;
    json_t *made = create_key("200000000002");

    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        assert_string_equal(
            ask_once(&(struct wire_call){ .secret_id = str_at(made, "Data.SecretId"),
                                          .secret_key = str_at(made, "Data.SecretKey"),
                                          .version = "weft-1",
                                          .action = actions[i],
                                          .body = "{\"SecretId\":\"AKIDroot\"}" },
                     NULL),
            "UnauthorizedOperation");
    json_decref(made);
}

static void test_keys__refuse_wrong_accounts(void **state)
{
    static const char *const bodies[] = { "{\"Uin\":\"\"}", "{\"Uin\":\"12a\"}",
                                          "{\"Uin\":\"123456789012345678901\"}" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        assert_string_equal(
            ask_once(&(struct wire_call){ ROOT, .version = "weft-1", .action = "CreateKey",
                                          .body = bodies[i] },
                     NULL),
            "InvalidParameterValue");
}

/* A reload that is overtaken must not bring back what a later one took away. */
static void *disable_one(void *ctx)
{
    json_t *made = ctx;
    static const char ok[] = "";
    const char *id = json_string_value(at(made, "Data.SecretId"));
    char body[128];
    struct wire w;
    json_t *r;

    snprintf(body, sizeof(body), "{\"SecretId\":\"%s\"}", id);
    if (!wire_open(&w, gateway_port(gateway)))
        return NULL;
    r = wire_ask(
        &w, &(struct wire_call){ ROOT, .version = "weft-1", .action = "DisableKey", .body = body });
    json_decref(r);
    r = wire_ask(&w,
                 &(struct wire_call){ .secret_id = id,
                                      .secret_key = json_string_value(at(made, "Data.SecretKey")),
                                      .action = "ListProjects" });
    bool refused = strcmp(wire_code(r), "AuthFailure.SecretIdNotFound") == 0;
    json_decref(r);
    wire_close(&w);
    return refused ? (void *)(uintptr_t)ok : NULL;
}

/* Many other keys make a reload long, many threads let reloads overtake each other. */
static void test_keys__disabled_at_once_by_many(void **state)
{
    enum { N = 8, ROUNDS = 12, OTHERS = 2000 };
    json_t *made[N];
    pthread_t threads[N];

    (void)state;
    gateway_stop(gateway);
    harness_thread_stop(&h);
    for (int i = 0; i < OTHERS; i++) {
        char id[32];
        snprintf(id, sizeof(id), "AKIDother%d", i);
        add_key(id, "secret", "300000000003", false);
    }
    harness_thread_start(&h);
    start_with(N, 0);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++)
            made[i] = create_key("200000000002");
        for (int i = 0; i < N; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, disable_one, made[i]), 0);
        for (int i = 0; i < N; i++) {
            void *refused;
            pthread_join(threads[i], &refused);
            assert_non_null(refused);
        }
        for (int i = 0; i < N; i++) {
            assert_string_equal(
                ask_once(&(struct wire_call){ .secret_id = str_at(made[i], "Data.SecretId"),
                                              .secret_key = str_at(made[i], "Data.SecretKey"),
                                              .action = "ListProjects" },
                         NULL),
                "AuthFailure.SecretIdNotFound");
            json_decref(made[i]);
        }
    }
}

/* The change is acknowledged, so the key that it took away must not work: nobody's does, until the
 * table can be read again. */
static void test_keys__that_cannot_be_read_open_nothing(void **state)
{
    (void)state;
    json_t *made = create_key("200000000002");
    struct wire_call call = { .secret_id = str_at(made, "Data.SecretId"),
                              .secret_key = str_at(made, "Data.SecretKey"),
                              .action = "ListProjects" },
                     root = { ROOT, .action = "ListProjects" };

    atomic_store(&failing_loads, 3);
    assert_string_equal(with_key("DeleteKey", call.secret_id), "");
    assert_string_equal(ask_once(&call, NULL), "InternalError");
    assert_string_equal(ask_once(&root, NULL), "InternalError");
    assert_int_equal(atomic_load(&failing_loads), 0);
    assert_string_equal(ask_once(&call, NULL), "AuthFailure.SecretIdNotFound");
    assert_string_equal(ask_once(&root, NULL), "");
    json_decref(made);
}

static void test_server__says_what_it_is(void **state)
{
    json_t *r;

    (void)state;
    assert_string_equal(
        ask_once(&(struct wire_call){ ROOT, .version = "weft-1", .action = "GetServerInfo" }, &r),
        "");
    assert_string_equal(str_at(r, "Data.Version"), WEFT_VERSION);
    assert_int_equal(num_at(r, "Data.RunningAttempts"), 0);
    int64_t commands = num_at(r, "Data.Commands");
    json_decref(r);
    assert_string_equal(
        ask_once(&(struct wire_call){ ROOT, .version = "weft-1", .action = "GetServerInfo" }, &r),
        "");
    assert_true(num_at(r, "Data.Commands") > commands);
    json_decref(r);
}

/* ---- connections --------------------------------------------------------------------------- */

/* Writes suspend the connection; what stands behind them waits and is answered in order. */
static void test_pipeline__writes_and_reads_in_order(void **state)
{
    enum { N = 30 };
    struct buf text;
    struct wire w;

    (void)state;
    open_wire(&w);
    buf_init(&text, 1 << 20);
    for (int i = 0; i < N; i++) {
        char name[32];
        snprintf(name, sizeof(name), "p%d", i);
        compose_project(&text, name);
        wire_compose(&text, &(struct wire_call){ ROOT, .action = "ListProjects" });
    }
    assert_true(wire_send(&w, buf_str(&text)));
    for (int i = 0; i < N; i++) {
        assert_true(wire_answer(&w, &text));
        assert_non_null(strstr(text.ptr, "\"ProjectId\""));
        assert_true(wire_answer(&w, &text));
        json_t *whole = json_loadb(text.ptr, text.len, 0, NULL);
        assert_int_equal(num_at(whole, "Response.Data.TotalCount"), i + 1);
        json_decref(whole);
    }
    buf_done(&text);
    wire_close(&w);
}

/* Who goes away while the engine works takes nothing along. */
static void test_write__outlives_its_client(void **state)
{
    struct buf text;
    struct wire w;

    (void)state;
    harness_thread_stop(&h);
    open_wire(&w);
    buf_init(&text, 1 << 16);
    compose_project(&text, "orphan");
    assert_true(wire_send(&w, buf_str(&text)));
    usleep(100000); /* until it waits for the engine; too short only makes the test easier */
    wire_close(&w);
    buf_done(&text);
    harness_thread_start(&h);
    for (int i = 0; i < 200 && count_projects() == 0; i++)
        usleep(10000);
    assert_int_equal(count_projects(), 1);
}

static void test_connections__are_limited(void **state)
{
    enum { N = 12 };
    const struct timeval wait = { .tv_usec = 300000 };
    struct wire wires[N];
    int answered = 0;

    (void)state;
    gateway_stop(gateway);
    start_with(2, 4);
    for (int i = 0; i < N; i++) {
        open_wire(&wires[i]);
        setsockopt(wires[i].fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
        json_t *r = wire_ask(&wires[i], &(struct wire_call){ ROOT, .action = "ListProjects" });
        answered += r != NULL;
        json_decref(r);
        if (!r)
            break; /* the backlog would hold the rest until one of the first goes */
    }
    assert_in_range(answered, 1, 4);
    for (int i = 0; i <= answered; i++)
        wire_close(&wires[i]);
    for (int i = 0; i < 200; i++) { /* the server has to notice */
        open_wire(&wires[0]);
        json_t *r = wire_ask(&wires[0], &(struct wire_call){ ROOT, .action = "ListProjects" });
        wire_close(&wires[0]);
        json_decref(r);
        if (r)
            return;
        usleep(10000);
    }
    fail_msg("no connection is served after others have ended");
}

/* ---- order, words, sizes ------------------------------------------------------------------- */

static void test_order__of_checks(void **state)
{
    static const struct {
        const char *what, *code, *names;
        struct wire_call call;
    } rows[] = {
        { "a query that does not parse is looked at after the signature",
          "AuthFailure.SignatureFailure",
          "",
          { .secret_id = "AKIDroot",
            .secret_key = "wrong",
            .method = "GET",
            .target = "/?A",
            .action = "ListProjects" } },
        { "and then refused",
          "InvalidParameter",
          "=",
          { ROOT, .method = "GET", .target = "/?A", .action = "ListProjects" } },
        { "JSON without Authorization lacks its common parameters",
          "MissingParameter",
          "`Timestamp`",
          { .action = "ListProjects", .body = "{\"A\":1}" } },
        { "unbuilt before its parameters",
          "UnsupportedOperation",
          "`ListTable`",
          { ROOT, .action = "ListTable", .body = "{\"Nonsense\":1}" } },
        { "content type",
          "InvalidParameter",
          "application/json",
          { ROOT, .action = "ListProjects", .content_type = "application/octet-stream" } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *r;
        const char *code = ask_once(&rows[i].call, &r);
        if (strcmp(code, rows[i].code) != 0 || !strstr(str_at(r, "Error.Message"), rows[i].names))
            fail_msg("%s: %s: %s", rows[i].what, code, str_at(r, "Error.Message"));
        json_decref(r);
    }
}

static void test_multipart__nulls_are_absent(void **state)
{
    (void)state;
    assert_string_equal(
        ask_once(
            &(struct wire_call){
                ROOT, .action = "ListProjects", .content_type = "multipart/form-data; boundary=B",
                .body = "--B\r\nContent-Disposition: form-data; name=\"ProjectIds\"\r\n"
                        "Content-Type: application/json\r\n\r\nnull\r\n--B--\r\n" },
            NULL),
        "");
}

/* Header bytes that are no UTF-8 come back as text that is. */
static void test_messages__are_text_in_the_wanted_language(void **state)
{
    json_t *en, *zh;

    (void)state;
    assert_string_equal(
        ask_once(&(struct wire_call){ ROOT, .action = "A\xff\xc3\"B", .language = "en-US" }, &en),
        "InvalidAction");
    assert_string_equal(
        ask_once(&(struct wire_call){ ROOT, .action = "A\xff\xc3\"B", .language = "zh-CN" }, &zh),
        "InvalidAction");
    assert_non_null(strstr(str_at(en, "Error.Message"), "invalid or not found"));
    assert_non_null(strstr(str_at(zh, "Error.Message"), "接口"));
    json_decref(en);
    json_decref(zh);
}

/* Row 131: more headers than are kept may have left out one that matters. */
static void test_headers__too_many(void **state)
{
    struct buf more;

    (void)state;
    buf_init(&more, 1 << 16);
    for (int i = 0; i < 420; i++)
        buf_printf(&more, "X-%d: y\r\n", i);
    assert_string_equal(
        ask_once(&(struct wire_call){ ROOT, .action = "ListProjects", .more = more.ptr }, NULL),
        "RequestSizeLimitExceeded");
    buf_done(&more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys__live_as_their_table_says, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys__are_for_root, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys__refuse_wrong_accounts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys__that_cannot_be_read_open_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_keys__disabled_at_once_by_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server__says_what_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pipeline__writes_and_reads_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_write__outlives_its_client, setup, teardown),
        cmocka_unit_test_setup_teardown(test_connections__are_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order__of_checks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_multipart__nulls_are_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_messages__are_text_in_the_wanted_language, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_headers__too_many, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
