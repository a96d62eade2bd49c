/* engine/loop.c - the engine's own thread: a libuv loop with the real clock and a runner.
 *
 * After every round of I/O the loop runs turns until there is nothing more to do now.  While a turn
 * commits, commands and reports gather for the next one: that is the group commit.
 */
#include "engine/loop.h"

#include <uv.h>

#include "run/client.h"
#include "run/logs.h"
#include "sys/clock.h"
#include "sys/log.h"

/* The wall clock is looked at least this often, so a step of it is noticed. */
enum { LOOK_MS = 1000 };

struct engine_loop {
    uv_loop_t loop;
    uv_thread_t thread;
    uv_async_t wake;
    uv_timer_t timer;
    uv_check_t check;
    uv_idle_t idle; /* active while there is more to do now */
    struct engine *engine;
    struct run_client *client;
    const char *runner_dir; /* borrowed from the caller */
    bool stopping, connect; /* asked for by other threads */
};

static void on_wake_request(void *ctx)
{
    struct engine_loop *l = ctx;
    uv_async_send(&l->wake);
}

static void on_wake(uv_async_t *h)
{
    (void)h; /* only ends the wait; the turn is in on_check */
}

static void on_idle(uv_idle_t *h)
{
    (void)h;
}

/* A timer that is over when its round begins is called before the round waits for I/O, and would be
 * followed by a wait without an end: the round must not wait, and come to on_check. */
static void on_timer(uv_timer_t *h)
{
    struct engine_loop *l = h->data;

    uv_idle_start(&l->idle, on_idle);
}

static void arm(struct engine_loop *l, bool more)
{
    int64_t wait_us = engine_next_due(l->engine).us - clock_wall().us;
    uint64_t ms = wait_us <= 0                ? 0
                  : wait_us >= LOOK_MS * 1000 ? LOOK_MS
                                              : (uint64_t)((wait_us + 999) / 1000);

    if (more) {
        uv_idle_start(&l->idle, on_idle);
        return;
    }
    uv_idle_stop(&l->idle);
    uv_timer_start(&l->timer, on_timer, ms, 0);
}

static void close_all(struct engine_loop *l)
{
    engine_close(l->engine);
    run_client_free(l->client);
    l->client = NULL;
    uv_close((uv_handle_t *)&l->wake, NULL);
    uv_close((uv_handle_t *)&l->timer, NULL);
    uv_close((uv_handle_t *)&l->check, NULL);
    uv_close((uv_handle_t *)&l->idle, NULL);
}

static void on_check(uv_check_t *h)
{
    struct engine_loop *l = h->data;

    if (__atomic_load_n(&l->stopping, __ATOMIC_ACQUIRE)) {
        close_all(l);
        return;
    }
    if (__atomic_exchange_n(&l->connect, false, __ATOMIC_ACQ_REL))
        run_client_start(l->client);
    bool more = engine_turn(l->engine, clock_wall());
    uv_update_time(&l->loop);
    arm(l, more);
}

/* ---- the runner ---------------------------------------------------------------------------- */

static void runner_begin(void *ctx, const struct attempt_spec *spec)
{
    run_client_begin(((struct engine_loop *)ctx)->client, spec);
}

static void runner_kill(void *ctx, uint64_t fence, struct dur grace)
{
    run_client_kill(((struct engine_loop *)ctx)->client, fence, grace);
}

static void runner_ack(void *ctx, uint64_t fence)
{
    run_client_ack(((struct engine_loop *)ctx)->client, fence);
}

static void on_unlinked(uv_fs_t *request)
{
    uv_fs_req_cleanup(request); /* one that was not there, or stays, harms nobody */
    mem_free(request);
}

static void runner_forget(void *ctx, uint64_t fence)
{
    struct engine_loop *l = ctx;
    uv_fs_t *request = NEW(uv_fs_t);
    struct buf path;

    buf_init(&path, 4096);
    logs_path(l->runner_dir, fence, &path);
    if (path.overflow || uv_fs_unlink(&l->loop, request, path.ptr, on_unlinked) != 0)
        mem_free(request);
    buf_done(&path);
}

static void on_running(void *ctx, uint64_t fence, int64_t pid, struct wall started_at)
{
    (void)pid;
    engine_runner_running(((struct engine_loop *)ctx)->engine, fence, started_at);
}

static void on_ended(void *ctx, const struct attempt_end *end)
{
    engine_runner_ended(((struct engine_loop *)ctx)->engine, end);
}

static void on_synced(void *ctx)
{
    log_info("engine", "the runner is connected");
    engine_runner_synced(((struct engine_loop *)ctx)->engine);
}

static void on_disconnected(void *ctx)
{
    log_warn("engine", "the runner is not connected; its attempts go on, no new ones start");
    engine_runner_lost(((struct engine_loop *)ctx)->engine);
}

/* ---- life ---------------------------------------------------------------------------------- */

static void thread_main(void *arg)
{
    struct engine_loop *l = arg;

    uv_run(&l->loop, UV_RUN_DEFAULT);
}

static void handles_init(struct engine_loop *l)
{
    uv_async_init(&l->loop, &l->wake, on_wake);
    uv_timer_init(&l->loop, &l->timer);
    uv_check_init(&l->loop, &l->check);
    uv_idle_init(&l->loop, &l->idle);
    l->check.data = l;
    l->timer.data = l;
    uv_check_start(&l->check, on_check);
    uv_timer_start(&l->timer, on_timer, 0, 0);
}

enum err_code engine_loop_start(const struct engine_loop_config *config, struct engine_loop **ret,
                                struct err *e)
{
    struct engine_loop *l = NEW(struct engine_loop);
    struct engine_config engine = { .store = config->store,
                                    .runner = { l, runner_begin, runner_kill, runner_ack,
                                                runner_forget },
                                    .node = config->node,
                                    .default_slots = config->default_slots,
                                    .backfill_share = config->backfill_share,
                                    .letters = config->letters,
                                    .wake = on_wake_request,
                                    .wake_ctx = l,
                                    .mono = clock_mono,
                                    .slow_commit = config->slow_commit,
                                    .keep = config->keep,
                                    .resources = config->resources };
    struct run_client_config client = { .dir = config->runner_dir,
                                        .weft_path = config->weft_path,
                                        .as_root_user = config->as_root_user,
                                        .run_as = config->run_as };
    struct run_client_events events = { l, on_running, on_ended, on_synced, on_disconnected };
    enum err_code rc;

    l->runner_dir = config->runner_dir;
    uv_loop_init(&l->loop);
    rc = run_client_new(&l->loop, &client, &events, &l->client, e);
    if (rc == E_OK)
        rc = engine_new(&engine, &l->engine, e);
    if (rc == E_OK)
        rc = engine_load(l->engine, clock_wall(), e);
    if (rc != E_OK)
        goto fail;
    handles_init(l);
    if (uv_thread_create(&l->thread, thread_main, l) != 0) {
        close_all(l);
        uv_run(&l->loop, UV_RUN_DEFAULT);
        rc = err_set(e, E_IO, "cannot start the engine's thread");
        goto fail;
    }
    *ret = l;
    return E_OK;
fail:
    run_client_free(l->client);
    uv_run(&l->loop, UV_RUN_DEFAULT);
    engine_free(l->engine);
    uv_loop_close(&l->loop);
    mem_free(l);
    return rc;
}

struct engine *engine_loop_engine(struct engine_loop *l)
{
    return l->engine;
}

void engine_loop_connect(struct engine_loop *l)
{
    __atomic_store_n(&l->connect, true, __ATOMIC_RELEASE);
    uv_async_send(&l->wake);
}

void engine_loop_stop(struct engine_loop *l)
{
    if (!l)
        return;
    __atomic_store_n(&l->stopping, true, __ATOMIC_RELEASE);
    uv_async_send(&l->wake);
    uv_thread_join(&l->thread);
    engine_free(l->engine);
    uv_loop_close(&l->loop);
    mem_free(l);
}
