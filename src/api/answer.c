/* api/answer.c - runs the action of a request and writes the answer.
 *
 * A read is answered on the thread that took the request.  A write suspends its connection, runs on
 * the engine thread, and the connection is resumed when its commit is on disk.  A write that copies
 * a file does so before that, on a thread of the copier.
 */
#include <string.h>

#include "api/access.h"
#include "api/audit.h"
#include "api/gateway_int.h"
#include "engine/metrics.h"
#include "sys/clock.h"
#include "sys/log.h"

/* What the client sent is not needed for longer than it takes to answer: it may read slowly. */
void exchange_release_input(struct exchange *x)
{
    atomic_fetch_sub(&x->gateway->body_bytes, x->counted);
    x->counted = 0;
    json_decref(x->call.params);
    x->call.params = NULL;
    buf_done(&x->body);
    buf_init(&x->body, BODY_MAX);
}

enum MHD_Result exchange_send_bytes(struct exchange *x, unsigned status, struct buf *body,
                                    const char *type)
{
    size_t len;
    char *bytes = buf_take(body, &len);

    x->sent += len;
    atomic_fetch_add(&x->gateway->answer_bytes, len);
    connections_set(x->gateway->connections, x->connection, CONNECTION_SENDING);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (atomic_load(&x->gateway->stopping) || connections_are_short(x->gateway->connections))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    result = MHD_queue_response(x->connection, status, response);
    MHD_destroy_response(response);
    exchange_release_input(x);
    return result;
}

/* Of a write that was refused or failed there is a line in any case, of a call that took long too;
 * of all others at level debug. */
static void log_call(const struct exchange *x, enum call_kind kind, const char *code,
                     struct dur took)
{
    struct dur slow = x->gateway->config.slow_call;
    bool failed = strcmp(code, "InternalError") == 0, refused = strcmp(code, "OK") != 0,
         is_slow = slow.us > 0 && took.us >= slow.us;
    enum log_level level = failed || is_slow               ? LOG_WARN
                           : refused && kind == CALL_WRITE ? LOG_INFO
                                                           : LOG_DEBUG;
    const struct log_field fields[] = {
        LOG_TEXT("action", str_from(x->call.schema ? x->call.schema->name : "")),
        LOG_TEXT("account", x->call.uin.ptr ? x->call.uin : STR("")),
        LOG_TEXT("source", str_from(x->call.source)),
        LOG_TEXT("code", str_from(code)),
        LOG_NUMBER("us", took.us),
        LOG_TEXT("why", failed || refused ? str_from(x->call.err.text) : STR("")),
    };

    if (level < log_get_level())
        return;
    log_set_request(x->call.request_id);
    log_event(level, "access",
              is_slow                         ? "slow call"
              : refused && kind == CALL_WRITE ? "write refused"
                                              : "call",
              fields, ARRAY_LEN(fields));
    log_set_request(NULL);
}

static void log_access(const struct exchange *x, const char *code)
{
    struct dur took = mono_sub(clock_mono(), x->started);
    int count;
    enum call_kind kind = !x->action ? CALL_UNKNOWN : x->action->apply ? CALL_WRITE : CALL_READ;

    if (kind == CALL_WRITE && !x->action->looks && strcmp(code, "OK") != 0) {
        if (rate_limit_pass(x->gateway->refused, STR("audit"), x->call.uin,
                            clock_wall().us / 1000000, &count))
            audit_refuse(&x->call, code);
        else
            metric_add(&engine_metrics(x->gateway->services.engine)->audit_dropped, 1);
    }
    call_metrics_count(x->gateway->calls, x->call.schema, kind, code, took);
    log_call(x, kind, code, took);
}

enum MHD_Result exchange_send_fault(struct exchange *x, const struct public_error *fault)
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
    return exchange_send_bytes(x, MHD_HTTP_OK, &out, "application/json");
}

static enum MHD_Result send_error(struct exchange *x)
{
    struct public_error fault;

    public_error_from(&fault, &x->call.err);
    return exchange_send_fault(x, &fault);
}

/* What a write has done is said in any case. */
static bool is_too_much(const struct exchange *x, size_t len)
{
    return !x->action->apply && len > SMALL_ANSWER &&
           atomic_load(&x->gateway->answer_bytes) + len > ANSWERS_MAX;
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
    rc = x->action->apply ? x->action->answer(&x->call) : access_read(&x->call, x->action);
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
        return exchange_send_fault(x, &fault);
    }
    if (is_too_much(x, out.len)) {
        buf_done(&out);
        public_error_set(&fault, "RequestLimitExceeded",
                         "Too many large answers wait for their clients to take them; try again.",
                         "等待客户端接收的大应答过多，请稍后重试。");
        return exchange_send_fault(x, &fault);
    }
    log_access(x, "OK");
    return exchange_send_bytes(x, MHD_HTTP_OK, &out, "application/json");
}

/* ---- reads and writes ---------------------------------------------------------------------- */

static enum MHD_Result run_read(struct exchange *x)
{
    enum MHD_Result result;

    if (x->action->prepare && x->action->prepare(&x->call) != E_OK)
        return send_error(x);
    if (gateway_view_take(x->gateway, &x->call.view, &x->call.err) != E_OK)
        return send_error(x);
    result = send_answer(x);
    gateway_view_give(x->gateway, x->call.view);
    x->call.view = NULL;
    return result;
}

static enum err_code write_run(struct engine_command *command, struct engine *g, struct err *e)
{
    struct exchange *x = CONTAINER_OF(command, struct exchange, command);

    log_set_request(x->call.request_id);
    enum err_code rc = access_write(&x->call, x->action, g);
    log_set_request(NULL);
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

static enum err_code prepare_write(struct exchange *x)
{
    enum err_code rc;

    if (!x->action->works)
        return access_prepare(&x->call, x->action);
    rc = gateway_view_take(x->gateway, &x->call.view, &x->call.err);
    if (rc != E_OK)
        return rc;
    rc = access_prepare(&x->call, x->action);
    gateway_view_give(x->gateway, x->call.view);
    x->call.view = NULL;
    return rc;
}

/* A failure is the end of the call. */
static void post_write(struct exchange *x)
{
    enum err_code rc = engine_post(x->gateway->services.engine, &x->command, &x->call.err);

    if (rc != E_OK) {
        struct err e = x->call.err;
        write_done(&x->command, rc, &e);
    }
}

/* On a thread of the copier. */
static void copy_run(struct copy *copy)
{
    struct exchange *x = CONTAINER_OF(copy, struct exchange, copy);
    enum err_code rc = atomic_load(&x->gateway->stopping)
                           ? err_set(&x->call.err, E_BUSY, "the server is stopping")
                           : prepare_write(x);

    if (rc != E_OK) {
        struct err e = x->call.err;
        write_done(&x->command, rc, &e);
        return;
    }
    post_write(x);
}

static void post_copy(struct exchange *x)
{
    x->copy = (struct copy){ .account = x->call.uin, .run = copy_run };
    enum err_code rc = copier_post(x->gateway->copier, &x->copy, &x->call.err);
    if (rc != E_OK) {
        struct err e = x->call.err;
        write_done(&x->command, rc, &e);
    }
}

static enum MHD_Result run_write(struct exchange *x)
{
    bool copies = x->action->copies && param_has(x->call.params, x->action->copies);

    if (!copies && prepare_write(x) != E_OK)
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
    if (copies)
        post_copy(x);
    else
        post_write(x);
    return MHD_YES;
}

enum MHD_Result exchange_finish_write(struct exchange *x)
{
    if (x->written != E_OK)
        return send_error(x);
    return send_answer(x);
}

enum MHD_Result exchange_run(struct exchange *x)
{
    return x->action->apply ? run_write(x) : run_read(x);
}
