/* store/sqlite_file.h - the files of the store seen from outside: are they whole, and still ours?
 *
 * SQLite keeps a store whole through every crash, but believes the files that it finds.  A log that
 * was removed or is damaged reads like one that ended earlier; an empty file is a new database; a
 * file that was removed while it is open takes every write, and they are gone with the process.
 * Each would be acknowledged writes that are lost without a word (I6).  So:
 *
 * The mark.  Every commit that changes something counts itself in the store, and afterwards, when
 * it is durable, the count is written into PATH.mark, in place and without waiting for the disk.
 * The mark thus never says more than the store holds; a store that holds less than its mark has
 * lost something, and is not opened.
 *
 * The watch.  Before each transaction and before a commit is acknowledged the files at their paths
 * must be those that were opened, and no shorter than they were.
 *
 * Between commits nobody else writes to the files, so their length is known.
 */
#ifndef STORE_SQLITE_FILE_H
#define STORE_SQLITE_FILE_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

struct store_files {
    char *path, *wal_path, *mark_path;   /* owned */
    int lock_fd, db_fd, shm_fd, mark_fd; /* -1: not open */
    int64_t promised;                    /* commits that the mark says there are; -1: no mark */
    struct stat db, wal;                 /* as they were opened */
    int64_t db_bytes, wal_bytes;         /* as they were after the newest commit; the writer's */
};

/* Lock PATH for this process and look at its files before SQLite does; a database that was never
 * there is made, empty.  E_BUSY: another server has it.  E_CORRUPT: it is not a database, or gone
 * although there was one; nothing was changed. */
enum err_code store_files_open(struct store_files *f, const char *path, struct err *e) MUST_USE;
/* What the mark beside the database of this path promises, for who only reads it. */
enum err_code store_files_promised(const char *path, int64_t *ret, struct err *e) MUST_USE;
/* After SQLite has closed the database. */
void store_files_close(struct store_files *f);
/* The store counts this many commits (-1: it does not count).  E_CORRUPT: it has lost some. */
enum err_code store_files_judge(const struct store_files *f, int64_t commits,
                                struct err *e) MUST_USE;
/* The database is open and its log is there: make the mark, and remember the files. */
enum err_code store_files_begin(struct store_files *f, int64_t commits, struct err *e) MUST_USE;
/* E_IO: a file was removed or replaced while it was open; E_OK again when it is back.  Any thread.
 */
enum err_code store_files_same(const struct store_files *f, struct err *e) MUST_USE;
/* The same, and E_IO also when one was cut short; the writer's, outside of a transaction. */
enum err_code store_files_check(const struct store_files *f, struct err *e) MUST_USE;
/* The commit of this number is durable.  E_IO: but in a file that is not there any more, so nobody
 * may be told. */
enum err_code store_files_committed(struct store_files *f, int64_t commits, struct err *e) MUST_USE;

#endif
