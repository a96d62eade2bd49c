/* job.c - what a keeper needs to start one attempt. */
#include "run/job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

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

static enum err_code write_script(const char *path, struct str code, struct err *e)
{
    /* Others cannot come near it: the folder is closed to them. */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

    if (fd < 0)
        return err_errno(e, E_IO, "create the script %s", path);
    while (code.len > 0) {
        ssize_t n = write(fd, code.ptr, code.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            enum err_code rc = err_errno(e, E_IO, "write the script %s", path);
            close(fd);
            return rc;
        }
        code = str_sub(code, (size_t)n, code.len);
    }
    close(fd);
    return E_OK;
}

/* First the script, then the folder changes hands: while it is ours nobody can put a link in the way. */
static enum err_code make_folder(const struct keeper_config *config, const char *folder, const char *script_name,
                                 const struct attempt_spec *spec, struct arena *a, struct err *e)
{
    struct str path = arena_printf(a, "%s/%s", folder, script_name);
    enum err_code rc;

    if (mkdir(folder, 0700) != 0)
        return err_errno(e, E_IO, "make the folder %s", folder);
    rc = write_script(path.ptr, spec->code, e);
    if (rc == E_OK && config->user.change && chown(folder, config->user.uid, config->user.gid) != 0)
        rc = err_errno(e, E_IO, "give the folder %s to its user", folder);
    return rc;
}

static const char *variable(struct arena *a, const char *name, struct str value)
{
    ptrdiff_t nul = str_find_char(value, '\0');      /* an environment cannot hold it */

    if (nul >= 0)
        value.len = (size_t)nul;
    return arena_printf(a, "%s=%.*s", name, STR_ARG(value)).ptr;
}

void job_mark(const char *dir, uint64_t fence, struct buf *out)
{
    buf_printf(out, "WEFT_WORK=%s/" WORK_FOLDER "/%llu", dir, (unsigned long long)fence);
}

static const char *const *environment(const struct keeper_config *config, const struct attempt_spec *spec,
                                      struct arena *a)
{
    enum { N = 15 };
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
    check(n < N);
    return env;
}

enum err_code job_start(const struct keeper_config *config, const struct attempt_spec *spec,
                        const struct job_files *files, struct arena *a, pid_t *ret_pid, struct err *e)
{
    const struct task_type *type = task_type_find(spec->type_id);
    struct str folder = arena_printf(a, WORK_FOLDER "/%llu", (unsigned long long)spec->fence);
    struct launch launch = { .folder = folder.ptr, .in = files->null, .out = files->out, .err = files->err,
                           .user = &config->user, .files_max = &config->files_max };
    struct task_command command;
    enum err_code rc;

    if (!type)
        return err_set(e, E_UNSUPPORTED, "tasks of type %d cannot run on this node", spec->type_id);
    rc = type->command(spec, &command, e);
    if (rc != E_OK)
        return rc;
    launch.path = find_program(command.argv[0], a, e);
    if (!launch.path)
        return E_MISSING;
    rc = make_folder(config, folder.ptr, command.script_name, spec, a, e);
    if (rc != E_OK)
        return rc;
    for (int i = 0; command.argv[i]; i++)
        if (strcmp(command.argv[i], "%s") == 0)
            command.argv[i] = command.script_name;
    launch.argv = command.argv;
    launch.envp = environment(config, spec, a);
    return launch_start(&launch, ret_pid, e);
}

void job_clean(uint64_t fence)
{
    struct buf path;

    buf_init(&path, 64);
    buf_printf(&path, WORK_FOLDER "/%llu", (unsigned long long)fence);
    if (dir_remove_all(path.ptr, NULL) != E_OK) {
        /* benign: missing when the attempt did not start; else the next start of the runner tries again */
    }
    buf_done(&path);
}
