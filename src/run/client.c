/* run/client.c - the server's side of the connection to a runner.
 *
 * Connecting to a local socket is immediate, so there are two states: no connection and a timer
 * that tries again, or a connection.  The runner that we start is our child until it or we end; its
 * end is collected when the next try fails.
 */
#include "run/client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/launch.h"
#include "run/wire.h"
#include "sys/file.h"
#include "sys/log.h"

/* Ten tries are some five seconds. */
enum { READ_CHUNK = 64 << 10, PAUSE_MIN_MS = 5, PAUSE_MAX_MS = 1000, FAILURES_TOLD = 10 };

struct run_client {
    uv_loop_t *loop;
    struct run_client_config config; /* strings are owned */
    struct run_client_events events;
    uv_timer_t timer; /* the next try */
    uv_pipe_t *pipe;  /* NULL: not connected; freed when closed */
    struct buf in;
    char *chunk;
    uint64_t pause_ms;
    pid_t runner_pid;   /* started by us and not collected, else 0 */
    uid_t attempts_uid; /* whose they are to be */
    int failures;       /* since the last connection */
    int handles;        /* open: the client is freed with the last one */
    bool is_synced, is_freed;
};

struct pending_write {
    uv_write_t request;
    struct buf bytes;
};

static void try_connect(uv_timer_t *timer);

static char *copy_text(const char *text)
{
    return text ? mem_strdup(str_from(text)) : NULL;
}

enum err_code run_client_new(uv_loop_t *loop, const struct run_client_config *config,
                             const struct run_client_events *events, struct run_client **ret,
                             struct err *e)
{
    struct run_client *c;
    struct launch_user user;
    enum err_code rc = launch_user_find(config->run_as, config->as_root_user, &user, e);

    if (rc == E_OK)
        rc = dir_make_durable(config->dir, 0711, e);
    if (rc != E_OK)
        return rc;
    c = NEW(struct run_client);
    c->loop = loop;
    c->events = *events;
    c->config = *config;
    c->config.dir = copy_text(config->dir);
    c->config.weft_path = copy_text(config->weft_path);
    c->config.run_as = copy_text(config->run_as);
    c->chunk = mem_alloc(READ_CHUNK);
    c->pause_ms = PAUSE_MIN_MS;
    c->attempts_uid = user.uid;
    buf_init(&c->in, WIRE_LINE_MAX);
    check(uv_timer_init(loop, &c->timer) == 0);
    c->timer.data = c;
    c->handles = 1;
    *ret = c;
    return E_OK;
}

static void handle_closed(struct run_client *c)
{
    if (--c->handles > 0)
        return;
    buf_done(&c->in);
    mem_free(c->chunk);
    mem_free((char *)(uintptr_t)c->config.dir);
    mem_free((char *)(uintptr_t)c->config.weft_path);
    mem_free((char *)(uintptr_t)c->config.run_as);
    mem_free(c);
}

static void on_pipe_closed(uv_handle_t *handle)
{
    struct run_client *c = handle->data;

    mem_free(handle);
    handle_closed(c);
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

static void drop_pipe(struct run_client *c)
{
    uv_close((uv_handle_t *)c->pipe, on_pipe_closed);
    c->pipe = NULL;
    c->is_synced = false;
    buf_reset(&c->in);
}

static void try_later(struct run_client *c)
{
    check(uv_timer_start(&c->timer, try_connect, c->pause_ms, 0) == 0);
    c->pause_ms = c->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : c->pause_ms * 2;
}

static void disconnect(struct run_client *c)
{
    drop_pipe(c);
    try_later(c);
    c->events.disconnected(c->events.ctx);
}

/* --- reports ---------------------------------------------------------------------------------- */

/* One that an earlier server started may be of another program, or run attempts as somebody else
 * than we were told to.  It is replaced; its attempts go on. */
static void on_hello(struct run_client *c, const struct wire_message *m)
{
    bool is_other = !str_eq_c(m->version, WEFT_VERSION);
    bool is_same_user = m->uid < 0 || m->uid == (int64_t)c->attempts_uid;

    log_info("runner", "connected to the runner in %s, pid %lld, protocol %d", c->config.dir,
             (long long)m->pid, m->protocol);
    if ((is_same_user && !is_other) || !c->config.weft_path || m->pid <= 1 ||
        m->pid == c->runner_pid)
        return;
    if (is_same_user)
        log_warn("runner",
                 "the runner there is of version %.*s, not " WEFT_VERSION ": it is replaced",
                 STR_ARG(m->version));
    else
        log_warn("runner",
                 "the runner there starts attempts as user %lld, not %lld: it is replaced",
                 (long long)m->uid, (long long)c->attempts_uid);
    kill((pid_t)m->pid, SIGTERM);
    disconnect(c);
}

static void on_message(struct run_client *c, const struct wire_message *m)
{
    switch (m->kind) {
    case WIRE_RUNNING:
        c->events.running(c->events.ctx, m->fence, m->pid, m->started_at);
        break;
    case WIRE_ENDED:
        c->events.ended(c->events.ctx, &m->end);
        break;
    case WIRE_SYNCED:
        c->is_synced = true;
        c->pause_ms = PAUSE_MIN_MS;
        c->failures = 0;
        c->events.synced(c->events.ctx);
        break;
    case WIRE_HELLO:
        on_hello(c, m);
        break;
    default:
        break;
    }
}

static void take_lines(struct run_client *c)
{
    uv_pipe_t *pipe = c->pipe;
    struct wire_message m;
    struct arena arena;
    struct str line;
    size_t at = 0;

    arena_init(&arena);
    while (c->pipe == pipe && wire_next_line(&c->in, &at, &line)) {
        struct err e = ERR_INIT;
        if (wire_parse(line, &arena, &m, &e) == E_OK)
            on_message(c, &m);
        else
            log_error("runner", "the runner sent %s", e.text);
        arena_reset(&arena);
    }
    arena_done(&arena);
    if (c->pipe == pipe)
        wire_drop_taken(&c->in, at);
}

static void room(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
    struct run_client *c = handle->data;

    (void)size;
    *ret = uv_buf_init(c->chunk, READ_CHUNK);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *chunk)
{
    struct run_client *c = stream->data;

    if ((uv_stream_t *)c->pipe != stream)
        return;
    if (n > 0)
        buf_add(&c->in, chunk->base, (size_t)n);
    if (n < 0 || c->in.overflow)
        disconnect(c);
    else
        take_lines(c);
}

/* --- connecting ---------------------------------------------------------------------------------
 */

/* The address of DIR/runner.sock.  A path that does not fit goes through a descriptor of the
 * folder, which is left in *ret_dir_fd for the caller to close. */
static bool socket_address(const char *dir, struct sockaddr_un *ret, int *ret_dir_fd)
{
    int n;

    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    n = snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/runner.sock", dir);
    if (n < (int)sizeof(ret->sun_path))
        return true;
    *ret_dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/runner.sock", *ret_dir_fd);
    return *ret_dir_fd >= 0;
}

/* A connected descriptor, or -1 with errno.  EPERM: a process of another user listens, *ret_other.
 */
static int connect_now(const char *dir, struct ucred *ret_other)
{
    struct sockaddr_un address;
    struct ucred who;
    socklen_t len = sizeof(who);
    int dir_fd = -1, saved;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = fd >= 0 && socket_address(dir, &address, &dir_fd) &&
              connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
              getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0;

    if (ok && who.uid != geteuid()) {
        *ret_other = who;
        errno = EPERM;
        ok = false;
    }
    saved = errno;
    if (dir_fd >= 0)
        close(dir_fd);
    if (!ok && fd >= 0)
        close(fd);
    errno = saved;
    return ok ? fd : -1;
}

static bool set_up_stdio(posix_spawn_file_actions_t *actions, const char *log_path)
{
    return posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
           posix_spawn_file_actions_addopen(actions, 1, log_path, O_WRONLY | O_CREAT | O_APPEND,
                                            0600) == 0 &&
           posix_spawn_file_actions_adddup2(actions, 1, 2) == 0 &&
           posix_spawn_file_actions_addclosefrom_np(actions, 3) == 0;
}

static bool set_up_session(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF) == 0 &&
           posix_spawnattr_setsigmask(attributes, &none) == 0 &&
           posix_spawnattr_setsigdefault(attributes, &all) == 0;
}

/* The environment without what is only the server's: keys above all.  Owned by the caller. */
static char **runner_environment(void)
{
    size_t n = 0, kept = 0;
    char **copy;

    while (environ[n])
        n++;
    copy = mem_alloc((n + 1) * sizeof(*copy));
    for (size_t i = 0; i < n; i++)
        if (!str_starts_with(str_from(environ[i]), STR("WEFT_")))
            copy[kept++] = environ[i];
    copy[kept] = NULL;
    return copy;
}

/* In a session of its own, so that neither a terminal nor our end takes it along. */
static void start_runner(struct run_client *c)
{
    const char *argv[8] = { c->config.weft_path, "runner", "--dir", c->config.dir };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char **environment = runner_environment();
    struct buf log_path;
    int n = 4, rc = ENOMEM;

    if (c->config.run_as) {
        argv[n++] = "--run-as";
        argv[n++] = c->config.run_as;
    }
    if (c->config.as_root_user)
        argv[n++] = "--as-root";
    buf_init(&log_path, 8192);
    buf_printf(&log_path, "%s/runner.log", c->config.dir);
    check(posix_spawn_file_actions_init(&actions) == 0 && posix_spawnattr_init(&attributes) == 0);
    if (set_up_stdio(&actions, log_path.ptr) && set_up_session(&attributes))
        rc = posix_spawn(&c->runner_pid, c->config.weft_path, &actions, &attributes,
                         (char *const *)(uintptr_t)argv, environment);
    if (rc != 0) {
        c->runner_pid = 0;
        log_error("runner", "cannot start %s: %s", c->config.weft_path, strerror(rc));
    }
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    buf_done(&log_path);
    mem_free(environment);
}

/* True while a runner that we started lives. */
static bool runner_lives(struct run_client *c)
{
    int status;

    if (c->runner_pid <= 0)
        return false;
    if (waitpid(c->runner_pid, &status, WNOHANG) == 0)
        return true;
    c->runner_pid = 0;
    return false;
}

/* A server of another user left its runner.  Root replaces it, as one of another program; others
 * can only say so. */
static void on_other_user(struct run_client *c, const struct ucred *other)
{
    const char *dir = c->config.dir;

    if (geteuid() == 0 && c->config.weft_path && other->pid > 1) {
        log_warn("runner", "the runner in %s, pid %d, is one of user %u: it is replaced", dir,
                 (int)other->pid, (unsigned)other->uid);
        kill(other->pid, SIGTERM);
    } else if (c->failures == FAILURES_TOLD) {
        log_error(
            "runner",
            "the runner in %s, pid %d, is one of user %u, and this server of user %u: nothing "
            "starts; end it as its user with: weft runner --dir %s --stop",
            dir, (int)other->pid, (unsigned)other->uid, (unsigned)geteuid(), dir);
    }
}

static void on_no_connection(struct run_client *c, const struct ucred *other)
{
    int why = errno;
    bool is_absent = why == ENOENT || why == ECONNREFUSED;

    c->failures++;
    if (!runner_lives(c) && is_absent && c->config.weft_path)
        start_runner(c);
    if (why == EPERM && other->pid != 0)
        on_other_user(c, other);
    else if (c->failures == FAILURES_TOLD)
        log_warn("runner",
                 "no runner answers in %s (%s): nothing starts; %s/runner.log may say why%s",
                 c->config.dir, strerror(why), c->config.dir,
                 why == EACCES ? ", or it is one of another user, who must end it with: weft "
                                 "runner --stop"
                               : "");
    try_later(c);
}

static void try_connect(uv_timer_t *timer)
{
    struct run_client *c = timer->data;
    struct ucred other = { .pid = 0 };
    int fd = connect_now(c->config.dir, &other);

    if (fd < 0) {
        on_no_connection(c, &other);
        return;
    }
    c->pipe = NEW(uv_pipe_t);
    check(uv_pipe_init(c->loop, c->pipe, 0) == 0);
    c->handles++;
    c->pipe->data = c;
    if (uv_pipe_open(c->pipe, fd) != 0) {
        close(fd);
        drop_pipe(c);
        try_later(c);
    } else if (uv_read_start((uv_stream_t *)c->pipe, room, on_read) != 0) {
        drop_pipe(c);
        try_later(c);
    }
}

void run_client_start(struct run_client *c)
{
    check(uv_timer_start(&c->timer, try_connect, 0, 0) == 0);
}

/* --- commands ----------------------------------------------------------------------------------
 */

static void on_written(uv_write_t *request, int status)
{
    struct pending_write *w = CONTAINER_OF(request, struct pending_write, request);

    (void)status; /* a broken connection is noticed where it is read */
    buf_done(&w->bytes);
    mem_free(w);
}

/* Takes over the bytes.  While nothing waits the socket usually takes them at once. */
static void send_line(struct run_client *c, struct buf *line)
{
    uv_stream_t *stream = (uv_stream_t *)c->pipe;
    uv_buf_t buf = uv_buf_init(line->ptr, (unsigned)line->len);
    struct pending_write *w;
    int n = uv_try_write(stream, &buf, 1);

    if (n == (int)line->len) {
        buf_done(line);
        return;
    }
    w = NEW(struct pending_write);
    w->bytes = *line;
    n = n > 0 ? n : 0;
    buf = uv_buf_init(w->bytes.ptr + n, (unsigned)(w->bytes.len - (size_t)n));
    if (uv_write(&w->request, stream, &buf, 1, on_written) != 0)
        on_written(&w->request, 0);
}

void run_client_begin(struct run_client *c, const struct attempt_spec *spec)
{
    struct buf line;

    /* Before it has named its attempts, the runner would get one that the server must take for
     * unsent. */
    if (!c->pipe || !c->is_synced)
        return;
    buf_init(&line, SIZE_MAX);
    wire_put_begin(&line, spec);
    send_line(c, &line);
}

void run_client_kill(struct run_client *c, uint64_t fence, struct dur grace)
{
    struct buf line;

    if (!c->pipe)
        return;
    buf_init(&line, SIZE_MAX);
    wire_put_kill(&line, fence, grace);
    send_line(c, &line);
}

void run_client_ack(struct run_client *c, uint64_t fence)
{
    struct buf line;

    if (!c->pipe)
        return;
    buf_init(&line, SIZE_MAX);
    wire_put_ack(&line, fence);
    send_line(c, &line);
}

bool run_client_is_synced(const struct run_client *c)
{
    return c->is_synced;
}

void run_client_free(struct run_client *c)
{
    if (!c || c->is_freed)
        return;
    c->is_freed = true;
    if (c->pipe)
        drop_pipe(c);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}
