/* sys/below.h - files below an open folder, by paths that others chose.
 *
 * A path is "a/b/c", without "", ".", ".." and NUL as parts; else E_RANGE.  No part of it may be a
 * link: links are never followed (E_DENIED), so nothing outside the folder is reached, whoever
 * changes what is in it meanwhile.  Any thread.
 */
#ifndef SYS_BELOW_H
#define SYS_BELOW_H

#include "base/err.h"
#include "base/str.h"

enum { BELOW_PATH_MAX = 2048 }; /* bytes; longer is E_RANGE */

/* Open a folder of ours, made where it is missing, for good. */
enum err_code below_root(const char *path, unsigned mode, int *ret_fd, struct err *e) MUST_USE;
/* Where the folder is: its absolute path, from `a`. */
struct arena;
enum err_code below_path(int root, struct arena *a, struct str *ret, struct err *e) MUST_USE;
/* Is there a folder with this path?  False too when it cannot be seen. */
bool below_is_folder(int root, struct str path);
/* A regular file for reading.  E_MISSING; E_DENIED: it is something else. */
enum err_code below_open(int root, struct str path, int *ret_fd, int64_t *ret_size,
                         struct err *e) MUST_USE;
/* Add bytes at the end of a file and make that durable; the file and its folders are made where
 * they are missing.  offset must be its size (E_STALE, *ret_size: what it is); 0 empties it first.
 * E_BUSY: another is writing to it. */
enum err_code below_append(int root, struct str path, int64_t offset, struct str bytes,
                           int64_t *ret_size, struct err *e) MUST_USE;
/* Make a folder with its parents, mode 0755; no error when it is there. */
enum err_code below_folder(int root, struct str path, struct err *e) MUST_USE;
/* Put a second name of a file into an existing folder, in one step in the place of what has that
 * name.  `spare` is a name in root that nobody else uses.  No error when it is that file already.
 */
enum err_code below_link(int from, const char *name, int root, struct str path, const char *spare,
                         struct err *e) MUST_USE;
/* E_EXISTS: something that is not an empty folder is there. */
enum err_code below_move(int root, struct str from, struct str to, struct err *e) MUST_USE;
/* A file, or a folder with all that is in it; no error when nothing is there. */
enum err_code below_remove(int root, struct str path, struct err *e) MUST_USE;

struct below_entry {
    struct str path; /* from root on; valid during the call */
    bool is_folder, is_file;
    int64_t size; /* of a file */
};
/* Every entry below a folder (path empty: below root), parents first; false stops.  `each` may
 * remove the entry, and what is in it is then not visited.  No error when there is no such folder.
 */
typedef bool below_each(void *ctx, const struct below_entry *entry);
enum err_code below_walk(int root, struct str path, below_each *each, void *ctx,
                         struct err *e) MUST_USE;

#endif
