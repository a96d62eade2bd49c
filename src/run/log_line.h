/* run/log_line.h - the form of a line in an attempt's log, for who writes and who reads it.
 *
 * "yyyy-MM-dd HH:mm:ss.mmm LEVEL text\n", the time in UTC+8 as WeData prints it.  The text is the
 * program's own line, byte for byte, also when it begins with a time or a level of its own.
 */
#ifndef RUN_LOG_LINE_H
#define RUN_LOG_LINE_H

#include "base/buf.h"
#include "base/instant.h"

enum log_word {
    LOG_WORD_DEBUG,
    LOG_WORD_INFO,
    LOG_WORD_WARN,
    LOG_WORD_ERROR,
    LOG_WORD_FATAL,
    LOG_WORD_N_
};
enum { LOG_TIME_LEN = 23, LOG_PREFIX_MAX = 32 };

/* "yyyy-MM-dd HH:mm:ss.mmm" into out, which holds LOG_TIME_LEN bytes; not terminated. */
void log_time_print(struct wall at, char *out);
/* Append time, level and one space. */
void log_prefix_add(struct buf *out, struct wall at, enum log_word level);
/* The level word with which a program began its line: DEBUG, INFO, WARN, WARNING, ERROR or FATAL,
 * perhaps in brackets, perhaps behind a time; otherwise usual. */
enum log_word log_word_detect(struct str text, enum log_word usual);
/* The level of a line of a log; LOG_WORD_N_ when it has not the form. */
enum log_word log_word_of_line(struct str line);

#endif
