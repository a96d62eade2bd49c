/* run/runner.c - the runner's process: its folder, lock, socket and signals. */
#include "run/runner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/record.h"
#include "run/runner_int.h"
#include "sys/file.h"
#include "sys/log.h"

struct pending_write {
    uv_write_t request;
    char bytes[];
};

static void on_written(uv_write_t *request, int status)
{
    (void)status; /* a broken stream is noticed where it is read */
    mem_free(CONTAINER_OF(request, struct pending_write, request));
}

void stream_send(uv_stream_t *stream, struct str bytes)
{
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes.ptr, (unsigned)bytes.len);
    int n = uv_is_closing((uv_handle_t *)stream) ? (int)bytes.len : uv_try_write(stream, &buf, 1);
    struct pending_write *w;

    if (n == (int)bytes.len)
        return;
    if (n > 0)
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    w = mem_alloc(sizeof(*w) + bytes.len);
    memcpy(w->bytes, bytes.ptr, bytes.len);
    buf = uv_buf_init(w->bytes, (unsigned)bytes.len);
    if (uv_write(&w->request, stream, &buf, 1, on_written) != 0)
        mem_free(w);
}

void stream_room(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
    struct runner *r = handle->loop->data;

    (void)size;
    *ret = uv_buf_init(r->chunk, RUNNER_READ_CHUNK);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct runner *r = handle->data;

    if (number != SIGCHLD) {
        uv_stop(&r->loop);
        return;
    }
    while (waitpid(-1, NULL, WNOHANG) > 0) {
        /* Keepers are noticed by their sockets; others are orphans of keepers that were killed. */
    }
}

static void watch_signals(struct runner *r)
{
    static const int numbers[] = { SIGTERM, SIGINT, SIGCHLD };
    const struct sigaction ignore = { .sa_handler = SIG_IGN };

    sigaction(SIGPIPE, &ignore, NULL); /* lint: no handler, and nothing that uv_signal could take */
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        uv_signal_init(&r->loop, &r->signals[i]);
        r->signals[i].data = r;
        check(uv_signal_start(&r->signals[i], on_signal, numbers[i]) == 0);
    }
}

enum { LOOK_AT_FOLDER_MS = 2000 };

/* Nobody finds a runner whose folder was deleted: it ends when nothing runs.  The locked file
 * tells; a folder that is only moved keeps it. */
static void look_at_folder(uv_timer_t *timer)
{
    struct runner *r = timer->data;
    struct stat st;

    if (fstat(r->lock_fd, &st) == 0 && st.st_nlink == 0 && r->attempts.len == 0) {
        log_warn("runner", "the folder %s was deleted", r->dir);
        uv_stop(&r->loop);
    }
}

static void watch_folder(struct runner *r)
{
    uv_timer_init(&r->loop, &r->look_at_folder);
    r->look_at_folder.data = r;
    uv_timer_start(&r->look_at_folder, look_at_folder, LOOK_AT_FOLDER_MS, LOOK_AT_FOLDER_MS);
}

/* Tell ext4 that what is below a folder is unrelated: its subfolders get places of their own, where
 * the logs of new attempts do not have to be squeezed between what others delete. */
static void spread_subfolders(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int flags;

    if (fd < 0)
        return;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
        flags |= FS_TOPDIR_FL;
        ioctl(fd, FS_IOC_SETFLAGS, &flags); /* benign: other file systems do not know it */
    }
    close(fd);
}

static enum err_code make_folders(struct runner *r, const char *dir, struct err *e)
{
    enum err_code rc = dir_make_durable(dir, 0711, e);
    char path[PATH_MAX];

    if (rc == E_OK && (chdir(dir) != 0 || !getcwd(path, sizeof(path))))
        rc = err_errno(e, E_IO, "enter the folder %s", dir);
    if (rc == E_OK)
        r->dir = mem_strdup(str_from(path));
    if (rc == E_OK)
        rc = dir_make(RECORD_FOLDER, 0700, e);
    if (rc == E_OK)
        rc = dir_make("logs", 0700, e);
    if (rc == E_OK)
        rc = dir_make(WORK_FOLDER, 0711, e);
    /* An attempt's user must be able to pass, not to look around. */
    if (rc == E_OK && (chmod(".", 0711) != 0 || chmod(WORK_FOLDER, 0711) != 0 ||
                       chmod("logs", 0700) != 0 || chmod(RECORD_FOLDER, 0700) != 0))
        rc = err_errno(e, E_IO, "set the permissions of the folders in %s", r->dir);
    if (rc == E_OK)
        spread_subfolders("logs");
    return rc;
}

/* Programs use absolute paths ($HOME), so say where they will not come through. */
static void warn_of_closed_parents(const struct runner *r)
{
    char path[PATH_MAX];
    struct stat st;

    if (!r->keeping.user.change || strlen(r->dir) >= sizeof(path))
        return;
    snprintf(path, sizeof(path), "%s", r->dir);
    for (char *slash = strrchr(path, '/'); slash && slash != path; slash = strrchr(path, '/')) {
        *slash = '\0';
        if (stat(path, &st) == 0 && !(st.st_mode & S_IXOTH) && st.st_uid != r->keeping.user.uid)
            log_warn("runner",
                     "attempts cannot pass the folder %s (mode %o): absolute paths below it, such "
                     "as $HOME, "
                     "do not work for them",
                     path, (unsigned)st.st_mode & 07777);
    }
}

/* Remove the working directories of attempts that are over, in a process of its own: it may take
 * long. */
static void clean_work(struct runner *r)
{
    DIR *dir = opendir(WORK_FOLDER);
    struct dirent *entry;
    struct buf stale;
    struct str rest;
    uint64_t fence;

    buf_init(&stale, (size_t)64 << 20);
    while (dir && (entry = readdir(dir))) {
        struct attempt_entry *a;
        if (!str_to_u64(str_from(entry->d_name), &fence))
            continue;
        a = pair_map_get(&r->attempts, (struct pair_key){ fence, 0 });
        if (!a || a->ended.len > 0)
            buf_printf(&stale, WORK_FOLDER "/%s%c", entry->d_name, '\0');
    }
    if (dir)
        closedir(dir);
    rest = buf_str(&stale);
    if (rest.len > 0 && fork() == 0) {
        while (rest.len > 0) {
            struct str path = str_split(&rest, '\0');
            if (dir_remove_all(path.ptr, NULL) != E_OK)
                continue; /* benign: the next start tries again */
        }
        _exit(0);
    }
    buf_done(&stale);
}

static void configure(struct runner *r, const struct runner_config *config)
{
    static char node[HOST_NAME_MAX + 1];
    struct rlimit all;

    if (gethostname(node, sizeof(node) - 1) != 0)
        memcpy(node, "localhost", sizeof("localhost"));
    r->keeping.node = node;
    r->keeping.dir = r->dir;
    r->keeping.log_bytes_max =
        config->log_bytes_max > 0 ? config->log_bytes_max : RUNNER_LOG_BYTES_MAX;
    /* We hold a descriptor for each attempt; attempts get the limit that we got. */
    check(getrlimit(RLIMIT_NOFILE, &r->keeping.files_max) == 0);
    all = r->keeping.files_max;
    all.rlim_cur = all.rlim_max;
    setrlimit(RLIMIT_NOFILE, &all);
}

static enum err_code start(struct runner *r, const struct runner_config *config, struct err *e)
{
    enum err_code rc = launch_user_find(config->run_as, config->as_root_user, &r->keeping.user, e);

    if (rc == E_OK)
        rc = make_folders(r, config->dir, e);
    if (rc == E_OK)
        rc = file_lock("runner.lock", &r->lock_fd, e);
    if (rc != E_OK)
        return rc;
    configure(r, config);
    rc = fences_open(&r->fences, "fences", e);
    if (rc == E_OK)
        rc = attempts_adopt(r, e);
    if (rc != E_OK)
        return rc;
    warn_of_closed_parents(r);
    clean_work(r);
    watch_folder(r);
    return peers_listen(r, e);
}

/* Standard descriptors must exist, as the numbers 0 to 2 are taken for granted; all others are not
 * ours. */
static void settle_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2);
    syscall(SYS_close_range, 3U, ~0U, 0U);
}

int runner_main(const struct runner_config *config)
{
    static struct runner process; /* what is not freed at the end goes with the process */
    struct runner *r = &process;
    struct err e = ERR_INIT;

    settle_descriptors();
    umask(077);
    prctl(PR_SET_NAME, "weft-runner");
    /* What a killed keeper leaves comes to us, and not to an init that may not exist. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    check(uv_loop_init(&r->loop) == 0);
    r->loop.data = r;
    r->chunk = mem_alloc(RUNNER_READ_CHUNK);
    r->fences.fd_ = r->lock_fd = -1;
    pair_map_init(&r->attempts);
    list_init(&r->idle);
    list_init(&r->peers);
    watch_signals(r);
    if (start(r, config, &e) != E_OK) {
        log_error("runner", "cannot start in %s: %s", config->dir, e.text);
        return e.code == E_BUSY ? 3 : 1;
    }
    log_info("runner", "ready in %s, pid %d", r->dir, (int)getpid());
    uv_run(&r->loop, UV_RUN_DEFAULT);
    log_info("runner", "ending; attempts go on");
    unlink("runner.sock");
    attempts_free(r);
    fences_close(&r->fences);
    return 0;
}
