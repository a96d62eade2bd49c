/* engine/objects.c - the folders of resource files, and the bytes that rows name. */
#include "engine/objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "engine/engine_int.h"
#include "sys/below.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/random.h"

enum { CHUNK = 256 << 10, SWEEP_LOOKS = 100 };

enum err_code resource_files_open(const char *data_dir, struct arena *a, struct resource_files *ret,
                                  struct err *e)
{
    struct resource_files f = RESOURCE_FILES_NONE;
    const char *tree = arena_printf(a, "%s/resources", data_dir).ptr;
    enum err_code rc = below_root(arena_printf(a, "%s/objects", data_dir).ptr, 0700, &f.objects, e);

    if (rc == E_OK)
        rc = below_root(arena_printf(a, "%s/bucket", data_dir).ptr, 0700, &f.bucket, e);
    /* Attempts pass through it; which projects there are, it does not tell them. */
    if (rc == E_OK)
        rc = below_root(tree, 0711, &f.tree, e);
    if (rc == E_OK)
        rc = below_path(f.tree, a, &f.folder, e);
    if (rc == E_OK)
        rc = below_folder(f.bucket, STR(BUCKET_DEFAULT), e);
    if (rc != E_OK) {
        resource_files_close(&f);
        return rc;
    }
    f.file_max = ret->file_max;
    f.project_max = ret->project_max;
    *ret = f;
    return E_OK;
}

void resource_files_close(struct resource_files *f)
{
    int *const all[] = { &f->objects, &f->bucket, &f->tree };

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (*all[i] >= 0)
            close(*all[i]);
        *all[i] = -1;
    }
}

/* ---- put ------------------------------------------------------------------------------------- */

static enum err_code copy(const struct resource_files *f, int from, int to, struct object *ret,
                          struct err *e)
{
    struct digest *d = digest_begin();
    char *chunk = mem_alloc(CHUNK);
    enum err_code rc = E_OK;
    int64_t size = 0;

    for (;;) {
        ssize_t n = read(from, chunk, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = err_errno(e, E_IO, "reading a file of the bucket");
        if (n <= 0)
            break;
        size += n;
        if (size > f->file_max)
            rc = err_set(e, E_LIMIT, "the file has more than %lld bytes", (long long)f->file_max);
        else if (!file_put(to, str_make(chunk, (size_t)n)))
            rc = err_errno(e, E_IO, "writing an object");
        if (rc != E_OK)
            break;
        digest_add(d, str_make(chunk, (size_t)n));
    }
    mem_free(chunk);
    ret->size = size;
    digest_end(d, ret->digest);
    return rc;
}

/* Give the copy its name; where that is taken, it is the same file, and is young again. */
static bool name_object(const struct resource_files *f, const char *spare, const char *digest)
{
    return (linkat(f->objects, spare, f->objects, digest, 0) == 0 ||
            (errno == EEXIST && utimensat(f->objects, digest, NULL, AT_SYMLINK_NOFOLLOW) == 0)) &&
           fsync(f->objects) == 0;
}

enum err_code object_put(const struct resource_files *f, int from, struct object *ret,
                         struct err *e)
{
    char id[UUID_LEN + 1], spare[UUID_LEN + 8];
    struct object made;

    random_uuid(id);
    snprintf(spare, sizeof(spare), "new-%s", id);
    int to = openat(f->objects, spare, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return err_errno(e, E_IO, "making an object");
    enum err_code rc = copy(f, from, to, &made, e);
    if (rc == E_OK &&
        !(fchmod(to, 0444) == 0 && fsync(to) == 0 && name_object(f, spare, made.digest)))
        rc = err_errno(e, E_IO, "writing an object");
    close(to);
    (void)unlinkat(f->objects, spare, 0);
    if (rc == E_OK)
        *ret = made;
    return rc;
}

static bool is_digest(struct str name)
{
    uint8_t bytes[OBJECT_DIGEST_LEN / 2];

    return name.len == OBJECT_DIGEST_LEN && hex_decode(name, bytes, sizeof(bytes));
}

enum err_code object_open(const struct resource_files *f, struct str digest, int *ret_fd,
                          struct err *e)
{
    int64_t size;
    enum err_code rc =
        is_digest(digest) ? below_open(f->objects, digest, ret_fd, &size, e) : E_MISSING;

    return rc == E_OK ? E_OK
                      : err_set(e, E_IO, "the bytes of a resource file are not there: %.*s",
                                STR_ARG(str_sub(digest, 0, OBJECT_DIGEST_LEN)));
}

bool object_there(const struct resource_files *f, struct str digest)
{
    char name[OBJECT_DIGEST_LEN + 1];
    struct stat st;

    if (!is_digest(digest))
        return false;
    memcpy(name, digest.ptr, OBJECT_DIGEST_LEN);
    name[OBJECT_DIGEST_LEN] = '\0';
    return fstatat(f->objects, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* ---- copy ------------------------------------------------------------------------------------ */

static enum err_code copy_one(const char *from, const char *to, const char *name,
                              struct objects_copied *ret, struct err *e)
{
    struct arena a;
    int64_t bytes = 0;
    enum err_code rc = E_OK;

    arena_init(&a);
    const char *source = arena_printf(&a, "%s/%s", from, name).ptr;
    const char *target = arena_printf(&a, "%s/%s", to, name).ptr;
    if (!file_exists(target)) {
        rc = file_copy(source, target, 0444, &bytes, e);
        ret->n += rc == E_OK;
        ret->bytes += rc == E_OK ? bytes : 0;
    }
    arena_done(&a);
    return rc == E_MISSING ? E_OK : rc; /* no row named it any more, and it was swept */
}

enum err_code objects_copy(const char *from, const char *to, struct objects_copied *ret,
                           struct err *e)
{
    DIR *dir = opendir(from);
    struct dirent *entry;
    enum err_code rc = E_OK;

    if (!dir) /* of before there were resource files */
        return errno == ENOENT ? E_OK : err_errno(e, E_IO, "opening %s", from);
    while (rc == E_OK && (entry = readdir(dir)) != NULL)
        if (is_digest(str_from(entry->d_name)))
            rc = copy_one(from, to, entry->d_name, ret, e);
    closedir(dir);
    return rc;
}

/* ---- sweep ----------------------------------------------------------------------------------- */

static bool is_named(struct engine *g, const char *digest)
{
    struct query q;
    bool named;

    query_init(&q, &table_resource);
    query_text(&q, RESOURCE_DIGEST, QUERY_EQ, str_from(digest));
    return query_any(engine_view(g), &q, &named, NULL) != E_OK || named;
}

static void look_at(struct engine *g, const char *name)
{
    int objects = g->config.resources->objects;
    struct stat st;

    if (fstatat(objects, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return;
    struct wall put = { (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000 };
    if (wall_sub(g->now, put).us <= OBJECT_REST.us)
        return;
    if (is_digest(str_from(name)) ? is_named(g, name) : strncmp(name, "new-", 4) != 0)
        return;
    if (unlinkat(objects, name, 0) == 0)
        log_debug("engine", "the object %s is named by no resource file and is gone", name);
}

bool objects_sweep(struct engine *g)
{
    DIR **dir = &g->sweeping;
    struct dirent *entry = NULL;

    if (!*dir) {
        int fd = openat(g->config.resources->objects, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (!*dir && fd >= 0)
            close(fd);
    }
    for (int i = 0; i < SWEEP_LOOKS && *dir && (entry = readdir(*dir)) != NULL; i++)
        look_at(g, entry->d_name);
    if (*dir && !entry) {
        closedir(*dir);
        *dir = NULL;
    }
    return *dir != NULL;
}
