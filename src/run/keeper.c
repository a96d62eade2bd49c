/* run/keeper.c - the process that owns running attempts, one at a time.
 *
 * One loop over four descriptors: control, signals, the two pipes.  An attempt's life in it:
 *
 *   run    the main process lives.
 *   term   the main process ended and left others behind, or a kill was asked for: all got SIGTERM,
 * until `deadline`. kill   the deadline passed: stop and SIGKILL all, again and again until nothing
 * is left.
 *
 * It is over when there is no child left.  As the subreaper we are the parent of every orphan of
 * the tree, so "no child" is "no descendant"; and then nobody of the tree can write to the pipes
 * any more, so what they hold is all.
 */
#include "run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/job.h"
#include "run/log_writer.h"
#include "run/logs.h"
#include "run/outputs.h"
#include "run/record.h"
#include "run/tree.h"
#include "run/wire.h"
#include "sys/clock.h"

enum { READ_CHUNK = 64 << 10, KILL_AGAIN_MS = 20, IDLE_MEMORY_MAX = 1 << 20 };

enum phase { PHASE_RUN, PHASE_TERM, PHASE_KILL };

struct keeper {
    const struct keeper_config *config;
    int control; /* -1: the runner is gone */
    int signals, null;
    struct buf in; /* from the runner */
    size_t in_at;
    uint64_t spare_record;
    struct job_spare spare;

    /* the attempt */
    struct arena arena;
    struct attempt_spec spec;
    struct record record;
    struct log_writer log;
    bool has_log;
    struct outputs outputs;
    int pipes[2]; /* read ends of standard output and error; -1: closed */
    pid_t main_pid;
    int main_status;
    bool main_ended, tree_ended, kill_asked;
    enum phase phase;
    struct mono deadline;
    struct attempt_end end;
};

static void lose_runner(struct keeper *k)
{
    close(k->control);
    k->control = -1;
}

static void tell_runner(struct keeper *k, struct str line)
{
    while (k->control >= 0 && line.len > 0) {
        ssize_t n = send(k->control, line.ptr, line.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            lose_runner(k);
            return;
        }
        line = str_sub(line, (size_t)n, line.len);
    }
}

/* False: the runner is gone. */
static bool hear_runner(struct keeper *k)
{
    char *room = buf_reserve(&k->in, READ_CHUNK);
    ssize_t n;

    if (!room) {
        lose_runner(k);
        return false;
    }
    do
        n = recv(k->control, room, READ_CHUNK, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0) {
        lose_runner(k);
        return false;
    }
    buf_grown(&k->in, (size_t)n);
    return true;
}

/* The next message; its memory is the attempt's arena.  False: none is complete. */
static bool next_message(struct keeper *k, struct wire_message *ret)
{
    struct str line;

    while (wire_next_line(&k->in, &k->in_at, &line)) {
        bool ok = wire_parse(line, &k->arena, ret, NULL) == E_OK;
        if (ok)
            return true;
    }
    wire_drop_taken(&k->in, k->in_at);
    k->in_at = 0;
    return false;
}

static void enter_term(struct keeper *k, struct dur grace)
{
    k->phase = PHASE_TERM;
    k->deadline = mono_add(clock_mono(), grace);
    tree_end(getpid());
}

static void on_kill(struct keeper *k, struct dur grace)
{
    if (k->kill_asked && k->phase != PHASE_RUN) {
        struct mono sooner = mono_add(clock_mono(), grace);
        if (sooner.us < k->deadline.us)
            k->deadline = sooner;
        return;
    }
    if (k->main_ended)
        return; /* it ended by itself; what is left is being ended */
    k->kill_asked = true;
    log_writer_say(&k->log, LOG_WORD_WARN, clock_wall(), "weft: a kill was asked for, grace %.3f s",
                   (double)grace.us / 1e6);
    enter_term(k, grace);
}

static void obey(struct keeper *k)
{
    struct wire_message m;

    while (next_message(k, &m))
        if (m.kind == WIRE_KILL && m.fence == k->spec.fence)
            on_kill(k, m.grace);
}

static void reap(struct keeper *k)
{
    for (;;) {
        struct rusage usage;
        int status;
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0) {
            k->tree_ended = pid < 0;
            return;
        }
        k->end.user_us += (int64_t)usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec;
        k->end.system_us += (int64_t)usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
        if (usage.ru_maxrss > k->end.memory_peak_kb)
            k->end.memory_peak_kb = usage.ru_maxrss;
        if (pid == k->main_pid) {
            k->main_ended = true;
            k->main_status = status;
        }
    }
}

static void on_signals(struct keeper *k)
{
    struct signalfd_siginfo info[8];
    ssize_t n = read(k->signals, info, sizeof(info));

    for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(info[0]); i++)
        if (info[i].ssi_signo == KEEPER_KILL_SIGNAL && info[i].ssi_code == SI_QUEUE)
            on_kill(k, DUR_MS(info[i].ssi_int));
    reap(k);
    if (k->main_ended && !k->tree_ended && k->phase == PHASE_RUN) {
        log_writer_say(&k->log, LOG_WORD_WARN, clock_wall(),
                       "weft: the program ended and left processes behind; they are being ended");
        enter_term(k, KEEPER_LEFTOVER_GRACE);
    }
}

/* Returns how many bytes came; 0 at the end and when nothing is there now. */
static size_t read_pipe(struct keeper *k, int i)
{
    static char chunk[READ_CHUNK];
    ssize_t n;

    if (k->pipes[i] < 0)
        return 0;
    do
        n = read(k->pipes[i], chunk, sizeof(chunk));
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0) {
        close(k->pipes[i]);
        k->pipes[i] = -1;
        return 0;
    }
    log_writer_add(&k->log, i, str_make(chunk, (size_t)n), clock_wall());
    if (i == 0)
        outputs_add(&k->outputs, str_make(chunk, (size_t)n));
    return (size_t)n;
}

static int timeout_ms(struct keeper *k)
{
    int64_t us;

    if (k->phase == PHASE_RUN)
        return -1;
    if (k->phase == PHASE_KILL)
        return KILL_AGAIN_MS;
    us = mono_sub(k->deadline, clock_mono()).us;
    return us <= 0 ? 0 : us > DUR_S(60).us ? 60000 : (int)(us / 1000) + 1;
}

static void turn(struct keeper *k)
{
    struct pollfd p[4] = { { .fd = k->signals, .events = POLLIN },
                           { .fd = k->control, .events = POLLIN },
                           { .fd = k->pipes[0], .events = POLLIN },
                           { .fd = k->pipes[1], .events = POLLIN } };

    if (poll(p, 4, timeout_ms(k)) < 0)
        check(errno == EINTR);
    for (int i = 0; i < 2; i++)
        if (p[2 + i].revents)
            read_pipe(k, i);
    if (p[1].revents && hear_runner(k))
        obey(k);
    if (p[0].revents)
        on_signals(k);
    if (k->phase == PHASE_TERM && mono_sub(k->deadline, clock_mono()).us <= 0)
        k->phase = PHASE_KILL;
    if (k->phase == PHASE_KILL && !k->tree_ended) {
        tree_kill(getpid());
        reap(k);
    }
    log_writer_flush(&k->log);
}

static void describe_end(struct keeper *k, struct buf *text)
{
    struct attempt_end *end = &k->end;

    if (WIFSIGNALED(k->main_status)) {
        end->outcome = ATTEMPT_SIGNALED;
        end->term_signal = WTERMSIG(k->main_status);
        buf_printf(text, "ended by signal %d (%s)", end->term_signal, strsignal(end->term_signal));
    } else {
        end->outcome = ATTEMPT_EXITED;
        end->exit_code = WEXITSTATUS(k->main_status);
        buf_printf(text, "ended with exit code %d", end->exit_code);
    }
    if (k->kill_asked) {
        end->outcome = ATTEMPT_KILLED;
        buf_add_c(text, ", as asked by a kill");
    }
}

/* What it was to put out belongs to its success: without it, others would go on with less than they
 * were promised. */
static void take_outputs(struct keeper *k, struct buf *text)
{
    struct err e = ERR_INIT;

    if (k->end.outcome == ATTEMPT_EXITED && k->end.exit_code == 0 &&
        outputs_take(&k->outputs, &k->spec, &k->arena, &k->end, &e) != E_OK) {
        k->end.outcome = ATTEMPT_NO_OUTPUT;
        buf_printf(text, ", but %s", e.text);
    }
    outputs_done(&k->outputs);
}

/* The log is complete, then the record, then the runner hears of it (I7). */
static void finish(struct keeper *k, struct buf *text)
{
    struct err e = ERR_INIT;
    struct buf line;

    take_outputs(k, text);
    k->end.ended_at = clock_wall();
    if (k->has_log) {
        double seconds = (double)wall_sub(k->end.ended_at, k->end.started_at).us / 1e6;
        bool good = k->end.outcome == ATTEMPT_EXITED && k->end.exit_code == 0;
        log_writer_finish(&k->log, k->end.ended_at);
        if (k->log.dropped > 0)
            log_writer_say(&k->log, LOG_WORD_WARN, k->end.ended_at,
                           "weft: %lld bytes of output are not in this log",
                           (long long)k->log.dropped);
        log_writer_say(&k->log, good ? LOG_WORD_INFO : LOG_WORD_ERROR, k->end.ended_at,
                       "weft: %s after %.3f s", text->ptr,
                       wall_is_set(k->end.started_at) ? seconds : 0.0);
        log_writer_flush(&k->log);
        if (k->log.os_error)
            buf_printf(text, "; the log is incomplete: %s", strerror(k->log.os_error));
        log_writer_close(&k->log);
    }
    k->end.text = buf_str(text);
    buf_init(&line, WIRE_LINE_MAX);
    wire_put_ended(&line, &k->end);
    while (record_add(&k->record, buf_str(&line), &e) != E_OK) {
        /* No room for the result: it must not get lost, so wait for some.  Half a line may stand
         * there. */
        poll(NULL, 0, 1000);
        if (record_add(&k->record, STR("\n"), &e) != E_OK)
            continue;
    }
    tell_runner(k, buf_str(&line));
    buf_done(&line);
}

static enum err_code open_log(struct keeper *k, struct err *e)
{
    const struct attempt_spec *spec = &k->spec;
    enum err_code rc;
    struct buf path;

    buf_init(&path, 128);
    logs_path(".", spec->fence, &path);
    rc = log_writer_open(&k->log, path.ptr, k->config->log_bytes_max, e);
    buf_done(&path);
    if (rc != E_OK)
        return rc;
    k->has_log = true;
    log_writer_say(&k->log, LOG_WORD_INFO, clock_wall(),
                   "weft: instance %.*s, round %d, attempt %d, node %s, fence %llu",
                   STR_ARG(spec->instance_key), spec->round, spec->number, k->config->node,
                   (unsigned long long)spec->fence);
    return E_OK;
}

static enum err_code start(struct keeper *k, struct err *e)
{
    struct job_files files = { .null = k->null };
    int out[2], err[2];
    enum err_code rc;

    rc = open_log(k, e);
    if (rc != E_OK)
        return rc;
    if (pipe2(out, O_CLOEXEC) != 0)
        return err_errno(e, E_IO, "make a pipe");
    if (pipe2(err, O_CLOEXEC) != 0) {
        rc = err_errno(e, E_IO, "make a pipe");
        close(out[0]);
        close(out[1]);
        return rc;
    }
    k->pipes[0] = out[0];
    k->pipes[1] = err[0];
    files.out = out[1];
    files.err = err[1];
    /* Only our ends do not block: the program's are other open files. */
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    k->end.started_at = clock_wall();
    rc = job_start(k->config, &k->spec, &files, &k->spare, &k->arena, &k->main_pid, e);
    close(out[1]);
    close(err[1]);
    return rc;
}

static void say_running(struct keeper *k)
{
    struct buf line;

    buf_init(&line, 1024);
    wire_put_running(&line, k->spec.fence, k->main_pid, getpid(), k->end.started_at);
    if (record_add(&k->record, buf_str(&line), NULL) != E_OK) {
        /* benign: the lock says that it lives */
    }
    tell_runner(k, buf_str(&line));
    buf_done(&line);
    log_writer_flush(&k->log);
}

/* Without a record nothing may be started.  The runner is told; a later one would refuse the fence.
 */
static void refuse(struct keeper *k, const struct err *e)
{
    struct buf line;

    if (e->code == E_EXISTS)
        _exit(1); /* the runner sees what there is */
    k->end.outcome = ATTEMPT_NOT_STARTED;
    k->end.ended_at = clock_wall();
    k->end.text = str_from(e->text);
    buf_init(&line, WIRE_LINE_MAX);
    wire_put_ended(&line, &k->end);
    tell_runner(k, buf_str(&line));
    buf_done(&line);
}

/* False: the runner ended, and the next one may have looked for records before ours was made.  Then
 * it says of this fence that nothing is known, and the attempt that follows must not meet this one
 * (I2).  A runner that is still there now leaves the record to be found. */
static bool runner_lives(const struct keeper *k)
{
    struct pollfd p = { .fd = k->control, .events = POLLRDHUP };

    return poll(&p, 1, 0) == 0;
}

static void run_attempt(struct keeper *k)
{
    struct err e = ERR_INIT;
    enum err_code rc;
    struct buf text;

    k->phase = PHASE_RUN;
    k->main_pid = 0;
    k->main_ended = k->tree_ended = k->kill_asked = k->has_log = false;
    k->end = (struct attempt_end){ .fence = k->spec.fence };
    k->pipes[0] = k->pipes[1] = -1;
    if (record_create(&k->record, k->spec.fence, k->spare_record, &e) != E_OK) {
        refuse(k, &e);
        return;
    }
    if (!runner_lives(k)) {
        record_remove(k->spec.fence);
        record_close(&k->record);
        lose_runner(k);
        return;
    }
    buf_init(&text, 4 * ERR_TEXT_MAX);
    outputs_init(&k->outputs, &k->spec);
    rc = start(k, &e);
    if (rc == E_OK) {
        say_running(k);
        obey(k); /* a kill may have come together with the begin */
        while (!(k->main_ended && k->tree_ended))
            turn(k);
        describe_end(k, &text);
    } else {
        k->end.outcome = ATTEMPT_NOT_STARTED;
        k->end.started_at = WALL_NONE;
        buf_printf(&text, "could not start: %s", e.text);
    }
    for (int i = 0; i < 2; i++) {
        while (rc == E_OK && read_pipe(k, i) > 0)
            log_writer_flush(&k->log);
        if (k->pipes[i] >= 0)
            close(k->pipes[i]);
    }
    finish(k, &text);
    record_close(&k->record);
    job_clean(k->config, k->spec.fence, k->control >= 0 ? &k->spare : NULL);
    buf_done(&text);
}

static void set_up(struct keeper *k, const struct keeper_config *config, int control)
{
    static const char default_action[64];
    sigset_t mask;

    /* Default dispositions for all, as the attempt inherits what is ignored; what could end us is
     * blocked.  The raw call, as the C library does not let us at the two signals that it uses
     * itself and leaves ignored in what it spawns. */
    for (int i = 1; i < NSIG; i++)
        syscall(SYS_rt_sigaction, i, default_action, NULL, sizeof(uint64_t));
    sigfillset(&mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    umask(022); /* the script is for another user */
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "weft-keeper");
    if (control != 3)
        check(dup3(control, 3, O_CLOEXEC) == 3);
    *k = (struct keeper){ .config = config, .control = 3 };
    syscall(SYS_close_range, 4U, ~0U, 0U);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, KEEPER_KILL_SIGNAL);
    k->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    k->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    check(k->signals >= 0 && k->null >= 0);
    buf_init(&k->in, WIRE_LINE_MAX);
    arena_init(&k->arena);
}

/* The code of an attempt can be long. */
static void renew_arena(struct arena *a)
{
    arena_done(a);
    arena_init(a);
}

_Noreturn void keeper_main(const struct keeper_config *config, int control)
{
    struct wire_message m;
    struct keeper k;

    set_up(&k, config, control);
    while (k.control >= 0) {
        while (k.control >= 0 && next_message(&k, &m)) {
            if (m.kind == WIRE_SPARE)
                k.spare_record = m.fence;
            if (m.kind == WIRE_BEGIN) {
                k.spec = m.spec;
                run_attempt(&k);
                k.spare_record = RECORD_SPARE_NONE;
            }
            arena_reset(&k.arena);
            if (arena_bytes(&k.arena) > IDLE_MEMORY_MAX)
                renew_arena(&k.arena);
        }
        if (k.control >= 0)
            hear_runner(&k);
    }
    job_drop_spare(&k.spare);
    _exit(0);
}
