/* test/run/rig.c - a runner in a folder of its own and a client that remembers what it was told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rig.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/logs.h"
#include "sys/clock.h"
#include "sys/file.h"

static struct rig_attempt *attempt(struct rig *g, uint64_t fence)
{
    assert_true(fence < RIG_FENCES_MAX);
    return &g->attempts[fence];
}

static void on_running(void *ctx, uint64_t fence, int64_t pid, struct wall started_at)
{
    struct rig_attempt *a = attempt(ctx, fence);

    a->n_running++;
    a->pid = pid;
    assert_true(wall_is_set(started_at));
}

static void on_ended(void *ctx, const struct attempt_end *end)
{
    struct rig *g = ctx;
    struct rig_attempt *a = attempt(g, end->fence);

    if (a->n_ended++ == 0) {
        a->end = *end;
        snprintf(a->text, sizeof(a->text), "%.*s", STR_ARG(end->text));
        snprintf(a->outputs, sizeof(a->outputs), "%.*s", STR_ARG(end->outputs));
        snprintf(a->events, sizeof(a->events), "%.*s", STR_ARG(end->events));
    }
    if (!g->no_ack)
        run_client_ack(g->client, end->fence);
}

static void on_synced(void *ctx)
{
    ((struct rig *)ctx)->n_synced++;
}

static void on_disconnected(void *ctx)
{
    ((struct rig *)ctx)->n_disconnected++;
}

void rig_connect(struct rig *g, int flags)
{
    struct run_client_config config = { .dir = g->dir,
                                        .weft_path = TEST_RUNNER,
                                        .as_root_user = (flags & RIG_AS_ROOT) != 0,
                                        .run_as = flags & RIG_RANGE ? RIG_USERS : NULL };
    struct run_client_events events = { g, on_running, on_ended, on_synced, on_disconnected };
    struct err e = ERR_INIT;

    if (run_client_new(&g->loop, &config, &events, &g->client, &e) != E_OK)
        fail_msg("%s", e.text);
    run_client_start(g->client);
    rig_wait_synced(g, g->n_synced + 1);
}

void rig_disconnect(struct rig *g)
{
    run_client_free(g->client);
    g->client = NULL;
    for (int i = 0; i < 1000 && uv_run(&g->loop, UV_RUN_NOWAIT) != 0; i++)
        usleep(1000);
}

void rig_init(struct rig *g, int flags)
{
    memset(g, 0, sizeof(*g));
    strcpy(g->root, "/tmp/weft-run-XXXXXX");
    assert_non_null(mkdtemp(g->root));
    chmod(g->root, 0711);
    snprintf(
        g->dir, sizeof(g->dir), "%.60s/%s", g->root,
        flags & RIG_LONG_PATH
            ? "a-folder-whose-name-is-so-long-that-the-path-of-the-socket-in-it-does-not-fit-into-"
              "the-address-of-a-local-socket"
            : "r");
    assert_int_equal(uv_loop_init(&g->loop), 0);
    rig_connect(g, flags);
}

void rig_done(struct rig *g)
{
    pid_t runner = rig_runner_pid(g);

    rig_disconnect(g);
    assert_int_equal(uv_loop_close(&g->loop), 0);
    if (runner > 0) {
        kill(runner, SIGTERM);
        for (int i = 0; i < 200 && waitpid(runner, NULL, WNOHANG) == 0; i++)
            usleep(10000);
    }
    for (int i = 0; i < 500 && rig_count_processes(g) + rig_count_keepers(g) > 0; i++)
        usleep(10000);
    assert_int_equal(rig_count_processes(g), 0);
    assert_int_equal(rig_count_keepers(g), 0);
    assert_int_equal(dir_remove_all(g->root, NULL), E_OK);
    rig_log(NULL, 0);
}

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

static void on_tick_closed(uv_handle_t *handle)
{
    free(handle);
}

void rig_turn(struct rig *g, int ms)
{
    uv_timer_t *timer = malloc(sizeof(*timer));
    struct mono until = mono_add(clock_mono(), DUR_MS(ms));

    uv_timer_init(&g->loop, timer);
    uv_timer_start(timer, on_tick, 5, 5);
    do
        uv_run(&g->loop, UV_RUN_ONCE);
    while (mono_sub(until, clock_mono()).us > 0);
    uv_close((uv_handle_t *)timer, on_tick_closed);
    uv_run(&g->loop, UV_RUN_NOWAIT);
}

#define WAIT_FOR(g, condition)                                                                     \
    do {                                                                                           \
        struct mono until_ = mono_add(clock_mono(), DUR_MS(RIG_WAIT_MS));                          \
        while (!(condition)) {                                                                     \
            if (mono_sub(until_, clock_mono()).us <= 0)                                            \
                fail_msg("waited too long for: %s", #condition);                                   \
            rig_turn((g), 5);                                                                      \
        }                                                                                          \
    } while (0)

void rig_begin(struct rig *g, uint64_t fence, int type_id, const char *code)
{
    struct attempt_spec spec = {
        .fence = fence,
        .type_id = type_id,
        .instance_key = STR("T1_2025-01-02 00:00:00"),
        .task_id = STR("T1"),
        .task_name = STR("the task"),
        .project_id = STR("P1"),
        .data_time = STR("2025-01-02 00:00:00"),
        .planned_time = STR("2025-01-03 00:00:00"),
        .round = 0,
        .number = 1,
        .code = str_from(code),
    };

    run_client_begin(g->client, &spec);
}

void rig_wait_ended(struct rig *g, uint64_t fence)
{
    WAIT_FOR(g, attempt(g, fence)->n_ended > 0);
}

void rig_wait_running(struct rig *g, uint64_t fence)
{
    WAIT_FOR(g, attempt(g, fence)->n_running > 0);
}

void rig_wait_synced(struct rig *g, int times)
{
    WAIT_FOR(g, g->n_synced >= times);
}

const struct rig_attempt *rig_run(struct rig *g, uint64_t fence, const char *code)
{
    rig_begin(g, fence, 35, code);
    rig_wait_ended(g, fence);
    return attempt(g, fence);
}

pid_t rig_runner_pid(struct rig *g)
{
    char here[PATH_MAX];
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "runner.sock" };
    struct ucred who = { .pid = -1 };
    socklen_t len = sizeof(who);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_non_null(getcwd(here, sizeof(here)));
    assert_int_equal(chdir(g->dir), 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
    assert_int_equal(chdir(here), 0);
    close(fd);
    return who.pid;
}

bool rig_pid_lives(pid_t pid)
{
    char path[64], text[256] = "";
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    if (!f)
        return false;
    if (!fgets(text, sizeof(text), f))
        text[0] = '\0';
    fclose(f);
    const char *end = strrchr(text, ')');
    return end && end[2] != 'Z' && end[2] != 'X';
}

void rig_kill_runner(struct rig *g)
{
    pid_t pid = rig_runner_pid(g);

    assert_true(pid > 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    for (int i = 0; i < 1000 && rig_pid_lives(pid); i++)
        usleep(1000);
    assert_false(rig_pid_lives(pid));
}

const char *rig_log(struct rig *g, uint64_t fence)
{
    static struct buf text;
    struct buf path;

    buf_done(&text);
    buf_init(&text, (size_t)256 << 20);
    if (!g)
        return NULL;
    buf_init(&path, PATH_MAX);
    logs_path(g->dir, fence, &path);
    if (file_read(path.ptr, &text, NULL) != E_OK)
        buf_add_c(&text, "");
    buf_done(&path);
    return text.ptr ? text.ptr : "";
}

void rig_wait_log(struct rig *g, uint64_t fence, const char *text)
{
    WAIT_FOR(g, strstr(rig_log(g, fence), text));
}

const char *rig_output(struct rig *g, uint64_t fence)
{
    static char out[65536];
    struct str rest = str_from(rig_log(g, fence));
    size_t len = 0;

    while (rest.ptr && rest.len > 0) {
        struct str line = str_sub(str_split(&rest, '\n'), 24, SIZE_MAX);
        struct str text = line;
        str_split(&text, ' ');
        if (str_starts_with(text, STR("weft: ")))
            continue;
        len +=
            (size_t)snprintf(out + len, sizeof(out) - len, "%s%.*s", len ? "|" : "", STR_ARG(text));
        assert_true(len < sizeof(out));
    }
    out[len] = '\0';
    return out;
}

int rig_count_processes(struct rig *g)
{
    char mark[PATH_MAX + 16];
    DIR *dir = opendir("/proc");
    struct dirent *item;
    int n = 0;

    snprintf(mark, sizeof(mark), "WEFT_WORK=%s/", g->dir);
    while ((item = readdir(dir))) {
        char path[PATH_MAX];
        struct buf text;
        if (item->d_name[0] < '0' || item->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%s/environ", item->d_name);
        buf_init(&text, 1 << 20);
        if (file_read(path, &text, NULL) == E_OK && str_find(buf_str(&text), str_from(mark)) >= 0)
            n++;
        buf_done(&text);
    }
    closedir(dir);
    return n;
}

int rig_count_keepers(struct rig *g)
{
    DIR *dir = opendir("/proc");
    struct dirent *item;
    int n = 0;

    while ((item = readdir(dir))) {
        char path[PATH_MAX], cwd[PATH_MAX];
        ssize_t len;
        if (item->d_name[0] < '0' || item->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%s/cwd", item->d_name);
        len = readlink(path, cwd, sizeof(cwd) - 1);
        n += len > 0 && str_eq(str_make(cwd, (size_t)len), str_from(g->dir));
    }
    closedir(dir);
    return n;
}
