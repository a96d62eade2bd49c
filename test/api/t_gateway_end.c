/* test/api/t_gateway_end.c - how the gateway starts and stops, and what it answers when others
 * fail. */
#include "api/gateway_int.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "act_harness.h"
#include "sys/clock.h"
#include "sys/curl.h"
#include "sys/file.h"
#include "sys/log.h"
#include "wire_client.h"

#define ROOT .secret_id = "AKIDroot", .secret_key = "root secret"

static struct harness h;
static struct gateway *gateway;

static void start(void)
{
    struct gateway_config config = { .listen = "127.0.0.1:0", .threads = 2 };
    struct err e = ERR_INIT;

    if (gateway_start(&config, &h.services, &gateway, &e) != E_OK)
        fail_msg("gateway: %s", e.text);
}

static int setup(void **state)
{
    struct key_row row = { .secret_id = STR("AKIDroot"),
                           .secret_key = STR("root secret"),
                           .uin = STR("100000000001"),
                           .enabled = true,
                           .root = true,
                           .created_at = clock_wall() };
    struct err e = ERR_INIT;

    (void)state;
    log_set_level(LOG_ERROR);
    harness_init(&h);
    if (store_begin(h.store, &e) != E_OK ||
        row_insert(h.store, &table_key, &row, NULL, &e) != E_OK ||
        store_commit(h.store, &e) != E_OK)
        fail_msg("key: %s", e.text);
    harness_thread_start(&h);
    start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gateway_stop(gateway);
    gateway = NULL;
    harness_done(&h);
    return 0;
}

static json_t *create_project(struct wire *w, const char *name)
{
    char body[128];

    snprintf(body, sizeof(body), "{\"Project\":{\"ProjectName\":\"%s\",\"DisplayName\":\"%s\"}}",
             name, name);
    return wire_ask(w, &(struct wire_call){ ROOT, .action = "CreateProject", .body = body });
}

/* ---- failing stores ------------------------------------------------------------------------ */

/* The client learns that nothing was changed, not what the disk said; then all is well again. */
static void test_failure__of_a_commit_is_an_internal_error(void **state)
{
    struct wire w;

    (void)state;
    assert_true(wire_open(&w, gateway_port(gateway)));
    harness_thread_stop(&h);
    store_set_faults(h.store, (struct store_faults){ .fail_commit_at = 1 });
    harness_thread_start(&h);
    json_t *r = create_project(&w, "one");
    assert_string_equal(wire_code(r), "InternalError");
    assert_non_null(str_at(r, "RequestId"));
    assert_null(strstr(str_at(r, "Error.Message"), "commit"));
    json_decref(r);
    harness_thread_stop(&h); /* the engine leaves the disk alone for a moment */
    h.now.us += DUR_S(60).us;
    harness_thread_start(&h);
    r = create_project(&w, "one");
    assert_string_equal(wire_code(r), "");
    json_decref(r);
    wire_close(&w);
}

static void test_failure__engine_that_takes_nothing(void **state)
{
    struct wire w;

    (void)state;
    assert_true(wire_open(&w, gateway_port(gateway)));
    engine_close(h.engine);
    for (int i = 0; i < 3; i++) {
        json_t *r = create_project(&w, "one");
        assert_string_equal(wire_code(r), "RequestLimitExceeded");
        json_decref(r);
    }
    json_t *r = wire_ask(&w, &(struct wire_call){ ROOT, .action = "ListProjects" });
    assert_string_equal(wire_code(r), ""); /* reads go on */
    json_decref(r);
    wire_close(&w);
}

/* ---- bounds -------------------------------------------------------------------------------- */

static void add_keys(int n)
{
    struct err e = ERR_INIT;
    char id[24];

    assert_int_equal(store_begin(h.store, &e), E_OK);
    for (int i = 0; i < n; i++) {
        struct key_row row = { .secret_id =
                                   str_make(id, (size_t)snprintf(id, sizeof(id), "K%d", i)),
                               .secret_key = STR("s"),
                               .uin = STR("1"),
                               .created_at = clock_wall() };
        assert_int_equal(row_insert(h.store, &table_key, &row, NULL, &e), E_OK);
    }
    assert_int_equal(store_commit(h.store, &e), E_OK);
}

static void expect(struct wire *w, const char *action, const char *code)
{
    json_t *r = wire_ask(w, &(struct wire_call){ ROOT, .version = "weft-1", .action = action });

    assert_string_equal(wire_code(r), code);
    json_decref(r);
}

/* Others hold all that may be held: a large answer is refused, a small one given. */
static void test_answers__not_taken_are_bounded(void **state)
{
    struct wire w;

    (void)state;
    harness_thread_stop(&h);
    add_keys(1500);
    harness_thread_start(&h);
    assert_true(wire_open(&w, gateway_port(gateway)));
    expect(&w, "ListKeys", "");
    assert_int_equal(atomic_fetch_add(&gateway->answer_bytes, ANSWERS_MAX), 0);
    expect(&w, "ListKeys", "RequestLimitExceeded");
    expect(&w, "GetServerInfo", "");
    atomic_fetch_sub(&gateway->answer_bytes, ANSWERS_MAX);
    expect(&w, "ListKeys", "");
    wire_close(&w);
}

/* Half a request and the end of it in one piece: its place is given up long before any timeout. */
static void test_connections__end_with_half_a_request(void **state)
{
    static const char *const halves[] = { "PO", "POST / HTTP/1.1\r\nHost: h\r\n",
                                          "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{" };
    const struct timeval patience = { .tv_sec = 10 };
    struct wire w[ARRAY_LEN(halves)];
    char byte;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        assert_true(wire_open(&w[i], gateway_port(gateway)));
        setsockopt(w[i].fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        assert_true(wire_send(&w[i], str_from(halves[i])));
        shutdown(w[i].fd, SHUT_WR);
    }
    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        assert_int_equal(recv(w[i].fd, &byte, 1, 0), 0);
        wire_close(&w[i]);
    }
}

/* ---- ends ---------------------------------------------------------------------------------- */

struct flood {
    pthread_t thread;
    int port, number, other;
    int64_t made;
};
static atomic_bool stopping;

static void *flood(void *ctx)
{
    struct flood *f = ctx;
    char name[40];
    struct wire w;

    if (!wire_open(&w, f->port))
        return NULL;
    for (int i = 0; !atomic_load(&stopping) || i == 0; i++) {
        snprintf(name, sizeof(name), "p%d_%d", f->number, i);
        json_t *r = create_project(&w, name);
        if (!r)
            break;
        f->made += wire_code(r)[0] == '\0';
        f->other += wire_code(r)[0] != '\0' && strcmp(wire_code(r), "RequestLimitExceeded") != 0;
        json_decref(r);
    }
    wire_close(&w);
    return NULL;
}

/* Ends again and again under writes: never a torn answer, and each write that was acknowledged is
 * there (I6). */
static void test_stop__under_load(void **state)
{
    enum { N = 6, ROUNDS = 12 };
    struct flood floods[N];
    int64_t made = 0, there;
    struct query q;
    struct err e = ERR_INIT;
    struct view *v;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        atomic_store(&stopping, false);
        for (int i = 0; i < N; i++) {
            floods[i] = (struct flood){ .port = gateway_port(gateway), .number = round * N + i };
            assert_int_equal(pthread_create(&floods[i].thread, NULL, flood, &floods[i]), 0);
        }
        usleep(1000 * (unsigned)(5 + round * 3));
        gateway_stop(gateway);
        atomic_store(&stopping, true);
        for (int i = 0; i < N; i++) {
            pthread_join(floods[i].thread, NULL);
            assert_int_equal(floods[i].other, 0);
            made += floods[i].made;
        }
        start();
    }
    assert_int_equal(reader_open(h.store, &v, &e), E_OK);
    assert_int_equal(reader_begin(v, &e), E_OK);
    query_init(&q, &table_project);
    assert_int_equal(query_count(v, &q, &there, &e), E_OK);
    reader_end(v);
    reader_close(v);
    assert_true(made > 0);
    assert_in_range(there, made, made + N * ROUNDS); /* an answer may be lost with its connection */
}

static atomic_bool stopped;

static void *stop_it(void *ctx)
{
    (void)ctx;
    gateway_stop(gateway);
    atomic_store(&stopped, true);
    return NULL;
}

/* A stop waits for the engine, and who waits for the answer gets it. */
static void test_stop__waits_for_writes(void **state)
{
    pthread_t stopper, writer;
    struct flood f = { .port = gateway_port(gateway) };

    (void)state;
    atomic_store(&stopped, false);
    atomic_store(&stopping, true); /* one write only */
    harness_thread_stop(&h);
    assert_int_equal(pthread_create(&writer, NULL, flood, &f), 0);
    usleep(100000);
    assert_int_equal(pthread_create(&stopper, NULL, stop_it, NULL), 0);
    usleep(100000);
    assert_false(atomic_load(&stopped));
    harness_thread_start(&h);
    pthread_join(stopper, NULL);
    pthread_join(writer, NULL);
    gateway = NULL;
    assert_int_equal(f.made, 1);
}

/* ---- starts -------------------------------------------------------------------------------- */

static void test_start__refuses_what_it_cannot_listen_on(void **state)
{
    static const struct {
        const char *listen;
        enum err_code code;
    } rows[] = {
        { "8099", E_SYNTAX },
        { "no such host.invalid:1", E_RANGE },
        { "127.0.0.1:notaport", E_RANGE },
        { "203.0.113.1:0", E_IO },
    };
    struct gateway *other = NULL;
    struct err e = ERR_INIT;
    char taken[32];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct gateway_config config = { .listen = rows[i].listen };
        assert_int_equal(gateway_start(&config, &h.services, &other, &e), rows[i].code);
        assert_non_null(strstr(e.text, rows[i].listen));
        assert_null(other);
    }
    snprintf(taken, sizeof(taken), "127.0.0.1:%d", gateway_port(gateway));
    struct gateway_config config = { .listen = taken };
    assert_int_equal(gateway_start(&config, &h.services, &other, &e), E_IO);
}

/* A self-signed certificate and its key as PEM files. */
static void make_certificate(const char *cert_path, const char *key_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    FILE *f;

    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    f = fopen(cert_path, "w");
    assert_true(f && PEM_write_X509(f, cert));
    fclose(f);
    f = fopen(key_path, "w");
    assert_true(f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
    fclose(f);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static size_t keep(char *data, size_t size, size_t n, void *ctx)
{
    buf_add(ctx, data, size * n);
    return size * n;
}

static void check_over_tls(int port)
{
    struct buf body;
    char url[64];

    assert_int_equal(curl_library_open(NULL), E_OK);
    CURL *curl = curl_easy_init();
    buf_init(&body, 4096);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    assert_non_null(strstr(body.ptr, "MissingParameter"));
    curl_easy_cleanup(curl);
    buf_done(&body);
}

static void test_tls__answers_or_says_what_is_wrong(void **state)
{
    char dir[] = "/tmp/weft-tls-XXXXXX", cert[64], key[64];
    struct gateway *other = NULL;
    struct err e = ERR_INIT;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(cert, sizeof(cert), "%s/cert.pem", dir);
    snprintf(key, sizeof(key), "%s/key.pem", dir);
    make_certificate(cert, key);
    const struct {
        const char *cert, *key;
        enum err_code code;
    } rows[] = {
        { cert, NULL, E_REQUIRED },
        { NULL, key, E_REQUIRED },
        { "/nonexistent/cert.pem", key, E_MISSING },
        { cert, "/nonexistent/key.pem", E_MISSING },
        { key, cert, E_IO },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct gateway_config config = { .listen = "127.0.0.1:0",
                                         .tls_cert = rows[i].cert,
                                         .tls_key = rows[i].key };
        assert_int_equal(gateway_start(&config, &h.services, &other, &e), rows[i].code);
        assert_null(other);
    }
    struct gateway_config config = { .listen = "127.0.0.1:0", .tls_cert = cert, .tls_key = key };
    assert_int_equal(gateway_start(&config, &h.services, &other, &e), E_OK);
    check_over_tls(gateway_port(other));
    gateway_stop(other);
    assert_int_equal(dir_remove_all(dir, &e), E_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_failure__of_a_commit_is_an_internal_error, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failure__engine_that_takes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers__not_taken_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_connections__end_with_half_a_request, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stop__under_load, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stop__waits_for_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_start__refuses_what_it_cannot_listen_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_tls__answers_or_says_what_is_wrong, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
