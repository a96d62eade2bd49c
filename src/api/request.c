/* api/request.c - everything before an action: the order of checks of docs/reference/wire.md 3.6.
 */
#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/form.h"
#include "api/gateway_int.h"
#include "api/payload.h"
#include "api/probe.h"
#include "sys/clock.h"

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
    call_metrics_rate_limited(x->gateway->calls);
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
    if (access_admit(&x->call, x->action) == E_OK)
        return true;
    public_error_from(fault, &x->call.err);
    return false;
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
        !(!get && v1 && r->body.len > AUTH_V1_BODY_MAX))
        return true;
    if (!get && v1)
        return auth_v1_too_large(fault);
    return public_error_set(fault, "RequestSizeLimitExceeded",
                            "The request is too large: at most %s.", "请求过大，上限为 %s。",
                            get ? "32 KB for GET" : "10 MB");
}

static bool take_params(struct exchange *x, const struct http_request *r,
                        const struct auth_request *q, const struct auth_field *fields, int n_fields,
                        struct public_error *fault)
{
    return q->mode == AUTH_V1 ? payload_of_fields(x->call.schema->request, fields, n_fields,
                                                  &x->call.params, fault)
                              : payload_of_request(r, x->call.schema->request, &x->call.arena,
                                                   &x->call.params, fault);
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
    if (!header_mode && !payload_is_json(r) &&
        !form_parse(get ? r->query : r->body, &x->call.arena, &fields, &n_fields, fault))
        return false;
    const struct http_header *language = http_header(r, STR("x-tc-language"));
    if (language && str_eq_c(language->value, "zh-CN"))
        x->call.lang = LANG_ZH;
    for (int i = 0; i < n_fields; i++)
        if (str_eq_c(fields[i].name, "Language") && str_eq_c(fields[i].value, "zh-CN"))
            x->call.lang = LANG_ZH;
    if (gateway_keys_require(g, &x->call.err) != E_OK) {
        public_error_from(fault, &x->call.err);
        return false;
    }
    bool known =
        auth_check(r, fields, n_fields, &g->auth, g->keys, now_s, &x->call.arena, &q, &key, fault);
    mem_wipe(key.secret_key, sizeof(key.secret_key));
    if (!known)
        return false;
    x->call.uin = arena_str(&x->call.arena, str_from(key.uin));
    x->call.secret_id = arena_str(&x->call.arena, q.secret_id);
    x->call.region = q.region;
    x->call.is_root = key.root;
    return find_action(x, &q, fault) && check_rate(x, now_s, fault) && check_built(x, fault) &&
           take_params(x, r, &q, fields, n_fields, fault) && check_region(x, fault) &&
           check_schema(x, fault);
}

enum MHD_Result exchange_answer(struct exchange *x, const char *method)
{
    struct str target = str_from(x->uri), path = str_split(&target, '?');
    struct http_request r = { .method = str_from(method),
                              .path = path,
                              .query = target,
                              .headers = x->headers,
                              .n_headers = x->n_headers,
                              .body = buf_str(&x->body) };
    struct public_error fault;
    enum MHD_Result answered;

    if (probe_answer(x, &r, &answered))
        return answered;
    if (!str_eq_c(r.method, "GET") && !str_eq_c(r.method, "POST")) {
        public_error_set(
            &fault, "UnsupportedProtocol",
            "HTTP(S) request protocol error; only GET and POST requests are supported.",
            "HTTP(S) 请求方法错误，只支持 GET 和 POST。");
        return exchange_send_fault(x, &fault);
    }
    if (!admit(x, &r, &fault))
        return exchange_send_fault(x, &fault);
    return exchange_run(x);
}
