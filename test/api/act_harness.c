/* test/api/act_harness.c - runs actions for tests as the gateway does. */
#include "act_harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "engine/alarm.h"
#include "sys/clock.h"
#include "sys/file.h"

static void runner_begin(void *ctx, const struct attempt_spec *spec)
{
    struct harness *h = ctx;

    h->begun++;
    h->last_fence = spec->fence;
}

static void runner_kill(void *ctx, uint64_t fence, struct dur grace)
{
    (void)ctx, (void)fence, (void)grace;
}

static void runner_ack(void *ctx, uint64_t fence)
{
    (void)ctx, (void)fence;
}

static void on_wake(void *ctx)
{
    struct harness *h = ctx;

    pthread_mutex_lock(&h->lock);
    h->woken = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
}

static void open_store(struct harness *h)
{
    const char *kind = getenv("WEFT_TEST_STORE");
    char path[96] = "memory:";
    struct err e = ERR_INIT;

    if (kind && strcmp(kind, "sqlite") == 0) {
        strcpy(h->dir, "/tmp/weft-act-XXXXXX");
        assert_non_null(mkdtemp(h->dir));
        snprintf(path, sizeof(path), "%s/store.db", h->dir);
    }
    if (store_open(path, &h->store, &e) != E_OK)
        fail_msg("store: %s", e.text);
}

static bool keep_letter(void *ctx, const struct letter *l)
{
    struct harness *h = ctx;

    if (h->n_letters == ARRAY_LEN(h->letters))
        return false;
    struct kept_letter *k = &h->letters[h->n_letters++];
    *k = (struct kept_letter){ .id = l->id, .way = (int)l->way };
    snprintf(k->target, sizeof(k->target), "%.*s", STR_ARG(l->target));
    snprintf(k->subject, sizeof(k->subject), "%.*s", STR_ARG(l->subject));
    snprintf(k->body, sizeof(k->body), "%.*s", STR_ARG(l->body));
    return true;
}

void harness_landed(struct harness *h, int64_t id, enum letter_outcome outcome, const char *error)
{
    struct letter_result r = { .id = id, .outcome = outcome };

    snprintf(r.error, sizeof(r.error), "%s", error);
    assert_true(alarms_result_post(h->engine, &r));
    harness_run(h);
}

static void start_engine(struct harness *h)
{
    struct err e = ERR_INIT;
    struct engine_config config = { .store = h->store,
                                    .runner = { h, runner_begin, runner_kill, runner_ack },
                                    .node = "node",
                                    .wake = on_wake,
                                    .wake_ctx = h,
                                    .resources = &h->resources,
                                    .letters = { h, keep_letter } };
    if (engine_new(&config, &h->engine, &e) != E_OK || engine_load(h->engine, h->now, &e) != E_OK)
        fail_msg("engine: %s", e.text);
    engine_runner_synced(h->engine);
}

void harness_restart(struct harness *h)
{
    engine_free(h->engine);
    h->n_letters = 0;
    start_engine(h);
    h->services.engine = h->engine;
    harness_run(h);
}

static void open_resources(struct harness *h)
{
    struct err e = ERR_INIT;

    strcpy(h->data_dir, "/tmp/weft-act-XXXXXX");
    assert_non_null(mkdtemp(h->data_dir));
    arena_init(&h->arena);
    h->resources.file_max = 1 << 20;
    h->resources.project_max = 4 << 20;
    if (resource_files_open(h->data_dir, &h->arena, &h->resources, &e) != E_OK)
        fail_msg("resource files: %s", e.text);
}

void harness_init(struct harness *h)
{
    *h = (struct harness){ .uin = "100000000001", .now = clock_wall() };
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->wake, NULL);
    open_store(h);
    open_resources(h);
    start_engine(h);
    h->services = (struct services){ .store = h->store,
                                     .engine = h->engine,
                                     .resources = &h->resources,
                                     .data_dir = "/nonexistent",
                                     .runner_dir = "/nonexistent" };
}

void harness_done(struct harness *h)
{
    if (h->threaded)
        harness_thread_stop(h);
    engine_free(h->engine);
    store_close(h->store);
    resource_files_close(&h->resources);
    arena_done(&h->arena);
    if (dir_remove_all(h->data_dir, NULL) != E_OK)
        fail_msg("%s cannot be removed", h->data_dir);
    if (h->dir[0] && dir_remove_all(h->dir, NULL) != E_OK)
        fail_msg("%s cannot be removed", h->dir);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
}

void harness_run(struct harness *h)
{
    for (int i = 0; i < 1000; i++)
        if (!engine_turn(h->engine, h->now))
            return;
    fail_msg("the engine does not come to rest");
}

static void *turns(void *ctx)
{
    struct harness *h = ctx;

    pthread_mutex_lock(&h->lock);
    while (!h->ending) {
        while (!h->woken && !h->ending)
            pthread_cond_wait(&h->wake, &h->lock);
        h->woken = false;
        pthread_mutex_unlock(&h->lock);
        while (engine_turn(h->engine, h->now))
            ;
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

void harness_thread_start(struct harness *h)
{
    h->ending = false;
    h->threaded = true;
    assert_int_equal(pthread_create(&h->thread, NULL, turns, h), 0);
}

void harness_thread_stop(struct harness *h)
{
    pthread_mutex_lock(&h->lock);
    h->ending = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    h->threaded = false;
}

/* ---- one call ------------------------------------------------------------------------------ */

struct posted {
    struct engine_command command;
    struct call *call;
    const struct action *action;
    enum err_code rc;
    bool done;
};

static enum err_code posted_run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct posted *p = CONTAINER_OF(c, struct posted, command);
    enum err_code rc = access_write(p->call, p->action, g);

    if (rc != E_OK)
        *e = p->call->err;
    return rc;
}

static void posted_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct posted *p = CONTAINER_OF(c, struct posted, command);

    p->rc = rc;
    p->done = true;
    if (rc != E_OK)
        p->call->err = *e;
}

static enum err_code write_call(struct harness *h, struct call *c, const struct action *action)
{
    struct posted p = { { .run = posted_run, .done = posted_done }, c, action, E_OK, false };
    enum err_code rc;

    if (action->works) {
        if (reader_open(h->store, &c->view, &c->err) != E_OK ||
            reader_begin(c->view, &c->err) != E_OK)
            fail_msg("reader: %s", c->err.text);
        rc = access_prepare(c, action);
        reader_end(c->view);
        reader_close(c->view);
        c->view = NULL;
    } else {
        rc = access_prepare(c, action);
    }
    if (rc != E_OK)
        return rc;
    if (engine_post(h->engine, &p.command, &c->err) != E_OK)
        fail_msg("post: %s", c->err.text);
    harness_run(h);
    assert_true(p.done);
    return p.rc == E_OK ? action->answer(c) : p.rc;
}

static enum err_code read_call(struct harness *h, struct call *c, const struct action *action)
{
    enum err_code rc = action->prepare ? action->prepare(c) : E_OK;

    if (rc != E_OK)
        return rc;
    if (reader_open(h->store, &c->view, &c->err) != E_OK || reader_begin(c->view, &c->err) != E_OK)
        fail_msg("reader: %s", c->err.text);
    rc = access_read(c, action);
    reader_end(c->view);
    reader_close(c->view);
    return rc;
}

/* The schema's own refusals get codes that tell them apart. */
static enum err_code check_body(struct call *c)
{
    switch (schema_check(c->schema->request, c->params, &c->err)) {
    case SCHEMA_OK:
        return E_OK;
    case SCHEMA_MISSING:
        return E_REQUIRED;
    default:
        return E_SYNTAX;
    }
}

static json_t *run(struct harness *h, const char *version, const char *name, const char *params,
                   enum err_code *ret_rc, struct err *ret_err)
{
    const struct action *action = action_find(str_from(version), str_from(name));
    struct call c = { .schema = schema_action_find(str_from(version), str_from(name)),
                      .services = &h->services,
                      .uin = str_from(h->uin),
                      .secret_id = STR("test"),
                      .region = STR("ap-guangzhou"),
                      .lang = h->lang,
                      .is_root = !h->plain_key };
    json_error_t where;
    struct buf out;
    json_t *ret = NULL;

    if (!action || !c.schema)
        fail_msg("%s %s: no such action", version, name);
    c.params = json_loads(params, 0, &where);
    if (!c.params)
        fail_msg("%s: the test's body does not parse: %s: %s", name, where.text, params);
    arena_init(&c.arena);
    buf_init(&out, 64 << 20);
    jw_init(&c.out, &out);
    jw_object(&c.out);
    *ret_rc = access_admit(&c, action);
    if (*ret_rc == E_OK)
        *ret_rc = check_body(&c);
    if (h->meanwhile) {
        void (*once)(struct harness *) = h->meanwhile;
        h->meanwhile = NULL;
        once(h);
    }
    if (*ret_rc == E_OK)
        *ret_rc = action->apply ? write_call(h, &c, action) : read_call(h, &c, action);
    if (*ret_rc == E_OK) {
        struct err e = ERR_INIT;
        jw_object_end(&c.out);
        ret = json_loadb(out.ptr, out.len, 0, &where);
        if (!ret)
            fail_msg("%s: the answer does not parse: %s: %s", name, where.text, out.ptr);
        if (!schema_check_answer(c.schema, ret, &e))
            fail_msg("%s: the answer is not as documented: %s: %s: %s", name, e.path, e.text,
                     out.ptr);
    } else {
        *ret_err = c.err;
    }
    buf_done(&out);
    h->call_bytes = arena_bytes(&c.arena);
    arena_done(&c.arena);
    json_decref(c.params);
    return ret;
}

json_t *harness_ok(struct harness *h, const char *version, const char *action, const char *params)
{
    struct err e = ERR_INIT;
    enum err_code rc;
    json_t *ret = run(h, version, action, params, &rc, &e);

    if (!ret)
        fail_msg("%s %s: %s: %s: %s", action, params, err_code_name(rc), e.path, e.text);
    return ret;
}

json_t *harness_okf(struct harness *h, const char *version, const char *action, const char *fmt,
                    ...)
{
    struct buf text;
    va_list ap;

    buf_init(&text, 16 << 20);
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    json_t *ret = harness_ok(h, version, action, text.ptr);
    buf_done(&text);
    return ret;
}

enum err_code harness_try(struct harness *h, const char *version, const char *action,
                          const char *params, struct err *ret)
{
    enum err_code rc;

    json_decref(run(h, version, action, params, &rc, ret));
    return rc;
}

enum err_code harness_answer(struct harness *h, const char *version, const char *action,
                             const char *params, char **ret_answer, struct err *ret)
{
    enum err_code rc;
    json_t *answer = run(h, version, action, params, &rc, ret);

    *ret_answer = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    json_decref(answer);
    return rc;
}

enum err_code harness_err(struct harness *h, const char *version, const char *action,
                          const char *params, struct err *ret)
{
    struct err e = ERR_INIT;
    enum err_code rc;
    json_t *answer = run(h, version, action, params, &rc, &e);

    if (answer)
        fail_msg("%s %s: it was not refused", action, params);
    if (ret)
        *ret = e;
    return rc;
}

void harness_refused(struct harness *h, const char *version, const char *action, const char *params,
                     enum err_code code, const char *path)
{
    struct err e = ERR_INIT;
    enum err_code rc = harness_err(h, version, action, params, &e);

    if (rc != code || strcmp(e.path, path) != 0 || e.text[0] == '\0' || e.text_zh[0] == '\0')
        fail_msg("%s %s: expected %s at '%s', got %s at '%s': %s | %s", action, params,
                 err_code_name(code), path, err_code_name(rc), e.path, e.text, e.text_zh);
}

void harness_refusedf(struct harness *h, const char *version, const char *action,
                      enum err_code code, const char *path, const char *fmt, ...)
{
    struct buf text;
    va_list ap;

    buf_init(&text, 16 << 20);
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    harness_refused(h, version, action, text.ptr, code, path);
    buf_done(&text);
}

void harness_project(struct harness *h, const char *name, char id[32])
{
    keep_at(id, 32,
            harness_okf(h, API_2025, "CreateProject",
                        "{\"Project\":{\"ProjectName\":\"%s\",\"DisplayName\":\"%s\"}}", name,
                        name),
            "Data.ProjectId");
}

void harness_workflow(struct harness *h, const char *project, const char *name, char id[64])
{
    keep_at(id, 64,
            harness_okf(h, API_2025, "CreateWorkflow",
                        "{\"ProjectId\":\"%s\",\"ParentFolderPath\":\"/\",\"WorkflowName\":\"%s\"}",
                        project, name),
            "Data.WorkflowId");
}

/* ---- looking into answers ------------------------------------------------------------------ */

const json_t *at(const json_t *o, const char *path)
{
    struct str rest = str_from(path);
    int64_t index;

    while (o && rest.ptr) {
        struct str part = str_split(&rest, '.');
        if (json_is_array(o))
            o = str_to_i64(part, &index) ? json_array_get(o, (size_t)index) : NULL;
        else
            o = json_object_getn(o, part.ptr, part.len);
    }
    return o;
}

const char *str_at(const json_t *o, const char *path)
{
    const json_t *value = at(o, path);

    if (!json_is_string(value))
        fail_msg("there is no text at %s", path);
    return json_string_value(value);
}

int64_t num_at(const json_t *o, const char *path)
{
    const json_t *value = at(o, path);

    if (!json_is_integer(value) && !json_is_boolean(value))
        fail_msg("there is no number at %s", path);
    return json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
}

void keep_at(char *out, size_t size, json_t *r, const char *path)
{
    snprintf(out, size, "%s", str_at(r, path));
    json_decref(r);
}
