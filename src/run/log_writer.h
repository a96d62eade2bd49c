/* run/log_writer.h - writes the log of one attempt: cuts output into lines and gives each its time
 * and level.
 *
 * Memory is bounded: an unfinished line is held back until its newline comes, at most LOG_LINE_MAX
 * bytes of it; a longer one becomes several.  Past bytes_max the output is counted and dropped, and
 * the log says so. A log that cannot be written (disk full) does not stop the program; the loss is
 * counted and remembered.
 */
#ifndef RUN_LOG_WRITER_H
#define RUN_LOG_WRITER_H

#include "base/err.h"
#include "run/log_line.h"

enum { LOG_LINE_MAX = 64 << 10 };

struct log_stream {
    struct buf partial_;
    enum log_word usual_;
};
struct log_writer {
    int fd_;
    struct buf pending_; /* whole lines, not yet in the file */
    struct log_stream streams_[2];
    int64_t bytes_, bytes_max_;
    int64_t dropped; /* bytes of output that are not in the log */
    int os_error;    /* of the first failed write, or 0 */
    bool full_;
};

/* Opens (creates) the log, its folder too, readable for the owner only. */
enum err_code log_writer_open(struct log_writer *w, const char *path, int64_t bytes_max,
                              struct err *e) MUST_USE;
/* Bytes that the program wrote to its standard output (0) or standard error (1). */
void log_writer_add(struct log_writer *w, int stream, struct str bytes, struct wall now);
/* A line of our own.  It is written also when the log is full. */
void log_writer_say(struct log_writer *w, enum log_word level, struct wall now, const char *fmt,
                    ...) PRINTF(4, 5);
/* Hand what is pending to the file. */
void log_writer_flush(struct log_writer *w);
/* Finish the last lines, which may lack a newline. */
void log_writer_finish(struct log_writer *w, struct wall now);
void log_writer_close(struct log_writer *w);

#endif
