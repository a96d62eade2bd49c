/* api/bucket.h - files in DATA/bucket, where they wait to be registered as resource files.
 *
 * docs/decisions/0026-resource-files.md.  A bucket is a folder that the operator makes; the one
 * called BUCKET_DEFAULT is made at the start.  Of a bucket a project has what is below
 * /datastudio/resource/<ProjectId>/.  These run on a gateway thread.  Error paths are the given
 * ones.
 */
#ifndef API_BUCKET_H
#define API_BUCKET_H

#include "engine/objects.h"

struct bucket_file {
    struct str project_id, bucket, path;   /* path: from '/' on */
    const char *bucket_field, *path_field; /* for errors */
};

/* Copy the file into an object.  E_RANGE: bucket, path, or not a regular file; E_MISSING: bucket or
 * file; E_LIMIT: it is too large. */
enum err_code bucket_take(const struct resource_files *f, const struct bucket_file *file,
                          struct arena *a, struct object *ret, struct err *e) MUST_USE;
/* Add bytes at its end, which must be at offset; 0 makes the file, or empties it first.  *ret_size:
 * what it has then.  As bucket_take; E_CONFLICT: its size is another; E_BUSY: another writes. */
enum err_code bucket_append(const struct resource_files *f, const struct bucket_file *file,
                            int64_t offset, struct str bytes, struct arena *a, int64_t *ret_size,
                            struct err *e) MUST_USE;

#endif
