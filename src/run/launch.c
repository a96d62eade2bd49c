/* run/launch.c - starts the program of an attempt.
 *
 * vfork: the child borrows our memory until it executes, which costs a fraction of fork.  So it may
 * only make system calls, and only write to its own stack and to `failed`.  Between its change of
 * user and the execution nobody of that user can attach to it: the kernel makes memory whose owner
 * changed undumpable.
 */
#include "run/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* "FROM-TO"; false: it is the name of a user. */
static bool parse_range(const char *name, int64_t *ret_from, int64_t *ret_to)
{
    struct str rest = str_from(name), from = str_split(&rest, '-');

    return rest.ptr && str_to_i64(from, ret_from) && str_to_i64(rest, ret_to);
}

static enum err_code range_find(int64_t from, int64_t to, struct launch_user *ret, struct err *e)
{
    if (from < 1 || to < from || to > INT32_MAX)
        return err_set(e, E_RANGE, "the users %lld-%lld are not a range from 1 on", (long long)from,
                       (long long)to);
    if (geteuid() != 0)
        return err_set(e, E_DENIED, "only root can run attempts as other users");
    *ret = (struct launch_user){ .change = true,
                                 .uid = (uid_t)from,
                                 .gid = (gid_t)from,
                                 .groups = { (gid_t)from },
                                 .n_groups = 1,
                                 .n_users = (uint32_t)(to - from + 1) };
    return E_OK;
}

void launch_user_of(const struct launch_user *all, uint64_t fence, struct launch_user *ret)
{
    *ret = *all;
    if (all->n_users == 0)
        return;
    ret->uid = all->uid + (uid_t)(fence % all->n_users);
    ret->gid = ret->groups[0] = (gid_t)ret->uid;
}

enum err_code launch_user_find(const char *name, bool as_root, struct launch_user *ret,
                               struct err *e)
{
    struct launch_user user = { .change = true, .n_groups = LAUNCH_GROUPS_MAX };
    const struct passwd *entry;
    int64_t from, to;

    if (!name && (as_root || geteuid() != 0)) {
        *ret = (struct launch_user){ .change = false, .uid = geteuid(), .gid = getegid() };
        return E_OK;
    }
    if (name && parse_range(name, &from, &to))
        return range_find(from, to, ret, e);
    name = name ? name : "nobody";
    /* cppcheck-suppress getpwnamCalled ; the runner has one thread */
    entry = getpwnam(name);
    if (!entry)
        return err_set(e, E_MISSING, "there is no user '%s' to run attempts as", name);
    user.uid = entry->pw_uid;
    user.gid = entry->pw_gid;
    if (user.uid == geteuid()) {
        user.change = false;
    } else if (geteuid() != 0) {
        return err_set(e, E_DENIED, "only root can run attempts as '%s'", name);
    }
    if (getgrouplist(name, user.gid, user.groups, &user.n_groups) < 0)
        return err_set(e, E_LIMIT, "the user '%s' is in more than %d groups", name,
                       LAUNCH_GROUPS_MAX);
    *ret = user;
    return E_OK;
}

struct failure {
    const char *step;
    int os_error;
};

/* Raw system calls: the C library's versions tell other threads, of which there are none. */
static bool become(const struct launch_user *user)
{
    return syscall(SYS_setgroups, (size_t)user->n_groups, user->groups) == 0 &&
           syscall(SYS_setresgid, user->gid, user->gid, user->gid) == 0 &&
           syscall(SYS_setresuid, user->uid, user->uid, user->uid) == 0;
}

static void offer_to_oom_killer(void)
{
    static const char score[] = "500";
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, score, sizeof(score) - 1) < 0) {
        /* benign: a wish */
    }
    close(fd);
}

/* Descriptors 0, 1, 2 in that order; the sources are above 2. */
static bool take_stdio(const struct launch *s)
{
    return dup2(s->in, 0) >= 0 && dup2(s->out, 1) >= 0 && dup2(s->err, 2) >= 0 &&
           syscall(SYS_close_range, 3U, ~0U, 0U) == 0;
}

_Noreturn static void run_child(const struct launch *s, pid_t parent,
                                volatile struct failure *failed)
{
    sigset_t none;
    const char *step = "setsid";

    if (setsid() < 0)
        goto out;
    offer_to_oom_killer();
    step = "standard input and output";
    if (!take_stdio(s))
        goto out;
    step = "limits";
    if (setrlimit(RLIMIT_NOFILE, s->files_max) != 0)
        goto out;
    step = "the change of user";
    if (s->user->change && !become(s->user))
        goto out;
    step = "the working directory";
    if (chdir(s->folder) != 0)
        goto out;
    umask(022);
    step = "no-new-privileges";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        goto out;
    if (getppid() != parent)
        _exit(127); /* the keeper died before its death would have been noticed */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(s->path, (char *const *)(uintptr_t)s->argv, (char *const *)(uintptr_t)s->envp);
    step = s->path;
out:
    failed->os_error = errno;
    failed->step = step;
    _exit(127);
}

enum err_code launch_start(const struct launch *s, pid_t *ret_pid, struct err *e)
{
    volatile struct failure failed = { NULL, 0 };
    pid_t parent = getpid();
    /* The child only makes system calls and execs; copying the page tables instead would cost more
     * than all the rest of a start.  posix_spawn cannot drop privileges or set no-new-privs. */
    pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

    if (pid == 0)
        run_child(s, parent, &failed); /* NOLINT(clang-analyzer-unix.Vfork) */
    if (pid < 0)
        return err_errno(e, E_IO, "start a process");
    if (failed.step) {
        waitpid(pid, NULL, 0);
        errno = failed.os_error;
        return err_errno(e, E_IO, "start the program: %s", failed.step);
    }
    *ret_pid = pid;
    return E_OK;
}
