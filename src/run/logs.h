/* run/logs.h - reading the log of an attempt, also while it grows.
 *
 * A log line in the file is "yyyy-MM-dd HH:mm:ss.mmm LEVEL text" (UTC+8 as WeData prints it), one
 * per line of output; LEVEL is INFO for standard output, ERROR for standard error, or the level
 * word with which the program itself began the line.  A cursor is a byte offset.  Any thread.
 */
#ifndef RUN_LOGS_H
#define RUN_LOGS_H

#include "base/buf.h"
#include "base/err.h"

enum log_filter {
    LOG_FILTER_ALL,
    LOG_FILTER_DEBUG,
    LOG_FILTER_INFO,
    LOG_FILTER_WARN,
    LOG_FILTER_ERROR
};

/* Path of the log of an attempt below the runner's folder. */
void logs_path(const char *runner_dir, uint64_t fence, struct buf *ret_path);

struct logs_copied {
    int64_t n, bytes;
};
/* Copy the logs of all fences below `end` into the folder of another runner, without waiting for
 * the disk.  What is removed meanwhile is left out; E_EXISTS: one is there already. */
enum err_code logs_copy(const char *runner_dir, const char *to_runner_dir, uint64_t end,
                        struct logs_copied *ret, struct err *e) MUST_USE;

struct logs_page {
    int64_t next; /* cursor behind the last line read */
    bool at_end;  /* nothing more in the file now */
};
/* Append whole lines from cursor on that pass the filter, at most about bytes_max of the file.  A
 * file that does not exist yet gives nothing, at_end.  A cursor inside a line begins at the next
 * line. */
enum err_code logs_read(const char *runner_dir, uint64_t fence, int64_t cursor,
                        enum log_filter filter, size_t bytes_max, struct buf *out,
                        struct logs_page *ret, struct err *e) MUST_USE;

#endif
