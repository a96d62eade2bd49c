/* run/wire.c - the messages between server, runner and keeper. */
#include "run/wire.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "base/codec.h"
#include "base/jw.h"

static const char *const kind_names[WIRE_KIND_N_] = {
    [WIRE_HELLO] = "hello", [WIRE_SYNCED] = "synced", [WIRE_BEGIN] = "begin",
    [WIRE_KILL] = "kill",   [WIRE_ACK] = "ack",       [WIRE_RUNNING] = "running",
    [WIRE_ENDED] = "ended", [WIRE_SPARE] = "spare",
};

static void line_begin(struct jw *w, struct buf *out, enum wire_kind kind)
{
    jw_init(w, out);
    jw_object(w);
    jw_kcstr(w, "is", kind_names[kind]);
}

static void line_end(struct jw *w)
{
    jw_object_end(w);
    buf_add_char(w->out, '\n');
}

static void put_fence(struct jw *w, uint64_t fence)
{
    check(fence <= INT64_MAX);
    jw_ku64(w, "fence", fence);
}

void wire_put_hello(struct buf *out, int64_t pid, int64_t uid)
{
    struct jw w;

    line_begin(&w, out, WIRE_HELLO);
    jw_ki64(&w, "protocol", WIRE_PROTOCOL);
    jw_kcstr(&w, "version", WEFT_VERSION);
    jw_ki64(&w, "pid", pid);
    jw_ki64(&w, "uid", uid);
    line_end(&w);
}

void wire_put_synced(struct buf *out)
{
    struct jw w;

    line_begin(&w, out, WIRE_SYNCED);
    line_end(&w);
}

static size_t bytes_of(const struct attempt_param *list, int n)
{
    size_t bytes = 0;

    for (int i = 0; i < n; i++)
        bytes += list[i].key.len + list[i].value.len + 8;
    return bytes;
}

/* Empty: none. */
static struct str refusal_of(const struct attempt_spec *spec)
{
    if (spec->refusal.len > 0)
        return spec->refusal;
    if (spec->code.len > WIRE_CODE_MAX)
        return STR("the code is too long");
    if (bytes_of(spec->params, spec->n_params) + bytes_of(spec->outputs, spec->n_outputs) >
        WIRE_PARAMS_MAX)
        return STR("the settings and output parameters are too long");
    return (struct str){ NULL, 0 };
}

static void put_pairs(struct jw *w, const char *key, const struct attempt_param *list, int n)
{
    jw_key(w, key);
    jw_array(w);
    for (int i = 0; i < n; i++) {
        jw_array(w);
        jw_str(w, list[i].key);
        jw_str(w, list[i].value);
        jw_array_end(w);
    }
    jw_array_end(w);
}

void wire_put_begin(struct buf *out, const struct attempt_spec *spec)
{
    struct jw w;
    struct buf code;

    if (refusal_of(spec).len > 0) {
        line_begin(&w, out, WIRE_BEGIN);
        put_fence(&w, spec->fence);
        jw_kbool(&w, "too_long", true); /* what runners of before know */
        jw_kstr(&w, "refusal", refusal_of(spec));
        line_end(&w);
        return;
    }
    buf_init(&code, WIRE_LINE_MAX);
    base64_encode(&code, spec->code);
    line_begin(&w, out, WIRE_BEGIN);
    put_fence(&w, spec->fence);
    jw_ki64(&w, "type", spec->type_id);
    jw_kstr(&w, "instance", spec->instance_key);
    jw_kstr(&w, "task_id", spec->task_id);
    jw_kstr(&w, "task_name", spec->task_name);
    jw_kstr(&w, "project_id", spec->project_id);
    jw_kstr(&w, "data_time", spec->data_time);
    jw_kstr(&w, "planned_time", spec->planned_time);
    jw_ki64(&w, "round", spec->round);
    jw_ki64(&w, "number", spec->number);
    jw_kbool(&w, "resent", spec->resent);
    put_pairs(&w, "params", spec->params, spec->n_params);
    if (spec->n_outputs > 0)
        put_pairs(&w, "outputs", spec->outputs, spec->n_outputs);
    if (spec->event_hook.len > 0)
        jw_kstr(&w, "event_hook", spec->event_hook);
    if (spec->resources.len > 0)
        jw_kstr(&w, "resources", spec->resources);
    jw_kstr(&w, "code", buf_str(&code));
    line_end(&w);
    buf_done(&code);
}

void wire_put_kill(struct buf *out, uint64_t fence, struct dur grace)
{
    struct jw w;

    line_begin(&w, out, WIRE_KILL);
    put_fence(&w, fence);
    jw_ki64(&w, "grace_us", grace.us);
    line_end(&w);
}

void wire_put_ack(struct buf *out, uint64_t fence)
{
    struct jw w;

    line_begin(&w, out, WIRE_ACK);
    put_fence(&w, fence);
    line_end(&w);
}

void wire_put_spare(struct buf *out, uint64_t number)
{
    struct jw w;

    line_begin(&w, out, WIRE_SPARE);
    put_fence(&w, number);
    line_end(&w);
}

void wire_put_running(struct buf *out, uint64_t fence, int64_t pid, int64_t keeper_pid,
                      struct wall started_at)
{
    struct jw w;

    line_begin(&w, out, WIRE_RUNNING);
    put_fence(&w, fence);
    jw_ki64(&w, "pid", pid);
    jw_ki64(&w, "keeper", keeper_pid);
    jw_ki64(&w, "started_at", started_at.us);
    line_end(&w);
}

void wire_put_ended(struct buf *out, const struct attempt_end *end)
{
    struct jw w;

    line_begin(&w, out, WIRE_ENDED);
    put_fence(&w, end->fence);
    jw_kcstr(&w, "outcome", attempt_outcome_name(end->outcome));
    jw_ki64(&w, "exit_code", end->exit_code);
    jw_ki64(&w, "term_signal", end->term_signal);
    jw_ki64(&w, "started_at", end->started_at.us);
    jw_ki64(&w, "ended_at", end->ended_at.us);
    jw_ki64(&w, "user_us", end->user_us);
    jw_ki64(&w, "system_us", end->system_us);
    jw_ki64(&w, "memory_peak_kb", end->memory_peak_kb);
    jw_kstr(&w, "text", end->text);
    if (end->outputs.len > 0)
        jw_kstr(&w, "outputs", end->outputs);
    if (end->events.len > 0)
        jw_kstr(&w, "events", end->events);
    line_end(&w);
}

static struct str text_of(struct arena *a, const json_t *value)
{
    if (!json_is_string(value))
        return (struct str){ NULL, 0 };
    return arena_str(a, str_make(json_string_value(value), json_string_length(value)));
}

static struct str get_str(struct arena *a, const json_t *object, const char *key)
{
    return text_of(a, json_object_get(object, key));
}

static int64_t get_i64(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key)); /* 0 when it is not there */
}

/* The same for places that hold less.  False: it does not fit. */
static bool get_int(const json_t *object, const char *key, int *ret)
{
    int64_t value = get_i64(object, key);

    if (value < INT_MIN || value > INT_MAX)
        return false;
    *ret = (int)value;
    return true;
}

static enum err_code too_large(struct err *e)
{
    return err_set(e, E_SYNTAX, "a message with a number that is too large for its place");
}

static enum err_code parse_code(const json_t *object, struct arena *a, struct str *ret,
                                struct err *e)
{
    const json_t *value = json_object_get(object, "code");
    struct buf code;
    bool ok;

    if (!json_is_string(value))
        return err_set(e, E_SYNTAX, "a begin message without code");
    buf_init(&code, SIZE_MAX); /* the line is bounded */
    ok = base64_decode(&code, str_make(json_string_value(value), json_string_length(value)));
    if (ok)
        *ret = arena_str(a, buf_str(&code));
    buf_done(&code);
    if (!ok)
        return err_set(e, E_SYNTAX, "the code of a begin message is not base64");
    return E_OK;
}

static const struct attempt_param *get_pairs(const json_t *object, const char *key, struct arena *a,
                                             int *ret_n)
{
    const json_t *list = json_object_get(object, key);
    size_t n = json_array_size(list);
    struct attempt_param *copy = ARENA_ARRAY(a, struct attempt_param, n + 1);

    for (size_t i = 0; i < n; i++) {
        const json_t *pair = json_array_get(list, i);
        copy[i].key = text_of(a, json_array_get(pair, 0));
        copy[i].value = text_of(a, json_array_get(pair, 1));
    }
    *ret_n = (int)n;
    return copy;
}

static enum err_code parse_begin(const json_t *object, struct arena *a, struct attempt_spec *ret,
                                 struct err *e)
{
    if (!get_int(object, "type", &ret->type_id) || !get_int(object, "round", &ret->round) ||
        !get_int(object, "number", &ret->number))
        return too_large(e);
    ret->instance_key = get_str(a, object, "instance");
    ret->task_id = get_str(a, object, "task_id");
    ret->task_name = get_str(a, object, "task_name");
    ret->project_id = get_str(a, object, "project_id");
    ret->data_time = get_str(a, object, "data_time");
    ret->planned_time = get_str(a, object, "planned_time");
    ret->resent = json_is_true(json_object_get(object, "resent"));
    ret->params = get_pairs(object, "params", a, &ret->n_params);
    ret->outputs = get_pairs(object, "outputs", a, &ret->n_outputs);
    ret->event_hook = get_str(a, object, "event_hook");
    ret->resources = get_str(a, object, "resources");
    return parse_code(object, a, &ret->code, e);
}

static enum err_code parse_ended(const json_t *object, struct arena *a, struct attempt_end *ret,
                                 struct err *e)
{
    struct str outcome = get_str(a, object, "outcome");
    int o = 0;

    while (o < ATTEMPT_OUTCOME_N_ &&
           !str_eq_c(outcome, attempt_outcome_name((enum attempt_outcome)o)))
        o++;
    if (o == ATTEMPT_OUTCOME_N_)
        return err_set(e, E_SYNTAX, "an ended message with the outcome '%.*s'", STR_ARG(outcome));
    ret->outcome = (enum attempt_outcome)o;
    if (!get_int(object, "exit_code", &ret->exit_code) ||
        !get_int(object, "term_signal", &ret->term_signal))
        return too_large(e);
    ret->started_at.us = get_i64(object, "started_at");
    ret->ended_at.us = get_i64(object, "ended_at");
    ret->user_us = get_i64(object, "user_us");
    ret->system_us = get_i64(object, "system_us");
    ret->memory_peak_kb = get_i64(object, "memory_peak_kb");
    ret->text = get_str(a, object, "text");
    ret->outputs = get_str(a, object, "outputs");
    ret->events = get_str(a, object, "events");
    return E_OK;
}

static enum wire_kind kind_of(struct str name)
{
    for (int k = WIRE_UNKNOWN + 1; k < WIRE_KIND_N_; k++)
        if (str_eq_c(name, kind_names[k]))
            return (enum wire_kind)k;
    return WIRE_UNKNOWN;
}

static bool has_fence(enum wire_kind kind)
{
    return kind != WIRE_UNKNOWN && kind != WIRE_HELLO && kind != WIRE_SYNCED;
}

static enum err_code parse_object(const json_t *object, struct arena *a, struct wire_message *m,
                                  struct err *e)
{
    const json_t *fence = json_object_get(object, "fence");

    m->kind = kind_of(get_str(a, object, "is"));
    if (has_fence(m->kind)) {
        if (!json_is_integer(fence) || json_integer_value(fence) < 0)
            return err_set(e, E_SYNTAX, "a '%s' message without a fence", kind_names[m->kind]);
        m->fence = (uint64_t)json_integer_value(fence);
    }
    m->pid = get_i64(object, "pid");
    m->keeper_pid = get_i64(object, "keeper");
    if (!get_int(object, "protocol", &m->protocol))
        return too_large(e);
    m->uid = json_object_get(object, "uid") ? get_i64(object, "uid") : -1;
    m->version = get_str(a, object, "version");
    m->grace.us = get_i64(object, "grace_us");
    m->started_at.us = get_i64(object, "started_at");
    m->spec.fence = m->end.fence = m->fence;
    if (m->kind == WIRE_BEGIN) {
        m->spec.refusal = get_str(a, object, "refusal");
        m->is_refused =
            m->spec.refusal.len > 0 || json_is_true(json_object_get(object, "too_long"));
        return m->is_refused ? E_OK : parse_begin(object, a, &m->spec, e);
    }
    if (m->kind == WIRE_ENDED)
        return parse_ended(object, a, &m->end, e);
    return E_OK;
}

enum err_code wire_parse(struct str line, struct arena *a, struct wire_message *ret, struct err *e)
{
    struct wire_message m = { .kind = WIRE_UNKNOWN };
    json_error_t where;
    json_t *object = json_loadb(line.ptr ? line.ptr : "", line.len, JSON_ALLOW_NUL, &where);
    enum err_code rc;

    if (!json_is_object(object)) {
        json_decref(object);
        return err_set(e, E_SYNTAX, "a message that is not a JSON object: %s",
                       object ? "another value" : where.text);
    }
    rc = parse_object(object, a, &m, e);
    json_decref(object);
    if (rc == E_OK)
        *ret = m;
    return rc;
}

bool wire_next_line(const struct buf *in, size_t *at, struct str *ret_line)
{
    const char *end = in->len > *at ? memchr(in->ptr + *at, '\n', in->len - *at) : NULL;

    if (!end)
        return false;
    *ret_line = str_make(in->ptr + *at, (size_t)(end - in->ptr) - *at);
    *at += ret_line->len + 1;
    return true;
}

void wire_drop_taken(struct buf *in, size_t at)
{
    enum { KEEP_MAX = 1 << 20 };
    size_t limit = in->limit;

    buf_consume(in, at);
    if (in->len == 0 && in->cap_ > KEEP_MAX) {
        buf_done(in);
        buf_init(in, limit);
    }
}
