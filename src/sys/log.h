/* sys/log.h - structured log lines on standard error.
 *
 * One line per event, as logfmt or as JSON: time (UTC), level, area, the message, the fields of the
 * event, and what the thread works for.  What came from outside is quoted and escaped, so that one
 * event stays one line and no value can pass for a field.  Keys and code are in none of them.
 * Any thread.  Lower layers return errors instead of logging; who decides, logs once.
 */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/mem.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

void log_set_level(enum log_level level); /* default LOG_INFO */
enum log_level log_get_level(void);
/* Lines go to standard error: `time=... level=WARN area=store msg="..." key=value`, or with json
 * one JSON object of the same members, the message as "message". */
void log_set_json(bool json);
/* The calling thread works for this request until it says NULL; its lines have it as "request".
 * Borrowed. */
void log_set_request(const char *request_id);

/* A member of an event's own.  name: a constant, lower case. */
struct log_field {
    const char *name;
    struct str text; /* ptr NULL: the number counts */
    int64_t number;
};
#define LOG_TEXT(name, text)                                                                       \
    {                                                                                              \
        name, text, 0                                                                              \
    }
#define LOG_NUMBER(name, number)                                                                   \
    {                                                                                              \
        name, { NULL, 0 }, number                                                                  \
    }
void log_event(enum log_level level, const char *area, const char *message,
               const struct log_field *fields, size_t n);
void log_write(enum log_level level, const char *area, const char *fmt, ...) PRINTF(3, 4);
#define log_debug(area, ...)                                                                       \
    (log_get_level() <= LOG_DEBUG ? log_write(LOG_DEBUG, area, __VA_ARGS__) : (void)0)
#define log_info(area, ...) log_write(LOG_INFO, area, __VA_ARGS__)
#define log_warn(area, ...) log_write(LOG_WARN, area, __VA_ARGS__)
#define log_error(area, ...) log_write(LOG_ERROR, area, __VA_ARGS__)

#endif
