/* run/job.c - what a keeper needs to start one attempt. */
#include "run/job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

enum { FOLDER_ROOM = 48 };

/* Names are TASK_PATH's folders in their order. */
static const char *find_program(const char *name, struct arena *a, struct err *e)
{
    struct str path = STR(TASK_PATH);

    if (strchr(name, '/'))
        return name;
    while (path.ptr) {
        struct str folder = str_split(&path, ':');
        struct str full = arena_printf(a, "%.*s/%s", STR_ARG(folder), name);
        if (access(full.ptr, X_OK) == 0)
            return full.ptr;
    }
    err_set(e, E_MISSING, "%s is not installed on this node (looked in %s)", name, TASK_PATH);
    return NULL;
}

static void folder_path(uint64_t fence, char path[FOLDER_ROOM])
{
    snprintf(path, FOLDER_ROOM, WORK_FOLDER "/%llu", (unsigned long long)fence);
}

static enum err_code fill_script(int fd, struct str code, struct err *e)
{
    return file_put(fd, code) ? E_OK : err_errno(e, E_IO, "write the script");
}

/* Users cannot write to it, and others cannot come near it: the folder is closed to them. */
static enum err_code new_script(const char *folder, const char *name, struct str code,
                                struct job_spare *spare, struct err *e)
{
    char path[FOLDER_ROOM + 32];
    struct stat st;
    enum err_code rc;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0 || fstat(fd, &st) != 0) {
        rc = err_errno(e, E_IO, "create the script %s", path);
    } else {
        spare->script_name = name;
        spare->device = st.st_dev;
        spare->script = st.st_ino;
        rc = fill_script(fd, code, e);
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

/* First the script, then the folder changes hands: while it is ours nobody can put a link in the
 * way. */
static enum err_code new_folder(const struct launch_user *user, const char *folder,
                                const char *script_name, struct str code, struct job_spare *spare,
                                struct err *e)
{
    enum err_code rc;

    if (mkdir(folder, 0700) != 0)
        return err_errno(e, E_IO, "make the folder %s", folder);
    rc = new_script(folder, script_name, code, spare, e);
    if (rc == E_OK && user->change && lchown(folder, user->uid, user->gid) != 0)
        rc = err_errno(e, E_IO, "give the folder %s to its user", folder);
    return rc;
}

/* Is the open file still the very script that we made, and reachable by this name only?  Its folder
 * belonged to the user, who may have put anything there. */
static bool is_our_script(int fd, const struct job_spare *spare)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_dev == spare->device &&
           st.st_ino == spare->script && st.st_nlink == 1 && st.st_uid == geteuid() &&
           (st.st_mode & 07777) == 0644;
}

/* Use the spare folder for this attempt.  False: it is not fit for it, and is gone.  It stands in a
 * folder of ours, so what its name leads to is it. */
static bool reuse_folder(const struct job_spare *spare, const struct launch_user *user,
                         const char *folder, const char *script_name, struct str code)
{
    char old[FOLDER_ROOM], path[FOLDER_ROOM + 32];
    bool ok = false;
    int fd;

    folder_path(spare->fence, old);
    snprintf(path, sizeof(path), "%s/%s", old, spare->script_name);
    fd = strcmp(spare->script_name, script_name) == 0
             ? open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
             : -1;
    if (fd >= 0) {
        ok = is_our_script(fd, spare) && fill_script(fd, code, NULL) == E_OK &&
             ftruncate(fd, (off_t)code.len) == 0 &&
             (user->n_users == 0 || lchown(old, user->uid, user->gid) == 0) &&
             renameat2(AT_FDCWD, old, AT_FDCWD, folder, RENAME_NOREPLACE) == 0;
        close(fd);
    }
    if (!ok && dir_remove_all(old, NULL) != E_OK) {
        /* benign: the next start of the runner tries again */
    }
    return ok;
}

static enum err_code make_folder(const struct launch_user *user, const char *folder,
                                 const char *script_name, const struct attempt_spec *spec,
                                 struct job_spare *spare, struct err *e)
{
    bool was_there = spare->is_there;

    spare->is_there = false;
    if (was_there && reuse_folder(spare, user, folder, script_name, spec->code))
        return E_OK;
    spare->script_name = NULL;
    return new_folder(user, folder, script_name, spec->code, spare, e);
}

static const char *variable(struct arena *a, const char *name, struct str value)
{
    ptrdiff_t nul = str_find_char(value, '\0'); /* an environment cannot hold it */

    if (nul >= 0)
        value.len = (size_t)nul;
    return arena_printf(a, "%s=%.*s", name, STR_ARG(value)).ptr;
}

void job_mark(const char *dir, uint64_t fence, struct buf *out)
{
    buf_printf(out, "WEFT_WORK=%s/" WORK_FOLDER "/%llu", dir, (unsigned long long)fence);
}

static const char *const *environment(const struct keeper_config *config,
                                      const struct attempt_spec *spec, struct arena *a)
{
    enum { N = 17 };
    const char **env = ARENA_ARRAY(a, const char *, N + 1);
    struct str mark;
    struct buf b;
    int n = 0;

    buf_init(&b, 8192);
    job_mark(config->dir, spec->fence, &b);
    mark = arena_str(a, buf_str(&b));
    buf_done(&b);

    env[n++] = "PATH=" TASK_PATH;
    env[n++] = "LANG=C.UTF-8";
    env[n++] = "SHELL=/bin/sh"; /* else a shell takes that of the account, often nologin */
    env[n++] = mark.ptr;
    env[n++] = variable(a, "HOME", str_sub(mark, strlen("WEFT_WORK="), mark.len));
    env[n++] = arena_printf(a, "WEFT_FENCE=%llu", (unsigned long long)spec->fence).ptr;
    env[n++] = variable(a, "WEFT_INSTANCE_KEY", spec->instance_key);
    env[n++] = variable(a, "WEFT_TASK_ID", spec->task_id);
    env[n++] = variable(a, "WEFT_TASK_NAME", spec->task_name);
    env[n++] = variable(a, "WEFT_PROJECT_ID", spec->project_id);
    env[n++] = variable(a, "WEFT_DATA_TIME", spec->data_time);
    env[n++] = variable(a, "WEFT_PLANNED_TIME", spec->planned_time);
    env[n++] = arena_printf(a, "WEFT_ROUND=%d", spec->round).ptr;
    env[n++] = arena_printf(a, "WEFT_ATTEMPT=%d", spec->number).ptr;
    env[n++] = variable(a, "WEFT_NODE", str_from(config->node));
    if (spec->resources.len > 0)
        env[n++] = variable(a, "WEFT_RESOURCES", spec->resources);
    check(n < N);
    return env;
}

enum err_code job_start(const struct keeper_config *config, const struct attempt_spec *spec,
                        const struct job_files *files, struct job_spare *spare, struct arena *a,
                        pid_t *ret_pid, struct err *e)
{
    const struct task_type *type = task_type_find(spec->type_id);
    char folder[FOLDER_ROOM];
    struct launch_user user;
    struct launch launch = { .folder = folder,
                             .in = files->null,
                             .out = files->out,
                             .err = files->err,
                             .user = &user,
                             .files_max = &config->files_max };
    struct task_command command;
    enum err_code rc;

    if (!type)
        return err_set(e, E_UNSUPPORTED, "tasks of type %d cannot run on this node", spec->type_id);
    rc = type->command(spec, &command, e);
    if (rc != E_OK)
        return rc;
    launch.path = find_program(command.argv[0], a, e);
    if (!launch.path || (command.needs && !find_program(command.needs, a, e)))
        return E_MISSING;
    folder_path(spec->fence, folder);
    launch_user_of(&config->user, spec->fence, &user);
    rc = make_folder(&user, folder, command.script_name, spec, spare, e);
    if (rc != E_OK)
        return rc;
    for (int i = 0; command.argv[i]; i++)
        if (strcmp(command.argv[i], "%s") == 0)
            command.argv[i] = command.script_name;
    launch.argv = command.argv;
    launch.envp = environment(config, spec, a);
    return launch_start(&launch, ret_pid, e);
}

/* Is nothing in the folder but the script, and is it as we made it? */
static bool is_fit(const struct keeper_config *config, uint64_t fence, const char *folder,
                   const struct job_spare *spare)
{
    struct launch_user user;
    struct dirent *entry;
    struct stat st;
    bool ok;
    DIR *dir;

    launch_user_of(&config->user, fence, &user);
    uid_t owner = user.change ? user.uid : geteuid();
    if (!spare->script_name || lstat(folder, &st) != 0 || !S_ISDIR(st.st_mode) ||
        st.st_uid != owner || (st.st_mode & 07777) != 0700)
        return false;
    dir = opendir(folder);
    ok = dir != NULL;
    while (ok && (entry = readdir(dir)))
        ok = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
             strcmp(entry->d_name, spare->script_name) == 0;
    if (dir)
        closedir(dir);
    return ok;
}

void job_clean(const struct keeper_config *config, uint64_t fence, struct job_spare *spare)
{
    char folder[FOLDER_ROOM];

    folder_path(fence, folder);
    if (spare && is_fit(config, fence, folder, spare)) {
        spare->is_there = true;
        spare->fence = fence;
    } else if (dir_remove_all(folder, NULL) != E_OK) {
        /* benign: missing when the attempt did not start; else the next start of the runner tries
         * again */
    }
}

void job_drop_spare(struct job_spare *spare)
{
    char folder[FOLDER_ROOM];

    if (!spare->is_there)
        return;
    spare->is_there = false;
    folder_path(spare->fence, folder);
    if (dir_remove_all(folder, NULL) != E_OK) {
        /* benign: as above */
    }
}
