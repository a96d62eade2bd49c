/* test/engine/task_world.c - the real engine over the memory store, for tests of task commands. */
#include "task_world.h"

#include <stdio.h>
#include <string.h>

#include "cal/zone.h"
#include "engine/cmd_calendar.h"
#include "engine/cmd_event.h"
#include "engine/cmd_group.h"
#include "engine/cmd_project.h"
#include "engine/cmd_task_folder.h"
#include "engine/cmd_workflow.h"
#include "model/task_doc.h"

static const struct str uin = { "100000000001", 12 };

static void call_add(struct world *w, struct world_call call)
{
    assert_true(w->n_calls < WORLD_CALLS_MAX);
    w->calls[w->n_calls++] = call;
}

static void runner_begin(void *ctx, const struct attempt_spec *spec)
{
    call_add(ctx, (struct world_call){ 'b', spec->fence, spec->resent, spec->refusal.len > 0 });
}

static void runner_kill(void *ctx, uint64_t fence, struct dur grace)
{
    (void)grace;
    call_add(ctx, (struct world_call){ .kind = 'k', .fence = fence });
}

static void runner_ack(void *ctx, uint64_t fence)
{
    call_add(ctx, (struct world_call){ .kind = 'a', .fence = fence });
}

/* ---- commands ------------------------------------------------------------------------------ */

struct posted {
    struct engine_command command;
    struct world *world;
    world_step *step;
    void *ctx;
    enum err_code rc;
    struct err err;
    bool done;
};

static enum err_code posted_run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct posted *p = CONTAINER_OF(c, struct posted, command);

    return p->step(p->world, g, p->ctx, e);
}

static void posted_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct posted *p = CONTAINER_OF(c, struct posted, command);

    p->rc = rc;
    p->done = true;
    if (rc != E_OK)
        p->err = *e;
}

enum err_code world_run(struct world *w, world_step *step, void *ctx, struct err *e)
{
    struct posted p = { .command = { .run = posted_run, .done = posted_done },
                        .world = w,
                        .step = step,
                        .ctx = ctx,
                        .err = ERR_INIT };

    assert_int_equal(engine_post(w->engine, &p.command, NULL), E_OK);
    engine_turn(w->engine, w->now);
    assert_true(p.done);
    if (e)
        *e = p.err;
    return p.rc;
}

void world_advance(struct world *w, struct dur d)
{
    w->now = wall_add(w->now, d);
    for (int i = 0; i < 1000; i++)
        if (!engine_turn(w->engine, w->now))
            return;
    fail_msg("the engine does not come to rest");
}

/* ---- what there is ------------------------------------------------------------------------- */

static enum err_code furnish_projects(struct engine *g, struct err *e)
{
    static const struct str projects[] = { { PROJECT, 1 }, { OTHER_PROJECT, 1 } };
    static const struct str workflows[] = { { WORKFLOW, 2 }, { "w2", 2 } };
    enum err_code rc = E_OK;
    struct str id;

    for (size_t i = 0; i < ARRAY_LEN(projects) && rc == E_OK; i++) {
        struct project_request project = { .id = projects[i],
                                           .name = i == 0 ? STR("one") : STR("two"),
                                           .display_name = i == 0 ? STR("one") : STR("two"),
                                           .creator_uin = uin };
        struct workflow_request workflow = { .id = workflows[i],
                                             .project_id = projects[i],
                                             .folder_path = STR("/"),
                                             .name = STR("flow"),
                                             .creator_uin = uin };
        rc = project_create(g, &project, &id, e);
        if (rc == E_OK)
            rc = workflow_create(g, &workflow, &id, e);
    }
    return rc;
}

static enum err_code furnish(struct world *w, struct engine *g, void *ctx, struct err *e)
{
    static const struct str dates[] = { { "2026-03-05", 10 } };
    static const char *const folder_types[] = { "GENERAL", "ETL" };
    static const char *const folder_names[] = { "mine", "sync" };
    static const char *const group_ids[] = { "11", "12", "13" };
    static const char *const group_names[] = { "nobodys", "ours", "theirs" };
    struct calendar_request calendar = { STR(CALENDAR), STR(CALENDAR), STR("PAUSE"), dates, 1 };
    enum err_code rc = furnish_projects(g, e);
    struct event_row event;
    struct str id;
    bool made;

    (void)w, (void)ctx;
    for (size_t i = 0; i < ARRAY_LEN(folder_types) && rc == E_OK; i++) {
        struct task_folder_request folder = { .project_id = STR(PROJECT),
                                              .workflow_id = STR(WORKFLOW),
                                              .type = str_from(folder_types[i]),
                                              .parent_path = STR("/"),
                                              .name = str_from(folder_names[i]),
                                              .creator_uin = uin };
        rc = task_folder_create(g, &folder, &id, e);
    }
    for (size_t i = 0; i < ARRAY_LEN(group_ids) && rc == E_OK; i++) {
        struct group_request group = { .id = str_from(group_ids[i]),
                                       .name = str_from(group_names[i]),
                                       .type = STR("Schedule"),
                                       .slots = 1,
                                       .creator_uin = uin,
                                       .project_id = i == 0   ? STR("")
                                                     : i == 1 ? STR(PROJECT)
                                                              : STR(OTHER_PROJECT),
                                       .doc = STR("{}"),
                                       .slots_path = "Number" };
        rc = group_create(g, &group, &id, e);
    }
    for (int i = 0; i < 2 && rc == E_OK; i++) {
        struct event_request wish = { .project_id = i == 0 ? STR(PROJECT) : STR(OTHER_PROJECT),
                                      .name = i == 0 ? STR("ours") : STR("theirs"),
                                      .sub_type = STR("DAY"),
                                      .ttl = STR("30"),
                                      .unit = STR("DAYS"),
                                      .owner = uin,
                                      .description = STR("for tests") };
        rc = event_register(g, &wish, &event, e);
    }
    return rc == E_OK ? calendar_put(g, &calendar, &made, e) : rc;
}

static void engine_start(struct world *w)
{
    struct engine_config config = { .store = w->store,
                                    .runner = { w, runner_begin, runner_kill, runner_ack },
                                    .node = "node" };

    assert_int_equal(engine_new(&config, &w->engine, NULL), E_OK);
    assert_int_equal(engine_load(w->engine, w->now, NULL), E_OK);
}

void world_restart(struct world *w)
{
    engine_free(w->engine);
    engine_start(w);
}

void world_init(struct world *w)
{
    struct err e = ERR_INIT;

    *w = (struct world){ .now = zone_to_wall(zone_default(), civil_make(2026, 3, 4, 5, 6, 7)) };
    w->now.us += 89000;
    arena_init(&w->arena);
    assert_int_equal(store_open("memory:", &w->store, NULL), E_OK);
    engine_start(w);
    engine_runner_synced(w->engine);
    if (world_run(w, furnish, NULL, &e) != E_OK)
        fail_msg("furnish: %s: %s", e.path, e.text);
}

void world_done(struct world *w)
{
    engine_free(w->engine);
    store_close(w->store);
    arena_done(&w->arena);
}

/* ---- tasks --------------------------------------------------------------------------------- */

static json_t *document(const struct wish *wish)
{
    json_error_t where;
    struct buf text;

    buf_init(&text, 1 << 20);
    buf_printf(&text,
               "{\"TaskBaseAttribute\":{\"TaskName\":\"%s\",\"TaskTypeId\":\"%s\","
               "\"WorkflowId\":\"%s\",\"TaskFolderPath\":\"%s\"},\"TaskConfiguration\":{%s},"
               "\"TaskSchedulerConfiguration\":{%s}}",
               wish->name, wish->type ? wish->type : "35",
               wish->workflow ? wish->workflow : WORKFLOW, wish->folder ? wish->folder : "",
               wish->config ? wish->config : "", wish->scheduler ? wish->scheduler : "");
    json_t *doc = json_loadb(text.ptr, text.len, 0, &where);
    if (!doc)
        fail_msg("%s: %s", where.text, text.ptr);
    buf_done(&text);
    return doc;
}

/* Decode, complete, and what the commands take. */
static enum err_code prepare(struct engine *g, const struct wish *wish, struct task_spec *spec,
                             struct task_write *ret, struct err *e)
{
    struct civil today = civil_day(zone_to_civil(zone_default(), engine_now(g)));
    json_t *given = document(wish);
    enum err_code rc = task_decode(given, today, engine_arena(g), spec, e);

    if (rc == E_OK)
        *ret = (struct task_write){ .id = wish->id,
                                    .project_id = str_from(wish->project ? wish->project : PROJECT),
                                    .uin = uin,
                                    .spec = spec,
                                    .doc = task_doc_build(given, spec, uin, engine_arena(g)) };
    json_decref(given);
    return rc;
}

struct writing {
    const struct wish *wish;
    int64_t id;
};

static enum err_code create_step(struct world *w, struct engine *g, void *ctx, struct err *e)
{
    struct writing *writing = ctx;
    struct task_write write;
    struct task_spec spec;
    enum err_code rc = prepare(g, writing->wish, &spec, &write, e);

    (void)w;
    return rc == E_OK ? task_create(g, &write, &writing->id, e) : rc;
}

static enum err_code change_step(struct world *w, struct engine *g, void *ctx, struct err *e)
{
    struct writing *writing = ctx;
    struct task_write write;
    struct task_spec spec;
    enum err_code rc = prepare(g, writing->wish, &spec, &write, e);

    (void)w;
    return rc == E_OK ? task_change(g, &write, e) : rc;
}

enum err_code world_create(struct world *w, const struct wish *wish, int64_t *ret, struct err *e)
{
    struct writing writing = { wish, 0 };
    enum err_code rc = world_run(w, create_step, &writing, e);

    if (ret)
        *ret = writing.id;
    return rc;
}

enum err_code world_change(struct world *w, const struct wish *wish, struct err *e)
{
    struct writing writing = { wish, 0 };

    return world_run(w, change_step, &writing, e);
}

struct submitting {
    int64_t id;
    enum task_status status;
};

static enum err_code submit_step(struct world *w, struct engine *g, void *ctx, struct err *e)
{
    const struct submitting *s = ctx;
    struct task_submission submission = { STR(PROJECT), s->id, STR("remark"), uin, s->status };
    struct str version_id;
    enum err_code rc = task_submit(g, &submission, &version_id, e);

    if (rc == E_OK)
        snprintf(w->version_id, sizeof(w->version_id), "%.*s", STR_ARG(version_id));
    return rc;
}

enum err_code world_submit(struct world *w, int64_t id, struct err *e)
{
    return world_submit_as(w, id, TASK_NEW, e);
}

enum err_code world_submit_as(struct world *w, int64_t id, enum task_status status, struct err *e)
{
    struct submitting submitting = { id, status };

    return world_run(w, submit_step, &submitting, e);
}

static enum err_code publish_step(struct world *w, struct engine *g, void *ctx, struct err *e)
{
    struct writing *writing = ctx;
    struct submitting submitting = { writing->wish->id, TASK_NEW };
    enum err_code rc = change_step(w, g, ctx, e);

    return rc == E_OK ? submit_step(w, g, &submitting, e) : rc;
}

enum err_code world_publish(struct world *w, const struct wish *wish, struct err *e)
{
    struct writing writing = { wish, 0 };

    return world_run(w, publish_step, &writing, e);
}

struct deletion {
    int64_t id;
    bool gentle;
};

static enum err_code delete_step(struct world *w, struct engine *g, void *ctx, struct err *e)
{
    const struct deletion *d = ctx;

    (void)w;
    return task_delete(g,
                       &(struct task_deletion){
                           .project_id = STR(PROJECT), .task_id = d->id, .gentle = d->gentle },
                       e);
}

enum err_code world_delete(struct world *w, int64_t id, bool gentle, struct err *e)
{
    struct deletion d = { id, gentle };

    return world_run(w, delete_step, &d, e);
}

/* ---- shorthands ---------------------------------------------------------------------------- */

int64_t must_create(struct world *w, const char *name, const char *scheduler)
{
    struct wish wish = { .name = name, .scheduler = scheduler };
    struct err e = ERR_INIT;
    int64_t id;

    if (world_create(w, &wish, &id, &e) != E_OK)
        fail_msg("create %s: %s: %s", name, e.path, e.text);
    return id;
}

void must_change(struct world *w, int64_t id, const char *name, const char *scheduler)
{
    struct wish wish = { .id = id, .name = name, .scheduler = scheduler };
    struct err e = ERR_INIT;

    if (world_change(w, &wish, &e) != E_OK)
        fail_msg("change %s: %s: %s", name, e.path, e.text);
}

void must_submit(struct world *w, int64_t id)
{
    struct err e = ERR_INIT;

    if (world_submit(w, id, &e) != E_OK)
        fail_msg("submit %lld: %s: %s", (long long)id, e.path, e.text);
}

/* Chinese sentences have no English words but names: nothing like " the ". */
void must_fail(enum err_code rc, const struct err *e, enum err_code code, const char *path)
{
    if (rc != code || strcmp(e->path, path) != 0 || !e->text[0] || !e->text_zh[0])
        fail_msg("expected %s at '%s', got %s at '%s': %s | %s", err_code_name(code), path,
                 err_code_name(rc), e->path, e->text, e->text_zh);
    if (strstr(e->text_zh, " is ") || strstr(e->text_zh, "does ") || strstr(e->text_zh, "was "))
        fail_msg("English in a Chinese text: %s", e->text_zh);
}

struct task_row world_row(struct world *w, int64_t id)
{
    struct task_row row = { .id = id };

    if (row_get(store_view(w->store), &table_task, &w->arena, &row, NULL) != E_OK)
        fail_msg("there is no task %lld", (long long)id);
    return row;
}

bool world_has(struct world *w, int64_t id)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_task);
    query_number(&q, TASK_ID, QUERY_EQ, id);
    assert_int_equal(query_count(store_view(w->store), &q, &n, NULL), E_OK);
    return n == 1;
}

int64_t world_count(struct world *w, const struct table *t)
{
    struct query q;
    int64_t n;

    query_init(&q, t);
    assert_int_equal(query_count(store_view(w->store), &q, &n, NULL), E_OK);
    return n;
}

int64_t world_in_state(struct world *w, enum instance_state s)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_instance);
    query_number(&q, INSTANCE_STATE, QUERY_EQ, s);
    assert_int_equal(query_count(store_view(w->store), &q, &n, NULL), E_OK);
    return n;
}

struct civil world_day(int number)
{
    return civil_make(2026, 1, number, 0, 0, 0);
}

struct instance_row world_instance(struct world *w, int64_t task, int number)
{
    struct instance_row row = { .task_id = task, .data_time = world_day(number) };

    assert_int_equal(row_get(store_view(w->store), &table_instance, &w->arena, &row, NULL), E_OK);
    return row;
}

struct job_progress world_job(struct world *w, struct str id, int64_t *ret_total)
{
    struct job_row job = { .id = id };
    struct job_progress progress;
    struct view *v = store_view(w->store);

    assert_int_equal(row_get(v, &table_job, &w->arena, &job, NULL), E_OK);
    assert_int_equal(job_look(v, &w->arena, &job, &progress, NULL), E_OK);
    *ret_total = job.total;
    return progress;
}

int64_t world_edges(struct world *w, int64_t down, int64_t up, bool in_ops)
{
    struct query q;
    int64_t n;

    query_init(&q, &table_edge);
    query_number(&q, EDGE_IN_OPS, QUERY_EQ, in_ops);
    if (down)
        query_number(&q, EDGE_DOWN_TASK, QUERY_EQ, down);
    if (up)
        query_number(&q, EDGE_UP_TASK, QUERY_EQ, up);
    assert_int_equal(query_count(store_view(w->store), &q, &n, NULL), E_OK);
    return n;
}

const char *upstream(int64_t id, const char *rest)
{
    static char text[512];

    snprintf(text, sizeof(text), "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"%017lld\",%s}]",
             (long long)id, rest);
    return text;
}
