/* sys/log.c - structured log lines on standard error. */
#include "sys/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/jw.h"
#include "sys/clock.h"

/* A message byte takes at most six bytes on the line, as \u00XX in JSON. */
enum { MESSAGE_MAX = 4096, LINE_LIMIT = 6 * MESSAGE_MAX + 1024 };

static _Atomic int threshold = LOG_INFO;
static _Atomic bool as_json = false;
static const char *const names[] = { "DEBUG", "INFO", "WARN", "ERROR" };

void log_set_level(enum log_level level)
{
    threshold = (int)level;
}

enum log_level log_get_level(void)
{
    return (enum log_level)threshold;
}

void log_set_json(bool json)
{
    as_json = json;
}

static void format_time(char out[32])
{
    int64_t us = clock_wall().us;
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    size_t len = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, 32 - len, ".%03dZ", (int)(us / 1000 % 1000));
}

/* What came from outside must not start a line of its own or move a terminal's cursor. */
static void write_text(struct buf *line, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\n')
            buf_add_c(line, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buf_printf(line, "\\x%02x", c);
        else
            buf_add_char(line, (char)c);
    }
}

static void write_plain(struct buf *line, const char *time, const char *level, const char *area,
                        struct str message)
{
    buf_printf(line, "%s %-5s %s: ", time, level, area);
    write_text(line, message);
}

static void write_json(struct buf *line, const char *time, const char *level, const char *area,
                       struct str message)
{
    struct jw w;

    jw_init(&w, line);
    jw_object(&w);
    jw_kcstr(&w, "time", time);
    jw_kcstr(&w, "level", level);
    jw_kcstr(&w, "area", area);
    jw_kstr(&w, "message", message);
    jw_object_end(&w);
}

void log_write(enum log_level level, const char *area, const char *fmt, ...)
{
    char time[32], text[MESSAGE_MAX];
    struct buf line;
    va_list ap;

    if ((int)level < threshold || level >= LOG_OFF)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    struct str message = str_whole(str_from(text));
    format_time(time);
    buf_init(&line, LINE_LIMIT);
    if (as_json)
        write_json(&line, time, names[level], area, message);
    else
        write_plain(&line, time, names[level], area, message);
    buf_add_char(&line, '\n');
    /* One write per line, so that lines of several threads do not mix.  A log that cannot be
     * written is no reason to stop. */
    ssize_t ignored = write(STDERR_FILENO, line.ptr, line.len);
    (void)ignored;
    buf_done(&line);
}
