/* sys/log.h - structured log lines on standard error.
 *
 * One line per event: time, level, area, message, then key=value pairs given in the message.
 * Control characters in the message are escaped, so that one event stays one line.
 * Any thread.  Lower layers return errors instead of logging; who decides, logs once.
 */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/mem.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };

void log_set_level(enum log_level level);          /* default LOG_INFO */
enum log_level log_get_level(void);
/* Lines go to standard error; with json each is one JSON object (time, level, area, message). */
void log_set_json(bool json);
void log_write(enum log_level level, const char *area, const char *fmt, ...) PRINTF(3, 4);
#define log_debug(area, ...) \
    (log_get_level() <= LOG_DEBUG ? log_write(LOG_DEBUG, area, __VA_ARGS__) : (void)0)
#define log_info(area, ...)  log_write(LOG_INFO, area, __VA_ARGS__)
#define log_warn(area, ...)  log_write(LOG_WARN, area, __VA_ARGS__)
#define log_error(area, ...) log_write(LOG_ERROR, area, __VA_ARGS__)

#endif
