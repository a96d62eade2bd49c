/* run/launch.h - starts the program of an attempt: another user, a clean environment, nothing
 * inherited. */
#ifndef RUN_LAUNCH_H
#define RUN_LAUNCH_H

#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"

enum { LAUNCH_GROUPS_MAX = 64 };

/* Who attempts run as. */
struct launch_user {
    bool change; /* false: as ourselves */
    uid_t uid;
    gid_t gid;
    gid_t groups[LAUNCH_GROUPS_MAX];
    int n_groups;
    uint32_t n_users; /* of a range that begins with uid; 0: one user for all */
};

/* The user for attempts (runner.h).  name: of a user; or a range of numbers
 * "2000000000-2000065535", of which every attempt gets one of its own, as user and as group, so
 * that attempts cannot touch each other.  E_MISSING: no such user; E_DENIED: only root can change;
 * E_RANGE: not a range. */
enum err_code launch_user_find(const char *name, bool as_root, struct launch_user *ret,
                               struct err *e) MUST_USE;
/* The one of a range that a fence has.  Two attempts share it only when their fences are a whole
 * number of ranges apart. */
void launch_user_of(const struct launch_user *all, uint64_t fence, struct launch_user *ret);

struct launch {
    const char *path; /* of the executable */
    const char *const *argv, *const *envp;
    const char *folder; /* working directory */
    int in, out, err;   /* become 0, 1, 2; every other descriptor is closed */
    const struct launch_user *user;
    const struct rlimit *files_max;
};

/* Start it in a session of its own, with default signals and umask 022, unable to gain privileges,
 * first in line for the kernel's OOM killer, and to be killed with its keeper.  The caller is
 * single-threaded. */
enum err_code launch_start(const struct launch *s, pid_t *ret_pid, struct err *e) MUST_USE;

#endif
