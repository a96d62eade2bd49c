/* backup.c - `weft backup`: a copy of a server's folder of data.
 *
 * The store, of one moment, between two copies of the objects (engine/objects.h); then what belongs
 * to it, by the numbers that it has given away: logs of later attempts are not of this store, and
 * its next attempts would write into them.  The numbers go along as used, so that a server which is
 * started in the copy never begins an attempt that the original has begun (I2); it is told that
 * they are lost.
 */
#include "backup.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "engine/objects.h"
#include "run/fences.h"
#include "run/logs.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"

struct backup {
    const char *data, *target; /* as they were given */
    const char *part;          /* where it is made; moved to target when it is whole */
    bool with_logs;
    struct arena arena;
    struct store_copy store;
    struct objects_copied objects;
    struct logs_copied logs;
    bool has_key;
};

static const char usage[] =
    "usage: weft backup [--data DIR] [--no-logs] NEW-DIR\n\n"
    "Copies the folder of data of a server, which may run meanwhile, into the new folder\n"
    "NEW-DIR: the store as of one moment, the resource files that it names, root.key, and the\n"
    "logs of its attempts (not with --no-logs).  The copy is checked, and is a folder of data "
    "itself: `weft serve --data`\n"
    "starts on it, or on a copy of it elsewhere.  What ran when it was made is lost there, and\n"
    "retried as its task says.\n\n"
    "--data is WEFT_DATA, or weft-data.  Run it as the server's user.\n";

static const char *below(struct backup *b, const char *folder, const char *name)
{
    return arena_printf(&b->arena, "%s/%s", folder, name).ptr;
}

static bool read_arguments(struct backup *b, int argc, char **argv)
{
    const char *data = env_get("WEFT_DATA");

    b->data = data && data[0] ? data : "weft-data";
    b->with_logs = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            b->data = argv[++i];
        else if (strcmp(argv[i], "--no-logs") == 0)
            b->with_logs = false;
        else if (argv[i][0] == '-' || argv[i][0] == '\0' || b->target)
            return false;
        else
            b->target = argv[i];
    }
    return b->target != NULL;
}

/* Where path is, whatever links lead there; of a folder that is still to be made, the nearest above
 * it that is there. */
static bool real_path(struct backup *b, const char *path, char ret[PATH_MAX])
{
    while (!realpath(path, ret)) {
        const char *slash = strrchr(path, '/');
        if (strcmp(path, ".") == 0 || strcmp(path, "/") == 0)
            return false;
        path = !slash          ? "."
               : slash == path ? "/"
                               : arena_cstr(&b->arena, str_make(path, (size_t)(slash - path)));
    }
    return true;
}

/* A copy in what it is a copy of would be copied along, and removed with it. */
static enum err_code check_outside(struct backup *b, struct err *e)
{
    char data[PATH_MAX], part[PATH_MAX];
    size_t n;

    if (!realpath(b->data, data) || !real_path(b, b->part, part))
        return E_OK; /* the store, or the folder, says what is wrong */
    n = strcmp(data, "/") == 0 ? 0 : strlen(data);
    if (strncmp(part, data, n) == 0 && (part[n] == '/' || part[n] == '\0'))
        return err_set(e, E_RANGE,
                       "%s is in the folder of data, %s: a backup is made outside of it", b->target,
                       data);
    return E_OK;
}

/* Neither may be there: a copy is never mixed with another, and nobody takes half a one for whole.
 */
static enum err_code make_folder(struct backup *b, struct err *e)
{
    struct str target = str_from(b->target);

    while (target.len > 1 && target.ptr[target.len - 1] == '/')
        target.len--;
    b->target = arena_cstr(&b->arena, target);
    b->part = arena_printf(&b->arena, "%s.part", b->target).ptr;
    if (file_exists(b->target))
        return err_set(e, E_EXISTS, "%s is there already: a backup is a new folder", b->target);
    if (file_exists(b->part))
        return err_set(
            e, E_EXISTS,
            "%s is there: a backup is being made, or one was interrupted; then remove it", b->part);
    enum err_code rc = check_outside(b, e);
    if (rc == E_OK)
        rc = dir_make(b->part, 0711, e);
    if (rc != E_OK)
        return rc;
    rc = check_outside(b, e); /* "new/../.." leads somewhere only now */
    if (rc != E_OK)
        rmdir(b->part);
    return rc;
}

static enum err_code copy_key(struct backup *b, struct err *e)
{
    int64_t bytes;
    enum err_code rc =
        file_copy(below(b, b->data, "root.key"), below(b, b->part, "root.key"), 0600, &bytes, e);

    b->has_key = rc == E_OK;
    return rc == E_MISSING ? E_OK : rc;
}

static enum err_code copy_runner(struct backup *b, struct err *e)
{
    const char *from = below(b, b->data, "runner"), *to = below(b, b->part, "runner");
    enum err_code rc = dir_make(to, 0711, e);

    if (rc == E_OK)
        rc = fences_make(below(b, to, "fences"), b->store.fence, e);
    if (rc == E_OK && b->with_logs)
        rc = dir_make(below(b, to, "logs"), 0700, e);
    if (rc == E_OK && b->with_logs)
        rc = logs_copy(from, to, b->store.fence, &b->logs, e);
    return rc;
}

static enum err_code copy_objects(struct backup *b, struct err *e)
{
    return objects_copy(below(b, b->data, "objects"), below(b, b->part, "objects"), &b->objects, e);
}

static enum err_code copy_all(struct backup *b, struct err *e)
{
    enum err_code rc = dir_make(below(b, b->part, "objects"), 0700, e);

    if (rc == E_OK)
        rc = copy_objects(b, e);
    if (rc == E_OK)
        rc = store_copy(below(b, b->data, "weft.db"), below(b, b->part, "weft.db"), &b->store, e);
    if (rc == E_OK)
        rc = copy_objects(b, e);
    if (rc == E_OK)
        rc = copy_key(b, e);
    if (rc == E_OK)
        rc = copy_runner(b, e);
    if (rc == E_OK)
        rc = file_sync_all(b->part, e);
    if (rc == E_OK && rename(b->part, b->target) != 0)
        rc = err_errno(e, E_IO, "moving %s to %s", b->part, b->target);
    if (rc == E_OK)
        rc = file_sync_all(b->target, e);
    return rc;
}

static void tell(const struct backup *b)
{
    printf("backup of %s in %s\n", b->data, b->target);
    printf("  store     %lld bytes, %lld commits, checked\n", (long long)b->store.bytes,
           (long long)b->store.commits);
    printf("  objects   of resource files: %lld, %lld bytes\n", (long long)b->objects.n,
           (long long)b->objects.bytes);
    printf("  root.key  %s\n",
           b->has_key ? "copied" : "not there: the server has its root key from its environment");
    if (b->with_logs)
        printf("  logs      of %lld attempts, %lld bytes\n", (long long)b->logs.n,
               (long long)b->logs.bytes);
    else
        printf("  logs      left out\n");
    printf("  running   %lld attempts, which a server started on the copy counts as lost\n",
           (long long)b->store.running);
}

int backup_main(int argc, char **argv)
{
    struct backup b = { .target = NULL };
    struct err e = ERR_INIT;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    if (!read_arguments(&b, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    arena_init(&b.arena);
    enum err_code rc = make_folder(&b, &e);
    if (rc == E_OK) {
        rc = copy_all(&b, &e);
        if (rc != E_OK && dir_remove_all(b.part, NULL) != E_OK)
            fprintf(stderr, "weft backup: %s could not be removed\n", b.part);
    }
    if (rc == E_OK)
        tell(&b);
    else
        fprintf(stderr, "weft backup: %s; there is no backup\n", e.text);
    arena_done(&b.arena);
    return rc == E_OK ? 0 : 1;
}
