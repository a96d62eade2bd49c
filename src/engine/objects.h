/* engine/objects.h - the folders of resource files, and the bytes that rows name.
 *
 * docs/decisions/0026-resource-files.md.  DATA/bucket holds what is uploaded or copied there.  What
 * is registered is copied from it into an object, DATA/objects/<SHA-256>, which never changes, and
 * which the row names.  DATA/resources is what tasks see: a second name of the object, where the
 * rows say (resource_tree.h).
 *
 * An object goes only on the engine thread, between transactions, when no committed row names it
 * and it was not put for OBJECT_REST.  A command that is to name one looks on that thread whether
 * it is there (object_there), so what a row names stays.
 */
#ifndef ENGINE_OBJECTS_H
#define ENGINE_OBJECTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"

struct engine;

/* Constant after it is opened. */
struct resource_files {
    int objects, bucket, tree;     /* open folders */
    struct str folder;             /* DATA/resources, absolute */
    int64_t file_max, project_max; /* bytes of a file; of all files of a project */
};

#define BUCKET_DEFAULT "weft" /* is always there */

enum { OBJECT_DIGEST_LEN = 64 };
#define OBJECT_REST DUR_S(3600)

struct object {
    char digest[OBJECT_DIGEST_LEN + 1];
    int64_t size;
};

#define RESOURCE_FILES_NONE                                                                        \
    {                                                                                              \
        .objects = -1, .bucket = -1, .tree = -1                                                    \
    }
/* The limits of *ret stay.  Text from `a`.  E_IO. */
enum err_code resource_files_open(const char *data_dir, struct arena *a, struct resource_files *ret,
                                  struct err *e) MUST_USE;
void resource_files_close(struct resource_files *f);

/* Copy what can be read from `from` into an object, durably.  Any thread.  E_LIMIT: more than
 * file_max bytes. */
enum err_code object_put(const struct resource_files *f, int from, struct object *ret,
                         struct err *e) MUST_USE;
/* For reading.  Any thread.  E_IO: it is not there, or is no digest. */
enum err_code object_open(const struct resource_files *f, struct str digest, int *ret_fd,
                          struct err *e) MUST_USE;
/* Any thread; to rely on it, the engine thread. */
bool object_there(const struct resource_files *f, struct str digest);

/* Copy the objects of one folder DATA/objects into another, those that are not there.  For a
 * backup, before the store is copied and once more behind it: an object that the copy names was
 * there at the first time, or is younger than OBJECT_REST at the second.  The figures are added up.
 */
struct objects_copied {
    int64_t n, bytes;
};
enum err_code objects_copy(const char *from, const char *to, struct objects_copied *ret,
                           struct err *e) MUST_USE;

/* Engine thread, between transactions: a bounded step over the objects.  True: there are more. */
bool objects_sweep(struct engine *g);

#endif
