/* run/runner_attempt.c - the attempts that a runner knows: begun or adopted, and not yet
 * acknowledged. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/job.h"
#include "run/record.h"
#include "run/runner_int.h"
#include "run/tree.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { LOOK_AGAIN_MS = 50, SYNC_AFTER_MS = 1000 };

static struct attempt_entry *find(const struct runner *r, uint64_t fence)
{
    return pair_map_get(&r->attempts, (struct pair_key){ fence, 0 });
}

static struct attempt_entry *add_entry(struct runner *r, uint64_t fence)
{
    struct attempt_entry *entry = NEW(struct attempt_entry);

    entry->runner = r;
    entry->fence = fence;
    entry->pidfd = -1;
    check(!pair_map_put(&r->attempts, (struct pair_key){ fence, 0 }, entry));
    return entry;
}

static void free_entry(struct attempt_entry *entry)
{
    mem_free((char *)(uintptr_t)entry->ended.ptr);
    mem_free(entry);
}

void attempt_state(const struct attempt_entry *entry, struct buf *out)
{
    if (entry->ended.len > 0)
        buf_add_str(out, entry->ended);
    else if (entry->is_running)
        wire_put_running(out, entry->fence, entry->pid, entry->keeper_pid, entry->started_at);
}

/* Write to the disk what is in the kernel's memory; in a process of its own, as it may take long.
 */
static void sync_records(void)
{
    int fd;

    if (fork() != 0)
        return; /* benign if it failed: the kernel writes by itself, later */
    fd = open(RECORD_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _exit(fd >= 0 && syncfs(fd) == 0 ? 0 : 1);
}

/* An end is normally acknowledged, and then durable in the server's store, in milliseconds: cheaper
 * than any write here could be.  Those that wait longer have no server, and must outlive a crash of
 * the machine here. */
static void on_sync(uv_timer_t *timer)
{
    struct runner *r = timer->data;
    struct mono now = clock_mono();
    struct pair_key key;
    int n = 0, later = 0;
    size_t at = 0;
    void *value;

    while (pair_map_next(&r->attempts, &at, &key, &value)) {
        struct attempt_entry *entry = value;
        if (entry->ended.len == 0 || entry->is_synced)
            continue;
        if (mono_sub(now, entry->ended_at).us < DUR_MS(SYNC_AFTER_MS).us) {
            later++;
            continue;
        }
        entry->is_synced = true;
        n++;
    }
    if (n > 0) {
        log_info("runner", "ends=%d are not acknowledged; they are synced to the disk", n);
        sync_records();
    }
    if (later > 0)
        uv_timer_start(timer, on_sync, SYNC_AFTER_MS, 0);
}

static void set_ended(struct attempt_entry *entry, struct str line)
{
    struct runner *r = entry->runner;

    entry->is_unclear = false;
    entry->ended_at = clock_mono();
    if (!uv_is_active((uv_handle_t *)&r->sync))
        uv_timer_start(&r->sync, on_sync, SYNC_AFTER_MS, 0);
    entry->ended = str_make(mem_strdup(line), line.len);
}

void attempt_on_ended(struct attempt_entry *entry, struct str line)
{
    set_ended(entry, line);
    peers_tell(entry->runner, line);
}

void attempt_on_running(struct attempt_entry *entry, const struct wire_message *m, struct str line)
{
    entry->is_running = true;
    entry->pid = m->pid;
    entry->keeper_pid = m->keeper_pid;
    entry->started_at = m->started_at;
    peers_tell(entry->runner, line);
}

/* An end that no keeper wrote.  When it cannot be written it is reported all the same: the fence
 * stays refused. */
static void end_here(struct attempt_entry *entry, enum attempt_outcome outcome, const char *text)
{
    struct attempt_end end = { .fence = entry->fence,
                               .outcome = outcome,
                               .started_at = entry->started_at,
                               .ended_at = clock_wall(),
                               .text = str_from(text) };
    struct err e = ERR_INIT;
    struct buf line;

    if (record_end(&end, &e) != E_OK)
        log_error("runner", "fence=%llu %s", (unsigned long long)end.fence, e.text);
    buf_init(&line, WIRE_LINE_MAX);
    wire_put_ended(&line, &end);
    attempt_on_ended(entry, buf_str(&line));
    buf_done(&line);
}

/* Its keeper was killed: nothing of the attempt may live on (I2). */
static void end_lost(struct attempt_entry *entry)
{
    struct buf mark;
    int left;

    buf_init(&mark, 8192);
    job_mark(entry->runner->dir, entry->fence, &mark);
    left = tree_kill_marked(buf_str(&mark));
    buf_done(&mark);
    log_error("runner", "fence=%llu its keeper died; processes killed: %d",
              (unsigned long long)entry->fence, left);
    end_here(entry, ATTEMPT_LOST,
             "the process that kept the attempt died, and there is no record of its end");
    job_clean(&entry->runner->keeping, entry->fence, NULL);
}

static void look_again(uv_timer_t *timer);

/* Its record cannot be read now, as without descriptors: what it says must not be guessed. */
static void look_later(struct attempt_entry *entry, const struct err *e)
{
    struct runner *r = entry->runner;

    if (!entry->is_unclear)
        log_error("runner", "fence=%llu %s; it is tried again", (unsigned long long)entry->fence,
                  e->text);
    entry->is_unclear = true;
    if (!uv_is_active((uv_handle_t *)&r->look_again))
        uv_timer_start(&r->look_again, look_again, LOOK_AGAIN_MS, 0);
}

/* The keeper is dead, so the record is final. */
static void on_keeper_death(struct attempt_entry *entry)
{
    struct wire_message running, ended = { .kind = WIRE_UNKNOWN };
    struct err e = ERR_INIT;
    enum record_state state;
    struct arena arena;
    struct buf line;

    arena_init(&arena);
    buf_init(&line, WIRE_LINE_MAX);
    enum err_code rc = record_look(entry->fence, &arena, &state, &running, &ended, &e);
    if (rc != E_OK && rc != E_LIMIT) {
        look_later(entry, &e);
    } else if (rc == E_OK && ended.kind == WIRE_ENDED) {
        wire_put_ended(&line, &ended.end);
        attempt_on_ended(entry, buf_str(&line));
    } else {
        end_lost(entry);
    }
    buf_done(&line);
    arena_done(&arena);
}

static void on_watch_closed(uv_handle_t *handle)
{
    mem_free(handle);
}

static void on_pidfd(uv_poll_t *watch, int status, int events)
{
    struct attempt_entry *entry = watch->data;

    (void)status;
    (void)events;
    uv_close((uv_handle_t *)watch, on_watch_closed);
    close(entry->pidfd);
    entry->pidfd = -1;
    entry->is_watched = false;
    on_keeper_death(entry);
}

/* The value of the signal is the grace, see keeper.h. */
static void signal_keeper(const struct attempt_entry *entry, struct dur grace)
{
    int64_t ms = grace.us / 1000;
    siginfo_t info = { .si_signo = KEEPER_KILL_SIGNAL, .si_code = SI_QUEUE };

    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = ms > INT32_MAX ? INT32_MAX : ms < 0 ? 0 : (int)ms;
    if (syscall(SYS_pidfd_send_signal, entry->pidfd, KEEPER_KILL_SIGNAL, &info, 0U) != 0 &&
        errno != ESRCH)
        log_error("runner", "fence=%llu cannot signal its keeper: %s",
                  (unsigned long long)entry->fence, strerror(errno));
}

/* Watch a keeper that does not talk to us.  False: it is dead. */
static bool watch_keeper(struct attempt_entry *entry, pid_t pid)
{
    int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0U) : -1;

    if (fd < 0)
        return false;
    entry->pidfd = fd;
    entry->is_watched = true;
    entry->watch = NEW(uv_poll_t);
    check(uv_poll_init(&entry->runner->loop, entry->watch, fd) == 0);
    entry->watch->data = entry;
    check(uv_poll_start(entry->watch, UV_READABLE, on_pidfd) == 0);
    if (entry->kill_asked)
        signal_keeper(entry, entry->kill_grace);
    return true;
}

void attempt_on_silence(struct attempt_entry *entry, pid_t keeper_pid)
{
    if (!watch_keeper(entry, keeper_pid))
        on_keeper_death(entry);
}

/* Tell the state of an attempt once more, to who asked for what was done already. */
static void tell_again(struct runner *r, const struct attempt_entry *entry)
{
    struct buf line;

    buf_init(&line, WIRE_LINE_MAX);
    attempt_state(entry, &line);
    if (line.len > 0)
        peers_tell(r, buf_str(&line));
    buf_done(&line);
}

/* A fence that was seen, and of which nothing is known any more: above all in a restored backup. */
static void refuse(struct runner *r, uint64_t fence)
{
    struct attempt_end end = { .fence = fence,
                               .outcome = ATTEMPT_LOST,
                               .ended_at = clock_wall(),
                               .text = STR("its number was used before, and nothing is known of it "
                                           "here (a backup that was restored?); it is not started "
                                           "again") };
    struct buf line;

    log_warn("runner", "fence=%llu refused: it was used before", (unsigned long long)fence);
    buf_init(&line, WIRE_LINE_MAX);
    wire_put_ended(&line, &end);
    peers_tell(r, buf_str(&line));
    buf_done(&line);
}

static void give_spare(struct runner *r, struct keeper_link *keeper)
{
    struct buf line;

    if (r->n_spare == 0)
        return;
    buf_init(&line, 256);
    wire_put_spare(&line, r->spare[--r->n_spare]);
    keeper_send(keeper, buf_str(&line));
    buf_done(&line);
}

void runner_attempt_begin(struct runner *r, const struct wire_message *m, struct str line)
{
    struct attempt_entry *entry = find(r, m->fence);
    bool is_doubtful = m->spec.resent && fences_is_doubtful(&r->fences, m->fence);
    struct err e = ERR_INIT;

    if (entry) {
        tell_again(r, entry);
        return;
    }
    if (fences_has(&r->fences, m->fence)) {
        refuse(r, m->fence);
        return;
    }
    entry = add_entry(r, m->fence);
    if (fences_add(&r->fences, m->fence, &e) != E_OK) {
        end_here(entry, ATTEMPT_NOT_STARTED, e.text);
    } else if (is_doubtful) {
        end_here(entry, ATTEMPT_LOST,
                 "the machine crashed, and the attempt may have been started before");
    } else if (m->is_refused) {
        err_set(&e, E_LIMIT, "could not start: %.*s", STR_ARG(m->spec.refusal));
        end_here(entry, ATTEMPT_NOT_STARTED, e.text);
    } else if (keeper_take(r, entry, &entry->keeper, &e) == E_OK) {
        entry->keeper_pid = entry->keeper->pid;
        give_spare(r, entry->keeper);
        keeper_send(entry->keeper, line);
    } else {
        end_here(entry, ATTEMPT_NOT_STARTED, e.text);
    }
}

void runner_attempt_kill(struct runner *r, uint64_t fence, struct dur grace)
{
    struct attempt_entry *entry = find(r, fence);
    struct err e = ERR_INIT;
    struct buf line;

    if (!entry && fences_has(&r->fences, fence)) {
        refuse(r, fence);
    } else if (!entry) {
        /* It was never begun here, and after this it must not be: who hears of its end sends no
         * begin any more, also where the fence could not be written. */
        if (fences_add(&r->fences, fence, &e) != E_OK)
            log_error("runner", "fence=%llu %s", (unsigned long long)fence, e.text);
        end_here(add_entry(r, fence), ATTEMPT_NOT_STARTED,
                 "a kill was asked for before the attempt was started");
    } else if (entry->ended.len > 0) {
        tell_again(r, entry);
    } else if (entry->keeper) {
        buf_init(&line, 256);
        wire_put_kill(&line, fence, grace);
        keeper_send(entry->keeper, buf_str(&line));
        buf_done(&line);
    } else if (entry->is_watched) {
        signal_keeper(entry, grace);
    } else {
        entry->kill_asked = true;
        entry->kill_grace = grace;
    }
}

/* The record is over; its file may serve a later attempt. */
static void keep_spare(struct runner *r, uint64_t fence)
{
    if (r->n_spare == RECORDS_SPARE_MAX)
        record_remove(fence);
    else if (record_make_spare(fence, ++r->next_spare))
        r->spare[r->n_spare++] = r->next_spare;
}

static void find_spare(struct runner *r, const char *name)
{
    uint64_t number = record_spare_number(name);

    if (number == RECORD_SPARE_NONE)
        return;
    if (number > r->next_spare)
        r->next_spare = number;
    if (r->n_spare < RECORDS_SPARE_MAX)
        r->spare[r->n_spare++] = number;
    else
        record_spare_remove(number);
}

void attempt_ack(struct runner *r, uint64_t fence)
{
    struct attempt_entry *entry = find(r, fence);

    if (!entry || entry->ended.len == 0)
        return;
    keep_spare(r, fence);
    pair_map_remove(&r->attempts, (struct pair_key){ fence, 0 });
    free_entry(entry);
}

/* Find out how it is with an attempt of an earlier runner.  True: it is to be told. */
static bool adopt(struct attempt_entry *entry)
{
    struct wire_message running = { .kind = WIRE_UNKNOWN }, ended = { .kind = WIRE_UNKNOWN };
    enum record_state state = RECORD_LOST;
    struct err e = ERR_INIT;
    struct arena arena;
    struct buf line;
    bool tell = true;

    arena_init(&arena);
    enum err_code rc = record_look(entry->fence, &arena, &state, &running, &ended, &e);
    if (rc != E_OK && rc != E_LIMIT) {
        look_later(entry, &e);
        arena_done(&arena);
        return false;
    }
    entry->is_unclear = state == RECORD_LIVE && running.kind != WIRE_RUNNING;
    if (running.kind == WIRE_RUNNING) {
        entry->is_running = true;
        entry->pid = running.pid;
        entry->keeper_pid = running.keeper_pid;
        entry->started_at = running.started_at;
    }
    if (state == RECORD_ENDED) {
        buf_init(&line, WIRE_LINE_MAX);
        wire_put_ended(&line, &ended.end);
        set_ended(entry, buf_str(&line));
        buf_done(&line);
    } else if (state == RECORD_LOST || state == RECORD_NONE) {
        tell = false; /* it tells by itself */
        end_lost(entry);
    } else if (!entry->is_unclear && !watch_keeper(entry, (pid_t)entry->keeper_pid)) {
        tell = false;
        on_keeper_death(entry); /* since we looked */
    }
    arena_done(&arena);
    return tell && !entry->is_unclear;
}

static void look_again(uv_timer_t *timer)
{
    struct runner *r = timer->data;
    struct pair_key key;
    size_t at = 0;
    void *value;
    bool more = false;

    while (pair_map_next(&r->attempts, &at, &key, &value)) {
        struct attempt_entry *entry = value;
        if (!entry->is_unclear)
            continue;
        if (adopt(entry))
            tell_again(r, entry);
        more = more || entry->is_unclear;
    }
    if (more)
        uv_timer_start(timer, look_again, LOOK_AGAIN_MS, 0);
}

static enum err_code adopt_fence(struct runner *r, uint64_t fence, struct err *e)
{
    if (!fences_has(&r->fences, fence)) {
        enum err_code rc = fences_add(&r->fences, fence, e);
        if (rc != E_OK)
            return rc;
    }
    adopt(add_entry(r, fence));
    return E_OK;
}

enum err_code attempts_adopt(struct runner *r, struct err *e)
{
    DIR *dir = opendir(RECORD_FOLDER);
    enum err_code rc = E_OK;
    struct dirent *item;
    uint64_t fence;

    uv_timer_init(&r->loop, &r->look_again);
    uv_timer_init(&r->loop, &r->sync);
    r->look_again.data = r->sync.data = r;

    if (!dir)
        return err_errno(e, E_IO, "read the folder " RECORD_FOLDER);
    while (rc == E_OK && (item = readdir(dir))) {
        find_spare(r, item->d_name);
        if (str_to_u64(str_from(item->d_name), &fence) && fence <= FENCE_MAX && !find(r, fence))
            rc = adopt_fence(r, fence, e);
    }
    closedir(dir);
    if (rc == E_OK)
        look_again(&r->look_again);
    return rc;
}

void attempts_free(struct runner *r)
{
    struct pair_key key;
    size_t at = 0;
    void *entry;

    while (pair_map_next(&r->attempts, &at, &key, &entry))
        free_entry(entry);
    pair_map_done(&r->attempts);
}
