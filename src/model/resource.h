/* model/resource.h - resource files: their names, their paths, and what tasks call them.
 *
 * docs/reference/semantics.md 10, docs/decisions/0026-resource-files.md.  To tasks a file of the
 * folder /a is /datastudio/resource/<ProjectId>/a/<name>; so is it called in a bucket.  Pure.
 */
#ifndef MODEL_RESOURCE_H
#define MODEL_RESOURCE_H

#include "base/arena.h"
#include "base/err.h"

/* Before the project's id. */
#define RESOURCE_PREFIX "/datastudio/resource/"

enum {
    RESOURCE_FILES_MAX = 5000, /* files, and as many folders, of a project */
    RESOURCE_NAME_BYTES = 255, /* of a name: what a file system takes */
    RESOURCE_REMOTE_MAX = 1200 /* bytes of a path in a bucket */
};

/* Of a file or a folder: what name_check_item allows, but not "." and "..", and at most
 * RESOURCE_NAME_BYTES.  E_RANGE under `path`, as the next ones. */
enum err_code resource_name_check(struct str name, const char *path, struct err *e) MUST_USE;
/* 1 to 63 of lower-case letters, digits, '-' and '.', not beginning with '.'. */
enum err_code resource_bucket_check(struct str bucket, const char *path, struct err *e) MUST_USE;
/* A file's path in a bucket: RESOURCE_PREFIX, the project's id, '/', parts that are names. */
enum err_code resource_remote_check(struct str remote, struct str project_id, const char *path,
                                    struct err *e) MUST_USE;

/* What tasks call the file with this path in the project. */
struct str resource_local_path(struct arena *a, struct str project_id, struct str path);
/* What stands behind the last '.' of a name, as a part of it; empty: there is none. */
struct str resource_extension(struct str name);
/* "512B", "1MB", "1.5GB". */
struct str resource_size_text(struct arena *a, int64_t bytes);

/* The text with every RESOURCE_PREFIX<project_id>/ replaced by folder/, where it is the beginning
 * of a path: no character of a name, '/', '}' or ')' stands before it.  What is not replaced is
 * borrowed. */
struct str resource_text(struct arena *a, struct str text, struct str project_id,
                         struct str folder);

#endif
