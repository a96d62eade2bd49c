/* sys/file.h - whole files and folders, written so that a crash leaves the old or the new. */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Append the whole content to out; E_MISSING, E_LIMIT (over the limit of out), E_IO. */
enum err_code file_read(const char *path, struct buf *out, struct err *e) MUST_USE;
/* Replace path by content: temporary file (path.new, so one writer at a time), fsync, rename, fsync
 * of the folder. */
enum err_code file_write_atomic(const char *path, struct str content, unsigned mode,
                                struct err *e) MUST_USE;
/* The same without the fsyncs: survives the death of the process, not of the machine. */
enum err_code file_write_quick(const char *path, struct str content, unsigned mode,
                               struct err *e) MUST_USE;
/* Write all of it at the place where fd is; false: errno says why. */
bool file_put(int fd, struct str bytes) MUST_USE;
/* A new file `to` with what `from` has now, without waiting for the disk; *ret_bytes of it.
 * E_MISSING: there is no `from`; E_EXISTS: there is a `to`; after any other failure none is. */
enum err_code file_copy(const char *from, const char *to, unsigned mode, int64_t *ret_bytes,
                        struct err *e) MUST_USE;
/* Everything of the file system that holds path is on the disk. */
enum err_code file_sync_all(const char *path, struct err *e) MUST_USE;
/* Only its owner may read and write it from now on; no error when it is not there. */
enum err_code file_make_private(const char *path, struct err *e) MUST_USE;
/* Create path and its parents where they are missing. */
enum err_code dir_make(const char *path, unsigned mode, struct err *e) MUST_USE;
/* The same, and the names of those that it made are on the disk: for what keeps anything that was
 * acknowledged. */
enum err_code dir_make_durable(const char *path, unsigned mode, struct err *e) MUST_USE;
/* Remove a folder with all that is in it, however deep, without following links.  E_MISSING. */
enum err_code dir_remove_all(const char *path, struct err *e) MUST_USE;
/* The same for a folder that has this name in an open one. */
enum err_code dir_remove_all_at(int parent, const char *name, struct err *e) MUST_USE;
bool file_exists(const char *path);
/* Take an exclusive lock on path (created when missing) for the life of the returned descriptor.
 * E_BUSY: another process has it. */
enum err_code file_lock(const char *path, int *ret_fd, struct err *e) MUST_USE;

#endif
