/* sys/log.c - structured log lines on standard error. */
#include "sys/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/jw.h"
#include "sys/clock.h"

/* A message byte takes at most six bytes on the line, as \u00XX in JSON; the rest is for fields. */
enum { MESSAGE_MAX = 4096, LINE_LIMIT = 64 << 10 };

static _Atomic int threshold = LOG_INFO;
static _Atomic bool as_json = false;
static const char *const names[] = { "DEBUG", "INFO", "WARN", "ERROR" };
static _Thread_local const char *request;

struct event {
    char time[32];
    enum log_level level;
    const char *area;
    struct str message;
    const struct log_field *fields;
    size_t n;
};

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

void log_set_request(const char *request_id)
{
    request = request_id;
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

/* What came from outside must not start a line of its own, end its value or move a terminal's
 * cursor. */
static void write_quoted(struct buf *line, struct str text)
{
    buf_add_char(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\n')
            buf_add_c(line, "\\n");
        else if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(line, "\\x%02x", c);
        else
            buf_add_char(line, (char)c);
    }
    buf_add_char(line, '"');
}

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
            return false;
    }
    return text.len > 0;
}

static void write_logfmt(struct buf *line, const struct event *v)
{
    buf_printf(line, "time=%s level=%s area=%s msg=", v->time, names[v->level], v->area);
    write_quoted(line, v->message);
    for (size_t i = 0; i < v->n; i++) {
        const struct log_field *f = &v->fields[i];
        buf_printf(line, " %s=", f->name);
        if (!f->text.ptr)
            buf_add_i64(line, f->number);
        else if (is_plain(f->text))
            buf_add_str(line, f->text);
        else
            write_quoted(line, f->text);
    }
    if (request)
        buf_printf(line, " request=%s", request);
}

static void write_json(struct buf *line, const struct event *v)
{
    struct jw w;

    jw_init(&w, line);
    jw_object(&w);
    jw_kcstr(&w, "time", v->time);
    jw_kcstr(&w, "level", names[v->level]);
    jw_kcstr(&w, "area", v->area);
    jw_kstr(&w, "message", v->message);
    for (size_t i = 0; i < v->n; i++)
        if (v->fields[i].text.ptr)
            jw_kstr(&w, v->fields[i].name, v->fields[i].text);
        else
            jw_ki64(&w, v->fields[i].name, v->fields[i].number);
    if (request)
        jw_kcstr(&w, "request", request);
    jw_object_end(&w);
}

static void write_line(struct event *v)
{
    struct buf line;

    format_time(v->time);
    buf_init(&line, LINE_LIMIT);
    if (as_json)
        write_json(&line, v);
    else
        write_logfmt(&line, v);
    buf_add_char(&line, '\n');
    /* One write per line, so that lines of several threads do not mix.  A log that cannot be
     * written is no reason to stop. */
    ssize_t ignored = write(STDERR_FILENO, line.ptr, line.len);
    (void)ignored;
    buf_done(&line);
}

static bool is_wanted(enum log_level level)
{
    return (int)level >= threshold && level < LOG_OFF;
}

void log_event(enum log_level level, const char *area, const char *message,
               const struct log_field *fields, size_t n)
{
    struct event v = {
        .level = level, .area = area, .message = str_from(message), .fields = fields, .n = n
    };

    if (is_wanted(level))
        write_line(&v);
}

void log_write(enum log_level level, const char *area, const char *fmt, ...)
{
    char text[MESSAGE_MAX];
    struct event v = { .level = level, .area = area };
    va_list ap;

    if (!is_wanted(level))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    v.message = str_whole(str_from(text));
    write_line(&v);
}
