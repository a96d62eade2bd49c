/* api/gateway.c - HTTP in, answers out, over libmicrohttpd.
 *
 * MHD's own threads read the requests.  A read is answered on such a thread; a write suspends its
 * connection, runs on the engine thread, and the connection is resumed when its commit is on disk.
 * Whatever a client sends is bounded: connections, bytes of headers, bytes of one body and of all
 * bodies together, writes under way.
 */
#include "api/gateway.h"

#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/auth.h"
#include "api/form.h"
#include "api/keyring.h"
#include "api/public_error.h"
#include "api/rate_limit.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/random.h"

enum {
    BODY_MAX = 10 << 20, /* TC3 */
    V1_BODY_MAX = 1 << 20,
    GET_MAX = 32 << 10,
    DRAIN_MAX = 64 << 20,   /* a larger body is not even read to its end */
    BODIES_MAX = 256 << 20, /* of all requests together */
    ANSWER_MAX = 50 << 20,
    PEM_MAX = 1 << 20,
    CONNECTION_MEMORY = 160 << 10, /* request line and headers */
    IDLE_SECONDS = 300,            /* between two requests of a connection */
    PAUSE_SECONDS = 30,            /* within a request, or while an answer is read */
    BODY_SECONDS = 300,            /* for a whole body, however steadily it trickles */
    STOP_SECONDS = 10
};

enum stage { STAGE_READING, STAGE_WRITING, STAGE_WRITTEN };

/* One request, from its first byte to its last answered one. */
struct exchange {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    struct call call;
    struct engine_command command;
    const struct action *action;
    struct buf body;
    size_t counted; /* body bytes counted in the gateway's total */
    char *uri;      /* raw request target */
    struct http_header headers[HTTP_HEADERS_MAX];
    int n_headers;
    struct mono started;
    enum stage stage;
    enum err_code written;
    bool began, too_large, too_many_headers, too_busy;
    bool under_way; /* counted in the gateway: read to its end, not yet answered to its end */
};

struct gateway {
    struct services services;
    struct gateway_config config;
    struct auth_config auth;
    struct MHD_Daemon *daemon;
    struct keyring *keys;
    struct rate_limit *limit;
    atomic_size_t body_bytes;
    atomic_bool stopping; /* no further connection is suspended, answers close theirs */
    atomic_int suspended; /* connections that wait for the engine */
    atomic_int under_way;
    pthread_mutex_t keys_lock; /* one reload at a time, so that the last one has the newest keys */
    pthread_mutex_t views_lock;
    struct view **views; /* snapshots not in use */
    size_t n_views, cap_views;
};

/* ---- snapshots ----------------------------------------------------------------------------- */

static enum err_code view_take(struct gateway *g, struct view **ret, struct err *e)
{
    struct view *v = NULL;
    enum err_code rc = E_OK;

    pthread_mutex_lock(&g->views_lock);
    if (g->n_views > 0)
        v = g->views[--g->n_views];
    pthread_mutex_unlock(&g->views_lock);
    if (!v)
        rc = reader_open(g->services.store, &v, e);
    if (rc == E_OK)
        rc = reader_begin(v, e);
    if (rc != E_OK) {
        if (v)
            reader_close(v);
        return rc;
    }
    *ret = v;
    return E_OK;
}

static void view_give(struct gateway *g, struct view *v)
{
    reader_end(v);
    pthread_mutex_lock(&g->views_lock);
    g->views = mem_grow(g->views, &g->cap_views, g->n_views + 1, sizeof(struct view *));
    g->views[g->n_views++] = v;
    pthread_mutex_unlock(&g->views_lock);
}

static void keys_reload(void *ctx)
{
    struct gateway *g = ctx;
    struct view *v;
    struct err e = ERR_INIT;

    pthread_mutex_lock(&g->keys_lock);
    enum err_code rc = view_take(g, &v, &e);
    if (rc == E_OK) {
        rc = keyring_load(g->keys, v, &e);
        view_give(g, v);
    }
    pthread_mutex_unlock(&g->keys_lock);
    if (rc != E_OK)
        log_error("gateway", "cannot read the keys: %s", e.text);
}

/* ---- answers ------------------------------------------------------------------------------- */

/* What the client sent is not needed for longer than it takes to answer: it may read slowly. */
static void release_input(struct exchange *x)
{
    atomic_fetch_sub(&x->gateway->body_bytes, x->counted);
    x->counted = 0;
    json_decref(x->call.params);
    x->call.params = NULL;
    buf_done(&x->body);
    buf_init(&x->body, BODY_MAX);
}

static enum MHD_Result send_bytes(struct exchange *x, struct buf *body, const char *type)
{
    size_t len;
    char *bytes = buf_take(body, &len);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (atomic_load(&x->gateway->stopping))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    result = MHD_queue_response(x->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    release_input(x);
    return result;
}

static void log_access(const struct exchange *x, const char *code)
{
    struct dur took = mono_sub(clock_mono(), x->started);

    log_debug("access", "request=%s action=%s account=%.*s code=%s us=%lld", x->call.request_id,
              x->call.schema ? x->call.schema->name : "-", STR_ARG(x->call.uin), code,
              (long long)took.us);
}

static enum MHD_Result send_fault(struct exchange *x, const struct public_error *fault)
{
    struct buf out;
    struct jw w;

    buf_init(&out, ANSWER_MAX);
    jw_init(&w, &out);
    jw_object(&w);
    jw_key(&w, "Response");
    jw_object(&w);
    jw_key(&w, "Error");
    jw_object(&w);
    jw_kcstr(&w, "Code", fault->code);
    jw_kcstr(&w, "Message", x->call.lang == LANG_ZH ? fault->zh : fault->en);
    jw_object_end(&w);
    jw_kcstr(&w, "RequestId", x->call.request_id);
    jw_object_end(&w);
    jw_object_end(&w);
    log_access(x, fault->code);
    return send_bytes(x, &out, "application/json");
}

static enum MHD_Result send_error(struct exchange *x)
{
    struct public_error fault;

    public_error_from(&fault, &x->call.err);
    if (strcmp(fault.code, "InternalError") == 0)
        log_warn("gateway", "request=%s action=%s account=%.*s us=%lld: %s: %s", x->call.request_id,
                 x->call.schema->name, STR_ARG(x->call.uin),
                 (long long)mono_sub(clock_mono(), x->started).us, err_code_name(x->call.err.code),
                 x->call.err.text);
    return send_fault(x, &fault);
}

/* Runs the action's answer into a fresh envelope. */
static enum MHD_Result send_answer(struct exchange *x)
{
    struct public_error fault;
    struct buf out;
    enum err_code rc;

    buf_init(&out, ANSWER_MAX);
    jw_init(&x->call.out, &out);
    jw_object(&x->call.out);
    jw_key(&x->call.out, "Response");
    jw_object(&x->call.out);
    rc = x->action->answer(&x->call);
    if (rc != E_OK) {
        buf_done(&out);
        return send_error(x);
    }
    jw_kcstr(&x->call.out, "RequestId", x->call.request_id);
    jw_object_end(&x->call.out);
    jw_object_end(&x->call.out);
    if (out.overflow) {
        buf_done(&out);
        public_error_set(&fault, "ResponseSizeLimitExceeded",
                         "The answer is larger than 50 MB; ask for smaller pages.",
                         "应答超过 50 MB，请缩小分页。");
        return send_fault(x, &fault);
    }
    log_access(x, "OK");
    return send_bytes(x, &out, "application/json");
}

/* ---- reads and writes ---------------------------------------------------------------------- */

static enum MHD_Result run_read(struct exchange *x)
{
    enum MHD_Result result;

    if (x->action->prepare && x->action->prepare(&x->call) != E_OK)
        return send_error(x);
    if (view_take(x->gateway, &x->call.view, &x->call.err) != E_OK)
        return send_error(x);
    result = send_answer(x);
    view_give(x->gateway, x->call.view);
    x->call.view = NULL;
    return result;
}

static enum err_code write_run(struct engine_command *command, struct engine *g, struct err *e)
{
    struct exchange *x = CONTAINER_OF(command, struct exchange, command);
    enum err_code rc = x->action->apply(&x->call, g);

    if (rc != E_OK)
        *e = x->call.err;
    return rc;
}

static void write_done(struct engine_command *command, enum err_code rc, const struct err *e)
{
    struct exchange *x = CONTAINER_OF(command, struct exchange, command);
    struct gateway *g = x->gateway;

    x->written = rc;
    if (rc != E_OK)
        x->call.err = *e;
    x->stage = STAGE_WRITTEN;
    /* x may be gone as soon as it is resumed; and MHD must not be stopped before that. */
    MHD_resume_connection(x->connection);
    atomic_fetch_sub(&g->suspended, 1);
}

static enum MHD_Result run_write(struct exchange *x)
{
    if (x->action->prepare && x->action->prepare(&x->call) != E_OK)
        return send_error(x);
    x->command = (struct engine_command){ .run = write_run, .done = write_done };
    /* Counted before `stopping` is read, which is set before the count is: a stop either sees this
     * connection or is seen here. */
    atomic_fetch_add(&x->gateway->suspended, 1);
    if (atomic_load(&x->gateway->stopping)) {
        atomic_fetch_sub(&x->gateway->suspended, 1);
        err_set(&x->call.err, E_BUSY, "the server is stopping");
        return send_error(x);
    }
    x->stage = STAGE_WRITING;
    MHD_suspend_connection(x->connection);
    enum err_code rc = engine_post(x->gateway->services.engine, &x->command, &x->call.err);
    if (rc != E_OK) {
        struct err e = x->call.err;
        write_done(&x->command, rc, &e);
    }
    return MHD_YES;
}

static enum MHD_Result finish_write(struct exchange *x)
{
    if (x->written != E_OK)
        return send_error(x);
    return send_answer(x);
}

/* ---- one request --------------------------------------------------------------------------- */

static void remove_nulls(json_t *value)
{
    const char *name;
    json_t *item;
    void *next;
    size_t i;

    if (json_is_object(value))
        json_object_foreach_safe(value, next, name, item)
        {
            if (json_is_null(item))
                json_object_del(value, name);
            else
                remove_nulls(item);
        }
    if (json_is_array(value))
        json_array_foreach(value, i, item) remove_nulls(item);
}

static bool parse_json(struct exchange *x, struct str body, struct public_error *fault)
{
    json_error_t error;

    if (str_trim(body).len == 0) {
        x->call.params = json_object();
        return true;
    }
    x->call.params = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &error);
    if (!x->call.params)
        return public_error_set(fault, "InvalidParameter",
                                "The request content not valid json format for specified "
                                "content-type=application/json. "
                                "Line %d, column %d: %s",
                                "请求内容不是有效的 JSON。第 %d 行第 %d 列：%s", error.line,
                                error.column, error.text);
    if (!json_is_object(x->call.params))
        return public_error_set(fault, "InvalidParameter",
                                "The request content not valid json format for specified "
                                "content-type=application/json. "
                                "It must be an object.",
                                "请求内容必须是一个 JSON 对象。");
    remove_nulls(x->call.params);
    return true;
}

static struct str boundary_of(struct str type)
{
    ptrdiff_t at = str_find(type, STR("boundary="));
    struct str rest;

    if (at < 0)
        return (struct str){ NULL, 0 };
    rest = str_sub(type, (size_t)at + 9, type.len);
    rest = str_trim(str_split(&rest, ';'));
    if (rest.len >= 2 && rest.ptr[0] == '"')
        rest = str_sub(rest, 1, rest.len - 2);
    return rest;
}

static bool take_params(struct exchange *x, const struct http_request *r, enum auth_mode mode,
                        const struct auth_field *fields, int n_fields, struct public_error *fault)
{
    const struct http_header *header = http_header(r, STR("content-type"));
    struct str type = header ? header->value : (struct str){ NULL, 0 };
    struct str plain = type;
    struct auth_field *parsed;
    int n;

    plain = str_trim(str_split(&plain, ';'));
    if (mode == AUTH_V1) {
        x->call.params = form_to_json(x->call.schema->request, fields, n_fields, true, fault);
        return x->call.params != NULL;
    }
    if (str_eq_c(r->method, "GET")) {
        if (!form_parse(r->query, &x->call.arena, &parsed, &n, fault))
            return false;
        x->call.params = form_to_json(x->call.schema->request, parsed, n, false, fault);
        return x->call.params != NULL;
    }
    if (str_ieq(plain, STR("multipart/form-data"))) {
        if (!form_parse_multipart(r->body, boundary_of(type), &x->call.arena, &parsed, &n, fault))
            return false;
        x->call.params = form_to_json(x->call.schema->request, parsed, n, false, fault);
        if (x->call.params)
            remove_nulls(x->call.params);
        return x->call.params != NULL;
    }
    if (str_ieq(plain, STR("application/x-www-form-urlencoded"))) {
        if (!form_parse(r->body, &x->call.arena, &parsed, &n, fault))
            return false;
        x->call.params = form_to_json(x->call.schema->request, parsed, n, false, fault);
        return x->call.params != NULL;
    }
    if (!str_ieq(plain, STR("application/json")))
        return public_error_set(fault, "InvalidParameter",
                                "The content type must be application/json.",
                                "Content-Type 必须是 application/json。");
    return parse_json(x, r->body, fault);
}

static bool find_action(struct exchange *x, const struct auth_request *q,
                        struct public_error *fault)
{
    if (!schema_has_version(q->version))
        return public_error_set(
            fault, "NoSuchVersion",
            "The specified api version=`%.*s` does not exist in service=`wedata`.",
            "服务 `wedata` 没有 API 版本 `%.*s`。",
            (int)(q->version.len < 64 ? q->version.len : 64), q->version.ptr);
    x->call.schema = schema_action_find(q->version, q->action);
    if (!x->call.schema)
        return public_error_set(fault, "InvalidAction",
                                "The request action=`%.*s` is invalid or not found in "
                                "service=`wedata` and version=`%.*s`.",
                                "服务 `wedata` 没有接口 `%.*s`(版本 `%.*s`)。",
                                (int)(q->action.len < 100 ? q->action.len : 100), q->action.ptr,
                                STR_ARG(q->version));
    return true;
}

static bool check_rate(struct exchange *x, int64_t now_s, struct public_error *fault)
{
    int count;

    if (rate_limit_pass(x->gateway->limit, str_from(x->call.schema->name), x->call.uin, now_s,
                        &count))
        return true;
    return public_error_set(fault, "RequestLimitExceeded",
                            "Your current request times equals to `%d` in a second, which exceeds "
                            "the frequency limit `%d` "
                            "for a second. Please reduce the frequency of calls.",
                            "当前每秒请求次数为 `%d`，超过频率限制 `%d` 次/秒，请降低调用频率。",
                            count, x->gateway->config.rate_limit);
}

/* What is not built says so whatever its parameters are: nobody should have to get them right
 * first. */
static bool check_built(struct exchange *x, struct public_error *fault)
{
    x->action = action_find(str_from(x->call.schema->version), str_from(x->call.schema->name));
    if (!x->action)
        return public_error_set(fault, "UnsupportedOperation",
                                "The action `%s` is known but not built in this version of weft.",
                                "接口 `%s` 在当前版本的 weft 中尚未实现。", x->call.schema->name);
    if (x->action->root_only && !x->call.is_root)
        return public_error_set(fault, "UnauthorizedOperation", "The action `%s` needs a root key.",
                                "接口 `%s` 需要根密钥。", x->call.schema->name);
    return true;
}

static bool check_region(const struct exchange *x, struct public_error *fault)
{
    struct str rest = str_from(x->gateway->config.regions);

    if (x->call.region.len == 0) {
        if (strcmp(x->call.schema->version, API_WEFT) == 0)
            return true;
        return public_error_set(fault, "MissingParameter",
                                "The request is missing a required parameter `Region`.",
                                "请求缺少必填参数 `Region`。");
    }
    if (rest.len == 0)
        return true;
    while (rest.ptr)
        if (str_eq(str_trim(str_split(&rest, ',')), x->call.region))
            return true;
    return public_error_set(fault, "UnsupportedRegion", "The action does not support this region.",
                            "该接口不支持此地域。");
}

static bool check_schema(struct exchange *x, struct public_error *fault)
{
    struct err *e = &x->call.err;

    switch (schema_check(x->call.schema->request, x->call.params, e)) {
    case SCHEMA_OK:
        return true;
    case SCHEMA_MISSING:
        return public_error_set(fault, "MissingParameter",
                                "The request is missing a required parameter `%s`.",
                                "请求缺少必填参数 `%s`。", e->path);
    case SCHEMA_UNKNOWN:
        return public_error_set(fault, "UnknownParameter", "The parameter `%s` is not recognized.",
                                "未知参数 `%s`。", e->path);
    case SCHEMA_TYPE:
        break;
    }
    public_error_set(fault, "InvalidParameter", "Parameter `%s`: %s", "参数 `%s`：%s", e->path,
                     e->text);
    snprintf(fault->zh, sizeof(fault->zh), "参数 `%s`：%s", e->path, e->text_zh);
    return false;
}

static bool check_size(const struct exchange *x, const struct http_request *r,
                       struct public_error *fault)
{
    bool get = str_eq_c(r->method, "GET"), v1 = !http_header(r, STR("authorization"));

    if (x->too_busy)
        return public_error_set(fault, "RequestLimitExceeded",
                                "The server is reading too many large requests; try again.",
                                "服务正在接收过多大请求，请稍后重试。");
    if (x->too_many_headers)
        return public_error_set(fault, "RequestSizeLimitExceeded",
                                "The request has more than %d headers.", "请求头超过 %d 个。",
                                HTTP_HEADERS_MAX);
    if (!x->too_large && !(get && strlen(x->uri) > GET_MAX) &&
        !(!get && v1 && r->body.len > V1_BODY_MAX))
        return true;
    if (!get && v1)
        return public_error_set(
            fault, "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated because of exceeding request size "
            "limit, "
            "please use new signature method `TC3-HMAC-SHA256`.",
            "请求超过大小限制，签名无法校验，请使用签名方法 `TC3-HMAC-SHA256`。");
    return public_error_set(fault, "RequestSizeLimitExceeded",
                            "The request is too large: at most %s.", "请求过大，上限为 %s。",
                            get ? "32 KB for GET" : "10 MB");
}

/* Parameter mode has no JSON: such a request just lacks its parameters, Timestamp first. */
static bool is_json_post(const struct http_request *r)
{
    const struct http_header *header = http_header(r, STR("content-type"));
    struct str type = header ? header->value : (struct str){ NULL, 0 };

    return str_eq_c(r->method, "POST") &&
           str_ieq(str_trim(str_split(&type, ';')), STR("application/json"));
}

/* Everything before the action: the order of wire.md 3.6. */
static bool admit(struct exchange *x, const struct http_request *r, struct public_error *fault)
{
    struct gateway *g = x->gateway;
    int64_t now_s = clock_wall().us / 1000000;
    struct auth_field *fields = NULL;
    struct auth_request q;
    struct key_copy key;
    int n_fields = 0;
    bool get = str_eq_c(r->method, "GET"),
         header_mode = http_header(r, STR("authorization")) != NULL;

    if (!check_size(x, r, fault))
        return false;
    if (!header_mode && !is_json_post(r) &&
        !form_parse(get ? r->query : r->body, &x->call.arena, &fields, &n_fields, fault))
        return false;
    const struct http_header *language = http_header(r, STR("x-tc-language"));
    if (language && str_eq_c(language->value, "zh-CN"))
        x->call.lang = LANG_ZH;
    for (int i = 0; i < n_fields; i++)
        if (str_eq_c(fields[i].name, "Language") && str_eq_c(fields[i].value, "zh-CN"))
            x->call.lang = LANG_ZH;
    if (!auth_check(r, fields, n_fields, &g->auth, g->keys, now_s, &x->call.arena, &q, &key, fault))
        return false;
    x->call.uin = arena_str(&x->call.arena, str_from(key.uin));
    x->call.secret_id = arena_str(&x->call.arena, q.secret_id);
    x->call.region = q.region;
    x->call.is_root = key.root;
    return find_action(x, &q, fault) && check_rate(x, now_s, fault) && check_built(x, fault) &&
           take_params(x, r, q.mode, fields, n_fields, fault) && check_region(x, fault) &&
           check_schema(x, fault);
}

static enum MHD_Result answer_request(struct exchange *x, const char *method)
{
    struct str target = str_from(x->uri), path = str_split(&target, '?');
    struct http_request r = { .method = str_from(method),
                              .path = path,
                              .query = target,
                              .headers = x->headers,
                              .n_headers = x->n_headers,
                              .body = buf_str(&x->body) };
    struct public_error fault;

    if (str_eq_c(path, "/healthz") && str_eq_c(r.method, "GET")) {
        struct buf ok;
        buf_init(&ok, 16);
        buf_add_c(&ok, "ok\n");
        return send_bytes(x, &ok, "text/plain");
    }
    if (!str_eq_c(r.method, "GET") && !str_eq_c(r.method, "POST")) {
        public_error_set(
            &fault, "UnsupportedProtocol",
            "HTTP(S) request protocol error; only GET and POST requests are supported.",
            "HTTP(S) 请求方法错误，只支持 GET 和 POST。");
        return send_fault(x, &fault);
    }
    if (!admit(x, &r, &fault))
        return send_fault(x, &fault);
    return x->action->apply ? run_write(x) : run_read(x);
}

/* ---- libmicrohttpd ------------------------------------------------------------------------- */

static enum MHD_Result take_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct exchange *x = ctx;

    (void)kind;
    if (x->n_headers == HTTP_HEADERS_MAX) {
        x->too_many_headers = true; /* one that matters may be among those left out */
        return MHD_NO;
    }
    x->headers[x->n_headers++] = (struct http_header){ str_from(name), str_from(value) };
    return MHD_YES;
}

static void take_body(struct exchange *x, const char *data, size_t len)
{
    struct gateway *g = x->gateway;

    if (x->too_large || x->too_busy)
        return;
    if (x->body.len + len > BODY_MAX) {
        x->too_large = true;
        return;
    }
    x->counted += len;
    if (atomic_fetch_add(&g->body_bytes, len) + len > BODIES_MAX) {
        x->too_busy = true;
        return;
    }
    buf_add(&x->body, data, len);
}

static bool is_hopeless(const struct exchange *x)
{
    const char *length =
        MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, "Content-Length");
    uint64_t n;

    return length && str_to_u64(str_from(length), &n) && n > DRAIN_MAX;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    struct exchange *x = *state;

    (void)ctx;
    (void)url;
    (void)version;
    if (x->stage == STAGE_WRITTEN)
        return finish_write(x);
    if (x->stage == STAGE_WRITING)
        return MHD_YES;
    if (!x->began) {
        x->began = true;
        x->connection = connection;
        MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, x);
        if (is_hopeless(x)) {
            x->too_large = true;
            return answer_request(x, method);
        }
        return MHD_YES;
    }
    if (*data_size > 0) {
        if (mono_sub(clock_mono(), x->started).us > DUR_S(BODY_SECONDS).us)
            return MHD_NO;
        take_body(x, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    x->under_way = true;
    atomic_fetch_add(&x->gateway->under_way, 1);
    return answer_request(x, method);
}

/* Called with the raw target before anything is decoded: the signature is over these bytes. */
static void *on_target(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    struct exchange *x = NEW(struct exchange);

    x->gateway = ctx;
    x->connection = connection;
    x->started = clock_mono();
    x->uri = mem_strdup(str_from(uri));
    x->call.services = &x->gateway->services;
    arena_init(&x->call.arena);
    buf_init(&x->body, BODY_MAX);
    random_uuid(x->call.request_id);
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)PAUSE_SECONDS);
    return x;
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct exchange *x = *state;

    (void)ctx;
    if (!x)
        return;
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                  (unsigned)IDLE_SECONDS);
    release_input(x);
    if (x->under_way)
        atomic_fetch_sub(&x->gateway->under_way, 1);
    arena_done(&x->call.arena);
    buf_done(&x->body);
    mem_free(x->uri);
    mem_free(x);
    *state = NULL;
}

static void on_mhd_log(void *ctx, const char *fmt, va_list ap)
{
    char text[512];

    (void)ctx;
    vsnprintf(text, sizeof(text), fmt, ap);
    log_debug("http", "%s", text);
}

/* ---- life ---------------------------------------------------------------------------------- */

/* "HOST:PORT" or "[HOST]:PORT" as a listening socket. */
static enum err_code open_socket(const char *listen_text, int *ret, struct err *e)
{
    struct str text = str_from(listen_text);
    ptrdiff_t colon = str_rfind_char(text, ':');
    char host[256], port[16];
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found;
    int on = 1;

    if (colon < 0)
        return err_set(e, E_SYNTAX, "listen must be HOST:PORT, not '%s'", listen_text);
    struct str name = str_sub(text, 0, (size_t)colon);
    if (name.len >= 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']')
        name = str_sub(name, 1, name.len - 2);
    snprintf(host, sizeof(host), "%.*s", STR_ARG(name));
    snprintf(port, sizeof(port), "%s", listen_text + colon + 1);
    int failed = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
    if (failed)
        return err_set(e, E_RANGE, "cannot listen on '%s': %s", listen_text, gai_strerror(failed));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1024) != 0) {
        enum err_code rc = err_errno(e, E_IO, "listening on %s", listen_text);
        if (fd >= 0)
            close(fd);
        freeaddrinfo(found);
        return rc;
    }
    freeaddrinfo(found);
    *ret = fd;
    return E_OK;
}

static unsigned thread_count(const struct gateway_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (config->threads > 0)
        return (unsigned)config->threads;
    return cores > 2 ? (unsigned)cores : 2;
}

static enum err_code start_daemon(struct gateway *g, int fd, struct err *e)
{
    bool tls = g->config.tls_cert != NULL;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (tls ? MHD_USE_TLS : 0);
    struct buf cert, key;
    enum err_code rc = E_OK;

    if (tls && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return err_set(e, E_UNSUPPORTED,
                       "this libmicrohttpd has no TLS; terminate it in front of weft");
    if (tls != (g->config.tls_key != NULL))
        return err_set(e, E_REQUIRED, "tls-cert and tls-key go together");
    buf_init(&cert, PEM_MAX);
    buf_init(&key, PEM_MAX);
    if (tls)
        rc = file_read(g->config.tls_cert, &cert, e);
    if (tls && rc == E_OK)
        rc = file_read(g->config.tls_key, &key, e);
    if (rc != E_OK)
        goto out;
    struct MHD_OptionItem tls_options[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, cert.ptr },
                                            { MHD_OPTION_HTTPS_MEM_KEY, 0, key.ptr },
                                            { MHD_OPTION_END, 0, NULL } };
    struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
    g->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, g, MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, thread_count(&g->config),
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)g->config.connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, on_target, g,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, g, MHD_OPTION_ARRAY, tls ? tls_options : none,
        MHD_OPTION_END);
    if (!g->daemon)
        rc = tls ? err_set(e, E_IO,
                           "the HTTP server does not start; are '%s' and '%s' the PEM "
                           "files of a certificate and its key?",
                           g->config.tls_cert, g->config.tls_key)
                 : err_set(e, E_IO, "the HTTP server does not start");
out:
    buf_done(&cert);
    buf_done(&key);
    return rc;
}

static void gateway_free(struct gateway *g)
{
    for (size_t i = 0; i < g->n_views; i++)
        reader_close(g->views[i]);
    mem_free(g->views);
    keyring_free(g->keys);
    rate_limit_free(g->limit);
    pthread_mutex_destroy(&g->views_lock);
    pthread_mutex_destroy(&g->keys_lock);
    mem_free(g);
}

enum err_code gateway_start(const struct gateway_config *config, const struct services *services,
                            struct gateway **ret, struct err *e)
{
    struct gateway *g = NEW(struct gateway);
    struct view *v;
    int fd = -1;

    g->config = *config;
    if (g->config.connections_max == 0)
        g->config.connections_max = 1000;
    g->services = *services;
    g->services.keys_changed = keys_reload;
    g->services.keys_ctx = g;
    g->auth.extra_hosts = config->extra_hosts;
    g->keys = keyring_new();
    g->limit = rate_limit_new(config->rate_limit);
    pthread_mutex_init(&g->views_lock, NULL);
    pthread_mutex_init(&g->keys_lock, NULL);
    enum err_code rc = view_take(g, &v, e);
    if (rc == E_OK) {
        rc = keyring_load(g->keys, v, e);
        view_give(g, v);
    }
    if (rc == E_OK)
        rc = open_socket(config->listen, &fd, e);
    if (rc == E_OK)
        rc = start_daemon(g, fd, e);
    if (rc != E_OK) {
        if (fd >= 0)
            close(fd);
        gateway_free(g);
        return rc;
    }
    *ret = g;
    return E_OK;
}

int gateway_port(const struct gateway *g)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(g->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void gateway_stop(struct gateway *g)
{
    if (!g)
        return;
    /* No new connections; then what is under way is answered.  MHD must not be stopped with
     * suspended connections; the engine completes every command, however long its commit takes. */
    atomic_store(&g->stopping, true);
    MHD_socket listening = MHD_quiesce_daemon(g->daemon);
    struct mono until = mono_add(clock_mono(), DUR_S(STOP_SECONDS));
    while (atomic_load(&g->suspended) > 0 ||
           (atomic_load(&g->under_way) > 0 && clock_mono().us < until.us))
        usleep(1000); /* lint: the end of the program, nothing else to do */
    MHD_stop_daemon(g->daemon);
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    gateway_free(g);
}
