/* api/probe.c - what is answered without a signature: /healthz, /readyz, /metrics. */
#include "api/probe.h"

#include "api/peer.h"
#include "engine/metrics.h"
#include "sys/crypto.h"

enum { METRICS_TEXT_MAX = 8 << 20 };

static enum MHD_Result send_text(struct exchange *x, unsigned status, const char *text)
{
    struct buf out;

    buf_init(&out, 1024);
    buf_add_c(&out, text);
    return exchange_send_bytes(x, status, &out, "text/plain");
}

static void write_check(struct jw *w, const char *name, bool ok, const char *why, bool *all)
{
    jw_kcstr(w, name, ok ? "ok" : why);
    *all = *all && ok;
}

/* Ready: a write that came now would be committed, and what it starts would be started. */
static enum MHD_Result answer_ready(struct exchange *x)
{
    struct engine *engine = x->gateway->services.engine;
    const struct engine_metrics *m = engine_metrics(engine);
    bool ready = !atomic_load(&x->gateway->stopping);
    struct buf out;
    struct jw w;

    buf_init(&out, 1024);
    jw_init(&w, &out);
    jw_object(&w);
    write_check(&w, "server", ready, "it is stopping", &ready);
    write_check(&w, "store", !engine_is_failing(engine),
                "it fails and nothing is written; the server's log says how", &ready);
    write_check(&w, "engine", metric_get(&m->loaded) != 0, "it has not loaded the store", &ready);
    write_check(&w, "runner", metric_get(&m->runner_connected) != 0,
                "it is not connected, no attempt starts; its log is runner/runner.log", &ready);
    jw_kbool(&w, "ready", ready);
    jw_object_end(&w);
    buf_add_char(&out, '\n');
    return exchange_send_bytes(x, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, &out,
                               "application/json");
}

static bool has_token(const struct http_request *r, struct str token)
{
    const struct http_header *header = http_header(r, STR("authorization"));
    struct str value = header ? header->value : STR("");
    struct str scheme = str_split(&value, ' ');

    value = str_trim(value);
    return str_ieq(scheme, STR("Bearer")) && value.len == token.len &&
           crypto_equal(value.ptr, token.ptr, token.len);
}

static bool is_loopback(struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return info && peer_is_loopback(info->client_addr);
}

static enum MHD_Result answer_metrics(struct exchange *x, const struct http_request *r)
{
    const struct gateway_config *config = &x->gateway->config;
    struct buf out;

    if (config->metrics == METRICS_OFF)
        return send_text(x, MHD_HTTP_NOT_FOUND, "metrics are switched off\n");
    if (config->metrics_token && !has_token(r, str_from(config->metrics_token)))
        return send_text(x, MHD_HTTP_FORBIDDEN, "metrics need their bearer token\n");
    if (!config->metrics_token && config->metrics == METRICS_LOCAL && !is_loopback(x))
        return send_text(x, MHD_HTTP_FORBIDDEN,
                         "metrics are for this machine; see the settings metrics and "
                         "metrics-token\n");
    buf_init(&out, METRICS_TEXT_MAX);
    metrics_text(x->gateway, &out);
    return exchange_send_bytes(x, MHD_HTTP_OK, &out, "text/plain; version=0.0.4; charset=utf-8");
}

bool probe_answer(struct exchange *x, const struct http_request *r, enum MHD_Result *ret)
{
    if (!str_eq_c(r->method, "GET"))
        return false;
    if (str_eq_c(r->path, "/healthz"))
        *ret = send_text(x, MHD_HTTP_OK, "ok\n");
    else if (str_eq_c(r->path, "/readyz"))
        *ret = answer_ready(x);
    else if (str_eq_c(r->path, "/metrics"))
        *ret = answer_metrics(x, r);
    else
        return false;
    return true;
}
